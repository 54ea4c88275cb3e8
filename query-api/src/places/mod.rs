//! Cities by name, without any outside service: GeoNames' cities from 5000 people on, in the program itself. Where the data
//! is from is told in `data/README.md`.

mod data;
mod gazetteer;
mod lookup;
mod names;
mod regions;

pub use lookup::{MAX_CHARS, PlaceMatch, PlaceQuery, resolve, search};

use indexer::geography::GeoPoint;

use self::gazetteer::Gazetteer;

/// A city.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// In the language asked for when the data tells it, else the name that GeoNames prefers.
    pub name: &'static str,
    /// ISO 3166-1 code of the country.
    pub country_code: &'static str,
    /// The country, in the language asked for when the data tells it, else in English.
    pub country: &'static str,
    /// The region, state or province as GeoNames names it, when there is one that is not the city itself.
    pub region: Option<&'static str>,
    /// Whether a larger city of the same region has the same name.
    pub has_larger_namesake: bool,
    /// Its centre, to about a hundred metres.
    pub point: GeoPoint,
    /// People.
    pub population: u32,
    /// IANA name of its time zone.
    pub time_zone: &'static str,
}

impl Place {
    /// `Lyon, Auvergne-Rhône-Alpes, FR`. [`resolve`] reads it back. Where a larger city would have the same, its coordinates
    /// follow: `Weingarten, Baden-Wurttemberg, DE (49.055 8.527)`.
    pub fn label(&self) -> String {
        let parts: Vec<&str> = [self.name].into_iter().chain(self.region).chain([self.country_code]).collect();
        let label = parts.join(", ");
        if self.has_larger_namesake {
            format!("{label} ({:.3} {:.3})", self.point.lat(), self.point.lon())
        } else {
            label
        }
    }
}

/// Unpacks the data now, so that no visitor waits for it: some tenths of a second and 18 MB of memory.
pub fn warm() {
    Gazetteer::get();
}
