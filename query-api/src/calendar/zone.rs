//! Time zones, written out change by change.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::text::Lines;

/// Years around the present within which a time is written in its zone. A zone is written out for as long as its times
/// reach, and rules of a distant year are a guess anyway.
const SECONDS_BEFORE: i64 = 2 * 366 * 86_400;
const SECONDS_AFTER: i64 = 3 * 366 * 86_400;

/// A zone that some times are written in.
#[derive(Clone, Debug)]
pub(super) struct ZoneUse {
    zone: TimeZone,
    first: Timestamp,
    last: Timestamp,
}

impl ZoneUse {
    /// The zone of this name as used for one time.
    pub fn new(zone: TimeZone, at: Timestamp) -> Self {
        Self { zone, first: at, last: at }
    }

    /// Another time is written in the zone.
    pub fn add(&mut self, at: Timestamp) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }

    /// Writes the zone: what holds at its first time and every change until its last. No rule is written, because a rule
    /// would go on for ever and be wrong when a country changes its mind.
    pub fn push(&self, lines: &mut Lines, name: &str) {
        lines.push("BEGIN", &[], "VTIMEZONE");
        lines.push("TZID", &[], name);
        // What holds at an instant began by the change before it; one that happens at the instant counts already.
        let after_first = self.first.saturating_add(jiff::SignedDuration::from_secs(1)).unwrap_or(self.first);
        let before = self.zone.preceding(after_first).next();
        let mut offset = match &before {
            Some(change) => {
                let from = offset_before(&self.zone, change.timestamp());
                push_observance(
                    lines,
                    change.dst().is_dst(),
                    local(change.timestamp(), from),
                    from,
                    change.offset(),
                    change.abbreviation(),
                );
                change.offset()
            }
            None => {
                let info = self.zone.to_offset_info(self.first);
                let begin = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
                push_observance(lines, info.dst().is_dst(), begin, info.offset(), info.offset(), info.abbreviation());
                info.offset()
            }
        };
        let begun = before.as_ref().map_or(self.first, |change| change.timestamp());
        for change in self.zone.following(begun).take_while(|change| change.timestamp() <= self.last) {
            let at = change.timestamp();
            push_observance(
                lines,
                change.dst().is_dst(),
                local(at, offset),
                offset,
                change.offset(),
                change.abbreviation(),
            );
            offset = change.offset();
        }
        lines.push("END", &[], "VTIMEZONE");
    }
}

/// Whether a time is near enough to the present to be written in its zone.
pub(super) fn is_near(at: Timestamp, now: Timestamp) -> bool {
    let distance = at.as_second() - now.as_second();
    (-SECONDS_BEFORE..=SECONDS_AFTER).contains(&distance)
}

fn offset_before(zone: &TimeZone, at: Timestamp) -> Offset {
    let before = at.saturating_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(at);
    zone.to_offset(before)
}

fn local(at: Timestamp, offset: Offset) -> DateTime {
    offset.to_datetime(at)
}

fn push_observance(lines: &mut Lines, is_dst: bool, begin: DateTime, from: Offset, to: Offset, name: &str) {
    let kind = if is_dst { "DAYLIGHT" } else { "STANDARD" };
    lines.push("BEGIN", &[], kind);
    lines.push("DTSTART", &[], &begin.strftime("%Y%m%dT%H%M%S").to_string());
    lines.push("TZOFFSETFROM", &[], &written(from));
    lines.push("TZOFFSETTO", &[], &written(to));
    lines.push_text("TZNAME", name);
    lines.push("END", &[], kind);
}

/// `+0530`, with seconds where there are some.
fn written(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::find_zone;

    fn zone(name: &str, times: &[&str]) -> String {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut zone_use = ZoneUse::new(find_zone(name).unwrap(), at(times[0]));
        times.iter().for_each(|time| zone_use.add(at(time)));
        let mut lines = Lines::default();
        zone_use.push(&mut lines, name);
        lines.into_text().replace("\r\n", "\n")
    }

    #[test]
    fn a_zone_has_every_change_that_its_times_need() {
        let expected = "BEGIN:VTIMEZONE\nTZID:Europe/Paris\n\
            BEGIN:STANDARD\nDTSTART:20251026T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nTZNAME:CET\nEND:STANDARD\n\
            BEGIN:DAYLIGHT\nDTSTART:20260329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nTZNAME:CEST\nEND:DAYLIGHT\n\
            END:VTIMEZONE\n";
        assert_eq!(zone("Europe/Paris", &["2026-02-01T12:00:00Z", "2026-07-01T12:00:00Z"]), expected);
        // At the very moment of a change.
        let at_change = zone("Europe/Paris", &["2026-03-29T01:00:00Z"]);
        assert!(at_change.contains("BEGIN:DAYLIGHT") && !at_change.contains("STANDARD"), "{at_change}");
    }

    // case 92
    #[test]
    fn zones_without_changes_and_with_odd_ones() {
        let kathmandu = zone("Asia/Kathmandu", &["2026-02-01T12:00:00Z"]);
        assert!(kathmandu.contains("TZOFFSETTO:+0545"), "{kathmandu}");
        let utc = zone("UTC", &["2026-02-01T12:00:00Z"]);
        assert!(utc.contains("DTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0000"), "{utc}");
        let lord_howe = zone("Australia/Lord_Howe", &["2026-02-01T00:00:00Z", "2026-06-01T00:00:00Z"]);
        assert!(lord_howe.contains("TZOFFSETFROM:+1100\nTZOFFSETTO:+1030"), "{lord_howe}");
        let dublin = zone("Europe/Dublin", &["2026-02-01T00:00:00Z", "2026-06-01T00:00:00Z"]);
        assert!(dublin.contains("TZOFFSETTO:+0100"), "{dublin}");
    }

    #[test]
    fn offsets_are_written_with_their_sign() {
        for (seconds, text) in [(0, "+0000"), (-34_200, "-0930"), (20_700, "+0545"), (-17_762, "-045602")] {
            assert_eq!(written(Offset::from_seconds(seconds).unwrap()), text);
        }
    }
}
