//! Pictures of what is indexed, handed on so that no page makes a visitor's browser contact an instance.
//!
//! There is no URL parameter: a picture is named by whose it is and by its size, its address comes from the snapshot, and
//! it is fetched through a door that the binary wires to the crawler's guarded client.

mod key;
mod kind;
mod store;

pub(crate) use key::ImageKey;
pub use kind::ImageKind;
pub(crate) use store::ImageStore;

use std::sync::Arc;

use allowlist::Host;
use bytes::Bytes;
use futures_util::future::BoxFuture;

/// Fetches one picture. The implementation keeps politeness, addresses, sizes and times.
pub type ImageDoor = Arc<dyn Fn(ImageRequest) -> BoxFuture<'static, Result<ImageBytes, ImageError>> + Send + Sync>;

/// A picture of something that is indexed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageRequest {
    /// The instance that published it.
    pub host: Host,
    /// The absolute URL that it gave for the picture.
    pub url: String,
}

/// The bytes of a picture, as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageBytes(pub Bytes);

/// Why a picture could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The instance says that there is none.
    #[error("fetching a picture: the instance has none there")]
    Missing,
    /// It could not be fetched now.
    #[error("fetching a picture: {reason}")]
    Failed {
        /// What happened.
        reason: String,
    },
    /// Too many fetches at this time, or the instance is resting.
    #[error("fetching a picture: not now")]
    Busy,
}

/// A size that the pages ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageSize {
    /// For lists.
    Thumbnail,
    /// Larger.
    Preview,
}

impl ImageSize {
    /// Reads the last part of the path.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "thumbnail" => Some(Self::Thumbnail),
            "preview" => Some(Self::Preview),
            _ => None,
        }
    }

    /// Pixels that a picture of this size should be wide.
    pub(crate) fn width(self) -> u32 {
        match self {
            Self::Thumbnail => 280,
            Self::Preview => 850,
        }
    }
}
