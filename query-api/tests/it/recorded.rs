//! What a PeerTube 6.3 server sent to an index, sent to ours.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::api::assert_list_shape;
use crate::fixture::{Site, video, with_tags};

fn requests() -> Vec<(String, String, String)> {
    let text = include_str!("../../fixtures/peertube-6.3.0/search-index-requests.jsonl");
    text.lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let field = |name: &str| row[name].as_str().unwrap().to_owned();
            (field("label"), field("path"), field("body"))
        })
        .collect()
}

fn site() -> Site {
    Site::new(&[with_tags(video(1, "a rust video"), &["rust", "programming"]), video(2, "vélo électrique")])
}

#[tokio::test]
async fn every_recorded_search_for_videos_is_answered() {
    let site = site();
    let mut n_searches = 0;
    for (label, path, body) in requests().into_iter().filter(|(_, path, _)| path == "/api/v1/search/videos") {
        n_searches += 1;
        let request = Request::post(&path)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("user-agent", "PeerTube/6.3.0 (+https://tube.example)");
        let answer = site.send(request.body(Body::from(body.clone())).unwrap()).await;
        if label == "v-start-huge" {
            // Its user asked for the millionth result by hand. We say why there is none, as for everybody.
            assert_eq!(answer.status, 400);
            assert!(answer.text().contains("narrow the search"));
            continue;
        }
        assert_eq!(answer.status, 200, "{label}: {body}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert_list_shape(&answer.json());
    }
    assert_eq!(n_searches, 40);
}

#[tokio::test]
async fn searches_that_come_later_are_an_honest_404() {
    let site = site();
    for (label, path, body) in requests().into_iter().filter(|(_, path, _)| path != "/api/v1/search/videos") {
        let request = Request::post(&path).header("content-type", "application/json").body(Body::from(body)).unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status, 404, "{label}");
        assert_eq!(answer.json()["status"], 404);
    }
}

#[tokio::test]
async fn the_recorded_filters_find_what_they_mean() {
    let site = site();
    let body_of = |wanted: &str| requests().into_iter().find(|(label, ..)| label == wanted).unwrap().2;
    assert_eq!(site.post(&body_of("v-plain")).await.json()["data"][0]["name"], "a rust video");
}
