//! Behaviour of the indexer, over a real journal and real files. One binary, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a failure here is the test failing")]

mod analysis_found;
mod crash;
mod fixture;
mod follow;
mod generations;
mod geography;
mod html;
mod inclusion;
mod kinds;
mod mobilizon;
mod rebuild;
mod themes;
mod updates;
