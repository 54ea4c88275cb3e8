//! Events and groups.

use indexer::geography::{GeoPoint, distance_m};
use indexer::stored::{StoredAddress, StoredEvent, StoredGroup};

use super::kind::Request;
use super::{Deadline, SearchIndex, SearchPage, filter};
use crate::error::Error;
use crate::query::{EventQuery, GroupQuery, Sort, SortKey, TextQuery};

/// An event that was found.
#[derive(Clone, Debug)]
pub struct EventHit {
    /// The document.
    pub event: StoredEvent,
    /// Its relevance; 1 where no relevance was asked for.
    pub score: f32,
    /// Metres from the point that the query names, when both are known.
    pub distance_m: Option<f64>,
    /// Occurrences of its series among the results, itself included, where they were put together.
    pub n_occurrences: Option<usize>,
}

/// A group that was found.
#[derive(Clone, Debug)]
pub struct GroupHit {
    /// The document.
    pub group: StoredGroup,
    /// Its relevance; 1 where no relevance was asked for.
    pub score: f32,
    /// Metres from the point that the query names, when both are known.
    pub distance_m: Option<f64>,
}

impl SearchIndex {
    /// Searches events.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn search_events(&self, query: &EventQuery, deadline: Deadline) -> Result<SearchPage<EventHit>, Error> {
        self.event_page(query, false, deadline)
    }

    pub(super) fn event_page(
        &self,
        query: &EventQuery,
        keeps_matches: bool,
        deadline: Deadline,
    ) -> Result<SearchPage<EventHit>, Error> {
        let request = self.event_request(query, keeps_matches);
        self.page(&self.events, &request, deadline, |event: StoredEvent, score| {
            let distance_m = distance(query.near, event.address.as_ref());
            Ok(EventHit { event, score, distance_m, n_occurrences: None })
        })
    }

    /// The request of a query, its filter lowered.
    pub(super) fn event_request<'a>(&self, query: &'a EventQuery, keeps_matches: bool) -> Request<'a> {
        let times = query.filter.times;
        let usual = Sort { key: SortKey::StartTime, descending: times.is_past() };
        Request {
            text: query.text.as_ref(),
            start: query.start,
            count: query.count,
            sort: unless_unmatched(query.sort, query.text.as_ref(), usual),
            boost_languages: &query.boost_languages,
            languages: &query.filter.languages,
            exprs: filter::of_events(&query.filter, &self.snapshot.event_fields),
            keeps_matches,
            near: query.near,
            origin_ms: times.not_over_at.or(times.over_by).unwrap_or(self.events.now_ms),
        }
    }

    /// Searches groups.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn search_groups(&self, query: &GroupQuery, deadline: Deadline) -> Result<SearchPage<GroupHit>, Error> {
        self.group_page(query, false, deadline)
    }

    pub(super) fn group_page(
        &self,
        query: &GroupQuery,
        keeps_matches: bool,
        deadline: Deadline,
    ) -> Result<SearchPage<GroupHit>, Error> {
        let usual = Sort { key: SortKey::Members, descending: true };
        let request = Request {
            text: query.text.as_ref(),
            start: query.start,
            count: query.count,
            sort: unless_unmatched(query.sort, query.text.as_ref(), usual),
            boost_languages: &query.boost_languages,
            languages: &query.filter.languages,
            exprs: filter::of_groups(&query.filter, &self.snapshot.group_fields),
            keeps_matches,
            near: query.near,
            origin_ms: 0,
        };
        self.page(&self.groups, &request, deadline, |group: StoredGroup, score| {
            let distance_m = distance(query.near, group.address.as_ref());
            Ok(GroupHit { group, score, distance_m })
        })
    }

    /// The event with this id on this host, when the generation has it.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn find_event(&self, host: &str, origin_id: &str) -> Result<Option<StoredEvent>, Error> {
        match self.events.find(&format!("event/{host}/{}", origin_id.to_lowercase()))? {
            Some((segment, doc)) => self.events.read(segment, doc).map(Some),
            None => Ok(None),
        }
    }

    /// The group of this name on this host, when the generation has it.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn find_group(&self, host: &str, name: &str) -> Result<Option<StoredGroup>, Error> {
        match self.groups.find(&format!("group/{host}/{}", name.to_lowercase()))? {
            Some((segment, doc)) => self.groups.read(segment, doc).map(Some),
            None => Ok(None),
        }
    }
}

/// Without words nothing is more relevant than anything else.
fn unless_unmatched(sort: Sort, text: Option<&TextQuery>, usual: Sort) -> Sort {
    if sort.key == SortKey::Match && text.is_none() { usual } else { sort }
}

pub(super) fn distance(near: Option<GeoPoint>, address: Option<&StoredAddress>) -> Option<f64> {
    let (lat, lon) = address?.point?;
    Some(distance_m(near?, GeoPoint::new(lat, lon)?))
}
