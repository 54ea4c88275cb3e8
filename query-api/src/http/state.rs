//! What all requests share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use allowlist::rules::Layer;
use arc_swap::{ArcSwap, ArcSwapOption};
use indexer::inclusion::Inclusion;
use indexer::snapshot::{Snapshot, SnapshotError};

use super::answer::Refusal;
use super::slots::Slots;
use crate::config::QueryApiConfig;
use crate::directory::Directory;
use crate::error::Error;
use crate::images::ImageStore;
use crate::moderation::{Decisions, ModerationError};
use crate::query::VideoQuery;
use crate::search::{Deadline, Ruling, SearchIndex, SearchPage};
use crate::wire::Pictures;

/// The open index and everything else that requests share. Read-only and without state of its own.
pub struct QueryApi {
    /// The settings.
    pub config: QueryApiConfig,
    index_dir: PathBuf,
    current: ArcSwapOption<SearchIndex>,
    wanted: Mutex<Wanted>,
    /// What must be in force; the generation in use follows with the next refresh.
    ruling: ArcSwap<Ruling>,
    /// Whether the decisions of moderators were never readable, so that nothing is served.
    is_undecided: AtomicBool,
    refreshing: Mutex<Refreshing>,
    slots: Slots,
    pub(crate) images: ImageStore,
    pub(crate) directory: Directory,
}

/// The rules that somebody set, and whether they are part of the ruling already.
struct Wanted {
    inclusion: Inclusion,
    is_new: bool,
}

/// What only a refresh looks at.
#[derive(Default)]
struct Refreshing {
    decisions: Decisions,
    /// The decisions that are part of the ruling.
    taken: Option<Arc<Layer>>,
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
    /// What moderators decided was never readable, so nothing is served.
    #[error(transparent)]
    Moderation(#[from] ModerationError),
}

impl QueryApi {
    /// Serves the generations published under `index_dir`. Opens nothing yet.
    pub fn new(index_dir: &Path, config: QueryApiConfig) -> Arc<Self> {
        Arc::new(Self {
            index_dir: index_dir.to_owned(),
            current: ArcSwapOption::empty(),
            wanted: Mutex::new(Wanted { inclusion: config.inclusion.clone(), is_new: true }),
            ruling: ArcSwap::from(Ruling::everything()),
            is_undecided: AtomicBool::new(false),
            refreshing: Mutex::default(),
            slots: Slots::new(config.limits),
            directory: Directory::default(),
            images: ImageStore::new(config.image_door.clone(), config.limits.image_cache_bytes),
            config,
        })
    }

    /// Sets the rules of what is shown. They are in force after the next [`Self::refresh`], without a new generation.
    pub fn set_inclusion(&self, inclusion: Inclusion) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = Wanted { inclusion, is_new: true };
    }

    /// Opens the newest generation when it is not the one in use, and takes new rules and decisions of moderators; says
    /// whether anything changed. Requests under way keep theirs. Blocks for milliseconds, or as long as reading new segments
    /// ahead takes; the first generation after the start is not read ahead, see [`Self::warm`].
    ///
    /// # Errors
    /// [`RefreshError`] when the new generation cannot be opened; the one in use stays, under the newest rules and
    /// decisions. While decisions were never readable nothing is served.
    pub fn refresh(&self) -> Result<bool, RefreshError> {
        let mut refreshing = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        self.directory.refresh(&self.index_dir);
        let ruling = self.newest_ruling(&mut refreshing);
        self.is_undecided.store(ruling.is_err(), Ordering::Relaxed);
        let ruling = ruling?;
        let taken = self.take_newest(&ruling);
        // A generation that cannot be opened keeps nobody from hiding something in the one before it.
        let previous = self.current.load_full().filter(|index| index.ruling().number() != ruling.number());
        let Some(previous) = previous else { return taken };
        let snapshot = previous.snapshot().clone();
        let index = Arc::new(SearchIndex::open_ruled(snapshot, Arc::clone(&ruling), Some(&previous))?);
        index.warm();
        let (shown, generation) = (index.totals().total(), index.snapshot().manifest.generation);
        tracing::info!("other rules or decisions are in force: {shown} documents of generation {generation} are shown");
        self.current.store(Some(index));
        taken.map(|_| true)
    }

    /// The ruling of the newest rules and decisions; the one in force when nothing changed.
    fn newest_ruling(&self, refreshing: &mut Refreshing) -> Result<Arc<Ruling>, ModerationError> {
        let layer = refreshing.decisions.refresh(&self.index_dir)?;
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if !wanted.is_new && refreshing.taken.as_ref().map(Arc::as_ptr) == layer.as_ref().map(Arc::as_ptr) {
            return Ok(self.ruling.load_full());
        }
        let inclusion = match &layer {
            Some(layer) => wanted.inclusion.with(Layer::clone(layer)),
            None => Ok(wanted.inclusion.clone()),
        };
        let inclusion = inclusion.map_err(|fault| ModerationError::new(&self.index_dir, fault.to_string()))?;
        wanted.is_new = false;
        refreshing.taken = layer;
        let ruling = Ruling::new(inclusion);
        self.ruling.store(Arc::clone(&ruling));
        Ok(ruling)
    }

    /// Opens the newest generation under a ruling, when it is not the one in use.
    fn take_newest(&self, ruling: &Arc<Ruling>) -> Result<bool, RefreshError> {
        let newest = Snapshot::current_generation(&self.index_dir)?;
        let previous = self.current.load_full();
        let known = previous.as_ref().map(|index| index.snapshot().manifest.generation);
        if newest.is_none() || newest == known {
            return Ok(false);
        }
        let snapshot = Snapshot::open_current(&self.index_dir)?;
        let index = Arc::new(SearchIndex::open_ruled(snapshot, Arc::clone(ruling), previous.as_deref())?);
        // The first one after the start is warmed when it serves already: a slow answer is better than none.
        if previous.is_some() {
            index.warm();
        }
        let (shown, generation) = (index.totals(), index.snapshot().manifest.generation);
        tracing::info!(
            index.generation = generation,
            index.videos = shown.videos,
            index.channels = shown.channels,
            index.playlists = shown.playlists,
            index.events = shown.events,
            index.groups = shown.groups,
            "serving generation {generation}"
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
        let refusal = if self.is_undecided.load(Ordering::Relaxed) { Refusal::Undecided } else { Refusal::NotReady };
        self.current.load_full().ok_or(refusal)
    }

    /// What must be in force; the generation in use follows within a poll.
    pub(crate) fn ruling(&self) -> Arc<Ruling> {
        self.ruling.load_full()
    }

    /// Counts what the generation in use hides, before anybody asks; see [`SearchIndex::hidden_counts`].
    pub(crate) fn count_hidden(&self) {
        let counted = self.current.load_full().map(|index| index.hidden_counts());
        if let Some(Err(error)) = counted {
            tracing::warn!("counting what is hidden: {error}");
        }
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
