//! Whatever single values a host sends, what is read from it keeps the promises of its types.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::*;

static HOSTILE: LazyLock<Vec<Value>> = LazyLock::new(hostile);

/// What a hostile or broken host puts where something else belongs.
fn hostile() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "\u{200b}\u{202e}",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.example/x",
        "https://evil.example/x",
        "https://rdv.example@evil.example/",
        "http://rdv.example/x",
        "https://rdv.example/events/../../admin",
        "../../etc/passwd",
        "a/b?c#d",
        "evil.example",
        "9999-12-31T23:59:59.999Z",
        "-009999-01-01T00:00:00Z",
        "2026-12-05T13:00:00Z",
        "1e400;NaN",
        "151;-33",
        "4.8;45.7",
        "UTC",
        "#noindex",
        "PUBLIC",
        "\u{0}\u{7}\u{1b}[31m",
    ];
    let mut values: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    values.push(json!("x".repeat(70_000)));
    values.push(json!("é;".repeat(40_000)));
    values.extend([-1.0, 0.5, 1e300, -1e300].map(|n| json!(n)));
    values.extend([i64::MIN, -1, 0, 1, i64::MAX].map(|n| json!(n)));
    values.push(json!(u64::MAX));
    values.extend([json!(null), json!(true), json!(false), json!([]), json!({}), json!([[[[]]]])]);
    values.push(json!(vec![json!({"title": "a", "key": "mz:visio:zoom", "value": "https://x.example/"}); 300]));
    values
}

/// JSON pointers of every value below a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (format!("{at}/{key}"), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(nth, value)| (format!("{at}/{nth}"), value)).collect(),
        _ => Vec::new(),
    };
    for (pointer, value) in below {
        pointers(value, &pointer, found);
        found.push(pointer);
    }
}

fn spoilt(mut value: Value, changes: &[(Index, Index)]) -> Value {
    for (place, with) in changes {
        let mut found = Vec::new();
        pointers(&value, "", &mut found);
        if !found.is_empty()
            && let Some(place) = value.pointer_mut(place.get(&found).as_str())
        {
            *place = with.get(HOSTILE.as_slice()).clone();
        }
    }
    value
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control) && text.chars().count() <= 300
}

fn check(listed: &ListedEvent) {
    let event = &listed.event;
    assert_eq!(event.host, host());
    assert!(event.url.starts_with("https://rdv.example/") && event.uuid().is_some());
    assert!(is_line(&event.title));
    assert!(event.description.as_ref().is_none_or(|html| html.len() <= 64 << 10 && !html.contains('\0')));
    assert!(event.time.ends_at.is_none_or(|end| end > event.time.starts_at));
    assert!(event.tags.len() <= 30 && event.tags.iter().all(|tag| is_line(tag) && tag.chars().count() <= 64));
    assert!(
        event.metadata.len() <= 22
            && event
                .metadata
                .iter()
                .all(|(key, value)| key.starts_with("mz:") && is_line(&value[..value.len().min(200)]))
    );
    assert!(event.pictures.iter().all(|image| image.url.starts_with("https://rdv.example/")));
    for link in [&event.external_participation_url, &event.online_address].into_iter().flatten() {
        assert!(link.starts_with("https://") || link.starts_with("http://"), "{link}");
    }
    for actor in [&event.group, &event.organizer].into_iter().flatten() {
        assert!(is_line(&actor.display_name) && !actor.name.contains(['/', '?', '#', '@', '%', ' ']));
        assert!(actor.url.starts_with("https://"));
    }
    if let Some(address) = &event.address {
        let parts = [&address.name, &address.street, &address.locality, &address.postal_code, &address.country];
        assert!(parts.into_iter().flatten().all(|part| is_line(part)));
    }
    assert!([event.published_at, event.updated_at].into_iter().flatten().all(|at| at <= now()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn spoilt_events_are_left_out_or_sane(changes in prop::collection::vec((any::<Index>(), any::<Index>()), 1..4)) {
        let page = page_of(&[spoilt(item(), &changes), item()]);
        prop_assert!(!page.events.is_empty(), "the other item stays");
        page.events.iter().for_each(check);
    }

    #[test]
    fn spoilt_answers_never_break_the_reader(changes in prop::collection::vec((any::<Index>(), any::<Index>()), 1..4)) {
        let answer = json!({"data": {"searchEvents": {"total": 1, "elements": [item()]}}, "errors": [{"message": "x"}]});
        let answer = spoilt(answer, &changes).to_string();
        if let Ok(page) = parse_events(answer.as_bytes(), &host(), now()) {
            page.events.iter().for_each(check);
        }
        let _ = parse_look(answer.as_bytes(), &host());
        let _ = parse_event(answer.as_bytes(), &host(), now());
    }

    #[test]
    fn spoilt_objects_are_refused_or_sane(changes in prop::collection::vec((any::<Index>(), any::<Index>()), 1..4)) {
        if let Ok(ApObject::Event(listed)) = object_of(&spoilt(ap_event(), &changes)) {
            check(&listed);
        }
        let page = json!({"orderedItems": [{"type": "Announce", "object": {"type": "Create", "object": ap_event()}}]});
        if let Ok(page) = parse_outbox(spoilt(page, &changes).to_string().as_bytes(), &host(), now()) {
            page.events.events.iter().for_each(check);
        }
    }
}
