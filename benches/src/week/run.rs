//! What the two weeks share: instances that change while the crawler follows them in a time of its own.

use std::cell::RefCell;
use std::collections::HashMap;

use allowlist::Host;
use crawler::Crawler;
use jiff::Timestamp;
use journal::{Body, Offset, Reader, RecordId};
use simulator::{Behaviour, Fediverse, HostHandle};

use super::plan::Change;
use super::{Ledger, Outage, Plan, Requests};

/// Instances that change by a plan, and what is known of the changes.
pub trait World {
    /// Lets happen what was to happen until `now`.
    fn advance_to(&mut self, now: Timestamp);

    /// What happened, and when the journal had it.
    fn ledger(&mut self) -> &mut Ledger;

    /// Takes note of an entry that the crawler wrote about host number `host` at `now`.
    fn see(&mut self, host: usize, id: &RecordId, body: &Body, now: Timestamp);
}

/// What is to happen, and how far it has happened.
pub struct Timeline<'a> {
    plan: &'a Plan,
    n_applied: usize,
    outages: Vec<(Timestamp, usize, bool)>,
    n_switched: usize,
}

impl<'a> Timeline<'a> {
    /// A plan of which nothing has happened.
    pub fn new(plan: &'a Plan) -> Self {
        let switches = |outage: &Outage| [(outage.from, outage.host, true), (outage.to, outage.host, false)];
        let mut outages: Vec<_> = plan.outages.iter().flat_map(switches).collect();
        outages.sort_unstable();
        Self { plan, n_applied: 0, outages, n_switched: 0 }
    }

    /// Begins and ends the outages that were to begin or end until `now`.
    pub fn switch(&mut self, now: Timestamp, handles: &[&HostHandle]) {
        while let Some((at, host, is_down)) = self.outages.get(self.n_switched).copied()
            && at <= now
        {
            self.n_switched += 1;
            if is_down {
                handles[host].behave(Behaviour::Status(503));
            } else {
                handles[host].heal();
            }
        }
    }

    /// The next change that was to happen until `now`; each is given once.
    pub fn next_change(&mut self, now: Timestamp) -> Option<Change> {
        let change = self.plan.changes.get(self.n_applied).copied().filter(|change| change.at <= now)?;
        self.n_applied += 1;
        Some(change)
    }
}

/// Runs the crawler until the end of the plan; counts the requests of tasks from `measured_from` on. A task called `poll` is
/// a look for what is new.
///
/// # Errors
/// Those of the crawler and of the journal.
pub async fn run<W: World>(
    crawler: &Crawler,
    fediverse: &Fediverse,
    reader: &Reader,
    numbers: &HashMap<Host, usize>,
    (measured_from, end): (Timestamp, Timestamp),
    poll: &str,
    world: W,
) -> anyhow::Result<(W, Requests)> {
    let world = RefCell::new(world);
    let mut requests = Requests::default();
    let mut read_to = Offset::ZERO;
    let mut failure = None;
    crawler
        .run_until(
            end,
            |now, _| {
                fediverse.set_time(now);
                world.borrow_mut().advance_to(now);
            },
            |now, host, task, n_journalled| {
                let (Some(task), Some(number)) = (task, numbers.get(host)) else { return };
                if now >= measured_from {
                    requests.count(*number, now, task, poll, n_journalled);
                }
                let mut world = world.borrow_mut();
                world.ledger().asked(*number, now);
                if n_journalled > 0 {
                    failure = read(reader, &mut read_to, numbers, now, &mut *world).err().or(failure.take());
                }
            },
        )
        .await?;
    if let Some(error) = failure {
        return Err(error.into());
    }
    let mut world = world.into_inner();
    world.advance_to(end);
    Ok((world, requests))
}

/// Reads what the crawler wrote.
fn read(
    reader: &Reader,
    read_to: &mut Offset,
    numbers: &HashMap<Host, usize>,
    now: Timestamp,
    world: &mut impl World,
) -> Result<(), journal::Error> {
    loop {
        let entries = reader.read_after(*read_to, 1000)?;
        let Some((last, _)) = entries.last() else { return Ok(()) };
        *read_to = *last;
        for (_, entry) in &entries {
            let id = entry.id();
            if let Some(host) = numbers.get(&id.host) {
                world.see(*host, &id, &entry.body, now);
            }
        }
    }
}
