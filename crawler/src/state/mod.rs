//! The durable frontier: what is left to visit on which host, and when.

mod agenda;
mod changes;
mod channel;
mod db;
mod group;
mod host;
pub mod person;
mod playlist;
mod queue;
mod schema;

pub use agenda::{AgendaQueue, By, EventChange, KnownEvent, NEVER_MS, ReadEvent};
pub use changes::{Changes, Enriched, Known, Seen};
pub use channel::{ChannelChange, StoredChannel};
pub use db::{Document, StateDb, StoredHost, Tally};
pub use group::GroupChange;
#[cfg(test)]
pub use host::RobotsState;
pub use host::{BlockedBy, HostState, Identity, Poll};
pub use playlist::{KnownPlaylist, PlaylistChange};
pub use queue::{DueAccount, DueChannel, DueDetail, Queue};
