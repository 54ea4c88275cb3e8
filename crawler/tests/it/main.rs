//! The crawler against fake instances on loopback.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod changes;
mod doors;
mod full_crawl;
mod hostile;
mod hostile_actors;
mod hostile_transport;
mod restart;
mod robots;
mod two_hundred;
mod versions;
mod world;
