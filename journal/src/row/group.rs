//! The stored form of a group.

use allowlist::Host;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use super::actor::{ActorRow, ImageRow};
use super::is_default;
use super::place::AddressRow;
use crate::record::{Group, Openness};

/// A group; its host is the host of the row.
#[derive(Serialize, Deserialize)]
pub(super) struct GroupRow {
    actor: ActorRow,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    banners: Vec<ImageRow>,
    #[serde(default, skip_serializing_if = "is_default")]
    summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<AddressRow>,
    #[serde(default, skip_serializing_if = "is_default")]
    openness: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    n_members: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    n_followers: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    n_events: Option<u64>,
    #[serde(with = "millisecond::required")]
    first_seen_at: Timestamp,
}

impl From<&Group> for GroupRow {
    fn from(group: &Group) -> Self {
        Self {
            actor: ActorRow::from(&group.actor),
            banners: group.banners.iter().map(ImageRow::from).collect(),
            summary: group.summary.clone(),
            address: group.address.as_ref().map(AddressRow::from),
            openness: group.openness.map(|openness| openness.as_str().to_owned()),
            n_members: group.n_members,
            n_followers: group.n_followers,
            n_events: group.n_events,
            first_seen_at: group.first_seen_at,
        }
    }
}

impl GroupRow {
    pub(super) fn into_group(self, host: Host) -> Result<Group, String> {
        let openness =
            |name: String| Openness::from_name(&name).ok_or_else(|| format!("no openness is called `{name}`"));
        Ok(Group {
            actor: self.actor.into_actor(host),
            banners: self.banners.into_iter().map(ImageRow::into_image).collect(),
            summary: self.summary,
            address: self.address.map(AddressRow::into_address),
            openness: self.openness.map(openness).transpose()?,
            n_members: self.n_members,
            n_followers: self.n_followers,
            n_events: self.n_events,
            first_seen_at: self.first_seen_at,
        })
    }
}
