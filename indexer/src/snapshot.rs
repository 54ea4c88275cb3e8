//! An immutable, published index, opened for reading by any number of processes. (Signatures settled; bodies follow.)

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tantivy::Searcher;

use crate::schema::VideoFields;

/// `manifest.json` of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The number of the generation, strictly increasing.
    pub generation: u64,
    /// [`crate::schema::SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The last journal offset that the documents reflect.
    pub journal_offset: u64,
    /// When it was published.
    pub published_at: Timestamp,
    /// Documents of the video index.
    pub n_videos: u64,
}

/// One generation, opened. Cheap to clone, safe to search from many threads.
#[derive(Clone)]
pub struct Snapshot {
    /// What the generation says of itself.
    pub manifest: Manifest,
    /// The video index.
    pub videos: Searcher,
    /// Fields of the video index.
    pub video_fields: VideoFields,
}

impl Snapshot {
    /// Opens the generation that `{index_dir}/CURRENT` names.
    pub fn open_current(_index_dir: &Path) -> Result<Self, SnapshotError> {
        Err(SnapshotError::Missing)
    }

    /// The number in `{index_dir}/CURRENT`, without opening anything: cheap enough to poll. `None` before the first
    /// publication.
    pub fn current_generation(_index_dir: &Path) -> Result<Option<u64>, SnapshotError> {
        Ok(None)
    }
}

/// Why a snapshot cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Nothing was published yet.
    #[error("no generation was published yet")]
    Missing,
}
