use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::{Offset, TimeZone};

/// `2024-01-31T12:34:56.789Z`: always three decimals, always UTC. NewPipe drops a video whose date is written otherwise.
///
/// Written digit by digit: a page of fifteen videos has some three hundred dates, and a general formatter takes longer
/// over them than the search itself.
pub(crate) fn iso_ms(instant: Timestamp) -> String {
    let local = Offset::UTC.to_datetime(instant);
    let mut text = String::with_capacity(24);
    push_digits(&mut text, i64::from(local.year()), 1000);
    for (mark, value, unit) in [
        ('-', i64::from(local.month()), 10),
        ('-', i64::from(local.day()), 10),
        ('T', i64::from(local.hour()), 10),
        (':', i64::from(local.minute()), 10),
        (':', i64::from(local.second()), 10),
        ('.', i64::from(local.millisecond()), 100),
    ] {
        text.push(mark);
        push_digits(&mut text, value, unit);
    }
    text.push('Z');
    text
}

/// `2025-12-11T18:00:00Z`, with as many decimals as there are.
pub(super) fn iso(instant: Timestamp) -> String {
    instant.to_string()
}

/// `2025-12-11T19:00:00+01:00`: with the offset that the zone has at that instant. In UTC where the zone is not known.
pub(super) fn iso_in_zone(instant: Timestamp, zone: Option<&str>) -> String {
    match zone.and_then(|zone| TimeZone::get(zone).ok()) {
        Some(zone) => DateTimePrinter::new().timestamp_with_offset_to_string(&instant, zone.to_offset(instant)),
        None => iso(instant),
    }
}

/// The digits from that of `unit` down; a year before our era counts as the year 0.
fn push_digits(text: &mut String, value: i64, mut unit: i64) {
    let value = value.max(0);
    while unit > 0 {
        text.push(char::from(u8::try_from(value / unit % 10).map_or(b'0', |digit| b'0' + digit)));
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_decimals_even_of_a_whole_second() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_538_391_166_396, "2018-10-01T10:52:46.396Z"),
            (1_704_067_200_070, "2024-01-01T00:00:00.070Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso_ms(Timestamp::from_millisecond(ms).unwrap()), text);
        }
    }

    #[test]
    fn a_date_has_the_offset_of_its_zone_on_that_day() {
        let noon = |day: &str| format!("2025-{day}T12:00:00Z").parse::<Timestamp>().unwrap();
        assert_eq!(iso_in_zone(noon("12-11"), Some("Europe/Paris")), "2025-12-11T13:00:00+01:00");
        assert_eq!(iso_in_zone(noon("07-14"), Some("Europe/Paris")), "2025-07-14T14:00:00+02:00");
        assert_eq!(iso_in_zone(noon("07-14"), Some("Asia/Kathmandu")), "2025-07-14T17:45:00+05:45");
        assert_eq!(iso_in_zone(noon("07-14"), Some("UTC")), "2025-07-14T12:00:00+00:00");
        for zone in [None, Some("Mars/Olympus_Mons"), Some("")] {
            assert_eq!(iso_in_zone(noon("07-14"), zone), "2025-07-14T12:00:00Z", "{zone:?}");
        }
        assert_eq!(iso("2025-07-14T12:00:00.25Z".parse().unwrap()), "2025-07-14T12:00:00.25Z");
    }

    proptest! {
        #[test]
        fn every_date_of_our_era_reads_back(ms in -62_135_596_800_000_i64..253_402_207_200_000) {
            let instant = Timestamp::from_millisecond(ms).unwrap();
            let text = iso_ms(instant);
            prop_assert_eq!(text.len(), 24);
            prop_assert_eq!(text.parse::<Timestamp>().unwrap(), instant);
        }
    }
}
