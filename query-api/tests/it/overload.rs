//! Too much, too slow, broken: each is told plainly, and health still answers.

use std::time::Duration;

use query_api::QueryApiConfig;
use query_api::images::ImageDoor;

use crate::fixture::{Answer, Site, video};

fn assert_told(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status);
    let body = answer.json();
    assert_eq!(body["status"], status);
    assert!(body["error"].as_str().unwrap().contains(words), "{body}");
}

// case 123
#[tokio::test]
async fn a_full_house_is_a_503_at_once_and_health_does_not_queue() {
    let mut config = QueryApiConfig::default();
    (config.limits.max_running, config.limits.max_waiting) = (0, 0);
    let site = Site::with_config(&[video(1, "a")], config);
    let answer = site.get("/api/v1/search/videos").await;
    assert_told(&answer, 503, "Too many searches");
    assert!(!answer.header("retry-after").is_empty());
    assert!(!answer.header("index-generation").is_empty());
    let paths = ["/api/v1/places?q=s,zz", "/api/v1/map/clusters?near=san%20zz", "/feeds/search.ics?near=san%20zz"];
    for path in paths.into_iter().chain(["/api/v1/search?near=san%20zz", "/events?near=san%20zz"]) {
        assert_eq!(site.get(path).await.status, 503, "a place is not looked up out of turn: {path}");
    }
    let page = site.get("/search?search=a").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (503, "text/html; charset=utf-8"));
    for path in ["/health/live", "/health/ready", "/api/v1/config", "/about"] {
        assert_eq!(site.get(path).await.status, 200, "{path}");
    }
}

// case 120
#[tokio::test]
async fn a_search_past_its_time_is_a_503() {
    let mut config = QueryApiConfig::default();
    config.limits.query_time = Duration::ZERO;
    let site = Site::with_config(&[video(1, "a")], config);
    for query in ["search=a", "nsfw=false", "sort=name"] {
        assert_told(&site.get(&format!("/api/v1/search/videos?{query}")).await, 503, "took too long");
    }
}

// case 166
#[tokio::test]
async fn a_panic_is_a_500_and_the_next_request_is_answered() {
    let broken = video(1, "a");
    let door: ImageDoor = std::sync::Arc::new(|request| {
        assert!(request.url.is_empty(), "a defect");
        unreachable!()
    });
    let config = QueryApiConfig { image_door: Some(door), ..QueryApiConfig::default() };
    let site = Site::with_config(std::slice::from_ref(&broken), config);
    let path = format!("/img/tube.example~{}/thumbnail", broken.uuid);
    let answer = site.get(&path).await;
    assert_told(&answer, 500, "our fault");
    assert!(!answer.text().contains("defect"), "nothing of the inside is told");
    assert_eq!(site.get("/api/v1/search/videos").await.status, 200);
}
