//! One host with its videos and playlists.

use super::{
    Catalogue, ChannelSpec, ElementSpec, HostSpec, Origin, PlaylistPrivacy, PlaylistSpec, Privacy, Rng, State,
    VideoSpec, mix, new_uuid,
};

/// A host with its videos and playlists, listed or not.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The host.
    pub spec: HostSpec,
    /// Every video it knows, in ascending order of `id`.
    pub videos: Vec<VideoSpec>,
    /// Every playlist it knows, in ascending order of `id`.
    pub playlists: Vec<PlaylistSpec>,
    /// What further videos and playlists of this host are made from.
    pub(super) seed: u64,
    /// Counts the changes, so that orderings can be kept until the next one.
    pub(super) revision: u64,
}

/// Hidden videos take numbers from here, so that they never collide with planned ones.
const HIDDEN_FROM: u32 = 1 << 24;

/// Remote videos take numbers from here.
const REMOTE_FROM: u32 = 1 << 25;

/// Videos added at run time take numbers from here.
pub(super) const ADDED_FROM: u32 = 1 << 26;

/// Hosts with fewer videos have no playlists.
const LEAST_VIDEOS_FOR_PLAYLISTS: u32 = 10;

/// One playlist for so many videos.
const VIDEOS_A_PLAYLIST: u32 = 25;

/// Playlists of other hosts that a host knows.
const REMOTE_PLAYLISTS: usize = 2;

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
            video.origin = origin(catalogue, other, video.channel);
            video.id = REMOTE_FROM + nth + 1;
            videos.push(video);
        }
    }
    let playlists = plan_playlists(catalogue, host, n_videos, &videos);
    Some(Instance { spec, videos, playlists, seed: mix(catalogue.seed, host as u64), revision: 0 })
}

/// Public playlists, of which the first shows every kind of element; then an empty, an unlisted and a private one; then
/// remote ones.
fn plan_playlists(catalogue: &Catalogue, host: usize, n_videos: u32, videos: &[VideoSpec]) -> Vec<PlaylistSpec> {
    if n_videos < LEAST_VIDEOS_FOR_PLAYLISTS {
        return Vec::new();
    }
    let n_public = (n_videos / VIDEOS_A_PLAYLIST).clamp(2, 60);
    let mut playlists: Vec<PlaylistSpec> =
        (0..n_public + 3).filter_map(|nth| catalogue.playlist(host, nth, n_videos)).collect();
    if let Some(first) = playlists.first_mut() {
        let mut add = |video: uuid::Uuid| {
            let id = first.elements.last().map_or(1, |element| element.id + 1);
            first.elements.push(ElementSpec { id, video, start_timestamp: None, stop_timestamp: None });
        };
        // The private ones come before the scheduled ones, which are private too.
        let hidden = |wanted: &dyn Fn(&VideoSpec) -> bool| videos.iter().find(|video| wanted(video)).map(|it| it.uuid);
        let kinds: [Option<uuid::Uuid>; 6] = [
            Some(new_uuid(&mut Rng::of(&[catalogue.seed, 0xde1e, host as u64]))),
            hidden(&|video| video.privacy == Privacy::Private),
            hidden(&|video| video.privacy == Privacy::PasswordProtected),
            hidden(&|video| video.blocked),
            hidden(&|video| video.privacy == Privacy::Unlisted),
            hidden(&|video| !video.is_local()),
        ];
        kinds.into_iter().flatten().for_each(&mut add);
    }
    for (offset, playlist) in playlists.iter_mut().skip(n_public as usize).enumerate() {
        match offset {
            0 => playlist.elements.clear(),
            1 => playlist.privacy = PlaylistPrivacy::Unlisted,
            _ => playlist.privacy = PlaylistPrivacy::Private,
        }
    }
    let n_hosts = catalogue.hosts.len();
    for nth in 0..REMOTE_PLAYLISTS.min(n_hosts.saturating_sub(1)) {
        let other = (host + 1 + nth) % n_hosts;
        let Some(mut playlist) = catalogue.playlist(other, nth as u32, n_videos) else { continue };
        // Without a channel, any one of its account says where it is from.
        let of_account = |spec: &HostSpec| spec.channels.iter().position(|it| it.account == playlist.account);
        let any = catalogue.hosts.get(other).and_then(of_account).unwrap_or_default();
        playlist.origin = origin(catalogue, other, playlist.channel.unwrap_or(any as u32));
        playlist.id = n_public + 4 + nth as u32;
        // Of a remote playlist a host keeps the videos it knows.
        playlist.elements.retain(|element| videos.iter().any(|video| video.uuid == element.video));
        playlists.push(playlist);
    }
    playlists
}

fn origin(catalogue: &Catalogue, host: usize, channel: u32) -> Option<Box<Origin>> {
    let spec = catalogue.hosts.get(host)?;
    let channel = spec.channels.get(channel as usize)?.clone();
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

    /// Counts a change that was made to the fields directly.
    pub(crate) fn touch(&mut self) {
        self.revision += 1;
    }

    /// Returns a video by uuid.
    pub fn video(&self, uuid: uuid::Uuid) -> Option<&VideoSpec> {
        self.videos.iter().find(|video| video.uuid == uuid)
    }

    /// Returns a playlist by uuid.
    pub fn playlist(&self, uuid: uuid::Uuid) -> Option<&PlaylistSpec> {
        self.playlists.iter().find(|playlist| playlist.uuid == uuid)
    }

    /// Local playlists that an anonymous visitor may see listed, empty ones included.
    pub fn listed_playlists(&self) -> impl Iterator<Item = &PlaylistSpec> {
        self.playlists.iter().filter(|playlist| playlist.is_local() && playlist.is_listed())
    }

    /// Local channels with their indices.
    pub fn channels(&self) -> impl Iterator<Item = (u32, &ChannelSpec)> {
        let channels = self.spec.channels.iter().enumerate().filter(|(_, channel)| !channel.is_deleted);
        channels.map(|(index, channel)| (index as u32, channel))
    }
}
