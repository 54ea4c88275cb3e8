//! Query strings in the way of the npm package `qs`, and JSON bodies.

use percent_encoding::percent_decode;
use serde_json::Value;

use super::{BodyError, Location, RawParams};

/// Reads `a=1&b[]=2&b[]=3&c[0]=4` into parameters. Never fails: what is no pair is a name without a value, bytes that
/// are no UTF-8 are replaced, and a name with other brackets than `[]` and `[number]` is kept whole, so it is unknown.
pub fn parse_query_string(text: &str, location: Location) -> RawParams {
    let mut params = RawParams::default();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        let (name, is_array) = split_brackets(&name);
        let value = Value::String(value);
        let known = params.values.remove(name).map(|(_, known)| known);
        let combined = match (known, is_array) {
            (None, false) => value,
            (None, true) => Value::Array(vec![value]),
            (Some(Value::Array(mut items)), _) => {
                items.push(value);
                Value::Array(items)
            }
            (Some(first), _) => Value::Array(vec![first, value]),
        };
        params.set(name, location, combined);
    }
    params
}

/// Reads a JSON object into parameters. An empty body has none.
///
/// # Errors
/// [`BodyError`] when it is not JSON, is nested deeper than 128 levels, or is no object.
pub fn parse_json_body(bytes: &[u8]) -> Result<RawParams, BodyError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(RawParams::default());
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| BodyError::Json(error.to_string()))?;
    let Value::Object(object) = value else {
        return Err(BodyError::NotAnObject);
    };
    let mut params = RawParams::default();
    for (name, value) in object {
        // Some clients write the brackets into JSON too.
        params.set(split_brackets(&name).0, Location::Body, value);
    }
    Ok(params)
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).decode_utf8_lossy().into_owned()
}

/// `name[]` and `name[3]` name an array.
fn split_brackets(name: &str) -> (&str, bool) {
    let Some((base, rest)) = name.split_once('[') else {
        return (name, false);
    };
    match rest.strip_suffix(']') {
        Some(index) if !base.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) => (base, true),
        _ => (name, false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, name: &str) -> Value {
        parse_query_string(text, Location::Query).get(name).map(|(_, value)| value.clone()).unwrap_or(Value::Null)
    }

    #[test]
    fn every_array_encoding_gives_the_same_list() {
        for text in ["a=1&a=2", "a[]=1&a[]=2", "a[0]=1&a[1]=2", "a%5B%5D=1&a%5B%5D=2", "a[]=1&a=2"] {
            assert_eq!(read(text, "a"), json!(["1", "2"]), "{text}");
        }
        assert_eq!(read("a=1", "a"), json!("1"));
        assert_eq!(read("a[]=1", "a"), json!(["1"]));
    }

    #[test]
    fn text_is_decoded_and_broken_escapes_do_no_harm() {
        assert_eq!(read("a=v%C3%A9lo+rouge", "a"), json!("vélo rouge"));
        assert_eq!(read("a=100%", "a"), json!("100%"));
        assert_eq!(read("a=%FF", "a"), json!("\u{fffd}"));
        assert_eq!(read("a[b]=1", "a"), Value::Null);
        assert_eq!(read("&&=&a", "a"), json!(""));
    }

    #[test]
    fn only_an_object_is_a_body() {
        assert_eq!(parse_json_body(b"[1]"), Err(BodyError::NotAnObject));
        assert!(matches!(parse_json_body(b"{\"a\":"), Err(BodyError::Json(_))));
        let deep = "{\"a\":".repeat(10_000);
        assert!(matches!(parse_json_body(deep.as_bytes()), Err(BodyError::Json(_))));
        assert_eq!(parse_json_body(b" "), Ok(RawParams::default()));
    }
}
