//! Lenient reading of one value: clients send numbers and booleans as strings, and one value where a list is meant.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

/// The first value of a list, or the value itself: `a=1&a=2` where one is meant counts as `a=1`, as with PeerTube.
pub(super) fn first(value: &Value) -> &Value {
    match value {
        Value::Array(items) => items.first().unwrap_or(&Value::Null),
        single => single,
    }
}

/// The text of a string, number or boolean.
pub(super) fn text(value: &Value) -> Option<String> {
    match first(value) {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A whole number, also as a string or as `15.0`.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match first(value) {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within the exact range")]
            (float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0).then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `true`, `false`, `1`, `0`, with or without quotes.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match text(value)?.as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The texts of a list; one value is a list of one. `None` when an item is no string, number or boolean.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.iter().map(|item| if item.is_array() { None } else { text(item) }).collect(),
        single => text(single).map(|text| vec![text]),
    }
}

/// The texts of a list, empty ones for items that are none; one value is a list of one. `None` for lists in lists.
pub(super) fn texts_among(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => {
            let text_of = |item: &Value| (!item.is_array()).then(|| text(item).unwrap_or_default());
            items.iter().map(text_of).collect()
        }
        single => text(single).map(|text| vec![text]),
    }
}

/// The whole numbers of a list; one value is a list of one. `None` when an item is none.
pub(super) fn integers(value: &Value) -> Option<Vec<i64>> {
    match value {
        Value::Array(items) => items.iter().map(|item| if item.is_array() { None } else { integer(item) }).collect(),
        single => integer(single).map(|number| vec![number]),
    }
}

/// An ISO 8601 instant in milliseconds since 1970. A date alone is its midnight, a missing zone is UTC; a year or a
/// year and month stand for their first day.
pub(super) fn instant_ms(value: &Value) -> Option<i64> {
    let text = text(value)?;
    let text = text.trim();
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    // The last day that can be written, by which clients say "no end", is beyond the last instant that can be computed.
    if let Some(rest) = text.strip_prefix("9999-12-31") {
        return instant_ms(&Value::String(format!("9998-12-31{rest}"))).map(|_| Timestamp::MAX.as_millisecond());
    }
    let in_utc = |local: DateTime| local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_millisecond());
    match text.len() {
        4 => in_utc(Date::new(text.parse().ok()?, 1, 1).ok()?.to_datetime(jiff::civil::Time::midnight())),
        7 => {
            let (year, month) = text.split_once('-')?;
            let date = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            in_utc(date.to_datetime(jiff::civil::Time::midnight()))
        }
        _ => in_utc(text.parse::<DateTime>().ok()?),
    }
}

/// As [`instant_ms`], for dates that were not made for URLs: the `+` of an offset may have become a blank. `Some(None)` for an
/// empty text, which is no date at all.
pub(super) fn instant_in_url_ms(value: &Value) -> Option<Option<i64>> {
    let text = text(value)?;
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let repaired = match text.rsplit_once(' ') {
        Some((before, offset)) if before.contains('T') => format!("{before}+{offset}"),
        _ => text.to_owned(),
    };
    instant_ms(&Value::String(repaired)).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_clients_send() {
        let midnight = Some(1_704_067_200_000);
        for text in [
            "2024-01-01",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.000Z",
            "2024-01-01T02:00:00+02:00",
            "2024-01",
            "2024",
        ] {
            assert_eq!(instant_ms(&json!(text)), midnight, "{text}");
        }
        let last = Some(Timestamp::MAX.as_millisecond());
        for text in ["9999-12-31", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59"] {
            assert_eq!(instant_ms(&json!(text)), last, "{text}");
        }
        for text in [
            "9999-12-31T25:00",
            "9999-12-31x",
            "",
            "yesterday",
            "2024-13-01",
            "2024-01-32",
            "01/02/2024",
            "2024-01-01T25:00:00Z",
            "P1D",
            "-1",
        ] {
            assert_eq!(instant_ms(&json!(text)), None, "{text}");
        }
    }

    #[test]
    fn an_offset_survives_a_url() {
        let midnight = Some(Some(1_704_067_200_000));
        for text in ["2024-01-01T02:00:00+02:00", "2024-01-01T02:00:00 02:00", "2024-01-01 00:00:00", "2024-01-01"] {
            assert_eq!(instant_in_url_ms(&json!(text)), midnight, "{text}");
        }
        assert_eq!(instant_in_url_ms(&json!(" ")), Some(None));
        assert_eq!(instant_in_url_ms(&json!("soon")), None);
        assert_eq!(instant_in_url_ms(&json!(["2024-01-01", "2025-01-01"])), midnight);
    }

    #[test]
    fn numbers_and_booleans_come_as_strings_too() {
        assert_eq!(integer(&json!("15")), Some(15));
        assert_eq!(integer(&json!(15)), Some(15));
        assert_eq!(integer(&json!(15.0)), Some(15));
        assert_eq!(integer(&json!(15.5)), None);
        assert_eq!(integer(&json!("15a")), None);
        assert_eq!(integer(&json!("")), None);
        assert_eq!(boolean(&json!("1")), Some(true));
        assert_eq!(boolean(&json!(false)), Some(false));
        assert_eq!(boolean(&json!("yes")), None);
        assert_eq!(texts(&json!("a")), Some(vec!["a".to_owned()]));
        assert_eq!(texts(&json!([1, "b"])), Some(vec!["1".to_owned(), "b".to_owned()]));
        assert_eq!(texts(&json!([["a"]])), None);
        assert_eq!(texts(&json!({"a": 1})), None);
    }
}
