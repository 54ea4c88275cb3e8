//! The judge finds every kind of breach, and none in a polite log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use simulator::judge::{PictureRules, Rules, Wrong, breaches, picture_breaches};
use simulator::{End, Exchange};

const AGENT: &str = "Vigie/0.1 (+https://index.example/bot)";

/// One line of a log: arrival and length in milliseconds, target, status, and a header or body that matters.
struct Row(u64, u64, &'static str, u16, Option<&'static str>);

/// A fixed instant for the whole test, so that rows of one log can be compared.
fn log(rows: &[Row]) -> Vec<Exchange> {
    let base = Instant::now();
    let exchange = |row: &Row| {
        let Row(at, length, target, status, extra) = row;
        let is_robots = target.starts_with("/robots");
        Exchange {
            host: Arc::from("tube.example"),
            arrived: base + Duration::from_millis(*at),
            arrived_at_ms: 1_767_268_800_000 + i64::try_from(*at).unwrap_or_default(),
            method: "GET".to_owned(),
            target: (*target).to_owned(),
            user_agent: Some(AGENT.to_owned()),
            host_header: Some("tube.example".to_owned()),
            accept: None,
            if_none_match: None,
            if_modified_since: None,
            in_flight: 0,
            connection: 1,
            status: (*status != 0).then_some(*status),
            retry_after: extra.filter(|_| matches!(status, 429 | 503)).map(str::to_owned),
            location: extra.filter(|_| (300..400).contains(status)).map(str::to_owned),
            robots: extra.filter(|_| is_robots && *status == 200).map(|text| text.as_bytes().to_vec().into()),
            ended: Some(base + Duration::from_millis(at + length)),
            end: End::Complete,
        }
    };
    rows.iter().map(exchange).collect()
}

fn judged(rows: &[Row]) -> Vec<Wrong> {
    breaches(&log(rows), &Rules::strict("vigie")).into_iter().map(|breach| breach.wrong).collect()
}

const ALLOW: Option<&str> = Some("User-agent: *\nDisallow:\n");

#[test]
fn a_polite_log_has_no_breach() {
    let rows = [
        Row(0, 20, "/robots.txt", 200, ALLOW),
        Row(1_000, 300, "/api/v1/videos?start=0", 200, None),
        Row(2_000, 300, "/api/v1/videos?start=100", 429, Some("5")),
        Row(7_300, 300, "/api/v1/videos?start=100", 200, None),
        Row(8_300, 100, "/lazy-static/thumbnails/a.jpg", 200, None),
        Row(8_320, 100, "/api/v1/config", 200, None),
    ];
    assert_eq!(judged(&rows), []);
}

#[test]
fn parallel_and_hasty_requests_are_found() {
    let rows = [
        Row(0, 20, "/robots.txt", 200, ALLOW),
        Row(1_000, 1_500, "/api/v1/videos", 200, None),
        Row(2_000, 10, "/api/v1/config", 200, None),
        Row(2_600, 10, "/api/v1/config", 200, None),
    ];
    let second = Duration::from_secs(1);
    assert_eq!(
        judged(&rows),
        [Wrong::Parallel { in_flight: 2 }, Wrong::TooSoon { gap: Duration::from_millis(600), minimum: second }]
    );
    let fast = Rules::strict("vigie").every(Duration::from_millis(500));
    assert_eq!(breaches(&log(&rows), &fast).len(), 1, "a host that agreed to it may be asked twice a second");
    let tolerated = [Row(0, 1, "/robots.txt", 200, ALLOW), Row(960, 1, "/api/v1/videos", 200, None)];
    assert_eq!(judged(&tolerated), []);
}

#[test]
fn requests_during_a_retry_after_are_found_in_both_forms() {
    let rows = |retry_after, again| {
        [
            Row(0, 0, "/robots.txt", 200, ALLOW),
            Row(1_000, 0, "/api/v1/videos", 429, Some(retry_after)),
            Row(again, 0, "/api/v1/videos", 200, None),
        ]
    };
    // The log begins on 2026-01-01T12:00:00Z.
    for (retry_after, again, early) in [
        ("120", 100_000, true),
        ("120", 121_000, false),
        ("Thu, 01 Jan 2026 12:02:01 GMT", 100_000, true),
        ("Thu, 01 Jan 2026 12:02:01 GMT", 121_000, false),
        ("Thu, 01 Jan 2015 12:00:00 GMT", 3_000, false),
        ("abc", 3_000, false),
        ("-5", 3_000, false),
        ("99999999", 80_000_000, true),
        ("99999999", 86_500_000, false),
    ] {
        let found = judged(&rows(retry_after, again));
        assert_eq!(
            found.iter().any(|wrong| matches!(wrong, Wrong::DuringRetryAfter { .. })),
            early,
            "{retry_after} {again}"
        );
    }
}

#[test]
fn robots_txt_comes_first_and_is_obeyed() {
    let disallow = Some("User-agent: *\nDisallow: /api/\nCrawl-delay: 5\n");
    let gap = Duration::from_secs(2);
    assert_eq!(judged(&[Row(0, 0, "/api/v1/config", 200, None)]), [Wrong::BeforeRobots]);
    assert_eq!(
        judged(&[Row(0, 0, "/robots.txt", 200, disallow), Row(2_000, 0, "/api/v1/videos", 200, None)]),
        [Wrong::CrawlDelayIgnored { gap, delay: Duration::from_secs(5) }, Wrong::Disallowed]
    );
    assert_eq!(judged(&[Row(0, 0, "/robots.txt", 200, disallow), Row(5_000, 0, "/nodeinfo/2.0.json", 200, None)]), []);
    for (status, wrong) in
        [(404, vec![]), (403, vec![]), (500, vec![Wrong::RobotsUnavailable]), (0, vec![Wrong::RobotsUnavailable])]
    {
        let rows = [Row(0, 0, "/robots.txt", status, None), Row(2_000, 0, "/api/v1/videos", 200, None)];
        assert_eq!(judged(&rows), wrong, "{status}");
    }
    let moved = Some("https://tube.example/robots-1.txt");
    let rows = [
        Row(0, 0, "/robots.txt", 301, moved),
        Row(1_000, 0, "/robots-1.txt", 200, disallow),
        Row(6_000, 0, "/api/v1/videos", 200, None),
    ];
    assert_eq!(judged(&rows), [Wrong::Disallowed]);
}

#[test]
fn clients_must_say_who_they_are() {
    let mut exchanges = log(&[Row(0, 0, "/robots.txt", 200, ALLOW)]);
    for (agent, honest) in [
        (None, false),
        (Some(""), false),
        (Some("curl/8"), false),
        (Some("Mozilla/5.0 (X11) Vigie/1 (+https://a.example)"), false),
        (Some("vigie/1"), false),
        (Some("Vigilant/1 (+https://a.example)"), false),
        (Some("vigie/1.0 (+https://a.example/bot)"), true),
    ] {
        for exchange in &mut exchanges {
            exchange.user_agent = agent.map(str::to_owned);
        }
        assert_eq!(breaches(&exchanges, &Rules::strict("vigie")).is_empty(), honest, "{agent:?}");
    }
}

#[test]
fn the_number_of_requests_has_bounds() {
    let rows = [
        Row(0, 0, "/robots.txt", 200, ALLOW),
        Row(1_000, 0, "/api/v1/videos", 200, None),
        Row(2_000, 0, "/api/v1/videos", 200, None),
    ];
    let wrongs =
        |rules: Rules| breaches(&log(&rows), &rules).into_iter().map(|breach| breach.wrong).collect::<Vec<_>>();
    assert_eq!(wrongs(Rules { max_requests: Some(2), ..Rules::strict("vigie") }), [Wrong::TooMany { bound: 2 }]);
    assert_eq!(wrongs(Rules { min_requests: 4, ..Rules::strict("vigie") }), [Wrong::TooFew { n: 3 }]);
    assert_eq!(wrongs(Rules { max_requests: Some(3), min_requests: 3, ..Rules::strict("vigie") }), []);
}

#[test]
fn hosts_are_judged_apart() {
    let mut exchanges = log(&[Row(0, 0, "/robots.txt", 200, ALLOW), Row(10, 0, "/robots.txt", 200, ALLOW)]);
    exchanges[1].host = Arc::from("other.example");
    assert_eq!(breaches(&exchanges, &Rules::strict("vigie")), []);
}

#[test]
fn pictures_have_rules_of_their_own() {
    let rules =
        PictureRules { max_in_flight: 2, max_requests: 3, per: Duration::from_secs(1), token: "vigie".to_owned() };
    let rows: Vec<Row> = [0, 10, 20].map(|at| Row(at, 50, "/lazy-static/thumbnails/a.jpg", 200, None)).into();
    let wrongs =
        |rows: &[Row]| picture_breaches(&log(rows), &rules).into_iter().map(|breach| breach.wrong).collect::<Vec<_>>();
    assert_eq!(wrongs(&rows), [Wrong::Parallel { in_flight: 3 }]);
    let rows: Vec<Row> =
        [0, 300, 600, 900, 1_700].map(|at| Row(at, 5, "/lazy-static/thumbnails/a.jpg", 200, None)).into();
    assert_eq!(wrongs(&rows), [Wrong::TooMany { bound: 3 }]);
}
