//! A crawler that stops in the middle goes on where it was, and never bursts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crawler::Mode;
use simulator::Fediverse;
use simulator::judge::{Rules, breaches};
use tokio_util::sync::CancellationToken;

use crate::world::{World, generated, listed, uuids};

/// Runs until `n` requests were made, then stops as a signal would.
async fn run_for(world: &World, n: usize) {
    let crawler = world.open();
    let stop = CancellationToken::new();
    let n_done = AtomicUsize::new(0);
    let run = crawler.run(stop.clone(), Mode::Once, |_| {
        if n_done.fetch_add(1, Ordering::Relaxed) + 1 >= n {
            stop.cancel();
        }
    });
    tokio::time::timeout(Duration::from_secs(30), run).await.expect("it stops").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_crawl_goes_on_from_its_cursor() {
    let fediverse = Fediverse::builder().host(generated(0, 450)).start().await.unwrap();
    let world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    // robots.txt, two of NodeInfo, the first page, its channels, the page again, and a bit of what follows.
    run_for(&world, 4).await;
    assert!(world.videos(host.name()).is_empty(), "nothing of an unchecked channel");
    while world.videos(host.name()).is_empty() {
        run_for(&world, 1).await;
    }
    let n_partial = world.videos(host.name()).len();
    assert!(n_partial > 0 && n_partial < listed(&fediverse, host.name()).len(), "{n_partial}");
    world.crawl().await;
    assert_eq!(uuids(&world.videos(host.name())), listed(&fediverse, host.name()));
    let starts: Vec<String> = host
        .exchanges()
        .iter()
        .filter(|exchange| exchange.path() == "/api/v1/videos" && exchange.target.contains("sort=createdAt"))
        .map(|exchange| exchange.target.rsplit('=').next().unwrap().to_owned())
        .collect();
    // A page is asked for once, and again after the channels that it named first; one more whose request was dropped by
    // a stop.
    for start in ["0", "95", "190"] {
        let n = starts.iter().filter(|other| *other == start).count();
        assert!((1..=3).contains(&n), "{starts:?}");
    }
    assert!(starts.is_sorted_by_key(|start| start.parse::<u32>().unwrap()), "{starts:?}");
    for name in world.channels(host.name()).keys() {
        let path = format!("/api/v1/video-channels/{name}");
        let n = host.exchanges().iter().filter(|exchange| exchange.path() == path).count();
        assert!((1..=2).contains(&n), "{name} was asked for {n} times");
    }
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_78_restarts_do_not_make_a_host_see_more_requests() {
    let fediverse = Fediverse::builder().host(generated(1, 150)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let pause = Duration::from_millis(200);
    world.config.network.own_pace.floor = pause;
    let started = std::time::Instant::now();
    for _ in 0..10 {
        run_for(&world, 1).await;
    }
    let n_most = started.elapsed().as_millis() / pause.as_millis() + 1;
    assert!(fediverse.exchanges().len() as u128 <= n_most);
    let found = breaches(&fediverse.exchanges(), &Rules::strict("vigie").every(pause));
    assert!(found.is_empty(), "{found:?}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_file_of_the_first_version_goes_on_with_what_it_knows() {
    let fediverse = Fediverse::builder().host(generated(1, 60)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let host = fediverse.hosts().next().unwrap();
    world.crawl().await;
    let before = world.videos(host.name());
    // The file as the first version left it: no channels, no playlists, fewer columns.
    let state = rusqlite::Connection::open(world.dir.path().join("crawler.db")).unwrap();
    state
        .execute_batch(
            "CREATE TABLE old AS SELECT host_id, uuid, account, published_ms, sweep, 0 AS want, 0 AS confirm FROM video;
             DROP TABLE video; DROP TABLE channel; DROP TABLE account; DROP TABLE playlist; DROP TABLE event; DROP TABLE event_group;
             CREATE TABLE video (host_id INTEGER NOT NULL, uuid BLOB NOT NULL, account TEXT NOT NULL,
                 published_ms INTEGER NOT NULL, sweep INTEGER NOT NULL, want INTEGER NOT NULL,
                 confirm INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (host_id, uuid)) WITHOUT ROWID;
             CREATE INDEX video_want ON video (host_id, want, account) WHERE want > 0;
             CREATE INDEX video_confirm ON video (host_id) WHERE confirm = 1;
             INSERT INTO video SELECT * FROM old; DROP TABLE old; PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(state);
    // Read as it is while nobody has brought it forward.
    let reports = crawler::read_reports(&world.dir.path().join("crawler.db"), jiff::Timestamp::now()).unwrap();
    assert_eq!(reports[0].n_records, before.len() as u64);
    let withheld = before.values().next().unwrap().channel.name.clone();
    let now = jiff::Timestamp::now();
    host.edit_channel(&withheld, now, |it| it.description = Some("#nosearch".to_owned())).unwrap();
    world.sweep().await;
    let kept = before.values().filter(|video| video.channel.name != withheld).map(|video| video.uuid).collect();
    assert_eq!(uuids(&world.videos(host.name())), kept);
    assert!(!world.channels(host.name()).contains_key(&withheld) && !world.channels(host.name()).is_empty());
    fediverse.shutdown().await;
}
