#![doc = include_str!("../README.md")]

pub mod analysis;
pub mod schema;
pub mod snapshot;
pub mod stored;
