//! Mobilizon hosts that answer oddly, and what is withdrawn with them.

use jiff::{SignedDuration, Timestamp};
use journal::TombstoneReason;
use simulator::mobilizon::{CraftedMobilizon, MobilizonVersion, Visibility};
use simulator::{Behaviour, Fediverse, HostSetup, Routes, uuid_of};

use crate::world::World;

fn crafted() -> CraftedMobilizon {
    CraftedMobilizon::new("rdv.example", MobilizonVersion::V5_1, Timestamp::now())
        .group("choir", "The choir", |_| {})
        .event(uuid_of("concert"), "A concert", |event| event.group = Some("choir".to_owned()))
        .event(uuid_of("party"), "A party", |_| {})
        .event(uuid_of("walk"), "A walk", |event| {
            let in_ten_days = Timestamp::now().checked_add(SignedDuration::from_hours(240)).unwrap();
            (event.begins_on, event.ends_on) = (in_ten_days, None);
        })
}

async fn start(host: CraftedMobilizon) -> Fediverse {
    Fediverse::builder().host(HostSetup::mobilizon(host.host())).start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_91_a_header_on_the_page_of_an_event_withholds_it_until_it_is_gone() {
    let fediverse = start(crafted()).await;
    let host = fediverse.hosts().next().unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "1h").await;
    let (uuid, id) = (uuid_of("concert"), uuid_of("concert").to_string());
    assert!(world.events("rdv.example").contains_key(&id));
    // It leaves the list, so its own page is asked for; and comes back to the list, while the page says the same.
    let noindex = Behaviour::Header("X-Robots-Tag".to_owned(), "noindex".to_owned());
    host.behave(noindex.on(Routes::Prefix(format!("/events/{id}"))));
    host.set_event_visibility(uuid, Visibility::Unlisted, time.now()).unwrap();
    time.pass(&world, "30m").await;
    assert_eq!(world.gone_event("rdv.example", &id), Some(TombstoneReason::OptOut));
    host.set_event_visibility(uuid, Visibility::Public, time.now()).unwrap();
    time.pass(&world, "72h").await;
    assert_eq!(world.gone_event("rdv.example", &id), Some(TombstoneReason::OptOut), "the list does not bring it back");
    host.heal();
    time.pass(&world, "50h").await;
    assert!(world.events("rdv.example").contains_key(&id), "its page does");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_and_groups_of_a_host_that_leaves_the_list_are_withdrawn_and_come_back_with_it() {
    let fediverse = start(crafted()).await;
    let world = World::of(&fediverse);
    world.crawl().await;
    assert_eq!((world.events("rdv.example").len(), world.groups("rdv.example").len()), (3, 1));
    let crawler = world.open();
    assert_eq!(crawler.delist(&"rdv.example".parse().unwrap()).await.unwrap(), 4);
    drop(crawler);
    assert_eq!((world.events("rdv.example").len(), world.groups("rdv.example").len()), (0, 0));
    world.crawl().await;
    assert_eq!((world.events("rdv.example").len(), world.groups("rdv.example").len()), (3, 1));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checklist_09_pages_that_are_too_large_are_halved() {
    let now = Timestamp::now();
    let text = format!("<p>{}</p>", "Nothing is said twice. ".repeat(4000));
    let mut host = CraftedMobilizon::new("rdv.example", MobilizonVersion::V5_1, now);
    for nth in 0..100 {
        let title = format!("Long reading {nth}");
        host = host.event(uuid_of(&title), &title, |event| event.description = Some(text.clone()));
    }
    let fediverse = start(host).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    let events = world.events("rdv.example");
    assert_eq!(events.len(), 100);
    assert!(events.values().all(|event| event.description.as_ref().is_some_and(|text| text.len() <= 64 << 10)));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_moderator_removed_stays_removed() {
    let fediverse = start(crafted()).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "1h").await;
    let id = journal::RecordId::event("rdv.example".parse().unwrap(), &uuid_of("party").to_string());
    let body = journal::Body::Tombstone { id: id.clone(), reason: TombstoneReason::Moderated };
    world.journal.writer().append(vec![journal::Entry { seen_at: time.now(), body }]).await.unwrap();
    let host = fediverse.hosts().next().unwrap();
    host.edit_event(uuid_of("party"), time.now(), |event| event.title = "Another party".to_owned()).unwrap();
    time.pass(&world, "48h").await;
    assert_eq!(world.gone_record(&id), Some(TombstoneReason::Moderated));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checklist_10_a_host_that_fails_for_a_day_keeps_everything() {
    let fediverse = start(crafted()).await;
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "1h").await;
    let host = fediverse.hosts().next().unwrap();
    host.behave(Behaviour::Status(500).on(Routes::Api));
    time.pass(&world, "30h").await;
    assert_eq!((world.events("rdv.example").len(), world.groups("rdv.example").len()), (3, 1));
    host.heal();
    host.delete_event(uuid_of("walk"), time.now()).unwrap();
    time.pass(&world, "30h").await;
    assert_eq!(world.events("rdv.example").len(), 2);
    fediverse.shutdown().await;
}
