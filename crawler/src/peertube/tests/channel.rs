//! Channels, their owners, and what both say of consent.

use super::*;
use crate::peertube::date::FIRST;

fn bricole() -> Value {
    serde_json::from_str(&recorded("channel-bricole.json")).unwrap()
}

fn parse(channel: &Value) -> Result<ChannelAnswer, Rejection> {
    parse_channel(channel.to_string().as_bytes(), &host(), now())
}

fn with(change: impl FnOnce(&mut Value)) -> Result<ChannelAnswer, Rejection> {
    let mut channel = bricole();
    change(&mut channel);
    parse(&channel)
}

#[test]
fn a_recorded_channel_becomes_a_record_with_its_owner() {
    let found = parse(&bricole()).unwrap();
    assert_eq!(found.consent, Consent::Silent);
    let channel = found.channel;
    assert_eq!(channel.record_id().to_string(), "channel/tilleuls.example/bricole");
    assert_eq!(channel.actor.display_name, "La Bricole d'Amélie");
    assert_eq!(channel.actor.url, "https://tilleuls.example/video-channels/bricole");
    assert_eq!(channel.actor.origin_id, 2);
    let widths = |images: &[journal::record::Image]| images.iter().filter_map(|image| image.width).collect::<Vec<_>>();
    assert_eq!(widths(&channel.actor.avatars), [48, 120, 600, 1500]);
    assert_eq!(widths(&channel.banners), [600, 1920]);
    assert!(channel.banners[0].url.starts_with("https://tilleuls.example/lazy-static/banners/"));
    assert_eq!(channel.description.as_deref(), Some("Réparer, cuisiner, partager.\n\nNouvelle vidéo chaque semaine."));
    assert_eq!(channel.support.as_deref(), Some("https://example.org/don"));
    assert_eq!(channel.created_at, "2026-11-21T22:16:16.859Z".parse().unwrap());
    assert_eq!(channel.updated_at, "2026-11-21T22:19:15.322Z".parse().unwrap());
    assert_eq!(channel.owner.actor.name, "amelie");
    assert_eq!(channel.owner.actor.url, "https://tilleuls.example/accounts/amelie");
    assert!(channel.owner.description.unwrap().starts_with("Bricoleuse"));
    assert_eq!(channel.owner.created_at, "2026-11-21T22:16:16.857Z".parse().unwrap());

    let bare = parse_channel(recorded("channel-werkstatt.json").as_bytes(), &host(), now()).unwrap().channel;
    assert_eq!((bare.description, bare.support, bare.owner.description), (None, None, None));
    assert!(bare.actor.avatars.is_empty() && bare.banners.is_empty() && bare.owner.actor.avatars.is_empty());
}

#[test]
fn case_30_a_channel_of_another_instance_is_remote() {
    let second: Host = "second.example".parse().unwrap();
    let found = parse_channel(recorded("federated-remote-channel.json").as_bytes(), &second, now());
    assert_eq!(found.unwrap_err(), Rejection::Remote);
    // Without a word of its own, the names decide.
    let silent = with(|channel| {
        channel["isLocal"] = Value::Null;
        channel["host"] = json!("other.example");
    });
    assert_eq!(silent.unwrap_err(), Rejection::Remote);
    assert!(with(|channel| channel["isLocal"] = Value::Null).is_ok());
}

#[test]
fn case_31_a_channel_in_the_name_of_another_host_is_a_spoof() {
    for (field, pointer, value) in [
        ("host", "/host", "other.example"),
        ("ownerAccount.host", "/ownerAccount/host", "other.example"),
        ("url", "/url", "https://other.example/video-channels/bricole"),
    ] {
        let found = with(|channel| *channel.pointer_mut(pointer).unwrap() = json!(value)).unwrap_err();
        assert!(matches!(&found, Rejection::Spoofed { field: named, .. } if *named == field), "{found}");
    }
    assert!(with(|channel| channel["host"] = json!("TILLEULS.example.")).is_ok());
    assert_eq!(with(|channel| channel["host"] = json!(7)).unwrap_err(), Rejection::Field("host"));
}

#[test]
fn a_channel_without_a_usable_owner_or_name_is_rejected_with_the_reason() {
    for owner in [Value::Null, json!("amelie"), json!([]), json!([3, "amelie"])] {
        assert_eq!(with(|channel| channel["ownerAccount"] = owner).unwrap_err(), Rejection::Field("ownerAccount"));
    }
    // A name is a part of paths: nothing that means something there, and never shortened to the name of another.
    for name in ["", "..", ".", "a/b", "a?b", "a b", "a@b.example", "\u{200b}", "%2e%2e", &"x".repeat(121)] {
        let nameless = with(|channel| channel["name"] = json!(name));
        assert_eq!(nameless.unwrap_err(), Rejection::Field("name"), "{name:?}");
        let ownerless = with(|channel| channel["ownerAccount"]["name"] = json!(name));
        assert_eq!(ownerless.unwrap_err(), Rejection::Field("ownerAccount"), "{name:?}");
    }
    for name in ["empty.channel_42", "9c9de5e8-0a1e-484a-b099-e80766180a6d", "Werkstatt"] {
        assert_eq!(with(|channel| channel["name"] = json!(name)).unwrap().channel.actor.name, name);
    }
}

#[test]
fn case_53_absurd_counts_and_dates_of_a_channel_are_clamped() {
    let channel = with(|channel| {
        channel["followersCount"] = json!(-3);
        channel["followingCount"] = json!(9e30);
        channel["createdAt"] = json!("0000-01-01T00:00:00.000Z");
        channel["updatedAt"] = json!("9998-01-01T00:00:00.000Z");
        channel["ownerAccount"]["followersCount"] = json!("12");
        channel["ownerAccount"]["createdAt"] = json!(17);
    });
    let channel = channel.unwrap().channel;
    assert_eq!((channel.n_followers, channel.n_following), (0, 1_000_000_000_000));
    assert_eq!((channel.created_at, channel.updated_at), (FIRST, FIRST));
    assert_eq!((channel.owner.n_followers, channel.owner.created_at), (12, channel.created_at));
    let undated = with(|channel| {
        channel["createdAt"] = json!("yesterday");
        channel["updatedAt"] = Value::Null;
    });
    assert_eq!(undated.unwrap_err(), Rejection::Field("createdAt"));
}

#[test]
fn case_81_texts_of_a_channel_are_kept_as_plain_data_within_bounds() {
    let hostile = "<script>alert(1)</script>\u{0}\u{c}`</title>";
    let channel = with(|channel| {
        channel["displayName"] = json!(hostile);
        channel["description"] = json!(format!("{hostile}{}", "x".repeat(1 << 20)));
        channel["support"] = json!({"html": hostile});
        channel["ownerAccount"]["displayName"] = json!("\u{202e}\u{200b}");
    });
    let channel = channel.unwrap().channel;
    assert_eq!(channel.actor.display_name, "<script>alert(1)</script>  `</title>");
    let description = channel.description.unwrap();
    assert!(description.starts_with("<script>alert(1)</script>`</title>") && description.chars().count() == 10_000);
    assert_eq!(channel.support, None);
    // case 84: a name without anything to see gives way to the handle.
    assert_eq!(channel.owner.actor.display_name, "amelie");
}

#[test]
fn case_82_links_and_pictures_of_a_channel_are_on_its_host_or_dropped() {
    let channel = with(|channel| {
        channel["url"] = json!("javascript:alert(1)");
        channel["avatars"] = json!([
            {"path": "//evil.example/a.png", "width": 48},
            {"path": null, "fileUrl": "https://evil.example/a.png", "width": 120},
            {"path": null, "fileUrl": "https://tilleuls.example/object/a.png", "width": 600, "height": 600},
            {"path": "/lazy-static/avatars/b.png", "fileUrl": "https://evil.example/b.png", "width": null},
            "https://tilleuls.example/c.png",
        ]);
        channel["banners"] = json!({"path": "/banner.png"});
        channel["ownerAccount"]["url"] = json!("https://good@evil.example/");
    });
    let channel = channel.unwrap().channel;
    assert_eq!(channel.actor.url, "https://tilleuls.example/video-channels/bricole");
    assert_eq!(channel.owner.actor.url, "https://tilleuls.example/accounts/amelie");
    let urls: Vec<_> = channel.actor.avatars.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(urls, ["https://tilleuls.example/object/a.png", "https://tilleuls.example/lazy-static/avatars/b.png"]);
    assert_eq!((&channel.actor.avatars[0].path, channel.actor.avatars[0].height), (&None, Some(600)));
    assert!(channel.banners.is_empty());
}

#[test]
fn pictures_of_a_channel_are_bounded_and_once_each() {
    let many: Vec<Value> = (0..1000).map(|n| json!({"path": format!("/a/{n}.png"), "width": 48})).collect();
    let twice = json!({"path": "/a/0.png", "width": null});
    let channel = with(|channel| {
        channel["avatars"] = json!(many);
        channel["avatar"] = twice.clone();
        channel["banners"] = json!([{"path": "/a/0.png", "width": 600}]);
        channel["banner"] = twice;
    });
    let channel = channel.unwrap().channel;
    assert_eq!((channel.actor.avatars.len(), channel.banners.len()), (8, 1));
    assert_eq!(channel.banners[0].width, Some(600));
}

#[test]
fn words_and_flags_of_channel_or_owner_withhold_it() {
    for (pointer, value, said) in [
        ("/description", json!("Our films. #NoIndex"), Some("`#noindex` in the description of the channel")),
        ("/ownerAccount/description", json!("#nobot"), Some("`#nobot` in the description of the account")),
        ("/indexable", json!(false), Some("`indexable: false` of the channel")),
        ("/discoverable", json!("false"), Some("`discoverable: false` of the channel")),
        ("/ownerAccount/indexable", json!(false), Some("`indexable: false` of the account")),
        ("/ownerAccount/discoverable", json!(false), Some("`discoverable: false` of the account")),
        ("/indexable", json!(true), None),
        ("/indexable", Value::Null, None),
        ("/support", json!("#noindex"), None),
        ("/description", json!("How search engines read noindex"), None),
    ] {
        let mut channel = bricole();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        channel.pointer_mut(parent).unwrap()[key] = value;
        let expected = said.map_or(Consent::Silent, |how| Consent::Withheld(how.to_owned()));
        assert_eq!(parse(&channel).unwrap().consent, expected, "{pointer}");
        // The same document says the same where it cannot become a record.
        let found = parse_actor(channel.to_string().as_bytes(), &host()).unwrap();
        assert_eq!(matches!(found, Consent::Withheld(_)), said.is_some(), "{pointer}");
    }
    // A word far beyond what is kept of a description counts too.
    let late = with(|channel| channel["description"] = json!(format!("{}\n#nosearch", "x".repeat(50_000))));
    assert!(matches!(late.unwrap().consent, Consent::Withheld(_)));
}

#[test]
fn actors_of_activitypub_say_whether_they_want_to_be_found() {
    for name in ["ap-channel.json", "ap-account.json"] {
        let actor: Value = serde_json::from_str(&recorded(name)).unwrap();
        let consent = |actor: &Value| parse_actor(actor.to_string().as_bytes(), &host());
        assert_eq!(consent(&actor).unwrap(), Consent::Silent);
        for (key, value, is_withheld) in [
            ("indexable", json!(false), true),
            ("discoverable", json!(false), true),
            ("toot:indexable", json!(false), true),
            ("toot:discoverable", json!(false), true),
            ("summary", json!("Bonjour #noindex"), true),
            ("indexable", json!(true), false),
            ("discoverable", Value::Null, false),
            ("summary", json!(["#noindex"]), false),
        ] {
            let mut actor = actor.clone();
            actor[key] = value;
            let found = consent(&actor).unwrap();
            assert_eq!(matches!(found, Consent::Withheld(_)), is_withheld, "{name} {key}: {found:?}");
        }
        let mut foreign = actor.clone();
        foreign["id"] = json!("https://other.example/accounts/amelie");
        assert!(consent(&foreign).is_err());
    }
    assert_eq!(
        parse_actor(br#"{"type": "Group", "indexable": false}"#, &host()).unwrap(),
        Consent::Withheld("`indexable: false` of the channel".to_owned())
    );
    assert!(parse_actor(b"<!doctype html>", &host()).is_err());
    assert!(parse_actor(b"[]", &host()).is_err());
}

#[test]
fn case_46_a_channel_nested_without_end_is_an_error_and_no_crash() {
    let deep = format!("{}{}", "{\"ownerAccount\":".repeat(100_000), "1".to_owned() + &"}".repeat(100_000));
    assert!(parse_channel(deep.as_bytes(), &host(), now()).is_err());
    let _ = parse_actor(deep.as_bytes(), &host());
    let _ = parse_playlist(deep.as_bytes(), &host(), now());
}
