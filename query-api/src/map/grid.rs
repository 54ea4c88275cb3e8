//! Points counted by cells of the map.

use std::cmp::Reverse;

use indexer::geography::{BoundingBox, GeoPoint};

/// The closest that maps show.
pub const MAX_ZOOM: u8 = 22;

/// Most clusters of one answer.
pub const MAX_CLUSTERS: usize = 500;

/// Most cells counted at first. The largest screens show 2 000; more cells are of a map that was not meant for this zoom.
const MAX_CELLS: u64 = 16_384;

/// Cells along a tile of 256 pixels, as a power of two: cells of 64 pixels.
const CELLS_OF_TILE_LOG2: u8 = 2;

/// The parallel at which the map ends.
const MAX_LATITUDE: f64 = 85.051_128_779_806_6;

/// Some points near each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cluster<Id> {
    /// How many.
    pub count: usize,
    /// Degrees north and east of their mean.
    pub centre: (f64, f64),
    /// North, west, south and east of all of them, in degrees. No cell lies across the date line.
    pub bounds: [f64; 4],
    /// One of them: the only one, where there is one.
    pub first: Id,
}

/// A cell with what was counted in it.
#[derive(Clone, Copy, Debug)]
struct Cell<Id> {
    count: usize,
    lat_sum: i64,
    lon_sum: i64,
    north: i32,
    west: i32,
    south: i32,
    east: i32,
    first: Id,
}

/// The cells of a rectangle of the map at one zoom.
#[derive(Clone, Debug)]
pub struct Grid<Id> {
    zoom: u8,
    /// Cells around the world, a power of two.
    n_around: u64,
    /// Of the rectangle: its first column, which may lie behind the date line, and its first row from the north.
    west: u64,
    north: u64,
    n_columns: u64,
    n_rows: u64,
    cells: Vec<Option<Cell<Id>>>,
}

impl<Id: Copy + Ord> Grid<Id> {
    /// Cells for the points within `bounds` (`None`: the world) at `zoom`, or at the greatest zoom below it that needs no more than
    /// some thousand cells.
    pub fn new(bounds: Option<BoundingBox>, zoom: u8) -> Self {
        let [north, west, south, east] = bounds.map_or([90.0, -180.0, -90.0, 180.0], |bounds| bounds.sides());
        let mut zoom = zoom.min(MAX_ZOOM);
        loop {
            let n_around = 1_u64 << (zoom + CELLS_OF_TILE_LOG2);
            let (first_column, last_column) = (column(west, n_around), column(east, n_around));
            let (first_row, last_row) = (row(north, n_around), row(south, n_around));
            // From the west to the east, over the date line where the east is less. One cell may be both ends of the world.
            let n_columns =
                if west <= east { last_column - first_column + 1 } else { n_around - first_column + last_column + 1 };
            let n_columns = n_columns.min(n_around);
            let n_rows = last_row - first_row + 1;
            let n_cells = n_columns * n_rows;
            if n_cells <= MAX_CELLS || zoom == 0 {
                let cells = vec![None; usize::try_from(n_cells).unwrap_or_default()];
                return Self { zoom, n_around, west: first_column, north: first_row, n_columns, n_rows, cells };
            }
            zoom -= 1;
        }
    }

    /// Counts a point that passed the search, and so is within the rectangle. None is left out: what lies beyond the cells
    /// belongs to the nearest one.
    #[inline]
    pub fn add(&mut self, point: GeoPoint, id: Id) {
        // Columns are counted on eastwards from the first; subtraction below it goes once around the world. A pole and the
        // date line may be in the rectangle under another longitude than their own, and a circle is a little more than its
        // rectangle.
        let column = column(point.lon(), self.n_around).wrapping_sub(self.west) & (self.n_around - 1);
        let column = if column < self.n_columns {
            column
        } else if column - self.n_columns < self.n_around - column {
            self.n_columns - 1
        } else {
            0
        };
        let row = row(point.lat(), self.n_around).saturating_sub(self.north).min(self.n_rows - 1);
        let at = usize::try_from(row * self.n_columns + column).unwrap_or(usize::MAX);
        let Some(cell) = self.cells.get_mut(at) else { return };
        let new = Cell::of(point, id);
        *cell = Some(cell.map_or(new, |cell| cell.with(&new)));
    }

    /// The clusters, the largest first, and the zoom of their cells: neighbours are put together until there are not too many.
    pub fn into_clusters(self) -> (u8, Vec<Cluster<Id>>) {
        let Self { mut zoom, n_around, west, north, n_columns, cells, .. } = self;
        let place = |at: usize| {
            let at = at as u64;
            ((west + at % n_columns) & (n_around - 1), north + at / n_columns)
        };
        let filled = cells.into_iter().enumerate().filter_map(|(at, cell)| Some((place(at), cell?)));
        let mut cells: Vec<((u64, u64), Cell<Id>)> = filled.collect();
        while cells.len() > MAX_CLUSTERS && zoom > 0 {
            zoom -= 1;
            cells = coarser(cells);
        }
        // Sixteen cells are the whole world at zoom 0.
        let mut clusters: Vec<Cluster<Id>> = cells.iter().map(|(_, cell)| cell.cluster()).collect();
        clusters.sort_by_key(|cluster| (Reverse(cluster.count), cluster.first));
        (zoom, clusters)
    }
}

/// Four cells each are one.
fn coarser<Id: Copy + Ord>(cells: Vec<((u64, u64), Cell<Id>)>) -> Vec<((u64, u64), Cell<Id>)> {
    let mut halved: Vec<((u64, u64), Cell<Id>)> =
        cells.into_iter().map(|((column, row), cell)| ((column / 2, row / 2), cell)).collect();
    halved.sort_unstable_by_key(|(place, _)| *place);
    let mut merged: Vec<((u64, u64), Cell<Id>)> = Vec::new();
    for (place, cell) in halved {
        match merged.last_mut() {
            Some((last, known)) if *last == place => *known = known.with(&cell),
            _ => merged.push((place, cell)),
        }
    }
    merged
}

impl<Id: Copy + Ord> Cell<Id> {
    fn of(point: GeoPoint, first: Id) -> Self {
        let (lat, lon) = (point.lat_e7(), point.lon_e7());
        Self {
            count: 1,
            lat_sum: i64::from(lat),
            lon_sum: i64::from(lon),
            north: lat,
            west: lon,
            south: lat,
            east: lon,
            first,
        }
    }

    fn with(&self, other: &Self) -> Self {
        Self {
            count: self.count + other.count,
            lat_sum: self.lat_sum + other.lat_sum,
            lon_sum: self.lon_sum + other.lon_sum,
            north: self.north.max(other.north),
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            first: self.first.min(other.first),
        }
    }

    fn cluster(&self) -> Cluster<Id> {
        #[expect(clippy::cast_precision_loss, reason = "a rounded ten millionth of a degree is a centimetre")]
        let mean = |sum: i64| sum as f64 / self.count as f64 / 1e7;
        let degrees = |e7: i32| f64::from(e7) / 1e7;
        Cluster {
            count: self.count,
            centre: (mean(self.lat_sum), mean(self.lon_sum)),
            bounds: [degrees(self.north), degrees(self.west), degrees(self.south), degrees(self.east)],
            first: self.first,
        }
    }
}

/// The column of a longitude, counted from the date line eastwards. 180° is the end of the last.
fn column(lon: f64, n_around: u64) -> u64 {
    part((lon + 180.0) / 360.0, n_around)
}

/// The row of a latitude in web mercator, counted from the north; what is beyond the map belongs to the row at its edge.
fn row(lat: f64, n_around: u64) -> u64 {
    let lat = lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
    part((1.0 - lat.sin().atanh() / std::f64::consts::PI) / 2.0, n_around)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "between 0 and the number of cells, which is below 2^24"
)]
fn part(share: f64, n_around: u64) -> u64 {
    ((share * n_around as f64).max(0.0) as u64).min(n_around - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn point(lat: f64, lon: f64) -> GeoPoint {
        GeoPoint::new(lat, lon).unwrap()
    }

    fn bounds(north: f64, west: f64, south: f64, east: f64) -> Option<BoundingBox> {
        Some(BoundingBox::new(north, west, south, east).unwrap())
    }

    fn clusters(bounds: Option<BoundingBox>, zoom: u8, points: &[GeoPoint]) -> (u8, Vec<Cluster<usize>>) {
        let mut grid = Grid::new(bounds, zoom);
        for (id, at) in points.iter().enumerate() {
            grid.add(*at, id);
        }
        grid.into_clusters()
    }

    #[test]
    fn neighbours_are_one_cluster_and_strangers_are_not() {
        let points = [point(45.75, 4.85), point(45.76, 4.84), point(48.85, 2.35)];
        let (zoom, far) = clusters(None, 5, &points);
        assert_eq!(zoom, 5);
        assert_eq!(far.iter().map(|cluster| cluster.count).collect::<Vec<_>>(), [2, 1]);
        let lyon = far[0];
        assert!((lyon.centre.0 - 45.755).abs() < 1e-6 && (lyon.centre.1 - 4.845).abs() < 1e-6, "{lyon:?}");
        assert_eq!(lyon.bounds, [45.76, 4.84, 45.75, 4.85]);
        assert_eq!((far[1].first, far[1].centre), (2, (48.85, 2.35)));
        let (_, near) = clusters(bounds(45.9, 4.6, 45.6, 5.1), 14, points.get(..2).unwrap());
        assert_eq!(near.len(), 2);
    }

    #[test]
    fn a_map_over_the_date_line_is_one_map() {
        let points = [point(-17.0, 179.9), point(-17.0, -179.9), point(-17.0, 180.0), point(-17.0, -180.0)];
        let (_, found) = clusters(bounds(-10.0, 170.0, -25.0, -170.0), 6, &points);
        assert_eq!(found.iter().map(|cluster| cluster.count).sum::<usize>(), 4);
        assert!(found.iter().all(|cluster| cluster.centre.1.abs() > 179.0), "{found:?}");
    }

    #[test]
    fn poles_and_corners_are_on_the_map() {
        let points = [point(90.0, 0.0), point(-90.0, 0.0), point(90.0, 180.0), point(-90.0, -180.0), point(0.0, 0.0)];
        for zoom in 0..=MAX_ZOOM {
            let (_, found) = clusters(None, zoom, &points);
            assert_eq!(found.iter().map(|cluster| cluster.count).sum::<usize>(), 5, "{zoom}");
        }
    }

    #[test]
    fn what_is_on_the_border_of_a_map_is_on_the_map() {
        let rows = [
            // The date line is one meridian with two longitudes.
            (bounds(10.0, 170.0, -10.0, 180.0), point(0.0, -180.0)),
            (bounds(10.0, -180.0, -10.0, -170.0), point(0.0, 180.0)),
            // A pole is on every meridian.
            (bounds(90.0, 0.0, 80.0, 10.0), point(90.0, -120.0)),
            (bounds(-80.0, 0.0, -90.0, 10.0), point(-90.0, 170.0)),
            (bounds(90.0, 170.0, 80.0, -170.0), point(90.0, 5.0)),
            (bounds(45.0, 4.0, 45.0, 4.0), point(45.0, 4.0)),
        ];
        for (bounds, at) in rows {
            assert!(bounds.unwrap().contains(at));
            for zoom in 0..=MAX_ZOOM {
                let (_, found) = clusters(bounds, zoom, &[at]);
                assert_eq!(found.len(), 1, "{at:?} in {bounds:?} at {zoom}");
            }
        }
    }

    #[test]
    fn there_are_never_too_many() {
        let points: Vec<GeoPoint> = (0..200)
            .flat_map(|x| (0..100).map(move |y| point(f64::from(y) * 1.5 - 75.0, f64::from(x) * 1.79 - 179.0)))
            .collect();
        for zoom in [0, 3, 5, 9, 22, 255] {
            let (used, found) = clusters(None, zoom, &points);
            assert!(found.len() <= MAX_CLUSTERS && used <= zoom.min(MAX_ZOOM));
            assert_eq!(found.iter().map(|cluster| cluster.count).sum::<usize>(), points.len());
        }
    }

    proptest! {
        #[test]
        fn every_point_within_is_counted_once_and_clusters_lie_within_their_bounds(
            points in prop::collection::vec((-90.0..=90.0_f64, -180.0..=180.0_f64), 0..200),
            sides in (-90.0..=90.0_f64, -180.0..=180.0_f64, -90.0..=90.0_f64, -180.0..=180.0_f64),
            zoom in 0_u8..=22,
        ) {
            let (one, west, other, east) = sides;
            let bounds = BoundingBox::new(one.max(other), west, one.min(other), east).unwrap();
            let points: Vec<GeoPoint> = points.into_iter().map(|(lat, lon)| point(lat, lon)).collect();
            let within: Vec<GeoPoint> = points.into_iter().filter(|point| bounds.contains(*point)).collect();
            let (used, found) = clusters(Some(bounds), zoom, &within);
            prop_assert_eq!(found.iter().map(|cluster| cluster.count).sum::<usize>(), within.len());
            // The same by a plain map of cells.
            let n_around = 1_u64 << (used + CELLS_OF_TILE_LOG2);
            let mut plain = BTreeMap::<(u64, u64), usize>::new();
            for point in &within {
                *plain.entry((column(point.lon(), n_around), row(point.lat(), n_around))).or_default() += 1;
            }
            let mut counts: Vec<usize> = plain.into_values().collect();
            counts.sort_unstable_by_key(|count| Reverse(*count));
            prop_assert_eq!(found.iter().map(|cluster| cluster.count).collect::<Vec<_>>(), counts);
            for cluster in &found {
                let [north, west, south, east] = cluster.bounds;
                let (lat, lon) = cluster.centre;
                prop_assert!(lat <= north + 1e-6 && lat >= south - 1e-6 && lon >= west - 1e-6 && lon <= east + 1e-6);
                if cluster.count == 1 {
                    prop_assert!((within[cluster.first].lat() - lat).abs() < 1e-9);
                }
            }
        }
    }
}
