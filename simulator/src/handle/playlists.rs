//! Changes of playlists. Each moves the `updated_at` of the playlist.

use jiff::Timestamp;
use uuid::Uuid;

use super::HostHandle;
use crate::catalogue::{PlaylistPrivacy, PlaylistSpec};
use crate::error::{Error, Result};

impl HostHandle {
    /// Every playlist the host knows: unlisted, private, empty and remote ones too. Empty for a recorded host.
    pub fn playlists(&self) -> Vec<PlaylistSpec> {
        self.with(|instance| instance.playlists.clone()).unwrap_or_default()
    }

    /// What an honest anonymous crawl finds listed: local and public, empty ones included. Empty for a recorded host.
    pub fn listed_playlists(&self) -> Vec<PlaylistSpec> {
        self.with(|instance| instance.listed_playlists().cloned().collect()).unwrap_or_default()
    }

    /// Adds an empty public playlist to a channel.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`] when there is none; [`Error::WrongKind`] for a recorded host.
    pub fn add_playlist(&self, channel: &str, display_name: &str, now: Timestamp) -> Result<PlaylistSpec> {
        self.with(|instance| instance.add_playlist(channel, display_name, now.as_millisecond()))?
            .ok_or_else(|| self.unknown_channel(channel))
    }

    /// Changes a playlist.
    ///
    /// # Errors
    /// [`Error::UnknownPlaylist`] when there is none; [`Error::WrongKind`] for a recorded host.
    pub fn edit_playlist(&self, uuid: Uuid, now: Timestamp, change: impl FnOnce(&mut PlaylistSpec)) -> Result<()> {
        self.found(uuid, self.with(|instance| instance.edit_playlist(uuid, now.as_millisecond(), change))?)
    }

    /// Changes who may see a playlist.
    ///
    /// # Errors
    /// As [`Self::edit_playlist`].
    pub fn set_playlist_privacy(&self, uuid: Uuid, privacy: PlaylistPrivacy, now: Timestamp) -> Result<()> {
        self.edit_playlist(uuid, now, |playlist| playlist.privacy = privacy)
    }

    /// Puts a video at the end of a playlist. One that the host does not know shows as deleted.
    ///
    /// # Errors
    /// As [`Self::edit_playlist`].
    pub fn add_to_playlist(&self, uuid: Uuid, video: Uuid, now: Timestamp) -> Result<()> {
        self.found(uuid, self.with(|instance| instance.add_to_playlist(uuid, video, now.as_millisecond()))?)
    }

    /// Takes a video out of a playlist.
    ///
    /// # Errors
    /// [`Error::UnknownVideo`] when the playlist does not hold it; else as [`Self::edit_playlist`].
    pub fn remove_from_playlist(&self, uuid: Uuid, video: Uuid, now: Timestamp) -> Result<()> {
        self.found(uuid, self.with(|instance| instance.playlist(uuid).is_some())?)?;
        let was_there = self.with(|instance| instance.remove_from_playlist(uuid, video, now.as_millisecond()))?;
        if was_there { Ok(()) } else { Err(self.unknown(video)) }
    }

    /// Deletes a playlist.
    ///
    /// # Errors
    /// As [`Self::edit_playlist`].
    pub fn delete_playlist(&self, uuid: Uuid) -> Result<()> {
        self.found(uuid, self.with(|instance| instance.delete_playlist(uuid))?)
    }

    fn found(&self, uuid: Uuid, is_found: bool) -> Result<()> {
        if is_found { Ok(()) } else { Err(Error::UnknownPlaylist { host: self.name().to_owned(), uuid }) }
    }
}
