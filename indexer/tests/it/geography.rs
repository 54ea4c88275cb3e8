//! Positions, distances and areas, where the globe is odd and where input is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use indexer::geography::{
    Area, BoundingBox, BoundingBoxError, Circle, EARTH_RADIUS_M, GeoPoint, Region, RegionError, cells_of, cover,
    distance_m,
};
use proptest::prelude::*;

fn point(lat: f64, lon: f64) -> GeoPoint {
    GeoPoint::new(lat, lon).unwrap()
}

// case 93
#[test]
fn only_places_on_the_globe_are_points() {
    for (lat, lon) in [(91.0, 0.0), (-90.1, 0.0), (0.0, 180.1), (f64::NAN, 0.0), (0.0, f64::NAN), (f64::INFINITY, 0.0)]
    {
        assert_eq!(GeoPoint::new(lat, lon), None, "{lat} {lon}");
    }
    for (lat_e7, lon_e7) in [(900_000_001, 0), (0, -1_800_000_001), (i64::MIN, 0), (0, i64::MAX)] {
        assert_eq!(GeoPoint::from_e7(lat_e7, lon_e7), None, "{lat_e7} {lon_e7}");
    }
    for (lat, lon) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0), (45.764_043_1, 4.835_658_9)] {
        let kept = point(lat, lon);
        assert!((kept.lat() - lat).abs() < 1e-7 && (kept.lon() - lon).abs() < 1e-7);
        assert_eq!(GeoPoint::from_e7(kept.lat_e7().into(), kept.lon_e7().into()), Some(kept));
    }
}

#[test]
fn distances_are_those_of_maps() {
    let rows = [
        ((48.8566, 2.3522), (45.764, 4.8357), 391_500.0, 500.0, "Paris, Lyon"),
        ((52.52, 13.405), (35.6762, 139.6503), 8_918_000.0, 5_000.0, "Berlin, Tokyo"),
        ((0.0, 0.0), (0.0, 180.0), std::f64::consts::PI * EARTH_RADIUS_M, 0.001, "half around"),
        ((90.0, 12.0), (90.0, -100.0), 0.0, 1e-6, "the pole is one place"),
        ((-17.0, 180.0), (-17.0, -180.0), 0.0, 1e-6, "the antimeridian is one line"),
        ((0.0, 179.5), (0.0, -179.5), 111_195.0, 1.0, "over the antimeridian"),
        ((45.0, 5.0), (45.0, 5.0), 0.0, 0.0, "here"),
    ];
    for (a, b, metres, within, name) in rows {
        let found = distance_m(point(a.0, a.1), point(b.0, b.1));
        assert!((found - metres).abs() <= within, "{name}: {found}");
    }
}

#[test]
fn a_circle_is_bounded_by_the_globe() {
    let here = point(45.0, 5.0);
    let there = point(-45.0, -175.0);
    for (radius_m, holds_here, holds_there) in [
        (0.0, true, false),
        (-1.0, true, false),
        (f64::NAN, true, false),
        (f64::NEG_INFINITY, true, false),
        (1e12, true, true),
        (f64::INFINITY, true, true),
    ] {
        let circle = Circle::new(here, radius_m);
        assert_eq!((circle.contains(here), circle.contains(there)), (holds_here, holds_there), "{radius_m}");
        assert!(circle.radius_m() <= std::f64::consts::PI * EARTH_RADIUS_M && circle.radius_m() >= 0.0);
    }
    assert!(cover(&Circle::new(here, 3e6)).is_none(), "so large that every point may as well be looked at");
    assert_eq!(cover(&Circle::new(here, 0.0)).unwrap().resolution, 7);
}

// case 121
#[test]
fn boxes_are_as_maps_send_them() {
    let holds = |[north, west, south, east]: [f64; 4], (lat, lon): (f64, f64)| {
        BoundingBox::new(north, west, south, east).unwrap().contains(point(lat, lon))
    };
    let rows = [
        ([50.0, 0.0, 40.0, 10.0], (45.0, 5.0), true, "inside"),
        ([50.0, 0.0, 40.0, 10.0], (50.0, 10.0), true, "on the corner"),
        ([50.0, 0.0, 40.0, 10.0], (45.0, 10.000_000_1), false, "just outside"),
        ([50.0, 0.0, 40.0, 10.0], (39.999_999_9, 5.0), false, "just outside"),
        ([50.0, 360.0, 40.0, 370.0], (45.0, 5.0), true, "one turn further"),
        ([50.0, -720.0, 40.0, -710.0], (45.0, 5.0), true, "two turns back"),
        ([50.0, 3.6e9, 40.0, 3.6e9 + 10.0], (45.0, 5.0), true, "ten million turns further"),
        ([10.0, 170.0, -10.0, -170.0], (0.0, 175.0), true, "over the antimeridian, west of it"),
        ([10.0, 170.0, -10.0, -170.0], (0.0, -175.0), true, "east of it"),
        ([10.0, 170.0, -10.0, -170.0], (0.0, 180.0), true, "on it"),
        ([10.0, 170.0, -10.0, -170.0], (0.0, -180.0), true, "on it, by its other name"),
        ([10.0, 170.0, -10.0, -170.0], (0.0, 0.0), false, "on the other side of the globe"),
        ([10.0, 170.0, -10.0, 190.0], (0.0, -175.0), true, "counted on"),
        ([10.0, 170.0, -10.0, 180.0], (0.0, -180.0), true, "up to the antimeridian"),
        ([10.0, 170.0, -10.0, -180.0], (0.0, 175.0), true, "up to the antimeridian, by its other name"),
        ([10.0, 170.0, -10.0, -180.0], (0.0, -175.0), false, "and no further"),
        ([10.0, 180.0, -10.0, -170.0], (0.0, -180.0), true, "from the antimeridian on"),
        ([10.0, 180.0, -10.0, -170.0], (0.0, 175.0), false, "and not before"),
        ([10.0, -400.0, -10.0, 400.0], (0.0, 123.0), true, "wider than the world"),
        ([10.0, 4.8, -10.0, 364.8], (0.0, -100.0), true, "as wide as the world"),
        ([90.0, 0.0, 80.0, 10.0], (90.0, -100.0), true, "the pole is on every meridian"),
        ([89.999, 0.0, 80.0, 10.0], (90.0, 5.0), false, "not up to the pole"),
        ([120.0, -200.0, -120.0, 200.0], (-90.0, 0.0), true, "beyond the poles"),
        ([5.0, 5.0, 5.0, 5.0], (5.0, 5.0), true, "a single point"),
        ([10.0, 5.0, -10.0, 4.0], (0.0, 4.5), false, "west of its east: nearly all around"),
        ([10.0, 5.0, -10.0, 4.0], (0.0, -90.0), true, "west of its east: nearly all around"),
    ];
    for (sides, at, expected, name) in rows {
        assert_eq!(holds(sides, at), expected, "{name}: {sides:?} {at:?}");
    }
    assert_eq!(BoundingBox::new(1.0, 0.0, 2.0, 1.0), Err(BoundingBoxError::UpsideDown));
    for side in 0..4 {
        for odd in [f64::NAN, f64::INFINITY] {
            let mut sides = [2.0, 0.0, 1.0, 1.0];
            sides[side] = odd;
            let [north, west, south, east] = sides;
            assert_eq!(BoundingBox::new(north, west, south, east), Err(BoundingBoxError::NotFinite));
        }
    }
}

#[test]
fn regions_are_read_from_geojson() {
    let square = "[[[0,40],[10,40],[10,50],[0,50],[0,40]]]";
    let polygon = format!(r#"{{"type":"Polygon","coordinates":{square}}}"#);
    let holed = r#"{"type":"Polygon","coordinates":[[[0,40],[10,40],[10,50],[0,50],[0,40]],[[4,44],[6,44],[6,46],[4,46],[4,44]]]}"#;
    let over = r#"{"type":"Polygon","coordinates":[[[170,-10,12.5],[190,-10],[190,10],[170,10],[170,-10,12.5]]]}"#;
    let cut = r#"{"type":"MultiPolygon","coordinates":[[[[170,-10],[180,-10],[180,10],[170,10],[170,-10]]],[[[-180,-10],[-170,-10],[-170,10],[-180,10],[-180,-10]]]]}"#;
    type Places<'a> = &'a [(f64, f64)];
    let rows: [(&str, Places<'_>, Places<'_>); 6] = [
        (&polygon, &[(45.0, 5.0), (40.0, 0.0), (45.0, 10.0)], &[(45.0, 10.001), (5.0, 45.0)]),
        (holed, &[(45.0, 2.0), (45.0, 4.0)], &[(45.0, 5.0)]),
        (over, &[(0.0, 175.0), (0.0, -175.0), (0.0, 180.0)], &[(0.0, 0.0), (0.0, -165.0)]),
        (cut, &[(0.0, 175.0), (0.0, -175.0), (0.0, 180.0), (0.0, -180.0)], &[(0.0, 0.0), (11.0, 175.0)]),
        (
            &format!(
                r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"x"}},"geometry":{polygon}}},{{"type":"Feature","properties":null,"geometry":null}}]}}"#
            ),
            &[(45.0, 5.0)],
            &[(39.0, 5.0)],
        ),
        (
            &format!(
                r#"{{"type":"GeometryCollection","geometries":[{{"type":"Point","coordinates":[1,2]}},{polygon}]}}"#
            ),
            &[(45.0, 5.0)],
            &[(2.0, 1.0)],
        ),
    ];
    for (json, inside, outside) in rows {
        let region = Region::from_geojson(json.as_bytes()).unwrap();
        assert!(inside.iter().all(|(lat, lon)| region.contains(point(*lat, *lon))), "{json}");
        assert!(!outside.iter().any(|(lat, lon)| region.contains(point(*lat, *lon))), "{json}");
    }
    type IsExpected = fn(&RegionError) -> bool;
    let wrong: [(&str, IsExpected); 9] = [
        ("", |error| matches!(error, RegionError::Json(_))),
        ("[]", |error| matches!(error, RegionError::Json(_))),
        (r#"{"type":"Polygon","coordinates":"x"}"#, |error| matches!(error, RegionError::Json(_))),
        (r#"{"type":"Point","coordinates":[1,2]}"#, |error| matches!(error, RegionError::Empty)),
        (r#"{"type":"Polygon","coordinates":[]}"#, |error| matches!(error, RegionError::Empty)),
        (r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}"#, |error| {
            matches!(error, RegionError::Ring { n_positions: 3 })
        }),
        (r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}"#, |error| {
            matches!(error, RegionError::Ring { .. })
        }),
        (r#"{"type":"Polygon","coordinates":[[[0,95],[1,0],[1,1],[0,95]]]}"#, |error| {
            matches!(error, RegionError::Position { .. })
        }),
        (r#"{"type":"Polygon","coordinates":[[[0],[1,0],[1,1],[0]]]}"#, |error| {
            matches!(error, RegionError::Position { .. })
        }),
    ];
    for (json, is_expected) in wrong {
        let error = Region::from_geojson(json.as_bytes()).unwrap_err();
        assert!(is_expected(&error), "{json}: {error:?}");
    }
}

#[test]
fn areas_are_equal_by_their_numbers() {
    let circle = |lat, radius_m| Area::Circle(Circle::new(point(lat, 5.0), radius_m));
    let bounds = |east| Area::Box(BoundingBox::new(50.0, 0.0, 40.0, east).unwrap());
    let region = |corner: &str| {
        let json = format!(r#"{{"type":"Polygon","coordinates":[[[0,40],[10,40],[{corner}],[0,50],[0,40]]]}}"#);
        Area::Region(Arc::new(Region::from_geojson(json.as_bytes()).unwrap()))
    };
    let areas = [
        circle(45.0, 1000.0),
        circle(45.0, 1000.5),
        circle(45.1, 1000.0),
        bounds(10.0),
        bounds(11.0),
        region("10,50"),
        region("10,51"),
    ];
    let hash = |area: &Area| {
        let mut hasher = DefaultHasher::new();
        area.hash(&mut hasher);
        hasher.finish()
    };
    for (n, one) in areas.iter().enumerate() {
        for (m, other) in areas.iter().enumerate() {
            assert_eq!(one == other, n == m);
            assert_eq!(hash(one) == hash(other), n == m);
        }
    }
    assert_eq!(bounds(10.0), bounds(10.0));
    assert_eq!(region("10,50"), region("10,50"));
}

fn anywhere() -> impl Strategy<Value = GeoPoint> {
    prop_oneof![
        4 => (-900_000_000_i64..=900_000_000, -1_800_000_000_i64..=1_800_000_000),
        1 => (prop_oneof![Just(900_000_000_i64), Just(-900_000_000)], -1_800_000_000_i64..=1_800_000_000),
        1 => (-900_000_000_i64..=900_000_000, prop_oneof![Just(1_800_000_000_i64), Just(-1_800_000_000)]),
    ]
    .prop_map(|(lat_e7, lon_e7)| GeoPoint::from_e7(lat_e7, lon_e7).unwrap())
}

proptest! {
    #[test]
    fn distances_are_those_of_another_formula(a in anywhere(), b in anywhere()) {
        // The angle between two unit vectors by its tangent, which is exact for small and for large angles.
        let vector = |point: GeoPoint| {
            let (lat, lon) = (point.lat().to_radians(), point.lon().to_radians());
            [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
        };
        let ([ax, ay, az], [bx, by, bz]) = (vector(a), vector(b));
        let cross = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
        let length = cross.iter().map(|part| part * part).sum::<f64>().sqrt();
        let expected = length.atan2(ax * bx + ay * by + az * bz) * EARTH_RADIUS_M;
        prop_assert!((distance_m(a, b) - expected).abs() < 0.5, "{} {}", distance_m(a, b), expected);
        prop_assert!((distance_m(a, b) - distance_m(b, a)).abs() < 1e-6);
    }

    #[test]
    fn a_circle_holds_what_is_not_farther_than_its_radius(centre in anywhere(), other in anywhere(), scale in 0.0_f64..2.0) {
        let distance = distance_m(centre, other);
        for radius_m in [distance, distance * scale, distance + 0.001, distance - 0.001] {
            let circle = Circle::new(centre, radius_m);
            prop_assert_eq!(circle.contains(other), distance <= circle.radius_m(), "{} {}", distance, radius_m);
        }
    }

    #[test]
    fn a_cover_has_a_cell_of_every_point_in_the_circle(centre in anywhere(), exponent in 0.0_f64..6.3, direction in 0.0_f64..6.3, share in 0.0_f64..=1.0) {
        let radius_m = 10.0_f64.powf(exponent);
        let circle = Circle::new(centre, radius_m);
        // A point at some distance in some direction, mostly at the very edge.
        let (lat, lon) = (centre.lat().to_radians(), centre.lon().to_radians());
        let angle = radius_m * share.powf(0.1) / EARTH_RADIUS_M;
        let to_lat = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * direction.cos()).clamp(-1.0, 1.0).asin();
        let to_lon = lon + (direction.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * to_lat.sin());
        let wrapped = (to_lon.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
        let point = GeoPoint::new(to_lat.to_degrees(), wrapped).unwrap();
        prop_assume!(circle.contains(point));
        if let Some(cover) = cover(&circle) {
            let cell = cells_of(point)[usize::from(cover.resolution) - 1];
            prop_assert!(cover.cells.contains(&cell), "{:?} {:?}", circle, point);
            prop_assert!(cover.cells.len() <= 217, "eight rings at most");
        }
    }
}
