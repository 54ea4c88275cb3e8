//! Small generations, and a client of the routes that needs no socket.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use indexer::{Indexer, Options};
use jiff::Timestamp;
use journal::record::{Actor, Image, Labelled, Record, Video, VideoDetail};
use journal::{Body as EntryBody, Entry, Offset};
use query_api::{QueryApi, QueryApiConfig, router};
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
    let actor = |name: &str, kind: &str| Actor {
        origin_id: 7,
        name: name.to_owned(),
        display_name: format!("The {name}"),
        url: format!("https://{host}/{kind}/{name}"),
        host: host.clone(),
        avatars: [48, 120]
            .map(|width| Image {
                path: Some(format!("/lazy-static/avatars/{name}-{width}.png")),
                url: format!("https://{host}/lazy-static/avatars/{name}-{width}.png"),
                width: Some(width),
                height: None,
                created_at: Some(published_at),
                updated_at: Some(published_at),
            })
            .to_vec(),
    };
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
        account: actor("ada", "accounts"),
        channel: actor("lab", "video-channels"),
        detail: Some(VideoDetail::default()),
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
    let entries: Vec<(Offset, Entry)> = videos
        .iter()
        .zip(from..)
        .map(|(video, offset)| {
            let body = EntryBody::Record(Record::Video(Box::new(video.clone())));
            (Offset(offset), Entry { seen_at: time("2026-01-01T00:00:00Z"), body })
        })
        .collect();
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
        let request = Request::post("/api/v1/search/videos").header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Searches by GET; fails the test on anything but 200.
    pub async fn search(&self, query: &str) -> Value {
        let answer = self.get(&format!("/api/v1/search/videos?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        answer.json()
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
