//! The stored form of a channel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::actor::{StoredActor, StoredImage};
use super::is_default;

/// A channel as the index stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredChannel {
    /// Origin host, canonical.
    #[serde(rename = "h")]
    pub host: String,
    /// Names, ActivityPub id and avatars.
    #[serde(rename = "ch")]
    pub actor: StoredActor,
    /// Sorted by width.
    #[serde(rename = "b", default, skip_serializing_if = "is_default")]
    pub banners: Vec<StoredImage>,
    /// The whole description.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// How to support it.
    #[serde(rename = "su", default, skip_serializing_if = "is_default")]
    pub support: Option<String>,
    /// Followers.
    #[serde(rename = "fr", default, skip_serializing_if = "is_default")]
    pub n_followers: u64,
    /// Actors it follows.
    #[serde(rename = "fg", default, skip_serializing_if = "is_default")]
    pub n_following: u64,
    /// Creation.
    #[serde(rename = "ct", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub created_at: Timestamp,
    /// Last change.
    #[serde(rename = "ut", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub updated_at: Timestamp,
    /// The account that owns it.
    #[serde(rename = "ac")]
    pub owner: StoredOwner,
}

/// The account that owns a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOwner {
    /// Names, ActivityPub id and avatars.
    #[serde(rename = "ac")]
    pub actor: StoredActor,
    /// The whole description.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// Followers.
    #[serde(rename = "fr", default, skip_serializing_if = "is_default")]
    pub n_followers: u64,
    /// Actors it follows.
    #[serde(rename = "fg", default, skip_serializing_if = "is_default")]
    pub n_following: u64,
    /// Creation.
    #[serde(rename = "ct", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub created_at: Timestamp,
    /// Last change.
    #[serde(rename = "ut", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub updated_at: Timestamp,
}

impl StoredChannel {
    /// The key of the document, the same text as the journal's key of the record.
    pub fn key(&self) -> String {
        format!("channel/{}/{}", self.host, self.actor.name.to_lowercase())
    }

    /// `name@host`, lower case: the term of the field `handle`, and of `channel_handle` of its videos.
    pub fn handle(&self) -> String {
        format!("{}@{}", self.actor.name, self.host).to_lowercase()
    }
}
