//! What a search is limited to on the globe.

use std::hash::{Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::{BoundingBox, Circle, Cover, E7, EARTH_RADIUS_M, GeoPoint, Region, cover, distance_m};

/// What is added to either side of the latitudes for what rounding did: a metre. Distances to the other end of the globe are
/// exact to some centimetres.
const SLACK_E7: i64 = 100;

/// A part of the globe. Equal only to what is made of the same numbers.
#[derive(Clone, Debug)]
pub enum Area {
    /// Near a point.
    Circle(Circle),
    /// What a map shows.
    Box(BoundingBox),
    /// What an operator named.
    Region(Arc<Region>),
}

impl Area {
    /// Whether a point is inside, or on the border.
    pub fn contains(&self, point: GeoPoint) -> bool {
        match self {
            Self::Circle(circle) => circle.contains(point),
            Self::Box(bounds) => bounds.contains(point),
            Self::Region(region) => region.contains(point),
        }
    }

    /// The cells that hold every point of it; `None` where it is so large that every point may as well be looked at.
    pub fn cover(&self) -> Option<Cover> {
        match self {
            Self::Circle(circle) => cover(circle),
            Self::Box(bounds) => cover(&around(bounds)?),
            Self::Region(region) => {
                let [north, west, south, east] = region.sides();
                cover(&around(&BoundingBox::new(north, west, south, east).ok()?)?)
            }
        }
    }

    /// The latitudes between which all of it lies, in ten millionths of a degree.
    pub fn latitudes_e7(&self) -> RangeInclusive<i64> {
        let (south, north) = match self {
            Self::Circle(circle) => {
                let (lat, reach) = (circle.centre().lat(), (circle.radius_m() / EARTH_RADIUS_M).to_degrees());
                (lat - reach, lat + reach)
            }
            Self::Box(bounds) => {
                let [north, _, south, _] = bounds.sides();
                (south, north)
            }
            Self::Region(region) => {
                let [north, _, south, _] = region.sides();
                (south, north)
            }
        };
        ((south.max(-90.0) * E7).floor() as i64 - SLACK_E7)..=((north.min(90.0) * E7).ceil() as i64 + SLACK_E7)
    }

    /// The numbers that make it, bit by bit; the first tells the kinds apart.
    fn bits(&self) -> Vec<u64> {
        match self {
            Self::Circle(circle) => {
                let centre = circle.centre();
                vec![0, centre.lat_e7() as u64, centre.lon_e7() as u64, circle.radius_m().to_bits()]
            }
            Self::Box(bounds) => [1].into_iter().chain(bounds.sides().map(f64::to_bits)).collect(),
            Self::Region(region) => [2].into_iter().chain(region.numbers().map(f64::to_bits)).collect(),
        }
    }
}

impl PartialEq for Area {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Area {}

impl Hash for Area {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

/// A circle that holds a box; `None` where the box is wider than half the world.
///
/// Within 90 degrees of longitude from the middle the farthest point of a box is one of its corners: along a meridian
/// the distance falls and then rises, along a parallel it rises with the longitude.
fn around(bounds: &BoundingBox) -> Option<Circle> {
    let (half_width, middle) = bounds.middle();
    let middle = middle.filter(|_| half_width < 90.0)?;
    let [north, west, south, east] = bounds.sides();
    let corners = [(north, west), (north, east), (south, west), (south, east)];
    let distances = corners.into_iter().filter_map(|(lat, lon)| Some(distance_m(middle, GeoPoint::new(lat, lon)?)));
    // The coordinates of the middle are rounded, by a centimetre at most.
    Some(Circle::new(middle, distances.fold(0.0, f64::max) + 1.0))
}
