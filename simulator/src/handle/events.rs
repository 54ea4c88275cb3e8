//! Changes of a Mobilizon host while it runs.

use jiff::Timestamp;
use uuid::Uuid;

use super::HostHandle;
use crate::error::{Error, Result};
use crate::gancio::GancioHost;
use crate::mobilizon::{EventSpec, GroupSpec, MobilizonHost, Visibility};
use crate::site::{Content, lock};

impl HostHandle {
    /// A copy of a Mobilizon host as it is now; `None` for another one.
    pub fn mobilizon(&self) -> Option<MobilizonHost> {
        self.change_mobilizon(|host| host.clone()).ok()
    }

    /// Changes anything about a Mobilizon host at once, under one lock. The next request sees it.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for another host.
    pub fn change_mobilizon<T>(&self, call: impl FnOnce(&mut MobilizonHost) -> T) -> Result<T> {
        match &self.site.content {
            Content::Mobilizon(host, _) => Ok(call(&mut lock(host))),
            _ => Err(Error::WrongKind { host: self.name().to_owned(), wanted: "Mobilizon" }),
        }
    }

    /// A copy of a Gancio host as it is now; `None` for another one.
    pub fn gancio(&self) -> Option<GancioHost> {
        self.change_gancio(|host| host.clone()).ok()
    }

    /// Changes anything about a Gancio host at once, under one lock. The next request sees it.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for another host.
    pub fn change_gancio<T>(&self, call: impl FnOnce(&mut GancioHost) -> T) -> Result<T> {
        match &self.site.content {
            Content::Gancio(host) => Ok(call(&mut lock(host))),
            _ => Err(Error::WrongKind { host: self.name().to_owned(), wanted: "Gancio" }),
        }
    }

    /// The events an anonymous index may hold: of this host, public, published, not of a suspended group; past and
    /// cancelled ones included. Empty for a host of another kind.
    pub fn listed_events(&self) -> Vec<EventSpec> {
        self.change_mobilizon(|host| host.listed_events().cloned().collect()).unwrap_or_default()
    }

    /// The groups an anonymous index may hold. Empty for a host of another kind.
    pub fn listed_groups(&self) -> Vec<GroupSpec> {
        self.change_mobilizon(|host| host.listed_groups().cloned().collect()).unwrap_or_default()
    }

    /// Every event the host knows, hidden and remote ones included. Empty for a host of another kind.
    pub fn all_events(&self) -> Vec<EventSpec> {
        self.change_mobilizon(|host| host.events.clone()).unwrap_or_default()
    }

    /// Adds a public event, published at `now`, that begins within some weeks.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for a host of another kind.
    pub fn add_event(&self, now: Timestamp) -> Result<EventSpec> {
        self.change_mobilizon(|host| host.add_event(now))
    }

    /// Changes an event and moves its `updated_at` to `now`.
    ///
    /// # Errors
    /// [`Error::UnknownEvent`] when there is none; [`Error::WrongKind`] for a host of another kind.
    pub fn edit_event(&self, uuid: Uuid, now: Timestamp, change: impl FnOnce(&mut EventSpec)) -> Result<()> {
        self.with_event(uuid, |host| host.edit_event(uuid, now, change))
    }

    /// Cancels an event.
    ///
    /// # Errors
    /// As [`Self::edit_event`].
    pub fn cancel_event(&self, uuid: Uuid, now: Timestamp) -> Result<()> {
        self.with_event(uuid, |host| host.cancel_event(uuid, now))
    }

    /// Deletes an event: its document is a tombstone from then on.
    ///
    /// # Errors
    /// As [`Self::edit_event`].
    pub fn delete_event(&self, uuid: Uuid, now: Timestamp) -> Result<()> {
        self.with_event(uuid, |host| host.delete_event(uuid, now))
    }

    /// Publishes a draft.
    ///
    /// # Errors
    /// As [`Self::edit_event`].
    pub fn publish_draft(&self, uuid: Uuid, now: Timestamp) -> Result<()> {
        self.with_event(uuid, |host| host.publish_draft(uuid, now))
    }

    /// Changes who may see an event.
    ///
    /// # Errors
    /// As [`Self::edit_event`].
    pub fn set_event_visibility(&self, uuid: Uuid, visibility: Visibility, now: Timestamp) -> Result<()> {
        self.with_event(uuid, |host| host.set_event_visibility(uuid, visibility, now))
    }

    /// Changes a group.
    ///
    /// # Errors
    /// [`Error::UnknownGroup`] when there is none; [`Error::WrongKind`] for a host of another kind.
    pub fn edit_group(&self, username: &str, change: impl FnOnce(&mut GroupSpec)) -> Result<()> {
        self.with_group(username, |host| host.edit_group(username, change))
    }

    /// Suspends a group, as a moderator does; its events are hidden.
    ///
    /// # Errors
    /// As [`Self::edit_group`].
    pub fn suspend_group(&self, username: &str) -> Result<()> {
        self.edit_group(username, |group| group.suspended = true)
    }

    /// Changes who may find a group.
    ///
    /// # Errors
    /// As [`Self::edit_group`].
    pub fn set_group_visibility(&self, username: &str, visibility: Visibility) -> Result<()> {
        self.edit_group(username, |group| group.visibility = visibility)
    }

    /// Deletes a group with its events.
    ///
    /// # Errors
    /// As [`Self::edit_group`].
    pub fn delete_group(&self, username: &str, now: Timestamp) -> Result<()> {
        self.with_group(username, |host| host.delete_group(username, now))
    }

    fn with_event(&self, uuid: Uuid, call: impl FnOnce(&mut MobilizonHost) -> bool) -> Result<()> {
        match self.change_mobilizon(call)? {
            true => Ok(()),
            false => Err(Error::UnknownEvent { host: self.name().to_owned(), uuid }),
        }
    }

    fn with_group(&self, group: &str, call: impl FnOnce(&mut MobilizonHost) -> bool) -> Result<()> {
        match self.change_mobilizon(call)? {
            true => Ok(()),
            false => Err(Error::UnknownGroup { host: self.name().to_owned(), group: group.to_owned() }),
        }
    }
}
