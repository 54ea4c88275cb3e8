//! The stored form of an event.

use allowlist::Host;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use super::actor::{ActorRow, ImageRow};
use super::is_default;
use super::place::AddressRow;
use crate::record::{Actor, Event, EventStatus, EventTime, JoinMode};

/// An event without its key, which the columns of the row hold.
#[derive(Serialize, Deserialize)]
pub(super) struct EventRow {
    url: String,
    #[serde(default, skip_serializing_if = "is_default")]
    page_url: Option<String>,
    title: String,
    #[serde(default, skip_serializing_if = "is_default")]
    description: Option<String>,
    #[serde(with = "millisecond::required")]
    starts_at: Timestamp,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    ends_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    hides_start_time: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    hides_end_time: bool,
    /// Absent for confirmed.
    #[serde(default, skip_serializing_if = "is_default")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    join_mode: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    external_participation_url: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    category: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<ImageRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organizer: Option<AnyActorRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<AnyActorRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<AddressRow>,
    #[serde(default, skip_serializing_if = "is_default")]
    is_online: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    online_address: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    n_participants: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    capacity: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    anonymous_participation: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "is_default")]
    series: Option<String>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    published_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    updated_at: Option<Timestamp>,
}

/// An actor that may be of another instance than the row: events of a group elsewhere are possible.
#[derive(Serialize, Deserialize)]
struct AnyActorRow {
    /// `None` for an actor of the row's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<Host>,
    actor: ActorRow,
}

impl AnyActorRow {
    fn new(actor: &Actor, host: &Host) -> Self {
        Self { host: (actor.host != *host).then(|| actor.host.clone()), actor: ActorRow::from(actor) }
    }

    fn into_actor(self, host: &Host) -> Actor {
        self.actor.into_actor(self.host.unwrap_or_else(|| host.clone()))
    }
}

impl From<&Event> for EventRow {
    fn from(event: &Event) -> Self {
        let is_confirmed = event.status == EventStatus::Confirmed;
        Self {
            url: event.url.clone(),
            page_url: event.page_url.clone(),
            title: event.title.clone(),
            description: event.description.clone(),
            starts_at: event.time.starts_at,
            ends_at: event.time.ends_at,
            time_zone: event.time.time_zone.clone(),
            hides_start_time: !event.time.shows_start_time,
            hides_end_time: !event.time.shows_end_time,
            status: (!is_confirmed).then(|| event.status.as_str().to_owned()),
            join_mode: event.join_mode.map(|mode| mode.as_str().to_owned()),
            external_participation_url: event.external_participation_url.clone(),
            category: event.category.clone(),
            language: event.language.clone(),
            pictures: event.pictures.iter().map(ImageRow::from).collect(),
            tags: event.tags.clone(),
            organizer: event.organizer.as_ref().map(|actor| AnyActorRow::new(actor, &event.host)),
            group: event.group.as_ref().map(|actor| AnyActorRow::new(actor, &event.host)),
            address: event.address.as_ref().map(AddressRow::from),
            is_online: event.is_online,
            online_address: event.online_address.clone(),
            n_participants: event.n_participants,
            capacity: event.capacity,
            anonymous_participation: event.anonymous_participation,
            metadata: event.metadata.clone(),
            series: event.series.clone(),
            published_at: event.published_at,
            updated_at: event.updated_at,
        }
    }
}

impl EventRow {
    pub(super) fn into_event(self, host: Host, origin_id: String) -> Result<Event, String> {
        let status =
            |name: String| EventStatus::from_name(&name).ok_or_else(|| format!("no status is called `{name}`"));
        let mode = |name: String| JoinMode::from_name(&name).ok_or_else(|| format!("no join mode is called `{name}`"));
        Ok(Event {
            origin_id,
            url: self.url,
            page_url: self.page_url,
            title: self.title,
            description: self.description,
            time: EventTime {
                starts_at: self.starts_at,
                ends_at: self.ends_at,
                time_zone: self.time_zone,
                shows_start_time: !self.hides_start_time,
                shows_end_time: !self.hides_end_time,
            },
            status: self.status.map(status).transpose()?.unwrap_or_default(),
            join_mode: self.join_mode.map(mode).transpose()?,
            external_participation_url: self.external_participation_url,
            category: self.category,
            language: self.language,
            pictures: self.pictures.into_iter().map(ImageRow::into_image).collect(),
            tags: self.tags,
            organizer: self.organizer.map(|actor| actor.into_actor(&host)),
            group: self.group.map(|actor| actor.into_actor(&host)),
            address: self.address.map(AddressRow::into_address),
            is_online: self.is_online,
            online_address: self.online_address,
            n_participants: self.n_participants,
            capacity: self.capacity,
            anonymous_participation: self.anonymous_participation,
            metadata: self.metadata,
            series: self.series,
            published_at: self.published_at,
            updated_at: self.updated_at,
            host,
        })
    }
}
