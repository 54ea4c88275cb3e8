//! The JSON of videos, channels, accounts and playlists, by version.

mod actor;
mod playlist;
mod video;

use serde::Serialize;

pub(crate) use actor::{Channel, account, channel, remote_channel};
pub(crate) use playlist::{element, playlist, playlist_url};
pub(crate) use video::{ListItem, actors, detail, list_item, video_url};

/// `{"id": …, "label": …}`; the id is null for what is unknown.
#[derive(Serialize)]
pub(crate) struct Labelled<T> {
    pub id: Option<T>,
    pub label: &'static str,
}
