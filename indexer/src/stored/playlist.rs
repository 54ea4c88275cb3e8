//! The stored form of a playlist.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::{StoredActor, StoredPath};
use super::is_default;
use crate::short_uuid;

/// A playlist as the index stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPlaylist {
    /// Origin host, canonical.
    #[serde(rename = "h")]
    pub host: String,
    /// UUID.
    #[serde(rename = "u")]
    pub uuid: Uuid,
    /// Numeric id on the origin.
    #[serde(rename = "i", default, skip_serializing_if = "is_default")]
    pub origin_id: i64,
    /// ActivityPub id; `None` when it is `https://{host}/video-playlists/{uuid}`.
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    pub url: Option<String>,
    /// Title.
    #[serde(rename = "n")]
    pub display_name: String,
    /// The whole description.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// Thumbnail.
    #[serde(rename = "th", default, skip_serializing_if = "is_default")]
    pub thumbnail: Option<StoredPath>,
    /// Path of the player.
    #[serde(rename = "e")]
    pub embed_path: String,
    /// Creation.
    #[serde(rename = "ct", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub created_at: Timestamp,
    /// Last change.
    #[serde(rename = "ut", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub updated_at: Timestamp,
    /// Owner.
    #[serde(rename = "ac")]
    pub owner: StoredActor,
    /// Channel.
    #[serde(rename = "ch", default, skip_serializing_if = "is_default")]
    pub channel: Option<StoredActor>,
    /// Its public videos when last read, in order. Which of them may be shown depends on the generation that answers.
    #[serde(rename = "el", default, skip_serializing_if = "is_default")]
    pub elements: Vec<StoredElement>,
}

/// A video in a playlist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredElement {
    /// Origin host of the video; `None` for the host of the playlist.
    #[serde(rename = "h", default, skip_serializing_if = "is_default")]
    pub host: Option<String>,
    /// UUID of the video.
    #[serde(rename = "u")]
    pub uuid: Uuid,
}

impl StoredPlaylist {
    /// The ActivityPub id.
    pub fn url(&self) -> String {
        self.url.clone().unwrap_or_else(|| Self::default_url(&self.host, self.uuid))
    }

    /// The ActivityPub id that PeerTube gives its playlists.
    pub(crate) fn default_url(host: &str, uuid: Uuid) -> String {
        format!("https://{host}/video-playlists/{}", uuid.hyphenated())
    }

    /// The UUID in PeerTube's short form.
    pub fn short_uuid(&self) -> String {
        short_uuid::encode(self.uuid)
    }

    /// The absolute URL of the player.
    pub fn embed_url(&self) -> String {
        format!("https://{}{}", self.host, self.embed_path)
    }

    /// The key of the document, the same text as the journal's key of the record.
    pub fn key(&self) -> String {
        format!("playlist/{}/{}", self.host, self.uuid.hyphenated())
    }

    /// The keys of the documents of its videos, whether the index has them or not.
    pub fn video_keys(&self) -> impl Iterator<Item = String> + '_ {
        self.elements.iter().map(|element| {
            let host = element.host.as_deref().unwrap_or(&self.host);
            format!("video/{host}/{}", element.uuid.hyphenated())
        })
    }
}
