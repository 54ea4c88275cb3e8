//! `vigie crawl`, and what it shares with `up` and `demo`.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use allowlist::Host;
use allowlist::list::InstanceList;
use anyhow::Context;
use crawler::net::ImageClient;
use crawler::{Crawler, CrawlerConfig, Mode, Progress, Seed};
use indicatif::{ProgressBar, ProgressStyle};
use journal::Journal;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::commands::{Unusable, service};
use crate::config::Config;
use crate::data::DataDir;
use crate::directory::Keeper;
use crate::rulings::Follower;
use crate::{allowed, delist};

/// How often the lists are read again.
const RELOAD: Duration = Duration::from_secs(60);

/// Runs `vigie crawl` until it is told to end, or with `once` until every instance was read.
///
/// # Errors
/// When the configuration or the data directory cannot be used, or a host is not listed.
pub fn run(config: &Config, once: bool, hosts: &[Host]) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    service::runtime()?.block_on(async {
        let shutdown = service::shutdown_on_signal()?;
        let mut crawl = Crawl::open(config, &data)?;
        crawl.restrict(hosts)?;
        eprintln!("vigie: {} instances may be visited", crawl.n_instances());
        let mode = if once { Mode::Once } else { Mode::Continuous };
        let bar = bar();
        let on_progress = {
            let bar = bar.clone();
            move |progress: Progress| show(&bar, &progress)
        };
        let result = crawl.run(mode, shutdown, on_progress).await;
        bar.finish_and_clear();
        let stats = journal::Reader::open(&data.journal())?.stats()?;
        eprintln!("vigie: the journal holds {} records, up to offset {}", stats.n_records, stats.last);
        result
    })
}

/// A crawl with everything that it holds open.
pub struct Crawl {
    config: Config,
    data: DataDir,
    crawler: Arc<Crawler>,
    journal: Journal,
    list: InstanceList,
    only: BTreeSet<Host>,
    _lock: File,
}

impl Crawl {
    /// Opens the data directory for crawling and reads the lists.
    ///
    /// # Errors
    /// When another process crawls into it, or something of it or of the configuration cannot be used.
    pub fn open(config: &Config, data: &DataDir) -> anyhow::Result<Self> {
        // What the operator can mend comes first, before anything is made on disk.
        let network = service::network(config)?;
        let list = allowed::list(config, data).map_err(|error| Unusable(format!("{error:#}")))?;
        data.create()?;
        let lock = data.lock_crawler()?;
        let journal = Journal::open(&data.journal())?;
        let interval = |setting: &str, value: jiff::SignedDuration| {
            Duration::try_from(value).map_err(|_| Unusable(format!("{setting} must not be negative")))
        };
        let mut settings = CrawlerConfig::new(network);
        settings.schedule.poll_min = interval("crawler.poll_min", config.crawler.poll_min)?;
        settings.schedule.poll_max = interval("crawler.poll_max", config.crawler.poll_max)?;
        settings.schedule.sweep = interval("crawler.sweep_interval", config.crawler.sweep_interval)?;
        let crawler = Arc::new(Crawler::open(settings, &data.crawler_state(), &journal)?);
        let crawl = Self {
            config: config.clone(),
            data: data.clone(),
            crawler,
            journal,
            list,
            only: BTreeSet::new(),
            _lock: lock,
        };
        crawl.crawler.set_instances(seeds(&crawl.list, &crawl.only))?;
        Ok(crawl)
    }

    /// Visits only these hosts; all when none is given.
    ///
    /// # Errors
    /// [`Unusable`] when one of them is not listed.
    pub fn restrict(&mut self, hosts: &[Host]) -> anyhow::Result<()> {
        if let Some(host) = hosts.iter().find(|host| !self.list.contains(host)) {
            return Err(Unusable(format!("`{host}` is not listed; add it with `vigie instances add {host}`")).into());
        }
        self.only = hosts.iter().cloned().collect();
        self.crawler.set_instances(seeds(&self.list, &self.only))?;
        Ok(())
    }

    /// The instances that may be visited.
    pub fn n_instances(&self) -> usize {
        if self.only.is_empty() { self.list.len() } else { self.only.len() }
    }

    /// The door for pictures.
    pub fn images(&self) -> ImageClient {
        self.crawler.images()
    }

    /// Crawls until `shutdown`, or in [`Mode::Once`] until every instance was read; reads the lists again now and then.
    ///
    /// # Errors
    /// When journal or state can no longer be written.
    pub async fn run(
        mut self,
        mode: Mode,
        shutdown: CancellationToken,
        on_progress: impl Fn(Progress) + Send + Sync,
    ) -> anyhow::Result<()> {
        let mut follower = Follower::open(&self.data, Arc::clone(&self.crawler), &self.journal)?;
        follower.follow().await.context("taking over what moderators decided")?;
        if self.only.is_empty() {
            delist::apply(&self.list, &self.journal, &self.crawler).await?;
        }
        let changed = Arc::new(Notify::new());
        let (lists, list) = watch::channel(self.list.clone());
        let keeper = Keeper {
            crawler: Arc::clone(&self.crawler),
            index_dir: self.data.index(),
            list,
            changed: Arc::clone(&changed),
        };
        let stop = CancellationToken::new();
        let keeping = tokio::spawn(keeper.run(stop.clone()));
        let following = tokio::spawn(follower.run(stop.clone()));
        let crawler = Arc::clone(&self.crawler);
        let crawling = crawler.run(shutdown, mode, |progress| {
            changed.notify_one();
            on_progress(progress);
        });
        tokio::pin!(crawling);
        let result = loop {
            tokio::select! {
                result = &mut crawling => break result.context("crawling"),
                () = tokio::time::sleep(RELOAD) => {
                    self.reload().await;
                    if *lists.borrow() != self.list {
                        lists.send_replace(self.list.clone());
                        changed.notify_one();
                    }
                }
            }
        };
        stop.cancel();
        if let Err(error) = keeping.await {
            tracing::error!("telling of the instances ended by a panic; this is a defect of the program: {error}");
        }
        if let Err(error) = following.await {
            tracing::error!("following what was decided ended by a panic; this is a defect of the program: {error}");
        }
        result
    }

    /// Reads the lists again; what cannot be read leaves the lists in force.
    async fn reload(&mut self) {
        let list = match allowed::list(&self.config, &self.data) {
            Ok(list) if list == self.list => return,
            Ok(list) => list,
            Err(error) => {
                tracing::error!("reading the instance lists again: {error:#}; the lists of before stay in force");
                return;
            }
        };
        tracing::info!("the lists changed: {} instances may be visited", list.len());
        self.list = list;
        if let Err(error) = self.crawler.set_instances(seeds(&self.list, &self.only)) {
            tracing::error!("taking the changed lists: {error}");
        }
        if let Err(error) = delist::apply(&self.list, &self.journal, &self.crawler).await {
            tracing::error!("removing instances that left the lists: {error:#}");
        }
    }
}

fn seeds(list: &InstanceList, only: &BTreeSet<Host>) -> Vec<Seed> {
    list.iter()
        .filter(|instance| only.is_empty() || only.contains(&instance.host))
        .map(|instance| Seed { host: instance.host.clone(), kind: instance.kind, crawl_delay: instance.crawl_delay })
        .collect()
}

/// Progress of a service, for people who debug one: its log tells the rest.
pub fn log_progress(progress: &Progress) {
    tracing::debug!(
        instance.host = %progress.host,
        n_settled = progress.n_settled,
        n_hosts = progress.n_hosts,
        "{}: {}; {} of {} instances have nothing left to do now",
        progress.host,
        progress.doing,
        progress.n_settled,
        progress.n_hosts
    );
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} instances done; {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.n_hosts as u64);
    bar.set_position(progress.n_settled as u64);
    let claimed = progress.claimed_total.map(|total| format!(" of {total}")).unwrap_or_default();
    bar.set_message(format!("{}: {}, {}{claimed} videos", progress.host, progress.doing, progress.n_records));
}
