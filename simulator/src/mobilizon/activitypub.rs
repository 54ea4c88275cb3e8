//! ActivityPub documents: events, groups, the relay and its outbox.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::group::GroupSpec;
use super::host::{MobilizonHost, utc};
use super::resolve::objects;
use super::spec::{AddressSpec, EventSpec, Visibility};
use super::version::MobilizonVersion;
use crate::answer::Answer;
use crate::picture;
use crate::request::Request;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const KIND: &str = "application/activity+json; charset=utf-8";
/// Items of a page of an outbox.
const PAGE: usize = 10;

/// Whether a client asks for the document rather than the page.
pub(super) fn is_asked_for(request: &Request) -> bool {
    request
        .header("accept")
        .is_some_and(|accept| accept.contains("application/activity+json") || accept.contains("application/ld+json"))
}

/// `/events/{uuid}`.
pub(super) fn event(host: &MobilizonHost, uuid: Uuid) -> Answer {
    if let Some(deleted) = host.gone_events.get(&uuid) {
        return tombstone(&format!("https://{}/events/{uuid}", host.name), *deleted);
    }
    match host.event(uuid) {
        Some(event) if !host.is_local(event) => Answer::empty(302).with("Location", event.url()),
        Some(event) if event.visibility.is_open() && !event.draft && !host.is_suspended(event) => {
            let mut object = object(host, event);
            if let Value::Object(fields) = &mut object {
                fields.insert("@context".to_owned(), context());
            }
            let answer = Answer::json(200, KIND, &object);
            // Pages that are not public say so.
            if event.visibility == Visibility::Public { answer } else { answer.with("X-Robots-Tag", "noindex") }
        }
        _ => not_found(),
    }
}

fn not_found() -> Answer {
    Answer::json(404, "application/json; charset=utf-8", &json!({ "errors": { "detail": "Not Found" } }))
}

fn tombstone(id: &str, deleted: Timestamp) -> Answer {
    let body = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Tombstone",
        "id": id,
        "deleted": utc(deleted),
    });
    Answer::json(410, KIND, &body)
}

fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        { "mz": "https://joinmobilizon.org/ns#", "sc": "http://schema.org#", "uuid": "sc:identifier", "Hashtag": "as:Hashtag" },
    ])
}

/// The Event object.
fn object(host: &MobilizonHost, event: &EventSpec) -> Value {
    let actor = format!("https://{}/@{}", event.host, event.organizer);
    let attributed_to = host.group_of(event).map_or_else(|| actor.clone(), GroupSpec::url);
    let followers = format!("{attributed_to}/followers");
    let (to, cc) = match event.visibility {
        Visibility::Public => (json!([PUBLIC]), json!([followers])),
        _ => (json!([followers]), json!([PUBLIC])),
    };
    let tags: Vec<Value> = event
        .tags
        .iter()
        .map(|tag| {
            let href = format!("https://{}/tags/{}", event.host, objects::slug(tag));
            json!({ "type": "Hashtag", "name": format!("#{tag}"), "href": href })
        })
        .collect();
    let mut attachments: Vec<Value> = Vec::new();
    if let Some(revision) = event.picture {
        let url = format!("https://{}{}", event.host, picture::media_path(&[&event.url()], revision));
        attachments.push(json!({ "type": "Document", "mediaType": "image/jpeg", "name": "Banner", "url": url }));
    }
    if let Some(url) = &event.online_address {
        attachments.push(json!({ "type": "Link", "mediaType": "text/html", "name": "Website", "href": url }));
    }
    for (key, value) in &event.metadata {
        attachments.push(json!({ "type": "PropertyValue", "propertyID": key, "value": value }));
    }
    let zone = event.timezone.as_deref();
    let object = json!({
        "type": "Event",
        "id": event.url(),
        "url": event.url(),
        "uuid": event.uuid,
        "name": event.title,
        "content": event.description,
        "summary": event.title,
        "mediaType": "text/html",
        "category": event.category,
        "published": event.published_at.map(utc),
        "updated": utc(event.updated_at),
        "startTime": in_zone(event.begins_on, zone),
        "endTime": event.ends_on.map(|end| in_zone(end, zone)),
        "timezone": event.timezone,
        "status": event.status.word(),
        "ical:status": event.status.word(),
        "joinMode": event.join.word().to_lowercase(),
        "externalParticipationUrl": event.external_url,
        "maximumAttendeeCapacity": event.capacity,
        "remainingAttendeeCapacity": event.n_free_places(),
        "participantCount": event.n_participants,
        "repliesModerationOption": "allow_all",
        "commentsEnabled": true,
        "anonymousParticipationEnabled": false,
        "draft": event.draft,
        "inLanguage": event.language.as_deref().unwrap_or("und"),
        "isOnline": event.is_online,
        "contacts": [],
        "actor": actor,
        "attributedTo": attributed_to,
        "to": to,
        "cc": cc,
        "tag": tags,
        "attachment": attachments,
        "location": event.address.as_ref().map(|address| place(host, &event.url(), address)),
    });
    let mut object = without_unset(object, &["location", "endTime", "externalParticipationUrl"]);
    if let (Value::Object(fields), MobilizonVersion::V1_1) = (&mut object, host.version) {
        // The first two came with 2.0, the others with 2.1.
        for name in ["timezone", "inLanguage", "isOnline", "participantCount", "remainingAttendeeCapacity"] {
            fields.remove(name);
        }
    }
    object
}

/// Leaves out what is null among some fields.
fn without_unset(mut object: Value, names: &[&str]) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|name, value| !value.is_null() || !names.contains(&name.as_str()));
    }
    object
}

/// A time with the offset of a zone; of UTC when the zone is not known.
fn in_zone(time: Timestamp, zone: Option<&str>) -> String {
    let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    time.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn place(host: &MobilizonHost, owner: &str, address: &AddressSpec) -> Value {
    let mut place = Map::new();
    let id = format!("https://{}/address/{}", host.name, objects::address_id(owner));
    place.insert("type".to_owned(), "Place".into());
    place.insert("id".to_owned(), id.into());
    place.insert("name".to_owned(), address.description.clone().into());
    let postal = json!({
        "type": "PostalAddress",
        "addressCountry": address.country,
        "addressLocality": address.locality,
        "addressRegion": address.region,
        "postalCode": address.postal_code,
        "streetAddress": address.street,
    });
    place.insert("address".to_owned(), postal);
    let point = address.point().map(|(longitude, latitude)| match host.version.swaps_coordinates() {
        true => (latitude, longitude),
        false => (longitude, latitude),
    });
    if let Some((longitude, latitude)) = point {
        place.insert("latitude".to_owned(), latitude.into());
        place.insert("longitude".to_owned(), longitude.into());
    }
    place.into()
}

/// `/@name`: a group, or the person.
pub(super) fn actor(host: &MobilizonHost, username: &str) -> Answer {
    if let Some(deleted) = host.gone_groups.get(username) {
        return tombstone(&format!("https://{}/@{username}", host.name), *deleted);
    }
    match host.group(username) {
        Some(group) if group.suspended => tombstone(&group.url(), group.created_at),
        Some(group) if group.visibility != Visibility::Private => Answer::json(200, KIND, &self::group(host, group)),
        Some(_) => not_found(),
        None => match host.persons.iter().find(|person| person.username == username) {
            Some(person) => {
                let url = format!("https://{}/@{username}", host.name);
                let body = json!({
                    "@context": context(),
                    "type": "Person",
                    "id": url,
                    "url": url,
                    "preferredUsername": username,
                    "name": person.name,
                    "summary": null,
                    "inbox": format!("{url}/inbox"),
                    "outbox": format!("{url}/outbox"),
                    "discoverable": false,
                    "manuallyApprovesFollowers": false,
                });
                Answer::json(200, KIND, &body)
            }
            None => not_found(),
        },
    }
}

fn group(host: &MobilizonHost, group: &GroupSpec) -> Value {
    let url = group.url();
    let image = |wanted: bool, name: &str| {
        let path = picture::media_path(&[&url, name], 0);
        wanted.then(
            || json!({ "type": "Image", "mediaType": "image/jpeg", "url": format!("https://{}{path}", group.host) }),
        )
    };
    let body = json!({
        "@context": context(),
        "type": "Group",
        "id": url,
        "url": url,
        "preferredUsername": group.username,
        "name": group.name,
        "summary": group.summary,
        "inbox": format!("{url}/inbox"),
        "outbox": format!("{url}/outbox"),
        "followers": format!("{url}/followers"),
        "members": format!("{url}/members"),
        "events": format!("{url}/events"),
        "icon": image(group.has_avatar, "avatar"),
        "image": image(group.has_banner, "banner"),
        "openness": group.openness.word().to_lowercase(),
        "memberCount": group.n_members,
        "discoverable": group.visibility == Visibility::Public,
        "manuallyApprovesFollowers": group.approves_followers,
        "location": group.address.as_ref().map(|address| place(host, &url, address)),
    });
    let mut body = without_unset(body, &["icon", "image"]);
    if let (Value::Object(fields), MobilizonVersion::V1_1) = (&mut body, host.version) {
        fields.remove("memberCount");
    }
    body
}

/// `/relay`.
pub(super) fn relay(host: &MobilizonHost) -> Answer {
    if !host.has_relay {
        return not_found();
    }
    let url = format!("https://{}/relay", host.name);
    let body = json!({
        "@context": context(),
        "type": "Application",
        "id": url,
        "url": url,
        "preferredUsername": "relay",
        "name": host.display_name,
        "inbox": format!("https://{}/inbox", host.name),
        "outbox": format!("https://{}/@relay/outbox", host.name),
    });
    Answer::json(200, KIND, &body)
}

/// `/@relay/outbox`: the public events of the host, by beginning. `next` leads one page too far, as it really does.
pub(super) fn outbox(host: &MobilizonHost, request: &Request) -> Answer {
    if !host.has_relay {
        return not_found();
    }
    let id = format!("https://{}/@relay/outbox", host.name);
    let mut events: Vec<&EventSpec> = host.listed_events().collect();
    events.sort_by_key(|event| (event.begins_on, event.uuid));
    let Some(page) = request.parameter("page").map(|text| text.parse::<usize>().unwrap_or(1).max(1)) else {
        let first = format!("{id}?page=1");
        let body = json!({
            "@context": context(), "id": id, "type": "OrderedCollection", "totalItems": events.len(), "first": first,
        });
        return Answer::json(200, KIND, &body);
    };
    let items: Vec<Value> =
        events.iter().skip(PAGE.saturating_mul(page - 1)).take(PAGE).map(|event| activity(host, event)).collect();
    let mut body = json!({
        "@context": context(),
        "id": format!("{id}?page={page}"),
        "type": "OrderedCollectionPage",
        "partOf": id,
        "totalItems": events.len(),
        "orderedItems": items,
    });
    if let (Value::Object(fields), true) = (&mut body, PAGE.saturating_mul(page - 1) < events.len()) {
        fields.insert("next".to_owned(), format!("{id}?page={}", page + 1).into());
    }
    Answer::json(200, KIND, &body)
}

fn activity(host: &MobilizonHost, event: &EventSpec) -> Value {
    let object = object(host, event);
    let create = json!({
        "type": "Create",
        "id": format!("{}/activity", event.url()),
        "actor": object.get("actor"),
        "attributedTo": object.get("attributedTo"),
        "published": object.get("published"),
        "to": object.get("to"),
        "cc": object.get("cc"),
        "object": object,
    });
    if !host.version.announces() {
        return create;
    }
    json!({
        "type": "Announce",
        "id": format!("https://{}/announces/{}", host.name, event.uuid),
        "actor": format!("https://{}/relay", host.name),
        "to": [PUBLIC],
        "object": create,
    })
}
