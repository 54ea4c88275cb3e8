//! What simulated instances say of their events, on Mobilizon and on Gancio alike.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use simulator::gancio::GancioEvent;
use simulator::mobilizon::{self, EventSpec, MobilizonVersion, Visibility};
use simulator::{HostHandle, Software};
use uuid::Uuid;

/// What an instance says of one of its events that an index may hold, or may hold one day.
pub struct Known {
    /// On Gancio made of the number.
    pub uuid: Uuid,
    /// As the journal names it.
    pub origin_id: String,
    /// When it is over, whatever zone a reader takes it to be in.
    pub over_at: Timestamp,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// Whether it is cancelled.
    pub is_cancelled: bool,
}

/// What an instance lists.
pub fn listed(handle: &HostHandle) -> Vec<Known> {
    known(handle, EventSpec::is_listed, GancioEvent::is_listed)
}

/// What an instance lists, and its drafts.
pub fn public(handle: &HostHandle) -> Vec<Known> {
    known(handle, |event| event.visibility == Visibility::Public, GancioEvent::is_listed)
}

fn known(
    handle: &HostHandle,
    is_fit: impl Fn(&EventSpec) -> bool,
    is_fit_on_gancio: impl Fn(&GancioEvent) -> bool,
) -> Vec<Known> {
    let of_mobilizon = handle.change_mobilizon(|host| {
        let zone_is_told = host.version > MobilizonVersion::V1_1;
        let suspended: BTreeSet<&str> =
            host.groups.iter().filter(|group| group.suspended).map(|group| group.username.as_str()).collect();
        let own = host.events.iter().filter(|event| {
            event.host == host.name && !event.group.as_deref().is_some_and(|group| suspended.contains(group))
        });
        let fit = own.filter(|event| is_fit(event));
        fit.map(|event| Known {
            uuid: event.uuid,
            origin_id: event.uuid.hyphenated().to_string(),
            over_at: over_at(event, zone_is_told),
            is_draft: event.draft,
            is_cancelled: event.status == mobilizon::EventStatus::Cancelled,
        })
        .collect()
    });
    let of_gancio = || {
        handle.change_gancio(|host| {
            let fit = host.events.iter().filter(|event| is_fit_on_gancio(event));
            fit.map(|event| Known {
                uuid: Uuid::from_u128(u128::from(event.id)),
                origin_id: event.id.to_string(),
                over_at: event.ends_on.unwrap_or(event.begins_on),
                is_draft: false,
                is_cancelled: false,
            })
            .collect()
        })
    };
    of_mobilizon.or_else(|_| of_gancio()).unwrap_or_default()
}

/// When an event is over. A day without a time of day ends with it, in whatever zone a reader may take it to be.
fn over_at(event: &EventSpec, zone_is_told: bool) -> Timestamp {
    let last = event.ends_on.unwrap_or(event.begins_on);
    let is_day = if event.ends_on.is_some() { !event.shows_end_time } else { !event.shows_start_time };
    if !is_day {
        return last;
    }
    let of_place = || event.address.as_ref().and_then(|address| address.timezone.as_deref());
    let told = event.timezone.as_deref().or_else(of_place).filter(|_| zone_is_told);
    let told = told.and_then(|name| TimeZone::get(name).ok());
    [Some(TimeZone::UTC), told]
        .into_iter()
        .flatten()
        .filter_map(|zone| last.to_zoned(zone).end_of_day().ok())
        .map(|end| end.timestamp())
        .fold(last, Timestamp::max)
}

/// The number of a Gancio event.
pub fn number(uuid: Uuid) -> u32 {
    u32::try_from(uuid.as_u128()).unwrap_or(0)
}

/// Edits an event at `at`.
///
/// # Errors
/// When the instance has no such event.
pub fn edit(
    handle: &HostHandle,
    uuid: Uuid,
    at: Timestamp,
    on_mobilizon: impl FnOnce(&mut EventSpec),
    on_gancio: impl FnOnce(&mut GancioEvent),
) -> simulator::Result<()> {
    if handle.software() == Software::Gancio {
        handle.change_gancio(|host| host.edit(number(uuid), at, on_gancio)).map(drop)
    } else {
        handle.edit_event(uuid, at, on_mobilizon)
    }
}
