//! The program against Mobilizon hosts of versions 1.1, 3.0, 4.1 and 5.1 and a Gancio host, asked as Mobilizon asks its index.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use simulator::gancio::GancioHost;
use simulator::mobilizon::{EventStatus, MobilizonCatalogue, MobilizonHost, MobilizonVersion, Schema, Visibility};
use simulator::mobilizon_client::{ShownEvent, ShownGroup, decode_events, decode_groups};
use simulator::{Fediverse, HostSetup};
use tokio::runtime::Runtime;

use crate::rig::{PATIENCE, Rig, Running, runtime, wait_until};

/// Events and groups that each host lists.
const N_EVENTS: u32 = 60;
const N_GROUPS: u32 = 5;

/// A whole answer: more than all hosts have.
const EVERYTHING: &str = "count=999&start=0&distance=50_km&sort=-match";

struct World {
    fediverse: Fediverse,
    address: String,
    client: reqwest::Client,
    runtime: Runtime,
    _rig: Rig,
    _running: Running,
}

/// The schema of a version as Mobilizon's, where the folder of contracts lies beside the project: then every query is
/// validated against it, besides what the simulator knows of each version by itself.
fn schema(version: MobilizonVersion) -> Option<Arc<Schema>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/contracts/mobilizon/schema");
    let text = std::fs::read_to_string(folder.join(format!("public-schema-{}.graphql", version.number()))).ok()?;
    Some(Arc::new(Schema::from_sdl(&text).unwrap()))
}

/// One host of each version.
fn mobilizon_hosts(now: Timestamp) -> Vec<MobilizonHost> {
    let catalogue = MobilizonCatalogue::new(7, now, 8);
    let hosts: BTreeMap<_, _> = (0..8)
        .filter_map(|nth| catalogue.host(nth, N_EVENTS, N_GROUPS))
        .map(|host| (host.version.number(), host))
        .collect();
    assert_eq!(hosts.len(), MobilizonVersion::ALL.len());
    hosts.into_values().collect()
}

impl World {
    fn start() -> Self {
        let runtime = runtime();
        let now = Timestamp::now();
        let template = MobilizonCatalogue::new(8, now, 1).host(0, N_EVENTS, 1).unwrap();
        let gancio = GancioHost::from_mobilizon(&template, "gancio.example", "Europe/Rome");
        let mut setups: Vec<HostSetup> = mobilizon_hosts(now)
            .into_iter()
            .map(|mut host| {
                // So that the log tells queries that the version does not know.
                host.status_of_invalid_queries = 400;
                let schema = schema(host.version);
                let setup = HostSetup::mobilizon(host);
                schema.into_iter().fold(setup, HostSetup::schema)
            })
            .collect();
        setups.push(HostSetup::gancio(gancio));
        let setups: Vec<_> = setups.into_iter().map(|setup| setup.rate_limit(None)).collect();
        let fediverse = runtime.block_on(Fediverse::builder().hosts(setups).start()).unwrap();
        let hosts: Vec<_> = fediverse.resolve().into_iter().collect();
        let kind_of = |name: &str| if name == "gancio.example" { "gancio" } else { "mobilizon" };
        let rig = Rig::of_kinds(&hosts, "5ms", kind_of);
        let mut running = rig.start(&["up", "--listen", "127.0.0.1:0"]);
        let address = running.address();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { fediverse, address, client, runtime, _rig: rig, _running: running }
    }

    fn get(&self, path: &str) -> (u16, Option<String>, Vec<u8>) {
        self.runtime.block_on(async {
            let request = self.client.get(format!("{}{path}", self.address));
            let answer = request.header("user-agent", "agenda.example - Mobilizon 5.1.3").send().await.unwrap();
            let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
            let (status, content_type) = (answer.status().as_u16(), content_type.map(str::to_owned));
            (status, content_type, answer.bytes().await.unwrap().to_vec())
        })
    }

    /// As Mobilizon would understand it; nothing before the first generation.
    fn events(&self, parameters: &str) -> Vec<ShownEvent> {
        let (status, content_type, body) = self.get(&format!("/api/v1/search/events?{parameters}"));
        if status == 503 {
            return Vec::new();
        }
        decode_events(status, content_type.as_deref(), &body).unwrap().items
    }

    fn groups(&self) -> Vec<ShownGroup> {
        let (status, content_type, body) = self.get(&format!("/api/v1/search/groups?{EVERYTHING}"));
        if status == 503 {
            return Vec::new();
        }
        decode_groups(status, content_type.as_deref(), &body).unwrap().items
    }

    fn found(&self) -> BTreeSet<String> {
        self.events(EVERYTHING).into_iter().filter_map(|event| event.id).collect()
    }

    fn titles(&self, parameters: &str) -> BTreeSet<String> {
        self.events(parameters).into_iter().filter_map(|event| event.title).collect()
    }

    /// The directory gives others each host under its kind, with what is known and found of it.
    fn directory_names_every_host(&self) {
        for kind in ["mobilizon", "gancio"] {
            let hosts = self.fediverse.hosts().filter(|host| host.gancio().is_some() == (kind == "gancio"));
            let expected: BTreeSet<String> = hosts.map(|host| host.name().to_owned()).collect();
            let named = || {
                let (status, _, body) = self.get(&format!("/api/v1/instances/hosts?kind={kind}"));
                assert_eq!(status, 200);
                let list: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let hosts = list["data"].as_array().unwrap().iter();
                hosts.map(|item| item["host"].as_str().unwrap().to_owned()).collect()
            };
            wait_for_set("the directory names every host", named, &expected);
            for host in &expected {
                let (_, _, body) = self.get(&format!("/api/v1/instances/{host}"));
                let instance: serde_json::Value = serde_json::from_slice(&body).unwrap();
                assert_eq!((&instance["kind"], &instance["isIndexed"]), (&kind.into(), &true.into()), "{instance}");
                assert!(instance["counts"]["events"].as_u64() >= Some(1), "{instance}");
                assert_eq!(instance["totalVideos"].as_u64(), Some(0), "{instance}");
            }
        }
    }

    /// What an anonymous index may hold, by the hosts themselves.
    fn listed(&self) -> BTreeSet<String> {
        let mut listed = BTreeSet::new();
        for host in self.fediverse.hosts() {
            listed.extend(host.listed_events().iter().map(|event| event.url()));
            if let Some(gancio) = host.gancio() {
                listed.extend(gancio.listed().map(|event| gancio.url(event)));
            }
        }
        listed
    }
}

/// Waits until what was found is what is expected, and tells the difference when that never happens.
fn wait_for_set(what: &str, found: impl Fn() -> BTreeSet<String>, expected: &BTreeSet<String>) {
    let difference = |found: &BTreeSet<String>| {
        let few = |names: Vec<&String>| (names.len(), names.into_iter().take(5).cloned().collect::<Vec<_>>());
        let missing = few(expected.difference(found).collect());
        let excess = few(found.difference(expected).collect());
        format!("missing: {missing:?}, too much: {excess:?}")
    };
    let begun = Instant::now();
    loop {
        let found = found();
        if found == *expected {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}: {}", difference(&found));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_public_is_found_and_nothing_else_and_changes_are_followed() {
    let world = World::start();
    let n_listed = world.listed().len();
    assert!(n_listed > 4 * N_EVENTS as usize, "{n_listed}");
    wait_for_set("every public event is found, and no other", || world.found(), &world.listed());
    let listed_groups: BTreeSet<String> = world
        .fediverse
        .hosts()
        .flat_map(|host| {
            host.listed_groups().into_iter().map(move |group| format!("{}@{}", group.username, host.name()))
        })
        .collect();
    let found_groups = || {
        let handle = |group: ShownGroup| Some(format!("{}@{}", group.username?, group.domain?));
        world.groups().into_iter().filter_map(handle).collect()
    };
    wait_for_set("every public group is found, and no other", found_groups, &listed_groups);
    world.directory_names_every_host();

    // One event of each host that is to come, for each change.
    let now = Timestamp::now();
    let hosts: Vec<_> = world.fediverse.hosts().filter(|host| host.mobilizon().is_some()).collect();
    let chosen: Vec<_> = hosts
        .iter()
        .map(|host| {
            let is_good = |event: &&simulator::mobilizon::EventSpec| {
                event.is_unfinished(now) && event.status == EventStatus::Confirmed
            };
            let uuids: Vec<_> = host.listed_events().iter().filter(is_good).map(|event| event.uuid).take(4).collect();
            assert_eq!(uuids.len(), 4, "{}", host.name());
            uuids
        })
        .collect();
    let edited = |host: &str| format!("Renamed on {host}");
    let cancelled = |host: &str| format!("Called off on {host}");
    for (host, uuids) in hosts.iter().zip(&chosen) {
        let name = host.name().to_owned();
        host.edit_event(uuids[0], now, |event| event.title = edited(&name)).unwrap();
        host.edit_event(uuids[1], now, |event| event.title = cancelled(&name)).unwrap();
        host.cancel_event(uuids[1], now).unwrap();
        host.delete_event(uuids[2], now).unwrap();
        host.set_event_visibility(uuids[3], Visibility::Unlisted, now).unwrap();
        host.add_event(now).unwrap();
    }
    let gancio = world.fediverse.host("gancio.example").unwrap();
    gancio
        .change_gancio(|host| {
            let upcoming: Vec<u32> =
                host.listed().filter(|event| event.begins_on > now).map(|event| event.id).take(2).collect();
            assert!(host.edit(upcoming[0], now, |event| event.title = edited("gancio.example")));
            assert!(host.delete(upcoming[1]));
        })
        .unwrap();
    assert_eq!(world.listed().len(), n_listed - 5);
    wait_for_set("new events are found, deleted and unlisted ones are not", || world.found(), &world.listed());
    wait_until("edited events have their new title", || {
        let titles = world.titles(EVERYTHING);
        world.fediverse.hosts().all(|host| titles.contains(&edited(host.name())))
    });
    // Cancelled events stay, for those who ask for them, and are gone for those who do not.
    let upcoming = format!("startDateMin={now}&{EVERYTHING}");
    wait_until("cancelled events are marked", || {
        let confirmed = world.titles(&format!("{upcoming}&statusOneOf[]=CONFIRMED"));
        let off = world.titles(&format!("{upcoming}&statusOneOf[]=CANCELLED"));
        hosts.iter().all(|host| off.contains(&cancelled(host.name())) && !confirmed.contains(&cancelled(host.name())))
    });

    // Nobody was asked for anything that its version does not know. A question may be under way.
    for host in hosts {
        let exchanges = host.exchanges();
        let asked: Vec<_> = exchanges.iter().filter(|exchange| exchange.target.starts_with("/api")).collect();
        assert!(!asked.is_empty(), "{} was asked by GraphQL", host.name());
        assert!(
            asked.iter().all(|exchange| exchange.status.is_none_or(|status| status == 200)),
            "{}: {asked:#?}",
            host.name()
        );
    }
}
