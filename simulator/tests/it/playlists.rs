//! Playlists of a generated host answer as those of PeerTube 6.3.0.

use std::collections::BTreeSet;

use crate::client::{NOW, get};
use serde_json::{Value, json};
use simulator::{Catalogue, Fediverse, HostHandle, HostSetup, PlaylistPrivacy, Privacy, Version, short_uuid};

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

const RECORDED: &str = include_str!("../../fixtures/peertube-6.3.0/playlist-6.json");

#[tokio::test]
async fn public_playlists_are_listed_local_and_remote_ones_alike() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let mut orders = BTreeSet::new();
    for sort in ["name", "-displayName", "createdAt", "-createdAt", "-updatedAt"] {
        let all = get(host.address(), &format!("/api/v1/video-playlists?count=100&sort={sort}")).await.json();
        let rows = all["data"].as_array().unwrap();
        assert_eq!(all["total"].as_u64().unwrap(), rows.len() as u64);
        let key = match sort.trim_start_matches('-') {
            "name" => "displayName",
            key => key,
        };
        let mut values: Vec<&str> = rows.iter().map(|row| row[key].as_str().unwrap()).collect();
        if sort.starts_with('-') {
            values.reverse();
        }
        assert!(values.is_sorted(), "{sort}: {values:?}");
        orders.insert(rows.iter().map(|row| row["uuid"].to_string()).collect::<Vec<_>>());
        let local: BTreeSet<&str> =
            rows.iter().filter(|row| row["isLocal"] == true).map(|row| row["uuid"].as_str().unwrap()).collect();
        let expected: Vec<String> = host.listed_playlists().iter().map(|it| it.uuid.to_string()).collect();
        assert_eq!(local, expected.iter().map(String::as_str).collect());
        assert_eq!(rows.len(), local.len() + 2, "two remote ones");
        for row in rows {
            assert_eq!(keys(row), keys(&recorded));
            assert_eq!(row["thumbnailPath"].is_null(), row["videosLength"] == 0);
            assert_eq!(row["isLocal"] == true, row["ownerAccount"]["host"] == host.name());
        }
    }
    assert!(orders.len() >= 4);
    assert_eq!(get(host.address(), "/api/v1/video-playlists").await.json()["data"], {
        get(host.address(), "/api/v1/video-playlists?count=15&sort=-createdAt").await.json()["data"].clone()
    });
    for wrong in ["count=101", "count=abc", "start=-1", "sort=-views", "sort=videoChannelPosition", "playlistType=3"] {
        assert_eq!(get(host.address(), &format!("/api/v1/video-playlists?{wrong}")).await.status, 400, "{wrong}");
    }
    assert_eq!(get(host.address(), "/api/v1/video-playlists?playlistType=2").await.json()["total"], 0);
}

#[tokio::test]
async fn each_kind_of_element_shows_as_it_was_recorded() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let spec = host.playlists().into_iter().next().unwrap();
    let path = format!("/api/v1/video-playlists/{}", short_uuid(spec.uuid));
    let playlist = get(host.address(), &path).await.json();
    assert_eq!(playlist["videosLength"], spec.elements.len());
    let page = get(host.address(), &format!("{path}/videos?count=100")).await.json();
    assert_eq!(page["total"], spec.elements.len());
    let rows = page["data"].as_array().unwrap();
    let mut kinds = BTreeSet::new();
    let (mut n_unlisted, mut n_remote) = (0, 0);
    for (nth, row) in rows.iter().enumerate() {
        assert_eq!(keys(row), BTreeSet::from(["id", "position", "startTimestamp", "stopTimestamp", "type", "video"]));
        assert_eq!(row["position"], nth + 1);
        assert_eq!(row["video"].is_null(), row["type"] != 0);
        kinds.insert(row["type"].as_u64().unwrap());
        n_unlisted += usize::from(row["video"]["privacy"]["id"] == 2);
        n_remote += usize::from(row["video"]["isLocal"] == false);
    }
    assert_eq!(kinds, BTreeSet::from([0, 1, 2, 3]));
    assert!(n_unlisted == 1 && n_remote == 1);
    let item = rows.iter().find(|row| row["type"] == 0).unwrap();
    assert_eq!(item["video"].as_object().unwrap().len(), 29);
    let part = get(host.address(), &format!("{path}/videos?start=1&count=2")).await.json();
    assert_eq!((part["data"].as_array().unwrap(), &part["total"]), (&rows[1..3].to_vec(), &page["total"]));
    assert_eq!(get(host.address(), &format!("{path}/videos?count=101")).await.status, 400);
    // Videos go, become private, are blocked: the places stay and the count with them.
    let later = "2026-01-02T00:00:00Z".parse().unwrap();
    host.delete(spec.elements[0].video).unwrap();
    host.set_privacy(spec.elements[1].video, Privacy::Internal, later).unwrap();
    let page = get(host.address(), &format!("{path}/videos?count=2")).await.json();
    assert_eq!((&page["data"][0]["type"], &page["data"][1]["type"]), (&json!(1), &json!(2)));
    let after = get(host.address(), &path).await.json();
    assert_eq!(after, playlist, "neither its length nor its date moved");
}

#[tokio::test]
async fn unlisted_and_private_playlists_answer_as_recorded() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let of = |privacy| host.playlists().into_iter().find(|it| it.privacy == privacy).unwrap();
    let (unlisted, private) = (of(PlaylistPrivacy::Unlisted), of(PlaylistPrivacy::Private));
    for (id, sub, status, error) in [
        (unlisted.uuid.to_string(), "", 200, ""),
        (unlisted.uuid.to_string(), "/videos", 200, ""),
        (unlisted.id.to_string(), "/videos", 404, "Playlist not found"),
        (private.uuid.to_string(), "", 401, "Token is invalid"),
        (private.id.to_string(), "/videos", 401, "Token is invalid"),
        ("999999".to_owned(), "", 404, "Video playlist not found"),
        ("999999".to_owned(), "/videos", 404, "Video playlist not found"),
        ("no-uuid".to_owned(), "", 400, "Incorrect request parameters: playlistId"),
    ] {
        let reply = get(host.address(), &format!("/api/v1/video-playlists/{id}{sub}")).await;
        assert_eq!(reply.status, status, "{id}{sub}");
        assert_eq!(reply.json()["error"].as_str().unwrap_or_default(), error, "{id}{sub}");
    }
    let recorded: Value =
        serde_json::from_str(include_str!("../../fixtures/peertube-6.3.0/error-401-token-invalid.json")).unwrap();
    assert_eq!(get(host.address(), &format!("/api/v1/video-playlists/{}", private.uuid)).await.json(), recorded);
}

#[tokio::test]
async fn playlists_change_while_the_host_runs() {
    let fediverse = start().await;
    let host = only(&fediverse);
    let at = |hour: u8| format!("2026-01-02T{hour:02}:00:00Z").parse().unwrap();
    let channel = host.channels()[0].name.clone();
    let list = async || {
        let path = format!("/api/v1/video-channels/{channel}/video-playlists?count=100&sort=-updatedAt");
        get(host.address(), &path).await.json()
    };
    let before = list().await["total"].as_u64().unwrap();
    let added = host.add_playlist(&channel, "Made today", at(1)).unwrap();
    let video = host.listed()[3].uuid;
    let row = list().await["data"][0].clone();
    assert_eq!((&row["displayName"], &row["videosLength"]), (&json!("Made today"), &json!(0)));
    host.add_to_playlist(added.uuid, video, at(2)).unwrap();
    host.add_to_playlist(added.uuid, host.listed()[4].uuid, at(3)).unwrap();
    let row = list().await["data"][0].clone();
    assert_eq!((&row["updatedAt"], &row["videosLength"]), (&json!("2026-01-02T03:00:00.000Z"), &json!(2)));
    assert_eq!(row["createdAt"], "2026-01-02T01:00:00.000Z");
    host.remove_from_playlist(added.uuid, video, at(4)).unwrap();
    assert!(host.remove_from_playlist(added.uuid, video, at(4)).is_err());
    host.edit_playlist(added.uuid, at(5), |playlist| playlist.display_name = "Made yesterday".to_owned()).unwrap();
    let row = list().await["data"][0].clone();
    assert_eq!((&row["displayName"], &row["videosLength"]), (&json!("Made yesterday"), &json!(1)));
    host.set_playlist_privacy(added.uuid, PlaylistPrivacy::Private, at(6)).unwrap();
    assert_eq!(list().await["total"], before);
    host.set_playlist_privacy(added.uuid, PlaylistPrivacy::Public, at(7)).unwrap();
    assert_eq!(list().await["total"], before + 1);
    host.delete_playlist(added.uuid).unwrap();
    assert!(host.delete_playlist(added.uuid).is_err());
    assert_eq!(get(host.address(), &format!("/api/v1/video-playlists/{}", added.uuid)).await.status, 404);
    assert!(host.add_playlist("nosuch", "x", at(8)).is_err());
}

#[tokio::test]
async fn hosts_before_6_0_have_playlists_without_a_channel() {
    let catalogue = Catalogue::new(5, NOW.parse().unwrap(), 60);
    let mut n_without = 0;
    for (nth, spec) in catalogue.hosts().iter().enumerate() {
        let instance = catalogue.instance(nth, 250).unwrap();
        let without: Vec<_> = instance.listed_playlists().filter(|playlist| playlist.channel.is_none()).collect();
        assert!(without.is_empty() || !spec.version.since(6, 0), "{}", spec.version);
        n_without += without.len();
        let Some(playlist) = without.first().map(|playlist| (*playlist).clone()) else { continue };
        let account = spec.accounts[playlist.account as usize].name.clone();
        let setup = HostSetup::generated(instance).rate_limit(None);
        let fediverse = Fediverse::builder().host(setup).start().await.unwrap();
        let host = only(&fediverse);
        let row = get(host.address(), &format!("/api/v1/video-playlists/{}", playlist.uuid)).await.json();
        assert!(row["videoChannel"].is_null() && row["ownerAccount"]["name"] == account.as_str());
        let of_account =
            get(host.address(), &format!("/api/v1/accounts/{account}/video-playlists?count=100")).await.json();
        assert!(of_account["data"].as_array().unwrap().iter().any(|it| it["uuid"] == row["uuid"]));
    }
    assert!(n_without > 3, "{n_without}");
}
