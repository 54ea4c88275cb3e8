//! What a PeerTube instance says, read tolerantly: wire types in `wire.rs`, records out.

mod actor;
mod channel;
mod consent;
mod description;
mod identity;
mod image;
mod outbox;
mod page;
mod playlist;
mod text;
mod video;
mod wire;

#[cfg(test)]
mod tests;

use crate::reading::{date, lenient, origin};

pub use crate::reading::consent::Consent;
pub use crate::reading::origin::Rejection;
pub use channel::{ChannelAnswer, parse_channel};
pub use consent::parse_actor;
pub use description::{keep_description, lacks_description, parse_description};
pub use identity::{IdentityError, SoftwareName, parse_config, parse_nodeinfo, parse_nodeinfo_links};
pub use outbox::{PAGE_SIZE, parse_outbox};
pub use page::{ListingPage, parse_detail, parse_listing};
pub use playlist::{ElementsPage, ListedPlaylist, PlaylistsPage, parse_elements, parse_playlist, parse_playlists};
