//! What the index holds and how well it follows its instances, as counts: what `/stats` and `GET /api/v1/stats` show. Pure,
//! and without the name of anybody.

mod histogram;

pub(crate) use histogram::Histogram;

use std::collections::BTreeMap;

use indexer::directory::{DirectoryFile, InstanceStatus};
use jiff::{SignedDuration, Timestamp};

use self::histogram::Bound;
use crate::directory::KindCounts;

/// Statuses that leave an instance out of the index without being a fault of it.
const LEFT_OUT: [&str; 6] =
    ["removed-on-request", "robots-forbids", "noindex-header", "withheld", "not-listed", "moved"];

/// Statuses in which everything is as it should be.
const WELL: [&str; 6] = ["healthy", "crawling", "waiting", "ipv6-dead", "no-videos", "no-events"];

/// Times since the last answer of use.
const FRESHNESS: [Bound; 6] = [
    Bound { upto: 3_600, id: "1h", label: "within the last hour" },
    Bound { upto: 6 * 3_600, id: "6h", label: "1 to 6 hours ago" },
    Bound { upto: 12 * 3_600, id: "12h", label: "6 to 12 hours ago" },
    Bound { upto: 24 * 3_600, id: "24h", label: "12 to 24 hours ago" },
    Bound { upto: 72 * 3_600, id: "3d", label: "1 to 3 days ago" },
    Bound { upto: u64::MAX, id: "older", label: "longer ago" },
];

/// Documents of one instance.
const SIZES: [Bound; 6] = [
    Bound { upto: 0, id: "0", label: "none" },
    Bound { upto: 9, id: "9", label: "1 to 9" },
    Bound { upto: 99, id: "99", label: "10 to 99" },
    Bound { upto: 999, id: "999", label: "100 to 999" },
    Bound { upto: 9_999, id: "9999", label: "1 000 to 9 999" },
    Bound { upto: u64::MAX, id: "more", label: "10 000 and more" },
];

/// Instances in one condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// As they should be.
    pub well: u64,
    /// Failing in some way.
    pub failing: u64,
    /// Left out, by their own wish or the operator's.
    pub left_out: u64,
}

/// The figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statistics {
    /// When what is known of the instances was written; `None` where nobody crawls.
    pub known_at: Option<Timestamp>,
    /// Instances on the lists, removed ones not counted.
    pub n_instances: u64,
    /// How they are.
    pub conditions: Conditions,
    /// Instances by their status, as codes; the most frequent first.
    pub statuses: Vec<(String, u64)>,
    /// Instances by software and the number before the first dot of its version, such as `PeerTube 7`; the most frequent
    /// first.
    pub software: Vec<(String, u64)>,
    /// Visited instances by the time since the last answer of use.
    pub freshness: Histogram,
    /// Instances that were never reached.
    pub n_never: u64,
    /// Instances by the documents that are shown of them.
    pub sizes: Histogram,
    /// Failures of the last day by their kind, as codes; the most frequent first.
    pub failures: Vec<(String, u64)>,
}

impl Statistics {
    /// Counts. `shown` says how many documents are shown of each host.
    pub fn new(file: Option<&DirectoryFile>, shown: &BTreeMap<String, KindCounts>, now: Timestamp) -> Self {
        let instances = file.map(|file| file.instances.as_slice()).unwrap_or_default();
        let listed = || instances.iter().filter(|instance| instance.status != "removed-on-request");
        let mut conditions = Conditions::default();
        for instance in listed() {
            let status = instance.status.as_str();
            if WELL.contains(&status) {
                conditions.well += 1;
            } else if LEFT_OUT.contains(&status) {
                conditions.left_out += 1;
            } else {
                conditions.failing += 1;
            }
        }
        let ages = listed().filter_map(|instance| Some(seconds_between(instance.last_success_at?, now)));
        let sizes = listed().map(|instance| shown.get(instance.host.as_str()).map_or(0, |counts| counts.total()));
        let day_ago = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        let failures = listed()
            .filter_map(|instance| instance.last_error.as_ref())
            .filter(|failure| failure.at >= day_ago)
            .map(|failure| failure.kind.clone());
        Self {
            known_at: file.map(|file| file.written_at),
            n_instances: listed().count() as u64,
            conditions,
            statuses: ranked(listed().map(|instance| instance.status.clone())),
            software: ranked(listed().filter_map(software)),
            freshness: Histogram::new(&FRESHNESS, ages),
            n_never: listed().filter(|instance| instance.last_success_at.is_none()).count() as u64,
            sizes: Histogram::new(&SIZES, sizes),
            failures: ranked(failures),
        }
    }
}

/// The software that an instance says it runs. What strangers call their software is cut and kept only where it is a plain
/// word, so that no page can be filled with it.
fn software(instance: &InstanceStatus) -> Option<String> {
    const MAX_CHARS: usize = 24;
    let name = instance.software.as_deref()?.trim();
    let is_word = !name.is_empty()
        && name.chars().count() <= MAX_CHARS
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "-_ ".contains(character));
    if !is_word {
        return Some("other".to_owned());
    }
    let version = instance.software_version.as_deref().unwrap_or_default();
    let major: String = version.trim().chars().take_while(char::is_ascii_digit).take(4).collect();
    Some(format!("{} {major}", name.to_lowercase()).trim_end().to_owned())
}

fn seconds_between(earlier: Timestamp, later: Timestamp) -> u64 {
    u64::try_from(later.duration_since(earlier).as_secs()).unwrap_or(0)
}

/// Counts equal names: the most frequent first, then by name.
fn ranked(names: impl Iterator<Item = String>) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut ranked: Vec<(String, u64)> = counts.into_iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    ranked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn instance(host: &str, status: &str, last_success_at: Option<&str>) -> serde_json::Value {
        json!({
            "host": host, "kind": "peertube", "name": null, "status": status, "sentence": "", "hint": null,
            "isIndexable": true, "health": 100, "movedTo": null, "software": "PeerTube",
            "softwareVersion": "7.3.0", "knownVideos": 1, "knownChannels": 1, "knownPlaylists": 0,
            "claimedTotal": null, "firstVisitAt": null, "lastSuccessAt": last_success_at, "lastSweepAt": null,
            "lastError": null, "nextVisitAt": null, "robots": "allows", "supportsIpv6": null, "delayMs": 1000,
            "nRequests": 3, "flags": []
        })
    }

    fn file(instances: Vec<serde_json::Value>) -> DirectoryFile {
        let file = json!({"format": 1, "writtenAt": "2026-11-22T12:00:00Z", "instances": instances});
        serde_json::from_value(file).unwrap()
    }

    #[test]
    fn instances_are_counted_once_in_each_figure() {
        let mut failing = instance("c.example", "timed-out", Some("2026-11-20T11:00:00Z"));
        failing["software"] = json!("<script>alert(1)</script>");
        failing["lastError"] = json!({"at": "2026-11-22T11:00:00Z", "kind": "timeout", "text": ""});
        let file = file(vec![
            instance("a.example", "healthy", Some("2026-11-22T11:30:00Z")),
            instance("b.example", "robots-forbids", None),
            failing,
            instance("gone.example", "removed-on-request", None),
        ]);
        let counts = KindCounts { videos: 40, ..KindCounts::default() };
        let shown = BTreeMap::from([("a.example".to_owned(), counts)]);
        let statistics = Statistics::new(Some(&file), &shown, "2026-11-22T12:00:00Z".parse().unwrap());
        assert_eq!(statistics.n_instances, 3);
        assert_eq!(statistics.conditions, Conditions { well: 1, failing: 1, left_out: 1 });
        assert_eq!(statistics.n_never, 1);
        assert_eq!(statistics.freshness.counts(), [1, 0, 0, 0, 1, 0]);
        assert_eq!(statistics.sizes.counts(), [2, 0, 1, 0, 0, 0]);
        assert_eq!(statistics.software, [("peertube 7".to_owned(), 2), ("other".to_owned(), 1)]);
        assert_eq!(statistics.failures, [("timeout".to_owned(), 1)]);
        assert_eq!(statistics.statuses.iter().map(|(_, count)| count).sum::<u64>(), 3);
    }

    #[test]
    fn an_index_that_nobody_crawls_for_has_no_figures_of_instances() {
        let statistics = Statistics::new(None, &BTreeMap::new(), Timestamp::UNIX_EPOCH);
        assert_eq!(
            (statistics.known_at, statistics.n_instances, statistics.freshness.counts().iter().sum::<u64>()),
            (None, 0, 0)
        );
    }
}
