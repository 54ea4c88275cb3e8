//! Texts and paths in the ways of PeerTube, beside what every source needs.

use uuid::Uuid;

use super::lenient::Scalar;
pub use crate::reading::text::{block, block_of, line, line_of, names_another_host, origin_link, path, tags};

/// The first 250 UTF-16 units with `...` as the last three when cut: what PeerTube shows in its lists.
pub fn truncate_description(text: &str) -> String {
    const MAX_UNITS: usize = 250;
    if text.encode_utf16().count() <= MAX_UNITS {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut n_units = 0;
    for c in text.chars() {
        n_units += c.len_utf16();
        if n_units > MAX_UNITS - 3 {
            break;
        }
        kept.push(c);
    }
    kept.push_str("...");
    kept
}

/// The path of an embedded player: as given when it is `prefix` and one id, else `prefix` and the UUID.
///
/// The id is a UUID, or since 7.x a short one: PeerTube takes both.
pub fn embed_path(given: &Scalar, prefix: &str, uuid: Uuid) -> String {
    const ID_BYTES: std::ops::RangeInclusive<usize> = 20..=36;
    let is_id = |id: &str| ID_BYTES.contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match given.as_str().and_then(path) {
        Some(path) if path.strip_prefix(prefix).is_some_and(is_id) => path,
        _ => format!("{prefix}{uuid}"),
    }
}

/// Whether a description that should be whole may be one that PeerTube cut (it does so before 5.0, in the detail
/// and, for some versions, in ActivityPub): it ends with `...` within the length of a cut one. Texts with characters
/// of two UTF-16 units are cut shorter than 250.
pub fn looks_cut(text: &str) -> bool {
    const UNITS: std::ops::RangeInclusive<usize> = 240..=250;
    let n_units = text.encode_utf16().count();
    text.ends_with("...") && (UNITS.contains(&n_units) || n_units < 240 && text.chars().any(|c| c.len_utf16() == 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_cut_as_peertube_cuts_them() {
        let cut = truncate_description(&"é".repeat(400));
        assert_eq!(cut.encode_utf16().count(), 250);
        assert!(cut.ends_with("é..."));
        // A character of two units is never split.
        assert!(truncate_description(&"🎬".repeat(200)).encode_utf16().count() <= 250);
        assert_eq!(truncate_description("short"), "short");
    }
}
