//! What all requests share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use indexer::snapshot::{Snapshot, SnapshotError};

use super::answer::Refusal;
use super::slots::Slots;
use crate::config::QueryApiConfig;
use crate::directory::Directory;
use crate::error::Error;
use crate::images::ImageStore;
use crate::query::VideoQuery;
use crate::search::{Deadline, SearchIndex, SearchPage};
use crate::wire::Pictures;

/// The open index and everything else that requests share. Read-only and without state of its own.
pub struct QueryApi {
    /// The settings.
    pub config: QueryApiConfig,
    index_dir: PathBuf,
    current: ArcSwapOption<SearchIndex>,
    refreshing: Mutex<()>,
    slots: Slots,
    pub(crate) images: ImageStore,
    pub(crate) directory: Directory,
}

/// Why a new generation was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It cannot be opened.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Its columns cannot be read.
    #[error(transparent)]
    Search(#[from] Error),
}

impl QueryApi {
    /// Serves the generations published under `index_dir`. Opens nothing yet.
    pub fn new(index_dir: &Path, config: QueryApiConfig) -> Arc<Self> {
        Arc::new(Self {
            index_dir: index_dir.to_owned(),
            current: ArcSwapOption::empty(),
            refreshing: Mutex::new(()),
            slots: Slots::new(config.limits),
            directory: Directory::default(),
            images: ImageStore::new(config.image_door.clone(), config.limits.image_cache_bytes),
            config,
        })
    }

    /// Opens the newest generation when it is not the one in use; says whether it changed. Requests under way keep
    /// theirs. Blocks for milliseconds, or as long as reading new segments ahead takes; the first generation after the start
    /// is not read ahead, see [`Self::warm`].
    ///
    /// # Errors
    /// [`RefreshError`] when the new generation cannot be opened; the one in use stays.
    pub fn refresh(&self) -> Result<bool, RefreshError> {
        let _one = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        self.directory.refresh(&self.index_dir);
        let newest = Snapshot::current_generation(&self.index_dir)?;
        let previous = self.current.load_full();
        let known = previous.as_ref().map(|index| index.snapshot().manifest.generation);
        if newest.is_none() || newest == known {
            return Ok(false);
        }
        let index = Arc::new(SearchIndex::open(Snapshot::open_current(&self.index_dir)?, previous.as_deref())?);
        // The first one after the start is warmed when it serves already: a slow answer is better than none.
        if previous.is_some() {
            index.warm();
        }
        tracing::info!(
            index.generation = index.snapshot().manifest.generation,
            index.videos = index.snapshot().manifest.n_videos,
            index.channels = index.snapshot().manifest.n_channels,
            index.playlists = index.snapshot().manifest.n_playlists,
            index.events = index.snapshot().manifest.n_events,
            index.groups = index.snapshot().manifest.n_groups,
            "serving generation {}",
            index.snapshot().manifest.generation
        );
        self.current.store(Some(index));
        Ok(true)
    }

    /// Reads what requests of the first generation will need, so that fewer visitors wait for it; later ones are warm when
    /// they come. Unpacks the cities, too. Takes about a second for a million videos. Says whether there was one.
    pub fn warm(&self) -> bool {
        crate::places::warm();
        self.current.load_full().inspect(|index| index.warm()).is_some()
    }

    /// How addresses of pictures are written: below the public address, while pictures can be fetched at all.
    pub(crate) fn pictures(&self) -> Pictures {
        Pictures::new(self.config.public_url.as_ref().filter(|_| self.config.image_door.is_some()))
    }

    /// The generation in use; a request takes it once and keeps it to its end.
    pub(crate) fn current(&self) -> Result<Arc<SearchIndex>, Refusal> {
        self.current.load_full().ok_or(Refusal::NotReady)
    }

    /// Searches videos in `index` on a thread for blocking work, when it is its turn, and hands the page to `finish`
    /// there.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        index: &Arc<SearchIndex>,
        query: VideoQuery,
        finish: impl FnOnce(&SearchIndex, SearchPage) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.run(index, move |index, deadline| finish(index, index.search(&query, deadline)?)).await
    }

    /// Runs `work` on `index` on a thread for blocking work, when it is its turn, until a deadline.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        index: &Arc<SearchIndex>,
        work: impl FnOnce(&SearchIndex, Deadline) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let index = Arc::clone(index);
        let limit = self.config.limits.query_time;
        self.run_apart(move || work(&index, Deadline::within(limit))).await
    }

    /// Runs `work`, which needs no generation, on a thread for blocking work, when it is its turn.
    pub(crate) async fn run_apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let permit = self.slots.acquire().await.ok_or(Refusal::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        task.await.unwrap_or_else(|error| {
            tracing::error!("a search failed by a panic; this is a defect of the program: {error}");
            Err(Refusal::Broken)
        })
    }
}
