//! A simulated week of events: how soon what changes on 90 Mobilizon instances and some of Gancio is searchable, whether
//! what is over stays away from what is to come, and what it costs the instances.
//!
//! As the week of videos: the instances are the simulator's, the crawler is the real one with its default schedule and pace,
//! over HTTP on loopback, in a time of its own. Once a day the journal is indexed, and every event that a search for what
//! is not over finds is compared with its instance. Excluded: the network, DNS and TLS.
#![expect(clippy::indexing_slicing, reason = "benches run on data made here")]

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use allowlist::{Host, SourceKind};
use anyhow::{Context, ensure};
use benches::machine;
use benches::week::known::{self, Known};
use benches::week::{self, Ledger, PUBLICATION, Plan, Sight, Timeline, WarmUp, What, World, report};
use clap::Parser;
use crawler::{Clock, Crawler, Seed};
use jiff::{SignedDuration, Timestamp};
use journal::record::EventStatus;
use journal::{Body, Journal, Kind, Reader, Record, RecordId};
use query_api::query::{EventFilter, EventQuery, EventTimes};
use query_api::search::{Deadline, SearchIndex};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use simulator::gancio::GancioHost;
use simulator::mobilizon::{MobilizonCatalogue, Visibility};
use simulator::{Fediverse, HostHandle, HostSetup, Software, judge};
use uuid::Uuid;

/// What the crawler calls a look for what changed.
const POLL: &str = "looking for changes";

/// Events that one search is asked for.
const PAGE: usize = 1000;

#[derive(Parser)]
struct Arguments {
    /// Simulated Mobilizon instances.
    #[arg(long, default_value_t = 90)]
    hosts: usize,
    /// Simulated Gancio instances.
    #[arg(long, default_value_t = 5)]
    gancio: usize,
    /// Days, after two in which the crawler gets to know them.
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// Events of the largest instance; the others have a share that falls with their number.
    #[arg(long, default_value_t = 3000)]
    most: u32,
    /// Of everything that is drawn.
    #[arg(long, default_value_t = 20_261_122)]
    seed: u64,
    /// Write the result there as well.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (report, figures) = runtime.block_on(simulate(&arguments))?;
    println!("{report}");
    if let Some(out) = &arguments.out {
        std::fs::write(out, report).with_context(|| format!("writing `{}`", out.display()))?;
    }
    let (n_both, n_missing, n_extra) = figures.at_the_end;
    ensure!(n_both > n_missing + n_extra, "more is missing or left over than there is");
    Ok(())
}

/// The figures that the run is about.
#[derive(Debug)]
struct Figures {
    /// Of what was published, edited, moved or cancelled: searchable within half an hour.
    share_in_time: f64,
    /// How many of those were counted.
    n_changes: usize,
    upcoming: Upcoming,
    n_breaches: usize,
    /// Listed and searchable at the end, listed alone, searchable alone.
    at_the_end: (usize, usize, usize),
}

async fn simulate(arguments: &Arguments) -> anyhow::Result<(String, Figures)> {
    let begun = Instant::now();
    let start: Timestamp = "2026-06-01T00:00:00Z".parse()?;
    let warm_up = WarmUp(Duration::from_secs(2 * 24 * 60 * 60));
    let catalogue = MobilizonCatalogue::new(arguments.seed, start, arguments.hosts + arguments.gancio);
    let mut setups: Vec<HostSetup> = Vec::new();
    for nth in 0..arguments.hosts {
        let number = nth as u32 + 1;
        let host = catalogue.host(nth, 15 + arguments.most / number, 2 + 60 / number).context("a planned host")?;
        setups.push(HostSetup::mobilizon(host));
    }
    for nth in arguments.hosts..arguments.hosts + arguments.gancio {
        let planned = catalogue.host(nth, 60, 0).context("a planned host")?;
        let name = format!("gancio-{}", planned.name.split_once('-').map_or("", |(_, rest)| rest));
        let host = GancioHost::from_mobilizon(&planned, &name, catalogue.city(nth).timezone);
        setups.push(HostSetup::gancio(host));
    }
    let names: Vec<String> = setups.iter().map(|setup| setup.name().to_owned()).collect();
    let kinds: Vec<SourceKind> = setups.iter().map(|setup| kind(setup.software())).collect();
    let fediverse = Fediverse::builder().hosts(setups).virtual_time(start).start().await?;
    let handles = names.iter().map(|name| fediverse.host(name).context("a host")).collect::<Result<Vec<_>, _>>()?;
    let n_events: Vec<u32> = handles.iter().map(|handle| known::listed(handle).len() as u32).collect();
    let plan = Plan::of_events(arguments.seed, &n_events, start, warm_up, arguments.days);

    let dir = tempfile::tempdir()?;
    let journal = Journal::open(&dir.path().join("journal.db"))?;
    let crawler =
        Crawler::open(week::config(&fediverse, Clock::manual(start))?, &dir.path().join("crawler.db"), &journal)?;
    let hosts: Vec<Host> = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
    let seeds =
        hosts.iter().zip(&kinds).map(|(host, kind)| Seed { host: host.clone(), kind: *kind, crawl_delay: None });
    crawler.set_instances(seeds.collect())?;

    let numbers: HashMap<Host, usize> = hosts.into_iter().enumerate().map(|(number, host)| (host, number)).collect();
    let measured_from = start.checked_add(SignedDuration::try_from(warm_up.0)?)?;
    let reader = journal.reader()?;
    let world = Week::new(handles, &plan, &reader, arguments.seed, dir.path().join("index"), measured_from);
    let times = (measured_from, plan.end);
    let (mut week, requests) = week::run(&crawler, &fediverse, &reader, &numbers, times, POLL, world).await?;
    for (what, host, uuid, at) in week.ledger.close(plan.end) {
        let version = week.handles[host].mobilizon().map_or("Gancio", |host| host.version.number());
        eprintln!("never seen: {} {uuid} on {} ({version}), at {at}", what.label(), week.handles[host].name());
    }
    week.look_at_what_is_to_come(plan.end);
    ensure!(week.errors.is_empty(), "the simulation itself failed: {:?}", week.errors);
    let breaches = judge::breaches(&fediverse.exchanges(), &judge::Rules::strict("vigie"));
    for breach in breaches.iter().take(10) {
        eprintln!("impolite: {} {}: {:?}", breach.host, breach.target, breach.wrong);
    }

    let mut text = format!(
        "# A simulated week of events, {} Mobilizon and {} Gancio hosts\n\n{}\n\n",
        arguments.hosts,
        arguments.gancio,
        machine::describe()
    );
    writeln!(
        text,
        "- {} events listed at the start, {} changes and {} outages in {} days after {} days of warm-up; {:.0} min of wall time",
        n_events.iter().sum::<u32>(),
        plan.changes.len(),
        plan.outages.len(),
        arguments.days,
        warm_up.0.as_secs() / 86_400,
        begun.elapsed().as_secs_f64() / 60.0,
    )?;
    let at_the_end = describe_end(&mut text, &week, &journal)?;
    let (share_in_time, n_changes) = in_time(&week.ledger);
    let upcoming = week.upcoming;
    let figures = Figures { share_in_time, n_changes, upcoming, n_breaches: breaches.len(), at_the_end };
    writeln!(
        text,
        "- of {} events published, edited, moved or cancelled, {:.1} % were searchable within 30 minutes",
        figures.n_changes,
        100.0 * figures.share_in_time
    )?;
    writeln!(
        text,
        "- looking once a day at all that a search for what is not over finds: {} events, {} of them over by their \
         instance's word, {} no longer listed there",
        figures.upcoming.n_found, figures.upcoming.n_over, figures.upcoming.n_gone
    )?;
    writeln!(
        text,
        "- the judge of politeness found {} breaches in {} requests\n",
        figures.n_breaches,
        fediverse.exchanges().len()
    )?;
    report::freshness(&mut text, &week.ledger, &What::OF_EVENTS)?;
    report::requests(&mut text, &requests, arguments.days)?;
    fediverse.shutdown().await;
    Ok((text, figures))
}

fn kind(software: Software) -> SourceKind {
    match software {
        Software::PeerTube => SourceKind::PeerTube,
        Software::Mobilizon => SourceKind::Mobilizon,
        Software::Gancio => SourceKind::Gancio,
    }
}

/// The share of what was published or changed that was searchable in time, and its number.
fn in_time(ledger: &Ledger) -> (f64, usize) {
    let (mut n_within, mut n_all) = (0.0, 0);
    for what in What::OF_EVENTS.into_iter().filter(|what| what.limit() <= Duration::from_secs(30 * 60)) {
        let outcome = ledger.outcome(what);
        let n = outcome.delays_s.len() + outcome.n_missed;
        n_within += outcome.share_within(what.limit()) * n as f64;
        n_all += n;
    }
    (if n_all == 0 { 1.0 } else { n_within / n_all as f64 }, n_all)
}

/// What searches for what is not over found, over all looks.
#[derive(Clone, Copy, Debug, Default)]
struct Upcoming {
    n_found: usize,
    n_over: usize,
    n_gone: usize,
}

/// The instances as they change, and what is known of the changes.
struct Week<'a> {
    handles: Vec<&'a HostHandle>,
    timeline: Timeline<'a>,
    reader: &'a Reader,
    rng: SmallRng,
    ledger: Ledger,
    index: PathBuf,
    /// When the index is looked at next.
    look_at: Timestamp,
    upcoming: Upcoming,
    errors: Vec<String>,
}

impl<'a> Week<'a> {
    fn new(
        handles: Vec<&'a HostHandle>,
        plan: &'a Plan,
        reader: &'a Reader,
        seed: u64,
        index: PathBuf,
        look_at: Timestamp,
    ) -> Self {
        Self {
            handles,
            timeline: Timeline::new(plan),
            reader,
            rng: SmallRng::seed_from_u64(seed ^ 1),
            ledger: Ledger::new(plan.outages.clone(), PUBLICATION),
            index,
            look_at,
            upcoming: Upcoming::default(),
            errors: Vec::new(),
        }
    }

    fn apply(&mut self, what: What, host: usize, at: Timestamp) -> simulator::Result<()> {
        let handle = self.handles[host];
        let is_gancio = handle.software() == Software::Gancio;
        match what {
            What::EventNew if is_gancio => {
                let event = handle.change_gancio(|host| host.add_event(at))?;
                self.ledger.note(what, host, Uuid::from_u128(u128::from(event.id)), at, None);
            }
            What::EventNew => {
                let event = handle.add_event(at)?;
                self.ledger.note(what, host, event.uuid, at, None);
            }
            What::DraftPublished => {
                let Some(uuid) = self.draw(host, |event| event.is_draft && event.over_at > at) else { return Ok(()) };
                handle.publish_draft(uuid, at)?;
                if known::listed(handle).iter().any(|event| event.uuid == uuid) {
                    self.ledger.note(what, host, uuid, at, None);
                }
            }
            What::EventEdited => {
                let Some(uuid) = self.draw(host, |event| !event.is_draft && event.over_at > at) else { return Ok(()) };
                let title = format!("Edited {:08x}", self.rng.random::<u32>());
                known::edit(
                    handle,
                    uuid,
                    at,
                    |event| event.title.clone_from(&title),
                    |event| event.title.clone_from(&title),
                )?;
                self.ledger.note(what, host, uuid, at, Some(title));
            }
            What::EventMoved => {
                let Some(uuid) = self.draw(host, |event| !event.is_draft && event.over_at > at) else { return Ok(()) };
                // Within hours or weeks, to the second.
                let hours = if self.rng.random_bool(0.3) { 6 } else { 24 * 40 };
                let seconds = self.rng.random_range(1800..hours * 3600);
                let begin = Timestamp::from_second(at.as_second() + seconds).unwrap_or(at);
                let moved = |begins_on: &mut Timestamp, ends_on: &mut Option<Timestamp>| {
                    let length = ends_on.map(|end| end.duration_since(*begins_on));
                    *ends_on = length.and_then(|length| begin.checked_add(length).ok());
                    *begins_on = begin;
                };
                known::edit(
                    handle,
                    uuid,
                    at,
                    |event| moved(&mut event.begins_on, &mut event.ends_on),
                    |event| moved(&mut event.begins_on, &mut event.ends_on),
                )?;
                self.ledger.note(what, host, uuid, at, Some(begin.to_string()));
            }
            What::EventCancelled if !is_gancio => {
                let fit = |event: &Known| !event.is_draft && !event.is_cancelled && event.over_at > at;
                let Some(uuid) = self.draw(host, fit) else { return Ok(()) };
                handle.cancel_event(uuid, at)?;
                self.ledger.note(what, host, uuid, at, None);
            }
            What::EventDeleted | What::PastEventDeleted => {
                let is_past = what == What::PastEventDeleted;
                let fit = |event: &Known| !event.is_draft && (event.over_at <= at) == is_past;
                let Some(uuid) = self.draw(host, fit) else { return Ok(()) };
                if is_gancio {
                    handle.change_gancio(|host| host.delete(known::number(uuid)))?;
                } else {
                    handle.delete_event(uuid, at)?;
                }
                self.ledger.note(what, host, uuid, at, None);
            }
            What::EventHidden => {
                let Some(uuid) = self.draw(host, |event| !event.is_draft && event.over_at > at) else { return Ok(()) };
                known::edit(
                    handle,
                    uuid,
                    at,
                    |event| event.visibility = Visibility::Unlisted,
                    |event| event.is_visible = false,
                )?;
                self.ledger.note(what, host, uuid, at, None);
            }
            What::Participants if !is_gancio => {
                let Some(uuid) = self.draw(host, |event| !event.is_draft && event.over_at > at) else { return Ok(()) };
                // It moves no date.
                handle.change_mobilizon(|host| {
                    let found = host.events.iter_mut().find(|event| event.uuid == uuid);
                    found.map(|event| event.n_participants += 1)
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Draws a listed event or a draft that `is_fit`, whatever the host has many of first.
    fn draw(&mut self, host: usize, is_fit: impl Fn(&Known) -> bool) -> Option<Uuid> {
        let all = known::public(self.handles[host]);
        let fit: Vec<Uuid> = all.iter().filter(|event| is_fit(event)).map(|event| event.uuid).collect();
        (!fit.is_empty()).then(|| fit[self.rng.random_range(0..fit.len())])
    }

    /// Indexes the journal and compares what a search for what is not over finds with the instances.
    fn look_at_what_is_to_come(&mut self, now: Timestamp) {
        if let Err(error) = self.compare(now) {
            self.errors.push(format!("looking at the index: {error:#}"));
        }
    }

    fn compare(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let index = indexed(&self.index, self.reader)?;
        let truth: HashMap<String, HashMap<String, Known>> = self
            .handles
            .iter()
            .map(|handle| {
                let own = known::listed(handle).into_iter().map(|event| (event.origin_id.clone(), event)).collect();
                (handle.name().to_owned(), own)
            })
            .collect();
        let times = EventTimes::between(Some(now.as_millisecond()), None);
        let filter = EventFilter { times, ..EventFilter::default() };
        for start in (0..).step_by(PAGE) {
            let query = EventQuery { start, count: PAGE, filter: filter.clone(), ..EventQuery::default() };
            let page = index.search_events(&query, Deadline::none())?;
            for hit in &page.hits {
                self.upcoming.n_found += 1;
                match truth.get(&hit.event.host).and_then(|own| own.get(&hit.event.origin_id)) {
                    None => self.upcoming.n_gone += 1,
                    Some(event) if event.over_at < now => {
                        self.upcoming.n_over += 1;
                        eprintln!("over: {} since {}, found at {now}", hit.event.url, event.over_at);
                    }
                    Some(_) => {}
                }
            }
            if page.hits.len() < PAGE {
                break;
            }
        }
        Ok(())
    }
}

impl World for Week<'_> {
    fn advance_to(&mut self, now: Timestamp) {
        self.timeline.switch(now, &self.handles);
        while let Some(change) = self.timeline.next_change(now) {
            if let Err(error) = self.apply(change.what, change.host, change.at) {
                self.errors.push(format!("{:?} on {}: {error}", change.what, self.handles[change.host].name()));
            }
        }
        if self.look_at <= now {
            self.look_at_what_is_to_come(now);
            self.look_at = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        }
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn see(&mut self, host: usize, id: &RecordId, body: &Body, now: Timestamp) {
        let number = || id.id.parse().ok().map(Uuid::from_u128);
        let (Kind::Event, Some(uuid)) = (id.kind, id.id.parse().ok().or_else(number)) else { return };
        match body {
            Body::Record(Record::Event(event)) => {
                let sight = Sight::Event {
                    title: &event.title,
                    begins_on: event.time.starts_at,
                    is_cancelled: event.status == EventStatus::Cancelled,
                };
                self.ledger.see(host, uuid, sight, now);
            }
            Body::Tombstone { .. } => self.ledger.see(host, uuid, Sight::Gone, now),
            Body::Record(_) => {}
        }
    }
}

fn indexed(index: &Path, reader: &Reader) -> anyhow::Result<SearchIndex> {
    indexer::Indexer::open(index, indexer::Options::default())?.catch_up_until(
        reader,
        &AtomicBool::new(false),
        &mut |_| {},
    )?;
    Ok(SearchIndex::open(indexer::Snapshot::open_current(index)?, None)?)
}

/// What is left to differ at the end, between instances, journal and index.
fn describe_end(text: &mut String, week: &Week<'_>, journal: &Journal) -> anyhow::Result<(usize, usize, usize)> {
    let reader = journal.reader()?;
    let check = indexer::check(&week.index, &reader)?;
    ensure!(check.is_clean(), "the index is not what the journal says: {check:?}");
    let (mut events, mut groups) = ((0, 0, 0), (0, 0, 0));
    for handle in &week.handles {
        let ids = |kind| -> anyhow::Result<BTreeSet<String>> {
            let ids = reader.live_ids(&handle.name().parse()?, kind)?;
            Ok(ids.into_iter().map(|(id, _)| id.id).collect())
        };
        let listed: BTreeSet<String> = known::listed(handle).into_iter().map(|event| event.origin_id).collect();
        add(&mut events, &listed, &ids(Kind::Event)?);
        let listed: BTreeSet<String> =
            handle.listed_groups().iter().map(|group| group.username.to_lowercase()).collect();
        add(&mut groups, &listed, &ids(Kind::Group)?);
    }
    for (kind, (n_both, n_missing, n_extra)) in [("events", events), ("groups", groups)] {
        writeln!(
            text,
            "- at the last moment: {n_both} {kind} listed and searchable, {n_missing} listed and not yet searchable, \
             {n_extra} searchable and no longer listed"
        )?;
    }
    writeln!(text, "- the index is what the journal says")?;
    Ok(events)
}

fn add(counts: &mut (usize, usize, usize), listed: &BTreeSet<String>, found: &BTreeSet<String>) {
    counts.0 += listed.intersection(found).count();
    counts.1 += listed.difference(found).count();
    counts.2 += found.difference(listed).count();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day of few hosts: the bench itself works, and what it measures is good there.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_day_of_eight_hosts() {
        let arguments = Arguments { hosts: 8, gancio: 1, days: 1, most: 40, seed: 3, out: None };
        let (report, figures) = simulate(&arguments).await.unwrap();
        assert!(figures.n_changes > 10 && figures.share_in_time >= 0.9, "{report}");
        assert!(figures.upcoming.n_found > 100 && figures.upcoming.n_over == 0, "{report}");
        assert_eq!(figures.n_breaches, 0, "{report}");
        let (n_both, n_missing, n_extra) = figures.at_the_end;
        assert!(n_both > 200 && n_missing + n_extra <= 5, "{report}");
    }
}
