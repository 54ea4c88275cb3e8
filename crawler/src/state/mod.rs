//! The durable frontier: what is left to visit on which host, and when.

mod db;
mod host;

pub use db::{Changes, Document, Queue, Seen, StateDb, StoredHost, Tally};
#[cfg(test)]
pub use host::RobotsState;
pub use host::{BlockedBy, HostState, Identity, Poll};
