//! Playlists and their elements.

use super::*;
use crate::peertube::date::FIRST;

fn recorded_page() -> Value {
    serde_json::from_str(&recorded("video-playlists.json")).unwrap()
}

fn page_of(items: Vec<Value>) -> PlaylistsPage {
    parse_playlists(json!({"total": items.len(), "data": items}).to_string().as_bytes(), &host(), now()).unwrap()
}

fn with(change: impl FnOnce(&mut Value)) -> PlaylistsPage {
    let mut item = recorded_page()["data"][2].clone();
    change(&mut item);
    page_of(vec![item])
}

fn elements_of(name: &str) -> ElementsPage {
    parse_elements(recorded(name).as_bytes(), &host()).unwrap()
}

fn element_with(change: impl FnOnce(&mut Value)) -> ElementsPage {
    let mut page: Value = serde_json::from_str(&recorded("playlist-6-videos.json")).unwrap();
    let mut element = page["data"][0].take();
    change(&mut element);
    parse_elements(json!({"total": 1, "data": [element]}).to_string().as_bytes(), &host()).unwrap()
}

#[test]
fn recorded_playlists_become_records_without_elements() {
    let page = parse_playlists(recorded_page().to_string().as_bytes(), &host(), now()).unwrap();
    assert_eq!((page.n_rows, page.playlists.len(), page.total), (4, 4, Some(4)));
    assert_eq!((page.uuids.len(), page.n_remote), (4, 0));
    assert!(page.errors.is_empty() && page.spoofs.is_empty() && page.not_public.is_empty());
    let lengths: Vec<_> = page.playlists.iter().map(|listed| listed.claimed_length).collect();
    assert_eq!(lengths, [0, 10, 6, 3]);
    let playlist = &page.playlists[2].playlist;
    assert_eq!(playlist.display_name, "Vélo, pain et jardin 🥖");
    assert_eq!(playlist.url, format!("https://tilleuls.example/video-playlists/{}", playlist.uuid));
    assert_eq!(playlist.embed_path, format!("/video-playlists/embed/{}", playlist.uuid));
    assert!(playlist.thumbnail_path.as_ref().unwrap().starts_with("/lazy-static/thumbnails/playlist-"));
    assert!(playlist.thumbnail_url.as_ref().unwrap().starts_with("https://tilleuls.example/lazy-static/"));
    assert_eq!((playlist.description.as_deref(), playlist.origin_id), (None, 6));
    assert_eq!(playlist.owner.name, "amelie");
    assert_eq!(playlist.channel.as_ref().unwrap().name, "bricole");
    assert_eq!(playlist.created_at, "2026-11-21T22:16:44.750Z".parse().unwrap());
    assert!(playlist.elements.is_empty());

    let alone = parse_playlist(recorded("playlist-6.json").as_bytes(), &host(), now()).unwrap();
    assert_eq!(alone, page.playlists[2]);
}

#[test]
fn case_30_playlists_of_other_instances_are_counted_and_left_out() {
    let second: Host = "second.example".parse().unwrap();
    let page = parse_playlists(recorded("federated-video-playlists.json").as_bytes(), &second, now()).unwrap();
    assert_eq!((page.n_rows, page.playlists.len(), page.n_remote, page.uuids.len()), (3, 0, 3, 3));
    assert!(page.spoofs.is_empty() && page.errors.is_empty());
}

#[test]
fn case_31_a_playlist_in_the_name_of_another_host_is_a_spoof() {
    for (field, pointer, value) in [
        ("ownerAccount.host", "/ownerAccount/host", "other.example"),
        ("videoChannel.host", "/videoChannel/host", "other.example"),
        ("url", "/url", "https://other.example/video-playlists/x"),
    ] {
        let page = with(|item| *item.pointer_mut(pointer).unwrap() = json!(value));
        assert!(page.playlists.is_empty());
        assert!(matches!(&page.spoofs[..], [Rejection::Spoofed { field: found, .. }] if *found == field));
    }
    let silent = with(|item| {
        item["isLocal"] = Value::Null;
        item["ownerAccount"]["host"] = json!("other.example");
    });
    assert_eq!((silent.n_remote, silent.spoofs.len()), (1, 0));
}

#[test]
fn case_87_a_playlist_that_is_not_public_or_not_regular_is_never_a_record() {
    let unlisted = parse_playlist(recorded("playlist-9.json").as_bytes(), &host(), now());
    assert_eq!(unlisted.unwrap_err(), Rejection::NotPublic("privacy"));
    for privacy in [json!({"id": 2}), json!({"id": 3}), json!({"id": null}), json!({})] {
        assert_eq!(with(|item| item["privacy"] = privacy).not_public.len(), 1);
    }
    assert_eq!(with(|item| item["type"] = json!({"id": 2, "label": "Watch later"})).not_public.len(), 1);
    let bare = with(|item| {
        item.as_object_mut().unwrap().remove("privacy");
        item.as_object_mut().unwrap().remove("type");
    });
    assert_eq!(bare.playlists.len(), 1);
}

#[test]
fn a_playlist_needs_a_name_and_an_owner_but_no_channel() {
    assert_eq!(with(|item| item["displayName"] = json!("\u{200b}")).errors, [Rejection::Field("displayName")]);
    assert_eq!(with(|item| item["ownerAccount"] = Value::Null).errors, [Rejection::Field("ownerAccount")]);
    assert_eq!(with(|item| item["ownerAccount"]["name"] = json!("..")).errors, [Rejection::Field("ownerAccount")]);
    assert_eq!(with(|item| item["uuid"] = json!("x")).errors, [Rejection::Field("uuid")]);
    assert_eq!(with(|item| item["videoChannel"] = Value::Null).playlists[0].playlist.channel, None);
}

#[test]
fn case_45_one_broken_playlist_costs_that_playlist_only() {
    let good = recorded_page()["data"][2].to_string();
    let broken = good.replacen("\"videosLength\":6", "\"videosLength\":1e400", 1);
    assert_ne!(good, broken);
    let json = format!("{{\"data\":[{broken},{good},42,null,{{}}]}}");
    let page = parse_playlists(json.as_bytes(), &host(), now()).unwrap();
    assert_eq!((page.n_rows, page.playlists.len(), page.errors.len(), page.total), (5, 1, 4, None));

    let many = format!("{{\"data\":[{}{{}}]}}", "{},".repeat(100_000));
    assert_eq!(parse_playlists(many.as_bytes(), &host(), now()).unwrap().n_rows, 100_001);
    assert_eq!(parse_elements(many.as_bytes(), &host()).unwrap().n_rows, 100_001);
    for not_a_page in ["<!doctype html>", "{}", "{\"data\":{}}", "[]", "[1, []]", ""] {
        assert!(parse_playlists(not_a_page.as_bytes(), &host(), now()).is_err());
        assert!(parse_elements(not_a_page.as_bytes(), &host()).is_err());
    }
}

#[test]
fn case_53_absurd_lengths_and_dates_of_a_playlist_are_clamped() {
    let page = with(|item| {
        item["videosLength"] = json!(-4);
        item["createdAt"] = json!("1000-01-01T00:00:00Z");
        item["updatedAt"] = json!("2999-01-01T00:00:00Z");
    });
    let listed = &page.playlists[0];
    assert_eq!((listed.claimed_length, listed.playlist.created_at, listed.playlist.updated_at), (0, FIRST, FIRST));
    assert_eq!(with(|item| item["videosLength"] = json!(1e30)).playlists[0].claimed_length, 1_000_000_000_000);
}

#[test]
fn case_82_links_of_a_playlist_are_on_its_host_or_dropped() {
    let page = with(|item| {
        item["url"] = json!("data:text/html,x");
        item["thumbnailPath"] = json!("javascript:alert(1)");
        item["thumbnailUrl"] = json!("https://evil.example/t.jpg");
        item["embedPath"] = json!("//evil.example/embed");
    });
    let playlist = &page.playlists[0].playlist;
    assert_eq!(playlist.url, format!("https://tilleuls.example/video-playlists/{}", playlist.uuid));
    assert_eq!((&playlist.thumbnail_path, &playlist.thumbnail_url), (&None, &None));
    for (given, is_kept) in [
        ("/video-playlists/embed/nKD94HfGBbdNWtEEzBnfep", true),
        ("/videos/embed/nKD94HfGBbdNWtEEzBnfep", false),
        ("/video-playlists/embed/../../admin/and/so/on", false),
        ("/video-playlists/embed/", false),
        ("/video-playlists/embed/nKD94HfGBbdNWtEEzBnfep?autoplay=1", false),
    ] {
        let found = with(|item| item["embedPath"] = json!(given)).playlists.remove(0).playlist;
        let computed = format!("/video-playlists/embed/{}", found.uuid);
        assert_eq!(found.embed_path, if is_kept { given } else { &computed });
    }
    let absent = with(|item| drop(item.as_object_mut().unwrap().remove("embedPath"))).playlists.remove(0).playlist;
    assert_eq!(absent.embed_path, format!("/video-playlists/embed/{}", absent.uuid));
}

#[test]
fn case_98_elements_that_are_not_public_leave_no_trace() {
    let page = elements_of("playlist-6-videos.json");
    assert_eq!((page.n_rows, page.total, page.elements.len(), page.n_errors), (6, Some(6), 4, 0));
    let first: Uuid = "e128fa1c-93ff-48a7-89b0-04831b9f8136".parse().unwrap();
    assert_eq!(page.elements[0], Element { host: host(), uuid: first });
    // Ten rows: one unlisted, one private, one blocked by a moderator.
    let page = elements_of("playlist-7-videos.json");
    assert_eq!((page.n_rows, page.elements.len(), page.n_errors), (10, 7, 0));

    for change in [
        |element: &mut Value| element["type"] = json!(3),
        |element: &mut Value| element["video"] = Value::Null,
        |element: &mut Value| element["video"]["privacy"] = Value::Null,
        |element: &mut Value| element["video"]["privacy"]["id"] = json!(2),
        |element: &mut Value| element["video"]["blacklisted"] = json!(true),
        |element: &mut Value| element["video"]["state"] = json!({"id": 4}),
    ] {
        let page = element_with(change);
        assert_eq!((page.n_rows, page.elements.len(), page.n_errors), (1, 0, 0));
    }
    assert_eq!(element_with(|element| drop(element.as_object_mut().unwrap().remove("type"))).elements.len(), 1);
}

#[test]
fn an_element_is_named_by_the_origin_of_its_video() {
    let remote = |element: &mut Value| {
        element["video"]["isLocal"] = json!(false);
        element["video"]["url"] = json!("https://other.example:8443/videos/watch/x");
        element["video"]["account"]["host"] = json!("Other.example:8443");
        element["video"]["channel"]["host"] = json!("other.example:8443");
    };
    assert_eq!(element_with(remote).elements[0].host, "other.example:8443".parse().unwrap());
    let from_url = element_with(|element| {
        remote(element);
        element["video"]["account"] = Value::Null;
        element["video"]["channel"] = Value::Null;
    });
    assert_eq!(from_url.elements[0].host, "other.example:8443".parse().unwrap());

    // Contradictions are nobody's video.
    for (pointer, value) in [
        ("/video/isLocal", json!(true)),
        ("/video/channel/host", json!("third.example")),
        ("/video/url", json!("https://third.example/videos/watch/x")),
        ("/video/account/host", json!("127.0.0.1")),
        ("/video/account/host", Value::Null),
        ("/video/uuid", json!("../../etc/passwd")),
    ] {
        let page = element_with(|element| {
            remote(element);
            *element.pointer_mut(pointer).unwrap() = value;
        });
        assert_eq!((page.elements.len(), page.n_errors), (0, 1), "{pointer}");
    }
    assert_eq!(element_with(|element| element["video"]["isLocal"] = json!(false)).n_errors, 1);
}
