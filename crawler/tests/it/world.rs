//! A journal, a state file and fake instances, and the questions tests ask of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use allowlist::{Host, SourceKind};
use crawler::net::NetworkConfig;
use crawler::{Clock, Crawler, CrawlerConfig, HostReport, Mode, Seed};
use jiff::{SignedDuration, Timestamp};
use journal::record::{Channel, Event, Group, Playlist, Record, Video};
use journal::{Body, Journal, Kind, TombstoneReason};
use simulator::{Catalogue, Fediverse, HostSetup, Software};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// No crawl of a test lasts longer.
const PATIENCE: Duration = Duration::from_secs(180);

/// Held by tests that keep both cores busy, so that the limits of time of one are not spent by another.
pub static HEAVY: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

pub struct World {
    pub dir: TempDir,
    pub journal: Journal,
    pub config: CrawlerConfig,
    pub hosts: Vec<Host>,
    /// What hosts are listed as, where that is not PeerTube.
    pub kinds: BTreeMap<Host, SourceKind>,
}

/// A generated host with `n` videos that may show, no rate limit.
pub fn generated(nth: usize, n: u32) -> HostSetup {
    let catalogue = Catalogue::new(7, Timestamp::now(), 200);
    HostSetup::generated(catalogue.instance(nth, n).expect("a host of the catalogue")).rate_limit(None)
}

/// A crawler in virtual time that begins now.
pub struct Time {
    clock: Clock,
    crawler: Crawler,
}

impl Time {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Crawls for a while, such as `25m`; hosts are asked at most once a second.
    pub async fn pass(&mut self, world: &World, span: &str) {
        let until = self.now() + span.parse::<SignedDuration>().unwrap();
        let own = &world.config.network.own_hosts;
        let run = self.crawler.run_until(until, |_, host| assert!(own.contains(host)), |_, _, _, _| {});
        tokio::time::timeout(PATIENCE, run).await.expect("it ends").expect("it succeeds");
    }
}

impl World {
    /// A crawler whose time is moved by hand, at the pace of strangers.
    pub fn virtual_time(&mut self) -> Time {
        let clock = Clock::manual(Timestamp::now());
        self.config.clock = clock.clone();
        self.config.network.own_pace.floor = Duration::from_secs(1);
        Time { clock, crawler: self.open() }
    }

    /// A world in which `addresses` are hosts of our own that may be asked as fast as they answer.
    pub fn new(addresses: BTreeMap<String, SocketAddr>) -> Self {
        let dir = TempDir::new().unwrap();
        let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
        let mut network = NetworkConfig::new("https://search.example/bot");
        let mut hosts = Vec::new();
        for (name, address) in addresses {
            let host: Host = name.parse().unwrap();
            network.add_own_host(host.clone(), address);
            hosts.push(host);
        }
        network.own_pace.floor = Duration::from_millis(1);
        network.limits.connect = Duration::from_secs(1);
        network.limits.first_byte = Duration::from_secs(2);
        network.limits.total = Duration::from_secs(12);
        network.limits.throughput_window = Duration::from_secs(1);
        network.requests_per_second = std::num::NonZeroU32::new(10_000).unwrap();
        let mut config = CrawlerConfig::new(network);
        config.patience = Duration::from_secs(15);
        Self { dir, journal, config, hosts, kinds: BTreeMap::new() }
    }

    pub fn of(fediverse: &Fediverse) -> Self {
        let kind = |software| match software {
            Software::PeerTube => SourceKind::PeerTube,
            Software::Mobilizon => SourceKind::Mobilizon,
            Software::Gancio => SourceKind::Gancio,
        };
        let kinds = fediverse.hosts().map(|host| (host.name().parse().unwrap(), kind(host.software()))).collect();
        Self { kinds, ..Self::new(fediverse.resolve()) }
    }

    pub fn open(&self) -> Crawler {
        let crawler = Crawler::open(self.config.clone(), &self.dir.path().join("crawler.db"), &self.journal).unwrap();
        let kind = |host: &Host| self.kinds.get(host).copied().unwrap_or(SourceKind::PeerTube);
        let seed = |host: &Host| Seed { host: host.clone(), kind: kind(host), crawl_delay: None };
        crawler.set_instances(self.hosts.iter().map(seed).collect()).unwrap();
        crawler
    }

    /// One run over all hosts.
    pub async fn crawl(&self) -> Vec<HostReport> {
        let crawler = self.open();
        let run = crawler.run(CancellationToken::new(), Mode::Once, |_| {});
        tokio::time::timeout(PATIENCE, run).await.expect("the crawl ends").expect("the crawl succeeds");
        crawler.reports().unwrap()
    }

    /// The same, with a full scan however fresh the last one is.
    pub async fn sweep(&mut self) -> Vec<HostReport> {
        let usual = std::mem::replace(&mut self.config.schedule.sweep, Duration::ZERO);
        let reports = self.crawl().await;
        self.config.schedule.sweep = usual;
        reports
    }

    /// The live videos of a host in the journal.
    pub fn videos(&self, host: &str) -> BTreeMap<Uuid, Video> {
        let records = self.records(host, Kind::Video).into_iter();
        records
            .map(|record| match record {
                Record::Video(video) => (video.uuid, *video),
                other => panic!("{other:?} is not a video"),
            })
            .collect()
    }

    /// The live channels of a host in the journal, by name.
    pub fn channels(&self, host: &str) -> BTreeMap<String, Channel> {
        let records = self.records(host, Kind::Channel).into_iter();
        records
            .map(|record| match record {
                Record::Channel(channel) => (channel.actor.name.clone(), *channel),
                other => panic!("{other:?} is not a channel"),
            })
            .collect()
    }

    /// The live playlists of a host in the journal.
    pub fn playlists(&self, host: &str) -> BTreeMap<Uuid, Playlist> {
        let records = self.records(host, Kind::Playlist).into_iter();
        records
            .map(|record| match record {
                Record::Playlist(playlist) => (playlist.uuid, *playlist),
                other => panic!("{other:?} is not a playlist"),
            })
            .collect()
    }

    /// The live events of a host in the journal, by their id there.
    pub fn events(&self, host: &str) -> BTreeMap<String, Event> {
        let records = self.records(host, Kind::Event).into_iter();
        records
            .map(|record| match record {
                Record::Event(event) => (event.origin_id.clone(), *event),
                other => panic!("{other:?} is not an event"),
            })
            .collect()
    }

    /// The live groups of a host in the journal, by name.
    pub fn groups(&self, host: &str) -> BTreeMap<String, Group> {
        let records = self.records(host, Kind::Group).into_iter();
        records
            .map(|record| match record {
                Record::Group(group) => (group.actor.name.clone(), *group),
                other => panic!("{other:?} is not a group"),
            })
            .collect()
    }

    /// Why an event of a host is gone; `None` when it is there or was never seen.
    pub fn gone_event(&self, host: &str, id: &str) -> Option<TombstoneReason> {
        self.gone_record(&journal::RecordId::event(host.parse().unwrap(), id))
    }

    fn records(&self, host: &str, kind: Kind) -> Vec<Record> {
        let reader = self.journal.reader().unwrap();
        let ids = reader.live_ids(&host.parse().unwrap(), kind).unwrap();
        ids.into_iter()
            .map(|(id, _)| match reader.get(&id).unwrap().unwrap().1.body {
                Body::Record(record) => record,
                other => panic!("{other:?} is not live"),
            })
            .collect()
    }

    /// Why a video of a host is gone; `None` when it is there or was never seen.
    pub fn gone(&self, host: &str, uuid: Uuid) -> Option<TombstoneReason> {
        self.gone_record(&journal::RecordId::video(host.parse().unwrap(), uuid))
    }

    /// The same of any record.
    pub fn gone_record(&self, id: &journal::RecordId) -> Option<TombstoneReason> {
        match self.journal.reader().unwrap().get(id).unwrap()?.1.body {
            Body::Tombstone { reason, .. } => Some(reason),
            Body::Record(_) => None,
        }
    }

    /// Sets a field of the state of every host, as if time had passed.
    pub fn set_state(&self, path: &str, value: &str) {
        let state = rusqlite::Connection::open(self.dir.path().join("crawler.db")).unwrap();
        let sql = "UPDATE host SET state = json_set(state, ?1, ?2)";
        assert!(state.execute(sql, [path, value]).unwrap() > 0);
    }
}

/// The UUIDs that an honest crawl of a generated host finds.
pub fn listed(fediverse: &Fediverse, host: &str) -> BTreeSet<Uuid> {
    fediverse.host(host).unwrap().listed().iter().map(|video| video.uuid).collect()
}

pub fn uuids(videos: &BTreeMap<Uuid, Video>) -> BTreeSet<Uuid> {
    videos.keys().copied().collect()
}

pub fn report_of<'a>(reports: &'a [HostReport], host: &str) -> &'a HostReport {
    reports.iter().find(|report| report.host.as_str() == host).expect("a report of the host")
}
