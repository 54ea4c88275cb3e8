//! A running fake host: its log, and the changes made to it while it runs.

mod actors;
mod events;
mod playlists;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::behaviour::Rule;
use crate::catalogue::{Instance, Privacy, State, VideoSpec};
use crate::error::{Error, Result};
use crate::log::Exchange;
use crate::replay::Set;
use crate::setup::Software;
use crate::site::{Content, Site, lock};

/// One running host.
pub struct HostHandle {
    pub(crate) site: Arc<Site>,
    pub(crate) address: SocketAddr,
}

impl std::fmt::Debug for HostHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("HostHandle").field("name", &self.site.name).field("address", &self.address).finish()
    }
}

impl HostHandle {
    /// The host name.
    pub fn name(&self) -> &str {
        &self.site.name
    }

    /// The software it pretends to run.
    pub fn software(&self) -> Software {
        match &self.site.content {
            Content::Generated(_) | Content::Recorded(_) => Software::PeerTube,
            Content::Mobilizon(..) => Software::Mobilizon,
            Content::Gancio(_) => Software::Gancio,
        }
    }

    /// Places a file, such as `/.well-known/vigie.txt`, in the place of what the host answers there.
    pub fn place_file(&self, path: &str, text: &str) {
        lock(&self.site.placed).files.insert(path.to_owned(), text.to_owned());
    }

    /// Adds a text to the metadata of its NodeInfo.
    pub fn place_metadata(&self, key: &str, text: &str) {
        lock(&self.site.placed).metadata.insert(key.to_owned(), text.to_owned());
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that reached it, by arrival.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.site.log.exchanges()
    }

    /// The requests that reached it, by arrival, and forgets them: for long runs. Empty while one is under way.
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        self.site.log.take()
    }

    /// The number of requests that reached it, forgotten ones included.
    pub fn n_requests(&self) -> usize {
        self.site.log.len()
    }

    /// Replaces the text of robots.txt.
    pub fn set_robots(&self, text: impl Into<String>) {
        *lock(&self.site.robots) = text.into();
    }

    /// Adds a misbehaviour from now on.
    pub fn behave(&self, rule: impl Into<Rule>) {
        lock(&self.site.rules).add(rule.into());
    }

    /// Replaces all misbehaviours.
    pub fn set_behaviours(&self, rules: impl IntoIterator<Item = Rule>) {
        lock(&self.site.rules).set(rules.into_iter().collect());
    }

    /// Ends all misbehaviour. Answers under way are not changed.
    pub fn heal(&self) {
        self.set_behaviours([]);
    }

    /// A copy of a generated host as it is now; `None` for a recorded one.
    pub fn instance(&self) -> Option<Instance> {
        self.with(|instance| instance.clone()).ok()
    }

    /// What an honest anonymous crawl finds: local, public, published, not blocked; NSFW included. Empty for a recorded
    /// host.
    pub fn listed(&self) -> Vec<VideoSpec> {
        self.with(|instance| instance.listed().cloned().collect()).unwrap_or_default()
    }

    /// Every video the host knows, hidden and remote ones included. Empty for a recorded host.
    pub fn all(&self) -> Vec<VideoSpec> {
        self.with(|instance| instance.videos.clone()).unwrap_or_default()
    }

    /// Adds a public video, published at `now`.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for a recorded host.
    pub fn add_video(&self, now: Timestamp) -> Result<VideoSpec> {
        self.with(|instance| instance.add_video(now.as_millisecond()))
    }

    /// Changes a video and moves its `updated_at` to `now`.
    ///
    /// # Errors
    /// [`Error::UnknownVideo`] when there is none; [`Error::WrongKind`] for a recorded host.
    pub fn edit(&self, uuid: Uuid, now: Timestamp, change: impl FnOnce(&mut VideoSpec)) -> Result<()> {
        if self.with(|instance| instance.edit(uuid, now.as_millisecond(), change))? {
            Ok(())
        } else {
            Err(self.unknown(uuid))
        }
    }

    /// Deletes a video.
    ///
    /// # Errors
    /// [`Error::UnknownVideo`] when there is none; [`Error::WrongKind`] for a recorded host.
    pub fn delete(&self, uuid: Uuid) -> Result<()> {
        if self.with(|instance| instance.delete(uuid))? { Ok(()) } else { Err(self.unknown(uuid)) }
    }

    /// Changes who may see a video; becoming public sets its publication date.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn set_privacy(&self, uuid: Uuid, privacy: Privacy, now: Timestamp) -> Result<()> {
        self.edit(uuid, now, |video| {
            if privacy == Privacy::Public && video.privacy != Privacy::Public {
                video.published_at = now.as_millisecond();
                video.scheduled_at = None;
            }
            video.privacy = privacy;
        })
    }

    /// Publishes the private videos whose date of publication (`scheduled_at`) has come, and returns them.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for a recorded host.
    pub fn publish_due(&self, now: Timestamp) -> Result<Vec<Uuid>> {
        self.with(|instance| instance.publish_due(now.as_millisecond()))
    }

    /// Blocks a video, as a moderator does.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn block(&self, uuid: Uuid, now: Timestamp) -> Result<()> {
        self.edit(uuid, now, |video| video.blocked = true)
    }

    /// Makes a video a live that streams from now on: it is listed, and its publication date is now.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn start_live(&self, uuid: Uuid, now: Timestamp) -> Result<()> {
        self.edit(uuid, now, |video| {
            video.is_live = true;
            video.duration = 0;
            video.state = State::Published;
            video.published_at = now.as_millisecond();
        })
    }

    /// Ends a live: it leaves the listing; its detail still answers.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn end_live(&self, uuid: Uuid, now: Timestamp) -> Result<()> {
        self.edit(uuid, now, |video| {
            video.state = if video.permanent_live { State::WaitingForLive } else { State::LiveEnded };
        })
    }

    /// Multiplies the views of all local videos; each `updatedAt` moves, as on a real host.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for a recorded host.
    pub fn advance_counters(&self, factor: f64, now: Timestamp) -> Result<()> {
        self.with(|instance| instance.advance_counters(factor, now.as_millisecond()))
    }

    /// Puts a recorded host into another of its states.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for a generated host.
    pub fn switch_set(&self, set: Set) -> Result<()> {
        match &self.site.content {
            Content::Recorded(replay) => {
                lock(replay).set = set;
                Ok(())
            }
            Content::Generated(_) | Content::Mobilizon(..) | Content::Gancio(_) => {
                Err(Error::WrongKind { host: self.name().to_owned(), wanted: "recorded" })
            }
        }
    }

    fn unknown(&self, uuid: Uuid) -> Error {
        Error::UnknownVideo { host: self.name().to_owned(), uuid }
    }

    /// Changes anything about a generated host at once, under one lock: cheap for many changes. The next request sees them.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for a recorded host.
    pub fn change<T>(&self, call: impl FnOnce(&mut Instance) -> T) -> Result<T> {
        self.with(|instance| {
            let result = call(instance);
            instance.touch();
            result
        })
    }

    fn with<T>(&self, call: impl FnOnce(&mut Instance) -> T) -> Result<T> {
        match &self.site.content {
            Content::Generated(generated) => Ok(call(&mut lock(generated).instance)),
            Content::Recorded(_) | Content::Mobilizon(..) | Content::Gancio(_) => {
                Err(Error::WrongKind { host: self.name().to_owned(), wanted: "generated PeerTube" })
            }
        }
    }
}
