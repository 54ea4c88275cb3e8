//! Who is visited when: a heap of due hosts, a bound on visits at a time, one request a visit.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;
use journal::{Journal, TombstoneReason};
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::crawl::{Clock, Context, HostRun, Schedule, Task, Visit, visit};
use crate::error::{Error, ImageError};
use crate::keep_out::{Doorkeeper, KeepOut};
use crate::net::{Client, Image, ImageClient, NetworkConfig};
use crate::politeness::after;
use crate::report::{HostReport, report};
use crate::robots::Rules;
use crate::state::{StateDb, StoredHost};

/// A host that has to wait longer than this does not hold up a run over all hosts once.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(120);

/// Failures in a row after which a host does not hold up such a run, however short the waits.
const MAX_FAILURES_WHEN_ONCE: u32 = 3;

/// How long a host rests whose visit panicked.
const REST_AFTER_PANIC: Duration = Duration::from_secs(60 * 60);

/// What the crawler needs to know.
#[derive(Clone, Debug)]
pub struct CrawlerConfig {
    /// How requests leave this machine.
    pub network: NetworkConfig,
    /// How often things are looked at.
    pub schedule: Schedule,
    /// How long a run over all hosts once waits for one of them.
    pub patience: Duration,
    /// What time it is. A manual clock is for simulations: see [`Crawler::run_until`].
    pub clock: Clock,
}

impl CrawlerConfig {
    /// The defaults with this network.
    pub fn new(network: NetworkConfig) -> Self {
        Self { network, schedule: Schedule::default(), patience: DEFAULT_PATIENCE, clock: Clock::System }
    }
}

/// A host to visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Its name.
    pub host: Host,
    /// What it runs.
    pub kind: SourceKind,
    /// A longer delay than the default, as agreed with its admin.
    pub crawl_delay: Option<Duration>,
}

/// How long a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Until every host has been seen whole, or has failed.
    Once,
    /// Until it is stopped.
    Continuous,
}

/// What a visit came to, for a progress display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The host that was visited.
    pub host: Host,
    /// What was done there.
    pub doing: &'static str,
    /// Records that this visit wrote to the journal.
    pub n_journalled: usize,
    /// Live records of the host.
    pub n_records: u64,
    /// What the host claims to list.
    pub claimed_total: Option<u64>,
    /// Failures in a row, 0 after a success.
    pub n_failures: u32,
    /// Hosts on the list.
    pub n_hosts: usize,
    /// Hosts that have nothing left to do now.
    pub n_settled: usize,
}

/// The crawler. One per state file.
pub struct Crawler {
    ctx: Arc<Context>,
    images: ImageClient,
    patience: Duration,
    seeds: Mutex<Vec<Seed>>,
    seeds_changed: Notify,
}

impl Crawler {
    /// Opens the crawler with its state file, which is created when missing.
    ///
    /// # Errors
    /// [`Error::NoContact`] without a contact URL, [`Error::Config`], [`Error::State`], [`Error::Journal`].
    pub fn open(config: CrawlerConfig, state_db: &Path, journal: &Journal) -> Result<Self, Error> {
        // The gate of the client measures the machine's time, which means nothing to a simulation.
        let client =
            if config.clock.is_manual() { Client::without_gate(config.network)? } else { Client::new(config.network)? };
        for host in &client.config().own_hosts {
            info!(instance.host = %host, floor = ?client.pace_of(host).floor, "{host} is declared as our own and may be asked faster");
        }
        let ctx = Context {
            db: StateDb::open(state_db, config.clock.now())?,
            writer: journal.writer(),
            reader: Arc::new(Mutex::new(journal.reader()?)),
            schedule: config.schedule,
            clock: config.clock,
            client: client.clone(),
            door: Doorkeeper::default(),
        };
        Ok(Self {
            ctx: Arc::new(ctx),
            images: ImageClient::new(client),
            patience: config.patience,
            seeds: Mutex::default(),
            seeds_changed: Notify::new(),
        })
    }

    /// Makes `seeds` the hosts to visit, also while the crawler runs. Hosts that are not named are not visited any
    /// more; what is known of them stays until [`Crawler::delist`].
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn set_instances(&self, seeds: Vec<Seed>) -> Result<(), Error> {
        let hosts: Vec<_> = seeds.iter().map(|seed| (seed.host.clone(), seed.kind)).collect();
        self.ctx.door.set_listed(seeds.iter().map(|seed| seed.host.clone()).collect());
        self.ctx.db.set_hosts(&hosts, self.now())?;
        *self.seeds.lock().unwrap_or_else(PoisonError::into_inner) = seeds;
        self.seeds_changed.notify_one();
        Ok(())
    }

    /// Withdraws every record of a host from the journal and forgets what is known of them. Returns how many
    /// records were withdrawn. Call it after the host has left the list.
    ///
    /// # Errors
    /// [`Error::Journal`], [`Error::State`].
    pub async fn delist(&self, host: &Host) -> Result<usize, Error> {
        self.settle().await;
        let n = self.ctx.withdraw_all(host, TombstoneReason::Delisted, self.now()).await?;
        if let Some(mut stored) = self.ctx.db.host_named(host)? {
            self.ctx.db.clear_records(stored.id)?;
            // Should it come back, it is scanned anew, at its old pace.
            stored.state.forget_records();
            self.ctx.db.commit(stored.id, &stored.state, stored.next_at, &Default::default())?;
        }
        Ok(n)
    }

    /// Keeps out of the journal what `keep_out` says, from now on and also while the crawler runs; replaces what was kept
    /// out before. What the journal holds already stays: see [`Crawler::settle`].
    pub fn set_keep_out(&self, keep_out: KeepOut) {
        self.ctx.door.set_keep_out(keep_out);
    }

    /// Returns when no page is on its way into the journal any more that was judged by what was kept out, or listed, before
    /// this call. Then what the journal holds of it is all that there will be.
    pub async fn settle(&self) {
        drop(self.ctx.door.pages.write().await);
    }

    /// The state of every host that is or was on the list, by name.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn reports(&self) -> Result<Vec<HostReport>, Error> {
        let mut reports = Vec::new();
        for stored in self.ctx.db.hosts()? {
            let tally = self.ctx.db.tally(stored.id, stored.state.sweep.number)?;
            reports.push(report(&stored, tally, &self.ctx.client.pace_of(&stored.host), self.now()));
        }
        Ok(reports)
    }

    /// The guarded client, for directories of instances.
    pub fn client(&self) -> &Client {
        &self.ctx.client
    }

    /// The door for pictures, cheap to clone.
    pub fn images(&self) -> ImageClient {
        self.images.clone()
    }

    /// Fetches a picture of an instance; see [`ImageClient::fetch`].
    ///
    /// # Errors
    /// [`ImageError`].
    pub async fn fetch_image(&self, url: &str, host: &Host) -> Result<Image, ImageError> {
        self.images.fetch(url, host).await
    }

    /// Visits hosts until `shutdown` or, in [`Mode::Once`], until every host is seen whole or has failed.
    ///
    /// - `progress`: called after each request, from this task; must not block.
    ///
    /// Requests in flight at shutdown are dropped; what was journalled stays, and the next run goes on from there.
    ///
    /// # Errors
    /// Only what is wrong with us: [`Error::Journal`], [`Error::State`]. What instances do is in the reports.
    pub async fn run(
        &self,
        shutdown: CancellationToken,
        mode: Mode,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<(), Error> {
        let fresh_since = (mode == Mode::Once).then(|| self.now());
        let mut frontier = Frontier::new(self.ctx.client.config().max_requests);
        self.reload(&mut frontier)?;
        let mut visits: JoinSet<Visited> = JoinSet::new();
        loop {
            while let Some(run) = frontier.next_due(self.now()) {
                let (ctx, id, is_failing) = (Arc::clone(&self.ctx), run.id, run.state.slot.n_failures > 0);
                let mut run = run;
                let handle = visits.spawn(async move {
                    let visit = visit(&ctx, &mut run, fresh_since).await;
                    (run, visit)
                });
                frontier.running.insert(handle.id(), (id, is_failing));
            }
            if mode == Mode::Once && frontier.is_settled() {
                return Ok(());
            }
            let pause = frontier.time_to_next(self.now());
            tokio::select! {
                () = shutdown.cancelled() => {
                    visits.shutdown().await;
                    return Ok(());
                }
                Some(ended) = visits.join_next_with_id() => {
                    self.take_back(&mut frontier, ended, mode, &progress)?;
                }
                () = self.seeds_changed.notified() => self.reload(&mut frontier)?,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Visits hosts in the time of a manual clock until `until`, one request at a time: the host that is due first,
    /// at the moment at which it is due.
    ///
    /// - `before_visit`: called with that moment, before the visit; what happened on the hosts until then can be made
    ///   true here.
    /// - `after_visit`: called with what was asked for, if anything was, and the records that were journalled.
    ///
    /// The clock stands at `until` afterwards, and a later call goes on from there.
    ///
    /// # Errors
    /// [`Error::Config`] with the system's clock, or for a host that is not declared as our own: pauses in virtual time
    /// are none for a real host. Otherwise as [`Crawler::run`].
    pub async fn run_until(
        &self,
        until: Timestamp,
        mut before_visit: impl FnMut(Timestamp, &Host),
        mut after_visit: impl FnMut(Timestamp, &Host, Option<&'static str>, usize),
    ) -> Result<(), Error> {
        if !self.ctx.clock.is_manual() {
            return Err(Error::Config { what: "virtual time needs a manual clock".to_owned() });
        }
        let mut frontier = Frontier::new(1);
        self.reload(&mut frontier)?;
        let own_hosts = &self.ctx.client.config().own_hosts;
        if let Some((_, run)) = frontier.waiting.values().find(|(_, run)| !own_hosts.contains(&run.host)) {
            let what = format!("virtual time is for hosts of our own, and `{}` is none", run.host);
            return Err(Error::Config { what });
        }
        while let Some(at) = frontier.next_at().filter(|at| *at <= until) {
            self.ctx.clock.advance_to(at);
            let now = self.now();
            let Some(mut run) = frontier.next_due(now) else { break };
            before_visit(now, &run.host);
            let visit = visit(&self.ctx, &mut run, None).await?;
            after_visit(now, &run.host, visit.task.as_ref().map(Task::describe), visit.n_journalled);
            // A visit that came to nothing must not be made again at the same moment.
            let soonest = if visit.task.is_none() { after(now, Duration::from_millis(1)) } else { now };
            frontier.put_back(run, visit.due.max(soonest), false, Mode::Continuous);
        }
        self.ctx.clock.advance_to(until);
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.ctx.clock.now()
    }

    fn take_back(
        &self,
        frontier: &mut Frontier,
        ended: Result<(Id, Visited), JoinError>,
        mode: Mode,
        progress: &impl Fn(Progress),
    ) -> Result<(), Error> {
        let now = self.now();
        match ended {
            Ok((task, (run, visit))) => {
                frontier.running.remove(&task);
                let visit = visit?;
                let wait = Duration::try_from(visit.due.duration_since(now)).unwrap_or_default();
                let has_failed = run.state.slot.n_failures >= MAX_FAILURES_WHEN_ONCE;
                let is_settled = visit.is_settled || wait > self.patience || has_failed;
                let done = visit.task.as_ref().map(Task::describe);
                let report = Progress {
                    host: run.host.clone(),
                    doing: done.unwrap_or("nothing"),
                    n_journalled: visit.n_journalled,
                    n_records: run.state.counts.n_records,
                    claimed_total: run.state.sweep.claimed_total,
                    n_failures: run.state.slot.n_failures,
                    n_hosts: 0,
                    n_settled: 0,
                };
                frontier.put_back(run, visit.due, is_settled, mode);
                if done.is_some() || is_settled {
                    let (n_hosts, n_settled) = (frontier.listed.len(), frontier.settled.len());
                    progress(Progress { n_hosts, n_settled, ..report });
                }
            }
            Err(failure) => {
                let Some((id, _)) = frontier.running.remove(&failure.id()) else { return Ok(()) };
                if failure.is_panic() {
                    error!(host_id = id, "a visit panicked; its host rests for an hour: {failure}");
                    if let Some(stored) = self.ctx.db.host(id)? {
                        let run = self.load(stored)?;
                        frontier.put_back(run, after(now, REST_AFTER_PANIC), true, mode);
                    }
                }
            }
        }
        Ok(())
    }

    /// Brings the frontier in line with the list.
    fn reload(&self, frontier: &mut Frontier) -> Result<(), Error> {
        self.ctx.client.forget_idle();
        let stored: Vec<StoredHost> = self.ctx.db.hosts()?.into_iter().filter(|host| host.is_listed).collect();
        frontier.listed = stored.iter().map(|host| host.id).collect();
        let listed = &frontier.listed;
        frontier.waiting.retain(|id, _| listed.contains(id));
        frontier.settled.retain(|id| listed.contains(id));
        let at_work: HashSet<i64> = frontier.running.values().map(|(id, _)| *id).collect();
        for host in stored {
            if !frontier.waiting.contains_key(&host.id) && !at_work.contains(&host.id) {
                let run = self.load(host)?;
                // A visit looks first whether anything is due, and its slot says when: nobody is asked early.
                frontier.put_back(run, self.now(), false, Mode::Continuous);
            }
        }
        Ok(())
    }

    fn load(&self, stored: StoredHost) -> Result<HostRun, Error> {
        let seeds = self.seeds.lock().unwrap_or_else(PoisonError::into_inner);
        let listed_delay = seeds.iter().find(|seed| seed.host == stored.host).and_then(|seed| seed.crawl_delay);
        drop(seeds);
        let mut state = stored.state;
        let listed_ms = listed_delay.and_then(|delay| u64::try_from(delay.as_millis()).ok());
        state.slot.asked_delay_ms = state.slot.asked_delay_ms.max(listed_ms);
        let rules = if state.robots.read_at.is_some() && !state.robots.is_unreachable {
            let document = self.ctx.db.document(stored.id, &Task::Robots.path())?;
            document.and_then(|document| document.body).map(|file| Rules::parse(&file))
        } else {
            None
        };
        let (listed, reading) = (HashMap::new(), None);
        Ok(HostRun { id: stored.id, host: stored.host, kind: stored.kind, listed_delay, state, rules, listed, reading })
    }
}

/// A host and what its visit came to.
type Visited = (HostRun, Result<Visit, Error>);

/// The hosts in memory: waiting in order of their due time, or at work.
struct Frontier {
    max_running: usize,
    due: BinaryHeap<Reverse<(Timestamp, i64)>>,
    waiting: HashMap<i64, (Timestamp, HostRun)>,
    running: HashMap<Id, (i64, bool)>,
    listed: HashSet<i64>,
    /// Hosts that do not hold up a run over all hosts once.
    settled: HashSet<i64>,
}

impl Frontier {
    fn new(max_running: usize) -> Self {
        Self {
            max_running: max_running.max(1),
            due: BinaryHeap::new(),
            waiting: HashMap::new(),
            running: HashMap::new(),
            listed: HashSet::new(),
            settled: HashSet::new(),
        }
    }

    /// The next host that is due, when there is room for it. Hosts that failed last time never take more than half of
    /// the room, so that the others keep their schedule.
    fn next_due(&mut self, now: Timestamp) -> Option<HostRun> {
        let mut put_off = Vec::new();
        let mut found = None;
        while self.running.len() < self.max_running {
            let Some(Reverse((at, id))) = self.due.peek().copied() else { break };
            if at > now {
                break;
            }
            self.due.pop();
            let Some((current, run)) = self.waiting.get(&id) else { continue };
            if *current != at {
                continue; // An older entry of a host that was put back since.
            }
            let n_failing = self.running.values().filter(|(_, is_failing)| *is_failing).count();
            if run.state.slot.n_failures > 0 && n_failing >= self.max_running.div_ceil(2) {
                put_off.push(Reverse((at, id)));
                continue;
            }
            found = self.waiting.remove(&id).map(|(_, run)| run);
            break;
        }
        self.due.extend(put_off);
        found
    }

    /// When the next host is due.
    fn next_at(&mut self) -> Option<Timestamp> {
        while let Some(Reverse((at, id))) = self.due.peek().copied() {
            if self.waiting.get(&id).is_some_and(|(current, _)| *current == at) {
                return Some(at);
            }
            self.due.pop();
        }
        None
    }

    fn put_back(&mut self, run: HostRun, due: Timestamp, is_settled: bool, mode: Mode) {
        if !self.listed.contains(&run.id) {
            return;
        }
        if is_settled {
            self.settled.insert(run.id);
        }
        // A settled host of a run over all hosts once is not visited again by that run.
        if !(is_settled && mode == Mode::Once) {
            self.due.push(Reverse((due, run.id)));
        }
        self.waiting.insert(run.id, (due, run));
    }

    fn is_settled(&self) -> bool {
        self.running.is_empty() && self.settled.len() >= self.listed.len()
    }

    fn time_to_next(&self, now: Timestamp) -> Duration {
        /// The clock may be set while we sleep.
        const MAX: Duration = Duration::from_secs(30);
        /// When the room is full or the failing hosts must wait, the end of a visit wakes the loop.
        const FULL: Duration = Duration::from_millis(200);
        let Some(Reverse((at, _))) = self.due.peek() else { return MAX };
        match Duration::try_from(at.duration_since(now)) {
            Ok(wait) if !wait.is_zero() => wait.min(MAX),
            _ => FULL,
        }
    }
}
