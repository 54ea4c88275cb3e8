//! What can go wrong while indexing.

use std::io;
use std::path::PathBuf;

use tantivy::TantivyError;

use crate::snapshot::SnapshotError;

/// A failure of the indexer. What was published before stays valid and served in every case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process writes this index.
    #[error("index `{}` is in use by another process: stop it first, or choose another --data directory", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder cannot be read or written: permissions, a full disk.
    #[error("{action} `{}`: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Tantivy failed. The indexer must be opened again; it goes on from its last commit.
    #[error("{action}: {source}")]
    Tantivy {
        /// What was attempted.
        action: &'static str,
        /// Tantivy's own message.
        #[source]
        source: Box<TantivyError>,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The new generation, or the one to check, cannot be opened.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A record cannot be stored.
    #[error("indexing {key}: {source}")]
    Document {
        /// The key of the record.
        key: String,
        /// Why it cannot be written as JSON.
        #[source]
        source: serde_json::Error,
    },
    /// The index that is written cannot be used, and there is no journal at hand to rebuild it from.
    #[error("the index must be rebuilt from the journal: {reason}")]
    RebuildNeeded {
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn tantivy<E: Into<TantivyError>>(action: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Tantivy { action, source: Box::new(source.into()) }
    }
}
