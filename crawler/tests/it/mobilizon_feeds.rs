//! Hosts whose searches cannot be asked: a global index answers them, or GraphQL is closed. Their own lists, the outbox of
//! the relay and the calendar are read.

use std::collections::BTreeSet;

use jiff::Timestamp;
use journal::TombstoneReason;
use journal::record::EventStatus;
use simulator::mobilizon::{MobilizonCatalogue, MobilizonHost};
use simulator::{Behaviour, Fediverse, HostHandle, HostSetup, Routes};

use crate::world::{World, report_of};

async fn start(change: impl FnOnce(&mut MobilizonHost)) -> Fediverse {
    let mut host = MobilizonCatalogue::new(7, Timestamp::now(), 8).host(5, 50, 3).unwrap();
    change(&mut host);
    Fediverse::builder().host(HostSetup::mobilizon(host)).start().await.unwrap()
}

fn listed(host: &HostHandle) -> BTreeSet<String> {
    host.listed_events().iter().map(|event| event.uuid.to_string()).collect()
}

fn known(world: &World, host: &HostHandle) -> BTreeSet<String> {
    world.events(host.name()).into_keys().collect()
}

fn closed(status: u16) -> simulator::Rule {
    Behaviour::Status(status).on(Routes::Prefix("/api".to_owned()))
}

/// Changes one event in each way; returns their ids.
fn change(host: &HostHandle, now: Timestamp) -> [String; 4] {
    let mut coming = host.listed_events();
    coming.retain(|event| event.begins_on > now && event.status == simulator::mobilizon::EventStatus::Confirmed);
    let [edited, cancelled, deleted] = [0, 1, 2].map(|nth: usize| coming[nth].uuid);
    host.edit_event(edited, now, |event| event.title = "Renamed on its instance".to_owned()).unwrap();
    host.cancel_event(cancelled, now).unwrap();
    host.delete_event(deleted, now).unwrap();
    let added = host.add_event(now).unwrap().uuid;
    [added, edited, cancelled, deleted].map(|uuid| uuid.to_string())
}

fn check(world: &World, host: &HostHandle, [added, edited, cancelled, deleted]: &[String; 4]) {
    let events = world.events(host.name());
    assert!(events.contains_key(added));
    assert_eq!(events[edited].title, "Renamed on its instance");
    assert_eq!(events[cancelled].status, EventStatus::Cancelled);
    assert_eq!(world.gone_event(host.name(), deleted), Some(TombstoneReason::Deleted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_global_index_that_answers_every_search_is_not_believed() {
    let fediverse = start(|host| {
        host.searches_globally = true;
        host.global_events = MobilizonCatalogue::new(9, Timestamp::now(), 8).host(2, 30, 0).unwrap().events;
    })
    .await;
    let mut world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    assert_eq!(known(&world, host), listed(host));
    // Whole events, not what little an outbox tells of them.
    let counted = world.events(host.name()).into_values().filter(|event| event.n_participants.is_some()).count();
    assert!(counted > 25, "{counted}");
    let groups: BTreeSet<_> = world.groups(host.name()).into_keys().collect();
    assert!(!groups.is_empty(), "those that events name");
    let changed = change(host, time.now());
    time.pass(&world, "30m").await;
    check(&world, host, &changed);
    let reports = world.open().reports().unwrap();
    let report = report_of(&reports, host.name());
    assert!(report.flags.iter().any(|flag| flag.contains("global index")), "{report:?}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_graphql_closed_the_outbox_of_the_relay_is_read() {
    for status in [403, 404] {
        let fediverse = start(|_| {}).await;
        let host = fediverse.hosts().next().unwrap();
        host.behave(closed(status));
        let mut world = World::of(&fediverse);
        let mut time = world.virtual_time();
        time.pass(&world, "2h").await;
        assert_eq!(known(&world, host), listed(host), "{status}");
        assert!(!world.groups(host.name()).is_empty());
        let changed = change(host, time.now());
        time.pass(&world, "21h").await;
        check(&world, host, &changed);
        let reports = world.open().reports().unwrap();
        let report = report_of(&reports, host.name());
        assert_eq!(report.status.as_str(), "healthy", "{report:?}");
        assert!(report.flags.iter().any(|flag| flag.contains("GraphQL")), "{report:?}");
        // Once it opens again, it is asked again.
        host.heal();
        time.pass(&world, "25h").await;
        assert!(world.events(host.name()).values().any(|event| event.n_participants.is_some()));
        fediverse.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_relay_the_calendar_is_read() {
    let fediverse = start(|host| (host.has_relay, host.has_feeds) = (false, true)).await;
    let host = fediverse.hosts().next().unwrap();
    host.behave(closed(404));
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    assert_eq!(known(&world, host), listed(host));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_everything_closed_the_report_says_so() {
    let fediverse = start(|host| (host.has_relay, host.has_feeds) = (false, false)).await;
    let host = fediverse.hosts().next().unwrap();
    host.behave(closed(404));
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    assert!(known(&world, host).is_empty());
    let reports = world.open().reports().unwrap();
    let report = report_of(&reports, host.name());
    assert_eq!(report.status.as_str(), "access-refused", "{report:?}");
    fediverse.shutdown().await;
}
