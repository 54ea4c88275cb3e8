use indexer::stored::StoredOwner;
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::{ActorImage, ActorSummary};
use super::iso_ms;
use super::list::{Lighten, write_page};
use crate::search::{ChannelHit, SearchPage};

/// A page of channels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChannelList {
    /// Results that paging can reach, at most 10 000.
    pub total: usize,
    /// The results of this page.
    pub data: Vec<ChannelObject>,
}

/// A channel, with the keys and in the order of the search-index. NewPipe knows it by `followersCount`; a key
/// `videosLength` would make it a playlist.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelObject {
    /// Number on the origin instance; others use the same numbers.
    pub id: i64,
    /// Relevance; comparable within one answer only.
    pub score: f32,
    /// ActivityPub id.
    pub url: String,
    /// Immutable name.
    pub name: String,
    /// Instance.
    pub host: String,
    /// Name people see.
    pub display_name: String,
    /// Description.
    pub description: Option<String>,
    /// How to support it.
    pub support: Option<String>,
    /// Actors it follows.
    pub following_count: u64,
    /// Followers counted by the origin.
    pub followers_count: u64,
    /// Videos of it in the generation that answers.
    pub videos_count: u64,
    /// When it was created on the origin.
    pub created_at: String,
    /// When it last changed; also moves when a video is added.
    pub updated_at: String,
    /// Always null: older servers had one picture only.
    #[schema(value_type = Option<Object>)]
    pub avatar: Option<()>,
    /// Every size, the smallest first.
    pub avatars: Vec<ActorImage>,
    /// Always null: older servers had one picture only.
    #[schema(value_type = Option<Object>)]
    pub banner: Option<()>,
    /// Every size, the smallest first.
    pub banners: Vec<ActorImage>,
    /// The account that owns it.
    pub owner_account: OwnerAccount,
}

/// The account that owns a channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnerAccount {
    /// Who it is.
    #[serde(flatten)]
    pub summary: ActorSummary,
    /// Description.
    pub description: Option<String>,
    /// Actors it follows.
    pub following_count: u64,
    /// Followers counted by the origin.
    pub followers_count: u64,
    /// When it was created on the origin.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

/// What a client can do without, the heaviest first.
pub(super) const LIGHTEN: [Lighten<ChannelObject>; 4] = [
    |channel| {
        channel.avatars.clear();
        channel.banners.clear();
        channel.owner_account.summary.avatars.clear();
    },
    |channel| channel.owner_account.description = None,
    |channel| channel.support = None,
    |channel| channel.description = None,
];

impl ChannelList {
    /// Writes a page as JSON, below three megabytes whatever the origins sent.
    ///
    /// # Errors
    /// Never with these types; the signature is that of the writer.
    pub fn to_json(page: SearchPage<ChannelHit>) -> Result<Vec<u8>, serde_json::Error> {
        write_page(page, &LIGHTEN)
    }
}

impl From<ChannelHit> for ChannelObject {
    fn from(ChannelHit { channel, n_videos, score }: ChannelHit) -> Self {
        let ActorSummary { id, name, display_name, url, host, avatar, avatars } =
            ActorSummary::new(&channel.actor, &channel.host);
        Self {
            id,
            score,
            url,
            name,
            host,
            display_name,
            description: channel.description,
            support: channel.support,
            following_count: channel.n_following,
            followers_count: channel.n_followers,
            videos_count: n_videos,
            created_at: iso_ms(channel.created_at),
            updated_at: iso_ms(channel.updated_at),
            avatar,
            avatars,
            banner: None,
            banners: ActorImage::all(&channel.banners, &channel.host),
            owner_account: OwnerAccount::new(channel.owner, &channel.host),
        }
    }
}

impl OwnerAccount {
    fn new(owner: StoredOwner, host: &str) -> Self {
        Self {
            summary: ActorSummary::new(&owner.actor, host),
            description: owner.description,
            following_count: owner.n_following,
            followers_count: owner.n_followers,
            created_at: iso_ms(owner.created_at),
            updated_at: iso_ms(owner.updated_at),
        }
    }
}
