//! Places as Mobilizon sends them: a point, a distance and a rectangle.

use indexer::geography::{Area, BoundingBox, Circle, GeoPoint};
use serde_json::Value;

use super::reader::Reader;
use super::value;

/// Metres around a point where a client says nothing: the radius of Mobilizon's own search.
const DEFAULT_DISTANCE_M: f64 = 50_000.0;

impl Reader<'_> {
    /// The point of `latlon`, and what `latlon`, `distance` and `bbox` limit a search to. A distance means nothing without
    /// a point: Mobilizon always sends one.
    pub fn areas(&mut self) -> (Option<GeoPoint>, Vec<Area>) {
        let near = self.read("latlon", "Should have a valid latlon: latitude:longitude in degrees", point).flatten();
        let mut areas = Vec::new();
        if let Some(centre) = near {
            match self.read("distance", "Should have a valid distance such as 50_km, 30_mi or 500_m", distance) {
                Some(Distance::Metres(metres)) => areas.push(Area::Circle(Circle::new(centre, metres))),
                Some(Distance::Anywhere) => {}
                None => areas.push(Area::Circle(Circle::new(centre, DEFAULT_DISTANCE_M))),
            }
        }
        const BBOX_MSG: &str = "Should have a valid bbox: north, west:south, east in degrees";
        areas.extend(self.read("bbox", BBOX_MSG, bounding_box).flatten().map(Area::Box));
        (near, areas)
    }
}

/// How far around a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Distance {
    /// In metres; never negative.
    Metres(f64),
    /// As far as the globe reaches: no condition.
    Anywhere,
}

/// `lat:lon`, also written with a comma. A longitude beyond ±180 is that of another turn around the globe. `None` for a
/// latitude beyond ±90 and for what is no pair of numbers, `Some(None)` for nothing at all.
pub(super) fn point(value: &Value) -> Option<Option<GeoPoint>> {
    let text = value::text(value)?;
    if text.trim().is_empty() {
        return Some(None);
    }
    let (lat, lon) = text.split_once([':', ',', ';'])?;
    GeoPoint::new(degrees(lat)?, wrapped(degrees(lon)?)).map(Some)
}

/// `50_km`, `25.0_km`, `1e2_km`, `30_mi`, `500_m`; kilometres where no unit is given; `anywhere`. A negative distance is none
/// at all, that is 0.
pub(super) fn distance(value: &Value) -> Option<Distance> {
    let text = value::text(value)?.trim().to_ascii_lowercase();
    if text == "anywhere" {
        return Some(Distance::Anywhere);
    }
    let end = text.rfind(|letter: char| letter.is_ascii_digit() || letter == '.')?;
    let (number, unit) = text.split_at_checked(end + 1)?;
    let metres = match unit.trim_start_matches(['_', ' ']) {
        "" | "km" => 1_000.0,
        "mi" => 1_609.344,
        "m" => 1.0,
        _ => return None,
    };
    let number: f64 = number.trim().parse().ok().filter(|number: &f64| !number.is_nan())?;
    Some(Distance::Metres((number * metres).max(0.0)))
}

/// `north, west:south, east`. Whichever latitude is greater is the north; the rectangle may lie on another turn around the
/// globe and cross the date line. `None` for what is no four numbers, `Some(None)` for nothing at all.
fn bounding_box(value: &Value) -> Option<Option<BoundingBox>> {
    let text = value::text(value)?;
    if text.trim().is_empty() {
        return Some(None);
    }
    let numbers: Option<Vec<f64>> = text.split([':', ',', ';']).map(degrees).collect();
    let [top, west, bottom, east] = <[f64; 4]>::try_from(numbers?).ok()?;
    BoundingBox::new(top.max(bottom), west, top.min(bottom), east).ok().map(Some)
}

fn degrees(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The same meridian between -180 and 180; both ends stay what they are.
fn wrapped(lon: f64) -> f64 {
    if lon.abs() <= 180.0 { lon } else { (lon + 180.0).rem_euclid(360.0) - 180.0 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_point_is_read_in_every_form() {
        for text in ["45.75:4.85", "45.75,4.85", "45.75, 4.85", " 45.75 : 4.85 ", "45.75:364.85", "+45.75:4.85"] {
            assert_eq!(point(&json!(text)), Some(GeoPoint::new(45.75, 4.85)), "{text}");
        }
        assert_eq!(point(&json!("90:-180")), Some(GeoPoint::new(90.0, -180.0)));
        assert_eq!(point(&json!(["1:2", "3:4"])), Some(GeoPoint::new(1.0, 2.0)), "the first counts");
        assert_eq!(point(&json!(" ")), Some(None));
    }

    // case 121
    #[test]
    fn what_is_no_point_is_none() {
        for text in ["91:0", "-90.1:0", "NaN:1", "1:NaN", "inf:0", "0:-inf", "1e999:0", "45", ":", "a:b", "1:2:3"] {
            assert_eq!(point(&json!(text)), None, "{text}");
        }
        assert_eq!(point(&json!({"lat": 1})), None);
    }

    #[test]
    fn a_distance_is_read_in_every_form() {
        for (text, metres) in [
            ("50_km", 50_000.0),
            ("25.0_km", 25_000.0),
            ("1e2_km", 100_000.0),
            ("1E+2_KM", 100_000.0),
            ("10", 10_000.0),
            ("10.5", 10_500.0),
            ("10km", 10_000.0),
            ("10 km", 10_000.0),
            ("10_mi", 16_093.44),
            ("500_m", 500.0),
            ("0_km", 0.0),
        ] {
            assert_eq!(distance(&json!(text)), Some(Distance::Metres(metres)), "{text}");
        }
        assert_eq!(distance(&json!(10)), Some(Distance::Metres(10_000.0)));
        assert_eq!(distance(&json!("anywhere")), Some(Distance::Anywhere));
    }

    // case 121
    #[test]
    fn a_distance_beyond_reason_is_bounded_and_one_without_sense_is_none() {
        assert_eq!(distance(&json!("-5_km")), Some(Distance::Metres(0.0)));
        assert_eq!(distance(&json!("-1e400")), Some(Distance::Metres(0.0)));
        assert_eq!(distance(&json!("1e400_km")), Some(Distance::Metres(f64::INFINITY)), "the circle bounds it");
        for text in ["", "km", "NaN_km", "ten_km", "5_parsec", "é", "5_é", "--5_km", "1e_km"] {
            assert_eq!(distance(&json!(text)), None, "{text}");
        }
    }

    #[test]
    fn a_rectangle_may_have_blanks_whole_numbers_and_another_turn_around_the_globe() {
        for (text, expected) in [
            ("45.85, 4.70:45.70, 4.95", [45.85, 4.70, 45.70, 4.95]),
            ("46,4:45,5", [46.0, 4.0, 45.0, 5.0]),
            ("45,4:46,5", [46.0, 4.0, 45.0, 5.0]),
            ("46, 364:45, 365", [46.0, 4.0, 45.0, 5.0]),
            ("10, 170:-10, -170", [10.0, 170.0, -10.0, -170.0]),
            ("10, 170:-10, 190", [10.0, 170.0, -10.0, -170.0]),
            ("10, -190:-10, -170", [10.0, 170.0, -10.0, -170.0]),
            ("91, -400:-91, 400", [90.0, -180.0, -90.0, 180.0]),
            ("90, -180:-90, 180", [90.0, -180.0, -90.0, 180.0]),
        ] {
            let read = bounding_box(&json!(text)).unwrap().unwrap().sides();
            assert!(
                read.iter().zip(expected).all(|(read, expected)| (read - expected).abs() < 1e-9),
                "{text} {read:?}"
            );
        }
        assert_eq!(bounding_box(&json!("")), Some(None));
        for text in ["1,2,3", "1,2:3", "a,b:c,d", "NaN,1:0,2", "1,inf:0,2", "1,2:3,4:5"] {
            assert_eq!(bounding_box(&json!(text)), None, "{text}");
        }
    }
}
