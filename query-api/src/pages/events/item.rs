//! An event as the page shows it.

use indexer::analysis::plain_text;
use indexer::stored::{StoredAddress, StoredEvent};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use percent_encoding::utf8_percent_encode;

use super::super::item::{MAX_NAME_CHARS, MAX_TITLE_CHARS, PATH, is_plain_https, report_path, shortened};
use crate::search::{EventHit, Marked, Snippets};
use crate::time::find_zone;

pub(in crate::pages) struct EventItem {
    pub title: String,
    /// Absolute, on the origin; `None` when what the origin gave is no https address.
    pub href: Option<String>,
    /// Path of the banner on our own host; `None` without one.
    pub picture: Option<String>,
    /// `Fri`
    pub weekday: String,
    /// `28`
    pub day: String,
    /// `Nov`, with the year when it is not the present one.
    pub month: String,
    /// `Fri 28 Nov 2026, 19:00 – 21:00`, in the event's own zone.
    pub time: String,
    /// The start, for programs.
    pub start_iso: String,
    /// The zone of the times shown.
    pub zone: String,
    /// Where it takes place, in one line; empty when that is not known.
    pub place: String,
    /// `3.2 km`; empty where there is none.
    pub distance: String,
    /// The group, else the organiser; empty when hidden.
    pub by: String,
    pub host: String,
    pub lang: String,
    pub is_online: bool,
    pub is_cancelled: bool,
    pub is_tentative: bool,
    pub is_full: bool,
    pub is_running: bool,
    pub snippet: Vec<Marked>,
    /// Path of the form that reports it.
    pub report: String,
}

impl EventItem {
    pub fn new(hit: EventHit, snippets: &Snippets, now: Timestamp) -> Self {
        let EventHit { event, distance_m, .. } = hit;
        let zone = event.time_zone.as_deref().and_then(|name| find_zone(name).ok());
        let zone_name = if zone.is_some() { event.time_zone.clone().unwrap_or_default() } else { "UTC".to_owned() };
        let zone = zone.unwrap_or(TimeZone::UTC);
        let start = event.starts_at.to_zoned(zone.clone());
        let end = event.ends_at.map(|end| end.to_zoned(zone));
        let is_this_year = start.year() == now.to_zoned(start.time_zone().clone()).year();
        let url = event.page_url.as_ref().unwrap_or(&event.url);
        let href = is_plain_https(url, &event.host).then(|| url.clone());
        let key = format!("event~{}~{}", event.host, event.origin_id.to_lowercase());
        let text = event.description.as_deref().map(plain_text).unwrap_or_default();
        let by = event.group.as_ref().or(event.organizer.as_ref()).map(|actor| actor.actor.display_name());
        let language = event.language.clone().unwrap_or_default();
        let is_tag = language.len() <= 20 && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        Self {
            title: shortened(&event.title, MAX_TITLE_CHARS),
            href,
            picture: (!event.pictures.is_empty())
                .then(|| format!("/img/{}/thumbnail", utf8_percent_encode(&key, PATH))),
            weekday: start.strftime("%a").to_string(),
            day: start.strftime("%-d").to_string(),
            month: start.strftime(if is_this_year { "%b" } else { "%b %Y" }).to_string(),
            time: span(&event, &start, end.as_ref()),
            start_iso: crate::wire::iso_ms(event.starts_at),
            zone: zone_name,
            place: event.address.as_ref().map(place_line).unwrap_or_default(),
            distance: distance_m.map(distance).unwrap_or_default(),
            by: by.map(|name| shortened(name, MAX_NAME_CHARS)).unwrap_or_default(),
            lang: if is_tag { language } else { String::new() },
            is_online: event.is_online,
            is_cancelled: event.status == "CANCELLED",
            is_tentative: event.status == "TENTATIVE",
            is_full: event.n_places_left() == Some(0),
            is_running: event.starts_at <= now && event.ends_at.is_some_and(|end| end > now),
            report: report_path(&event.key()),
            snippet: if text.trim().is_empty() { Vec::new() } else { snippets.excerpt(text.trim()) },
            host: event.host,
        }
    }
}

/// From when to when, with as little repeated as reads well.
fn span(event: &StoredEvent, start: &Zoned, end: Option<&Zoned>) -> String {
    const DATE: &str = "%a %-d %b %Y";
    let with_time = |at: &Zoned, hides_time: bool| {
        at.strftime(if hides_time { "%a %-d %b %Y" } else { "%a %-d %b %Y, %H:%M" }).to_string()
    };
    let first = with_time(start, event.hides_start_time);
    let Some(end) = end else { return first };
    if start.date() != end.date() {
        return format!("{first} – {}", with_time(end, event.hides_end_time));
    }
    match (event.hides_start_time, event.hides_end_time) {
        (false, false) => format!("{first} – {}", end.strftime("%H:%M")),
        (false, true) => first,
        (true, false) => format!("{}, until {}", start.strftime(DATE), end.strftime("%H:%M")),
        (true, true) => start.strftime(DATE).to_string(),
    }
}

/// The name of the place, its street and its town, each once.
fn place_line(address: &StoredAddress) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in [&address.name, &address.street, &address.locality, &address.country].into_iter().flatten() {
        let part = part.trim();
        if !part.is_empty() && !parts.iter().any(|known| known.contains(part)) {
            parts.push(part);
        }
    }
    shortened(&parts.join(", "), MAX_TITLE_CHARS)
}

fn distance(metres: f64) -> String {
    match metres {
        m if m < 950.0 => format!("{:.0} m", (m / 50.0).round() * 50.0),
        m if m < 9_950.0 => format!("{:.1} km", m / 1_000.0),
        m => format!("{:.0} km", m / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_read_as_people_say_them() {
        let rows = [(0.0, "0 m"), (120.0, "100 m"), (949.0, "950 m"), (1_240.0, "1.2 km"), (25_400.0, "25 km")];
        for (metres, text) in rows {
            assert_eq!(distance(metres), text);
        }
    }

    #[test]
    fn a_place_is_one_line_without_repetition() {
        let address = StoredAddress {
            name: Some("12 Example Quay".to_owned()),
            street: Some("12 Example Quay".to_owned()),
            locality: Some("Brest".to_owned()),
            country: Some("France".to_owned()),
            ..StoredAddress::default()
        };
        assert_eq!(place_line(&address), "12 Example Quay, Brest, France");
    }
}
