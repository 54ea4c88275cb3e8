//! The crawler against fake instances on loopback.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod changes;
mod full_crawl;
mod hostile_transport;
mod restart;
mod robots;
mod world;
