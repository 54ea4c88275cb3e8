//! A public channel of a PeerTube instance.

use jiff::Timestamp;

use super::{Actor, Image, RecordId};

/// A local channel with at least one public video, as its own instance described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Name, display name, ActivityPub id, host and avatars.
    pub actor: Actor,
    /// Sorted by width, unknown widths last.
    pub banners: Vec<Image>,
    /// As Markdown source, at most 1 000 characters on a PeerTube of today.
    pub description: Option<String>,
    /// How to support the channel, as Markdown source.
    pub support: Option<String>,
    /// Followers counted by the origin.
    pub n_followers: u64,
    /// Actors it follows.
    pub n_following: u64,
    /// When it was created on the origin.
    pub created_at: Timestamp,
    /// When anything last changed; also moves when a video is added.
    pub updated_at: Timestamp,
    /// The account that owns it.
    pub owner: Owner,
}

/// The account that owns a channel. Its host is the host of the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Name, display name, ActivityPub id, host and avatars.
    pub actor: Actor,
    /// As Markdown source.
    pub description: Option<String>,
    /// Followers counted by the origin.
    pub n_followers: u64,
    /// Actors it follows.
    pub n_following: u64,
    /// When it was created; the channel's own time where the origin gave none.
    pub created_at: Timestamp,
    /// When it last changed; the channel's own time where the origin gave none.
    pub updated_at: Timestamp,
}

impl Channel {
    /// The key of the channel.
    pub fn record_id(&self) -> RecordId {
        RecordId::channel(self.actor.host.clone(), &self.actor.name)
    }
}
