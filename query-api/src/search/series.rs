//! Events of a series as one result.

use std::collections::HashMap;

use indexer::stored::StoredEvent;

use super::facets::Matches;
use super::hosted::distance;
use super::kind::KindIndex;
use super::{Candidate, Deadline, EventHit, SearchIndex, SearchPage};
use crate::error::Error;
use crate::params::MAX_REACH;
use crate::query::EventQuery;

/// The occurrences of one series among the results.
struct Series {
    /// The one that stands for all: that which starts first.
    next: Candidate,
    starts_at_ms: i64,
    /// The score of the best of them.
    score: f32,
    n_occurrences: usize,
}

impl SearchIndex {
    /// Searches events as [`SearchIndex::search_events_with_matches`] does, and puts the occurrences of a series together: where
    /// the best of them would stand comes the one that starts first, with the number of all. Looks at the first
    /// [`MAX_REACH`] events of the order; what is beyond them belongs to no series.
    ///
    /// # Errors
    /// As [`SearchIndex::search_events`].
    pub fn search_series(&self, query: &EventQuery, deadline: Deadline) -> Result<SearchPage<EventHit>, Error> {
        let all = EventQuery { start: 0, count: MAX_REACH, ..query.clone() };
        let request = self.event_request(&all, true);
        let outcome = self.events.search(&request, deadline)?;
        let n_events = outcome.found.page.len();
        let is_capped = outcome.found.total > n_events;
        let mut places: HashMap<u64, usize> = HashMap::with_capacity(n_events);
        let mut found: Vec<Series> = Vec::new();
        for candidate in outcome.found.page {
            let (series, starts_at_ms) = occurrence(&self.events, &candidate);
            let known = series.and_then(|series| places.get(&series)).and_then(|at| found.get_mut(*at));
            match known {
                Some(known) => {
                    known.n_occurrences += 1;
                    if starts_at_ms < known.starts_at_ms {
                        (known.next, known.starts_at_ms) = (candidate, starts_at_ms);
                    }
                }
                None => {
                    if let Some(series) = series {
                        places.insert(series, found.len());
                    }
                    let score = request.score(&candidate);
                    found.push(Series { next: candidate, starts_at_ms, score, n_occurrences: 1 });
                }
            }
        }
        let mut hits = Vec::with_capacity(query.count.min(found.len()));
        for series in found.iter().skip(query.start).take(query.count) {
            deadline.check()?;
            let event: StoredEvent = self.events.read(series.next.segment, series.next.doc)?;
            let distance_m = distance(query.near, event.address.as_ref());
            let n_occurrences = Some(series.n_occurrences);
            hits.push(EventHit { event, score: series.score, distance_m, n_occurrences });
        }
        Ok(SearchPage {
            total: found.len(),
            is_capped,
            n_found: found.len(),
            hits,
            corrections: outcome.corrections,
            is_relaxed: outcome.is_relaxed,
            generation: self.snapshot.manifest.generation,
            matches: outcome.matches.map(Matches),
        })
    }
}

fn occurrence(events: &KindIndex, candidate: &Candidate) -> (Option<u64>, i64) {
    let segment = events.segments.iter().find(|segment| segment.ord == candidate.segment);
    segment.map_or((None, 0), |segment| (segment.series(candidate.doc), segment.date_ms(candidate.doc)))
}
