//! The one writer of the index: follows the journal and publishes generations.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use journal::{Entry, Offset, Reader};

use crate::change::prepare;
use crate::error::Error;
use crate::feed::feed;
use crate::generation;
use crate::inclusion::Inclusion;
use crate::layout::Layout;
use crate::live::{LiveIndex, Unusable};
use crate::snapshot::{Manifest, Snapshot};
use crate::{durable, schema};

/// What an operator may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Generations that stay on the disk, the current one included. A reader that is this many publications late
    /// opens the newest one instead.
    pub n_generations: usize,
    /// How long [`Indexer::follow`] gathers entries before it commits and publishes.
    pub commit_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { n_generations: 3, commit_interval: Duration::from_secs(2) }
    }
}

/// How far the index is. Told after every commit, and returned at the end.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    /// The journal offset that the index reflects.
    pub offset: Offset,
    /// The last offset of the journal when the run began.
    pub target: Offset,
    /// Journal entries applied by this run.
    pub n_entries: u64,
    /// The generation that this run published last.
    pub generation: Option<u64>,
    /// Why the index is made anew, when it is.
    pub rebuilding: Option<String>,
}

/// Called after every commit, on any thread.
pub type OnProgress<'a> = &'a mut (dyn FnMut(&Progress) + Send);

/// Owns the folder `index/` for writing. Blocking: callers give it a thread.
///
/// After an error the indexer should be dropped and opened again: it goes on from its last commit, and applying
/// entries twice gives the same documents.
pub struct Indexer {
    layout: Layout,
    options: Options,
    inclusion: Inclusion,
    live: Live,
    /// Held by the operating system until this process ends, however it ends.
    _lock: File,
}

enum Live {
    Ready(Box<LiveIndex>),
    /// Must be rebuilt; the reason.
    Unusable(String),
    /// Being replaced.
    Closed,
}

impl Indexer {
    /// Opens or creates the index in `index_dir`, verifies its checksums and removes what a killed process left.
    ///
    /// An index of another schema version, or a damaged one, is only noted here; the next
    /// [`Indexer::catch_up`] rebuilds it from the journal while the published generation stays.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process, or another `Indexer`, has it open; [`Error::Io`].
    pub fn open(index_dir: &Path, options: Options) -> Result<Self, Error> {
        Self::open_with(index_dir, options, Inclusion::everything())
    }

    /// As [`Indexer::open`], for an index that leaves out what the rules do not show. An index that was made by other rules, or by
    /// none, is rebuilt like a damaged one.
    ///
    /// Rules decide here what is stored, for the sake of space; what is shown is decided where the index is read. What depends
    /// on other documents, such as floods, is decided only there.
    ///
    /// # Errors
    /// As [`Indexer::open`].
    pub fn open_with(index_dir: &Path, options: Options, inclusion: Inclusion) -> Result<Self, Error> {
        let inclusion = inclusion.lasting();
        let layout = Layout::new(index_dir);
        let generations = layout.generations();
        fs::create_dir_all(&generations).map_err(Error::io("creating", &generations))?;
        let lock = lock(&layout)?;
        recover_swap(&layout)?;
        generation::remove_unfinished(&layout)?;
        let live_dir = layout.live();
        let live = if live_dir.exists() {
            match LiveIndex::open(&live_dir, &inclusion)? {
                Ok(live) => Live::Ready(Box::new(live)),
                Err(Unusable(reason)) => Live::Unusable(reason),
            }
        } else if layout.current().exists() {
            // An empty index would be published in the place of a full one while it fills.
            Live::Unusable("it is missing".to_owned())
        } else {
            Live::Ready(Box::new(LiveIndex::create(&live_dir, &inclusion)?))
        };
        Ok(Self { layout, options, inclusion, live, _lock: lock })
    }

    /// The journal offset of the last commit; zero for an index that must be rebuilt.
    pub fn offset(&self) -> Offset {
        match &self.live {
            Live::Ready(live) => live.committed(),
            Live::Unusable(_) | Live::Closed => Offset::ZERO,
        }
    }

    /// Why the index will be rebuilt by the next [`Indexer::catch_up`]; `None` when it will not.
    pub fn rebuild_reason(&self) -> Option<&str> {
        match &self.live {
            Live::Unusable(reason) => Some(reason),
            Live::Ready(_) | Live::Closed => None,
        }
    }

    /// Applies every entry of the journal that the index does not reflect yet, commits and publishes.
    ///
    /// # Errors
    /// Any [`Error`] but [`Error::RebuildNeeded`].
    pub fn catch_up(&mut self, reader: &Reader) -> Result<Progress, Error> {
        self.catch_up_until(reader, &AtomicBool::new(false), &mut |_| {})
    }

    /// As [`Indexer::catch_up`]; ends early, with what was read committed and published, once `stop` is set. A rebuild
    /// that is stopped leaves the old index and begins again next time.
    ///
    /// # Errors
    /// As [`Indexer::catch_up`].
    pub fn catch_up_until(
        &mut self,
        reader: &Reader,
        stop: &AtomicBool,
        on_progress: OnProgress<'_>,
    ) -> Result<Progress, Error> {
        let mut progress = self.feed_until(reader, stop, on_progress)?;
        // Unless it was stopped, the whole journal was read, also where its last rows were erased and have no offset any more.
        let fed_through = if stop.load(Ordering::Relaxed) { Offset::ZERO } else { progress.target };
        if self.expunge_is_due(fed_through) {
            progress.generation = Some(self.expunge()?);
            on_progress(&progress);
        }
        Ok(progress)
    }

    fn feed_until(
        &mut self,
        reader: &Reader,
        stop: &AtomicBool,
        on_progress: OnProgress<'_>,
    ) -> Result<Progress, Error> {
        let target = reader.last_offset()?;
        let Self { layout, options, live, .. } = self;
        let live = match live {
            Live::Ready(live) if live.committed() <= target => live,
            Live::Ready(live) => {
                let reason = format!("it is at offset {}, the journal only at {target}", live.committed());
                return self.rebuild_because(reason, reader, stop, on_progress);
            }
            Live::Unusable(reason) => {
                let reason = reason.clone();
                return self.rebuild_because(reason, reader, stop, on_progress);
            }
            Live::Closed => {
                return self.rebuild_because("it was closed by an error".to_owned(), reader, stop, on_progress);
            }
        };
        let mut progress = Progress { offset: live.committed(), target, ..Progress::default() };
        feed(live, reader, stop, &mut |live: &LiveIndex, n_entries: u64| {
            progress.offset = live.committed();
            progress.n_entries += n_entries;
            progress.generation = publish(layout, options, live)?.or(progress.generation);
            on_progress(&progress);
            Ok(())
        })?;
        // Nothing new may still be unpublished: before the first entry, or after a crash between commit and publish.
        progress.generation = publish(layout, options, live)?.or(progress.generation);
        Ok(progress)
    }

    /// Makes the index anew from the whole journal, beside the old one, and changes them over at the end. The old
    /// generation is served meanwhile, and a crash or a stop at any point leaves the old index.
    ///
    /// # Errors
    /// As [`Indexer::catch_up`].
    pub fn rebuild(
        &mut self,
        reader: &Reader,
        stop: &AtomicBool,
        on_progress: OnProgress<'_>,
    ) -> Result<Progress, Error> {
        self.rebuild_because("asked for".to_owned(), reader, stop, on_progress)
    }

    /// Follows the journal until `stop` is set: catches up, publishes, and waits [`Options::commit_interval`]. Ends
    /// within a second of `stop`, apart from a commit that is under way.
    ///
    /// # Errors
    /// As [`Indexer::catch_up`].
    pub fn follow(&mut self, reader: &Reader, stop: &AtomicBool, on_progress: OnProgress<'_>) -> Result<(), Error> {
        while !stop.load(Ordering::Relaxed) {
            let begun = Instant::now();
            if reader.last_offset()? != self.offset()
                || self.rebuild_reason().is_some()
                || self.expunge_is_due(Offset::ZERO)
            {
                self.catch_up_until(reader, stop, on_progress)?;
            }
            while begun.elapsed() < self.options.commit_interval && !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(50).min(self.options.commit_interval));
            }
        }
        Ok(())
    }

    /// Whether somebody asked by [`crate::expunge::request`] and the index has come as far as was asked for.
    fn expunge_is_due(&self, fed_through: Offset) -> bool {
        let asked = crate::expunge::requested(self.layout.root());
        asked.is_some_and(
            |through| matches!(&self.live, Live::Ready(live) if live.committed().max(fed_through) >= through),
        )
    }

    /// Takes deleted documents out of the files, publishes, and leaves no older generation behind. Returns the number of
    /// the generation.
    fn expunge(&mut self) -> Result<u64, Error> {
        let Live::Ready(live) = &mut self.live else {
            return Err(Error::RebuildNeeded { reason: "it is not open".to_owned() });
        };
        live.expunge()?;
        let manifest = publish_always(&self.layout, &self.options, live)?;
        generation::collect(&self.layout, 1)?;
        crate::expunge::done(self.layout.root())?;
        tracing::info!(generation = manifest.generation, "deleted documents left the files of the index");
        Ok(manifest.generation)
    }

    /// Applies entries that are at hand, commits and publishes: for tests and tools that have no journal file.
    /// Offsets must increase from call to call.
    ///
    /// # Errors
    /// [`Error::RebuildNeeded`] when the index cannot be written on; otherwise as [`Indexer::catch_up`].
    pub fn apply(&mut self, entries: &[(Offset, Entry)]) -> Result<Manifest, Error> {
        let live = match &mut self.live {
            Live::Ready(live) => live,
            Live::Unusable(reason) => return Err(Error::RebuildNeeded { reason: reason.clone() }),
            Live::Closed => return Err(Error::RebuildNeeded { reason: "it was closed by an error".to_owned() }),
        };
        if !entries.is_empty() {
            let batch = prepare(&live.fields, live.inclusion(), entries)?;
            let through = batch.through;
            live.apply(batch)?;
            live.commit(through)?;
        }
        publish_always(&self.layout, &self.options, live)
    }

    fn rebuild_because(
        &mut self,
        reason: String,
        reader: &Reader,
        stop: &AtomicBool,
        on_progress: OnProgress<'_>,
    ) -> Result<Progress, Error> {
        tracing::warn!(schema_version = schema::SCHEMA_VERSION, "rebuilding the index from the journal: {reason}");
        let target = reader.last_offset()?;
        let mut progress = Progress { target, rebuilding: Some(reason), ..Progress::default() };
        let rebuild_dir = self.layout.rebuild();
        let mut fresh = LiveIndex::create_for_rebuild(&rebuild_dir, &self.inclusion)?;
        feed(&mut fresh, reader, stop, &mut |live: &LiveIndex, n_entries: u64| {
            progress.offset = live.committed();
            progress.n_entries += n_entries;
            on_progress(&progress);
            Ok(())
        })?;
        if !stop.load(Ordering::Relaxed) {
            fresh.merge_all()?;
        }
        fresh.close()?;
        if stop.load(Ordering::Relaxed) {
            durable::remove_dir(&rebuild_dir).map_err(Error::io("removing", rebuild_dir))?;
            return Ok(progress);
        }
        if let Live::Ready(old) = std::mem::replace(&mut self.live, Live::Closed) {
            old.close()?;
        }
        swap(&self.layout)?;
        let live = match LiveIndex::open(&self.layout.live(), &self.inclusion)? {
            Ok(live) => live,
            Err(Unusable(reason)) => return Err(Error::RebuildNeeded { reason }),
        };
        let manifest = publish_always(&self.layout, &self.options, &live)?;
        self.live = Live::Ready(Box::new(live));
        progress.generation = Some(manifest.generation);
        on_progress(&progress);
        Ok(progress)
    }
}

fn lock(layout: &Layout) -> Result<File, Error> {
    let path = layout.lock();
    let file = File::create(&path).map_err(Error::io("creating", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path: layout.root().to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::Io { action: "locking", path, source }),
    }
}

/// Publishes unless the current generation says the same already.
fn publish(layout: &Layout, options: &Options, live: &LiveIndex) -> Result<Option<u64>, Error> {
    // One that cannot be opened is replaced.
    if let Ok(current) = Snapshot::open_current(layout.root())
        && current.manifest.journal_offset == live.committed().0
    {
        return Ok(None);
    }
    publish_always(layout, options, live).map(|manifest| Some(manifest.generation))
}

fn publish_always(layout: &Layout, options: &Options, live: &LiveIndex) -> Result<Manifest, Error> {
    let begun = Instant::now();
    let manifest = generation::publish(layout, live, Timestamp::now())?;
    generation::collect(layout, options.n_generations)?;
    let Manifest { generation, journal_offset, n_videos, n_channels, n_playlists, n_events, n_groups, .. } = manifest;
    let duration_ms = begun.elapsed().as_millis() as u64;
    tracing::info!(
        generation,
        journal_offset,
        n_videos,
        n_channels,
        n_playlists,
        n_events,
        n_groups,
        duration_ms,
        "published generation {generation} with {n_videos} videos, {n_channels} channels, {n_playlists} playlists, {n_events} events, \
         {n_groups} groups"
    );
    Ok(manifest)
}

/// Puts the rebuilt index in the place of the live one. A crash leaves one of the two whole, see [`recover_swap`].
fn swap(layout: &Layout) -> Result<(), Error> {
    let (live, rebuild, retired) = (layout.live(), layout.rebuild(), layout.retired());
    if live.exists() {
        durable::rename(&live, &retired).map_err(Error::io("renaming", &live))?;
    }
    durable::rename(&rebuild, &live).map_err(Error::io("renaming", &rebuild))?;
    durable::remove_dir(&retired).map_err(Error::io("removing", retired))
}

/// Undoes a swap that stopped in the middle, and removes what a finished one or a stopped rebuild left.
fn recover_swap(layout: &Layout) -> Result<(), Error> {
    let (live, rebuild, retired) = (layout.live(), layout.rebuild(), layout.retired());
    if retired.exists() && !live.exists() {
        durable::rename(&retired, &live).map_err(Error::io("renaming", &retired))?;
    }
    durable::remove_dir(&retired).map_err(Error::io("removing", retired))?;
    durable::remove_dir(&rebuild).map_err(Error::io("removing", rebuild))
}
