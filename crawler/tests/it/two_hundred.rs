//! Two hundred hosts of which thirty in a hundred misbehave: the others are crawled whole, in time, and politely.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crawler::Mode;
use simulator::judge::{Rules, breaches};
use simulator::{Behaviour, Encoding, Fediverse, HostSetup, ItemQuirk, JsonBomb, Redirect, RetryAfter, RobotsTxt};
use tokio_util::sync::CancellationToken;

use crate::world::{HEAVY, World, generated, listed, uuids};

const N_HOSTS: usize = 200;
const N_ODD: usize = 60;
const N_VIDEOS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);

fn odd(nth: usize) -> Behaviour {
    let drip = Duration::from_millis(200);
    match nth % 12 {
        0 => Behaviour::NeverAnswer,
        1 => Behaviour::DripHeaders(drip),
        2 => Behaviour::DripBody(drip),
        3 => Behaviour::Status(500),
        4 => Behaviour::TooManyRequests(RetryAfter::Seconds(2)),
        5 => Behaviour::Encoded(Encoding::GzipBomb(32 << 20)),
        6 => Behaviour::ResetMidBody,
        7 => Behaviour::Redirect(Redirect::Loop),
        8 => Behaviour::Json(JsonBomb::Garbage),
        9 => Behaviour::Items(ItemQuirk::SpoofedHost("other.example".to_owned())),
        10 => Behaviour::Robots(RobotsTxt::disallow_api()),
        _ => Behaviour::LyingTotal(1_000_000_000),
    }
}

/// Crawls until every host of `names` is whole; returns how long that took.
async fn time_to_whole(world: &World, fediverse: &Fediverse, names: &BTreeSet<String>) -> Duration {
    let crawler = world.open();
    let stop = CancellationToken::new();
    let left = Mutex::new(names.clone());
    let started = Instant::now();
    let run = crawler.run(stop.clone(), Mode::Continuous, |progress| {
        let mut left = left.lock().unwrap();
        let name = progress.host.as_str();
        if left.contains(name) && uuids(&world.videos(name)) == listed(fediverse, name) {
            left.remove(name);
        }
        if left.is_empty() {
            stop.cancel();
        }
    });
    tokio::time::timeout(Duration::from_secs(180), run).await.expect("the healthy hosts become whole").unwrap();
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn healthy_hosts_are_whole_in_time_and_nobody_is_asked_impolitely() {
    let _alone = HEAVY.lock().await;
    let setup = |nth: usize| -> HostSetup {
        let setup = generated(nth, N_VIDEOS);
        if nth < N_ODD { setup.behave(odd(nth)) } else { setup }
    };
    let setups: Vec<HostSetup> = (0..N_HOSTS).map(setup).collect();
    let healthy: BTreeSet<String> = setups[N_ODD..].iter().map(|setup| setup.name().to_owned()).collect();

    // The same healthy hosts alone, for comparison.
    let alone = Fediverse::builder().hosts((N_ODD..N_HOSTS).map(setup)).start().await.unwrap();
    let mut world = World::of(&alone);
    world.config.network.own_pace.floor = PAUSE;
    let baseline = time_to_whole(&world, &alone, &healthy).await;
    alone.shutdown().await;

    let fediverse = Fediverse::builder().hosts(setups).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.config.network.own_pace.floor = PAUSE;
    let taken = time_to_whole(&world, &fediverse, &healthy).await;
    eprintln!("alone {baseline:?}, among misbehaving hosts {taken:?}");
    // Hosts are unknown at first, so that the silent ones take their part of the room once, for 2 s each.
    assert!(taken < baseline * 2 + Duration::from_secs(10), "alone {baseline:?}, among misbehaving hosts {taken:?}");

    let (healthy, odd): (Vec<_>, Vec<_>) =
        fediverse.exchanges().into_iter().partition(|exchange| healthy.contains(&*exchange.host));
    let rules = Rules::strict("vigie").every(PAUSE);
    let found = breaches(&healthy, &rules);
    assert!(found.is_empty(), "{found:#?}");
    // A host that never ends its answers learns late that we left, and counts that request as under way.
    let found = breaches(&odd, &Rules { max_in_flight: 2, ..rules });
    assert!(found.is_empty(), "{found:#?}");
    fediverse.shutdown().await;
}
