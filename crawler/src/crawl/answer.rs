//! What becomes of an answer.

use std::time::Duration;

use jiff::Timestamp;
use journal::record::{Record, RecordId, Video};
use journal::{Body, Entry, TombstoneReason};
use tracing::{info, warn};
use uuid::Uuid;

use super::merge::{merge_detail, merge_listing};
use super::plan::{MAX_POLL_PAGES, MAX_REFUSED_OUTBOXES, Task};
use super::sweep::{Missing, PageFacts, Verdict};
use super::visit::{
    Context, HostRun, describe_failure, describe_refusal, is_conditional, note_error, record, short, tombstone,
};
use crate::error::{Cause, Error, FetchError};
use crate::net::{Fetched, Outcome};
use crate::peertube::{
    ListingPage, Rejection, parse_config, parse_detail, parse_listing, parse_nodeinfo, parse_nodeinfo_links,
    parse_outbox,
};
use crate::politeness::{Pace, RetryAfter, after};
use crate::robots::{MAX_BYTES, Rules};
use crate::state::{BlockedBy, Changes, Document, Identity, Poll, Seen};

/// Spoofed items in one sweep that are no accident any more.
pub(crate) const SPOOFS_TO_REVIEW: u64 = 3;

/// Applies an answer to the journal and to the state of its host. Returns how many records were written.
pub async fn apply(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    if let Outcome::RateLimited(retry_after) = fetched.outcome {
        // The task stays as it is: the host only asks for time.
        run.state.slot.rate_limited(fetched.at, retry_after, jitter(), pace);
        let text = describe_refusal(run, &fetched, run.state.slot.blocked_until);
        warn!(instance.host = %run.host, "{text}");
        note_error(&mut run.state, fetched.at, text);
        return save(ctx, run, &Changes::default(), fetched.at).map(|()| 0);
    }
    match task {
        Task::Robots => apply_robots(ctx, run, &fetched, pace).map(|()| 0),
        Task::NodeinfoLinks | Task::Nodeinfo { .. } | Task::Config => {
            apply_identity(ctx, run, task, &fetched, pace).map(|()| 0)
        }
        Task::Listing { .. } | Task::Poll { .. } => apply_listing(ctx, run, task, fetched, pace).await,
        Task::Confirm { uuid } | Task::Detail { uuid } => apply_detail(ctx, run, task, *uuid, fetched, pace).await,
        Task::Outbox { account, page } => apply_outbox(ctx, run, task, account, *page, fetched, pace).await,
    }
}

/// Applies a request without answer.
pub fn apply_failure(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    error: &FetchError,
    pace: &Pace,
) -> Result<(), Error> {
    let now = Timestamp::now();
    if *task == Task::Robots && matches!(error.cause, Cause::TooManyRedirects { .. }) {
        // RFC 9309, section 2.3.1.2: as if there were no file.
        run.state.slot.succeed(now, Duration::ZERO, None, pace);
        return take_rules(ctx, run, None, now);
    }
    run.state.slot.fail(now, None, jitter(), pace);
    after_failure(ctx, run, task, describe_failure(error), now)
}

/// An answer that is of no use: a failure of the host, with its status.
fn fail(ctx: &Context, run: &mut HostRun, task: &Task, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    run.state.slot.fail(fetched.at, retry_after(fetched), jitter(), pace);
    let text = describe_refusal(run, fetched, run.state.slot.blocked_until);
    after_failure(ctx, run, task, text, fetched.at)
}

fn after_failure(ctx: &Context, run: &mut HostRun, task: &Task, text: String, now: Timestamp) -> Result<(), Error> {
    warn!(instance.host = %run.host, failures = run.state.slot.n_failures, "{text}");
    note_error(&mut run.state, now, text);
    let mut changes = Changes::default();
    match task {
        Task::Robots => {
            let robots = &mut run.state.robots;
            robots.next_at = Some(after(now, ctx.schedule.robots_retry));
            // A copy read within the last day serves meanwhile; without one the host is left alone.
            let is_fresh = robots.read_at.is_some_and(|at| after(at, ctx.schedule.robots) > now);
            robots.is_unreachable = !is_fresh;
            if !is_fresh {
                run.rules = None;
            }
        }
        // One video that breaks its instance must not keep the others waiting: the next sweep asks again.
        Task::Confirm { uuid } => changes.confirmed.push((*uuid, 0)),
        Task::Detail { uuid } => changes.enriched.push(*uuid),
        Task::Outbox { account, .. } => {
            changes.exhausted_account = Some(account.clone());
            run.state.enrich.account = None;
        }
        _ => {}
    }
    save(ctx, run, &changes, now)
}

fn apply_robots(ctx: &Context, run: &mut HostRun, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    match &fetched.outcome {
        Outcome::Ok(file) => {
            good(run, fetched, pace);
            let file = file.slice(..file.len().min(MAX_BYTES));
            take_rules(ctx, run, Some(&file), fetched.at)
        }
        Outcome::NotFound | Outcome::Gone | Outcome::Unauthorized | Outcome::Forbidden | Outcome::Unexpected => {
            good(run, fetched, pace);
            take_rules(ctx, run, None, fetched.at)
        }
        Outcome::NotModified | Outcome::RateLimited(_) | Outcome::ServerError(_) => {
            fail(ctx, run, &Task::Robots, fetched, pace)
        }
    }
}

/// Makes a file, or its absence, the rules of the host.
fn take_rules(ctx: &Context, run: &mut HostRun, file: Option<&[u8]>, now: Timestamp) -> Result<(), Error> {
    let rules = file.map_or_else(Rules::allow_all, Rules::parse);
    ctx.db.put_document(
        run.id,
        &Task::Robots.path(),
        &Document { validators: None, full_at: now, body: Some(file.unwrap_or_default().to_vec()) },
    )?;
    let asked = run.listed_delay.max(rules.crawl_delay());
    run.state.slot.asked_delay_ms = asked.and_then(|delay| u64::try_from(delay.as_millis()).ok());
    let robots = &mut run.state.robots;
    robots.read_at = Some(now);
    robots.next_at = Some(after(now, ctx.schedule.robots));
    robots.is_unreachable = false;
    let is_allowed = rules.is_allowed(&Task::Listing { start: 0 }.path());
    if is_allowed {
        // A block by header stands until its records are withdrawn; afterwards the list is asked again.
        if robots.blocked_by != Some(BlockedBy::Header) || robots.is_purged {
            robots.blocked_since = None;
            robots.blocked_by = None;
            robots.is_purged = false;
        }
    } else if robots.blocked_since.is_none() {
        info!(instance.host = %run.host, "robots.txt of {} forbids its video list", run.host);
        robots.blocked_since = Some(now);
        robots.blocked_by = Some(BlockedBy::RobotsTxt);
    }
    run.rules = Some(rules);
    save(ctx, run, &Changes::default(), now)
}

fn apply_identity(ctx: &Context, run: &mut HostRun, task: &Task, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    let now = fetched.at;
    let body = match &fetched.outcome {
        Outcome::Ok(body) => body,
        Outcome::ServerError(_) => return fail(ctx, run, task, fetched, pace),
        _ if *task == Task::Config => return fail(ctx, run, task, fetched, pace),
        _ => {
            good(run, fetched, pace);
            run.state.identity.is_hidden = true;
            return save(ctx, run, &Changes::default(), now);
        }
    };
    let software = match task {
        Task::NodeinfoLinks => match parse_nodeinfo_links(body, &run.host) {
            Ok(path) => {
                good(run, fetched, pace);
                run.state.identity.nodeinfo_path = Some(path);
                return save(ctx, run, &Changes::default(), now);
            }
            Err(error) => Err(error),
        },
        Task::Nodeinfo { .. } => parse_nodeinfo(body),
        _ => parse_config(body),
    };
    let checked = Identity { checked_at: Some(now), ..Identity::default() };
    match software {
        Ok(software) if software.name == "peertube" => {
            run.state.identity = Identity { version: Some(software.version), ..checked };
        }
        Ok(software) => {
            let mismatch = format!("it runs `{}`, not PeerTube", software.name);
            run.state.identity = Identity { mismatch: Some(mismatch), ..checked };
        }
        Err(error @ crate::peertube::IdentityError::Mismatch(_)) => {
            run.state.identity = Identity { mismatch: Some(format!("identity mismatch: {error}")), ..checked };
        }
        Err(crate::peertube::IdentityError::Malformed) if *task == Task::Config => {
            return fail(ctx, run, task, fetched, pace);
        }
        Err(crate::peertube::IdentityError::Malformed) => run.state.identity.is_hidden = true,
    }
    good(run, fetched, pace);
    if let Some(mismatch) = run.state.identity.mismatch.clone() {
        warn!(instance.host = %run.host, "{} is not crawled: {mismatch}", run.host);
        note_error(&mut run.state, now, mismatch);
    }
    save(ctx, run, &Changes::default(), now)
}

async fn apply_listing(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    if fetched.outcome == Outcome::NotModified {
        good(run, &fetched, pace);
        end_poll(run, &fetched);
        return save(ctx, run, &Changes::default(), now).map(|()| 0);
    }
    if fetched.is_noindex && matches!(fetched.outcome, Outcome::Ok(_)) {
        good(run, &fetched, pace);
        run.state.robots.blocked_since.get_or_insert(now);
        run.state.robots.blocked_by = Some(BlockedBy::Header);
        return save(ctx, run, &Changes::default(), now).map(|()| 0);
    }
    let page = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_listing(body, &run.host, now),
        _ => return fail(ctx, run, task, &fetched, pace).map(|()| 0),
    };
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            run.state.slot.fail(now, None, jitter(), pace);
            let text = format!("reading {}: {error}", fetched.url);
            return after_failure(ctx, run, task, text, now).map(|()| 0);
        }
    };
    good(run, &fetched, pace);
    if matches!(task, Task::Listing { .. }) && !run.state.sweep.is_running {
        run.state.sweep.begin(now);
        run.state.counts.n_remote = 0;
        run.state.counts.n_spoofed = 0;
        run.state.counts.n_item_errors = 0;
    }
    count_items(run, &page);
    let stored = store_page(ctx, run, task, page, now).await?;
    let mut changes = stored.changes;
    match task {
        Task::Listing { .. } => {
            let verdict = run.state.sweep.advance(stored.facts, now);
            save(ctx, run, &changes, now)?;
            changes = Changes::default();
            end_sweep(ctx, run, &verdict, &mut changes)?;
        }
        _ => advance_poll(run, stored.n_fresh, &stored.facts, &fetched),
    }
    if is_conditional(task) {
        let document = Document { validators: fetched.validators.clone(), full_at: now, body: None };
        ctx.db.put_document(run.id, &task.path(), &document)?;
    }
    save(ctx, run, &changes, now)?;
    Ok(stored.n_written)
}

/// What storing a page came to.
struct Stored {
    changes: Changes,
    facts: PageFacts,
    /// Rows that were unknown or are published anew.
    n_fresh: usize,
    n_written: usize,
}

/// Journals a page and says what it changes in the state. The journal has it safely when this returns.
async fn store_page(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    page: ListingPage,
    now: Timestamp,
) -> Result<Stored, Error> {
    let sweep = run.state.sweep.number;
    let is_sweep = matches!(task, Task::Listing { .. });
    let known = ctx.db.known(run.id, &page.uuids)?;
    let n_new = page
        .uuids
        .iter()
        .filter(|uuid| match known.get(uuid) {
            Some(known) => known.sweep != sweep,
            None => !run.state.sweep.previous.contains(&short(uuid)),
        })
        .count();
    let facts = PageFacts {
        n_rows: count(page.n_rows),
        n_new: count(n_new),
        total: page.total,
        rows: page.uuids.iter().map(short).collect(),
    };
    let ids = page.videos.iter().map(Video::record_id).collect();
    let entries = ctx.entries(ids).await?;

    let mut changes = Changes::default();
    let mut journalled = Vec::new();
    let (mut n_fresh, mut n_unknown) = (0, 0);
    for (video, entry) in page.videos.into_iter().zip(entries) {
        let uuid = video.uuid;
        let published_ms = video.published_at.as_millisecond();
        let account = video.account.name.clone();
        let wants_detail = match join(video, entry) {
            Some((video, wants_detail)) => {
                journalled.push(record(video, now));
                wants_detail
            }
            None => false,
        };
        match known.get(&uuid) {
            None => {
                n_fresh += 1;
                n_unknown += 1;
            }
            Some(known) if known.published_ms != published_ms => n_fresh += 1,
            Some(_) => {}
        }
        let sweep = (is_sweep || !known.contains_key(&uuid)).then_some(sweep);
        changes.seen.push(Seen { uuid, account, published_ms, sweep, wants_detail });
    }
    for uuid in page.not_public.iter().filter(|uuid| known.contains_key(uuid)) {
        journalled.push(tombstone(RecordId::video(run.host.clone(), *uuid), TombstoneReason::Hidden, now));
        changes.removed.push(*uuid);
    }
    let n_removed = count(changes.removed.len());
    let n_written = ctx.append(&run.host, journalled).await?;
    let counts = &mut run.state.counts;
    counts.n_withdrawn += n_removed;
    counts.n_records = (counts.n_records + n_unknown).saturating_sub(n_removed);
    Ok(Stored { changes, facts, n_fresh, n_written })
}

/// Joins a listed video with the newest entry of its key. `None` when a moderator removed it: no crawl brings it back.
fn join(video: Video, entry: Option<Entry>) -> Option<(Video, bool)> {
    match entry.map(|entry| entry.body) {
        Some(Body::Tombstone { reason: TombstoneReason::Moderated, .. }) => None,
        Some(Body::Record(Record::Video(known))) => Some(merge_listing(video, Some(&known))),
        _ => Some(merge_listing(video, None)),
    }
}

fn count_items(run: &mut HostRun, page: &ListingPage) {
    let counts = &mut run.state.counts;
    counts.n_remote += count(page.n_remote);
    counts.n_spoofed += count(page.spoofs.len());
    counts.n_item_errors += count(page.errors.len());
    if let Some(last) = page.spoofs.last().or(page.errors.last()) {
        counts.last_item_error = Some(last.to_string());
        // One line a page, however many items are wrong.
        warn!(
            instance.host = %run.host,
            spoofed = page.spoofs.len(),
            broken = page.errors.len(),
            "left out items of {}: {last}", run.host
        );
    }
}

fn end_sweep(ctx: &Context, run: &mut HostRun, verdict: &Verdict, changes: &mut Changes) -> Result<(), Error> {
    match verdict {
        Verdict::Continue => {}
        Verdict::Stopped(reason) => {
            let text = format!("scanning all videos of {}: {reason}; nothing is withdrawn", run.host);
            warn!(instance.host = %run.host, "{text}");
            note_error(&mut run.state, Timestamp::now(), text);
        }
        Verdict::Complete => {
            let sweep = run.state.sweep.number;
            let tally = ctx.db.tally(run.id, sweep)?;
            run.state.counts.n_records = tally.n_known;
            match run.state.sweep.judge_missing(tally.n_known, tally.n_missing) {
                Missing::None => {}
                Missing::Confirm => changes.confirm_missing_from = Some(sweep),
                Missing::Hold => {
                    let text = format!(
                        "{} of {} videos are gone from the list of {}: held until two more scans agree",
                        tally.n_missing, tally.n_known, run.host
                    );
                    warn!(instance.host = %run.host, "{text}");
                    note_error(&mut run.state, Timestamp::now(), text);
                }
            }
            info!(
                instance.host = %run.host,
                videos = tally.n_known - tally.n_missing,
                missing = tally.n_missing,
                "scanned all videos of {}", run.host
            );
        }
    }
    Ok(())
}

fn advance_poll(run: &mut HostRun, n_fresh: usize, facts: &PageFacts, fetched: &Fetched) {
    let poll = &mut run.state.poll;
    let is_last = facts.n_rows < Task::poll_rows(poll.start);
    if n_fresh == 0 || is_last {
        end_poll(run, fetched);
    } else if poll.n_pages + 1 >= MAX_POLL_PAGES {
        // So much is new that a full scan finds it with fewer requests.
        run.state.sweep.started_at = None;
        end_poll(run, fetched);
    } else {
        poll.start = poll.start.saturating_add(facts.n_rows);
        poll.n_pages += 1;
    }
}

fn end_poll(run: &mut HostRun, fetched: &Fetched) {
    /// A page said to stay good for longer is asked about anyway.
    const MAX_REST: Duration = Duration::from_secs(24 * 60 * 60);
    let rest = fetched.max_age.map(|age| after(fetched.at, age.min(MAX_REST)));
    run.state.poll = Poll { last_at: Some(fetched.at), not_before: rest, ..Poll::default() };
}

async fn apply_detail(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    uuid: Uuid,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let id = RecordId::video(run.host.clone(), uuid);
    let gone = match &fetched.outcome {
        Outcome::Gone => Some(TombstoneReason::Deleted),
        // A page for people, such as a challenge, says nothing about the video.
        _ if fetched.is_html() => None,
        Outcome::NotFound => Some(TombstoneReason::Deleted),
        Outcome::Unauthorized | Outcome::Forbidden => Some(TombstoneReason::Hidden),
        Outcome::Ok(_) if fetched.is_noindex => Some(TombstoneReason::Hidden),
        _ => None,
    };
    if let Some(reason) = gone {
        good(run, &fetched, pace);
        return withdraw(ctx, run, id, uuid, reason, now).await;
    }
    let found = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_detail(body, &run.host, now),
        _ => return fail(ctx, run, task, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    match found {
        Ok(video) if video.uuid == uuid => {
            let entry = ctx.entries(vec![id]).await?.into_iter().next().flatten();
            let is_moderated = matches!(
                entry.map(|entry| entry.body),
                Some(Body::Tombstone { reason: TombstoneReason::Moderated, .. })
            );
            let entries = if is_moderated { Vec::new() } else { vec![record(video, now)] };
            let n_written = ctx.append(&run.host, entries).await?;
            let confirmed = vec![(uuid, run.state.sweep.number)];
            save(ctx, run, &Changes { enriched: vec![uuid], confirmed, ..Changes::default() }, now)?;
            Ok(n_written)
        }
        Err(Rejection::NotPublic(_) | Rejection::Remote | Rejection::Spoofed { .. }) => {
            withdraw(ctx, run, id, uuid, TombstoneReason::Hidden, now).await
        }
        Ok(_) | Err(Rejection::Field(_) | Rejection::Malformed(_)) => {
            // Kept as the listing gave it; the next sweep asks again.
            run.state.counts.n_item_errors += 1;
            run.state.counts.last_item_error = Some(format!("the detail of {uuid} cannot be read"));
            let confirmed = vec![(uuid, run.state.sweep.number)];
            save(ctx, run, &Changes { enriched: vec![uuid], confirmed, ..Changes::default() }, now).map(|()| 0)
        }
    }
}

async fn withdraw(
    ctx: &Context,
    run: &mut HostRun,
    id: RecordId,
    uuid: Uuid,
    reason: TombstoneReason,
    now: Timestamp,
) -> Result<usize, Error> {
    let n_written = ctx.append(&run.host, vec![tombstone(id, reason, now)]).await?;
    run.state.counts.n_withdrawn += 1;
    run.state.counts.n_records = run.state.counts.n_records.saturating_sub(1);
    save(ctx, run, &Changes { removed: vec![uuid], ..Changes::default() }, now)?;
    Ok(n_written)
}

async fn apply_outbox(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    account: &str,
    page_number: u32,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let page = match &fetched.outcome {
        Outcome::ServerError(_) => return fail(ctx, run, task, &fetched, pace).map(|()| 0),
        Outcome::Ok(body) if fetched.is_json() => parse_outbox(body, &run.host).ok(),
        _ => None,
    };
    good(run, &fetched, pace);
    let Some(page) = page else {
        // No outbox for strangers, or none at all: the details say the same.
        run.state.enrich.n_refused = run.state.enrich.n_refused.saturating_add(1).min(MAX_REFUSED_OUTBOXES);
        run.state.enrich.account = None;
        let changes = Changes { exhausted_account: Some(account.to_owned()), ..Changes::default() };
        return save(ctx, run, &changes, now).map(|()| 0);
    };
    run.state.enrich.n_refused = 0;
    let uuids: Vec<Uuid> = page.details.iter().map(|(uuid, _)| *uuid).collect();
    let known = ctx.db.known(run.id, &uuids)?;
    let ids = uuids.iter().map(|uuid| RecordId::video(run.host.clone(), *uuid)).collect();
    let entries = ctx.entries(ids).await?;
    let mut journalled = Vec::new();
    let mut changes = Changes::default();
    for ((uuid, detail), entry) in page.details.into_iter().zip(entries) {
        // Only what the listing has shown: the outbox of another host's software may hold anything.
        let Some(Body::Record(Record::Video(video))) = entry.map(|entry| entry.body) else { continue };
        if known.contains_key(&uuid) && video.account.name == account {
            journalled.push(record(merge_detail(&video, detail), now));
            changes.enriched.push(uuid);
        }
    }
    let n_written = ctx.append(&run.host, journalled).await?;
    save(ctx, run, &changes, now)?;
    let n_left = ctx.db.n_wanted_of(run.id, account)?;
    let is_end = n_left == 0
        || !page.has_next
        || page.n_rows == 0
        || u64::from(page_number) > run.state.counts.n_records / 25 + 3;
    let mut changes = Changes::default();
    if is_end {
        run.state.enrich.account = None;
        changes.exhausted_account = Some(account.to_owned());
    } else {
        run.state.enrich.account = Some(account.to_owned());
        run.state.enrich.page = page_number.saturating_add(1);
    }
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

fn good(run: &mut HostRun, fetched: &Fetched, pace: &Pace) {
    run.state.slot.succeed(fetched.at, fetched.latency, fetched.rate, pace);
    run.state.last_success_at = Some(fetched.at);
}

fn save(ctx: &Context, run: &HostRun, changes: &Changes, now: Timestamp) -> Result<(), Error> {
    let due = run.state.slot.next_at(&ctx.client.pace_of(&run.host)).unwrap_or(now);
    ctx.db.commit(run.id, &run.state, due, changes)
}

fn retry_after(fetched: &Fetched) -> Option<RetryAfter> {
    match fetched.outcome {
        Outcome::RateLimited(retry_after) | Outcome::ServerError(retry_after) => retry_after,
        _ => None,
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// From -1 to 1, so that hosts that failed together do not come back together.
fn jitter() -> f64 {
    rand::random_range(-1.0..=1.0)
}
