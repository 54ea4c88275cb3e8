//! What a PeerTube instance sends (observed on 6.3.0; newer and older fields by its REST documentation). Every field
//! is optional and lenient: [`super::video`] decides what a record needs.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{Bounded, Maybe, Scalar, object};
use super::origin::Rejection;

/// Most items looked at in one page.
pub const MAX_ITEMS: usize = 500;

/// Most tags, avatars or thumbnails looked at in one item.
const MAX_LIST: usize = 100;

/// `GET /api/v1/videos`, `/video-playlists` and other lists.
#[derive(Debug, Deserialize)]
pub struct Page<'a> {
    #[serde(default)]
    pub total: Scalar,
    #[serde(borrow)]
    pub data: Bounded<&'a RawValue, MAX_ITEMS>,
}

impl<'a> Page<'a> {
    /// # Errors
    /// When it is not JSON, or its `data` is no list.
    pub fn parse(json: &'a [u8]) -> Result<Self, serde_json::Error> {
        let page: Self = object(std::str::from_utf8(json).map_err(serde::de::Error::custom)?)?;
        if !page.data.is_list {
            return Err(serde::de::Error::custom("`data` is not a list"));
        }
        Ok(page)
    }

    /// The complaint about a page with more items than are looked at.
    pub fn overflow(&self) -> Option<Rejection> {
        let n_beyond = self.data.n_total.saturating_sub(self.data.items.len());
        (n_beyond > 0).then(|| Rejection::Malformed(format!("{n_beyond} items beyond the first {MAX_ITEMS}")))
    }
}

/// An item of the listing, or the detail, which has more fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Video {
    pub id: Scalar,
    pub uuid: Scalar,
    pub url: Scalar,
    pub name: Scalar,
    pub category: Maybe<Labelled>,
    pub licence: Maybe<Labelled>,
    pub language: Maybe<Labelled>,
    pub privacy: Option<Maybe<Labelled>>,
    pub state: Option<Maybe<Labelled>>,
    pub wait_transcoding: Scalar,
    pub blacklisted: Scalar,
    pub nsfw: Scalar,
    pub nsfw_flags: Scalar,
    pub nsfw_summary: Scalar,
    pub description: Scalar,
    pub truncated_description: Scalar,
    pub is_local: Scalar,
    pub is_live: Scalar,
    pub duration: Scalar,
    pub aspect_ratio: Scalar,
    pub views: Scalar,
    pub viewers: Scalar,
    pub likes: Scalar,
    pub dislikes: Scalar,
    pub comments: Scalar,
    pub thumbnail_path: Scalar,
    pub preview_path: Scalar,
    /// Beside a path that is null (8.0).
    pub thumbnail_url: Scalar,
    /// Beside a path that is null (8.0).
    pub preview_url: Scalar,
    pub embed_path: Scalar,
    /// 8.1 and later.
    pub thumbnails: Bounded<Maybe<Picture>, MAX_LIST>,
    pub created_at: Scalar,
    pub updated_at: Scalar,
    pub published_at: Scalar,
    pub originally_published_at: Scalar,
    pub account: Maybe<Actor>,
    pub channel: Maybe<Actor>,
    /// Detail only.
    pub tags: Bounded<Scalar, MAX_LIST>,
    /// Detail only.
    pub support: Scalar,
}

/// `{id, label}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Labelled {
    pub id: Scalar,
    pub label: Scalar,
}

/// An account or a channel. Within a list it is a summary, without the counts and all that follows.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Actor {
    pub id: Scalar,
    pub name: Scalar,
    pub display_name: Scalar,
    pub url: Scalar,
    pub host: Scalar,
    /// 4.2 and later.
    pub avatars: Bounded<Maybe<Picture>, MAX_LIST>,
    /// Before 6.0.
    pub avatar: Maybe<Picture>,
    pub description: Scalar,
    pub followers_count: Scalar,
    pub following_count: Scalar,
    pub created_at: Scalar,
    pub updated_at: Scalar,
    /// In no version so far, but what it would mean is plain.
    pub indexable: Scalar,
    /// As `indexable`.
    pub discoverable: Scalar,
}

/// What a channel has beside the fields of an [`Actor`].
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Channel {
    pub is_local: Scalar,
    pub support: Scalar,
    /// 4.2 and later.
    pub banners: Bounded<Maybe<Picture>, MAX_LIST>,
    /// 3.3 to 5.2.
    pub banner: Maybe<Picture>,
    pub owner_account: Maybe<Actor>,
}

/// A playlist in a list, or on its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Playlist {
    pub id: Scalar,
    pub uuid: Scalar,
    pub is_local: Scalar,
    pub url: Scalar,
    pub display_name: Scalar,
    pub description: Scalar,
    pub privacy: Option<Maybe<Labelled>>,
    #[serde(rename = "type")]
    pub kind: Option<Maybe<Labelled>>,
    pub thumbnail_path: Scalar,
    /// Beside a path that is null (8.0).
    pub thumbnail_url: Scalar,
    /// 8.1 and later.
    pub thumbnails: Bounded<Maybe<Picture>, MAX_LIST>,
    pub embed_path: Scalar,
    pub videos_length: Scalar,
    pub created_at: Scalar,
    pub updated_at: Scalar,
    pub owner_account: Maybe<Actor>,
    pub video_channel: Maybe<Actor>,
}

/// An element of a playlist.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Element {
    #[serde(rename = "type")]
    pub kind: Scalar,
    pub video: Maybe<Video>,
}

/// An ActivityPub actor, as far as it says whether it wants to be found. The REST object of a channel or an account
/// has `description` and `ownerAccount` instead of `summary`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ApActor {
    #[serde(rename = "type")]
    pub kind: Scalar,
    pub id: Scalar,
    pub url: Scalar,
    pub summary: Scalar,
    pub description: Scalar,
    /// FEP-5feb; PeerTube 8.2 and later.
    pub indexable: Scalar,
    pub discoverable: Scalar,
    /// Where a context does not shorten the name.
    #[serde(rename = "toot:indexable")]
    pub toot_indexable: Scalar,
    #[serde(rename = "toot:discoverable")]
    pub toot_discoverable: Scalar,
    pub owner_account: Maybe<Actor>,
}

/// `GET /api/v1/videos/{id}/description`: the only whole text before 5.0.
#[derive(Debug, Default, Deserialize)]
pub struct Description {
    #[serde(default)]
    pub description: Scalar,
}

/// A thumbnail or an avatar.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Picture {
    pub path: Scalar,
    /// 7.1 and later.
    pub file_url: Scalar,
    pub width: Scalar,
    pub height: Scalar,
    pub created_at: Scalar,
    pub updated_at: Scalar,
}

/// `GET /accounts/{name}/outbox?page=N`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outbox<'a> {
    #[serde(borrow)]
    pub ordered_items: Bounded<&'a RawValue, MAX_ITEMS>,
    #[serde(default)]
    pub next: Scalar,
}

/// An activity; only `Create` carries a whole object.
#[derive(Debug, Deserialize)]
pub struct Activity<'a> {
    #[serde(default, rename = "type")]
    pub kind: Scalar,
    #[serde(borrow)]
    pub object: &'a RawValue,
}

/// An ActivityPub `Video`, as far as it says more than the listing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApVideo {
    #[serde(rename = "type")]
    pub kind: Scalar,
    pub id: Scalar,
    pub uuid: Scalar,
    pub to: Bounded<Scalar, MAX_LIST>,
    pub state: Scalar,
    pub updated: Scalar,
    pub content: Scalar,
    pub support: Scalar,
    pub tag: Bounded<Maybe<ApTag>, MAX_LIST>,
}

/// `{type: "Hashtag", name}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApTag {
    #[serde(rename = "type")]
    pub kind: Scalar,
    pub name: Scalar,
}

/// `/.well-known/nodeinfo`.
#[derive(Debug, Deserialize)]
pub struct NodeinfoLinks {
    pub links: Bounded<Maybe<NodeinfoLink>, MAX_LIST>,
}

/// One link of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NodeinfoLink {
    pub rel: Scalar,
    pub href: Scalar,
}

/// `/nodeinfo/2.0.json`.
#[derive(Debug, Deserialize)]
pub struct Nodeinfo {
    pub software: Maybe<Software>,
    #[serde(default)]
    pub metadata: Maybe<NodeinfoMetadata>,
}

/// Its `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeinfoMetadata {
    pub node_name: Scalar,
    /// Gancio alone.
    pub node_timezone: Scalar,
    /// Gancio alone.
    pub node_actor: Scalar,
}

/// Its `software`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Software {
    pub name: Scalar,
    pub version: Scalar,
}

/// `/api/v1/config`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    pub server_version: Scalar,
}
