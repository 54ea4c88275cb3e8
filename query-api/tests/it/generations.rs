//! A request is answered by exactly one generation, and says which.

use std::sync::Arc;
use std::time::Duration;

use query_api::{QueryApiConfig, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{Site, publish, video};

#[tokio::test]
async fn before_the_first_generation_searches_wait_and_health_says_so() {
    let site = Site::empty(QueryApiConfig::default());
    for path in [
        "/api/v1/search/videos",
        "/api/v1/search/video-channels",
        "/api/v1/search/video-playlists",
        "/health/ready",
        "/",
        "/search?search=a",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(!answer.header("retry-after").is_empty(), "{path}");
    }
    assert_eq!(site.get("/health/live").await.status, 200);
    assert_eq!(site.get("/api/v1/config").await.status, 200);

    publish(site.dir.path(), 1, &[video(1, "a")]);
    assert!(site.api.refresh().unwrap());
    assert!(!site.api.refresh().unwrap(), "nothing new");
    let ready = site.get("/health/ready").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json()["videos"], 1);
    assert_eq!((&ready.json()["channels"], &ready.json()["playlists"]), (&0.into(), &0.into()));
}

#[tokio::test]
async fn each_answer_names_its_generation_and_age() {
    let site = Site::new(&[video(1, "a")]);
    for path in [
        "/api/v1/search/videos",
        "/api/v1/search/videos?count=101",
        "/api/v1/search/video-channels?count=101",
        "/api/v1/search/video-playlists",
        "/api/v1/config",
        "/",
        "/search",
    ] {
        let answer = site.get(path).await;
        let first = answer.header("index-generation").to_owned();
        assert!(first.parse::<u64>().is_ok() && answer.header("index-age").parse::<u64>().is_ok(), "{path}");
    }
    let before: u64 = site.get("/api/v1/search/videos").await.header("index-generation").parse().unwrap();
    let after = publish(site.dir.path(), 10, &[video(2, "b")]);
    site.api.refresh().unwrap();
    assert!(after > before);
    assert_eq!(site.get("/api/v1/search/videos").await.header("index-generation"), after.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swap_under_load_mixes_nothing() {
    let site = Arc::new(Site::new(&[video(0, "generation")]));
    let first = site.get("/health/ready").await.json()["generation"].as_u64().unwrap();
    let askers: Vec<_> = (0..4)
        .map(|_| {
            let site = Arc::clone(&site);
            tokio::spawn(async move {
                let mut newest = 0;
                while newest < first + 8 {
                    for query in ["search=generation", "sort=-publishedAt", "nsfw=false"] {
                        let answer = site.get(&format!("/api/v1/search/videos?count=100&{query}")).await;
                        assert_eq!(answer.status, 200);
                        let generation: u64 = answer.header("index-generation").parse().unwrap();
                        let body = answer.json();
                        // Each generation has one video more than the one before.
                        assert_eq!(body["total"].as_u64().unwrap(), generation - first + 1, "{query}");
                        assert_eq!(body["data"].as_array().unwrap().len() as u64, generation - first + 1);
                        assert!(generation >= newest, "never back");
                        newest = generation;
                    }
                }
            })
        })
        .collect();
    for n in 1..=8 {
        let dir = site.dir.path().to_owned();
        tokio::task::spawn_blocking(move || publish(&dir, 100 + n, &[video(n, "generation")])).await.unwrap();
        let api = Arc::clone(&site.api);
        tokio::task::spawn_blocking(move || api.refresh().unwrap()).await.unwrap();
    }
    for asker in askers {
        tokio::time::timeout(Duration::from_secs(60), asker).await.unwrap().unwrap();
    }
}

async fn exchange(stream: &mut TcpStream, path: &str) -> String {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
    let mut text = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let n = stream.read(&mut buffer).await.unwrap();
        assert!(n > 0, "closed early");
        text.extend_from_slice(&buffer[..n]);
        let so_far = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse::<usize>().unwrap() {
                return so_far;
            }
        }
    }
}

#[tokio::test]
async fn the_server_takes_new_generations_and_ends_calmly() {
    let mut config = QueryApiConfig::default();
    config.limits.poll_interval = Duration::from_millis(10);
    let site = Site::empty(config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, Arc::clone(&site.api), async move {
        let _ = stopped.await;
    }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert!(exchange(&mut stream, "/health/ready").await.starts_with("HTTP/1.1 503"));
    let dir = site.dir.path().to_owned();
    tokio::task::spawn_blocking(move || publish(&dir, 1, &[video(1, "a")])).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !exchange(&mut stream, "/health/ready").await.starts_with("HTTP/1.1 200") {
        assert!(tokio::time::Instant::now() < deadline, "the new generation was not taken");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let started = std::time::Instant::now();
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "an idle connection does not hold the end up");
    assert!(TcpStream::connect(address).await.is_err());
}

// case 124
#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let mut config = QueryApiConfig::default();
    config.limits.header_time = Duration::from_millis(200);
    let site = Site::empty(config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, Arc::clone(&site.api), std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nslow").await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection stayed open");
    server.abort();
}

#[tokio::test]
async fn a_connection_may_rest_longer_than_a_head_may_take() {
    let mut config = QueryApiConfig::default();
    config.limits.header_time = Duration::from_millis(100);
    let site = Site::with_config(&[video(1, "a")], config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, Arc::clone(&site.api), std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        assert!(exchange(&mut stream, "/health/ready").await.starts_with("HTTP/1.1 200"));
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    server.abort();
}
