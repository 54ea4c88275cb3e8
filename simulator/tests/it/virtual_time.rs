//! Hosts that live in a time of their own.

use std::time::{Duration, Instant};

use crate::client::{NOW, get};
use jiff::{SignedDuration, Timestamp};
use simulator::judge::{Rules, Wrong, breaches};
use simulator::{Behaviour, Catalogue, Fediverse, HostSetup, Listening, RateLimit, RetryAfter, Routes};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn limits_dates_and_the_log_follow_the_virtual_clock() {
    let catalogue = Catalogue::new(11, at(NOW), 1);
    let limit = RateLimit { requests: 2, per: Duration::from_secs(10) };
    let setup = HostSetup::generated(catalogue.instance(0, 5).unwrap()).rate_limit(limit);
    let fediverse = Fediverse::builder().host(setup).virtual_time(at(NOW)).start().await.unwrap();
    let host = fediverse.hosts().next().unwrap();
    let status = async || get(host.address(), "/api/v1/videos").await.status;
    assert_eq!((status().await, status().await, status().await), (200, 200, 429));
    let reply = get(host.address(), "/api/v1/videos").await;
    assert_eq!(reply.header("date").unwrap(), "Thu, 01 Jan 2026 12:00:00 GMT");
    assert_eq!(reply.header("retry-after").unwrap(), "10");
    assert_eq!(reply.header("x-ratelimit-reset").unwrap(), (at(NOW).as_second() + 10).to_string());
    assert!(fediverse.set_time(at("2026-01-01T12:00:11Z")));
    assert_eq!(status().await, 200);
    host.behave(Behaviour::TooManyRequests(RetryAfter::Date(Duration::from_secs(60))).on(Routes::Api));
    let asked = get(host.address(), "/api/v1/videos").await.header("retry-after").unwrap();
    assert_eq!(asked, "Thu, 01 Jan 2026 12:01:11 GMT");
    let log = host.exchanges();
    assert_eq!(log.len(), 6);
    assert_eq!(log[5].arrived - log[0].arrived, Duration::from_secs(11));
    assert_eq!(log[5].arrived_at_ms, at("2026-01-01T12:00:11Z").as_millisecond());
    // The judge looks at the same times.
    let found = breaches(&log, &Rules::strict("vigie"));
    assert!(found.iter().any(|breach| matches!(breach.wrong, Wrong::TooSoon { gap, .. } if gap == Duration::ZERO)));
    assert_eq!(host.take_exchanges().len(), 6);
    assert!(host.exchanges().is_empty());
    get(host.address(), "/api/v1/videos").await;
    assert_eq!((host.exchanges().len(), host.n_requests()), (1, 7));
}

#[tokio::test]
async fn three_hundred_hosts_change_for_a_week_and_stay_quick() {
    let start = at(NOW);
    let catalogue = Catalogue::new(2, start, 300);
    let setups = (0..300).map(|nth| HostSetup::generated(catalogue.instance(nth, 40).unwrap()).rate_limit(None));
    let builder = Fediverse::builder().hosts(setups).listening(Listening::Shared).virtual_time(start);
    let fediverse = builder.start().await.unwrap();
    let begun = Instant::now();
    let mut added = Vec::new();
    for half_hour in 1..=7 * 48 {
        let now = start + SignedDuration::from_mins(30 * half_hour);
        fediverse.set_time(now);
        for host in fediverse.hosts().skip(half_hour as usize % 7).step_by(7) {
            let video = host.add_video(now).unwrap();
            host.edit(video.uuid, now, |video| video.views += 1).unwrap();
            added.push((host.name().to_owned(), video));
        }
    }
    assert!(added.len() > 14_000);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let words: std::collections::BTreeSet<&str> =
        added.iter().map(|(_, video)| video.title_word.as_deref().unwrap()).collect();
    assert_eq!(words.len(), added.len(), "titles can be told apart");
    let (name, video) = added.last().unwrap();
    let host = fediverse.host(name).unwrap();
    // A shared port tells hosts apart by their names.
    let target = "/api/v1/videos?isLocal=true&nsfw=both&count=1";
    let long = Duration::from_secs(5);
    let page = crate::client::request(host.address(), target, &[("Host", name)], long, usize::MAX).await.json();
    assert_eq!(page["data"][0]["uuid"], video.uuid.to_string());
}
