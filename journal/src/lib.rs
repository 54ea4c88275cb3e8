#![doc = include_str!("../README.md")]

mod entry;
mod error;
pub mod record;
mod row;
mod store;

pub use entry::{Body, Entry, Offset, TombstoneReason};
pub use error::Error;
pub use record::{Kind, Record, RecordId};
pub use store::{Appended, Compacted, Erased, Found, HostCount, Journal, Reader, Stats, Writer};
