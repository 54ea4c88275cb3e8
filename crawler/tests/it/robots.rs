//! What a host forbids is not done.

use crawler::Health;
use journal::TombstoneReason;
use simulator::Fediverse;
use simulator::judge::{Rules, breaches};

use crate::world::{World, generated, report_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_61_a_host_that_forbids_its_api_is_asked_for_robots_txt_only() {
    let forbidding = generated(0, 20).robots("User-agent: *\nDisallow: /api/\n");
    let ours = generated(1, 20).robots("User-agent: *\nAllow: /\n\nUser-agent: Vigie\nDisallow: /\n");
    let others = generated(2, 20).robots("User-agent: otherbot\nDisallow: /\n");
    let fediverse = Fediverse::builder().host(forbidding).host(ours).host(others).start().await.unwrap();
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    let names: Vec<String> = fediverse.hosts().map(|host| host.name().to_owned()).collect();
    let mut n_opted_out = 0;
    for name in &names {
        let host = fediverse.host(name).unwrap();
        let report = report_of(&reports, name);
        if report.health == Health::OptedOut {
            n_opted_out += 1;
            assert_eq!(host.n_requests(), 1);
            assert!(host.exchanges()[0].is_robots());
            assert!(world.videos(name).is_empty());
        } else {
            assert_eq!(world.videos(name).len(), host.listed().len());
        }
    }
    assert_eq!(n_opted_out, 2);
    let found = breaches(&fediverse.exchanges(), &Rules::strict("vigie").every(std::time::Duration::from_millis(1)));
    assert!(found.is_empty(), "{found:?}");
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_67_a_later_prohibition_stops_the_crawl_and_withdraws_the_videos() {
    let fediverse = Fediverse::builder().host(generated(0, 20)).start().await.unwrap();
    let world = World::of(&fediverse);
    world.crawl().await;
    let host = fediverse.hosts().next().unwrap();
    let uuid = host.listed()[0].uuid;
    host.set_robots("User-agent: *\nDisallow: /\n");
    // A day later the rules are read again.
    world.set_state("$.robots.next_at", "2020-01-01T00:00:00Z");
    let n_before = host.n_requests();
    let reports = world.crawl().await;
    assert_eq!(report_of(&reports, host.name()).health, Health::OptedOut);
    assert!(host.exchanges()[n_before..].iter().all(simulator::Exchange::is_robots));
    // Withdrawn after a day, in case it was a mistake: not yet.
    assert_eq!(world.gone(host.name(), uuid), None);
    world.set_state("$.robots.blocked_since", "2020-01-01T00:00:00Z");
    world.crawl().await;
    assert_eq!(world.gone(host.name(), uuid), Some(TombstoneReason::OptOut));
    assert!(world.videos(host.name()).is_empty());
    fediverse.shutdown().await;
}
