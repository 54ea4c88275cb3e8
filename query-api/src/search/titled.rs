//! What stands behind a key: for people who have one in hand.

use indexer::stored::{StoredChannel, StoredEvent, StoredGroup, StoredPlaylist, StoredVideo};
use serde::de::DeserializeOwned;

use super::SearchIndex;
use super::kind::KindIndex;
use crate::error::Error;

/// A document in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titled {
    /// Its title or name, as its host wrote it.
    pub title: String,
    /// Its page on its host, as the host wrote it.
    pub url: String,
    /// Its host.
    pub host: String,
}

impl SearchIndex {
    /// The document with this key, such as `video/tube.example/UUID`, if it may be shown; `None` for every other text.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn find_titled(&self, key: &str) -> Result<Option<Titled>, Error> {
        Ok(match key.split_once('/').map_or("", |(kind, _)| kind) {
            "video" => read(&self.videos, key)?.map(|video: StoredVideo| Titled {
                url: video.url(),
                title: video.name,
                host: video.host,
            }),
            "channel" => read(&self.channels, key)?.map(|channel: StoredChannel| Titled {
                title: channel.actor.display_name().to_owned(),
                url: channel.actor.url,
                host: channel.host,
            }),
            "playlist" => read(&self.playlists, key)?.map(|playlist: StoredPlaylist| Titled {
                url: playlist.url(),
                title: playlist.display_name,
                host: playlist.host,
            }),
            "event" => read(&self.events, key)?.map(|event: StoredEvent| Titled {
                title: event.title,
                url: event.page_url.unwrap_or(event.url),
                host: event.host,
            }),
            "group" => read(&self.groups, key)?.map(|group: StoredGroup| Titled {
                title: group.actor.display_name().to_owned(),
                url: group.actor.url,
                host: group.host,
            }),
            _ => None,
        })
    }
}

fn read<T: DeserializeOwned>(kind: &KindIndex, key: &str) -> Result<Option<T>, Error> {
    match kind.find(key)? {
        Some((segment, doc)) => kind.read(segment, doc).map(Some),
        None => Ok(None),
    }
}
