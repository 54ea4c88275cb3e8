//! Playlists: a pass through the list after each scan of the videos, and what is in those that are new or changed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use journal::record::{Playlist, Record, RecordId};
use journal::{Body, Entry, TombstoneReason};
use tracing::{info, warn};
use uuid::Uuid;

use super::answer::{after_failure, count, fail, good, jitter, save};
use super::channels::{self, Gate, Sight, Verdicts, key_of};
use super::details::gone_by;
use super::sweep::{Missing, PAGE_ROWS, PageFacts, Verdict};
use super::task::Task;
use super::visit::{Context, HostRun, Reading, short, tombstone};
use crate::error::Error;
use crate::failure::LastError;
use crate::net::{Fetched, Outcome};
use crate::peertube::{PlaylistsPage, Rejection, parse_elements, parse_playlist, parse_playlists};
use crate::politeness::{Pace, after};
use crate::state::{Changes, KnownPlaylist, PlaylistChange};

/// Elements are read again after this, whatever the playlist says: a video that goes does not change it.
const ELEMENTS_FRESH: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Most elements of a playlist that are kept.
const MAX_ELEMENTS: usize = 1000;

/// Most rows of a playlist that are asked for, hidden ones included.
const MAX_ELEMENT_ROWS: u64 = 2000;

/// Playlists of one host that are remembered in memory from their listing until their elements are read.
const MAX_LISTED: usize = 100;

/// Until the list is looked at again of a host that shows none, or hardly any of its own.
const REST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Until a list that cannot be read is tried again.
const RETRY: Duration = Duration::from_secs(24 * 60 * 60);

/// Pages from which on a list that is mostly of other instances is worth a look a week only.
const MANY_PAGES: u64 = 3;

/// The key of the channel of a playlist; empty for none.
fn channel_key(playlist: &Playlist) -> String {
    playlist.channel.as_ref().map(key_of).unwrap_or_default()
}

/// Applies a page of the list.
pub async fn apply_page(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let is_refused = match &fetched.outcome {
        Outcome::NotFound | Outcome::Gone | Outcome::Unauthorized | Outcome::Unexpected => true,
        // A page for people may be a challenge that passes.
        Outcome::Forbidden => !fetched.is_html(),
        Outcome::Ok(_) => fetched.is_noindex,
        _ => false,
    };
    if is_refused {
        good(run, &fetched, pace);
        end(run, now, Some(REST));
        return save(ctx, run, &Changes::default(), now).map(|()| 0);
    }
    let page = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_playlists(body, &run.host, now),
        _ => return fail(ctx, run, task, &fetched, pace).map(|()| 0),
    };
    let page = match page {
        Ok(mut page) => {
            page.playlists.retain(|listed| !ctx.door.keeps_out(&listed.playlist.targets()));
            page
        }
        Err(error) => {
            run.state.slot.fail(now, None, jitter(), pace);
            let error = LastError::of_content(&fetched, &format!("reading {}: {error}", fetched.url));
            return after_failure(ctx, run, task, error, now).map(|()| 0);
        }
    };
    good(run, &fetched, pace);
    let listed = page.playlists.iter().map(|listed| &listed.playlist);
    let named = listed.filter_map(|playlist| Some((playlist.channel.as_ref()?, &playlist.owner)));
    let verdicts = match channels::gate(ctx, run, named, Sight::Playlist, now)? {
        Gate::Hold(changes) => return save(ctx, run, &changes, now).map(|()| 0),
        Gate::Pass(verdicts) => verdicts,
    };
    let pass = &mut run.state.playlists;
    if !pass.sweep.is_running {
        pass.sweep.begin(now);
        pass.n_remote = 0;
    }
    pass.n_remote += count(page.n_remote);
    count_items(run, &page);
    let (mut changes, facts, mut n_written) = store_page(ctx, run, page, &verdicts, now).await?;
    changes.channels = verdicts.changes;
    let verdict = run.state.playlists.sweep.advance(facts, now);
    save(ctx, run, &changes, now)?;
    let mut changes = Changes::default();
    n_written += end_pass(ctx, run, &verdict, &mut changes)?;
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

fn count_items(run: &mut HostRun, page: &PlaylistsPage) {
    let counts = &mut run.state.counts;
    counts.n_spoofed += count(page.spoofs.len());
    counts.n_item_errors += count(page.errors.len());
    if let Some(last) = page.spoofs.last().or(page.errors.last()) {
        counts.last_item_error = Some(format!("a playlist: {last}"));
    }
}

async fn store_page(
    ctx: &Context,
    run: &mut HostRun,
    page: PlaylistsPage,
    verdicts: &Verdicts,
    now: Timestamp,
) -> Result<(Changes, PageFacts, usize), Error> {
    let sweep = run.state.playlists.sweep.number;
    let known = ctx.db.known_playlists(run.id, &page.uuids)?;
    let is_new = |uuid: &Uuid| match known.get(uuid) {
        Some(known) => known.sweep != sweep,
        None => !run.state.playlists.sweep.previous.contains(&short(uuid)),
    };
    let facts = PageFacts {
        n_rows: count(page.n_rows),
        n_new: count(page.uuids.iter().filter(|uuid| is_new(uuid)).count()),
        n_own: count(page.playlists.iter().filter(|listed| is_new(&listed.playlist.uuid)).count()),
        total: page.total,
        rows: page.uuids.iter().map(short).collect(),
    };
    let mut changes = Changes::default();
    let mut journalled = Vec::new();
    for listed in page.playlists {
        let playlist = listed.playlist;
        let uuid = playlist.uuid;
        let known = known.get(&uuid);
        if verdicts.is_unchecked(&channel_key(&playlist)) {
            continue;
        }
        if is_withheld(ctx, run, verdicts, &playlist)? {
            if known.is_some() {
                journalled.push(tombstone(playlist.record_id(), TombstoneReason::OptOut, now));
                changes.playlists.push(PlaylistChange::Removed { uuid });
            }
            continue;
        }
        let wants_elements = wants_elements(&playlist, known, now);
        changes.playlists.push(seen(&playlist, Some(sweep), wants_elements));
        if wants_elements && run.listed.len() < MAX_LISTED {
            run.listed.insert(uuid, playlist);
        }
    }
    for uuid in page.not_public.into_iter().filter(|uuid| known.contains_key(uuid)) {
        journalled.push(tombstone(RecordId::playlist(run.host.clone(), uuid), TombstoneReason::Hidden, now));
        changes.playlists.push(PlaylistChange::Removed { uuid });
    }
    let n_written = ctx.append(&run.host, journalled).await?;
    Ok((changes, facts, n_written))
}

/// Whether a playlist stays out. One without a channel goes by its account.
fn is_withheld(ctx: &Context, run: &HostRun, verdicts: &Verdicts, playlist: &Playlist) -> Result<bool, Error> {
    match &playlist.channel {
        Some(channel) => Ok(verdicts.is_withheld(&key_of(channel))),
        None => ctx.db.is_owner_withheld(run.id, &playlist.owner.name),
    }
}

fn seen(playlist: &Playlist, sweep: Option<u32>, wants_elements: bool) -> PlaylistChange {
    PlaylistChange::Seen {
        uuid: playlist.uuid,
        channel: channel_key(playlist),
        owner: playlist.owner.name.clone(),
        updated_ms: playlist.updated_at.as_millisecond(),
        sweep,
        wants_elements,
    }
}

fn wants_elements(playlist: &Playlist, known: Option<&KnownPlaylist>, now: Timestamp) -> bool {
    let Some(known) = known else { return true };
    let age_ms = i128::from(now.as_millisecond().saturating_sub(known.elements_ms));
    known.updated_ms != playlist.updated_at.as_millisecond() || age_ms >= ELEMENTS_FRESH.as_millis()
}

fn end_pass(ctx: &Context, run: &mut HostRun, verdict: &Verdict, changes: &mut Changes) -> Result<usize, Error> {
    let pass = &mut run.state.playlists;
    let (n_known, n_missing) = match verdict {
        Verdict::Continue => return Ok(0),
        Verdict::Stopped(_) | Verdict::Complete => ctx.db.tally_playlists(run.id, pass.sweep.number)?,
    };
    let ended_at = pass.sweep.ended_at.unwrap_or_default();
    let is_mostly_remote = pass.sweep.n_pages >= MANY_PAGES && pass.n_remote > pass.sweep.n_own.saturating_mul(10);
    pass.not_before = is_mostly_remote.then(|| after(ended_at, REST));
    pass.n_failures = 0;
    match verdict {
        Verdict::Continue => {}
        Verdict::Stopped(reason) => {
            warn!(instance.host = %run.host, "reading the playlists of {}: {reason}; nothing is withdrawn", run.host);
        }
        Verdict::Complete => match pass.sweep.judge_missing(n_known, n_missing) {
            Missing::None => {}
            Missing::Confirm => changes.confirm_playlists_missing_from = Some(pass.sweep.number),
            Missing::Hold => warn!(
                instance.host = %run.host,
                "{n_missing} of {n_known} playlists are gone from the list of {}: held until two more passes agree",
                run.host
            ),
        },
    }
    info!(
        instance.host = %run.host,
        playlists = n_known - n_missing,
        missing = n_missing,
        remote = run.state.playlists.n_remote,
        "read the list of playlists of {}", run.host
    );
    Ok(0)
}

/// Ends a pass without a conclusion.
fn end(run: &mut HostRun, now: Timestamp, rest: Option<Duration>) {
    let pass = &mut run.state.playlists;
    if !pass.sweep.is_running {
        pass.sweep.begin(now);
    }
    pass.sweep.is_running = false;
    pass.sweep.ended_at = Some(now);
    pass.not_before = rest.map(|rest| after(now, rest));
    pass.n_failures = 0;
}

/// After a failure of the list: it is tried a second time, and then left for a day.
pub fn put_off(run: &mut HostRun, now: Timestamp) {
    run.state.playlists.n_failures += 1;
    if run.state.playlists.n_failures >= 2 {
        end(run, now, Some(RETRY));
    }
}

/// Leaves a playlist as it is known, until the next pass.
pub fn unread(run: &mut HostRun, uuid: Uuid) -> [PlaylistChange; 2] {
    run.listed.remove(&uuid);
    run.reading.take_if(|reading| reading.playlist.uuid == uuid);
    [PlaylistChange::Unread { uuid }, PlaylistChange::Unconfirmed { uuid }]
}

/// Applies the answer of the route of one playlist, asked for because the list missed it or its elements are wanted.
pub async fn apply_playlist(
    ctx: &Context,
    run: &mut HostRun,
    uuid: Uuid,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let task = Task::ConfirmPlaylist { uuid };
    if let Some(reason) = gone_by(&fetched) {
        good(run, &fetched, pace);
        return withdraw(ctx, run, uuid, reason, now).await;
    }
    let found = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_playlist(body, &run.host, now),
        _ => return fail(ctx, run, &task, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    let playlist = match found {
        Ok(listed) if listed.playlist.uuid == uuid => listed.playlist,
        Err(Rejection::NotPublic(_) | Rejection::Remote | Rejection::Spoofed { .. }) => {
            return withdraw(ctx, run, uuid, TombstoneReason::Hidden, now).await;
        }
        Ok(_) | Err(Rejection::Field(_) | Rejection::Malformed(_)) => {
            run.state.counts.n_item_errors += 1;
            run.state.counts.last_item_error = Some(format!("the playlist {uuid} cannot be read"));
            let playlists = unread(run, uuid).to_vec();
            return save(ctx, run, &Changes { playlists, ..Changes::default() }, now).map(|()| 0);
        }
    };
    let named = playlist.channel.iter().map(|channel| (channel, &playlist.owner));
    let verdicts = match channels::gate(ctx, run, named, Sight::Playlist, now)? {
        Gate::Hold(changes) => return save(ctx, run, &changes, now).map(|()| 0),
        Gate::Pass(verdicts) => verdicts,
    };
    if is_withheld(ctx, run, &verdicts, &playlist)? {
        return withdraw(ctx, run, uuid, TombstoneReason::OptOut, now).await;
    }
    let known = ctx.db.known_playlists(run.id, &[uuid])?;
    let wants_elements = wants_elements(&playlist, known.get(&uuid), now);
    let seen = seen(&playlist, Some(run.state.playlists.sweep.number), wants_elements);
    if run.listed.len() >= MAX_LISTED {
        run.listed.clear();
    }
    run.listed.insert(uuid, playlist);
    let changes = Changes { playlists: vec![seen], channels: verdicts.changes, ..Changes::default() };
    save(ctx, run, &changes, now).map(|()| 0)
}

async fn withdraw(
    ctx: &Context,
    run: &mut HostRun,
    uuid: Uuid,
    reason: TombstoneReason,
    now: Timestamp,
) -> Result<usize, Error> {
    let id = RecordId::playlist(run.host.clone(), uuid);
    let n_written = ctx.withdraw(&run.host, vec![id], reason, now).await?;
    run.listed.remove(&uuid);
    run.reading.take_if(|reading| reading.playlist.uuid == uuid);
    let playlists = vec![PlaylistChange::Removed { uuid }];
    save(ctx, run, &Changes { playlists, ..Changes::default() }, now)?;
    Ok(n_written)
}

/// Applies a page of the elements of a playlist; the last one journals the playlist.
pub async fn apply_elements(
    ctx: &Context,
    run: &mut HostRun,
    uuid: Uuid,
    start: u64,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let task = Task::Elements { uuid, start };
    if gone_by(&fetched).is_some() {
        // The playlist itself says whether it is gone.
        good(run, &fetched, pace);
        let [unread, _] = unread(run, uuid);
        let playlists = vec![unread, PlaylistChange::Confirm { uuid }];
        return save(ctx, run, &Changes { playlists, ..Changes::default() }, now).map(|()| 0);
    }
    let page = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_elements(body, &run.host),
        _ => return fail(ctx, run, &task, &fetched, pace).map(|()| 0),
    };
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            run.state.slot.fail(now, None, jitter(), pace);
            let error = LastError::of_content(&fetched, &format!("reading {}: {error}", fetched.url));
            return after_failure(ctx, run, &task, error, now).map(|()| 0);
        }
    };
    if page.n_rows == 0 && start == 0 && page.total.is_some_and(|total| total > 0) {
        // It claims some and gives none: no reason to take the playlist away.
        run.state.slot.fail(now, None, jitter(), pace);
        let error = LastError::of_content(&fetched, &format!("reading {}: an empty page before its end", fetched.url));
        return after_failure(ctx, run, &task, error, now).map(|()| 0);
    }
    good(run, &fetched, pace);
    run.state.counts.n_item_errors += count(page.n_errors);
    let begun = run.reading.take().filter(|reading| reading.playlist.uuid == uuid && reading.start == start);
    let begun = begun.or_else(|| {
        let playlist = run.listed.remove(&uuid)?;
        (start == 0).then(|| Reading { playlist, elements: Vec::new(), start })
    });
    let Some(mut reading) = begun else { return save(ctx, run, &Changes::default(), now).map(|()| 0) };
    reading.elements.extend(page.elements);
    reading.elements.truncate(MAX_ELEMENTS);
    reading.start = start.saturating_add(count(page.n_rows));
    let claims_more = page.total.is_some_and(|total| total > reading.start);
    let is_end = page.n_rows == 0
        || count(page.n_rows) < PAGE_ROWS && !claims_more
        || page.total.is_some_and(|total| reading.start >= total)
        || reading.elements.len() >= MAX_ELEMENTS
        || reading.start >= MAX_ELEMENT_ROWS;
    if !is_end {
        run.reading = Some(reading);
        return save(ctx, run, &Changes::default(), now).map(|()| 0);
    }
    finish(ctx, run, Playlist { elements: reading.elements, ..reading.playlist }, now).await
}

/// Journals a playlist whose elements were read; one without a public video is none.
async fn finish(ctx: &Context, run: &mut HostRun, playlist: Playlist, now: Timestamp) -> Result<usize, Error> {
    let (uuid, id) = (playlist.uuid, playlist.record_id());
    let is_empty = playlist.elements.is_empty();
    let is_moderated = channels::is_moderated(ctx, id.clone()).await?;
    let n_written = if is_moderated {
        0
    } else if is_empty {
        ctx.withdraw(&run.host, vec![id], TombstoneReason::Hidden, now).await?
    } else {
        let body = Body::Record(Record::Playlist(Box::new(playlist)));
        ctx.append(&run.host, vec![Entry { seen_at: now, body }]).await?
    };
    let is_journalled = !is_empty && !is_moderated;
    let playlists = vec![PlaylistChange::Read { uuid, now, is_journalled }];
    save(ctx, run, &Changes { playlists, ..Changes::default() }, now)?;
    Ok(n_written)
}
