//! Geohashes, the form in which the API takes a place, and distances.

const ALPHABET: &str = "0123456789bcdefghjkmnpqrstuvwxyz";

/// The centre of a cell: longitude and latitude in degrees; `None` for another text.
pub(super) fn decode(text: &str) -> Option<(f64, f64)> {
    let (mut longitude, mut latitude) = ((-180.0, 180.0), (-90.0, 90.0));
    let mut is_longitude = true;
    for letter in text.chars() {
        let bits = ALPHABET.find(letter.to_ascii_lowercase())?;
        for bit in (0..5).rev() {
            let range: &mut (f64, f64) = if is_longitude { &mut longitude } else { &mut latitude };
            let middle = (range.0 + range.1) / 2.0;
            if bits >> bit & 1 == 1 {
                range.0 = middle;
            } else {
                range.1 = middle;
            }
            is_longitude = !is_longitude;
        }
    }
    Some(((longitude.0 + longitude.1) / 2.0, (latitude.0 + latitude.1) / 2.0))
}

/// The distance of two points on the sphere.
pub(super) fn distance_km(one: (f64, f64), other: (f64, f64)) -> f64 {
    let (one_lat, other_lat) = (one.1.to_radians(), other.1.to_radians());
    let half = |difference: f64| (difference / 2.0).sin().powi(2);
    let a = half(other_lat - one_lat) + one_lat.cos() * other_lat.cos() * half((other.0 - one.0).to_radians());
    2.0 * 6_371.008_8 * a.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_nine_letters_lies_within_metres() {
        // Paris.
        let (longitude, latitude) = decode("u09tvw0f6").unwrap();
        assert!((longitude - 2.35).abs() < 0.01 && (latitude - 48.857).abs() < 0.01, "{longitude} {latitude}");
        assert_eq!(decode("u09t!"), None);
        let quarter = distance_km((0.0, 0.0), (90.0, 0.0));
        assert!((quarter - 10_007.557).abs() < 0.01, "{quarter}");
    }
}
