//! Where an event takes place or a group is at home.

/// An address, as far as the origin gave it. Every part may be missing; texts are trimmed and never empty.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Address {
    /// The id on its origin, a URL.
    pub url: Option<String>,
    /// The name of the place, as people know it.
    pub name: Option<String>,
    /// Street and number; the whole address where the origin keeps it in one text.
    pub street: Option<String>,
    /// Town.
    pub locality: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Region or state.
    pub region: Option<String>,
    /// Country, as a name in whatever language, not as a code.
    pub country: Option<String>,
    /// Where that is on the globe, when it is known.
    pub point: Option<Point>,
}

/// A position in WGS 84. Made only of values that are on the globe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    lat: f64,
    lon: f64,
}

impl Point {
    /// A point of `lat` degrees north (-90 to 90) and `lon` degrees east (-180 to 180); `None` for anything else, and
    /// for exactly 0, 0, which is what software writes for "unknown".
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let is_on_globe = lat.abs() <= 90.0 && lon.abs() <= 180.0;
        (is_on_globe && (lat != 0.0 || lon != 0.0)).then_some(Self { lat, lon })
    }

    /// Degrees north.
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Degrees east.
    pub fn lon(self) -> f64 {
        self.lon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_93_only_points_on_the_globe_are_kept() {
        let kept = [(90.0, 0.0), (-90.0, 180.0), (10.0, -180.0), (0.0, 1e-7), (45.764, 4.8357)];
        assert!(kept.iter().all(|(lat, lon)| Point::new(*lat, *lon).is_some()));
        let refused = [(91.0, 0.0), (0.0, 181.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (0.0, 0.0), (-0.0, 0.0)];
        for (lat, lon) in refused {
            assert_eq!(Point::new(lat, lon), None, "{lat} {lon}");
        }
    }
}
