//! Channels are journalled with their videos, kept up to date, and left out with everything in them when asked.

use std::collections::{BTreeMap, BTreeSet};

use journal::{RecordId, TombstoneReason};
use simulator::judge::{Rules, breaches};
use simulator::{Behaviour, Fediverse, HostHandle, HostSetup, Routes, Version};

use crate::world::{World, generated, listed, report_of, uuids};

/// The channels of a generated host with listed videos, and these videos.
fn held(host: &HostHandle) -> BTreeMap<String, BTreeSet<uuid::Uuid>> {
    let channels = host.instance().unwrap().spec.channels;
    let mut held: BTreeMap<String, BTreeSet<uuid::Uuid>> = BTreeMap::new();
    for video in host.listed() {
        let channel = channels.get(video.channel as usize).expect("its channel");
        held.entry(channel.name.clone()).or_default().insert(video.uuid);
    }
    held
}

/// The channel with most listed videos, and these videos.
fn largest(host: &HostHandle) -> (String, BTreeSet<uuid::Uuid>) {
    held(host).into_iter().max_by_key(|(_, videos)| videos.len()).expect("a channel with videos")
}

fn channel_id(host: &HostHandle, name: &str) -> RecordId {
    RecordId::channel(host.name().parse().unwrap(), name)
}

fn of_version(nth: usize, n: u32, major: u8) -> HostSetup {
    let catalogue = simulator::Catalogue::new(7, jiff::Timestamp::now(), 200);
    let mut instance = catalogue.instance(nth, n).unwrap();
    instance.spec.version = Version::of_major(major);
    HostSetup::generated(instance).rate_limit(None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_with_videos_are_journalled_and_those_without_are_not() {
    let fediverse = Fediverse::builder().host(generated(0, 150)).host(generated(1, 30)).start().await.unwrap();
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    for host in fediverse.hosts() {
        let found = world.channels(host.name());
        assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), held(host).into_keys().collect());
        let spec = host.instance().unwrap().spec;
        for channel in spec.channels.iter().filter(|channel| found.contains_key(&channel.name)) {
            let record = &found[&channel.name];
            assert_eq!(record.actor.display_name, channel.display_name);
            assert_eq!(record.owner.actor.name, spec.accounts[channel.account as usize].name);
        }
        // One request for each, none for the others, each before anything of it was journalled.
        let asked = host.exchanges().iter().filter(|it| it.path().starts_with("/api/v1/video-channels/")).count();
        assert!(asked <= spec.channels.len() && asked >= found.len(), "{asked} of {}", found.len());
        assert!(report_of(&reports, host.name()).n_records > 0);
    }
    let found = breaches(&fediverse.exchanges(), &Rules::strict("vigie").every(std::time::Duration::from_millis(1)));
    assert!(found.is_empty(), "{found:?}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renamed_channel_shows_in_its_record_and_its_videos() {
    let fediverse = Fediverse::builder().host(generated(1, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let (name, videos) = largest(host);
    host.rename_channel(&name, "Another Name", jiff::Timestamp::now()).unwrap();
    world.sweep().await;
    assert_eq!(world.channels(host.name())[&name].actor.display_name, "Another Name");
    let found = world.videos(host.name());
    assert!(videos.iter().all(|uuid| found[uuid].channel.display_name == "Another Name"));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_89_a_deleted_channel_goes_with_its_videos_and_playlists() {
    let fediverse = Fediverse::builder().host(generated(1, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let channels = held(host);
    // Not the largest: a loss of more than half would be held.
    let (name, videos) = channels.iter().min_by_key(|(_, videos)| videos.len()).unwrap();
    host.delete_channel(name).unwrap();
    world.sweep().await;
    assert_eq!(world.gone_record(&channel_id(host, name)), Some(TombstoneReason::Deleted));
    for uuid in videos {
        assert_eq!(world.gone(host.name(), *uuid), Some(TombstoneReason::Deleted));
    }
    assert!(world.playlists(host.name()).values().all(|it| it.channel.as_ref().is_none_or(|it| it.name != *name)));
    assert_eq!(uuids(&world.videos(host.name())), listed(&fediverse, host.name()));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_whose_last_video_goes_is_withdrawn_and_comes_back_with_the_next() {
    let fediverse = Fediverse::builder().host(generated(1, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let channels = held(host);
    let (name, videos) = channels.iter().min_by_key(|(_, videos)| videos.len()).unwrap();
    for uuid in videos {
        host.set_privacy(*uuid, simulator::Privacy::Private, jiff::Timestamp::now()).unwrap();
    }
    world.sweep().await;
    assert_eq!(world.gone_record(&channel_id(host, name)), Some(TombstoneReason::Hidden));
    let back = videos.first().unwrap();
    host.set_privacy(*back, simulator::Privacy::Public, jiff::Timestamp::now()).unwrap();
    // Public again, with an old `createdAt`: the next poll finds it.
    world.crawl().await;
    assert!(world.videos(host.name()).contains_key(back));
    assert!(world.channels(host.name()).contains_key(name));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_in_the_description_of_a_channel_withhold_it_for_as_long_as_they_stand_there() {
    let fediverse = Fediverse::builder().host(generated(1, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    let host = fediverse.hosts().next().unwrap();
    let (name, videos) = largest(host);
    assert!(uuids(&world.videos(host.name())).is_superset(&videos));
    host.edit_channel(&name, time.now(), |it| it.description = Some("Our films. #NoIndex".to_owned())).unwrap();
    time.pass(&world, "73h").await;
    assert_eq!(world.gone_record(&channel_id(host, &name)), Some(TombstoneReason::OptOut));
    for uuid in &videos {
        assert_eq!(world.gone(host.name(), *uuid), Some(TombstoneReason::OptOut));
    }
    let of_channel = |it: &journal::record::Playlist| it.channel.as_ref().is_some_and(|it| it.name == name);
    assert!(!world.playlists(host.name()).values().any(of_channel));
    // Everything else stays, and a later video of the channel stays out.
    let others: BTreeSet<_> = &listed(&fediverse, host.name()) - &videos;
    assert_eq!(uuids(&world.videos(host.name())), others);
    assert!(!world.channels(host.name()).is_empty());
    host.edit_channel(&name, time.now(), |it| it.description = Some("Our films.".to_owned())).unwrap();
    time.pass(&world, "76h").await;
    assert_eq!(uuids(&world.videos(host.name())), listed(&fediverse, host.name()));
    assert!(world.channels(host.name()).contains_key(&name));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_withheld_from_the_start_never_enters_the_journal() {
    let setups = [generated(1, 60), generated(2, 40)];
    let fediverse = Fediverse::builder().hosts(setups).start().await.unwrap();
    let world = World::of(&fediverse);
    let hosts: Vec<&HostHandle> = fediverse.hosts().collect();
    // One host: an account, with all its channels. The other: every channel, by a header.
    let (name, _) = largest(hosts[0]);
    let spec = hosts[0].instance().unwrap().spec;
    let account = spec.channels.iter().find(|it| it.name == name).unwrap().account;
    let owner = spec.accounts[account as usize].name.clone();
    let now = jiff::Timestamp::now();
    hosts[0].edit_account(&owner, now, |it| it.description = Some("Please #nobot".to_owned())).unwrap();
    hosts[1].behave(Behaviour::Header("X-Robots-Tag".to_owned(), "noindex".to_owned()).on(Routes::Channels));
    world.crawl().await;
    let withheld: BTreeSet<String> =
        spec.channels.iter().filter(|it| it.account == account).map(|it| it.name.clone()).collect();
    for (channel, videos) in held(hosts[0]) {
        let is_withheld = withheld.contains(&channel);
        assert_eq!(world.channels(hosts[0].name()).contains_key(&channel), !is_withheld, "{channel}");
        for uuid in videos {
            let is_there = world.videos(hosts[0].name()).contains_key(&uuid);
            assert_eq!(is_there, !is_withheld);
            assert_eq!(world.gone(hosts[0].name(), uuid), None, "not even a tombstone");
        }
    }
    let (videos, channels) = (world.videos(hosts[1].name()), world.channels(hosts[1].name()));
    assert!(videos.is_empty() && channels.is_empty() && world.playlists(hosts[1].name()).is_empty());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flags_of_activitypub_actors_are_honoured_from_version_8_on() {
    let setups = [of_version(1, 40, 8), of_version(2, 40, 8), of_version(3, 40, 7)];
    let fediverse = Fediverse::builder().hosts(setups).start().await.unwrap();
    let world = World::of(&fediverse);
    let hosts: Vec<&HostHandle> = fediverse.hosts().collect();
    let now = jiff::Timestamp::now();
    let names: Vec<String> = hosts.iter().map(|host| largest(host).0).collect();
    let is_major = |host: &HostHandle, major: u8| host.instance().unwrap().spec.version.major == major;
    let (mut n_by_channel, mut n_unaware) = (0, 0);
    for (nth, (host, name)) in hosts.iter().zip(&names).enumerate() {
        if nth % 2 == 0 {
            host.edit_channel(name, now, |it| it.indexable = Some(false)).unwrap();
        } else {
            let spec = host.instance().unwrap().spec;
            let account = spec.channels.iter().find(|it| it.name == *name).unwrap().account;
            let owner = &spec.accounts[account as usize].name;
            host.edit_account(owner, now, |it| it.discoverable = Some(false)).unwrap();
        }
    }
    world.crawl().await;
    for (host, name) in hosts.iter().zip(&names) {
        let is_there = world.channels(host.name()).contains_key(name);
        let actors = host.exchanges().iter().filter(|it| it.path().starts_with("/video-channels/")).count();
        if is_major(host, 8) {
            n_by_channel += 1;
            assert!(!is_there, "{} of {}", name, host.name());
            let videos = uuids(&world.videos(host.name()));
            assert!(videos.is_disjoint(&held(host)[name]));
            assert!(actors > 0);
        } else {
            n_unaware += 1;
            assert!(is_there, "a version that knows no such flag sends none");
            assert_eq!(actors, 0);
        }
        // Each account once, however many channels it has.
        let accounts: Vec<String> = host
            .exchanges()
            .iter()
            .filter(|it| it.path().starts_with("/accounts/") && !it.path().ends_with("/outbox"))
            .map(|it| it.path().to_owned())
            .collect();
        assert_eq!(accounts.iter().collect::<BTreeSet<_>>().len(), accounts.len(), "{accounts:?}");
    }
    assert_eq!((n_by_channel, n_unaware), (2, 1));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_route_of_channels_does_not_keep_videos_out() {
    let setup = generated(1, 60).behave(Behaviour::Status(500).on(Routes::Channels));
    let fediverse = Fediverse::builder().host(setup).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "6h").await;
    let host = fediverse.hosts().next().unwrap();
    assert_eq!(uuids(&world.videos(host.name())), listed(&fediverse, host.name()));
    assert!(world.channels(host.name()).is_empty());
    let n_asked = |host: &HostHandle| {
        host.exchanges().iter().filter(|it| it.path().starts_with("/api/v1/video-channels/")).count()
    };
    assert!(n_asked(host) <= 10, "{} requests to a broken route", n_asked(host));
    // Once it works again, the channels follow within a day or so.
    host.heal();
    time.pass(&world, "48h").await;
    let found: BTreeSet<String> = world.channels(host.name()).into_keys().collect();
    assert_eq!(found, held(host).into_keys().collect());
    fediverse.shutdown().await;
}
