//! The description for programs says what is there.

use axum::body::Body;
use axum::http::Request;
use query_api::{API_PATHS, openapi};

use crate::fixture::{Site, video};

#[tokio::test]
async fn every_route_of_the_api_is_described_and_every_description_is_a_route() {
    let site = Site::new(&[video(1, "a")]);
    let document = site.get("/openapi.json").await.json();
    assert_eq!(document, site.get("/api/v1/openapi.json").await.json());
    assert_eq!(document, serde_json::to_value(openapi()).unwrap());
    let paths = document["paths"].as_object().unwrap();
    let mut described: Vec<&str> = paths.keys().map(String::as_str).collect();
    described.sort_unstable();
    let mut expected = API_PATHS.to_vec();
    expected.sort_unstable();
    assert_eq!(described, expected);
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let address = match path.as_str() {
                "/api/v1/places" => "/api/v1/places?q=lyon".to_owned(),
                path => path.replace("{host}", "tube.example"),
            };
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(address);
            let answer = site.send(request.body(Body::empty()).unwrap()).await;
            assert!(answer.status.is_success(), "{method} {path}: {}", answer.status);
        }
    }
}

#[test]
fn the_description_changes_only_on_purpose() {
    insta::assert_json_snapshot!("openapi", openapi());
}
