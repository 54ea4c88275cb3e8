//! What a layer asks of a document.

use std::fmt;
use std::str::FromStr;

use super::{Place, Placed};

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

impl HostGlob {
    /// Whether a name can exist that both patterns mean.
    pub fn meets(&self, other: &Self) -> bool {
        let spelled = |glob: &Self| {
            let domain = glob.0.strip_prefix("*.").map(str::to_owned);
            [Some(glob.0.clone()), domain].into_iter().flatten().collect::<Vec<_>>()
        };
        let others = spelled(other);
        spelled(self).iter().any(|one| others.iter().any(|other| meet(one.as_bytes(), other.as_bytes())))
    }
}

/// Whether two patterns can mean one text. Each step only looks one line back, so it costs the product of the lengths, whatever
/// the patterns are.
fn meet(one: &[u8], other: &[u8]) -> bool {
    // `line[n]`: what was read of `one` and the first `n` characters of `other` can mean one text.
    let mut line = vec![true];
    for character in other {
        line.push(line.last().is_some_and(|meets| *meets) && *character == b'*');
    }
    for mine in one {
        let mut next = vec![line.first().is_some_and(|meets| *meets) && *mine == b'*'];
        for ((diagonal, above), theirs) in line.iter().zip(line.iter().skip(1)).zip(other) {
            let left = next.last().is_some_and(|meets| *meets);
            let has_star = [mine, theirs].contains(&&b'*');
            next.push(if has_star { *above || left } else { *diagonal && mine == theirs });
        }
        line = next;
    }
    line.last().is_some_and(|meets| *meets)
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

/// One value of one key of [`Conditions`], as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// The key of a rules file; categories of videos and of events are two.
    pub key: &'static str,
    /// The value in one form, so that equal values are equal texts.
    pub value: String,
    /// Where.
    pub place: &'a Place,
}

impl Conditions {
    /// Every value of every key, in the order of the fields. Words are one value each, regions their GeoJSON.
    pub fn written(&self) -> Vec<Written<'_>> {
        fn each<'a, T>(key: &'static str, values: &'a [Placed<T>], show: impl Fn(&T) -> String) -> Vec<Written<'a>> {
            values.iter().map(|placed| Written { key, value: show(&placed.value), place: &placed.place }).collect()
        }
        fn one<'a, T: fmt::Display>(key: &'static str, value: Option<&'a Placed<T>>) -> Vec<Written<'a>> {
            value
                .map(|placed| Written { key, value: placed.value.to_string(), place: &placed.place })
                .into_iter()
                .collect()
        }
        let lower = |text: &String| text.to_lowercase();
        let words = self.words.iter().flat_map(|list| each("words", &list.value.words, lower));
        [
            each("kinds", &self.kinds, RecordKind::to_string),
            each("hosts", &self.hosts, |host| host.as_str().to_owned()),
            each("languages", &self.languages, String::clone),
            each("categories of videos", &self.video_categories, i64::to_string),
            each("categories of events", &self.event_categories, String::clone),
            each("licences", &self.licences, i64::to_string),
            each("tags", &self.tags, lower),
            words.collect(),
            each("accounts", &self.accounts, String::clone),
            each("channels", &self.channels, String::clone),
            each("groups", &self.groups, String::clone),
            each("items", &self.items, String::clone),
            each("regions", &self.regions, |region| region.geojson.clone()),
            one("min_duration", self.min_duration_s.as_ref()),
            one("max_duration", self.max_duration_s.as_ref()),
            one("since", self.since_ms.as_ref()),
            one("max_age", self.max_age_ms.as_ref()),
            one("nsfw_flags", self.nsfw_flags.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
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

    #[test]
    fn two_patterns_meet_where_a_name_can_be_both() {
        let meets = |one: &str, other: &str| {
            let (one, other) = (HostGlob::parse(one).unwrap(), HostGlob::parse(other).unwrap());
            assert_eq!(one.meets(&other), other.meets(&one));
            one.meets(&other)
        };
        for (one, other) in [
            ("a.example", "a.example"),
            ("*.example", "a.example"),
            ("*.example", "example"),
            ("tube.*", "*.fr"),
            ("*a*b*", "*c*"),
            ("a*", "*a"),
            ("*", "b"),
        ] {
            assert!(meets(one, other), "{one} {other}");
        }
        for (one, other) in [("a.example", "b.example"), ("*.fr", "*.de"), ("tube.*", "video.*"), ("*.a.fr", "fr")] {
            assert!(!meets(one, other), "{one} {other}");
        }
    }

    // The only patterns of rules are those of hosts. Matching one reads the host once for each of its four `*` at most.
    #[test]
    fn case_133_no_pattern_takes_long() {
        let host = format!("{}.example", "a".repeat(4000));
        let rows = [("*a*a*a*b", false), ("a*a*a*a*", true), ("*.*.*.*", false), ("*aaaaaaaa*aaaaaaaab*", false)];
        for (text, expected) in rows {
            let glob = HostGlob::parse(text).unwrap();
            // With backtracking each would take longer than the test may run.
            for _ in 0..100 {
                assert_eq!(glob.matches(&host), expected, "{text}");
            }
            assert!(glob.meets(&glob));
        }
    }
}
