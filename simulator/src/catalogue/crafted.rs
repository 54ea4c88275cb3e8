//! Hosts made by hand: the names, uuids and dates that a test needs, and nothing else.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    AccountSpec, ChannelSpec, ElementSpec, HostSpec, Instance, NsfwPolicy, PlaylistPrivacy, PlaylistSpec, Privacy, Rng,
    State, Version, VideoSpec, mix, new_uuid,
};
use crate::error::{Error, Result};

/// Collects what a host is to hold. Each part is told with its names and a change of its other fields.
///
/// ```
/// use simulator::{Crafted, HostSetup, Version, uuid_of};
///
/// let now = "2026-01-01T00:00:00Z".parse()?;
/// let host = Crafted::new("tube.example", Version::of_major(7), now)
///     .account("ada", "Ada", |account| account.indexable = Some(false))
///     .channel("ada", "looms", "Looms and engines", |_| {})
///     .video("looms", uuid_of("first"), "A loom at work", |video| video.category = Some(15))
///     .playlist("looms", uuid_of("list"), "All looms", &[uuid_of("first")], |_| {});
/// assert_eq!(HostSetup::crafted(host)?.name(), "tube.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Crafted {
    instance: Instance,
    now: i64,
    /// The first name that was used before it was given.
    missing: Option<Missing>,
}

#[derive(Clone, Debug)]
enum Missing {
    Account(String),
    Channel(String),
}

/// Made-up actors are this many milliseconds older than the time base: five years.
const AGE_OF_ACTORS: i64 = 5 * 365 * 86_400_000;

/// Made-up videos and playlists are a day older than the time base.
const AGE_OF_VIDEOS: i64 = 86_400_000;

/// Returns a uuid that depends on a text alone.
pub fn uuid_of(text: &str) -> Uuid {
    new_uuid(&mut Rng::of(&[seed_of(text)]))
}

fn seed_of(text: &str) -> u64 {
    text.bytes().fold(0x0c4a, |state, byte| mix(state, u64::from(byte)))
}

impl Crafted {
    /// A host without accounts.
    ///
    /// - `host`: its exact name, with a port where it has one.
    /// - `now`: the time base of dates that are not set.
    pub fn new(host: &str, version: Version, now: Timestamp) -> Self {
        let spec = HostSpec {
            name: host.to_owned(),
            display_name: host.to_owned(),
            short_description: String::new(),
            language: "en",
            version,
            nsfw_policy: NsfwPolicy::DoNotList,
            nsfw_share: 0.0,
            has_object_storage: false,
            accounts: Vec::new(),
            channels: Vec::new(),
        };
        let instance = Instance { spec, videos: Vec::new(), playlists: Vec::new(), seed: seed_of(host), revision: 0 };
        Self { instance, now: now.as_millisecond(), missing: None }
    }

    /// Changes what is said of the host.
    pub fn host(mut self, change: impl FnOnce(&mut HostSpec)) -> Self {
        change(&mut self.instance.spec);
        self
    }

    /// Adds an account, five years old unless told otherwise.
    pub fn account(mut self, name: &str, display_name: &str, change: impl FnOnce(&mut AccountSpec)) -> Self {
        let created_at = self.now - AGE_OF_ACTORS;
        let mut account = AccountSpec {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            description: None,
            created_at,
            updated_at: created_at,
            n_avatars: None,
            indexable: None,
            discoverable: None,
        };
        change(&mut account);
        self.instance.spec.accounts.push(account);
        self
    }

    /// Adds a channel to an account given before, five years old unless told otherwise.
    pub fn channel(
        mut self,
        account: &str,
        name: &str,
        display_name: &str,
        change: impl FnOnce(&mut ChannelSpec),
    ) -> Self {
        let Some(index) = self.instance.spec.accounts.iter().position(|candidate| candidate.name == account) else {
            self.missing.get_or_insert_with(|| Missing::Account(account.to_owned()));
            return self;
        };
        let created_at = self.now - AGE_OF_ACTORS;
        let mut channel = ChannelSpec {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            description: None,
            support: None,
            account: index as u32,
            language: self.instance.spec.language,
            topic: 0,
            created_at,
            updated_at: created_at,
            has_banner: false,
            n_avatars: None,
            indexable: None,
            discoverable: None,
            is_deleted: false,
        };
        change(&mut channel);
        self.instance.spec.channels.push(channel);
        self
    }

    /// Adds a video to a channel given before: public, published, two minutes long, English, a day old, without anything
    /// else unless told otherwise.
    pub fn video(mut self, channel: &str, uuid: Uuid, name: &str, change: impl FnOnce(&mut VideoSpec)) -> Self {
        let Some(index) = self.index_of(channel) else { return self };
        let at = self.now - AGE_OF_VIDEOS;
        let mut video = VideoSpec {
            id: self.instance.videos.iter().map(|video| video.id).max().unwrap_or(0) + 1,
            uuid,
            channel: index,
            origin: None,
            name: name.to_owned(),
            title_word: None,
            description: None,
            late_word: None,
            support: None,
            tags: Vec::new(),
            language: Some("en"),
            category: None,
            licence: None,
            privacy: Privacy::Public,
            state: State::Published,
            blocked: false,
            scheduled_at: None,
            nsfw: false,
            nsfw_flags: 0,
            nsfw_summary: None,
            is_live: false,
            permanent_live: false,
            duration: 120,
            aspect_ratio: 1.7778,
            views: 0,
            viewers: 0,
            likes: 0,
            dislikes: 0,
            comments: 0,
            created_at: at,
            updated_at: at,
            published_at: at,
            originally_published_at: None,
            picture_revision: 0,
        };
        change(&mut video);
        self.instance.videos.push(video);
        self
    }

    /// Adds a public playlist to a channel given before, a day old unless told otherwise. A video that the host does not
    /// have shows as deleted.
    pub fn playlist(
        mut self,
        channel: &str,
        uuid: Uuid,
        display_name: &str,
        videos: &[Uuid],
        change: impl FnOnce(&mut PlaylistSpec),
    ) -> Self {
        let Some(index) = self.index_of(channel) else { return self };
        let at = self.now - AGE_OF_VIDEOS;
        let known = self.instance.playlists.iter();
        let first_id = known.clone().map(|playlist| playlist.elements.len() as u32).sum::<u32>() + 1;
        let element = |(id, &video)| ElementSpec { id, video, start_timestamp: None, stop_timestamp: None };
        let mut playlist = PlaylistSpec {
            id: known.map(|playlist| playlist.id).max().unwrap_or(0) + 1,
            uuid,
            display_name: display_name.to_owned(),
            description: None,
            privacy: PlaylistPrivacy::Public,
            channel: Some(index),
            account: self.instance.spec.channels.get(index as usize).map_or(0, |channel| channel.account),
            origin: None,
            elements: (first_id..).zip(videos).map(element).collect(),
            created_at: at,
            updated_at: at,
            has_old_url: false,
        };
        change(&mut playlist);
        self.instance.playlists.push(playlist);
        self
    }

    /// Returns what was collected.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`] or [`Error::UnknownChannel`] when a channel, a video or a playlist was given to one that
    /// had not been.
    pub fn instance(self) -> Result<Instance> {
        let host = self.instance.spec.name.clone();
        match self.missing {
            None => Ok(self.instance),
            Some(Missing::Account(account)) => Err(Error::UnknownAccount { host, account }),
            Some(Missing::Channel(channel)) => Err(Error::UnknownChannel { host, channel }),
        }
    }

    fn index_of(&mut self, channel: &str) -> Option<u32> {
        let index = self.instance.spec.channels.iter().position(|candidate| candidate.name == channel);
        if index.is_none() {
            self.missing.get_or_insert_with(|| Missing::Channel(channel.to_owned()));
        }
        index.map(|index| index as u32)
    }
}
