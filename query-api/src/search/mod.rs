//! A query against one generation.

mod actors;
mod bits;
mod browse;
mod clusters;
mod expand;
mod facets;
mod fields;
mod filter;
mod geo;
mod held;
mod hosted;
mod kind;
mod lower;
mod rank;
mod segment;
mod series;
mod shown;
mod snippet;
mod suggest;
mod text;
mod titled;
mod top;

pub use clusters::Clusters;
pub use facets::{Bucket, DURATIONS, Facet, FacetCounts, FacetRequest, FacetValue, KindFilter, Matches, PUBLISHED};
pub use held::MAX_COUNTED_ELEMENTS;
pub use hosted::{EventHit, GroupHit};
pub use shown::{HiddenCounts, HiddenReason, KindTotals, Ruling};
pub use snippet::{Marked, Snippets};
pub use suggest::Suggestion;
pub use titled::Titled;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use indexer::snapshot::Snapshot;
use indexer::stored::{StoredChannel, StoredPlaylist, StoredVideo};
use serde::de::DeserializeOwned;

use self::facets::FacetMemory;
use self::filter::Expr;
use self::kind::{KindIndex, Request};
use self::segment::set_cache;
use self::shown::SetLevel;
use self::suggest::Suggester;
use crate::error::Error;
use crate::params::MAX_REACH;
use crate::query::{ChannelQuery, PlaylistQuery, VideoQuery};

/// Memory for sets of documents: two hundred whole sets of a million documents.
const SET_CACHE_BYTES: u64 = 32 << 20;

/// One page of results.
#[derive(Clone, Debug)]
pub struct SearchPage<Hit = VideoHit> {
    /// Results that paging can reach: all of them, at most [`MAX_REACH`].
    pub total: usize,
    /// Whether there are more than `total` says.
    pub is_capped: bool,
    /// All results, however many.
    pub n_found: usize,
    /// The results of this page, in order.
    pub hits: Vec<Hit>,
    /// Words that were also looked for in another spelling, because they are hardly known: as written, as taken.
    pub corrections: Vec<(String, String)>,
    /// Whether results with most of the words were taken too, because hardly any has all.
    pub is_relaxed: bool,
    /// The generation that answered.
    pub generation: u64,
    /// The documents that have the words, when they were asked for and there were any words: what facets count.
    pub matches: Option<Matches>,
}

/// A video that was found.
#[derive(Clone, Debug)]
pub struct VideoHit {
    /// The document.
    pub video: StoredVideo,
    /// Its relevance; 1 where no relevance was asked for.
    pub score: f32,
}

/// A channel that was found.
#[derive(Clone, Debug)]
pub struct ChannelHit {
    /// The document.
    pub channel: StoredChannel,
    /// Videos of it that the generation has.
    pub n_videos: u64,
    /// Its relevance; 1 where no relevance was asked for.
    pub score: f32,
}

/// A playlist that was found.
#[derive(Clone, Debug)]
pub struct PlaylistHit {
    /// The document.
    pub playlist: StoredPlaylist,
    /// Elements of it that the generation has, among the first [`MAX_COUNTED_ELEMENTS`].
    pub n_videos: u64,
    /// Its relevance; 1 where no relevance was asked for.
    pub score: f32,
}

/// One generation with its columns opened and its orders and sets remembered. Safe to search from many threads.
pub struct SearchIndex {
    snapshot: Snapshot,
    videos: KindIndex,
    channels: KindIndex,
    playlists: KindIndex,
    events: KindIndex,
    groups: KindIndex,
    suggester: Suggester,
    facet_memory: FacetMemory,
    n_hosts: OnceLock<usize>,
    ruling: Arc<Ruling>,
    /// What the ruling hides of whole sets.
    set_level: SetLevel,
    hidden_counts: OnceLock<Arc<HiddenCounts>>,
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

/// A document that may be on the page. Greater is better; equal keys go by the tie of their kind, then by the smaller hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    key: u64,
    tie: u64,
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
    /// Opens a generation and shows everything in it. Orders and sets of segments that `previous` has too are taken over.
    ///
    /// # Errors
    /// [`Error::Engine`] when a column cannot be read.
    pub fn open(snapshot: Snapshot, previous: Option<&Self>) -> Result<Self, Error> {
        Self::open_ruled(snapshot, Ruling::everything(), previous)
    }

    /// Opens a generation of which only what the ruling leaves is ever shown. Orders and sets of segments that `previous` has
    /// too are taken over, and what the same ruling left of them there.
    ///
    /// # Errors
    /// [`Error::Engine`] when a file cannot be read.
    pub fn open_ruled(snapshot: Snapshot, ruling: Arc<Ruling>, previous: Option<&Self>) -> Result<Self, Error> {
        let generation = snapshot.manifest.generation;
        let engine = |source| Error::Engine { generation, source };
        let mut index = Self::open_kinds(snapshot, ruling, previous)?;
        index.rule(previous).map_err(engine)?;
        let suggester = Suggester::open(&index.videos, &index.channels, &index.snapshot);
        index.suggester = suggester.map_err(engine)?;
        if let Some(previous) = previous {
            index.suggester.inherit(&previous.suggester);
        }
        Ok(index)
    }

    /// Opens the columns.
    fn open_kinds(snapshot: Snapshot, ruling: Arc<Ruling>, previous: Option<&Self>) -> Result<Self, Error> {
        let sets = previous.map_or_else(|| set_cache(SET_CACHE_BYTES), |previous| previous.videos.sets.clone());
        let open = |searcher, fields, previous| KindIndex::open(&snapshot, searcher, fields, sets.clone(), previous);
        let Snapshot { videos, video_fields, channels, channel_fields, playlists, playlist_fields, .. } = &snapshot;
        let Snapshot { events, event_fields, groups, group_fields, .. } = &snapshot;
        Ok(Self {
            videos: open(videos, video_fields.into(), previous.map(|previous| &previous.videos))?,
            channels: open(channels, channel_fields.into(), previous.map(|previous| &previous.channels))?,
            playlists: open(playlists, playlist_fields.into(), previous.map(|previous| &previous.playlists))?,
            events: open(events, event_fields.into(), previous.map(|previous| &previous.events))?,
            groups: open(groups, group_fields.into(), previous.map(|previous| &previous.groups))?,
            suggester: Suggester::default(),
            facet_memory: match previous {
                Some(previous) if previous.ruling.number() == ruling.number() => previous.facet_memory.clone(),
                Some(previous) => previous.facet_memory.with_other_ruling(),
                None => FacetMemory::new(),
            },
            n_hosts: OnceLock::new(),
            ruling,
            set_level: SetLevel::default(),
            hidden_counts: OnceLock::new(),
            snapshot,
        })
    }

    /// Sorts every segment by date and reads what facets and suggestions need now, so that no visitor waits for it. What
    /// cannot be read is an error of the request that needs it.
    pub fn warm(&self) {
        for kind in [&self.videos, &self.channels, &self.playlists, &self.events, &self.groups] {
            kind.warm();
        }
        self.n_hosts();
        let warmed = self.warm_facets().and_then(|()| self.suggester.warm(&self.snapshot));
        if let Err(error) = warmed {
            tracing::warn!("reading generation {} ahead: {error}", self.snapshot.manifest.generation);
        }
    }

    /// The generation.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What decides what of it may be shown.
    pub fn ruling(&self) -> &Ruling {
        &self.ruling
    }

    /// Searches videos.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn search(&self, query: &VideoQuery, deadline: Deadline) -> Result<SearchPage, Error> {
        self.video_page(query, false, deadline)
    }

    fn video_page(&self, query: &VideoQuery, keeps_matches: bool, deadline: Deadline) -> Result<SearchPage, Error> {
        let request = Request {
            text: query.text.as_ref(),
            start: query.start,
            count: query.count,
            sort: query.sort,
            boost_languages: &query.boost_languages,
            languages: &query.filter.languages,
            exprs: filter::of_videos(&query.filter, &self.snapshot.video_fields),
            keeps_matches,
            near: None,
            origin_ms: 0,
        };
        self.page(&self.videos, &request, deadline, |video, score| Ok(VideoHit { video, score }))
    }

    /// Searches channels.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn search_channels(&self, query: &ChannelQuery, deadline: Deadline) -> Result<SearchPage<ChannelHit>, Error> {
        self.channel_page(query, false, deadline)
    }

    fn channel_page(
        &self,
        query: &ChannelQuery,
        keeps_matches: bool,
        deadline: Deadline,
    ) -> Result<SearchPage<ChannelHit>, Error> {
        let request = Request {
            text: query.text.as_ref(),
            start: query.start,
            count: query.count,
            sort: query.sort,
            boost_languages: &[],
            languages: &[],
            exprs: filter::of_channels(&query.filter, &self.snapshot.channel_fields),
            keeps_matches,
            near: None,
            origin_ms: 0,
        };
        self.page(&self.channels, &request, deadline, |channel: StoredChannel, score| {
            deadline.check()?;
            Ok(ChannelHit { n_videos: self.n_videos_of_channel(&channel)?, channel, score })
        })
    }

    /// Searches playlists.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn search_playlists(
        &self,
        query: &PlaylistQuery,
        deadline: Deadline,
    ) -> Result<SearchPage<PlaylistHit>, Error> {
        self.playlist_page(query, false, deadline)
    }

    fn playlist_page(
        &self,
        query: &PlaylistQuery,
        keeps_matches: bool,
        deadline: Deadline,
    ) -> Result<SearchPage<PlaylistHit>, Error> {
        let request = Request {
            text: query.text.as_ref(),
            start: query.start,
            count: query.count,
            sort: query.sort,
            boost_languages: &[],
            languages: &[],
            exprs: filter::of_playlists(&query.filter, &self.snapshot.playlist_fields),
            keeps_matches,
            near: None,
            origin_ms: 0,
        };
        self.page(&self.playlists, &request, deadline, |playlist: StoredPlaylist, score| {
            deadline.check()?;
            Ok(PlaylistHit { n_videos: self.n_videos_of_playlist(&playlist)?, playlist, score })
        })
    }

    /// The video with this UUID on this host, when the generation has it.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn find(&self, host: &str, uuid: uuid::Uuid) -> Result<Option<StoredVideo>, Error> {
        match self.videos.find(&format!("video/{host}/{}", uuid.hyphenated()))? {
            Some((segment, doc)) => self.videos.read(segment, doc).map(Some),
            None => Ok(None),
        }
    }

    /// Hosts with at least one video, event or group that may be shown.
    pub fn n_hosts(&self) -> usize {
        *self.n_hosts.get_or_init(|| {
            let segments = [&self.videos, &self.events, &self.groups].into_iter().flat_map(|kind| &kind.segments);
            let hosts: BTreeSet<String> = segments.flat_map(|segment| segment.hosts()).collect();
            hosts.len()
        })
    }

    /// Runs a request on one kind and reads the documents of its page.
    fn page<Stored: DeserializeOwned, Hit>(
        &self,
        kind: &KindIndex,
        request: &Request<'_>,
        deadline: Deadline,
        hit: impl Fn(Stored, f32) -> Result<Hit, Error>,
    ) -> Result<SearchPage<Hit>, Error> {
        let outcome = kind.search(request, deadline)?;
        let mut hits = Vec::with_capacity(outcome.found.page.len());
        for candidate in outcome.found.page {
            let stored = kind.read(candidate.segment, candidate.doc)?;
            hits.push(hit(stored, request.score(&candidate))?);
        }
        let total = outcome.found.total;
        Ok(SearchPage {
            total: total.min(MAX_REACH),
            is_capped: total > MAX_REACH,
            n_found: total,
            hits,
            corrections: outcome.corrections,
            is_relaxed: outcome.is_relaxed,
            generation: self.snapshot.manifest.generation,
            matches: outcome.matches.map(Matches),
        })
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
