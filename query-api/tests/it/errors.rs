//! What is refused, and in which words.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::fixture::{Site, encoded, video};

const ROWS: &[(&str, &str, &str)] = &[
    ("search=", "search", "Should have a valid search"),
    ("search=%20", "search", "Should have a valid search"),
    ("start=-1", "start", "Should have a number start"),
    ("start=abc", "start", "Should have a number start"),
    ("start=1000000000", "start", "Should have a start within the first 10000 results"),
    ("start=10000&count=1", "start", "Should have a start within the first 10000 results"),
    ("count=101", "count", "Should have a number count (max: 100)"),
    ("count=-1", "count", "Should have a number count (max: 100)"),
    ("count=a", "count", "Should have a number count (max: 100)"),
    ("sort=-trending", "sort", "Should have a valid sort"),
    ("sort=-best", "sort", "Should have a valid sort"),
    ("sort=", "sort", "Should have a valid sort"),
    ("sort=--views", "sort", "Should have a valid sort"),
    ("host=6565", "host", "Should have a valid host"),
    ("host=https://tube.example", "host", "Should have a valid host"),
    ("host=", "host", "Should have a valid host"),
    ("nsfw=maybe", "nsfw", "Should have a valid NSFW attribute"),
    ("nsfwFlagsIncluded=x", "nsfwFlagsIncluded", "Should have a valid NSFW flags included"),
    ("nsfwFlagsExcluded=-1", "nsfwFlagsExcluded", "Should have a valid NSFW flags excluded"),
    ("isLive=perhaps", "isLive", "Should have a valid isLive boolean"),
    ("categoryOneOf=a", "categoryOneOf", "Should have a valid one of category array"),
    ("categoryOneOf[]=1&categoryOneOf[]=b", "categoryOneOf", "Should have a valid one of category array"),
    ("licenceOneOf=a", "licenceOneOf", "Should have a valid one of licence array"),
    ("startDate=yesterday", "startDate", "Should have a valid start date"),
    ("endDate=2024-13-01", "endDate", "Should have a valid end date"),
    ("originallyPublishedStartDate=x", "originallyPublishedStartDate", "Should have a valid published start date"),
    ("originallyPublishedEndDate=x", "originallyPublishedEndDate", "Should have a valid published end date"),
    ("durationMin=a", "durationMin", "Should have a valid min duration"),
    ("durationMax=1.5", "durationMax", "Should have a valid max duration"),
    ("uuids=toto", "uuids", "Should have a valid uuids array"),
    ("uuids=9c9de5e8-0a1e-484a-b099-e80766180a6", "uuids", "Should have a valid uuids array"),
    ("uuids=kkGMgK9ZtnKfYAgnEtQx0v", "uuids", "Should have a valid uuids array"),
];

fn assert_problem(body: &Value, status: u16) {
    assert_eq!(body["status"], status);
    assert_eq!(body["type"], "about:blank");
    assert!(body["title"].is_string() && body["detail"].is_string());
    assert_eq!(body["error"], body["detail"], "NewPipe reads a string `error`");
    assert!(body["errors"].is_object());
}

// case 116
#[tokio::test]
async fn each_wrong_parameter_is_a_400_that_names_it() {
    let site = Site::new(&[video(1, "a")]);
    for (query, param, msg) in ROWS {
        let answer = site.get(&format!("/api/v1/search/videos?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
        let body = answer.json();
        assert_problem(&body, 400);
        let error = &body["errors"][*param];
        assert!(error["msg"].as_str().is_some_and(|text| text.starts_with(msg)), "{query}: {body}");
        assert_eq!(error["param"], *param);
        assert_eq!(error["location"], "query");
        assert!(!error["value"].is_null());
        assert_eq!(body["errors"].as_object().unwrap().len(), 1, "{query}");
    }
}

#[tokio::test]
async fn wrong_types_in_a_json_body_are_a_400_too() {
    let site = Site::new(&[video(1, "a")]);
    for (body, param) in [
        (json!({"search": {"a": 1}}), "search"),
        (json!({"search": []}), "search"),
        (json!({"start": "x"}), "start"),
        (json!({"count": 1.5}), "count"),
        (json!({"blockedHosts": {"a": 1}}), "blockedHosts"),
        (json!({"blockedAccounts": [["a"]]}), "blockedAccounts"),
        (json!({"boostLanguages": {}}), "boostLanguages"),
        (json!({"languageOneOf": [{}]}), "languageOneOf"),
        (json!({"tagsOneOf": {}}), "tagsOneOf"),
        (json!({"tagsAllOf": {}}), "tagsAllOf"),
        (json!({"uuids": [""]}), "uuids"),
    ] {
        let answer = site.post(&body.to_string()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["errors"][param]["location"], "body", "{body}");
    }
}

#[tokio::test]
async fn all_wrong_parameters_are_named_at_once() {
    let site = Site::new(&[video(1, "a")]);
    let body = site.get("/api/v1/search/videos?count=101&sort=no&nsfw=no").await.json();
    assert_eq!(body["errors"].as_object().unwrap().len(), 3);
    assert!(body["detail"].as_str().unwrap().starts_with("Incorrect request parameters: "));
}

#[tokio::test]
async fn what_peertube_forwards_without_meaning_is_ignored() {
    let site = Site::new(&[video(1, "a")]);
    for query in [
        "isLocal=banana",
        "skipCount=true",
        "hasHLSFiles=1",
        "hasWebVideoFiles=x",
        "hasWebtorrentFiles=x",
        "excludeAlreadyWatched=false",
        "include=16",
        "privacyOneOf=3",
        "autoTagOneOf[]=x",
        "stateOneOf=1",
        "searchTarget=search-index",
        "resultType=videos",
        "includeScheduledLive=true",
        "fromHost=x",
        "publishedAfter=x",
        "boostedLanguages[]=fr",
        "foo[bar][baz]=1",
        "%ff=%fe",
    ] {
        assert_eq!(site.search(query).await["total"], 1, "{query}");
    }
}

// case 126
#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_by_kind() {
    let site = Site::new(&[video(1, "a")]);
    let post = |kind: &str, body: Vec<u8>| {
        Request::post("/api/v1/search/videos").header("content-type", kind).body(Body::from(body)).unwrap()
    };
    let rows: Vec<(Request<Body>, u16)> = vec![
        (post("application/json", b"{\"a\":".to_vec()), 400),
        (post("application/json", b"[]".to_vec()), 400),
        (post("application/json", "{\"a\":".repeat(10_000).into_bytes()), 400),
        (post("application/json", vec![b' '; 10 << 20]), 413),
        (post("text/plain", b"search=a".to_vec()), 415),
        (post("multipart/form-data; boundary=x", b"--x".to_vec()), 415),
        (post("application/json; charset=utf-16", b"{}".to_vec()), 415),
        (post("application/json; charset=UTF-8", b"{}".to_vec()), 200),
        (post("application/x-www-form-urlencoded", b"search=a&count=1".to_vec()), 200),
        (Request::post("/api/v1/search/videos").body(Body::empty()).unwrap(), 200),
    ];
    for (request, status) in rows {
        let kind = format!("{:?}", request.headers().get("content-type"));
        let answer = site.send(request).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.text());
        if status != 200 {
            assert_problem(&answer.json(), status);
        }
    }
}

// case 119
#[tokio::test]
async fn paths_that_are_no_text_have_the_error_body_too() {
    let site = Site::new(&[video(1, "a")]);
    let answer = site.get("/api/v1/instances/%FF").await;
    assert_eq!(answer.status, 400);
    assert_problem(&answer.json(), 400);
    let answer = site.get("/img/%FF/thumbnail").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (404, "image/svg+xml"));
}

#[tokio::test]
async fn whole_numbers_come_in_every_form() {
    let mut filed = video(1, "a");
    filed.category = Some(journal::record::Labelled { id: 15, label: "Science & Technology".to_owned() });
    let site = Site::new(&[filed]);
    for number in [json!([15]), json!(["15"]), json!([15.0]), json!(15.0)] {
        let answer = site.post(&json!({ "categoryOneOf": number }).to_string()).await.json();
        assert_eq!(answer["total"], 1, "{number}");
    }
}

#[tokio::test]
async fn a_mute_list_may_have_ten_thousand_entries_and_no_more() {
    let site = Site::new(&[video(1, "a")]);
    for param in ["blockedHosts", "blockedAccounts"] {
        for (n, status) in [(10_000, 200), (10_001, 413)] {
            let entries: Vec<String> = (0..n).map(|n| format!("user@muted-{n}.example")).collect();
            let entries: Vec<&str> = if param == "blockedHosts" {
                entries.iter().filter_map(|entry| entry.split('@').next_back()).collect()
            } else {
                entries.iter().map(String::as_str).collect()
            };
            let answer = site.post(&json!({ param: entries }).to_string()).await;
            assert_eq!(answer.status, status, "{param} {n}");
        }
        let answer = site.post(&json!({ param: [null, "", 5, {}, "a@muted.example"] }).to_string()).await;
        assert_eq!(answer.status, 200, "{param}: what names nobody mutes nobody");
    }
}

#[tokio::test]
async fn other_methods_get_405_with_the_error_body() {
    let site = Site::new(&[video(1, "a")]);
    for route in ["videos", "video-channels", "video-playlists"] {
        for method in ["PUT", "DELETE", "PATCH"] {
            let uri = format!("/api/v1/search/{route}");
            let request = Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
            let answer = site.send(request).await;
            assert_eq!(answer.status, 405);
            assert_eq!(answer.header("allow"), "GET, HEAD, POST, OPTIONS");
            assert_problem(&answer.json(), 405);
        }
    }
    let answer = site.send(Request::post("/api/v1/config").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn long_text_is_refused_past_512_characters_only() {
    let site = Site::new(&[video(1, "a")]);
    assert_eq!(site.search(&format!("search={}", encoded(&"é".repeat(512)))).await["total"], 0);
    let answer = site.get(&format!("/api/v1/search/videos?search={}", "a".repeat(513))).await;
    assert_eq!(answer.status, 400);
    let value = answer.json()["errors"]["search"]["value"].as_str().unwrap().chars().count();
    assert!(value <= 201, "what is repeated is cut");
}
