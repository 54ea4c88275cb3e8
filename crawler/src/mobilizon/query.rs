//! The queries, and which of them a version is asked. They are files of their own, `queries/*.graphql`, named after the
//! first version that knows all that they select.

use super::version::Version;

/// What a query is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Version and settings of the instance.
    Probe,
    /// Whole events, a page at a time.
    Events,
    /// One whole event.
    Event,
    /// What tells whether events are new or changed, a page at a time.
    Look,
    /// What was edited, published and cancelled last.
    Changes,
    /// What is not over, where a global index answers every search.
    Upcoming,
    /// Whole groups, a page at a time.
    Groups,
    /// One whole group.
    Group,
}

impl Purpose {
    /// Every purpose.
    #[cfg(test)]
    pub const ALL: [Self; 8] =
        [Self::Probe, Self::Events, Self::Event, Self::Look, Self::Changes, Self::Upcoming, Self::Groups, Self::Group];

    /// The first part of the names of its files, and the key in the state file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Events => "events",
            Self::Event => "event",
            Self::Look => "look",
            Self::Changes => "changes",
            Self::Upcoming => "upcoming",
            Self::Groups => "groups",
            Self::Group => "group",
        }
    }

    /// The name of the operation in its files.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Probe => "Probe",
            Self::Events => "Events",
            Self::Event => "Event",
            Self::Look => "Look",
            Self::Changes => "Changes",
            Self::Upcoming => "Upcoming",
            Self::Groups => "Groups",
            Self::Group => "Group",
        }
    }
}

/// A query.
#[derive(Debug, PartialEq, Eq)]
pub struct Query {
    /// What it is for.
    pub purpose: Purpose,
    /// The first version on which it is valid.
    pub from: Version,
    /// In GraphQL.
    pub text: &'static str,
}

macro_rules! query {
    ($purpose:ident, $file:literal, $major:literal, $minor:literal, $patch:literal) => {
        Query {
            purpose: Purpose::$purpose,
            from: Version($major, $minor, $patch),
            text: include_str!(concat!("queries/", $file, ".from-", $major, ".", $minor, ".", $patch, ".graphql")),
        }
    };
}

/// Every query; of each purpose the newest first.
pub static QUERIES: [Query; 26] = [
    query!(Probe, "probe", 3, 0, 0),
    query!(Probe, "probe", 2, 0, 0),
    query!(Probe, "probe", 1, 0, 0),
    query!(Events, "events", 5, 0, 1),
    query!(Events, "events", 4, 1, 0),
    query!(Events, "events", 3, 2, 0),
    query!(Events, "events", 3, 0, 0),
    query!(Events, "events", 2, 0, 0),
    query!(Events, "events", 1, 0, 0),
    query!(Event, "event", 5, 0, 1),
    query!(Event, "event", 3, 2, 0),
    query!(Event, "event", 2, 0, 0),
    query!(Event, "event", 1, 0, 0),
    query!(Look, "look", 4, 1, 0),
    query!(Look, "look", 3, 2, 0),
    query!(Look, "look", 3, 0, 0),
    query!(Look, "look", 1, 0, 0),
    query!(Changes, "changes", 4, 1, 0),
    query!(Changes, "changes", 3, 0, 0),
    query!(Changes, "changes", 1, 1, 0),
    query!(Upcoming, "upcoming", 1, 0, 0),
    query!(Groups, "groups", 4, 1, 0),
    query!(Groups, "groups", 3, 0, 0),
    query!(Groups, "groups", 1, 0, 0),
    query!(Group, "group", 3, 0, 0),
    query!(Group, "group", 1, 0, 0),
];

impl Query {
    /// The query for an instance of `version`: the newest that it knows, or an older one.
    ///
    /// - `n_refused`: how many of the newest ones the instance has refused as invalid: forks exist, and what a host says
    ///   of its version need not be so.
    ///
    /// `None` when every one was refused, or the version is too old for any.
    pub fn choose(purpose: Purpose, version: Version, n_refused: usize) -> Option<&'static Self> {
        let mut known = QUERIES.iter().filter(|query| query.purpose == purpose && query.from <= version);
        known.nth(n_refused)
    }

    /// Whether the events of other instances are left out by the instance itself.
    pub fn is_filtered(&self) -> bool {
        self.from >= Version(4, 1, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_known_query_is_chosen_and_older_ones_after_refusals() {
        let from = |purpose, version, n| Query::choose(purpose, version, n).map(|query| query.from);
        assert_eq!(from(Purpose::Events, Version(5, 1, 3), 0), Some(Version(5, 0, 1)));
        assert_eq!(from(Purpose::Events, Version(5, 0, 0), 0), Some(Version(4, 1, 0)));
        assert_eq!(from(Purpose::Events, Version(5, 1, 3), 2), Some(Version(3, 2, 0)));
        assert_eq!(from(Purpose::Events, Version(1, 1, 0), 0), Some(Version(1, 0, 0)));
        assert_eq!(from(Purpose::Events, Version(1, 1, 0), 1), None);
        assert_eq!(from(Purpose::Changes, Version(1, 0, 0), 0), None, "1.0 cannot sort by time of change");
    }

    #[test]
    fn files_and_table_agree() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mobilizon/queries");
        let n_files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(n_files, QUERIES.len());
        for (newer, older) in QUERIES.iter().zip(QUERIES.iter().skip(1)) {
            assert!(newer.purpose != older.purpose || newer.from > older.from, "{older:?}");
        }
        for query in &QUERIES {
            assert!(query.text.contains(&format!("query {}", query.purpose.operation())), "{query:?}");
        }
    }
}
