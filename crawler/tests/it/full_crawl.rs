//! A first crawl finds what a host publishes, whole, and nothing else.

use std::time::{Duration, Instant};

use crawler::Health;
use simulator::judge::{Rules, breaches};
use simulator::replay::{Recording, Set};
use simulator::{Fediverse, HostSetup};

use crate::world::{HEAVY, World, generated, listed, report_of, uuids};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crawl_finds_exactly_what_the_hosts_publish_with_tags_and_whole_descriptions() {
    let fediverse = Fediverse::builder().host(generated(0, 230)).host(generated(1, 40)).start().await.unwrap();
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    for host in fediverse.hosts() {
        let found = world.videos(host.name());
        assert_eq!(uuids(&found), listed(&fediverse, host.name()), "{}", host.name());
        for spec in host.listed() {
            let detail = found[&spec.uuid].detail.as_ref().expect("its detail");
            assert_eq!(detail.tags, spec.tags);
            if let Some(word) = &spec.late_word {
                assert!(detail.description.as_ref().unwrap().contains(word.as_str()));
            }
        }
        let report = report_of(&reports, host.name());
        assert_eq!(report.health, Health::UpToDate, "{}", report.sentence);
        assert_eq!(report.n_without_detail, 0);
        // Fifty videos a request: far fewer requests than videos.
        assert!(host.n_requests() < found.len(), "{} requests for {} videos", host.n_requests(), found.len());
    }
    let found = breaches(&fediverse.exchanges(), &Rules::strict("vigie").every(Duration::from_millis(1)));
    assert!(found.is_empty(), "{found:?}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_87_what_is_not_public_is_never_stored() {
    let fediverse = Fediverse::builder().host(generated(2, 60)).start().await.unwrap();
    let world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let hidden: Vec<_> = host.all().into_iter().filter(|video| !video.is_listed() || !video.is_local()).collect();
    assert!(!hidden.is_empty(), "the catalogue has videos that must not show");
    let found = world.videos(host.name());
    assert!(hidden.iter().all(|video| !found.contains_key(&video.uuid)));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_answers_of_peertube_are_crawled_and_changes_show() {
    let recording = Recording::bundled(Set::BeforeChanges).unwrap();
    let setup = HostSetup::recorded("tilleuls.example", recording).rate_limit(None);
    let fediverse = Fediverse::builder().host(setup).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    let before = world.videos("tilleuls.example");
    assert_eq!(before.len(), 48);

    fediverse.host("tilleuls.example").unwrap().switch_set(Set::AfterChanges).unwrap();
    let reports = world.sweep().await;
    let after = world.videos("tilleuls.example");
    assert_eq!(after.len(), 44, "{}", report_of(&reports, "tilleuls.example").sentence);
    let tagged = after.values().filter(|video| video.detail.as_ref().is_some_and(|detail| !detail.tags.is_empty()));
    assert!(tagged.count() > 10);
    let renamed = after.values().filter(|video| before.get(&video.uuid).is_some_and(|old| old.name != video.name));
    assert_eq!(renamed.count(), 1);
    let nsfw = |videos: &std::collections::BTreeMap<_, journal::record::Video>| {
        videos.values().filter(|video| video.nsfw).count()
    };
    assert!(nsfw(&after) >= 4);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_whole_within_a_minute_at_the_default_pace_of_own_hosts() {
    let _alone = HEAVY.lock().await;
    let fediverse = Fediverse::builder().hosts(HostSetup::demo(1, jiff::Timestamp::now())).start().await.unwrap();
    let mut world = World::of(&fediverse);
    let mut network = crawler::net::NetworkConfig::new("https://search.example/bot");
    for (name, address) in fediverse.resolve() {
        network.add_own_host(name.parse().unwrap(), address);
    }
    world.config.network = network;
    let started = Instant::now();
    let reports = world.crawl().await;
    eprintln!("{} requests in {:?}", fediverse.exchanges().len(), started.elapsed());
    for host in fediverse.hosts() {
        let n = world.videos(host.name()).len();
        assert_eq!(n, host.listed().len(), "{}", report_of(&reports, host.name()).sentence);
    }
    assert!(reports.iter().all(|report| report.n_without_detail == 0));
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_79_every_request_is_signed_and_a_second_apart() {
    // The pace of strangers, on a host of our own: four requests.
    let fediverse = Fediverse::builder().host(generated(3, 2)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.config.network.own_hosts.clear();
    let started = Instant::now();
    world.crawl().await;
    let exchanges = fediverse.exchanges();
    assert!(exchanges.len() >= 4);
    assert!(started.elapsed() >= Duration::from_secs(3));
    let found = breaches(&exchanges, &Rules::strict("vigie"));
    assert!(found.is_empty(), "{found:?}");
    let agent = exchanges[0].user_agent.as_deref().unwrap();
    assert!(agent.starts_with("Vigie/") && agent.ends_with("(+https://search.example/bot)"), "{agent}");
    assert!(exchanges[0].is_robots());
    fediverse.shutdown().await;
}
