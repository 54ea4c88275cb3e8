//! Channels and accounts of a generated host answer as those of PeerTube 6.3.0.

use std::collections::BTreeSet;

use crate::client::{NOW, get};
use serde_json::Value;
use simulator::{Catalogue, Fediverse, HostHandle, HostSetup, Version};

async fn start() -> Fediverse {
    let catalogue = Catalogue::new(11, NOW.parse().unwrap(), 4);
    let mut instance = catalogue.instance(0, 120).unwrap();
    instance.spec.version = Version::RECORDED;
    Fediverse::builder().host(HostSetup::generated(instance).rate_limit(None)).start().await.unwrap()
}

fn only(fediverse: &Fediverse) -> &HostHandle {
    fediverse.hosts().next().unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_channel_has_the_keys_of_a_recorded_one_with_texts_and_pictures() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let recorded: Value =
        serde_json::from_str(include_str!("../../fixtures/peertube-6.3.0/channel-bricole.json")).unwrap();
    let (mut n_described, mut n_banners) = (0, 0);
    for spec in host.channels() {
        let channel = get(host.address(), &format!("/api/v1/video-channels/{}", spec.name)).await.json();
        assert_eq!(keys(&channel), keys(&recorded));
        assert_eq!(keys(&channel["ownerAccount"]), keys(&recorded["ownerAccount"]));
        assert_eq!(channel["description"].as_str(), spec.description.as_deref());
        assert_eq!(channel["displayName"], spec.display_name.as_str());
        assert_eq!(channel["url"], format!("https://{}/video-channels/{}", host.name(), spec.name));
        n_described += usize::from(spec.description.is_some());
        for image in channel["banners"].as_array().unwrap().iter().chain(channel["avatars"].as_array().unwrap()) {
            assert_eq!(keys(image), keys(&recorded["banners"][0]));
        }
        for banner in channel["banners"].as_array().unwrap() {
            n_banners += 1;
            assert_eq!(get(host.address(), banner["path"].as_str().unwrap()).await.status, 200);
        }
        // Any case, and with the own host, it is the same one.
        for name in [spec.name.to_uppercase(), format!("{}@{}", spec.name, host.name())] {
            assert_eq!(get(host.address(), &format!("/api/v1/video-channels/{name}")).await.json(), channel);
        }
    }
    assert!(n_described > 0 && n_banners > 0, "{n_described} {n_banners}");
    let missing = get(host.address(), "/api/v1/video-channels/nosuch").await;
    assert_eq!((missing.status, missing.json()["error"].as_str().unwrap()), (404, "Video channel not found"));
}

#[tokio::test]
async fn the_list_mixes_local_and_remote_rows_and_remote_ones_answer_with_their_host() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let all = get(host.address(), "/api/v1/video-channels?count=100&sort=name").await.json();
    let rows = all["data"].as_array().unwrap();
    assert_eq!(all["total"].as_u64().unwrap(), rows.len() as u64);
    assert!(rows.is_sorted_by_key(|row| row["name"].as_str().unwrap().to_owned()));
    let local: BTreeSet<&str> =
        rows.iter().filter(|row| row["isLocal"] == true).map(|row| row["name"].as_str().unwrap()).collect();
    let channels = host.channels();
    assert_eq!(local, channels.iter().map(|channel| channel.name.as_str()).collect());
    let remote: Vec<&Value> = rows.iter().filter(|row| row["isLocal"] == false).collect();
    assert!(remote.len() > 2);
    for row in remote {
        let (name, home) = (row["name"].as_str().unwrap(), row["host"].as_str().unwrap());
        assert_ne!(home, host.name());
        assert!(row["ownerAccount"].get("userId").is_none() && row["ownerAccount"]["host"] == home);
        let path = format!("/api/v1/video-channels/{name}@{home}");
        assert_eq!(&get(host.address(), &path).await.json(), row);
        assert_eq!(get(host.address(), &format!("/api/v1/video-channels/{name}")).await.status, 404);
        let videos = get(host.address(), &format!("{path}/videos?nsfw=both&count=100")).await.json();
        assert!(videos["data"].as_array().unwrap().iter().all(|video| video["isLocal"] == false));
    }
    let page = get(host.address(), "/api/v1/video-channels?sort=name&start=1&count=2").await.json();
    assert_eq!(page["data"].as_array().unwrap()[..], rows[1..3]);
    assert_eq!(get(host.address(), "/api/v1/video-channels?count=101").await.status, 400);
    assert_eq!(get(host.address(), "/api/v1/video-channels?sort=-views").await.status, 400);
}

#[tokio::test]
async fn channels_and_accounts_change_and_go() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let later = "2026-01-02T00:00:00Z".parse().unwrap();
    let channels = host.channels();
    let (kept, gone) = (&channels[0], &channels[1]);
    host.edit_channel(&kept.name, later, |channel| {
        channel.description = Some("Nothing for machines. #noindex".to_owned());
        channel.support = Some("By post".to_owned());
    })
    .unwrap();
    let account = host.instance().unwrap().spec.accounts[kept.account as usize].name.clone();
    host.edit_account(&account, later, |account| account.description = Some("Speaks".to_owned())).unwrap();
    let path = format!("/api/v1/video-channels/{}", kept.name);
    let channel = get(host.address(), &path).await.json();
    assert_eq!(channel["description"], "Nothing for machines. #noindex");
    assert_eq!(channel["support"], "By post");
    assert_eq!(channel["updatedAt"], "2026-01-02T00:00:00.000Z");
    assert_eq!(channel["ownerAccount"]["description"], "Speaks");
    assert_eq!(channel["ownerAccount"]["updatedAt"], "2026-01-02T00:00:00.000Z");

    let before = get(host.address(), &format!("/api/v1/video-channels/{}/videos?nsfw=both", gone.name)).await.json();
    let n_listed = host.listed().len() as u64;
    host.delete_channel(&gone.name).unwrap();
    assert!(host.delete_channel(&gone.name).is_err());
    assert_eq!(host.listed().len() as u64, n_listed - before["total"].as_u64().unwrap());
    assert_eq!(get(host.address(), &format!("/api/v1/video-channels/{}", gone.name)).await.status, 404);
    let uuid = before["data"][0]["uuid"].as_str().unwrap();
    assert_eq!(get(host.address(), &format!("/api/v1/videos/{uuid}")).await.status, 404);
    assert!(host.playlists().iter().all(|playlist| !playlist.is_local() || playlist.channel != Some(1)));
    // The places of the others did not move.
    assert_eq!(get(host.address(), &path).await.json(), channel);
    for _ in 0..20 {
        let video = host.add_video(later).unwrap();
        assert_ne!(video.channel, 1);
        let word = video.title_word.clone().unwrap();
        assert!(video.name.ends_with(&word) && host.all().iter().filter(|it| it.name.contains(&word)).count() == 1);
    }
    for channel in &channels[2..] {
        host.delete_channel(&channel.name).unwrap();
    }
    assert!(host.delete_channel(&kept.name).is_err(), "the last one stays");
}
