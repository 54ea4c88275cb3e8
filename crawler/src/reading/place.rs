//! Addresses and coordinates, whoever sends them.

use journal::record::{Address, Point};

use super::lenient::Scalar;
use super::remark::Remark;
use super::text;

/// Longest part of an address kept, in characters.
const MAX_PART_CHARS: usize = 300;

/// A part of an address: one line, `None` when blank.
pub fn part(scalar: &Scalar) -> Option<String> {
    text::line_of(scalar, MAX_PART_CHARS)
}

/// The address, unless nothing is known but perhaps its id.
pub fn some(address: Address) -> Option<Address> {
    let is_known = address != Address { url: address.url.clone(), ..Address::default() };
    is_known.then_some(address)
}

/// A point of these degrees. A latitude that can only be a longitude is one: versions of 2019 to 2021 swapped the two.
pub fn to_point(lat: f64, lon: f64, remarks: &mut Vec<Remark>) -> Option<Point> {
    if lat == 0.0 && lon == 0.0 {
        return None;
    }
    if let Some(point) = Point::new(lat, lon) {
        return Some(point);
    }
    let swapped = if lat.abs() > 90.0 { Point::new(lon, lat) } else { None };
    remarks.push(if swapped.is_some() { Remark::SwappedCoordinates } else { Remark::BadCoordinates });
    swapped
}
