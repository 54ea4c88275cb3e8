//! What a map shows of a search.

use indexer::stored::{StoredEvent, StoredGroup};
use serde::de::DeserializeOwned;

use super::facets::Matches;
use super::filter;
use super::kind::KindIndex;
use super::{Deadline, SearchIndex};
use crate::error::Error;
use crate::map::{self, Cluster, Grid};
use crate::query::{EventQuery, GroupQuery};

/// Documents counted between two looks at the clock.
const DOCS_PER_LOOK: u32 = 1 << 16;

/// The clusters of a search.
#[derive(Clone, Debug)]
pub struct Clusters<Item> {
    /// The zoom of their cells: that asked for, or less where there would be too many.
    pub zoom: u8,
    /// Everything on the map.
    pub total: usize,
    /// The largest first; a cluster of one with its document.
    pub clusters: Vec<(Cluster<Address>, Option<Item>)>,
}

/// A segment and a document of it.
pub type Address = (u32, u32);

impl SearchIndex {
    /// Counts the events of a search by cells of a map at `zoom`. Page and order of the query mean nothing.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn event_clusters(
        &self,
        query: &EventQuery,
        zoom: u8,
        deadline: Deadline,
    ) -> Result<Clusters<StoredEvent>, Error> {
        let grid = Grid::new(map::bounds(&query.filter.areas), zoom);
        let matches = match query.text {
            Some(_) => self.event_page(&EventQuery { count: 0, ..query.clone() }, true, deadline)?.matches,
            None => None,
        };
        let exprs = filter::of_events(&query.filter, &self.snapshot.event_fields);
        self.clusters(&self.events, &exprs, matches.as_ref(), grid, deadline)
    }

    /// Counts the groups of a search by cells of a map at `zoom`. Page and order of the query mean nothing.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn group_clusters(
        &self,
        query: &GroupQuery,
        zoom: u8,
        deadline: Deadline,
    ) -> Result<Clusters<StoredGroup>, Error> {
        let grid = Grid::new(map::bounds(&query.filter.areas), zoom);
        let matches = match query.text {
            Some(_) => self.group_page(&GroupQuery { count: 0, ..query.clone() }, true, deadline)?.matches,
            None => None,
        };
        let exprs = filter::of_groups(&query.filter, &self.snapshot.group_fields);
        self.clusters(&self.groups, &exprs, matches.as_ref(), grid, deadline)
    }

    fn clusters<Item: DeserializeOwned>(
        &self,
        kind: &KindIndex,
        exprs: &[std::sync::Arc<filter::Expr>],
        matches: Option<&Matches>,
        mut grid: Grid<Address>,
        deadline: Deadline,
    ) -> Result<Clusters<Item>, Error> {
        let sets = kind.passing(exprs, matches, deadline)?;
        for (segment, set) in kind.segments.iter().zip(&sets) {
            let Some(points) = &segment.points else { continue };
            let mut n_counted = 0_u32;
            for doc in set.bits.iter() {
                n_counted = n_counted.wrapping_add(1);
                if n_counted.is_multiple_of(DOCS_PER_LOOK) {
                    deadline.check()?;
                }
                if let Some(point) = points.of(doc) {
                    grid.add(point, (segment.ord, doc));
                }
            }
        }
        let (zoom, found) = grid.into_clusters();
        let total = found.iter().map(|cluster| cluster.count).sum();
        let mut clusters = Vec::with_capacity(found.len());
        for cluster in found {
            let (segment, doc) = cluster.first;
            let item = if cluster.count == 1 { Some(kind.read(segment, doc)?) } else { None };
            clusters.push((cluster, item));
        }
        Ok(Clusters { zoom, total, clusters })
    }
}
