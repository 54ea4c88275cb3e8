//! Mobilizon hosts of four versions that validate each query: what is public is known, and nothing else; and what is
//! edited, cancelled, deleted or hidden is followed.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use journal::TombstoneReason;
use journal::record::{EventStatus, JoinMode};
use simulator::mobilizon::{
    CraftedMobilizon, EDGE_GROUPS, MobilizonCatalogue, MobilizonHost, MobilizonVersion, Schema, Visibility, edge_host,
    edges,
};
use simulator::{Behaviour, Fediverse, HostHandle, HostSetup, Routes, uuid_of};

use crate::world::{World, report_of};

/// A host of each version; the numbers are of the catalogue.
const VERSIONS: [(usize, MobilizonVersion); 4] = [
    (0, MobilizonVersion::V1_1),
    (1, MobilizonVersion::V3_0),
    (3, MobilizonVersion::V4_1),
    (5, MobilizonVersion::V5_1),
];

fn generated(nth: usize, n_events: u32, n_groups: u32) -> MobilizonHost {
    MobilizonCatalogue::new(7, Timestamp::now(), 8).host(nth, n_events, n_groups).unwrap()
}

async fn start(hosts: impl IntoIterator<Item = MobilizonHost>) -> Fediverse {
    Fediverse::builder().hosts(hosts.into_iter().map(HostSetup::mobilizon)).start().await.unwrap()
}

/// Ids of what an honest crawl of a host finds.
fn listed(host: &HostHandle) -> BTreeSet<String> {
    host.listed_events().iter().map(|event| event.uuid.to_string()).collect()
}

fn known(world: &World, host: &HostHandle) -> BTreeSet<String> {
    world.events(host.name()).into_keys().collect()
}

fn listed_groups(host: &HostHandle) -> BTreeSet<String> {
    host.listed_groups().into_iter().map(|group| group.username).collect()
}

fn known_groups(world: &World, host: &HostHandle) -> BTreeSet<String> {
    world.groups(host.name()).into_keys().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checklist_06_each_version_is_read_whole_and_nothing_that_is_not_public() {
    let fediverse = start(VERSIONS.map(|(nth, _)| generated(nth, 150, 7))).await;
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    for (host, (_, version)) in VERSIONS.iter().map(|at| (generated(at.0, 0, 0).name, at)) {
        let host = fediverse.host(&host).unwrap();
        assert_eq!(known(&world, host), listed(host), "{version:?}");
        assert_eq!(known_groups(&world, host), listed_groups(host), "{version:?}");
        let report = report_of(&reports, host.name());
        assert_eq!((report.status.as_str(), report.n_records, report.n_groups), ("healthy", 150, 7), "{report:?}");
        let events = world.events(host.name());
        for spec in host.listed_events() {
            let event = &events[&spec.uuid.to_string()];
            assert_eq!(
                (&event.title, event.time.starts_at, event.time.ends_at),
                (&spec.title, spec.begins_on, spec.ends_on)
            );
            assert_eq!(event.status, EventStatus::from_name(spec.status.word()).unwrap());
            assert_eq!(event.join_mode, JoinMode::from_name(spec.join.word()).filter(|_| event.join_mode.is_some()));
            assert_eq!(event.url, spec.url());
            if *version != MobilizonVersion::V1_1 {
                let of_place = || spec.address.as_ref().and_then(|address| address.timezone.clone());
                assert_eq!(event.time.time_zone, spec.timezone.clone().or_else(of_place), "{version:?}");
                assert_eq!(event.is_online, spec.is_online);
            }
            if *version == MobilizonVersion::V5_1 {
                let shown = (!spec.hides_participants).then_some(u64::from(spec.n_participants));
                assert_eq!(event.n_participants.is_some(), shown.is_some());
            }
        }
        // Queries are POSTed, one at a time, and none of them is refused.
        let exchanges = host.exchanges();
        assert!(exchanges.iter().any(|exchange| exchange.method == "POST" && exchange.path() == "/api"));
        assert!(exchanges.iter().all(|exchange| exchange.status != Some(400)), "{version:?}");
    }
    // A second run asks only for what is not over.
    let n_before: usize = fediverse.hosts().map(HostHandle::n_requests).sum();
    world.crawl().await;
    let n_requests = fediverse.hosts().map(HostHandle::n_requests).sum::<usize>() - n_before;
    assert!(n_requests <= 4 * 8, "{n_requests}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_92_and_others_of_a_host_that_is_wrong_about_everything() {
    let fediverse = start([edge_host("edges.example", MobilizonVersion::V5_1, Timestamp::now()).host()]).await;
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    let events = world.events("edges.example");
    for edge in edges() {
        let event = events.get(&uuid_of(edge.title).to_string());
        assert_eq!(event.is_some(), edge.is_indexed, "{}", edge.title);
    }
    let groups = world.groups("edges.example");
    for (name, is_indexed) in EDGE_GROUPS {
        assert_eq!(groups.contains_key(name), is_indexed, "{name}");
    }
    let report = report_of(&reports, "edges.example");
    assert_eq!(report.status.as_str(), "healthy", "{report:?}");
    assert!(report.flags.iter().any(|flag| flag.contains("mended")), "{:?}", report.flags);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checklist_10_new_edited_cancelled_hidden_and_deleted_events_are_followed_on_each_version() {
    let fediverse = start(VERSIONS.map(|(nth, _)| generated(nth, 40, 3))).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    let changes: Vec<_> = fediverse
        .hosts()
        .map(|host| {
            assert_eq!(known(&world, host), listed(host));
            let now = time.now();
            let mut coming = host.listed_events();
            coming
                .retain(|event| event.begins_on > now && event.status == simulator::mobilizon::EventStatus::Confirmed);
            let [edited, cancelled, hidden, deleted] = [0, 1, 2, 3].map(|nth: usize| coming[nth].uuid);
            host.edit_event(edited, now, |event| event.title = "Renamed on its instance".to_owned()).unwrap();
            host.cancel_event(cancelled, now).unwrap();
            host.set_event_visibility(hidden, Visibility::Unlisted, now).unwrap();
            host.delete_event(deleted, now).unwrap();
            let added = host.add_event(now).unwrap().uuid;
            (host, [added, edited, cancelled, hidden, deleted].map(|uuid| uuid.to_string()))
        })
        .collect();
    time.pass(&world, "30m").await;
    for (host, [added, edited, cancelled, hidden, deleted]) in changes {
        let version = host.mobilizon().unwrap().version;
        let events = world.events(host.name());
        assert!(events.contains_key(&added), "{version:?}");
        assert_eq!(events[&edited].title, "Renamed on its instance", "{version:?}");
        assert_eq!(events[&cancelled].status, EventStatus::Cancelled, "{version:?}");
        assert!(world.gone_event(host.name(), &hidden).is_some(), "{version:?}");
        assert_eq!(world.gone_event(host.name(), &deleted), Some(TombstoneReason::Deleted), "{version:?}");
        assert_eq!(known(&world, host), listed(host), "{version:?}");
    }
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_hosts_are_asked_for_changes_and_follow_within_half_an_hour() {
    let fediverse = start([generated(5, 700, 3), generated(1, 700, 3)]).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "3h").await;
    let mut changes = Vec::new();
    for host in fediverse.hosts() {
        assert_eq!(known(&world, host), listed(host));
        host.take_exchanges();
        let now = time.now();
        let mut coming = host.listed_events();
        coming.retain(|event| event.begins_on > now && event.status == simulator::mobilizon::EventStatus::Confirmed);
        let (edited, cancelled) = (coming[0].uuid, coming[1].uuid);
        host.edit_event(edited, now, |event| event.title = "Renamed on its instance".to_owned()).unwrap();
        host.cancel_event(cancelled, now).unwrap();
        let added = host.add_event(now).unwrap().uuid;
        changes.push((host, [added, edited, cancelled].map(|uuid| uuid.to_string())));
    }
    time.pass(&world, "30m").await;
    for (host, [added, edited, cancelled]) in changes {
        let events = world.events(host.name());
        assert!(events.contains_key(&added) && events[&edited].title == "Renamed on its instance");
        assert_eq!(events[&cancelled].status, EventStatus::Cancelled);
        let n_requests = host.take_exchanges().len();
        assert!(n_requests <= 25, "{n_requests} requests in half an hour");
    }
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_90_a_large_loss_is_held_until_two_more_looks_agree() {
    let fediverse = start([generated(5, 60, 2)]).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    let host = fediverse.hosts().next().unwrap();
    let n_before = known(&world, host).len();
    let uuids: Vec<_> = host.listed_events().iter().map(|event| event.uuid).collect();
    uuids.iter().for_each(|uuid| host.delete_event(*uuid, time.now()).unwrap());
    time.pass(&world, "20m").await;
    assert_eq!(known(&world, host).len(), n_before, "nothing is believed at once");
    time.pass(&world, "3h").await;
    let now = time.now();
    let left = world.events(host.name());
    // What is over is looked at by the scan of everything, once a month.
    assert!(left.values().all(|event| event.time.ends_at.unwrap_or(event.time.starts_at) <= now), "{}", left.len());
    time.pass(&world, "2184h").await;
    assert_eq!(known(&world, host).len(), 0);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_91_groups_and_people_that_ask_for_it_are_withheld_with_what_they_publish() {
    let now = Timestamp::now();
    let crafted = CraftedMobilizon::new("rdv.example", MobilizonVersion::V5_1, now)
        .group("choir", "The choir", |_| {})
        .group("shy", "The shy", |group| group.summary = Some("<p>We sing. #NoIndex</p>".to_owned()))
        .event(uuid_of("concert"), "A concert", |event| event.group = Some("choir".to_owned()))
        .event(uuid_of("rehearsal"), "A rehearsal", |event| event.group = Some("shy".to_owned()));
    let fediverse = start([crafted.host()]).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "1h").await;
    let host = fediverse.hosts().next().unwrap();
    assert_eq!(known_groups(&world, host), BTreeSet::from(["choir".to_owned()]));
    assert_eq!(known(&world, host), BTreeSet::from([uuid_of("concert").to_string()]));
    // A change of mind, both ways.
    host.edit_group("choir", |group| group.summary = Some("#nobot".to_owned())).unwrap();
    host.edit_group("shy", |group| group.summary = None).unwrap();
    time.pass(&world, "96h").await;
    assert_eq!(known_groups(&world, host), BTreeSet::from(["shy".to_owned()]));
    assert_eq!(known(&world, host), BTreeSet::from([uuid_of("rehearsal").to_string()]));
    assert_eq!(world.gone_event("rdv.example", &uuid_of("concert").to_string()), Some(TombstoneReason::OptOut));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_91_a_header_on_the_page_of_a_group_withholds_it_until_it_is_gone() {
    let now = Timestamp::now();
    let crafted = CraftedMobilizon::new("rdv.example", MobilizonVersion::V5_1, now)
        .group("choir", "The choir", |_| {})
        .event(uuid_of("concert"), "A concert", |event| event.group = Some("choir".to_owned()));
    let fediverse = start([crafted.host()]).await;
    let host = fediverse.hosts().next().unwrap();
    let noindex = Behaviour::Header("X-Robots-Tag".to_owned(), "noindex".to_owned());
    host.behave(noindex.on(Routes::Prefix("/@choir".to_owned())));
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "1h").await;
    assert!(known_groups(&world, host).is_empty());
    assert_eq!(known(&world, host).len(), 1, "its events have a page of their own");
    host.heal();
    time.pass(&world, "80h").await;
    assert_eq!(known_groups(&world, host), BTreeSet::from(["choir".to_owned()]));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_are_followed() {
    let fediverse = start([generated(5, 30, 4)]).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    let host = fediverse.hosts().next().unwrap();
    let first_seen = world.groups(host.name()).into_values().next().unwrap().first_seen_at;
    let groups: Vec<String> = listed_groups(host).into_iter().collect();
    host.edit_group(&groups[0], |group| group.name = Some("Another name".to_owned())).unwrap();
    host.set_group_visibility(&groups[1], Visibility::Unlisted).unwrap();
    host.delete_group(&groups[2], time.now()).unwrap();
    time.pass(&world, "21h").await;
    assert_eq!(known_groups(&world, host), listed_groups(host));
    let renamed = &world.groups(host.name())[&groups[0]];
    assert_eq!((renamed.actor.display_name.as_str(), renamed.first_seen_at), ("Another name", first_seen));
    assert_eq!(known(&world, host), listed(host), "events of a deleted group went with it");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_of_a_scan_goes_on_where_it_was() {
    let fediverse = start([generated(5, 400, 3)]).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "8s").await;
    let host = fediverse.hosts().next().unwrap();
    let n_early = known(&world, host).len();
    assert!(n_early > 0 && n_early < 400, "{n_early}");
    drop(time);
    let mut time = world.virtual_time();
    time.pass(&world, "1h").await;
    assert_eq!(known(&world, host), listed(host));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checklist_09_a_fork_that_knows_less_than_its_version_is_asked_older_queries() {
    for status in [200, 400] {
        // It says 5.1.3, and knows what 3.0 and 5.1 have in common.
        let mut host = generated(5, 30, 2);
        host.status_of_invalid_queries = status;
        let schema = Schema::of(MobilizonVersion::V3_0).clone();
        let setup = HostSetup::mobilizon(host).schema(Arc::new(schema));
        let fediverse = Fediverse::builder().host(setup).start().await.unwrap();
        let world = World::of(&fediverse);
        let reports = world.crawl().await;
        let host = fediverse.hosts().next().unwrap();
        assert_eq!(known(&world, host), listed(host), "{status}");
        assert_eq!(known_groups(&world, host), listed_groups(host), "{status}");
        assert_eq!(report_of(&reports, host.name()).status.as_str(), "healthy");
        // What it refused is not asked again.
        host.take_exchanges();
        world.crawl().await;
        assert!(host.take_exchanges().len() <= 4);
        fediverse.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checklist_08_a_quiet_host_is_asked_for_little() {
    let fediverse = start([generated(5, 150, 7)]).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "26h").await;
    let host = fediverse.hosts().next().unwrap();
    host.take_exchanges();
    time.pass(&world, "72h").await;
    let exchanges = host.take_exchanges();
    // A look every 25 minutes, whole pages and groups once in 20 hours, each group every three days, and the rest daily.
    assert!(exchanges.len() <= 3 * 80, "{} requests in three days", exchanges.len());
    println!("{} requests in three days", exchanges.len());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_software_is_not_crawled() {
    let fediverse = start([generated(5, 20, 1)]).await;
    let mut world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    world.kinds.values_mut().for_each(|kind| *kind = allowlist::SourceKind::Gancio);
    let reports = world.crawl().await;
    let report = report_of(&reports, host.name());
    assert_eq!(report.status.as_str(), "wrong-software");
    assert!(report.sentence.contains("It runs mobilizon, not gancio"), "{}", report.sentence);
    assert!(known(&world, host).is_empty());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checklist_08_a_robots_txt_that_forbids_the_api_is_an_answer() {
    let fediverse = start([generated(5, 20, 1)]).await;
    let world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    host.set_robots("User-agent: vigie\nDisallow: /api\n");
    let reports = world.crawl().await;
    assert_eq!(report_of(&reports, host.name()).status.as_str(), "robots-forbids");
    assert!(host.exchanges().iter().all(|exchange| exchange.path() != "/api"));
    fediverse.shutdown().await;
}
