//! Mobilizon hosts whose answers prove less than they seem to: wishes that another way of reading does not tell, refusals
//! that are no refusals, and lists that are no lists.

use std::collections::BTreeSet;

use jiff::Timestamp;
use journal::TombstoneReason;
use simulator::mobilizon::{CraftedMobilizon, MobilizonCatalogue, MobilizonVersion, Visibility};
use simulator::{Behaviour, Fediverse, HostHandle, HostSetup, Routes, uuid_of};

use crate::world::{Time, World};

const HOST: &str = "rdv.example";

fn crafted() -> CraftedMobilizon {
    CraftedMobilizon::new(HOST, MobilizonVersion::V5_1, Timestamp::now())
        .group("choir", "The choir", |_| {})
        .group("shy", "The shy", |group| group.summary = Some("<p>We sing. #NoIndex</p>".to_owned()))
        .event(uuid_of("concert"), "A concert", |event| event.group = Some("choir".to_owned()))
        .event(uuid_of("rehearsal"), "A rehearsal", |event| event.group = Some("shy".to_owned()))
        .event(uuid_of("party"), "A party", |_| {})
}

async fn start(host: CraftedMobilizon) -> Fediverse {
    Fediverse::builder().host(HostSetup::mobilizon(host.host())).start().await.unwrap()
}

fn only(fediverse: &Fediverse) -> &HostHandle {
    fediverse.hosts().next().unwrap()
}

fn id(title: &str) -> String {
    uuid_of(title).to_string()
}

fn is_known(world: &World, title: &str) -> bool {
    world.events(HOST).contains_key(&id(title))
}

fn noindex() -> Behaviour {
    Behaviour::Header("X-Robots-Tag".to_owned(), "noindex".to_owned())
}

/// A world and its time after a first pass.
async fn passed(fediverse: &Fediverse, span: &str) -> (World, Time) {
    let mut world = World::of(fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, span).await;
    (world, time)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_91_what_is_withheld_does_not_come_back_by_activitypub() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let (world, mut time) = passed(&fediverse, "1h").await;
    assert!(is_known(&world, "concert") && !is_known(&world, "rehearsal"));
    host.edit_group("choir", |group| group.summary = Some("#nobot".to_owned())).unwrap();
    time.pass(&world, "24h").await;
    assert_eq!(world.gone_event(HOST, &id("concert")), Some(TombstoneReason::OptOut));
    // From here on only the outbox of the relay is left, which tells nothing of the group. Its actor cannot be read.
    host.set_behaviours(
        [403, 403]
            .into_iter()
            .zip(["/api", "/@shy"])
            .map(|(status, path)| Behaviour::Status(status).on(Routes::Prefix(path.to_owned()))),
    );
    host.edit_event(uuid_of("rehearsal"), time.now(), |event| event.title = "Another rehearsal".to_owned()).unwrap();
    host.edit_event(uuid_of("party"), time.now(), |event| event.title = "Another party".to_owned()).unwrap();
    time.pass(&world, "72h").await;
    assert_eq!(world.events(HOST)[&id("party")].title, "Another party", "the outbox is read");
    assert_eq!(world.gone_event(HOST, &id("concert")), Some(TombstoneReason::OptOut));
    assert!(!is_known(&world, "rehearsal"));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_91_an_outbox_revives_nothing_where_a_global_index_answers() {
    let fediverse = start(crafted().change(|host| host.searches_globally = true)).await;
    let host = only(&fediverse);
    let (world, mut time) = passed(&fediverse, "2h").await;
    assert!(is_known(&world, "concert") && !is_known(&world, "rehearsal"));
    assert_eq!(world.gone_event(HOST, &id("rehearsal")), None, "not even for a moment");
    host.edit_event(uuid_of("rehearsal"), time.now(), |event| event.title = "Another rehearsal".to_owned()).unwrap();
    time.pass(&world, "400h").await;
    assert!(is_known(&world, "concert") && !is_known(&world, "rehearsal"));
    assert_eq!(world.gone_event(HOST, &id("rehearsal")), None);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_91_a_group_whose_actor_cannot_be_read_takes_nothing_back() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let path = || Routes::Prefix("/@choir".to_owned());
    host.behave(noindex().on(path()));
    let (world, mut time) = passed(&fediverse, "1h").await;
    assert!(world.groups(HOST).is_empty());
    for behaviour in [Behaviour::Status(403), Behaviour::Status(404), Behaviour::LoginPage] {
        host.set_behaviours([behaviour.on(path())]);
        time.pass(&world, "100h").await;
        assert!(world.groups(HOST).is_empty());
    }
    host.heal();
    time.pass(&world, "100h").await;
    assert!(world.groups(HOST).contains_key("choir"));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_61_a_header_on_the_outbox_or_the_calendar_blocks_the_host() {
    for (has_relay, path) in [(true, "/@relay/outbox"), (false, "/feed/instance/ics")] {
        let fediverse = start(crafted().change(|host| (host.has_relay, host.has_feeds) = (has_relay, true))).await;
        let host = only(&fediverse);
        host.behave(Behaviour::Status(404).on(Routes::Prefix("/api".to_owned())));
        host.behave(noindex().on(Routes::Prefix(path.to_owned())));
        let (world, _) = passed(&fediverse, "2h").await;
        assert!(host.exchanges().iter().any(|exchange| exchange.path() == path));
        assert!(world.events(HOST).is_empty(), "{path}");
        fediverse.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_89_a_door_that_is_shut_is_no_deletion() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let (world, mut time) = passed(&fediverse, "1h").await;
    // It leaves the list, and nobody says why.
    host.set_event_visibility(uuid_of("party"), Visibility::Unlisted, time.now()).unwrap();
    host.behave(Behaviour::Status(403).on(Routes::Prefix("/events/".to_owned())));
    host.behave(Behaviour::Status(503).on(Routes::Details));
    time.pass(&world, "30m").await;
    assert!(is_known(&world, "party"));
    host.heal();
    time.pass(&world, "48h").await;
    assert_eq!(world.gone_event(HOST, &id("party")), Some(TombstoneReason::OptOut), "its page says noindex");
    fediverse.shutdown().await;
}

fn asked(host: &HostHandle, path: &str) -> usize {
    host.exchanges().iter().filter(|exchange| exchange.path() == path).count()
}

fn closed(status: u16) -> simulator::Rule {
    Behaviour::Status(status).on(Routes::Prefix("/api".to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_outbox_is_read_to_its_end() {
    let host = MobilizonCatalogue::new(7, Timestamp::now(), 8).host(5, 700, 0).unwrap();
    let fediverse = Fediverse::builder().host(HostSetup::mobilizon(host)).start().await.unwrap();
    let host = only(&fediverse);
    host.behave(closed(403));
    let (world, mut time) = passed(&fediverse, "2h").await;
    let known = || world.events(host.name()).into_keys().collect::<BTreeSet<_>>();
    let listed = || host.listed_events().iter().map(|event| event.uuid.to_string()).collect::<BTreeSet<_>>();
    assert_eq!(known(), listed());
    let over = host.listed_events().iter().find(|event| event.begins_on < time.now()).unwrap().uuid;
    host.delete_event(over, time.now()).unwrap();
    time.pass(&world, "48h").await;
    assert_eq!(known(), listed(), "what its end did not show is gone");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_refusal_closes_nothing() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let (world, mut time) = passed(&fediverse, "1h").await;
    for status in [403, 404, 400] {
        host.behave(Behaviour::Status(status).on(Routes::Listings).times(1));
        time.pass(&world, "2h").await;
    }
    // Nor does one of the question for its version.
    host.behave(closed(403).times(1));
    time.pass(&world, "26h").await;
    assert_eq!(asked(host, "/@relay/outbox"), 0);
    host.edit_event(uuid_of("party"), time.now(), |event| event.title = "Another party".to_owned()).unwrap();
    time.pass(&world, "30m").await;
    assert_eq!(world.events(HOST)[&id("party")].title, "Another party");
    assert!(world.events(HOST)[&id("party")].n_participants.is_some());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_graphql_told_outlives_the_time_in_which_it_is_closed() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let (world, mut time) = passed(&fediverse, "1h").await;
    let before = world.events(HOST);
    assert!(before[&id("party")].n_participants.is_some());
    host.behave(closed(403));
    time.pass(&world, "30h").await;
    assert!(asked(host, "/@relay/outbox") > 0);
    assert_eq!(world.events(HOST), before);
    // Open again, everything is scanned again: what changed meanwhile may be over.
    host.heal();
    host.edit_event(uuid_of("party"), time.now(), |event| {
        event.begins_on = "2020-01-01T00:00:00Z".parse().unwrap();
        event.ends_on = None;
    })
    .unwrap();
    time.pass(&world, "30h").await;
    assert!(world.events(HOST)[&id("party")].time.starts_at < before[&id("party")].time.starts_at);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_query_for_one_event_its_object_is_read_once() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let (mut world, time) = passed(&fediverse, "1h").await;
    drop(time);
    let state = rusqlite::Connection::open(world.dir.path().join("crawler.db")).unwrap();
    let sql = r#"UPDATE host SET state = json_set(state, '$.mobilizon.refused', json('{"event":9}'))"#;
    assert_eq!(state.execute(sql, []).unwrap(), 1);
    let mut time = world.virtual_time();
    let added = host.add_event(time.now()).unwrap().uuid.to_string();
    host.take_exchanges();
    time.pass(&world, "90m").await;
    assert!(world.events(HOST).contains_key(&added));
    assert!(asked(host, &format!("/events/{added}")) <= 1);
    assert!(host.exchanges().len() < 20, "{}", host.exchanges().len());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_record_any_more_is_still_followed() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let (world, mut time) = passed(&fediverse, "1h").await;
    host.edit_event(uuid_of("party"), time.now(), |event| event.title = String::new()).unwrap();
    time.pass(&world, "3h").await;
    assert!(is_known(&world, "party"));
    host.delete_event(uuid_of("party"), time.now()).unwrap();
    time.pass(&world, "48h").await;
    assert_eq!(world.gone_event(HOST, &id("party")), Some(TombstoneReason::Deleted));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_that_only_the_journal_remembers_are_asked_about() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    let (mut world, time) = passed(&fediverse, "1h").await;
    drop(time);
    assert!(world.groups(HOST).contains_key("choir"));
    for file in ["crawler.db", "crawler.db-wal", "crawler.db-shm"] {
        let _ = std::fs::remove_file(world.dir.path().join(file));
    }
    host.delete_group("choir", Timestamp::now()).unwrap();
    let mut time = world.virtual_time();
    time.pass(&world, "30h").await;
    assert!(world.groups(HOST).is_empty());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_calendar_tells_what_is_gone_and_the_relay_is_tried_again() {
    let fediverse = start(crafted().change(|host| (host.has_relay, host.has_feeds) = (false, true))).await;
    let host = only(&fediverse);
    host.behave(closed(404));
    let (world, mut time) = passed(&fediverse, "2h").await;
    assert!(is_known(&world, "party"));
    host.delete_event(uuid_of("party"), time.now()).unwrap();
    time.pass(&world, "24h").await;
    assert_eq!(world.gone_event(HOST, &id("party")), Some(TombstoneReason::Deleted));
    let n_tries = asked(host, "/@relay/outbox");
    assert!(n_tries <= 2, "{n_tries}");
    host.change_mobilizon(|host| (host.has_relay, host.has_feeds) = (true, false)).unwrap();
    let added = host.add_event(time.now()).unwrap().uuid.to_string();
    time.pass(&world, "72h").await;
    assert!(world.events(HOST).contains_key(&added));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_are_followed_where_a_global_index_answers() {
    let crafted = crafted().group("band", "The band", |_| {}).event(uuid_of("dance"), "A dance", |event| {
        event.group = Some("band".to_owned());
    });
    let fediverse = start(crafted.change(|host| host.searches_globally = true)).await;
    let host = only(&fediverse);
    let (world, mut time) = passed(&fediverse, "2h").await;
    assert_eq!(world.groups(HOST).len(), 2);
    host.edit_group("choir", |group| group.name = Some("Another name".to_owned())).unwrap();
    host.delete_group("band", time.now()).unwrap();
    time.pass(&world, "100h").await;
    let groups = world.groups(HOST);
    assert_eq!(groups.keys().collect::<Vec<_>>(), ["choir"]);
    assert_eq!(groups["choir"].actor.display_name, "Another name");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphql_that_always_fails_does_not_keep_the_feeds_waiting() {
    let fediverse = start(crafted()).await;
    let host = only(&fediverse);
    host.behave(closed(500));
    let (world, _) = passed(&fediverse, "60h").await;
    assert!(is_known(&world, "party") && is_known(&world, "concert"));
    fediverse.shutdown().await;
}
