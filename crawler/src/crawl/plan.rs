//! What to ask a host for next: a pure function of what is known.

use std::time::Duration;

use allowlist::SourceKind;
use jiff::Timestamp;
use uuid::Uuid;

use super::task::Task;
use super::{gancio, mobilizon};
use crate::politeness::after;
use crate::robots::Rules;
use crate::state::{DueAccount, DueChannel, DueDetail, HostState, Queue};

/// Pages of one poll before a sweep is the better way.
pub const MAX_POLL_PAGES: u32 = 10;

/// An outbox is read for accounts with at least this many videos to learn about; below, details are lighter.
const MIN_WANTED_FOR_OUTBOX: u64 = 3;

/// Videos to learn about, for each page that the outbox of the account has: a page is as heavy as two details.
const MIN_WANTED_PER_PAGE: u64 = 2;

/// An early scan leaves at least this between two scans.
const MIN_BETWEEN_SWEEPS: Duration = Duration::from_secs(2 * 60 * 60);

/// The same for each page of the last scan, so that large hosts are not scanned all day.
const MIN_BETWEEN_SWEEPS_PER_PAGE: Duration = Duration::from_secs(4 * 60);

/// Major version of PeerTube whose ActivityPub actors carry flags of consent.
const FIRST_WITH_ACTOR_FLAGS: u32 = 8;

/// Outboxes refused in a row before only details are asked for.
pub const MAX_REFUSED_OUTBOXES: u32 = 3;

/// How long a host that forbids indexing keeps its records in the index, should it have been a mistake.
const PURGE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// How often things are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Shortest time from the end of one look for new videos to the next, for hosts that publish often or stream;
    /// 5 minutes.
    pub poll_min: Duration,
    /// The longest, for hosts that do not; 25 minutes. Wins where it is shorter than `poll_min`.
    pub poll_max: Duration,
    /// From the start of one full scan to the next; 20 hours.
    pub sweep: Duration,
    /// The same of everything that a host with events ever had; what is not over is passed through far more often. 30 days.
    pub history: Duration,
    /// Life of a robots.txt; 24 hours, and never more.
    pub robots: Duration,
    /// Until a robots.txt that could not be read is tried again; 1 hour.
    pub robots_retry: Duration,
    /// From one check of the software to the next; 24 hours.
    pub identity: Duration,
    /// From one look at a channel to the next; 3 days.
    pub channel: Duration,
    /// Bytes received from one host in a day; 500 MiB.
    pub max_bytes_per_day: u64,
    /// Requests to one host in a day after which only what is new, gone or streaming is looked for; 10 000.
    pub max_requests_per_day: u64,
}

impl Default for Schedule {
    fn default() -> Self {
        let hours = |n: u64| Duration::from_secs(n * 60 * 60);
        Self {
            poll_min: Duration::from_secs(5 * 60),
            poll_max: Duration::from_secs(25 * 60),
            sweep: hours(20),
            history: hours(30 * 24),
            robots: hours(24),
            robots_retry: hours(1),
            identity: hours(24),
            channel: hours(3 * 24),
            max_bytes_per_day: 500 << 20,
            max_requests_per_day: 10_000,
        }
    }
}

impl Schedule {
    /// The time between two polls of a host.
    ///
    /// - `has_lives`: a live of the host streams.
    pub fn poll_interval(&self, state: &HostState, has_lives: bool) -> Duration {
        let min = self.poll_min.min(self.poll_max);
        match state.poll.interval_s {
            _ if has_lives => min,
            // Nothing is known of its habits yet.
            0 => Duration::from_secs(15 * 60).clamp(min, self.poll_max),
            seconds => Duration::from_secs(seconds).clamp(min, self.poll_max),
        }
    }

    /// The interval after a poll: half of the last one when it brought news, half as much again when not.
    pub fn adapted_interval(&self, state: &HostState, has_news: bool) -> Duration {
        let last = self.poll_interval(state, false);
        let next = if has_news { last / 2 } else { last.saturating_mul(3) / 2 };
        next.clamp(self.poll_min.min(self.poll_max), self.poll_max)
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
    /// The playlist whose elements are being read, and its next row.
    pub reading: Option<(Uuid, u64)>,
    /// A run over all hosts once looks at each of them anew since this moment, whatever the poll interval.
    pub fresh_since: Option<Timestamp>,
}

/// Decides what to ask a host for next. The pause of the slot is not its business.
pub fn next_step(view: View<'_>, schedule: &Schedule, now: Timestamp) -> Step {
    let state = view.state;
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
    if let Some(step) = identity_step(view, rules, schedule, now) {
        return step;
    }
    match view.kind {
        SourceKind::PeerTube => work_step(view, rules, schedule, now),
        SourceKind::Mobilizon => mobilizon::next_step(view, rules, schedule, now),
        SourceKind::Gancio => gancio::next_step(view, rules, schedule, now),
    }
}

fn identity_step(view: View<'_>, rules: &Rules, schedule: &Schedule, now: Timestamp) -> Option<Step> {
    let state = view.state;
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
    match view.kind {
        // When robots.txt forbids all of this, the listing itself will show what it is.
        SourceKind::PeerTube => allowed(Task::Config),
        SourceKind::Mobilizon => mobilizon::probe(state).map(Step::Fetch),
        // Only its NodeInfo says what it is, and robots.txt forbids it.
        SourceKind::Gancio => {
            let until = state.robots.next_at.unwrap_or(now).max(after(now, schedule.robots_retry));
            Some(Step::Wait { until, why: "it does not say what it runs" })
        }
    }
}

fn work_step(view: View<'_>, rules: &Rules, schedule: &Schedule, now: Timestamp) -> Step {
    let (state, queue) = (view.state, view.queue);
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task));
    // A page waits for these.
    if let Some(channel) = due_channel(view, now).filter(|channel| channel.is_unchecked)
        && rules.is_allowed(&Task::Channel { name: channel.name.clone() }.path())
    {
        return channel_step(channel, view, rules);
    }
    let is_first_sweep = state.sweep.ended_at.is_none();
    if state.sweep.is_running && is_first_sweep {
        return Step::Fetch(Task::Listing { start: state.sweep.start });
    }
    let sweep_at = sweep_at(state, schedule);
    // A run over all hosts once scans each of them at most once, however short the interval.
    let was_swept = view.fresh_since.is_some_and(|since| state.sweep.started_at.is_some_and(|at| at >= since));
    let is_sweep_due = sweep_at.is_none_or(|at| at <= now) && !was_swept;
    if is_first_sweep && is_sweep_due {
        return Step::Fetch(Task::Listing { start: 0 });
    }
    // A scan of a large host takes long; what is new does not wait for its end.
    let looked_at = state.poll.last_at.or(state.sweep.started_at);
    let interval = schedule.poll_interval(state, queue.has_lives);
    let poll_at = looked_at.map(|at| after(at, interval)).max(state.poll.not_before);
    let is_stale =
        view.fresh_since.is_some_and(|since| looked_at.max(state.sweep.started_at).is_none_or(|at| at < since));
    if state.poll.n_pages > 0 || is_stale && !is_sweep_due || poll_at.is_none_or(|at| at <= now) {
        return Step::Fetch(Task::Poll { start: state.poll.start });
    }
    if queue.has_lives && state.poll.lives_at < state.poll.last_at {
        return Step::Fetch(Task::Lives);
    }
    if state.sweep.is_running {
        return Step::Fetch(Task::Listing { start: state.sweep.start });
    }
    if is_sweep_due {
        return Step::Fetch(Task::Listing { start: 0 });
    }
    if let Some(uuid) = queue.confirm
        && let Some(step) = allowed(Task::Confirm { uuid })
    {
        return step;
    }
    if state.traffic.n_requests_today(now) < schedule.max_requests_per_day
        && let Some(step) = background_step(view, rules, now)
    {
        return step;
    }
    let robots_at = state.robots.next_at.unwrap_or(now);
    let until = robots_at.min(poll_at.unwrap_or(robots_at)).min(sweep_at.unwrap_or(robots_at).max(now));
    Step::Wait { until, why: "everything is up to date" }
}

/// What can wait for another day: playlists, channels that are due again, details.
fn background_step(view: View<'_>, rules: &Rules, now: Timestamp) -> Option<Step> {
    let (state, queue) = (view.state, view.queue);
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task));
    if let Some(channel) = due_channel(view, now)
        && rules.is_allowed(&Task::Channel { name: channel.name.clone() }.path())
    {
        return Some(channel_step(channel, view, rules));
    }
    let pass = &state.playlists;
    let is_pass_due = pass.sweep.is_running
        || (pass.sweep.started_at < state.sweep.ended_at && pass.not_before.is_none_or(|at| at <= now));
    let pass_step = || allowed(Task::Playlists { start: if pass.sweep.is_running { pass.sweep.start } else { 0 } });
    if is_pass_due && let Some(step) = pass_step() {
        return Some(step);
    }
    if let Some(uuid) = queue.confirm_playlist
        && let Some(step) = allowed(Task::ConfirmPlaylist { uuid })
    {
        return Some(step);
    }
    if let Some(uuid) = queue.elements {
        let task = match view.reading {
            Some((reading, start)) if reading == uuid => Task::Elements { uuid, start },
            _ => Task::ConfirmPlaylist { uuid },
        };
        if let Some(step) = allowed(task) {
            return Some(step);
        }
    }
    if let Some(account) = &state.enrich.account
        && let Some(step) = allowed(Task::Outbox { account: account.clone(), page: state.enrich.page.max(1) })
    {
        return Some(step);
    }
    if let Some(account) = &queue.account
        && is_worth_an_outbox(account)
        && state.enrich.n_refused < MAX_REFUSED_OUTBOXES
        && let Some(step) = allowed(Task::Outbox { account: account.name.clone(), page: 1 })
    {
        return Some(step);
    }
    queue.detail.and_then(|detail| match detail {
        DueDetail { uuid, is_description: true } => allowed(Task::Description { uuid }),
        DueDetail { uuid, .. } => allowed(Task::Detail { uuid }),
    })
}

/// The channel to look at, unless the route of channels seems broken.
fn due_channel<'a>(view: View<'a>, now: Timestamp) -> Option<&'a DueChannel> {
    let is_paused = view.state.channels.paused_until.is_some_and(|until| until > now);
    view.queue.channel.as_ref().filter(|_| !is_paused)
}

/// The requests that check a channel, its own answer last: it decides.
fn channel_step(channel: &DueChannel, view: View<'_>, rules: &Rules) -> Step {
    let allowed = |task: Task| rules.is_allowed(&task.path()).then_some(Step::Fetch(task));
    if has_actor_flags(view.state) {
        if channel.needs_owner
            && let Some(step) = allowed(Task::AccountActor { name: channel.owner.clone() })
        {
            return step;
        }
        if channel.needs_actor
            && let Some(step) = allowed(Task::ChannelActor { name: channel.name.clone() })
        {
            return step;
        }
    }
    Step::Fetch(Task::Channel { name: channel.name.clone() })
}

fn has_actor_flags(state: &HostState) -> bool {
    let major = state.identity.version.as_deref().and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major >= FIRST_WITH_ACTOR_FLAGS)
}

fn is_worth_an_outbox(account: &DueAccount) -> bool {
    let n_pages = account.n_videos.div_ceil(50);
    account.n_due >= MIN_WANTED_FOR_OUTBOX.max(n_pages.saturating_mul(MIN_WANTED_PER_PAGE))
}

/// When the next full scan is due; `None` for at once.
fn sweep_at(state: &HostState, schedule: &Schedule) -> Option<Timestamp> {
    let started_at = state.sweep.started_at?;
    let usual = after(started_at, schedule.sweep);
    if !state.poll.wants_sweep {
        return Some(usual);
    }
    let n_pages = u32::try_from(state.sweep.n_pages).unwrap_or(u32::MAX);
    let rest = MIN_BETWEEN_SWEEPS.max(MIN_BETWEEN_SWEEPS_PER_PAGE.saturating_mul(n_pages));
    Some(usual.min(after(started_at, rest)))
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
        let view =
            View { kind: SourceKind::PeerTube, state, rules: Some(&rules), queue, reading: None, fresh_since: None };
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
            reading: None,
            fresh_since: None,
        };
        assert_eq!(next_step(view, &Schedule::default(), now()), Step::Fetch(Task::Robots));
    }

    fn anna(n_due: u64, n_videos: u64) -> Option<DueAccount> {
        Some(DueAccount { name: "anna".to_owned(), n_due, n_videos })
    }

    fn films(is_unchecked: bool) -> Option<DueChannel> {
        let (name, owner) = ("films".to_owned(), "anna".to_owned());
        Some(DueChannel { name, owner, is_unchecked, needs_actor: true, needs_owner: true })
    }

    fn minutes(n: u64) -> Duration {
        Duration::from_secs(60 * n)
    }

    #[test]
    fn the_order_is_scan_then_removals_then_channels_playlists_and_details() {
        let mut state = ready();
        let detail = Some(DueDetail { uuid: uuid(), is_description: false });
        let mut queue = Queue {
            channel: films(false),
            confirm: Some(uuid()),
            confirm_playlist: Some(uuid()),
            elements: Some(uuid()),
            account: anna(60, 60),
            detail,
            has_lives: false,
            ..Queue::default()
        };
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Listing { start: 0 }));
        state.sweep.begin(now());
        state.sweep.start = 95;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Listing { start: 95 }));
        queue.channel = films(true);
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Channel { name: "films".to_owned() }), "the page waits");
        queue.channel = films(false);
        (state.sweep.is_running, state.sweep.ended_at) = (false, Some(now()));
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Confirm { uuid: uuid() }));
        queue.confirm = None;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Channel { name: "films".to_owned() }));
        queue.channel = None;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Playlists { start: 0 }));
        state.playlists.sweep.begin(now());
        state.playlists.sweep.start = 95;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Playlists { start: 95 }));
        state.playlists.sweep.is_running = false;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::ConfirmPlaylist { uuid: uuid() }));
        queue.confirm_playlist = None;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::ConfirmPlaylist { uuid: uuid() }), "lost by a restart");
        queue.elements = None;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Outbox { account: "anna".to_owned(), page: 1 }));
        queue.account = anna(2, 2);
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Detail { uuid: uuid() }));
        queue.account = anna(5, 1000);
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Detail { uuid: uuid() }), "twenty pages for five videos");
        queue.detail = Some(DueDetail { uuid: uuid(), is_description: true });
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Description { uuid: uuid() }));
        assert!(matches!(step(&state, &Queue::default()), Step::Wait { why: "everything is up to date", .. }));
        // A host that was asked for a lot today is asked for the rest tomorrow.
        state.traffic.add_request(now());
        state.traffic.n_requests = 10_000;
        assert!(matches!(step(&state, &queue), Step::Wait { .. }));
    }

    #[test]
    fn hosts_of_version_8_are_asked_for_the_flags_of_their_actors() {
        let mut state = ready();
        state.identity.version = Some("8.0.1".to_owned());
        let mut queue = Queue { channel: films(true), ..Queue::default() };
        assert_eq!(step(&state, &queue), Step::Fetch(Task::AccountActor { name: "anna".to_owned() }));
        queue.channel.as_mut().unwrap().needs_owner = false;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::ChannelActor { name: "films".to_owned() }));
        queue.channel.as_mut().unwrap().needs_actor = false;
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Channel { name: "films".to_owned() }));
        let rules = Rules::parse(b"User-agent: *\nDisallow: /accounts/\nDisallow: /video-channels/\n");
        let queue = Queue { channel: films(true), ..Queue::default() };
        let (kind, rules) = (SourceKind::PeerTube, Some(&rules));
        let view = View { kind, state: &state, rules, queue: &queue, reading: None, fresh_since: None };
        let expected = Step::Fetch(Task::Channel { name: "films".to_owned() });
        assert_eq!(next_step(view, &Schedule::default(), now()), expected);
    }

    #[test]
    fn polls_adapt_between_their_bounds_and_go_before_a_running_scan() {
        let schedule = Schedule::default();
        let mut state = ready();
        assert_eq!(schedule.poll_interval(&state, false), minutes(15));
        let mut intervals = Vec::new();
        for has_news in [false, false, false, true, true, true, true] {
            let interval = schedule.adapted_interval(&state, has_news);
            state.poll.interval_s = interval.as_secs();
            intervals.push(interval.as_secs_f64() / 60.0);
        }
        assert_eq!(intervals, [22.5, 25.0, 25.0, 12.5, 6.25, 5.0, 5.0]);
        state.poll.interval_s = 25 * 60;
        assert_eq!(schedule.poll_interval(&state, true), minutes(5), "while a live streams");
        let short = Schedule { poll_max: Duration::from_secs(1), ..schedule };
        assert_eq!(short.poll_interval(&state, true), Duration::from_secs(1));

        state.sweep.begin(now());
        state.sweep.ended_at = Some(now());
        state.sweep.start = 950;
        let ago = |n| now().checked_sub(jiff::SignedDuration::from_mins(n)).unwrap();
        state.poll.last_at = Some(ago(24));
        assert_eq!(step(&state, &Queue::default()), Step::Fetch(Task::Listing { start: 950 }));
        state.poll.last_at = Some(ago(25));
        assert_eq!(step(&state, &Queue::default()), Step::Fetch(Task::Poll { start: 0 }));
        // Lives are looked at once a poll.
        let queue = Queue { has_lives: true, ..Queue::default() };
        state.poll.last_at = Some(ago(1));
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Lives));
        state.poll.lives_at = Some(now());
        assert_eq!(step(&state, &queue), Step::Fetch(Task::Listing { start: 950 }));
    }

    #[test]
    fn an_early_scan_leaves_time_to_the_last_one() {
        let mut state = ready();
        state.sweep.begin(now());
        (state.sweep.is_running, state.sweep.ended_at, state.sweep.n_pages) = (false, Some(now()), 3);
        let hours_until_sweep = |state: &HostState| {
            let at = sweep_at(state, &Schedule::default()).unwrap();
            at.duration_since(now()).as_secs_f64() / 3600.0
        };
        assert_eq!(hours_until_sweep(&state), 20.0);
        state.poll.wants_sweep = true;
        assert_eq!(hours_until_sweep(&state), 2.0);
        state.sweep.n_pages = 90;
        assert_eq!(hours_until_sweep(&state), 6.0);
        state.sweep.n_pages = 3000;
        assert_eq!(hours_until_sweep(&state), 20.0);
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
        state.playlists.sweep.begin(now());
        state.playlists.sweep.is_running = false;
        let detail = Some(DueDetail { uuid: uuid(), is_description: false });
        let queue = Queue { account: anna(60, 60), detail, ..Queue::default() };
        let rules = Rules::parse(b"User-agent: *\nDisallow: /accounts/\n");
        let view = View {
            kind: SourceKind::PeerTube,
            state: &state,
            rules: Some(&rules),
            queue: &queue,
            reading: None,
            fresh_since: None,
        };
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
            reading: None,
            fresh_since: Some(now()),
        };
        assert_eq!(next_step(view, &Schedule::default(), now()), Step::Fetch(Task::Poll { start: 0 }));
    }
}
