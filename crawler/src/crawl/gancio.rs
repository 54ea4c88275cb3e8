//! The crawl of a Gancio host: its two routes, what to ask next, what becomes of an answer. What it shares with Mobilizon
//! is in `agenda.rs`.

use std::time::Duration;

use jiff::Timestamp;
use journal::TombstoneReason;

use super::agenda::{Depth, Stored, later_ms, store, store_seen, withdraw_one};
use super::answer::{after_failure, block, fail, good, jitter, save};
use super::passes::{Scope, begin, end_look, end_poll, end_sweep, fail_pass, look_at};
use super::plan::{Schedule, Step, View};
use super::sweep::{PageShape, Verdict};
use super::visit::{Context, HostRun};
use crate::error::Error;
use crate::failure::LastError;
use crate::gancio::{About, parse_detail, parse_list};
use crate::net::{Fetched, Outcome};
use crate::politeness::{Pace, after};
use crate::robots::Rules;
use crate::state::{Changes, EventChange, HostState};

/// Events on a page.
const ROWS: u64 = 200;

/// Pages of what is not over that are asked for as often as a single one: there is no other way to see what is new.
const CHEAP_PAGES: u64 = 3;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// A page of events without their descriptions.
    Events { scope: Scope, start: u64 },
    /// One event with its description.
    Event { id: String },
}

impl Task {
    /// The path of the list.
    pub const LIST: &'static str = "/api/events";

    /// Path and query of the request.
    pub fn path(&self) -> String {
        match self {
            Self::Events { scope, start } => {
                // Without a start it begins now; 0 is everything.
                let from = if *scope == Scope::History { "start=0&" } else { "" };
                let page = start / ROWS;
                format!("{}?{from}max={ROWS}&page={page}&show_recurrent=true&show_multidate=true", Self::LIST)
            }
            Self::Event { id } => format!("/api/event/detail/{id}"),
        }
    }

    /// What it is about, for people.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Events { scope: Scope::History, .. } => "scanning all events",
            Self::Events { .. } => "scanning what is not over",
            Self::Event { .. } => "reading an event",
        }
    }
}

/// Decides what to ask for next, once the host may be asked at all.
pub fn next_step(view: View<'_>, rules: &Rules, schedule: &Schedule, now: Timestamp) -> Step {
    let (state, queue) = (view.state, &view.queue.agenda);
    let (look, sweep) = (&state.agenda.look, &state.sweep);
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task.into()));
    let look_at = look_at(view, schedule, CHEAP_PAGES);
    if look.is_running || look_at <= now {
        let start = if look.is_running { look.start } else { 0 };
        if let Some(step) = allowed(Task::Events { scope: Scope::Current, start }) {
            return step;
        }
    }
    let may_go_on = state.traffic.n_requests_today(now) < schedule.max_requests_per_day;
    let one = queue.confirm.as_ref().or(queue.event.as_ref().filter(|_| may_go_on));
    if let Some(step) = one.and_then(|id| allowed(Task::Event { id: id.clone() })) {
        return step;
    }
    let history_at = sweep.started_at.map_or(Timestamp::MIN, |at| after(at, schedule.history));
    let was_swept = view.fresh_since.is_some_and(|since| sweep.started_at.is_some_and(|at| at >= since));
    if may_go_on && (sweep.is_running || history_at <= now && !was_swept) {
        let start = if sweep.is_running { sweep.start } else { 0 };
        if let Some(step) = allowed(Task::Events { scope: Scope::History, start }) {
            return step;
        }
    }
    let until = look_at.min(state.robots.next_at.unwrap_or(look_at));
    let until = if until > now { until } else { after(now, Duration::from_secs(60)) };
    Step::Wait { until, why: "everything is up to date" }
}

/// Applies an answer to the journal and to the state of its host. Returns how many records were written.
pub async fn apply(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    match task {
        Task::Events { scope, .. } => apply_list(ctx, run, task, *scope, &fetched, pace).await,
        Task::Event { id } => apply_detail(ctx, run, task, id, &fetched, pace).await,
    }
}

/// What a failed request changes.
pub fn failed(run: &mut HostRun, task: &Task, now: Timestamp) -> Changes {
    match task {
        Task::Events { scope, .. } => {
            fail_pass(run, *scope, now);
            Changes::default()
        }
        Task::Event { id } => {
            let change = EventChange::Failed { id: id.clone(), due_ms: later_ms(now) };
            Changes { events: vec![change], ..Changes::default() }
        }
    }
}

async fn apply_list(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    scope: Scope,
    fetched: &Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    if fetched.is_noindex && matches!(fetched.outcome, Outcome::Ok(_)) {
        return block(ctx, run, fetched, pace).map(|()| 0);
    }
    let page = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_list(body, about(&run.host, &run.state), now),
        _ => return fail(ctx, run, &task.clone().into(), fetched, pace).map(|()| 0),
    };
    let page = match page {
        Ok(page) => page,
        Err(rejection) => {
            run.state.slot.fail(now, None, jitter(), pace);
            let error = LastError::of_content(fetched, &format!("reading {}: {rejection}", fetched.url));
            return after_failure(ctx, run, &task.clone().into(), error, now).map(|()| 0);
        }
    };
    good(run, fetched, pace);
    let marks = begin(run, scope, true, now);
    let Stored { changes, facts, n_news, n_written } =
        store(ctx, run, page, marks, Depth::WithoutDescription, now).await?;
    let pass = if scope == Scope::History { &mut run.state.sweep } else { &mut run.state.agenda.look };
    let verdict = pass.advance_by(facts, PageShape::by_number(ROWS), now);
    if scope == Scope::Current {
        run.state.poll.n_fresh += n_news;
    }
    save(ctx, run, &changes, now)?;
    match (verdict, scope) {
        (Verdict::Complete, Scope::History) => end_sweep(ctx, run, now).await?,
        (Verdict::Complete, Scope::Current) => {
            end_poll(ctx, run, now);
            end_look(ctx, run, true, now)?;
        }
        (Verdict::Continue | Verdict::Stopped(_), _) => {}
    }
    Ok(n_written)
}

async fn apply_detail(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    id: &str,
    fetched: &Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let known = ctx.db.events(run.id, &[id.to_owned()])?;
    let is_missing = known.get(id).is_some_and(|known| known.is_missing);
    let (changes, n_written) = match &fetched.outcome {
        Outcome::NotFound | Outcome::Gone if is_missing => {
            withdraw_one(ctx, run, id, TombstoneReason::Deleted, now).await?
        }
        // Its list shows it, or a door is shut: neither is the end of an event.
        Outcome::NotFound | Outcome::Gone | Outcome::Unauthorized | Outcome::Forbidden => (failed(run, task, now), 0),
        Outcome::Ok(_) if fetched.is_noindex => withdraw_one(ctx, run, id, TombstoneReason::OptOut, now).await?,
        Outcome::Ok(body) if fetched.is_json() => {
            let found = parse_detail(body, about(&run.host, &run.state), now);
            store_seen(ctx, run, id, found, now).await?
        }
        _ => return fail(ctx, run, &task.clone().into(), fetched, pace).map(|()| 0),
    };
    good(run, fetched, pace);
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

fn about<'a>(host: &'a allowlist::Host, state: &'a HostState) -> About<'a> {
    let identity = &state.identity;
    About {
        host,
        name: identity.name.as_deref(),
        time_zone: identity.time_zone.as_deref(),
        actor: identity.actor.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use allowlist::SourceKind;

    use super::*;
    use crate::state::{AgendaQueue, Queue};

    #[test]
    fn case_61_the_list_is_asked_for_by_a_path_that_robots_txt_allows() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let (kind, state) = (SourceKind::Gancio, HostState::default());
        let event = Some("7".to_owned());
        let queue = Queue { agenda: AgendaQueue { event, ..AgendaQueue::default() }, ..Queue::default() };
        let step = |file: &[u8]| {
            let rules = Rules::parse(file);
            let view =
                View { kind, state: &state, rules: Some(&rules), queue: &queue, reading: None, fresh_since: None };
            next_step(view, &rules, &Schedule::default(), now)
        };
        let list = |scope| Step::Fetch(Task::Events { scope, start: 0 }.into());
        assert_eq!(step(b""), list(Scope::Current));
        let no_current = step(b"User-agent: *\nDisallow: /api/events?max\n");
        assert_eq!(no_current, Step::Fetch(Task::Event { id: "7".to_owned() }.into()));
        let no_details = b"User-agent: *\nDisallow: /api/events?max\nDisallow: /api/event/\n";
        assert_eq!(step(no_details), list(Scope::History));
        assert!(matches!(step(b"User-agent: *\nDisallow: /*?\nDisallow: /api/event/\n"), Step::Wait { .. }));
    }
}
