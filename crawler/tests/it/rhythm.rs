//! How often a host is asked, and how soon what happens there is known: days of virtual time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use journal::TombstoneReason;
use simulator::{Exchange, Fediverse, HostSetup, Privacy};
use uuid::Uuid;

use crate::world::{World, generated, listed, uuids};

/// A host of the catalogue on which nothing streams.
fn quiet(nth: usize, n: u32) -> HostSetup {
    let catalogue = simulator::Catalogue::new(7, Timestamp::now(), 200);
    let mut instance = catalogue.instance(nth, n).unwrap();
    instance.videos.retain(|video| !video.is_live);
    HostSetup::generated(instance).rate_limit(None)
}

fn is_poll(exchange: &Exchange) -> bool {
    exchange.target.contains("sort=-publishedAt")
}

/// Requests by what they ask for.
fn by_route(exchanges: &[Exchange]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for exchange in exchanges {
        let route = match exchange.path() {
            "/api/v1/videos" if is_poll(exchange) => "poll",
            "/api/v1/videos" if exchange.target.contains("isLive") => "lives",
            "/api/v1/videos" => "sweep",
            path if path.starts_with("/api/v1/videos/") => "detail",
            path if path.starts_with("/api/v1/video-channels/") => "channel",
            path if path.starts_with("/api/v1/video-playlists") => "playlist",
            path if path.ends_with("/outbox") => "outbox",
            _ => "other",
        };
        *counts.entry(route).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_host_is_polled_seldom_with_one_request_and_a_busy_one_often() {
    let fediverse = Fediverse::builder().host(quiet(1, 60)).host(quiet(2, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "24h").await;
    let (quiet, busy) = {
        let mut hosts = fediverse.hosts();
        (hosts.next().unwrap(), hosts.next().unwrap())
    };
    let (n_quiet, n_busy) = (quiet.n_requests(), busy.n_requests());
    for _ in 0..24 * 6 {
        busy.add_video(time.now()).unwrap();
        time.pass(&world, "10m").await;
    }
    let day = quiet.exchanges().split_off(n_quiet);
    let counts = by_route(&day);
    // Every 25 minutes.
    assert!((55..=59).contains(&counts["poll"]), "{counts:?}");
    assert!(day.iter().filter(|it| is_poll(it)).all(|it| it.status == Some(304)), "each one request, for nothing");
    // Two scans at most, a pass through the playlists each, robots.txt, NodeInfo; nothing else.
    assert!(day.len() - counts["poll"] <= 20, "{counts:?}");

    let counts = by_route(&busy.exchanges().split_off(n_busy));
    // Every 5 to 15 minutes, twice where a channel showed for the first time.
    assert!((130..=330).contains(&counts["poll"]), "{counts:?}");
    let found = world.videos(busy.name());
    assert_eq!(uuids(&found), listed(&fediverse, busy.name()));
    eprintln!("a day: quiet {} requests, busy {counts:?}", day.len());
    fediverse.shutdown().await;
}

/// Time until `is_known`, in steps such as `1m`.
async fn time_until(
    time: &mut crate::world::Time,
    world: &World,
    step: &str,
    is_known: impl Fn() -> bool,
) -> SignedDuration {
    let start = time.now();
    while !is_known() {
        time.pass(world, step).await;
        assert!(time.now().duration_since(start) < SignedDuration::from_hours(24 * 30), "never");
    }
    time.now().duration_since(start)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_on_a_host_is_known_within_the_stated_times() {
    let fediverse = Fediverse::builder().host(quiet(1, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    let host = fediverse.hosts().next().unwrap();
    let name = host.name().to_owned();
    // Three videos become private before the first visit, one of them with the oldest creation.
    let oldest: Vec<Uuid> = {
        let mut videos = host.listed();
        videos.sort_by_key(|video| video.created_at);
        videos.iter().map(|video| video.uuid).collect()
    };
    host.set_privacy(oldest[0], Privacy::Private, time.now()).unwrap();
    time.pass(&world, "25h").await;
    assert!(!world.videos(&name).contains_key(&oldest[0]));

    // A new video, and one published late with an old `createdAt`.
    let added = host.add_video(time.now()).unwrap();
    host.set_privacy(oldest[0], Privacy::Public, time.now()).unwrap();
    let is_there = || world.videos(&name).contains_key(&added.uuid) && world.videos(&name).contains_key(&oldest[0]);
    let taken = time_until(&mut time, &world, "1m", is_there).await;
    assert!(taken <= SignedDuration::from_mins(27), "{taken:#}");

    // An edit of the title, a flip of privacy, NSFW that is set.
    host.edit(oldest[5], time.now(), |video| video.name = "Renamed".to_owned()).unwrap();
    host.set_privacy(oldest[6], Privacy::Unlisted, time.now()).unwrap();
    host.edit(oldest[7], time.now(), |video| video.nsfw = true).unwrap();
    let is_seen = || {
        let videos = world.videos(&name);
        // case 88
        videos[&oldest[5]].name == "Renamed" && !videos.contains_key(&oldest[6]) && videos[&oldest[7]].nsfw
    };
    let taken = time_until(&mut time, &world, "30m", is_seen).await;
    assert!(taken <= SignedDuration::from_hours(22), "{taken:#}");
    assert_eq!(world.gone(&name, oldest[6]), Some(TombstoneReason::Hidden));

    // A deletion: the total of the next poll is lower, and a scan comes early.
    time.pass(&world, "2h").await;
    host.delete(oldest[8]).unwrap();
    let taken = time_until(&mut time, &world, "10m", || !world.videos(&name).contains_key(&oldest[8])).await;
    assert!(taken <= SignedDuration::from_hours(3), "{taken:#}");
    assert_eq!(world.gone(&name, oldest[8]), Some(TombstoneReason::Deleted));

    // Tags alone: no list shows them, so the video has its turn; a host this small has popular videos only.
    host.edit(oldest[9], time.now(), |video| video.tags = vec!["fresh".to_owned()]).unwrap();
    let is_tagged = || world.videos(&name)[&oldest[9]].detail.as_ref().is_some_and(|it| it.tags == ["fresh"]);
    let taken = time_until(&mut time, &world, "6h", is_tagged).await;
    assert!(taken <= SignedDuration::from_hours(8 * 24), "{taken:#}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lives_come_and_go_within_minutes() {
    let fediverse = Fediverse::builder().host(quiet(1, 40)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut time = world.virtual_time();
    time.pass(&world, "24h").await;
    let host = fediverse.hosts().next().unwrap();
    let name = host.name().to_owned();
    let uuid = host.listed()[3].uuid;
    for round in 0..2 {
        host.start_live(uuid, time.now()).unwrap();
        let is_live = || world.videos(&name).get(&uuid).is_some_and(|video| video.is_live);
        let taken = time_until(&mut time, &world, "1m", is_live).await;
        assert!(taken <= SignedDuration::from_mins(27), "round {round}: {taken:#}");
        let n_before = host.n_requests();
        time.pass(&world, "1h").await;
        let counts = by_route(&host.exchanges().split_off(n_before));
        // Every 5 minutes: what is new, and what streams.
        assert!((11..=13).contains(&counts["poll"]) && (11..=13).contains(&counts["lives"]), "{counts:?}");
        assert!(is_live());
        host.edit(uuid, time.now(), |video| video.permanent_live = round == 0).unwrap();
        host.end_live(uuid, time.now()).unwrap();
        let taken = time_until(&mut time, &world, "1m", || !world.videos(&name).contains_key(&uuid)).await;
        assert!(taken <= SignedDuration::from_mins(6), "round {round}: {taken:#}");
        assert_eq!(world.gone(&name, uuid), Some(TombstoneReason::Hidden));
        // Nothing streams: no request for lives any more.
        let n_before = host.n_requests();
        time.pass(&world, "1h").await;
        let counts = by_route(&host.exchanges().split_off(n_before));
        assert_eq!(counts.get("lives"), None, "{counts:?}");
    }
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn virtual_time_is_for_manual_clocks_and_hosts_of_our_own() {
    let fediverse = Fediverse::builder().host(generated(1, 10)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let run = async |world: &World| world.open().run_until(later, |_, _| {}, |_, _, _, _| {}).await;
    assert!(run(&world).await.unwrap_err().to_string().contains("manual clock"));
    world.config.clock = crawler::Clock::manual(Timestamp::now());
    world.config.network.own_hosts.clear();
    assert!(run(&world).await.unwrap_err().to_string().contains("hosts of our own"));
    assert_eq!(fediverse.exchanges().len(), 0);
    fediverse.shutdown().await;
}
