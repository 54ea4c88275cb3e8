//! Details of videos, one by one or by the outbox of their account; and whether a missing one is gone.

use std::time::Duration;

use jiff::Timestamp;
use journal::record::{Record, RecordId, Video};
use journal::{Body, TombstoneReason};
use uuid::Uuid;

use super::answer::{fail, good, save};
use super::channels::{self, Gate, Sight, key_of};
use super::merge::{merge_detail, says_the_same};
use super::plan::MAX_REFUSED_OUTBOXES;
use super::rotation::{Subject, due_after};
use super::task::Task;
use super::visit::{Context, HostRun, record};
use crate::error::Error;
use crate::net::{Fetched, Outcome};
use crate::peertube::{Rejection, keep_description, lacks_description, parse_description, parse_detail, parse_outbox};
use crate::politeness::{Pace, after};
use crate::state::{Changes, Enriched, Seen};

/// Until a detail that could not be read is asked for again.
const RETRY: Duration = Duration::from_secs(24 * 60 * 60);

/// Applies the answer of the detail route, asked for its tags or because a list missed the video.
pub async fn apply_detail(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    uuid: Uuid,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    if let Some(reason) = gone_by(&fetched) {
        good(run, &fetched, pace);
        return withdraw(ctx, run, uuid, reason, now).await;
    }
    let found = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_detail(body, &run.host, now),
        _ => return fail(ctx, run, task, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    match found {
        Ok(video) if video.uuid == uuid => keep(ctx, run, task, video, now).await,
        Err(Rejection::NotPublic(_) | Rejection::Remote | Rejection::Spoofed { .. }) => {
            withdraw(ctx, run, uuid, TombstoneReason::Hidden, now).await
        }
        Ok(_) | Err(Rejection::Field(_) | Rejection::Malformed(_)) => {
            // Kept as the listing gave it.
            run.state.counts.n_item_errors += 1;
            run.state.counts.last_item_error = Some(format!("the detail of {uuid} cannot be read"));
            let unconfirmed = vec![(uuid, run.state.sweep.number)];
            let changes = Changes { enriched: vec![unread(uuid, now)], unconfirmed, ..Changes::default() };
            save(ctx, run, &changes, now).map(|()| 0)
        }
    }
}

/// Why an answer means that what was asked for is not public any more.
pub fn gone_by(fetched: &Fetched) -> Option<TombstoneReason> {
    match &fetched.outcome {
        Outcome::Gone => Some(TombstoneReason::Deleted),
        // A page for people, such as a challenge, says nothing about the record.
        _ if fetched.is_html() => None,
        Outcome::NotFound => Some(TombstoneReason::Deleted),
        Outcome::Unauthorized | Outcome::Forbidden => Some(TombstoneReason::Hidden),
        Outcome::Ok(_) if fetched.is_noindex => Some(TombstoneReason::Hidden),
        _ => None,
    }
}

/// A detail that could not be read: asked for again tomorrow.
pub fn unread(uuid: Uuid, now: Timestamp) -> Enriched {
    Enriched { uuid, read_ms: None, due_ms: after(now, RETRY).as_millisecond(), lacks_description: false }
}

/// Journals a video with its detail.
async fn keep(ctx: &Context, run: &mut HostRun, task: &Task, mut video: Video, now: Timestamp) -> Result<usize, Error> {
    let uuid = video.uuid;
    let channel = key_of(&video.channel);
    let named = std::iter::once((&video.channel, &video.account));
    let verdicts = match channels::gate(ctx, run, named, Sight::Detail, now)? {
        // It is in a channel that no list has shown yet, and is asked for again once that was checked.
        Gate::Hold(changes) => return save(ctx, run, &changes, now).map(|()| 0),
        Gate::Pass(verdicts) => verdicts,
    };
    if verdicts.is_withheld(&channel) {
        return withdraw(ctx, run, uuid, TombstoneReason::OptOut, now).await;
    }
    let entry = ctx.entries(vec![video.record_id()]).await?.into_iter().next().flatten();
    let (is_moderated, known) = match entry.map(|entry| entry.body) {
        Some(Body::Tombstone { reason: TombstoneReason::Moderated, .. }) => (true, None),
        Some(Body::Record(Record::Video(known))) => (false, Some(known)),
        _ => (false, None),
    };
    if let Some(known) = &known {
        keep_description(&mut video, known);
    }
    let enriched = read(&video, run.state.enrich.popular_views, now);
    let was_asked_for_by_a_list = matches!(task, Task::Confirm { .. });
    let seen = Seen {
        uuid,
        account: video.account.name.clone(),
        channel,
        published_ms: video.published_at.as_millisecond(),
        updated_ms: video.updated_at.as_millisecond(),
        views: video.views,
        is_live: video.is_live,
        sweep: was_asked_for_by_a_list.then_some(run.state.sweep.number),
        due_ms: enriched.due_ms,
    };
    let is_same = known.is_some_and(|known| *known == video);
    let entries = if is_moderated || is_same { Vec::new() } else { vec![record(video, now)] };
    let n_written = ctx.append(&run.host, entries).await?;
    let changes =
        Changes { seen: vec![seen], enriched: vec![enriched], channels: verdicts.changes, ..Changes::default() };
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

/// A detail that was read, with its next turn.
fn read(video: &Video, popular_views: u64, now: Timestamp) -> Enriched {
    let subject = Subject { uuid: video.uuid, published_ms: video.published_at.as_millisecond(), views: video.views };
    let read_ms = now.as_millisecond();
    let due_ms = due_after(subject, read_ms, popular_views, now);
    let read = Enriched { uuid: video.uuid, read_ms: Some(read_ms), due_ms, lacks_description: false };
    if lacks_description(video) { Enriched { due_ms: 0, lacks_description: true, ..read } } else { read }
}

async fn withdraw(
    ctx: &Context,
    run: &mut HostRun,
    uuid: Uuid,
    reason: TombstoneReason,
    now: Timestamp,
) -> Result<usize, Error> {
    let channel = ctx.db.known(run.id, &[uuid])?.remove(&uuid).map(|known| known.channel);
    let id = RecordId::video(run.host.clone(), uuid);
    let n_written = ctx.withdraw(&run.host, vec![id], reason, now).await?;
    if reason != TombstoneReason::OptOut {
        run.state.counts.n_withdrawn += 1;
    }
    run.state.counts.n_records = run.state.counts.n_records.saturating_sub(1);
    save(ctx, run, &Changes { removed: vec![uuid], ..Changes::default() }, now)?;
    Ok(n_written + channels::withdraw_empty(ctx, run, channel, reason, now).await?)
}

/// Applies the answer of the route that has the whole description of an instance before 5.0.
pub async fn apply_description(
    ctx: &Context,
    run: &mut HostRun,
    uuid: Uuid,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let whole = match &fetched.outcome {
        Outcome::ServerError(_) => {
            return fail(ctx, run, &Task::Description { uuid }, &fetched, pace).map(|()| 0);
        }
        Outcome::Ok(body) if fetched.is_json() => parse_description(body).ok().flatten(),
        _ => None,
    };
    good(run, &fetched, pace);
    let id = RecordId::video(run.host.clone(), uuid);
    let entry = ctx.entries(vec![id]).await?.into_iter().next().flatten();
    let Some(Body::Record(Record::Video(known))) = entry.map(|entry| entry.body) else {
        return save(ctx, run, &Changes { enriched: vec![unread(uuid, now)], ..Changes::default() }, now).map(|()| 0);
    };
    let mut video = *known;
    let mut entries = Vec::new();
    if let Some(detail) = video.detail.as_mut().filter(|_| whole.is_some()) {
        detail.description = whole;
        entries.push(record(video.clone(), now));
    }
    let n_written = ctx.append(&run.host, entries).await?;
    let subject = Subject { uuid, published_ms: video.published_at.as_millisecond(), views: video.views };
    // Where there is none, the cut text is all there is, until the next turn of the video.
    let due_ms = due_after(subject, now.as_millisecond(), run.state.enrich.popular_views, now);
    let enriched = Enriched { uuid, read_ms: None, due_ms, lacks_description: false };
    save(ctx, run, &Changes { enriched: vec![enriched], ..Changes::default() }, now)?;
    Ok(n_written)
}

/// Applies a page of the outbox of an account.
pub async fn apply_outbox(
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
        let changes = Changes { exhausted_account: Some((account.to_owned(), now)), ..Changes::default() };
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
            let mut newer = merge_detail(&video, detail);
            keep_description(&mut newer, &video);
            changes.enriched.push(read(&newer, run.state.enrich.popular_views, now));
            if !says_the_same(&newer, &video) {
                journalled.push(record(newer, now));
            }
        }
    }
    let n_written = ctx.append(&run.host, journalled).await?;
    save(ctx, run, &changes, now)?;
    let n_left = ctx.db.n_wanted_of(run.id, account, now)?;
    let is_end = n_left == 0
        || !page.has_next
        || page.n_rows == 0
        || u64::from(page_number) > run.state.counts.n_records / 25 + 3;
    let mut changes = Changes::default();
    if is_end {
        run.state.enrich.account = None;
        changes.exhausted_account = Some((account.to_owned(), now));
    } else {
        run.state.enrich.account = Some(account.to_owned());
        run.state.enrich.page = page_number.saturating_add(1);
    }
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}
