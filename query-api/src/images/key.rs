use std::fmt;

use allowlist::Host;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use uuid::Uuid;

/// Longest name of an actor or id of an event, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// What may not stand in a segment of a path as it is; `~` parts a key, so no name has one.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Whose picture it is. There is one spelling for each; shown, it is a segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ImageKey {
    /// `{host}~{uuid}`.
    Video(Host, Uuid),
    /// `event~{host}~{id}`.
    Event(Host, String),
    /// `group~{host}~{name}`: its banner.
    Group(Host, String),
    /// `actor~{host}~{name}`: the avatar of a group, or of who made an event.
    Actor(Host, String),
}

impl ImageKey {
    /// Reads a segment of a path, percent-decoded.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let key = match (parts.next()?, parts.next()?, parts.next()) {
            (host, uuid, None) => Self::Video(host.parse().ok()?, Uuid::try_parse(uuid).ok()?),
            ("event", host, Some(id)) => Self::Event(host.parse().ok()?, id.to_owned()),
            ("group", host, Some(name)) => Self::Group(host.parse().ok()?, name.to_owned()),
            ("actor", host, Some(name)) => Self::Actor(host.parse().ok()?, name.to_owned()),
            _ => return None,
        };
        let is_canonical = parts.next().is_none() && text.len() <= MAX_NAME_BYTES && key.text() == text;
        is_canonical.then_some(key)
    }

    fn text(&self) -> String {
        match self {
            Self::Video(host, uuid) => format!("{}~{}", host.as_str(), uuid.hyphenated()),
            Self::Event(host, id) => format!("event~{}~{}", host.as_str(), id.to_lowercase()),
            Self::Group(host, name) => format!("group~{}~{}", host.as_str(), name.to_lowercase()),
            Self::Actor(host, name) => format!("actor~{}~{}", host.as_str(), name.to_lowercase()),
        }
    }
}

impl fmt::Display for ImageKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        utf8_percent_encode(&self.text(), SEGMENT).fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use super::*;

    #[test]
    fn each_key_is_read_back_from_its_path_and_has_one_spelling() {
        let host: Host = "agenda.example:8443".parse().unwrap();
        let uuid = Uuid::from_u128(7);
        for key in [
            ImageKey::Video(host.clone(), uuid),
            ImageKey::Event(host.clone(), uuid.to_string()),
            ImageKey::Event(host.clone(), "12".to_owned()),
            ImageKey::Group(host.clone(), "fées du port/é%?".to_owned()),
            ImageKey::Actor(host.clone(), "event".to_owned()),
        ] {
            let path = key.to_string();
            assert!(!path.contains(['/', '?', '#', ' ']), "{path}");
            let decoded = percent_decode_str(&path).decode_utf8().unwrap();
            assert_eq!(ImageKey::parse(&decoded), Some(key), "{path}");
        }
        for text in [
            "agenda.example",
            "~",
            "agenda.example~12",
            "AGENDA.example~00000000-0000-0000-0000-000000000007",
            "agenda.example~00000000000000000000000000000007",
            "event~agenda.example~AB",
            "event~127.0.0.1~1",
            "event~agenda.example~1~2",
            "place~agenda.example~1",
            "group~agenda.example",
        ] {
            assert_eq!(ImageKey::parse(text), None, "{text}");
        }
        assert_eq!(ImageKey::parse(&format!("group~a.example~{}", "x".repeat(300))), None);
    }
}
