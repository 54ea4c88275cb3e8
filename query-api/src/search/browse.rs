//! Results without words: everything that passes the filter, in an order of its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::kind::{KindIndex, Request};
use super::segment::{FilterSet, Segment, ordered};
use super::top::Top;
use super::{Candidate, Deadline, Found, conjunction};
use crate::error::Error;
use crate::query::SortKey;

/// When fewer than one document in this many passes, looking at those that do is quicker than walking past the others.
const SELECTIVE: usize = 32;

/// Documents between two looks at the clock.
const DOCS_PER_CHECK: usize = 1 << 16;

/// An order that every segment remembers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    NewestFirst,
    OldestFirst,
}

impl KindIndex {
    pub(super) fn browse(&self, request: &Request<'_>, deadline: Deadline) -> Result<Found, Error> {
        let filter = conjunction(request.exprs.clone());
        let mut sets = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            deadline.check()?;
            let set = filter.as_ref().map(|filter| segment.set(filter, &self.sets)).transpose();
            sets.push(set.map_err(|source| self.engine(source))?);
        }
        let total = self.segments.iter().zip(&sets).map(|(segment, set)| match set {
            Some(set) => set.count,
            None => segment.n_living_docs(),
        });
        let total: usize = total.sum();
        let n_docs: usize = self.segments.iter().map(|segment| segment.n_docs() as usize).sum();
        let direction = match (request.sort.key, request.sort.descending) {
            (SortKey::Match | SortKey::PublishedAt | SortKey::StartTime, true) => Some(Direction::NewestFirst),
            (SortKey::StartTime, false) => Some(Direction::OldestFirst),
            _ => None,
        };
        let sets: Vec<Option<&FilterSet>> = sets.iter().map(Option::as_deref).collect();
        let page = if request.count == 0 || total <= request.start {
            Vec::new()
        } else if let Some(direction) = direction
            && (total > n_docs / SELECTIVE || filter.is_none() && !self.hides())
        {
            self.walk(request, direction, &sets)
        } else {
            self.scan(request, &sets, deadline)?
        };
        Ok(Found { total, page })
    }

    /// Merges the segments, each from its newest or oldest document on, until the page is full.
    fn walk(&self, request: &Request<'_>, direction: Direction, sets: &[Option<&FilterSet>]) -> Vec<Candidate> {
        /// Date, the better the greater, hash and document: the order of the page.
        type Head = (u64, Reverse<u64>, u32);
        struct Walk<'a> {
            segment: &'a Segment,
            set: Option<&'a FilterSet>,
            direction: Direction,
            rest: std::slice::Iter<'a, u32>,
        }
        impl Walk<'_> {
            fn next(&mut self) -> Option<Head> {
                let doc = self.rest.by_ref().copied().find(|doc| match self.set {
                    Some(set) => set.bits.contains(*doc),
                    None => self.segment.is_alive(*doc),
                })?;
                let date = ordered(self.segment.date_ms(doc));
                let date = if self.direction == Direction::NewestFirst { date } else { !date };
                Some((date, Reverse(self.segment.hash(doc)), doc))
            }
        }
        let mut walks: Vec<Walk<'_>> = self
            .segments
            .iter()
            .zip(sets)
            .map(|(segment, set)| {
                let order = match direction {
                    Direction::NewestFirst => segment.newest_first(),
                    Direction::OldestFirst => segment.oldest_first(),
                };
                Walk { segment, set: *set, direction, rest: order.iter() }
            })
            .collect();
        let mut heads: BinaryHeap<(Head, usize)> = BinaryHeap::with_capacity(walks.len());
        for (index, walk) in walks.iter_mut().enumerate() {
            heads.extend(walk.next().map(|head| (head, index)));
        }
        let mut page = Vec::with_capacity(request.count);
        let mut n_passed = 0;
        while page.len() < request.count
            && let Some(((_, hash, doc), index)) = heads.pop()
        {
            let Some(walk) = walks.get_mut(index) else {
                break;
            };
            if n_passed >= request.start {
                page.push(Candidate { key: 0, tie: 0, hash, segment: walk.segment.ord, doc });
            }
            n_passed += 1;
            heads.extend(walk.next().map(|head| (head, index)));
        }
        page
    }

    /// Looks at every document that passes.
    fn scan(
        &self,
        request: &Request<'_>,
        sets: &[Option<&FilterSet>],
        deadline: Deadline,
    ) -> Result<Vec<Candidate>, Error> {
        let n_wanted = request.n_wanted();
        let is_by_name = request.sort.key == SortKey::Name;
        let mut top = Top::new(n_wanted);
        let mut named = Vec::new();
        for (segment, set) in self.segments.iter().zip(sets) {
            let alive: Box<dyn Iterator<Item = u32> + '_> = match (set, segment.shown()) {
                (Some(set), _) => Box::new(set.bits.iter()),
                (None, Some(shown)) => Box::new(shown.bits.iter()),
                (None, None) => Box::new((0..segment.n_docs()).filter(|doc| segment.is_alive(*doc))),
            };
            for (n, doc) in alive.enumerate() {
                if n % DOCS_PER_CHECK == 0 {
                    deadline.check()?;
                }
                let key = request.key(segment, doc);
                if top.threshold().is_some_and(|threshold: &Candidate| key < threshold.key) {
                    continue;
                }
                let tie = segment.tie(doc);
                top.push(Candidate { key, tie, hash: Reverse(segment.hash(doc)), segment: segment.ord, doc });
            }
            if is_by_name {
                named.extend(std::mem::replace(&mut top, Top::new(n_wanted)).into_sorted());
            }
        }
        if is_by_name { self.by_name(request, named) } else { Ok(Self::page_of(request, top.into_sorted())) }
    }
}
