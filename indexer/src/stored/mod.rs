//! What a document keeps beside its terms: all that an answer is made of. Stored as JSON bytes in the field `doc`.
//!
//! Short keys and left-out defaults keep a million documents small; the names below are the contract.

mod actor;
mod channel;
mod event;
mod group;
mod place;
mod playlist;
mod video;

pub use actor::{StoredActor, StoredImage, StoredPath};
pub use channel::{StoredChannel, StoredOwner};
pub use event::{StoredEvent, StoredHostedActor};
pub use group::StoredGroup;
pub use place::StoredAddress;
pub use playlist::{StoredElement, StoredPlaylist};
pub use video::StoredVideo;
pub(crate) use video::{default_url, truncate_description};

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
