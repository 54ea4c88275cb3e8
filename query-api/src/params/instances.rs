//! The parameters of the lists of instances, in the words of joinpeertube's directory.

use allowlist::SourceKind;

use super::reader::Reader;
use super::value;
use super::{ParamsError, RawParams};

/// Most hosts of one answer of `/instances/hosts`: its known callers ask for 1 000 to 10 000 at once.
pub const MAX_HOSTS: usize = 10_000;

/// Most instances of one answer of `/instances`.
pub const MAX_INSTANCES: usize = 1_000;

/// Hosts of one answer when `count` is absent.
const DEFAULT_HOSTS: usize = 1_000;

/// Instances of one answer when `count` is absent.
const DEFAULT_INSTANCES: usize = 15;

/// Most statuses asked for at once: more than there are.
const MAX_STATUSES: usize = 64;

/// Which instances, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstancesQuery {
    /// A piece of the name, lower case.
    pub search: Option<String>,
    /// Only healthy ones, or only others.
    pub healthy: Option<bool>,
    /// Only these statuses; all when empty.
    pub statuses: Vec<String>,
    /// Only of this kind.
    pub kind: Option<SourceKind>,
    /// First seen at or after, Unix milliseconds.
    pub since_ms: Option<i64>,
    /// The order.
    pub sort: InstanceSort,
    /// Instances to leave out.
    pub start: usize,
    /// Instances wanted.
    pub count: usize,
}

/// An order of instances; equal ones go by their name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceSort {
    /// What is compared.
    pub key: InstanceSortKey,
    /// The greatest first.
    pub descending: bool,
}

/// What instances are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstanceSortKey {
    /// The name of the host.
    #[default]
    Host,
    /// The name that it gives itself; the host for those that give none.
    Name,
    /// When it was first seen.
    CreatedAt,
    /// The version of its software, by its numbers.
    Version,
    /// How well it is.
    Health,
    /// Videos that it claims to list.
    TotalVideos,
    /// Videos that are indexed.
    IndexedVideos,
    /// The end of its last sweep.
    LastSweepAt,
}

/// Reads the parameters of `/instances`.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once.
pub fn read_instances_query(params: &RawParams) -> Result<InstancesQuery, ParamsError> {
    Reader::run(params, |reader| Ok(reader.instances(DEFAULT_INSTANCES, MAX_INSTANCES, None)))
}

/// Reads the parameters of `/instances/hosts`, which lists PeerTube instances where nothing else is asked for.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once.
pub fn read_hosts_query(params: &RawParams) -> Result<InstancesQuery, ParamsError> {
    Reader::run(params, |reader| Ok(reader.instances(DEFAULT_HOSTS, MAX_HOSTS, Some(SourceKind::PeerTube))))
}

impl Reader<'_> {
    fn instances(
        &mut self,
        default_count: usize,
        max_count: usize,
        default_kind: Option<SourceKind>,
    ) -> InstancesQuery {
        let natural = |value: &_| value::integer(value).and_then(|number| usize::try_from(number).ok());
        let count_msg = format!("Should have a number count (max: {max_count})");
        let search = self.read("search", "Should have a valid search", |value| {
            value::text(value).map(|text| text.trim().to_lowercase())
        });
        InstancesQuery {
            search: search.filter(|text| !text.is_empty()),
            healthy: self.read("healthy", "Should have a valid healthy boolean", value::boolean),
            statuses: self.list("status", "Should have a valid status array", MAX_STATUSES),
            kind: self
                .read("kind", "Should have a valid kind: peertube or mobilizon", |value| {
                    value::text(value)?.parse().ok()
                })
                .or(default_kind),
            since_ms: self.read("since", "Should have a valid since date", value::instant_ms),
            sort: self
                .read("sort", "Should have a valid sort", |value| InstanceSort::parse(&value::text(value)?))
                .unwrap_or_default(),
            start: self.read("start", "Should have a number start", natural).unwrap_or(0),
            count: self
                .read("count", &count_msg, |value| natural(value).filter(|count| *count <= max_count))
                .unwrap_or(default_count),
        }
    }
}

impl InstanceSort {
    /// Reads `health` or `-health`. Names of the directory whose values we do not know are the order by name.
    fn parse(text: &str) -> Option<Self> {
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        let key = match name {
            "host" => InstanceSortKey::Host,
            "name" => InstanceSortKey::Name,
            "createdAt" => InstanceSortKey::CreatedAt,
            "version" => InstanceSortKey::Version,
            "health" => InstanceSortKey::Health,
            "totalVideos" | "totalLocalVideos" => InstanceSortKey::TotalVideos,
            "indexedVideos" => InstanceSortKey::IndexedVideos,
            "lastSweepAt" => InstanceSortKey::LastSweepAt,
            "country"
            | "signupAllowed"
            | "liveEnabled"
            | "totalUsers"
            | "totalInstanceFollowers"
            | "totalInstanceFollowing" => return Some(Self::default()),
            _ => return None,
        };
        Some(Self { key, descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{Location, parse_query_string};

    fn read(text: &str) -> Result<InstancesQuery, ParamsError> {
        read_instances_query(&parse_query_string(text, Location::Query))
    }

    #[test]
    fn the_words_of_the_directory_are_read() {
        let query = read("search= Tube&healthy=true&status=healthy&status=crawling&sort=-health&start=3&count=1000");
        let query = query.unwrap();
        assert_eq!((query.search.as_deref(), query.healthy), (Some("tube"), Some(true)));
        assert_eq!(query.statuses, ["crawling", "healthy"]);
        assert_eq!(query.sort, InstanceSort { key: InstanceSortKey::Health, descending: true });
        assert_eq!((query.start, query.count, query.kind), (3, 1000, None));
        assert_eq!(read("sort=-country&signup=true").unwrap().sort, InstanceSort::default());
        let hosts = read_hosts_query(&parse_query_string("count=10000&since=2026-01-01", Location::Query)).unwrap();
        assert_eq!((hosts.count, hosts.kind), (10_000, Some(SourceKind::PeerTube)));
        assert_eq!(hosts.since_ms, Some(1_767_225_600_000));
    }

    #[test]
    fn wrong_values_are_named() {
        for (text, param) in [
            ("count=1001", "count"),
            ("count=-1", "count"),
            ("start=x", "start"),
            ("healthy=maybe", "healthy"),
            ("sort=shoe", "sort"),
            ("kind=mastodon", "kind"),
            ("since=yesterday", "since"),
        ] {
            let Err(ParamsError::Invalid(errors)) = read(text) else { panic!("{text} was taken") };
            assert_eq!(errors[0].param, param, "{text}");
        }
    }
}
