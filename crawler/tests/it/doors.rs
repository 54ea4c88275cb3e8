//! The two narrow doors beside the crawl: pictures, and directories of instances.

use std::collections::BTreeMap;

use allowlist::SourceKind;
use crawler::ImageError;
use crawler::directory::fetch_pages;
use simulator::judge::{PictureRules, picture_breaches};
use simulator::{Behaviour, Fediverse, Routes};

use crate::hostile_transport::serve_json;
use crate::world::{World, generated};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_140_pictures_come_from_their_instance_and_are_pictures() {
    let fediverse = Fediverse::builder().host(generated(0, 3)).host(generated(1, 3)).start().await.unwrap();
    let world = World::of(&fediverse);
    world.crawl().await;
    let crawler = world.open();
    let mut hosts = fediverse.hosts();
    let (host, other) = (hosts.next().unwrap(), hosts.next().unwrap());
    let video = world.videos(host.name()).into_values().next().unwrap();
    let url = video.thumbnail_url.unwrap();
    let image = crawler.fetch_image(&url, &video.host).await.unwrap();
    assert!(image.content_type.starts_with("image/") && image.bytes.len() > 50);

    let n_before = fediverse.exchanges().len();
    let elsewhere = crawler.fetch_image(&url, &other.name().parse().unwrap()).await;
    assert!(matches!(elsewhere, Err(ImageError::Fetch(_))), "{elsewhere:?}");
    assert_eq!(fediverse.exchanges().len(), n_before);

    host.behave(Behaviour::LoginPage.on(Routes::Pictures));
    let login = crawler.fetch_image(&url, &video.host).await;
    assert!(matches!(login, Err(ImageError::NotAnImage { .. })), "{login:?}");
    host.heal();
    host.behave(Behaviour::Status(404).on(Routes::Pictures));
    let missing = crawler.fetch_image(&url, &video.host).await;
    assert!(matches!(missing, Err(ImageError::Status { status: 404, .. })), "{missing:?}");
    drop(hosts);
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_have_a_gentle_pace_of_their_own() {
    let fediverse = Fediverse::builder().host(generated(0, 12)).start().await.unwrap();
    let mut world = World::of(&fediverse);
    world.crawl().await;
    // As a stranger: the crawl would wait a second between two requests, pictures a quarter of one.
    world.config.network.own_hosts.clear();
    let crawler = world.open();
    let host = fediverse.hosts().next().unwrap();
    let images = crawler.images();
    let started = std::time::Instant::now();
    let fetches: Vec<_> = world
        .videos(host.name())
        .into_values()
        .take(6)
        .map(|video| {
            let images = images.clone();
            tokio::spawn(async move { images.fetch(&video.thumbnail_url.unwrap(), &video.host).await.unwrap() })
        })
        .collect();
    for fetch in fetches {
        fetch.await.unwrap();
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(4), "took {:?}", started.elapsed());
    let rules = PictureRules {
        max_in_flight: 2,
        max_requests: 5,
        per: std::time::Duration::from_millis(1000),
        token: "vigie".to_owned(),
    };
    let found = picture_breaches(&fediverse.exchanges(), &rules);
    assert!(found.is_empty(), "{found:?}");
    fediverse.shutdown().await;
}

#[tokio::test]
async fn a_directory_is_read_page_by_page_and_whole_or_not_at_all() {
    let pages = [
        r#"{"total":3,"data":[{"host":"a.example"},{"host":"b.example"}]}"#,
        r#"{"total":3,"data":[{"host":"c.example"}]}"#,
    ];
    let address = serve_json(pages.map(str::to_owned).to_vec()).await;
    let world = World::new(BTreeMap::from([("directory.example".to_owned(), address)]));
    let crawler = world.open();
    let found = fetch_pages(crawler.client(), "http://directory.example/api/v1", SourceKind::PeerTube).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[1], pages[1]);

    let broken = serve_json(vec![pages[0].to_owned(), "{\"total\":3}".to_owned()]).await;
    let world = World::new(BTreeMap::from([("directory.example".to_owned(), broken)]));
    let error =
        fetch_pages(world.open().client(), "http://directory.example/api/v1", SourceKind::PeerTube).await.unwrap_err();
    assert!(error.to_string().contains("not a list"), "{error}");

    for base in ["http://stranger.example/api/v1", "https://127.0.0.1/api", "nonsense", "https://tube.local/"] {
        assert!(fetch_pages(crawler.client(), base, SourceKind::PeerTube).await.is_err(), "{base}");
    }
}
