//! A query against one generation.

mod bits;
mod browse;
mod expand;
mod filter;
mod lower;
mod rank;
mod segment;
mod snippet;
mod text;
mod top;

pub use snippet::{Marked, Snippets};

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use indexer::snapshot::Snapshot;
use indexer::stored::StoredVideo;
use tantivy::schema::Value;
use tantivy::{DocAddress, TantivyDocument};

use self::filter::Expr;
use self::segment::{Segment, SetCache, set_cache};
use crate::error::Error;
use crate::params::MAX_REACH;
use crate::query::{SortKey, VideoQuery};

/// Memory for sets of documents: two hundred whole sets of a million documents.
const SET_CACHE_BYTES: u64 = 32 << 20;

/// One page of results.
#[derive(Clone, Debug)]
pub struct SearchPage {
    /// Results that paging can reach: all of them, at most [`MAX_REACH`].
    pub total: usize,
    /// Whether there are more than `total` says.
    pub is_capped: bool,
    /// The results of this page, in order.
    pub hits: Vec<VideoHit>,
    /// Words that were also looked for in another spelling, because they are hardly known: as written, as taken.
    pub corrections: Vec<(String, String)>,
    /// Whether videos with most of the words were taken too, because hardly any has all.
    pub is_relaxed: bool,
    /// The generation that answered.
    pub generation: u64,
}

/// One result.
#[derive(Clone, Debug)]
pub struct VideoHit {
    /// The document.
    pub video: StoredVideo,
    /// Its relevance; 1 where no relevance was asked for.
    pub score: f32,
}

/// Searches one generation; for programs that ask once. A server keeps a [`SearchIndex`].
///
/// # Errors
/// [`Error`] when the files cannot be read. There is no time limit.
pub fn search(snapshot: &Snapshot, query: &VideoQuery) -> Result<SearchPage, Error> {
    SearchIndex::open(snapshot.clone(), None)?.search(query, Deadline::none())
}

/// One generation with its columns opened and its orders and sets remembered. Safe to search from many threads.
pub struct SearchIndex {
    snapshot: Snapshot,
    segments: Vec<Segment>,
    sets: SetCache,
    n_hosts: OnceLock<usize>,
}

/// When a search has to be done.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Option<Instant>,
    limit: Duration,
}

impl Deadline {
    /// Whenever it is done.
    pub fn none() -> Self {
        Self { at: None, limit: Duration::ZERO }
    }

    /// `limit` from now.
    pub fn within(limit: Duration) -> Self {
        Self { at: Some(Instant::now() + limit), limit }
    }

    fn check(&self) -> Result<(), Error> {
        match self.at {
            Some(at) if Instant::now() > at => Err(Error::TimedOut { limit: self.limit }),
            _ => Ok(()),
        }
    }
}

/// A document that may be on the page. Greater is better; equal keys go by the smaller hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    key: u64,
    hash: Reverse<u64>,
    segment: u32,
    doc: u32,
}

/// What a pass over the index found.
struct Found {
    total: usize,
    page: Vec<Candidate>,
}

impl SearchIndex {
    /// Opens the columns of a generation. Orders and sets of segments that `previous` has too are taken over.
    ///
    /// # Errors
    /// [`Error::Engine`] when a column cannot be read.
    pub fn open(snapshot: Snapshot, previous: Option<&Self>) -> Result<Self, Error> {
        let generation = snapshot.manifest.generation;
        let mut segments = Vec::new();
        for (reader, ord) in snapshot.videos.segment_readers().iter().zip(0..) {
            let segment = Segment::open(reader, ord).map_err(|source| Error::Engine { generation, source })?;
            previous.iter().flat_map(|previous| &previous.segments).for_each(|known| segment.inherit(known));
            segments.push(segment);
        }
        let sets = previous.map_or_else(|| set_cache(SET_CACHE_BYTES), |previous| previous.sets.clone());
        Ok(Self { snapshot, segments, sets, n_hosts: OnceLock::new() })
    }

    /// Sorts every segment by date now, so that no visitor waits for it.
    pub fn warm(&self) {
        for segment in &self.segments {
            segment.newest_first();
        }
        self.n_hosts();
    }

    /// The generation.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Searches.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn search(&self, query: &VideoQuery, deadline: Deadline) -> Result<SearchPage, Error> {
        let exprs = filter::lower(&query.filter, &self.snapshot.video_fields);
        let mut corrections = Vec::new();
        let mut is_relaxed = false;
        let found = match &query.text {
            Some(text) => {
                let outcome = self.search_text(query, text, &exprs, deadline)?;
                corrections = outcome.corrections;
                is_relaxed = outcome.is_relaxed;
                outcome.found
            }
            None => self.browse(query, exprs, deadline)?,
        };
        let has_score = query.text.is_some() && query.sort.key == SortKey::Match;
        let mut hits = Vec::with_capacity(found.page.len());
        for candidate in found.page {
            let address = DocAddress::new(candidate.segment, candidate.doc);
            let score = if has_score { score_of_key(candidate.key) } else { 1.0 };
            hits.push(VideoHit { video: self.read(address)?, score });
        }
        Ok(SearchPage {
            total: found.total.min(MAX_REACH),
            is_capped: found.total > MAX_REACH,
            hits,
            corrections,
            is_relaxed,
            generation: self.generation(),
        })
    }

    /// The video with this UUID on this host, when the generation has it.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn find(&self, host: &str, uuid: uuid::Uuid) -> Result<Option<StoredVideo>, Error> {
        let fields = &self.snapshot.video_fields;
        let key = tantivy::Term::from_field_text(fields.key, &format!("video/{host}/{}", uuid.hyphenated()));
        for segment in &self.segments {
            // One look-up of the key; no set of the whole segment is built and cached for a single document.
            let docs = segment.docs_of(&key).map_err(|source| self.engine(source))?;
            if let Some(doc) = docs.into_iter().find(|doc| segment.is_alive(*doc)) {
                return self.read(DocAddress::new(segment.ord, doc)).map(Some);
            }
        }
        Ok(None)
    }

    /// Hosts with at least one living video.
    pub fn n_hosts(&self) -> usize {
        *self.n_hosts.get_or_init(|| {
            let mut hosts = std::collections::BTreeSet::new();
            for segment in &self.segments {
                hosts.extend(segment.hosts());
            }
            hosts.len()
        })
    }

    fn read(&self, address: DocAddress) -> Result<StoredVideo, Error> {
        let generation = self.generation();
        let document: TantivyDocument =
            self.snapshot.videos.doc(address).map_err(|source| Error::Engine { generation, source })?;
        let stored = document.get_first(self.snapshot.video_fields.doc).and_then(|value| value.as_bytes());
        let bytes = stored.ok_or(Error::DocumentMissing { generation })?;
        serde_json::from_slice(bytes).map_err(|source| Error::Document { generation, source })
    }

    fn generation(&self) -> u64 {
        self.snapshot.manifest.generation
    }

    fn engine(&self, source: tantivy::TantivyError) -> Error {
        Error::Engine { generation: self.generation(), source }
    }

    fn page_of(query: &VideoQuery, sorted: Vec<Candidate>) -> Vec<Candidate> {
        sorted.into_iter().skip(query.start).take(query.count).collect()
    }

    /// Orders by title: within a segment names compare by their number, across segments by their text.
    fn by_name(&self, query: &VideoQuery, mut candidates: Vec<Candidate>) -> Result<Vec<Candidate>, Error> {
        let mut named = Vec::with_capacity(candidates.len());
        for candidate in candidates.drain(..) {
            let mut name = String::new();
            let column = usize::try_from(candidate.segment)
                .ok()
                .and_then(|ord| self.segments.get(ord))
                .and_then(|segment| segment.name_key.as_ref());
            if let Some(column) = column {
                let ord = if query.sort.descending { candidate.key } else { !candidate.key };
                column.ord_to_str(ord, &mut name).map_err(|source| self.engine(source.into()))?;
            }
            named.push((name, candidate));
        }
        named.sort_unstable_by(|(left_name, left), (right_name, right)| {
            let by_name = left_name.cmp(right_name);
            let by_name = if query.sort.descending { by_name.reverse() } else { by_name };
            by_name.then_with(|| right.hash.cmp(&left.hash)).then_with(|| left.segment.cmp(&right.segment))
        });
        Ok(Self::page_of(query, named.into_iter().map(|(_, candidate)| candidate).collect()))
    }
}

/// A positive score as a number of the same order.
fn key_of_score(score: f32) -> u64 {
    u64::from(score.max(0.0).to_bits())
}

fn score_of_key(key: u64) -> f32 {
    u32::try_from(key).map_or(0.0, f32::from_bits)
}

/// The conjunction as one key of the cache.
fn conjunction(exprs: Vec<Arc<Expr>>) -> Option<Arc<Expr>> {
    (!exprs.is_empty()).then(|| Arc::new(Expr::And(exprs)))
}
