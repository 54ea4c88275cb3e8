//! One kind of a generation, with everything that searching it needs.

use std::sync::Arc;

use indexer::geography::GeoPoint;
use indexer::snapshot::Snapshot;
use serde::de::DeserializeOwned;
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, Searcher, TantivyDocument, TantivyError, Term};

use super::fields::KindFields;
use super::filter::Expr;
use super::segment::{Segment, SetCache};
use super::text::TextOutcome;
use super::{Candidate, Deadline, geo, key_of_score, score_of_key};
use crate::error::Error;
use crate::query::{Sort, SortKey, TextQuery};

/// The documents of one kind in one generation.
pub(super) struct KindIndex {
    pub searcher: Searcher,
    pub fields: KindFields,
    pub segments: Vec<Segment>,
    /// Shared by all kinds: a segment has its number for itself.
    pub sets: SetCache,
    /// When the generation was published: the present of every age.
    pub now_ms: i64,
    generation: u64,
}

/// A search of one kind, its filter lowered.
pub(super) struct Request<'a> {
    pub text: Option<&'a TextQuery>,
    pub start: usize,
    pub count: usize,
    pub sort: Sort,
    /// Languages that keep their full score, and whose stems are looked up.
    pub boost_languages: &'a [String],
    /// Further languages whose stems are looked up.
    pub languages: &'a [String],
    /// Conditions, all of which must hold.
    pub exprs: Vec<Arc<Expr>>,
    /// Whether the documents that have the words are wanted as a set, for facets.
    pub keeps_matches: bool,
    /// Where distances are measured from.
    pub near: Option<GeoPoint>,
    /// The time that [`SortKey::Discovery`] looks from.
    pub origin_ms: i64,
}

impl Request<'_> {
    /// Results to find before the page can be cut out.
    pub fn n_wanted(&self) -> usize {
        if self.count == 0 { 0 } else { self.start + self.count }
    }

    /// What a document is ordered by, the greatest first.
    #[inline]
    pub fn key(&self, segment: &Segment, doc: u32) -> u64 {
        if self.sort.key == SortKey::Discovery {
            return key_of_score(segment.discovery_factor(self.origin_ms, self.near, doc));
        }
        if self.sort.key == SortKey::Distance {
            return geo::distance_key(self.near, segment.points.as_ref().and_then(|points| points.of(doc)), self.sort);
        }
        let value = segment.sort_value(self.sort.key, doc);
        if self.sort.descending { value } else { !value }
    }

    /// What the score of the words is multiplied by; `now_ms` is the present of the index.
    #[inline]
    pub fn factor(&self, segment: &Segment, now_ms: i64, doc: u32) -> f32 {
        match self.sort.key {
            SortKey::Discovery => segment.discovery_factor(self.origin_ms, self.near, doc),
            _ => segment.factor(now_ms, doc),
        }
    }

    /// Whether the words have a part in the order.
    pub fn is_by_score(&self) -> bool {
        matches!(self.sort.key, SortKey::Match | SortKey::Discovery)
    }

    /// The score of a candidate; 1 where no relevance was asked for.
    pub fn score(&self, candidate: &Candidate) -> f32 {
        let has_score = self.sort.key == SortKey::Discovery || self.text.is_some() && self.sort.key == SortKey::Match;
        if has_score { score_of_key(candidate.key) } else { 1.0 }
    }
}

impl KindIndex {
    /// Opens the columns. Orders of segments that `previous` has too are taken over.
    ///
    /// # Errors
    /// [`Error::Engine`] when a column cannot be read.
    pub fn open(
        snapshot: &Snapshot,
        searcher: &Searcher,
        fields: KindFields,
        sets: SetCache,
        previous: Option<&Self>,
    ) -> Result<Self, Error> {
        let generation = snapshot.manifest.generation;
        let mut segments = Vec::new();
        for (reader, ord) in searcher.segment_readers().iter().zip(0..) {
            let segment = Segment::open(reader, ord, fields.columns);
            let segment = segment.map_err(|source| Error::Engine { generation, source })?;
            previous.iter().flat_map(|previous| &previous.segments).for_each(|known| segment.inherit(known));
            segments.push(segment);
        }
        let now_ms = snapshot.manifest.published_at.as_millisecond();
        Ok(Self { searcher: searcher.clone(), fields, segments, sets, now_ms, generation })
    }

    /// Sorts every segment by date.
    pub fn warm(&self) {
        self.segments.iter().for_each(Segment::warm);
    }

    /// Searches.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn search(&self, request: &Request<'_>, deadline: Deadline) -> Result<TextOutcome, Error> {
        match request.text {
            Some(text) => self.search_text(request, text, deadline),
            None => Ok(TextOutcome {
                found: self.browse(request, deadline)?,
                corrections: Vec::new(),
                is_relaxed: false,
                matches: None,
            }),
        }
    }

    /// The stored part of a document.
    ///
    /// # Errors
    /// [`Error`] when it cannot be read or is not what this version writes.
    pub fn read<T: DeserializeOwned>(&self, segment: u32, doc: u32) -> Result<T, Error> {
        let generation = self.generation;
        let address = DocAddress::new(segment, doc);
        let document: TantivyDocument =
            self.searcher.doc(address).map_err(|source| Error::Engine { generation, source })?;
        let stored = document.get_first(self.fields.doc).and_then(|value| value.as_bytes());
        let bytes = stored.ok_or(Error::DocumentMissing { generation })?;
        serde_json::from_slice(bytes).map_err(|source| Error::Document { generation, source })
    }

    /// Where the document with this key is, when the generation has it.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn find(&self, key: &str) -> Result<Option<(u32, u32)>, Error> {
        self.first_with(self.fields.key, key)
    }

    /// Where the first document with this term is.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn first_with(&self, field: Field, text: &str) -> Result<Option<(u32, u32)>, Error> {
        let term = Term::from_field_text(field, text);
        for segment in &self.segments {
            // One look-up of the term; no set of the whole segment is built and cached for a single document.
            let docs = segment.docs_of(&term).map_err(|source| self.engine(source))?;
            if let Some(doc) = docs.into_iter().find(|doc| segment.is_alive(*doc)) {
                return Ok(Some((segment.ord, doc)));
            }
        }
        Ok(None)
    }

    /// Whether any of its documents are hidden.
    pub fn hides(&self) -> bool {
        self.segments.iter().any(|segment| segment.shown().is_some())
    }

    /// Documents that have the term and may be shown; exact below `limit`, and an estimate from there on.
    pub fn n_shown_with(&self, term: &Term, limit: u64) -> tantivy::Result<u64> {
        let n_docs = self.searcher.doc_freq(term)?;
        if !self.hides() {
            return Ok(n_docs);
        }
        let mut n_shown = 0;
        for segment in &self.segments {
            n_shown += segment.n_living_up_to(term, limit.saturating_sub(n_shown))?;
            if n_shown >= limit {
                // Beyond it only shares matter: those of all documents stand for those of the ones that may be shown.
                let share = self.n_shown() as f64 / self.searcher.num_docs().max(1) as f64;
                return Ok(((n_docs as f64 * share) as u64).max(limit));
            }
        }
        Ok(n_shown)
    }

    /// Documents that have the term and may be shown.
    pub fn n_living(&self, term: &Term) -> tantivy::Result<u64> {
        self.segments.iter().map(|segment| segment.n_living(term)).sum()
    }

    /// Whether any document that may be shown has the term.
    pub fn has_shown(&self, term: &Term) -> tantivy::Result<bool> {
        for segment in &self.segments {
            if segment.has_living(term)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Documents that may be shown.
    pub fn n_shown(&self) -> u64 {
        self.segments.iter().map(|segment| segment.n_living_docs() as u64).sum()
    }

    pub fn engine(&self, source: TantivyError) -> Error {
        Error::Engine { generation: self.generation, source }
    }

    pub fn page_of(request: &Request<'_>, sorted: Vec<Candidate>) -> Vec<Candidate> {
        sorted.into_iter().skip(request.start).take(request.count).collect()
    }

    /// Orders by title: within a segment names compare by their number, across segments by their text.
    pub fn by_name(&self, request: &Request<'_>, mut candidates: Vec<Candidate>) -> Result<Vec<Candidate>, Error> {
        let mut named = Vec::with_capacity(candidates.len());
        for candidate in candidates.drain(..) {
            let mut name = String::new();
            let column = usize::try_from(candidate.segment)
                .ok()
                .and_then(|ord| self.segments.get(ord))
                .and_then(|segment| segment.name_key.as_ref());
            if let Some(column) = column {
                let ord = if request.sort.descending { candidate.key } else { !candidate.key };
                column.ord_to_str(ord, &mut name).map_err(|source| self.engine(source.into()))?;
            }
            named.push((name, candidate));
        }
        named.sort_unstable_by(|(left_name, left), (right_name, right)| {
            let by_name = left_name.cmp(right_name);
            let by_name = if request.sort.descending { by_name.reverse() } else { by_name };
            by_name
                .then_with(|| (right.tie, right.hash).cmp(&(left.tie, left.hash)))
                .then_with(|| left.segment.cmp(&right.segment))
        });
        Ok(Self::page_of(request, named.into_iter().map(|(_, candidate)| candidate).collect()))
    }
}
