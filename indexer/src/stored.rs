//! What a document keeps beside its terms: all that an answer is made of. Stored as JSON bytes in the field `doc`.
//!
//! Short keys and left-out defaults keep a million documents small; the names below are the contract.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A video as the index stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredVideo {
    /// Origin host, canonical.
    #[serde(rename = "h")]
    pub host: String,
    /// UUID.
    #[serde(rename = "u")]
    pub uuid: Uuid,
    /// Numeric id on the origin.
    #[serde(rename = "i", default, skip_serializing_if = "is_default")]
    pub origin_id: i64,
    /// ActivityPub id; `None` when it is `https://{host}/videos/watch/{uuid}`.
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    pub url: Option<String>,
    /// Title.
    #[serde(rename = "n")]
    pub name: String,
    /// The listing's description, at most 250 UTF-16 units; `None` when it can be cut from `description`.
    #[serde(rename = "t", default, skip_serializing_if = "is_default")]
    pub truncated_description: Option<String>,
    /// The whole description, where it was read.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// Tags in the order of the origin.
    #[serde(rename = "g", default, skip_serializing_if = "is_default")]
    pub tags: Vec<String>,
    /// Category id and label.
    #[serde(rename = "c", default, skip_serializing_if = "is_default")]
    pub category: Option<(i64, String)>,
    /// Licence id and label.
    #[serde(rename = "li", default, skip_serializing_if = "is_default")]
    pub licence: Option<(i64, String)>,
    /// Language id and label.
    #[serde(rename = "la", default, skip_serializing_if = "is_default")]
    pub language: Option<(String, String)>,
    /// Not safe for work, or unknown.
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    pub nsfw: bool,
    /// Bit mask.
    #[serde(rename = "xf", default, skip_serializing_if = "is_default")]
    pub nsfw_flags: u32,
    /// The author's warning.
    #[serde(rename = "xs", default, skip_serializing_if = "is_default")]
    pub nsfw_summary: Option<String>,
    /// Streaming when last seen.
    #[serde(rename = "lv", default, skip_serializing_if = "is_default")]
    pub is_live: bool,
    /// Seconds.
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    pub duration_s: u32,
    /// Width by height.
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    pub aspect_ratio: Option<f64>,
    /// Views.
    #[serde(rename = "v", default, skip_serializing_if = "is_default")]
    pub views: u64,
    /// Viewers when last seen.
    #[serde(rename = "vw", default, skip_serializing_if = "is_default")]
    pub viewers: u64,
    /// Likes.
    #[serde(rename = "lk", default, skip_serializing_if = "is_default")]
    pub likes: u64,
    /// Dislikes.
    #[serde(rename = "dl", default, skip_serializing_if = "is_default")]
    pub dislikes: u64,
    /// Comments, where the origin counts them.
    #[serde(rename = "cm", default, skip_serializing_if = "is_default")]
    pub comments: Option<u64>,
    /// Thumbnail.
    #[serde(rename = "th", default, skip_serializing_if = "is_default")]
    pub thumbnail: Option<StoredPath>,
    /// Larger picture.
    #[serde(rename = "pv", default, skip_serializing_if = "is_default")]
    pub preview: Option<StoredPath>,
    /// Path of the player.
    #[serde(rename = "e")]
    pub embed_path: String,
    /// Creation.
    #[serde(rename = "ct", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub created_at: Timestamp,
    /// Last change.
    #[serde(rename = "ut", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub updated_at: Timestamp,
    /// Publication.
    #[serde(rename = "pt", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub published_at: Timestamp,
    /// First publication elsewhere.
    #[serde(
        rename = "ot",
        default,
        skip_serializing_if = "is_default",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub originally_published_at: Option<Timestamp>,
    /// Owner.
    #[serde(rename = "ac")]
    pub account: StoredActor,
    /// Channel.
    #[serde(rename = "ch")]
    pub channel: StoredActor,
}

/// A file on the origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPath {
    /// Path below `https://{host}`, when the origin gave one.
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    pub path: Option<String>,
    /// Absolute URL; `None` when it is `https://{host}{path}`.
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    pub url: Option<String>,
}

impl StoredPath {
    /// The absolute URL, on the host the document belongs to.
    pub fn absolute(&self, host: &str) -> String {
        match (&self.url, &self.path) {
            (Some(url), _) => url.clone(),
            (None, Some(path)) => format!("https://{host}{path}"),
            (None, None) => format!("https://{host}/"),
        }
    }
}

/// An account or a channel; its host is the host of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredActor {
    /// Numeric id on the origin.
    #[serde(rename = "i", default, skip_serializing_if = "is_default")]
    pub origin_id: i64,
    /// Immutable name.
    #[serde(rename = "n")]
    pub name: String,
    /// Name people see; `None` when it is `name`.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub display_name: Option<String>,
    /// ActivityPub id.
    #[serde(rename = "l")]
    pub url: String,
    /// Sorted by width.
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    pub avatars: Vec<StoredImage>,
}

/// One size of an avatar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredImage {
    /// Where it is.
    #[serde(flatten)]
    pub file: StoredPath,
    /// Pixels.
    #[serde(rename = "w", default, skip_serializing_if = "is_default")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(rename = "ht", default, skip_serializing_if = "is_default")]
    pub height: Option<u32>,
    /// When it was set.
    #[serde(
        rename = "ct",
        default,
        skip_serializing_if = "is_default",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(
        rename = "ut",
        default,
        skip_serializing_if = "is_default",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub updated_at: Option<Timestamp>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
