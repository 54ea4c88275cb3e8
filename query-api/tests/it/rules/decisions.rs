//! Rules and decisions that come and go while an index is served.

use allowlist::moderation::{Action, FILE_NAME};
use axum::body::Body;
use axum::http::Request;
use indexer::Snapshot;
use journal::record::Video;
use query_api::{QueryApiConfig, Ruling, SearchIndex};

use super::{decide, inclusion};
use crate::fixture::{Site, channel_on, publish, records, video, video_on, with_tags};

fn of_channel(mut video: Video, channel: &str) -> Video {
    video.channel.name = channel.to_owned();
    video
}

#[tokio::test]
async fn a_decision_hides_within_one_refresh_and_taking_it_back_shows_again() {
    let site = Site::new(&[video(1, "whale one"), video(2, "whale two"), video_on("spam.example", 3, "whale three")]);
    let all = ["whale one", "whale three", "whale two"];
    let generation = site.get("/health/ready").await.json()["generation"].clone();
    let item = format!("item:video/tube.example/{}", video(1, "").uuid);
    for (target, left) in [
        (item.as_str(), &["whale three", "whale two"][..]),
        ("instance:spam.example", &["whale one", "whale two"]),
        ("word:Two", &["whale one", "whale three"]),
        ("account:ada@tube.example", &["whale three"]),
        ("channel:lab@spam.example", &["whale one", "whale two"]),
        ("word:whale one", &["whale three", "whale two"]),
    ] {
        decide(site.dir.path(), &[(Action::Hide, target)]);
        assert!(site.api.refresh().unwrap(), "{target}");
        assert!(!site.api.refresh().unwrap(), "nothing new");
        assert_eq!(site.set("search=whale").await, left, "{target}");
        assert_eq!(site.search("count=0").await["total"], left.len());
        let ready = site.get("/health/ready").await.json();
        assert_eq!((&ready["generation"], &ready["videos"]), (&generation, &left.len().into()));
        std::fs::remove_file(site.dir.path().join(FILE_NAME)).unwrap();
        assert!(site.api.refresh().unwrap(), "{target}");
        assert_eq!(site.set("search=whale").await, all);
    }
    assert_eq!(site.get("/health/ready").await.json()["generation"], generation, "nothing was rebuilt");
}

#[tokio::test]
async fn a_broken_file_of_decisions_leaves_those_before_it_in_force() {
    let site = Site::new(&[video(1, "one"), video(2, "two")]);
    decide(site.dir.path(), &[(Action::Hide, "word:two")]);
    assert!(site.api.refresh().unwrap());
    for broken in
        ["{", "", "null", "{\"format\":7,\"writtenAt\":\"2026-01-01T00:00:00Z\",\"decisions\":[],\"delisted\":[]}"]
    {
        std::fs::write(site.dir.path().join(FILE_NAME), broken).unwrap();
        assert!(!site.api.refresh().unwrap());
        publish(site.dir.path(), 10, &[video(3, "three two"), video(4, "four")]);
        site.api.refresh().unwrap();
        assert_eq!(site.set("").await, ["four", "one"], "new generations obey them too");
    }
}

#[tokio::test]
async fn nothing_is_served_while_it_was_never_known_what_was_decided() {
    let site = Site::empty(QueryApiConfig::default());
    publish(site.dir.path(), 1, &[video(1, "one"), video(2, "two")]);
    std::fs::write(site.dir.path().join(FILE_NAME), "{").unwrap();
    for _ in 0..2 {
        assert!(site.api.refresh().unwrap_err().to_string().contains(FILE_NAME));
        for path in
            ["/health/ready", "/api/v1/search/videos", "/api/v1/search", "/api/v1/suggest?q=o", "/feeds/search.ics"]
        {
            let answer = site.get(path).await;
            assert_eq!(answer.status, 503, "{path}");
            assert!(answer.text().contains("decisions of the moderators"), "{path}: {}", answer.text());
        }
        assert_eq!(site.get("/").await.status, 503);
    }
    decide(site.dir.path(), &[(Action::Hide, "word:two")]);
    assert!(site.api.refresh().unwrap());
    assert_eq!(site.set("").await, ["one"]);
}

#[tokio::test]
async fn other_rules_take_effect_at_the_next_refresh_and_change_the_validators() {
    let rules = "[include]\nlanguages = ['fr']\n";
    let mut french = video(1, "un");
    french.language = Some(journal::record::Labelled { id: "fr".to_owned(), label: "French".to_owned() });
    let site = Site::with_config(
        &[french, video(2, "two")],
        QueryApiConfig { inclusion: inclusion(rules), ..QueryApiConfig::default() },
    );
    assert_eq!(site.set("").await, ["un"], "in force from the first answer on");
    let first = site.get("/api/v1/search/videos").await.header("etag").to_owned();
    assert!(!site.api.refresh().unwrap());
    site.api.set_inclusion(inclusion("[exclude]\nlanguages = ['fr']\n"));
    assert_eq!(site.set("").await, ["un"], "not before");
    assert!(site.api.refresh().unwrap());
    assert_eq!(site.set("").await, ["two"]);
    let request = Request::get("/api/v1/search/videos").header("if-none-match", &first).body(Body::empty()).unwrap();
    let answer = site.send(request).await;
    assert_eq!(answer.status, 200, "what a cache holds is not what is shown");
    assert_ne!(answer.header("etag"), first);
    site.api.set_inclusion(inclusion(""));
    assert!(site.api.refresh().unwrap());
    assert_eq!(site.set("").await, ["two", "un"]);
    site.api.set_inclusion(inclusion(rules));
    site.api.refresh().unwrap();
    assert_eq!(site.get("/api/v1/search/videos").await.header("etag"), first, "the same rules, the same answers");
}

#[tokio::test]
async fn what_is_ranked_down_comes_after_others_and_what_is_boosted_before_them() {
    // The first one is found by its title and is the best known.
    let mut videos: Vec<Video> = (1..=5).map(|n| of_channel(video(n, "whale song"), &format!("c{n}"))).collect();
    videos[0].views = 1_000_000;
    let site = Site::new(&videos);
    let first = async |site: &Site| site.search("search=whale&sort=-match").await["data"][0]["id"].clone();
    let last = async |site: &Site| site.search("search=whale&sort=-match").await["data"][4]["id"].clone();
    assert_eq!(first(&site).await, 1);
    for target in ["channel:c1@tube.example", &format!("item:video/tube.example/{}", videos[0].uuid)] {
        decide(site.dir.path(), &[(Action::Downrank, target)]);
        site.api.refresh().unwrap();
        assert_eq!((last(&site).await, site.search("").await["total"].clone()), (1.into(), 5.into()), "{target}");
    }
    decide(site.dir.path(), &[]);
    site.api.set_inclusion(inclusion("[boost]\nhosts = { 'other.example' = 4.0 }\ntags = { 'Étoile' = 4.0 }\n"));
    let tagged = with_tags(of_channel(video(6, "another whale song of the deep sea"), "c6"), &["etoile"]);
    publish(site.dir.path(), 10, &[tagged]);
    site.api.refresh().unwrap();
    assert_eq!(first(&site).await, 6);
}

#[tokio::test]
async fn words_of_hidden_documents_are_no_spelling_of_anything() {
    let site =
        Site::new(&[video(1, "elephants"), video(2, "elephantx"), video(3, "elephantx again"), video(4, "tiger")]);
    let corrected = async |site: &Site| {
        let answer = site.ask("/api/v1/search?kinds=video&search=elephanty").await;
        answer["corrections"].to_string()
    };
    assert!(corrected(&site).await.contains("elephantx"));
    decide(site.dir.path(), &[(Action::Hide, "word:elephantx")]);
    site.api.refresh().unwrap();
    let left = corrected(&site).await;
    assert!(left.contains("elephants") && !left.contains("elephantx"), "{left}");
    // Three hidden documents have it, but to visitors it is unknown.
    let site = Site::new(&[
        video(1, "quokkaland"),
        video(2, "quokkalane"),
        video(3, "quokkalane b"),
        video(4, "quokkalane c"),
    ]);
    decide(site.dir.path(), &[(Action::Hide, "word:quokkalane")]);
    site.api.refresh().unwrap();
    let answer = site.ask("/api/v1/search?kinds=video&search=quokkalane").await;
    assert!(answer["corrections"].to_string().contains("quokkaland"), "{answer}");
}

#[tokio::test]
async fn each_hidden_document_is_counted_once_for_its_first_reason() {
    let dir = tempfile::tempdir().unwrap();
    let mut nsfw = video(1, "casino");
    nsfw.nsfw = true;
    let flood: Vec<Video> = (10..14).map(|n| of_channel(video(n, "flood"), "flood")).collect();
    let videos =
        [&[nsfw, video(2, "Casino royal"), video(3, "whale"), video_on("spam.example", 4, "casino")], &flood[..]]
            .concat();
    let channels = [channel_on("tube.example", "lab", "Lab"), channel_on("tube.example", "void", "Void")];
    crate::fixture::publish_records(dir.path(), 1, &records(&videos, &channels, &[]));
    let rules = "[exclude]\nnsfw = 'exclude'\n[[exclude.words]]\nname = 'games'\nwords = ['casino']\n\
                 [limits]\nper_channel_and_day = 3\n";
    let ruling = Ruling::new(inclusion(rules));
    let index = SearchIndex::open_ruled(Snapshot::open_current(dir.path()).unwrap(), ruling, None).unwrap();
    let hidden = index.hidden_counts().unwrap();
    let reasons: Vec<(&str, Option<&str>, u64)> =
        hidden.reasons.iter().map(|reason| (reason.key, reason.list.as_deref(), reason.counts.total())).collect();
    assert_eq!(reasons, [("words", Some("games"), 3), ("floods", None, 1), ("empty", None, 1)]);
    assert_eq!((hidden.total.videos, hidden.total.channels, hidden.total.total()), (4, 1, 5));
    assert_eq!((index.totals().videos, index.totals().channels), (4, 1));
    assert_eq!(hidden.reasons[0].file.as_deref(), Some("rules.toml"));
    let everything = SearchIndex::open(Snapshot::open_current(dir.path()).unwrap(), None).unwrap();
    assert!(everything.hidden_counts().unwrap().reasons.is_empty());
}
