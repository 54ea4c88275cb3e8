//! A search for groups.

use indexer::geography::{Area, GeoPoint};

use super::{OriginFilter, Sort, TextQuery};

/// A checked search for groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupQuery {
    /// The words, when any were given; without them everything that passes the filter is a result.
    pub text: Option<TextQuery>,
    /// Results left out before the first one.
    pub start: usize,
    /// Results wanted; 0 asks for the total alone.
    pub count: usize,
    /// Their order.
    pub sort: Sort,
    /// Primary subtags of languages that keep their full score, as do groups of no known language; others count half.
    /// Empty: all equal. Never a filter.
    pub boost_languages: Vec<String>,
    /// What a result must satisfy.
    pub filter: GroupFilter,
    /// Where distances are measured from.
    pub near: Option<GeoPoint>,
}

impl Default for GroupQuery {
    fn default() -> Self {
        Self {
            text: None,
            start: 0,
            count: 10,
            sort: Sort::default(),
            boost_languages: Vec::new(),
            filter: GroupFilter::default(),
            near: None,
        }
    }
}

/// Conditions on groups, all of which must hold. Lists are sorted and without repetition; an empty one is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GroupFilter {
    /// Any of these primary subtags, as far as the language of the summary could be guessed; `_unknown` for none.
    pub languages: Vec<String>,
    /// Any of `invite_only`, `moderated` and `open`.
    pub openness: Vec<String>,
    /// Where it is from.
    pub origin: OriginFilter,
    /// Any of these canonical hosts; an empty list lets nothing pass.
    pub hosts: Option<Vec<String>>,
    /// Any of these, `name@host` in lower case; an empty list lets nothing pass.
    pub handles: Option<Vec<String>>,
    /// Within all of these; what has no coordinates is within none.
    pub areas: Vec<Area>,
}
