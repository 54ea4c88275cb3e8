//! What becomes of an answer.

use std::time::Duration;

use allowlist::SourceKind;
use jiff::Timestamp;
use tracing::{info, warn};

use super::passes::Scope;
use super::sweep::MAX_FAILED;
use super::task::Task;
use super::visit::{Context, HostRun};
use crate::error::{Cause, Error, FetchError};
use crate::failure::LastError;
use crate::net::{Fetched, Outcome};
use crate::peertube::{IdentityError, parse_config, parse_nodeinfo, parse_nodeinfo_links};
use crate::politeness::{Pace, RetryAfter, after};
use crate::robots::{MAX_BYTES, Rules};
use crate::state::{BlockedBy, Changes, Document, Identity};

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
        let error = LastError::of_answer(&run.host, &fetched, run.state.slot.blocked_until);
        warn!(instance.host = %run.host, "{}", error.text);
        run.state.note_error(error);
        return save(ctx, run, &Changes::default(), fetched.at).map(|()| 0);
    }
    match task {
        Task::Robots => apply_robots(ctx, run, &fetched, pace).map(|()| 0),
        Task::NodeinfoLinks | Task::Nodeinfo { .. } | Task::Config => {
            apply_identity(ctx, run, task, &fetched, pace).map(|()| 0)
        }
        Task::Listing { .. } | Task::Poll { .. } => super::listing::apply(ctx, run, task, fetched, pace).await,
        Task::Lives => super::lives::apply(ctx, run, &fetched, pace).map(|()| 0),
        Task::Channel { name } => super::channels::apply_channel(ctx, run, name, fetched, pace).await,
        Task::ChannelActor { .. } | Task::AccountActor { .. } => {
            super::channels::apply_actor(ctx, run, task, &fetched, pace).map(|()| 0)
        }
        Task::Playlists { .. } => super::playlists::apply_page(ctx, run, task, fetched, pace).await,
        Task::ConfirmPlaylist { uuid } => super::playlists::apply_playlist(ctx, run, *uuid, fetched, pace).await,
        Task::Elements { uuid, start } => {
            super::playlists::apply_elements(ctx, run, *uuid, *start, fetched, pace).await
        }
        Task::Confirm { uuid } | Task::Detail { uuid } => {
            super::details::apply_detail(ctx, run, task, *uuid, fetched, pace).await
        }
        Task::Description { uuid } => super::details::apply_description(ctx, run, *uuid, fetched, pace).await,
        Task::Outbox { account, page } => {
            super::details::apply_outbox(ctx, run, task, account, *page, fetched, pace).await
        }
        Task::Mobilizon(task) => super::mobilizon::apply(ctx, run, task, fetched, pace).await,
        Task::Gancio(task) => super::gancio::apply(ctx, run, task, fetched, pace).await,
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
    let now = ctx.clock.now();
    if *task == Task::Robots && matches!(error.cause, Cause::TooManyRedirects { .. }) {
        // RFC 9309, section 2.3.1.2: as if there were no file.
        run.state.slot.succeed(now, Duration::ZERO, None, pace);
        return take_rules(ctx, run, None, now);
    }
    run.state.slot.fail(now, None, jitter(), pace);
    after_failure(ctx, run, task, LastError::of_request(error, now), now)
}

/// An answer that is of no use: a failure of the host, with its status.
pub(super) fn fail(ctx: &Context, run: &mut HostRun, task: &Task, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    run.state.slot.fail(fetched.at, retry_after(fetched), jitter(), pace);
    let error = LastError::of_answer(&run.host, fetched, run.state.slot.blocked_until);
    after_failure(ctx, run, task, error, fetched.at)
}

pub(super) fn after_failure(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    error: LastError,
    now: Timestamp,
) -> Result<(), Error> {
    warn!(instance.host = %run.host, failures = run.state.slot.n_failures, "{}", error.text);
    let mut changes = Changes::default();
    match task {
        Task::Mobilizon(task) => changes = super::mobilizon::failed(run, task, &error, now),
        Task::Gancio(task) => changes = super::gancio::failed(run, task, now),
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
        Task::Confirm { uuid } => changes.unconfirmed.push((*uuid, 0)),
        Task::Detail { uuid } | Task::Description { uuid } => {
            changes.enriched.push(super::details::unread(*uuid, now));
        }
        Task::Outbox { account, .. } => {
            changes.exhausted_account = Some((account.clone(), now));
            run.state.enrich.account = None;
        }
        Task::Lives => run.state.poll.lives_at = Some(now),
        Task::Channel { name } => changes.channels.extend(super::channels::failed(ctx, run, name, now)?),
        Task::ChannelActor { .. } | Task::AccountActor { .. } => {
            changes.channels.extend(super::channels::actor_change(task, None, now));
        }
        Task::Playlists { .. } => super::playlists::put_off(run, now),
        Task::ConfirmPlaylist { uuid } | Task::Elements { uuid, .. } => {
            changes.playlists.extend(super::playlists::unread(run, *uuid));
        }
        Task::Listing { .. } => run.state.sweep.fail(now),
        Task::Poll { .. } => {
            let poll = &mut run.state.poll;
            poll.n_failed += 1;
            if poll.n_failed >= MAX_FAILED {
                (poll.n_failed, poll.start, poll.n_pages) = (0, 0, 0);
                poll.last_at = Some(now);
            }
        }
        Task::NodeinfoLinks | Task::Nodeinfo { .. } | Task::Config => {}
    }
    run.state.note_error(error);
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
    let is_allowed = rules.is_allowed(&list_path(run.kind));
    if is_allowed {
        // A block by header stands until its records are withdrawn; afterwards the list is asked again.
        if robots.blocked_by != Some(BlockedBy::Header) || robots.is_purged {
            robots.blocked_since = None;
            robots.blocked_by = None;
            robots.is_purged = false;
        }
    } else if robots.blocked_since.is_none() {
        info!(instance.host = %run.host, "robots.txt of {} forbids its list", run.host);
        robots.blocked_since = Some(now);
        robots.blocked_by = Some(BlockedBy::RobotsTxt);
    }
    run.rules = Some(rules);
    save(ctx, run, &Changes::default(), now)
}

/// Takes note that NodeInfo is of no use. Of a Gancio nothing else says what it is; it is asked again with the next check.
fn hide(run: &mut HostRun, now: Timestamp) {
    if run.kind == SourceKind::Gancio {
        let mismatch = Some("identity mismatch: its NodeInfo cannot be read".to_owned());
        run.state.identity = Identity { checked_at: Some(now), mismatch, ..Identity::default() };
    } else {
        run.state.identity.is_hidden = true;
    }
}

/// What has to be allowed for a host to be read at all.
fn list_path(kind: SourceKind) -> String {
    match kind {
        SourceKind::PeerTube => Task::Listing { start: 0 }.path(),
        SourceKind::Mobilizon => super::mobilizon::Task::GRAPHQL.to_owned(),
        SourceKind::Gancio => super::gancio::Task::Events { scope: Scope::Current, start: 0 }.path(),
    }
}

/// The software by its own name.
fn software_of(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::PeerTube => "PeerTube",
        SourceKind::Mobilizon => "Mobilizon",
        SourceKind::Gancio => "Gancio",
    }
}

fn apply_identity(ctx: &Context, run: &mut HostRun, task: &Task, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    let now = fetched.at;
    let body = match &fetched.outcome {
        Outcome::Ok(body) => body,
        Outcome::ServerError(_) => return fail(ctx, run, task, fetched, pace),
        _ if *task == Task::Config => return fail(ctx, run, task, fetched, pace),
        _ => {
            good(run, fetched, pace);
            hide(run, now);
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
        Ok(software) if software.name == run.kind.as_str() => {
            let (version, name) = (Some(software.version), software.node_name);
            let (time_zone, actor) = (software.time_zone, software.actor);
            run.state.identity = Identity { software: Some(software.name), version, name, time_zone, actor, ..checked };
        }
        Ok(software) => {
            let mismatch = format!("it runs `{}`, not {}", software.name, software_of(run.kind));
            let (version, name) = (Some(software.version), software.node_name);
            run.state.identity =
                Identity { mismatch: Some(mismatch), software: Some(software.name), version, name, ..checked };
        }
        Err(error @ IdentityError::Mismatch(_)) => {
            run.state.identity = Identity { mismatch: Some(format!("identity mismatch: {error}")), ..checked };
        }
        Err(IdentityError::Malformed) if *task == Task::Config => {
            return fail(ctx, run, task, fetched, pace);
        }
        Err(IdentityError::Malformed) => hide(run, now),
    }
    good(run, fetched, pace);
    if let Some(mismatch) = run.state.identity.mismatch.clone() {
        warn!(instance.host = %run.host, "{} is not crawled: {mismatch}", run.host);
    }
    save(ctx, run, &Changes::default(), now)
}

/// Takes note that a list of a host asks not to be indexed, by a header.
pub(super) fn block(ctx: &Context, run: &mut HostRun, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    good(run, fetched, pace);
    run.state.robots.blocked_since.get_or_insert(fetched.at);
    run.state.robots.blocked_by = Some(BlockedBy::Header);
    save(ctx, run, &Changes::default(), fetched.at)
}

pub(super) fn good(run: &mut HostRun, fetched: &Fetched, pace: &Pace) {
    run.state.slot.succeed(fetched.at, fetched.latency, fetched.rate, pace);
    run.state.note_answer(fetched.url.path(), fetched.at);
}

pub(super) fn save(ctx: &Context, run: &HostRun, changes: &Changes, now: Timestamp) -> Result<(), Error> {
    let due = run.state.slot.next_at(&ctx.client.pace_of(&run.host)).unwrap_or(now);
    ctx.db.commit(run.id, &run.state, due, changes)
}

fn retry_after(fetched: &Fetched) -> Option<RetryAfter> {
    match fetched.outcome {
        Outcome::RateLimited(retry_after) | Outcome::ServerError(retry_after) => retry_after,
        _ => None,
    }
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// From -1 to 1, so that hosts that failed together do not come back together.
pub(super) fn jitter() -> f64 {
    rand::random_range(-1.0..=1.0)
}
