//! What an instance published, in our own terms: no wire format of anybody's.

mod channel;
mod event;
mod group;
mod place;
mod playlist;
mod target;
mod video;

pub use channel::{Channel, Owner};
pub use event::{Event, EventStatus, EventTime, JoinMode};
pub use group::{Group, Openness};
pub use place::{Address, Point};
pub use playlist::{Element, Playlist};
pub use video::{Actor, Image, Labelled, Video, VideoDetail};

use std::fmt;

use allowlist::Host;
use uuid::Uuid;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A PeerTube video.
    Video,
    /// A PeerTube channel.
    Channel,
    /// A PeerTube playlist.
    Playlist,
    /// A Mobilizon or Gancio event.
    Event,
    /// A Mobilizon group.
    Group,
}

impl Kind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::Video, Self::Channel, Self::Playlist, Self::Event, Self::Group];

    /// The name used in files and on the command line, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Channel => "channel",
            Self::Playlist => "playlist",
            Self::Event => "event",
            Self::Group => "group",
        }
    }

    /// The number stored in the journal; never changes and is never given to another kind.
    pub fn code(self) -> i64 {
        match self {
            Self::Video => 1,
            Self::Channel => 2,
            Self::Playlist => 3,
            Self::Event => 4,
            Self::Group => 5,
        }
    }

    /// The kind of a stored code; `None` for a code of a newer version.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The key of a record. Ids are only unique on their origin host, so the host is a part of the key and one host
/// can never write the row of another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId {
    /// What the record is.
    pub kind: Kind,
    /// The instance that published it and the only one that may change it.
    pub host: Host,
    /// The id on that instance: a UUID in lower-case hyphenated form for videos, playlists and the events of Mobilizon, a
    /// decimal number for those of Gancio; the actor's name, in lower case, for channels and groups.
    pub id: String,
}

impl RecordId {
    /// The key of a video.
    pub fn video(host: Host, uuid: Uuid) -> Self {
        Self { kind: Kind::Video, host, id: uuid.hyphenated().to_string() }
    }

    /// The key of a channel. Instances compare names without regard to case.
    pub fn channel(host: Host, name: &str) -> Self {
        Self { kind: Kind::Channel, host, id: name.to_lowercase() }
    }

    /// The key of a playlist.
    pub fn playlist(host: Host, uuid: Uuid) -> Self {
        Self { kind: Kind::Playlist, host, id: uuid.hyphenated().to_string() }
    }

    /// The key of an event; `origin_id` as in [`Event::origin_id`].
    pub fn event(host: Host, origin_id: &str) -> Self {
        Self { kind: Kind::Event, host, id: origin_id.to_lowercase() }
    }

    /// The key of a group. Instances compare names without regard to case.
    pub fn group(host: Host, name: &str) -> Self {
        Self { kind: Kind::Group, host, id: name.to_lowercase() }
    }
}

/// `video/tube.example/9c9de5e8-…`; the same text is the key of the document in the index.
impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.host, self.id)
    }
}

/// A record as last seen on its instance.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A PeerTube video.
    Video(Box<Video>),
    /// A PeerTube channel.
    Channel(Box<Channel>),
    /// A PeerTube playlist.
    Playlist(Box<Playlist>),
    /// A Mobilizon or Gancio event.
    Event(Box<Event>),
    /// A Mobilizon group.
    Group(Box<Group>),
}

impl Record {
    /// The key of the record.
    pub fn id(&self) -> RecordId {
        match self {
            Self::Video(video) => video.record_id(),
            Self::Channel(channel) => channel.record_id(),
            Self::Playlist(playlist) => playlist.record_id(),
            Self::Event(event) => event.record_id(),
            Self::Group(group) => group.record_id(),
        }
    }

    /// The record as JSON, in the form of the journal's rows: without its host and id, times in milliseconds since 1970,
    /// what is unknown left out. For people who ask what is kept of them.
    ///
    /// # Errors
    /// [`crate::Error::Encode`].
    pub fn to_json(&self) -> Result<serde_json::Value, crate::Error> {
        let fail = |cause| crate::Error::Encode { id: self.id().to_string(), cause };
        let json = crate::row::to_json(self).map_err(fail)?;
        serde_json::from_slice(&json).map_err(|error| fail(error.to_string()))
    }
}
