use std::fmt;

use allowlist::Host;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use uuid::Uuid;

/// Longest key, in bytes: two hosts and a name.
const MAX_KEY_BYTES: usize = 768;

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
    /// `actor~{host}~{name}`: the avatar of a group, or of who made an event, as its own host shows it; with `~{claimed_by}` as
    /// an event of that other host shows it where its own does not.
    Actor {
        /// The host of the actor.
        host: Host,
        /// In lower case.
        name: String,
        /// Another host that something indexed is from.
        claimed_by: Option<Host>,
    },
}

impl ImageKey {
    /// Reads a segment of a path, percent-decoded.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_KEY_BYTES {
            return None;
        }
        let parts: Vec<&str> = text.split('~').collect();
        let key = match *parts.as_slice() {
            [host, uuid] => Self::Video(host.parse().ok()?, Uuid::try_parse(uuid).ok()?),
            ["event", host, id] => Self::Event(host.parse().ok()?, id.to_owned()),
            ["group", host, name] => Self::Group(host.parse().ok()?, name.to_owned()),
            ["actor", host, name] => Self::Actor { host: host.parse().ok()?, name: name.to_owned(), claimed_by: None },
            ["actor", host, name, claimed_by] => Self::Actor {
                host: host.parse().ok()?,
                name: name.to_owned(),
                claimed_by: Some(claimed_by.parse().ok()?).filter(|_| claimed_by != host),
            },
            _ => return None,
        };
        (key.text() == text).then_some(key)
    }

    /// Whether what is written is read back as this key. A name with a `~` could be read as another one's.
    pub fn is_readable(&self) -> bool {
        Self::parse(&self.text()).as_ref() == Some(self)
    }

    fn text(&self) -> String {
        match self {
            Self::Video(host, uuid) => format!("{}~{}", host.as_str(), uuid.hyphenated()),
            Self::Event(host, id) => format!("event~{}~{}", host.as_str(), id.to_lowercase()),
            Self::Group(host, name) => format!("group~{}~{}", host.as_str(), name.to_lowercase()),
            Self::Actor { host, name, claimed_by } => {
                let claimed_by = claimed_by.as_ref().map_or_else(String::new, |host| format!("~{}", host.as_str()));
                format!("actor~{}~{}{claimed_by}", host.as_str(), name.to_lowercase())
            }
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
            ImageKey::Actor { host: host.clone(), name: "event".to_owned(), claimed_by: None },
            ImageKey::Actor { host: host.clone(), name: "ada".to_owned(), claimed_by: "b.example".parse().ok() },
        ] {
            assert!(key.is_readable());
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
            "actor~agenda.example~ada~agenda.example",
            "actor~agenda.example~ada~127.0.0.1",
            "actor~agenda.example~ada~b.example~c.example",
            "group~agenda.example~gul~b.example",
        ] {
            assert_eq!(ImageKey::parse(text), None, "{text}");
        }
        assert_eq!(ImageKey::parse(&format!("group~a.example~{}", "x".repeat(800))), None);
    }

    #[test]
    fn a_name_that_would_be_read_as_more_than_a_name_has_no_key() {
        let host: Host = "agenda.example".parse().unwrap();
        for name in ["ada~evil.example".to_owned(), "~".to_owned(), "Ada".to_owned(), "x".repeat(800)] {
            let actor = ImageKey::Actor { host: host.clone(), name: name.clone(), claimed_by: None };
            let other =
                ImageKey::Actor { host: host.clone(), name: name.clone(), claimed_by: "b.example".parse().ok() };
            for key in [actor, other, ImageKey::Group(host.clone(), name.clone()), ImageKey::Event(host.clone(), name)]
            {
                assert!(!key.is_readable(), "{key}");
            }
        }
    }
}
