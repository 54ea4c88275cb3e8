//! What becomes of an answer of a Mobilizon host.

use std::time::Duration;

use jiff::Timestamp;
use tracing::{info, warn};

use super::plan::{Way, query};
use super::task::Task;
use super::{details, feeds, groups, lists};
use crate::crawl::agenda::later_ms;
use crate::crawl::answer::{after_failure, block, fail, good, jitter, save};
use crate::crawl::passes::{Scope, fail_pass, fail_sweep};
use crate::crawl::sweep::MAX_FAILED;
use crate::crawl::visit::{Context, HostRun};
use crate::error::Error;
use crate::failure::{FailureKind, LastError};
use crate::mobilizon::{Purpose, Query, Refusal, parse_probe};
use crate::net::{Fetched, Outcome};
use crate::politeness::{Pace, after};
use crate::state::{Changes, EventChange, GroupChange, HostState, Identity};

/// How long a query that was refused is not asked again.
const REFUSED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Applies an answer to the journal and to the state of its host. Returns how many records were written.
pub async fn apply(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    match task {
        Task::Probe { .. } => apply_probe(ctx, run, task, &fetched, pace).map(|()| 0),
        Task::Events { query, scope, rows, .. } => {
            lists::events(ctx, run, task, (query, *scope, *rows), fetched, pace).await
        }
        Task::Look { query, scope, rows, .. } => {
            lists::look(ctx, run, task, (query, *scope, *rows), fetched, pace).await
        }
        Task::Changes { .. } => lists::changes(ctx, run, task, fetched, pace).await,
        Task::Event { id, .. } => details::event(ctx, run, task, id, fetched, pace).await,
        Task::Object { id } => details::object(ctx, run, task, id, fetched, pace).await,
        Task::Groups { rows, .. } => groups::page(ctx, run, task, *rows, fetched, pace).await,
        Task::Group { name, .. } => groups::group(ctx, run, task, name, fetched, pace).await,
        Task::GroupActor { name } => groups::actor(ctx, run, name, fetched, pace).await,
        Task::Outbox { page } => feeds::outbox(ctx, run, task, *page, fetched, pace).await,
        Task::Calendar => feeds::calendar(ctx, run, task, &fetched, pace).await.map(|()| 0),
    }
}

/// What a failed request changes: nothing of a host waits for what always fails.
pub fn failed(run: &mut HostRun, task: &Task, error: &LastError, now: Timestamp) -> Changes {
    let mut changes = Changes::default();
    match task {
        Task::Probe { .. } => {
            let n_closed = &mut run.state.mobilizon.n_closed;
            *n_closed = n_closed.saturating_add(1);
            // What never answers must not keep what may from being asked.
            if *n_closed >= MAX_FAILED && !run.state.identity.is_hidden {
                read_feeds(&mut run.state, now);
            }
        }
        Task::Events { scope, .. } => {
            let pass = if *scope == Scope::History { &run.state.sweep } else { &run.state.agenda.look };
            // A page that fails twice is perhaps too much to ask for as well.
            let is_too_much = matches!(error.kind, FailureKind::TooLarge | FailureKind::Timeout) || pass.n_failed > 0;
            if is_too_much {
                run.state.mobilizon.n_halvings = (run.state.mobilizon.n_halvings + 1).min(5);
            }
            fail_pass(run, *scope, now);
            if *scope == Scope::Current && run.state.agenda.look.n_failed == 0 {
                // Given up: the next pass is a light one.
                run.state.agenda.whole_at = Some(now);
            }
        }
        Task::Look { scope, .. } => fail_pass(run, *scope, now),
        Task::Changes { .. } => {
            let poll = &mut run.state.poll;
            poll.n_failed += 1;
            if poll.n_failed >= MAX_FAILED {
                (poll.n_failed, poll.start, poll.n_pages) = (0, 0, 0);
                poll.last_at = Some(now);
            }
        }
        Task::Event { id, .. } | Task::Object { id } => {
            changes.events.push(EventChange::Failed { id: id.clone(), due_ms: later_ms(now) });
        }
        Task::Groups { .. } => fail_sweep(&mut run.state.mobilizon.groups, now),
        Task::Group { name, .. } | Task::GroupActor { name } => {
            changes.groups.push(GroupChange::Failed { name: name.clone(), due_ms: later_ms(now) });
        }
        Task::Outbox { .. } | Task::Calendar => fail_sweep(&mut run.state.sweep, now),
    }
    changes
}

/// The body of a JSON answer; otherwise what the lack of one means has been applied.
pub fn json<'a>(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: &'a Fetched,
    pace: &Pace,
) -> Result<Option<&'a [u8]>, Error> {
    let is_list = !matches!(task, Task::Event { .. } | Task::Group { .. } | Task::Probe { .. });
    match &fetched.outcome {
        Outcome::Ok(_) if fetched.is_noindex && is_list => block(ctx, run, fetched, pace).map(|()| None),
        Outcome::Ok(body) if fetched.is_json() => {
            run.state.mobilizon.n_closed = 0;
            Ok(Some(body))
        }
        // Some servers say so with a status: what was sent is not a query they know. A proxy says it in HTML.
        Outcome::Unexpected if fetched.status == 400 && fetched.is_json() => {
            let refusal = Refusal::Invalid("status 400".to_owned());
            refuse(ctx, run, task, refusal, fetched, pace).map(|()| None)
        }
        Outcome::NotFound | Outcome::Gone | Outcome::Unauthorized | Outcome::Forbidden | Outcome::Unexpected => {
            doubt(ctx, run, task, fetched, pace).map(|()| None)
        }
        _ => fail(ctx, run, &task.clone().into(), fetched, pace).map(|()| None),
    }
}

/// Applies the refusal of a query.
pub fn refuse(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    refusal: Refusal,
    fetched: &Fetched,
    pace: &Pace,
) -> Result<(), Error> {
    let now = fetched.at;
    let refused = task.query().filter(|_| matches!(refusal, Refusal::Invalid(_) | Refusal::TooComplex(_)));
    let Some(Query { purpose, from, .. }) = refused else {
        run.state.slot.fail(now, None, jitter(), pace);
        let error = LastError::of_content(fetched, &format!("reading {}: {refusal}", fetched.url));
        return after_failure(ctx, run, &task.clone().into(), error, now);
    };
    good(run, fetched, pace);
    let way = Way::of(&run.state);
    warn!(instance.host = %run.host, "{} refuses the query `{}` of {from}: {refusal}", run.host, purpose.as_str());
    *run.state.mobilizon.refused.entry(purpose.as_str().to_owned()).or_default() += 1;
    run.state.mobilizon.refused_by.clone_from(&run.state.identity.version);
    run.state.mobilizon.refused_at.get_or_insert(now);
    if query(&run.state, Purpose::Probe).is_none() {
        return close(ctx, run, fetched, pace);
    }
    if Way::of(&run.state) != way {
        change_way(&mut run.state);
    }
    save(ctx, run, &Changes::default(), now)
}

/// Takes note that GraphQL may be of no use. One answer proves nothing: the question for its version is asked next, after
/// a pause, and decides; where that itself was refused, it is asked twice.
fn doubt(ctx: &Context, run: &mut HostRun, task: &Task, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    let state = &mut run.state.mobilizon;
    match task {
        Task::Probe { .. } if state.n_closed > 0 => return close(ctx, run, fetched, pace),
        Task::Probe { .. } => {} // Counted as a failure.
        _ => state.n_closed += 1,
    }
    state.probed_at = None;
    fail(ctx, run, &task.clone().into(), fetched, pace)
}

/// What is under way belongs to the old way of reading, and what was done by it is no reason to wait in the new one.
fn change_way(state: &mut HostState) {
    (state.sweep.is_running, state.agenda.look.is_running, state.mobilizon.groups.is_running) = (false, false, false);
    state.sweep.started_at = None;
    state.poll.n_pages = 0;
}

/// Takes note that GraphQL is of no use; it is tried again with the next check of the software.
fn close(ctx: &Context, run: &mut HostRun, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    if run.state.identity.is_hidden {
        // Nothing has told that this is a Mobilizon at all.
        return fail(ctx, run, &crate::crawl::Task::NodeinfoLinks, fetched, pace);
    }
    good(run, fetched, pace);
    info!(instance.host = %run.host, "GraphQL of {} is closed (status {}); its feeds are read", run.host, fetched.status);
    read_feeds(&mut run.state, fetched.at);
    save(ctx, run, &Changes::default(), fetched.at)
}

/// From here on feeds are read.
fn read_feeds(state: &mut HostState, now: Timestamp) {
    if Way::of(state) != Way::Feeds {
        change_way(state);
    }
    state.mobilizon.closed_since.get_or_insert(now);
    state.mobilizon.probed_at = Some(now);
    // Its relay is asked for again as often as this.
    state.mobilizon.has_no_relay = false;
}

fn apply_probe(ctx: &Context, run: &mut HostRun, task: &Task, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    let now = fetched.at;
    if matches!(fetched.outcome, Outcome::Ok(_)) && !fetched.is_json() && !run.state.identity.is_hidden {
        return doubt(ctx, run, task, fetched, pace);
    }
    let Some(body) = json(ctx, run, task, fetched, pace)? else { return Ok(()) };
    let probe = match parse_probe(body) {
        Ok(probe) => probe,
        Err(refusal) => return refuse(ctx, run, task, refusal, fetched, pace),
    };
    good(run, fetched, pace);
    let state = &mut run.state;
    if state.identity.is_hidden {
        let software = Some("mobilizon".to_owned());
        state.identity = Identity { checked_at: Some(now), software, name: probe.name, ..Identity::default() };
    }
    state.identity.version = probe.version.or(state.identity.version.take());
    let way = Way::of(state);
    // What stood between us and it may be gone.
    let is_old = state.mobilizon.refused_at.is_some_and(|at| after(at, REFUSED_FOR) <= now);
    if state.mobilizon.refused_by != state.identity.version || is_old {
        state.mobilizon.refused.clear();
        (state.mobilizon.refused_by, state.mobilizon.refused_at) = (None, None);
    }
    state.mobilizon.is_search_global = probe.is_search_global;
    state.mobilizon.closed_since = None;
    state.mobilizon.n_closed = 0;
    if Way::of(state) != way {
        change_way(state);
    }
    state.mobilizon.has_no_relay = false;
    state.mobilizon.probed_at = Some(now);
    save(ctx, run, &Changes::default(), now)
}
