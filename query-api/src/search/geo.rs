//! Where documents are: what is within an area, and what is nearest.

#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};

use indexer::geography::{Area, Cover, GeoPoint};
use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

use super::bits::Bits;
use crate::query::Sort;

/// Documents looked at in one go by a scan.
const BLOCK_DOCS: u32 = 1 << 15;

/// An area, and where in the index it is worth to look. The area alone tells it from others.
#[derive(Clone, Debug)]
pub(super) struct Within {
    area: Area,
    cover: Option<Cover>,
}

impl Within {
    pub fn new(area: Area) -> Self {
        Self { cover: area.cover(), area }
    }

    pub fn area(&self) -> &Area {
        &self.area
    }

    /// Whether finding everything in it takes a look at every document.
    pub fn is_large(&self) -> bool {
        self.cover.is_none()
    }

    /// About how much memory it takes.
    pub fn n_bytes(&self) -> usize {
        size_of::<Self>() + self.cover.as_ref().map_or(0, |cover| cover.cells.len() * size_of::<u64>())
    }
}

impl PartialEq for Within {
    fn eq(&self, other: &Self) -> bool {
        self.area == other.area
    }
}

impl Eq for Within {}

impl Hash for Within {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.area.hash(state);
    }
}

/// Where the documents of one segment are.
pub(super) struct Points {
    lat_e7: Column<i64>,
    lon_e7: Column<i64>,
    cells: Field,
}

impl Points {
    pub fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        Ok(Self {
            lat_e7: columns.i64("lat_e7")?,
            lon_e7: columns.i64("lon_e7")?,
            cells: reader.schema().get_field("h3")?,
        })
    }

    /// Where a document is, when that is known.
    #[inline]
    pub fn of(&self, doc: u32) -> Option<GeoPoint> {
        GeoPoint::from_e7(self.lat_e7.first(doc)?, self.lon_e7.first(doc)?)
    }

    /// The documents within an area, deleted ones included: exactly those whose coordinates say so.
    pub fn within(&self, reader: &SegmentReader, within: &Within) -> tantivy::Result<Bits> {
        match &within.cover {
            Some(cover) => self.in_cells(reader, cover, &within.area),
            None => Ok(self.scan(reader.max_doc(), &within.area)),
        }
    }

    fn in_cells(&self, reader: &SegmentReader, cover: &Cover, area: &Area) -> tantivy::Result<Bits> {
        let mut bits = Bits::none(reader.max_doc());
        let index = reader.inverted_index(self.cells)?;
        for cell in &cover.cells {
            let term = Term::from_field_u64(self.cells, *cell);
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if self.of(doc).is_some_and(|point| area.contains(point)) {
                    bits.insert(doc);
                }
                doc = postings.advance();
            }
        }
        Ok(bits)
    }

    /// Looks at every document between the parallels that bound the area.
    fn scan(&self, n_docs: u32, area: &Area) -> Bits {
        let mut bits = Bits::none(n_docs);
        let latitudes = area.latitudes_e7();
        // The engine (tantivy-columnar 0.27) takes a range that ends before the least value for that value.
        if *latitudes.end() < self.lat_e7.min_value() {
            return bits;
        }
        let mut docs = Vec::new();
        let mut from = 0;
        while from < n_docs {
            let to = n_docs.min(from + BLOCK_DOCS);
            docs.clear();
            self.lat_e7.get_docids_for_value_range(latitudes.clone(), from..to, &mut docs);
            for doc in &docs {
                if self.of(*doc).is_some_and(|point| area.contains(point)) {
                    bits.insert(*doc);
                }
            }
            from = to;
        }
        bits
    }
}

/// What a document is ordered by where distances from `near` count, the greatest first. What has no coordinates comes last
/// in either direction; without a point to measure from all are equal.
#[inline]
pub(super) fn distance_key(near: Option<GeoPoint>, point: Option<GeoPoint>, sort: Sort) -> u64 {
    let (Some(near), Some(point)) = (near, point) else {
        return 0;
    };
    // Positive numbers have the order of their bits; the one more keeps zero for what is nowhere.
    let distance = indexer::geography::distance_m(near, point).to_bits() + 1;
    if sort.descending { distance } else { !distance }
}
