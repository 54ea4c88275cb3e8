//! What the instance federates: events and groups as ActivityPub objects, alone or in the outbox of its relay, and the
//! list of events in its calendar.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Actor, Address, Event, Group, JoinMode, Openness};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::event::{category, collect_facts, language, status};
use super::group::ListedGroup;
use crate::reading::consent::{description, flag};
use crate::reading::date::date;
use crate::reading::events::{
    EventsPage, ListedEvent, MAX_HTML_BYTES, MAX_TITLE_CHARS, image, tags, to_actor, updated_ms,
};
use crate::reading::lenient::{Bounded, Maybe, Scalar, object};
use crate::reading::origin::{Rejection, check_origin, parse_item};
use crate::reading::place::{part, some, to_point};
use crate::reading::remark::Remark;
use crate::reading::text;
use crate::reading::time::{moment, to_time};

/// Most items looked at in one page, and most parts of one item.
const MAX_ITEMS: usize = 500;

/// The collection that means everybody, in its three spellings.
const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// What an address of an event answers as ActivityPub.
#[derive(Clone, Debug, PartialEq)]
pub enum ApObject {
    /// The event.
    Event(Box<ListedEvent>),
    /// A mark that it was deleted.
    Tombstone,
}

/// A page of the relay's outbox.
#[derive(Clone, Debug, Default)]
pub struct OutboxPage {
    /// Its events.
    pub events: EventsPage,
    /// Rows on the page, comments included: none mean the end.
    pub n_items: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ApEvent<'a> {
    #[serde(rename = "type")]
    kind: Scalar,
    id: Scalar,
    url: Scalar,
    name: Scalar,
    content: Scalar,
    category: Scalar,
    published: Scalar,
    updated: Scalar,
    start_time: Scalar,
    end_time: Scalar,
    timezone: Scalar,
    status: Scalar,
    #[serde(rename = "ical:status")]
    ical_status: Scalar,
    join_mode: Scalar,
    external_participation_url: Scalar,
    maximum_attendee_capacity: Scalar,
    anonymous_participation_enabled: Scalar,
    draft: Scalar,
    in_language: Scalar,
    is_online: Scalar,
    actor: Scalar,
    attributed_to: Scalar,
    #[serde(borrow)]
    to: Option<&'a RawValue>,
    tag: Bounded<Maybe<ApTag>, MAX_ITEMS>,
    attachment: Bounded<Maybe<ApAttachment>, MAX_ITEMS>,
    location: Maybe<ApPlace>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApTag {
    #[serde(rename = "type")]
    kind: Scalar,
    name: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ApAttachment {
    #[serde(rename = "type")]
    kind: Scalar,
    name: Scalar,
    url: Scalar,
    href: Scalar,
    width: Scalar,
    height: Scalar,
    #[serde(rename = "propertyID")]
    property_id: Scalar,
    value: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApPlace {
    id: Scalar,
    name: Scalar,
    latitude: Scalar,
    longitude: Scalar,
    /// The form of 2019 to 2021, which has the two swapped.
    geo: Maybe<ApGeo>,
    address: Maybe<ApAddress>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApGeo {
    latitude: Scalar,
    longitude: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ApAddress {
    street_address: Scalar,
    address_locality: Scalar,
    postal_code: Scalar,
    address_region: Scalar,
    address_country: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ApActor {
    #[serde(rename = "type")]
    kind: Scalar,
    id: Scalar,
    preferred_username: Scalar,
    name: Scalar,
    summary: Scalar,
    openness: Scalar,
    member_count: Scalar,
    discoverable: Scalar,
    #[serde(rename = "toot:discoverable")]
    toot_discoverable: Scalar,
    indexable: Scalar,
    #[serde(rename = "toot:indexable")]
    toot_indexable: Scalar,
    icon: Maybe<ApAttachment>,
    image: Maybe<ApAttachment>,
    location: Maybe<ApPlace>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outbox<'a> {
    #[serde(borrow, default)]
    ordered_items: Bounded<&'a RawValue, MAX_ITEMS>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Activity<'a> {
    #[serde(rename = "type")]
    kind: Scalar,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}

/// Reads a page of `/@relay/outbox`. Until 4.0 its items are `Create`; since then these are wrapped in `Announce`.
///
/// # Errors
/// When the whole is no page of an outbox.
pub fn parse_outbox(json: &[u8], host: &Host, now: Timestamp) -> Result<OutboxPage, Rejection> {
    let malformed = |error: &dyn std::fmt::Display| Rejection::Malformed(error.to_string());
    let json = std::str::from_utf8(json).map_err(|error| malformed(&error))?;
    let outbox: Outbox<'_> = object(json).map_err(|error| malformed(&error))?;
    if !outbox.ordered_items.is_list {
        return Err(Rejection::Malformed("`orderedItems` is not a list".to_owned()));
    }
    let n_items = outbox.ordered_items.n_total;
    // Its `totalItems` counts comments as well, so nothing can be made of it.
    let mut page = EventsPage { n_rows: n_items, ..EventsPage::default() };
    for raw in &outbox.ordered_items.items {
        match unwrap(raw, 3) {
            Ok(Some(event)) => {
                page.add(id_of_url(event.id.as_str().unwrap_or_default(), host), to_event(&event, host, now))
            }
            Ok(None) => {}
            Err(rejection) => page.errors.push(rejection),
        }
    }
    Ok(OutboxPage { events: page, n_items })
}

/// The event within an activity; `None` for anything else, such as a comment.
fn unwrap<'a>(raw: &'a RawValue, depth: u32) -> Result<Option<ApEvent<'a>>, Rejection> {
    let activity: Activity<'a> = match parse_item(raw.get()) {
        Ok(activity) => activity,
        // An announced thing may be a bare id.
        Err(_) if raw.get().starts_with('"') => return Ok(None),
        Err(rejection) => return Err(rejection),
    };
    match (activity.kind.as_str(), activity.object) {
        (Some("Event"), _) => parse_item(raw.get()).map(Some),
        (Some("Create" | "Announce" | "Update"), Some(inner)) if depth > 0 => unwrap(inner, depth - 1),
        _ => Ok(None),
    }
}

/// Reads what `/events/{uuid}` answers.
///
/// # Errors
/// Why it is no public event of `host`.
pub fn parse_object(json: &[u8], host: &Host, now: Timestamp) -> Result<ApObject, Rejection> {
    let json = std::str::from_utf8(json).map_err(|error| Rejection::Malformed(error.to_string()))?;
    let event: ApEvent<'_> = parse_item(json)?;
    match event.kind.as_str() {
        Some("Tombstone") => Ok(ApObject::Tombstone),
        Some("Event") => to_event(&event, host, now).map(|event| ApObject::Event(Box::new(event))),
        _ => Err(Rejection::Malformed("not an event".to_owned())),
    }
}

/// Reads what `/@{name}` answers for a group.
///
/// # Errors
/// Why it is no group of `host`.
pub fn parse_actor(json: &[u8], host: &Host, now: Timestamp) -> Result<ListedGroup, Rejection> {
    let json = std::str::from_utf8(json).map_err(|error| Rejection::Malformed(error.to_string()))?;
    let wire: ApActor = parse_item(json)?;
    if wire.kind.as_str() != Some("Group") {
        return Err(Rejection::Malformed("not a group".to_owned()));
    }
    check_origin(Some(true), std::iter::empty(), &wire.id, host)?;
    let picture = |media: &ApAttachment| image(&media.url, &media.width, &media.height, host);
    let avatars = wire.icon.0.iter().filter_map(picture).collect();
    let name = wire.preferred_username.as_str().unwrap_or_default();
    let actor = to_actor(name, &wire.name, &wire.id, host, avatars).ok_or(Rejection::Field("preferredUsername"))?;
    let consent = description(&wire.summary, "group")
        .or(|| flag(&wire.discoverable, "discoverable", "group"))
        .or(|| flag(&wire.indexable, "indexable", "group"))
        .or(|| flag(&wire.toot_discoverable, "discoverable", "group"))
        .or(|| flag(&wire.toot_indexable, "indexable", "group"));
    let group = Group {
        actor,
        banners: wire.image.0.iter().filter_map(picture).collect(),
        summary: wire.summary.as_str().and_then(|html| text::html(html, MAX_HTML_BYTES)),
        address: wire.location.0.as_ref().and_then(|place| to_address(place, &mut Vec::new())),
        openness: wire.openness.as_str().and_then(Openness::from_name),
        n_members: wire.member_count.to_count(),
        n_followers: None,
        n_events: None,
        first_seen_at: now,
    };
    Ok(ListedGroup { group, consent })
}

/// The UUIDs of the events in `/feed/instance/ics`, in their order.
pub fn calendar_ids(text: &str) -> Vec<String> {
    /// The feed itself ends after 500.
    const MAX_EVENTS: usize = 1000;
    let uids = text.lines().filter_map(|line| {
        let (name, value) = line.trim_end().split_once(':')?;
        let name = name.split(';').next().unwrap_or_default();
        name.eq_ignore_ascii_case("UID").then(|| uuid::Uuid::parse_str(value.trim()).ok()).flatten()
    });
    let mut ids: Vec<String> = uids.take(MAX_EVENTS).map(|uuid| uuid.hyphenated().to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn to_event(item: &ApEvent<'_>, host: &Host, now: Timestamp) -> Result<ListedEvent, Rejection> {
    let id_text = item.id.as_str().ok_or(Rejection::Field("id"))?;
    check_origin(Some(true), std::iter::empty(), &item.id, host)?;
    // Its `uuid` may be another one than that of its address.
    let id = id_of_url(id_text, host).ok_or(Rejection::Field("id"))?;
    if !is_to_everybody(item.to) {
        return Err(Rejection::NotPublic("visibility"));
    }
    if item.draft.to_bool() == Some(true) {
        return Err(Rejection::NotPublic("draft"));
    }
    let title = text::line_of(&item.name, MAX_TITLE_CHARS).ok_or(Rejection::Field("name"))?;
    let starts_at = moment(&item.start_time).ok_or(Rejection::Field("startTime"))?;
    let mut remarks = Vec::new();
    let end = moment(&item.end_time);
    let zones = item.timezone.as_str().into_iter();
    let time = to_time(starts_at, end, item.end_time != Scalar::Absent, zones, &mut remarks);
    let attached = || item.attachment.items.iter().filter_map(|attachment| attachment.0.as_ref());
    let named = |kind: &'static str, name: &'static str| {
        attached().find(move |one| one.kind.as_str() == Some(kind) && one.name.as_str() == Some(name))
    };
    let banner = named("Document", "Banner").and_then(|one| image(&one.url, &one.width, &one.height, host));
    let website = named("Link", "Website").and_then(|one| one.href.as_str().and_then(text::web_link));
    let facts = attached().filter(|one| one.kind.as_str() == Some("PropertyValue"));
    let actor = item.actor.as_str().and_then(actor_of_url);
    let owner = item.attributed_to.as_str().and_then(actor_of_url);
    let group = owner.filter(|owner| actor.as_ref().is_some_and(|actor| actor.url != owner.url));
    let hashtags = item.tag.items.iter().filter_map(|tag| tag.0.as_ref());
    let is_hashtag = |tag: &&ApTag| tag.kind.as_str() == Some("Hashtag");
    let event = Event {
        url: text::origin_link(id_text, host).unwrap_or_else(|| format!("https://{host}/events/{id}")),
        page_url: None,
        host: host.clone(),
        origin_id: id,
        title,
        description: item.content.as_str().and_then(|html| text::html(html, MAX_HTML_BYTES)),
        time,
        status: status(if item.status == Scalar::Absent { &item.ical_status } else { &item.status }),
        join_mode: item.join_mode.as_str().and_then(JoinMode::from_name),
        external_participation_url: item.external_participation_url.as_str().and_then(text::web_link),
        category: category(&item.category),
        language: language(&item.in_language),
        pictures: banner.into_iter().collect(),
        tags: tags(hashtags.filter(is_hashtag).filter_map(|tag| tag.name.as_str())),
        // Whether the two are to be hidden does not travel by ActivityPub.
        organizer: actor.filter(|_| group.is_none()),
        group,
        address: item.location.0.as_ref().and_then(|place| to_address(place, &mut remarks)),
        is_online: item.is_online.to_bool() == Some(true),
        online_address: website,
        n_participants: None,
        capacity: item.maximum_attendee_capacity.to_count().filter(|n| *n > 0),
        anonymous_participation: item.anonymous_participation_enabled.to_bool(),
        metadata: collect_facts(facts.map(|fact| (&fact.property_id, &fact.value))),
        series: None,
        published_at: date(&item.published, now),
        updated_at: date(&item.updated, now),
    };
    Ok(ListedEvent { event, updated_ms: updated_ms(&item.updated), withheld: None, is_wish_told: false, remarks })
}

/// The UUID in the id of an event of `host`: `https://host/events/{uuid}`.
fn id_of_url(id: &str, host: &Host) -> Option<String> {
    if text::names_another_host(id, host) {
        return None;
    }
    let url = Url::parse(id).ok()?;
    let uuid = url.path().strip_prefix("/events/")?;
    uuid::Uuid::parse_str(uuid.trim_end_matches('/')).ok().map(|uuid| uuid.hyphenated().to_string())
}

/// Whether `to` names everybody. Unlisted things have that in `cc`.
fn is_to_everybody(to: Option<&RawValue>) -> bool {
    let Some(raw) = to else { return false };
    let is_public = |scalar: &Scalar| scalar.as_str().is_some_and(|name| PUBLIC.contains(&name));
    match serde_json::from_str::<Bounded<Scalar, 50>>(raw.get()) {
        Ok(list) if list.is_list => list.items.iter().any(is_public),
        _ => serde_json::from_str::<Scalar>(raw.get()).is_ok_and(|one| is_public(&one)),
    }
}

/// An actor of which nothing but its id is told: `https://host/@name`.
fn actor_of_url(id: &str) -> Option<Actor> {
    let url = Url::parse(id).ok().filter(|url| url.scheme() == "https" || url.scheme() == "http")?;
    let home = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str()?),
        None => url.host_str()?.to_owned(),
    };
    let home: Host = home.parse().ok()?;
    let name = url.path().strip_prefix("/@")?;
    to_actor(name, &Scalar::Absent, &Scalar::Text(id.to_owned()), &home, Vec::new())
}

fn to_address(place: &ApPlace, remarks: &mut Vec<Remark>) -> Option<Address> {
    let none = ApAddress::default();
    let address = place.address.0.as_ref().unwrap_or(&none);
    let direct = place.latitude.to_f64().zip(place.longitude.to_f64());
    let old = || place.geo.0.as_ref().and_then(|geo| geo.longitude.to_f64().zip(geo.latitude.to_f64()));
    some(Address {
        url: place.id.as_str().and_then(text::web_link),
        name: part(&place.name),
        street: part(&address.street_address),
        locality: part(&address.address_locality),
        postal_code: part(&address.postal_code),
        region: part(&address.address_region),
        country: part(&address.address_country),
        point: match direct {
            Some((lat, lon)) => to_point(lat, lon, remarks),
            None => old().and_then(|(lat, lon)| {
                remarks.push(Remark::SwappedCoordinates);
                to_point(lat, lon, remarks)
            }),
        },
    })
}
