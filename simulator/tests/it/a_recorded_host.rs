//! A recorded host answers as the recorded server did, under another name.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::client::{get, request};
use serde_json::Value;
use simulator::replay::{Recording, Set};
use simulator::{Fediverse, HostHandle, HostSetup};

const HOST: &str = "tilleuls.example";

async fn start(set: Set) -> Fediverse {
    let recording = Recording::bundled(set).unwrap().origin(HOST);
    let name = if set == Set::Federated { "second.example" } else { HOST };
    Fediverse::builder().host(HostSetup::recorded(name, recording).rate_limit(None)).start().await.unwrap()
}

fn only(fediverse: &Fediverse) -> &HostHandle {
    fediverse.hosts().next().unwrap()
}

async fn scan(host: &HostHandle, query: &str, count: usize) -> (Vec<Value>, u64) {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let page =
            get(host.address(), &format!("/api/v1/videos?{query}&start={}&count={count}", all.len())).await.json();
        let items = page["data"].as_array().unwrap().clone();
        let n = items.len();
        all.extend(items);
        if n < count {
            return (all, page["total"].as_u64().unwrap());
        }
    }
}

fn uuids(items: &[Value]) -> BTreeSet<&str> {
    items.iter().map(|item| item["uuid"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn listings_of_any_paging_hold_the_videos_of_each_state() {
    let fediverse = start(Set::BeforeChanges).await;
    let host = only(&fediverse);
    for (set, n, n_safe) in
        [(Set::BeforeChanges, 48, None), (Set::LiveStreaming, 50, None), (Set::AfterChanges, 44, Some(40))]
    {
        host.switch_set(set).unwrap();
        let (full, _) = scan(host, "isLocal=true&nsfw=both&sort=createdAt", 100).await;
        for count in [7, 15, 50] {
            let (items, total) = scan(host, "nsfw=both&sort=-publishedAt&isLocal=true", count).await;
            assert_eq!((items.len(), total), (n, n as u64), "{set:?}");
            assert_eq!(uuids(&items), uuids(&full));
        }
        assert!(full.windows(2).all(|pair| pair[0]["createdAt"].as_str() <= pair[1]["createdAt"].as_str()));
        if let Some(n_safe) = n_safe {
            assert_eq!(scan(host, "isLocal=true", 100).await.1, n_safe);
        }
    }
}

#[tokio::test]
async fn recorded_pages_are_given_as_they_were_whatever_the_order_of_parameters() {
    let fediverse = start(Set::AfterChanges).await;
    let host = only(&fediverse);
    let recorded = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/peertube-6.3.0/videos-scan-ascending.json"
    ))
    .unwrap();
    let expected =
        recorded.replace("http://localhost:9000", "https://tilleuls.example").replace("localhost:9000", HOST);
    let reply = get(host.address(), "/api/v1/videos?start=0&sort=createdAt&count=100&nsfw=both&isLocal=true").await;
    assert_eq!(reply.text(), expected);
    assert!(!reply.text().contains("localhost"));
}

#[tokio::test]
async fn every_listed_video_has_a_detail_and_hidden_ones_answer_as_recorded() {
    let fediverse = start(Set::BeforeChanges).await;
    let host = only(&fediverse);
    for set in [Set::BeforeChanges, Set::AfterChanges] {
        host.switch_set(set).unwrap();
        let (items, _) = scan(host, "isLocal=true&nsfw=both", 100).await;
        let mut n_recorded = 0;
        for item in &items {
            let reply = get(host.address(), &format!("/api/v1/videos/{}", item["uuid"].as_str().unwrap())).await;
            let detail = reply.json();
            assert_eq!(reply.status, 200);
            assert!(detail["tags"].is_array() && detail["state"]["id"] == 1 && detail["name"] == item["name"]);
            assert!(detail["url"].as_str().unwrap().starts_with("https://tilleuls.example/videos/watch/"));
            n_recorded += usize::from(reply.header("x-synthesised").is_none());
        }
        assert!(n_recorded >= 14, "{set:?}: {n_recorded}");
    }
    let content: Value = serde_json::from_str(include_str!("../../fixtures/peertube-6.3.0/content.json")).unwrap();
    for (key, before, after) in [
        ("unlisted", 200, 200),
        ("private", 401, 401),
        ("internal", 401, 401),
        ("password", 403, 403),
        ("scheduled", 401, 401),
        ("todelete1", 200, 404),
        ("tohide", 200, 401),
        ("toblock", 200, 401),
        ("eph1", 200, 404),
    ] {
        let video = content["videos"].as_array().unwrap().iter().find(|video| video["key"] == key).unwrap();
        for (set, status) in [(Set::BeforeChanges, before), (Set::AfterChanges, after)] {
            host.switch_set(set).unwrap();
            let reply = get(host.address(), &format!("/api/v1/videos/{}", video["uuid"].as_str().unwrap())).await;
            assert_eq!(reply.status, status, "{key} {set:?}");
        }
    }
    assert_eq!(get(host.address(), "/api/v1/videos/not-a-uuid").await.status, 400);
    assert_eq!(get(host.address(), "/api/v1/videos?count=101&isLocal=true").await.status, 400);
}

#[tokio::test]
async fn the_outbox_is_that_of_the_last_state() {
    let fediverse = start(Set::BeforeChanges).await;
    let host = only(&fediverse);
    let accept = [("Accept", "application/activity+json")];
    let outbox =
        async |target: &str| request(host.address(), target, &accept, Duration::from_secs(5), usize::MAX).await;
    assert_eq!(outbox("/accounts/amelie/outbox?page=1&size=50").await.status, 404);
    host.switch_set(Set::AfterChanges).unwrap();
    let page = outbox("/accounts/amelie/outbox?size=50&page=1").await.json();
    assert_eq!((page["orderedItems"].as_array().unwrap().len(), page["totalItems"].as_u64()), (15, Some(17)));
    let second = outbox("/accounts/amelie/outbox?page=2&size=10").await.json();
    assert_eq!(second["orderedItems"].as_array().unwrap().len(), 5);
    assert_eq!(second["orderedItems"][0], page["orderedItems"][10]);
    assert!(second.get("next").is_none());
    assert_eq!(outbox("/accounts/amelie/outbox?page=1&size=51").await.status, 400);
    assert_eq!(outbox("/accounts/openlab_user/outbox?page=1&size=50").await.status, 404);
}

#[tokio::test]
async fn discovery_works_in_every_state() {
    for set in [Set::BeforeChanges, Set::LiveStreaming, Set::LiveEnded, Set::AfterChanges, Set::Federated] {
        let fediverse = start(set).await;
        let host = only(&fediverse);
        assert_eq!(get(host.address(), "/robots.txt").await.text(), "User-agent: *\nDisallow:\n");
        assert_eq!(get(host.address(), "/api/v1/config").await.json()["serverVersion"], "6.3.0");
        assert_eq!(get(host.address(), "/nodeinfo/2.0.json").await.json()["software"]["name"], "peertube");
        assert_eq!(get(host.address(), "/.well-known/nodeinfo").await.status, 200);
        assert_eq!(get(host.address(), "/api/v1/server/stats").await.status, 200);
        let channels = get(host.address(), "/api/v1/video-channels?start=0&count=100&sort=createdAt").await.json();
        assert!(channels["total"].as_u64().unwrap() >= 4, "{set:?}");
    }
}

#[tokio::test]
async fn the_second_server_lists_what_it_does_not_own() {
    let fediverse = start(Set::Federated).await;
    let host = only(&fediverse);
    let (all, total) = scan(host, "nsfw=both", 30).await;
    assert_eq!(total, 46);
    assert_eq!(all.iter().filter(|item| item["isLocal"] == true).count(), 2);
    assert!(all.iter().filter(|item| item["isLocal"] == false).all(|item| item["account"]["host"] == HOST));
    let (local, _) = scan(host, "nsfw=both&isLocal=true", 30).await;
    assert!(local.iter().all(|item| item["account"]["host"] == "second.example"));
    assert_eq!(local.len(), 2);
}

#[tokio::test]
async fn channels_and_playlists_are_those_of_each_state() {
    let fediverse = start(Set::BeforeChanges).await;
    let host = only(&fediverse);
    let list = async |path: &str| {
        let page = get(host.address(), path).await.json();
        (page["total"].as_u64().unwrap(), page["data"].as_array().unwrap().clone())
    };
    for (set, n_channels, season) in [
        (Set::BeforeChanges, 6, "Rust for beginners — the complete series"),
        (Set::LiveStreaming, 6, "Rust for beginners — the complete series"),
        (Set::LiveEnded, 6, "Rust for beginners — the complete series"),
        (Set::AfterChanges, 5, "Rust for beginners — season 1"),
    ] {
        host.switch_set(set).unwrap();
        let (total, channels) = list("/api/v1/video-channels?count=50&sort=name").await;
        assert_eq!((total, channels.len()), (n_channels, n_channels as usize), "{set:?}");
        assert!(channels.is_sorted_by_key(|channel| channel["name"].as_str().unwrap().to_owned()));
        for channel in &channels {
            let name = channel["name"].as_str().unwrap();
            for name in [name.to_owned(), name.to_uppercase(), format!("{name}@{HOST}")] {
                let one = get(host.address(), &format!("/api/v1/video-channels/{name}")).await.json();
                for key in ["displayName", "url", "description", "updatedAt"] {
                    assert_eq!(one[key], channel[key], "{set:?} {name}");
                }
            }
            let (_, videos) = list(&format!("/api/v1/video-channels/{name}/videos?nsfw=both&count=100")).await;
            assert!(videos.iter().all(|video| video["channel"]["name"] == name));
            let (n, playlists) = list(&format!("/api/v1/video-channels/{name}/video-playlists?count=20")).await;
            assert!(n == playlists.len() as u64 && playlists.iter().all(|it| it["videoChannel"]["name"] == name));
        }
        let is_there = get(host.address(), "/api/v1/video-channels/ephemere").await.status;
        assert_eq!(is_there, if set == Set::AfterChanges { 404 } else { 200 }, "{set:?}");

        // The channel was renamed by one character.
        let sign = if set == Set::AfterChanges { "Open Lab TV 📡" } else { "Open Lab TV 📺" };
        let openlab = channels.iter().find(|channel| channel["name"] == "openlab").unwrap();
        let (_, videos) = list("/api/v1/video-channels/openlab/videos?nsfw=both&count=100").await;
        assert!(openlab["displayName"] == sign && videos.iter().all(|video| video["channel"]["displayName"] == sign));

        let (total, playlists) = list("/api/v1/video-playlists?count=3&sort=name").await;
        assert_eq!((total, playlists.len()), (4, 3), "{set:?}");
        for playlist in list("/api/v1/video-playlists").await.1 {
            let length = playlist["videosLength"].as_u64().unwrap();
            for key in ["uuid", "shortUUID", "id"] {
                let id = playlist[key].as_str().map_or_else(|| playlist[key].to_string(), str::to_owned);
                let path = format!("/api/v1/video-playlists/{id}");
                assert_eq!(get(host.address(), &path).await.json()["displayName"], playlist["displayName"]);
                let (total, elements) = list(&format!("{path}/videos?count=100")).await;
                assert_eq!((total, elements.len() as u64), (length, length), "{set:?} {key}");
                let (total, some) = list(&format!("{path}/videos?count=2&start=1")).await;
                assert_eq!(total, length);
                assert!(some.iter().zip(2..).all(|(element, position)| element["position"] == position));
            }
        }
        let rust = get(host.address(), "/api/v1/video-playlists/phVqJWsRfQdZKqxdfjxi4W").await.json();
        assert_eq!(rust["displayName"], season, "{set:?}");
        let unlisted = "54304681-dc4c-49d5-b74a-f341da7bdd49";
        assert_eq!(
            get(host.address(), &format!("/api/v1/video-playlists/{unlisted}")).await.json()["privacy"]["id"],
            2
        );
        assert_eq!(get(host.address(), &format!("/api/v1/video-playlists/{unlisted}/videos")).await.status, 200);
        let private = "c686027a-5cdb-4d6b-8796-9e2c6b3bf3ee";
        assert_eq!(get(host.address(), &format!("/api/v1/video-playlists/{private}")).await.status, 401);
        assert_eq!(get(host.address(), &format!("/api/v1/video-playlists/{private}/videos?count=2")).await.status, 401);
        assert_eq!(get(host.address(), "/api/v1/video-playlists/999999").await.status, 404);
        assert_eq!(get(host.address(), "/api/v1/video-playlists?count=101").await.status, 400);
        assert_eq!(get(host.address(), "/api/v1/video-playlists/5/videos?count=101").await.status, 400);
    }
    let by_number = get(host.address(), "/api/v1/video-playlists/9/videos?count=100").await;
    assert_eq!((by_number.status, by_number.json()["error"].as_str().unwrap()), (404, "Playlist not found"));
    let accept = [("Accept", "application/activity+json")];
    let actor = request(host.address(), "/video-channels/bricole", &accept, Duration::from_secs(5), usize::MAX).await;
    assert_eq!(actor.json()["preferredUsername"], "bricole");
}

#[tokio::test]
async fn the_second_server_shows_channels_and_playlists_of_the_first() {
    let fediverse = start(Set::Federated).await;
    let host = only(&fediverse);
    let playlists = get(host.address(), "/api/v1/video-playlists?start=0&count=50").await.json();
    let rows = playlists["data"].as_array().unwrap();
    assert!(rows.len() == 3 && rows.iter().all(|row| row["isLocal"] == false && row["ownerAccount"]["host"] == HOST));
    let channels = get(host.address(), "/api/v1/video-channels").await.json();
    let own = channels["data"].as_array().unwrap().iter().filter(|row| row["isLocal"] == true).count();
    assert_eq!((channels["total"].as_u64(), own), (Some(4), 1));
    let remote = format!("/api/v1/video-channels/openlab@{HOST}");
    assert_eq!(get(host.address(), &remote).await.json()["host"], HOST);
    let videos = get(host.address(), &format!("{remote}/videos?nsfw=both&count=5")).await.json();
    assert!(videos["data"].as_array().unwrap().iter().all(|video| video["channel"]["name"] == "openlab"));
    assert!(videos["total"].as_u64().unwrap() > 5);
    assert_eq!(get(host.address(), "/api/v1/video-channels/openlab").await.status, 404);
}
