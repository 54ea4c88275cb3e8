//! What a map shows instead of a thousand pins: how many there are in each cell, and where. Pure.
//!
//! Cells are squares of 64 pixels of the map itself (web mercator), because that is how close pins may stand. Cells of the
//! globe, such as H3's, would be of another size on the screen at each latitude, and finding the cell of a point takes 4.9 µs
//! instead of 0.13 µs. Counts are exact, and a cluster stands at the mean of its members.

mod grid;

pub use grid::{Cluster, Grid, MAX_CLUSTERS, MAX_ZOOM};

use indexer::geography::{Area, BoundingBox};

/// Metres of a degree of latitude.
const METRES_OF_DEGREE: f64 = 111_195.0;

/// The rectangle that a search for these areas is within: the first rectangle, else the one around the first circle, else
/// `None`, the whole world.
pub fn bounds(areas: &[Area]) -> Option<BoundingBox> {
    let of_box = areas.iter().find_map(|area| match area {
        Area::Box(bounds) => Some(*bounds),
        Area::Circle(_) | Area::Region(_) => None,
    });
    let of_circle = || {
        areas.iter().find_map(|area| match area {
            Area::Circle(circle) => {
                let (lat, lon) = (circle.centre().lat(), circle.centre().lon());
                let n_lat = circle.radius_m() / METRES_OF_DEGREE;
                // Beyond these parallels, a rectangle around the circle is a ring around the pole.
                let widest = (lat.abs() + n_lat).min(90.0);
                let n_lon = if widest < 85.0 { n_lat / widest.to_radians().cos() } else { 180.0 };
                if n_lon >= 180.0 {
                    return None;
                }
                BoundingBox::new((lat + n_lat).min(90.0), lon - n_lon, (lat - n_lat).max(-90.0), lon + n_lon).ok()
            }
            Area::Box(_) | Area::Region(_) => None,
        })
    };
    of_box.or_else(of_circle)
}
