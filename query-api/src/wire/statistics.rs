use serde::Serialize;
use utoipa::ToSchema;

use super::iso_ms;
use crate::search::KindTotals;
use crate::statistics::{Histogram, Statistics};

/// `GET /api/v1/stats`: what the index holds and how well it follows its instances. Nobody is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsObject {
    /// Documents that can be found.
    pub documents: DocumentCounts,
    /// The instances; null where this index is served without a crawler.
    pub instances: Option<InstanceFigures>,
}

/// Documents that can be found, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentCounts {
    /// Videos.
    pub videos: u64,
    /// Channels.
    pub channels: u64,
    /// Playlists.
    pub playlists: u64,
    /// Events, past ones included.
    pub events: u64,
    /// Groups.
    pub groups: u64,
}

/// Figures of the instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceFigures {
    /// When they were counted.
    pub known_at: String,
    /// Instances on the lists.
    pub total: u64,
    /// Those that are as they should be.
    pub well: u64,
    /// Those that fail in some way.
    pub failing: u64,
    /// Those left out by their own wish or the operator's.
    pub left_out: u64,
    /// By status.
    pub statuses: Vec<NamedCount>,
    /// By software and major version.
    pub software: Vec<NamedCount>,
    /// By the time since the last answer of use; instances that were never reached are not in it.
    pub freshness: Vec<NamedCount>,
    /// Instances that were never reached.
    pub never_reached: u64,
    /// By the documents that can be found of them.
    pub sizes: Vec<NamedCount>,
    /// By the kind of their failure within the last 24 hours.
    pub failures: Vec<NamedCount>,
}

/// How often something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedCount {
    /// A code, or a name and version.
    pub id: String,
    /// How often.
    pub count: u64,
}

impl StatisticsObject {
    pub(crate) fn new(documents: DocumentCounts, statistics: &Statistics) -> Self {
        let ranked = |counts: &[(String, u64)]| {
            counts.iter().map(|(id, count)| NamedCount { id: id.clone(), count: *count }).collect()
        };
        let instances = statistics.known_at.map(|known_at| InstanceFigures {
            known_at: iso_ms(known_at),
            total: statistics.n_instances,
            well: statistics.conditions.well,
            failing: statistics.conditions.failing,
            left_out: statistics.conditions.left_out,
            statuses: ranked(&statistics.statuses),
            software: ranked(&statistics.software),
            freshness: bins(&statistics.freshness),
            never_reached: statistics.n_never,
            sizes: bins(&statistics.sizes),
            failures: ranked(&statistics.failures),
        });
        Self { documents, instances }
    }
}

fn bins(histogram: &Histogram) -> Vec<NamedCount> {
    histogram.bins().iter().map(|bin| NamedCount { id: bin.id.to_owned(), count: bin.count }).collect()
}

impl From<KindTotals> for DocumentCounts {
    fn from(totals: KindTotals) -> Self {
        let KindTotals { videos, channels, playlists, events, groups } = totals;
        Self { videos, channels, playlists, events, groups }
    }
}
