//! A journal and an index in a temporary folder, made-up videos, and the simplest search that shows what is indexed.

use std::path::PathBuf;

use indexer::{Indexer, Options, Snapshot, analysis};
use jiff::Timestamp;
use journal::record::{Actor, Labelled, Video, VideoDetail};
use journal::{Body, Entry, Journal, Reader, Record, TombstoneReason};
use tantivy::Term;
use tantivy::collector::{Count, DocSetCollector};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{TantivyDocument, schema::Schema};
use tempfile::TempDir;
use uuid::Uuid;

/// When all made-up entries were seen.
pub fn seen_at() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// The `n`th video of a host: a public one with nothing special.
pub fn video(host: &str, n: u128, name: &str) -> Video {
    let host: allowlist::Host = host.parse().unwrap();
    let uuid = Uuid::from_u128(n);
    let actor = |kind: &str, name: &str| Actor {
        origin_id: 7,
        name: name.to_owned(),
        display_name: "Someone".to_owned(),
        url: format!("https://{host}/{kind}/{name}"),
        host: host.clone(),
        avatars: Vec::new(),
    };
    Video {
        account: actor("accounts", "someone"),
        channel: actor("video-channels", "some_channel"),
        uuid,
        origin_id: n as i64,
        url: format!("https://{host}/videos/watch/{uuid}"),
        name: name.to_owned(),
        truncated_description: None,
        category: Some(Labelled { id: 15, label: "Science & Technology".to_owned() }),
        licence: None,
        language: None,
        nsfw: false,
        nsfw_flags: 0,
        nsfw_summary: None,
        is_live: false,
        duration_s: 60,
        aspect_ratio: Some(1.7778),
        views: 10,
        viewers: 0,
        likes: 1,
        dislikes: 0,
        comments: None,
        thumbnail_path: Some(format!("/lazy-static/thumbnails/{uuid}.jpg")),
        thumbnail_url: Some(format!("https://{host}/lazy-static/thumbnails/{uuid}.jpg")),
        preview_path: None,
        preview_url: None,
        embed_path: format!("/videos/embed/{uuid}"),
        created_at: "2025-01-01T00:00:00Z".parse().unwrap(),
        updated_at: "2025-01-02T00:00:00Z".parse().unwrap(),
        published_at: "2025-01-01T10:00:00Z".parse().unwrap(),
        originally_published_at: None,
        detail: None,
        host,
    }
}

/// The same with a detail.
pub fn with_detail(mut video: Video, description: &str, tags: &[&str]) -> Video {
    video.detail = Some(VideoDetail {
        description: Some(description.to_owned()),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..VideoDetail::default()
    });
    video
}

pub fn seen(video: Video) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Record(Record::Video(Box::new(video))) }
}

pub fn gone(video: &Video) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Tombstone { id: video.record_id(), reason: TombstoneReason::Deleted } }
}

/// `n` videos of three hosts, in a named language: guessing one takes most of the time of a test that is not optimised.
pub fn videos(n: u128) -> Vec<Video> {
    let french = || Some(Labelled { id: "fr".to_owned(), label: "French".to_owned() });
    let video = |n| video(&format!("tube{}.example", n % 3), n, &format!("Vidéo numéro {n}"));
    (1..=n).map(|n| Video { language: french(), ..video(n) }).collect()
}

/// A data folder.
pub struct Data {
    dir: TempDir,
    pub journal: Journal,
    pub reader: Reader,
}

impl Data {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
        let reader = journal.reader().unwrap();
        Self { dir, journal, reader }
    }

    /// A data folder whose journal and index hold these videos.
    pub fn with(videos: Vec<Video>) -> Self {
        let data = Self::new();
        data.append(videos.into_iter().map(seen).collect());
        data.catch_up();
        data
    }

    pub fn index_dir(&self) -> PathBuf {
        self.dir.path().join("index")
    }

    pub fn append(&self, entries: Vec<Entry>) {
        self.journal.writer().append_blocking(entries).unwrap();
    }

    pub fn open(&self) -> Indexer {
        Indexer::open(&self.index_dir(), Options::default()).unwrap()
    }

    pub fn catch_up(&self) -> indexer::Progress {
        self.open().catch_up(&self.reader).unwrap()
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot::open_current(&self.index_dir()).unwrap()
    }

    pub fn catch_opening(&self) -> Result<Snapshot, indexer::SnapshotError> {
        Snapshot::open_current(&self.index_dir())
    }

    /// Whether the index is what the journal says.
    pub fn assert_clean(&self) {
        let report = indexer::check(&self.index_dir(), &self.reader).unwrap();
        assert!(report.is_clean(), "{report:?}");
    }

    /// The files of the live video index with this extension.
    pub fn live_files(&self, extension: &str) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.index_dir().join("live/video")).unwrap();
        files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
    }
}

/// Titles of the videos in which every term of `text` is found in any field, sorted.
pub fn search(snapshot: &Snapshot, text: &str) -> Vec<String> {
    let fields = &snapshot.video_fields;
    let text_fields = [fields.title, fields.description, fields.description_rest, fields.tags, fields.channel];
    let any_field = |term: &String| -> (Occur, Box<dyn Query>) {
        let queries = text_fields.iter().map(|field| term_query(*field, term)).collect();
        (Occur::Must, Box::new(BooleanQuery::union(queries)))
    };
    titles(snapshot, &BooleanQuery::new(analysis::fold(text).iter().map(any_field).collect()))
}

/// Titles of the videos with a term of a field, sorted.
pub fn with_term(snapshot: &Snapshot, field: Field, term: &str) -> Vec<String> {
    titles(snapshot, &*term_query(field, term))
}

pub fn count(snapshot: &Snapshot) -> usize {
    snapshot.videos.search(&tantivy::query::AllQuery, &Count).unwrap()
}

/// The value of a fast field of the only video.
pub fn fast_value(snapshot: &Snapshot, field: Field) -> i64 {
    let schema: &Schema = snapshot.videos.schema();
    let segment = snapshot.videos.segment_reader(0);
    segment.fast_fields().i64(schema.get_field_name(field)).unwrap().first(0).unwrap()
}

fn term_query(field: Field, term: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::Basic))
}

fn titles(snapshot: &Snapshot, query: &dyn Query) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    for address in snapshot.videos.search(query, &DocSetCollector).unwrap() {
        let document: TantivyDocument = snapshot.videos.doc(address).unwrap();
        let json = document.get_first(snapshot.video_fields.doc).and_then(|value| value.as_bytes()).unwrap();
        let stored: indexer::stored::StoredVideo = serde_json::from_slice(json).unwrap();
        titles.push(stored.name);
    }
    titles.sort();
    titles
}
