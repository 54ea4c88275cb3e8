//! Why a search was not answered.

use std::time::Duration;

/// What can go wrong between a checked query and its answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine could not read its files, or found them to be wrong.
    #[error("searching generation {generation}: {source}")]
    Engine {
        /// The generation searched.
        generation: u64,
        /// What the engine says.
        #[source]
        source: tantivy::TantivyError,
    },
    /// A stored document is not what this version writes.
    #[error("reading a document of generation {generation}: {source}")]
    Document {
        /// The generation searched.
        generation: u64,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A document without its stored part.
    #[error("reading a document of generation {generation}: it has no stored part")]
    DocumentMissing {
        /// The generation searched.
        generation: u64,
    },
    /// The search took longer than it may.
    #[error("searching: not done after {} ms", limit.as_millis())]
    TimedOut {
        /// The time it was given.
        limit: Duration,
    },
}
