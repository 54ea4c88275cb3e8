//! Events, groups, persons, addresses and pictures as objects of the API, with every field a version may have.

use serde_json::{Map, Value, json};

use crate::mobilizon::group::{GroupSpec, PersonSpec};
use crate::mobilizon::host::{MobilizonHost, utc};
use crate::mobilizon::spec::{AddressSpec, EventSpec};
use crate::picture;

/// Longer events are long ones, in days.
pub(super) const LONG_EVENT_DAYS: i64 = 30;

/// A number that stands for a database id: local to the host, never the same on two.
pub(super) fn database_id(host: &MobilizonHost, url: &str) -> String {
    (picture::seed_of(&[&host.name, url]) % 1_000_000).to_string()
}

/// Whether an event is longer than a month.
pub(super) fn is_long(event: &EventSpec) -> bool {
    event.ends_on.is_some_and(|end| end.as_second() - event.begins_on.as_second() > LONG_EVENT_DAYS * 86_400)
}

/// The event as the field `event` and a search of the host itself give it.
pub(in crate::mobilizon) fn event(host: &MobilizonHost, event: &EventSpec) -> Value {
    let group = host.group_of(event);
    let local = host.is_local(event);
    let banner = event.picture.map(|revision| {
        let path = picture::media_path(&[&event.url()], revision);
        media(&event.host, &path, "banner.jpg", picture::PREVIEW_SIZE)
    });
    let category =
        if host.version.has_category_enum() { event.category.clone() } else { event.category.to_lowercase() };
    let tags: Vec<Value> = event
        .tags
        .iter()
        .map(|tag| json!({ "id": database_id(host, tag), "slug": slug(tag), "title": tag, "related": [] }))
        .collect();
    let metadata: Vec<Value> = event.metadata.iter().map(|(key, value)| metadatum(key, value)).collect();
    let person = host.persons.iter().find(|person| event.host == host.name && person.username == event.organizer);
    // The organiser of a group's event is not shown to outsiders.
    let organizer = match group {
        Some(_) => Value::Null,
        None => actor_of_person(host, &event.host, &event.organizer, person),
    };
    let value = json!({
        "__typename": "Event",
        "id": database_id(host, &event.url()),
        "uuid": event.uuid,
        "url": event.url(),
        "local": local,
        "title": event.title,
        "slug": null,
        "description": event.description,
        "beginsOn": utc(event.begins_on),
        "endsOn": event.ends_on.map(utc),
        "longEvent": is_long(event),
        "status": event.status.word(),
        "visibility": event.visibility.word(),
        "joinOptions": event.join.word(),
        "externalParticipationUrl": event.external_url,
        "picture": banner,
        "media": [],
        "publishAt": event.published_at.map(utc),
        "physicalAddress": event.address.as_ref().map(|address| self::address(host, &event.url(), address)),
        "onlineAddress": event.online_address,
        "phoneAddress": null,
        "attributedTo": group.map(|group| self::group(host, group)),
        "organizerActor": organizer,
        "contacts": [],
        "tags": tags,
        "category": category,
        "draft": event.draft,
        "participantStats": participants(event),
        "relatedEvents": [],
        "updatedAt": utc(event.updated_at),
        "insertedAt": utc(event.inserted_at),
        "createdAt": utc(event.inserted_at),
        "options": options(event),
        "metadata": metadata,
        "language": event.language.as_deref().unwrap_or("und"),
    });
    with_raw(value, &event.raw)
}

fn participants(event: &EventSpec) -> Value {
    json!({
        "going": event.n_participants + 1,
        "notApproved": 0,
        "notConfirmed": 0,
        "rejected": 0,
        "participant": event.n_participants,
        "moderator": 0,
        "administrator": 0,
        "creator": 1,
    })
}

fn options(event: &EventSpec) -> Value {
    json!({
        "maximumAttendeeCapacity": event.capacity,
        // It is not kept up to date.
        "remainingAttendeeCapacity": 0,
        "showRemainingAttendeeCapacity": event.capacity > 0,
        "anonymousParticipation": false,
        "offers": [],
        "participationConditions": [],
        "attendees": [],
        "program": null,
        "commentModeration": "ALLOW_ALL",
        "showParticipationPrice": false,
        "hideNumberOfParticipants": event.hides_participants,
        "showStartTime": event.shows_start_time,
        "showEndTime": event.shows_end_time,
        "timezone": event.timezone,
        "hideOrganizerWhenGroupEvent": false,
        "isOnline": event.is_online,
    })
}

/// The event as the global index gives it.
pub(super) fn event_result(host: &MobilizonHost, event: &EventSpec) -> Value {
    let mut value = self::event(host, event);
    if let Value::Object(fields) = &mut value {
        fields.insert("__typename".to_owned(), "EventResult".into());
        fields.insert("id".to_owned(), event.url().into());
    }
    value
}

/// The group, which is an actor too.
pub(in crate::mobilizon) fn group(host: &MobilizonHost, group: &GroupSpec) -> Value {
    let image = |wanted: bool, name: &str, number| {
        wanted.then(|| {
            let path = picture::media_path(&[&group.url(), name], number);
            media(&group.host, &path, &format!("{name}.jpg"), picture::PREVIEW_SIZE)
        })
    };
    let local = group.host == host.name;
    let value = json!({
        "__typename": "Group",
        "id": database_id(host, &group.url()),
        "url": group.url(),
        "type": "GROUP",
        "name": group.name,
        "domain": (!local).then_some(&group.host),
        "local": local,
        "summary": group.summary,
        "preferredUsername": group.username,
        "manuallyApprovesFollowers": group.approves_followers,
        "visibility": group.visibility.word(),
        "suspended": group.suspended,
        "avatar": image(group.has_avatar, "avatar", 0),
        "banner": image(group.has_banner, "banner", 0),
        "physicalAddress": group.address.as_ref().map(|address| self::address(host, &group.url(), address)),
        "followersCount": group.n_followers,
        "followingCount": 0,
        "membersCount": group.n_members,
        "mediaSize": null,
        "types": "GROUP",
        "openness": group.openness.word(),
    });
    with_raw(value, &group.raw)
}

fn actor_of_person(host: &MobilizonHost, of_host: &str, username: &str, person: Option<&PersonSpec>) -> Value {
    let url = format!("https://{of_host}/@{username}");
    json!({
        "__typename": "Person",
        "id": database_id(host, &url),
        "url": url,
        "type": "PERSON",
        "name": person.and_then(|person| person.name.as_deref()),
        "domain": (of_host != host.name).then_some(of_host),
        "local": of_host == host.name,
        "summary": null,
        "preferredUsername": username,
        "manuallyApprovesFollowers": false,
        "suspended": false,
        "avatar": null,
        "banner": null,
        "followersCount": null,
        "followingCount": null,
        "mediaSize": null,
    })
}

fn address(host: &MobilizonHost, owner: &str, address: &AddressSpec) -> Value {
    let id = address_id(owner);
    json!({
        "geom": address.geom,
        "street": address.street,
        "locality": address.locality,
        "postalCode": address.postal_code,
        "region": address.region,
        "country": address.country,
        "description": address.description,
        "type": address.kind,
        "url": format!("https://{}/address/{id}", host.name),
        "id": database_id(host, owner),
        "originId": null,
        "timezone": address.timezone,
        "pictureInfo": null,
    })
}

/// The uuid of the address of an event or a group.
pub(in crate::mobilizon) fn address_id(owner: &str) -> uuid::Uuid {
    crate::catalogue::uuid_of(&format!("{owner} address"))
}

fn media(host: &str, path: &str, name: &str, (width, height): (u32, u32)) -> Value {
    json!({
        "id": (picture::seed_of(&[path]) % 100_000).to_string(),
        "alt": null,
        "name": name,
        "url": format!("https://{host}{path}?name={name}"),
        "contentType": "image/jpeg",
        "size": 48_000,
        "metadata": { "width": width, "height": height, "blurhash": null },
    })
}

fn metadatum(key: &str, value: &Value) -> Value {
    let kind = match value {
        Value::Bool(_) => "BOOLEAN",
        Value::Number(number) if number.is_f64() => "FLOAT",
        Value::Number(_) => "INTEGER",
        _ => "STRING",
    };
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    json!({ "key": key, "title": null, "value": text, "type": kind })
}

/// The part of a tag in addresses.
pub(in crate::mobilizon) fn slug(tag: &str) -> String {
    tag.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

fn with_raw(mut value: Value, raw: &Map<String, Value>) -> Value {
    if let Value::Object(fields) = &mut value {
        for (name, said) in raw {
            fields.insert(name.clone(), said.clone());
        }
    }
    value
}
