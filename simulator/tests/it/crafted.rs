//! Hosts made by hand, and the two that have the shape of PeerTube's assertions about an index.

use crate::client::{NOW, get};
use serde_json::Value;
use simulator::conformance::{self, E2E_PLAYLIST, FRAMASOFT_CHANNEL, NOBODY, WHAT_IS_PEERTUBE};
use simulator::{Crafted, Fediverse, HostHandle, HostSetup, Version, uuid_of};

async fn start(setups: Vec<HostSetup>) -> Fediverse {
    Fediverse::builder().hosts(setups).start().await.unwrap()
}

async fn json(host: &HostHandle, target: &str) -> Value {
    get(host.address(), target).await.json()
}

fn names<'a>(page: &'a Value, key: &str) -> Vec<&'a str> {
    page["data"].as_array().unwrap().iter().map(|row| row[key].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_host_made_by_hand_serves_what_was_written_and_nothing_else() {
    let host = Crafted::new("tube.example:8443", Version::of_major(8), NOW.parse().unwrap())
        .account("ada", "Ada", |account| account.n_avatars = Some(0))
        .channel("ada", "looms", "Looms", |channel| {
            channel.description = Some("#nosearch".to_owned());
            channel.n_avatars = Some(2);
        })
        .video("looms", uuid_of("first"), "A loom at work", |video| {
            (video.category, video.licence, video.language) = (Some(15), Some(8), Some("eo"));
        })
        .video("looms", uuid_of("second"), "A loom at rest", |_| {})
        .playlist("looms", uuid_of("list"), "Looms", &[uuid_of("second"), uuid_of("gone")], |_| {});
    let fediverse = start(vec![HostSetup::crafted(host).unwrap()]).await;
    let host = fediverse.host("tube.example:8443").unwrap();
    let page = json(host, "/api/v1/videos?isLocal=true&nsfw=both&sort=name").await;
    assert_eq!(names(&page, "name"), ["A loom at rest", "A loom at work"]);
    let row = &page["data"][1];
    assert_eq!(row["url"], format!("https://tube.example:8443/videos/watch/{}", uuid_of("first")));
    assert_eq!(row["licence"]["label"], "Free of known copyright restrictions");
    assert_eq!(row["language"]["label"], "Esperanto");
    assert!(row["account"]["avatars"].as_array().unwrap().is_empty());
    assert_eq!(row["channel"]["avatars"].as_array().unwrap().len(), 2);
    let channels = json(host, "/api/v1/video-channels").await;
    assert_eq!((names(&channels, "name"), &channels["data"][0]["description"]), (vec!["looms"], &"#nosearch".into()));
    let elements = json(host, &format!("/api/v1/video-playlists/{}/videos", uuid_of("list"))).await;
    assert_eq!(
        (&elements["data"][0]["video"]["name"], &elements["data"][1]["type"]),
        (&"A loom at rest".into(), &1.into())
    );
    assert_ne!(uuid_of("first"), uuid_of("second"));

    let now = NOW.parse().unwrap();
    let wrong = Crafted::new("a.example", Version::RECORDED, now).channel("nobody", "x", "X", |_| {});
    assert!(matches!(wrong.instance(), Err(simulator::Error::UnknownAccount { .. })));
    let wrong = Crafted::new("a.example", Version::RECORDED, now).video("none", uuid_of("x"), "X", |_| {});
    assert!(matches!(HostSetup::crafted(wrong), Err(simulator::Error::UnknownChannel { .. })));
}

#[tokio::test]
async fn the_conformance_hosts_hold_what_the_assertions_name() {
    let fediverse = start(vec![conformance::framatube().unwrap(), conformance::peertube2().unwrap()]).await;
    let (framatube, peertube2) =
        (fediverse.host("framatube.org").unwrap(), fediverse.host("peertube2.cpy.re").unwrap());
    let video = json(framatube, "/api/v1/videos/kkGMgK9ZtnKfYAgnEtQxbv").await;
    assert_eq!(video["uuid"], WHAT_IS_PEERTUBE.to_string());
    for (pointer, value) in [
        ("/id", Value::from(1717)),
        ("/name", "What is PeerTube?".into()),
        ("/category/label", "Science & Technology".into()),
        ("/licence/label", "Attribution - Share Alike".into()),
        ("/privacy/label", "Public".into()),
        ("/duration", 113.into()),
        ("/publishedAt", "2018-10-01T10:52:46.396Z".into()),
        ("/createdAt", "2018-09-28T13:43:34.834Z".into()),
        ("/embedPath", "/videos/embed/kkGMgK9ZtnKfYAgnEtQxbv".into()),
        ("/url", "https://framatube.org/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d".into()),
        ("/tags", serde_json::json!(["framasoft", "peertube"])),
        ("/nsfwFlags", 0.into()),
        ("/account/url", "https://framatube.org/accounts/framasoft".into()),
        ("/channel/url", "https://framatube.org/video-channels/joinpeertube".into()),
        ("/channel/displayName", "A propos de PeerTube".into()),
    ] {
        assert_eq!(video.pointer(pointer), Some(&value), "{pointer}");
    }
    assert!(video["thumbnailPath"].as_str().unwrap().starts_with("/lazy-static/thumbnails/"));
    assert_eq!(get(framatube.address(), &format!("/api/v1/videos/{NOBODY}")).await.status, 404);
    let channel = json(framatube, &format!("/api/v1/video-channels/{FRAMASOFT_CHANNEL}")).await;
    assert_eq!(channel["displayName"], "Les vidéos de Framasoft");
    assert_eq!(channel["ownerAccount"]["name"], "framasoft");
    let (mut n_root, mut titles) = (0, Vec::new());
    for host in [framatube, peertube2] {
        let channels = json(host, "/api/v1/video-channels").await;
        for channel in channels["data"].as_array().unwrap() {
            assert_eq!(channel["avatars"].as_array().unwrap().len(), 2);
            assert_eq!(channel["ownerAccount"]["avatars"].as_array().unwrap().len(), 2);
            n_root += usize::from(channel["name"].as_str().unwrap().starts_with("root"));
            // A search may leave out channels that hold nothing.
            let name = channel["name"].as_str().unwrap();
            let videos = json(host, &format!("/api/v1/video-channels/{name}/videos?nsfw=both")).await;
            assert!(videos["total"].as_u64().unwrap() > 0, "{name}");
        }
        let page = json(host, "/api/v1/videos?isLocal=true&nsfw=both&count=100").await;
        titles.extend(names(&page, "name").into_iter().map(str::to_lowercase));
    }
    assert!(n_root > 2);
    for (words, more_than) in [("local video", 2), ("video", 5), ("what is peertube", 1)] {
        assert!(titles.iter().filter(|title| title.contains(words)).count() > more_than, "{words}");
    }
    assert_eq!(get(peertube2.address(), "/api/v1/video-channels/chocobozzz_channel2").await.status, 404);
    let unsafe_ones = json(peertube2, "/api/v1/videos?nsfw=true&sort=name").await;
    assert_eq!(names(&unsafe_ones, "name"), ["NSFW search index", "NSFW test"]);
    let test = &unsafe_ones["data"][1];
    assert_eq!((&test["nsfwFlags"], &test["nsfwSummary"]), (&1.into(), &"This video can be violent".into()));
    let playlist = json(peertube2, &format!("/api/v1/video-playlists/{E2E_PLAYLIST}")).await;
    assert_eq!(playlist["url"], format!("https://peertube2.cpy.re/videos/watch/playlist/{E2E_PLAYLIST}"));
    assert_eq!(playlist["embedPath"], "/video-playlists/embed/fgei1ws1oa6FCaJ2qZPG29");
    assert_eq!((&playlist["displayName"], &playlist["videosLength"]), (&"E2E playlist".into(), &3.into()));
    assert_eq!(playlist["videoChannel"]["name"], "chocobozzz_channel");
    assert_eq!(playlist["ownerAccount"]["avatars"].as_array().unwrap().len(), 2);
    let of_channel = json(peertube2, "/api/v1/video-channels/chocobozzz_channel/video-playlists").await;
    assert_eq!(of_channel["total"], 1);
}
