//! What the crawler asked, by host and by what it was about.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

/// Requests of a poll that follow each other within this time belong together.
const ROUND: Duration = Duration::from_secs(60);

/// What one host was asked.
#[derive(Clone, Debug, Default)]
struct OfHost {
    n: u64,
    last_at: Option<Timestamp>,
    round: Round,
}

/// A poll in progress.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    started_at: Option<Timestamp>,
    n_requests: u64,
    n_journalled: usize,
}

/// The count of all requests.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    hosts: HashMap<usize, OfHost>,
    by_task: BTreeMap<&'static str, u64>,
    /// Requests that came less than a second after the one before to the same host.
    pub n_too_soon: u64,
    /// The shortest pause between two requests to one host, in seconds.
    pub shortest_pause_s: f64,
    /// Polls that brought nothing new, and the requests they took.
    pub empty_polls: (u64, u64),
    /// The most requests that a poll without news took.
    pub most_of_an_empty_poll: u64,
}

impl Requests {
    /// Counts one request.
    ///
    /// - `poll`: what the crawler calls a look for new videos.
    pub fn count(&mut self, host: usize, at: Timestamp, task: &'static str, poll: &str, n_journalled: usize) {
        *self.by_task.entry(task).or_default() += 1;
        let of_host = self.hosts.entry(host).or_default();
        of_host.n += 1;
        if let Some(last) = of_host.last_at.replace(at) {
            let pause = at.duration_since(last).as_secs_f64();
            if pause < 1.0 {
                self.n_too_soon += 1;
            }
            if self.shortest_pause_s == 0.0 || pause < self.shortest_pause_s {
                self.shortest_pause_s = pause;
            }
        }
        let round = &mut of_host.round;
        let is_open = round.started_at.is_some_and(|start| at.duration_since(start).unsigned_abs() < ROUND);
        let ended = if task == poll && !is_open {
            Some(std::mem::replace(round, Round { started_at: Some(at), n_requests: 1, n_journalled }))
        } else {
            if task == poll {
                round.n_requests += 1;
                round.n_journalled += n_journalled;
            }
            None
        };
        if let Some(ended) = ended.filter(|ended| ended.started_at.is_some() && ended.n_journalled == 0) {
            self.empty_polls.0 += 1;
            self.empty_polls.1 += ended.n_requests;
            self.most_of_an_empty_poll = self.most_of_an_empty_poll.max(ended.n_requests);
        }
    }

    /// Requests by what they were about.
    pub fn by_task(&self) -> &BTreeMap<&'static str, u64> {
        &self.by_task
    }

    /// Requests of each host, sorted.
    pub fn of_hosts(&self) -> Vec<u64> {
        let mut counts: Vec<u64> = self.hosts.values().map(|of_host| of_host.n).collect();
        counts.sort_unstable();
        counts
    }
}
