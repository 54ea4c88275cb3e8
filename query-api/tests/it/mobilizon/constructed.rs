//! The answers that the contract makes up, and ours, are of one shape.

use journal::record::{Address, Event};
use serde_json::Value;
use simulator::mobilizon_client::{decode_events, decode_groups};

use super::fixture::{assert_events, assert_groups, event, event_on, events, group_on, groups, picture, place, site};
use crate::fixture::{Site, actor};

const EVENTS: &str = include_str!("constructed/events.json");
const GROUPS: &str = include_str!("constructed/groups.json");
const EMPTY: &str = include_str!("constructed/empty.json");

const JSON: Option<&str> = Some("application/json; charset=utf-8");

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// One event of which everything is known and one of which hardly anything is, and the same of groups.
fn full_and_bare() -> Site {
    let mut full = event(1, "Full", "2025-12-11T18:00:00Z");
    full.group = Some(actor(&full.host, "gul", "@"));
    full.tags = vec!["Danse".to_owned()];
    full.pictures = vec![picture("agenda.example", "/a.jpg", 1280)];
    full.address = place("Salle", 48.3833905, -4.4860768);
    full.updated_at = full.published_at;
    full.anonymous_participation = Some(true);
    full.capacity = Some(0);
    let bare = Event {
        origin_id: "1".to_owned(),
        description: None,
        address: Some(Address { name: Some("Piazza".to_owned()), ..Address::default() }),
        n_participants: None,
        ..event_on("gancio.example", 2, "Bare", "2025-12-12T18:00:00Z")
    };
    let mut group = group_on("agenda.example", "gul", "Linux", 13);
    group.banners = vec![picture("agenda.example", "/b.jpg", 1280)];
    group.summary = Some("<p>Des ateliers.</p>".to_owned());
    group.address = place("Annecy", 45.9, 6.1);
    let mut other = group_on("other.example", "lac", "Lac", 15);
    other.address = Some(Address::default());
    site(&[full, bare], &[group, other])
}

/// Every key of the example is there, and where the example has a value ours is of its type or null.
fn assert_like(example: &Value, ours: &Value, path: &str) {
    match (example, ours) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(example), Value::Object(ours)) => {
            for (key, value) in example {
                assert!(ours.contains_key(key), "{path} has no `{key}`");
                assert_like(value, &ours[key], &format!("{path}.{key}"));
            }
        }
        (Value::Array(example), Value::Array(ours)) => {
            for (value, found) in example.iter().zip(ours) {
                assert_like(value, found, &format!("{path}[]"));
            }
        }
        (example, ours) => {
            let kind = |value: &Value| (value.is_string(), value.is_number(), value.is_boolean());
            assert_eq!(kind(example), kind(ours), "{path}: {example} and {ours}");
        }
    }
}

#[test]
fn the_examples_of_the_contract_are_what_the_client_reads() {
    let shown = decode_events(200, JSON, EVENTS.as_bytes()).unwrap();
    assert_eq!((shown.total, shown.items.len()), (2, 2));
    assert_eq!(shown.items[0].tags, ["Danse", "Écosse", "Atelier"]);
    let shown = decode_groups(200, JSON, GROUPS.as_bytes()).unwrap();
    assert_eq!((shown.total, shown.items.len()), (2, 2));
    assert_eq!(decode_events(200, JSON, EMPTY.as_bytes()).unwrap().items, []);
    assert_events(&read(EVENTS));
    assert_groups(&read(GROUPS));
}

#[tokio::test]
async fn our_answers_have_every_key_of_the_examples() {
    let site = full_and_bare();
    for (example, ours) in [
        (read(EVENTS), events(&site, "sort=startTime").await),
        (read(GROUPS), groups(&site, "sort=memberCount").await),
        (read(EMPTY), events(&site, "search=nothinglikeit").await),
    ] {
        assert_eq!(example["data"].as_array().unwrap().len(), ours["data"].as_array().unwrap().len());
        assert_like(&example, &ours, "answer");
        // Either of ours has every key of either example.
        for example in example["data"].as_array().unwrap() {
            ours["data"].as_array().unwrap().iter().for_each(|ours| assert_like(example, ours, "item"));
        }
    }
}
