//! What is searched for, as a pure model: no wire format, no index.

mod event;
mod group;
mod native;
mod text;

pub use event::{EventFilter, EventQuery, EventTimes};
pub use group::{GroupFilter, GroupQuery};
pub use native::{Kind, NativeQuery, SuggestQuery};
pub use text::{Clause, DirectHit, TextQuery, Word};

use uuid::Uuid;

/// A checked search for videos.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VideoQuery {
    /// The words, when any were given; without them everything that passes the filter is a result.
    pub text: Option<TextQuery>,
    /// Results left out before the first one.
    pub start: usize,
    /// Results wanted; 0 asks for the total alone.
    pub count: usize,
    /// Their order.
    pub sort: Sort,
    /// Languages that keep their full score; others count half. Empty: all equal. Never a filter.
    pub boost_languages: Vec<String>,
    /// What a result must satisfy.
    pub filter: VideoFilter,
}

impl Default for VideoQuery {
    fn default() -> Self {
        Self {
            text: None,
            start: 0,
            count: 15,
            sort: Sort::default(),
            boost_languages: Vec::new(),
            filter: VideoFilter::default(),
        }
    }
}

/// A checked search for channels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChannelQuery {
    /// The words, when any were given; without them everything that passes the filter is a result.
    pub text: Option<TextQuery>,
    /// Results left out before the first one.
    pub start: usize,
    /// Results wanted; 0 asks for the total alone.
    pub count: usize,
    /// Their order: by relevance, display name or creation.
    pub sort: Sort,
    /// What a result must satisfy.
    pub filter: ChannelFilter,
}

impl Default for ChannelQuery {
    fn default() -> Self {
        Self { text: None, start: 0, count: 15, sort: Sort::default(), filter: ChannelFilter::default() }
    }
}

/// A checked search for playlists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlaylistQuery {
    /// The words, when any were given; without them everything that passes the filter is a result.
    pub text: Option<TextQuery>,
    /// Results left out before the first one.
    pub start: usize,
    /// Results wanted; 0 asks for the total alone.
    pub count: usize,
    /// Their order: by relevance, title or creation.
    pub sort: Sort,
    /// What a result must satisfy.
    pub filter: PlaylistFilter,
}

impl Default for PlaylistQuery {
    fn default() -> Self {
        Self { text: None, start: 0, count: 15, sort: Sort::default(), filter: PlaylistFilter::default() }
    }
}

/// An order of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Greatest first.
    pub descending: bool,
}

impl Default for Sort {
    /// The best match first.
    fn default() -> Self {
        Self { key: SortKey::Match, descending: true }
    }
}

/// What results can be ordered by. Ties are always broken by the hash of the key; those of events by the earlier start
/// before it, those of groups by the number of their events. Channels and playlists have [`SortKey::Match`],
/// [`SortKey::Name`] and [`SortKey::CreatedAt`] only; each of the last four is for events or groups alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Relevance; without words the newest videos, the channels and playlists that changed last, the events that start
    /// first, and the groups with the most members, first.
    Match,
    /// The folded title or display name.
    Name,
    /// Length.
    Duration,
    /// Creation; of an event its publication, of a group the day it was first seen.
    CreatedAt,
    /// Publication.
    PublishedAt,
    /// First publication elsewhere, else publication.
    OriginallyPublishedAt,
    /// Views.
    Views,
    /// Likes.
    Likes,
    /// PeerTube's formula of likes, comments, views and age.
    Hot,
    /// The start of an event.
    StartTime,
    /// People who come to an event.
    Participants,
    /// Members of a group.
    Members,
    /// Distance from the point that the query names; what has no coordinates comes last.
    Distance,
    /// Relevance of events to who is looking for something to do: the words, if there are any, the people who come, how
    /// near it is in time and in space.
    Discovery,
}

/// What to do with videos that are not safe for work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nsfw {
    /// Only them.
    Only,
    /// None of them.
    Hide,
    /// All videos alike.
    #[default]
    Show,
}

/// The filter on the origin host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostFilter {
    /// The canonical host.
    Is(String),
    /// A name that no instance can have.
    Nothing,
}

/// Conditions on where a result is from and on who owns it, the same for every kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OriginFilter {
    /// The origin.
    pub host: Option<HostFilter>,
    /// Canonical hosts to leave out.
    pub blocked_hosts: Vec<String>,
    /// `name@host` of accounts to leave out, lower case.
    pub blocked_accounts: Vec<String>,
}

/// Inclusive bounds; an absent one is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// At least.
    pub min: Option<i64>,
    /// At most.
    pub max: Option<i64>,
}

impl Bounds {
    /// Whether no bound is set.
    pub fn is_open(self) -> bool {
        self.min.is_none() && self.max.is_none()
    }
}

/// Conditions on videos, all of which must hold. Lists are sorted and without repetition; an empty one is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoFilter {
    /// Safe for work or not.
    pub nsfw: Nsfw,
    /// Flags that show a video although [`Nsfw::Hide`] would leave it out; any shared bit counts.
    pub nsfw_flags_included: u32,
    /// Flags that leave a video out whatever else is said; any shared bit counts.
    pub nsfw_flags_excluded: u32,
    /// Live or recorded.
    pub is_live: Option<bool>,
    /// Where it is from.
    pub origin: OriginFilter,
    /// Any of these categories.
    pub categories: Vec<i64>,
    /// Any of these licences.
    pub licences: Vec<i64>,
    /// Any of these languages; `_unknown` for none.
    pub languages: Vec<String>,
    /// Any of these folded tags.
    pub tags_one_of: Vec<String>,
    /// All of these folded tags.
    pub tags_all_of: Vec<String>,
    /// Publication, in milliseconds since 1970.
    pub published_ms: Bounds,
    /// First publication elsewhere, in milliseconds since 1970; videos without one do not pass.
    pub originally_published_ms: Bounds,
    /// Seconds.
    pub duration_s: Bounds,
    /// Any of these; an empty list lets nothing pass.
    pub uuids: Option<Vec<Uuid>>,
}

/// Conditions on channels, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChannelFilter {
    /// Where it is from.
    pub origin: OriginFilter,
    /// Any of these, `name@host` in lower case; an empty list lets nothing pass.
    pub handles: Option<Vec<String>>,
}

/// Conditions on playlists, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PlaylistFilter {
    /// Where it is from.
    pub origin: OriginFilter,
    /// Any of these; an empty list lets nothing pass.
    pub uuids: Option<Vec<Uuid>>,
}
