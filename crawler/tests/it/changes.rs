//! Later visits find what is new, changed and gone; a failed crawl erases nothing.

use jiff::Timestamp;
use journal::TombstoneReason;
use simulator::{Behaviour, Fediverse, Privacy, Routes};

use crate::world::{World, generated, listed, report_of, uuids};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_finds_new_videos_with_few_requests() {
    let fediverse = Fediverse::builder().host(generated(0, 230)).start().await.unwrap();
    let world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let n_before = host.n_requests();
    let added = host.add_video(Timestamp::now()).unwrap();
    world.crawl().await;
    assert!(world.videos(host.name()).contains_key(&added.uuid));
    // The poll, twice when it names a channel for the first time, the channel, the lives, the detail.
    assert!(host.n_requests() - n_before <= 5, "{} requests", host.n_requests() - n_before);

    // Nothing new: one conditional request that is answered by 304, and one for the lives that stream.
    world.crawl().await;
    let n_before = host.n_requests();
    world.crawl().await;
    let exchanges = host.exchanges();
    let (lives, polls): (Vec<_>, Vec<_>) =
        exchanges[n_before..].iter().partition(|exchange| exchange.target.contains("isLive=true"));
    assert_eq!((lives.len() <= 1, polls.len()), (true, 1), "{:?}", &exchanges[n_before..]);
    assert_eq!((polls[0].status, polls[0].if_none_match.is_some()), (Some(304), true), "{polls:?}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_89_deleted_and_hidden_videos_become_tombstones() {
    let fediverse = Fediverse::builder().host(generated(1, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let videos = host.listed();
    let (deleted, private, blocked, unlisted, edited) =
        (videos[0].uuid, videos[1].uuid, videos[2].uuid, videos[3].uuid, videos[4].uuid);
    host.delete(deleted).unwrap();
    host.set_privacy(private, Privacy::Private, Timestamp::now()).unwrap();
    host.block(blocked, Timestamp::now()).unwrap();
    host.set_privacy(unlisted, Privacy::Unlisted, Timestamp::now()).unwrap();
    host.edit(edited, Timestamp::now(), |video| {
        video.name = "Renamed on its instance".to_owned();
        video.tags = vec!["fresh".to_owned()];
    })
    .unwrap();
    world.sweep().await;
    let found = world.videos(host.name());
    assert_eq!(uuids(&found), listed(&fediverse, host.name()));
    assert_eq!(found[&edited].name, "Renamed on its instance");
    assert_eq!(found[&edited].detail.as_ref().unwrap().tags, ["fresh"]);
    assert_eq!(world.gone(host.name(), deleted), Some(TombstoneReason::Deleted));
    for uuid in [private, blocked, unlisted] {
        assert_eq!(world.gone(host.name(), uuid), Some(TombstoneReason::Hidden));
    }
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_90_a_large_loss_is_held_for_two_sweeps_and_flagged() {
    let fediverse = Fediverse::builder().host(generated(1, 40)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let n_before = world.videos(host.name()).len();
    for video in host.listed() {
        host.delete(video.uuid).unwrap();
    }
    for _ in 0..2 {
        let reports = world.sweep().await;
        assert_eq!(world.videos(host.name()).len(), n_before);
        assert!(report_of(&reports, host.name()).flags.iter().any(|flag| flag.contains("held")));
    }
    world.sweep().await;
    assert_eq!(world.videos(host.name()).len(), 0);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moderated_video_does_not_come_back() {
    let fediverse = Fediverse::builder().host(generated(1, 20)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let uuid = host.listed()[0].uuid;
    let id = journal::RecordId::video(host.name().parse().unwrap(), uuid);
    let body = journal::Body::Tombstone { id, reason: TombstoneReason::Moderated };
    world.journal.writer().append(vec![journal::Entry { seen_at: Timestamp::now(), body }]).await.unwrap();
    // case 153
    host.edit(uuid, Timestamp::now(), |video| video.name = "Back again".to_owned()).unwrap();
    world.sweep().await;
    assert_eq!(world.gone(host.name(), uuid), Some(TombstoneReason::Moderated));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_host_keeps_its_videos() {
    let fediverse = Fediverse::builder().host(generated(1, 20)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let name = fediverse.hosts().next().unwrap().name().to_owned();
    let n_before = world.videos(&name).len();
    fediverse.shutdown().await;
    world.sweep().await;
    // As another process sees it.
    let reports = crawler::read_reports(&world.dir.path().join("crawler.db"), jiff::Timestamp::now()).unwrap();
    assert_eq!(world.videos(&name).len(), n_before);
    let report = report_of(&reports, &name);
    assert_eq!(report.health, crawler::Health::Failing);
    assert_eq!(report.status, crawler::Status::ConnectionRefused, "{}", report.sentence);
    assert!(report.sentence.contains(&format!("the {n_before} videos known of it stay")), "{}", report.sentence);
    let error = report.last_error.as_ref().unwrap();
    assert!(error.text.contains(&name) && error.text.contains("connect"), "{}", error.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delisted_host_is_withdrawn_from_the_journal() {
    let fediverse = Fediverse::builder().host(generated(1, 20)).start().await.unwrap();
    let world = World::of(&fediverse);
    world.crawl().await;
    let name = fediverse.hosts().next().unwrap().name().to_owned();
    let n = world.videos(&name).len() + world.channels(&name).len() + world.playlists(&name).len();
    let crawler = world.open();
    crawler.set_instances(Vec::new()).unwrap();
    assert_eq!(crawler.delist(&name.parse().unwrap()).await.unwrap(), n);
    assert!(world.videos(&name).is_empty() && world.channels(&name).is_empty() && world.playlists(&name).is_empty());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_video_whose_detail_asks_not_to_be_found_stays_out_while_the_list_shows_it() {
    let fediverse = Fediverse::builder().host(generated(1, 40)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    let shy = host.listed()[3].uuid;
    let noindex = Behaviour::Header("X-Robots-Tag".to_owned(), "noindex".to_owned());
    host.behave(noindex.on(Routes::Prefix(format!("/api/v1/videos/{shy}"))));
    // However it was found first.
    host.behave(Behaviour::Status(404).on(Routes::Outboxes));
    world.crawl().await;
    assert_eq!(world.gone(host.name(), shy), Some(TombstoneReason::Hidden));
    let n_before = host.n_requests();
    host.add_video(Timestamp::now()).unwrap();
    world.crawl().await;
    world.sweep().await;
    let found = world.videos(host.name());
    assert!(!found.contains_key(&shy) && found.len() == 40, "{} videos", found.len());
    let again =
        host.exchanges().into_iter().skip(n_before).filter(|exchange| exchange.target.contains(&shy.to_string()));
    assert_eq!(again.count(), 0, "it is asked for again tomorrow at the soonest");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_journal_has_and_the_state_has_lost_is_asked_about_too() {
    let fediverse = Fediverse::builder().host(generated(1, 40)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let deleted = host.listed()[5].uuid;
    for name in ["crawler.db", "crawler.db-wal", "crawler.db-shm"] {
        let _ = std::fs::remove_file(world.dir.path().join(name));
    }
    host.delete(deleted).unwrap();
    world.crawl().await;
    world.sweep().await;
    assert_eq!(world.gone(host.name(), deleted), Some(TombstoneReason::Deleted));
    assert_eq!(uuids(&world.videos(host.name())), listed(&fediverse, host.name()));
    fediverse.shutdown().await;
}
