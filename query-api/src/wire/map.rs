use indexer::stored::{StoredEvent, StoredGroup};
use serde::Serialize;
use utoipa::ToSchema;

use super::date::{iso, iso_in_zone};
use crate::search::Clusters;

/// What a map shows of a search.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterList {
    /// `events` or `groups`.
    pub kind: &'static str,
    /// The zoom of the cells: that asked for, or less where there would be too many clusters.
    pub zoom: u8,
    /// Everything on the map; what has no coordinates is not.
    pub total: usize,
    /// The largest first, at most 500.
    pub clusters: Vec<ClusterObject>,
}

/// Some results near each other.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterObject {
    /// How many.
    pub count: usize,
    /// Degrees north of their mean.
    pub lat: f64,
    /// Degrees east of their mean.
    pub lon: f64,
    /// North, west, south and east of all of them: what a map shows to part them.
    pub bounds: [f64; 4],
    /// The result, where it is a single one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ClusterItem>,
}

/// A result that stands alone.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterItem {
    /// ActivityPub id.
    pub id: String,
    /// The page for people.
    pub url: String,
    /// Title of the event, or name of the group.
    pub name: String,
    /// Of an event, with the offset of its own zone where that is known, else in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// Of an event: `TENTATIVE`, `CONFIRMED` or `CANCELLED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The name of the place, or the town.
    pub place: Option<String>,
    /// Instance.
    pub host: String,
}

impl ClusterList {
    /// The clusters of a search for `kind`.
    pub fn new<Item>(kind: &'static str, found: Clusters<Item>) -> Self
    where
        ClusterItem: From<Item>,
    {
        let Clusters { zoom, total, clusters } = found;
        let object = |(cluster, item): (crate::map::Cluster<_>, Option<Item>)| ClusterObject {
            count: cluster.count,
            lat: rounded(cluster.centre.0),
            lon: rounded(cluster.centre.1),
            bounds: cluster.bounds,
            item: item.map(ClusterItem::from),
        };
        Self { kind, zoom, total, clusters: clusters.into_iter().map(object).collect() }
    }
}

/// To a ten millionth of a degree, as coordinates are kept.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}

impl From<StoredEvent> for ClusterItem {
    fn from(event: StoredEvent) -> Self {
        let start_time = match event.time_zone.as_deref() {
            Some(zone) => iso_in_zone(event.starts_at, Some(zone)),
            None => iso(event.starts_at),
        };
        Self {
            url: event.page_url.unwrap_or_else(|| event.url.clone()),
            id: event.url,
            name: event.title,
            start_time: Some(start_time),
            status: Some(event.status),
            category: Some(event.category),
            place: event.address.and_then(|address| address.name.or(address.locality)),
            host: event.host,
        }
    }
}

impl From<StoredGroup> for ClusterItem {
    fn from(group: StoredGroup) -> Self {
        Self {
            id: group.actor.url.clone(),
            url: group.actor.url.clone(),
            name: group.actor.display_name().to_owned(),
            start_time: None,
            status: None,
            category: None,
            place: group.address.and_then(|address| address.name.or(address.locality)),
            host: group.host,
        }
    }
}
