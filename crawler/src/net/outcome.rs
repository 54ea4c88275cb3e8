//! What came back. Expected answers, "gone" and "too many requests" among them, are outcomes and not errors.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Exchange;
use crate::politeness::{RateLimit, RetryAfter};

/// Longest validator that is kept and sent back.
const MAX_VALIDATOR_BYTES: usize = 1024;

/// What a later request can name to be answered with "not modified".
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`, byte for byte as it was sent.
    pub etag: Option<String>,
    /// `Last-Modified`, byte for byte as it was sent.
    pub last_modified: Option<String>,
}

impl Validators {
    /// Keeps what is short enough to be honest. `None` when nothing is left.
    pub fn new(etag: Option<&str>, last_modified: Option<&str>) -> Option<Self> {
        let keep = |value: Option<&str>| {
            value.filter(|value| !value.is_empty() && value.len() <= MAX_VALIDATOR_BYTES).map(str::to_owned)
        };
        let kept = Self { etag: keep(etag), last_modified: keep(last_modified) };
        (kept != Self::default()).then_some(kept)
    }
}

/// The kind of answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 200 with its body, decompressed.
    Ok(Bytes),
    /// 304: what we hold is current.
    NotModified,
    /// 404.
    NotFound,
    /// 410.
    Gone,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 429, or 503 with a time to come back.
    RateLimited(Option<RetryAfter>),
    /// 5xx.
    ServerError(Option<RetryAfter>),
    /// Any other status.
    Unexpected,
}

/// An answer and what is known around it.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The URL that answered, after redirects.
    pub url: Url,
    /// The status that answered.
    pub status: u16,
    /// What it means.
    pub outcome: Outcome,
    /// `Content-Type` without parameters, lower case.
    pub content_type: Option<String>,
    /// For the next request; `None` also when the answer forbids storing it.
    pub validators: Option<Validators>,
    /// How long the answer is said to stay good.
    pub max_age: Option<Duration>,
    /// The rate-limit headers.
    pub rate: Option<RateLimit>,
    /// The answer asks not to be indexed, by us or by everybody.
    pub is_noindex: bool,
    /// From sending to the response head, redirects included.
    pub latency: Duration,
    /// Bytes of the body as they came over the wire.
    pub n_wire_bytes: usize,
    /// The host has an IPv6 address that did not answer while IPv6 works elsewhere.
    pub is_ipv6_broken: bool,
    /// The answer came over IPv6.
    pub is_ipv6: bool,
    /// When the answer was complete.
    pub at: Timestamp,
    /// What was sent and what came back, for people.
    pub exchange: Box<Exchange>,
}

impl Fetched {
    /// Whether the answer is JSON by its own words, ActivityPub included.
    pub fn is_json(&self) -> bool {
        self.content_type.as_deref().is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"))
    }

    /// Whether the answer is a page for people: a challenge, a login, a parked name.
    pub fn is_html(&self) -> bool {
        self.content_type.as_deref().is_some_and(|kind| kind.contains("html"))
    }
}

/// Whether `X-Robots-Tag` values ask us not to index (case-insensitive; a value may be scoped to one robot).
pub fn is_noindex<'a>(values: impl Iterator<Item = &'a str>, token: &str) -> bool {
    for value in values {
        let mut scope_is_us = true;
        for part in value.split(',') {
            let mut rule = part.trim();
            if let Some((scope, rest)) = rule.split_once(':')
                && !scope.trim().eq_ignore_ascii_case("unavailable_after")
            {
                scope_is_us = scope.trim().eq_ignore_ascii_case(token);
                rule = rest.trim();
            }
            let forbids = rule.eq_ignore_ascii_case("noindex") || rule.eq_ignore_ascii_case("none");
            if scope_is_us && forbids {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_69_noindex_is_heeded_unscoped_or_scoped_to_us() {
        let rows = [
            (&["noindex"][..], true),
            (&["NOINDEX, nofollow"], true),
            (&["nofollow, none"], true),
            (&["nofollow"], false),
            (&["googlebot: noindex"], false),
            (&["vigie: noindex"], true),
            (&["Vigie: nofollow, noindex"], true),
            (&["googlebot: noindex", "noindex"], true),
            (&["unavailable_after: 25 Jun 2030 15:00:00 PST"], false),
            (&[""], false),
        ];
        for (values, expected) in rows {
            assert_eq!(is_noindex(values.iter().copied(), "vigie"), expected, "{values:?}");
        }
    }

    #[test]
    fn case_73_validators_are_kept_byte_for_byte_or_not_at_all() {
        let odd = "W/\"a\\\"b c\"";
        assert_eq!(Validators::new(Some(odd), None).unwrap().etag.as_deref(), Some(odd));
        assert_eq!(Validators::new(Some(&"x".repeat(64 << 10)), None), None);
        assert_eq!(Validators::new(None, Some("")), None);
    }
}
