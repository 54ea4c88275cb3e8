//! Pages of the listing: into the journal first, then the cursor.

use jiff::{SignedDuration, Timestamp};
use journal::record::{Record, RecordId, Video};
use journal::{Body, Entry, Kind, TombstoneReason};
use tracing::{info, warn};
use uuid::Uuid;

use super::answer::{after_failure, count, fail, good, jitter, save};
use super::channels::{self, Gate, Sight, Verdicts, key_of};
use super::merge::{differs_in_counts_only, looks_edited, merge_listing};
use super::polls::{self, News};
use super::rotation::{Subject, due_after, due_after_touch};
use super::sweep::{Missing, PageFacts, Verdict};
use super::task::Task;
use super::visit::{Context, HostRun, record, short, tombstone};
use crate::error::Error;
use crate::failure::LastError;
use crate::net::{Fetched, Outcome};
use crate::peertube::{ListingPage, parse_listing};
use crate::politeness::Pace;
use crate::state::{BlockedBy, Changes, Document, Known, Seen};

/// A video that was edited comes before those whose turn it is, and after those that are new.
const DUE_BECAUSE_EDITED: i64 = 1;

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
        polls::end(run, &ctx.schedule, None, &fetched);
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
        Ok(mut page) => {
            // Before its channel is asked about: of what stays out nothing is remembered.
            page.videos.retain(|video| !ctx.door.keeps_out(&video.targets()));
            page
        }
        Err(error) => {
            run.state.slot.fail(now, None, jitter(), pace);
            let error = LastError::of_content(&fetched, &format!("reading {}: {error}", fetched.url));
            return after_failure(ctx, run, task, error, now).map(|()| 0);
        }
    };
    good(run, &fetched, pace);
    let named = page.videos.iter().map(|video| (&video.channel, &video.account));
    let verdicts = match channels::gate(ctx, run, named, Sight::List, now)? {
        Gate::Hold(changes) => return save(ctx, run, &changes, now).map(|()| 0),
        Gate::Pass(verdicts) => verdicts,
    };
    if matches!(task, Task::Listing { .. }) && !run.state.sweep.is_running {
        run.state.sweep.begin(now);
        run.state.counts.n_remote = 0;
        run.state.counts.n_spoofed = 0;
        run.state.counts.n_item_errors = 0;
    }
    count_items(run, &page);
    let Stored { mut changes, facts, news, mut n_written, emptied } =
        store_page(ctx, run, task, page, verdicts, now).await?;
    match task {
        Task::Listing { .. } => {
            let verdict = run.state.sweep.advance(facts, now);
            save(ctx, run, &changes, now)?;
            changes = Changes::default();
            n_written += end_sweep(ctx, run, &verdict, &mut changes, now).await?;
        }
        _ => polls::advance(run, &ctx.schedule, news, &facts, &fetched),
    }
    if task.is_conditional() {
        let document = Document { validators: fetched.validators.clone(), full_at: now, body: None };
        ctx.db.put_document(run.id, &task.path(), &document)?;
    }
    save(ctx, run, &changes, now)?;
    n_written += channels::withdraw_empty(ctx, run, emptied, TombstoneReason::Hidden, now).await?;
    Ok(n_written)
}

/// What storing a page came to.
struct Stored {
    changes: Changes,
    facts: PageFacts,
    news: News,
    n_written: usize,
    /// Channels that lost a video.
    emptied: Vec<String>,
}

/// Journals a page and says what it changes in the state. The journal has it safely when this returns.
async fn store_page(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    page: ListingPage,
    verdicts: Verdicts,
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
        n_own: count(n_new),
        total: page.total,
        rows: page.uuids.iter().map(short).collect(),
    };
    let ids = page.videos.iter().map(Video::record_id).collect();
    let entries = ctx.entries(ids).await?;

    let mut changes = Changes::default();
    let mut journalled = Vec::new();
    let mut emptied = Vec::new();
    let mut news = News::default();
    for (video, entry) in page.videos.into_iter().zip(entries) {
        let (uuid, channel) = (video.uuid, key_of(&video.channel));
        let known = known.get(&uuid);
        if verdicts.is_withheld(&channel) {
            // Known when it was moved here from another channel.
            if known.is_some() {
                journalled.push(tombstone(video.record_id(), TombstoneReason::OptOut, now));
                changes.removed.push(uuid);
            }
            continue;
        }
        if verdicts.is_unchecked(&channel) {
            run.state.counts.n_item_errors += 1;
            run.state.counts.last_item_error = Some(format!("the channel {channel} could not be checked in time"));
            continue;
        }
        if known.is_none() && refuses_again(entry.as_ref(), &video, is_sweep, now) {
            continue;
        }
        let was_refused = known.is_none() && was_refused(entry.as_ref(), &video);
        let body = entry.map(|entry| entry.body);
        let due_ms = due_of(&video, known, body.as_ref(), run.state.enrich.popular_views, now);
        changes.seen.push(Seen {
            uuid,
            account: video.account.name.clone(),
            channel,
            published_ms: video.published_at.as_millisecond(),
            updated_ms: video.updated_at.as_millisecond(),
            views: video.views,
            is_live: video.is_live,
            sweep: (is_sweep || known.is_none()).then_some(sweep),
            due_ms,
        });
        let is_anew = known.is_none_or(|known| known.published_ms != video.published_at.as_millisecond());
        news.n_fresh += u64::from(is_anew);
        news.n_unknown += u64::from(known.is_none());
        news.ends_fresh = is_anew;
        if !was_refused {
            journalled.extend(join(video, body, is_sweep).map(|video| record(video, now)));
        }
    }
    for uuid in page.not_public {
        let Some(known) = known.get(&uuid) else { continue };
        journalled.push(tombstone(RecordId::video(run.host.clone(), uuid), TombstoneReason::Hidden, now));
        changes.removed.push(uuid);
        emptied.push(known.channel.clone());
        run.state.counts.n_withdrawn += 1;
    }
    let n_written = ctx.append(&run.host, journalled).await?;
    let counts = &mut run.state.counts;
    counts.n_records = (counts.n_records + news.n_unknown).saturating_sub(count(changes.removed.len()));
    changes.channels = verdicts.changes;
    Ok(Stored { changes, facts, news, n_written, emptied })
}

/// Whether the detail of a video was refused, or said that it is not for search engines, and it was not published anew
/// since, while the list goes on showing it. The list alone does not bring it back, its detail does.
fn was_refused(entry: Option<&Entry>, video: &Video) -> bool {
    entry.is_some_and(|entry| {
        let is_refusal =
            matches!(entry.body, Body::Tombstone { reason: TombstoneReason::Hidden | TombstoneReason::Deleted, .. });
        is_refusal && video.published_at <= entry.seen_at
    })
}

/// Whether it is too soon to ask again for the detail of such a video: a day, and then once a sweep.
fn refuses_again(entry: Option<&Entry>, video: &Video, is_sweep: bool, now: Timestamp) -> bool {
    let is_young = entry.is_some_and(|entry| now.duration_since(entry.seen_at) < SignedDuration::from_hours(24));
    was_refused(entry, video) && (is_young || !is_sweep)
}

/// Joins a listed video with the newest entry of its key. `None` when there is nothing to write: a moderator removed it,
/// or it is as known, or a poll sees nothing but other counts.
fn join(video: Video, known: Option<Body>, is_sweep: bool) -> Option<Video> {
    match known {
        Some(Body::Tombstone { reason: TombstoneReason::Moderated, .. }) => None,
        Some(Body::Record(Record::Video(known))) => {
            let video = merge_listing(video, &known);
            let is_same = video == *known || !is_sweep && differs_in_counts_only(&video, &known);
            (!is_same).then_some(video)
        }
        _ => Some(video),
    }
}

/// When the detail of a listed video is due at the latest.
fn due_of(video: &Video, known: Option<&Known>, body: Option<&Body>, popular_views: u64, now: Timestamp) -> i64 {
    let journalled = match body {
        Some(Body::Record(Record::Video(journalled))) => Some(journalled),
        _ => None,
    };
    let Some(known) = known else { return 0 };
    if journalled.is_some_and(|journalled| looks_edited(video, journalled)) {
        return DUE_BECAUSE_EDITED;
    }
    if known.detail_ms == 0 {
        // It waits for its first one already.
        return i64::MAX;
    }
    if journalled.is_some_and(|journalled| journalled.detail.is_none()) {
        return 0;
    }
    let published_ms = video.published_at.as_millisecond();
    let subject = Subject { uuid: video.uuid, published_ms, views: video.views };
    let in_turn = due_after(subject, known.detail_ms, popular_views, now);
    let was_touched = known.updated_ms != 0 && known.updated_ms != video.updated_at.as_millisecond();
    if was_touched { in_turn.min(due_after_touch(video.uuid, now)) } else { in_turn }
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

/// Takes in what the journal has and the state has not, because it was lost or the process ended between the two: nothing
/// else would ever ask whether it is still there.
async fn adopt(ctx: &Context, run: &mut HostRun, now: Timestamp) -> Result<(), Error> {
    let known = ctx.db.videos(run.id)?;
    let living = ctx.live_ids(run.host.clone(), Kind::Video).await?;
    let uuids = living.iter().filter_map(|id| id.id.parse().ok());
    let adopted: Vec<Uuid> = uuids.filter(|uuid| !known.contains(uuid)).collect();
    if adopted.is_empty() {
        return Ok(());
    }
    save(ctx, run, &Changes { adopted, ..Changes::default() }, now)
}

async fn end_sweep(
    ctx: &Context,
    run: &mut HostRun,
    verdict: &Verdict,
    changes: &mut Changes,
    now: Timestamp,
) -> Result<usize, Error> {
    if *verdict == Verdict::Continue {
        return Ok(0);
    }
    run.state.enrich.popular_views = ctx.db.popular_views(run.id)?;
    run.state.poll.wants_sweep = false;
    run.state.poll.total = run.state.sweep.claimed_total.or(run.state.poll.total);
    run.state.poll.n_withdrawn = run.state.counts.n_withdrawn;
    match verdict {
        Verdict::Continue => {}
        Verdict::Stopped(reason) => {
            let text = format!("scanning all videos of {}: {reason}; nothing is withdrawn", run.host);
            warn!(instance.host = %run.host, "{text}");
        }
        Verdict::Complete => {
            let sweep = run.state.sweep.number;
            adopt(ctx, run, now).await?;
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
    changes.prunes_channels = true;
    let empty = ctx.db.empty_channels(run.id)?;
    channels::withdraw_empty(ctx, run, empty, TombstoneReason::Deleted, now).await
}
