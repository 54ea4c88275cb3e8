//! Fake instances that misbehave in every family, side by side with healthy ones: each gets a named error or is read
//! as far as it is honest, nothing of it harms the records, and the healthy ones are crawled whole.

use std::time::Duration;

use crawler::{Health, HostReport};
use simulator::judge::{Rules, breaches};
use simulator::{Behaviour, Encoding, Fediverse, ItemQuirk, JsonBomb, Redirect, RetryAfter, RobotsTxt, Routes, Rule};

use crate::world::{HEAVY, World, generated, listed, report_of, uuids};

/// What becomes of a host.
enum Expect {
    /// Everything honest is found all the same.
    Whole,
    /// Nothing is stored, and the error says this.
    Error(&'static str),
    /// Nothing is stored, for this reason and without an error of the transport.
    Nothing(Health),
    /// Some of what is honest, and nothing else.
    Partly,
}

fn rows() -> Vec<(&'static str, Rule, Expect)> {
    use Behaviour as B;
    use Encoding as E;
    let to = |location: &str| B::Redirect(Redirect::To(location.to_owned())).on(Routes::Listings);
    let robots = |robots: RobotsTxt| Rule::from(B::Robots(robots));
    let items = |quirk: ItemQuirk| Rule::from(B::Items(quirk));
    let bomb = 64 << 20;
    vec![
        ("case 12", to("http://127.0.0.1/"), Expect::Error("redirect 1 to `http://127.0.0.1/` refused")),
        ("case 15 loop", B::Redirect(Redirect::Loop).on(Routes::Listings), Expect::Error("more than 3 redirects")),
        ("case 15 chain of 3", B::Redirect(Redirect::Chain(3)).on(Routes::Listings), Expect::Whole),
        (
            "case 15 chain of 4",
            B::Redirect(Redirect::Chain(4)).on(Routes::Listings),
            Expect::Error("more than 3 redirects"),
        ),
        ("case 15 userinfo", to("https://user:pass@elsewhere.example/"), Expect::Error("user name")),
        ("case 15 other host", to("//elsewhere.example/"), Expect::Error("`elsewhere.example` is not the instance")),
        (
            "case 15 nowhere",
            B::Redirect(Redirect::NoLocation).on(Routes::Listings),
            Expect::Error("without a location"),
        ),
        (
            "case 15 huge",
            B::Redirect(Redirect::HugeLocation(50_000)).on(Routes::Listings),
            Expect::Error("longer than"),
        ),
        ("case 30", items(ItemQuirk::RemoteUrl("other.example".to_owned())), Expect::Nothing(Health::UpToDate)),
        ("case 31", items(ItemQuirk::SpoofedHost("other.example".to_owned())), Expect::Nothing(Health::UpToDate)),
        ("case 32", B::WrongIdentity("other.example".to_owned()).into(), Expect::Nothing(Health::Mismatch)),
        ("case 38", B::LoginPage.on(Routes::Listings), Expect::Error("HTML")),
        ("case 39", B::NeverAnswer.into(), Expect::Error("waiting for the answer")),
        ("case 39 close", B::CloseWithoutAnswer.into(), Expect::Error("fetching")),
        (
            "case 40 head",
            B::DripHeaders(Duration::from_millis(100)).on(Routes::Listings),
            Expect::Error("waiting for the answer"),
        ),
        ("case 40 body", B::DripBody(Duration::from_millis(100)).on(Routes::Listings), Expect::Error("slower than")),
        ("case 41 reset", B::ResetMidBody.on(Routes::Listings), Expect::Error("broken")),
        ("case 41 too long", B::LengthTooLarge(10).on(Routes::Listings), Expect::Error("broken")),
        ("case 41 endless", B::EndlessBody.on(Routes::Listings), Expect::Error("larger than")),
        ("case 42 headers", B::EndlessHeaders.on(Routes::Listings), Expect::Error("fetching")),
        ("case 42 interim", B::EndlessInterim.on(Routes::Listings), Expect::Error("waiting for the answer")),
        ("case 42 many", B::ManyHeaders(10_000).on(Routes::Listings), Expect::Error("fetching")),
        ("case 42 huge", B::HugeHeader(1 << 20).on(Routes::Listings), Expect::Error("fetching")),
        ("case 43 gzip", B::Encoded(E::GzipBomb(bomb)).into(), Expect::Error("grows more than 100 times")),
        ("case 43 deflate", B::Encoded(E::DeflateBomb(bomb)).into(), Expect::Error("was not offered")),
        ("case 43 brotli", B::Encoded(E::BrotliBomb(bomb)).into(), Expect::Error("was not offered")),
        ("case 43 zstd", B::Encoded(E::ZstdBomb(bomb)).into(), Expect::Error("was not offered")),
        ("case 43 nested", B::Encoded(E::NestedGzip).into(), Expect::Error("reading")),
        ("case 43 two", B::Encoded(E::TwoEncodings).into(), Expect::Error("was not offered")),
        ("case 43 unknown", B::Encoded(E::Unknown("zip".to_owned())).into(), Expect::Error("was not offered")),
        ("honest gzip", B::Encoded(E::Gzip).into(), Expect::Whole),
        ("case 44 cut", B::Encoded(E::TruncatedGzip).into(), Expect::Error("broken")),
        ("case 44 tail", B::Encoded(E::GzipWithTail).into(), Expect::Error("broken")),
        ("case 45 string", B::Json(JsonBomb::HugeString(5 << 20)).into(), Expect::Error("larger than")),
        ("case 45 objects", B::Json(JsonBomb::EmptyObjects(100_000)).into(), Expect::Partly),
        ("case 45 cut", B::Json(JsonBomb::Truncated).into(), Expect::Error("reading")),
        ("case 45 garbage", B::Json(JsonBomb::Garbage).into(), Expect::Error("reading")),
        ("case 45 numbers", items(ItemQuirk::AbsurdNumbers), Expect::Partly),
        ("case 46", B::Json(JsonBomb::Nested(100_000)).into(), Expect::Error("reading")),
        ("case 49", B::LyingTotal(1_000_000_000_000).into(), Expect::Partly),
        ("no total", B::NoTotal.into(), Expect::Whole),
        ("case 50 shifting", B::ShiftingPages.into(), Expect::Whole),
        ("case 51", B::EmptyPage(1).into(), Expect::Whole),
        ("case 60", B::Header("Set-Cookie".to_owned(), ";;;=".to_owned()).into(), Expect::Whole),
        ("case 64", robots(RobotsTxt::Status(500)), Expect::Error("status 500")),
        ("case 64 silent", robots(RobotsTxt::NeverAnswer), Expect::Error("waiting for the answer")),
        ("case 63", robots(RobotsTxt::Status(404)), Expect::Whole),
        ("case 65 five", robots(RobotsTxt::Redirects(5)), Expect::Whole),
        ("case 65 six", robots(RobotsTxt::Redirects(6)), Expect::Whole),
        (
            "case 65 host",
            robots(RobotsTxt::RedirectToHost("other.example".to_owned())),
            Expect::Error("is not the instance"),
        ),
        ("case 66 line", robots(RobotsTxt::LongLine(32 << 10)), Expect::Whole),
        ("case 66 rules", robots(RobotsTxt::ManyRules(50_000)), Expect::Whole),
        ("case 66 binary", robots(RobotsTxt::Binary), Expect::Whole),
        (
            "case 69",
            B::Header("X-Robots-Tag".to_owned(), "noindex".to_owned()).on(Routes::Listings),
            Expect::Nothing(Health::OptedOut),
        ),
        ("case 70", Rule::from(B::TooManyRequests(RetryAfter::Seconds(1))).skip(3).times(2), Expect::Whole),
        (
            "case 70 date",
            Rule::from(B::TooManyRequests(RetryAfter::Date(Duration::from_secs(2)))).times(1),
            Expect::Whole,
        ),
        ("case 70 far", B::TooManyRequests(RetryAfter::Seconds(99_999_999)).into(), Expect::Error("too many requests")),
        ("503 with time", Rule::from(B::Unavailable(RetryAfter::Seconds(1))).times(1), Expect::Whole),
        ("case 74", B::AlwaysNotModified.on(Routes::Listings), Expect::Error("status 304")),
        ("case 87", items(ItemQuirk::Privacy(2)), Expect::Nothing(Health::UpToDate)),
        ("one 500", B::Status(500).on(Routes::Listings).times(1), Expect::Whole),
        ("outbox refused", B::Status(403).on(Routes::Outboxes), Expect::Whole),
        ("outbox broken", B::Status(500).on(Routes::Outboxes).times(1), Expect::Whole),
        ("hostile text", items(ItemQuirk::HostileText), Expect::Partly),
        ("case 82", items(ItemQuirk::HostileUrls), Expect::Whole),
        ("case 53 dates", items(ItemQuirk::BadDates), Expect::Partly),
        ("case 53 numbers", items(ItemQuirk::NegativeNumbers), Expect::Whole),
        ("case 85", items(ItemQuirk::ManyTags(10_000)), Expect::Whole),
        ("case 88", items(ItemQuirk::NsfwMissing), Expect::Whole),
    ]
}

fn check(case: &str, expect: &Expect, n_found: usize, n_listed: usize, is_equal: bool, report: &HostReport) {
    let sentence = &report.sentence;
    match expect {
        Expect::Whole => {
            assert!(is_equal, "{case}: {n_found} of {n_listed}: {sentence}");
            assert_ne!(report.health, Health::Failing, "{case}: {sentence}");
        }
        Expect::Error(text) => {
            assert_eq!(n_found, 0, "{case}");
            let error = report.last_error.as_ref().map_or("no error", |error| error.text.as_str());
            assert!(error.contains(text), "{case}: {error}");
            assert_eq!(report.health, Health::Failing, "{case}: {sentence}");
        }
        Expect::Nothing(health) => {
            assert_eq!(n_found, 0, "{case}: {sentence}");
            assert_eq!(report.health, *health, "{case}: {sentence}");
        }
        Expect::Partly => assert!(n_found <= n_listed, "{case}: {sentence}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misbehaviour_of_every_family_is_named_and_disturbs_nobody() {
    let _alone = HEAVY.lock().await;
    let rows = rows();
    let mut builder = Fediverse::builder();
    let n_healthy = 6;
    for nth in 0..n_healthy {
        builder = builder.host(generated(nth, 60));
    }
    let mut names = Vec::new();
    for (nth, (_, rule, _)) in rows.iter().enumerate() {
        let setup = generated(n_healthy + nth, 12).behave(rule.clone());
        names.push(setup.name().to_owned());
        builder = builder.host(setup);
    }
    let fediverse = builder.start().await.unwrap();
    let world = World::of(&fediverse);
    let reports = world.crawl().await;

    for host in fediverse.hosts().filter(|host| !names.iter().any(|name| name == host.name())) {
        assert_eq!(uuids(&world.videos(host.name())), listed(&fediverse, host.name()), "{} is healthy", host.name());
    }
    for ((case, _, expect), name) in rows.iter().zip(&names) {
        let (found, expected) = (uuids(&world.videos(name)), listed(&fediverse, name));
        check(case, expect, found.len(), expected.len(), found == expected, report_of(&reports, name));
    }
    // case 31: nothing was stored in the name of another host either.
    assert!(world.videos("other.example").is_empty());
    // The judge reads less of robots.txt than it was sent in two rows: of a streamed one its first piece, and of six
    // redirects none, where RFC 9309 lets us go on as if there were no file.
    let is_judged = |host: &str| {
        let case = rows.iter().zip(&names).find(|(_, name)| *name == host).map_or("healthy", |((case, ..), _)| *case);
        !matches!(case, "case 66 line" | "case 65 six")
    };
    let exchanges: Vec<_> = fediverse.exchanges().into_iter().filter(|exchange| is_judged(&exchange.host)).collect();
    let strict = Rules::strict("vigie").every(Duration::from_millis(1));
    let (odd, healthy): (Vec<_>, Vec<_>) =
        exchanges.into_iter().partition(|exchange| names.iter().any(|name| *name == *exchange.host));
    let found = breaches(&healthy, &strict);
    assert!(found.is_empty(), "{found:#?}");
    // A host that never ends its answers learns late that we left, and counts that request as under way.
    let found = breaches(&odd, &Rules { max_in_flight: 2, ..strict });
    assert!(found.is_empty(), "{found:#?}");
    fediverse.shutdown().await;
}
