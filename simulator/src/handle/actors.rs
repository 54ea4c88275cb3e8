//! Changes of channels and accounts.

use jiff::Timestamp;

use super::HostHandle;
use crate::catalogue::{AccountSpec, ChannelSpec};
use crate::error::{Error, Result};

impl HostHandle {
    /// The local channels. Empty for a recorded host.
    pub fn channels(&self) -> Vec<ChannelSpec> {
        self.with(|instance| instance.channels().map(|(_, channel)| channel.clone()).collect()).unwrap_or_default()
    }

    /// Gives a channel another display name. Its videos keep their `updatedAt`, as on a real host.
    ///
    /// # Errors
    /// As [`Self::edit_channel`].
    pub fn rename_channel(&self, channel: &str, display_name: &str, now: Timestamp) -> Result<()> {
        self.edit_channel(channel, now, |channel| display_name.clone_into(&mut channel.display_name))
    }

    /// Changes a channel and moves its `updated_at` to `now`; its videos keep theirs.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`] when there is none; [`Error::WrongKind`] for a recorded host.
    pub fn edit_channel(&self, channel: &str, now: Timestamp, change: impl FnOnce(&mut ChannelSpec)) -> Result<()> {
        let found = self.with(|instance| instance.edit_channel(channel, now.as_millisecond(), change))?;
        if found { Ok(()) } else { Err(self.unknown_channel(channel)) }
    }

    /// Deletes a channel with its videos and playlists.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`] when there is none, or when it is the last one: that one cannot be deleted;
    /// [`Error::WrongKind`] for a recorded host.
    pub fn delete_channel(&self, channel: &str) -> Result<()> {
        if self.with(|instance| instance.delete_channel(channel))? {
            Ok(())
        } else {
            Err(self.unknown_channel(channel))
        }
    }

    /// Changes an account, its description for example, and moves its `updated_at` to `now`.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`] when there is none; [`Error::WrongKind`] for a recorded host.
    pub fn edit_account(&self, account: &str, now: Timestamp, change: impl FnOnce(&mut AccountSpec)) -> Result<()> {
        if self.with(|instance| instance.edit_account(account, now.as_millisecond(), change))? {
            Ok(())
        } else {
            Err(Error::UnknownAccount { host: self.name().to_owned(), account: account.to_owned() })
        }
    }

    pub(super) fn unknown_channel(&self, channel: &str) -> Error {
        Error::UnknownChannel { host: self.name().to_owned(), channel: channel.to_owned() }
    }
}
