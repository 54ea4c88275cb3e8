//! The stored form of an event.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use super::actor::{StoredActor, StoredImage};
use super::is_default;
use super::place::StoredAddress;

/// An event as the index stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Origin host, canonical.
    #[serde(rename = "h")]
    pub host: String,
    /// A UUID (hyphenated, lower case) or, on Gancio, a decimal number.
    #[serde(rename = "i")]
    pub origin_id: String,
    /// ActivityPub id.
    #[serde(rename = "l")]
    pub url: String,
    /// The page for people, where that is not `url`.
    #[serde(rename = "pl", default, skip_serializing_if = "is_default")]
    pub page_url: Option<String>,
    /// Title, plain text.
    #[serde(rename = "n")]
    pub title: String,
    /// Description as clean HTML: only elements and attributes that may stand in any page.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// Instant of the start.
    #[serde(rename = "st", with = "millisecond::required")]
    pub starts_at: Timestamp,
    /// Instant of the end, later than the start; `None` for an open end.
    #[serde(rename = "en", default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    pub ends_at: Option<Timestamp>,
    /// IANA name of the zone its times are meant in, in the tz database.
    #[serde(rename = "tz", default, skip_serializing_if = "is_default")]
    pub time_zone: Option<String>,
    /// Only the date of the start means something.
    #[serde(rename = "hs", default, skip_serializing_if = "is_default")]
    pub hides_start_time: bool,
    /// Only the date of the end means something.
    #[serde(rename = "he", default, skip_serializing_if = "is_default")]
    pub hides_end_time: bool,
    /// `TENTATIVE`, `CONFIRMED` or `CANCELLED`.
    #[serde(rename = "s")]
    pub status: String,
    /// `free`, `restricted`, `invite` or `external`, when known.
    #[serde(rename = "j", default, skip_serializing_if = "is_default")]
    pub join_mode: Option<String>,
    /// Where to register instead.
    #[serde(rename = "jl", default, skip_serializing_if = "is_default")]
    pub external_participation_url: Option<String>,
    /// One of the thirty ids of [`crate::schema::EVENT_CATEGORIES`].
    #[serde(rename = "c")]
    pub category: String,
    /// As sent; `None` when unknown.
    #[serde(rename = "la", default, skip_serializing_if = "is_default")]
    pub language: Option<String>,
    /// The banner, sorted by width.
    #[serde(rename = "b", default, skip_serializing_if = "is_default")]
    pub pictures: Vec<StoredImage>,
    /// Without leading `#`.
    #[serde(rename = "t", default, skip_serializing_if = "is_default")]
    pub tags: Vec<String>,
    /// Who made it, unless hidden.
    #[serde(rename = "o", default, skip_serializing_if = "is_default")]
    pub organizer: Option<StoredHostedActor>,
    /// The group it belongs to.
    #[serde(rename = "g", default, skip_serializing_if = "is_default")]
    pub group: Option<StoredHostedActor>,
    /// Where it takes place.
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    pub address: Option<StoredAddress>,
    /// It takes place online, perhaps besides an address.
    #[serde(rename = "on", default, skip_serializing_if = "is_default")]
    pub is_online: bool,
    /// Its page elsewhere.
    #[serde(rename = "ol", default, skip_serializing_if = "is_default")]
    pub online_address: Option<String>,
    /// People who come; `None` when unknown or hidden.
    #[serde(rename = "np", default, skip_serializing_if = "is_default")]
    pub n_participants: Option<u64>,
    /// Places; `None` for any number.
    #[serde(rename = "ca", default, skip_serializing_if = "is_default")]
    pub capacity: Option<u64>,
    /// Whether people without an account may register.
    #[serde(rename = "an", default, skip_serializing_if = "is_default")]
    pub anonymous_participation: Option<bool>,
    /// Further facts under Mobilizon's keys.
    #[serde(rename = "m", default, skip_serializing_if = "is_default")]
    pub metadata: Vec<(String, String)>,
    /// Shared by the occurrences of a recurring event of the host.
    #[serde(rename = "se", default, skip_serializing_if = "is_default")]
    pub series: Option<String>,
    /// Publication.
    #[serde(rename = "pt", default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    pub published_at: Option<Timestamp>,
    /// Last edit.
    #[serde(rename = "ut", default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    pub updated_at: Option<Timestamp>,
    /// When our crawler saw this state of it.
    #[serde(rename = "sn", with = "millisecond::required")]
    pub seen_at: Timestamp,
}

/// An actor of whatever instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredHostedActor {
    /// Its instance; `None` for the host of the document.
    #[serde(rename = "h", default, skip_serializing_if = "is_default")]
    pub host: Option<String>,
    /// Names, ActivityPub id and avatars.
    #[serde(rename = "ac")]
    pub actor: StoredActor,
}

impl StoredEvent {
    /// The key of the document, the same text as the journal's key of the record.
    pub fn key(&self) -> String {
        format!("event/{}/{}", self.host, self.origin_id.to_lowercase())
    }

    /// Places that are left; `None` where that is not known, or any number may come.
    pub fn n_places_left(&self) -> Option<u64> {
        Some(self.capacity?.saturating_sub(self.n_participants?))
    }
}
