//! What to ask a Mobilizon host for next: a pure function of what is known.

use std::time::Duration;

use jiff::Timestamp;

use super::task::Task;
use crate::crawl::passes::{self, Scope};
use crate::crawl::plan::{Schedule, Step, View};
use crate::mobilizon::{Purpose, Query, Version};
use crate::politeness::after;
use crate::robots::Rules;
use crate::state::HostState;

/// Whole events on a page, as long as pages of that many are not too large. A power of two: a page that is halved begins
/// where the larger one did.
const EVENT_ROWS: u64 = 64;

/// Events on a page of a look.
const LOOK_ROWS: u64 = 128;

/// Events on a page where a hundred is refused.
const UPCOMING_ROWS: u64 = 64;

/// Groups on a page.
const GROUP_ROWS: u64 = 32;

/// Events to read by themselves from which a pass that reads whole ones costs less, beside twice its pages.
const MANY_EVENTS: u64 = 30;

/// Such a pass is not made sooner than this after the last one.
const MIN_BETWEEN_WHOLE: Duration = Duration::from_secs(2 * 60 * 60);

/// From the start of one full scan to the next, where searches are answered by a global index: outboxes are long.
const OUTBOX_EVERY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How a host can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By GraphQL.
    Queries,
    /// By GraphQL, but searches are answered by a global index.
    Listed,
    /// By its feeds alone.
    Feeds,
}

impl Way {
    /// The way for a host in this state.
    pub fn of(state: &HostState) -> Self {
        match () {
            () if state.mobilizon.closed_since.is_some() || !has_lists(state) => Self::Feeds,
            () if state.mobilizon.is_search_global => Self::Listed,
            () => Self::Queries,
        }
    }
}

/// The query that a host is asked for a purpose: by its version, less what it has refused.
pub fn query(state: &HostState, purpose: Purpose) -> Option<&'static Query> {
    let version = state.identity.version.as_deref().and_then(Version::parse).unwrap_or(Version::FIRST);
    // Somebody who says 0.9 means something; the oldest queries may do.
    let refused = state.mobilizon.refused.get(purpose.as_str()).copied().unwrap_or(0);
    Query::choose(purpose, version.max(Version::FIRST), refused)
}

/// Whether nothing but the feeds of a host is read.
pub fn reads_feeds(state: &HostState) -> bool {
    Way::of(state) == Way::Feeds
}

/// Whether a query is left that lists what is not over.
fn has_lists(state: &HostState) -> bool {
    let has = |purpose| query(state, purpose).is_some();
    if state.mobilizon.is_search_global {
        return has(Purpose::Upcoming);
    }
    has(Purpose::Events) || has(Purpose::Look) && has(Purpose::Event)
}

/// The question for version and settings, which also says what a host runs that hides its NodeInfo.
pub fn probe(state: &HostState) -> Option<crate::crawl::Task> {
    // One that has refused them all is asked the oldest again: only an answer ends what was refused.
    let again = || Query::choose(Purpose::Probe, Version::FIRST, 0);
    query(state, Purpose::Probe).or_else(again).map(|query| Task::Probe { query }.into())
}

/// Rows of a page of whole events.
pub fn event_rows(state: &HostState) -> u64 {
    (EVENT_ROWS >> state.mobilizon.n_halvings.min(5)).max(2)
}

/// Decides what to ask for next, once the host may be asked at all.
pub fn next_step(view: View<'_>, rules: &Rules, schedule: &Schedule, now: Timestamp) -> Step {
    let (state, agenda) = (view.state, &view.queue.agenda);
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task.into()));
    if is_probe_due(state)
        && let Some(task) = probe(state)
    {
        return Step::Fetch(task);
    }
    let way = Way::of(state);
    let look = &state.agenda.look;
    // What is not over comes first: it is what people look for.
    if look.ended_at.is_none()
        && let Some(task) = look_page(view, schedule, way, now)
    {
        return Step::Fetch(task.into());
    }
    if state.poll.n_pages > 0
        && let Some(query) = query(state, Purpose::Changes)
    {
        return Step::Fetch(Task::Changes { query, start: state.poll.start }.into());
    }
    let look_at = look_at(view, schedule, way);
    let poll_at = poll_at(view, schedule, way);
    if look_at.is_some_and(|at| at <= now)
        && !look.is_running
        && let Some(task) = look_page(view, schedule, way, now)
    {
        return Step::Fetch(task.into());
    }
    if poll_at.is_some_and(|at| at <= now)
        && let Some(query) = query(state, Purpose::Changes)
    {
        return Step::Fetch(Task::Changes { query, start: 0 }.into());
    }
    if look.is_running
        && let Some(task) = look_page(view, schedule, way, now)
    {
        return Step::Fetch(task.into());
    }
    if let Some(id) = &agenda.event
        && let Some(step) = read_event(state, way, id, rules)
    {
        return step;
    }
    if let Some(id) = &agenda.confirm {
        let by_object = if agenda.is_confirmed_otherwise { None } else { allowed(Task::Object { id: id.clone() }) };
        if let Some(step) = by_object.or_else(|| read_event(state, way, id, rules)) {
            return step;
        }
    }
    if state.traffic.n_requests_today(now) < schedule.max_requests_per_day
        && let Some(step) = background(view, rules, schedule, way, now)
    {
        return step;
    }
    let robots_at = state.robots.next_at.unwrap_or(now);
    let ends = [look_at, poll_at, Some(history_at(state, schedule, way)), groups_at(state, schedule, way)];
    let until = ends.into_iter().flatten().fold(robots_at, Timestamp::min);
    // What is due and cannot be asked for, because robots.txt forbids its path, is no reason to come back at once.
    let until = if until > now { until } else { after(now, schedule.poll_max) };
    Step::Wait { until, why: "everything is up to date" }
}

/// What can wait for another day.
fn background(view: View<'_>, rules: &Rules, schedule: &Schedule, way: Way, now: Timestamp) -> Option<Step> {
    let (state, agenda) = (view.state, &view.queue.agenda);
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task.into()));
    let groups = &state.mobilizon.groups;
    if let Some(at) = groups_at(state, schedule, way)
        && (groups.is_running || at <= now)
        && let Some(query) = query(state, Purpose::Groups)
    {
        let start = if groups.is_running { groups.start } else { 0 };
        return Some(Step::Fetch(Task::Groups { query, start, rows: GROUP_ROWS }.into()));
    }
    let sweep = &state.sweep;
    let was_swept = view.fresh_since.is_some_and(|since| sweep.started_at.is_some_and(|at| at >= since));
    let is_history_due = sweep.is_running || history_at(state, schedule, way) <= now && !was_swept;
    let history = || history_page(state, way).filter(|_| is_history_due).and_then(allowed);
    // Groups that fail, one after the other, do not keep everything else waiting.
    if state.slot.n_failures > 0
        && let Some(step) = history()
    {
        return Some(step);
    }
    let by_query = |name: &String| {
        let query = query(state, Purpose::Group).filter(|_| way != Way::Feeds)?;
        Some(Step::Fetch(Task::Group { query, name: name.clone() }.into()))
    };
    // A robots.txt that forbids its address says nothing about the group itself.
    if let Some(name) = &agenda.group
        && let Some(step) = allowed(Task::GroupActor { name: name.clone() }).or_else(|| by_query(name))
    {
        return Some(step);
    }
    if let Some(step) = agenda.group_record.as_ref().and_then(by_query) {
        return Some(step);
    }
    history()
}

/// One event by itself.
fn read_event(state: &HostState, way: Way, id: &str, rules: &Rules) -> Option<Step> {
    if way != Way::Feeds
        && let Some(query) = query(state, Purpose::Event)
    {
        return Some(Step::Fetch(Task::Event { query, id: id.to_owned() }.into()));
    }
    let task = Task::Object { id: id.to_owned() };
    rules.is_allowed(&task.path()).then_some(Step::Fetch(task.into()))
}

/// The next page of the pass through what is not over, or its first.
fn look_page(view: View<'_>, schedule: &Schedule, way: Way, now: Timestamp) -> Option<Task> {
    let state = view.state;
    let agenda = &state.agenda;
    let start = if agenda.look.is_running { agenda.look.start } else { 0 };
    let scope = Scope::Current;
    match way {
        Way::Feeds => None,
        Way::Listed => {
            query(state, Purpose::Upcoming).map(|query| Task::Look { query, scope, start, rows: UPCOMING_ROWS })
        }
        Way::Queries => {
            let is_whole = if agenda.look.is_running { agenda.is_whole } else { begins_whole(view, schedule, now) };
            let light = || query(state, Purpose::Look).map(|query| Task::Look { query, scope, start, rows: LOOK_ROWS });
            let whole = || {
                query(state, Purpose::Events).map(|query| Task::Events { query, scope, start, rows: event_rows(state) })
            };
            if is_whole { whole().or_else(light) } else { light().or_else(whole) }
        }
    }
}

/// Whether the pass that begins reads whole events: once a day, because nothing else tells how many people come, and when
/// so many are to be read that this costs less.
fn begins_whole(view: View<'_>, schedule: &Schedule, now: Timestamp) -> bool {
    let due = |rest| view.state.agenda.whole_at.is_none_or(|at| after(at, rest) <= now);
    due(schedule.sweep) || has_many_to_read(view) && due(MIN_BETWEEN_WHOLE)
}

fn has_many_to_read(view: View<'_>) -> bool {
    let whole_pages = view.state.agenda.n_pages.max(1).saturating_mul(LOOK_ROWS / EVENT_ROWS);
    view.queue.agenda.n_events > MANY_EVENTS.max(2 * whole_pages)
}

/// The next page of the scan of everything, or its first.
fn history_page(state: &HostState, way: Way) -> Option<Task> {
    let sweep = &state.sweep;
    let start = if sweep.is_running { sweep.start } else { 0 };
    let scope = Scope::History;
    if way != Way::Queries {
        let by_relay = Task::Outbox { page: start / Task::OUTBOX_ROWS + 1 };
        return Some(if state.mobilizon.has_no_relay { Task::Calendar } else { by_relay });
    }
    let whole =
        query(state, Purpose::Events).map(|query| Task::Events { query, scope, start, rows: event_rows(state) });
    whole.or_else(|| query(state, Purpose::Look).map(|query| Task::Look { query, scope, start, rows: LOOK_ROWS }))
}

fn is_probe_due(state: &HostState) -> bool {
    state.mobilizon.probed_at.is_none_or(|at| state.identity.checked_at.is_some_and(|checked| at < checked))
}

/// When the next pass through what is not over is due; `None` when there is none.
fn look_at(view: View<'_>, schedule: &Schedule, way: Way) -> Option<Timestamp> {
    if way == Way::Feeds {
        return None;
    }
    let usual_at = passes::look_at(view, schedule, 1);
    // So many are to be read one by one that pages of whole events cost less.
    match view.state.agenda.whole_at {
        Some(whole_at) if way == Way::Queries && has_many_to_read(view) => {
            Some(usual_at.min(after(whole_at, MIN_BETWEEN_WHOLE)))
        }
        _ => Some(usual_at),
    }
}

/// When changes are looked for next; `None` when passes through what is not over are as light and see more.
fn poll_at(view: View<'_>, schedule: &Schedule, way: Way) -> Option<Timestamp> {
    let state = view.state;
    if way == Way::Feeds || state.agenda.n_pages <= 1 || query(state, Purpose::Changes).is_none() {
        return None;
    }
    let interval = schedule.poll_interval(state, false);
    let last_at = state.poll.last_at.or(state.agenda.look.started_at)?;
    Some(after(last_at, interval))
}

/// When everything is scanned next.
fn history_at(state: &HostState, schedule: &Schedule, way: Way) -> Timestamp {
    let Some(started_at) = state.sweep.started_at else { return Timestamp::MIN };
    let interval = match way {
        Way::Queries => schedule.history,
        Way::Listed => OUTBOX_EVERY.min(schedule.history),
        // Nothing else tells what is new.
        Way::Feeds => schedule.sweep.min(schedule.history),
    };
    let interval = if state.poll.wants_sweep { interval.min(schedule.sweep) } else { interval };
    after(started_at, interval)
}

/// When groups are listed next; `None` where a global index would answer, or nothing does.
fn groups_at(state: &HostState, schedule: &Schedule, way: Way) -> Option<Timestamp> {
    if way != Way::Queries || query(state, Purpose::Groups).is_none() {
        return None;
    }
    let groups = &state.mobilizon.groups;
    Some(groups.started_at.map_or(Timestamp::MIN, |at| after(at, schedule.sweep)))
}

#[cfg(test)]
mod tests {
    use allowlist::SourceKind;

    use super::*;
    use crate::crawl::plan;
    use crate::state::{AgendaQueue, Identity, Queue};

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn minutes(n: u64) -> Duration {
        Duration::from_secs(60 * n)
    }

    /// A host of this version that was probed and passed through, `n_pages` of a look, and scanned.
    fn ready(version: &str, n_pages: u64) -> HostState {
        let mut state = HostState {
            identity: Identity { checked_at: Some(now()), version: Some(version.to_owned()), ..Identity::default() },
            ..HostState::default()
        };
        state.robots.read_at = Some(now());
        state.robots.next_at = Some(after(now(), minutes(24 * 60)));
        state.mobilizon.probed_at = Some(now());
        for sweep in [&mut state.sweep, &mut state.agenda.look, &mut state.mobilizon.groups] {
            sweep.begin(now());
            (sweep.is_running, sweep.ended_at) = (false, Some(now()));
        }
        state.agenda.whole_at = Some(now());
        state.agenda.n_pages = n_pages;
        state
    }

    fn step(state: &HostState, queue: AgendaQueue, at: Timestamp, rules: &Rules) -> Step {
        let queue = Queue { agenda: queue, ..Queue::default() };
        let kind = SourceKind::Mobilizon;
        let view = View { kind, state, rules: Some(rules), queue: &queue, reading: None, fresh_since: None };
        plan::next_step(view, &Schedule::default(), at)
    }

    fn task(state: &HostState, queue: AgendaQueue, at: Timestamp) -> Task {
        match step(state, queue, at, &Rules::allow_all()) {
            Step::Fetch(crate::crawl::Task::Mobilizon(task)) => task,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_over_comes_first_then_single_events_then_everything() {
        let mut state = ready("5.1.3", 1);
        state.mobilizon.probed_at = None;
        assert!(matches!(task(&state, AgendaQueue::default(), now()), Task::Probe { .. }));
        state = HostState { agenda: Default::default(), sweep: Default::default(), ..ready("5.1.3", 1) };
        state.mobilizon.groups = Default::default();
        let first = task(&state, AgendaQueue::default(), now());
        assert!(matches!(first, Task::Events { scope: Scope::Current, start: 0, rows: 64, .. }), "{first:?}");
        state.agenda = ready("5.1.3", 1).agenda;
        let queue = AgendaQueue { event: Some("a".to_owned()), confirm: Some("b".to_owned()), ..Default::default() };
        assert!(matches!(task(&state, queue.clone(), now()), Task::Event { .. }));
        let queue = AgendaQueue { event: None, ..queue };
        assert!(matches!(task(&state, queue.clone(), now()), Task::Object { .. }));
        let queue = AgendaQueue { is_confirmed_otherwise: true, ..queue };
        assert!(matches!(task(&state, queue, now()), Task::Event { .. }), "by GraphQL when ActivityPub was of no use");
        assert!(matches!(task(&state, AgendaQueue::default(), now()), Task::Groups { .. }));
        state.mobilizon.groups = ready("5.1.3", 1).mobilizon.groups;
        let history = task(&state, AgendaQueue::default(), now());
        assert!(matches!(history, Task::Events { scope: Scope::History, .. }), "{history:?}");
    }

    #[test]
    fn small_hosts_are_looked_at_whole_and_large_ones_asked_for_changes() {
        let (small, large) = (ready("5.1.3", 1), ready("5.1.3", 4));
        let soon = after(now(), minutes(26));
        assert!(matches!(task(&small, AgendaQueue::default(), soon), Task::Look { scope: Scope::Current, .. }));
        assert!(matches!(task(&large, AgendaQueue::default(), soon), Task::Changes { .. }));
        let later = after(now(), minutes(101));
        assert!(matches!(task(&large, AgendaQueue::default(), later), Task::Look { .. }), "25 minutes for each page");
        // 1.0 cannot be asked for changes.
        let old = ready("1.0.5", 4);
        assert!(matches!(step(&old, AgendaQueue::default(), soon, &Rules::allow_all()), Step::Wait { .. }));
    }

    #[test]
    fn once_a_day_or_when_much_is_to_be_read_pages_are_of_whole_events() {
        let mut state = ready("5.1.3", 1);
        let day = after(now(), minutes(20 * 60));
        state.identity.checked_at = Some(day);
        state.mobilizon.probed_at = Some(day);
        assert!(matches!(task(&state, AgendaQueue::default(), day), Task::Events { scope: Scope::Current, .. }));
        let state = ready("5.1.3", 1);
        let queue = AgendaQueue { event: Some("a".to_owned()), n_events: 200, ..Default::default() };
        let later = after(now(), minutes(121));
        assert!(matches!(task(&state, queue, later), Task::Events { scope: Scope::Current, .. }));
    }

    #[test]
    fn refused_queries_give_way_to_older_ones_and_to_single_events() {
        let mut state = HostState { agenda: Default::default(), ..ready("5.1.3", 1) };
        let first = |state: &HostState| task(state, AgendaQueue::default(), now()).query().unwrap().from;
        assert_eq!(first(&state), Version(5, 0, 1));
        state.mobilizon.refused.insert("events".to_owned(), 1);
        assert_eq!(first(&state), Version(4, 1, 0));
        state.mobilizon.refused.insert("events".to_owned(), 99);
        assert!(matches!(task(&state, AgendaQueue::default(), now()), Task::Look { scope: Scope::Current, .. }));
    }

    #[test]
    fn without_a_list_the_feeds_are_read_and_the_probe_goes_on() {
        let mut state = HostState { sweep: Default::default(), agenda: Default::default(), ..ready("5.1.3", 1) };
        for purpose in ["events", "look", "probe"] {
            state.mobilizon.refused.insert(purpose.to_owned(), 99);
        }
        assert_eq!(Way::of(&state), Way::Feeds);
        assert_eq!(task(&state, AgendaQueue::default(), now()), Task::Outbox { page: 1 });
        state.mobilizon.probed_at = None;
        let probe = task(&state, AgendaQueue::default(), now());
        assert_eq!(probe.query().map(|query| query.from), Some(Version::FIRST));
    }

    #[test]
    fn groups_that_fail_do_not_keep_the_history_waiting() {
        let mut state = HostState { sweep: Default::default(), ..ready("5.1.3", 1) };
        let queue = AgendaQueue { group: Some("choir".to_owned()), ..AgendaQueue::default() };
        assert!(matches!(task(&state, queue.clone(), now()), Task::GroupActor { .. }));
        state.slot.n_failures = 1;
        assert!(matches!(task(&state, queue, now()), Task::Events { scope: Scope::History, .. }));
    }

    #[test]
    fn where_a_global_index_answers_the_own_lists_and_the_outbox_are_read() {
        let mut state = HostState { sweep: Default::default(), agenda: Default::default(), ..ready("5.1.3", 1) };
        state.mobilizon.is_search_global = true;
        let first = task(&state, AgendaQueue::default(), now());
        assert_eq!(first.query().map(|query| query.purpose), Some(Purpose::Upcoming));
        state.agenda = ready("5.1.3", 1).agenda;
        assert_eq!(task(&state, AgendaQueue::default(), now()), Task::Outbox { page: 1 });
        state.mobilizon.has_no_relay = true;
        assert_eq!(task(&state, AgendaQueue::default(), now()), Task::Calendar);
        // Where GraphQL is closed nothing else is left, and single events are read by their own address.
        state.mobilizon.closed_since = Some(now());
        let queue = AgendaQueue { event: Some("a".to_owned()), ..Default::default() };
        assert_eq!(task(&state, queue, now()), Task::Object { id: "a".to_owned() });
    }

    #[test]
    fn robots_that_close_events_leave_the_rest() {
        let rules = Rules::parse(b"User-agent: *\nDisallow: /events/\nDisallow: /@\n");
        let state = ready("5.1.3", 1);
        let queue = AgendaQueue { confirm: Some("a".to_owned()), group: Some("b".to_owned()), ..Default::default() };
        let Step::Fetch(crate::crawl::Task::Mobilizon(task)) = step(&state, queue, now(), &rules) else { panic!() };
        assert!(matches!(task, Task::Event { .. }), "asked by GraphQL instead");
        let queue = AgendaQueue { group: Some("b".to_owned()), ..Default::default() };
        let Step::Fetch(crate::crawl::Task::Mobilizon(task)) = step(&state, queue, now(), &rules) else { panic!() };
        assert!(matches!(task, Task::Group { .. }), "without its actor");
    }
}
