//! The passes through the events of a host: through everything, and through what is not over. When they begin and end, and
//! what becomes of what they have not seen.

use std::time::Duration;

use jiff::Timestamp;
use journal::Kind;
use tracing::{info, warn};

use super::agenda::Marks;
use super::answer::save;
use super::plan::{Schedule, View};
use super::sweep::{MAX_FAILED, Missing, Sweep};
use super::visit::{Context, HostRun};
use crate::error::Error;
use crate::politeness::after;
use crate::state::{Changes, EventChange, GroupChange, Poll};

/// A pass through what is not over is repeated after this time for each of its pages, beyond those that are cheap.
const LOOK_PER_PAGE: Duration = Duration::from_secs(25 * 60);

/// The longest time between two such passes.
const LOOK_MAX: Duration = Duration::from_secs(6 * 60 * 60);

/// What a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything there ever was.
    History,
    /// What is not over.
    Current,
}

/// When the next pass through what is not over is due: as often as changes are looked for while it has few pages, and the
/// more seldom the more it has.
///
/// - `n_cheap`: how many pages are few.
pub fn look_at(view: View<'_>, schedule: &Schedule, n_cheap: u64) -> Timestamp {
    let state = view.state;
    let Some(last_at) = state.agenda.look.started_at else { return Timestamp::MIN };
    if view.fresh_since.is_some_and(|since| last_at < since) {
        return Timestamp::MIN;
    }
    let usual = schedule.poll_interval(state, false).min(LOOK_PER_PAGE);
    if state.agenda.n_pages <= n_cheap {
        return after(last_at, usual);
    }
    let n_pages = u32::try_from(state.agenda.n_pages.div_ceil(n_cheap.max(1))).unwrap_or(u32::MAX);
    after(last_at, LOOK_PER_PAGE.saturating_mul(n_pages).min(LOOK_MAX))
}

/// Begins the pass that a page belongs to, unless it is under way. Returns what the page marks.
pub fn begin(run: &mut HostRun, scope: Scope, is_whole: bool, now: Timestamp) -> Marks {
    let state = &mut run.state;
    match scope {
        Scope::History => {
            if !state.sweep.is_running {
                state.sweep.begin(now);
                let counts = &mut state.counts;
                (counts.n_remote, counts.n_spoofed, counts.n_item_errors, counts.n_mended) = (0, 0, 0, 0);
                // A smaller page was perhaps the fault of one event.
                state.mobilizon.n_halvings = state.mobilizon.n_halvings.saturating_sub(1);
            }
            Marks { sweep: Some(state.sweep.number), look: None }
        }
        Scope::Current => {
            if !state.agenda.look.is_running {
                state.agenda.look.begin(now);
                state.agenda.is_whole = is_whole;
                if is_whole {
                    state.agenda.whole_at = Some(now);
                    // A smaller page was perhaps the fault of one event, or of one bad day.
                    state.mobilizon.n_halvings = state.mobilizon.n_halvings.saturating_sub(1);
                }
            }
            Marks { sweep: None, look: Some(state.agenda.look.number) }
        }
    }
}

/// Judges what a whole scan of everything has not seen.
pub async fn end_sweep(ctx: &Context, run: &mut HostRun, now: Timestamp) -> Result<(), Error> {
    adopt(ctx, run, now).await?;
    let sweep = run.state.sweep.number;
    let (n_known, n_missing) = ctx.db.tally_sweep(run.id, sweep)?;
    run.state.counts.n_records = n_known;
    let verdict = run.state.sweep.judge_missing(n_known, n_missing);
    told(run, verdict, n_known, n_missing);
    let events = match verdict {
        Missing::Hold => Vec::new(),
        Missing::None | Missing::Confirm => vec![EventChange::MissingFromSweep(sweep)],
    };
    info!(instance.host = %run.host, events = n_known - n_missing, missing = n_missing, "scanned all events of {}", run.host);
    save(ctx, run, &Changes { events, ..Changes::default() }, now)
}

/// Judges what a whole pass through what is not over has not seen.
///
/// - `counts_cancelled`: its list shows cancelled events as well.
pub fn end_look(ctx: &Context, run: &mut HostRun, counts_cancelled: bool, now: Timestamp) -> Result<(), Error> {
    let look = run.state.agenda.look.number;
    run.state.agenda.n_pages = run.state.agenda.look.n_pages;
    let (n_known, n_missing) = ctx.db.tally_look(run.id, look, counts_cancelled, now)?;
    let verdict = run.state.agenda.look.judge_missing(n_known, n_missing);
    told(run, verdict, n_known, n_missing);
    let events = match verdict {
        Missing::Confirm => vec![EventChange::MissingFromLook { look, now, counts_cancelled }],
        Missing::None | Missing::Hold => Vec::new(),
    };
    save(ctx, run, &Changes { events, ..Changes::default() }, now)
}

fn told(run: &HostRun, verdict: Missing, n_known: u64, n_missing: u64) {
    if verdict == Missing::Hold {
        warn!(
            instance.host = %run.host,
            "{n_missing} of {n_known} events are gone from the list of {}: held until two more scans agree", run.host
        );
    }
}

/// Takes in what the journal has and the state has not, because it was lost or the process ended between the two.
async fn adopt(ctx: &Context, run: &mut HostRun, now: Timestamp) -> Result<(), Error> {
    let living = ctx.live_ids(run.host.clone(), Kind::Event).await?;
    let ids: Vec<String> = living.into_iter().map(|id| id.id).collect();
    let known = ctx.db.events(run.id, &ids)?;
    let lost = ids.into_iter().filter(|id| !known.contains_key(id));
    let events: Vec<EventChange> = lost.map(|id| EventChange::Adopted { id }).collect();
    let mut groups = Vec::new();
    for id in ctx.live_ids(run.host.clone(), Kind::Group).await? {
        if ctx.db.group(run.id, &id.id)?.is_none() {
            groups.push(GroupChange::Adopted { name: id.id, now });
        }
    }
    if events.is_empty() && groups.is_empty() {
        return Ok(());
    }
    save(ctx, run, &Changes { events, groups, ..Changes::default() }, now)
}

/// Takes note that changes were looked for; the next look comes sooner when there were any.
pub fn end_poll(ctx: &Context, run: &mut HostRun, now: Timestamp) {
    let interval = ctx.schedule.adapted_interval(&run.state, run.state.poll.n_fresh > 0);
    run.state.poll = Poll {
        last_at: Some(now),
        interval_s: interval.as_secs(),
        wants_sweep: run.state.poll.wants_sweep,
        ..Poll::default()
    };
}

/// Takes note that the next page of a pass could not be read.
pub fn fail_pass(run: &mut HostRun, scope: Scope, now: Timestamp) {
    match scope {
        Scope::History => fail_sweep(&mut run.state.sweep, now),
        Scope::Current => fail_sweep(&mut run.state.agenda.look, now),
    }
}

/// A pass whose next page always fails is given up; one whose first page does counts as made, so that others have a turn.
pub fn fail_sweep(sweep: &mut Sweep, now: Timestamp) {
    sweep.fail(now);
    if !sweep.is_running && sweep.n_failed >= MAX_FAILED {
        sweep.n_failed = 0;
        sweep.started_at = Some(now);
        sweep.ended_at.get_or_insert(now);
    }
}
