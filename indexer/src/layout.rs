//! Names of the files below `index/`.
//!
//! ```text
//! index/lock                      held by the one process that writes
//! index/live/format.json          the schema version of the index being written
//! index/live/video/               the index being written, one folder for each kind: video, channel, playlist, event, group
//! index/rebuild/                  the same while it is made anew; retired/ while the two change places
//! index/generations/000041/       a published generation: manifest.json and one folder for each kind
//! index/CURRENT                   the number of the generation to serve
//! index/expunge                   there while deleted documents wait to leave the files, not only the answers
//! ```

use std::path::{Path, PathBuf};

use journal::Kind;

/// The folder `index/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    root: PathBuf,
}

/// Prefix of folders that are being written.
pub(crate) const UNFINISHED: &str = ".unfinished-";

impl Layout {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub(crate) fn current(&self) -> PathBuf {
        self.root.join("CURRENT")
    }

    pub(crate) fn expunge(&self) -> PathBuf {
        self.root.join("expunge")
    }

    pub(crate) fn live(&self) -> PathBuf {
        self.root.join("live")
    }

    pub(crate) fn rebuild(&self) -> PathBuf {
        self.root.join("rebuild")
    }

    pub(crate) fn retired(&self) -> PathBuf {
        self.root.join("retired")
    }

    pub(crate) fn generations(&self) -> PathBuf {
        self.root.join("generations")
    }

    pub(crate) fn generation(&self, generation: u64) -> PathBuf {
        self.generations().join(format!("{generation:06}"))
    }

    pub(crate) fn unfinished_generation(&self, generation: u64) -> PathBuf {
        self.generations().join(format!("{UNFINISHED}{generation:06}"))
    }
}

/// The folder of one kind below `live/` or a generation.
pub(crate) fn kind_dir(parent: &Path, kind: Kind) -> PathBuf {
    parent.join(kind.as_str())
}
