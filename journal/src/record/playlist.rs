//! A public playlist of a PeerTube instance.

use allowlist::Host;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Actor, RecordId};

/// A public, regular, local playlist with at least one public video, as its own instance described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playlist {
    /// The origin instance; the owner and the channel are on it too.
    pub host: Host,
    /// Unique among the playlists of `host`.
    pub uuid: Uuid,
    /// The numeric id on the origin instance. 0 when it gave none.
    pub origin_id: i64,
    /// The ActivityPub id, normally `https://{host}/video-playlists/{uuid}`.
    pub url: String,
    /// The title, never empty.
    pub display_name: String,
    /// As Markdown source, at most 1 000 characters on a PeerTube of today.
    pub description: Option<String>,
    /// Path below the origin's root, or `None` when it only gave a URL.
    pub thumbnail_path: Option<String>,
    /// Absolute https URL of the thumbnail.
    pub thumbnail_url: Option<String>,
    /// Path of the embedded player, `/video-playlists/embed/{uuid or short uuid}`.
    pub embed_path: String,
    /// When it was created on the origin.
    pub created_at: Timestamp,
    /// When it last changed; moves when an element is added or removed.
    pub updated_at: Timestamp,
    /// The account that owns it.
    pub owner: Actor,
    /// The channel that shows it; some versions allow none.
    pub channel: Option<Actor>,
    /// Its public videos in the order of the playlist, of whatever instance. Elements that are not public, deleted or
    /// blocked leave no trace here.
    pub elements: Vec<Element>,
}

/// A video in a playlist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Element {
    /// The origin instance of the video.
    pub host: Host,
    /// The video.
    pub uuid: Uuid,
}

impl Playlist {
    /// The key of the playlist.
    pub fn record_id(&self) -> RecordId {
        RecordId::playlist(self.host.clone(), self.uuid)
    }
}
