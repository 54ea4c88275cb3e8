//! Where an event takes place or a group is at home.

use serde::{Deserialize, Serialize};

use super::is_default;

/// An address as the index stores it.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct StoredAddress {
    /// The id on its origin, a URL.
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    pub url: Option<String>,
    /// The name of the place.
    #[serde(rename = "n", default, skip_serializing_if = "is_default")]
    pub name: Option<String>,
    /// Street and number.
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    pub street: Option<String>,
    /// Town.
    #[serde(rename = "lo", default, skip_serializing_if = "is_default")]
    pub locality: Option<String>,
    /// Postal code.
    #[serde(rename = "pc", default, skip_serializing_if = "is_default")]
    pub postal_code: Option<String>,
    /// Region or state.
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    pub region: Option<String>,
    /// Country, as a name.
    #[serde(rename = "c", default, skip_serializing_if = "is_default")]
    pub country: Option<String>,
    /// Degrees north and east in WGS 84, when known.
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    pub point: Option<(f64, f64)>,
}
