//! Names that parameters and texts give: UUIDs, hosts and handles.

use allowlist::Host;
use indexer::short_uuid;
use uuid::Uuid;

/// A UUID in its hyphenated or short form. `Some(None)` for a short form whose value is over 128 bits: well-formed,
/// but nothing can have it. `None` for anything else.
pub(crate) fn read_uuid(text: &str) -> Option<Option<Uuid>> {
    if text.len() == 36 {
        return Uuid::try_parse(text).ok().map(Some);
    }
    let is_short = text.len() == 22
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'l' | b'I' | b'O'));
    is_short.then(|| short_uuid::decode(text))
}

/// The one spelling of a host; `None` for what no public instance can be called.
pub(crate) fn canonical_host(text: &str) -> Option<String> {
    Host::parse(text.trim()).ok().map(|host| host.as_str().to_owned())
}

/// `name@host`, with or without an `@` before it, in lower case.
pub(crate) fn canonical_handle(text: &str) -> Option<String> {
    let (name, host) = text.trim().trim_start_matches('@').rsplit_once('@')?;
    let host = canonical_host(host)?;
    (!name.is_empty()).then(|| format!("{}@{host}", name.to_lowercase()))
}
