//! What people decide while the crawler runs reaches it within a second or two: what is purged stays out and goes, and the
//! servers are told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use allowlist::registry::Registry;
use crawler::Crawler;
use jiff::Timestamp;
use journal::Journal;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::data::DataDir;
use crate::{allowed, delist, forgotten, keep_out, purge};

/// Time between two looks whether anything was decided: one small query each.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells those who serve the index again what is decided and what left the lists: the file beside the index may have gone with
/// an index that was deleted. Does nothing where nobody ever decided anything.
///
/// # Errors
/// When the registry cannot be read, or the file not be written.
pub fn publish(config: &Config, data: &DataDir) -> anyhow::Result<()> {
    if !data.registry().exists() || !data.index().exists() {
        return Ok(());
    }
    match allowed::list(config, data) {
        Ok(list) => delist::publish(data, &list),
        Err(error) => {
            tracing::warn!("the lists cannot be read, so only decisions are told: {error:#}");
            Registry::open(&data.registry())?.publish_decisions(&data.index(), Timestamp::now())?;
            Ok(())
        }
    }
}

/// The task that follows the registry beside a crawl.
pub struct Follower {
    registry: Registry,
    crawler: Arc<Crawler>,
    writer: journal::Writer,
    journal: PathBuf,
    index_dir: PathBuf,
    data: DataDir,
    /// Of the registry when it was last taken over.
    revision: Option<u64>,
}

impl Follower {
    /// Opens the registry of a data directory.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(data: &DataDir, crawler: Arc<Crawler>, journal: &Journal) -> anyhow::Result<Self> {
        Ok(Self {
            registry: Registry::open(&data.registry())?,
            crawler,
            writer: journal.writer(),
            journal: data.journal(),
            index_dir: data.index(),
            data: data.clone(),
            revision: None,
        })
    }

    /// Takes over what was decided since the last call. The first call is due before anything is visited.
    ///
    /// # Errors
    /// When registry, journal or index directory cannot be read or written; then it is all done again by the next call.
    pub async fn follow(&mut self) -> anyhow::Result<()> {
        let registry = self.registry.clone();
        let revision = tokio::task::spawn_blocking(move || registry.revision()).await??;
        if self.revision == Some(revision) {
            return Ok(());
        }
        let (registry, index_dir, data) = (self.registry.clone(), self.index_dir.clone(), self.data.clone());
        let keep_out = tokio::task::spawn_blocking(move || {
            registry.publish_decisions(&index_dir, Timestamp::now())?;
            let forgotten = forgotten::load(&data, &registry)?;
            anyhow::Ok(keep_out::of(&registry, forgotten)?)
        });
        self.crawler.set_keep_out(keep_out.await??);
        self.crawler.settle().await;
        purge::apply(&self.registry, &self.writer, &self.journal, &self.index_dir).await?;
        self.revision = Some(revision);
        Ok(())
    }

    /// Follows until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut last_failure = None;
        while !stop.is_cancelled() {
            let failure = self.follow().await.err().map(|error| format!("{error:#}"));
            // Once, not every second for as long as it lasts.
            if let Some(reason) = failure.as_ref().filter(|_| failure != last_failure) {
                tracing::error!("following what was decided: {reason}");
            }
            last_failure = failure;
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}
