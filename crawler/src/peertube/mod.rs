//! What a PeerTube instance says, read tolerantly: wire types in `wire.rs`, records out.

mod identity;
mod lenient;
mod outbox;
mod page;
mod text;
mod video;
mod wire;

#[cfg(test)]
mod tests;

pub use identity::{IdentityError, parse_config, parse_nodeinfo, parse_nodeinfo_links};
pub use outbox::{PAGE_SIZE, parse_outbox};
pub use page::{ListingPage, parse_detail, parse_listing};
pub use video::Rejection;
