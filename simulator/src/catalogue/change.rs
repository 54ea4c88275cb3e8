//! The changes that can happen to a host. Times are Unix milliseconds; nothing reads a clock.

use uuid::Uuid;

use super::instance::{ADDED_FROM, Instance};
use super::{
    AccountSpec, ChannelSpec, ElementSpec, PlaylistPrivacy, PlaylistSpec, Privacy, Rng, VideoSpec, base_letters,
    new_uuid, plan_video,
};

impl Instance {
    /// Adds a new public video, created and published at `now` (Unix milliseconds), and returns it. Its title ends with a
    /// word of its own.
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
        let word = base_letters(rng.next());
        video.name = format!("{} {word}", video.name.chars().take(120 - 1 - word.len()).collect::<String>());
        video.title_word = Some(word);
        (video.created_at, video.updated_at, video.published_at) = (now, now, now);
        (video.views, video.likes, video.dislikes, video.comments) = (0, 0, 0, 0);
        if self.spec.channels.get(video.channel as usize).is_none_or(|channel| channel.is_deleted) {
            video.channel = self.channels().next().map_or(0, |(index, _)| index);
        }
        // A channel counts as changed when a video is added to it.
        if let Some(channel) = self.spec.channels.get_mut(video.channel as usize) {
            channel.updated_at = now;
        }
        self.videos.push(video.clone());
        video
    }

    /// Changes a video; moves `updated_at` to `now`. Returns whether there was one.
    pub fn edit(&mut self, uuid: Uuid, now: i64, change: impl FnOnce(&mut VideoSpec)) -> bool {
        let Some(video) = self.videos.iter_mut().find(|video| video.uuid == uuid) else { return false };
        change(video);
        video.updated_at = now;
        self.revision += 1;
        true
    }

    /// Publishes the private videos whose date of publication has come, and returns them.
    pub fn publish_due(&mut self, now: i64) -> Vec<Uuid> {
        let is_due = |video: &&mut VideoSpec| {
            video.is_local() && video.privacy == Privacy::Private && video.scheduled_at.is_some_and(|at| at <= now)
        };
        let mut published = Vec::new();
        for video in self.videos.iter_mut().filter(is_due) {
            video.privacy = Privacy::Public;
            video.published_at = video.scheduled_at.take().unwrap_or(now);
            video.updated_at = now;
            published.push(video.uuid);
        }
        if !published.is_empty() {
            self.revision += 1;
        }
        published
    }

    /// Deletes a video. Returns whether there was one.
    pub fn delete(&mut self, uuid: Uuid) -> bool {
        let before = self.videos.len();
        self.videos.retain(|video| video.uuid != uuid);
        self.revision += 1;
        self.videos.len() < before
    }

    /// Gives a channel another display name; its videos keep their `updated_at`. Returns whether there was one.
    pub fn rename_channel(&mut self, name: &str, display_name: &str, now: i64) -> bool {
        self.edit_channel(name, now, |channel| display_name.clone_into(&mut channel.display_name))
    }

    /// Changes a channel and moves its `updated_at` to `now`; its videos keep theirs. Returns whether there was one.
    pub fn edit_channel(&mut self, name: &str, now: i64, change: impl FnOnce(&mut ChannelSpec)) -> bool {
        let Some(channel) = self.spec.channels.iter_mut().find(|channel| channel.is_named(name)) else { return false };
        change(channel);
        channel.updated_at = now;
        self.revision += 1;
        true
    }

    /// Deletes a channel with its videos and playlists. Returns whether there was one; the last one stays.
    pub fn delete_channel(&mut self, name: &str) -> bool {
        if self.channels().count() < 2 {
            return false;
        }
        let Some(index) = self.spec.channels.iter().position(|channel| channel.is_named(name)) else { return false };
        if let Some(channel) = self.spec.channels.get_mut(index) {
            channel.is_deleted = true;
        }
        self.videos.retain(|video| !video.is_local() || video.channel as usize != index);
        self.playlists.retain(|playlist| !playlist.is_local() || playlist.channel != Some(index as u32));
        self.revision += 1;
        true
    }

    /// Changes an account and moves its `updated_at` to `now`. Returns whether there was one.
    pub fn edit_account(&mut self, name: &str, now: i64, change: impl FnOnce(&mut AccountSpec)) -> bool {
        let named = |account: &&mut AccountSpec| account.name.eq_ignore_ascii_case(name);
        let Some(account) = self.spec.accounts.iter_mut().find(named) else { return false };
        change(account);
        account.updated_at = now;
        self.revision += 1;
        true
    }

    /// Adds an empty public playlist to a channel, created at `now` (Unix milliseconds); `None` without the channel.
    pub fn add_playlist(&mut self, channel: &str, display_name: &str, now: i64) -> Option<PlaylistSpec> {
        let index = self.spec.channels.iter().position(|candidate| candidate.is_named(channel))?;
        let id = self.playlists.iter().map(|playlist| playlist.id).max().unwrap_or(0) + 1;
        let playlist = PlaylistSpec {
            id,
            uuid: new_uuid(&mut Rng::of(&[self.seed, 0x9a12, u64::from(id)])),
            display_name: display_name.to_owned(),
            description: None,
            privacy: PlaylistPrivacy::Public,
            channel: Some(index as u32),
            account: self.spec.channels.get(index)?.account,
            origin: None,
            elements: Vec::new(),
            created_at: now,
            updated_at: now,
            has_old_url: false,
        };
        self.playlists.push(playlist.clone());
        self.revision += 1;
        Some(playlist)
    }

    /// Changes a playlist and moves its `updated_at` to `now`. Returns whether there was one.
    pub fn edit_playlist(&mut self, uuid: Uuid, now: i64, change: impl FnOnce(&mut PlaylistSpec)) -> bool {
        let Some(playlist) = self.playlists.iter_mut().find(|playlist| playlist.uuid == uuid) else { return false };
        change(playlist);
        playlist.updated_at = now;
        self.revision += 1;
        true
    }

    /// Puts a video at the end of a playlist, known to the host or not. Returns whether there was such a playlist.
    pub fn add_to_playlist(&mut self, uuid: Uuid, video: Uuid, now: i64) -> bool {
        let ids = self.playlists.iter().flat_map(|playlist| &playlist.elements).map(|element| element.id);
        let id = ids.max().unwrap_or(0) + 1;
        self.edit_playlist(uuid, now, |playlist| {
            playlist.elements.push(ElementSpec { id, video, start_timestamp: None, stop_timestamp: None });
        })
    }

    /// Takes a video out of a playlist, wherever it stands there. Returns whether it did stand there.
    pub fn remove_from_playlist(&mut self, uuid: Uuid, video: Uuid, now: i64) -> bool {
        let holds = |playlist: &PlaylistSpec| playlist.elements.iter().any(|element| element.video == video);
        self.playlist(uuid).is_some_and(holds)
            && self.edit_playlist(uuid, now, |playlist| playlist.elements.retain(|element| element.video != video))
    }

    /// Deletes a playlist. Returns whether there was one.
    pub fn delete_playlist(&mut self, uuid: Uuid) -> bool {
        let before = self.playlists.len();
        self.playlists.retain(|playlist| playlist.uuid != uuid);
        self.revision += 1;
        self.playlists.len() < before
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
