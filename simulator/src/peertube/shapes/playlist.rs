//! The JSON of playlists and of what they hold.

use serde::Serialize;

use super::actor::{ActorSummary, account_summary, channel_summary};
use super::video::{ListItem, Thumbnail, list_item, thumbnail};
use super::{Labelled, video_url};
use crate::catalogue::{ElementSpec, Instance, PlaylistSpec, Privacy, VideoSpec, short_uuid};
use crate::picture;
use crate::time::iso;

/// A playlist; the row of a listing and the single one are the same.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Playlist<'a> {
    pub id: u32,
    pub uuid: String,
    #[serde(rename = "shortUUID", skip_serializing_if = "Option::is_none")]
    pub short_uuid: Option<String>,
    pub is_local: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub display_name: &'a str,
    pub description: Option<&'a str>,
    pub privacy: Labelled<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_path: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnails: Option<Vec<Thumbnail>>,
    pub embed_path: String,
    #[serde(rename = "type")]
    pub kind: Labelled<u8>,
    pub videos_length: usize,
    pub created_at: String,
    pub updated_at: String,
    pub owner_account: ActorSummary<'a>,
    pub video_channel: Option<ActorSummary<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_channel_position: Option<u32>,
}

/// One place of a playlist.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Element<'a> {
    pub id: u32,
    pub position: usize,
    pub start_timestamp: Option<u32>,
    pub stop_timestamp: Option<u32>,
    #[serde(rename = "type")]
    pub kind: u8,
    pub video: Option<ListItem<'a>>,
}

/// A playlist as `instance` shows it; `None` when its account is missing.
pub(crate) fn playlist<'a>(instance: &'a Instance, playlist: &'a PlaylistSpec) -> Option<Playlist<'a>> {
    let spec = &instance.spec;
    let version = spec.version;
    let (host, channel, account) = match playlist.origin.as_deref() {
        Some(origin) => {
            let channel = playlist.channel.map(|_| &origin.channel);
            (origin.host.as_str(), channel, &origin.account)
        }
        None => {
            let channel = playlist.channel.and_then(|index| spec.channels.get(index as usize));
            (spec.name.as_str(), channel, spec.accounts.get(playlist.account as usize)?)
        }
    };
    let nth = u64::from(playlist.id);
    // A server makes the picture from the first video: an empty playlist has none.
    let path = (!playlist.elements.is_empty()).then(|| picture::playlist_path(playlist));
    let is_without_paths = spec.has_object_storage && version.since(8, 1);
    Some(Playlist {
        id: playlist.id,
        uuid: playlist.uuid.to_string(),
        short_uuid: version.since(3, 3).then(|| short_uuid(playlist.uuid)),
        is_local: playlist.is_local(),
        url: version.since(4, 2).then(|| playlist_url(host, playlist)),
        display_name: &playlist.display_name,
        description: playlist.description.as_deref(),
        privacy: Labelled { id: Some(playlist.privacy.id()), label: playlist.privacy.label() },
        thumbnails: version
            .since(8, 1)
            .then(|| path.iter().map(|path| thumbnail(&spec.name, path, picture::THUMBNAIL_SIZE)).collect()),
        thumbnail_path: (!is_without_paths).then_some(path),
        embed_path: if version.since(7, 0) {
            format!("/video-playlists/embed/{}", short_uuid(playlist.uuid))
        } else {
            format!("/video-playlists/embed/{}", playlist.uuid)
        },
        kind: Labelled { id: Some(1), label: "Regular" },
        videos_length: playlist.elements.len(),
        created_at: iso(playlist.created_at),
        updated_at: iso(playlist.updated_at),
        owner_account: account_summary(spec, host, account, playlist.account, nth),
        video_channel: channel
            .map(|channel| channel_summary(spec, host, channel, playlist.channel.unwrap_or_default(), nth + 1)),
        video_channel_position: version.since(8, 0).then_some(playlist.id),
    })
}

/// The canonical address of a playlist.
pub(crate) fn playlist_url(host: &str, playlist: &PlaylistSpec) -> String {
    if playlist.has_old_url {
        return format!("{}/{}", video_url(host, "playlist"), playlist.uuid);
    }
    format!("https://{host}/video-playlists/{}", playlist.uuid)
}

/// Why the video of an element does not show.
#[derive(Clone, Copy)]
enum Absence {
    Deleted = 1,
    Private = 2,
    /// Blocked by a moderator.
    Unavailable = 3,
}

/// The element at a position, from 1, for an anonymous visitor.
pub(crate) fn element<'a>(instance: &'a Instance, element: &ElementSpec, position: usize) -> Element<'a> {
    let shown = shown(instance.video(element.video));
    let (kind, video) = match shown {
        Ok(video) => (0, list_item(instance, video)),
        Err(absence) => (absence as u8, None),
    };
    Element {
        id: element.id,
        position,
        start_timestamp: element.start_timestamp,
        stop_timestamp: element.stop_timestamp,
        kind,
        video,
    }
}

/// Unlisted videos show, as in a detail.
fn shown(video: Option<&VideoSpec>) -> Result<&VideoSpec, Absence> {
    let video = video.ok_or(Absence::Deleted)?;
    match video.privacy {
        _ if video.blocked => Err(Absence::Unavailable),
        Privacy::Public | Privacy::Unlisted => Ok(video),
        Privacy::Private | Privacy::Internal | Privacy::PasswordProtected => Err(Absence::Private),
    }
}
