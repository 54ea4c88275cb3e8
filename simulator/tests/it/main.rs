//! What the simulator promises to the tests that use it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "outside of test functions too, a failure here is a failure of the test that calls"
)]

mod a_generated_host;
mod a_recorded_host;
mod channels;
mod client;
mod crafted;
mod determinism;
mod gancio;
mod misbehaviour;
mod mobilizon;
mod mobilizon_queries;
mod playlists;
mod the_judge;
mod versions;
mod virtual_time;
