//! Events and groups made up for tests, and what Mobilizon's client does with an answer.

use futures_util::FutureExt;
use jiff::Timestamp;
use journal::record::{Address, Event, EventStatus, EventTime, Group, Image, JoinMode, Openness, Point, Record};
use query_api::images::{ImageBytes, ImageDoor};
use query_api::{QueryApiConfig, ServeLimits};
use serde_json::Value;
use simulator::mobilizon_client::{decode_events, decode_groups};
use std::sync::Arc;
use uuid::Uuid;

use crate::fixture::{Site, actor, encoded, publish_records, time};

/// Where these tests reach the index.
pub const BASE: &str = "https://search.example.org";

/// A public, confirmed event of two hours in Paris's zone, without a place.
pub fn event_on(host: &str, n: u64, title: &str, starts_at: &str) -> Event {
    let host: allowlist::Host = host.parse().unwrap();
    let uuid = Uuid::from_u128(0x3000_0000_0000_4000_8000_0000_0000_0000 | u128::from(n));
    let starts_at = time(starts_at);
    Event {
        origin_id: uuid.to_string(),
        url: format!("https://{host}/events/{uuid}"),
        page_url: None,
        title: title.to_owned(),
        description: Some(format!("<p>About number {n}.</p>")),
        time: EventTime {
            starts_at,
            ends_at: Some(starts_at + jiff::SignedDuration::from_hours(2)),
            time_zone: Some("Europe/Paris".to_owned()),
            shows_start_time: true,
            shows_end_time: true,
        },
        status: EventStatus::Confirmed,
        join_mode: Some(JoinMode::Free),
        external_participation_url: None,
        category: Some("MEETING".to_owned()),
        language: Some("fr".to_owned()),
        pictures: Vec::new(),
        tags: Vec::new(),
        organizer: Some(actor(&host, "ada", "@")),
        group: None,
        address: None,
        is_online: false,
        online_address: None,
        n_participants: Some(0),
        capacity: None,
        anonymous_participation: None,
        metadata: Vec::new(),
        series: None,
        published_at: Some(time("2022-01-01T00:00:00Z") + jiff::SignedDuration::from_mins(i64::try_from(n).unwrap())),
        updated_at: None,
        host,
    }
}

pub fn event(n: u64, title: &str, starts_at: &str) -> Event {
    event_on("agenda.example", n, title, starts_at)
}

/// A place called so, with these coordinates.
pub fn place(name: &str, lat: f64, lon: f64) -> Option<Address> {
    Some(Address { name: Some(name.to_owned()), point: Point::new(lat, lon), ..Address::default() })
}

/// A group with these members and no place.
pub fn group_on(host: &str, name: &str, display_name: &str, n_members: u64) -> Group {
    let host: allowlist::Host = host.parse().unwrap();
    let mut who = actor(&host, name, "@");
    who.display_name = display_name.to_owned();
    who.url = format!("https://{host}/@{name}");
    Group {
        actor: who,
        banners: Vec::new(),
        summary: None,
        address: None,
        openness: Some(Openness::Open),
        n_members: Some(n_members),
        n_followers: None,
        n_events: Some(0),
        first_seen_at: time("2024-01-01T00:00:00Z"),
    }
}

pub fn picture(host: &str, path: &str, width: u32) -> Image {
    Image {
        path: None,
        url: format!("https://{host}{path}"),
        width: Some(width),
        height: None,
        created_at: None,
        updated_at: None,
    }
}

/// An index at [`BASE`] that fetches pictures, over two generations of segments.
pub fn site(events: &[Event], groups: &[Group]) -> Site {
    let records = records(events, groups);
    let limits = ServeLimits { query_time: std::time::Duration::from_secs(60), ..ServeLimits::default() };
    let door: ImageDoor = Arc::new(|_| async { Ok(ImageBytes(b"GIF89a..."[..].into())) }.boxed());
    let public_url = Some(BASE.parse().unwrap());
    let site = Site::empty(QueryApiConfig { limits, image_door: Some(door), public_url, ..QueryApiConfig::default() });
    let (first, second) = records.split_at(records.len() / 2);
    if !first.is_empty() {
        publish_records(site.dir.path(), 1, first);
    }
    publish_records(site.dir.path(), 100_000, second);
    assert!(site.api.refresh().unwrap());
    site
}

pub fn records(events: &[Event], groups: &[Group]) -> Vec<Record> {
    let events = events.iter().map(|event| Record::Event(Box::new(event.clone())));
    events.chain(groups.iter().map(|group| Record::Group(Box::new(group.clone())))).collect()
}

/// The answer of a search for events, judged by [`assert_events`].
pub async fn events(site: &Site, query: &str) -> Value {
    let answer = site.get(&format!("/api/v1/search/events?{query}")).await;
    let shown = decode_events(answer.status.as_u16(), Some(answer.header("content-type")), &answer.bytes);
    assert!(shown.is_ok(), "{query}: {shown:?}");
    let shown = shown.unwrap();
    let answer = answer.json();
    assert_events(&answer);
    assert_eq!((shown.total, shown.items.len()), (answer["total"].as_i64().unwrap(), data(&answer).len()));
    for (shown, item) in shown.items.iter().zip(data(&answer)) {
        assert_eq!(shown.title.as_deref(), item["name"].as_str());
        assert_eq!(shown.begins_on.unwrap(), item["startTime"].as_str().unwrap().parse().unwrap());
        assert_eq!(shown.ends_on.is_some(), item["endTime"].is_string());
        assert!(shown.tags.iter().all(|tag| !tag.starts_with('#')));
        let is_on_map = shown.address.as_ref().is_some_and(|address| address.point().is_some());
        assert!(is_on_map || !query.contains("bbox="), "{query}: the map falls over {item}");
    }
    answer
}

/// The answer of a search for groups, judged by [`assert_groups`].
pub async fn groups(site: &Site, query: &str) -> Value {
    let answer = site.get(&format!("/api/v1/search/groups?{query}")).await;
    let shown = decode_groups(answer.status.as_u16(), Some(answer.header("content-type")), &answer.bytes);
    assert!(shown.is_ok(), "{query}: {shown:?}");
    let shown = shown.unwrap();
    let answer = answer.json();
    assert_groups(&answer);
    assert_eq!((shown.total, shown.items.len()), (answer["total"].as_i64().unwrap(), data(&answer).len()));
    for (shown, item) in shown.items.iter().zip(data(&answer)) {
        assert_eq!(shown.username.as_deref(), item["name"].as_str());
        assert_eq!(shown.domain.as_deref(), item["host"].as_str());
        assert_eq!(shown.n_members, item["memberCount"].as_i64());
    }
    answer
}

/// The titles of events found, in order.
pub async fn titles(site: &Site, query: &str) -> Vec<String> {
    crate::fixture::names(&events(site, query).await)
}

/// The names of groups found, in order.
pub async fn names(site: &Site, query: &str) -> Vec<String> {
    crate::fixture::names(&groups(site, query).await)
}

/// `latlon=…&distance=…`
pub fn around(lat: f64, lon: f64, distance: &str) -> String {
    format!("latlon={}&distance={distance}", encoded(&format!("{lat}:{lon}")))
}

/// What Mobilizon's client needs of an answer to an event search; it fails, or shows nonsense, on anything else.
pub fn assert_events(answer: &Value) {
    for item in data(answer) {
        for key in ["id", "url", "name"] {
            assert!(item[key].is_string(), "`{key}` of {item}");
        }
        for key in ["uuid", "endTime", "banner"] {
            assert!(has_text(&item[key]), "`{key}` of {item}");
        }
        item["startTime"].as_str().unwrap().parse::<Timestamp>().unwrap();
        if let Some(end) = item["endTime"].as_str() {
            assert!(end.parse::<Timestamp>().unwrap() > item["startTime"].as_str().unwrap().parse().unwrap());
        }
        assert_picture(&item["banner"]);
        let category = item["category"].as_str().unwrap();
        assert!(indexer::schema::EVENT_CATEGORIES.contains(&category), "{category}");
        assert!(item["tags"].as_array().unwrap().iter().all(Value::is_string), "{item}");
        assert!(item["participantCount"].is_null() || item["participantCount"].is_u64());
        assert_creator(&item["creator"]);
        assert_creator(&item["group"]);
        assert_location(&item["location"]);
    }
}

/// What Mobilizon's client needs of an answer to a group search.
pub fn assert_groups(answer: &Value) {
    for item in data(answer) {
        for key in ["id", "url", "name", "host"] {
            assert!(item[key].is_string(), "`{key}` of {item}");
        }
        assert!(!item["name"].as_str().unwrap().contains('@'));
        assert!(has_text(&item["displayName"]) && has_text(&item["description"]));
        assert!(item["memberCount"].is_null() || item["memberCount"].is_u64());
        assert_picture(&item["avatar"]);
        assert_picture(&item["banner"]);
        assert_location(&item["location"]);
    }
}

/// The items, each with an id of its own.
pub fn data(answer: &Value) -> &Vec<Value> {
    assert!(answer["total"].is_u64(), "{answer}");
    let data = answer["data"].as_array().unwrap();
    assert!(answer["total"].as_u64().unwrap() >= data.len() as u64);
    let ids: std::collections::BTreeSet<&str> = data.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), data.len(), "ids are unique");
    data
}

fn assert_creator(creator: &Value) {
    if !creator.is_null() {
        for key in ["id", "url", "name", "displayName", "host"] {
            assert!(creator[key].is_string(), "`{key}` of {creator}");
        }
        assert_picture(&creator["avatar"]);
    }
}

fn assert_location(location: &Value) {
    if location.is_null() {
        return;
    }
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(location), ["address", "id", "location", "name"]);
    let parts = ["addressCountry", "addressLocality", "addressRegion", "postalCode", "streetAddress"];
    assert_eq!(keys(&location["address"]), parts);
    assert!(parts.iter().all(|part| has_text(&location["address"][*part])), "{location}");
    let point = &location["location"];
    assert!(point.is_null() || (point["lon"].is_number() && point["lat"].is_number()), "{location}");
}

/// A text, not an object, and on our own host: the policy of the page lets no other host show pictures.
fn assert_picture(picture: &Value) {
    assert!(has_text(picture), "{picture}");
    assert!(picture.as_str().is_none_or(|picture| picture.starts_with(&format!("{BASE}/img/"))), "{picture}");
}

fn has_text(value: &Value) -> bool {
    value.is_null() || value.is_string()
}
