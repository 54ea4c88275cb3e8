//! Positions on the globe, and areas that they are looked for in.
//!
//! The index holds of each position its coordinates in ten millionths of a degree (1.1 cm) and the H3 cells of several
//! resolutions that hold it. Cells only say where it is worth to look: [`Area::contains`] decides, by the coordinates.

mod area;
mod bounding_box;
mod circle;
mod region;

pub use area::Area;
pub use bounding_box::{BoundingBox, BoundingBoxError};
pub use circle::{Circle, Cover, cover};
pub use region::{Region, RegionError};

use std::ops::RangeInclusive;

use geo::{Distance, Haversine, Point};
use h3o::{LatLng, Resolution};

/// The H3 resolutions that are indexed: cells of 480 km to 1.4 km from the centre to a corner, on average.
pub const RESOLUTIONS: RangeInclusive<u8> = 1..=7;

const N_RESOLUTIONS: usize = 7;

const H3_RESOLUTIONS: [Resolution; N_RESOLUTIONS] = [
    Resolution::One,
    Resolution::Two,
    Resolution::Three,
    Resolution::Four,
    Resolution::Five,
    Resolution::Six,
    Resolution::Seven,
];

/// Mean radius of the Earth in metres (IUGG).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Units of the indexed coordinates in a degree.
pub const E7: f64 = 1e7;

/// A position in WGS 84, as exact as the index holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GeoPoint {
    lat_e7: i32,
    lon_e7: i32,
}

impl GeoPoint {
    /// The point of `lat` degrees north, -90 to 90, and `lon` degrees east, -180 to 180; `None` for anything else.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let is_on_globe = lat.abs() <= 90.0 && lon.abs() <= 180.0;
        // Both products are below 2^31.
        is_on_globe.then(|| Self { lat_e7: (lat * E7).round() as i32, lon_e7: (lon * E7).round() as i32 })
    }

    /// The point of coordinates in ten millionths of a degree; `None` for those that are not on the globe.
    pub fn from_e7(lat_e7: i64, lon_e7: i64) -> Option<Self> {
        let is_on_globe =
            (-900_000_000..=900_000_000).contains(&lat_e7) && (-1_800_000_000..=1_800_000_000).contains(&lon_e7);
        is_on_globe.then_some(Self { lat_e7: lat_e7 as i32, lon_e7: lon_e7 as i32 })
    }

    /// Ten millionths of a degree north.
    pub fn lat_e7(self) -> i32 {
        self.lat_e7
    }

    /// Ten millionths of a degree east.
    pub fn lon_e7(self) -> i32 {
        self.lon_e7
    }

    /// Degrees north.
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / E7
    }

    /// Degrees east.
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / E7
    }

    fn lat_lng(self) -> LatLng {
        // Finite coordinates are all it asks for.
        LatLng::new(self.lat(), self.lon()).unwrap_or_default()
    }
}

/// The great-circle distance in metres, on a sphere of the Earth's mean radius.
pub fn distance_m(a: GeoPoint, b: GeoPoint) -> f64 {
    Haversine.distance(Point::new(a.lon(), a.lat()), Point::new(b.lon(), b.lat()))
}

/// The H3 cell of each of the [`RESOLUTIONS`] that holds the point.
///
/// Each is asked for by itself: a cell does not hold all of its children, so the parent of the finest one may be
/// another one.
pub fn cells_of(point: GeoPoint) -> [u64; N_RESOLUTIONS] {
    let lat_lng = point.lat_lng();
    H3_RESOLUTIONS.map(|resolution| lat_lng.to_cell(resolution).into())
}
