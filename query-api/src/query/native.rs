//! A search of several kinds at once.

use super::{ChannelQuery, PlaylistQuery, TextQuery, VideoQuery};
use crate::params::{EventSearch, GroupSearch};
use crate::search::FacetRequest;

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Videos.
    Video,
    /// Channels.
    Channel,
    /// Playlists.
    Playlist,
    /// Events.
    Event,
    /// Groups.
    Group,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Video, Self::Channel, Self::Playlist, Self::Event, Self::Group];

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Channel => "channel",
            Self::Playlist => "playlist",
            Self::Event => "event",
            Self::Group => "group",
        }
    }

    /// The kind of this name, which may also be said of many: `events`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name || name.strip_suffix('s') == Some(kind.name()))
    }
}

/// A checked search of several kinds. A kind that is not searched is absent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NativeQuery {
    /// The text as given.
    pub search: Option<String>,
    /// The search of videos.
    pub videos: Option<VideoQuery>,
    /// The search of channels.
    pub channels: Option<ChannelQuery>,
    /// The search of playlists.
    pub playlists: Option<PlaylistQuery>,
    /// The search of events.
    pub events: Option<EventSearch>,
    /// The search of groups.
    pub groups: Option<GroupSearch>,
    /// Kinds that were asked for and cannot pass a filter, with the parameters that say so.
    pub omitted: Vec<(Kind, Vec<&'static str>)>,
    /// What is counted.
    pub facets: FacetRequest,
    /// Whether excerpts with marked words are wanted.
    pub highlight: bool,
}

impl NativeQuery {
    /// The words, the same for every kind.
    pub fn text(&self) -> Option<&TextQuery> {
        let videos = self.videos.as_ref().and_then(|query| query.text.as_ref());
        let channels = || self.channels.as_ref().and_then(|query| query.text.as_ref());
        let playlists = || self.playlists.as_ref().and_then(|query| query.text.as_ref());
        let events = || self.events.as_ref().and_then(|search| search.query.text.as_ref());
        let groups = || self.groups.as_ref().and_then(|search| search.query.text.as_ref());
        videos.or_else(channels).or_else(playlists).or_else(events).or_else(groups)
    }
}

/// A checked request for suggestions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SuggestQuery {
    /// What was typed so far; empty when nothing was.
    pub text: String,
    /// Suggestions wanted.
    pub count: usize,
    /// Whether the form of OpenSearch is wanted.
    pub is_opensearch: bool,
}
