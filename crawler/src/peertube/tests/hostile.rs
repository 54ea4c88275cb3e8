//! Whatever single values a host sends, what is read from it keeps the promises of its types.

use std::sync::LazyLock;

use journal::record::{Actor, Channel, Image, Playlist, Video};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const ORIGIN: &str = "https://tilleuls.example/";

static HOSTILE: LazyLock<Vec<Value>> = LazyLock::new(hostile);

/// What a hostile or broken host puts where something else belongs.
fn hostile() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "\u{200b}\u{202e}",
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.example/x",
        "/\\evil.example",
        "https://evil.example/x",
        "https://tilleuls.example@evil.example/",
        "https://tilleuls.example:8443/x",
        "http://tilleuls.example/x",
        "https://tilleuls.example/x\"><script>",
        "/videos/embed/../../admin",
        "../../etc/passwd",
        "..",
        "a/b?c#d",
        "evil.example",
        "127.0.0.1",
        "TILLEULS.example.",
        "9999-12-31T23:59:59.999Z",
        "-009999-01-01T00:00:00Z",
        "0000-00-00",
        "1e400",
        "true",
        "#noindex",
        "\u{0}\u{7}\u{1b}[31m",
        "Z̸͕͌͝a̷l̴g̷o",
    ];
    let mut values: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    values.push(json!("x".repeat(70_000)));
    values.push(json!("e\u{301}".repeat(20_000)));
    values.extend([-1.0, 0.5, 1e300, -1e300].map(|n| json!(n)));
    values.extend([i64::MIN, -1, 0, 1, 2, i64::MAX].map(|n| json!(n)));
    values.push(json!(u64::MAX));
    values.extend([
        json!(null),
        json!(true),
        json!(false),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!({"id": {"id": []}}),
    ]);
    values.push(json!(vec![json!({"path": "//evil.example", "width": 48}); 200]));
    values
}

/// JSON pointers of every value below a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (format!("{at}/{key}"), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(nth, value)| (format!("{at}/{nth}"), value)).collect(),
        _ => Vec::new(),
    };
    for (pointer, value) in below {
        pointers(value, &pointer, found);
        found.push(pointer);
    }
}

fn spoilt(mut value: Value, changes: &[(Index, Index)]) -> Value {
    for (place, with) in changes {
        let mut found = Vec::new();
        pointers(&value, "", &mut found);
        if let Some(place) = value.pointer_mut(place.get(&found).as_str()) {
            *place = with.get(HOSTILE.as_slice()).clone();
        }
    }
    value
}

fn good(name: &str) -> Value {
    serde_json::from_str(&recorded(name)).unwrap()
}

static ITEM: LazyLock<Value> = LazyLock::new(item);
static DETAIL: LazyLock<Value> = LazyLock::new(|| good("video-01.json"));
static CHANNEL: LazyLock<Value> = LazyLock::new(|| good("channel-bricole.json"));
static ACTOR: LazyLock<Value> = LazyLock::new(|| good("ap-channel.json"));
static PLAYLIST: LazyLock<Value> = LazyLock::new(|| good("playlist-6.json"));
static ELEMENTS: LazyLock<Value> = LazyLock::new(|| first_of(good("playlist-7-videos.json"), "data"));
static OUTBOX: LazyLock<Value> =
    LazyLock::new(|| first_of(good("ap-account-outbox-page1-size50.json"), "orderedItems"));

/// The page with its first two items alone.
fn first_of(mut page: Value, items: &str) -> Value {
    page[items].as_array_mut().unwrap().truncate(2);
    page
}

fn check_url(url: &str) {
    assert!(url.starts_with(ORIGIN) && url.len() <= 2000 && !url.contains(['"', '<', ' ', '\n']), "{url}");
}

fn check_image(image: &Image) {
    check_url(&image.url);
    assert!(image.path.as_ref().is_none_or(|path| path.starts_with('/') && !path.starts_with("//")), "{image:?}");
}

fn check_line(text: &str) {
    let is_line = !text.trim().is_empty() && !text.chars().any(char::is_control);
    assert!(is_line && text.chars().count() <= 300, "{text:?}");
}

fn check_block(text: Option<&String>) {
    let is_block = |text: &String| !text.trim().is_empty() && text.chars().count() <= 10_000 && !text.contains('\0');
    assert!(text.is_none_or(is_block), "{text:?}");
}

fn check_date(at: Timestamp) {
    assert!((Timestamp::UNIX_EPOCH..=now()).contains(&at), "{at}");
}

fn check_actor(actor: &Actor) {
    check_line(&actor.display_name);
    check_url(&actor.url);
    assert_eq!(actor.host, host());
    assert!(actor.origin_id >= 0 && actor.avatars.len() <= 8);
    assert!(
        !actor.name.contains(['/', '?', '#', '@', '%', ' ', '\\']) && actor.name.chars().any(char::is_alphanumeric)
    );
    actor.avatars.iter().for_each(check_image);
}

fn check_video(video: &Video) {
    assert_eq!(video.host, host());
    check_line(&video.name);
    check_url(&video.url);
    check_actor(&video.account);
    check_actor(&video.channel);
    for path in [&video.thumbnail_path, &video.preview_path].into_iter().flatten() {
        assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'), "{path}");
    }
    [&video.thumbnail_url, &video.preview_url].into_iter().flatten().for_each(|url| check_url(url));
    let id = video.embed_path.strip_prefix("/videos/embed/").unwrap();
    assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && id.len() <= 36, "{id}");
    [video.created_at, video.updated_at, video.published_at].into_iter().for_each(check_date);
    assert!(video.duration_s <= 366 * 86_400 && video.views <= 1_000_000_000_000);
    assert!(video.truncated_description.as_ref().is_none_or(|text| text.encode_utf16().count() <= 250));
    if let Some(detail) = &video.detail {
        check_block(detail.description.as_ref());
        check_block(detail.support.as_ref());
        assert!(detail.tags.len() <= 30);
        detail.tags.iter().for_each(|tag| check_line(tag));
    }
}

fn check_channel(channel: &Channel) {
    check_actor(&channel.actor);
    check_actor(&channel.owner.actor);
    channel.banners.iter().for_each(check_image);
    for text in [&channel.description, &channel.support, &channel.owner.description] {
        check_block(text.as_ref());
    }
    [channel.created_at, channel.updated_at, channel.owner.created_at, channel.owner.updated_at]
        .into_iter()
        .for_each(check_date);
    assert!(channel.n_followers.max(channel.n_following).max(channel.owner.n_followers) <= 1_000_000_000_000);
}

fn check_playlist(playlist: &Playlist) {
    assert_eq!(playlist.host, host());
    check_line(&playlist.display_name);
    check_url(&playlist.url);
    check_block(playlist.description.as_ref());
    check_actor(&playlist.owner);
    playlist.channel.iter().for_each(check_actor);
    playlist.thumbnail_url.iter().for_each(|url| check_url(url));
    let id = playlist.embed_path.strip_prefix("/video-playlists/embed/").unwrap();
    assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && id.len() <= 36, "{id}");
    [playlist.created_at, playlist.updated_at].into_iter().for_each(check_date);
    assert!(playlist.elements.is_empty());
}

fn changes() -> impl Strategy<Value = Vec<(Index, Index)>> {
    prop::collection::vec(any::<(Index, Index)>(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_videos_are_read_within_bounds_or_not_at_all(changes in changes()) {
        let page = page_of(vec![spoilt(ITEM.clone(), &changes), ITEM.clone()]);
        prop_assert!(page.videos.iter().any(|video| video.name == ITEM["name"].as_str().unwrap()));
        page.videos.iter().for_each(check_video);
        let detail = spoilt(DETAIL.clone(), &changes).to_string();
        parse_detail(detail.as_bytes(), &host(), now()).iter().for_each(check_video);
    }

    #[test]
    fn spoilt_channels_are_read_within_bounds_or_not_at_all(changes in changes()) {
        let channel = spoilt(CHANNEL.clone(), &changes).to_string();
        let found = parse_channel(channel.as_bytes(), &host(), now());
        found.iter().for_each(|answer| check_channel(&answer.channel));
        // Consent is found however broken the rest is.
        let mut refusing: Value = serde_json::from_str(&channel).unwrap();
        (refusing["id"], refusing["url"]) = (json!(2), Value::Null);
        refusing["description"] = json!("#noindex");
        let consent = parse_actor(refusing.to_string().as_bytes(), &host()).unwrap();
        prop_assert!(matches!(consent, Consent::Withheld(_)));
        let actor = spoilt(ACTOR.clone(), &changes).to_string();
        let _ = parse_actor(actor.as_bytes(), &host());
    }

    #[test]
    fn spoilt_playlists_are_read_within_bounds_or_not_at_all(changes in changes()) {
        let playlist = spoilt(PLAYLIST.clone(), &changes);
        let page = json!({"total": 1, "data": [playlist]}).to_string();
        let page = parse_playlists(page.as_bytes(), &host(), now()).unwrap();
        page.playlists.iter().for_each(|listed| check_playlist(&listed.playlist));

        let elements = spoilt(ELEMENTS.clone(), &changes).to_string();
        if let Ok(page) = parse_elements(elements.as_bytes(), &host()) {
            prop_assert!(page.elements.len() <= page.n_rows);
        }
    }

    #[test]
    fn spoilt_outboxes_are_read_within_bounds_or_not_at_all(changes in changes()) {
        let outbox = spoilt(OUTBOX.clone(), &changes).to_string();
        if let Ok(page) = parse_outbox(outbox.as_bytes(), &host()) {
            for (_, detail) in page.details {
                check_block(detail.description.as_ref());
                prop_assert!(detail.tags.len() <= 30 && detail.tags.iter().all(|tag| tag.chars().count() <= 64));
            }
        }
    }
}
