//! A host can pose as any major version on every route.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::client::{NOW, get, request};
use serde_json::Value;
use simulator::{Catalogue, Fediverse, HostHandle, HostSetup, PlaylistSpec, Version, VideoSpec, short_uuid};

const EVER: (u8, u8) = (0, 0);
const NEVER: (u8, u8) = (99, 0);

/// A key of a route with the version it came with and the one it went with.
type Key = (&'static str, (u8, u8), (u8, u8));

const ITEM: [Key; 21] = [
    ("id", EVER, NEVER),
    ("uuid", EVER, NEVER),
    ("isLocal", EVER, NEVER),
    ("isLive", (3, 0), NEVER),
    ("shortUUID", (3, 3), NEVER),
    ("viewers", (4, 0), NEVER),
    ("url", (4, 2), NEVER),
    ("truncatedDescription", (5, 0), NEVER),
    ("aspectRatio", (6, 1), NEVER),
    ("nsfwFlags", (7, 2), NEVER),
    ("nsfwSummary", (7, 2), NEVER),
    ("comments", (7, 2), NEVER),
    ("downloads", (8, 0), NEVER),
    ("thumbnails", (8, 1), NEVER),
    ("thumbnailPath", EVER, NEVER),
    ("previewPath", EVER, NEVER),
    ("description", EVER, NEVER),
    ("tags", NEVER, NEVER),
    ("support", NEVER, NEVER),
    ("files", NEVER, NEVER),
    ("state", NEVER, NEVER),
];

const DETAIL: [Key; 7] = [
    ("tags", EVER, NEVER),
    ("support", EVER, NEVER),
    ("state", EVER, NEVER),
    ("descriptionPath", EVER, NEVER),
    ("inputFileUpdatedAt", (6, 0), NEVER),
    ("commentsPolicy", (6, 2), NEVER),
    ("commentsEnabled", EVER, (8, 0)),
];

const ACTOR: [Key; 2] = [("avatar", EVER, (6, 0)), ("avatars", (4, 2), NEVER)];

const CHANNEL: [Key; 7] = [
    ("banner", EVER, (6, 0)),
    ("banners", (4, 2), NEVER),
    ("ownerAccount", EVER, NEVER),
    ("support", EVER, NEVER),
    ("description", EVER, NEVER),
    ("followersCount", EVER, NEVER),
    ("isLocal", EVER, NEVER),
];

const IMAGE: [Key; 3] = [("path", EVER, NEVER), ("fileUrl", (7, 1), NEVER), ("height", (7, 3), NEVER)];

const PLAYLIST: [Key; 7] = [
    ("uuid", EVER, NEVER),
    ("videosLength", EVER, NEVER),
    ("shortUUID", (3, 3), NEVER),
    ("url", (4, 2), NEVER),
    ("thumbnailPath", EVER, NEVER),
    ("thumbnails", (8, 1), NEVER),
    ("videoChannelPosition", (8, 0), NEVER),
];

const OUTBOX: [Key; 6] = [
    ("uuid", EVER, NEVER),
    ("hasParts", (6, 0), NEVER),
    ("aspectRatio", (6, 1), NEVER),
    ("commentsPolicy", (6, 2), NEVER),
    ("summary", (7, 2), NEVER),
    ("commentsEnabled", EVER, (8, 0)),
];

fn check(version: Version, what: &str, value: &Value, keys: &[Key]) {
    let now = (version.major, version.minor);
    for (key, came, went) in keys {
        let is_wanted = now >= *came && now < *went;
        assert_eq!(value.get(key).is_some(), is_wanted, "{version}: `{key}` in {what}: {value}");
    }
}

/// What one host of a version answers.
struct Posing {
    fediverse: Fediverse,
}

impl Posing {
    async fn of(version: Version, has_object_storage: bool) -> Self {
        let catalogue = Catalogue::new(11, NOW.parse().unwrap(), 4);
        let mut instance = catalogue.instance(0, 60).unwrap();
        instance.spec.version = version;
        instance.spec.has_object_storage = has_object_storage;
        for channel in &mut instance.spec.channels {
            (channel.has_banner, channel.n_avatars) = (true, None);
        }
        for account in &mut instance.spec.accounts {
            account.n_avatars = None;
        }
        let setup = HostSetup::generated(instance).rate_limit(None);
        Self { fediverse: Fediverse::builder().host(setup).start().await.unwrap() }
    }

    fn host(&self) -> &HostHandle {
        self.fediverse.hosts().next().unwrap()
    }

    async fn json(&self, target: &str) -> Value {
        get(self.host().address(), target).await.json()
    }

    /// The first video with a text that listings cut.
    fn long(&self) -> VideoSpec {
        self.host().listed().into_iter().find(|video| video.late_word.is_some()).unwrap()
    }

    fn playlist(&self) -> PlaylistSpec {
        self.host().listed_playlists().into_iter().find(|playlist| !playlist.elements.is_empty()).unwrap()
    }

    async fn outbox(&self) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        for account in self.host().instance().unwrap().spec.accounts {
            let target = format!("/accounts/{}/outbox?page=1&size=50", account.name);
            let page = self.json(&target).await;
            for item in page["orderedItems"].as_array().unwrap().iter().filter(|item| item["type"] == "Create") {
                found.insert(item["object"]["uuid"].as_str().unwrap().to_owned(), item["object"].clone());
            }
        }
        found
    }
}

async fn poses(version: Version) {
    let posing = Posing::of(version, false).await;
    assert_eq!(posing.json("/api/v1/config").await["serverVersion"], version.to_string());
    let page = posing.json("/api/v1/videos?isLocal=true&nsfw=both&count=100").await;
    let rows = page["data"].as_array().unwrap();
    // Versions before 4.0 do not know `isLocal` and mix remote rows in.
    assert_eq!(rows.iter().any(|row| row["isLocal"] == false), !version.since(4, 0), "{version}");
    // The older word was refused later.
    let filtered = posing.json("/api/v1/videos?filter=local&nsfw=both&count=100").await;
    assert_eq!(filtered.get("error").is_some(), version.since(6, 0), "{version}");
    for row in filtered["data"].as_array().into_iter().flatten() {
        assert_eq!(row["isLocal"], true, "{version}");
    }
    let long = posing.long();
    let (uuid, word) = (long.uuid.to_string(), long.late_word.unwrap());
    let row = rows.iter().find(|row| row["uuid"] == uuid.as_str()).unwrap();
    check(version, "a row", row, &ITEM);
    assert!(row["id"].is_u64() && row["privacy"]["id"].is_u64());
    let embed = if version.since(7, 0) { short_uuid(long.uuid) } else { uuid.clone() };
    assert_eq!(row["embedPath"], format!("/videos/embed/{embed}"));

    let detail = posing.json(&format!("/api/v1/videos/{uuid}")).await;
    check(version, "a detail", &detail, &DETAIL);
    check(version, "the channel of a detail", &detail["channel"], &CHANNEL);
    let is_whole = |text: &Value| text.as_str().unwrap().contains(&word);
    assert_eq!(is_whole(&detail["description"]), version.since(5, 0), "{version}");
    assert!(is_whole(&posing.json(&format!("/api/v1/videos/{uuid}/description")).await["description"]));

    let object = &posing.outbox().await[&uuid];
    check(version, "the outbox", object, &OUTBOX);
    assert_eq!(is_whole(&object["content"]), version.since(5, 0), "{version}");

    let channels = posing.json("/api/v1/video-channels?count=100").await;
    for channel in channels["data"].as_array().unwrap().iter().filter(|channel| channel["isLocal"] == true) {
        check(version, "a channel", channel, &CHANNEL);
        check(version, "a channel", channel, &ACTOR);
        check(version, "an account", &channel["ownerAccount"], &ACTOR);
        let single = if version.since(4, 2) { &channel["avatars"][0] } else { &channel["avatar"] };
        check(version, "an avatar", single, &IMAGE);
        let n_sizes = channel["avatars"].as_array().map_or(1, Vec::len);
        assert_eq!(n_sizes, if version.since(6, 1) { 4 } else { 1 + usize::from(version.since(4, 2)) });
    }
    check(version, "the channel of a row", &row["channel"], &ACTOR);

    let spec = posing.playlist();
    let playlist = posing.json(&format!("/api/v1/video-playlists/{}", spec.uuid)).await;
    check(version, "a playlist", &playlist, &PLAYLIST);
    check(version, "the account of a playlist", &playlist["ownerAccount"], &ACTOR);
    let embed = if version.since(7, 0) { short_uuid(spec.uuid) } else { spec.uuid.to_string() };
    assert_eq!(playlist["embedPath"], format!("/video-playlists/embed/{embed}"));
    let elements = posing.json(&format!("/api/v1/video-playlists/{}/videos?count=100", spec.uuid)).await;
    let shown = elements["data"].as_array().unwrap().iter().find(|element| element["type"] == 0).unwrap();
    check(version, "an element", &shown["video"], &ITEM);

    let most = rows.iter().filter_map(|row| row["licence"]["id"].as_u64()).max().unwrap();
    assert!(most <= 7, "planned for an older version");
    posing.fediverse.shutdown().await;
}

fn version(major: u8, minor: u8) -> Version {
    Version { major, minor, patch: 1 }
}

#[tokio::test]
async fn version_3_has_one_avatar_no_url_and_mixed_listings() {
    poses(version(3, 1)).await;
    poses(Version::of_major(3)).await;
}

#[tokio::test]
async fn version_4_brings_viewers_urls_and_lists_of_avatars() {
    poses(version(4, 1)).await;
    poses(Version::of_major(4)).await;
}

#[tokio::test]
async fn version_5_brings_whole_descriptions() {
    poses(Version::of_major(5)).await;
}

#[tokio::test]
async fn version_6_drops_single_avatars_and_has_four_sizes() {
    poses(version(6, 0)).await;
    poses(Version::RECORDED).await;
}

#[tokio::test]
async fn version_7_brings_file_urls_flags_and_short_embed_paths() {
    poses(version(7, 0)).await;
    poses(version(7, 1)).await;
    poses(version(7, 2)).await;
    poses(Version::of_major(7)).await;
}

#[tokio::test]
async fn version_8_brings_thumbnails_licences_and_object_storage() {
    poses(version(8, 0)).await;
    poses(Version::of_major(8)).await;
    let posing = Posing::of(Version::of_major(8), true).await;
    let row = posing.json("/api/v1/videos?nsfw=both&isLocal=true&count=1").await["data"][0].clone();
    assert!(row.get("thumbnailPath").is_none() && row.get("previewPath").is_none());
    let url = row["thumbnails"][0]["fileUrl"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&format!("https://{}", posing.host().name())).unwrap();
    assert_eq!(get(posing.host().address(), path).await.status, 200);
    let avatar = &row["channel"]["avatars"][0];
    assert!(avatar["path"].is_null() && avatar["fileUrl"].is_string());
    let playlist = posing.json(&format!("/api/v1/video-playlists/{}", posing.playlist().uuid)).await;
    assert!(playlist.get("thumbnailPath").is_none() && playlist["thumbnails"][0]["fileUrl"].is_string());
    // Older versions have their pictures at paths, wherever they are kept.
    let older = Posing::of(Version::RECORDED, true).await;
    assert!(older.json("/api/v1/videos?count=1").await["data"][0]["thumbnailPath"].is_string());

    let catalogue = Catalogue::new(3, NOW.parse().unwrap(), 40);
    let of_8 = (0..40).filter(|&host| catalogue.hosts()[host].version.since(8, 0));
    let licences: Vec<u8> = of_8
        .flat_map(|host| (0..60).filter_map(|nth| catalogue.video(host, nth)?.licence).collect::<Vec<_>>())
        .collect();
    assert!(licences.contains(&8) && licences.contains(&9));
}

#[tokio::test]
async fn actors_say_whether_they_may_be_searched_since_version_8() {
    let accept = [("Accept", "application/activity+json")];
    for version in [Version::RECORDED, Version::of_major(7), Version::of_major(8)] {
        let posing = Posing::of(version, false).await;
        let host = posing.host();
        let channel = host.channels()[0].clone();
        let account = host.instance().unwrap().spec.accounts[channel.account as usize].name.clone();
        let now = NOW.parse().unwrap();
        let actor = async |path: String| {
            let reply = request(host.address(), &path, &accept, Duration::from_secs(5), usize::MAX).await;
            assert_eq!(reply.header("content-type").unwrap(), "application/activity+json; charset=utf-8");
            reply.json()
        };
        let before = actor(format!("/video-channels/{}", channel.name)).await;
        assert!(before.get("indexable").is_none() && before.get("discoverable").is_none());
        assert_eq!((&before["type"], &before["preferredUsername"]), (&"Group".into(), &channel.name.as_str().into()));
        host.edit_channel(&channel.name, now, |channel| channel.indexable = Some(false)).unwrap();
        host.edit_account(&account, now, |account| {
            account.discoverable = Some(true);
            account.description = Some("Not for machines #NoIndex".to_owned());
        })
        .unwrap();
        let of_channel = actor(format!("/c/{}", channel.name)).await;
        let of_account = actor(format!("/accounts/{account}")).await;
        let is_8 = version.since(8, 0);
        assert_eq!(of_channel.get("indexable"), is_8.then_some(&Value::Bool(false)), "{version}");
        assert_eq!(of_account.get("discoverable"), is_8.then_some(&Value::Bool(true)), "{version}");
        assert!(of_account.get("indexable").is_none());
        assert_eq!(of_account["type"], "Person");
        assert_eq!(of_account["summary"], "Not for machines #NoIndex");
        assert_eq!(actor("/accounts/peertube".to_owned()).await["type"], "Application");
        assert_eq!(get(host.address(), &format!("/accounts/{account}")).await.status, 406);
        let spec = posing.playlist();
        let playlist = actor(format!("/video-playlists/{}", spec.uuid)).await;
        assert_eq!((&playlist["type"], &playlist["totalItems"]), (&"Playlist".into(), &spec.elements.len().into()));
        let header = simulator::Behaviour::Header("X-Robots-Tag".to_owned(), "noindex".to_owned());
        host.behave(header.on(simulator::Routes::Channels));
        let reply = get(host.address(), &format!("/api/v1/video-channels/{}", channel.name)).await;
        assert_eq!(reply.header("x-robots-tag").unwrap(), "noindex");
        assert_eq!(get(host.address(), "/api/v1/videos").await.header("x-robots-tag"), None);
    }
}
