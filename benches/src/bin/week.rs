//! A simulated week: how soon what changes on 300 instances is searchable, and what it costs the instances.
//!
//! Question: does the crawler's schedule keep its promises at one request a second and host? The instances are the
//! simulator's, the crawler is the real one with its default schedule and pace, over HTTP on loopback; its clock is
//! moved from one visit to the next, so that a week takes minutes. The delay of a change is the time from it to the
//! journal, and the time a commit and the swap of a generation take at most with the default settings. At the end the
//! journal is indexed, and the index compared with it and with the instances. Excluded: the network, DNS and TLS.
#![expect(clippy::indexing_slicing, reason = "benches run on data made here")]

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use allowlist::{Host, SourceKind};
use anyhow::{Context, ensure};
use benches::machine;
use benches::week::{self, Ledger, PUBLICATION, Plan, Sight, Timeline, WarmUp, What, World, report};
use clap::Parser;
use crawler::{Clock, Crawler, Seed};
use jiff::{SignedDuration, Timestamp};
use journal::{Body, Journal, Kind, Record, RecordId};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use simulator::{Catalogue, Fediverse, HostHandle, HostSetup, Privacy};
use uuid::Uuid;

/// What the crawler calls a look for new videos.
const POLL: &str = "looking for new videos";

#[derive(Parser)]
struct Arguments {
    /// Simulated instances.
    #[arg(long, default_value_t = 300)]
    hosts: usize,
    /// Days, after two in which the crawler gets to know them.
    #[arg(long, default_value_t = 7)]
    days: u32,
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
    let report = runtime.block_on(simulate(&arguments))?;
    println!("{report}");
    if let Some(out) = &arguments.out {
        std::fs::write(out, report).with_context(|| format!("writing `{}`", out.display()))?;
    }
    Ok(())
}

async fn simulate(arguments: &Arguments) -> anyhow::Result<String> {
    let begun = Instant::now();
    let start: Timestamp = "2026-06-01T00:00:00Z".parse()?;
    let warm_up = WarmUp(Duration::from_secs(2 * 24 * 60 * 60));
    let n_videos: Vec<u32> = (0..arguments.hosts as u32).map(|nth| 15 + 3000 / (nth + 1)).collect();
    let plan = Plan::of_videos(arguments.seed, &n_videos, start, warm_up, arguments.days);
    let catalogue = Catalogue::new(arguments.seed, start, arguments.hosts);
    let setups: Vec<HostSetup> = n_videos
        .iter()
        .enumerate()
        .filter_map(|(nth, n)| catalogue.instance(nth, *n))
        .map(|instance| HostSetup::generated(instance).rate_limit(None))
        .collect();
    let names: Vec<String> = setups.iter().map(|setup| setup.name().to_owned()).collect();
    let fediverse = Fediverse::builder().hosts(setups).virtual_time(start).start().await?;
    let dir = tempfile::tempdir()?;
    let journal = Journal::open(&dir.path().join("journal.db"))?;
    let clock = Clock::manual(start);
    let crawler = Crawler::open(week::config(&fediverse, clock)?, &dir.path().join("crawler.db"), &journal)?;
    let hosts: Vec<Host> = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
    let seed = |host: &Host| Seed { host: host.clone(), kind: SourceKind::PeerTube, crawl_delay: None };
    crawler.set_instances(hosts.iter().map(seed).collect())?;

    let numbers: HashMap<Host, usize> = hosts.into_iter().enumerate().map(|(number, host)| (host, number)).collect();
    let handles = names.iter().map(|name| fediverse.host(name).context("a host")).collect::<Result<Vec<_>, _>>()?;
    let measured_from = start.checked_add(SignedDuration::try_from(warm_up.0)?)?;
    let world = Week::new(handles, &plan, arguments.seed);
    let times = (measured_from, plan.end);
    let (mut week, requests) =
        week::run(&crawler, &fediverse, &journal.reader()?, &numbers, times, POLL, world).await?;
    for (what, host, uuid, at) in week.ledger.close(plan.end) {
        eprintln!("never seen: {} {uuid} on {}, at {at}", what.label(), week.handles[host].name());
    }
    ensure!(week.errors.is_empty(), "the simulation itself failed: {:?}", week.errors);

    let mut report = format!("# A simulated week, {} hosts\n\n{}\n\n", arguments.hosts, machine::describe());
    writeln!(
        report,
        "- {} videos at the start, {} changes and {} outages in {} days after {} days of warm-up; {:.0} min of wall time",
        n_videos.iter().sum::<u32>(),
        plan.changes.len(),
        plan.outages.len(),
        arguments.days,
        warm_up.0.as_secs() / 86_400,
        begun.elapsed().as_secs_f64() / 60.0,
    )?;
    describe_end(&mut report, &week, &journal, dir.path())?;
    report::freshness(&mut report, &week.ledger, &What::OF_VIDEOS)?;
    report::requests(&mut report, &requests, arguments.days)?;
    fediverse.shutdown().await;
    Ok(report)
}

/// The instances as they change, and what is known of the changes.
struct Week<'a> {
    handles: Vec<&'a HostHandle>,
    timeline: Timeline<'a>,
    /// Streams that will end: when, where, which.
    lives: Vec<(Timestamp, usize, Uuid)>,
    /// Channels have one new name at most, so that none overtakes another.
    renamed: BTreeSet<(usize, String)>,
    rng: SmallRng,
    ledger: Ledger,
    errors: Vec<String>,
}

impl<'a> Week<'a> {
    fn new(handles: Vec<&'a HostHandle>, plan: &'a Plan, seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed ^ 1);
        // What streams at the start ends within hours, as streams do.
        let mut lives = Vec::new();
        for (host, handle) in handles.iter().enumerate() {
            for video in handle.listed().iter().filter(|video| video.is_live) {
                let end = plan.start.checked_add(SignedDuration::from_mins(rng.random_range(30..600)));
                lives.push((end.unwrap_or(plan.end), host, video.uuid));
            }
        }
        Self {
            handles,
            timeline: Timeline::new(plan),
            lives,
            renamed: BTreeSet::new(),
            rng,
            ledger: Ledger::new(plan.outages.clone(), PUBLICATION),
            errors: Vec::new(),
        }
    }

    fn apply(&mut self, what: What, host: usize, at: Timestamp) -> simulator::Result<()> {
        let handle = self.handles[host];
        let year_ago = at.as_millisecond() - 365 * 86_400_000;
        match what {
            What::New => {
                let video = handle.add_video(at)?;
                self.ledger.note(what, host, video.uuid, at, None);
            }
            What::LatePublication => {
                let Some(uuid) = self.draw(host, |video| video.privacy == Privacy::Private && !video.blocked) else {
                    return Ok(());
                };
                handle.set_privacy(uuid, Privacy::Public, at)?;
                if handle.listed().iter().any(|video| video.uuid == uuid) {
                    self.ledger.note(what, host, uuid, at, None);
                }
            }
            What::Deleted | What::Hidden => {
                let Some(uuid) = self.draw(host, |video| video.is_listed() && video.is_local()) else { return Ok(()) };
                if what == What::Deleted {
                    handle.delete(uuid)?;
                } else {
                    handle.set_privacy(uuid, Privacy::Private, at)?;
                }
                self.ledger.note(what, host, uuid, at, None);
            }
            What::TitleOfRecent | What::TitleOfOld => {
                let is_old = what == What::TitleOfOld;
                let drawn = self.draw(host, |video| {
                    video.is_listed() && video.is_local() && (video.published_at < year_ago) == is_old
                });
                let Some(uuid) = drawn else { return Ok(()) };
                let title = format!("Edited {:08x}", self.rng.random::<u32>());
                handle.edit(uuid, at, |video| video.name.clone_from(&title))?;
                self.ledger.note(what, host, uuid, at, Some(title));
            }
            What::Live => {
                let video = handle.add_video(at)?;
                handle.start_live(video.uuid, at)?;
                self.ledger.note(what, host, video.uuid, at, None);
                let minutes = self.rng.random_range(45..150);
                let end = at.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
                self.lives.push((end, host, video.uuid));
            }
            What::ChannelRenamed => {
                let Some(uuid) = self.draw(host, |video| video.is_listed() && video.is_local()) else { return Ok(()) };
                let channels = handle.channels();
                let listed = handle.listed();
                let Some(video) = listed.iter().find(|video| video.uuid == uuid) else { return Ok(()) };
                let Some(channel) = channels.get(video.channel as usize) else { return Ok(()) };
                if !self.renamed.insert((host, channel.name.clone())) {
                    return Ok(());
                }
                let title = format!("Renamed {:08x}", self.rng.random::<u32>());
                handle.rename_channel(&channel.name, &title, at)?;
                self.ledger.note(what, host, uuid, at, Some(title));
            }
            What::Views => handle.advance_counters(1.001, at)?,
            // A stream ends by itself, and nothing else happens to videos.
            _ => {}
        }
        Ok(())
    }

    /// Draws a video that `is_fit`, whatever the host has many of first.
    fn draw(&mut self, host: usize, is_fit: impl Fn(&simulator::VideoSpec) -> bool) -> Option<Uuid> {
        let rng = &mut self.rng;
        let drawn = self.handles[host].change(|instance| {
            let fit: Vec<Uuid> = instance.videos.iter().filter(|video| is_fit(video)).map(|video| video.uuid).collect();
            (!fit.is_empty()).then(|| fit[rng.random_range(0..fit.len())])
        });
        drawn.ok().flatten()
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
        let (over, running): (Vec<_>, Vec<_>) = self.lives.drain(..).partition(|(at, ..)| *at <= now);
        self.lives = running;
        for (at, host, uuid) in over {
            // It may have been deleted meanwhile.
            if self.handles[host].end_live(uuid, at).is_ok() {
                self.ledger.note(What::LiveEnded, host, uuid, at, None);
            }
        }
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn see(&mut self, host: usize, id: &RecordId, body: &Body, now: Timestamp) {
        let (Kind::Video, Ok(uuid)) = (id.kind, id.id.parse()) else { return };
        match body {
            Body::Record(Record::Video(video)) => {
                let (title, channel) = (&video.name, &video.channel.display_name);
                self.ledger.see(host, uuid, Sight::Video { title, channel, is_live: video.is_live }, now);
            }
            Body::Tombstone { .. } => self.ledger.see(host, uuid, Sight::Gone, now),
            Body::Record(_) => {}
        }
    }
}

/// What is left to differ at the end, between instances, journal and index.
fn describe_end(report: &mut String, week: &Week<'_>, journal: &Journal, dir: &std::path::Path) -> anyhow::Result<()> {
    let reader = journal.reader()?;
    let index = dir.join("index");
    indexer::Indexer::open(&index, indexer::Options::default())?.catch_up_until(
        &reader,
        &AtomicBool::new(false),
        &mut |_| {},
    )?;
    let check = indexer::check(&index, &reader)?;
    ensure!(check.is_clean(), "the index is not what the journal says: {check:?}");
    let (mut n_both, mut n_missing, mut n_extra) = (0, 0, 0);
    for handle in &week.handles {
        let listed: BTreeSet<String> =
            handle.listed().iter().map(|video| video.uuid.hyphenated().to_string()).collect();
        let ids = reader.live_ids(&handle.name().parse()?, Kind::Video)?;
        let known: BTreeSet<String> = ids.into_iter().map(|(id, _)| id.id).collect();
        n_both += listed.intersection(&known).count();
        n_missing += listed.difference(&known).count();
        n_extra += known.difference(&listed).count();
    }
    let manifest = indexer::Snapshot::open_current(&index)?.manifest;
    writeln!(
        report,
        "- at the last moment: {n_both} videos listed and searchable, {n_missing} listed and not yet searchable, \
         {n_extra} searchable and no longer listed; {} channels, {} playlists; the index is what the journal says\n",
        manifest.n_channels, manifest.n_playlists
    )?;
    Ok(())
}
