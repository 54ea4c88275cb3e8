//! Periods by name.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::when::{Period, day_start, hour_of};

/// The hour, local time, from which an event is tonight's.
const EVENING_HOUR: i8 = 18;

/// The hour of the next day, local time, at which a night is over.
const NIGHT_END_HOUR: i8 = 4;

/// A period by name, as calendars offer them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DatePreset {
    /// From now on: what runs and what comes.
    #[default]
    Upcoming,
    /// The rest of the local day.
    Today,
    /// 18:00 to 04:00 of the next day; before 04:00 the night that runs.
    Tonight,
    /// The next local day.
    Tomorrow,
    /// Saturday and Sunday, from Saturday 00:00 to Monday 00:00; on these days the ones that run.
    Weekend,
    /// The next seven days: today and the six days that follow.
    Week,
    /// The next thirty days: today and the 29 days that follow.
    Month,
    /// The rest of the week, which begins on Monday.
    ThisWeek,
    /// The week that begins on the next Monday.
    NextWeek,
    /// The rest of the calendar month.
    ThisMonth,
    /// The next calendar month.
    NextMonth,
    /// What is over.
    Past,
}

impl DatePreset {
    /// Every period, in the order that a form offers them.
    pub const ALL: [Self; 12] = [
        Self::Upcoming,
        Self::Today,
        Self::Tonight,
        Self::Tomorrow,
        Self::Weekend,
        Self::Week,
        Self::Month,
        Self::ThisWeek,
        Self::NextWeek,
        Self::ThisMonth,
        Self::NextMonth,
        Self::Past,
    ];

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Today => "today",
            Self::Tonight => "tonight",
            Self::Tomorrow => "tomorrow",
            Self::Weekend => "weekend",
            Self::Week => "week",
            Self::Month => "month",
            Self::ThisWeek => "this-week",
            Self::NextWeek => "next-week",
            Self::ThisMonth => "this-month",
            Self::NextMonth => "next-month",
            Self::Past => "past",
        }
    }

    /// The period of this name, whatever its case; `next_week` is `next-week`, and `any` and `this-weekend` are known, too.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        match name.as_str() {
            "any" => Some(Self::Upcoming),
            "this-weekend" => Some(Self::Weekend),
            name => Self::ALL.into_iter().find(|preset| preset.name() == name),
        }
    }

    /// The period as seen at `now` in `zone`. It never begins before `now`, unless it is the past: nobody looks for what
    /// was over this morning.
    pub fn period(self, now: Timestamp, zone: &TimeZone) -> Period {
        let local = now.to_zoned(zone.clone());
        let today = local.date();
        let monday = days_before(today, i64::from(today.weekday().to_monday_zero_offset()));
        let first_of_month = today.first_of_month();
        let days = |first: Date, n_days: i64| (day_start(first, zone), day_start(days_after(first, n_days), zone));
        let (from, to) = match self {
            Self::Upcoming => return Period::Overlapping { from: now, to: None },
            Self::Past => return Period::OverBy { at: now },
            Self::Today => days(today, 1),
            Self::Tonight => {
                let night_of = |date: Date| {
                    (hour_of(date, EVENING_HOUR, zone), hour_of(days_after(date, 1), NIGHT_END_HOUR, zone))
                };
                // Asked by the clock and not by the instants, which a change of the clock moves.
                if local.hour() < NIGHT_END_HOUR { night_of(days_before(today, 1)) } else { night_of(today) }
            }
            Self::Tomorrow => days(days_after(today, 1), 1),
            Self::Weekend => match today.weekday() {
                Weekday::Sunday => days(days_before(today, 1), 2),
                _ => days(days_after(monday, 5), 2),
            },
            Self::Week => days(today, 7),
            Self::Month => days(today, 30),
            Self::ThisWeek => days(monday, 7),
            Self::NextWeek => days(days_after(monday, 7), 7),
            Self::ThisMonth => (day_start(first_of_month, zone), day_start(months_after(first_of_month, 1), zone)),
            Self::NextMonth => {
                (day_start(months_after(first_of_month, 1), zone), day_start(months_after(first_of_month, 2), zone))
            }
        };
        Period::Overlapping { from: from.max(now), to: Some(to.max(now)) }
    }
}

/// At the ends of what can be computed, the last day.
fn days_after(date: Date, n_days: i64) -> Date {
    date.saturating_add(Span::new().days(n_days))
}

fn days_before(date: Date, n_days: i64) -> Date {
    date.saturating_sub(Span::new().days(n_days))
}

fn months_after(date: Date, n_months: i64) -> Date {
    date.saturating_add(Span::new().months(n_months))
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;
    use crate::time::find_zone;

    fn period_at(local: &str, zone: &str, preset: DatePreset) -> (String, String) {
        let zone = find_zone(zone).unwrap();
        let now = local.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone.clone()).unwrap().timestamp();
        match preset.period(now, &zone) {
            Period::Overlapping { from, to: Some(to) } => {
                let text = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%F %R%:z").to_string();
                (text(from), text(to))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_name_is_read_back() {
        for preset in DatePreset::ALL {
            assert_eq!(DatePreset::parse(preset.name()), Some(preset));
        }
        assert_eq!(DatePreset::parse(" Next_Week "), Some(DatePreset::NextWeek));
        assert_eq!(DatePreset::parse("any"), Some(DatePreset::Upcoming));
        assert_eq!(DatePreset::parse("this_weekend"), Some(DatePreset::Weekend));
        for text in ["", "yesterday", "to day", "weekend;"] {
            assert_eq!(DatePreset::parse(text), None, "{text}");
        }
    }

    #[test]
    fn periods_begin_and_end_with_local_days() {
        use DatePreset::*;
        // Wednesday, 11 March 2026.
        let rows = [
            (Today, "2026-03-11 15:30+01:00", "2026-03-12 00:00+01:00"),
            (Tonight, "2026-03-11 18:00+01:00", "2026-03-12 04:00+01:00"),
            (Tomorrow, "2026-03-12 00:00+01:00", "2026-03-13 00:00+01:00"),
            (Weekend, "2026-03-14 00:00+01:00", "2026-03-16 00:00+01:00"),
            (Week, "2026-03-11 15:30+01:00", "2026-03-18 00:00+01:00"),
            (Month, "2026-03-11 15:30+01:00", "2026-04-10 00:00+02:00"),
            (ThisWeek, "2026-03-11 15:30+01:00", "2026-03-16 00:00+01:00"),
            (NextWeek, "2026-03-16 00:00+01:00", "2026-03-23 00:00+01:00"),
            (ThisMonth, "2026-03-11 15:30+01:00", "2026-04-01 00:00+02:00"),
            (NextMonth, "2026-04-01 00:00+02:00", "2026-05-01 00:00+02:00"),
        ];
        for (preset, from, to) in rows {
            let found = period_at("2026-03-11T15:30", "Europe/Paris", preset);
            assert_eq!(found, (from.to_owned(), to.to_owned()), "{preset:?}");
        }
    }

    #[test]
    fn a_night_runs_until_four_and_a_weekend_until_monday() {
        use DatePreset::*;
        let rows = [
            ("2026-03-11T17:59", Tonight, "2026-03-11 18:00+01:00", "2026-03-12 04:00+01:00"),
            ("2026-03-11T23:00", Tonight, "2026-03-11 23:00+01:00", "2026-03-12 04:00+01:00"),
            ("2026-03-12T03:59", Tonight, "2026-03-12 03:59+01:00", "2026-03-12 04:00+01:00"),
            ("2026-03-12T04:00", Tonight, "2026-03-12 18:00+01:00", "2026-03-13 04:00+01:00"),
            ("2026-03-13T23:59", Weekend, "2026-03-14 00:00+01:00", "2026-03-16 00:00+01:00"),
            ("2026-03-14T10:00", Weekend, "2026-03-14 10:00+01:00", "2026-03-16 00:00+01:00"),
            ("2026-03-15T23:59", Weekend, "2026-03-15 23:59+01:00", "2026-03-16 00:00+01:00"),
            ("2026-03-16T00:00", Weekend, "2026-03-21 00:00+01:00", "2026-03-23 00:00+01:00"),
        ];
        for (now, preset, from, to) in rows {
            assert_eq!(period_at(now, "Europe/Paris", preset), (from.to_owned(), to.to_owned()), "{preset:?} at {now}");
        }
    }

    // case 92
    #[test]
    fn periods_over_a_change_of_the_clock() {
        use DatePreset::*;
        let rows = [
            // 29 March 2026 in Paris has 23 hours, 25 October 25.
            ("2026-03-29T00:00", "Europe/Paris", Today, "2026-03-29 00:00+01:00", "2026-03-30 00:00+02:00"),
            ("2026-03-28T20:00", "Europe/Paris", Tonight, "2026-03-28 20:00+01:00", "2026-03-29 04:00+02:00"),
            ("2026-03-29T03:30", "Europe/Paris", Tonight, "2026-03-29 03:30+02:00", "2026-03-29 04:00+02:00"),
            ("2026-10-25T00:00", "Europe/Paris", Today, "2026-10-25 00:00+02:00", "2026-10-26 00:00+01:00"),
            // Half an hour.
            ("2026-04-04T09:00", "Australia/Lord_Howe", Weekend, "2026-04-04 09:00+11:00", "2026-04-06 00:00+10:30"),
            // A quarter of an hour off, no change.
            ("2026-05-01T09:00", "Asia/Kathmandu", Tomorrow, "2026-05-02 00:00+05:45", "2026-05-03 00:00+05:45"),
            // The day that did not exist: tomorrow is empty, and the day after begins when it would have.
            ("2011-12-29T12:00", "Pacific/Apia", Tomorrow, "2011-12-31 00:00+14:00", "2011-12-31 00:00+14:00"),
            ("2011-12-29T12:00", "Pacific/Apia", Week, "2011-12-29 12:00-10:00", "2012-01-05 00:00+14:00"),
            // Midnight does not exist: the day begins at one.
            ("2024-09-07T12:00", "America/Santiago", Tomorrow, "2024-09-08 01:00-03:00", "2024-09-09 00:00-03:00"),
            // Midnight comes twice: the day begins with the first.
            ("2024-11-02T12:00", "America/Havana", Tomorrow, "2024-11-03 00:00-04:00", "2024-11-04 00:00-05:00"),
        ];
        for (now, zone, preset, from, to) in rows {
            let found = period_at(now, zone, preset);
            assert_eq!(found, (from.to_owned(), to.to_owned()), "{preset:?} at {now} in {zone}");
        }
    }

    #[test]
    fn the_same_moment_is_another_day_elsewhere() {
        let now: Timestamp = "2026-03-11T23:30:00Z".parse().unwrap();
        let end = |name: &str| match DatePreset::Today.period(now, &find_zone(name).unwrap()) {
            Period::Overlapping { to: Some(to), .. } => to,
            other => panic!("{other:?}"),
        };
        assert_eq!(end("UTC"), "2026-03-12T00:00:00Z".parse().unwrap());
        assert_eq!(end("Europe/Paris"), "2026-03-12T23:00:00Z".parse().unwrap());
        assert_eq!(end("America/New_York"), "2026-03-12T04:00:00Z".parse().unwrap());
    }

    #[test]
    fn without_an_end_or_a_beginning() {
        let now: Timestamp = "2026-03-11T23:30:00Z".parse().unwrap();
        assert_eq!(DatePreset::Upcoming.period(now, &TimeZone::UTC), Period::Overlapping { from: now, to: None });
        assert_eq!(DatePreset::Past.period(now, &TimeZone::UTC), Period::OverBy { at: now });
    }

    proptest! {
        #[test]
        fn a_period_is_never_turned_round_nor_empty_of_meaning(
            second in -2_000_000_000_i64..8_000_000_000,
            zone in prop::sample::select(vec![
                "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago", "UTC", "Asia/Tehran",
            ]),
        ) {
            let now = Timestamp::from_second(second).unwrap();
            let zone = find_zone(zone).unwrap();
            for preset in DatePreset::ALL {
                if let Period::Overlapping { from, to } = preset.period(now, &zone) {
                    prop_assert!(from >= now);
                    if let Some(to) = to {
                        prop_assert!(to >= from, "{:?}", preset);
                        prop_assert!(to <= now + 70.days().to_duration(jiff::SpanRelativeTo::days_are_24_hours()).unwrap());
                    }
                }
            }
        }

        #[test]
        fn any_moment_has_every_period(second in -377_705_023_201_i64..253_402_207_200) {
            let now = Timestamp::from_second(second).unwrap();
            for preset in DatePreset::ALL {
                preset.period(now, &TimeZone::UTC);
            }
        }
    }
}
