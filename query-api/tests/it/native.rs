//! The search of every kind at once.

use axum::body::Body;
use axum::http::Request;
use journal::record::{Channel, Playlist, Video};
use serde_json::{Value, json};

use crate::api::assert_video_shape;
use crate::fixture::{Site, channel_on, encoded, playlist_on, records, video, video_on, with_description};

fn whales() -> (Vec<Video>, Vec<Channel>, Vec<Playlist>) {
    let videos: Vec<Video> = (1..=25).map(|n| video(n, &format!("Whale {n}"))).collect();
    let channels = vec![channel_on("tube.example", "lab", "Whale lab")];
    let playlists = vec![playlist_on("tube.example", 1, "All whales", &videos.iter().collect::<Vec<_>>())];
    (videos, channels, playlists)
}

fn site() -> Site {
    let (videos, channels, playlists) = whales();
    Site::of_records(&records(&videos, &channels, &playlists))
}

async fn ask(site: &Site, query: &str) -> Value {
    site.ask(&format!("/api/v1/search?{query}")).await
}

fn kinds(answer: &Value) -> Vec<&str> {
    answer["kinds"].as_object().unwrap().keys().map(String::as_str).collect()
}

/// The text of a snippet with the matches in brackets.
fn shown(segments: &Value) -> String {
    let text = |segment: &Value| {
        let text = segment["text"].as_str().unwrap();
        if segment["isMatch"].as_bool().unwrap() { format!("[{text}]") } else { text.to_owned() }
    };
    segments.as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn every_kind_comes_with_its_own_total_and_page() {
    let site = site();
    for parameter in ["search", "q"] {
        let answer = ask(&site, &format!("{parameter}=whale")).await;
        assert_eq!(answer["search"], "whale");
        assert_eq!(kinds(&answer), ["channel", "event", "group", "playlist", "video"]);
        let videos = &answer["kinds"]["video"];
        assert_eq!(
            (&videos["total"], &videos["isCapped"], &videos["sort"]),
            (&json!(25), &json!(false), &json!("-match"))
        );
        assert_eq!(videos["data"].as_array().unwrap().len(), 10, "ten of each kind when nothing is said");
        for (kind, key) in [("channel", "followersCount"), ("playlist", "videosLength")] {
            let hit = &answer["kinds"][kind]["data"][0];
            assert_eq!(hit["kind"], kind);
            assert!(hit[key].is_u64(), "{kind}");
        }
        let generation = &answer["generation"];
        assert_eq!(generation["number"], 1);
        assert!(generation["ageSeconds"].is_u64() && generation["publishedAt"].as_str().unwrap().ends_with('Z'));
        assert_eq!(
            (&answer["facets"], &answer["corrections"], &answer["relaxed"], &answer["omitted"]),
            (&json!({}), &json!([]), &json!(false), &json!({}))
        );
    }
}

#[tokio::test]
async fn a_hit_is_the_object_of_its_kind_and_more() {
    let site = site();
    let answer = ask(&site, "search=whale&count=3").await;
    for hit in answer["kinds"]["video"]["data"].as_array().unwrap() {
        let mut object = hit.clone();
        let keys = object.as_object_mut().unwrap();
        assert_eq!(keys.remove("kind"), Some(json!("video")));
        assert!(keys.remove("snippet").is_some());
        assert_video_shape(&object);
    }
    let plain = ask(&site, "search=whale&count=3&highlight=false").await;
    for kind in ["video", "channel", "playlist"] {
        assert!(plain["kinds"][kind]["data"][0].get("snippet").is_none());
    }
    let path = "/api/v1/search/videos?search=whale&count=3&nsfw=false";
    let compatible = site.ask(path).await;
    for (native, compatible) in
        plain["kinds"]["video"]["data"].as_array().unwrap().iter().zip(compatible["data"].as_array().unwrap())
    {
        let mut object = native.clone();
        object.as_object_mut().unwrap().remove("kind");
        assert_eq!(&object, compatible);
    }
}

#[tokio::test]
async fn kinds_are_chosen_in_every_encoding() {
    let site = site();
    for query in [
        "kinds=video,playlist",
        "kinds=playlist&kinds=video",
        "kinds[]=video&kinds[]=playlist",
        "kinds=video,%20playlist",
    ] {
        assert_eq!(kinds(&ask(&site, query).await), ["playlist", "video"], "{query}");
    }
    assert_eq!(kinds(&ask(&site, "kinds=").await).len(), 5);
    let answer = site.get("/api/v1/search?kinds=video,thing&facets=colour&facetSize=0&highlight=maybe&sort=size").await;
    assert_eq!(answer.status, 400);
    let problem = answer.json();
    for param in ["kinds", "facets", "facetSize", "highlight", "sort"] {
        assert_eq!(problem["errors"][param]["param"], param, "every wrong parameter at once");
    }
    assert!(problem["errors"]["kinds"]["msg"].as_str().unwrap().contains("video, channel, playlist, event, group"));
}

// A filter on live videos once showed channels, in PeerTube's issue 4043.
#[tokio::test]
async fn a_filter_that_a_kind_cannot_pass_leaves_it_out_and_says_so() {
    let site = site();
    for filter in [
        "isLive=true",
        "isLive=false",
        "categoryOneOf=15",
        "licenceOneOf=2",
        "languageOneOf=en",
        "tagsOneOf=a",
        "tagsAllOf=a",
        "startDate=2020-01-01",
        "endDate=2030-01-01",
        "originallyPublishedStartDate=2020-01-01",
        "originallyPublishedEndDate=2020-01-01",
        "durationMin=1",
        "durationMax=1000",
        "nsfw=true",
    ] {
        let answer = ask(&site, filter).await;
        let expected: &[&str] = match filter {
            "languageOneOf=en" => &["event", "group", "video"],
            "tagsOneOf=a" | "tagsAllOf=a" => &["event", "video"],
            _ => &["video"],
        };
        assert_eq!(kinds(&answer), expected, "{filter}");
        let param = filter.split('=').next().unwrap();
        for kind in ["channel", "playlist"] {
            let omitted = &answer["omitted"][kind];
            assert_eq!(omitted["params"], json!([param]));
            assert!(omitted["reason"].as_str().unwrap().contains(param));
        }
    }
    for everything in
        ["host=tube.example", "blockedHosts=a.example", "blockedAccounts=a@a.example", "nsfw=both", "boostLanguages=fr"]
    {
        assert_eq!(kinds(&ask(&site, everything).await).len(), 5, "{everything}");
    }
    let answer = ask(&site, "handles=lab@tube.example").await;
    assert_eq!((kinds(&answer), &answer["kinds"]["channel"]["total"]), (vec!["channel", "group"], &json!(1)));
    let uuid = video(3, "x").uuid;
    let answer = ask(&site, &format!("uuids={uuid}")).await;
    assert_eq!((kinds(&answer), &answer["kinds"]["video"]["total"]), (vec!["playlist", "video"], &json!(1)));
    let only = ask(&site, "kinds=channel&isLive=true").await;
    assert_eq!((kinds(&only), only["omitted"]["channel"]["params"][0].as_str()), (vec![], Some("isLive")));
}

#[tokio::test]
async fn an_order_that_a_kind_has_not_is_its_usual_one_and_is_named() {
    let site = site();
    for (sort, [video, channel, playlist]) in [
        ("-views", ["-views", "-match", "-match"]),
        ("name", ["name", "displayName", "displayName"]),
        ("-displayName", ["-name", "-displayName", "-displayName"]),
        ("createdAt", ["createdAt", "createdAt", "createdAt"]),
        ("match", ["-match", "-match", "-match"]),
    ] {
        let answer = ask(&site, &format!("sort={sort}")).await;
        let used = ["video", "channel", "playlist"].map(|kind| answer["kinds"][kind]["sort"].as_str().unwrap());
        assert_eq!(used, [video, channel, playlist], "{sort}");
    }
    let first = ask(&site, "sort=-views&count=1").await;
    assert_eq!(first["kinds"]["video"]["data"][0]["views"], 25);
}

// case 122
#[tokio::test]
async fn pages_join_and_end_at_ten_thousand() {
    let site = site();
    for words in ["", "&search=whale"] {
        let mut uuids = Vec::new();
        for start in (0..25).step_by(7) {
            let page = ask(&site, &format!("kinds=video&count=7&start={start}{words}")).await;
            let data = page["kinds"]["video"]["data"].as_array().unwrap().clone();
            uuids.extend(data.into_iter().map(|hit| hit["uuid"].as_str().unwrap().to_owned()));
        }
        assert_eq!(uuids.len(), 25);
        let whole = ask(&site, &format!("kinds=video&count=100{words}")).await;
        let whole: Vec<&str> = whole["kinds"]["video"]["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| hit["uuid"].as_str().unwrap())
            .collect();
        assert_eq!(uuids, whole);
    }
    let last = ask(&site, "start=9990&count=10").await;
    assert_eq!((&last["kinds"]["video"]["total"], &last["kinds"]["video"]["data"]), (&json!(25), &json!([])));
    for beyond in ["start=10000&count=1", "start=10000", "count=101", "start=-1"] {
        let answer = site.get(&format!("/api/v1/search?{beyond}")).await;
        assert_eq!(answer.status, 400, "{beyond}");
    }
    let hint = site.get("/api/v1/search?start=10000").await.json();
    assert!(hint["errors"]["start"]["msg"].as_str().unwrap().contains("narrow the search"));
    let none = ask(&site, "count=0&facets=host").await;
    assert_eq!((&none["kinds"]["video"]["total"], &none["kinds"]["video"]["data"]), (&json!(25), &json!([])));
}

// case 132
#[tokio::test]
async fn what_is_not_safe_for_work_is_hidden_unless_asked_for() {
    let mut sensitive = video(1, "Whale one");
    sensitive.nsfw = true;
    let site = Site::new(&[sensitive, video(2, "Whale two")]);
    for words in ["", "&search=whale"] {
        for (nsfw, total) in [("", 1), ("&nsfw=false", 1), ("&nsfw=true", 1), ("&nsfw=both", 2)] {
            let answer = ask(&site, &format!("facets=all{nsfw}{words}")).await;
            assert_eq!(answer["kinds"]["video"]["total"], total, "{nsfw}{words}");
            let counted = &answer["facets"]["video"]["nsfw"]["values"];
            assert_eq!(counted.as_array().unwrap().len(), total, "{nsfw}{words}");
        }
    }
}

#[tokio::test]
async fn snippets_mark_words_whatever_their_accents_and_inflection_and_are_no_html() {
    let filler = "Nothing to see here. ".repeat(30);
    let description = format!("{filler}She was <b>running</b> after a VÉLO & <script>alert(1)</script>. {filler}");
    let mut hostile = with_description(video(1, "Le Vélo <i>runs</i>"), &description);
    hostile.views = 1_000;
    let mut channel = channel_on("tube.example", "lab", "Running vélo");
    channel.description = Some("All about a vélo".to_owned());
    let mut playlist = playlist_on("tube.example", 1, "Vélo run", &[&hostile]);
    playlist.description = Some("Runs with a velo".to_owned());
    let site = Site::of_records(&records(&[hostile, video_on("b.example", 2, "Other")], &[channel], &[playlist]));
    let answer = ask(&site, &format!("search={}", encoded("velo running "))).await;
    let of = |kind: &str, part: &str| shown(&answer["kinds"][kind]["data"][0]["snippet"][part]);
    assert_eq!(of("video", "title"), "Le [Vélo] <i>[runs]</i>");
    let excerpt = of("video", "description");
    assert!(excerpt.contains("<b>[running]</b> after a [VÉLO] & <script>"), "{excerpt}");
    assert!(excerpt.starts_with('…') && excerpt.ends_with('…') && excerpt.len() < 400);
    assert_eq!(
        (of("channel", "title"), of("channel", "description")),
        ("[Running] [vélo]".into(), "All about a [vélo]".into())
    );
    assert_eq!(
        (of("playlist", "title"), of("playlist", "description")),
        ("[Vélo] [run]".into(), "[Runs] with a [velo]".into())
    );
    let browsed = ask(&site, "kinds=video&host=b.example").await;
    assert_eq!(shown(&browsed["kinds"]["video"]["data"][0]["snippet"]["title"]), "Other", "nothing to mark");
}

#[tokio::test]
async fn the_spelling_taken_is_named_and_marked() {
    let site = Site::new(&[video(1, "Penguin one"), video(2, "Penguin two"), video(3, "Penguin three")]);
    let answer = ask(&site, "search=pengiun").await;
    assert_eq!(answer["corrections"], json!([{"written": "pengiun", "taken": "penguin"}]));
    assert!(shown(&answer["kinds"]["video"]["data"][0]["snippet"]["title"]).starts_with("[Penguin]"));
    assert_eq!(answer["kinds"]["channel"]["total"], 0);
}

#[tokio::test]
async fn the_same_answer_need_not_be_sent_twice() {
    let site = site();
    let first = site.get("/api/v1/search?q=whale&facets=all").await;
    assert_eq!((first.header("index-generation"), first.header("access-control-allow-origin")), ("1", "*"));
    assert!(!first.header("index-age").is_empty());
    let etag = first.header("etag").to_owned();
    let again =
        Request::get("/api/v1/search?search=whale&facets=all&nsfw=false&count=10").header("if-none-match", &etag);
    assert_eq!(site.send(again.body(Body::empty()).unwrap()).await.status, 304, "the same in other words");
    for other in ["q=whale", "q=whale&facets=host", "q=whale&facets=all&facetSize=3", "q=whale&facets=all&kinds=video"]
    {
        assert_ne!(site.get(&format!("/api/v1/search?{other}")).await.header("etag"), etag, "{other}");
    }
    let post = Request::post("/api/v1/search").body(Body::empty()).unwrap();
    assert_eq!(site.send(post).await.status, 405);
    assert_eq!(Site::empty(query_api::QueryApiConfig::default()).get("/api/v1/search").await.status, 503);
}

#[tokio::test]
async fn any_text_is_answered() {
    let site = site();
    for text in
        ["\"", "-", "!!!", "<script>", "日", "a OR b", "title:whale", "\u{0}", &"x".repeat(512), "😀", "*", "'; --"]
    {
        let answer = ask(&site, &format!("facets=all&search={}", encoded(text))).await;
        assert_eq!(answer["search"], text);
        let total = &answer["kinds"]["video"]["total"];
        let counted: u64 = answer["facets"]["video"]["host"]["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value["count"].as_u64().unwrap())
            .sum();
        assert_eq!(total, &json!(counted), "{text}: every video has one host");
    }
    assert_eq!(site.get(&format!("/api/v1/search?search={}", "x".repeat(513))).await.status, 400);
}
