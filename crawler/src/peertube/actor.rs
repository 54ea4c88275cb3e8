//! Accounts and channels, as they come within other things and on their own.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::Actor;

use super::image::images;
use super::lenient::Scalar;
use super::{text, wire};

/// PeerTube's own limit is 50 for names given today and 120 in its database.
const MAX_HANDLE_CHARS: usize = 120;
const MAX_NAME_CHARS: usize = 300;

/// An account (`collection` is `accounts`) or a channel (`video-channels`) of `host`. `None` without a usable name.
///
/// The caller has checked that the host it names is this one.
pub fn to_actor(wire: &wire::Actor, host: &Host, collection: &str, now: Timestamp) -> Option<Actor> {
    let name = handle(&wire.name)?;
    Some(Actor {
        origin_id: wire.id.to_i64().unwrap_or(0).max(0),
        display_name: text::line_of(&wire.display_name, MAX_NAME_CHARS).unwrap_or_else(|| name.clone()),
        url: wire
            .url
            .as_str()
            .and_then(|url| text::origin_link(url, host))
            .unwrap_or_else(|| format!("https://{host}/{collection}/{name}")),
        host: host.clone(),
        avatars: images(&wire.avatars, &wire.avatar, host, now),
        name,
    })
}

/// The name that identifies an actor on its host. It becomes a part of paths, so it holds nothing that means
/// something there, and it is never shortened, which would make it the name of another.
fn handle(scalar: &Scalar) -> Option<String> {
    let name = scalar.as_str()?.trim();
    let is_handle = name.chars().take(MAX_HANDLE_CHARS + 1).count() <= MAX_HANDLE_CHARS
        && name.chars().any(char::is_alphanumeric)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    is_handle.then(|| name.to_owned())
}
