//! A playlist as the generator makes it and as a fake host keeps it.
//!
//! Only its elements depend on how many videos there are, so that a remote copy agrees with its origin in the rest.

use uuid::Uuid;

use super::text;
use super::video::Origin;
use super::{Catalogue, Rng, TOPICS, new_uuid, vocabulary_at, words};

/// Who may see a playlist; the numbers are PeerTube's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PlaylistPrivacy {
    /// Listed for everybody.
    Public = 1,
    /// Answers by uuid, never listed.
    Unlisted = 2,
    /// Its author alone.
    Private = 3,
}

impl PlaylistPrivacy {
    /// PeerTube's number.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// PeerTube's English label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Unlisted => "Unlisted",
            Self::Private => "Private",
        }
    }
}

/// One place of a playlist. What it shows depends on the video when it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementSpec {
    /// The number on its host; it stays when the element moves.
    pub id: u32,
    /// The video; one the host does not know was deleted.
    pub video: Uuid,
    /// Seconds at which playing begins.
    pub start_timestamp: Option<u32>,
    /// Seconds at which playing ends.
    pub stop_timestamp: Option<u32>,
}

/// One playlist of one host. Times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaylistSpec {
    /// The number on its host, from 1.
    pub id: u32,
    /// The identifier in the whole fediverse.
    pub uuid: Uuid,
    /// The title.
    pub display_name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Who may see it.
    pub privacy: PlaylistPrivacy,
    /// Index in [`super::HostSpec::channels`]; `None` for one that its account did not give to a channel.
    pub channel: Option<u32>,
    /// Index in [`super::HostSpec::accounts`]; meaningless when `origin` is set.
    pub account: u32,
    /// Set for a remote playlist that the host lists without owning it.
    pub origin: Option<Box<Origin>>,
    /// Its places, in order.
    pub elements: Vec<ElementSpec>,
    /// When it was created on its host.
    pub created_at: i64,
    /// When it or its elements last changed.
    pub updated_at: i64,
    /// Its `url` has the form of old playlists: `/videos/watch/playlist/` and the uuid.
    pub has_old_url: bool,
}

impl PlaylistSpec {
    /// Returns whether an anonymous listing of its host shows the playlist.
    pub fn is_listed(&self) -> bool {
        self.privacy == PlaylistPrivacy::Public
    }

    /// Returns whether the host owns the playlist.
    pub fn is_local(&self) -> bool {
        self.origin.is_none()
    }
}

/// The most elements of a planned playlist.
const MAX_ELEMENTS: usize = 40;

pub(super) fn plan(catalogue: &Catalogue, host: usize, nth: u32, n_videos: u32) -> Option<PlaylistSpec> {
    let spec = catalogue.hosts.get(host)?;
    if n_videos == 0 {
        return None;
    }
    let mut rng = Rng::of(&[catalogue.seed, 0x9a11, host as u64, u64::from(nth)]);
    let channel_index = rng.zipf(spec.channels.len());
    let channel = spec.channels.get(channel_index)?;
    let vocabulary = words::vocabulary(channel.language).unwrap_or(vocabulary_at(0));
    let topic = if rng.chance(0.8) { channel.topic } else { rng.below(TOPICS) };
    let uuid = new_uuid(&mut rng);
    let display_name = text::title(&mut rng, vocabulary, topic);
    let description = rng.chance(0.6).then(|| text::sentences(&mut rng, vocabulary, topic, 1));
    // Since 6.0 a public playlist must belong to a channel.
    let is_without_channel = !spec.version.since(6, 0) && uuid.as_u128().is_multiple_of(6);
    let created_at = channel.created_at + (rng.unit() * (catalogue.now - channel.created_at) as f64) as i64;
    let updated_at = created_at + (rng.unit() * (catalogue.now - created_at) as f64) as i64;
    let mut elements: Vec<ElementSpec> = Vec::new();
    let n_elements = 2 + rng.zipf(MAX_ELEMENTS - 1).min(n_videos as usize);
    // Playlists hold what was made together: neighbours more often than not.
    let mut number = rng.below(n_videos as usize) as u32;
    for _ in 0..n_elements {
        let video = catalogue.video(host, number)?;
        if elements.iter().all(|element| element.video != video.uuid) {
            let start_timestamp = (video.duration > 20 && rng.chance(0.15)).then_some(video.duration / 8);
            elements.push(ElementSpec {
                id: element_id(nth, elements.len()),
                video: video.uuid,
                start_timestamp,
                stop_timestamp: start_timestamp.filter(|_| rng.chance(0.5)).map(|start| start + 10),
            });
        }
        number = if rng.chance(0.7) { (number + 1) % n_videos } else { rng.below(n_videos as usize) as u32 };
    }
    Some(PlaylistSpec {
        id: nth + 1,
        uuid,
        display_name,
        description,
        privacy: PlaylistPrivacy::Public,
        channel: (!is_without_channel).then_some(channel_index as u32),
        account: channel.account,
        origin: None,
        elements,
        created_at,
        updated_at,
        has_old_url: false,
    })
}

/// Leaves room for the elements that the planned ones are followed by.
fn element_id(playlist: u32, nth: usize) -> u32 {
    playlist.saturating_mul(4 * MAX_ELEMENTS as u32).saturating_add(nth as u32 + 1)
}
