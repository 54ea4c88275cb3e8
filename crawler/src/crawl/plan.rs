//! What to ask a host for next: a pure function of what is known.

use std::time::Duration;

use allowlist::SourceKind;
use jiff::Timestamp;
use uuid::Uuid;

use super::sweep::PAGE_ROWS;
use crate::net::Accept;
use crate::peertube::PAGE_SIZE;
use crate::politeness::after;
use crate::robots::Rules;
use crate::state::{HostState, Queue};

/// Rows of the first page of a poll: mostly nothing is new.
const FIRST_POLL_ROWS: u64 = 20;

/// Pages of one poll before a sweep is the better way.
pub const MAX_POLL_PAGES: u32 = 10;

/// An outbox is read for accounts with at least this many videos to learn about; below, details are lighter.
const MIN_WANTED_FOR_OUTBOX: u64 = 3;

/// Outboxes refused in a row before only details are asked for.
pub const MAX_REFUSED_OUTBOXES: u32 = 3;

/// How long a host that forbids indexing keeps its records in the index, should it have been a mistake.
const PURGE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// How often things are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From the end of one look for new videos to the next; 15 minutes.
    pub poll: Duration,
    /// From the start of one full scan to the next; 24 hours.
    pub sweep: Duration,
    /// Life of a robots.txt; 24 hours, and never more.
    pub robots: Duration,
    /// Until a robots.txt that could not be read is tried again; 1 hour.
    pub robots_retry: Duration,
    /// From one check of the software to the next; 24 hours.
    pub identity: Duration,
    /// Bytes received from one host in a day; 500 MiB.
    pub max_bytes_per_day: u64,
}

impl Default for Schedule {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 60 * 60);
        Self {
            poll: Duration::from_secs(15 * 60),
            sweep: day,
            robots: day,
            robots_retry: Duration::from_secs(60 * 60),
            identity: day,
            max_bytes_per_day: 500 << 20,
        }
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// May we?
    Robots,
    /// Where its NodeInfo is.
    NodeinfoLinks,
    /// What it runs.
    Nodeinfo {
        /// As discovered.
        path: String,
    },
    /// What it runs, when NodeInfo is hidden.
    Config,
    /// A page of the full scan.
    Listing {
        /// First row.
        start: u64,
    },
    /// A page of what is new.
    Poll {
        /// First row.
        start: u64,
    },
    /// Is a video that a full scan did not see still there?
    Confirm {
        /// The video.
        uuid: Uuid,
    },
    /// Tags and descriptions of an account's videos.
    Outbox {
        /// Name of the account.
        account: String,
        /// From 1.
        page: u32,
    },
    /// Tags and description of one video.
    Detail {
        /// The video.
        uuid: Uuid,
    },
}

impl Task {
    /// Path and query of the request.
    pub fn path(&self) -> String {
        match self {
            Self::Robots => "/robots.txt".to_owned(),
            Self::NodeinfoLinks => "/.well-known/nodeinfo".to_owned(),
            Self::Nodeinfo { path } => path.clone(),
            Self::Config => "/api/v1/config".to_owned(),
            Self::Listing { start } => {
                format!("/api/v1/videos?isLocal=true&nsfw=both&sort=createdAt&count={PAGE_ROWS}&start={start}")
            }
            Self::Poll { start } => {
                let count = Self::poll_rows(*start);
                format!("/api/v1/videos?isLocal=true&nsfw=both&sort=-publishedAt&count={count}&start={start}")
            }
            Self::Confirm { uuid } | Self::Detail { uuid } => format!("/api/v1/videos/{uuid}"),
            Self::Outbox { account, page } => format!("/accounts/{account}/outbox?page={page}&size={PAGE_SIZE}"),
        }
    }

    /// What is asked for.
    pub fn accept(&self) -> Accept {
        match self {
            Self::Robots => Accept::Text,
            Self::Outbox { .. } => Accept::ActivityJson,
            _ => Accept::Json,
        }
    }

    /// Rows of a page of a poll that starts at `start`.
    pub fn poll_rows(start: u64) -> u64 {
        if start == 0 { FIRST_POLL_ROWS } else { PAGE_ROWS }
    }

    /// What it is about, for people.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Robots => "reading robots.txt",
            Self::NodeinfoLinks | Self::Nodeinfo { .. } | Self::Config => "checking the software",
            Self::Listing { .. } => "scanning all videos",
            Self::Poll { .. } => "looking for new videos",
            Self::Confirm { .. } => "confirming removals",
            Self::Outbox { .. } | Self::Detail { .. } => "fetching tags and descriptions",
        }
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send a request.
    Fetch(Task),
    /// Withdraw every record of the host.
    Purge,
    /// Nothing is due.
    Wait {
        /// Until then.
        until: Timestamp,
        /// Why, as the end of "waiting: …".
        why: &'static str,
    },
}

/// What is known of a host.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What it is crawled as.
    pub kind: SourceKind,
    /// Its state.
    pub state: &'a HostState,
    /// Its rules, once read.
    pub rules: Option<&'a Rules>,
    /// What waits to be asked for.
    pub queue: &'a Queue,
    /// A run over all hosts once looks at each of them anew since this moment, whatever the poll interval.
    pub fresh_since: Option<Timestamp>,
}

/// Decides what to ask a host for next. The pause of the slot is not its business.
pub fn next_step(view: View<'_>, schedule: &Schedule, now: Timestamp) -> Step {
    let state = view.state;
    if view.kind == SourceKind::Mobilizon {
        return Step::Wait { until: after(now, schedule.sweep), why: "this version does not crawl Mobilizon yet" };
    }
    if let Some(until) = state.traffic.exhausted_until(now, schedule.max_bytes_per_day) {
        return Step::Wait { until, why: "it has sent as much as is taken in a day" };
    }
    if state.robots.next_at.is_none_or(|at| at <= now) || view.rules.is_none() && !state.robots.is_unreachable {
        return Step::Fetch(Task::Robots);
    }
    let robots_at = state.robots.next_at.unwrap_or(now);
    let Some(rules) = view.rules else {
        return Step::Wait { until: robots_at, why: "its robots.txt cannot be read" };
    };
    if let Some(since) = state.robots.blocked_since {
        let purge_at = after(since, PURGE_AFTER);
        if !state.robots.is_purged && purge_at <= now {
            return Step::Purge;
        }
        let until = if state.robots.is_purged { robots_at } else { robots_at.min(purge_at) };
        return Step::Wait { until, why: "it asks not to be indexed" };
    }
    if let Some(step) = identity_step(state, rules, schedule, now) {
        return step;
    }
    work_step(view, rules, schedule, now)
}

fn identity_step(state: &HostState, rules: &Rules, schedule: &Schedule, now: Timestamp) -> Option<Step> {
    let identity = &state.identity;
    if let Some(checked_at) = identity.checked_at
        && after(checked_at, schedule.identity) > now
    {
        let until = after(checked_at, schedule.identity);
        return identity.mismatch.is_some().then_some(Step::Wait { until, why: "it is not what it is listed as" });
    }
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task));
    if !identity.is_hidden {
        let found = match &identity.nodeinfo_path {
            Some(path) => allowed(Task::Nodeinfo { path: path.clone() }),
            None => allowed(Task::NodeinfoLinks),
        };
        if found.is_some() {
            return found;
        }
    }
    // When robots.txt forbids all of this, the listing itself will show what it is.
    allowed(Task::Config)
}

fn work_step(view: View<'_>, rules: &Rules, schedule: &Schedule, now: Timestamp) -> Step {
    let state = view.state;
    if state.sweep.is_running {
        return Step::Fetch(Task::Listing { start: state.sweep.start });
    }
    let sweep_at = state.sweep.started_at.map(|at| after(at, schedule.sweep));
    // A run over all hosts once scans each of them at most once, however short the interval.
    let was_swept = view.fresh_since.is_some_and(|since| state.sweep.started_at.is_some_and(|at| at >= since));
    if sweep_at.is_none_or(|at| at <= now) && !was_swept {
        return Step::Fetch(Task::Listing { start: 0 });
    }
    let looked_at = state.poll.last_at.max(state.sweep.started_at);
    let poll_at = looked_at.map(|at| after(at, schedule.poll)).max(state.poll.not_before);
    let is_stale = view.fresh_since.is_some_and(|since| looked_at.is_none_or(|at| at < since));
    if state.poll.n_pages > 0 || is_stale || poll_at.is_none_or(|at| at <= now) {
        return Step::Fetch(Task::Poll { start: state.poll.start });
    }
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task));
    if let Some(uuid) = view.queue.confirm
        && let Some(step) = allowed(Task::Confirm { uuid })
    {
        return step;
    }
    if let Some(account) = &state.enrich.account
        && let Some(step) = allowed(Task::Outbox { account: account.clone(), page: state.enrich.page.max(1) })
    {
        return step;
    }
    if let Some((account, n)) = &view.queue.account
        && *n >= MIN_WANTED_FOR_OUTBOX
        && state.enrich.n_refused < MAX_REFUSED_OUTBOXES
        && let Some(step) = allowed(Task::Outbox { account: account.clone(), page: 1 })
    {
        return step;
    }
    if let Some(uuid) = view.queue.detail
        && let Some(step) = allowed(Task::Detail { uuid })
    {
        return step;
    }
    let robots_at = state.robots.next_at.unwrap_or(now);
    let until = robots_at.min(poll_at.unwrap_or(robots_at)).min(sweep_at.unwrap_or(robots_at));
    Step::Wait { until, why: "everything is up to date" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Identity, RobotsState};

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    /// A host whose robots.txt and software are known and fine.
    fn ready() -> HostState {
        let robots = RobotsState {
            read_at: Some(now()),
            next_at: Some(after(now(), Duration::from_secs(86_400))),
            ..Default::default()
        };
        let identity = Identity { checked_at: Some(now()), version: Some("6.3.0".to_owned()), ..Default::default() };
        HostState { robots, identity, ..HostState::default() }
    }

    fn step(state: &HostState, queue: &Queue) -> Step {
        let rules = Rules::allow_all();
        let view = View { kind: SourceKind::PeerTube, state, rules: Some(&rules), queue, fresh_since: None };
        next_step(view, &Schedule::default(), now())
    }

    fn uuid() -> Uuid {
        Uuid::from_u128(0x0300_8676_1b74_4ada_824a_df4b_261f_4c9a)
    }

    #[test]
    fn a_new_host_is_asked_for_its_rules_before_anything_else() {
        let view = View {
            kind: SourceKind::PeerTube,
            state: &HostState::default(),
            rules: None,
            queue: &Queue::default(),
            fresh_since: None,
        };
        assert_eq!(next_step(view, &Schedule::default(), now()), Step::Fetch(Task::Robots));
    }

    #[test]
    fn the_order_is_scan_then_removals_then_details() {
        let mut state = ready();
        let mut queue = Queue { confirm: Some(uuid()), account: Some(("anna".to_owned(), 60)), detail: Some(uuid()) };
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Listing { start: 0 }));
        state.sweep.begin(now());
        state.sweep.start = 95;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Listing { start: 95 }));
        state.sweep.is_running = false;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Confirm { uuid: uuid() }));
        queue.confirm = None;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Outbox { account: "anna".to_owned(), page: 1 }));
        queue.account = Some(("anna".to_owned(), 2));
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Detail { uuid: uuid() }));
        assert!(matches!(step(&state, &Queue::default()), Step::Wait { why: "everything is up to date", .. }));
    }

    #[test]
    fn case_61_a_blocked_host_is_left_alone_and_purged_after_a_day() {
        let mut state = ready();
        state.robots.blocked_since = Some(now());
        assert!(matches!(step(&state, &Queue::default()), Step::Wait { why: "it asks not to be indexed", .. }));
        state.robots.blocked_since = Some(now().checked_sub(jiff::SignedDuration::from_hours(25)).unwrap());
        assert_eq!(step(&state, &Queue::default()), Step::Purge);
        state.robots.is_purged = true;
        assert!(matches!(step(&state, &Queue::default()), Step::Wait { .. }));
    }

    #[test]
    fn paths_that_robots_txt_forbids_are_not_planned() {
        let mut state = ready();
        state.sweep.begin(now());
        state.sweep.is_running = false;
        let queue = Queue { confirm: None, account: Some(("anna".to_owned(), 60)), detail: Some(uuid()) };
        let rules = Rules::parse(b"User-agent: *\nDisallow: /accounts/\n");
        let view =
            View { kind: SourceKind::PeerTube, state: &state, rules: Some(&rules), queue: &queue, fresh_since: None };
        assert_eq!(next_step(view, &Schedule::default(), now()), Step::Fetch(Task::Detail { uuid: uuid() }));
    }

    #[test]
    fn a_run_over_all_hosts_once_polls_each_of_them() {
        let mut state = ready();
        state.sweep.begin(now().checked_sub(jiff::SignedDuration::from_mins(1)).unwrap());
        state.sweep.is_running = false;
        let rules = Rules::allow_all();
        let queue = Queue::default();
        let view = View {
            kind: SourceKind::PeerTube,
            state: &state,
            rules: Some(&rules),
            queue: &queue,
            fresh_since: Some(now()),
        };
        assert_eq!(next_step(view, &Schedule::default(), now()), Step::Fetch(Task::Poll { start: 0 }));
    }

    #[test]
    fn mobilizon_hosts_wait_for_a_later_version() {
        let state = HostState::default();
        let queue = Queue::default();
        let view = View { kind: SourceKind::Mobilizon, state: &state, rules: None, queue: &queue, fresh_since: None };
        assert!(matches!(next_step(view, &Schedule::default(), now()), Step::Wait { .. }));
    }
}
