//! One table per major version of PeerTube: the shapes of what it sends, and what is read from them.

use super::*;

const UUID: &str = "9c9de5e8-0a1e-484a-b099-e80766180a6d";
const SHORT_UUID: &str = "kkGMgK9ZtnKfYAgnEtQxbv";
const AVATAR: &str = "/lazy-static/avatars/9a.png";
const BANNER: &str = "/lazy-static/banners/9b.jpg";

/// A release, by its first two numbers, and the fields it has.
#[derive(Clone, Copy)]
struct Release(u8, u8);

/// The whole description of the video of these tests, too long for a list.
fn whole() -> String {
    format!("Comment un moteur de recherche fonctionne. {}Fin.", "Index, journal, requête. ".repeat(40))
}

fn cut() -> String {
    text::truncate_description(&whole())
}

impl Release {
    fn since(self, major: u8, minor: u8) -> bool {
        (self.0, self.1) >= (major, minor)
    }

    /// Adds the pictures of an actor or a channel: one object before 6.0, a list since 4.2, URLs beside the paths
    /// since 7.1 and in their place since 8.0.
    fn picture(self, object: &mut Value, one: &str, many: &str, path: &str, width: u32) {
        let url = format!("https://tilleuls.example{path}");
        let mut picture = json!({"width": width, "path": path, "createdAt": "2021-01-01T00:00:00.000Z", "updatedAt": "2021-01-01T00:00:00.000Z"});
        if self.since(7, 1) {
            picture["fileUrl"] = json!(url);
        }
        if self.since(7, 3) {
            picture["height"] = json!(width);
        }
        if self.since(8, 0) {
            picture["path"] = Value::Null;
        }
        if !self.since(6, 0) {
            object[one] = picture.clone();
        }
        if self.since(4, 2) {
            object[many] = json!([picture]);
        }
    }

    /// `is_whole`: with what only the route of the actor itself has.
    fn actor(self, collection: &str, name: &str, is_whole: bool) -> Value {
        let mut actor = json!({
            "id": 3,
            "name": name,
            "displayName": "Amélie",
            "url": format!("https://tilleuls.example/{collection}/{name}"),
            "host": "tilleuls.example",
        });
        self.picture(&mut actor, "avatar", "avatars", AVATAR, 120);
        if is_whole {
            actor["followersCount"] = json!(12);
            actor["followingCount"] = json!(1);
            actor["hostRedundancyAllowed"] = json!(false);
            actor["createdAt"] = json!("2020-01-01T00:00:00.000Z");
            actor["updatedAt"] = json!("2021-01-01T00:00:00.000Z");
            actor["description"] = json!("Vidéos");
        }
        actor
    }

    fn channel(self) -> Value {
        let mut channel = self.actor("video-channels", "bricole", true);
        self.picture(&mut channel, "banner", "banners", BANNER, 600);
        channel["support"] = json!("https://don.example");
        channel["isLocal"] = json!(true);
        channel["ownerAccount"] = self.actor("accounts", "amelie", true);
        channel
    }

    fn item(self) -> Value {
        let mut item = json!({
            "id": 42,
            "uuid": UUID,
            "name": "Journaux & index",
            "category": {"id": 15, "label": "Science & Technology"},
            "licence": {"id": if self.since(8, 0) { 9 } else { 7 }, "label": "Public Domain"},
            "language": {"id": "fr", "label": "French"},
            "privacy": {"id": 1, "label": "Public"},
            "nsfw": false,
            "description": cut(),
            "isLocal": true,
            "isLive": false,
            "duration": 61,
            "views": 7,
            "likes": 2,
            "dislikes": 1,
            "embedPath": format!("/videos/embed/{}", if self.since(7, 0) { SHORT_UUID } else { UUID }),
            "createdAt": "2024-03-01T10:00:00.000Z",
            "updatedAt": "2024-03-02T10:00:00.000Z",
            "publishedAt": "2024-03-01T11:00:00.000Z",
            "originallyPublishedAt": null,
            "account": self.actor("accounts", "amelie", false),
            "channel": self.actor("video-channels", "bricole", false),
        });
        if self.since(3, 3) {
            item["shortUUID"] = json!(SHORT_UUID);
        }
        if self.since(4, 2) {
            item["url"] = json!(format!("https://tilleuls.example/videos/watch/{UUID}"));
            item["viewers"] = json!(4);
        }
        if self.since(5, 0) {
            item["truncatedDescription"] = json!(cut());
        }
        if self.since(6, 1) {
            item["aspectRatio"] = json!(1.7778);
        }
        if self.since(7, 2) {
            item["comments"] = json!(5);
            item["nsfwFlags"] = json!(2);
            item["nsfwSummary"] = json!("Du sang");
        }
        if self.since(8, 1) {
            item["thumbnails"] = json!([
                {"fileUrl": "https://tilleuls.example/t/850.jpg", "width": 850, "height": 480, "aspectRatio": "16:9"},
                {"fileUrl": "https://tilleuls.example/t/280.jpg", "width": 280, "height": 157, "aspectRatio": "16:9"},
            ]);
        } else if self.since(8, 0) {
            item["thumbnailPath"] = Value::Null;
            item["previewPath"] = Value::Null;
            item["thumbnailUrl"] = json!("https://tilleuls.example/t/280.jpg");
            item["previewUrl"] = json!("https://tilleuls.example/t/850.jpg");
        } else {
            item["thumbnailPath"] = json!("/t/280.jpg");
            item["previewPath"] = json!("/t/850.jpg");
        }
        item
    }

    fn detail(self) -> Value {
        let mut detail = self.item();
        detail["description"] = json!(if self.since(5, 0) { whole() } else { cut() });
        detail["descriptionPath"] = json!(format!("/api/v1/videos/{UUID}/description"));
        detail["tags"] = json!(["moteur", " recherche"]);
        detail["support"] = Value::Null;
        detail["account"] = self.actor("accounts", "amelie", true);
        detail["channel"] = self.channel();
        detail["waitTranscoding"] = json!(true);
        detail["state"] = json!({"id": 1, "label": "Published"});
        detail["files"] = json!([]);
        detail["streamingPlaylists"] = json!([]);
        if !self.since(8, 0) {
            detail["commentsEnabled"] = json!(true);
        }
        if self.since(6, 2) {
            detail["commentsPolicy"] = json!({"id": 1, "label": "Enabled"});
        }
        detail
    }

    fn playlist(self) -> Value {
        let mut playlist = json!({
            "id": 8,
            "uuid": UUID,
            "isLocal": true,
            "displayName": "Chercher et trouver",
            "description": null,
            "privacy": {"id": 1, "label": "Public"},
            "type": {"id": 1, "label": "Regular"},
            "videosLength": 2,
            "createdAt": "2024-03-01T10:00:00.000Z",
            "updatedAt": "2024-03-02T10:00:00.000Z",
            "ownerAccount": self.actor("accounts", "amelie", false),
            "videoChannel": self.actor("video-channels", "bricole", false),
        });
        if self.since(3, 3) {
            playlist["shortUUID"] = json!(SHORT_UUID);
            playlist["embedPath"] =
                json!(format!("/video-playlists/embed/{}", if self.since(7, 0) { SHORT_UUID } else { UUID }));
        }
        if self.since(4, 2) {
            playlist["url"] = json!(format!("https://tilleuls.example/video-playlists/{UUID}"));
        }
        if self.since(8, 1) {
            playlist["thumbnails"] =
                json!([{"fileUrl": "https://tilleuls.example/t/p.jpg", "width": 280, "height": 157}]);
            playlist["videoChannelPosition"] = json!(1);
        } else {
            playlist["thumbnailPath"] = json!("/t/p.jpg");
        }
        playlist
    }

    fn outbox(self) -> Value {
        let mut video = json!({
            "type": "Video",
            "id": format!("https://tilleuls.example/videos/watch/{UUID}"),
            "uuid": UUID,
            "name": "Journaux & index",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "content": whole(),
            "mediaType": "text/markdown",
            "support": null,
            "state": 1,
            "tag": [{"type": "Hashtag", "name": "moteur"}, {"type": "Hashtag", "name": "recherche"}],
            "updated": "2024-03-02T10:00:00.000Z",
        });
        if self.since(7, 2) {
            video["summary"] = json!("Du sang");
        }
        json!({"type": "OrderedCollectionPage", "totalItems": 1, "orderedItems": [{"type": "Create", "object": video}]})
    }
}

/// What differs between the releases in the record of the same video.
struct Expected {
    has_avatar_path: bool,
    avatar_height: Option<u32>,
    thumbnail_path: Option<&'static str>,
    embeds_short: bool,
    has_embed_of_playlist: bool,
    detail_is_whole: bool,
    viewers: u64,
    aspect_ratio: Option<f64>,
    comments: Option<u64>,
    nsfw_flags: u32,
    nsfw_summary: Option<&'static str>,
    licence: i64,
}

/// A release of 3: no lists of pictures, no viewers, no `url`, and details cut like lists.
const OLDEST: Expected = Expected {
    has_avatar_path: true,
    avatar_height: None,
    thumbnail_path: Some("/t/280.jpg"),
    embeds_short: false,
    has_embed_of_playlist: true,
    detail_is_whole: false,
    viewers: 0,
    aspect_ratio: None,
    comments: None,
    nsfw_flags: 0,
    nsfw_summary: None,
    licence: 7,
};

fn check(release: Release, expected: &Expected) {
    let name = format!("{}.{}", release.0, release.1);
    let uuid: Uuid = UUID.parse().unwrap();

    let page = page_of(vec![release.item()]);
    assert!(page.errors.is_empty() && page.spoofs.is_empty(), "{name}: {:?} {:?}", page.errors, page.spoofs);
    let video = &page.videos[0];
    assert_eq!(video.uuid, uuid, "{name}");
    assert_eq!(video.url, format!("https://tilleuls.example/videos/watch/{UUID}"), "{name}");
    assert_eq!(video.truncated_description.as_deref(), Some(cut().as_str()), "{name}");
    assert_eq!(video.licence.as_ref().map(|licence| licence.id), Some(expected.licence), "{name}");
    assert_eq!(video.thumbnail_path.as_deref(), expected.thumbnail_path, "{name}");
    assert_eq!(video.thumbnail_url.as_deref(), Some("https://tilleuls.example/t/280.jpg"), "{name}");
    assert_eq!(video.preview_url.as_deref(), Some("https://tilleuls.example/t/850.jpg"), "{name}");
    let id = if expected.embeds_short { SHORT_UUID } else { UUID };
    assert_eq!(video.embed_path, format!("/videos/embed/{id}"), "{name}");
    assert_eq!((video.viewers, video.comments), (expected.viewers, expected.comments), "{name}");
    assert_eq!(video.aspect_ratio, expected.aspect_ratio, "{name}");
    assert_eq!(
        (video.nsfw, video.nsfw_flags, video.nsfw_summary.as_deref()),
        (false, expected.nsfw_flags, expected.nsfw_summary),
        "{name}"
    );
    for actor in [&video.account, &video.channel] {
        let [avatar] = &actor.avatars[..] else { panic!("{name}: {:?}", actor.avatars) };
        assert_eq!(avatar.url, format!("https://tilleuls.example{AVATAR}"), "{name}");
        assert_eq!(avatar.path.as_deref(), expected.has_avatar_path.then_some(AVATAR), "{name}");
        assert_eq!((avatar.width, avatar.height), (Some(120), expected.avatar_height), "{name}");
    }
    assert_eq!(video.detail, None, "{name}");

    let mut detailed = parse_detail(release.detail().to_string().as_bytes(), &host(), now()).unwrap();
    let detail = detailed.detail.clone().unwrap();
    assert_eq!(detail.tags, ["moteur", "recherche"], "{name}");
    assert_eq!(detail.description, expected.detail_is_whole.then(whole), "{name}");
    assert_eq!(lacks_description(&detailed), !expected.detail_is_whole, "{name}");
    assert_eq!(detailed.truncated_description, video.truncated_description, "{name}");
    assert_eq!((&detailed.account, &detailed.channel), (&video.account, &video.channel), "{name}");

    let outbox = parse_outbox(release.outbox().to_string().as_bytes(), &host()).unwrap();
    let [(found, of_outbox)] = &outbox.details[..] else { panic!("{name}: {outbox:?}") };
    assert_eq!((*found, &of_outbox.tags), (uuid, &detail.tags), "{name}");
    assert_eq!(of_outbox.description, Some(whole()), "{name}");
    // A later look at a detail that is cut does not lose what the outbox has told.
    let mut known = video.clone();
    known.detail = Some(of_outbox.clone());
    keep_description(&mut detailed, &known);
    assert_eq!(detailed.detail.unwrap().description, Some(whole()), "{name}");

    let channel = parse_channel(release.channel().to_string().as_bytes(), &host(), now()).unwrap().channel;
    assert_eq!((channel.n_followers, channel.n_following), (12, 1), "{name}");
    assert_eq!(channel.actor, video.channel, "{name}");
    assert_eq!(channel.owner.actor, video.account, "{name}");
    assert_eq!(channel.banners[0].url, format!("https://tilleuls.example{BANNER}"), "{name}");
    assert_eq!((channel.banners.len(), channel.banners[0].width), (1, Some(600)), "{name}");

    let alone = parse_playlist(release.playlist().to_string().as_bytes(), &host(), now()).unwrap();
    let page = json!({"total": 1, "data": [release.playlist()]}).to_string();
    assert_eq!(parse_playlists(page.as_bytes(), &host(), now()).unwrap().playlists[0], alone, "{name}");
    let playlist = alone.playlist;
    assert_eq!(playlist.url, format!("https://tilleuls.example/video-playlists/{UUID}"), "{name}");
    let id = if expected.embeds_short && expected.has_embed_of_playlist { SHORT_UUID } else { UUID };
    assert_eq!(playlist.embed_path, format!("/video-playlists/embed/{id}"), "{name}");
    assert_eq!(playlist.thumbnail_url.as_deref(), Some("https://tilleuls.example/t/p.jpg"), "{name}");
    assert_eq!((&playlist.owner, playlist.channel.as_ref()), (&video.account, Some(&video.channel)), "{name}");

    let elements = json!({"total": 2, "data": [
        {"id": 1, "position": 1, "startTimestamp": null, "stopTimestamp": null, "type": 0, "video": release.item()},
        {"id": 2, "position": 2, "startTimestamp": null, "stopTimestamp": null, "type": 2, "video": null},
    ]});
    let elements = parse_elements(elements.to_string().as_bytes(), &host()).unwrap();
    assert_eq!((elements.elements, elements.n_errors), (vec![Element { host: host(), uuid }], 0), "{name}");
}

#[test]
fn version_3() {
    check(Release(3, 0), &Expected { has_embed_of_playlist: false, ..OLDEST });
    check(Release(3, 4), &OLDEST);
    // `isLocal=true` is not understood: the page is mixed, and each item speaks for itself.
    let release = Release(3, 4);
    let mut remote = release.item();
    remote["isLocal"] = json!(false);
    for actor in ["account", "channel"] {
        remote[actor]["host"] = json!("second.example");
    }
    let page = page_of(vec![remote.clone(), release.item(), remote]);
    assert_eq!((page.n_rows, page.videos.len(), page.n_remote), (3, 1, 2));
    assert!(page.errors.is_empty() && page.spoofs.is_empty());
}

#[test]
fn version_4() {
    check(Release(4, 1), &OLDEST);
    check(Release(4, 2), &Expected { viewers: 4, ..OLDEST });
    check(Release(4, 3), &Expected { viewers: 4, ..OLDEST });
}

#[test]
fn version_5() {
    let expected = Expected { viewers: 4, detail_is_whole: true, ..OLDEST };
    check(Release(5, 0), &expected);
    check(Release(5, 2), &expected);
}

#[test]
fn version_6() {
    let expected = Expected { viewers: 4, detail_is_whole: true, ..OLDEST };
    check(Release(6, 0), &expected);
    let expected = Expected { aspect_ratio: Some(1.7778), ..expected };
    check(Release(6, 1), &expected);
    check(Release(6, 3), &expected);
}

#[test]
fn version_7() {
    let expected =
        Expected { viewers: 4, detail_is_whole: true, aspect_ratio: Some(1.7778), embeds_short: true, ..OLDEST };
    check(Release(7, 0), &expected);
    check(Release(7, 1), &expected);
    let expected = Expected { comments: Some(5), nsfw_flags: 2, nsfw_summary: Some("Du sang"), ..expected };
    check(Release(7, 2), &expected);
    check(Release(7, 3), &Expected { avatar_height: Some(120), ..expected });
}

#[test]
fn version_8() {
    let expected = Expected {
        has_avatar_path: false,
        avatar_height: Some(120),
        thumbnail_path: None,
        embeds_short: true,
        detail_is_whole: true,
        viewers: 4,
        aspect_ratio: Some(1.7778),
        comments: Some(5),
        nsfw_flags: 2,
        nsfw_summary: Some("Du sang"),
        licence: 9,
        ..OLDEST
    };
    check(Release(8, 0), &expected);
    check(Release(8, 1), &expected);
    // Paths and sizes side by side: the paths win, so that nothing changes with the release.
    let mut item = Release(8, 1).item();
    item["thumbnailPath"] = json!("/lazy-static/thumbnails/1.jpg");
    let video = page_of(vec![item]).videos.remove(0);
    assert_eq!(video.thumbnail_path.as_deref(), Some("/lazy-static/thumbnails/1.jpg"));
    assert_eq!(video.preview_url.as_deref(), Some("https://tilleuls.example/t/850.jpg"));
}

#[test]
fn a_description_that_may_be_cut_is_not_taken_for_the_whole() {
    let release = Release(4, 3);
    let described = |description: Value, truncated: Option<Value>| {
        let mut detail = release.detail();
        detail["description"] = description;
        if let Some(truncated) = truncated {
            detail["truncatedDescription"] = truncated;
        }
        parse_detail(detail.to_string().as_bytes(), &host(), now()).unwrap()
    };
    let of = |video: &journal::record::Video| video.detail.as_ref().unwrap().description.clone();
    assert_eq!(of(&described(json!(cut()), None)), None);
    // Whole: it does not end so, or it is too short or too long for a cut one, or the cut one stands beside it.
    for whole in ["x".repeat(250), "Soon...".to_owned(), format!("{}...", "x".repeat(400))] {
        let video = described(json!(whole), None);
        assert_eq!(of(&video), Some(whole.clone()));
        assert!(!lacks_description(&video));
    }
    assert_eq!(of(&described(json!(cut()), Some(json!(cut())))), Some(cut()));
    assert!(!lacks_description(&described(Value::Null, None)));
    // Characters of two units are cut earlier.
    assert_eq!(of(&described(json!(format!("{}...", "🎬".repeat(60))), None)), None);

    // An edited text is not mended with the old one.
    let mut known = described(json!(cut()), None);
    known.detail.as_mut().unwrap().description = Some(whole());
    let mut edited = described(json!(format!("Tout autre texte {}", cut())[..247].to_owned() + "..."), None);
    keep_description(&mut edited, &known);
    assert_eq!(of(&edited), None);

    let answer = json!({"description": whole()}).to_string();
    assert_eq!(parse_description(answer.as_bytes()).unwrap(), Some(whole()));
    assert_eq!(parse_description(br#"{"description": null}"#).unwrap(), None);
    assert!(parse_description(b"<html>").is_err() && parse_description(b"[]").is_err());
}

#[test]
fn case_95_languages_that_are_numbers_mean_nothing() {
    // Before 1.4 they were; such rows live on in some databases.
    for id in [json!(7), json!("7"), json!(""), json!("_unknown"), json!({"id": "fr"})] {
        let mut item = Release(3, 0).item();
        item["language"] = json!({"id": id, "label": "French"});
        assert_eq!(page_of(vec![item]).videos[0].language, None, "{id}");
    }
    // Categories and licences of plugins, also in a playlist's video and in a detail.
    let mut detail = Release(8, 0).detail();
    detail["category"] = json!({"id": "4242", "label": "Beekeeping"});
    detail["licence"] = json!({"id": -3, "label": " "});
    let video = parse_detail(detail.to_string().as_bytes(), &host(), now()).unwrap();
    assert_eq!(video.category.map(|category| (category.id, category.label)), Some((4242, "Beekeeping".to_owned())));
    assert_eq!(video.licence.map(|licence| (licence.id, licence.label)), Some((-3, "-3".to_owned())));
}

#[test]
fn case_88_a_detail_that_does_not_say_is_not_safe() {
    for (nsfw, is_nsfw) in
        [(Value::Null, true), (json!("true"), true), (json!(1), true), (json!([]), true), (json!(false), false)]
    {
        let mut detail = Release(6, 3).detail();
        detail["nsfw"] = nsfw.clone();
        assert_eq!(parse_detail(detail.to_string().as_bytes(), &host(), now()).unwrap().nsfw, is_nsfw, "{nsfw}");
    }
    // 7.2: unknown bits are kept, nonsense is none.
    for (flags, kept) in [(json!(6), 6), (json!(-1), 0), (json!(1e12), 0), (json!("3"), 3), (json!([1]), 0)] {
        let mut item = Release(7, 2).item();
        item["nsfwFlags"] = flags;
        assert_eq!(page_of(vec![item]).videos[0].nsfw_flags, kept);
    }
}
