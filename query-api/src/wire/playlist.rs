use serde::Serialize;
use utoipa::ToSchema;

use super::actor::ActorSummary;
use super::constant::IntegerConstant;
use super::iso_ms;
use super::list::{Lighten, write_page};
use crate::search::{PlaylistHit, SearchPage};

/// A page of playlists.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaylistList {
    /// Results that paging can reach, at most 10 000.
    pub total: usize,
    /// The results of this page.
    pub data: Vec<PlaylistObject>,
}

/// A playlist, with the keys and in the order of the search-index. NewPipe knows it by `videosLength`; a key
/// `followersCount` would make it a channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistObject {
    /// Number on the origin instance; others use the same numbers.
    pub id: i64,
    /// UUID.
    pub uuid: String,
    /// The UUID in 22 characters.
    #[serde(rename = "shortUUID")]
    pub short_uuid: String,
    /// Relevance; comparable within one answer only.
    pub score: f32,
    /// ActivityPub id.
    pub url: String,
    /// Title.
    pub display_name: String,
    /// Description.
    pub description: Option<String>,
    /// Always public.
    pub privacy: IntegerConstant,
    /// Videos of it in the generation that answers, among its first 1 000.
    pub videos_length: u64,
    /// Always regular.
    #[serde(rename = "type")]
    pub kind: IntegerConstant,
    /// Path on the origin.
    pub thumbnail_path: Option<String>,
    /// Absolute URL.
    pub thumbnail_url: Option<String>,
    /// Path of the player on the origin; `embedUrl` ends with it.
    pub embed_path: String,
    /// Absolute URL of the player.
    pub embed_url: String,
    /// When it was created on the origin.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// Owner.
    pub owner_account: ActorSummary,
    /// Channel; null where it is in none.
    pub video_channel: Option<ActorSummary>,
}

/// What a client can do without, the heaviest first.
pub(super) const LIGHTEN: [Lighten<PlaylistObject>; 2] = [
    |playlist| {
        playlist.owner_account.avatars.clear();
        playlist.video_channel.iter_mut().for_each(|channel| channel.avatars.clear());
    },
    |playlist| playlist.description = None,
];

impl PlaylistList {
    /// Writes a page as JSON, below three megabytes whatever the origins sent.
    ///
    /// # Errors
    /// Never with these types; the signature is that of the writer.
    pub fn to_json(page: SearchPage<PlaylistHit>) -> Result<Vec<u8>, serde_json::Error> {
        write_page(page, &LIGHTEN)
    }
}

impl From<PlaylistHit> for PlaylistObject {
    fn from(PlaylistHit { playlist, n_videos, score }: PlaylistHit) -> Self {
        Self {
            id: playlist.origin_id,
            uuid: playlist.uuid.hyphenated().to_string(),
            short_uuid: playlist.short_uuid(),
            score,
            url: playlist.url(),
            privacy: IntegerConstant::public(),
            videos_length: n_videos,
            kind: IntegerConstant::regular(),
            thumbnail_path: playlist.thumbnail.as_ref().and_then(|file| file.path_on(&playlist.host)),
            thumbnail_url: playlist.thumbnail.as_ref().map(|file| file.absolute(&playlist.host)),
            embed_url: playlist.embed_url(),
            created_at: iso_ms(playlist.created_at),
            updated_at: iso_ms(playlist.updated_at),
            owner_account: ActorSummary::new(&playlist.owner, &playlist.host),
            video_channel: playlist.channel.as_ref().map(|channel| ActorSummary::new(channel, &playlist.host)),
            display_name: playlist.display_name,
            description: playlist.description,
            embed_path: playlist.embed_path,
        }
    }
}
