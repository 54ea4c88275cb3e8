//! Accounts and channels as parts of others.

use indexer::stored::{StoredActor, StoredImage};
use serde::Serialize;
use utoipa::ToSchema;

use super::iso_ms;

/// An account or channel as part of something else.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActorSummary {
    /// Number on the origin.
    pub id: i64,
    /// Immutable name.
    pub name: String,
    /// Name people see.
    pub display_name: String,
    /// ActivityPub id.
    pub url: String,
    /// Instance.
    pub host: String,
    /// Always null: older servers had one picture only.
    #[schema(value_type = Option<Object>)]
    pub avatar: Option<()>,
    /// Every size, the smallest first.
    pub avatars: Vec<ActorImage>,
}

/// One size of a picture.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActorImage {
    /// Absolute URL.
    pub url: String,
    /// Path on the origin.
    pub path: Option<String>,
    /// Absolute URL.
    pub file_url: String,
    /// Pixels.
    pub width: Option<u32>,
    /// When it was set.
    pub created_at: Option<String>,
    /// When it was last changed.
    pub updated_at: Option<String>,
}

impl ActorSummary {
    pub(super) fn new(actor: &StoredActor, host: &str) -> Self {
        Self {
            id: actor.origin_id,
            name: actor.name.clone(),
            display_name: actor.display_name.clone().unwrap_or_else(|| actor.name.clone()),
            url: actor.url.clone(),
            host: host.to_owned(),
            avatar: None,
            avatars: ActorImage::all(&actor.avatars, host),
        }
    }
}

impl ActorImage {
    pub(super) fn all(images: &[StoredImage], host: &str) -> Vec<Self> {
        images.iter().map(|image| Self::new(image, host)).collect()
    }

    fn new(image: &StoredImage, host: &str) -> Self {
        let url = image.file.absolute(host);
        Self {
            path: image.file.path.clone(),
            file_url: url.clone(),
            url,
            width: image.width,
            created_at: image.created_at.map(iso_ms),
            updated_at: image.updated_at.map(iso_ms),
        }
    }
}
