//! What is known of the instances: the status file of the crawling process, and what the generation in use holds of
//! each.

mod count;

pub use count::{HostCounts, KindCounts, count_hosts, count_shown_hosts};

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use indexer::directory::{self, DirectoryFile};

use crate::error::Error;
use crate::search::SearchIndex;

/// The newest readable status file, and the counts of one generation under one ruling.
#[derive(Default)]
pub(crate) struct Directory {
    file: ArcSwapOption<DirectoryFile>,
    seen: Mutex<Option<(SystemTime, u64)>>,
    counts: Mutex<Option<Counted>>,
}

/// The counts of one generation under one ruling.
struct Counted {
    /// The numbers of both.
    of: (u64, u64),
    counts: Arc<HostCounts>,
}

impl Directory {
    /// Reads the file of `index_dir` when it changed. One that cannot be read is named once in the log, and the one
    /// read before stays. Blocks for as long as reading takes.
    pub fn refresh(&self, index_dir: &Path) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // A folder that cannot be looked at is named by whoever opens the generations in it.
        let Ok(stamp) = directory::stamp(index_dir) else { return };
        if stamp == *seen {
            return;
        }
        *seen = stamp;
        match directory::read(index_dir) {
            Ok(file) => self.file.store(file.map(Arc::new)),
            Err(error) => tracing::error!("taking the status of the instances, the one in use stays: {error}"),
        }
    }

    /// The file in use; `None` where no crawling process ever wrote one.
    pub fn file(&self) -> Option<Arc<DirectoryFile>> {
        self.file.load_full()
    }

    /// What the generation shows of each host, counted once for each generation and ruling: a few milliseconds at a million
    /// documents.
    ///
    /// # Errors
    /// [`Error::Engine`] when its files cannot be read.
    pub fn counts(&self, index: &SearchIndex) -> Result<Arc<HostCounts>, Error> {
        let number = (index.snapshot().manifest.generation, index.ruling().number());
        let mut known = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Counted { of, counts }) = known.as_ref()
            && *of == number
        {
            return Ok(Arc::clone(counts));
        }
        let counts = Arc::new(count_shown_hosts(index)?);
        *known = Some(Counted { of: number, counts: Arc::clone(&counts) });
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_leaves_the_last_good_one_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let known = Directory::default();
        known.refresh(dir.path());
        assert!(known.file().is_none());
        let written_at = "2026-11-22T00:00:00Z".parse().unwrap();
        directory::write(dir.path(), &DirectoryFile::new(written_at, Vec::new())).unwrap();
        known.refresh(dir.path());
        assert_eq!(known.file().unwrap().written_at, written_at);
        std::fs::write(dir.path().join(directory::FILE_NAME), "{").unwrap();
        known.refresh(dir.path());
        assert_eq!(known.file().unwrap().written_at, written_at);
        std::fs::remove_file(dir.path().join(directory::FILE_NAME)).unwrap();
        known.refresh(dir.path());
        assert!(known.file().is_none());
    }
}
