//! `searchEvents`, `events` and `event`.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use super::{Refusal, objects, page};
use crate::mobilizon::geohash;
use crate::mobilizon::graphql::GraphqlError;
use crate::mobilizon::graphql::arguments::Arguments;
use crate::mobilizon::host::MobilizonHost;
use crate::mobilizon::spec::{EventSpec, EventStatus, Visibility};

/// The first limit that `events` refuses.
const MAX_EVENTS: i64 = 100;

/// `searchEvents`: the host's own events and those of followed instances, or what the global index holds.
pub(super) fn search(host: &MobilizonHost, arguments: &Arguments, now: Timestamp) -> Result<Value, Refusal> {
    let is_null = |name: &str| arguments.get(name).is_some_and(Value::is_null);
    if !host.version.accepts_null_dates() && (is_null("beginsOn") || is_null("endsOn")) {
        return Err(Refusal::Crash);
    }
    // Left out is now; null is no bound.
    let begins_on = if is_null("beginsOn") { None } else { Some(arguments.time("beginsOn").unwrap_or(now)) };
    let ends_on = arguments.time("endsOn");
    let bounding_box = match arguments.text("bbox").map(bounding_box) {
        Some(None) => return Err(Refusal::Crash),
        Some(Some(bounds)) => Some(bounds),
        None => None,
    };
    let target = arguments.text("searchTarget").unwrap_or("INTERNAL");
    let is_global = host.searches_globally || target == "GLOBAL";
    let events = host.events.iter().chain(host.global_events.iter().filter(|_| is_global));
    let mut found: Vec<&EventSpec> = events
        .filter(|event| {
            event.visibility == Visibility::Public
                && (!event.draft || host.version.leaks_drafts())
                && !host.is_suspended(event)
        })
        .filter(|event| is_global || target != "SELF" || host.is_local(event))
        .filter(|event| begins_on.is_none_or(|from| event.is_unfinished(from)))
        .filter(|event| ends_on.is_none_or(|until| event.ends_on.unwrap_or(event.begins_on) <= until))
        .filter(|event| matches(event, arguments) && is_near(event, arguments, bounding_box))
        .collect();
    sort(&mut found, arguments.text("sortBy").unwrap_or("MATCH_DESC"));
    let shown = |event: &EventSpec| {
        if is_global { objects::event_result(host, event) } else { objects::event(host, event) }
    };
    Ok(page(found, arguments, shown))
}

/// The order of a search. Without words in it, the best match is the latest beginning.
fn sort(events: &mut [&EventSpec], sort: &str) {
    match sort {
        "START_TIME_ASC" => events.sort_by_key(|event| (event.begins_on, event.uuid)),
        "CREATED_AT_DESC" => events.sort_by_key(|event| (Reverse(event.published_at), event.uuid)),
        "CREATED_AT_ASC" => events.sort_by_key(|event| (event.published_at, event.uuid)),
        "PARTICIPANT_COUNT_DESC" => events.sort_by_key(|event| (Reverse(event.n_participants), event.uuid)),
        _ => events.sort_by_key(|event| (Reverse(event.begins_on), event.uuid)),
    }
}

fn matches(event: &EventSpec, arguments: &Arguments) -> bool {
    let term = arguments.text("term").unwrap_or_default().trim().to_lowercase();
    if !term.is_empty() {
        let all =
            format!("{} {} {}", event.title, event.tags.join(" "), event.description.as_deref().unwrap_or_default());
        let all = all.to_lowercase();
        let has_words = term.split_whitespace().all(|word| all.contains(word));
        if !has_words && !event.title.to_lowercase().contains(&term) {
            return false;
        }
    }
    let any = |wanted: Vec<&str>, is: &dyn Fn(&str) -> bool| wanted.is_empty() || wanted.into_iter().any(is);
    let tags: Vec<&str> = arguments.text("tags").unwrap_or_default().split(',').filter(|tag| !tag.is_empty()).collect();
    let is_online = match arguments.text("type") {
        Some("ONLINE") => Some(true),
        Some("IN_PERSON") => Some(false),
        _ => None,
    };
    let long = arguments.get("longEvents").or_else(|| arguments.get("longevents")).and_then(Value::as_bool);
    any(tags, &|tag| event.tags.iter().any(|own| own.eq_ignore_ascii_case(tag) || objects::slug(own) == tag))
        && arguments.text("category").is_none_or(|category| event.category == category)
        && any(arguments.texts("categoryOneOf"), &|category| event.category == category)
        && any(arguments.texts("statusOneOf"), &|status| event.status.word() == status)
        && any(arguments.texts("languageOneOf"), &|language| event.language.as_deref() == Some(language))
        && is_online.is_none_or(|online| event.is_online == online)
        && long.is_none_or(|long| objects::is_long(event) == long)
}

type Bounds = (f64, f64, f64, f64);

fn is_near(event: &EventSpec, arguments: &Arguments, bounds: Option<Bounds>) -> bool {
    let point = event.address.as_ref().and_then(|address| address.point());
    if let Some(centre) = arguments.text("location").filter(|text| !text.is_empty()).and_then(geohash::decode) {
        let radius = arguments.get("radius").and_then(Value::as_f64).unwrap_or(50.0);
        if !point.is_some_and(|point| geohash::distance_km(point, centre) <= radius) {
            return false;
        }
    }
    bounds.is_none_or(|(north, west, south, east)| {
        point.is_some_and(|(longitude, latitude)| {
            (south..=north).contains(&latitude) && (west..=east).contains(&longitude)
        })
    })
}

/// Reads `lat, lon:lat, lon`. A host falls over numbers without a point.
fn bounding_box(text: &str) -> Option<Bounds> {
    let mut numbers = text.split([':', ',']).map(|number| {
        let number = number.trim();
        number.contains('.').then(|| number.parse::<f64>().ok()).flatten()
    });
    let bounds = (numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(bounds)
}

/// `events`: what is not over and not cancelled, of this host and of followed ones. Never from the global index.
pub(super) fn upcoming(host: &MobilizonHost, arguments: &Arguments, now: Timestamp) -> Result<Value, Refusal> {
    if arguments.integer("limit").is_some_and(|limit| limit >= MAX_EVENTS) {
        let message = "The maximum number of events that can be asked for is 100";
        return Err(Refusal::Error(GraphqlError::coded(message, "events_max_limit_reached", 422)));
    }
    let mut found: Vec<&EventSpec> = host
        .events
        .iter()
        .filter(|event| event.is_listed() && !host.is_suspended(event))
        .filter(|event| event.is_unfinished(now) && event.status != EventStatus::Cancelled)
        .collect();
    order(&mut found, arguments.text("orderBy"), arguments.text("direction"));
    Ok(page(found, arguments, |event| objects::event(host, event)))
}

/// The orders of `events` and `organizedEvents`.
pub(super) fn order(events: &mut [&EventSpec], by: Option<&str>, direction: Option<&str>) {
    match by {
        Some("UPDATED_AT") => events.sort_by_key(|event| (event.updated_at, event.uuid)),
        Some("INSERTED_AT") => events.sort_by_key(|event| (event.inserted_at, event.uuid)),
        _ => events.sort_by_key(|event| (event.begins_on, event.uuid)),
    }
    if direction == Some("DESC") {
        events.reverse();
    }
}

/// `event`: public and unlisted ones.
pub(super) fn one(host: &MobilizonHost, arguments: &Arguments) -> Result<Value, Refusal> {
    let uuid = arguments.text("uuid").and_then(|text| text.parse().ok());
    uuid.and_then(|uuid| host.event(uuid))
        .filter(|event| event.visibility.is_open() && !event.draft && !host.is_suspended(event))
        .map(|event| objects::event(host, event))
        .ok_or_else(|| Refusal::Error(GraphqlError::coded("Event not found", "event_not_found", 404)))
}
