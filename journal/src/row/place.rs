//! The stored form of addresses.

use serde::{Deserialize, Serialize};

use super::is_default;
use crate::record::{Address, Point};

#[derive(Serialize, Deserialize)]
pub(super) struct AddressRow {
    #[serde(default, skip_serializing_if = "is_default")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    street: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    locality: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    postal_code: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    region: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    lat: Option<f64>,
    #[serde(default, skip_serializing_if = "is_default")]
    lon: Option<f64>,
}

impl From<&Address> for AddressRow {
    fn from(address: &Address) -> Self {
        Self {
            url: address.url.clone(),
            name: address.name.clone(),
            street: address.street.clone(),
            locality: address.locality.clone(),
            postal_code: address.postal_code.clone(),
            region: address.region.clone(),
            country: address.country.clone(),
            lat: address.point.map(Point::lat),
            lon: address.point.map(Point::lon),
        }
    }
}

impl AddressRow {
    pub(super) fn into_address(self) -> Address {
        Address {
            url: self.url,
            name: self.name,
            street: self.street,
            locality: self.locality,
            postal_code: self.postal_code,
            region: self.region,
            country: self.country,
            point: self.lat.zip(self.lon).and_then(|(lat, lon)| Point::new(lat, lon)),
        }
    }
}
