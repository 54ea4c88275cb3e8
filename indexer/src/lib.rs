#![doc = include_str!("../README.md")]

pub mod analysis;
mod change;
mod check;
pub mod directory;
mod document;
mod durable;
mod error;
pub mod expunge;
mod feed;
mod generation;
pub mod geography;
pub mod inclusion;
mod indexer;
mod layout;
mod live;
mod read_only;
pub mod schema;
pub mod short_uuid;
pub mod snapshot;
pub mod stored;

pub use check::{CheckReport, check, check_with};
pub use document::{channel_document, event_document, group_document, key_hash, playlist_document, video_document};
pub use error::Error;
pub use indexer::{Indexer, OnProgress, Options, Progress};
pub use snapshot::{Manifest, Snapshot, SnapshotError};
