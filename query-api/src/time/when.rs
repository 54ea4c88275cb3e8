//! A period by name or by its days, and what it lets pass.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::preset::DatePreset;
use crate::query::EventTimes;

/// Which events a period lets pass. An event lasts from its start until it is over; one that only starts counts at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// What is not over at `from` and starts before `to`: events that run across a border of the period belong to it.
    Overlapping {
        /// The beginning, inclusive.
        from: Timestamp,
        /// The end, exclusive; `None` for no end.
        to: Option<Timestamp>,
    },
    /// What is over at `at`.
    OverBy {
        /// The moment, inclusive.
        at: Timestamp,
    },
}

impl Period {
    /// Whether an event with this start that is over at this moment belongs to the period.
    pub fn has(&self, starts_at: Timestamp, over_at: Timestamp) -> bool {
        match *self {
            Self::Overlapping { from, to } => {
                (over_at > from || starts_at >= from) && to.is_none_or(|to| starts_at < to)
            }
            Self::OverBy { at } => over_at <= at,
        }
    }
}

impl From<Period> for EventTimes {
    fn from(period: Period) -> Self {
        match period {
            Period::Overlapping { from, to } => Self {
                not_over_at: Some(from.as_millisecond()),
                // The index counts in milliseconds, and its bound is inclusive.
                starts_by: to.map(|to| to.as_millisecond().saturating_sub(1)),
                over_by: None,
            },
            Period::OverBy { at } => Self { over_by: Some(at.as_millisecond()), ..Self::default() },
        }
    }
}

/// The value of the parameter `when`: a name, or days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// A period by name.
    Preset(DatePreset),
    /// Local days, both of them included.
    Days {
        /// The first.
        first: Date,
        /// The last, not before the first.
        last: Date,
    },
}

impl Default for When {
    fn default() -> Self {
        Self::Preset(DatePreset::Upcoming)
    }
}

impl When {
    /// Reads a name, a day (`2026-12-24`) or two of them (`2026-12-24..2026-12-26`).
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(preset) = DatePreset::parse(text) {
            return Some(Self::Preset(preset));
        }
        let day = |text: &str| {
            let text = text.trim();
            // jiff reads dates with times, too, and would drop those.
            (text.len() == "2026-12-24".len()).then(|| text.parse::<Date>().ok()).flatten()
        };
        let (first, last) = match text.split_once("..") {
            Some((first, last)) => (day(first)?, day(last)?),
            None => (day(text)?, day(text)?),
        };
        (first <= last).then_some(Self::Days { first, last })
    }

    /// The period as seen at `now` in `zone`. Days are whole, also those of the past.
    pub fn period(self, now: Timestamp, zone: &TimeZone) -> Period {
        match self {
            Self::Preset(preset) => preset.period(now, zone),
            Self::Days { first, last } => Period::Overlapping {
                from: day_start(first, zone),
                to: last.tomorrow().ok().map(|day| day_start(day, zone)),
            },
        }
    }
}

/// The first moment of a local day; where midnight was skipped, the moment the clock was moved at.
pub(super) fn day_start(date: Date, zone: &TimeZone) -> Timestamp {
    hour_of(date, 0, zone)
}

/// The first moment that the clock shows this hour of a local day, or the moment it was moved over it.
pub(super) fn hour_of(date: Date, hour: i8, zone: &TimeZone) -> Timestamp {
    let local = date.to_datetime(Time::constant(hour, 0, 0, 0));
    match zone.to_ambiguous_zoned(local).compatible() {
        Ok(zoned) => zoned.timestamp(),
        // Local times of the first and the last day that can be computed may be no instants.
        Err(_) if date.year() < 0 => Timestamp::MIN,
        Err(_) => Timestamp::MAX,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::time::find_zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_or_days() {
        let days = |first, last| Some(When::Days { first, last });
        assert_eq!(When::parse("Tonight"), Some(When::Preset(DatePreset::Tonight)));
        assert_eq!(When::parse("2026-12-24"), days(date(2026, 12, 24), date(2026, 12, 24)));
        assert_eq!(When::parse("2026-12-24..2026-12-26"), days(date(2026, 12, 24), date(2026, 12, 26)));
        for text in ["", "..", "2026-12-26..2026-12-24", "2026-02-30", "2026-12-24T10:00", "24.12.2026", "2026-12-24.."]
        {
            assert_eq!(When::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_whole_and_local() {
        let zone = find_zone("Asia/Kathmandu").unwrap();
        let day = When::parse("2020-01-31").unwrap().period(at("2026-01-01T00:00:00Z"), &zone);
        let expected = Period::Overlapping { from: at("2020-01-30T18:15:00Z"), to: Some(at("2020-01-31T18:15:00Z")) };
        assert_eq!(day, expected);
    }

    // case 92
    #[test]
    fn what_runs_across_a_border_belongs_to_the_period() {
        let period = Period::Overlapping { from: at("2026-03-14T00:00:00Z"), to: Some(at("2026-03-16T00:00:00Z")) };
        let rows = [
            ("2026-03-14T00:00:00Z", "2026-03-14T00:00:00Z", true, "open end, at the very beginning"),
            ("2026-03-13T23:59:59Z", "2026-03-13T23:59:59Z", false, "open end, just before"),
            ("2026-03-13T20:00:00Z", "2026-03-14T00:00:00Z", false, "ends as the period begins"),
            ("2026-03-13T20:00:00Z", "2026-03-14T00:00:01Z", true, "still runs"),
            ("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z", true, "ten years around it"),
            ("2026-03-15T23:59:59Z", "2026-03-20T00:00:00Z", true, "starts at the last moment"),
            ("2026-03-16T00:00:00Z", "2026-03-16T02:00:00Z", false, "starts as the period ends"),
        ];
        for (starts_at, over_at, belongs, reason) in rows {
            assert_eq!(period.has(at(starts_at), at(over_at)), belongs, "{reason}");
        }
        let past = Period::OverBy { at: at("2026-03-14T00:00:00Z") };
        assert!(past.has(at("2026-03-13T20:00:00Z"), at("2026-03-14T00:00:00Z")));
        assert!(!past.has(at("2026-03-13T20:00:00Z"), at("2026-03-14T00:00:01Z")));
    }

    #[test]
    fn nothing_is_upcoming_and_past_at_once() {
        let now = at("2026-03-14T00:00:00Z");
        let upcoming = DatePreset::Upcoming.period(now, &TimeZone::UTC);
        let past = DatePreset::Past.period(now, &TimeZone::UTC);
        for (starts_at, over_at) in [(-5, -1), (-5, 0), (-5, 1), (1, 1), (1, 5), (-1, -1)] {
            let at = |seconds: i64| Timestamp::from_second(now.as_second() + seconds).unwrap();
            let (starts_at, over_at) = (at(starts_at), at(over_at));
            assert_ne!(upcoming.has(starts_at, over_at), past.has(starts_at, over_at), "{starts_at} {over_at}");
        }
        // What starts at this moment without an end is both about to happen and over.
        assert!(upcoming.has(now, now));
    }
}
