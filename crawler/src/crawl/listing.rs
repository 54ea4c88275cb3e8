//! Pages of the listing: into the journal first, then the cursor.

use std::time::Duration;

use jiff::Timestamp;
use journal::record::{Record, RecordId, Video};
use journal::{Body, Entry, TombstoneReason};
use tracing::{info, warn};

use super::answer::{after_failure, count, fail, good, jitter, save};
use super::merge::merge_listing;
use super::plan::{MAX_POLL_PAGES, Task};
use super::sweep::{Missing, PageFacts, Verdict};
use super::visit::{Context, HostRun, is_conditional, record, short, tombstone};
use crate::error::Error;
use crate::failure::LastError;
use crate::net::{Fetched, Outcome};
use crate::peertube::{ListingPage, parse_listing};
use crate::politeness::{Pace, after};
use crate::state::{BlockedBy, Changes, Document, Poll, Seen};

/// Applies a page of a sweep or of a poll. Returns how many records were written.
pub async fn apply(
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
            let error = LastError::of_content(&fetched, &format!("reading {}: {error}", fetched.url));
            return after_failure(ctx, run, task, error, now).map(|()| 0);
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
