//! What visitors type finds what authors wrote.

use indexer::stored::StoredVideo;
use indexer::{analysis, key_hash};
use tantivy::snippet::SnippetGenerator;

use crate::fixture::{Data, fast_value, search, seen_at, video, with_detail, with_term};

#[test]
fn words_are_found_in_every_script_however_they_are_accented() {
    let rows: &[(&str, &[&str], &[&str])] = &[
        ("Un été à Besançon", &["ete", "ÉTÉ", "besancon", "Besançon été"], &["et", "eté1"]),
        ("Die lange Straße", &["strasse", "STRASSE", "straße"], &["strase"]),
        ("ΑΘΗΝΑΣ", &["αθηνας", "Αθήνας"], &["αθηνα"]),
        ("Spacer po Łodzi", &["lodzi", "łodzi"], &["odzi"]),
        ("日本語を学ぶ", &["日本語", "本語", "学ぶ", "学", "日本"], &["本日", "が", "語学"]),
        ("自由软件介绍", &["软件", "自由软件", "软", "介绍"], &["件软"]),
        ("อาหารไทยอร่อย", &["อาหาร", "ไทย", "อร่อย"], &["จีน"]),
        ("한국어를 배우자", &["한국어", "배우자", "한"], &["국한"]),
        ("اَلْحُرِّيَّةُ لِلْجَمِيعِ", &["الحرية", "للجميع", "الحُرِّيَّة"], &["حرب"]),
        ("شָלוֹם שָׁלוֹם", &["שלום"], &["שלם"]),
        ("C++ für alle", &["c++"], &["c#", "c"]),
        ("हिन्दी में", &["हिन्दी"], &["हन्द"]),
    ];
    let names: Vec<_> = (1..).zip(rows).map(|(n, (title, ..))| video("tube.example", n, title)).collect();
    let snapshot = Data::with(names).snapshot();
    for (title, found, not_found) in rows {
        for text in *found {
            assert!(search(&snapshot, text).contains(&(*title).to_owned()), "`{text}` finds {title}");
        }
        for text in *not_found {
            assert!(!search(&snapshot, text).contains(&(*title).to_owned()), "`{text}` does not find {title}");
        }
    }
}

#[test]
fn tags_and_the_whole_description_are_searched() {
    let padding = "lorem ipsum dolor ".repeat(20);
    let far = "sit amet consectetur ".repeat(200);
    let description = format!("{padding} rossignol {far} hippopotame");
    let tagged = with_detail(video("tube.example", 1, "Title"), &description, &["Logiciel Libre", "🎮"]);
    let data = Data::with(vec![tagged, video("tube.example", 2, "Other")]);
    let snapshot = data.snapshot();
    for text in ["libre", "rossignol", "hippopotame", "title hippopotame rossignol"] {
        assert_eq!(search(&snapshot, text), ["Title"], "{text}");
    }
    let fields = snapshot.video_fields;
    for tag in ["Logiciel libre", "LOGICIEL LIBRE", "🎮"] {
        assert_eq!(with_term(&snapshot, fields.tag, &analysis::fold_whole(tag)), ["Title"], "{tag}");
    }
    assert!(with_term(&snapshot, fields.tag, "libre").is_empty(), "a part of a tag is not the tag");
}

#[test]
fn stems_follow_the_language_of_the_video() {
    let mut declared = video("tube.example", 1, "Des chansons populaires");
    declared.language = Some(journal::record::Labelled { id: "fr".to_owned(), label: "French".to_owned() });
    let text = "In this video we are going to show how federated servers are talking with each other";
    let guessed = with_detail(video("tube.example", 2, "Federated servers"), text, &[]);
    let snapshot = Data::with(vec![declared, guessed]).snapshot();
    let fields = snapshot.video_fields;
    let stem = |word, language| analysis::stems(word, language).remove(0);
    assert_eq!(with_term(&snapshot, fields.title_stem, &stem("chanson", "fr")), ["Des chansons populaires"]);
    assert_eq!(with_term(&snapshot, fields.title_stem, &stem("server", "en")), ["Federated servers"]);
    assert_eq!(with_term(&snapshot, fields.description_stem, &stem("talked", "en")), ["Federated servers"]);
    assert_eq!(with_term(&snapshot, fields.language, "fr"), ["Des chansons populaires"]);
    assert_eq!(with_term(&snapshot, fields.language, "_unknown"), ["Federated servers"], "a guess is not a filter");
}

// case 53
#[test]
fn a_date_in_the_future_does_not_pin_a_video_to_the_top() {
    let mut early = video("tube.example", 1, "From the future");
    early.published_at = "2999-01-01T00:00:00Z".parse().unwrap();
    let snapshot = Data::with(vec![early.clone()]).snapshot();
    assert_eq!(fast_value(&snapshot, snapshot.video_fields.published_at), seen_at().as_millisecond());
    assert_eq!(StoredVideo::from(&early).published_at, early.published_at, "the answer still says what it said");
}

#[test]
fn the_stored_form_leaves_out_what_it_can_derive_and_gives_it_back() {
    let description = format!("{} and more", "word ".repeat(60));
    let mut full = with_detail(video("tube.example", 9, "Title"), &description, &["a"]);
    full.truncated_description = Some(format!("{}...", description.chars().take(247).collect::<String>()));
    let stored = StoredVideo::from(&full);
    assert_eq!(stored.truncated_description, None);
    assert_eq!(stored.url, None);
    assert_eq!(stored.thumbnail.as_ref().and_then(|file| file.url.clone()), None);
    let json = serde_json::to_vec(&stored).unwrap();
    let read: StoredVideo = serde_json::from_slice(&json).unwrap();
    assert_eq!(read, stored);
    assert_eq!(read.url(), full.url);
    assert_eq!(read.truncated_description().as_deref(), full.truncated_description.as_deref());
    assert_eq!(Some(read.thumbnail.unwrap().absolute("tube.example")), full.thumbnail_url);
    assert_eq!(read.channel.display_name(), "Someone");
    assert_eq!(stored.key(), full.record_id().to_string());
    assert_ne!(key_hash(&stored.key()), 0);
}

#[test]
fn snippets_mark_the_words_as_they_were_written() {
    let snapshot = Data::with(vec![video("tube.example", 1, "x")]).snapshot();
    let title = snapshot.video_fields.title;
    for (query, text, marked) in [
        ("ete", "Un <été> ensoleillé", "Un &lt;<b>été</b>&gt; ensoleillé"),
        ("日本語", "私は日本語を学ぶ。猫", "私は<b>日本語</b>を学ぶ。猫"),
    ] {
        let terms = analysis::fold(query).into_iter().map(|term| (term, 1.0)).collect();
        let analyzer = snapshot.videos.index().tokenizer_for_field(title).unwrap();
        let generator = SnippetGenerator::new(terms, analyzer, title, 200);
        assert_eq!(generator.snippet(text).to_html(), marked);
    }
}
