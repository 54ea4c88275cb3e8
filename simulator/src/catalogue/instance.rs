//! One host with its videos, and the changes that can happen to them.

use super::{Catalogue, HostSpec, Origin, Privacy, Rng, State, VideoSpec, mix, plan_video};

/// A host with its videos, listed or not.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The host.
    pub spec: HostSpec,
    /// Every video it knows, in ascending order of `id`.
    pub videos: Vec<VideoSpec>,
    /// What further videos of this host are made from.
    seed: u64,
    /// Counts the changes, so that orderings can be kept until the next one.
    revision: u64,
}

/// Hidden videos take numbers from here, so that they never collide with planned ones.
const HIDDEN_FROM: u32 = 1 << 24;

/// Remote videos take numbers from here.
const REMOTE_FROM: u32 = 1 << 25;

/// Videos added at run time take numbers from here.
const ADDED_FROM: u32 = 1 << 26;

/// The kinds of videos that must not show, one of each at least.
const HIDDEN_KINDS: u32 = 9;

pub(super) fn populate(catalogue: &Catalogue, host: usize, n_videos: u32) -> Option<Instance> {
    let spec = catalogue.hosts.get(host)?.clone();
    let mut videos: Vec<VideoSpec> = (0..n_videos).filter_map(|nth| catalogue.video(host, nth)).collect();
    let n_hidden = (n_videos / 12).max(HIDDEN_KINDS);
    for nth in 0..n_hidden {
        let mut video = catalogue.video(host, HIDDEN_FROM + nth)?;
        hide(&mut video, nth % HIDDEN_KINDS, catalogue.now);
        videos.push(video);
    }
    let n_hosts = catalogue.hosts.len();
    if n_hosts > 1 {
        for nth in 0..n_videos / 10 {
            let other = (host + 1 + nth as usize % (n_hosts - 1)) % n_hosts;
            let mut video = catalogue.video(other, nth)?;
            video.origin = origin(catalogue, other, &video);
            video.id = REMOTE_FROM + nth + 1;
            videos.push(video);
        }
    }
    Some(Instance { spec, videos, seed: mix(catalogue.seed, host as u64), revision: 0 })
}

fn origin(catalogue: &Catalogue, host: usize, video: &VideoSpec) -> Option<Box<Origin>> {
    let spec = catalogue.hosts.get(host)?;
    let channel = spec.channels.get(video.channel as usize)?.clone();
    let account = spec.accounts.get(channel.account as usize)?.clone();
    Some(Box::new(Origin { host: spec.name.clone(), channel, account }))
}

fn hide(video: &mut VideoSpec, kind: u32, now: i64) {
    video.is_live = false;
    video.permanent_live = false;
    match kind {
        0 => video.privacy = Privacy::Unlisted,
        1 => video.privacy = Privacy::Private,
        2 => video.privacy = Privacy::Internal,
        3 => video.privacy = Privacy::PasswordProtected,
        4 => {
            video.privacy = Privacy::Private;
            video.scheduled_at = Some(now + 86_400_000);
        }
        5 => video.blocked = true,
        6 | 7 => {
            video.is_live = true;
            video.permanent_live = kind == 6;
            video.duration = 0;
            video.state = if kind == 6 { State::WaitingForLive } else { State::LiveEnded };
        }
        _ => video.state = State::ToTranscode,
    }
}

impl Instance {
    /// Local videos that an anonymous visitor may see listed, NSFW ones included.
    pub fn listed(&self) -> impl Iterator<Item = &VideoSpec> {
        self.videos.iter().filter(|video| video.is_local() && video.is_listed())
    }

    /// The number of changes so far.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns a video by uuid.
    pub fn video(&self, uuid: uuid::Uuid) -> Option<&VideoSpec> {
        self.videos.iter().find(|video| video.uuid == uuid)
    }

    /// Adds a new public video, created and published at `now` (Unix milliseconds), and returns it.
    pub fn add_video(&mut self, now: i64) -> VideoSpec {
        self.revision += 1;
        let nth = self.videos.iter().map(|video| video.id).max().unwrap_or(0).max(ADDED_FROM);
        let mut rng = Rng::of(&[self.seed, u64::from(nth)]);
        let mut video = plan_video(&mut rng, &self.spec, now, nth);
        if video.is_live {
            video.is_live = false;
            video.permanent_live = false;
            video.duration = 60;
        }
        (video.created_at, video.updated_at, video.published_at) = (now, now, now);
        (video.views, video.likes, video.dislikes, video.comments) = (0, 0, 0, 0);
        self.videos.push(video.clone());
        video
    }

    /// Changes a video; moves `updated_at` to `now`. Returns whether there was one.
    pub fn edit(&mut self, uuid: uuid::Uuid, now: i64, change: impl FnOnce(&mut VideoSpec)) -> bool {
        let Some(video) = self.videos.iter_mut().find(|video| video.uuid == uuid) else { return false };
        change(video);
        video.updated_at = now;
        self.revision += 1;
        true
    }

    /// Deletes a video. Returns whether there was one.
    pub fn delete(&mut self, uuid: uuid::Uuid) -> bool {
        let before = self.videos.len();
        self.videos.retain(|video| video.uuid != uuid);
        self.revision += 1;
        self.videos.len() < before
    }

    /// Gives a channel another display name; its videos keep their `updated_at`. Returns whether there was one.
    pub fn rename_channel(&mut self, name: &str, display_name: &str, now: i64) -> bool {
        let Some(channel) = self.spec.channels.iter_mut().find(|channel| channel.name == name) else { return false };
        display_name.clone_into(&mut channel.display_name);
        channel.updated_at = now;
        self.revision += 1;
        true
    }

    /// Multiplies the views of all videos by `factor` and adds one; `updated_at` moves, as on a real host.
    pub fn advance_counters(&mut self, factor: f64, now: i64) {
        for video in self.videos.iter_mut().filter(|video| video.is_local()) {
            video.views = (f64::from(video.views) * factor) as u32 + 1;
            video.updated_at = now;
        }
        self.revision += 1;
    }
}
