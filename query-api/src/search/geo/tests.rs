//! What the index finds is what a look at every point finds: on random points and areas, with everything that is odd about
//! a globe among them.

use std::collections::BTreeSet;
use std::f64::consts::PI;
use std::sync::Arc;

use h3o::{CellIndex, LatLng, Resolution};
use indexer::geography::{Area, BoundingBox, Circle, EARTH_RADIUS_M, GeoPoint, Region, cells_of, distance_m};
use indexer::schema::EventFields;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument};

use super::*;

const N_POINTS: usize = 5_000;
const N_CASES: u64 = 10_000;
/// Cases that are compared at a time.
const N_THREADS: u64 = 2;

/// Metres on a degree of a meridian.
const DEGREE_M: f64 = PI * EARTH_RADIUS_M / 180.0;

/// Towns where many points are.
const TOWNS: [(f64, f64); 12] = [
    (45.764, 4.8357),
    (48.8566, 2.3522),
    (52.52, 13.405),
    (40.4168, -3.7038),
    (-36.8485, 174.7633),
    (-17.7134, 178.065),
    (64.1466, -21.9426),
    (69.6492, 18.9553),
    (-54.8019, -68.303),
    (0.3476, 32.5825),
    (35.6762, 139.6503),
    (66.0, -169.8),
];

/// Random points and areas, the same for the same seed.
struct Globe<'a> {
    rng: SmallRng,
    points: &'a [GeoPoint],
}

impl<'a> Globe<'a> {
    fn new(seed: u64, points: &'a [GeoPoint]) -> Self {
        Self { rng: SmallRng::seed_from_u64(seed), points }
    }

    /// A place where points are: usual ones, and those where formulas break.
    fn place(&mut self) -> GeoPoint {
        let (lat, lon) = match self.rng.random_range(0..100) {
            0..35 => *TOWNS.choose(&mut self.rng).unwrap(),
            35..50 => {
                (self.rng.random_range(-1.0_f64..=1.0).asin().to_degrees(), self.rng.random_range(-180.0..=180.0))
            }
            50..58 => (90.0 * self.sign() - self.small(1.0) * self.sign(), self.rng.random_range(-180.0..=180.0)),
            58..60 => (90.0 * self.sign(), self.rng.random_range(-180.0..=180.0)),
            60..70 => (self.rng.random_range(-85.0..=85.0), 180.0 * self.sign()),
            70..80 => self.pentagon(),
            80..95 => self.border(),
            _ => (self.rng.random_range(-1e-6..=1e-6), self.rng.random_range(-1e-6..=1e-6)),
        };
        let reach = self.small(0.2);
        self.near(lat, lon, reach)
    }

    /// A point within some degrees of a place.
    fn near(&mut self, lat: f64, lon: f64, degrees: f64) -> GeoPoint {
        let lat = (lat + self.rng.random_range(-degrees..=degrees)).clamp(-90.0, 90.0);
        let spread = degrees / lat.to_radians().cos().max(0.01);
        let lon = lon + self.rng.random_range(-spread..=spread);
        let lon = if lon.abs() <= 180.0 { lon } else { lon - 360.0 * lon.signum() };
        GeoPoint::new(lat, lon.clamp(-180.0, 180.0)).unwrap()
    }

    fn sign(&mut self) -> f64 {
        if self.rng.random() { 1.0 } else { -1.0 }
    }

    /// Up to `most`, mostly far less, sometimes nothing.
    fn small(&mut self, most: f64) -> f64 {
        if self.rng.random_range(0..10) == 0 { 0.0 } else { most * 10.0_f64.powf(self.rng.random_range(-7.0..0.0)) }
    }

    /// The twelve cells with five sides of each resolution, around which the others are bent.
    fn pentagon(&mut self) -> (f64, f64) {
        let resolution = Resolution::try_from(self.rng.random_range(0..=7)).unwrap();
        let cells: Vec<CellIndex> = resolution.pentagons().collect();
        let centre = LatLng::from(*cells.choose(&mut self.rng).unwrap());
        (centre.lat(), centre.lng())
    }

    /// A corner of a cell.
    fn border(&mut self) -> (f64, f64) {
        let resolution = Resolution::try_from(self.rng.random_range(1..=7)).unwrap();
        let (lat, lon) = *TOWNS.choose(&mut self.rng).unwrap();
        let somewhere = self.near(lat, lon, 1.0);
        let cell = LatLng::new(somewhere.lat(), somewhere.lon()).unwrap().to_cell(resolution);
        let corners: Vec<LatLng> = cell.boundary().iter().copied().collect();
        let corner = corners.choose(&mut self.rng).unwrap();
        (corner.lat(), corner.lng())
    }

    fn existing(&mut self) -> GeoPoint {
        *self.points.choose(&mut self.rng).unwrap()
    }

    fn centre(&mut self) -> GeoPoint {
        if self.rng.random_range(0..4) == 0 { self.existing() } else { self.place() }
    }

    fn circle(&mut self) -> (Circle, String) {
        let centre = self.centre();
        let radius_m = match self.rng.random_range(0..100) {
            0..5 => 0.0,
            // Exactly as far as some point is.
            5..35 => {
                let others: Vec<f64> = (0..30).map(|_| distance_m(centre, self.existing())).collect();
                others.into_iter().min_by(f64::total_cmp).unwrap()
            }
            35..37 => distance_m(centre, self.existing()),
            37 => [1e15, f64::INFINITY, PI * EARTH_RADIUS_M, PI * EARTH_RADIUS_M / 2.0, -5.0, f64::NAN]
                [self.rng.random_range(0..6)],
            38 => self.rng.random_range(2_000_000.0..20_100_000.0),
            _ => 10.0_f64.powf(self.rng.random_range(-2.0..6.35)),
        };
        (Circle::new(centre, radius_m), format!("{radius_m} m around {centre:?}"))
    }

    /// A box as its south-west corner and its size, in ten millionths of a degree.
    fn bounds(&mut self) -> [i64; 4] {
        let corner = self.centre();
        let (south, west) = (i64::from(corner.lat_e7()), i64::from(corner.lon_e7()));
        let size = |rng: &mut SmallRng, most: f64| match rng.random_range(0..24) {
            0 => 0,
            1 => rng.random_range(0.0..=most) as i64,
            _ => 10.0_f64.powf(rng.random_range(1.0..8.0)) as i64,
        };
        let height = size(&mut self.rng, 1.8e9).min(900_000_000 - south);
        let width = if self.rng.random_range(0..50) == 0 { 3_600_000_000 } else { size(&mut self.rng, 3.6e9) };
        // Maps that were scrolled around the globe count on.
        let turns = [-3, -1, 0, 0, 0, 0, 1, 2][self.rng.random_range(0..8)];
        [south, west + turns * 3_600_000_000, height, width]
    }

    /// The corners of a star around a place, in degrees, and of a hole in it; longitudes may count on.
    fn star(&mut self) -> [Vec<(f64, f64)>; 2] {
        let centre = self.centre();
        let reach = 10.0_f64.powf(self.rng.random_range(-3.0..1.4));
        let mut angles: Vec<f64> =
            (0..self.rng.random_range(3..9)).map(|_| self.rng.random_range(0.0..2.0 * PI)).collect();
        angles.sort_by(f64::total_cmp);
        let corners: Vec<(f64, f64)> = angles
            .into_iter()
            .map(|angle| {
                let away = reach * self.rng.random_range(0.3..1.0);
                (angle.sin() * away, angle.cos() * away)
            })
            .collect();
        [1.0, 0.2].map(|scale| {
            let ring = corners
                .iter()
                .map(|(lat, lon)| ((centre.lat() + lat * scale).clamp(-89.99, 89.99), centre.lon() + lon * scale));
            ring.collect()
        })
    }
}

/// An index of points, in some segments. Every tenth document has none.
fn index_of(points: &[GeoPoint]) -> (Searcher, Vec<Option<GeoPoint>>) {
    let (schema, fields) = EventFields::build();
    let index = Index::create_in_ram(schema);
    indexer::analysis::register(index.tokenizers());
    let mut writer: IndexWriter = index.writer_with_num_threads(1, 50_000_000).unwrap();
    writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
    let mut known = Vec::new();
    for (n, point) in points.iter().enumerate() {
        let point = (n % 10 != 9).then_some(*point);
        let mut document = TantivyDocument::default();
        document.add_u64(fields.participants, n as u64);
        if let Some(point) = point {
            document.add_i64(fields.lat_e7, point.lat_e7().into());
            document.add_i64(fields.lon_e7, point.lon_e7().into());
            cells_of(point).into_iter().for_each(|cell| document.add_u64(fields.h3, cell));
        }
        writer.add_document(document).unwrap();
        known.push(point);
        if n % (points.len() / 3) == 0 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    (index.reader().unwrap().searcher(), known)
}

/// What the index finds, by the number of the point.
fn found(searcher: &Searcher, segments: &[(Points, Column<u64>)], within: &Within) -> Vec<usize> {
    let mut found = Vec::new();
    for ((points, numbers), reader) in segments.iter().zip(searcher.segment_readers()) {
        let bits = points.within(reader, within).unwrap();
        found.extend(bits.iter().filter_map(|doc| numbers.first(doc)).map(|n| n as usize));
    }
    found.sort_unstable();
    found
}

/// Points as unit vectors: another way to the same distances.
fn vector(point: GeoPoint) -> [f64; 3] {
    let (lat, lon) = (point.lat().to_radians(), point.lon().to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// Whether a point is in a ring, by the sides that a ray to the east crosses.
fn is_in_ring((lat, lon): (f64, f64), ring: &[(f64, f64)]) -> bool {
    let sides = ring.iter().zip(ring.iter().cycle().skip(1));
    let crossed = sides.filter(|((lat1, lon1), (lat2, lon2))| {
        (*lat1 > lat) != (*lat2 > lat) && lon < lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1)
    });
    crossed.count() % 2 == 1
}

fn geojson(rings: &[Vec<(f64, f64)>]) -> String {
    let rings = rings.iter().map(|ring| {
        let closed = ring.iter().chain(ring.first()).map(|(lat, lon)| format!("[{lon:?},{lat:?}]"));
        format!("[{}]", closed.collect::<Vec<_>>().join(","))
    });
    format!(r#"{{"type":"Polygon","coordinates":[{}]}}"#, rings.collect::<Vec<_>>().join(","))
}

/// An index of points, and everything to look at all of them.
struct World {
    points: Vec<GeoPoint>,
    searcher: Searcher,
    segments: Vec<(Points, Column<u64>)>,
    /// By the number of the document; every tenth has none.
    known: Vec<Option<GeoPoint>>,
    placed: Vec<(usize, GeoPoint)>,
    vectors: Vec<[f64; 3]>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut globe = Globe::new(seed, &[]);
        let points: Vec<GeoPoint> = (0..N_POINTS).map(|_| globe.place()).collect();
        let (searcher, known) = index_of(&points);
        let open =
            |reader: &SegmentReader| (Points::open(reader).unwrap(), reader.fast_fields().u64("participants").unwrap());
        let segments: Vec<(Points, Column<u64>)> = searcher.segment_readers().iter().map(open).collect();
        assert!(segments.len() >= 3);
        let placed: Vec<(usize, GeoPoint)> =
            known.iter().enumerate().filter_map(|(n, point)| Some((n, (*point)?))).collect();
        let vectors = placed.iter().map(|(_, point)| vector(*point)).collect();
        Self { points, searcher, segments, known, placed, vectors }
    }

    /// What a look at every point finds in a circle.
    fn in_circle(&self, circle: &Circle) -> Vec<usize> {
        let centre = vector(circle.centre());
        let chord = 2.0 * (circle.radius_m() / EARTH_RADIUS_M / 2.0).sin();
        // No point is nearer than its parallel.
        let (lat, reach) = (circle.centre().lat(), circle.radius_m() / DEGREE_M + 0.001);
        let inside = |((_, point), [x, y, z]): &(&(usize, GeoPoint), &[f64; 3])| {
            if (point.lat() - lat).abs() > reach {
                return false;
            }
            let square = (x - centre[0]).powi(2) + (y - centre[1]).powi(2) + (z - centre[2]).powi(2);
            let margin = 1e-6 * chord * chord + 1e-15;
            if (square - chord * chord).abs() > margin {
                square < chord * chord
            } else {
                distance_m(circle.centre(), *point) <= circle.radius_m()
            }
        };
        self.placed.iter().zip(&self.vectors).filter(inside).map(|((n, _), _)| *n).collect()
    }

    /// What a look at every point finds in a box.
    fn in_box(&self, [south, west, height, width]: [i64; 4]) -> Vec<usize> {
        let inside = |(_, point): &&(usize, GeoPoint)| {
            let (lat, lon) = (i64::from(point.lat_e7()), i64::from(point.lon_e7()));
            (south..=south + height).contains(&lat)
                && (lat.abs() == 900_000_000 || (lon - west).rem_euclid(3_600_000_000) <= width)
        };
        self.placed.iter().filter(inside).map(|(n, _)| *n).collect()
    }

    /// What a look at every point finds in a ring with a hole.
    fn in_star(&self, [ring, hole]: &[Vec<(f64, f64)>; 2]) -> Vec<usize> {
        let south = ring.iter().map(|(lat, _)| *lat).fold(90.0, f64::min);
        let north = ring.iter().map(|(lat, _)| *lat).fold(-90.0, f64::max);
        let inside = |(_, point): &&(usize, GeoPoint)| {
            if point.lat() < south || point.lat() > north {
                return false;
            }
            [0.0, 360.0, -360.0].into_iter().any(|turn| {
                let at = (point.lat(), point.lon() + turn);
                is_in_ring(at, ring) && !is_in_ring(at, hole)
            })
        };
        self.placed.iter().filter(inside).map(|(n, _)| *n).collect()
    }

    /// Compares one random area; gives how many points are in it, and whether cells cover it.
    fn compare(&self, seed: u64, case: u64) -> (usize, bool) {
        let mut globe = Globe::new(seed ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15), &self.points);
        let (area, expected, what) = match case % 10 {
            0..7 => {
                let (circle, what) = globe.circle();
                (Area::Circle(circle), self.in_circle(&circle), what)
            }
            7..9 => {
                let sides = globe.bounds();
                let [south, west, height, width] = sides;
                let degrees = |e7: i64| e7 as f64 / 1e7;
                let (north, east) = (degrees(south + height), degrees(west + width));
                let bounds = BoundingBox::new(north, degrees(west), degrees(south), east).unwrap();
                (Area::Box(bounds), self.in_box(sides), format!("{bounds:?}"))
            }
            _ => {
                let rings = globe.star();
                let json = geojson(&rings);
                let region = Region::from_geojson(json.as_bytes()).unwrap();
                (Area::Region(Arc::new(region)), self.in_star(&rings), json)
            }
        };
        let within = Within::new(area);
        let found = found(&self.searcher, &self.segments, &within);
        if found != expected {
            let [found, expected] = [found, expected].map(BTreeSet::from_iter);
            let [extra, missing] = [found.difference(&expected), expected.difference(&found)]
                .map(|points| points.take(3).map(|n| self.known[*n]).collect::<Vec<_>>());
            panic!("case {case} of VIGIE_TEST_SEED={seed}: {what}: too much {extra:?}, missing {missing:?}");
        }
        (found.len(), !within.is_large())
    }
}

// case 121
#[test]
fn nearby_is_what_a_look_at_every_point_finds() {
    let seed = std::env::var("VIGIE_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    let world = World::new(seed);
    let all: Vec<(usize, bool)> = std::thread::scope(|scope| {
        let world = &world;
        let threads = (0..N_THREADS).map(|thread| {
            let cases = (thread..N_CASES).step_by(N_THREADS as usize);
            scope.spawn(move || cases.map(|case| world.compare(seed, case)).collect::<Vec<_>>())
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("the areas of one thread")).collect()
    });
    assert_eq!(all.len() as u64, N_CASES);
    // What finds nothing proves nothing, and what is not covered proves nothing of covers.
    let n_found: usize = all.iter().map(|(n_found, _)| n_found).sum();
    let (n_filled, n_covered) = (all.iter().filter(|(n, _)| *n > 0).count(), all.iter().filter(|(_, is)| *is).count());
    assert!(
        n_found > 500_000 && n_filled > 5_000 && (6_000..9_900).contains(&n_covered),
        "VIGIE_TEST_SEED={seed}: {n_found} found, {n_filled} filled, {n_covered} covered"
    );
}

#[test]
fn a_distance_orders_from_near_to_far_and_nowhere_comes_last() {
    use crate::query::SortKey;
    let point = |lat, lon| GeoPoint::new(lat, lon).unwrap();
    let near = Some(point(45.0, 179.9));
    let places =
        [Some(point(45.0, 179.9)), Some(point(45.0, -179.95)), Some(point(44.0, 179.9)), Some(point(-45.0, 0.0))];
    for descending in [false, true] {
        let sort = Sort { key: SortKey::Distance, descending };
        let keys = places.map(|place| distance_key(near, place, sort));
        assert!(keys.is_sorted_by(|nearer, farther| if descending { nearer < farther } else { nearer > farther }));
        assert!(keys.into_iter().all(|key| key > distance_key(near, None, sort)));
        assert_eq!(distance_key(None, places[0], sort), distance_key(None, places[3], sort));
    }
}

#[test]
fn equal_areas_are_one_entry_of_a_cache() {
    let circle = |radius_m| Within::new(Area::Circle(Circle::new(GeoPoint::new(45.0, 5.0).unwrap(), radius_m)));
    assert_eq!(circle(1000.0), circle(1000.0));
    assert_ne!(circle(1000.0), circle(1000.1));
    assert!(DEGREE_M > 111_000.0 && !circle(10.0 * DEGREE_M).is_large() && circle(30.0 * DEGREE_M).is_large());
}
