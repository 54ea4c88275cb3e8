//! What is made of the answers of an invented instance, `agenda.example`.

use serde_json::{Value, json};

use super::*;

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn item() -> Value {
    json!({
        "id": 42, "title": "Ciclofficina", "slug": "ciclofficina-3", "multidate": false,
        "start_datetime": 1_796_475_600, "end_datetime": 1_796_482_800,
        "media": [{"url": "abc.jpg", "name": "poster", "focalpoint": [0, 0], "height": 800, "width": 600, "size": 5}],
        "online_locations": [], "updatedAt": "2026-11-20T10:00:00.000Z", "apUserApId": null, "parentId": 7,
        "tags": ["bici", "#Bici", "riparazione"],
        "place": {"id": 3, "name": "Officina", "address": "Via Roma 1, Torino", "latitude": 45.07, "longitude": "7.68"}
    })
}

fn page_of(items: Value) -> EventsPage {
    let host: Host = "agenda.example".parse().unwrap();
    let about = About { host: &host, name: Some("Agenda"), time_zone: Some("Europe/Rome"), actor: Some("relay") };
    parse_list(items.to_string().as_bytes(), about, now()).unwrap()
}

fn with(key: &str, value: Value) -> EventsPage {
    let mut item = item();
    item[key] = value;
    page_of(json!([item]))
}

#[test]
fn an_item_becomes_a_record() {
    let event = page_of(json!([item()])).events.remove(0).event;
    assert_eq!((event.origin_id.as_str(), event.series.as_deref()), ("42", Some("7")));
    assert_eq!(event.url, "https://agenda.example/federation/m/42");
    assert_eq!(event.page_url.as_deref(), Some("https://agenda.example/event/ciclofficina-3"));
    assert_eq!(event.time.time_zone.as_deref(), Some("Europe/Rome"));
    assert_eq!(event.tags, ["bici", "riparazione"]);
    assert_eq!(event.pictures[0].url, "https://agenda.example/media/abc.jpg");
    let organizer = event.organizer.unwrap();
    assert_eq!((organizer.name.as_str(), organizer.display_name.as_str()), ("relay", "Agenda"));
    assert_eq!(organizer.url, "https://agenda.example/federation/u/relay");
    let address = event.address.unwrap();
    assert_eq!((address.name.as_deref(), address.street.as_deref()), (Some("Officina"), Some("Via Roma 1, Torino")));
    assert_eq!(address.point.map(|point| (point.lat(), point.lon())), Some((45.07, 7.68)));
}

#[test]
fn what_came_from_elsewhere_is_left_out() {
    assert_eq!(with("apUserApId", json!("https://other.example/federation/u/x")).n_remote, 1);
    assert_eq!(with("id", json!(-1)).errors.len(), 1);
    assert_eq!(with("start_datetime", json!("soon")).errors.len(), 1);
    assert_eq!(with("title", json!(null)).errors.len(), 1);
}

#[test]
fn odd_parts_are_dropped() {
    let event = |key: &str, value: Value| with(key, value).events.remove(0).event;
    assert_eq!(event("slug", json!("../admin")).page_url, None);
    assert!(event("media", json!([{"url": "//evil.example/x.jpg"}])).pictures.is_empty());
    assert_eq!(event("end_datetime", json!(1)).time.ends_at, None);
    let online = event("online_locations", json!(["javascript:x", "https://meet.example/room"]));
    assert!(online.is_online && online.online_address.as_deref() == Some("https://meet.example/room"));
    let nowhere = event("place", json!({"name": "Online", "address": "", "latitude": null, "longitude": null}));
    assert!(nowhere.is_online && nowhere.address.is_none());
    assert_eq!(event("parentId", json!(null)).series, None);
}

#[test]
fn hostile_pages_do_not_break_the_reader() {
    let host: Host = "agenda.example".parse().unwrap();
    let about = About { host: &host, name: None, time_zone: Some("Nowhere"), actor: None };
    for text in ["{}", "null", "\"x\"", "[", ""] {
        assert!(parse_list(text.as_bytes(), about, now()).is_err(), "{text}");
    }
    let odd =
        [json!(1), json!(null), json!([[]]), json!({"id": {}}), json!({"id": 1, "title": [], "place": 7}), item()];
    let page = parse_list(json!(odd).to_string().as_bytes(), about, now()).unwrap();
    assert_eq!((page.events.len(), page.errors.len()), (1, 5));
    assert_eq!(page.events[0].remarks, [Remark::UnknownZone]);
}
