//! Playlists with their public elements, and what becomes of them.

use std::collections::BTreeMap;

use journal::record::Element;
use journal::{RecordId, TombstoneReason};
use simulator::replay::{Recording, Set};
use simulator::{Behaviour, Fediverse, HostHandle, HostSetup, PlaylistPrivacy, Privacy, Routes, State};
use uuid::Uuid;

use crate::world::{World, generated};

/// The listed playlists of a generated host with the elements that may show; those without any are none.
fn expected(host: &HostHandle) -> BTreeMap<Uuid, Vec<Element>> {
    let videos: BTreeMap<Uuid, _> = host.all().into_iter().map(|video| (video.uuid, video)).collect();
    let mut playlists = BTreeMap::new();
    for playlist in host.listed_playlists() {
        let elements: Vec<Element> = playlist
            .elements
            .iter()
            .filter_map(|element| videos.get(&element.video))
            .filter(|video| video.privacy == Privacy::Public && !video.blocked && video.state == State::Published)
            .map(|video| Element {
                host: video.origin.as_ref().map_or(host.name(), |origin| &origin.host).parse().unwrap(),
                uuid: video.uuid,
            })
            .collect();
        if !elements.is_empty() {
            playlists.insert(playlist.uuid, elements);
        }
    }
    playlists
}

fn found(world: &World, host: &HostHandle) -> BTreeMap<Uuid, Vec<Element>> {
    world.playlists(host.name()).into_iter().map(|(uuid, playlist)| (uuid, playlist.elements)).collect()
}

fn gone(world: &World, host: &HostHandle, uuid: Uuid) -> Option<TombstoneReason> {
    world.gone_record(&RecordId::playlist(host.name().parse().unwrap(), uuid))
}

fn n_requests(host: &HostHandle) -> usize {
    host.exchanges().iter().filter(|exchange| exchange.path().starts_with("/api/v1/video-playlists")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_87_public_playlists_are_journalled_with_their_public_elements_only() {
    let fediverse = Fediverse::builder().host(generated(0, 300)).host(generated(1, 40)).start().await.unwrap();
    let world = World::of(&fediverse);
    world.crawl().await;
    for host in fediverse.hosts() {
        assert!(!expected(host).is_empty());
        assert!(host.playlists().len() > host.listed_playlists().len(), "some must not show");
        assert_eq!(found(&world, host), expected(host), "{}", host.name());
        let names: BTreeMap<Uuid, String> =
            host.listed_playlists().into_iter().map(|it| (it.uuid, it.display_name)).collect();
        assert!(world.playlists(host.name()).values().all(|it| it.display_name == names[&it.uuid]));
    }
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_playlists_show_after_the_next_pass() {
    let fediverse = Fediverse::builder().host(generated(0, 300)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let uuids: Vec<Uuid> = expected(host).into_keys().collect();
    let [renamed, longer, shorter, deleted, private, ..] = uuids[..] else { panic!("{} playlists", uuids.len()) };
    let now = jiff::Timestamp::now();
    let video = host.listed()[0].uuid;
    host.edit_playlist(renamed, now, |it| it.display_name = "Renamed on its instance".to_owned()).unwrap();
    host.add_to_playlist(longer, video, now).unwrap();
    let element = host.playlists().iter().find(|it| it.uuid == shorter).unwrap().elements[0].video;
    host.remove_from_playlist(shorter, element, now).unwrap();
    host.delete_playlist(deleted).unwrap();
    host.set_playlist_privacy(private, PlaylistPrivacy::Private, now).unwrap();
    let channel = host.channels()[0].name.clone();
    let added = host.add_playlist(&channel, "A new one", now).unwrap();
    host.add_to_playlist(added.uuid, video, now).unwrap();
    let n_before = n_requests(host);
    world.sweep().await;
    assert_eq!(found(&world, host), expected(host));
    assert_eq!(world.playlists(host.name())[&renamed].display_name, "Renamed on its instance");
    assert_eq!(gone(&world, host, deleted), Some(TombstoneReason::Deleted));
    assert_eq!(gone(&world, host, private), Some(TombstoneReason::Hidden));
    // The list, four with new elements, two that are missing; twice the list when it names a channel without videos.
    assert!(n_requests(host) - n_before <= 8, "{} requests", n_requests(host) - n_before);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_98_a_removed_video_leaves_its_playlists_within_a_week() {
    let fediverse = Fediverse::builder().host(generated(1, 40)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "2h").await;
    let host = fediverse.hosts().next().unwrap();
    let (playlist, elements) = expected(host).into_iter().max_by_key(|(_, elements)| elements.len()).unwrap();
    let own = |element: &&Element| element.host.as_str() == host.name();
    let video = elements.iter().find(own).unwrap().uuid;
    host.delete(video).unwrap();
    time.pass(&world, "190h").await;
    assert!(!world.videos(host.name()).contains_key(&video));
    assert!(found(&world, host)[&playlist].iter().all(|element| element.uuid != video));
    assert_eq!(found(&world, host), expected(host));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_90_a_large_loss_of_playlists_is_held_for_two_passes() {
    let fediverse = Fediverse::builder().host(generated(0, 300)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let before = found(&world, host);
    assert!(before.len() >= 4);
    for playlist in host.listed_playlists() {
        host.delete_playlist(playlist.uuid).unwrap();
    }
    for _ in 0..2 {
        world.sweep().await;
        assert_eq!(found(&world, host), before);
    }
    world.sweep().await;
    assert!(found(&world, host).is_empty());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_without_that_route_is_asked_once_a_week_and_a_broken_one_once_a_day() {
    let refusing = generated(1, 30).behave(Behaviour::Status(404).on(Routes::Playlists));
    let broken = generated(2, 30).behave(Behaviour::Status(500).on(Routes::Playlists));
    let fediverse = Fediverse::builder().host(refusing).host(broken).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "60h").await;
    for host in fediverse.hosts() {
        assert_eq!(world.videos(host.name()).len(), host.listed().len());
        assert!(world.videos(host.name()).values().all(|video| video.detail.is_some()), "details go on");
        assert!(world.playlists(host.name()).is_empty());
        let is_refusing = host
            .exchanges()
            .iter()
            .any(|it| it.path().starts_with("/api/v1/video-playlists") && it.status == Some(404));
        let most = if is_refusing { 1 } else { 6 };
        assert!((1..=most).contains(&n_requests(host)), "{} requests", n_requests(host));
    }
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_channels_and_playlists_replay_with_their_changes() {
    let recording = Recording::bundled(Set::BeforeChanges).unwrap();
    let setup = HostSetup::recorded("tilleuls.example", recording).rate_limit(None);
    let fediverse = Fediverse::builder().host(setup).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let name = "tilleuls.example";
    let (channels, playlists) = (world.channels(name), world.playlists(name));
    assert!(channels.contains_key("ephemere"), "{:?}", channels.keys());
    assert!(playlists.len() >= 3, "{}", playlists.len());
    assert!(playlists.values().all(|playlist| !playlist.elements.is_empty()));

    fediverse.host(name).unwrap().switch_set(Set::AfterChanges).unwrap();
    world.sweep().await;
    let (later_channels, later_playlists) = (world.channels(name), world.playlists(name));
    assert!(!later_channels.contains_key("ephemere"), "its channel was deleted with both videos");
    let renamed = |name: &String| channels[name].actor.display_name != later_channels[name].actor.display_name;
    assert_eq!(later_channels.keys().filter(|name| renamed(name)).collect::<Vec<_>>(), ["openlab"]);
    let is_renamed = |uuid: &&Uuid| playlists[*uuid].display_name != later_playlists[*uuid].display_name;
    let in_both = later_playlists.keys().filter(|uuid| playlists.contains_key(uuid));
    assert_eq!(in_both.filter(is_renamed).count(), 1);
    fediverse.shutdown().await;
}
