use indexer::stored::{StoredAddress, StoredHostedActor};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::date::{iso, iso_in_zone};
use super::list::{Lighten, write_objects};
use super::pictures::Pictures;
use crate::search::{EventHit, SearchPage};

/// A page of events, as Mobilizon reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventList {
    /// Everything that was found; pages reach the first 10 000.
    pub total: usize,
    /// The results of this page.
    pub data: Vec<EventObject>,
}

/// An event, with the keys that Mobilizon reads and those that its own index had beside them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventObject {
    /// ActivityPub id.
    pub id: String,
    /// UUID; null for events of Gancio.
    pub uuid: Option<String>,
    /// An address that people and programs can open.
    pub url: String,
    /// Title.
    pub name: String,
    /// Description as clean HTML; null when there is none, or when the page would be too heavy.
    pub content: Option<String>,
    /// With the offset of the event's own zone where that is known, else in UTC.
    pub start_time: String,
    /// Null for an open end.
    pub end_time: Option<String>,
    /// When it was published, in UTC.
    pub published: Option<String>,
    /// When it was last changed, in UTC.
    pub updated: Option<String>,
    /// `TENTATIVE`, `CONFIRMED` or `CANCELLED`.
    pub status: String,
    /// One of the thirty categories of Mobilizon.
    pub category: String,
    /// Code of the language, `und` when unknown.
    pub language: String,
    /// IANA name of its zone.
    pub timezone: Option<String>,
    /// It takes place online, perhaps besides a place.
    pub is_online: bool,
    /// `free`, `restricted`, `invite` or `external`, when known.
    pub join_mode: Option<String>,
    /// Where to register instead.
    pub external_participation_url: Option<String>,
    /// Places; null for any number.
    pub maximum_attendee_capacity: Option<u64>,
    /// Places left, where that is known.
    pub remaining_attendee_capacity: Option<u64>,
    /// People who come, where that is known and not hidden.
    pub participant_count: Option<u64>,
    /// Whether people without an account may register.
    pub anonymous_participation_enabled: Option<bool>,
    /// Each with one `#`.
    pub tags: Vec<String>,
    /// Its picture, on the host of this index; null where there is none, or no picture can be had.
    pub banner: Option<String>,
    /// The group where there is one, else who made it; null when that is hidden.
    pub creator: Option<CreatorObject>,
    /// The group it belongs to.
    pub group: Option<CreatorObject>,
    /// Where it takes place.
    pub location: Option<LocationObject>,
    /// Instance.
    pub host: String,
    /// Relevance; comparable within one answer only.
    pub score: f32,
    /// Metres from the point that was asked for, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<u64>,
    /// Occurrences of its series among the results, itself included, where they were put together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurrences: Option<usize>,
}

/// A group, or a person or service that organises.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatorObject {
    /// ActivityPub id.
    pub id: String,
    /// The same.
    pub url: String,
    /// Immutable name.
    pub name: String,
    /// Name people see.
    pub display_name: String,
    /// Instance.
    pub host: String,
    /// Always null: descriptions come with groups.
    pub description: Option<String>,
    /// On the host of this index.
    pub avatar: Option<String>,
}

/// Where an event takes place or a group is at home.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LocationObject {
    /// The id on its origin.
    pub id: Option<String>,
    /// The name of the place.
    pub name: Option<String>,
    /// Every part is there, null where it is not known.
    pub address: AddressObject,
    /// Null without coordinates, which no answer to a `bbox` is.
    pub location: Option<CoordinatesObject>,
}

/// The parts of an address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddressObject {
    /// As a name.
    pub address_country: Option<String>,
    /// Town.
    pub address_locality: Option<String>,
    /// Region or state.
    pub address_region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Street and number.
    pub street_address: Option<String>,
}

/// Degrees in WGS 84.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CoordinatesObject {
    /// East.
    pub lon: f64,
    /// North.
    pub lat: f64,
}

/// What a client can do without, the heaviest first.
pub(super) const LIGHTEN: [Lighten<EventObject>; 3] =
    [|event| event.content = None, |event| event.tags.truncate(20), |event| event.tags.clear()];

impl EventList {
    /// Writes a page as JSON, below three megabytes whatever the origins sent.
    ///
    /// # Errors
    /// Never with these types; the signature is that of the writer.
    pub fn to_json(page: SearchPage<EventHit>, pictures: &Pictures) -> Result<Vec<u8>, serde_json::Error> {
        write_objects(page.n_found, page.hits, |hit| EventObject::new(hit, pictures), &LIGHTEN)
    }
}

impl EventObject {
    /// The object of a hit.
    pub fn new(EventHit { event, score, distance_m, n_occurrences }: EventHit, pictures: &Pictures) -> Self {
        let zone = event.time_zone.as_deref();
        let group = event.group.as_ref().map(|group| CreatorObject::new(group, &event.host, pictures));
        let organizer =
            || event.organizer.as_ref().map(|organizer| CreatorObject::new(organizer, &event.host, pictures));
        Self {
            uuid: Uuid::try_parse(&event.origin_id).ok().map(|uuid| uuid.hyphenated().to_string()),
            start_time: iso_in_zone(event.starts_at, zone),
            end_time: event.ends_at.map(|at| iso_in_zone(at, zone)),
            published: event.published_at.map(iso),
            updated: event.updated_at.map(iso),
            language: event.language.clone().unwrap_or_else(|| "und".to_owned()),
            remaining_attendee_capacity: event.n_places_left(),
            tags: event.tags.iter().map(|tag| format!("#{tag}")).collect(),
            banner: pictures.of_event(&event),
            creator: group.clone().or_else(organizer),
            group,
            location: event.address.as_ref().map(LocationObject::new),
            url: event.page_url.clone().unwrap_or_else(|| event.url.clone()),
            id: event.url,
            name: event.title,
            content: event.description,
            status: event.status,
            category: event.category,
            timezone: event.time_zone,
            is_online: event.is_online,
            join_mode: event.join_mode,
            external_participation_url: event.external_participation_url,
            maximum_attendee_capacity: event.capacity,
            participant_count: event.n_participants,
            anonymous_participation_enabled: event.anonymous_participation,
            host: event.host,
            score,
            distance: distance_m.map(whole_metres),
            occurrences: n_occurrences,
        }
    }
}

impl CreatorObject {
    /// The actor that something of `source` names.
    fn new(hosted: &StoredHostedActor, source: &str, pictures: &Pictures) -> Self {
        let host = hosted.host.as_deref().unwrap_or(source);
        let actor = &hosted.actor;
        Self {
            id: actor.url.clone(),
            url: actor.url.clone(),
            name: actor.name.clone(),
            display_name: actor.display_name().to_owned(),
            host: host.to_owned(),
            description: None,
            avatar: pictures.avatar(actor, host, source),
        }
    }
}

impl LocationObject {
    pub(super) fn new(address: &StoredAddress) -> Self {
        Self {
            id: address.url.clone(),
            name: address.name.clone(),
            address: AddressObject {
                address_country: address.country.clone(),
                address_locality: address.locality.clone(),
                address_region: address.region.clone(),
                postal_code: address.postal_code.clone(),
                street_address: address.street.clone(),
            },
            location: address.point.map(|(lat, lon)| CoordinatesObject { lon, lat }),
        }
    }
}

/// A distance is at most half the circumference of the Earth.
pub(super) fn whole_metres(metres: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and twenty million")]
    let whole = metres.round().max(0.0) as u64;
    whole
}
