//! Addresses and coordinates.

use journal::record::Address;

use super::wire;
use crate::reading::place::{part, some, to_point};
use crate::reading::remark::Remark;
use crate::reading::text;

/// An address by GraphQL. `None` when nothing is left of it.
pub fn to_address(wire: &wire::Address, remarks: &mut Vec<Remark>) -> Option<Address> {
    let point = wire.geom.as_str().and_then(|geom| {
        let (lon, lat) = geom.split_once([';', ','])?;
        Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?))
    });
    some(Address {
        url: wire.url.as_str().and_then(text::web_link),
        name: part(&wire.description),
        street: part(&wire.street),
        locality: part(&wire.locality),
        postal_code: part(&wire.postal_code),
        region: part(&wire.region),
        country: part(&wire.country),
        point: point.and_then(|(lat, lon)| to_point(lat, lon, remarks)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::lenient::Scalar;

    fn point(geom: &str) -> (Option<(f64, f64)>, Vec<Remark>) {
        let mut remarks = Vec::new();
        let wire = wire::Address { geom: Scalar::Text(geom.to_owned()), ..wire::Address::default() };
        let point = to_address(&wire, &mut remarks).and_then(|address| address.point);
        (point.map(|point| (point.lat(), point.lon())), remarks)
    }

    #[test]
    fn case_93_coordinates_are_read_swapped_back_or_dropped() {
        let fine = |geom, lat, lon| assert_eq!(point(geom), (Some((lat, lon)), vec![]), "{geom}");
        fine("4.8357;45.764", 45.764, 4.8357);
        fine(" -0.5 ; 90 ", 90.0, -0.5);
        fine("180;-16.8", -16.8, 180.0);
        fine("-180;-16.8", -16.8, -180.0);
        fine("0;51.48", 51.48, 0.0);
        // Latitude 151 is none; the other way round it is in Sydney.
        assert_eq!(point("-33.9;151.2"), (Some((-33.9, 151.2)), vec![Remark::SwappedCoordinates]));
        for nothing in ["0;0", "0.0;-0.0", "", "somewhere", "4.8", ";"] {
            assert_eq!(point(nothing), (None, vec![]), "{nothing}");
        }
        for bad in ["181;45", "NaN;45", "4;NaN", "inf;1", "200;91", "1;-181"] {
            assert_eq!(point(bad), (None, vec![Remark::BadCoordinates]), "{bad}");
        }
    }

    #[test]
    fn blank_parts_are_none_and_an_empty_address_is_no_address() {
        let text = |text: &str| Scalar::Text(text.to_owned());
        let wire = wire::Address {
            street: text(" "),
            locality: text(" Lyon \n"),
            country: text("\u{200b}"),
            ..Default::default()
        };
        let address = to_address(&wire, &mut vec![]).unwrap();
        assert_eq!((address.street, address.locality.as_deref(), address.country), (None, Some("Lyon"), None));
        let wire =
            wire::Address { url: text("https://rdv.example/address/1"), street: text(" "), ..Default::default() };
        assert_eq!(to_address(&wire, &mut vec![]), None);
    }
}
