//! The stored form of a playlist.

use allowlist::Host;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::ActorRow;
use super::is_default;
use crate::record::{Element, Playlist};

/// A playlist without its key, which the columns of the row hold.
#[derive(Serialize, Deserialize)]
pub(super) struct PlaylistRow {
    #[serde(default, skip_serializing_if = "is_default")]
    origin_id: i64,
    url: String,
    display_name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    thumbnail_path: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    thumbnail_url: Option<String>,
    embed_path: String,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    owner: ActorRow,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<ActorRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    elements: Vec<ElementRow>,
}

#[derive(Serialize, Deserialize)]
struct ElementRow {
    /// `None` for a video of the row's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<Host>,
    uuid: Uuid,
}

impl From<&Playlist> for PlaylistRow {
    fn from(playlist: &Playlist) -> Self {
        let element = |element: &Element| ElementRow {
            host: (element.host != playlist.host).then(|| element.host.clone()),
            uuid: element.uuid,
        };
        Self {
            origin_id: playlist.origin_id,
            url: playlist.url.clone(),
            display_name: playlist.display_name.clone(),
            description: playlist.description.clone(),
            thumbnail_path: playlist.thumbnail_path.clone(),
            thumbnail_url: playlist.thumbnail_url.clone(),
            embed_path: playlist.embed_path.clone(),
            created_at: playlist.created_at,
            updated_at: playlist.updated_at,
            owner: ActorRow::from(&playlist.owner),
            channel: playlist.channel.as_ref().map(ActorRow::from),
            elements: playlist.elements.iter().map(element).collect(),
        }
    }
}

impl PlaylistRow {
    pub(super) fn into_playlist(self, host: Host, uuid: Uuid) -> Playlist {
        let element = |row: ElementRow| Element { host: row.host.unwrap_or_else(|| host.clone()), uuid: row.uuid };
        Playlist {
            uuid,
            origin_id: self.origin_id,
            url: self.url,
            display_name: self.display_name,
            description: self.description,
            thumbnail_path: self.thumbnail_path,
            thumbnail_url: self.thumbnail_url,
            embed_path: self.embed_path,
            created_at: self.created_at,
            updated_at: self.updated_at,
            owner: self.owner.into_actor(host.clone()),
            channel: self.channel.map(|channel| channel.into_actor(host.clone())),
            elements: self.elements.into_iter().map(element).collect(),
            host,
        }
    }
}
