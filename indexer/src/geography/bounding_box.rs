//! Rectangles of latitudes and longitudes, as maps show them.

use super::{E7, GeoPoint};

/// Everything between two parallels and two meridians, borders included. May cross the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BoundingBox {
    north_e7: i32,
    south_e7: i32,
    /// At most `east_e7`, unless the box crosses the antimeridian.
    west_e7: i32,
    east_e7: i32,
}

/// Why there is no such box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoundingBoxError {
    /// One of the sides is infinite or not a number.
    #[error("a side of the box is not a finite number")]
    NotFinite,
    /// South and north are mixed up.
    #[error("the south of the box is north of its north")]
    UpsideDown,
}

const WORLD_E7: i64 = 3_600_000_000;
const HALF_E7: i64 = WORLD_E7 / 2;

impl BoundingBox {
    /// The box between four sides in degrees. Maps of a round world number their longitudes on and on, so these may be
    /// any; a box as wide as the world or wider holds all of them. West of its west lies what is east of its east.
    /// Latitudes beyond the poles mean the poles.
    ///
    /// # Errors
    /// [`BoundingBoxError`].
    pub fn new(north: f64, west: f64, south: f64, east: f64) -> Result<Self, BoundingBoxError> {
        if ![north, west, south, east].into_iter().all(f64::is_finite) {
            return Err(BoundingBoxError::NotFinite);
        }
        let [north, south] = [north, south].map(|lat| (lat.clamp(-90.0, 90.0) * E7).round() as i32);
        if south > north {
            return Err(BoundingBoxError::UpsideDown);
        }
        if ((east - west) * E7).round() as i64 >= WORLD_E7 {
            return Ok(Self { north_e7: north, south_e7: south, west_e7: -HALF_E7 as i32, east_e7: HALF_E7 as i32 });
        }
        let mut box_ = Self { north_e7: north, south_e7: south, west_e7: wrapped(west), east_e7: wrapped(east) };
        // The antimeridian is the eastern border of a box that lies west of it, and the western border of the other.
        if box_.west_e7 > box_.east_e7 && i64::from(box_.east_e7) == -HALF_E7 {
            box_.east_e7 = HALF_E7 as i32;
        }
        Ok(box_)
    }

    /// Whether a point is inside, or on the border. Both poles are on every meridian; -180 and 180 are the same one.
    pub fn contains(&self, point: GeoPoint) -> bool {
        if !(self.south_e7..=self.north_e7).contains(&point.lat_e7()) {
            return false;
        }
        if point.lat_e7().abs() == 900_000_000 {
            return true;
        }
        let lon = point.lon_e7();
        let opposite = if i64::from(lon.abs()) == HALF_E7 { -lon } else { lon };
        self.holds_meridian(lon) || self.holds_meridian(opposite)
    }

    /// Whether its western border is east of its eastern one.
    pub fn crosses_antimeridian(&self) -> bool {
        self.west_e7 > self.east_e7
    }

    /// North, west, south and east in degrees; west is greater than east where it crosses the antimeridian.
    pub fn sides(&self) -> [f64; 4] {
        [self.north_e7, self.west_e7, self.south_e7, self.east_e7].map(|side| f64::from(side) / E7)
    }

    /// Half its width in degrees, and the point in its middle.
    pub(super) fn middle(&self) -> (f64, Option<GeoPoint>) {
        let [north, west, south, east] = self.sides();
        let width = if self.crosses_antimeridian() { east + 360.0 - west } else { east - west };
        let lon = west + width / 2.0;
        let lon = if lon > 180.0 { lon - 360.0 } else { lon };
        (width / 2.0, GeoPoint::new(f64::midpoint(north, south), lon))
    }

    fn holds_meridian(&self, lon_e7: i32) -> bool {
        if self.crosses_antimeridian() {
            lon_e7 >= self.west_e7 || lon_e7 <= self.east_e7
        } else {
            (self.west_e7..=self.east_e7).contains(&lon_e7)
        }
    }
}

/// The same meridian, -180 to 180 degrees. 180 stays where it is named.
fn wrapped(lon: f64) -> i32 {
    // Within some worlds of ours, as far as any map scrolls, this is exact; the rest is brought near first.
    let near = if lon.abs() > 3600.0 { lon % 360.0 } else { lon };
    let mut lon_e7 = (near * E7).round() as i64;
    while lon_e7 > HALF_E7 {
        lon_e7 -= WORLD_E7;
    }
    while lon_e7 < -HALF_E7 {
        lon_e7 += WORLD_E7;
    }
    lon_e7 as i32
}
