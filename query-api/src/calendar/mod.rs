//! Events as a calendar (RFC 5545, with the names of RFC 7986 that calendars read). Pure: the present is an argument.
//!
//! Written here and not by a library, because what comes from strangers must neither end a line nor a value: see `text.rs`.

mod component;
#[cfg(test)]
mod tests;
mod text;
mod zone;

use std::collections::BTreeMap;

use indexer::stored::StoredEvent;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use self::component::push_event;
use self::text::Lines;
use self::zone::ZoneUse;

/// Most events of one calendar.
pub const MAX_EVENTS: usize = 1_000;

/// What a calendar is made of.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// The name that calendar programs show.
    pub name: &'a str,
    /// What it holds, in a sentence.
    pub description: &'a str,
    /// Its own absolute address, where the index has one.
    pub address: Option<&'a str>,
    /// The events, in the order to write them.
    pub events: &'a [StoredEvent],
    /// The present: times far from it are written in UTC.
    pub now: Timestamp,
}

/// The time that a calendar shows of its events: from one month ago to twelve months ahead.
pub fn window(now: Timestamp) -> (Timestamp, Timestamp) {
    let local = now.to_zoned(TimeZone::UTC);
    let from = local.saturating_sub(1.month()).timestamp();
    let to = local.saturating_add(12.months()).timestamp();
    (from, to)
}

/// For how long a cancelled event stays in calendars, so that they learn of it: thirty days from its last change.
pub fn is_cancellation_news(event: &StoredEvent, now: Timestamp) -> bool {
    let changed_at = event.updated_at.unwrap_or(event.seen_at);
    changed_at.duration_until(now) <= jiff::SignedDuration::from_hours(30 * 24)
}

impl Calendar<'_> {
    /// Writes the calendar. The same events give the same bytes, whenever they are written, as long as no time comes into
    /// or falls out of the years around the present.
    pub fn to_ics(self) -> String {
        let mut zones = BTreeMap::<String, ZoneUse>::new();
        let mut events = Lines::default();
        for event in self.events.iter().take(MAX_EVENTS) {
            push_event(&mut events, event, self.now, &mut zones);
        }
        let mut lines = Lines::default();
        lines.push("BEGIN", &[], "VCALENDAR");
        lines.push("VERSION", &[], "2.0");
        lines.push_text("PRODID", "-//Vigie//Search//EN");
        lines.push("CALSCALE", &[], "GREGORIAN");
        for name in ["NAME", "X-WR-CALNAME"] {
            lines.push_text(name, self.name);
        }
        for name in ["DESCRIPTION", "X-WR-CALDESC"] {
            lines.push_text(name, self.description);
        }
        if let Some(address) = self.address {
            lines.push_address("SOURCE", &[("VALUE", "URI")], address);
        }
        lines.push("REFRESH-INTERVAL", &[("VALUE", "DURATION")], "PT1H");
        lines.push("X-PUBLISHED-TTL", &[], "PT1H");
        // A calendar must hold something, and one without events holds no more than this.
        if self.events.is_empty() {
            zones.insert("UTC".to_owned(), ZoneUse::new(TimeZone::UTC, Timestamp::UNIX_EPOCH));
        }
        for (name, zone) in &zones {
            zone.push(&mut lines, name);
        }
        lines.append(events);
        lines.push("END", &[], "VCALENDAR");
        lines.into_text()
    }
}
