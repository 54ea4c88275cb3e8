//! Circles, and the cells that cover them.

use h3o::{CellIndex, LatLng, Resolution};

use super::{EARTH_RADIUS_M, GeoPoint, H3_RESOLUTIONS, distance_m};

/// Everything within a distance of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    centre: GeoPoint,
    radius_m: f64,
    /// The square of half the chord of the radius, on the unit sphere: what distances are compared with.
    limit: f64,
}

/// Circles with more rings of cells than this are covered by larger cells.
const MAX_RINGS: u32 = 8;

/// Above this radius cells are too many, or too large to be worth it.
const MAX_COVERED_RADIUS_M: f64 = 2_000_000.0;

/// What one ring of cells adds to the radius that is covered for sure, in average edges of its resolution. Measured at
/// random places and at pentagons: `k` rings, from the second on, cover 0.93 `k` at least; the first 0.7.
const EDGES_PER_RING: f64 = 0.9;

/// No cell reaches farther from its centre than this many average edges of its resolution; measured 1.10.
const CELL_REACH_EDGES: f64 = 1.25;

impl Circle {
    /// The circle around `centre`. Its radius in metres is at least 0 and at most half the circumference of the Earth;
    /// what is not a number counts as 0.
    pub fn new(centre: GeoPoint, radius_m: f64) -> Self {
        let half_circumference = std::f64::consts::PI * EARTH_RADIUS_M;
        let radius_m = if radius_m.is_nan() { 0.0 } else { radius_m.clamp(0.0, half_circumference) };
        let limit = (radius_m / EARTH_RADIUS_M / 2.0).sin().powi(2);
        Self { centre, radius_m, limit }
    }

    /// Its centre.
    pub fn centre(&self) -> GeoPoint {
        self.centre
    }

    /// Its radius in metres.
    pub fn radius_m(&self) -> f64 {
        self.radius_m
    }

    /// Whether a point is not farther from the centre than the radius: exactly where [`distance_m`] says so.
    pub fn contains(&self, point: GeoPoint) -> bool {
        let d_lat = (point.lat() - self.centre.lat()).to_radians();
        let d_lon = (point.lon() - self.centre.lon()).to_radians();
        let cosines = self.centre.lat().to_radians().cos() * point.lat().to_radians().cos();
        let half_chord = (d_lat / 2.0).sin().powi(2) + cosines * (d_lon / 2.0).sin().powi(2);
        // Rounding may decide at the very edge, where the whole formula is asked.
        if (half_chord - self.limit).abs() <= 1e-9 * self.limit + 1e-18 {
            return distance_m(self.centre, point) <= self.radius_m;
        }
        half_chord < self.limit
    }
}

/// H3 cells of one resolution that hold, among others, every point of an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The resolution, one of [`super::RESOLUTIONS`].
    pub resolution: u8,
    /// Without duplicates.
    pub cells: Vec<u64>,
}

/// The cells that hold every point of a circle; `None` where the circle is so large that cells help nobody.
pub fn cover(circle: &Circle) -> Option<Cover> {
    if circle.radius_m > MAX_COVERED_RADIUS_M {
        return None;
    }
    let (resolution, n_rings) = H3_RESOLUTIONS.into_iter().rev().find_map(|resolution| {
        let n_rings = n_rings(circle.radius_m, resolution);
        (n_rings <= MAX_RINGS).then_some((resolution, n_rings))
    })?;
    let centre = circle.centre.lat_lng();
    let reach_m = circle.radius_m + CELL_REACH_EDGES * resolution.edge_length_m();
    let mut cells: Vec<u64> = centre
        .to_cell(resolution)
        .grid_disk::<Vec<CellIndex>>(n_rings)
        .into_iter()
        .filter(|cell| centre.distance_m(LatLng::from(*cell)) <= reach_m)
        .map(u64::from)
        .collect();
    cells.sort_unstable();
    cells.dedup();
    Some(Cover { resolution: resolution.into(), cells })
}

/// Rings of cells around the one that holds the centre, so that the whole circle is covered.
fn n_rings(radius_m: f64, resolution: Resolution) -> u32 {
    (radius_m / (EDGES_PER_RING * resolution.edge_length_m())).ceil() as u32 + 1
}
