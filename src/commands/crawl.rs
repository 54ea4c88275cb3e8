//! `vigie crawl`, and what it shares with `up` and `demo`.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allowlist::Host;
use allowlist::list::InstanceList;
use allowlist::registry::Registry;
use anyhow::Context;
use crawler::net::ImageClient;
use crawler::{Crawler, CrawlerConfig, Mode, Progress, Seed};
use futures_util::future::OptionFuture;
use indicatif::{ProgressBar, ProgressStyle};
use journal::Journal;
use tokio::signal::unix::Signal;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::commands::{Unusable, service};
use crate::config::Config;
use crate::data::DataDir;
use crate::directory::Keeper;
use crate::erasure::Erasure;
use crate::refresh::Refresher;
use crate::rulings::Follower;
use crate::{allowed, delist, forgotten, keep_out};

/// How often the lists are read again although none of their files looks changed.
const RELOAD: Duration = Duration::from_secs(60);

/// Time between two looks at the files of the lists, which cost a few system calls.
const WATCH: Duration = Duration::from_secs(1);

/// Time between two tries to forget somebody.
const FORGET_RETRY: Duration = Duration::from_secs(60);

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
    /// What the files of the lists looked like when they were last read.
    seen: Option<allowed::Fingerprint>,
    /// After a failure.
    forget_not_before: Option<Instant>,
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
        let seen = allowed::fingerprint(config, data);
        let list = allowed::list(config, data).map_err(|error| Unusable(format!("{error:#}")))?;
        data.create()?;
        let lock = data.lock_crawler()?;
        for warning in forgotten::exposed(data) {
            tracing::warn!("{warning}");
        }
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
            seen: Some(seen),
            forget_not_before: None,
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

    /// The guarded client, for hosts that are not listed yet.
    pub fn client(&self) -> crawler::net::Client {
        self.crawler.client().clone()
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
            self.hide().await;
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
        let refreshing = (mode == Mode::Continuous).then(|| {
            let refresher = Refresher::new(&self.config, &self.data, self.crawler.client().clone());
            tokio::spawn(refresher.run(stop.clone()))
        });
        let mut hangups = service::hangups()?;
        let crawler = Arc::clone(&self.crawler);
        let result = loop {
            let visiting = shutdown.child_token();
            let crawling = crawler.run(visiting.clone(), mode, |progress| {
                changed.notify_one();
                on_progress(progress);
            });
            tokio::pin!(crawling);
            tokio::select! {
                result = &mut crawling => break result.context("crawling"),
                () = self.watch(&lists, &changed, &mut hangups) => {}
            }
            // Somebody is to be forgotten: nobody is visited meanwhile, so that nothing of them is in memory.
            visiting.cancel();
            if let Err(error) = crawling.await {
                break Err(error).context("crawling");
            }
            if let Err(error) = self.forget(&shutdown).await {
                tracing::error!("forgetting somebody: {error:#}; it is tried again in a minute");
                self.forget_not_before = Some(Instant::now() + FORGET_RETRY);
            }
        };
        stop.cancel();
        let tasks = [("telling of the instances", Some(keeping)), ("following what was decided", Some(following))];
        for (what, task) in tasks.into_iter().chain([("reading directories", refreshing)]) {
            if let Some(Err(error)) = OptionFuture::from(task).await {
                tracing::error!("{what} ended by a panic; this is a defect of the program: {error}");
            }
        }
        result
    }

    /// Follows the lists; returns when somebody is to be forgotten. A change of a file is seen within a second or two, and
    /// a hangup signal asks for a look at once.
    async fn watch(&mut self, lists: &watch::Sender<InstanceList>, changed: &Notify, hangups: &mut Signal) {
        let mut looked = Instant::now();
        loop {
            if forgotten::has_pending(&self.data) && self.forget_not_before.is_none_or(|time| Instant::now() > time) {
                return;
            }
            let is_asked = tokio::select! {
                Some(()) = hangups.recv() => true,
                () = tokio::time::sleep(WATCH) => false,
            };
            let seen = allowed::fingerprint(&self.config, &self.data);
            if !is_asked && self.seen.as_ref() == Some(&seen) && looked.elapsed() < RELOAD {
                continue;
            }
            looked = Instant::now();
            self.seen = Some(seen);
            self.reload().await;
            if *lists.borrow() != self.list {
                lists.send_replace(self.list.clone());
                changed.notify_one();
            }
        }
    }

    /// Erases whoever is to be forgotten.
    async fn forget(&mut self, shutdown: &CancellationToken) -> anyhow::Result<()> {
        // Before anybody is visited again, whenever the registry is looked at next.
        let registry = Registry::open(&self.data.registry())?;
        self.crawler.set_keep_out(keep_out::of(&registry, forgotten::load(&self.data, &registry)?)?);
        let options = super::index::options(&self.config)?;
        let erasure = Erasure { config: &self.config, data: &self.data, writer: self.journal.writer(), options };
        for target in forgotten::pending(&self.data)? {
            erasure.run(&target, shutdown).await?;
        }
        // An instance that was forgotten is in no list any more.
        self.seen = None;
        Ok(())
    }

    /// Reads the lists again; what cannot be read leaves the lists in force. What left them is hidden first, then not
    /// visited any more, then removed.
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
        self.hide().await;
        if let Err(error) = self.crawler.set_instances(seeds(&self.list, &self.only)) {
            tracing::error!("taking the changed lists: {error}");
        }
        if let Err(error) = delist::apply(&self.list, &self.journal, &self.crawler).await {
            tracing::error!("removing instances that left the lists: {error:#}");
        }
    }

    /// Hides the instances that left the lists.
    async fn hide(&self) {
        let (data, list) = (self.data.clone(), self.list.clone());
        let hiding = tokio::task::spawn_blocking(move || delist::publish(&data, &list));
        if let Err(error) = hiding.await.map_err(anyhow::Error::from).flatten() {
            tracing::error!("hiding instances that left the lists: {error:#}");
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
