//! Polygons that operators name.

use geo::{BoundingRect, Coord, Intersects, LineString, MultiPolygon, Point, Polygon, Rect};
use serde::Deserialize;

use super::GeoPoint;

/// Polygons in degrees, borders included.
///
/// Sides are straight lines on a map whose degrees are squares, as GeoJSON (RFC 7946) has it. A polygon that goes over
/// the antimeridian is cut there, as the same document asks for, or goes on counting beyond 180 degrees.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    polygons: MultiPolygon,
    bounds: Rect,
}

/// Why a text is no region.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// Not JSON, or not GeoJSON.
    #[error("reading a region: {0}")]
    Json(#[from] serde_json::Error),
    /// Points and lines hold nothing.
    #[error("reading a region: it holds no polygon")]
    Empty,
    /// A latitude beyond the poles, a longitude beyond the next world.
    #[error("reading a region: a position of {lon}, {lat} is not longitude and latitude")]
    Position {
        /// The first number.
        lon: f64,
        /// The second number.
        lat: f64,
    },
    /// A ring that ends elsewhere than it begins, or has fewer than four positions.
    #[error("reading a region: a ring of {n_positions} positions is not closed")]
    Ring {
        /// Its positions.
        n_positions: usize,
    },
}

/// Objects of GeoJSON that can hold polygons.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum GeoJson {
    Polygon {
        coordinates: Vec<Ring>,
    },
    MultiPolygon {
        coordinates: Vec<Vec<Ring>>,
    },
    GeometryCollection {
        geometries: Vec<GeoJson>,
    },
    Feature {
        geometry: Option<Box<GeoJson>>,
    },
    FeatureCollection {
        features: Vec<GeoJson>,
    },
    #[serde(other)]
    Other,
}

/// Positions; each may have an altitude.
type Ring = Vec<Vec<f64>>;

impl Region {
    /// Reads GeoJSON: a polygon, several, or features that have them.
    ///
    /// # Errors
    /// [`RegionError`].
    pub fn from_geojson(bytes: &[u8]) -> Result<Self, RegionError> {
        let mut polygons = Vec::new();
        collect(serde_json::from_slice(bytes)?, &mut polygons)?;
        let polygons = MultiPolygon::new(polygons);
        let bounds = polygons.bounding_rect().ok_or(RegionError::Empty)?;
        Ok(Self { polygons, bounds })
    }

    /// Whether a point is inside, or on the border.
    pub fn contains(&self, point: GeoPoint) -> bool {
        let lon = point.lon();
        [lon, lon + 360.0, lon - 360.0].into_iter().any(|lon| {
            let point = Point::new(lon, point.lat());
            self.bounds.intersects(&point) && self.polygons.intersects(&point)
        })
    }

    /// North, west, south and east of all of it in degrees.
    pub(super) fn sides(&self) -> [f64; 4] {
        let (min, max) = (self.bounds.min(), self.bounds.max());
        [max.y, min.x, min.y, max.x]
    }

    /// The numbers that make it, for comparison bit by bit.
    pub(super) fn numbers(&self) -> impl Iterator<Item = f64> {
        let rings = self.polygons.0.iter().flat_map(|polygon| polygon.interiors().iter().chain([polygon.exterior()]));
        // The lengths tell where a ring ends.
        rings.flat_map(|ring| {
            let numbers = ring.0.iter().flat_map(|coord| [coord.x, coord.y]);
            std::iter::once(ring.0.len() as f64).chain(numbers)
        })
    }
}

fn collect(object: GeoJson, polygons: &mut Vec<Polygon>) -> Result<(), RegionError> {
    match object {
        GeoJson::Polygon { coordinates } => polygons.push(polygon(coordinates)?),
        GeoJson::MultiPolygon { coordinates } => {
            for rings in coordinates {
                polygons.push(polygon(rings)?);
            }
        }
        GeoJson::Feature { geometry: Some(geometry) } => collect(*geometry, polygons)?,
        GeoJson::GeometryCollection { geometries: objects } | GeoJson::FeatureCollection { features: objects } => {
            for object in objects {
                collect(object, polygons)?;
            }
        }
        GeoJson::Feature { geometry: None } | GeoJson::Other => {}
    }
    Ok(())
}

fn polygon(rings: Vec<Ring>) -> Result<Polygon, RegionError> {
    let mut rings = rings.into_iter().map(ring).collect::<Result<Vec<_>, _>>()?.into_iter();
    let exterior = rings.next().ok_or(RegionError::Empty)?;
    Ok(Polygon::new(exterior, rings.collect()))
}

fn ring(positions: Ring) -> Result<LineString, RegionError> {
    let n_positions = positions.len();
    let coords = positions.into_iter().map(|position| match *position.as_slice() {
        [x, y, ..] if x.abs() <= 540.0 && y.abs() <= 90.0 => Ok(Coord { x, y }),
        [lon, lat, ..] => Err(RegionError::Position { lon, lat }),
        _ => Err(RegionError::Position { lon: f64::NAN, lat: f64::NAN }),
    });
    let ring = LineString::new(coords.collect::<Result<_, _>>()?);
    if n_positions < 4 || !ring.is_closed() {
        return Err(RegionError::Ring { n_positions });
    }
    Ok(ring)
}
