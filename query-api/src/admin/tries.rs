//! Who guesses tokens has to wait: each address for itself, and all together for longer and longer.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::http::visitor::Visitor;

/// Wrong tokens that one address may try in [`WINDOW`].
pub(super) const PER_VISITOR: usize = 5;

/// The time in which they count.
const WINDOW: Duration = Duration::from_secs(60);

/// Wrong tokens of everybody together in [`ALL_WINDOW`] that make nobody wait.
pub(super) const FREE: usize = 20;

/// The time in which those of everybody count.
const ALL_WINDOW: Duration = Duration::from_secs(10 * 60);

/// Each wrong token past [`FREE`] doubles the wait of everybody, from a second to this.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// An address that brought a right token waits for no mistakes of others for so long.
const TRUSTED: Duration = Duration::from_secs(12 * 60 * 60);

/// Addresses that are kept apart at one time.
const MAX_VISITORS: usize = 10_000;

/// The wrong tokens of late, and who brought right ones.
#[derive(Default)]
pub(super) struct Tries {
    wrong: HashMap<Visitor, VecDeque<Instant>>,
    all: VecDeque<Instant>,
    closed_until: Option<Instant>,
    right: HashMap<Visitor, Instant>,
}

impl Tries {
    /// How long a visitor has to wait before a token of theirs is looked at; `None` for no time.
    pub fn wait(&mut self, visitor: Visitor, now: Instant) -> Option<Duration> {
        let visitor = self.known(visitor);
        let own = self.wrong.get_mut(&visitor).and_then(|wrong| {
            forget(wrong, WINDOW, now);
            let oldest = wrong.front().filter(|_| wrong.len() >= PER_VISITOR)?;
            Some(WINDOW.saturating_sub(now.saturating_duration_since(*oldest)))
        });
        let is_trusted = self.right.get(&visitor).is_some_and(|at| now.saturating_duration_since(*at) < TRUSTED);
        let closed = self.closed_until.filter(|until| !is_trusted && *until > now);
        own.max(closed.map(|until| until.saturating_duration_since(now)))
    }

    /// Notes a wrong token.
    pub fn note_wrong(&mut self, visitor: Visitor, now: Instant) {
        if self.wrong.len() >= MAX_VISITORS {
            self.wrong.retain(|_, wrong| {
                forget(wrong, WINDOW, now);
                !wrong.is_empty()
            });
        }
        let visitor = self.known(visitor);
        self.wrong.entry(visitor).or_default().push_back(now);
        self.all.push_back(now);
        forget(&mut self.all, ALL_WINDOW, now);
        let n_past = self.all.len().saturating_sub(FREE);
        if let Some(doublings) = u32::try_from(n_past).ok().and_then(|n| n.checked_sub(1)) {
            let wait = Duration::from_secs(1 << doublings.min(6)).min(MAX_WAIT);
            self.closed_until = Some(now + wait);
        }
    }

    /// Notes a right token.
    pub fn note_right(&mut self, visitor: Visitor, now: Instant) {
        if self.right.len() >= MAX_VISITORS {
            self.right.retain(|_, at| now.saturating_duration_since(*at) < TRUSTED);
        }
        if self.right.len() < MAX_VISITORS {
            self.right.insert(visitor, now);
        }
    }

    /// Those who come when too many are known share one allowance.
    fn known(&self, visitor: Visitor) -> Visitor {
        let is_kept = self.wrong.len() < MAX_VISITORS || self.wrong.contains_key(&visitor);
        if is_kept { visitor } else { Visitor::EVERYBODY }
    }
}

fn forget(times: &mut VecDeque<Instant>, window: Duration, now: Instant) {
    while times.front().is_some_and(|at| now.saturating_duration_since(*at) >= window) {
        times.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(n: u32) -> Visitor {
        Visitor::at(std::net::Ipv4Addr::from_bits(n).into())
    }

    // case 154
    #[test]
    fn case_154_each_address_has_five_tries_a_minute() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut tries = Tries::default();
        for n in 0..5 {
            assert_eq!(tries.wait(visitor(1), at(n)), None);
            tries.note_wrong(visitor(1), at(n));
        }
        assert_eq!(tries.wait(visitor(1), at(5)), Some(Duration::from_secs(55)));
        assert_eq!(tries.wait(visitor(2), at(5)), None);
        assert_eq!(tries.wait(visitor(1), at(60)), None);
        tries.note_wrong(visitor(1), at(60));
        assert_eq!(tries.wait(visitor(1), at(60)), Some(Duration::from_secs(1)));
    }

    // case 154
    #[test]
    fn case_154_many_addresses_make_everybody_wait_but_those_who_were_right() {
        let now = Instant::now();
        let mut tries = Tries::default();
        tries.note_right(visitor(900), now);
        let mut waits = Vec::new();
        for n in 0..30 {
            tries.note_wrong(visitor(n), now);
            waits.push(tries.wait(visitor(1000 + n), now).map_or(0, |wait| wait.as_secs()));
        }
        assert!(waits.iter().take(FREE).all(|wait| *wait == 0));
        assert_eq!(waits.get(FREE..).unwrap(), [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(tries.wait(visitor(900), now), None);
        for _ in 0..5 {
            tries.note_wrong(visitor(900), now);
        }
        assert!(tries.wait(visitor(900), now).is_some(), "their own mistakes count");
        let later = now + ALL_WINDOW;
        assert_eq!(tries.wait(visitor(2000), later), None);
        tries.note_wrong(visitor(2000), later);
        assert_eq!(tries.wait(visitor(2001), later), None, "old mistakes are forgotten");
    }

    #[test]
    fn memory_does_not_grow_with_addresses() {
        let now = Instant::now();
        let mut tries = Tries::default();
        let n = u32::try_from(MAX_VISITORS).unwrap();
        for n in 0..n + 50 {
            tries.note_wrong(visitor(n), now);
            tries.note_right(visitor(n), now);
        }
        assert!(tries.wrong.len() <= MAX_VISITORS + 1 && tries.right.len() <= MAX_VISITORS);
    }
}
