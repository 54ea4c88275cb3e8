//! What a map shows of a search, over HTTP.

use jiff::{SignedDuration, Timestamp};
use journal::record::{Address, Event, Point};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::fixture::{Site, encoded};
use crate::mobilizon::fixture::{event, group_on, place, site};

/// An event of tomorrow there.
fn at(n: u64, title: &str, lat: f64, lon: f64) -> Event {
    let starts_at = Timestamp::now() + SignedDuration::from_hours(24);
    let mut event = event(n, title, &starts_at.to_string());
    event.address = place("Salle", lat, lon);
    event
}

async fn clusters(site: &Site, query: &str) -> Value {
    let answer = site.ask(&format!("/api/v1/map/clusters?{query}")).await;
    let clusters = answer["clusters"].as_array().unwrap();
    assert!(clusters.len() <= 500);
    let counted: u64 = clusters.iter().map(|cluster| cluster["count"].as_u64().unwrap()).sum();
    assert_eq!(answer["total"], counted);
    assert!(clusters.iter().all(|cluster| (cluster["count"] == 1) == cluster["item"].is_object()));
    answer
}

fn counts(answer: &Value) -> Vec<u64> {
    answer["clusters"].as_array().unwrap().iter().map(|cluster| cluster["count"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_map_counts_what_is_near_each_other_and_names_what_is_alone() {
    let mut past = at(4, "over", 48.85, 2.35);
    past.time.starts_at = "2020-01-01T10:00:00Z".parse().unwrap();
    past.time.ends_at = None;
    let mut nowhere = at(5, "nowhere", 48.85, 2.35);
    nowhere.address = Some(Address { name: Some("Salle".to_owned()), ..Address::default() });
    let site = site(
        &[at(1, "Bal", 45.75, 4.85), at(2, "Concert", 45.76, 4.84), at(3, "Expo", 48.85, 2.35), past, nowhere],
        &[group_on("agenda.example", "folk", "Folk", 3)],
    );
    let world = clusters(&site, "zoom=5").await;
    assert_eq!((world["kind"].as_str(), counts(&world)), (Some("events"), vec![2, 1]));
    let lyon = &world["clusters"][0];
    assert!(
        (lyon["lat"].as_f64().unwrap() - 45.755).abs() < 1e-6 && (lyon["lon"].as_f64().unwrap() - 4.845).abs() < 1e-6
    );
    assert_eq!(lyon["bounds"], serde_json::json!([45.76, 4.84, 45.75, 4.85]));
    let alone = &world["clusters"][1]["item"];
    assert_eq!(
        (&alone["name"], &alone["place"], &alone["host"]),
        (&"Expo".into(), &"Salle".into(), &"agenda.example".into())
    );
    alone["startTime"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let near = clusters(&site, &format!("zoom=14&bbox={}", encoded("45.9, 4.6:45.6, 5.1"))).await;
    assert_eq!(counts(&near), [1, 1]);
    assert_eq!(counts(&clusters(&site, "zoom=14&near=Lyon").await), [1, 1]);
    assert_eq!(counts(&clusters(&site, "zoom=5&search=expo").await), [1]);
    assert_eq!(counts(&clusters(&site, "zoom=5&when=past").await), [1]);
    assert_eq!(counts(&clusters(&site, "kind=groups").await), Vec::<u64>::new(), "a group without a place");
}

#[tokio::test]
async fn groups_are_on_maps_too_and_a_map_may_cross_the_date_line() {
    let mut here = group_on("agenda.example", "fiji", "Fiji", 3);
    here.address = place("Suva", -18.1, 178.4);
    let mut there = group_on("agenda.example", "samoa", "Samoa", 3);
    there.address = place("Apia", -13.8, -171.8);
    let site = site(&[], &[here, there]);
    let bbox = encoded("-10, 170:-25, 190");
    let answer = clusters(&site, &format!("kind=groups&zoom=6&bbox={bbox}")).await;
    assert_eq!((answer["kind"].as_str(), counts(&answer)), (Some("groups"), vec![1, 1]));
    let west_only = encoded("-10, 170:-25, 180");
    let answer = clusters(&site, &format!("kind=groups&zoom=6&bbox={west_only}")).await;
    assert_eq!(answer["clusters"][0]["item"]["name"], "Fiji");
    assert_eq!(counts(&answer), [1]);
}

#[tokio::test]
async fn the_border_of_a_map_is_on_it() {
    let site = site(&[at(1, "date line", 0.0, -180.0), at(2, "pole", 90.0, -120.0), at(3, "x", 0.0, 175.0)], &[]);
    for (bbox, total) in [("10, 170:-10, 180", 2), ("10, -180:-10, -170", 1), ("90, 0:80, 10", 1)] {
        for zoom in [0, 4, 8, 22] {
            let answer = clusters(&site, &format!("zoom={zoom}&bbox={}", encoded(bbox))).await;
            assert_eq!(answer["total"], total, "{bbox} at {zoom}");
        }
    }
}

#[tokio::test]
async fn counts_are_exact_whatever_is_shown() {
    let mut random = SmallRng::seed_from_u64(4);
    let points: Vec<(f64, f64)> =
        (0..3000).map(|_| (random.random_range(-85.0..85.0), random.random_range(-180.0..180.0))).collect();
    let events: Vec<Event> = points.iter().zip(1..).map(|((lat, lon), n)| at(n, "x", *lat, *lon)).collect();
    let site = site(&events, &[]);
    let stored = |(lat, lon): &(f64, f64)| Point::new(*lat, *lon).map(|point| (point.lat(), point.lon())).unwrap();
    for (north, west, south, east) in
        [(80.0, -170.0, -80.0, 170.0), (60.0, 100.0, 0.0, -100.0), (10.0, 5.0, -10.0, 25.0)]
    {
        let is_between = |lon: f64| if west <= east { lon >= west && lon <= east } else { lon >= west || lon <= east };
        let expected =
            points.iter().map(stored).filter(|(lat, lon)| *lat <= north && *lat >= south && is_between(*lon)).count();
        for zoom in [0, 4, 8, 22] {
            let bbox = encoded(&format!("{north}, {west}:{south}, {east}"));
            let answer = clusters(&site, &format!("zoom={zoom}&bbox={bbox}")).await;
            assert_eq!(answer["total"], expected, "{bbox} at {zoom}");
            assert!(answer["zoom"].as_u64().unwrap() <= zoom);
        }
    }
}

#[tokio::test]
async fn what_is_no_map_is_refused_with_its_reason() {
    let site = site(&[at(1, "x", 1.0, 1.0)], &[]);
    for (query, param) in [("zoom=30", "zoom"), ("zoom=x", "zoom"), ("kind=videos", "kind"), ("bbox=1,2,3", "bbox")] {
        let answer = site.get(&format!("/api/v1/map/clusters?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["errors"][param]["msg"].is_string(), "{query}");
    }
}
