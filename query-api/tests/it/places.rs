//! Cities by name, over HTTP.

use crate::fixture::{Site, encoded, video};

#[tokio::test]
async fn a_city_is_found_with_its_names_and_its_zone() {
    let site = Site::new(&[video(1, "a")]);
    let answer = site.ask("/api/v1/places?q=lyon&lang=fr").await;
    let lyon = &answer["data"][0];
    assert_eq!(lyon["label"], "Lyon, Auvergne-Rhône-Alpes, FR");
    assert_eq!(lyon["country"], "France");
    assert_eq!(lyon["timeZone"], "Europe/Paris");
    assert!(
        (lyon["lat"].as_f64().unwrap() - 45.75).abs() < 0.02 && (lyon["lon"].as_f64().unwrap() - 4.85).abs() < 0.02
    );
    assert!(lyon["population"].as_u64().unwrap() > 400_000);
    assert_eq!(answer["attribution"], "GeoNames, CC BY 4.0");
    let answer = site.ask("/api/v1/places?q=wien&lang=fr-FR&count=1").await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 1);
    assert_eq!((&answer["data"][0]["name"], &answer["data"][0]["matchedName"]), (&"Vienne".into(), &"Wien".into()));
    let answer = site.ask(&format!("/api/v1/places?q={}", encoded("東京"))).await;
    assert_eq!(answer["data"][0]["name"], "Tokyo");
    let answer = site.ask("/api/v1/places?q=paris&near=33.6,-95.5").await;
    assert_eq!(answer["data"][0]["region"], "Texas");
    let answer = site.ask("/api/v1/places?q=zzzzzz").await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn what_names_no_place_is_refused_with_its_reason() {
    let site = Site::new(&[video(1, "a")]);
    let long = format!("q={}", "x".repeat(201));
    for (query, param) in [
        ("", "q"),
        ("q=", "q"),
        ("q=%20", "q"),
        (long.as_str(), "q"),
        ("q=lyon&count=51", "count"),
        ("q=lyon&count=-1", "count"),
        ("q=lyon&near=north", "near"),
        ("q=lyon&near=91,0", "near"),
        ("q=lyon&lang=!", "lang"),
    ] {
        let answer = site.get(&format!("/api/v1/places?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["errors"][param]["msg"].is_string(), "{query}");
    }
}
