//! Words: what is found, in which order, and what is not.

use journal::record::Labelled;
use serde_json::json;

use crate::fixture::{Site, encoded, names, time, video, video_on, with_description, with_tags};

async fn found(site: &Site, text: &str) -> Vec<String> {
    site.names(&format!("search={}", encoded(text))).await
}

#[tokio::test]
async fn every_field_is_searched() {
    let mut by_channel = video(4, "four");
    by_channel.channel.display_name = "Lighthouse Keepers".to_owned();
    let long = format!("{} periscope", "word ".repeat(600));
    let site = Site::new(&[
        video(1, "A sextant"),
        with_tags(video(2, "two"), &["Astrolabe"]),
        with_description(video(3, "three"), "We talk of compasses."),
        by_channel,
        with_description(video(5, "five"), &long),
    ]);
    for (word, name) in [
        ("sextant", "A sextant"),
        ("ASTROLABE", "two"),
        ("compasses", "three"),
        ("compass", "three"),
        ("lighthouse", "four"),
        ("periscope", "five"),
    ] {
        assert_eq!(found(&site, word).await, [name], "{word}");
    }
}

#[tokio::test]
async fn accents_and_case_do_not_matter_in_any_script() {
    let titles = ["Les vidéos de Framasoft", "радиоприёмник", "Übersicht", "東京の夜景", "البرمجيات الحرة"];
    let videos: Vec<_> = titles.iter().zip(1..).map(|(title, n)| video(n, title)).collect();
    let site = Site::new(&videos);
    for (text, title) in [
        ("framasoft VIDEOS", titles[0]),
        ("Framasoft vidéos", titles[0]),
        ("радиоприемник", titles[1]),
        ("ubersicht", titles[2]),
        ("東京", titles[3]),
        ("夜景", titles[3]),
        ("البرمجيات", titles[4]),
    ] {
        assert_eq!(found(&site, text).await.first().map(String::as_str), Some(title), "{text}");
    }
}

#[tokio::test]
async fn all_words_must_be_found_in_any_order_and_the_title_comes_first() {
    let site = Site::new(&[
        with_description(video(1, "Cooking"), "A film on bread and on salt and pepper."),
        video(2, "Bread and salt"),
        video(3, "Salt with bread"),
        video(4, "Bread"),
    ]);
    let found = found(&site, "bread salt").await;
    assert_eq!(found.len(), 3);
    assert_eq!(found[2], "Cooking");
}

#[tokio::test]
async fn case_86_a_description_stuffed_with_a_word_gains_nothing_by_it() {
    let stuffed = "cheap ".repeat(170_000);
    let after_2_kib = |tail: &str| format!("{}{tail}", "something else entirely ".repeat(100));
    let published = |mut video: journal::record::Video, day: &str| {
        video.published_at = time(&format!("2026-05-{day}T12:00:00Z"));
        video
    };
    let site = Site::new(&[
        published(with_description(video(1, "stuffed"), &stuffed), "20"),
        published(video(2, "Cheap bicycles"), "01"),
        published(with_description(video(3, "stuffed after 2 KiB"), &after_2_kib(&stuffed)), "10"),
        published(with_description(video(4, "said once after 2 KiB"), &after_2_kib("cheap")), "11"),
        published(with_description(video(5, "stuffed as far as it counts"), stuffed.get(..2100).unwrap()), "21"),
    ]);
    // A title weighs more than a million letters; among equal scores the newer one is first, however often the other
    // says it.
    assert_eq!(
        found(&site, "cheap").await,
        ["Cheap bicycles", "stuffed as far as it counts", "stuffed", "said once after 2 KiB", "stuffed after 2 KiB"]
    );
}

#[tokio::test]
async fn words_side_by_side_in_the_title_come_first() {
    let site = Site::new(&[
        video(1, "Sucks that Brad left"),
        video(2, "Brad Sucks live at home"),
        video(3, "Brad and the vacuum that sucks"),
    ]);
    assert_eq!(found(&site, "brad sucks").await[0], "Brad Sucks live at home");
}

#[tokio::test]
async fn quotation_marks_ask_for_exactly_these_words() {
    let site = Site::new(&[
        video(1, "free software today"),
        video(2, "software for free"),
        with_tags(video(3, "tagged"), &["Free Software"]),
        video(4, "freee softwares"),
    ]);
    assert_eq!(found(&site, "\"free software\"").await.len(), 2);
    assert!(found(&site, "\"fre software\"").await.is_empty(), "no typing error is forgiven between quotation marks");
    assert_eq!(found(&site, "\"software\" -today -tagged").await, ["software for free"]);
    assert!(!found(&site, "software -\"for free\"").await.contains(&"software for free".to_owned()));
    assert_eq!(found(&site, "software -\"for free\"").await.len(), 3);
}

#[tokio::test]
async fn the_last_word_may_be_unfinished() {
    let site =
        Site::new(&[video(1, "Kdenlive tutorial"), video(2, "KDE Plasma"), with_tags(video(3, "x"), &["kdeconnect"])]);
    let kde = found(&site, "kde").await;
    assert_eq!(kde[0], "KDE Plasma", "the word itself comes first");
    assert_eq!(kde.len(), 3);
    assert!(found(&site, "kde tutorial").await.is_empty(), "only the last one is unfinished");
    assert!(found(&site, "tutorial k").await.is_empty(), "one letter is too little");
}

#[tokio::test]
async fn a_typing_error_is_forgiven_when_hardly_anything_is_found() {
    let site = Site::new(&[video(1, "Guitare classique"), video(2, "Programming in the evening"), video(3, "Rust")]);
    assert_eq!(found(&site, "guitarre").await, ["Guitare classique"]);
    assert_eq!(found(&site, "programing").await, ["Programming in the evening"]);
    assert!(found(&site, "rusd ").await.is_empty(), "short words are meant as they are");
    assert!(found(&site, "huitare").await.is_empty(), "the first letter is meant");
}

#[tokio::test]
async fn most_words_are_enough_when_hardly_any_video_has_all() {
    let site = Site::new(&[
        video(1, "harbour lights at dawn"),
        video(2, "harbour lights"),
        video(3, "dawn chorus"),
        video(4, "a harbour"),
    ]);
    assert_eq!(found(&site, "harbour lights dawn").await, ["harbour lights at dawn", "harbour lights"]);
    assert!(found(&site, "chorus lights").await.is_empty(), "two words are both meant");
}

#[tokio::test]
async fn a_narrow_filter_does_not_loosen_the_words() {
    let mut videos: Vec<_> = (1..6).map(|n| video(n, "harbour lights at dawn")).collect();
    videos.push(video_on("other.example", 9, "harbour lights"));
    let site = Site::new(&videos);
    assert_eq!(site.search("search=harbour+lights+dawn&host=other.example").await["total"], 0);
}

// case 117
#[tokio::test]
async fn nonsense_finds_nothing_and_is_no_error() {
    let site = Site::new(&[video(1, "djidane"), video(2, "aaa"), video(3, "Anything at all")]);
    for text in ["djidane".repeat(50), "a".repeat(500), "!!!".to_owned(), "🎉".to_owned(), "\u{200b}".to_owned()] {
        assert_eq!(site.search(&format!("search={}", encoded(&text))).await, json!({"total": 0, "data": []}), "{text}");
    }
}

// case 115
#[tokio::test]
async fn text_is_never_a_syntax_error() {
    let site = Site::new(&[video(1, "and or not")]);
    let mut texts: Vec<String> = [
        "\"",
        "AND OR NOT",
        "*",
        "a*",
        "title:and",
        "((",
        "and)",
        "^1e9",
        "and~9",
        "/.*/",
        "\\",
        "-",
        "-and",
        "+and -or",
        "[1 TO 2]",
        "{1 TO *}",
        "doc:\"x\"",
        "a\u{0}b",
        "'; DROP TABLE",
        "{{7*7}}",
        "<script>",
        "%",
        "\u{202e}and",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x ".repeat(256));
    texts.push((0..100).map(|n| format!("w{n} ")).collect());
    texts.push("\"a b\" ".repeat(80));
    for text in texts {
        let answer = site.get(&format!("/api/v1/search/videos?search={}", encoded(&text))).await;
        assert_eq!(answer.status, 200, "{text}: {}", answer.text());
        assert_eq!(site.post(&json!({"search": text}).to_string()).await.status, 200, "{text}");
        assert_eq!(site.get(&format!("/search?search={}", encoded(&text))).await.status, 200, "{text}");
    }
    assert_eq!(found(&site, "AND OR NOT").await, ["and or not"]);
}

#[tokio::test]
async fn an_address_or_id_finds_its_video() {
    let wanted = video(1, "wanted");
    let (long, short) = (wanted.uuid.to_string(), indexer::short_uuid::encode(wanted.uuid));
    let site = Site::new(&[wanted, video(2, "other"), with_description(video(3, "quoting"), &long)]);
    for text in [
        long.clone(),
        short.clone(),
        format!("https://tube.example/videos/watch/{long}"),
        format!("https://tube.example/w/{short}?start=1m"),
        format!("http://tube.example/videos/embed/{long}"),
    ] {
        assert_eq!(found(&site, &text).await, ["wanted"], "{text}");
    }
    assert!(found(&site, &format!("https://other.example/w/{short}")).await.is_empty(), "another host, another video");
    assert_eq!(site.search(&format!("search={long}&nsfw=true")).await["total"], 0, "filters hold for direct hits too");
}

#[tokio::test]
async fn popularity_and_age_decide_between_equals_and_no_more() {
    let mut popular = video(1, "whale");
    popular.views = 100_000;
    let mut old = video(3, "whale");
    old.views = 2;
    old.published_at = time("2010-01-01T00:00:00Z");
    let mut described = with_description(video(4, "Something else entirely"), "A whale was seen.");
    described.views = u64::MAX / 2;
    let mut plain = video(2, "whale");
    plain.views = 2;
    let ids = [popular.uuid, plain.uuid, old.uuid, described.uuid].map(|uuid| uuid.to_string());
    let mut videos: Vec<_> = (10..60).map(|n| with_description(video(n, "Another film"), "On other things.")).collect();
    videos.extend([old, described, plain, popular]);
    let site = Site::new(&videos);
    let answer = site.search("search=whale").await;
    let order: Vec<&str> =
        answer["data"].as_array().unwrap().iter().map(|video| video["uuid"].as_str().unwrap()).collect();
    assert_eq!(order, ids);
    assert_eq!(names(&answer)[3], "Something else entirely");
}

#[tokio::test]
async fn inflected_words_are_found_in_their_language() {
    let mut french = video(1, "Les chevaux sauvages");
    french.language = Some(Labelled { id: "fr".to_owned(), label: "French".to_owned() });
    let site = Site::new(&[french, video(2, "Running dogs")]);
    assert_eq!(found(&site, "run dog").await, ["Running dogs"]);
    assert_eq!(site.names("search=sauvage&languageOneOf=fr").await, ["Les chevaux sauvages"]);
}
