//! Whether an item is its host's own: a host speaks only for itself.

use allowlist::Host;
use serde::Deserialize;

use super::lenient::{Scalar, object};
use super::text;

/// Why an item of a page is not a record of its host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Of another instance, and honestly listed as such.
    #[error("of another instance")]
    Remote,
    /// Claims to be local, yet names another host.
    #[error("says it is local, but {field} names `{found}`")]
    Spoofed {
        /// The field that names the other host.
        field: &'static str,
        /// What it names, shortened.
        found: String,
    },
    /// Not public, not published, or blocked on its instance.
    #[error("not public: {0}")]
    NotPublic(&'static str),
    /// A field that a record cannot do without is missing or makes no sense.
    #[error("{0} is missing or makes no sense")]
    Field(&'static str),
    /// Not the JSON of an item.
    #[error("not an item: {0}")]
    Malformed(String),
}

/// Reads an item of a list.
///
/// # Errors
/// [`Rejection::Malformed`].
pub fn parse_item<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, Rejection> {
    object(json).map_err(|error| Rejection::Malformed(error.to_string()))
}

/// Reads an answer that is one thing.
///
/// # Errors
/// [`Rejection::Malformed`].
pub fn parse_answer<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, Rejection> {
    parse_item(std::str::from_utf8(json).map_err(|error| Rejection::Malformed(error.to_string()))?)
}

/// Checks that every host named in an item is the one that was asked.
///
/// - `is_local`: what the item says itself; `None` when it says nothing, and then a foreign name makes it remote
///   rather than a lie.
/// - `named`: fields that hold the host of an actor. Each one must.
/// - `url`: the ActivityPub id, when the item has one.
///
/// # Errors
/// [`Rejection::Remote`], [`Rejection::Spoofed`], or [`Rejection::Field`] for a host that is no text.
pub fn check_origin<'a>(
    is_local: Option<bool>,
    named: impl Iterator<Item = (&'static str, &'a Scalar)>,
    url: &Scalar,
    host: &Host,
) -> Result<(), Rejection> {
    if is_local == Some(false) {
        return Err(Rejection::Remote);
    }
    let foreign = |field, found: &str| match is_local {
        None => Rejection::Remote,
        Some(_) => Rejection::Spoofed { field, found: found.chars().take(100).collect() },
    };
    for (field, actor_host) in named {
        let found = actor_host.as_str().ok_or(Rejection::Field(field))?;
        if !host.matches(found) {
            return Err(foreign(field, found));
        }
    }
    match url.as_str() {
        Some(url) if text::names_another_host(url, host) => Err(foreign("url", url)),
        _ => Ok(()),
    }
}
