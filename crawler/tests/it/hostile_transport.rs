//! Instances that misbehave on the wire: each gets a named error, costs bounded time and memory, and disturbs nobody.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allowlist::Host;
use crawler::Cause;
use crawler::net::{Accept, Client, Fetched, Outcome, Request};
use simulator::Fediverse;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{HEAVY, World, generated, listed, report_of, uuids};

/// A server whose every connection is handled by `script` once a request head has arrived.
async fn serve<F, R>(script: F) -> SocketAddr
where
    F: Fn(TcpStream) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let script = Arc::new(script);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let script = Arc::clone(&script);
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut byte = [0; 1];
                while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).await.is_ok() {
                    head.push(byte[0]);
                }
                script(stream).await;
            });
        }
    });
    address
}

/// A server that answers its first request with the first of `bodies`, the second with the second, and so on.
pub async fn serve_json(bodies: Vec<String>) -> SocketAddr {
    let next = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let bodies = Arc::new(bodies);
    serve(move |mut stream| {
        let nth = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let body = bodies.get(nth).cloned().unwrap_or_default();
        async move {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all([head, body].concat().as_bytes()).await;
        }
    })
    .await
}

/// The answer of a server that writes `bytes` and closes.
async fn answer_of(bytes: impl Into<Vec<u8>>) -> Result<Fetched, Cause> {
    let bytes: Arc<Vec<u8>> = Arc::new(bytes.into());
    let address = serve(move |mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    get(address, Accept::Json).await
}

async fn get(address: SocketAddr, accept: Accept) -> Result<Fetched, Cause> {
    let host: Host = "odd.example".parse().unwrap();
    let world = World::new(BTreeMap::from([(host.to_string(), address)]));
    let client = Client::new(world.config.network.clone()).unwrap();
    let request =
        Request { host: &host, path_and_query: "/api/v1/videos", accept, validators: None, pause: Duration::ZERO };
    let started = Instant::now();
    let answer = client.get(&request).await.map_err(|error| error.cause);
    assert!(started.elapsed() < Duration::from_secs(14), "took {:?}", started.elapsed());
    answer
}

#[tokio::test]
async fn case_39_and_40_silence_and_drip_end_at_the_limits() {
    let silent = serve(|stream| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    assert!(matches!(get(silent, Accept::Json).await, Err(Cause::Timeout { .. })));

    let drip = serve(|mut stream| async move {
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n")
            .await;
        for _ in 0..100 {
            let _ = stream.write_all(b" ").await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    })
    .await;
    assert!(matches!(get(drip, Accept::Json).await, Err(Cause::TooSlow { .. })));
}

#[tokio::test]
async fn case_41_short_and_endless_bodies_are_failures() {
    let short = answer_of("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"total\"").await;
    assert!(matches!(short, Err(Cause::Corrupt { .. })), "{short:?}");

    let endless = serve(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let endless = get(endless, Accept::Json).await;
    assert!(matches!(endless, Err(Cause::WireTooLarge { .. })), "{endless:?}");

    let announced = answer_of("HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n{").await;
    assert!(matches!(announced, Err(Cause::WireTooLarge { .. })), "{announced:?}");
}

#[tokio::test]
async fn case_42_oversized_heads_are_refused() {
    let mut many = "HTTP/1.1 200 OK\r\n".to_owned();
    for n in 0..10_000 {
        many.push_str(&format!("x-{n}: 1\r\n"));
    }
    many.push_str("content-length: 2\r\n\r\n{}");
    assert!(answer_of(many).await.is_err());
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 2\r\n\r\n{{}}", "y".repeat(1 << 20));
    assert!(answer_of(long).await.is_err());
    let medium = format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 2\r\n\r\n{{}}", "y".repeat(100 << 10));
    assert!(matches!(answer_of(medium).await, Err(Cause::HeadTooLarge { .. })));
    let informational =
        format!("{}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{{}}", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10));
    assert!(matches!(answer_of(informational).await.map(|fetched| fetched.status), Ok(200)));
}

/// Resident memory of this process, in bytes.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[tokio::test]
async fn case_43_a_gzip_bomb_costs_little_memory() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..128 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
    let before = resident_bytes();
    let answer = answer_of([head.into_bytes(), bomb].concat()).await;
    assert!(matches!(answer, Err(Cause::Ratio { .. } | Cause::DecodedTooLarge { .. })), "{answer:?}");
    let rise = resident_bytes().saturating_sub(before);
    assert!(rise <= 16 << 20, "memory rose by {rise} bytes");

    let brotli = answer_of("HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\nxx").await;
    assert!(matches!(brotli, Err(Cause::Encoding { .. })), "{brotli:?}");
}

#[tokio::test]
async fn case_66_of_a_huge_robots_txt_the_beginning_counts() {
    let file = format!("User-agent: *\nAllow: /api/\n{}Disallow: /\n", "# a comment\n".repeat(1 << 20));
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n", file.len());
    let bytes = Arc::new([head, file].concat().into_bytes());
    let address = serve(move |mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            let _ = stream.write_all(&bytes).await;
        }
    })
    .await;
    let Outcome::Ok(body) = get(address, Accept::Text).await.unwrap().outcome else { panic!("a file") };
    assert!((512 << 10..1 << 20).contains(&body.len()), "{} bytes", body.len());
    assert!(crawler::robots::Rules::parse(&body).is_allowed("/api/v1/videos"));
}

#[tokio::test]
async fn case_12_a_redirect_to_loopback_is_refused_with_its_hop() {
    let internal = serve(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").await;
    })
    .await;
    for location in
        [format!("http://{internal}/"), format!("http://localhost:{}/", internal.port()), "http://[::1]/".to_owned()]
    {
        let answer =
            answer_of(format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")).await;
        assert!(matches!(answer, Err(Cause::Redirect { hop: 1, .. })), "{location}: {answer:?}");
    }
}

#[tokio::test]
async fn case_15_redirect_loops_end() {
    let found =
        answer_of("HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    assert!(matches!(found, Err(Cause::TooManyRedirects { limit: 3 })), "{found:?}");
}

#[tokio::test]
async fn a_redirect_is_not_waited_out_for_hours() {
    let bytes = "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let address = serve(move |mut stream| async move {
        let _ = stream.write_all(bytes.as_bytes()).await;
    })
    .await;
    let host: Host = "odd.example".parse().unwrap();
    let world = World::new(BTreeMap::from([(host.to_string(), address)]));
    let client = Client::new(world.config.network.clone()).unwrap();
    let pause = Duration::from_secs(3600);
    let request = Request { host: &host, path_and_query: "/", accept: Accept::Json, validators: None, pause };
    let error = client.get(&request).await.unwrap_err();
    assert!(error.to_string().contains("a pause of 3600 s"), "{error}");
}

#[tokio::test]
async fn case_74_an_unasked_304_is_an_error() {
    let found = answer_of("HTTP/1.1 304 Not Modified\r\n\r\n").await;
    assert!(matches!(found, Err(Cause::UnaskedNotModified)), "{found:?}");
}

#[tokio::test]
async fn case_60_malformed_headers_are_ignored() {
    let found = answer_of(
        "HTTP/1.1 429 Too Many\r\nset-cookie: ;;;\r\nlink: <<\r\nretry-after: soon\r\nx-ratelimit-reset: -\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(found.unwrap().outcome, Outcome::RateLimited(None));
}

#[tokio::test]
async fn a_private_address_is_not_dialled_for_a_stranger() {
    let address = serve(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").await;
    })
    .await;
    let host: Host = "odd.example".parse().unwrap();
    let mut world = World::new(BTreeMap::from([(host.to_string(), address)]));
    world.config.network.allow_private.clear();
    let client = Client::new(world.config.network.clone()).unwrap();
    let request =
        Request { host: &host, path_and_query: "/", accept: Accept::Json, validators: None, pause: Duration::ZERO };
    let error = client.get(&request).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Address { range: "loopback", .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_57_stalled_hosts_do_not_keep_healthy_ones_waiting() {
    let _alone = HEAVY.lock().await;
    let fediverse = Fediverse::builder().host(generated(0, 120)).host(generated(1, 60)).start().await.unwrap();
    let silent = serve(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let mut addresses = fediverse.resolve();
    for n in 0..64 {
        addresses.insert(format!("a-stalled-{n}.example"), silent);
    }
    let world = World::new(addresses);
    let crawler = world.open();
    let stop = tokio_util::sync::CancellationToken::new();
    let names: Vec<String> = fediverse.hosts().map(|host| host.name().to_owned()).collect();
    let started = Instant::now();
    let run = crawler.run(stop.clone(), crawler::Mode::Continuous, |_| {
        let is_whole = |name: &String| uuids(&world.videos(name)) == listed(&fediverse, name);
        if names.iter().all(is_whole) {
            stop.cancel();
        }
    });
    tokio::time::timeout(Duration::from_secs(40), run).await.expect("healthy hosts are crawled").unwrap();
    // Two rounds of timeouts of the stalled ones at most.
    assert!(started.elapsed() < Duration::from_secs(15), "took {:?}", started.elapsed());
    let reports = crawler.reports().unwrap();
    let stalled = report_of(&reports, "a-stalled-0.example");
    assert_eq!(stalled.status, crawler::Status::TimedOut, "{}", stalled.sentence);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_38_a_parked_page_is_a_failure_and_not_an_empty_instance() {
    let parked = serve(|mut stream| async move {
        let body = "<!doctype html><title>This name is for sale</title>";
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body.as_bytes()).await;
    })
    .await;
    let world = World::new(BTreeMap::from([("parked.example".to_owned(), parked)]));
    let reports = world.crawl().await;
    let report = report_of(&reports, "parked.example");
    assert_eq!(report.health, crawler::Health::Failing);
    assert_eq!(report.status, crawler::Status::HtmlAnswer, "{report:?}");
    let error = report.last_error.as_ref().unwrap();
    assert!(error.text.contains("HTML"), "{error:?}");
    let request = error.request.as_deref().unwrap();
    assert!(request.starts_with("GET /") && request.contains("\nUser-Agent: Vigie/"), "{request}");
    let response = error.response.as_deref().unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\n") && response.contains("\ncontent-type: text/html"), "{response}");
}
