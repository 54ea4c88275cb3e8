//! The readers against recorded answers of PeerTube 6.3.0 and against invented ones.

mod channel;
mod hostile;
mod playlist;
mod versions;

use allowlist::Host;
use jiff::Timestamp;
use journal::record::Element;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn host() -> Host {
    "tilleuls.example".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// A recorded answer with the name of the recording machine replaced by that of an instance.
fn recorded(name: &str) -> String {
    let path = format!("{}/fixtures/peertube-6.3.0-2026-11-21/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.replace("http://localhost:9000", "https://tilleuls.example")
        .replace("http://localhost:9001", "https://second.example")
        .replace("localhost:9000", "tilleuls.example")
        .replace("localhost:9001", "second.example")
}

/// A good item of the listing, to be spoilt.
fn item() -> Value {
    let page: Value = serde_json::from_str(&recorded("videos-scan-ascending.json")).unwrap();
    page["data"][0].clone()
}

fn page_of(items: Vec<Value>) -> ListingPage {
    let total = items.len();
    parse_listing(json!({"total": total, "data": items}).to_string().as_bytes(), &host(), now()).unwrap()
}

fn with(change: impl FnOnce(&mut Value)) -> ListingPage {
    let mut item = item();
    change(&mut item);
    page_of(vec![item])
}

#[test]
fn a_recorded_page_becomes_records() {
    let page = parse_listing(recorded("videos-scan-ascending.json").as_bytes(), &host(), now()).unwrap();
    assert_eq!((page.n_rows, page.videos.len(), page.total), (44, 44, Some(44)));
    assert!(page.errors.is_empty() && page.spoofs.is_empty() && page.n_remote == 0);
    let video = &page.videos[0];
    assert_eq!(video.name, "Restoring a 1968 Vespa");
    assert_eq!(video.url, format!("https://tilleuls.example/videos/watch/{}", video.uuid));
    assert_eq!(video.category.as_ref().map(|category| category.id), Some(3));
    assert_eq!(video.language.as_ref().map(|language| language.id.as_str()), Some("en"));
    assert_eq!(video.originally_published_at, Some("1998-07-12T19:00:00Z".parse().unwrap()));
    assert!(video.thumbnail_url.as_ref().unwrap().starts_with("https://tilleuls.example/lazy-static/thumbnails/"));
    let widths: Vec<_> = video.account.avatars.iter().map(|avatar| avatar.width).collect();
    assert!(widths.is_sorted(), "{widths:?}");
    assert!(page.videos.iter().any(|video| video.nsfw));
    assert!(page.videos.iter().any(|video| video.category.is_none()));
    assert!(page.videos.iter().all(|video| video.detail.is_none()));
}

#[test]
fn case_30_remote_videos_of_a_federated_listing_are_counted_and_left_out() {
    let second: Host = "second.example".parse().unwrap();
    let page = parse_listing(recorded("federated-videos.json").as_bytes(), &second, now()).unwrap();
    assert_eq!((page.videos.len(), page.n_remote), (2, 44));
    assert!(page.spoofs.is_empty());
    assert!(page.videos.iter().all(|video| video.host == second));
}

#[test]
fn lives_are_listed_while_they_stream_and_not_public_afterwards() {
    let page = parse_listing(recorded("live-videos.json").as_bytes(), &host(), now()).unwrap();
    assert_eq!(page.videos.iter().filter(|video| video.is_live).count(), 2);
    for name in ["video-live-ended.json", "video-live-waiting.json", "video-unlisted.json"] {
        let found = parse_detail(recorded(name).as_bytes(), &host(), now());
        assert!(matches!(found, Err(Rejection::NotPublic(_))), "{name}: {found:?}");
    }
}

#[test]
fn a_recorded_detail_has_tags_and_the_whole_description() {
    let video = parse_detail(recorded("video-01.json").as_bytes(), &host(), now()).unwrap();
    let detail = video.detail.unwrap();
    assert_eq!(detail.tags, ["GNU", "histoire", "logiciel libre", "éducation"]);
    assert!(detail.description.unwrap().chars().count() > 600);
    assert_eq!(video.truncated_description.unwrap().encode_utf16().count(), 250);
    assert_eq!(detail.of_updated_at, Some(video.updated_at));
}

#[test]
fn a_recorded_outbox_page_has_details_of_public_videos_only() {
    let page = parse_outbox(recorded("ap-account-outbox-page1-size50.json").as_bytes(), &host()).unwrap();
    assert_eq!(page.n_rows, 15);
    assert_eq!(page.n_errors, 0);
    // Two of the fifteen are lives that wait or ended.
    assert_eq!(page.details.len(), 13);
    assert!(page.details.iter().any(|(_, detail)| detail.tags.len() > 2));
    let detail = parse_detail(recorded("video-01.json").as_bytes(), &host(), now()).unwrap();
    let (_, same) = page.details.iter().find(|(uuid, _)| *uuid == detail.uuid).unwrap();
    assert_eq!(*same, detail.detail.unwrap());

    let last = parse_outbox(recorded("ap-account-outbox-page99.json").as_bytes(), &host()).unwrap();
    assert_eq!((last.n_rows, last.has_next), (0, false));
    let foreign =
        parse_outbox(recorded("ap-account-outbox-page1-size50.json").as_bytes(), &"evil.example".parse().unwrap());
    assert!(foreign.unwrap().details.is_empty());
}

#[test]
fn case_16_and_32_nodeinfo_leads_to_the_host_itself_or_nowhere() {
    assert_eq!(
        parse_nodeinfo_links(recorded("wellknown-nodeinfo.json").as_bytes(), &host()).unwrap(),
        "/nodeinfo/2.0.json"
    );
    let rel = "http://nodeinfo.diaspora.software/ns/schema/2.0";
    for (href, mismatch) in [
        ("https://other.example/nodeinfo/2.0", true),
        ("http://127.0.0.1/nodeinfo/2.0", true),
        ("data:application/json,{}", false),
        ("file:///etc/passwd", false),
        ("//tilleuls.example/nodeinfo", false),
    ] {
        let json = json!({"links": [{"rel": rel, "href": href}]}).to_string();
        let found = parse_nodeinfo_links(json.as_bytes(), &host()).unwrap_err();
        assert_eq!(matches!(found, IdentityError::Mismatch(_)), mismatch, "{href}: {found}");
    }
    let software = parse_nodeinfo(recorded("nodeinfo-2.0.json").as_bytes()).unwrap();
    assert_eq!((software.name.as_str(), software.version.as_str()), ("peertube", "6.3.0"));
}

#[test]
fn case_31_a_spoofed_item_is_rejected_and_named() {
    for (field, pointer, value) in [
        ("account.host", "/account/host", json!("other.example")),
        ("channel.host", "/channel/host", json!("other.example")),
        ("url", "/url", json!("https://other.example/videos/watch/x")),
        ("url", "/url", json!("https://tilleuls.example:8443/videos/watch/x")),
    ] {
        let page = with(|item| *item.pointer_mut(pointer).unwrap() = value);
        assert!(page.videos.is_empty());
        assert!(
            matches!(&page.spoofs[..], [Rejection::Spoofed { field: found, .. }] if *found == field),
            "{:?}",
            page.spoofs
        );
    }
    // The same host in another spelling is the same host.
    let page = with(|item| item["account"]["host"] = json!("TILLEULS.example."));
    assert_eq!(page.videos.len(), 1);
    let page = with(|item| item["isLocal"] = json!(false));
    assert_eq!((page.videos.len(), page.n_remote), (0, 1));
}

#[test]
fn case_45_one_broken_item_costs_that_item_only() {
    let good = item().to_string();
    let broken = good.replacen("\"views\":1999", "\"views\":1e400", 1);
    assert_ne!(good, broken);
    let json = format!("{{\"total\":3,\"data\":[{broken},{good},42,null,\"x\",{{}}]}}");
    let page = parse_listing(json.as_bytes(), &host(), now()).unwrap();
    assert_eq!((page.n_rows, page.videos.len()), (6, 1));
    assert_eq!(page.errors.len() + page.n_remote, 5);

    let many = format!("{{\"total\":1,\"data\":[{}{{}}]}}", "{},".repeat(1_000_000));
    let page = parse_listing(many.as_bytes(), &host(), now()).unwrap();
    assert_eq!(page.n_rows, 1_000_001);
}

#[test]
fn case_46_deep_nesting_is_an_error_and_no_crash() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let _ = parse_listing(deep.as_bytes(), &host(), now());
    let inside = format!("{{\"total\":1,\"data\":[{{\"uuid\":{deep}}}]}}");
    let page = parse_listing(inside.as_bytes(), &host(), now());
    assert!(page.map_or(true, |page| page.videos.is_empty()));
    assert!(parse_outbox(deep.as_bytes(), &host()).map_or(true, |page| page.details.is_empty()));
}

#[test]
fn case_53_absurd_numbers_and_dates_are_clamped_or_dropped() {
    let page = with(|item| {
        item["duration"] = json!(-5);
        item["views"] = json!(-1);
        item["likes"] = json!(9e30);
        item["aspectRatio"] = json!(-3);
        item["publishedAt"] = json!("2030-01-01T00:00:00.000Z");
        item["originallyPublishedAt"] = json!("9999-01-01T00:00:00.000Z");
        item["createdAt"] = json!("0000-01-01T00:00:00.000Z");
    });
    let first: jiff::Timestamp = "1990-01-01T00:00:00Z".parse().unwrap();
    let video = &page.videos[0];
    assert_eq!((video.duration_s, video.views, video.likes), (0, 0, 1_000_000_000_000));
    assert_eq!(video.published_at, first, "the same each time it is seen");
    assert_eq!((video.originally_published_at, video.aspect_ratio), (None, None));
    assert_eq!(video.created_at, first);
    let soon = with(|item| item["publishedAt"] = json!(now().checked_add(jiff::SignedDuration::from_mins(7)).unwrap()));
    assert_eq!(soon.videos[0].published_at, now(), "a clock that is fast");
    let created = with(|item| item["publishedAt"] = json!("2099-01-01T00:00:00.000Z")).videos[0].created_at;
    let ahead = with(|item| item["publishedAt"] = json!("2099-01-01T00:00:00.000Z"));
    assert_eq!(ahead.videos[0].published_at, created, "its creation is believed");
}

#[test]
fn case_82_foreign_and_dangerous_links_are_dropped() {
    let page = with(|item| {
        item["url"] = json!("javascript:alert(1)");
        item["thumbnailPath"] = json!("//evil.example/a.jpg");
        item["previewPath"] = json!("javascript:alert(1)");
        item["embedPath"] = json!("https://evil.example/embed");
        item["account"]["url"] = json!("https://evil.example/accounts/x");
        item["channel"]["avatars"] = json!([{"path": null, "fileUrl": "https://evil.example/a.png", "width": 48}]);
    });
    let video = &page.videos[0];
    assert_eq!(video.url, format!("https://tilleuls.example/videos/watch/{}", video.uuid));
    assert_eq!((&video.thumbnail_url, &video.preview_path), (&None, &None));
    assert_eq!(video.embed_path, format!("/videos/embed/{}", video.uuid));
    assert_eq!(video.account.url, format!("https://tilleuls.example/accounts/{}", video.account.name));
    assert!(video.channel.avatars.is_empty());
}

#[test]
fn case_84_an_item_without_a_visible_title_is_rejected() {
    let page = with(|item| item["name"] = json!("\u{200b}\u{200b}"));
    assert_eq!(page.errors, [Rejection::Field("name")]);
}

#[test]
fn case_33_a_second_name_of_an_instance_owns_nothing() {
    let alias: Host = "videos.tilleuls.example".parse().unwrap();
    let named = parse_nodeinfo_links(recorded("wellknown-nodeinfo.json").as_bytes(), &alias).unwrap_err();
    assert_eq!(named, IdentityError::Mismatch("tilleuls.example".to_owned()));
    // Where its discovery documents are hidden, each item still names the instance it belongs to.
    let page = parse_listing(recorded("videos-scan-ascending.json").as_bytes(), &alias, now()).unwrap();
    assert_eq!((page.videos.len(), page.spoofs.len()), (0, 44));
    let channel = parse_channel(recorded("channel-bricole.json").as_bytes(), &alias, now()).unwrap_err();
    assert!(matches!(channel, Rejection::Spoofed { found, .. } if found == "tilleuls.example"));
    let page = parse_playlists(recorded("video-playlists.json").as_bytes(), &alias, now()).unwrap();
    assert_eq!((page.playlists.len(), page.spoofs.len()), (0, 4));
    let page = parse_outbox(recorded("ap-account-outbox-page1-size50.json").as_bytes(), &alias).unwrap();
    assert!(page.details.is_empty());
}

#[test]
fn case_85_tags_of_a_detail_and_an_outbox_are_bounded_whatever_is_sent() {
    let mut many: Vec<Value> = (0..10_000).map(|n| json!(format!("tag {n}"))).collect();
    many.splice(0..0, [json!("x".repeat(64 << 10)), json!(" Rust"), json!("RUST"), json!(7), json!(null), json!({})]);
    let mut detail: Value = serde_json::from_str(&recorded("video-01.json")).unwrap();
    detail["tags"] = json!(many);
    let tags = parse_detail(detail.to_string().as_bytes(), &host(), now()).unwrap().detail.unwrap().tags;
    assert_eq!((tags.len(), tags[0].len(), tags[1].as_str(), tags[2].as_str()), (30, 64, "Rust", "tag 0"));
    for no_list in [json!("rust"), json!({"0": "rust"}), Value::Null, json!(1)] {
        detail["tags"] = no_list;
        assert!(parse_detail(detail.to_string().as_bytes(), &host(), now()).unwrap().detail.unwrap().tags.is_empty());
    }

    let mut page: Value = serde_json::from_str(&recorded("ap-account-outbox-page1-size50.json")).unwrap();
    let hashtags: Vec<Value> = many.into_iter().map(|name| json!({"type": "Hashtag", "name": name})).collect();
    for activity in page["orderedItems"].as_array_mut().unwrap() {
        activity["object"]["tag"] = json!(hashtags);
    }
    let page = parse_outbox(page.to_string().as_bytes(), &host()).unwrap();
    assert!(page.details.iter().all(|(_, detail)| detail.tags == tags) && page.details.len() == 13);
}

#[test]
fn case_87_what_is_not_public_is_never_a_record() {
    for privacy in [2, 3, 4, 5] {
        assert_eq!(with(|item| item["privacy"]["id"] = json!(privacy)).not_public.len(), 1);
    }
    for state in 3..=12 {
        assert_eq!(with(|item| item["state"] = json!({"id": state})).not_public.len(), 1, "state {state}");
    }
    assert_eq!(with(|item| item["state"] = json!({"id": 2})).not_public.len(), 1);
    assert_eq!(with(|item| item["blacklisted"] = json!(true)).not_public.len(), 1);
    for unreadable in [json!({"id": null}), json!(2), json!("Public"), json!([1]), json!({})] {
        assert_eq!(with(|item| item["privacy"] = unreadable.clone()).not_public.len(), 1, "{unreadable}");
        assert_eq!(with(|item| item["state"] = unreadable.clone()).not_public.len(), 1, "{unreadable}");
    }
    assert_eq!(with(|item| item["privacy"] = Value::Null).videos.len(), 1);
}

#[test]
fn case_88_unknown_nsfw_means_not_safe() {
    let nsfw = |value: Value| with(|item| item["nsfw"] = value).videos[0].nsfw;
    assert!(nsfw(Value::Null));
    assert!(nsfw(json!("maybe")));
    assert!(nsfw(json!("true")));
    assert!(!nsfw(json!("false")));
    assert!(!nsfw(json!(false)));
    let without = with(|item| drop(item.as_object_mut().unwrap().remove("nsfw")));
    assert!(without.videos[0].nsfw);
    assert_eq!(with(|item| item["nsfwFlags"] = json!(7)).videos[0].nsfw_flags, 7);
}

#[test]
fn case_95_ids_unknown_to_us_are_kept_with_their_label() {
    let page = with(|item| {
        item["category"] = json!({"id": 4242, "label": "Beekeeping"});
        item["licence"] = json!({"id": "77", "label": null});
        item["language"] = json!({"id": "x-klingon", "label": "tlhIngan Hol"});
    });
    let video = &page.videos[0];
    assert_eq!(
        video.category.as_ref().map(|category| (category.id, category.label.as_str())),
        Some((4242, "Beekeeping"))
    );
    assert_eq!(video.licence.as_ref().map(|licence| (licence.id, licence.label.as_str())), Some((77, "77")));
    assert_eq!(video.language.as_ref().map(|language| language.id.as_str()), Some("x-klingon"));
}

#[test]
fn fields_of_other_versions_are_read() {
    // 8.1: sizes instead of paths; 4.1: one avatar instead of several; a width that is null.
    let page = with(|item| {
        item["thumbnailPath"] = Value::Null;
        item["previewPath"] = Value::Null;
        item["thumbnails"] = json!([
            {"fileUrl": "https://tilleuls.example/t/850.jpg", "width": 850, "height": 480},
            {"fileUrl": "https://tilleuls.example/t/280.jpg", "width": 280, "height": 157},
        ]);
        item["account"]["avatars"] = Value::Null;
        item["account"]["avatar"] = json!({"path": "/lazy-static/avatars/a.png", "width": null});
        item["embedPath"] = json!("/videos/embed/gXUyJF5jtTSGmQZfuRvhxV");
    });
    let video = &page.videos[0];
    assert_eq!(video.thumbnail_url.as_deref(), Some("https://tilleuls.example/t/280.jpg"));
    assert_eq!(video.preview_url.as_deref(), Some("https://tilleuls.example/t/850.jpg"));
    assert_eq!(video.account.avatars.len(), 1);
    assert_eq!(video.embed_path, "/videos/embed/gXUyJF5jtTSGmQZfuRvhxV");
}

#[test]
fn a_page_without_a_total_is_a_page() {
    let page = parse_listing(json!({"data": [item()]}).to_string().as_bytes(), &host(), now()).unwrap();
    assert_eq!((page.total, page.videos.len()), (None, 1));
}

#[test]
fn case_38_a_page_for_people_is_not_a_listing() {
    assert!(parse_listing(b"<!doctype html><title>Log in</title>", &host(), now()).is_err());
    assert!(parse_listing(b"{}", &host(), now()).is_err());
    for not_a_list in ["{\"data\":{\"total\":0}}", "{\"total\":0,\"data\":null}"] {
        assert!(parse_listing(not_a_list.as_bytes(), &host(), now()).is_err());
    }
}
