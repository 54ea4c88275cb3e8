//! Each misbehaviour really happens on the wire.

use std::io::Read;
use std::time::{Duration, Instant};

use crate::client::{NOW, Reply, get, request};
use serde_json::{Value, json};
use simulator::{
    Behaviour, Catalogue, Encoding, End, Fediverse, HostHandle, HostSetup, ItemQuirk, JsonBomb, Redirect, RetryAfter,
    RobotsTxt, Routes, Rule,
};

const LISTING: &str = "/api/v1/videos?isLocal=true&nsfw=both&sort=createdAt&count=10&start=0";

async fn start() -> Fediverse {
    let catalogue = Catalogue::new(11, NOW.parse().unwrap(), 2);
    let instance = catalogue.instance(0, 35).unwrap();
    Fediverse::builder().host(HostSetup::generated(instance).rate_limit(None)).start().await.unwrap()
}

fn only(fediverse: &Fediverse) -> &HostHandle {
    fediverse.hosts().next().unwrap()
}

/// Asks for a page of a host that misbehaves in one way.
async fn asked(rule: impl Into<Rule>, target: &str, limit: Duration, max_bytes: usize) -> Reply {
    let fediverse = start().await;
    let host = only(&fediverse);
    host.behave(rule);
    let reply = request(host.address(), target, &[], limit, max_bytes).await;
    fediverse.shutdown().await;
    reply
}

async fn plain(rule: impl Into<Rule>, target: &str) -> Reply {
    asked(rule, target, Duration::from_secs(20), usize::MAX).await
}

/// Asks until half a second or two megabytes are over.
async fn glimpse(rule: impl Into<Rule>) -> Reply {
    asked(rule, LISTING, Duration::from_millis(500), 2_000_000).await
}

#[tokio::test]
async fn hosts_stall_and_drip() {
    let before = Instant::now();
    let slow = plain(Behaviour::SlowFirstByte(Duration::from_millis(300)), LISTING).await;
    assert!(slow.status == 200 && before.elapsed() >= Duration::from_millis(300));

    let never = glimpse(Behaviour::NeverAnswer).await;
    assert!(never.cut && never.head.is_empty() && never.error.is_none());

    let closed = plain(Behaviour::CloseWithoutAnswer, LISTING).await;
    assert!(closed.head.is_empty() && !closed.cut);

    let head = glimpse(Behaviour::DripHeaders(Duration::from_millis(20))).await;
    assert!(head.cut && head.head.starts_with("HTTP/1.1 2") && head.head.len() < 40, "{}", head.head);

    let body = glimpse(Behaviour::DripBody(Duration::from_millis(20))).await;
    assert!(body.cut && body.status == 200 && (2..60).contains(&body.body.len()), "{}", body.body.len());
}

#[tokio::test]
async fn hosts_break_bodies_and_heads() {
    let whole = plain(Behaviour::Header("X-Robots-Tag".to_owned(), "noindex".to_owned()), LISTING).await;
    assert_eq!(whole.header("x-robots-tag").unwrap(), "noindex");
    let length = whole.body.len();

    let reset = plain(Behaviour::ResetMidBody, LISTING).await;
    assert_eq!(reset.error, Some(std::io::ErrorKind::ConnectionReset));
    assert!(reset.body.len() < length);

    let short = plain(Behaviour::LengthTooLarge(1_000), LISTING).await;
    assert_eq!(short.header("content-length").unwrap(), (length + 1_000).to_string());
    assert_eq!(short.body.len(), length);
    let long = plain(Behaviour::LengthTooSmall(1_000), LISTING).await;
    assert_eq!(long.header("content-length").unwrap(), (length - 1_000).to_string());
    assert_eq!(long.body.len(), length);

    for behaviour in [Behaviour::EndlessBody, Behaviour::EndlessTrailers] {
        let endless = glimpse(behaviour).await;
        assert_eq!(endless.header("transfer-encoding").unwrap(), "chunked");
        assert!(endless.body.len() > 500_000 || endless.cut, "{}", endless.body.len());
    }
    let headers = glimpse(Behaviour::EndlessHeaders).await;
    assert!(headers.head.len() > 500_000 && headers.body.is_empty());
    let interim = glimpse(Behaviour::EndlessInterim).await;
    assert!(interim.status == 103 && interim.body.len() > 500_000);
    let many = plain(Behaviour::ManyHeaders(10_000), LISTING).await;
    assert!(many.head.lines().count() > 10_000);
    let huge = plain(Behaviour::HugeHeader(1 << 20), LISTING).await;
    assert_eq!(huge.header("x-huge").unwrap().len(), 1 << 20);
}

#[tokio::test]
async fn hosts_refuse() {
    for status in [403, 500, 502, 503] {
        assert_eq!(plain(Behaviour::Status(status), LISTING).await.status, status);
    }
    for (after, header) in [
        (RetryAfter::None, None),
        (RetryAfter::Seconds(120), Some("120")),
        (RetryAfter::Text("abc".to_owned()), Some("abc")),
        (RetryAfter::Text("-5".to_owned()), Some("-5")),
        (RetryAfter::PastDate, Some("Sun, 09 Sep 2001 01:46:40 GMT")),
    ] {
        let reply = plain(Behaviour::TooManyRequests(after), LISTING).await;
        assert_eq!((reply.status, reply.header("retry-after").as_deref()), (429, header));
    }
    let dated = plain(Behaviour::Unavailable(RetryAfter::Date(Duration::from_secs(60))), LISTING).await;
    assert!(dated.status == 503 && dated.header("retry-after").unwrap().ends_with("GMT"));
    let login = plain(Behaviour::LoginPage, LISTING).await;
    assert!(login.status == 200 && login.header("content-type").unwrap().starts_with("text/html"));
    let unchanged = plain(Behaviour::AlwaysNotModified, LISTING).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
}

#[tokio::test]
async fn hosts_redirect() {
    for location in ["http://127.0.0.1:1/", "http://[::1]/", "//other.example/x", "https://user:pw@other.example/"] {
        let reply = plain(Behaviour::Redirect(Redirect::To(location.to_owned())), LISTING).await;
        assert_eq!((reply.status, reply.header("location").as_deref()), (302, Some(location)));
    }
    assert_eq!(plain(Behaviour::Redirect(Redirect::Loop), LISTING).await.header("location").unwrap(), LISTING);
    assert_eq!(plain(Behaviour::Redirect(Redirect::NoLocation), LISTING).await.header("location"), None);
    let huge = plain(Behaviour::Redirect(Redirect::HugeLocation(1 << 20)), LISTING).await;
    assert!(huge.header("location").unwrap().len() > 1 << 20);

    let fediverse = start().await;
    let host = only(&fediverse);
    host.behave(Behaviour::Redirect(Redirect::Chain(3)));
    let mut target = LISTING.to_owned();
    for _ in 0..3 {
        let reply = get(host.address(), &target).await;
        assert_eq!(reply.status, 302);
        target = reply.header("location").unwrap();
    }
    assert_eq!(get(host.address(), &target).await.json()["total"], 35);
}

#[tokio::test]
async fn robots_txt_has_every_variant() {
    let robots =
        async |variant| asked(Behaviour::Robots(variant), "/robots.txt", Duration::from_millis(800), 20_000_000).await;
    assert!(robots(RobotsTxt::disallow_api()).await.text().contains("Disallow: /api/"));
    assert!(robots(RobotsTxt::crawl_delay("3600")).await.text().contains("Crawl-delay: 3600"));
    assert!(robots(RobotsTxt::disallow_token("Vigie")).await.text().contains("User-agent: Vigie\nDisallow: /\n"));
    for status in [404, 403, 500] {
        assert_eq!(robots(RobotsTxt::Status(status)).await.status, status);
    }
    assert!(robots(RobotsTxt::NeverAnswer).await.cut);
    let other = robots(RobotsTxt::RedirectToHost("other.example".to_owned())).await;
    assert_eq!((other.status, other.header("location").as_deref()), (301, Some("http://other.example/robots.txt")));
    let huge =
        asked(Behaviour::Robots(RobotsTxt::Huge(10 << 20)), "/robots.txt", Duration::from_secs(20), usize::MAX).await;
    assert!(huge.body.len() > 10 << 20 && huge.text().ends_with("Disallow: /\n"));
    let line =
        asked(Behaviour::Robots(RobotsTxt::LongLine(1 << 20)), "/robots.txt", Duration::from_secs(20), usize::MAX)
            .await;
    assert!(line.text().lines().any(|line| line.len() > 1 << 20));
    assert!(robots(RobotsTxt::ManyRules(1_000)).await.text().lines().count() > 1_000);
    assert!(robots(RobotsTxt::Binary).await.body.contains(&0));

    let fediverse = start().await;
    let host = only(&fediverse);
    host.behave(Behaviour::Robots(RobotsTxt::Redirects(5)));
    let mut target = "/robots.txt".to_owned();
    let mut hops = 0;
    let text = loop {
        let reply = get(host.address(), &target).await;
        if reply.status == 200 {
            break reply.text();
        }
        hops += 1;
        target = reply.header("location").unwrap();
    };
    assert_eq!((hops, text.as_str()), (5, "User-agent: *\nDisallow: /private\n"));
    assert_eq!(get(host.address(), LISTING).await.status, 200, "other routes behave");
}

#[tokio::test]
async fn encodings_explode_or_break() {
    let honest = plain(Behaviour::Header("X-A".to_owned(), "b".to_owned()), LISTING).await.body;
    let encoded = async |encoding| plain(Behaviour::Encoded(encoding), LISTING).await;
    let gunzip = |bytes: &[u8]| {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut text).map(|_| text)
    };

    let size = 64 << 20;
    for (encoding, name) in [
        (Encoding::GzipBomb(size), "gzip"),
        (Encoding::DeflateBomb(size), "deflate"),
        (Encoding::BrotliBomb(size), "br"),
        (Encoding::ZstdBomb(size), "zstd"),
    ] {
        let reply = encoded(encoding).await;
        assert_eq!(reply.header("content-encoding").unwrap(), name);
        assert!(reply.body.len() < 200_000, "{name}: {} bytes", reply.body.len());
        let bytes = reply.body.as_slice();
        let reader: Box<dyn Read> = match name {
            "gzip" => Box::new(flate2::read::GzDecoder::new(bytes)),
            "deflate" => Box::new(flate2::read::ZlibDecoder::new(bytes)),
            "br" => Box::new(brotli::Decompressor::new(bytes, 4_096)),
            _ => Box::new(zstd::Decoder::new(bytes).unwrap()),
        };
        let mut text = Vec::new();
        let wanted = 8 << 20;
        reader.take(wanted).read_to_end(&mut text).unwrap();
        assert!(text.len() as u64 == wanted && text.iter().all(|&byte| byte == b' '), "{name}: {}", text.len());
    }

    assert_eq!(gunzip(&encoded(Encoding::Gzip).await.body).unwrap(), honest);
    assert_eq!(gunzip(&gunzip(&encoded(Encoding::NestedGzip).await.body).unwrap()).unwrap(), honest);
    assert!(gunzip(&encoded(Encoding::TruncatedGzip).await.body).is_err());
    let tail = encoded(Encoding::GzipWithTail).await.body;
    assert!(tail.ends_with(b"noise after the end") && gunzip(&tail).unwrap() == honest);
    let two = encoded(Encoding::TwoEncodings).await;
    let mut inner = Vec::new();
    brotli::Decompressor::new(two.body.as_slice(), 4_096).read_to_end(&mut inner).unwrap();
    assert_eq!(
        (two.header("content-encoding").unwrap().as_str(), gunzip(&inner).unwrap()),
        ("gzip, br", honest.clone())
    );
    let unknown = encoded(Encoding::Unknown("x-strange".to_owned())).await;
    assert_eq!((unknown.header("content-encoding").unwrap().as_str(), unknown.body), ("x-strange", honest));
}

#[tokio::test]
async fn json_is_hard_to_read() {
    let bomb = async |bomb| plain(Behaviour::Json(bomb), LISTING).await;
    assert!(bomb(JsonBomb::Nested(100_000)).await.text().matches('[').count() > 100_000);
    let string = bomb(JsonBomb::HugeString(8 << 20)).await;
    assert_eq!(string.json()["data"][0]["name"].as_str().unwrap().len(), 8 << 20);
    assert_eq!(bomb(JsonBomb::EmptyObjects(100_000)).await.json()["data"].as_array().unwrap().len(), 100_001);
    assert!(serde_json::from_slice::<Value>(&bomb(JsonBomb::Truncated).await.body).is_err());
    assert!(serde_json::from_slice::<Value>(&bomb(JsonBomb::Garbage).await.body).is_err());
}

#[tokio::test]
async fn listings_lie() {
    let page = async |behaviour, target: &str| plain(behaviour, target).await.json();
    let second = LISTING.replace("start=0", "start=10");
    let honest_first = plain(Behaviour::Header("X-A".to_owned(), "b".to_owned()), LISTING).await.json();
    let honest_second = plain(Behaviour::Header("X-A".to_owned(), "b".to_owned()), &second).await.json();
    assert_ne!(honest_first["data"], honest_second["data"]);

    assert_eq!(page(Behaviour::LyingTotal(1_000_000_000_000), LISTING).await["total"], 1_000_000_000_000_u64);
    assert!(page(Behaviour::NoTotal, LISTING).await.get("total").is_none());
    assert_eq!(page(Behaviour::SuddenlyEmpty, LISTING).await, json!({ "total": 0, "data": [] }));
    assert_eq!(page(Behaviour::IdenticalPages, &second).await["data"], honest_first["data"]);
    assert_eq!(page(Behaviour::RepeatedPages, &second).await["data"], honest_first["data"]);
    let empty = page(Behaviour::EmptyPage(1), &second).await;
    assert_eq!((empty["total"].as_u64(), empty["data"].as_array().unwrap().len()), (Some(35), 0));
    assert_eq!(page(Behaviour::EmptyPage(1), LISTING).await, honest_first);

    let fediverse = start().await;
    let host = only(&fediverse);
    host.behave(Behaviour::ShiftingPages);
    let newest = LISTING.replace("sort=createdAt", "sort=-publishedAt");
    let first = get(host.address(), &newest).await.json();
    let shifted = get(host.address(), &newest.replace("start=0", "start=10")).await.json();
    assert_eq!((first["total"].as_u64(), shifted["total"].as_u64()), (Some(35), Some(36)));
    assert_eq!(first["data"][9]["uuid"], shifted["data"][0]["uuid"], "the window moved by one");
}

#[tokio::test]
async fn videos_are_spoilt() {
    let first = async |quirk| plain(Behaviour::Items(quirk), LISTING).await.json()["data"][0].clone();
    let host = "victim.example";
    let spoof = first(ItemQuirk::SpoofedHost(host.to_owned())).await;
    assert_eq!(
        (&spoof["isLocal"], &spoof["account"]["host"], &spoof["channel"]["host"]),
        (&json!(true), &json!(host), &json!(host))
    );
    let remote = first(ItemQuirk::RemoteUrl(host.to_owned())).await;
    assert!(remote["url"].as_str().unwrap().starts_with("https://victim.example/videos/watch/"));
    assert_eq!(first(ItemQuirk::Privacy(3)).await["privacy"]["id"], 3);
    assert!(first(ItemQuirk::NsfwMissing).await.get("nsfw").is_none());
    assert_eq!(first(ItemQuirk::NsfwString).await["nsfw"], "true");
    assert_eq!(first(ItemQuirk::BadDates).await["publishedAt"], "9999-12-31T23:59:59.999Z");
    assert!(first(ItemQuirk::NegativeNumbers).await["views"].as_i64().unwrap() < 0);
    assert!(first(ItemQuirk::HostileText).await["name"].as_str().unwrap().contains("<script>"));
    assert!(first(ItemQuirk::HostileUrls).await["thumbnailPath"].as_str().unwrap().starts_with("javascript:"));
    assert_eq!(first(ItemQuirk::Set("uuid".to_owned(), json!("x"))).await["uuid"], "x");
    assert!(first(ItemQuirk::Without("channel".to_owned())).await.get("channel").is_none());
    let absurd = plain(Behaviour::Items(ItemQuirk::AbsurdNumbers), LISTING).await.text();
    assert!(absurd.contains(":1e400") && absurd.contains(":9223372036854775808") && absurd.contains(":-0"));

    let fediverse = start().await;
    let served = only(&fediverse);
    let detail = format!("/api/v1/videos/{}", served.listed()[0].uuid);
    served.behave(Behaviour::Items(ItemQuirk::ManyTags(10_000)));
    served.behave(Behaviour::Items(ItemQuirk::StuffedDescription(1 << 20)));
    let detail = get(served.address(), &detail).await.json();
    assert_eq!(detail["tags"].as_array().unwrap().len(), 10_000);
    assert!(detail["description"].as_str().unwrap().len() >= 1 << 20);
}

#[tokio::test]
async fn outboxes_are_spoilt_too() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let accounts = host.instance().unwrap().spec.accounts;
    let outbox = async |quirk: ItemQuirk| {
        host.set_behaviours([Behaviour::Items(quirk).on(Routes::Outboxes)]);
        for account in &accounts {
            let target = format!("/accounts/{}/outbox?page=1&size=50", account.name);
            let items = get(host.address(), &target).await.json()["orderedItems"].as_array().unwrap().clone();
            if let Some(item) = items.into_iter().find(|item| item["type"] == "Create") {
                return item["object"].clone();
            }
        }
        Value::Null
    };
    let spoofed = outbox(ItemQuirk::SpoofedHost("victim.example".to_owned())).await;
    assert!(spoofed["id"].as_str().unwrap().starts_with("https://victim.example/videos/watch/"));
    assert!(spoofed["attributedTo"][0]["id"].as_str().unwrap().starts_with("https://victim.example/"));
    assert_eq!(outbox(ItemQuirk::Privacy(2)).await["to"], json!([]));
    assert!(outbox(ItemQuirk::NsfwMissing).await.get("sensitive").is_none());
    assert_eq!(outbox(ItemQuirk::ManyTags(99)).await["tag"].as_array().unwrap().len(), 99);
    assert_eq!(outbox(ItemQuirk::Set("state".to_owned(), json!(5))).await["state"], 5);
}

#[tokio::test]
async fn hosts_say_they_are_somebody_else() {
    let wrong = || Behaviour::WrongIdentity("other.example".to_owned());
    let links = plain(wrong(), "/.well-known/nodeinfo").await.json();
    assert_eq!(links["links"][0]["href"], "https://other.example/nodeinfo/2.0.json");
    assert_eq!(plain(wrong(), "/nodeinfo/2.0.json").await.json()["software"]["name"], "notpeertube");
    assert_eq!(plain(wrong(), "/api/v1/config").await.json()["webserver"]["hostname"], "other.example");
    assert_eq!(plain(wrong(), LISTING).await.status, 200);
}

#[tokio::test]
async fn rules_begin_end_combine_and_heal() {
    let fediverse = start().await;
    let host = only(&fediverse);
    host.behave(Rule::from(Behaviour::Status(500)).skip(1).times(2));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(get(host.address(), LISTING).await.status);
    }
    assert_eq!(statuses, [200, 500, 500, 200, 200]);

    host.set_behaviours([
        Behaviour::LyingTotal(7).into(),
        Behaviour::Items(ItemQuirk::NsfwMissing).into(),
        Behaviour::SlowFirstByte(Duration::from_millis(100)).on(Routes::Listings),
    ]);
    let before = Instant::now();
    let page = get(host.address(), LISTING).await.json();
    assert!(before.elapsed() >= Duration::from_millis(100));
    assert!(page["total"] == 7 && page["data"][0].get("nsfw").is_none());
    host.heal();
    assert_eq!(get(host.address(), LISTING).await.json()["total"], 35);
}

#[tokio::test]
async fn the_log_says_how_each_exchange_ended() {
    let fediverse = start().await;
    let host = only(&fediverse);
    get(host.address(), LISTING).await;
    host.set_behaviours([Behaviour::ResetMidBody.into()]);
    get(host.address(), LISTING).await;
    host.set_behaviours([Behaviour::NeverAnswer.into()]);
    request(host.address(), LISTING, &[], Duration::from_millis(100), usize::MAX).await;
    let deadline = Instant::now() + Duration::from_secs(5);
    while host.exchanges().iter().any(|exchange| exchange.end == End::UnderWay) && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    let log = host.exchanges();
    assert_eq!(
        log.iter().map(|exchange| exchange.end).collect::<Vec<_>>(),
        [End::Complete, End::Broken, End::ClientLeft]
    );
    assert_eq!(log.iter().map(|exchange| exchange.status).collect::<Vec<_>>(), [Some(200), Some(200), None]);
    assert!(log.iter().all(|exchange| exchange.target == LISTING && exchange.in_flight == 0));
    assert_eq!(log[0].host_header.as_deref(), Some("tester.example"));

    let (one, two) = tokio::join!(
        request(host.address(), LISTING, &[], Duration::from_millis(300), usize::MAX),
        request(host.address(), LISTING, &[], Duration::from_millis(300), usize::MAX)
    );
    assert!(one.cut && two.cut);
    assert_eq!(host.exchanges().iter().map(|exchange| exchange.in_flight).max(), Some(1));
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_stalled_clients() {
    let fediverse = start().await;
    let address = only(&fediverse).address();
    only(&fediverse).behave(Behaviour::NeverAnswer);
    let client = tokio::spawn(async move { request(address, LISTING, &[], Duration::from_secs(60), usize::MAX).await });
    while only(&fediverse).n_requests() == 0 {
        tokio::task::yield_now().await;
    }
    let before = Instant::now();
    fediverse.shutdown().await;
    assert!(before.elapsed() < Duration::from_secs(2));
    assert!(!client.await.unwrap().cut);
}

#[tokio::test]
async fn channels_and_playlists_lie_too() {
    let channels = "/api/v1/video-channels?count=100";
    let playlists = "/api/v1/video-playlists?count=100";
    let evil = || "evil.example".to_owned();
    let rows = |reply: Reply| reply.json()["data"].as_array().unwrap().clone();

    let spoofed = rows(plain(Behaviour::Items(ItemQuirk::SpoofedHost(evil())).on(Routes::Channels), channels).await);
    assert!(!spoofed.is_empty());
    assert!(spoofed.iter().all(|row| row["host"] == "evil.example" && row["ownerAccount"]["host"] == "evil.example"));
    let spoofed = rows(plain(Behaviour::Items(ItemQuirk::SpoofedHost(evil())).on(Routes::Playlists), playlists).await);
    assert!(!spoofed.is_empty());
    for row in &spoofed {
        assert!(row["isLocal"] == true && row["videoChannel"]["host"] == "evil.example" && row.get("host").is_none());
    }
    let elsewhere = rows(plain(Behaviour::Items(ItemQuirk::RemoteUrl(evil())).on(Routes::Playlists), playlists).await);
    assert!(
        elsewhere.iter().all(|row| row["url"].as_str().unwrap().starts_with("https://evil.example/video-playlists/"))
    );
    let private = rows(plain(Behaviour::Items(ItemQuirk::Privacy(3)).on(Routes::Playlists), playlists).await);
    assert!(private.iter().all(|row| row["privacy"]["id"] == 3));
    let hostile = rows(plain(Behaviour::Items(ItemQuirk::HostileText).on(Routes::Channels), channels).await);
    assert!(hostile[0]["displayName"].as_str().unwrap().contains("<script>"));
    assert!(!hostile[0]["name"].as_str().unwrap().contains("<script>"), "its name is its address");

    let lying = plain(Behaviour::LyingTotal(9_999).on(Routes::Playlists), playlists).await.json();
    assert_eq!(lying["total"], 9_999);
    let empty = plain(Behaviour::SuddenlyEmpty.on(Routes::Channels), channels).await.json();
    assert_eq!((&empty["total"], empty["data"].as_array().unwrap().len()), (&json!(0), 0));
    // Listings of videos are another set of routes.
    let videos = plain(Behaviour::SuddenlyEmpty.on(Routes::Channels), LISTING).await.json();
    assert_eq!(videos["data"].as_array().unwrap().len(), 10);
    assert_eq!(plain(Behaviour::Status(500).on(Routes::Playlists), playlists).await.status, 500);
    assert_eq!(plain(Behaviour::Status(500).on(Routes::Playlists), channels).await.status, 200);
}
