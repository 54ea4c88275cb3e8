//! How many results each value of a facet has.
//!
//! A facet counts what passes the words and every filter but its own, so that choosing one value does not hide the others.
//! What is not safe for work is no choice of this kind: no facet counts what the search does not show.

mod columns;
mod count;
mod model;

pub use model::{Bucket, DURATIONS, Facet, FacetCounts, FacetValue, KindFilter, PUBLISHED};

use std::sync::Arc;

use moka::sync::Cache;

use self::columns::{CodedColumn, ColumnCache, column_cache};
use self::count::Counting;
use super::bits::Bits;
use super::filter::Expr;
use super::kind::KindIndex;
use super::segment::{FilterSet, Segment};
use super::{ChannelHit, Deadline, EventHit, GroupHit, PlaylistHit, SearchIndex, SearchPage};
use crate::error::Error;
use crate::query::{ChannelQuery, EventQuery, GroupQuery, PlaylistQuery, VideoQuery};

/// Memory for columns: four bytes a video and four for each of its tags, one or two for each other facet.
const COLUMN_BYTES: u64 = 192 << 20;

/// Memory for answers without words; one has a few kilobytes.
const ANSWER_BYTES: u64 = 8 << 20;

/// About what one value takes, with its text and label, or one name of a mute list.
const VALUE_BYTES: usize = 192;

/// Labels that are remembered.
const MAX_LABELS: u64 = 4096;

/// When fewer than one document in this many is left, looking at each is quicker than intersecting whole sets.
const SELECTIVE: usize = 16;

/// What facets remember. Generations share it, because they share most segments.
#[derive(Clone)]
pub(super) struct FacetMemory {
    columns: ColumnCache,
    answers: Cache<AnswerKey, Arc<Vec<FacetCounts>>>,
    labels: Cache<(Facet, String), Arc<str>>,
}

/// A request without words on one generation under one ruling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct AnswerKey {
    generation: u64,
    ruling: u64,
    filter: KindFilter,
    request: FacetRequest,
}

impl FacetMemory {
    pub fn new() -> Self {
        Self {
            columns: column_cache(COLUMN_BYTES),
            answers: Cache::builder().max_capacity(ANSWER_BYTES).weigher(weight).build(),
            labels: Cache::new(MAX_LABELS),
        }
    }

    /// The same for another ruling: labels are taken from documents, which the other one may hide.
    pub fn with_other_ruling(&self) -> Self {
        Self { labels: Cache::new(MAX_LABELS), ..self.clone() }
    }

    fn column(&self, segment: &Segment, facet: Facet) -> tantivy::Result<Arc<CodedColumn>> {
        let key = (segment.reader.segment_id(), facet);
        if let Some(known) = self.columns.get(&key) {
            return Ok(known);
        }
        let column = Arc::new(CodedColumn::read(&segment.reader, facet)?);
        self.columns.insert(key, Arc::clone(&column));
        Ok(column)
    }
}

fn weight(key: &AnswerKey, counts: &Arc<Vec<FacetCounts>>) -> u32 {
    let n_values: usize = counts.iter().map(|counts| counts.values.len()).sum();
    let origin = key.filter.origin();
    let n_muted = origin.blocked_hosts.len() + origin.blocked_accounts.len();
    u32::try_from((n_values + n_muted + 8) * VALUE_BYTES).unwrap_or(u32::MAX)
}

/// Which facets are wanted, and how much of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FacetRequest {
    /// Each once, sorted. What a kind does not have is left out of its answer.
    pub facets: Vec<Facet>,
    /// Most values of one facet; chosen ones come on top.
    pub size: usize,
}

/// The documents that have the words of a search, segment by segment; filters do not count.
#[derive(Clone, Debug)]
pub struct Matches(pub(super) Vec<Bits>);

impl SearchIndex {
    /// Searches videos and keeps which have the words, for [`SearchIndex::facets`].
    ///
    /// # Errors
    /// As [`SearchIndex::search`].
    pub fn search_with_matches(&self, query: &VideoQuery, deadline: Deadline) -> Result<SearchPage, Error> {
        self.video_page(query, true, deadline)
    }

    /// Searches channels and keeps which have the words, for [`SearchIndex::facets`].
    ///
    /// # Errors
    /// As [`SearchIndex::search_channels`].
    pub fn search_channels_with_matches(
        &self,
        query: &ChannelQuery,
        deadline: Deadline,
    ) -> Result<SearchPage<ChannelHit>, Error> {
        self.channel_page(query, true, deadline)
    }

    /// Searches playlists and keeps which have the words, for [`SearchIndex::facets`].
    ///
    /// # Errors
    /// As [`SearchIndex::search_playlists`].
    pub fn search_playlists_with_matches(
        &self,
        query: &PlaylistQuery,
        deadline: Deadline,
    ) -> Result<SearchPage<PlaylistHit>, Error> {
        self.playlist_page(query, true, deadline)
    }

    /// Searches events and keeps which have the words, for [`SearchIndex::facets`].
    ///
    /// # Errors
    /// As [`SearchIndex::search_events`].
    pub fn search_events_with_matches(
        &self,
        query: &EventQuery,
        deadline: Deadline,
    ) -> Result<SearchPage<EventHit>, Error> {
        self.event_page(query, true, deadline)
    }

    /// Searches groups and keeps which have the words, for [`SearchIndex::facets`].
    ///
    /// # Errors
    /// As [`SearchIndex::search_groups`].
    pub fn search_groups_with_matches(
        &self,
        query: &GroupQuery,
        deadline: Deadline,
    ) -> Result<SearchPage<GroupHit>, Error> {
        self.group_page(query, true, deadline)
    }

    /// Counts the values of facets. `matches` is what the search found for its words; `None` when it had none.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn facets(
        &self,
        filter: &KindFilter,
        matches: Option<&Matches>,
        request: &FacetRequest,
        deadline: Deadline,
    ) -> Result<Arc<Vec<FacetCounts>>, Error> {
        let generation = self.snapshot.manifest.generation;
        let ruling = self.ruling.number();
        let key = || AnswerKey { generation, ruling, filter: filter.clone(), request: request.clone() };
        if matches.is_none()
            && let Some(known) = self.facet_memory.answers.get(&key())
        {
            return Ok(known);
        }
        let kind = match filter {
            KindFilter::Videos(_) => &self.videos,
            KindFilter::Channels(_) => &self.channels,
            KindFilter::Playlists(_) => &self.playlists,
            KindFilter::Events(_) => &self.events,
            KindFilter::Groups(_) => &self.groups,
        };
        // Most facets have no choice of their own, so they share one set.
        let shared = kind.passing(&filter.lower(&self.snapshot), matches, deadline)?;
        let counting = Counting { index: self, kind, filter, size: request.size, deadline };
        let mut counts = Vec::with_capacity(request.facets.len());
        for facet in request.facets.iter().filter(|facet| filter.facets().contains(facet)) {
            let own = match filter.without(*facet) {
                Some(others) => Some(kind.passing(&others.lower(&self.snapshot), matches, deadline)?),
                None => None,
            };
            counts.push(counting.count(*facet, own.as_deref().unwrap_or(&shared))?);
        }
        let counts = Arc::new(counts);
        if matches.is_none() {
            self.facet_memory.answers.insert(key(), Arc::clone(&counts));
        }
        Ok(counts)
    }

    /// Reads the columns now, so that no visitor waits for it.
    pub(super) fn warm_facets(&self) -> tantivy::Result<()> {
        for segment in &self.videos.segments {
            for facet in Facet::OF_VIDEOS {
                self.facet_memory.column(segment, facet)?;
            }
        }
        for segment in self.channels.segments.iter().chain(&self.playlists.segments) {
            self.facet_memory.column(segment, Facet::Host)?;
        }
        for (kind, facets) in [(&self.events, &Facet::OF_EVENTS[..]), (&self.groups, &Facet::OF_GROUPS[..])] {
            for segment in &kind.segments {
                for facet in facets {
                    self.facet_memory.column(segment, *facet)?;
                }
            }
        }
        Ok(())
    }
}

impl KindIndex {
    /// The living documents that have the words and pass the conditions, segment by segment.
    pub(in crate::search) fn passing(
        &self,
        exprs: &[Arc<Expr>],
        matches: Option<&Matches>,
        deadline: Deadline,
    ) -> Result<Vec<Arc<FilterSet>>, Error> {
        let conjunction = Arc::new(Expr::And(exprs.to_vec()));
        let mut sets = Vec::with_capacity(self.segments.len());
        for (segment, nth) in self.segments.iter().zip(0_usize..) {
            deadline.check()?;
            let Some(Matches(matches)) = matches else {
                sets.push(segment.set(&conjunction, &self.sets).map_err(|source| self.engine(source))?);
                continue;
            };
            // The words were only looked for among the living.
            let mut left = matches.get(nth).cloned().unwrap_or_else(|| Bits::none(segment.n_docs()));
            if left.count() * SELECTIVE < segment.n_docs() as usize {
                let filter = self.doc_filter(segment, exprs)?;
                let mut passing = Bits::none(segment.n_docs());
                left.iter().filter(|doc| filter.passes(*doc)).for_each(|doc| passing.insert(doc));
                left = passing;
            } else {
                for expr in exprs {
                    let set = segment.part(expr, &self.sets).map_err(|source| self.engine(source))?;
                    left.intersect(&set.bits);
                }
            }
            sets.push(Arc::new(FilterSet { count: left.count(), bits: left }));
        }
        Ok(sets)
    }
}
