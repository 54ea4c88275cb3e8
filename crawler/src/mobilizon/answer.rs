//! Answers to queries, and what their errors mean.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire;
use crate::reading::lenient::{Maybe, object};
use crate::reading::origin::Rejection;
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
    let answer: wire::Answer<T> = open(json)?;
    match answer.data.0.and_then(pick) {
        Some(data) => Ok(data),
        None => Err(worst(&answer.errors.items)),
    }
}

/// Reads an answer about one thing: the data under `field`. That there is none is only believed of an answer that has null
/// there and says that this means so: everything else may be a mistake.
///
/// # Errors
/// As [`parse`].
pub fn parse_one<U>(
    json: &[u8],
    field: &str,
    pick: impl FnOnce(&str) -> Result<U, Rejection>,
) -> Result<Result<U, Rejection>, Refusal> {
    let answer: wire::Answer<BTreeMap<String, &RawValue>> = open(json)?;
    let raw = answer.data.0.as_ref().and_then(|data| data.get(field)).map(|raw| raw.get());
    match (raw, worst(&answer.errors.items)) {
        (Some(raw), _) if raw != "null" => Ok(pick(raw)),
        (None, Refusal::NotFound) => Err(Refusal::Malformed(format!("the answer has an error about `{field}` alone"))),
        (_, refusal) => Err(refusal),
    }
}

fn open<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<wire::Answer<T>, Refusal> {
    let json = std::str::from_utf8(json).map_err(|error| Refusal::Malformed(error.to_string()))?;
    object(json).map_err(|error| Refusal::Malformed(error.to_string()))
}

/// What the errors of an answer without data of use mean.
fn worst(errors: &[Maybe<wire::Error>]) -> Refusal {
    let errors = errors.iter().filter_map(|error| error.0.as_ref());
    // One invalid field brings errors about others with it. A failure beside it makes a lack no fact.
    let worst = errors.map(classify).min_by_key(|refusal| match refusal {
        Refusal::TooComplex(_) => 0,
        Refusal::Invalid(_) => 1,
        Refusal::NotFound => 3,
        _ => 2,
    });
    worst.unwrap_or_else(|| Refusal::Malformed("the answer has neither data nor errors".to_owned()))
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
        let one =
            |json: &str| parse_one(json.as_bytes(), "event", |raw| Err::<(), _>(Rejection::Malformed(raw.to_owned())));
        let found = |json: &str| one(json).map(|_| ()).unwrap_err();
        let missing = r#"{"data":{"event":null},"errors":[{"code":"event_not_found","status_code":404,"message":"Event not found"}]}"#;
        assert_eq!(found(missing), Refusal::NotFound);
        for unsaid in [r#"{"data":{"event":null}}"#, r#"{"data":{}}"#, r#"{"data":null}"#, "{}"] {
            assert!(matches!(found(unsaid), Refusal::Malformed(_)), "{unsaid}");
        }
        let lost = missing.replace(r#""event":null"#, "");
        assert!(matches!(found(&lost), Refusal::Malformed(_)), "{lost}");
        let both = missing.replace("}]", r#"},{"message":"Something went wrong"}]"#);
        assert!(matches!(found(&both), Refusal::Other(_)), "{both}");
        // What is there and cannot be read is there.
        assert!(one(r#"{"data":{"event":{"uuid":1e999}}}"#).unwrap().is_err());
        let failed = r#"{"data":{"event":null},"errors":[{"message":"Something went wrong"}]}"#;
        assert!(matches!(found(failed), Refusal::Other(_)));
        let invalid = r#"{"errors":[{"message":"Cannot query field \"x\" on type \"Event\"."}]}"#;
        assert!(matches!(found(invalid), Refusal::Invalid(_)));
    }
}
