//! What a layer asks of a document.

use std::fmt;
use std::str::FromStr;

use super::Placed;

/// The kinds of documents that rules name: the words of instance lists and of `journal::Kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// A video.
    Video,
    /// A channel.
    Channel,
    /// A playlist.
    Playlist,
    /// An event.
    Event,
    /// A group.
    Group,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Video, Self::Channel, Self::Playlist, Self::Event, Self::Group];

    /// The name in rules, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Channel => "channel",
            Self::Playlist => "playlist",
            Self::Event => "event",
            Self::Group => "group",
        }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RecordKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        kind.ok_or_else(|| format!("`{text}` is not a kind; write `video`, `channel`, `playlist`, `event` or `group`"))
    }
}

/// What to do with what is not safe for work. Unknown counts as not safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NsfwPolicy {
    /// It is shown to who asks for it.
    #[default]
    Include,
    /// It is never shown.
    Exclude,
    /// Nothing else is shown.
    Only,
}

/// A host name in which `*` stands for any number of characters, dots included; `*.example.org` also means `example.org`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostGlob(String);

impl HostGlob {
    /// Checks a pattern: lower-case host characters, dots, a port, and at most four `*`.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        let is_of_host = |character: char| character.is_ascii_alphanumeric() || ".-:*".contains(character);
        if text.is_empty() || !text.chars().all(is_of_host) {
            return Err(format!(
                "`{text}` is not a host name or a pattern of one; write `tube.example` or `*.example` (punycode for other scripts)"
            ));
        }
        if text.matches('*').count() > 4 {
            return Err(format!("`{text}` has more than four `*`"));
        }
        Ok(Self(text))
    }

    /// The pattern, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern has no `*`, so that it means one host.
    pub fn is_literal(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether a host, in the form of [`crate::Host::as_str`], is meant.
    pub fn matches(&self, host: &str) -> bool {
        if self.0.strip_prefix("*.").is_some_and(|domain| domain == host) {
            return true;
        }
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = host.strip_prefix(first) else { return false };
        let parts: Vec<&str> = parts.collect();
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            let Some(at) = rest.find(part) else { return false };
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
        rest.ends_with(last)
    }
}

/// Words of one theme, such as those of adult content in German.
#[derive(Clone, Debug, PartialEq)]
pub struct WordList {
    /// How to call it where people read of it.
    pub name: String,
    /// The language of the words, a primary subtag; documents of every language are looked at.
    pub language: Option<String>,
    /// Words, or words side by side: at least one letter or digit each.
    pub words: Vec<Placed<String>>,
}

/// Polygons on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// How to call it.
    pub name: String,
    /// GeoJSON as it was read; checked where it is compiled.
    pub geojson: String,
}

/// Conditions of an `[include]` or `[exclude]` table.
///
/// Included is what has, for every key that is set and that its kind can have, one of the values. Excluded is what has any value
/// of any key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// Kinds of documents.
    pub kinds: Vec<Placed<RecordKind>>,
    /// Origin hosts.
    pub hosts: Vec<Placed<HostGlob>>,
    /// Languages, primary subtags in lower case; `und` for unknown.
    pub languages: Vec<Placed<String>>,
    /// Ids of PeerTube's categories of videos.
    pub video_categories: Vec<Placed<i64>>,
    /// Mobilizon's categories of events, in capitals.
    pub event_categories: Vec<Placed<String>>,
    /// Ids of PeerTube's licences of videos.
    pub licences: Vec<Placed<i64>>,
    /// Tags, as written; compared without case and accents.
    pub tags: Vec<Placed<String>>,
    /// Words in title, description, tags and names.
    pub words: Vec<Placed<WordList>>,
    /// Accounts, `name@host` in lower case; also who owns a channel or playlist or organises an event.
    pub accounts: Vec<Placed<String>>,
    /// Channels, `name@host` in lower case, with their videos and playlists.
    pub channels: Vec<Placed<String>>,
    /// Groups, `name@host` in lower case, with their events.
    pub groups: Vec<Placed<String>>,
    /// Single documents by key, such as `video/tube.example/9c9de5e8-…`: only of moderators' decisions.
    pub items: Vec<Placed<String>>,
    /// Where events take place and groups are at home.
    pub regions: Vec<Placed<Region>>,
    /// Shortest video in seconds.
    pub min_duration_s: Option<Placed<u64>>,
    /// Longest video in seconds.
    pub max_duration_s: Option<Placed<u64>>,
    /// Published, or for events over, at or after this time, in milliseconds since 1970.
    pub since_ms: Option<Placed<i64>>,
    /// Published, or for events over, at most so many milliseconds ago.
    pub max_age_ms: Option<Placed<i64>>,
    /// Flags of what is not safe for work, as bits of PeerTube: any shared bit is meant.
    pub nsfw_flags: Option<Placed<u32>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_the_hosts_that_it_spells() {
        let matches = |glob: &str, host: &str| HostGlob::parse(glob).unwrap().matches(host);
        assert!(matches("tube.example", "tube.example"));
        assert!(!matches("tube.example", "a.tube.example"));
        assert!(matches("*.example", "a.b.example") && matches("*.example", "example"));
        assert!(!matches("*.example", "badexample"));
        assert!(matches("peertube.*", "peertube.a.example"));
        assert!(matches("*tube*.fr", "peertube2.fr") && !matches("*tube*.fr", "peertube2.fr.example"));
        assert!(matches("*", "anything.example"));
        assert!(!matches("a*a", "a"));
        for bad in ["", "https://a.example", "a.example/b", "á.example", "*a*b*c*d*"] {
            assert!(HostGlob::parse(bad).is_err(), "{bad}");
        }
    }
}
