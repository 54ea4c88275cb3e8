//! The directory of instances.

use allowlist::SourceKind;
use allowlist::directory::{Directory, parse_page};
use axum::body::Body;
use axum::http::Request;
use indexer::directory::{self, DirectoryFile, InstanceStatus, LastFailure};
use query_api::QueryApiConfig;
use serde_json::Value;

use crate::fixture::{Answer, Site, publish, time, video_on};

fn known(host: &str, status: &str) -> InstanceStatus {
    InstanceStatus {
        host: host.parse().unwrap(),
        kind: SourceKind::PeerTube,
        name: Some(host.chars().rev().collect()),
        status: status.to_owned(),
        sentence: format!("{host} is {status}."),
        hint: None,
        is_indexable: true,
        health: 100,
        moved_to: None,
        software: Some("peertube".to_owned()),
        software_version: Some("8.1.0".to_owned()),
        known_videos: 2,
        known_channels: 1,
        known_playlists: 0,
        known_events: 0,
        known_groups: 0,
        claimed_total: Some(5),
        first_visit_at: Some(time("2026-11-01T00:00:00Z")),
        last_success_at: Some(time("2026-11-22T00:00:00Z")),
        last_sweep_at: Some(time("2026-11-21T22:00:00Z")),
        last_error: None,
        next_visit_at: Some(time("2026-11-22T00:15:00Z")),
        robots: "allows".to_owned(),
        supports_ipv6: None,
        delay_ms: 1500,
        n_requests: 9,
        flags: Vec::new(),
    }
}

/// Four instances with videos, one of them opted out; three without; one more that the list does not hold.
fn site() -> Site {
    let hosts = ["a.example", "b.example", "xn--bcher-kva.example", "left.example", "closed.example"];
    let mut videos = vec![video_on("a.example", 9, "another")];
    videos.extend(hosts.iter().zip(1..).map(|(host, n)| video_on(host, n, "one")));
    let config =
        QueryApiConfig { public_url: Some("https://search.example/".parse().unwrap()), ..QueryApiConfig::default() };
    let site = Site::with_config(&videos, config);
    let mut instances = vec![known("a.example", "healthy"), known("xn--bcher-kva.example", "ipv6-dead")];
    let mut young = known("b.example", "timed-out");
    young.health = 30;
    young.software_version = Some("10.0.0".to_owned());
    young.first_visit_at = Some(time("2026-11-20T00:00:00Z"));
    young.last_error = Some(LastFailure {
        at: time("2026-11-22T00:00:00Z"),
        kind: "timeout".to_owned(),
        text: "fetching https://b.example/robots.txt: waiting for the answer took longer than 15 s".to_owned(),
        request: Some("GET /robots.txt HTTP/1.1\nHost: b.example".to_owned()),
        response: Some("HTTP/1.1 200 OK".to_owned()),
    });
    instances.push(young);
    instances.push(InstanceStatus { is_indexable: false, health: 0, ..known("closed.example", "robots-forbids") });
    instances.push(InstanceStatus { is_indexable: false, health: 0, ..known("gone.example", "removed-on-request") });
    instances.push(InstanceStatus { known_videos: 0, claimed_total: None, ..known("empty.example", "no-videos") });
    instances.push(InstanceStatus { kind: SourceKind::Mobilizon, ..known("mobi.example", "unsupported") });
    directory::write(site.dir.path(), &DirectoryFile::new(time("2026-11-22T00:05:00Z"), instances)).unwrap();
    site.api.refresh().unwrap();
    site
}

fn hosts(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"].as_array().unwrap().iter().map(|item| item["host"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_hosts_are_in_the_shape_of_the_directory_and_can_be_a_seed() {
    let site = site();
    let answer = site.get("/api/v1/instances/hosts").await;
    assert_eq!(
        answer.text(),
        r#"{"total":3,"data":[{"host":"a.example"},{"host":"b.example"},{"host":"xn--bcher-kva.example"}]}"#
    );
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("index-generation"), "1");
    let mut seed = Directory::default();
    seed.add(parse_page(&answer.bytes).unwrap());
    assert!(seed.item_errors().is_empty() && seed.next_start().is_none());
    assert_eq!(seed.accept(&std::collections::BTreeSet::new()).unwrap().len(), 3);

    assert_eq!(hosts(&site.get("/api/v1/instances/hosts?start=1&count=1").await), ["b.example"]);
    assert_eq!(hosts(&site.get("/api/v1/instances/hosts?count=10000&since=2026-11-10").await), ["b.example"]);
    assert_eq!(hosts(&site.get("/api/v1/instances/hosts?healthy=true").await), ["a.example", "xn--bcher-kva.example"]);
    assert_eq!(hosts(&site.get("/api/v1/instances/hosts?sort=-createdAt&count=1").await), ["b.example"]);
    assert!(hosts(&site.get("/api/v1/instances/hosts?kind=mobilizon").await).is_empty());
    assert_eq!(site.get("/api/v1/instances/hosts?count=0").await.text(), r#"{"total":3,"data":[]}"#);
}

#[tokio::test]
async fn instances_are_listed_with_status_and_counts() {
    let site = site();
    let answer = site.get("/api/v1/instances").await;
    let listed = ["a.example", "b.example", "closed.example", "empty.example", "mobi.example", "xn--bcher-kva.example"];
    assert_eq!(hosts(&answer), listed);
    let body = answer.json();
    assert_eq!(body["total"], 6);
    let first = &body["data"][0];
    for (key, value) in [
        ("hostUnicode", Value::from("a.example")),
        ("name", "elpmaxe.a".into()),
        ("kind", "peertube".into()),
        ("version", "8.1.0".into()),
        ("health", 100.into()),
        ("supportsIPv6", Value::Null),
        ("createdAt", "2026-11-01T00:00:00.000Z".into()),
        ("totalVideos", 5.into()),
        ("totalLocalVideos", 5.into()),
        ("status", "healthy".into()),
        ("sentence", "a.example is healthy.".into()),
        ("isIndexed", true.into()),
        ("counts", serde_json::json!({"videos": 2, "channels": 0, "playlists": 0, "events": 0, "groups": 0})),
        ("known", serde_json::json!({"videos": 2, "channels": 1, "playlists": 0, "events": 0, "groups": 0})),
        ("robots", "allows".into()),
        ("lastSweepAt", "2026-11-21T22:00:00.000Z".into()),
        ("nextVisitAt", "2026-11-22T00:15:00.000Z".into()),
        ("delaySeconds", 1.5.into()),
        ("asOf", "2026-11-22T00:05:00.000Z".into()),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    let second = &body["data"][1];
    assert_eq!(second["lastError"]["kind"], "timeout");
    assert!(second["lastError"].get("request").is_none(), "heads are for those who ask for one instance");

    for (query, expected) in [
        ("search=EXAMPLE&count=2", &["a.example", "b.example"][..]),
        ("search=b%C3%BCcher", &["xn--bcher-kva.example"]),
        ("healthy=false", &["b.example", "closed.example"]),
        ("status=no-videos&status[]=timed-out", &["b.example", "empty.example"]),
        ("status=removed-on-request", &["gone.example"]),
        ("kind=mobilizon", &["mobi.example"]),
        ("sort=-version&count=1", &["b.example"]),
        ("sort=health&count=2", &["closed.example", "b.example"]),
        ("sort=-indexedVideos&count=1", &["a.example"]),
        ("sort=totalVideos&count=1", &["empty.example"]),
        ("sort=-name&count=1", &["empty.example"]),
        ("sort=-country&count=1", &["a.example"]),
    ] {
        assert_eq!(hosts(&site.get(&format!("/api/v1/instances?{query}")).await), expected, "{query}");
    }
    let wrong = site.get("/api/v1/instances?count=1001&sort=shoe&healthy=maybe").await;
    assert_eq!(wrong.status, 400);
    let errors = wrong.json()["errors"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(errors, ["count", "healthy", "sort"]);
    assert_eq!(wrong.header("content-type"), "application/problem+json; charset=utf-8");
}

#[tokio::test]
async fn one_instance_has_its_whole_story() {
    let site = site();
    let answer = site.get("/api/v1/instances/b.example").await;
    assert_eq!(answer.status, 200);
    let story = answer.json();
    assert_eq!(story["status"], "timed-out");
    assert_eq!(story["lastError"]["request"], "GET /robots.txt HTTP/1.1\nHost: b.example");
    assert_eq!(story["lastError"]["response"], "HTTP/1.1 200 OK");
    for spelling in ["B%C3%BCcher.Example", "xn--bcher-kva.example", "xn--bcher-kva.example:443"] {
        let story = site.get(&format!("/api/v1/instances/{spelling}")).await.json();
        assert_eq!(story["host"], "xn--bcher-kva.example", "{spelling}");
        assert_eq!(story["hostUnicode"], "bücher.example");
    }
    assert_eq!(site.get("/api/v1/instances/gone.example").await.json()["status"], "removed-on-request");

    let unknown = site.get("/api/v1/instances/nowhere.example").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.json()["status"], "not-listed");
    assert!(unknown.json()["sentence"].as_str().unwrap().contains("not on the list"));
    assert_eq!(unknown.json().as_object().unwrap().len(), story.as_object().unwrap().len(), "the same keys");
    let left = site.get("/api/v1/instances/left.example").await;
    assert_eq!((left.status.as_u16(), &left.json()["counts"]["videos"]), (404, &Value::from(1)));

    for wrong in ["127.0.0.1", "localhost", "a%2Fb.example", "a.example%3F", "%20", "a..example"] {
        let answer = site.get(&format!("/api/v1/instances/{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.json()["status"], 400, "{wrong}");
    }
    let post = Request::post("/api/v1/instances/a.example").body(Body::empty()).unwrap();
    assert_eq!(site.send(post).await.status, 405);
}

#[tokio::test]
async fn a_snapshot_without_a_crawler_speaks_for_itself() {
    let site = Site::new(&[video_on("a.example", 1, "one"), video_on("b.example", 2, "two")]);
    assert_eq!(hosts(&site.get("/api/v1/instances/hosts").await), ["a.example", "b.example"]);
    assert!(hosts(&site.get("/api/v1/instances/hosts?since=2020-01-01").await).is_empty(), "nobody knows since when");
    let story = site.get("/api/v1/instances/a.example").await.json();
    assert_eq!((&story["status"], &story["counts"]["videos"]), (&Value::from("indexed"), &Value::from(1)));
    assert_eq!(site.get("/api/v1/instances/c.example").await.status, 404);
    // A new generation counts anew, deleted documents left out.
    publish(site.dir.path(), 10, &[video_on("a.example", 1, "one again"), video_on("a.example", 3, "three")]);
    site.api.refresh().unwrap();
    assert_eq!(site.get("/api/v1/instances/a.example").await.json()["counts"]["videos"], 2);
}

#[tokio::test]
async fn the_status_is_told_before_anything_is_indexed() {
    let site = Site::empty(QueryApiConfig::default());
    assert_eq!(site.get("/api/v1/instances/hosts").await.text(), r#"{"total":0,"data":[]}"#);
    let failing = known("a.example", "connection-refused");
    directory::write(site.dir.path(), &DirectoryFile::new(time("2026-11-22T00:00:00Z"), vec![failing])).unwrap();
    assert!(!site.api.refresh().unwrap());
    let story = site.get("/api/v1/instances/a.example").await;
    assert_eq!((story.status.as_u16(), story.json()["status"].as_str()), (200, Some("connection-refused")));
    assert_eq!(story.header("index-generation"), "");
}

#[tokio::test]
async fn the_configuration_names_the_list_where_it_has_an_address() {
    let url = site().get("/api/v1/config").await.json()["indexedInstancesUrl"].clone();
    assert_eq!(url, "https://search.example/api/v1/instances/hosts");
}
