//! `/api/events` and `/api/event/detail`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::JSON;
use super::spec::{GancioEvent, GancioHost};
use crate::answer::Answer;
use crate::picture;
use crate::request::Request;

/// `/api/events`: an array, by beginning. What ends before `start`, or begins before it and has no end, is left out.
pub(super) fn events(host: &GancioHost, request: &Request, now: Timestamp) -> Answer {
    let number = |name: &str| request.parameter(name).and_then(|text| text.parse::<i64>().ok());
    let is_set = |name: &str| request.parameter(name) == Some("true");
    let start = number("start").unwrap_or(now.as_second());
    let end = number("end");
    let query = request.parameter("query").unwrap_or_default().to_lowercase();
    let tags: Vec<&str> = list(request, "tags");
    let places: Vec<&str> = list(request, "places");
    let older = is_set("older");
    let mut found: Vec<&GancioEvent> = host
        .events
        .iter()
        .filter(|event| event.is_visible)
        // A search finds what came from elsewhere, too.
        .filter(|event| event.from.is_none() || !query.is_empty())
        .filter(|event| {
            let last = event.ends_on.unwrap_or(event.begins_on).as_second();
            if older { event.begins_on.as_second() < start } else { start == 0 || last >= start }
        })
        .filter(|event| end.is_none_or(|end| event.begins_on.as_second() <= end))
        .filter(|event| request.parameter("show_recurrent") != Some("false") || event.parent.is_none())
        .filter(|event| query.is_empty() || event.title.to_lowercase().contains(&query))
        .filter(|event| tags.is_empty() || event.tags.iter().any(|tag| tags.contains(&tag.as_str())))
        .filter(|event| {
            places.is_empty() || event.place.is_some_and(|place| places.contains(&place.to_string().as_str()))
        })
        .collect();
    found.sort_by_key(|event| (event.begins_on, event.id));
    if older {
        found.reverse();
    }
    // Pages need a size.
    let max = number("max").and_then(|max| usize::try_from(max).ok());
    let page = number("page").and_then(|page| usize::try_from(page).ok()).unwrap_or(0);
    let skipped = max.map_or(0, |max| max.saturating_mul(page));
    let items: Vec<Value> = found
        .into_iter()
        .skip(skipped)
        .take(max.unwrap_or(usize::MAX))
        .map(|event| Value::Object(item(host, event)))
        .collect();
    Answer::json(200, JSON, &items)
}

fn list<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    request.parameter(name).unwrap_or_default().split(',').filter(|text| !text.is_empty()).collect()
}

fn item(host: &GancioHost, event: &GancioEvent) -> Map<String, Value> {
    let media: Vec<Value> = picture_file(host, event)
        .map(|file| {
            json!({
                "url": file, "name": event.title, "focalpoint": [0, 0], "height": picture::PREVIEW_SIZE.1,
                "width": picture::PREVIEW_SIZE.0, "size": 48_000,
            })
        })
        .into_iter()
        .collect();
    let place = event.place.and_then(|id| host.places.iter().find(|place| place.id == id)).map(|place| {
        json!({
            "id": place.id, "name": place.name, "address": place.address,
            "latitude": place.point.map(|(latitude, _)| latitude), "longitude": place.point.map(|(_, longitude)| longitude),
        })
    });
    let value = json!({
        "id": event.id,
        "title": event.title,
        "slug": event.slug,
        "multidate": false,
        "start_datetime": event.begins_on.as_second(),
        "end_datetime": event.ends_on.map(Timestamp::as_second),
        "media": media,
        "online_locations": event.online_locations,
        "updatedAt": event.updated_at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "apUserApId": event.from,
        "parentId": event.parent,
        "tags": event.tags,
        "place": place,
    });
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The file name of an event's picture.
pub(super) fn picture_file(host: &GancioHost, event: &GancioEvent) -> Option<String> {
    let path = picture::media_path(&[&host.url(event)], event.picture?);
    path.rsplit('/').next().map(str::to_owned)
}

/// One event with its description, by its slug or its number.
pub(super) fn detail(host: &GancioHost, id: &str) -> Answer {
    let id = id.strip_suffix(".json").unwrap_or(id);
    let Some(event) = find(host, id) else { return Answer::empty(404) };
    let mut fields = item(host, event);
    let description = event.description.as_deref().unwrap_or_default();
    let plain: String = description.replace("<p>", "").replace("</p>", "\n");
    for (name, value) in [
        ("description", json!(description)),
        ("plain_description", json!(plain.trim())),
        ("original_url", Value::Null),
        ("resources", json!([])),
        ("parent", event.parent.map_or(Value::Null, |parent| json!({ "id": parent }))),
        ("next", Value::Null),
        ("prev", Value::Null),
        ("isAnon", json!(false)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    Answer::json(200, JSON, &fields)
}

/// A shown event by its slug or its number.
pub(super) fn find<'a>(host: &'a GancioHost, id: &str) -> Option<&'a GancioEvent> {
    host.events.iter().find(|event| event.is_visible && (event.slug == id || event.id.to_string() == id))
}
