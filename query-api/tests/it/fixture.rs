//! Small generations, and a client of the routes that needs no socket.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use indexer::{Indexer, Options};
use jiff::Timestamp;
use journal::record::{Actor, Channel, Element, Image, Labelled, Owner, Playlist, Record, Video, VideoDetail};
use journal::{Body as EntryBody, Entry, Offset};
use query_api::{QueryApi, QueryApiConfig, ServeLimits, router};
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

/// A plain public video; tests change what they are about.
pub fn video(n: u64, name: &str) -> Video {
    video_on("tube.example", n, name)
}

pub fn video_on(host: &str, n: u64, name: &str) -> Video {
    let host: allowlist::Host = host.parse().unwrap();
    let uuid = Uuid::from_u128(0x1000_0000_0000_4000_8000_0000_0000_0000 | u128::from(n));
    let published_at = time("2024-01-01T00:00:00Z") + jiff::SignedDuration::from_secs(i64::try_from(n).unwrap() * 60);
    Video {
        uuid,
        origin_id: i64::try_from(n).unwrap(),
        url: format!("https://{host}/videos/watch/{uuid}"),
        name: name.to_owned(),
        truncated_description: Some(format!("About number {n}")),
        category: Some(Labelled { id: 15, label: "Science & Technology".to_owned() }),
        licence: Some(Labelled { id: 2, label: "Attribution - Share Alike".to_owned() }),
        language: Some(Labelled { id: "en".to_owned(), label: "English".to_owned() }),
        nsfw: false,
        nsfw_flags: 0,
        nsfw_summary: None,
        is_live: false,
        duration_s: 100,
        aspect_ratio: Some(1.7778),
        views: n,
        viewers: 0,
        likes: n,
        dislikes: 0,
        comments: None,
        thumbnail_path: Some(format!("/lazy-static/thumbnails/{n}.jpg")),
        thumbnail_url: Some(format!("https://{host}/lazy-static/thumbnails/{n}.jpg")),
        preview_path: Some(format!("/lazy-static/previews/{n}.jpg")),
        preview_url: Some(format!("https://{host}/lazy-static/previews/{n}.jpg")),
        embed_path: format!("/videos/embed/{uuid}"),
        created_at: published_at,
        updated_at: published_at,
        published_at,
        originally_published_at: None,
        account: actor(&host, "ada", "accounts"),
        channel: actor(&host, "lab", "video-channels"),
        detail: Some(VideoDetail::default()),
        host,
    }
}

/// An account (`accounts`) or a channel (`video-channels`) as part of something else.
pub fn actor(host: &allowlist::Host, name: &str, path: &str) -> Actor {
    Actor {
        origin_id: 7,
        name: name.to_owned(),
        display_name: format!("The {name}"),
        url: format!("https://{host}/{path}/{name}"),
        host: host.clone(),
        avatars: [48, 120]
            .map(|width| image(host, &format!("/lazy-static/avatars/{name}-{width}.png"), width))
            .to_vec(),
    }
}

fn image(host: &allowlist::Host, path: &str, width: u32) -> Image {
    let at = time("2024-01-01T00:00:00Z");
    Image {
        path: Some(path.to_owned()),
        url: format!("https://{host}{path}"),
        width: Some(width),
        height: None,
        created_at: Some(at),
        updated_at: Some(at),
    }
}

/// A channel of `ada` with 10 followers.
pub fn channel_on(host: &str, name: &str, display_name: &str) -> Channel {
    let host: allowlist::Host = host.parse().unwrap();
    let created_at = time("2023-01-01T00:00:00Z");
    let mut actor_of_channel = actor(&host, name, "video-channels");
    actor_of_channel.display_name = display_name.to_owned();
    Channel {
        actor: actor_of_channel,
        banners: vec![image(&host, &format!("/lazy-static/banners/{name}.jpg"), 1920)],
        description: Some(format!("What {name} does")),
        support: None,
        n_followers: 10,
        n_following: 0,
        created_at,
        updated_at: created_at,
        owner: Owner {
            actor: actor(&host, "ada", "accounts"),
            description: None,
            n_followers: 1,
            n_following: 2,
            created_at,
            updated_at: created_at,
        },
    }
}

/// A playlist of `ada` in the channel `lab`, created `n` minutes into 2023.
pub fn playlist_on(host: &str, n: u64, display_name: &str, videos: &[&Video]) -> Playlist {
    let host: allowlist::Host = host.parse().unwrap();
    let uuid = Uuid::from_u128(0x2000_0000_0000_4000_8000_0000_0000_0000 | u128::from(n));
    let created_at = time("2023-01-01T00:00:00Z") + jiff::SignedDuration::from_mins(i64::try_from(n).unwrap());
    Playlist {
        uuid,
        origin_id: i64::try_from(n).unwrap(),
        url: format!("https://{host}/video-playlists/{uuid}"),
        display_name: display_name.to_owned(),
        description: Some(format!("List number {n}")),
        thumbnail_path: Some(format!("/lazy-static/thumbnails/playlist-{n}.jpg")),
        thumbnail_url: Some(format!("https://{host}/lazy-static/thumbnails/playlist-{n}.jpg")),
        embed_path: format!("/video-playlists/embed/{uuid}"),
        created_at,
        updated_at: created_at,
        owner: actor(&host, "ada", "accounts"),
        channel: Some(actor(&host, "lab", "video-channels")),
        elements: videos.iter().map(|video| Element { host: video.host.clone(), uuid: video.uuid }).collect(),
        host,
    }
}

pub fn with_tags(mut video: Video, tags: &[&str]) -> Video {
    let detail = video.detail.get_or_insert_with(VideoDetail::default);
    detail.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    video
}

pub fn with_description(mut video: Video, description: &str) -> Video {
    let detail = video.detail.get_or_insert_with(VideoDetail::default);
    detail.description = Some(description.to_owned());
    video.truncated_description = None;
    video
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Publishes a generation with these videos more; gives its number.
pub fn publish(index_dir: &Path, from: u64, videos: &[Video]) -> u64 {
    publish_records(index_dir, from, &records(videos, &[], &[]))
}

/// Records of every kind.
pub fn records(videos: &[Video], channels: &[Channel], playlists: &[Playlist]) -> Vec<Record> {
    let videos = videos.iter().map(|video| Record::Video(Box::new(video.clone())));
    let channels = channels.iter().map(|channel| Record::Channel(Box::new(channel.clone())));
    let playlists = playlists.iter().map(|playlist| Record::Playlist(Box::new(playlist.clone())));
    videos.chain(channels).chain(playlists).collect()
}

/// Publishes a generation with these records more; gives its number.
pub fn publish_records(index_dir: &Path, from: u64, records: &[Record]) -> u64 {
    let bodies: Vec<EntryBody> = records.iter().map(|record| EntryBody::Record(record.clone())).collect();
    publish_entries(index_dir, from, bodies)
}

/// Publishes a generation after these entries more; gives its number.
pub fn publish_entries(index_dir: &Path, from: u64, bodies: Vec<EntryBody>) -> u64 {
    let entry = |(body, offset)| (Offset(offset), Entry { seen_at: time("2026-01-01T00:00:00Z"), body });
    let entries: Vec<(Offset, Entry)> = bodies.into_iter().zip(from..).map(entry).collect();
    let mut indexer = Indexer::open(index_dir, Options::default()).unwrap();
    indexer.apply(&entries).unwrap().generation
}

/// A served generation.
pub struct Site {
    pub dir: tempfile::TempDir,
    pub api: Arc<QueryApi>,
    router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Site {
    pub fn new(videos: &[Video]) -> Self {
        Self::with_config(videos, QueryApiConfig::default())
    }

    pub fn with_config(videos: &[Video], config: QueryApiConfig) -> Self {
        let site = Self::empty(config);
        publish(site.dir.path(), 1, videos);
        assert!(site.api.refresh().unwrap());
        site
    }

    /// With records of every kind.
    pub fn of_records(records: &[Record]) -> Self {
        // Answers of a hundred heavy objects take their time in a build for tests.
        let limits = ServeLimits { query_time: std::time::Duration::from_secs(60), ..ServeLimits::default() };
        let site = Self::empty(QueryApiConfig { limits, ..QueryApiConfig::default() });
        publish_records(site.dir.path(), 1, records);
        assert!(site.api.refresh().unwrap());
        site
    }

    /// Without any generation.
    pub fn empty(config: QueryApiConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let api = QueryApi::new(dir.path(), config);
        Self { router: router(Arc::clone(&api)), dir, api }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: head.status, headers: head.headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, body: &str) -> Answer {
        self.post_to("/api/v1/search/videos", body).await
    }

    /// Sends a JSON body.
    pub async fn post_to(&self, path: &str, body: &str) -> Answer {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Asks by GET for JSON; fails the test on anything but 200.
    pub async fn ask(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Searches by GET; fails the test on anything but 200.
    pub async fn search(&self, query: &str) -> Value {
        self.ask(&format!("/api/v1/search/videos?{query}")).await
    }

    /// The titles found, in order.
    pub async fn names(&self, query: &str) -> Vec<String> {
        names(&self.search(query).await)
    }

    /// The titles found, sorted.
    pub async fn set(&self, query: &str) -> Vec<String> {
        let mut names = self.names(query).await;
        names.sort();
        names
    }
}

pub fn names(answer: &Value) -> Vec<String> {
    answer["data"].as_array().unwrap().iter().map(|video| video["name"].as_str().unwrap().to_owned()).collect()
}

/// Percent-encodes everything that a query string could misread.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
