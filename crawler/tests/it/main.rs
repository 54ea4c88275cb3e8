//! The crawler against fake instances on loopback.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod changes;
mod channels;
mod doors;
mod full_crawl;
mod gancio;
mod hostile;
mod hostile_actors;
mod hostile_transport;
mod mobilizon;
mod mobilizon_feeds;
mod mobilizon_mended;
mod mobilizon_odd;
mod playlists;
mod probe;
mod restart;
mod rhythm;
mod robots;
mod two_hundred;
mod versions;
mod world;
