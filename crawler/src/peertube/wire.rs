//! What a PeerTube instance sends (observed on 6.3.0; newer and older fields by its REST documentation). Every field
//! is optional and lenient: [`super::video`] decides what a record needs.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{Bounded, Maybe, Scalar};

/// Most items looked at in one page.
pub const MAX_ITEMS: usize = 500;

/// Most tags, avatars or thumbnails looked at in one item.
const MAX_LIST: usize = 100;

/// `GET /api/v1/videos`.
#[derive(Debug, Deserialize)]
pub struct Page<'a> {
    #[serde(default)]
    pub total: Scalar,
    #[serde(borrow)]
    pub data: Bounded<&'a RawValue, MAX_ITEMS>,
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
    pub privacy: Maybe<Labelled>,
    pub state: Maybe<Labelled>,
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

/// An account or a channel within a video.
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
