//! Erasing somebody: from answers first, then from every file. Each step may be repeated, so a killed process goes on where
//! it was when it is told again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use allowlist::moderation::Target;
use allowlist::registry::Registry;
use allowlist::registry::forgotten::Named;
use allowlist::{Host, edit};
use anyhow::{Context, bail};
use indexer::inclusion::Inclusion;
use indexer::{Indexer, Options, expunge};
use jiff::Timestamp;
use journal::{Body, Entry, Found, Kind, Offset, Reader, Record, RecordId, TombstoneReason, Writer};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::data::DataDir;
use crate::{allowed, delist, directory, forgotten, rules};

/// Tombstones of one append.
const BATCH: usize = 1000;

/// Time between two looks whether the index has let go.
const PAUSE: Duration = Duration::from_millis(100);

/// What an erasure needs. Nobody may be visited while it runs, and whoever is erased must be kept out by
/// [`Registry::keep_out`] before.
pub struct Erasure<'a> {
    pub config: &'a Config,
    pub data: &'a DataDir,
    pub writer: Writer,
    pub options: Options,
}

impl Erasure<'_> {
    /// Erases a target and takes it off the list of those who wait. Returns how many rows left the journal.
    ///
    /// # Errors
    /// When a file cannot be read or written, or `shutdown` came first; what was done stays done.
    pub async fn run(&self, target: &Target, shutdown: &CancellationToken) -> anyhow::Result<usize> {
        let (data, wanted) = (self.data.clone(), target.clone());
        let found = tokio::task::spawn_blocking(move || find(&data, &wanted)).await??;
        // Hidden first: the index drops the documents within seconds.
        let now = Timestamp::now();
        for batch in found.keys.chunks(BATCH) {
            let tombstone = |id: &RecordId| {
                let body = Body::Tombstone { id: id.clone(), reason: TombstoneReason::Moderated };
                Entry { seen_at: now, body }
            };
            self.writer.append(batch.iter().map(tombstone).collect()).await?;
        }
        // While journal and crawler still know whose the channels are: a run that is cut short finds them again.
        let keys = needles(self.data, target, &found)?;
        // Only what every index has seen may lose its tombstone, or the decisions that hide it.
        self.settle_index(shutdown).await?;
        let (data, wanted) = (self.data.clone(), target.clone());
        tokio::task::spawn_blocking(move || erase_from_registry(&data, &wanted, keys)).await??;
        let host = match target {
            Target::Instance(host) => Some(host.clone()),
            _ => None,
        };
        let erased = self.writer.erase(found, host.clone()).await.context("erasing rows of the journal")?;
        if !erased.is_log_empty {
            tracing::warn!(
                "the journal's log could not be emptied: a process reads for long; it is emptied at the next stop"
            );
        }
        let (config, data, wanted) = (self.config.clone(), self.data.clone(), target.clone());
        tokio::task::spawn_blocking(move || erase_elsewhere(&config, &data, &wanted, host)).await??;
        forgotten::drop_pending(self.data, target)?;
        tracing::info!(rows = erased.n_rows, "somebody was forgotten: {} rows left the journal", erased.n_rows);
        Ok(erased.n_rows)
    }

    /// Returns when the index has applied the journal to its end and what was deleted has left its files. Does it here
    /// where no other process writes the index.
    async fn settle_index(&self, shutdown: &CancellationToken) -> anyhow::Result<()> {
        let index_dir = self.data.index();
        if !index_dir.join("CURRENT").exists() && !index_dir.join("live").exists() {
            return Ok(());
        }
        let last = Reader::open(&self.data.journal())?.last_offset()?;
        expunge::request(&index_dir, last)?;
        let (config, data) = (self.config.clone(), self.data.clone());
        // Under the rules in force: an index that is made anew here holds no more than they show.
        let inclusion = tokio::task::spawn_blocking(move || rules::load(&config, &data)).await??;
        while expunge::requested(&index_dir).is_some() {
            if shutdown.is_cancelled() {
                bail!("stopped before the index let go; it goes on at the next start");
            }
            let (index_dir, journal, options) = (index_dir.clone(), self.data.journal(), self.options);
            let inclusion = inclusion.clone();
            let indexing =
                tokio::task::spawn_blocking(move || index_here(&index_dir, &journal, options, inclusion, last));
            if !indexing.await?? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}

/// Brings the index up to date if nobody else writes it; whether it was done.
fn index_here(
    index_dir: &std::path::Path,
    journal: &std::path::Path,
    options: Options,
    inclusion: Inclusion,
    last: Offset,
) -> anyhow::Result<bool> {
    let mut indexer = match Indexer::open_with(index_dir, options, inclusion) {
        Ok(indexer) => indexer,
        Err(indexer::Error::Locked { .. }) => return Ok(false),
        Err(error) => return Err(error).context("opening the index"),
    };
    indexer.catch_up(&Reader::open(journal)?).context("indexing")?;
    if expunge::requested(index_dir).is_some_and(|through| through > last) {
        bail!("the index cannot come to offset {last}");
    }
    Ok(true)
}

/// Everything of a target in the journal, also where only a tombstone is left.
pub fn find(data: &DataDir, target: &Target) -> anyhow::Result<Found> {
    if !data.journal().exists() {
        return Ok(Found::default());
    }
    let reader = Reader::open(&data.journal())?;
    if let Target::Instance(host) = target {
        return Ok(Found { keys: reader.keys_of_host(host)?, rows: Vec::new() });
    }
    let mut targets = BTreeSet::from([target.clone()]);
    let mut keys = BTreeSet::new();
    for channel in owned_channels(data, target)? {
        keys.insert(RecordId::channel(channel.1.clone(), &channel.0));
        targets.insert(Target::Channel(format!("{}@{}", channel.0, channel.1)));
    }
    match target {
        Target::Channel(handle) => keys.extend(key(handle, Kind::Channel)),
        Target::Group(handle) => keys.extend(key(handle, Kind::Group)),
        _ => {}
    }
    let is_about = |record: &Record| record.targets().iter().any(|of| targets.contains(of));
    let mut found = reader.find(is_about)?;
    keys.extend(found.keys);
    found.keys = Vec::new();
    for id in keys {
        // Somebody may have taken over the name of a channel that the crawler remembers.
        if reader.get(&id)?.is_some() {
            found.keys.push(id);
        }
    }
    Ok(found)
}

/// The channels of an account, as the crawler knows them: a tombstone of one does not tell whose it was.
fn owned_channels(data: &DataDir, target: &Target) -> anyhow::Result<Vec<(String, Host)>> {
    let (Target::Account(handle), true) = (target, data.crawler_state().exists()) else { return Ok(Vec::new()) };
    let Some(host) = handle.split_once('@').and_then(|(_, host)| host.parse::<Host>().ok()) else {
        return Ok(Vec::new());
    };
    let channels = crawler::channels_of(&data.crawler_state(), target)?;
    Ok(channels.into_iter().map(|name| (name, host.clone())).collect())
}

fn key(handle: &str, kind: Kind) -> Option<RecordId> {
    let (name, host) = handle.split_once('@')?;
    Some(RecordId { kind, host: host.parse().ok()?, id: name.to_lowercase() })
}

/// What names somebody besides their own name: the keys of their documents, and the channels that they own.
fn needles(data: &DataDir, target: &Target, found: &Found) -> anyhow::Result<Vec<String>> {
    // Every key of an instance holds its name.
    if matches!(target, Target::Instance(_)) {
        return Ok(Vec::new());
    }
    let mut needles: Vec<String> = found.keys.iter().map(ToString::to_string).collect();
    let channels = found.keys.iter().filter(|id| id.kind == Kind::Channel || id.kind == Kind::Group);
    needles.extend(channels.map(|id| format!("{}@{}", id.id, id.host)));
    needles.extend(owned_channels(data, target)?.into_iter().map(|(name, host)| format!("{name}@{host}")));
    needles.sort_unstable();
    needles.dedup();
    Ok(needles)
}

/// Decisions, submissions, reports and the audit log.
fn erase_from_registry(data: &DataDir, target: &Target, keys: Vec<String>) -> anyhow::Result<()> {
    let registry = Registry::open(&data.registry())?;
    let key = forgotten::key_or_new(data)?;
    let named = Named { hash: key.hash(target), label: key.label(target), target: target.clone(), keys };
    registry.forget(&named).context("erasing rows of the registry").map(drop)
}

/// Crawler state and lists.
fn erase_elsewhere(config: &Config, data: &DataDir, target: &Target, host: Option<Host>) -> anyhow::Result<()> {
    if data.crawler_state().exists() {
        crawler::forget_in_state(&data.crawler_state(), target).context("erasing rows of the crawler's state")?;
    }
    if let Some(host) = &host {
        for path in lists(data)? {
            erase_from_list(&path, host)?;
        }
    }
    if !data.index().exists() {
        return Ok(());
    }
    let list = allowed::list(config, data)?;
    delist::publish(data, &list)?;
    if host.is_some() {
        let reports = match data.crawler_state().exists() {
            true => crawler::read_reports(&data.crawler_state(), Timestamp::now())?,
            false => Vec::new(),
        };
        let file = indexer::directory::DirectoryFile::new(Timestamp::now(), directory::statuses(&list, reports));
        indexer::directory::write(&data.index(), &file)?;
    }
    Ok(())
}

/// The lists that the program itself writes. Those of the operator are theirs to change.
fn lists(data: &DataDir) -> anyhow::Result<Vec<PathBuf>> {
    let mut lists = allowed::directory_copies(data)?;
    lists.extend([data.own_list(), data.accepted_list()].into_iter().filter(|path| path.exists()));
    Ok(lists)
}

fn erase_from_list(path: &std::path::Path, host: &Host) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading instance list `{}`", path.display()))?;
    let without = edit::forget(&path.display().to_string(), &text, host)?;
    if without == text { Ok(()) } else { allowed::replace(path, &without) }
}
