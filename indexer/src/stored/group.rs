//! The stored form of a group.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use super::actor::{StoredActor, StoredImage};
use super::is_default;
use super::place::StoredAddress;

/// A group as the index stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredGroup {
    /// Origin host, canonical.
    #[serde(rename = "h")]
    pub host: String,
    /// Names, ActivityPub id and avatars.
    #[serde(rename = "g")]
    pub actor: StoredActor,
    /// Sorted by width.
    #[serde(rename = "b", default, skip_serializing_if = "is_default")]
    pub banners: Vec<StoredImage>,
    /// Summary as clean HTML: only elements and attributes that may stand in any page.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub summary: Option<String>,
    /// Where it is at home.
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    pub address: Option<StoredAddress>,
    /// `open`, `moderated` or `invite_only`, when known.
    #[serde(rename = "op", default, skip_serializing_if = "is_default")]
    pub openness: Option<String>,
    /// Members, when known.
    #[serde(rename = "nm", default, skip_serializing_if = "is_default")]
    pub n_members: Option<u64>,
    /// Followers, when known.
    #[serde(rename = "fr", default, skip_serializing_if = "is_default")]
    pub n_followers: Option<u64>,
    /// Public events it has organised, as its instance counts them.
    #[serde(rename = "ne", default, skip_serializing_if = "is_default")]
    pub n_events: Option<u64>,
    /// When our crawler saw it first.
    #[serde(rename = "ct", with = "millisecond::required")]
    pub first_seen_at: Timestamp,
}

impl StoredGroup {
    /// The key of the document, the same text as the journal's key of the record.
    pub fn key(&self) -> String {
        format!("group/{}/{}", self.host, self.actor.name.to_lowercase())
    }

    /// `name@host`, lower case: the term of the field `handle`, and of `group_handle` of its events.
    pub fn handle(&self) -> String {
        format!("{}@{}", self.actor.name.to_lowercase(), self.host)
    }
}
