//! One visit: at most one request to one host, and what it changes. Page first into the journal, then the cursor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;
use journal::record::{Element, Playlist, Record, RecordId, Video};
use journal::{Body, Entry, Kind, Offset, Reader, TombstoneReason, Writer};
use tracing::{debug, info};
use uuid::Uuid;

use super::clock::Clock;
use super::plan::{Schedule, Step, View, next_step};
use super::task::Task;
use crate::error::Error;
use crate::keep_out::Doorkeeper;
use crate::net::{Client, Request};
use crate::politeness::{Pace, after};
use crate::robots::Rules;
use crate::state::{Changes, HostState, Queue, StateDb};

/// What every visit needs.
pub struct Context {
    pub client: Client,
    pub db: StateDb,
    pub writer: Writer,
    pub reader: Arc<Mutex<Reader>>,
    pub schedule: Schedule,
    pub clock: Clock,
    pub door: Doorkeeper,
}

/// A host while the crawler runs.
pub struct HostRun {
    /// Key of its rows in the state file.
    pub id: i64,
    pub host: Host,
    pub kind: SourceKind,
    /// Delay that the instance list asks for.
    pub listed_delay: Option<Duration>,
    pub state: HostState,
    /// Its robots.txt, once read or found missing.
    pub rules: Option<Rules>,
    /// Playlists as listed, until their elements are read; what is lost by a restart is asked for again.
    pub listed: HashMap<Uuid, Playlist>,
    /// The playlist whose elements are being read.
    pub reading: Option<Reading>,
}

/// A playlist whose elements are being read.
pub struct Reading {
    /// As its own route or a listing told it.
    pub playlist: Playlist,
    /// Elements so far.
    pub elements: Vec<Element>,
    /// The next row.
    pub start: u64,
}

impl HostRun {
    /// The playlist that can be gone on with, and its next row.
    fn reading_of(&self, uuid: Uuid) -> Option<(Uuid, u64)> {
        match &self.reading {
            Some(reading) if reading.playlist.uuid == uuid => Some((uuid, reading.start)),
            _ => self.listed.contains_key(&uuid).then_some((uuid, 0)),
        }
    }
}

/// What a visit came to.
pub struct Visit {
    /// When the host is due again.
    pub due: Timestamp,
    /// Nothing is left to be done before `due`: the host is up to date or must not be crawled.
    pub is_settled: bool,
    /// What was asked for, if anything.
    pub task: Option<Task>,
    /// Records that this visit wrote.
    pub n_journalled: usize,
}

impl Context {
    /// The newest entries of these keys, in order.
    pub(super) async fn entries(&self, ids: Vec<RecordId>) -> Result<Vec<Option<Entry>>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let reader = Arc::clone(&self.reader);
        let read = tokio::task::spawn_blocking(move || {
            let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            ids.iter().map(|id| Ok(reader.get(id)?.map(|(_, entry)| entry))).collect::<Result<Vec<_>, journal::Error>>()
        });
        let entries =
            read.await.map_err(|error| Error::Worker { action: "reading the journal", reason: error.to_string() })?;
        Ok(entries?)
    }

    /// The living records of a host.
    pub(super) async fn live_ids(&self, host: Host, kind: Kind) -> Result<Vec<RecordId>, Error> {
        let reader = Arc::clone(&self.reader);
        let read = tokio::task::spawn_blocking(move || {
            let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.live_ids(&host, kind)
        });
        let ids =
            read.await.map_err(|error| Error::Worker { action: "reading the journal", reason: error.to_string() })?;
        Ok(ids?.into_iter().map(|(id, _)| id).collect())
    }

    /// Writes entries and returns once they are safe; logs them. The one way into the journal: what must stay out is left
    /// out here, and so is every record of a host that was delisted while its page was on the way.
    pub(super) async fn append(&self, host: &Host, mut entries: Vec<Entry>) -> Result<usize, Error> {
        let _page = self.door.pages.read().await;
        let is_delisted = self.door.is_delisted(host);
        entries.retain(|entry| match &entry.body {
            Body::Record(record) => !is_delisted && !self.door.keeps_out(&record.targets()),
            Body::Tombstone { .. } => true,
        });
        if entries.is_empty() {
            return Ok(0);
        }
        let n = entries.len();
        let appended = self.writer.append(entries).await?;
        let Offset(offset) = appended.last;
        if appended.n_written == 0 {
            return Ok(0);
        }
        info!(
            instance.host = %host,
            records = n,
            written = appended.n_written,
            journal.offset = offset,
            "journalled {n} records from {host}"
        );
        Ok(appended.n_written)
    }

    /// Withdraws every record of a host.
    pub async fn withdraw_all(&self, host: &Host, reason: TombstoneReason, now: Timestamp) -> Result<usize, Error> {
        let mut n = 0;
        for kind in [Kind::Playlist, Kind::Video, Kind::Channel, Kind::Event, Kind::Group] {
            let ids = self.live_ids(host.clone(), kind).await?;
            n += ids.len();
            self.withdraw(host, ids, reason, now).await?;
        }
        Ok(n)
    }

    /// Withdraws records. Returns how many tombstones were written.
    pub(super) async fn withdraw(
        &self,
        host: &Host,
        ids: Vec<RecordId>,
        reason: TombstoneReason,
        now: Timestamp,
    ) -> Result<usize, Error> {
        const BATCH: usize = 1000;
        let mut n_written = 0;
        for batch in ids.chunks(BATCH) {
            let entries = batch.iter().map(|id| tombstone(id.clone(), reason, now)).collect();
            n_written += self.append(host, entries).await?;
        }
        Ok(n_written)
    }
}

/// Visits a host: does the one thing that is due, if its slot allows it.
///
/// What the instance does wrong ends in its state.
///
/// # Errors
/// Only what is wrong with us: the journal, the state file.
pub async fn visit(ctx: &Context, run: &mut HostRun, fresh_since: Option<Timestamp>) -> Result<Visit, Error> {
    let now = ctx.clock.now();
    let pace = ctx.client.pace_of(&run.host);
    let pause = run.state.slot.wait(now, &pace);
    if !pause.is_zero() {
        return Ok(Visit { due: after(now, pause), is_settled: false, task: None, n_journalled: 0 });
    }
    let queue = match run.kind {
        SourceKind::PeerTube => ctx.db.queue(run.id, run.state.enrich.account.is_none(), now)?,
        SourceKind::Mobilizon | SourceKind::Gancio => {
            Queue { agenda: ctx.db.agenda_queue(run.id, now)?, ..Queue::default() }
        }
    };
    let reading = queue.elements.and_then(|uuid| run.reading_of(uuid));
    let view =
        View { kind: run.kind, state: &run.state, rules: run.rules.as_ref(), queue: &queue, reading, fresh_since };
    match next_step(view, &ctx.schedule, now) {
        Step::Wait { until, why } => {
            debug!(instance.host = %run.host, %until, "waiting: {why}");
            let is_done =
                run.rules.is_some() && run.state.robots.blocked_since.is_none() && !run.state.sweep.is_running;
            if is_done && !run.state.is_whole && run.state.sweep.ended_at.is_some() {
                run.state.is_whole = true;
                ctx.db.commit(run.id, &run.state, until, &Changes::default())?;
            } else {
                ctx.db.put_off(run.id, until)?;
            }
            Ok(Visit { due: until, is_settled: true, task: None, n_journalled: 0 })
        }
        Step::Purge => {
            let n = ctx.withdraw_all(&run.host, TombstoneReason::OptOut, now).await?;
            ctx.db.clear_records(run.id)?;
            run.state.robots.is_purged = true;
            run.state.forget_records();
            ctx.db.commit(run.id, &run.state, now, &Changes::default())?;
            info!(instance.host = %run.host, records = n, "withdrew {n} records of {}: it asks not to be indexed", run.host);
            Ok(Visit { due: now, is_settled: false, task: None, n_journalled: 0 })
        }
        Step::Fetch(task) => fetch(ctx, run, task, &pace).await,
    }
}

async fn fetch(ctx: &Context, run: &mut HostRun, task: Task, pace: &Pace) -> Result<Visit, Error> {
    let path = task.path();
    let now = ctx.clock.now();
    let validators = conditional(ctx, run, &task, &path, now)?;
    run.state.slot.begin(now);
    run.state.counts.n_requests += 1;
    run.state.traffic.add_request(now);
    run.state.first_visit_at.get_or_insert(now);
    ctx.db.note_request(run.id, now)?;
    let request = Request {
        host: &run.host,
        path_and_query: &path,
        accept: task.accept(),
        validators: validators.as_ref(),
        pause: run.state.slot.delay(pace),
    };
    let answer = match task.body() {
        Some(json) => ctx.client.post(&request, &json).await,
        None => ctx.client.get(&request).await,
    };
    let now = ctx.clock.now();
    let n_journalled = match answer {
        Ok(mut fetched) => {
            if ctx.clock.is_manual() {
                fetched.at = now;
            }
            run.state.traffic.add_bytes(now, fetched.n_wire_bytes);
            run.state.is_ipv6_broken = fetched.is_ipv6_broken;
            run.state.is_ipv6_alive = fetched.is_ipv6;
            super::answer::apply(ctx, run, &task, fetched, pace).await?
        }
        Err(error) => {
            super::answer::apply_failure(ctx, run, &task, &error, pace)?;
            0
        }
    };
    let due = run.state.slot.next_at(pace).unwrap_or(now);
    Ok(Visit { due, is_settled: false, task: Some(task), n_journalled })
}

/// The validators to send: for what is asked often and mostly unchanged, unless the last whole answer is a week old.
fn conditional(
    ctx: &Context,
    run: &HostRun,
    task: &Task,
    path: &str,
    now: Timestamp,
) -> Result<Option<crate::net::Validators>, Error> {
    /// Case 74: a host that says "not modified" for ever is asked for everything once a week.
    const MAX_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    if !task.is_conditional() {
        return Ok(None);
    }
    let document = ctx.db.document(run.id, path)?;
    let is_young = |at| after(at, MAX_AGE) > now;
    Ok(document.filter(|document| is_young(document.full_at)).and_then(|document| document.validators))
}

pub(super) fn record(video: Video, seen_at: Timestamp) -> Entry {
    Entry { seen_at, body: Body::Record(Record::Video(Box::new(video))) }
}

pub(super) fn tombstone(id: RecordId, reason: TombstoneReason, seen_at: Timestamp) -> Entry {
    Entry { seen_at, body: Body::Tombstone { id, reason } }
}

/// A short form of a UUID for the comparison of two pages.
pub(super) fn short(uuid: &Uuid) -> u64 {
    uuid.as_u64_pair().1
}
