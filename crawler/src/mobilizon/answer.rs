//! Answers to queries, and what their errors mean.

use serde::Deserialize;

use super::wire;
use crate::reading::lenient::object;
use crate::reading::text;

/// Why an answer is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The instance does not know something that the query selects: an older query may do.
    #[error("it does not know this query: {0}")]
    Invalid(String),
    /// The query selects more than is allowed.
    #[error("the query is too large for it: {0}")]
    TooComplex(String),
    /// There is no such event or group, or it is not for everybody.
    #[error("there is no such thing")]
    NotFound,
    /// Anything else it complains about.
    #[error("it answers with an error: {0}")]
    Other(String),
    /// Not an answer to a query at all.
    #[error("{0}")]
    Malformed(String),
}

/// Reads the data of an answer. Data that came with errors counts: some fields of some versions always fail.
///
/// # Errors
/// [`Refusal`] when there is no data of use.
pub fn parse<'de, T: Deserialize<'de>, U>(json: &'de [u8], pick: impl FnOnce(T) -> Option<U>) -> Result<U, Refusal> {
    read(json, pick)?.ok_or_else(|| Refusal::Malformed("the answer has neither data nor errors".to_owned()))
}

/// Reads an answer about one thing: null without an error says as well that there is none.
///
/// # Errors
/// As [`parse`].
pub fn parse_one<'de, T: Deserialize<'de>, U>(
    json: &'de [u8],
    pick: impl FnOnce(T) -> Option<U>,
) -> Result<U, Refusal> {
    read(json, pick)?.ok_or(Refusal::NotFound)
}

/// `Ok(None)` for data that lacks what is looked for without any error.
fn read<'de, T: Deserialize<'de>, U>(json: &'de [u8], pick: impl FnOnce(T) -> Option<U>) -> Result<Option<U>, Refusal> {
    let json = std::str::from_utf8(json).map_err(|error| Refusal::Malformed(error.to_string()))?;
    let answer: wire::Answer<T> = object(json).map_err(|error| Refusal::Malformed(error.to_string()))?;
    let has_data = answer.data.0.is_some();
    if let Some(data) = answer.data.0.and_then(pick) {
        return Ok(Some(data));
    }
    let errors = answer.errors.items.iter().filter_map(|error| error.0.as_ref());
    // One invalid field brings errors about others with it.
    let worst = errors.map(classify).min_by_key(|refusal| match refusal {
        Refusal::TooComplex(_) => 0,
        Refusal::Invalid(_) => 1,
        Refusal::NotFound => 2,
        _ => 3,
    });
    match worst {
        Some(refusal) => Err(refusal),
        None if has_data => Ok(None),
        None => Err(Refusal::Malformed("the answer has neither data nor errors".to_owned())),
    }
}

fn classify(error: &wire::Error) -> Refusal {
    const INVALID: [&str; 9] = [
        "cannot query field",
        "unknown argument",
        "unknown type",
        "has invalid value",
        "expected type",
        "variable",
        "fragment",
        "syntax error",
        "unknown directive",
    ];
    let message = text::line_of(&error.message, 300).unwrap_or_default();
    let code = error.code.as_str().unwrap_or_default();
    let lower = message.to_lowercase();
    if lower.contains("too complex") {
        Refusal::TooComplex(message)
    } else if code.ends_with("not_found") || error.status_code.to_i64() == Some(404) {
        Refusal::NotFound
    } else if INVALID.iter().any(|sign| lower.contains(sign)) {
        Refusal::Invalid(message)
    } else {
        Refusal::Other(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> Refusal {
        parse(json.as_bytes(), |data: wire::Listings<'_>| data.search_events.0.map(|page| page.elements.n_total))
            .unwrap_err()
    }

    #[test]
    fn errors_are_told_apart() {
        let one = |message: &str| refusal(&format!("{{\"errors\":[{{\"message\":\"{message}\"}}]}}"));
        for message in [
            "Cannot query field \\\"language\\\" on type \\\"Event\\\".",
            "Unknown argument \\\"searchTarget\\\" on field \\\"searchEvents\\\" of type \\\"RootQueryType\\\".",
            "Argument \\\"searchTarget\\\" has invalid value SELF.",
        ] {
            assert!(matches!(one(message), Refusal::Invalid(_)), "{message}");
        }
        assert!(matches!(
            one("Operation Events is too complex: complexity is 300 and maximum is 200"),
            Refusal::TooComplex(_)
        ));
        assert!(matches!(one("Something went wrong"), Refusal::Other(_)));
        assert!(matches!(refusal("[]"), Refusal::Malformed(_)));
        assert!(matches!(refusal("{}"), Refusal::Malformed(_)));
        assert!(matches!(refusal("{\"data\": null}"), Refusal::Malformed(_)));
    }

    #[test]
    fn data_beside_errors_counts() {
        let json =
            br#"{"data": {"searchEvents": {"total": 1, "elements": [{}]}}, "errors": [{"message": "type of a fact"}]}"#;
        let n = parse(json, |data: wire::Listings<'_>| data.search_events.0.map(|page| page.elements.n_total));
        assert_eq!(n, Ok(1));
    }

    #[test]
    fn what_is_not_there_is_told_from_what_fails() {
        let found = |json: &str| parse_one(json.as_bytes(), |data: wire::Single| data.event.0).map(|_| ()).unwrap_err();
        let missing = r#"{"data":{"event":null},"errors":[{"code":"event_not_found","status_code":404,"message":"Event not found"}]}"#;
        assert_eq!(found(missing), Refusal::NotFound);
        assert_eq!(found(r#"{"data":{"event":null}}"#), Refusal::NotFound);
        let failed = r#"{"data":{"event":null},"errors":[{"message":"Something went wrong"}]}"#;
        assert!(matches!(found(failed), Refusal::Other(_)));
        let invalid = r#"{"errors":[{"message":"Cannot query field \"x\" on type \"Event\"."}]}"#;
        assert!(matches!(found(invalid), Refusal::Invalid(_)));
    }
}
