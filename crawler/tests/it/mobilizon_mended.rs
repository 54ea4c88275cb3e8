//! Mobilizon hosts whose answers prove less than they seem to: wishes that another way of reading does not tell, refusals
//! that are no refusals, and lists that are no lists.

use jiff::Timestamp;
use journal::TombstoneReason;
use simulator::mobilizon::{CraftedMobilizon, MobilizonVersion, Visibility};
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
