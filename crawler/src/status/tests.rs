//! Every status, its sentence and its hint.

use super::*;
use crate::failure::LastError;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const NOW: &str = "2026-11-22T12:00:00Z";

fn host() -> StoredHost {
    StoredHost {
        id: 1,
        host: "tube.example".parse().unwrap(),
        kind: SourceKind::PeerTube,
        is_listed: true,
        state: HostState::default(),
        next_at: time("2026-11-22T12:05:30Z"),
    }
}

/// A host seen whole three hours ago.
fn whole() -> StoredHost {
    let mut host = host();
    host.state.is_whole = true;
    host.state.counts.n_requests = 9;
    host.state.sweep.ended_at = Some(time("2026-11-22T08:59:00Z"));
    host.state.last_success_at = host.state.sweep.ended_at;
    host
}

fn failing(kind: FailureKind, path: &str) -> StoredHost {
    let mut host = whole();
    host.state.slot.n_failures = 1;
    host.state.note_error(LastError {
        at: time("2026-11-22T11:00:00Z"),
        text: "fetching https://tube.example/: status 503".to_owned(),
        kind,
        path: path.to_owned(),
        request: None,
        response: None,
    });
    host
}

fn told(change: impl FnOnce(&mut StoredHost), n_known: u64, host: StoredHost) -> (Status, String) {
    let mut host = host;
    change(&mut host);
    let tally = Tally { n_known, n_wanted: 3, ..Tally::default() };
    let status = Status::of(&host, tally, time(NOW));
    (status, sentence(status, &host, tally, time(NOW)))
}

#[test]
fn hosts_in_order_and_hosts_that_are_left_alone() {
    let same = |_: &mut StoredHost| {};
    let blocked = |by| {
        move |host: &mut StoredHost| {
            host.state.robots.blocked_since = Some(time("2026-11-22T10:00:00Z"));
            host.state.robots.blocked_by = Some(by);
        }
    };
    let spoofing = |host: &mut StoredHost| host.state.counts.n_spoofed = 7;
    let rows: Vec<(Status, (Status, String), &str)> = vec![
        (
            Status::NotListed,
            told(|host| host.is_listed = false, 3, whole()),
            "It is not on the list and is not visited.",
        ),
        (Status::Waiting, told(same, 0, host()), "It is on the list and waits for its first crawl."),
        (
            Status::Crawling,
            told(
                |host| {
                    host.state.counts.n_requests = 4;
                    host.state.sweep.is_running = true;
                },
                44,
                host(),
            ),
            "Its first scan is under way: 44 videos found so far; it goes on in 5 min.",
        ),
        (
            Status::Crawling,
            told(|host| host.state.is_whole = false, 44, whole()),
            "All 44 videos are found; tags and descriptions of 3 follow in 5 min.",
        ),
        (
            Status::Healthy,
            told(same, 44, whole()),
            "All 44 videos are known; the last full sweep was 3 h ago, and it is asked for changes in 5 min.",
        ),
        (
            Status::Ipv6Dead,
            told(|host| host.state.is_ipv6_broken = true, 2, whole()),
            "Its IPv6 address does not answer while IPv4 does; 2 videos are known over IPv4, and the last full sweep was 3 h ago.",
        ),
        (
            Status::NoVideos,
            told(same, 0, whole()),
            "It has no public video of its own; the last full sweep was 3 h ago.",
        ),
        (
            Status::NoVideos,
            told(|host| host.state.counts.n_remote = 12, 0, whole()),
            "It has no public video of its own; the 12 videos it lists belong to other instances; the last full sweep was 3 h ago.",
        ),
        (
            Status::NoVideos,
            told(spoofing, 0, whole()),
            "It has no public video of its own; 7 videos of its list claim to be local and name another instance; the last full sweep was 3 h ago.",
        ),
        (
            Status::Withheld,
            told(|host| host.state.counts.n_withheld = 2, 0, whole()),
            "Everything it lists is withheld because its channels ask not to be indexed (2 of them).",
        ),
        (
            Status::Held,
            told(|host| host.state.sweep.n_held = 1, 44, whole()),
            "More than half of its 44 videos are gone from its list at once; they are kept until more scans agree, the next in 5 min.",
        ),
        (
            Status::RobotsForbids,
            told(blocked(BlockedBy::RobotsTxt), 44, whole()),
            "It asks not to be indexed, its robots.txt forbids the video list; nothing more is read, and what is known is withdrawn within a day, and the rules are read again in 5 min.",
        ),
        (
            Status::Noindex,
            told(
                |host| {
                    blocked(BlockedBy::Header)(host);
                    host.state.robots.is_purged = true;
                },
                0,
                whole(),
            ),
            "It asks not to be indexed, its header X-Robots-Tag says noindex; its videos were withdrawn, and the rules are read again in 5 min.",
        ),
        (
            Status::WrongSoftware,
            told(
                |host| {
                    host.state.identity.mismatch = Some("it runs `mastodon`, not PeerTube".to_owned());
                    host.state.identity.software = Some("mastodon".to_owned());
                },
                0,
                whole(),
            ),
            "It runs mastodon, not peertube, and is not crawled; this is checked again in 5 min.",
        ),
        (
            Status::IdentityMismatch,
            told(
                |host| {
                    let mismatch = "identity mismatch: it says that it is `other.example`";
                    host.state.identity.mismatch = Some(mismatch.to_owned());
                },
                0,
                whole(),
            ),
            "It is not crawled for an identity mismatch: it says that it is `other.example`; this is checked again in 5 min.",
        ),
        (
            Status::NoEvents,
            told(|host| host.kind = SourceKind::Mobilizon, 0, whole()),
            "It has no public event of its own; the last full sweep was 3 h ago.",
        ),
        (
            Status::Healthy,
            told(|host| host.kind = SourceKind::Gancio, 7, whole()),
            "All 7 events are known; the last full sweep was 3 h ago, and it is asked for changes in 5 min.",
        ),
    ];
    for (status, found, expected) in rows {
        assert_eq!(found, (status, expected.to_owned()));
    }
}

#[test]
fn each_cause_of_a_failure_has_its_status_and_its_sentence() {
    let tls = |fault| FailureKind::Tls(fault);
    let on = Some(time("2026-10-01T00:00:00Z"));
    let moved = FailureKind::Redirect { to: Some("xn--bcher-kva.example".parse().unwrap()) };
    let rows = [
        (FailureKind::RateLimited, Status::RateLimited, "It asked for time by \"too many requests\""),
        (
            tls(TlsFault::Expired { on }),
            Status::TlsInvalid,
            "Its encryption is not trusted: its certificate expired on 2026-10-01",
        ),
        (
            tls(TlsFault::NotYetValid { from: on }),
            Status::TlsInvalid,
            "Its encryption is not trusted: its certificate is invalid until 2026-10-01",
        ),
        (
            tls(TlsFault::WrongName),
            Status::TlsInvalid,
            "Its encryption is not trusted: its certificate is for another name",
        ),
        (
            tls(TlsFault::UnknownIssuer),
            Status::TlsInvalid,
            "Its encryption is not trusted: its certificate is signed by itself or by nobody known, or its chain lacks a part",
        ),
        (
            tls(TlsFault::Protocol),
            Status::TlsInvalid,
            "Its encryption is not trusted: it speaks no version of TLS from 1.2 on",
        ),
        (FailureKind::Dns, Status::DnsFailure, "Its name cannot be looked up"),
        (FailureKind::PrivateAddress, Status::PrivateAddress, "Its name leads to an address that is not public"),
        (FailureKind::ConnectionRefused, Status::ConnectionRefused, "Its server refuses connections"),
        (FailureKind::Timeout, Status::TimedOut, "It does not answer in time"),
        (FailureKind::Connection, Status::ConnectionLost, "Its server breaks the connection off"),
        (FailureKind::Html, Status::HtmlAnswer, "It answers with an HTML page where data belongs"),
        (FailureKind::NotData, Status::BadAnswer, "Its answers cannot be read"),
        (FailureKind::Broken, Status::BadAnswer, "Its answers cannot be read"),
        (FailureKind::TooLarge, Status::BadAnswer, "Its answer is too large to be honest"),
        (FailureKind::ServerError(502), Status::ServerError, "It answers with an error of its own (status 502)"),
        (FailureKind::Refused(403), Status::AccessRefused, "It refuses what it is asked for (status 403)"),
        (moved, Status::Moved, "It moved to bücher.example, which is visited under its own name only"),
        (FailureKind::Redirect { to: None }, Status::BadRedirect, "It redirects to where no crawler may follow"),
        (FailureKind::Other, Status::Failing, "The last request failed (fetching https://tube.example/: status 503)"),
    ];
    for (kind, status, expected) in rows {
        let found = told(|_| {}, 44, failing(kind.clone(), "/api/v1/videos"));
        let expected = format!("{expected}; the 44 videos known of it stay; it is asked again in 5 min.");
        assert_eq!(found, (status, expected), "{kind:?}");
    }
}

#[test]
fn case_64_a_robots_txt_that_cannot_be_read_has_a_sentence_of_its_own() {
    let unreadable = |host: &mut StoredHost| host.state.robots.is_unreachable = true;
    let (status, said) = told(unreadable, 0, failing(FailureKind::ServerError(500), "/robots.txt"));
    assert_eq!(status, Status::RobotsUnreadable);
    assert_eq!(said, "Its robots.txt cannot be read (status 500), so nothing else is; it is asked again in 5 min.");
    let (status, _) = told(unreadable, 0, failing(FailureKind::ConnectionRefused, "/robots.txt"));
    assert_eq!(status, Status::ConnectionRefused, "a dead server says more than its missing file");
}

#[test]
fn a_host_that_fails_for_three_days_is_unreachable() {
    let since = |moment: &'static str| move |host: &mut StoredHost| host.state.trouble_since = Some(time(moment));
    for kind in [FailureKind::Dns, FailureKind::ConnectionRefused, FailureKind::Timeout, FailureKind::ServerError(500)]
    {
        let (status, said) = told(since("2026-11-18T11:00:00Z"), 44, failing(kind.clone(), "/robots.txt"));
        assert_eq!(status, Status::Unreachable, "{said}");
        assert!(said.starts_with(&format!("Unreachable for 4 days ({}); the 44 videos", kind.as_str())), "{said}");
        let (status, _) = told(since("2026-11-19T12:00:01Z"), 44, failing(kind, "/robots.txt"));
        assert_ne!(status, Status::Unreachable);
    }
    let html = failing(FailureKind::Html, "/api/v1/videos");
    assert_eq!(told(since("2026-01-01T00:00:00Z"), 44, html).0, Status::HtmlAnswer, "it can be reached");
}

#[test]
fn the_score_falls_with_failures_and_days() {
    let score = |kind, n_failures, since: &str| {
        let mut host = failing(kind, "/robots.txt");
        host.state.slot.n_failures = n_failures;
        host.state.trouble_since = Some(time(since));
        let status = Status::of(&host, Tally::default(), time(NOW));
        status.score(&host.state, time(NOW))
    };
    assert_eq!(score(FailureKind::Timeout, 1, "2026-11-22T11:00:00Z"), 90);
    assert_eq!(score(FailureKind::Timeout, 9, "2026-11-22T11:00:00Z"), 50);
    assert_eq!(score(FailureKind::Timeout, 9, "2026-11-20T11:00:00Z"), 30);
    assert_eq!(score(FailureKind::Timeout, 9, "2026-01-20T11:00:00Z"), 0);
    assert_eq!(Status::Healthy.score(&HostState::default(), time(NOW)), 100);
    assert_eq!(Status::RobotsForbids.score(&HostState::default(), time(NOW)), 0);
}

#[test]
fn trouble_ends_when_what_failed_succeeds() {
    let at = time(NOW);
    for (failed, good, is_over) in [
        ("/api/v1/videos", "/robots.txt", false),
        ("/api/v1/videos", "/nodeinfo/2.0.json", false),
        ("/api/v1/videos", "/api/v1/videos", true),
        ("/robots.txt", "/robots.txt", true),
        ("/robots.txt", "/api/v1/videos", true),
        ("/.well-known/nodeinfo", "/robots.txt", false),
        ("/api/v1/videos/1f2e", "/accounts/ada/outbox", true),
    ] {
        let mut state = failing(FailureKind::Html, failed).state;
        state.note_answer(good, at);
        assert_eq!(state.trouble_since.is_none(), is_over, "{failed} failed, {good} works");
        assert!(state.last_error.is_some() && state.last_success_at == Some(at));
    }
}

#[test]
fn times_are_said_as_people_do() {
    let now = time(NOW);
    for (moment, expected) in [
        ("2026-11-22T11:59:30Z", "just now"),
        ("2026-11-22T12:00:30Z", "just now"),
        ("2026-11-22T11:58:00Z", "2 min ago"),
        ("2026-11-22T09:00:00Z", "3 h ago"),
        ("2026-11-20T12:00:00Z", "2 days ago"),
    ] {
        assert_eq!(since(time(moment), now), expected);
    }
    for (moment, expected) in [
        ("2026-11-22T11:00:00Z", "now"),
        ("2026-11-22T12:00:30Z", "in 30 s"),
        ("2026-11-22T12:59:00Z", "in 59 min"),
        ("2026-11-23T12:00:00Z", "in 24 h"),
        ("2026-11-29T12:00:00Z", "in 7 days"),
    ] {
        assert_eq!(ahead(time(moment), now), expected);
    }
}

#[test]
fn codes_are_different_and_in_kebab_case() {
    let codes: std::collections::BTreeSet<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
    assert_eq!(codes.len(), Status::ALL.len());
    assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || b"-6".contains(&byte))));
    // What anybody can look up is what there is.
    let documented = include_str!("../../../docs/api.md");
    for code in codes {
        assert!(documented.contains(&format!("| `{code}` |")), "docs/api.md has no row for `{code}`");
    }
}
