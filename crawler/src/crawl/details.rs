//! Details of videos, one by one or by the outbox of their account; and whether a missing one is gone.

use jiff::Timestamp;
use journal::record::{Record, RecordId};
use journal::{Body, TombstoneReason};
use uuid::Uuid;

use super::answer::{fail, good, save};
use super::merge::merge_detail;
use super::plan::{MAX_REFUSED_OUTBOXES, Task};
use super::visit::{Context, HostRun, record, tombstone};
use crate::error::Error;
use crate::net::{Fetched, Outcome};
use crate::peertube::{Rejection, parse_detail, parse_outbox};
use crate::politeness::Pace;
use crate::state::Changes;

/// Applies the answer of the detail route, asked for its tags or because a sweep missed the video.
pub async fn apply_detail(
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
