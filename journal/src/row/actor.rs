//! The stored form of accounts, channels as parts of others, and their pictures.

use allowlist::Host;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::record::{Actor, Image};

/// An actor of the row's host.
#[derive(Serialize, Deserialize)]
pub(super) struct ActorRow {
    #[serde(default, skip_serializing_if = "is_default")]
    origin_id: i64,
    name: String,
    display_name: String,
    url: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    avatars: Vec<ImageRow>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ImageRow {
    #[serde(default, skip_serializing_if = "is_default")]
    path: Option<String>,
    url: String,
    #[serde(default, skip_serializing_if = "is_default")]
    width: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    height: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    updated_at: Option<Timestamp>,
}

impl From<&Actor> for ActorRow {
    fn from(actor: &Actor) -> Self {
        Self {
            origin_id: actor.origin_id,
            name: actor.name.clone(),
            display_name: actor.display_name.clone(),
            url: actor.url.clone(),
            avatars: actor.avatars.iter().map(ImageRow::from).collect(),
        }
    }
}

impl ActorRow {
    pub(super) fn into_actor(self, host: Host) -> Actor {
        Actor {
            origin_id: self.origin_id,
            name: self.name,
            display_name: self.display_name,
            url: self.url,
            host,
            avatars: self.avatars.into_iter().map(ImageRow::into_image).collect(),
        }
    }
}

impl From<&Image> for ImageRow {
    fn from(image: &Image) -> Self {
        Self {
            path: image.path.clone(),
            url: image.url.clone(),
            width: image.width,
            height: image.height,
            created_at: image.created_at,
            updated_at: image.updated_at,
        }
    }
}

impl ImageRow {
    pub(super) fn into_image(self) -> Image {
        Image {
            path: self.path,
            url: self.url,
            width: self.width,
            height: self.height,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}
