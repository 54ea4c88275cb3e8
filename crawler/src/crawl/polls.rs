//! The look for what is new: when it ends, how soon the next one is, and what it says about a full scan.

use std::time::Duration;

use super::plan::{MAX_POLL_PAGES, Schedule};
use super::sweep::PageFacts;
use super::task::Task;
use super::visit::HostRun;
use crate::net::Fetched;
use crate::politeness::after;
use crate::state::Poll;

/// New rows of a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct News {
    /// Rows that were unknown or are published anew.
    pub n_fresh: u64,
    /// Rows that were unknown.
    pub n_unknown: u64,
    /// The last row, the one published first, is among them.
    pub ends_fresh: bool,
}

/// Takes in a page, the newest first: the poll goes on until it meets what is known.
pub fn advance(run: &mut HostRun, schedule: &Schedule, news: News, facts: &PageFacts, fetched: &Fetched) {
    let poll = &mut run.state.poll;
    poll.n_failed = 0;
    poll.n_fresh += news.n_fresh;
    poll.n_unknown += news.n_unknown;
    let is_last = facts.n_rows < Task::poll_rows(poll.start);
    if !news.ends_fresh || is_last {
        end(run, schedule, facts.total, fetched);
    } else if poll.n_pages + 1 >= MAX_POLL_PAGES {
        // So much is new that a full scan finds it with fewer requests.
        run.state.sweep.started_at = None;
        end(run, schedule, facts.total, fetched);
    } else {
        poll.start = poll.start.saturating_add(facts.n_rows);
        poll.n_pages += 1;
    }
}

/// Ends the poll in progress.
///
/// - `total`: what the host claims to list; `None` when it did not say, or nothing has changed.
pub fn end(run: &mut HostRun, schedule: &Schedule, total: Option<u64>, fetched: &Fetched) {
    /// A page said to stay good for longer is asked about anyway.
    const MAX_REST: Duration = Duration::from_secs(24 * 60 * 60);
    let rest = fetched.max_age.map(|age| after(fetched.at, age.min(MAX_REST)));
    let n_withdrawn = run.state.counts.n_withdrawn;
    let interval = schedule.adapted_interval(&run.state, run.state.poll.n_fresh > 0);
    let poll = &run.state.poll;
    // What was claimed before, with what came, without what went: less than that means that more went.
    let expected = poll
        .total
        .map(|last| last.saturating_add(poll.n_unknown).saturating_sub(n_withdrawn.saturating_sub(poll.n_withdrawn)));
    let has_shrunk = total.zip(expected).is_some_and(|(total, expected)| total < expected);
    run.state.poll = Poll {
        last_at: Some(fetched.at),
        not_before: rest,
        interval_s: interval.as_secs(),
        total: total.or(poll.total),
        n_withdrawn,
        wants_sweep: poll.wants_sweep || has_shrunk,
        lives_at: poll.lives_at,
        ..Poll::default()
    };
}
