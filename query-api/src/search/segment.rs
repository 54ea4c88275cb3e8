//! One segment with everything that searching it needs, opened once.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use indexer::geography::{GeoPoint, distance_m};
use moka::sync::Cache;
use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

use super::bits::Bits;
use super::fields::{KindColumns, OwnColumns};
use super::filter::{Expr, RangeColumn};
use super::geo::Points;
use super::rank;
use crate::query::SortKey;

/// Documents looked at in one go by a range scan: their ids stay within the cache of the processor.
const RANGE_BLOCK: u32 = 1 << 15;

/// A segment as of one set of deletes: what was computed for it holds in every generation that has it so.
pub(super) type SegmentKey = (SegmentId, Option<u64>);

/// Sets of documents by segment and expression, bounded by bytes; entries of segments that are gone age out.
pub(super) type SetCache = Cache<(SegmentKey, Arc<Expr>), Arc<FilterSet>>;

/// A set with its size.
#[derive(Debug)]
pub(super) struct FilterSet {
    pub bits: Bits,
    pub count: usize,
}

pub(super) struct Segment {
    pub reader: SegmentReader,
    pub ord: u32,
    key: SegmentKey,
    pub key_hash: Column<u64>,
    /// When a video was published, when an event starts, or when anything else last changed.
    pub date: Column<i64>,
    created_at: Column<i64>,
    /// Views, followers, length, participants or members.
    pub popularity: Column<u64>,
    own: OwnColumns,
    /// When an event is over; empty for other kinds.
    over_at: Column<i64>,
    /// What occurrences of the same event share; empty for other kinds.
    series: Column<u64>,
    /// Events of a group; empty for other kinds.
    n_events: Column<u64>,
    /// Where events take place and groups are at home; `None` for other kinds.
    pub points: Option<Points>,
    // The columns of videos stay empty for other kinds: an empty column has no value for any document.
    originally_published_at: Column<i64>,
    original_or_published_at: Column<i64>,
    duration: Column<u64>,
    likes: Column<u64>,
    hot: Column<i64>,
    pub name_key: Option<StrColumn>,
    language: Option<StrColumn>,
    newest_first: OnceLock<Arc<[u32]>>,
    oldest_first: OnceLock<Arc<[u32]>>,
}

impl Segment {
    pub fn open(reader: &SegmentReader, ord: u32, kind: KindColumns) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let n_docs = reader.max_doc();
        let own_i64 =
            |of, name| if kind.own == of { columns.i64(name) } else { Ok(Column::build_empty_column(n_docs)) };
        let own_u64 =
            |of, name| if kind.own == of { columns.u64(name) } else { Ok(Column::build_empty_column(n_docs)) };
        let of_videos_i64 = |name| own_i64(OwnColumns::Videos, name);
        let of_videos_u64 = |name| own_u64(OwnColumns::Videos, name);
        Ok(Self {
            ord,
            key: (reader.segment_id(), reader.delete_opstamp()),
            key_hash: columns.u64("key_hash")?,
            date: columns.i64(kind.date)?,
            created_at: columns.i64(kind.created_at)?,
            popularity: columns.u64(kind.popularity)?,
            own: kind.own,
            over_at: own_i64(OwnColumns::Events, "over_at")?,
            series: own_u64(OwnColumns::Events, "series")?,
            n_events: own_u64(OwnColumns::Groups, "events")?,
            points: match kind.own {
                OwnColumns::Events | OwnColumns::Groups => Some(Points::open(reader)?),
                OwnColumns::None | OwnColumns::Videos => None,
            },
            originally_published_at: of_videos_i64("originally_published_at")?,
            original_or_published_at: of_videos_i64("original_or_published_at")?,
            duration: of_videos_u64("duration")?,
            likes: of_videos_u64("likes")?,
            hot: of_videos_i64("hot")?,
            name_key: columns.str("name_key")?,
            language: if kind.own == OwnColumns::None { None } else { columns.str("language")? },
            newest_first: OnceLock::new(),
            oldest_first: OnceLock::new(),
            reader: reader.clone(),
        })
    }

    /// Takes over what `other` computed, when it is the same segment of an earlier generation.
    pub fn inherit(&self, other: &Self) {
        if self.key.0 != other.key.0 {
            return;
        }
        for (order, known) in [(&self.newest_first, &other.newest_first), (&self.oldest_first, &other.oldest_first)] {
            if let Some(known) = known.get() {
                // An order that was built meanwhile is the same one.
                let _ = order.set(Arc::clone(known));
            }
        }
    }

    pub fn n_docs(&self) -> u32 {
        self.reader.max_doc()
    }

    pub fn is_alive(&self, doc: u32) -> bool {
        self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(doc))
    }

    pub fn hash(&self, doc: u32) -> u64 {
        self.key_hash.first(doc).unwrap_or_default()
    }

    /// What an event shares with the other occurrences of it.
    pub fn series(&self, doc: u32) -> Option<u64> {
        self.series.first(doc)
    }

    pub fn date_ms(&self, doc: u32) -> i64 {
        self.date.first(doc).unwrap_or_default()
    }

    /// The value that `key` sorts by, as a number of the same order. Names are only comparable within the segment.
    pub fn sort_value(&self, key: SortKey, doc: u32) -> u64 {
        let ordered = |value: Option<i64>| ordered(value.unwrap_or_default());
        match key {
            SortKey::Match | SortKey::PublishedAt | SortKey::StartTime => ordered(self.date.first(doc)),
            SortKey::CreatedAt => ordered(self.created_at.first(doc)),
            SortKey::OriginallyPublishedAt => ordered(self.original_or_published_at.first(doc)),
            SortKey::Duration => self.duration.first(doc).unwrap_or_default(),
            SortKey::Views | SortKey::Participants | SortKey::Members => self.popularity.first(doc).unwrap_or_default(),
            SortKey::Likes => self.likes.first(doc).unwrap_or_default(),
            SortKey::Hot => ordered(self.hot.first(doc)),
            // Asked of a request, which knows from where.
            SortKey::Distance | SortKey::Discovery => 0,
            SortKey::Name => self.name_key.as_ref().and_then(|names| names.ords().first(doc)).unwrap_or_default(),
        }
    }

    /// What comes first among documents that are equal otherwise, the greatest first: the earlier start of an event, the
    /// number of events of a group.
    #[inline]
    pub fn tie(&self, doc: u32) -> u64 {
        match self.own {
            OwnColumns::Events => !ordered(self.date_ms(doc)),
            OwnColumns::Groups => self.n_events.first(doc).unwrap_or_default(),
            OwnColumns::None | OwnColumns::Videos => 0,
        }
    }

    /// How popularity and time bend the score of a document at `now_ms`.
    #[inline]
    pub fn factor(&self, now_ms: i64, doc: u32) -> f32 {
        let popularity = self.popularity.first(doc).unwrap_or_default();
        let date_ms = self.date_ms(doc);
        if self.own == OwnColumns::Events {
            let is_over = self.over_at.first(doc).is_some_and(|over_at| over_at < now_ms);
            return rank::event_factor(popularity, (!is_over).then_some(date_ms.saturating_sub(now_ms)));
        }
        rank::factor(popularity, now_ms.saturating_sub(date_ms))
    }

    /// How people, time and distance bend the score of an event for who looks for something to do around `origin_ms`, near
    /// a point when there is one.
    #[inline]
    pub fn discovery_factor(&self, origin_ms: i64, near: Option<GeoPoint>, doc: u32) -> f32 {
        let distance = near.map(|near| {
            let point = self.points.as_ref().and_then(|points| points.of(doc));
            point.map(|point| distance_m(near, point))
        });
        let away_ms = self.date_ms(doc).saturating_sub(origin_ms);
        rank::discovery_factor(self.popularity.first(doc).unwrap_or_default(), away_ms, distance)
    }

    /// The documents from the oldest to the newest, as [`Self::newest_first`]: events by their start.
    pub fn oldest_first(&self) -> &[u32] {
        self.oldest_first.get_or_init(|| {
            let mut keyed: Vec<(i64, u64, u32)> =
                (0..self.n_docs()).map(|doc| (self.date_ms(doc), self.hash(doc), doc)).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|(_, _, doc)| doc).collect()
        })
    }

    /// Builds the orders that visitors of this kind see most.
    pub fn warm(&self) {
        self.newest_first();
        if self.own == OwnColumns::Events {
            self.oldest_first();
        }
    }

    /// The documents from the newest to the oldest, deleted ones included; equal dates by hash. Sorted when first
    /// wanted: about a tenth of a second for a million.
    pub fn newest_first(&self) -> &[u32] {
        self.newest_first.get_or_init(|| {
            let mut keyed: Vec<(Reverse<i64>, u64, u32)> =
                (0..self.n_docs()).map(|doc| (Reverse(self.date_ms(doc)), self.hash(doc), doc)).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|(_, _, doc)| doc).collect()
        })
    }

    /// The hosts of its living documents. A host of which only deleted documents are left is not among them.
    pub fn hosts(&self) -> Vec<String> {
        let Ok(Some(column)) = self.reader.fast_fields().str("host") else {
            return Vec::new();
        };
        let living = (0..self.n_docs()).filter(|doc| self.is_alive(*doc));
        let ords: BTreeSet<u64> = living.filter_map(|doc| column.ords().first(doc)).collect();
        let name_of = |ord| {
            let mut name = String::new();
            column.ord_to_str(ord, &mut name).is_ok_and(|found| found).then_some(name)
        };
        ords.into_iter().filter_map(name_of).collect()
    }

    /// Which language terms of this segment are in `languages`, by ordinal; for the language factor.
    pub fn language_test(&self, languages: &[String]) -> tantivy::Result<LanguageTest<'_>> {
        let mut wanted = Vec::new();
        if let Some(column) = &self.language {
            for language in languages {
                if let Some(ord) = column.dictionary().term_ord(language)? {
                    wanted.push(ord);
                }
            }
        }
        Ok(LanguageTest { column: self.language.as_ref(), wanted })
    }

    /// The set of living documents in all of `exprs`, from the cache where it is known.
    pub fn set(&self, exprs: &Arc<Expr>, cache: &SetCache) -> tantivy::Result<Arc<FilterSet>> {
        self.cached(exprs, cache, || {
            let mut bits = match &**exprs {
                Expr::And(parts) => {
                    let mut all = Bits::all(self.n_docs());
                    for part in parts {
                        all.intersect(&self.part(part, cache)?.bits);
                    }
                    all
                }
                other => self.evaluate(other)?,
            };
            if let Some(alive) = self.reader.alive_bitset() {
                let mut living = Bits::none(self.n_docs());
                alive.iter_alive().for_each(|doc| living.insert(doc));
                bits.intersect(&living);
            }
            Ok(bits)
        })
    }

    /// The documents of one expression, deleted ones included, from the cache where it is known.
    pub fn part(&self, expr: &Arc<Expr>, cache: &SetCache) -> tantivy::Result<Arc<FilterSet>> {
        self.cached(expr, cache, || self.evaluate(expr))
    }

    fn cached(
        &self,
        expr: &Arc<Expr>,
        cache: &SetCache,
        build: impl FnOnce() -> tantivy::Result<Bits>,
    ) -> tantivy::Result<Arc<FilterSet>> {
        let key = (self.key, Arc::clone(expr));
        if let Some(known) = cache.get(&key) {
            return Ok(known);
        }
        let bits = build()?;
        let set = Arc::new(FilterSet { count: bits.count(), bits });
        cache.insert(key, Arc::clone(&set));
        Ok(set)
    }

    fn evaluate(&self, expr: &Expr) -> tantivy::Result<Bits> {
        let mut bits = match expr {
            Expr::AnyTerm(terms) => self.any_term(terms)?,
            Expr::Range(column, min, max) => self.range(*column, *min, *max),
            Expr::NotOver(time) => self.not_over(*time),
            Expr::Within(within) => match &self.points {
                Some(points) => points.within(&self.reader, within)?,
                None => Bits::none(self.n_docs()),
            },
            Expr::And(_) => Bits::all(self.n_docs()),
            Expr::Or(_) => Bits::none(self.n_docs()),
            Expr::Not(inner) => {
                let mut bits = self.evaluate(inner)?;
                bits.invert();
                bits
            }
        };
        match expr {
            Expr::And(parts) => {
                for part in parts {
                    bits.intersect(&self.evaluate(part)?);
                }
            }
            Expr::Or(parts) => {
                for part in parts {
                    bits.unite(&self.evaluate(part)?);
                }
            }
            _ => {}
        }
        Ok(bits)
    }

    /// The documents of one term, deleted ones included.
    pub fn docs_of(&self, term: &Term) -> tantivy::Result<Vec<u32>> {
        let mut docs = Vec::new();
        let index = self.reader.inverted_index(term.field())?;
        if let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? {
            let mut doc = postings.doc();
            while doc != TERMINATED {
                docs.push(doc);
                doc = postings.advance();
            }
        }
        Ok(docs)
    }

    /// Living documents of one term.
    pub fn n_living(&self, term: &Term) -> tantivy::Result<u64> {
        if self.reader.alive_bitset().is_none() {
            return Ok(u64::from(self.reader.inverted_index(term.field())?.doc_freq(term)?));
        }
        let docs = self.docs_of(term)?;
        Ok(docs.into_iter().filter(|doc| self.is_alive(*doc)).count() as u64)
    }

    /// Leaves those of `terms`, all of `field`, that no living document has.
    pub fn retain_missing(&self, field: Field, terms: &mut Vec<Term>) -> tantivy::Result<()> {
        let index = self.reader.inverted_index(field)?;
        let mut error = None;
        let is_living = |term: &Term| -> tantivy::Result<bool> {
            let Some(info) = index.get_term_info(term)? else {
                return Ok(false);
            };
            if self.reader.alive_bitset().is_none() {
                return Ok(true);
            }
            let mut postings = index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            let mut doc = postings.doc();
            while doc != TERMINATED && !self.is_alive(doc) {
                doc = postings.advance();
            }
            Ok(doc != TERMINATED)
        };
        terms.retain(|term| {
            let living = is_living(term);
            !living.unwrap_or_else(|source| {
                error = Some(source);
                false
            })
        });
        error.map_or(Ok(()), Err)
    }

    fn any_term(&self, terms: &[Term]) -> tantivy::Result<Bits> {
        let mut bits = Bits::none(self.n_docs());
        for term in terms {
            let index = self.reader.inverted_index(term.field())?;
            let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else {
                continue;
            };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                bits.insert(doc);
                doc = postings.advance();
            }
        }
        Ok(bits)
    }

    fn range(&self, column: RangeColumn, min: i64, max: i64) -> Bits {
        let mut bits = Bits::none(self.n_docs());
        let least = match column {
            RangeColumn::PublishedAt => self.date.min_value(),
            RangeColumn::OriginallyPublishedAt => self.originally_published_at.min_value(),
            RangeColumn::Duration => i64::try_from(self.duration.min_value()).unwrap_or(i64::MAX),
            RangeColumn::StartsAt => self.date.min_value(),
            RangeColumn::OverAt => self.over_at.min_value(),
        };
        // The engine (tantivy-columnar 0.27) takes a range that ends before the least value for that value.
        if max < least {
            return bits;
        }
        let mut docs = Vec::new();
        let mut from = 0;
        while from < self.n_docs() {
            let to = self.n_docs().min(from + RANGE_BLOCK);
            docs.clear();
            match column {
                RangeColumn::PublishedAt | RangeColumn::StartsAt => {
                    self.date.get_docids_for_value_range(min..=max, from..to, &mut docs);
                }
                RangeColumn::OverAt => self.over_at.get_docids_for_value_range(min..=max, from..to, &mut docs),
                RangeColumn::OriginallyPublishedAt => {
                    self.originally_published_at.get_docids_for_value_range(min..=max, from..to, &mut docs);
                }
                RangeColumn::Duration => {
                    if let Ok(max) = u64::try_from(max) {
                        let min = u64::try_from(min).unwrap_or(0);
                        self.duration.get_docids_for_value_range(min..=max, from..to, &mut docs);
                    }
                }
            }
            docs.iter().for_each(|doc| bits.insert(*doc));
            from = to;
        }
        bits
    }

    /// Events that are over later than `time`, or start then or later.
    fn not_over(&self, time: i64) -> Bits {
        let mut bits = self.range(RangeColumn::OverAt, time, i64::MAX);
        for doc in self.range(RangeColumn::OverAt, time, time).iter() {
            // It ends at this very moment, so it is over unless it begins now.
            if !self.is_not_over(time, doc) {
                bits.remove(doc);
            }
        }
        bits
    }

    /// Whether an event is over later than `time`, or starts then or later.
    #[inline]
    pub fn is_not_over(&self, time: i64, doc: u32) -> bool {
        self.over_at.first(doc).is_some_and(|over_at| over_at > time) || self.date_ms(doc) >= time
    }

    /// Whether the value of `column` is within the bounds: for single documents, where a set would not pay.
    #[inline]
    pub fn is_within(&self, column: RangeColumn, min: i64, max: i64, doc: u32) -> bool {
        let value = match column {
            RangeColumn::PublishedAt | RangeColumn::StartsAt => self.date.first(doc),
            RangeColumn::OverAt => self.over_at.first(doc),
            RangeColumn::OriginallyPublishedAt => self.originally_published_at.first(doc),
            RangeColumn::Duration => self.duration.first(doc).map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
        };
        value.is_some_and(|value| (min..=max).contains(&value))
    }
}

/// A signed number as an unsigned one of the same order.
#[inline]
pub(super) fn ordered(value: i64) -> u64 {
    value.cast_unsigned() ^ (1 << 63)
}

/// Whether documents are in one of some languages.
pub(super) struct LanguageTest<'a> {
    column: Option<&'a StrColumn>,
    wanted: Vec<u64>,
}

impl LanguageTest<'_> {
    #[inline]
    pub fn passes(&self, doc: u32) -> bool {
        self.column.and_then(|column| column.ords().first(doc)).is_some_and(|ord| self.wanted.contains(&ord))
    }
}

/// A cache of sets of at most `n_bytes`.
pub(super) fn set_cache(n_bytes: u64) -> SetCache {
    Cache::builder()
        .max_capacity(n_bytes)
        .weigher(|(_, expr): &(SegmentKey, Arc<Expr>), set: &Arc<FilterSet>| {
            u32::try_from(set.bits.n_bytes() + expr.n_bytes() + 128).unwrap_or(u32::MAX)
        })
        .build()
}

impl Expr {
    /// About how much memory the expression takes.
    fn n_bytes(&self) -> usize {
        match self {
            Self::AnyTerm(terms) => terms.iter().map(|term| term.serialized_value_bytes().len() + 40).sum(),
            Self::Range(..) | Self::NotOver(_) => 32,
            Self::Within(within) => within.n_bytes(),
            Self::And(parts) | Self::Or(parts) => parts.iter().map(|part| part.n_bytes()).sum(),
            Self::Not(inner) => inner.n_bytes(),
        }
    }
}
