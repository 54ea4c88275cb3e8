//! What is suggested for what was typed, in which order, and what never is.

use axum::body::Body;
use axum::http::Request;
use journal::record::{Channel, Record, Video};
use journal::{Body as EntryBody, TombstoneReason};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::{Answer, Site, channel_on, encoded, publish_entries, records, video, with_tags};

fn known(n: u64, name: &str, views: u64) -> Video {
    let mut video = video(n, name);
    video.views = views;
    video
}

fn of_channel(mut video: Video, name: &str) -> Video {
    video.channel.name = name.to_owned();
    video
}

fn followed(name: &str, display_name: &str, n_followers: u64) -> Channel {
    let mut channel = channel_on("tube.example", name, display_name);
    channel.n_followers = n_followers;
    channel
}

async fn suggest(site: &Site, typed: &str) -> Vec<Value> {
    let answer = site.ask(&format!("/api/v1/suggest?q={}", encoded(typed))).await;
    assert_eq!(answer["search"], typed);
    answer["data"].as_array().unwrap().clone()
}

async fn texts(site: &Site, typed: &str, kind: &str) -> Vec<String> {
    let suggestions = suggest(site, typed).await;
    let of_kind = suggestions.iter().filter(|suggestion| suggestion["kind"] == kind);
    of_kind.map(|suggestion| suggestion["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn titles_that_begin_so_come_first_and_each_group_by_views() {
    let site = Site::new(&[
        known(1, "Linux in an hour", 5),
        known(2, "Linux for all", 50),
        known(3, "Why Linux", 5_000),
        known(4, "How Linux boots", 500),
        known(5, "Windows", 1_000_000),
    ]);
    let expected = ["Linux for all", "Linux in an hour", "Why Linux", "How Linux boots"];
    for typed in ["linux", "LINUX", "linu", "lin"] {
        assert_eq!(texts(&site, typed, "title").await, expected, "{typed}");
    }
    assert_eq!(texts(&site, "linux boots", "title").await, ["How Linux boots"]);
    assert_eq!(texts(&site, "boots lin", "title").await, ["How Linux boots"], "in any order");
    assert_eq!(texts(&site, "inux", "title").await, Vec::<String>::new(), "a word is known by its beginning");
    assert_eq!(texts(&site, "linux fo", "title").await, ["Linux for all"]);
    assert_eq!(texts(&site, "how lin ", "title").await, Vec::<String>::new(), "a space ends the word");
}

#[tokio::test]
async fn rare_and_frequent_beginnings_give_the_best_known_as_a_plain_loop_does() {
    // Of 640 titles, one in 128 is "rare …", one in four "frequent …"; views jump about and repeat.
    let title = |n: u64| match n {
        _ if n % 128 == 5 => format!("rare {n}"),
        _ if n.is_multiple_of(4) => format!("frequent {n}"),
        _ => format!("other {n}"),
    };
    let views = |n: u64| n * 7919 % 211;
    let videos: Vec<Video> = (0..640).map(|n| known(n, &title(n), views(n))).collect();
    let site = Site::new(&videos);
    for typed in ["rare", "ra", "frequent", "f", "frequent 12", "other 63", "o"] {
        let found = texts(&site, typed, "title").await;
        let mut wanted: Vec<(u64, String)> =
            (0..640).map(|n| (views(n), title(n))).filter(|(_, title)| title.starts_with(typed)).collect();
        wanted.sort_by_key(|(views, _)| std::cmp::Reverse(*views));
        assert!(!found.is_empty() && found.len() <= wanted.len(), "{typed}: {found:?}");
        let views_of = |text: &String| wanted.iter().find(|(_, title)| title == text).map(|(views, _)| *views);
        let found_views: Vec<Option<u64>> = found.iter().map(views_of).collect();
        let wanted_views: Vec<Option<u64>> = wanted.iter().take(found.len()).map(|(views, _)| Some(*views)).collect();
        assert_eq!(found_views, wanted_views, "{typed}");
    }
}

#[tokio::test]
async fn accents_case_and_scripts_do_not_matter() {
    let site = Site::new(&[
        with_tags(known(1, "Éléphants d’Afrique", 5), &["Éléphant"]),
        known(2, "日本語の歌", 5),
        known(3, "Привет мир", 5),
        known(4, "책 읽기", 5),
    ]);
    for (typed, title) in [
        ("elephant", "Éléphants d’Afrique"),
        ("ÉLÉ", "Éléphants d’Afrique"),
        ("afri", "Éléphants d’Afrique"),
        ("日", "日本語の歌"),
        ("日本", "日本語の歌"),
        ("本語", "日本語の歌"),
        ("прив", "Привет мир"),
        ("мир", "Привет мир"),
        ("책", "책 읽기"),
        ("e", "Éléphants d’Afrique"),
    ] {
        assert_eq!(texts(&site, typed, "title").await, [title], "{typed}");
    }
    assert_eq!(texts(&site, "eleph", "tag").await, ["Éléphant"], "as its author wrote it");
}

#[tokio::test]
async fn copies_are_suggested_once() {
    let mut videos: Vec<Video> = (1..=80).map(|n| known(n, "Whale song", 1_000 + n)).collect();
    videos.push(known(90, "WHALE  SÓNG", 2_000));
    videos.push(known(91, "Whale watching", 1));
    let site = Site::new(&videos);
    assert_eq!(texts(&site, "whale", "title").await, ["WHALE  SÓNG", "Whale watching"]);
}

#[tokio::test]
async fn channels_come_with_handle_and_count_and_are_found_by_both_names() {
    let videos = [
        of_channel(known(1, "One", 1), "lab"),
        of_channel(known(2, "Two", 1), "lab"),
        of_channel(known(3, "Three", 1), "other"),
    ];
    let channels =
        [followed("lab", "Whale Channel", 5), followed("other", "A whale", 50), followed("none", "Whales", 500)];
    let site = Site::of_records(&records(&videos, &channels, &[]));
    let suggestions = suggest(&site, "whale").await;
    assert_eq!(
        suggestions,
        [
            json!({
                "kind": "channel", "text": "Whale Channel", "handle": "lab@tube.example", "count": 2,
                "url": "https://tube.example/video-channels/lab",
            }),
            json!({
                "kind": "channel", "text": "A whale", "handle": "other@tube.example", "count": 1,
                "url": "https://tube.example/video-channels/other",
            }),
        ],
        "those that begin so first; a channel without videos is not suggested"
    );
    for typed in ["lab", "lab@tube", "@lab@tube.example", "LAB@TUBE.EXAMPLE"] {
        assert_eq!(texts(&site, typed, "channel").await, ["Whale Channel"], "{typed}");
    }
}

#[tokio::test]
async fn tags_come_by_frequency_with_their_count() {
    let site = Site::new(&[
        with_tags(known(1, "a", 1), &["Free Software", "Freedom"]),
        with_tags(known(2, "b", 1), &["free software"]),
        with_tags(known(3, "c", 1), &["software"]),
        with_tags(known(4, "d", 1), &["software"]),
        with_tags(known(5, "e", 1), &["software"]),
    ]);
    let tags: Vec<Value> = suggest(&site, "free").await;
    assert_eq!(tags[0]["count"], 2);
    assert_eq!(tags[1], json!({"kind": "tag", "text": "Freedom", "count": 1}));
    let tags = texts(&site, "software", "tag").await;
    assert_eq!((tags[0].as_str(), tags[1].to_lowercase().as_str()), ("software", "free software"));
}

#[tokio::test]
async fn a_quarter_of_the_places_is_for_channels_and_for_tags() {
    let mut videos: Vec<Video> = (1..=30)
        .map(|n| {
            with_tags(of_channel(known(n, &format!("Whale number {n}"), n), &format!("c{n}")), &[&format!("whale {n}")])
        })
        .collect();
    videos[0].name = "Whale".to_owned();
    let channels: Vec<Channel> =
        (1..=30).map(|n| followed(&format!("c{n}"), &format!("Whale channel {n}"), n)).collect();
    let site = Site::of_records(&records(&videos, &channels, &[]));
    let kinds = |suggestions: &[Value]| -> [usize; 3] {
        ["title", "channel", "tag"]
            .map(|kind| suggestions.iter().filter(|suggestion| suggestion["kind"] == kind).count())
    };
    assert_eq!(kinds(&suggest(&site, "whale").await), [4, 2, 2]);
    assert_eq!(kinds(&suggest(&site, "whale channel").await), [0, 8, 0], "what a kind cannot fill goes to the others");
    for count in 0..=20 {
        let answer = site.ask(&format!("/api/v1/suggest?q=whale&count={count}")).await;
        assert_eq!(answer["data"].as_array().unwrap().len(), count);
    }
    for wrong in ["21", "-1", "x"] {
        let answer = site.get(&format!("/api/v1/suggest?q=whale&count={wrong}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["errors"]["count"]["param"]), (400, &json!("count")));
    }
}

// case 132
#[tokio::test]
async fn nothing_hidden_is_ever_suggested() {
    let mut sensitive = with_tags(of_channel(known(1, "Whale secret", 9_000), "dark"), &["whale secret"]);
    sensitive.nsfw = true;
    let deleted = with_tags(of_channel(known(2, "Whale deleted", 9_000), "gone"), &["whale deleted"]);
    let shown = with_tags(of_channel(known(3, "Whale", 1), "lab"), &["whale"]);
    let channels = [
        followed("dark", "Whale dark", 900),
        followed("gone", "Whale gone", 900),
        followed("away", "Whale away", 900),
        followed("lab", "Whale lab", 1),
    ];
    let away = of_channel(known(4, "Another", 1), "away");
    let site = Site::of_records(&records(&[sensitive, deleted.clone(), shown, away], &channels, &[]));
    let removed = [Record::Video(Box::new(deleted)).id(), Record::Channel(Box::new(channels[2].clone())).id()];
    let gone = removed.map(|id| EntryBody::Tombstone { id, reason: TombstoneReason::Moderated });
    publish_entries(site.dir.path(), 100, gone.to_vec());
    site.api.refresh().unwrap();
    for typed in ["whale", "w", "whale secret", "whale deleted", "dark@tube.example", "secret", "deleted"] {
        for suggestion in suggest(&site, typed).await {
            let text = suggestion.to_string().to_lowercase();
            let is_hidden = ["secret", "deleted", "dark", "gone", "away"].iter().any(|word| text.contains(word));
            assert!(!is_hidden, "{typed}: {text}");
        }
    }
    assert_eq!(suggest(&site, "whale").await.len(), 3);
}

#[tokio::test]
async fn browsers_get_the_form_that_they_read() {
    let site = Site::new(&[with_tags(known(1, "Whale \"song\"", 1), &["whale", "whale \"song\""])]);
    let send = async |path: &str, accept: Option<&str>| -> Answer {
        let mut request = Request::get(path);
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        site.send(request.body(Body::empty()).unwrap()).await
    };
    let expected = json!(["whale", ["Whale \"song\"", "whale"]]);
    for (path, accept) in [
        ("/api/v1/suggest?q=whale&format=opensearch", None),
        ("/api/v1/suggest?search=whale&format=opensearch", Some("application/json")),
        ("/api/v1/suggest?q=whale", Some("application/x-suggestions+json, application/json;q=0.9")),
    ] {
        let answer = send(path, accept).await;
        assert_eq!(answer.json(), expected, "each text once");
        assert_eq!(answer.header("content-type"), "application/x-suggestions+json");
        assert!(answer.headers.get_all("vary").iter().any(|value| value.to_str().unwrap().contains("accept")));
    }
    for (path, accept) in [
        ("/api/v1/suggest?q=whale&format=json", Some("application/x-suggestions+json")),
        ("/api/v1/suggest?q=whale", Some("*/*")),
        ("/api/v1/suggest?q=whale", None),
    ] {
        let answer = send(path, accept).await;
        assert!(answer.json()["data"].is_array());
        assert!(answer.header("content-type").starts_with("application/json"));
    }
    let one = send("/api/v1/suggest?q=whale", None).await;
    let other = send("/api/v1/suggest?q=whale&format=opensearch", None).await;
    assert_ne!(one.header("etag"), other.header("etag"));
    let again = Request::get("/api/v1/suggest?q=whale").header("if-none-match", one.header("etag"));
    assert_eq!(site.send(again.body(Body::empty()).unwrap()).await.status, 304);
    assert_eq!((one.header("index-generation"), one.header("access-control-allow-origin")), ("1", "*"));
    let wrong = site.get("/api/v1/suggest?q=whale&format=xml").await;
    assert_eq!((wrong.status.as_u16(), wrong.header("content-type")), (400, "application/problem+json; charset=utf-8"));
}

#[tokio::test]
async fn any_text_is_answered() {
    let site = Site::new(&[known(1, "Whale", 1)]);
    for nothing in ["", " ", "!!!", "\"", "-", "\u{0}", "zzz", &"whale ".repeat(85), &"😀".repeat(512), "%"] {
        let path = format!("/api/v1/suggest?q={}", encoded(nothing));
        let answer = site.ask(&path).await;
        assert!(answer["data"].as_array().unwrap().len() <= 1, "{nothing}");
    }
    assert_eq!(site.ask("/api/v1/suggest").await["data"], json!([]));
    assert_eq!(site.get(&format!("/api/v1/suggest?q={}", "x".repeat(513))).await.status, 400);
    let empty = Site::empty(query_api::QueryApiConfig::default());
    assert_eq!(empty.get("/api/v1/suggest?q=a").await.status, 503);
}

#[test]
fn hostile_texts_break_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let videos = [with_tags(known(1, "Whale söng 日本語 \u{202e}evil", 1), &["a\u{301}", "---"]), known(2, "", 2)];
    let site = runtime.block_on(async { Site::new(&videos) });
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(typed in prop_oneof![".{0,40}", "[whalesöng日本 \"@-]{0,20}"])| {
        let answer = runtime.block_on(site.get(&format!("/api/v1/suggest?q={}", encoded(&typed))));
        prop_assert_eq!(answer.status.as_u16(), 200);
        prop_assert_eq!(&answer.json()["search"], &json!(typed));
    });
}
