//! A Gancio host: its list, its details, and what is edited or deleted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use journal::TombstoneReason;
use simulator::gancio::GancioHost;
use simulator::mobilizon::MobilizonCatalogue;
use simulator::{Behaviour, Fediverse, HostHandle, HostSetup, Routes};

use crate::world::{World, report_of};

async fn start() -> Fediverse {
    let planned = MobilizonCatalogue::new(7, Timestamp::now(), 8).host(5, 60, 0).unwrap();
    let host = GancioHost::from_mobilizon(&planned, "agenda.example", "Europe/Rome");
    Fediverse::builder().host(HostSetup::gancio(host)).start().await.unwrap()
}

fn listed(host: &HostHandle) -> BTreeSet<String> {
    host.gancio().unwrap().listed().map(|event| event.id.to_string()).collect()
}

fn known(world: &World, host: &HostHandle) -> BTreeSet<String> {
    world.events(host.name()).into_keys().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_is_read_whole_with_descriptions_and_series() {
    let fediverse = start().await;
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    assert_eq!(known(&world, host), listed(host));
    let events = world.events(host.name());
    let gancio = host.gancio().unwrap();
    let mut series: BTreeMap<String, usize> = BTreeMap::new();
    for spec in gancio.listed() {
        let event = &events[&spec.id.to_string()];
        assert_eq!(
            (&event.title, event.time.starts_at, event.url.clone()),
            (&spec.title, spec.begins_on, gancio.url(spec))
        );
        assert_eq!(event.description.is_some(), spec.description.is_some(), "{}", spec.title);
        assert_eq!(event.time.time_zone.as_deref(), Some("Europe/Rome"));
        assert!(event.page_url.as_ref().is_none_or(|url| url.ends_with(&spec.slug)));
        assert_eq!(event.organizer.as_ref().map(|actor| actor.name.as_str()), Some("relay"));
        if let Some(series_of) = &event.series {
            *series.entry(series_of.clone()).or_default() += 1;
        }
    }
    assert!(series.len() > 5 && series.values().all(|n| *n == 3), "{series:?}");
    let report = report_of(&reports, host.name());
    assert_eq!((report.status.as_str(), report.n_without_detail), ("healthy", 0), "{report:?}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_edited_and_deleted_events_are_followed_within_half_an_hour() {
    let fediverse = start().await;
    let mut world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    assert_eq!(known(&world, host), listed(host));
    let now = time.now();
    let soon = now.checked_add(SignedDuration::from_hours(2)).unwrap();
    let coming: Vec<u32> =
        host.gancio().unwrap().listed().filter(|event| event.begins_on > soon).map(|event| event.id).collect();
    let (edited, deleted, hidden) = (coming[0], coming[1], coming[2]);
    let added = host
        .change_gancio(|gancio| {
            gancio.edit(edited, now, |event| {
                event.title = "Renamed on its instance".to_owned();
                event.description = Some("<p>Another text</p>".to_owned());
            });
            gancio.edit(hidden, now, |event| event.is_visible = false);
            gancio.delete(deleted);
            gancio.add_event(now).id
        })
        .unwrap();
    time.pass(&world, "30m").await;
    assert_eq!(known(&world, host), listed(host));
    let events = world.events(host.name());
    assert!(events.contains_key(&added.to_string()));
    let edited = &events[&edited.to_string()];
    assert_eq!(edited.title, "Renamed on its instance");
    assert_eq!(edited.description.as_deref(), Some("<p>Another text</p>"));
    assert_eq!(world.gone_event(host.name(), &deleted.to_string()), Some(TombstoneReason::Deleted));
    assert!(world.gone_event(host.name(), &hidden.to_string()).is_some());
    // A quiet host costs little more than a list every 25 minutes.
    host.take_exchanges();
    time.pass(&world, "12h").await;
    let n_requests = host.take_exchanges().len();
    assert!(n_requests <= 40, "{n_requests}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_whose_page_refuses_what_the_list_shows_stays() {
    let fediverse = start().await;
    let mut world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    let now = Timestamp::now();
    let shown = host.gancio().unwrap().listed().find(|event| event.begins_on > now).unwrap().id.to_string();
    let path = format!("/api/event/detail/{shown}");
    host.behave(Behaviour::Status(404).on(Routes::Prefix(path.clone())));
    let mut time = world.virtual_time();
    time.pass(&world, "48h").await;
    assert!(known(&world, host).contains(&shown));
    let n = host.exchanges().iter().filter(|exchange| exchange.path() == path).count();
    assert!((1..=5).contains(&n), "{n}");
    assert_eq!(world.gone_event(host.name(), &shown), None);
    fediverse.shutdown().await;
}
