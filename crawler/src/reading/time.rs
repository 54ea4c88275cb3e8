//! When an event takes place.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use journal::record::EventTime;

use super::lenient::Scalar;
use super::remark::Remark;

/// No event on the web began before 1970, and none after 2200 is meant: such a year is a slip of the keyboard.
const AGE: std::ops::Range<Timestamp> = Timestamp::UNIX_EPOCH..Timestamp::constant(7_258_118_400, 0);

/// A moment with an offset, within the age of events.
pub fn moment(scalar: &Scalar) -> Option<Timestamp> {
    let at: Timestamp = scalar.as_str()?.trim().parse().ok()?;
    AGE.contains(&at).then_some(at)
}

/// A moment in seconds since 1970, within the age of events.
pub fn moment_of_seconds(scalar: &Scalar) -> Option<Timestamp> {
    let at = Timestamp::from_second(scalar.to_i64()?).ok()?;
    AGE.contains(&at).then_some(at)
}

/// The time of an event that starts at `starts_at`.
///
/// - `end`: as read; `None` where there is none.
/// - `has_end`: whether something was sent for it.
/// - `zones`: names, the first that is known counts.
pub fn to_time<'a>(
    starts_at: Timestamp,
    end: Option<Timestamp>,
    has_end: bool,
    zones: impl Iterator<Item = &'a str>,
    remarks: &mut Vec<Remark>,
) -> EventTime {
    let ends_at = end.filter(|end| *end > starts_at);
    if has_end && ends_at.is_none() {
        remarks.push(Remark::BadEnd);
    }
    EventTime { starts_at, ends_at, time_zone: zone(zones, remarks), shows_start_time: true, shows_end_time: true }
}

/// The first of these names that is in the tz database, in its spelling.
fn zone<'a>(names: impl Iterator<Item = &'a str>, remarks: &mut Vec<Remark>) -> Option<String> {
    /// The longest names have 32 letters.
    const MAX_BYTES: usize = 64;
    let mut is_unknown = false;
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        let zone = if name.len() <= MAX_BYTES { TimeZone::get(name).ok() } else { None };
        if let Some(name) = zone.as_ref().and_then(TimeZone::iana_name) {
            return Some(name.to_owned());
        }
        is_unknown = true;
    }
    if is_unknown {
        remarks.push(Remark::UnknownZone);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn case_92_ends_before_their_start_and_unknown_zones_are_dropped() {
        let start = at("2026-11-22T18:00:00Z");
        let time = |end: Option<&str>, zones: &[&'static str]| {
            let mut remarks = Vec::new();
            let time = to_time(start, end.map(at), end.is_some(), zones.iter().copied(), &mut remarks);
            (time.ends_at, time.time_zone, remarks)
        };
        let paris = Some("Europe/Paris".to_owned());
        assert_eq!(time(None, &[]), (None, None, vec![]));
        assert_eq!(time(Some("2026-11-22T18:00:00Z"), &[]), (None, None, vec![Remark::BadEnd]));
        assert_eq!(time(Some("2025-11-22T18:00:00Z"), &["Europe/Paris"]), (None, paris.clone(), vec![Remark::BadEnd]));
        let long = "2036-11-22T18:00:00Z";
        assert_eq!(time(Some(long), &["europe/paris"]), (Some(at(long)), paris.clone(), vec![]), "ten years are kept");
        assert_eq!(time(None, &["Mars/Olympus", "Europe/Paris"]), (None, paris, vec![]));
        assert_eq!(time(None, &["Mars/Olympus"]), (None, None, vec![Remark::UnknownZone]));
        assert_eq!(time(None, &["", " "]), (None, None, vec![]));
        assert_eq!(time(None, &["/etc/passwd"]), (None, None, vec![Remark::UnknownZone]));
    }

    #[test]
    fn moments_have_an_offset_and_a_sane_year() {
        let moment = |text: &str| moment(&Scalar::Text(text.to_owned()));
        assert_eq!(moment("2025-05-23T12:15:00Z"), Some(at("2025-05-23T12:15:00Z")));
        assert_eq!(moment("2025-05-23T14:15:00+02:00"), Some(at("2025-05-23T12:15:00Z")));
        for nothing in ["2025-05-23T12:15:00", "2025-05-23", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", ""] {
            assert_eq!(moment(nothing), None, "{nothing}");
        }
    }
}
