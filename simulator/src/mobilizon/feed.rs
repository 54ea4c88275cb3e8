//! The calendar of the instance.

use jiff::Timestamp;

use super::host::MobilizonHost;
use super::spec::EventSpec;
use crate::answer::Answer;

/// The feed holds no more events than this.
const MAX_EVENTS: usize = 500;

/// `/feed/instance/ics`: public events of the host, the latest beginning first; 401 when feeds are off.
pub(super) fn ics(host: &MobilizonHost) -> Answer {
    if !host.has_feeds {
        return Answer::new(401, "text/plain; charset=utf-8", "Instance feeds are not enabled.");
    }
    let mut events: Vec<&EventSpec> = host.listed_events().collect();
    events.sort_by_key(|event| (std::cmp::Reverse(event.begins_on), event.uuid));
    let mut text = String::from("BEGIN:VCALENDAR\r\nCALSCALE:GREGORIAN\r\nVERSION:2.0\r\nPRODID:-//Mobilizon//EN\r\n");
    for event in events.into_iter().take(MAX_EVENTS) {
        component(&mut text, event, host.version.swaps_coordinates());
    }
    text.push_str("END:VCALENDAR\r\n");
    Answer::new(200, "text/calendar; charset=utf-8", text)
}

fn component(text: &mut String, event: &EventSpec, is_swapped: bool) {
    let mut line = |name: &str, value: &str| fold(text, &format!("{name}:{value}"));
    line("BEGIN", "VEVENT");
    line("UID", &event.uuid.to_string());
    line("DTSTAMP", &compact(event.published_at.unwrap_or(event.inserted_at)));
    line("DTSTART", &compact(event.begins_on));
    if let Some(end) = event.ends_on {
        line("DTEND", &compact(end));
    }
    line("SUMMARY", &escape(&event.title));
    line("URL", &event.url());
    line("STATUS", event.status.word());
    if !event.tags.is_empty() {
        let tags: Vec<String> = event.tags.iter().map(|tag| escape(tag)).collect();
        line("CATEGORIES", &tags.join(","));
    }
    if let Some(address) = &event.address {
        let parts = [&address.description, &address.street, &address.postal_code, &address.locality, &address.country];
        let parts: Vec<&str> = parts.into_iter().filter_map(|part| part.as_deref()).collect();
        line("LOCATION", &escape(&parts.join(", ")));
        if let Some((longitude, latitude)) = address.point() {
            let (first, second) = if is_swapped { (longitude, latitude) } else { (latitude, longitude) };
            line("GEO", &format!("{first};{second}"));
        }
    }
    line("END", "VEVENT");
}

fn compact(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// Adds a line in pieces of at most 75 octets, never within a character.
fn fold(text: &mut String, line: &str) {
    let mut n_octets = 0;
    for character in line.chars() {
        if n_octets + character.len_utf8() > 75 {
            text.push_str("\r\n ");
            n_octets = 1;
        }
        text.push(character);
        n_octets += character.len_utf8();
    }
    text.push_str("\r\n");
}
