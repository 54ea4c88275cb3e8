use serde::Serialize;
use utoipa::ToSchema;

use super::TextConstant;
use crate::places::PlaceMatch;

/// Cities for what was typed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceList {
    /// The text as given.
    pub q: String,
    /// Whole names first, and then the larger city.
    pub data: Vec<PlaceObject>,
    /// Whose data it is.
    pub attribution: &'static str,
}

/// A city.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaceObject {
    /// `Lyon, Auvergne-Rhône-Alpes, FR`; the parameter `near` takes it.
    pub label: String,
    /// In the language asked for when the data tells it.
    pub name: String,
    /// The name that was found, when it is another.
    pub matched_name: Option<String>,
    /// ISO 3166-1 code.
    pub country_code: String,
    /// In the language asked for when the data tells it, else in English.
    pub country: String,
    /// Region, state or province.
    pub region: Option<String>,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// People.
    pub population: u32,
    /// IANA name of its time zone.
    pub time_zone: String,
}

/// Categories of one kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CategoryList {
    /// `event`.
    pub kind: &'static str,
    /// Each with what it is called.
    pub data: Vec<TextConstant>,
}

impl PlaceList {
    /// The answer to `q`.
    pub fn new(q: &str, found: &[PlaceMatch]) -> Self {
        let attribution = "GeoNames, CC BY 4.0";
        Self { q: q.to_owned(), data: found.iter().map(PlaceObject::from).collect(), attribution }
    }
}

impl From<&PlaceMatch> for PlaceObject {
    fn from(found: &PlaceMatch) -> Self {
        let place = &found.place;
        Self {
            label: place.label(),
            name: place.name.to_owned(),
            matched_name: found.matched.map(str::to_owned),
            country_code: place.country_code.to_owned(),
            country: place.country.to_owned(),
            region: place.region.map(str::to_owned),
            lat: place.point.lat(),
            lon: place.point.lon(),
            population: place.population,
            time_zone: place.time_zone.to_owned(),
        }
    }
}
