//! Lengths of time and dates as rules write them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The longest length of time, a hundred years in seconds: longer ones are slips of the pen.
const MAX_SECONDS: u64 = 100 * 365 * 86_400;

/// Reads `90s`, `1m`, `1h30m`, `365d`, `2w` or `2y` as seconds; a year is 365 days.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let refused = || format!("`{text}` is not a length of time; write `90s`, `1m`, `1h30m`, `30d`, `2w` or `2y`");
    let mut total = 0_u64;
    let mut number = String::new();
    for character in text.trim().chars() {
        if character.is_ascii_digit() {
            number.push(character);
            continue;
        }
        let unit = match character {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            'y' => 365 * 86_400,
            _ => return Err(refused()),
        };
        let count: u64 = std::mem::take(&mut number).parse().map_err(|_| refused())?;
        total = count.checked_mul(unit).and_then(|part| total.checked_add(part)).ok_or_else(refused)?;
    }
    if total == 0 || !number.is_empty() || total > MAX_SECONDS {
        return Err(refused());
    }
    Ok(total)
}

/// Reads `2024-01-01`, midnight of UTC, or a whole RFC 3339 time, as milliseconds since 1970.
pub(super) fn since_ms(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let midnight = || {
        let date: Date = text.parse().ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let is_date = text.len() == "2024-01-01".len();
    let at = if is_date { midnight() } else { text.parse::<Timestamp>().ok() };
    at.map(Timestamp::as_millisecond)
        .ok_or_else(|| format!("`{text}` is not a date; write `2024-01-01` or `2024-01-01T12:00:00Z`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_and_slips_refused() {
        for (text, expected) in [("90s", 90), ("1m", 60), ("1h30m", 5400), ("365d", 31_536_000), ("2w", 1_209_600)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for bad in ["", "5", "m", "1 m", "1h30", "-1m", "0s", "1.5h", "99999999999999999999s", "101y", "1M"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_are_those_of_utc() {
        assert_eq!(since_ms("1970-01-02"), Ok(86_400_000));
        assert_eq!(since_ms("1970-01-02T00:00:00+01:00"), Ok(82_800_000));
        for bad in ["", "1970", "1970-13-01", "01.02.1970", "1970-01-02T00:00:00"] {
            assert!(since_ms(bad).is_err(), "{bad}");
        }
    }
}
