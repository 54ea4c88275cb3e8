use indexer::stored::StoredPath;
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::ActorSummary;
use super::constant::{IntegerConstant, TextConstant};
use super::iso_ms;
use super::list::{Lighten, write_page};
use crate::search::{SearchPage, VideoHit};

/// A page of videos.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VideoList {
    /// Results that paging can reach, at most 10 000.
    pub total: usize,
    /// The results of this page.
    pub data: Vec<VideoObject>,
}

/// A video, with the keys and in the order of the search-index.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoObject {
    /// Number on the origin instance; others use the same numbers.
    pub id: i64,
    /// UUID.
    pub uuid: String,
    /// The UUID in 22 characters.
    #[serde(rename = "shortUUID")]
    pub short_uuid: String,
    /// Relevance; comparable within one answer only.
    pub score: f32,
    /// When it was created on the origin.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
    /// When it became public.
    pub published_at: String,
    /// When it was first published elsewhere.
    pub originally_published_at: Option<String>,
    /// Category.
    pub category: IntegerConstant,
    /// Licence.
    pub licence: IntegerConstant,
    /// Language.
    pub language: TextConstant,
    /// Always public.
    pub privacy: IntegerConstant,
    /// Title.
    pub name: String,
    /// The same as `truncatedDescription`.
    pub description: Option<String>,
    /// At most 250 UTF-16 units.
    pub truncated_description: Option<String>,
    /// Seconds; 0 for a live.
    pub duration: u32,
    /// Tags.
    pub tags: Vec<String>,
    /// Path on the origin.
    pub thumbnail_path: Option<String>,
    /// Absolute URL.
    pub thumbnail_url: Option<String>,
    /// Path on the origin.
    pub preview_path: Option<String>,
    /// Absolute URL.
    pub preview_url: Option<String>,
    /// Path of the player on the origin; `embedUrl` ends with it.
    pub embed_path: String,
    /// Absolute URL of the player.
    pub embed_url: String,
    /// ActivityPub id.
    pub url: String,
    /// Views.
    pub views: u64,
    /// Viewers when last seen.
    pub viewers: u64,
    /// Likes.
    pub likes: u64,
    /// Dislikes.
    pub dislikes: u64,
    /// Comments; 0 where the origin does not count them.
    pub comments: u64,
    /// Streaming when last seen.
    pub is_live: bool,
    /// Not safe for work, or unknown.
    pub nsfw: bool,
    /// Bit mask of PeerTube 7.2: 1 violent, 2 explicit.
    pub nsfw_flags: u32,
    /// The author's warning.
    pub nsfw_summary: Option<String>,
    /// Owner.
    pub account: ActorSummary,
    /// Channel.
    pub channel: ActorSummary,
}

/// What a client can do without, the heaviest first.
pub(super) const LIGHTEN: [Lighten<VideoObject>; 4] = [
    |video| {
        video.account.avatars.clear();
        video.channel.avatars.clear();
    },
    |video| video.tags.clear(),
    |video| video.nsfw_summary = None,
    |video| (video.description, video.truncated_description) = (None, None),
];

impl VideoList {
    /// Writes a page as JSON, below three megabytes whatever the origins sent.
    ///
    /// # Errors
    /// Never with these types; the signature is that of the writer.
    pub fn to_json(page: SearchPage) -> Result<Vec<u8>, serde_json::Error> {
        write_page(page, &LIGHTEN)
    }
}

impl From<VideoHit> for VideoObject {
    fn from(VideoHit { video, score }: VideoHit) -> Self {
        let description = video.truncated_description().map(std::borrow::Cow::into_owned);
        let path = |file: &Option<StoredPath>| file.as_ref().and_then(|file| file.path_on(&video.host));
        let url = |file: &Option<StoredPath>| file.as_ref().map(|file| file.absolute(&video.host));
        Self {
            id: video.origin_id,
            uuid: video.uuid.hyphenated().to_string(),
            short_uuid: video.short_uuid(),
            score,
            created_at: iso_ms(video.created_at),
            updated_at: iso_ms(video.updated_at),
            published_at: iso_ms(video.published_at),
            originally_published_at: video.originally_published_at.map(iso_ms),
            description: description.clone(),
            truncated_description: description,
            duration: video.duration_s,
            thumbnail_path: path(&video.thumbnail),
            thumbnail_url: url(&video.thumbnail),
            preview_path: path(&video.preview),
            preview_url: url(&video.preview),
            embed_url: video.embed_url(),
            url: video.url(),
            views: video.views,
            viewers: video.viewers,
            likes: video.likes,
            dislikes: video.dislikes,
            comments: video.comments.unwrap_or(0),
            is_live: video.is_live,
            nsfw: video.nsfw,
            nsfw_flags: video.nsfw_flags,
            account: ActorSummary::new(&video.account, &video.host),
            channel: ActorSummary::new(&video.channel, &video.host),
            category: IntegerConstant::new(video.category),
            licence: IntegerConstant::new(video.licence),
            language: TextConstant::new(video.language),
            privacy: IntegerConstant::public(),
            name: video.name,
            tags: video.tags,
            embed_path: video.embed_path,
            nsfw_summary: video.nsfw_summary,
        }
    }
}
