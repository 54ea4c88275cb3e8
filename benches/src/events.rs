//! The seeded corpus of events: where people live, when they go out, and some where formulas break.
//!
//! As with videos, an event is a pure function of the seed and its number.

use std::f64::consts::PI;

use allowlist::Host;
use indexer::schema::EVENT_CATEGORIES;
use jiff::Timestamp;
use journal::record::{Address, Event, EventStatus, EventTime, JoinMode, Point};
use journal::{Entry, Record};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::corpus::{NOW_MS, SEED, actor, log_normal, seen, zipf};
use crate::text::{draw_language, write_words};

/// Instances of the corpus; their sizes follow Zipf's law.
const N_HOSTS: f64 = 90.0;

/// How far from the middle of a city its events are, as the deviation of a normal distribution, in metres.
const CITY_DEVIATION_M: f64 = 5_000.0;

const DAY_MS: f64 = 86_400_000.0;

const DEGREE_M: f64 = 111_195.0;

/// Cities: name, zone, degrees north and east, and about how many thousands live there.
const CITIES: [(&str, &str, f64, f64, f64); 100] = [
    ("Paris", "Europe/Paris", 48.8566, 2.3522, 11_000.0),
    ("Marseille", "Europe/Paris", 43.2965, 5.3698, 1_600.0),
    ("Lyon", "Europe/Paris", 45.7640, 4.8357, 1_700.0),
    ("Toulouse", "Europe/Paris", 43.6047, 1.4442, 1_000.0),
    ("Nantes", "Europe/Paris", 47.2184, -1.5536, 700.0),
    ("Bordeaux", "Europe/Paris", 44.8378, -0.5792, 950.0),
    ("Lille", "Europe/Paris", 50.6292, 3.0573, 1_100.0),
    ("Rennes", "Europe/Paris", 48.1173, -1.6778, 360.0),
    ("Strasbourg", "Europe/Paris", 48.5734, 7.7521, 480.0),
    ("Grenoble", "Europe/Paris", 45.1885, 5.7245, 450.0),
    ("Brest", "Europe/Paris", 48.3904, -4.4861, 210.0),
    ("Montpellier", "Europe/Paris", 43.6108, 3.8767, 460.0),
    ("Berlin", "Europe/Berlin", 52.5200, 13.4050, 3_700.0),
    ("Hamburg", "Europe/Berlin", 53.5511, 9.9937, 1_900.0),
    ("Munich", "Europe/Berlin", 48.1351, 11.5820, 1_500.0),
    ("Cologne", "Europe/Berlin", 50.9375, 6.9603, 1_100.0),
    ("Frankfurt", "Europe/Berlin", 50.1109, 8.6821, 770.0),
    ("Leipzig", "Europe/Berlin", 51.3397, 12.3731, 620.0),
    ("Dresden", "Europe/Berlin", 51.0504, 13.7373, 560.0),
    ("Bremen", "Europe/Berlin", 53.0793, 8.8017, 570.0),
    ("Freiburg", "Europe/Berlin", 47.9990, 7.8421, 230.0),
    ("Karlsruhe", "Europe/Berlin", 49.0069, 8.4037, 310.0),
    ("Vienna", "Europe/Vienna", 48.2082, 16.3738, 2_000.0),
    ("Graz", "Europe/Vienna", 47.0707, 15.4395, 290.0),
    ("Zurich", "Europe/Zurich", 47.3769, 8.5417, 440.0),
    ("Geneva", "Europe/Zurich", 46.2044, 6.1432, 200.0),
    ("Brussels", "Europe/Brussels", 50.8503, 4.3517, 1_200.0),
    ("Antwerp", "Europe/Brussels", 51.2194, 4.4025, 530.0),
    ("Amsterdam", "Europe/Amsterdam", 52.3676, 4.9041, 1_150.0),
    ("Rotterdam", "Europe/Amsterdam", 51.9244, 4.4777, 660.0),
    ("Utrecht", "Europe/Amsterdam", 52.0907, 5.1214, 360.0),
    ("London", "Europe/London", 51.5074, -0.1278, 9_500.0),
    ("Manchester", "Europe/London", 53.4808, -2.2426, 2_800.0),
    ("Bristol", "Europe/London", 51.4545, -2.5879, 700.0),
    ("Edinburgh", "Europe/London", 55.9533, -3.1883, 530.0),
    ("Glasgow", "Europe/London", 55.8642, -4.2518, 1_000.0),
    ("Dublin", "Europe/Dublin", 53.3498, -6.2603, 1_300.0),
    ("Madrid", "Europe/Madrid", 40.4168, -3.7038, 6_700.0),
    ("Barcelona", "Europe/Madrid", 41.3874, 2.1686, 5_600.0),
    ("Valencia", "Europe/Madrid", 39.4699, -0.3763, 1_500.0),
    ("Seville", "Europe/Madrid", 37.3891, -5.9845, 700.0),
    ("Bilbao", "Europe/Madrid", 43.2630, -2.9350, 350.0),
    ("Lisbon", "Europe/Lisbon", 38.7223, -9.1393, 2_900.0),
    ("Porto", "Europe/Lisbon", 41.1579, -8.6291, 1_300.0),
    ("Rome", "Europe/Rome", 41.9028, 12.4964, 2_800.0),
    ("Milan", "Europe/Rome", 45.4642, 9.1900, 3_100.0),
    ("Turin", "Europe/Rome", 45.0703, 7.6869, 850.0),
    ("Bologna", "Europe/Rome", 44.4949, 11.3426, 390.0),
    ("Naples", "Europe/Rome", 40.8518, 14.2681, 2_200.0),
    ("Palermo", "Europe/Rome", 38.1157, 13.3615, 630.0),
    ("Athens", "Europe/Athens", 37.9838, 23.7275, 3_100.0),
    ("Copenhagen", "Europe/Copenhagen", 55.6761, 12.5683, 1_350.0),
    ("Stockholm", "Europe/Stockholm", 59.3293, 18.0686, 1_600.0),
    ("Gothenburg", "Europe/Stockholm", 57.7089, 11.9746, 600.0),
    ("Oslo", "Europe/Oslo", 59.9139, 10.7522, 1_050.0),
    ("Bergen", "Europe/Oslo", 60.3913, 5.3221, 290.0),
    ("Helsinki", "Europe/Helsinki", 60.1699, 24.9384, 1_300.0),
    ("Tallinn", "Europe/Tallinn", 59.4370, 24.7536, 450.0),
    ("Riga", "Europe/Riga", 56.9496, 24.1052, 610.0),
    ("Vilnius", "Europe/Vilnius", 54.6872, 25.2797, 580.0),
    ("Warsaw", "Europe/Warsaw", 52.2297, 21.0122, 1_860.0),
    ("Krakow", "Europe/Warsaw", 50.0647, 19.9450, 800.0),
    ("Wroclaw", "Europe/Warsaw", 51.1079, 17.0385, 670.0),
    ("Prague", "Europe/Prague", 50.0755, 14.4378, 1_350.0),
    ("Brno", "Europe/Prague", 49.1951, 16.6068, 400.0),
    ("Bratislava", "Europe/Bratislava", 48.1486, 17.1077, 480.0),
    ("Budapest", "Europe/Budapest", 47.4979, 19.0402, 1_700.0),
    ("Ljubljana", "Europe/Ljubljana", 46.0569, 14.5058, 290.0),
    ("Zagreb", "Europe/Zagreb", 45.8150, 15.9819, 770.0),
    ("Belgrade", "Europe/Belgrade", 44.7866, 20.4489, 1_400.0),
    ("Bucharest", "Europe/Bucharest", 44.4268, 26.1025, 1_700.0),
    ("Sofia", "Europe/Sofia", 42.6977, 23.3219, 1_280.0),
    ("Istanbul", "Europe/Istanbul", 41.0082, 28.9784, 15_500.0),
    ("Kyiv", "Europe/Kyiv", 50.4501, 30.5234, 2_950.0),
    ("Reykjavik", "Atlantic/Reykjavik", 64.1466, -21.9426, 140.0),
    ("New York", "America/New_York", 40.7128, -74.0060, 19_000.0),
    ("Boston", "America/New_York", 42.3601, -71.0589, 4_900.0),
    ("Chicago", "America/Chicago", 41.8781, -87.6298, 9_400.0),
    ("Denver", "America/Denver", 39.7392, -104.9903, 2_900.0),
    ("San Francisco", "America/Los_Angeles", 37.7749, -122.4194, 4_600.0),
    ("Portland", "America/Los_Angeles", 45.5152, -122.6784, 2_500.0),
    ("Seattle", "America/Los_Angeles", 47.6062, -122.3321, 4_000.0),
    ("Vancouver", "America/Vancouver", 49.2827, -123.1207, 2_600.0),
    ("Montreal", "America/Toronto", 45.5017, -73.5673, 4_300.0),
    ("Toronto", "America/Toronto", 43.6532, -79.3832, 6_200.0),
    ("Mexico City", "America/Mexico_City", 19.4326, -99.1332, 21_800.0),
    ("Bogota", "America/Bogota", 4.7110, -74.0721, 11_000.0),
    ("Sao Paulo", "America/Sao_Paulo", -23.5505, -46.6333, 22_000.0),
    ("Buenos Aires", "America/Argentina/Buenos_Aires", -34.6037, -58.3816, 15_400.0),
    ("Santiago", "America/Santiago", -33.4489, -70.6693, 6_800.0),
    ("Dakar", "Africa/Dakar", 14.7167, -17.4677, 3_300.0),
    ("Cape Town", "Africa/Johannesburg", -33.9249, 18.4241, 4_700.0),
    ("Nairobi", "Africa/Nairobi", -1.2921, 36.8219, 5_000.0),
    ("Delhi", "Asia/Kolkata", 28.6139, 77.2090, 32_000.0),
    ("Tokyo", "Asia/Tokyo", 35.6762, 139.6503, 37_000.0),
    ("Taipei", "Asia/Taipei", 25.0330, 121.5654, 7_000.0),
    ("Melbourne", "Australia/Melbourne", -37.8136, 144.9631, 5_100.0),
    ("Auckland", "Pacific/Auckland", -36.8485, 174.7633, 1_650.0),
    ("Suva", "Pacific/Fiji", -18.1248, 178.4501, 180.0),
    ("Noumea", "Pacific/Noumea", -22.2711, 166.4416, 180.0),
];

/// A place: 90 % in cities by the square root of their size, 5 % anywhere on the globe, the rest where formulas break.
/// Degrees north and east, with the city and its zone where there is one.
pub fn place(rng: &mut SmallRng) -> (f64, f64, Option<(&'static str, &'static str)>) {
    let draw: f64 = rng.random();
    if draw < 0.90 {
        let (name, zone, lat, lon, _) = city(rng);
        let (north, east) = (normal(rng) * CITY_DEVIATION_M, normal(rng) * CITY_DEVIATION_M);
        (lat + north / DEGREE_M, lon + east / DEGREE_M / lat.to_radians().cos(), Some((name, zone)))
    } else if draw < 0.95 {
        (rng.random_range(-1.0_f64..=1.0).asin().to_degrees(), rng.random_range(-180.0..=180.0), None)
    } else if draw < 0.975 {
        let pole: f64 = if rng.random() { 90.0 } else { -90.0 };
        (pole - pole.signum() * rng.random::<f64>().powi(2) * 5.0, rng.random_range(-180.0..=180.0), None)
    } else {
        let off = rng.random::<f64>().powi(2) * 2.0;
        let lon = if rng.random() { 180.0 - off } else { off - 180.0 };
        (rng.random_range(-70.0..=70.0), lon, None)
    }
}

/// Makes the event of a number: a third are over, the others lie mostly in the next weeks.
pub fn event(number: u64) -> Event {
    let mut rng = SmallRng::seed_from_u64(SEED ^ (number + 1).wrapping_mul(0x8cb9_2ba7_2f3d_8dd7));
    let host_number = zipf(&mut rng, N_HOSTS);
    let host = host(host_number);
    let language = draw_language(&mut rng);
    let mut words = |n: usize| {
        let mut text = String::new();
        write_words(&mut rng, language, n, &mut text);
        text
    };
    let (title, description) = (words(5), format!("<p>{}</p><p>{}</p>", words(20), words(25)));
    let tags = vec![words(1), words(1)];
    let (lat, lon, city) = place(&mut rng);
    let days = if rng.random::<f64>() < 0.33 { -rng.random::<f64>() * 700.0 } else { log_normal(&mut rng, 3.0, 1.2) };
    let starts_at_ms = NOW_MS + (days * DAY_MS) as i64;
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or_default();
    let published_at = at(starts_at_ms.min(NOW_MS) - (rng.random::<f64>() * 30.0 * DAY_MS) as i64);
    let origin_id = uuid::Uuid::from_u64_pair(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number | 1 << 62).to_string();
    Event {
        url: format!("https://{host}/events/{origin_id}"),
        origin_id,
        page_url: None,
        title,
        description: Some(description),
        time: EventTime {
            starts_at: at(starts_at_ms),
            ends_at: (rng.random::<f64>() < 0.8).then(|| at(starts_at_ms + rng.random_range(1..6) * 3_600_000)),
            time_zone: city.map(|(_, zone)| zone.to_owned()),
            shows_start_time: true,
            shows_end_time: true,
        },
        status: if rng.random::<f64>() < 0.03 { EventStatus::Cancelled } else { EventStatus::Confirmed },
        join_mode: Some(JoinMode::Free),
        external_participation_url: None,
        category: Some(EVENT_CATEGORIES[zipf(&mut rng, EVENT_CATEGORIES.len() as f64)].to_owned()),
        language: (rng.random::<f64>() < 0.7).then(|| language.id.to_owned()),
        pictures: Vec::new(),
        tags,
        organizer: Some(actor(&host, "accounts", host_number, zipf(&mut rng, 100.0))),
        group: (rng.random::<f64>() < 0.5).then(|| actor(&host, "groups", host_number, zipf(&mut rng, 100.0))),
        address: Some(Address {
            locality: city.map(|(name, _)| name.to_owned()),
            point: Point::new(lat, lon),
            ..Address::default()
        }),
        is_online: rng.random::<f64>() < 0.1,
        online_address: None,
        n_participants: Some(log_normal(&mut rng, 2.0, 1.0) as u64),
        capacity: None,
        anonymous_participation: None,
        metadata: Vec::new(),
        series: None,
        published_at: Some(published_at),
        updated_at: Some(published_at),
        host,
    }
}

/// Makes the journal entries of the events in a range of numbers.
pub fn entries(numbers: std::ops::Range<u64>) -> Vec<Entry> {
    numbers.map(|number| seen(Record::Event(Box::new(event(number))))).collect()
}

/// A city, by the square root of its size.
fn city(rng: &mut SmallRng) -> (&'static str, &'static str, f64, f64, f64) {
    let total: f64 = CITIES.iter().map(|(.., thousands)| thousands.sqrt()).sum();
    let mut left = rng.random::<f64>() * total;
    for city in CITIES {
        left -= city.4.sqrt();
        if left <= 0.0 {
            return city;
        }
    }
    CITIES[0]
}

fn host(number: usize) -> Host {
    let name = format!("mobilizon-{number}.example");
    match Host::parse(&name) {
        Ok(host) => host,
        Err(error) => unreachable!("the corpus makes names that are hosts: {error}"),
    }
}

/// A normal draw (Box and Muller's transform).
fn normal(rng: &mut SmallRng) -> f64 {
    let (first, second): (f64, f64) = (rng.random::<f64>().max(f64::MIN_POSITIVE), rng.random());
    (-2.0 * first.ln()).sqrt() * (2.0 * PI * second).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_each_time_and_on_the_globe() {
        for number in 0..500 {
            let made = event(number);
            assert_eq!(made, event(number));
            assert!(made.address.is_some_and(|address| address.point.is_some()), "{number}");
        }
    }
}
