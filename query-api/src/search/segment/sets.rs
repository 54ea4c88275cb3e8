//! Sets of documents of a segment, by expression.

use std::sync::Arc;

use moka::sync::Cache;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::super::bits::Bits;
use super::super::filter::{Expr, RangeColumn};
use super::{Segment, SegmentKey};

/// Documents looked at in one go by a range scan: their ids stay within the cache of the processor.
const RANGE_BLOCK: u32 = 1 << 15;

/// Stands for all documents of an expression where the number of what may be shown stands otherwise.
const PARTS: u64 = u64::MAX;

/// Sets of documents by segment, by what of it may be shown, and by expression, bounded by bytes; entries of segments that
/// are gone age out.
pub(in crate::search) type SetCache = Cache<(SegmentKey, u64, Arc<Expr>), Arc<FilterSet>>;

/// A set with its size.
#[derive(Debug)]
pub(in crate::search) struct FilterSet {
    pub bits: Bits,
    pub count: usize,
}

impl Segment {
    /// The set of documents that may be shown in all of `exprs`, from the cache where it is known.
    pub fn set(&self, exprs: &Arc<Expr>, cache: &SetCache) -> tantivy::Result<Arc<FilterSet>> {
        let shown = self.shown().map_or(0, |shown| shown.number);
        self.cached(exprs, shown, cache, || {
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
            self.retain_shown(&mut bits);
            Ok(bits)
        })
    }

    /// The documents of one expression, deleted ones included, from the cache where it is known.
    pub fn part(&self, expr: &Arc<Expr>, cache: &SetCache) -> tantivy::Result<Arc<FilterSet>> {
        self.cached(expr, PARTS, cache, || self.evaluate(expr))
    }

    fn cached(
        &self,
        expr: &Arc<Expr>,
        shown: u64,
        cache: &SetCache,
        build: impl FnOnce() -> tantivy::Result<Bits>,
    ) -> tantivy::Result<Arc<FilterSet>> {
        let key = (self.key, shown, Arc::clone(expr));
        if let Some(known) = cache.get(&key) {
            return Ok(known);
        }
        let bits = build()?;
        let set = Arc::new(FilterSet { count: bits.count(), bits });
        cache.insert(key, Arc::clone(&set));
        Ok(set)
    }

    pub fn evaluate(&self, expr: &Expr) -> tantivy::Result<Bits> {
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

/// A cache of sets of at most `n_bytes`.
pub(in crate::search) fn set_cache(n_bytes: u64) -> SetCache {
    Cache::builder()
        .max_capacity(n_bytes)
        .weigher(|(_, _, expr): &(SegmentKey, u64, Arc<Expr>), set: &Arc<FilterSet>| {
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
