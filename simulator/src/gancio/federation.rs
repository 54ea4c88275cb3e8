//! ActivityPub documents of a Gancio host.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::listing::{find, picture_file};
use super::spec::{GancioEvent, GancioHost};
use crate::answer::Answer;
use crate::request::Request;

const KIND: &str = "application/activity+json; charset=utf-8";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// Items of a page of the outbox.
const PAGE: usize = 10;

fn is_asked_for(request: &Request) -> bool {
    request
        .header("accept")
        .is_some_and(|accept| accept.contains("application/activity+json") || accept.contains("application/ld+json"))
}

fn actor_url(host: &GancioHost) -> String {
    format!("https://{}/federation/u/{}", host.name, host.actor)
}

/// `/federation/m/{id}`; a browser is sent to the page.
pub(super) fn event(host: &GancioHost, request: &Request, id: &str) -> Answer {
    let found = host.listed().find(|event| event.id.to_string() == id);
    match found {
        None => Answer::empty(404),
        Some(event) if !is_asked_for(request) => Answer::empty(301).with("Location", format!("/event/{}", event.slug)),
        Some(event) => {
            let mut object = object(host, event);
            object.insert("@context".to_owned(), "https://www.w3.org/ns/activitystreams".into());
            Answer::json(200, KIND, &object)
        }
    }
}

/// `/event/{slug}`: a page, or the way to the object.
pub(super) fn page(host: &GancioHost, request: &Request, slug: &str) -> Answer {
    match find(host, slug) {
        None => Answer::empty(404),
        Some(event) if is_asked_for(request) => {
            Answer::empty(302).with("Location", format!("/federation/m/{}", event.id))
        }
        Some(_) => Answer::new(200, "text/html; charset=utf-8", "<!doctype html><title>Gancio</title>"),
    }
}

fn object(host: &GancioHost, event: &GancioEvent) -> Map<String, Value> {
    let zone = TimeZone::get(&host.timezone).unwrap_or(TimeZone::UTC);
    let on_clock = |time: Timestamp| time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
    let place = event.place.and_then(|id| host.places.iter().find(|place| place.id == id)).map(|place| {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), "Place".into());
        fields.insert("id".to_owned(), format!("https://{}/federation/p/{}", host.name, place.id).into());
        fields.insert("name".to_owned(), place.name.as_str().into());
        fields.insert("address".to_owned(), place.address.clone().into());
        if let Some((latitude, longitude)) = place.point {
            fields.insert("latitude".to_owned(), latitude.into());
            fields.insert("longitude".to_owned(), longitude.into());
        }
        Value::Object(fields)
    });
    let online = event.online_locations.iter().map(|url| json!({ "type": "VirtualLocation", "url": url }));
    let mut locations: Vec<Value> = place.into_iter().chain(online).collect();
    let location = if locations.len() == 1 { locations.pop().unwrap_or_default() } else { locations.into() };
    let attachments: Vec<Value> = picture_file(host, event)
        .map(|file| {
            json!({
                "type": "Document", "mediaType": "image/jpeg", "url": format!("https://{}/media/{file}", host.name),
                "name": event.title, "focalPoint": [0, 0],
            })
        })
        .into_iter()
        .collect();
    let tags: Vec<Value> = event
        .tags
        .iter()
        .map(|tag| json!({ "type": "Hashtag", "name": format!("#{tag}"), "href": format!("https://{}/tag/{tag}", host.name) }))
        .collect();
    let value = json!({
        "id": host.url(event),
        "type": "Event",
        "name": event.title,
        "url": format!("https://{}/event/{}", host.name, event.slug),
        "startTime": on_clock(event.begins_on),
        "endTime": event.ends_on.map(on_clock),
        "location": location,
        "attachment": attachments,
        "tag": tags,
        "published": event.updated_at.to_string(),
        "updated": event.updated_at.to_string(),
        "attributedTo": actor_url(host),
        "to": [PUBLIC],
        "cc": [format!("{}/followers", actor_url(host))],
        "content": event.description,
        "summary": event.title,
    });
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The one actor of the host.
pub(super) fn actor(host: &GancioHost, name: &str) -> Answer {
    if name != host.actor {
        return Answer::empty(404);
    }
    let url = actor_url(host);
    let body = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": url,
        "type": "Application",
        "name": host.title,
        "preferredUsername": host.actor,
        "inbox": format!("{url}/inbox"),
        "outbox": format!("{url}/outbox"),
        "discoverable": true,
    });
    Answer::json(200, KIND, &body)
}

/// The outbox of that actor, the latest beginning first.
pub(super) fn outbox(host: &GancioHost, request: &Request, name: &str) -> Answer {
    if name != host.actor {
        return Answer::empty(404);
    }
    let id = format!("{}/outbox", actor_url(host));
    let mut events: Vec<&GancioEvent> = host.listed().collect();
    events.sort_by_key(|event| (Reverse(event.begins_on), event.id));
    let Some(page) = request.parameter("page").map(|text| text.parse::<usize>().unwrap_or(1).max(1)) else {
        let body = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "OrderedCollection",
            "totalItems": events.len(), "first": format!("{id}?page=1"),
        });
        return Answer::json(200, KIND, &body);
    };
    let n_before = PAGE.saturating_mul(page - 1);
    let items: Vec<Value> = events
        .iter()
        .skip(n_before)
        .take(PAGE)
        .map(|event| {
            json!({
                "type": "Create", "id": format!("{}#create", host.url(event)), "actor": actor_url(host), "to": [PUBLIC],
                "object": object(host, event),
            })
        })
        .collect();
    let mut body = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{id}?page={page}"),
        "type": "OrderedCollectionPage",
        "partOf": id,
        "totalItems": events.len(),
        "orderedItems": items,
    });
    if let (Value::Object(fields), true) = (&mut body, n_before + PAGE < events.len()) {
        fields.insert("next".to_owned(), format!("{id}?page={}", page + 1).into());
    }
    Answer::json(200, KIND, &body)
}
