//! A search for events.

use indexer::geography::{Area, GeoPoint};

use super::{OriginFilter, Sort, TextQuery};

/// A checked search for events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventQuery {
    /// The words, when any were given; without them everything that passes the filter is a result.
    pub text: Option<TextQuery>,
    /// Results left out before the first one.
    pub start: usize,
    /// Results wanted; 0 asks for the total alone.
    pub count: usize,
    /// Their order.
    pub sort: Sort,
    /// Primary subtags of languages that keep their full score, as do events of no known language; others count half.
    /// Empty: all equal. Never a filter.
    pub boost_languages: Vec<String>,
    /// What a result must satisfy.
    pub filter: EventFilter,
    /// Where distances are measured from.
    pub near: Option<GeoPoint>,
}

impl Default for EventQuery {
    fn default() -> Self {
        Self {
            text: None,
            start: 0,
            count: 10,
            sort: Sort::default(),
            boost_languages: Vec::new(),
            filter: EventFilter::default(),
            near: None,
        }
    }
}

/// Conditions on events, all of which must hold. Lists are sorted and without repetition; an empty one is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventFilter {
    /// When it takes place.
    pub times: EventTimes,
    /// Any of these categories, upper case.
    pub categories: Vec<String>,
    /// Any of these primary subtags; `_unknown` for events of no known language.
    pub languages: Vec<String>,
    /// Any of `CANCELLED`, `CONFIRMED` and `TENTATIVE`.
    pub statuses: Vec<String>,
    /// Any of these folded tags.
    pub tags_one_of: Vec<String>,
    /// All of these folded tags.
    pub tags_all_of: Vec<String>,
    /// Online, perhaps besides a place, or not.
    pub is_online: Option<bool>,
    /// Any of `external`, `free`, `invite` and `restricted`.
    pub join_modes: Vec<String>,
    /// Not known to be full, or known to be.
    pub has_free_places: Option<bool>,
    /// Longer than thirty days, or not.
    pub is_long: Option<bool>,
    /// All of these promises: `sign_language`, `smoke_free`, `subtitle`, `wheelchair`.
    pub accessible: Vec<String>,
    /// Where it is from.
    pub origin: OriginFilter,
    /// Any of these canonical hosts; an empty list lets nothing pass.
    pub hosts: Option<Vec<String>>,
    /// Any of these groups, `name@host` in lower case; an empty list lets nothing pass.
    pub groups: Option<Vec<String>>,
    /// Within all of these; what has no coordinates is within none.
    pub areas: Vec<Area>,
}

/// Conditions on the times of an event, in milliseconds since 1970. An event is over at its end, and where that is open at
/// its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventTimes {
    /// Not over at this time: it is over later, or starts then or later.
    pub not_over_at: Option<i64>,
    /// Has started by this time.
    pub starts_by: Option<i64>,
    /// Is over by this time.
    pub over_by: Option<i64>,
}

impl EventTimes {
    /// Everything that takes place between two times, ongoing events included. With the end alone, what is over by then:
    /// the past.
    pub fn between(min: Option<i64>, max: Option<i64>) -> Self {
        match (min, max) {
            (None, Some(max)) => Self { over_by: Some(max), ..Self::default() },
            (min, max) => Self { not_over_at: min, starts_by: max, over_by: None },
        }
    }

    /// Whether nothing is asked but that it is over: the last one is the most interesting.
    pub fn is_past(self) -> bool {
        self.not_over_at.is_none() && self.over_by.is_some()
    }
}
