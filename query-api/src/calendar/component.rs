//! One event as a component of a calendar.

use std::collections::BTreeMap;

use indexer::analysis::plain_text;
use indexer::stored::{StoredAddress, StoredEvent};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::text::{Lines, web_address};
use super::zone::{ZoneUse, is_near};
use crate::time::find_zone;

/// Longest description, in characters: a calendar of a thousand events is fetched every hour.
const MAX_DESCRIPTION_CHARS: usize = 2_000;

/// Sequence numbers count the seconds from 2015 on, the year before the first of these programs; they fit in 31 bits until
/// 2083.
const SEQUENCE_EPOCH_S: i64 = 1_420_070_400;

/// Writes an event, and keeps the zones that it uses.
pub(super) fn push_event(
    lines: &mut Lines,
    event: &StoredEvent,
    now: Timestamp,
    zones: &mut BTreeMap<String, ZoneUse>,
) {
    let changed_at = event.updated_at.or(event.published_at);
    lines.push("BEGIN", &[], "VEVENT");
    lines.push_text("UID", &format!("{}@{}", event.origin_id, event.host));
    // When this state of the event was made, so that the same state is the same text.
    lines.push("DTSTAMP", &[], &in_utc(changed_at.unwrap_or(event.seen_at)));
    lines.push("SEQUENCE", &[], &sequence(changed_at).to_string());
    push_times(lines, event, now, zones);
    lines.push_text("SUMMARY", &event.title);
    let address = event.page_url.as_deref().unwrap_or(&event.url);
    lines.push_text("DESCRIPTION", &description(event, address));
    if let Some(place) = event.address.as_ref().and_then(location) {
        lines.push_text("LOCATION", &place);
    }
    if let Some((lat, lon)) = event.address.as_ref().and_then(|address| address.point) {
        lines.push("GEO", &[], &format!("{lat:.6};{lon:.6}"));
    }
    lines.push_address("URL", &[], address);
    lines.push("STATUS", &[], status(&event.status));
    let tags = event.tags.iter().map(String::as_str);
    lines.push_texts("CATEGORIES", std::iter::once(event.category.as_str()).chain(tags));
    if let Some(at) = event.published_at {
        lines.push("CREATED", &[], &in_utc(at));
    }
    if let Some(at) = changed_at {
        lines.push("LAST-MODIFIED", &[], &in_utc(at));
    }
    // An event that is found does not make the one who subscribed busy.
    lines.push("TRANSP", &[], "TRANSPARENT");
    lines.push("END", &[], "VEVENT");
}

/// The start and the end. An event without a time of day lasts whole days of its zone; one that only hides when it ends
/// lasts until the end of that day; an open end is none.
fn push_times(lines: &mut Lines, event: &StoredEvent, now: Timestamp, zones: &mut BTreeMap<String, ZoneUse>) {
    let zone = event.time_zone.as_deref().and_then(|name| find_zone(name).ok());
    let local = zone.clone().unwrap_or(TimeZone::UTC);
    let date = |at: Timestamp| local.to_datetime(at).date();
    if event.hides_start_time {
        let last = match event.ends_at {
            Some(ends_at) if event.hides_end_time => date(ends_at),
            // What ends at midnight does not last into the day that begins then.
            Some(ends_at) => date(ends_at.saturating_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(ends_at)),
            None => date(event.starts_at),
        };
        let first = date(event.starts_at);
        lines.push("DTSTART", &[("VALUE", "DATE")], &written(first));
        lines.push("DTEND", &[("VALUE", "DATE")], &written(day_after(last.max(first))));
        return;
    }
    let ends_at = event.ends_at.map(|ends_at| {
        if !event.hides_end_time {
            return ends_at;
        }
        let midnight = local.to_ambiguous_zoned(day_after(date(ends_at)).at(0, 0, 0, 0)).compatible();
        midnight.map_or(ends_at, |zoned| zoned.timestamp())
    });
    for (name, at) in [("DTSTART", Some(event.starts_at)), ("DTEND", ends_at)] {
        let Some(at) = at else { continue };
        // The name as the tz database writes it, and not as an origin does.
        let named = zone.as_ref().and_then(|zone| Some((zone, zone.iana_name()?)));
        let is_local = |(zone, name): &(&TimeZone, &str)| *name != "UTC" && is_near(at, now) && comes_back(zone, at);
        match named.filter(is_local) {
            Some((zone, zone_name)) => {
                let of_zone = zones.entry(zone_name.to_owned()).or_insert_with(|| ZoneUse::new(zone.clone(), at));
                of_zone.add(at);
                let local = zone.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string();
                lines.push(name, &[("TZID", zone_name)], &local);
            }
            None => lines.push(name, &[], &in_utc(at)),
        }
    }
}

/// Whether the local time of an instant means that instant. In the second pass of an hour that the clock repeats it does not:
/// a calendar reads it as the first.
fn comes_back(zone: &TimeZone, at: Timestamp) -> bool {
    let read = zone.to_ambiguous_timestamp(zone.to_datetime(at)).compatible();
    read.is_ok_and(|read| read == at)
}

fn day_after(date: Date) -> Date {
    date.saturating_add(1.day())
}

/// `20260314`; the calendar knows no year before the first.
fn written(date: Date) -> String {
    date.max(Date::constant(1, 1, 1)).strftime("%Y%m%d").to_string()
}

fn in_utc(at: Timestamp) -> String {
    at.max(Timestamp::constant(-62_135_596_800, 0)).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Grows with every change.
fn sequence(changed_at: Option<Timestamp>) -> i32 {
    let seconds = changed_at.map_or(0, |at| at.as_second() - SEQUENCE_EPOCH_S);
    i32::try_from(seconds.max(0)).unwrap_or(i32::MAX)
}

fn status(status: &str) -> &'static str {
    match status {
        "CANCELLED" => "CANCELLED",
        "TENTATIVE" => "TENTATIVE",
        _ => "CONFIRMED",
    }
}

/// The description as plain text, and where there is more: not every calendar shows the address.
fn description(event: &StoredEvent, address: &str) -> String {
    let text = event.description.as_deref().map(paragraphs).unwrap_or_default();
    let mut short: String = text.chars().take(MAX_DESCRIPTION_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let online = event.online_address.as_deref().filter(|_| event.is_online);
    let links = [online, Some(address)].into_iter().flatten().filter_map(web_address).map(String::from);
    let parts: Vec<String> = std::iter::once(short).chain(links).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// The text of clean HTML, with its paragraphs and breaks as lines.
fn paragraphs(html: &str) -> String {
    let mut parts = vec![html];
    for mark in
        ["</p>", "<br>", "</li>", "</blockquote>", "</h1>", "</h2>", "</h3>", "</h4>", "</h5>", "</h6>", "</pre>"]
    {
        parts = parts.into_iter().flat_map(|part| part.split(mark)).collect();
    }
    let lines: Vec<String> = parts.into_iter().map(plain_text).filter(|line| !line.trim().is_empty()).collect();
    lines.join("\n")
}

/// The parts of an address in one line; `None` when there is none.
fn location(address: &StoredAddress) -> Option<String> {
    let town = match (&address.postal_code, &address.locality) {
        (Some(code), Some(town)) => Some(format!("{code} {town}")),
        (code, town) => town.clone().or_else(|| code.clone()),
    };
    let parts = [address.name.clone(), address.street.clone(), town, address.region.clone(), address.country.clone()];
    let mut known: Vec<String> = Vec::new();
    for part in parts.into_iter().flatten().filter(|part| !part.trim().is_empty()) {
        if !known.contains(&part) {
            known.push(part);
        }
    }
    (!known.is_empty()).then(|| known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_grows_and_fits() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!(sequence(None), 0);
        assert_eq!(sequence(at("1999-01-01T00:00:00Z")), 0);
        assert!(sequence(at("2026-03-01T00:00:00Z")) < sequence(at("2026-03-01T00:00:01Z")));
        assert_eq!(sequence(at("9999-01-01T00:00:00Z")), i32::MAX);
    }

    #[test]
    fn paragraphs_are_lines() {
        let html = "<p>One <b>bold</b> word.</p><p>Two<br>three &amp; four</p><ul><li>five</li><li>six</li></ul>";
        assert_eq!(paragraphs(html), "One bold word.\nTwo\nthree & four\nfive\nsix");
        assert_eq!(paragraphs(""), "");
    }

    #[test]
    fn an_address_is_one_line_without_repetition() {
        let address = StoredAddress {
            name: Some("Bibliothèque".to_owned()),
            street: Some("12 rue Haute".to_owned()),
            locality: Some("Lyon".to_owned()),
            postal_code: Some("69001".to_owned()),
            region: Some(" ".to_owned()),
            country: Some("France".to_owned()),
            ..StoredAddress::default()
        };
        assert_eq!(location(&address).as_deref(), Some("Bibliothèque, 12 rue Haute, 69001 Lyon, France"));
        assert_eq!(location(&StoredAddress::default()), None);
        let same =
            StoredAddress { name: Some("Lyon".into()), locality: Some("Lyon".into()), ..StoredAddress::default() };
        assert_eq!(location(&same).as_deref(), Some("Lyon"));
    }
}
