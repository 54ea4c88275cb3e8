//! What a Gancio instance says, read tolerantly. Wire types and records in one place: there is one kind of thing.

#[cfg(test)]
mod tests;

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Actor, Address, Event, EventStatus, Image};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::reading::date::date;
use crate::reading::events::{
    EventsPage, ListedEvent, MAX_HTML_BYTES, MAX_TITLE_CHARS, image, tags, to_actor, updated_ms,
};
use crate::reading::lenient::{Bounded, Maybe, Scalar};
use crate::reading::origin::{Rejection, parse_answer, parse_item};
use crate::reading::place::{part, some, to_point};
use crate::reading::remark::Remark;
use crate::reading::text;
use crate::reading::time::{moment_of_seconds, to_time};

/// Most items looked at in one page, and most parts of one item.
const MAX_ITEMS: usize = 500;

/// What the instance says of itself, which its events do not repeat.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The host.
    pub host: &'a Host,
    /// The name that it gives itself.
    pub name: Option<&'a str>,
    /// The zone of all its events.
    pub time_zone: Option<&'a str>,
    /// The name of its one actor.
    pub actor: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Item {
    id: Scalar,
    title: Scalar,
    slug: Scalar,
    /// Only in the detail.
    description: Scalar,
    start_datetime: Scalar,
    end_datetime: Scalar,
    media: Bounded<Maybe<Media>, MAX_ITEMS>,
    online_locations: Bounded<Scalar, MAX_ITEMS>,
    #[serde(rename = "updatedAt")]
    updated_at: Scalar,
    /// The actor of another instance that it came from.
    #[serde(rename = "apUserApId")]
    ap_user_ap_id: Scalar,
    #[serde(rename = "parentId")]
    parent_id: Scalar,
    tags: Bounded<Scalar, MAX_ITEMS>,
    place: Maybe<Place>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Media {
    url: Scalar,
    width: Scalar,
    height: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    name: Scalar,
    address: Scalar,
    latitude: Scalar,
    longitude: Scalar,
}

/// Reads a page of `/api/events`: a list without anything around it.
///
/// # Errors
/// When the whole is not a list.
pub fn parse_list(json: &[u8], about: About<'_>, now: Timestamp) -> Result<EventsPage, Rejection> {
    let list: Bounded<&RawValue, MAX_ITEMS> =
        serde_json::from_slice(json).map_err(|error| Rejection::Malformed(error.to_string()))?;
    if !list.is_list {
        return Err(Rejection::Malformed("not a list".to_owned()));
    }
    let mut page = EventsPage { n_rows: list.n_total, ..EventsPage::default() };
    for raw in &list.items {
        match parse_item::<Item>(raw.get()) {
            Ok(item) => page.add(id_of(&item.id), to_event(&item, about, now)),
            Err(rejection) => page.errors.push(rejection),
        }
    }
    Ok(page)
}

/// Reads `/api/event/detail/{id}`.
///
/// # Errors
/// Why it is no event of the host.
pub fn parse_detail(json: &[u8], about: About<'_>, now: Timestamp) -> Result<ListedEvent, Rejection> {
    to_event(&parse_answer(json)?, about, now)
}

fn id_of(scalar: &Scalar) -> Option<String> {
    scalar.to_i64().filter(|id| *id > 0).map(|id| id.to_string())
}

fn to_event(item: &Item, about: About<'_>, now: Timestamp) -> Result<ListedEvent, Rejection> {
    let host = about.host;
    let id = id_of(&item.id).ok_or(Rejection::Field("id"))?;
    if item.ap_user_ap_id != Scalar::Absent {
        return Err(Rejection::Remote);
    }
    let title = text::line_of(&item.title, MAX_TITLE_CHARS).ok_or(Rejection::Field("title"))?;
    let starts_at = moment_of_seconds(&item.start_datetime).ok_or(Rejection::Field("start_datetime"))?;
    let mut remarks = Vec::new();
    let end = moment_of_seconds(&item.end_datetime);
    let zone = about.time_zone.into_iter();
    let time = to_time(starts_at, end, item.end_datetime != Scalar::Absent, zone, &mut remarks);
    let online: Vec<String> =
        item.online_locations.items.iter().filter_map(|link| text::web_link(link.as_str()?)).collect();
    let place = item.place.0.as_ref().filter(|place| !is_online(place));
    let event = Event {
        url: format!("https://{host}/federation/m/{id}"),
        page_url: slug(&item.slug).map(|slug| format!("https://{host}/event/{slug}")),
        host: host.clone(),
        origin_id: id,
        title,
        description: item.description.as_str().and_then(|html| text::html(html, MAX_HTML_BYTES)),
        time,
        status: EventStatus::Confirmed,
        join_mode: None,
        external_participation_url: None,
        category: None,
        language: None,
        pictures: item.media.items.iter().filter_map(|media| picture(media.0.as_ref()?, host)).take(1).collect(),
        tags: tags(item.tags.items.iter().filter_map(Scalar::as_str)),
        organizer: instance(about),
        group: None,
        address: place.and_then(|place| to_address(place, &mut remarks)),
        is_online: !online.is_empty() || item.place.0.as_ref().is_some_and(is_online),
        online_address: online.into_iter().next(),
        n_participants: None,
        capacity: None,
        anonymous_participation: None,
        metadata: Vec::new(),
        series: id_of(&item.parent_id),
        published_at: None,
        updated_at: date(&item.updated_at, now),
    };
    Ok(ListedEvent { event, updated_ms: updated_ms(&item.updated_at), withheld: None, is_wish_told: true, remarks })
}

/// The part of the address of its page, which is one segment of a path.
fn slug(scalar: &Scalar) -> Option<&str> {
    const MAX_BYTES: usize = 300;
    let slug = scalar.as_str()?;
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    (!slug.is_empty() && slug.len() <= MAX_BYTES && slug.chars().all(is_plain) && !slug.starts_with('.'))
        .then_some(slug)
}

/// The instance, which is the organiser of all its events.
fn instance(about: About<'_>) -> Option<Actor> {
    let name = about.actor.unwrap_or("gancio");
    let url = Scalar::Text(format!("https://{}/federation/u/{name}", about.host));
    let display_name = Scalar::Text(about.name.unwrap_or(about.host.as_str()).to_owned());
    to_actor(name, &display_name, &url, about.host, Vec::new())
}

fn picture(media: &Media, host: &Host) -> Option<Image> {
    let file = slug(&media.url)?;
    image(&Scalar::Text(format!("https://{host}/media/{file}")), &media.width, &media.height, host)
}

/// A place by the name of `online` is none.
fn is_online(place: &Place) -> bool {
    place.name.as_str().is_some_and(|name| name.trim().eq_ignore_ascii_case("online"))
}

fn to_address(place: &Place, remarks: &mut Vec<Remark>) -> Option<Address> {
    let point = place.latitude.to_f64().zip(place.longitude.to_f64());
    some(Address {
        name: part(&place.name),
        street: part(&place.address),
        point: point.and_then(|(lat, lon)| to_point(lat, lon, remarks)),
        ..Address::default()
    })
}
