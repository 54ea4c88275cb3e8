//! What a PeerTube 6.3 server sent to an index, sent to ours.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::api::assert_list_shape;
use crate::channels::assert_channels_shape;
use crate::fixture::{Site, channel_on, playlist_on, records, video, with_tags};
use crate::playlists::assert_playlists_shape;

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
    let videos = [with_tags(video(1, "a rust video"), &["rust", "programming"]), video(2, "vélo électrique")];
    let channels =
        [channel_on("tube.example", "lab", "The rust lab"), channel_on("peer.example", "lab", "A peer of labs")];
    let playlists = [playlist_on("tube.example", 1, "A rust list", &[&videos[0]])];
    Site::of_records(&records(&videos, &channels, &playlists))
}

#[tokio::test]
async fn every_recorded_search_is_answered() {
    let site = site();
    let mut n_searches = [0; 3];
    for (label, path, body) in requests() {
        let request = Request::post(&path)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("user-agent", "PeerTube/6.3.0 (+https://tube.example)");
        let answer = site.send(request.body(Body::from(body.clone())).unwrap()).await;
        let assert_shape: fn(&Value) = match path.as_str() {
            "/api/v1/search/videos" => {
                n_searches[0] += 1;
                assert_list_shape
            }
            "/api/v1/search/video-channels" => {
                n_searches[1] += 1;
                assert_channels_shape
            }
            "/api/v1/search/video-playlists" => {
                n_searches[2] += 1;
                assert_playlists_shape
            }
            other => panic!("{other}"),
        };
        if label == "v-start-huge" {
            // Its user asked for the millionth result by hand. We say why there is none, as for everybody.
            assert_eq!(answer.status, 400);
            assert!(answer.text().contains("narrow the search"));
            continue;
        }
        assert_eq!(answer.status, 200, "{label}: {body}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert_shape(&answer.json());
    }
    assert_eq!(n_searches, [40, 10, 9]);
}

#[tokio::test]
async fn the_recorded_filters_find_what_they_mean() {
    let site = site();
    let body_of = |wanted: &str| requests().into_iter().find(|(label, ..)| label == wanted).unwrap().2;
    assert_eq!(site.post(&body_of("v-plain")).await.json()["data"][0]["name"], "a rust video");
    let channels = "/api/v1/search/video-channels";
    for (label, n) in [("c-plain", 2), ("c-none", 2), ("c-at", 2), ("c-handles", 1), ("c-all", 0)] {
        let answer = site.post_to(channels, &body_of(label)).await.json();
        assert_eq!(answer["data"].as_array().unwrap().len(), n, "{label}");
    }
    let playlists = "/api/v1/search/video-playlists";
    for (label, n) in [("p-plain", 1), ("p-none", 1), ("p-uuids", 0), ("p-all", 0)] {
        let answer = site.post_to(playlists, &body_of(label)).await.json();
        assert_eq!(answer["data"].as_array().unwrap().len(), n, "{label}");
    }
}
