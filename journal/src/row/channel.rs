//! The stored form of a channel.

use allowlist::Host;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use super::actor::{ActorRow, ImageRow};
use super::is_default;
use crate::record::{Channel, Owner};

/// A channel; its host is the host of the row.
#[derive(Serialize, Deserialize)]
pub(super) struct ChannelRow {
    actor: ActorRow,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    banners: Vec<ImageRow>,
    #[serde(default, skip_serializing_if = "is_default")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    support: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    n_followers: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    n_following: u64,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    owner: OwnerRow,
}

#[derive(Serialize, Deserialize)]
struct OwnerRow {
    actor: ActorRow,
    #[serde(default, skip_serializing_if = "is_default")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    n_followers: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    n_following: u64,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
}

impl From<&Channel> for ChannelRow {
    fn from(channel: &Channel) -> Self {
        Self {
            actor: ActorRow::from(&channel.actor),
            banners: channel.banners.iter().map(ImageRow::from).collect(),
            description: channel.description.clone(),
            support: channel.support.clone(),
            n_followers: channel.n_followers,
            n_following: channel.n_following,
            created_at: channel.created_at,
            updated_at: channel.updated_at,
            owner: OwnerRow {
                actor: ActorRow::from(&channel.owner.actor),
                description: channel.owner.description.clone(),
                n_followers: channel.owner.n_followers,
                n_following: channel.owner.n_following,
                created_at: channel.owner.created_at,
                updated_at: channel.owner.updated_at,
            },
        }
    }
}

impl ChannelRow {
    pub(super) fn into_channel(self, host: Host) -> Channel {
        Channel {
            actor: self.actor.into_actor(host.clone()),
            banners: self.banners.into_iter().map(ImageRow::into_image).collect(),
            description: self.description,
            support: self.support,
            n_followers: self.n_followers,
            n_following: self.n_following,
            created_at: self.created_at,
            updated_at: self.updated_at,
            owner: Owner {
                actor: self.owner.actor.into_actor(host),
                description: self.owner.description,
                n_followers: self.owner.n_followers,
                n_following: self.owner.n_following,
                created_at: self.owner.created_at,
                updated_at: self.owner.updated_at,
            },
        }
    }
}
