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
                path => path.replace("{host}", "tube.example").replace("{id}", "0"),
            };
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(address);
            let answer = site.send(request.body(Body::empty()).unwrap()).await;
            if path.starts_with("/api/v1/submissions") || path == "/api/v1/reports" {
                // There is no desk behind this site, and the route says so.
                assert!(
                    answer.text().contains("This copy of the index takes no "),
                    "{method} {path}: {}",
                    answer.text()
                );
                continue;
            }
            assert!(answer.status.is_success(), "{method} {path}: {}", answer.status);
        }
    }
}

#[test]
fn maps_and_calendars_have_filters_and_no_pages() {
    let document = serde_json::to_value(openapi()).unwrap();
    let params = |path: &str| -> Vec<String> {
        let params = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        params.iter().map(|param| param["name"].as_str().unwrap().to_owned()).collect()
    };
    let (map, feed, search) =
        (params("/api/v1/map/clusters"), params("/feeds/search.ics"), params("/api/v1/search/events"));
    for name in ["count", "start", "sort", "sortBy", "boostLanguages"] {
        let has = |params: &[String]| params.iter().any(|param| param == name);
        assert!(has(&search) && !has(&map) && !has(&feed), "{name}");
    }
    for name in ["search", "categoryOneOf", "hostOneOf", "near", "when", "openness", "handles", "kind", "zoom"] {
        assert!(map.iter().any(|param| param == name), "{name}");
    }
    assert!(feed.iter().any(|param| param == "categoryOneOf") && feed.iter().all(|param| param != "openness"));
}

#[test]
fn the_description_changes_only_on_purpose() {
    insta::assert_json_snapshot!("openapi", openapi());
}
