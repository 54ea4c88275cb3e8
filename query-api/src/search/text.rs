//! Results of words: found by the engine, filtered and ordered here in one pass, so that the total is exact and the
//! search can be cut off.

use std::cmp::Reverse;
use std::sync::Arc;

use indexer::schema::UNKNOWN_LANGUAGE;
use tantivy::TERMINATED;
use tantivy::query::{EnableScoring, Query};

use super::bits::Bits;
use super::filter::{Expr, RangeColumn};
use super::geo::Within;
use super::kind::{KindIndex, Request};
use super::lower::{Corrections, Lowering, Strictness};
use super::rank::{MAX_FACTOR, OTHER_LANGUAGE_FACTOR};
use super::segment::{FilterSet, LanguageTest, Segment};
use super::top::Top;
use super::{Candidate, Deadline, Found, key_of_score, score_of_key};
use crate::error::Error;
use crate::query::{SortKey, TextQuery};

/// With fewer documents than this, filters aside, the words are taken less strictly. Filters do not count: a narrow
/// filter must not bring in what the words do not mean.
const ENOUGH: usize = 3;

/// Matches between two looks at the clock.
const DOCS_PER_CHECK: usize = 1 << 12;

pub(super) struct TextOutcome {
    pub found: Found,
    pub corrections: Corrections,
    pub is_relaxed: bool,
    /// By segment, when asked for.
    pub matches: Option<Vec<Bits>>,
}

/// A pass and how many documents have the words at all.
struct Pass {
    found: Found,
    n_with_words: usize,
    /// By segment; empty when nobody asks for it.
    with_words: Vec<Bits>,
}

/// What is left out of a pass.
#[derive(Clone, Copy)]
struct Scope<'a> {
    exprs: &'a [Arc<Expr>],
    /// By segment; empty when no word was excluded.
    excluded: &'a [Bits],
}

/// The filter on one segment, for single documents.
pub(super) struct DocFilter<'a> {
    segment: &'a Segment,
    sets: Vec<Arc<FilterSet>>,
    ranges: Vec<(RangeColumn, i64, i64)>,
    /// Times at which an event must not be over.
    not_over: Vec<i64>,
    /// Areas so large that a set of what is in them would cost more than the words.
    areas: Vec<Arc<Within>>,
}

impl Pass {
    fn into_outcome(self, request: &Request<'_>, corrections: Corrections, is_relaxed: bool) -> TextOutcome {
        let matches = request.keeps_matches.then_some(self.with_words);
        TextOutcome { found: self.found, corrections, is_relaxed, matches }
    }
}

impl DocFilter<'_> {
    #[inline]
    pub fn passes(&self, doc: u32) -> bool {
        self.sets.iter().all(|set| set.bits.contains(doc))
            && self.ranges.iter().all(|(column, min, max)| self.segment.is_within(*column, *min, *max, doc))
            && self.not_over.iter().all(|time| self.segment.is_not_over(*time, doc))
            && self.areas.iter().all(|within| {
                let point = self.segment.points.as_ref().and_then(|points| points.of(doc));
                point.is_some_and(|point| within.area().contains(point))
            })
    }
}

impl KindIndex {
    pub(super) fn search_text(
        &self,
        request: &Request<'_>,
        text: &TextQuery,
        deadline: Deadline,
    ) -> Result<TextOutcome, Error> {
        let exprs = request.exprs.as_slice();
        let lowering = Lowering::new(self, request, text);
        let none = || Found { total: 0, page: Vec::new() };
        let mut corrections = Corrections::new();
        if let Some(direct) = lowering.direct() {
            let pass = self.pass(request, &*direct, Scope { exprs, excluded: &[] }, deadline)?;
            if pass.n_with_words > 0 {
                return Ok(pass.into_outcome(request, corrections, false));
            }
        }
        let words = |strictness, corrections: &mut Corrections| {
            lowering.words(strictness, corrections).map_err(|source| self.engine(source))
        };
        let Some(strict) = words(Strictness::EveryWord, &mut corrections)? else {
            let matches = request.keeps_matches.then(|| self.nothing());
            return Ok(TextOutcome { found: none(), corrections, is_relaxed: false, matches });
        };
        let excluded = self.excluded(&lowering, deadline)?;
        let scope = Scope { exprs, excluded: &excluded };
        let mut best = self.pass(request, &*strict, scope, deadline)?;
        let mut is_relaxed = false;
        for strictness in [Strictness::Similar, Strictness::MostWords] {
            if best.n_with_words >= ENOUGH || (strictness == Strictness::MostWords && lowering.n_words() < 3) {
                break;
            }
            let mut tried = Corrections::new();
            if let Some(lenient) = words(strictness, &mut tried)? {
                let pass = self.pass(request, &*lenient, scope, deadline)?;
                if pass.n_with_words > best.n_with_words {
                    best = pass;
                    corrections = tried;
                    is_relaxed = strictness == Strictness::MostWords;
                }
            }
        }
        Ok(best.into_outcome(request, corrections, is_relaxed))
    }

    fn nothing(&self) -> Vec<Bits> {
        self.segments.iter().map(|segment| Bits::none(segment.n_docs())).collect()
    }

    fn pass(
        &self,
        request: &Request<'_>,
        engine_query: &dyn Query,
        scope: Scope<'_>,
        deadline: Deadline,
    ) -> Result<Pass, Error> {
        let by_score = request.is_by_score();
        let searcher = &self.searcher;
        let scoring = if by_score && request.count > 0 {
            EnableScoring::enabled_from_searcher(searcher)
        } else {
            EnableScoring::disabled_from_searcher(searcher)
        };
        let weight = engine_query.weight(scoring).map_err(|source| self.engine(source))?;
        let n_wanted = request.n_wanted();
        let mut languages = request.boost_languages.to_vec();
        if !languages.is_empty() {
            languages.push(UNKNOWN_LANGUAGE.to_owned());
        }
        let mut top = Top::new(n_wanted);
        let mut named = Vec::new();
        let mut with_words = Vec::new();
        let (mut total, mut n_with_words, mut n_seen) = (0, 0, 0);
        for segment in &self.segments {
            deadline.check()?;
            let filter = self.doc_filter(segment, scope.exprs)?;
            let excluded = usize::try_from(segment.ord).ok().and_then(|ord| scope.excluded.get(ord));
            let language_test = if languages.is_empty() {
                None
            } else {
                Some(segment.language_test(&languages).map_err(|source| self.engine(source))?)
            };
            let mut kept = request.keeps_matches.then(|| Bits::none(segment.n_docs()));
            let mut scorer = weight.scorer(&segment.reader, 1.0).map_err(|source| self.engine(source))?;
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                n_seen += 1;
                if n_seen % DOCS_PER_CHECK == 0 {
                    deadline.check()?;
                }
                if segment.is_alive(doc) && excluded.is_none_or(|excluded| !excluded.contains(doc)) {
                    n_with_words += 1;
                    if let Some(kept) = &mut kept {
                        kept.insert(doc);
                    }
                    if filter.passes(doc) {
                        total += 1;
                        if n_wanted == 0 {
                        } else if by_score {
                            let factor = |doc| request.factor(segment, self.now_ms, doc);
                            push_scored(&mut top, segment, doc, scorer.score(), factor, language_test.as_ref());
                        } else {
                            let key = request.key(segment, doc);
                            let tie = segment.tie(doc);
                            top.push(Candidate {
                                key,
                                tie,
                                hash: Reverse(segment.hash(doc)),
                                segment: segment.ord,
                                doc,
                            });
                        }
                    }
                }
                doc = scorer.advance();
            }
            with_words.extend(kept);
            if request.sort.key == SortKey::Name {
                named.extend(std::mem::replace(&mut top, Top::new(n_wanted)).into_sorted());
            }
        }
        let page = if request.sort.key == SortKey::Name {
            self.by_name(request, named)?
        } else {
            Self::page_of(request, top.into_sorted())
        };
        Ok(Pass { found: Found { total, page }, n_with_words, with_words })
    }

    /// The documents that have what was to be left out, segment by segment; empty when nothing was.
    fn excluded(&self, lowering: &Lowering<'_>, deadline: Deadline) -> Result<Vec<Bits>, Error> {
        let Some(query) = lowering.excluded() else {
            return Ok(Vec::new());
        };
        let scoring = EnableScoring::disabled_from_searcher(&self.searcher);
        let weight = query.weight(scoring).map_err(|source| self.engine(source))?;
        let mut sets = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            deadline.check()?;
            let mut set = Bits::none(segment.n_docs());
            let mut docs = weight.scorer(&segment.reader, 1.0).map_err(|source| self.engine(source))?;
            let mut doc = docs.doc();
            while doc != TERMINATED {
                set.insert(doc);
                doc = docs.advance();
            }
            sets.push(set);
        }
        Ok(sets)
    }

    pub(super) fn doc_filter<'a>(&'a self, segment: &'a Segment, exprs: &[Arc<Expr>]) -> Result<DocFilter<'a>, Error> {
        let mut filter =
            DocFilter { segment, sets: Vec::new(), ranges: Vec::new(), not_over: Vec::new(), areas: Vec::new() };
        for expr in exprs {
            match &**expr {
                Expr::Range(column, min, max) => filter.ranges.push((*column, *min, *max)),
                Expr::NotOver(time) => filter.not_over.push(*time),
                Expr::Within(within) if within.is_large() => filter.areas.push(Arc::clone(within)),
                _ => {
                    let set = segment.part(expr, &self.sets);
                    filter.sets.push(set.map_err(|source| self.engine(source))?);
                }
            }
        }
        Ok(filter)
    }
}

#[inline]
fn push_scored(
    top: &mut Top<Candidate>,
    segment: &Segment,
    doc: u32,
    score: f32,
    factor: impl Fn(u32) -> f32,
    language_test: Option<&LanguageTest<'_>>,
) {
    if top.threshold().is_some_and(|threshold| score * MAX_FACTOR * segment.max_boost() < score_of_key(threshold.key)) {
        return;
    }
    let mut score = score * factor(doc);
    if language_test.is_some_and(|test| !test.passes(doc)) {
        score *= OTHER_LANGUAGE_FACTOR;
    }
    let (key, tie) = (key_of_score(score), segment.tie(doc));
    top.push(Candidate { key, tie, hash: Reverse(segment.hash(doc)), segment: segment.ord, doc });
}
