//! Cities of the world, for addresses of invented places in them.

/// A city.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct City {
    /// Its name as its people write it, in Latin script where it has one.
    pub name: &'static str,
    /// The country, in the language of the vocabulary.
    pub country: &'static str,
    /// The region.
    pub region: &'static str,
    /// The beginning of its postal codes.
    pub postal_prefix: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The IANA time zone.
    pub timezone: &'static str,
    /// The code of the vocabulary that its events are written with.
    pub language: &'static str,
}

macro_rules! cities {
    ($($name:literal $country:literal $region:literal $postal:literal $latitude:literal $longitude:literal $zone:literal $language:literal;)*) => {
        &[$(City {
            name: $name, country: $country, region: $region, postal_prefix: $postal,
            latitude: $latitude, longitude: $longitude, timezone: $zone, language: $language,
        }),*]
    };
}

/// The cities, two thirds of them in Europe. Coordinates are those of their centres, to about a kilometre.
#[rustfmt::skip]
pub const CITIES: &[City] = cities! {
    "Lyon" "France" "Auvergne-Rhône-Alpes" "690" 45.764 4.8357 "Europe/Paris" "fr";
    "Berlin" "Deutschland" "Berlin" "101" 52.52 13.405 "Europe/Berlin" "de";
    "Paris" "France" "Île-de-France" "750" 48.8566 2.3522 "Europe/Paris" "fr";
    "Nantes" "France" "Pays de la Loire" "440" 47.2184 -1.5536 "Europe/Paris" "fr";
    "Wien" "Österreich" "Wien" "10" 48.2082 16.3738 "Europe/Vienna" "de";
    "Barcelona" "España" "Catalunya" "080" 41.3874 2.1686 "Europe/Madrid" "es";
    "Torino" "Italia" "Piemonte" "101" 45.0703 7.6869 "Europe/Rome" "it";
    "Bristol" "United Kingdom" "England" "BS" 51.4545 -2.5879 "Europe/London" "en";
    "Lille" "France" "Hauts-de-France" "590" 50.6292 3.0573 "Europe/Paris" "fr";
    "Marseille" "France" "Provence-Alpes-Côte d'Azur" "130" 43.2965 5.3698 "Europe/Paris" "fr";
    "Toulouse" "France" "Occitanie" "310" 43.6047 1.4442 "Europe/Paris" "fr";
    "Rennes" "France" "Bretagne" "350" 48.1173 -1.6778 "Europe/Paris" "fr";
    "Grenoble" "France" "Auvergne-Rhône-Alpes" "380" 45.1885 5.7245 "Europe/Paris" "fr";
    "Strasbourg" "France" "Grand Est" "670" 48.5734 7.7521 "Europe/Paris" "fr";
    "Bruxelles" "Belgique" "Bruxelles-Capitale" "10" 50.8503 4.3517 "Europe/Brussels" "fr";
    "Genève" "Suisse" "Genève" "12" 46.2044 6.1432 "Europe/Zurich" "fr";
    "Hamburg" "Deutschland" "Hamburg" "200" 53.5511 9.9937 "Europe/Berlin" "de";
    "Leipzig" "Deutschland" "Sachsen" "041" 51.3397 12.3731 "Europe/Berlin" "de";
    "Köln" "Deutschland" "Nordrhein-Westfalen" "506" 50.9375 6.9603 "Europe/Berlin" "de";
    "München" "Deutschland" "Bayern" "803" 48.1351 11.582 "Europe/Berlin" "de";
    "Freiburg im Breisgau" "Deutschland" "Baden-Württemberg" "790" 47.999 7.8421 "Europe/Berlin" "de";
    "Zürich" "Schweiz" "Zürich" "80" 47.3769 8.5417 "Europe/Zurich" "de";
    "Graz" "Österreich" "Steiermark" "80" 47.0707 15.4395 "Europe/Vienna" "de";
    "Madrid" "España" "Comunidad de Madrid" "280" 40.4168 -3.7038 "Europe/Madrid" "es";
    "Valencia" "España" "Comunitat Valenciana" "460" 39.4699 -0.3763 "Europe/Madrid" "es";
    "Sevilla" "España" "Andalucía" "410" 37.3891 -5.9845 "Europe/Madrid" "es";
    "Bilbao" "España" "Euskadi" "480" 43.263 -2.935 "Europe/Madrid" "es";
    "Las Palmas" "España" "Canarias" "350" 28.1235 -15.4363 "Atlantic/Canary" "es";
    "Lisboa" "Portugal" "Lisboa" "10" 38.7223 -9.1393 "Europe/Lisbon" "pt";
    "Porto" "Portugal" "Porto" "40" 41.1579 -8.6291 "Europe/Lisbon" "pt";
    "Bologna" "Italia" "Emilia-Romagna" "401" 44.4949 11.3426 "Europe/Rome" "it";
    "Roma" "Italia" "Lazio" "001" 41.9028 12.4964 "Europe/Rome" "it";
    "Milano" "Italia" "Lombardia" "201" 45.4642 9.19 "Europe/Rome" "it";
    "Napoli" "Italia" "Campania" "801" 40.8518 14.2681 "Europe/Rome" "it";
    "London" "United Kingdom" "England" "E" 51.5074 -0.1278 "Europe/London" "en";
    "Edinburgh" "United Kingdom" "Scotland" "EH" 55.9533 -3.1883 "Europe/London" "en";
    "Dublin" "Ireland" "Leinster" "D" 53.3498 -6.2603 "Europe/Dublin" "en";
    "Amsterdam" "Nederland" "Noord-Holland" "10" 52.3676 4.9041 "Europe/Amsterdam" "en";
    "København" "Danmark" "Hovedstaden" "21" 55.6761 12.5683 "Europe/Copenhagen" "en";
    "Stockholm" "Sverige" "Stockholms län" "111" 59.3293 18.0686 "Europe/Stockholm" "en";
    "Oslo" "Norge" "Oslo" "01" 59.9139 10.7522 "Europe/Oslo" "en";
    "Tromsø" "Norge" "Troms" "90" 69.6492 18.9553 "Europe/Oslo" "en";
    "Helsinki" "Suomi" "Uusimaa" "001" 60.1699 24.9384 "Europe/Helsinki" "en";
    "Reykjavík" "Ísland" "Höfuðborgarsvæðið" "10" 64.1466 -21.9426 "Atlantic/Reykjavik" "en";
    "Warszawa" "Polska" "Mazowieckie" "00-" 52.2297 21.0122 "Europe/Warsaw" "pl";
    "Kraków" "Polska" "Małopolskie" "30-" 50.0647 19.945 "Europe/Warsaw" "pl";
    "Praha" "Česko" "Praha" "11" 50.0755 14.4378 "Europe/Prague" "en";
    "Budapest" "Magyarország" "Budapest" "10" 47.4979 19.0402 "Europe/Budapest" "en";
    "Αθήνα" "Ελλάδα" "Αττική" "10" 37.9838 23.7275 "Europe/Athens" "el";
    "Istanbul" "Türkiye" "Marmara" "34" 41.0082 28.9784 "Europe/Istanbul" "en";
    "Tallinn" "Eesti" "Harjumaa" "10" 59.437 24.7536 "Europe/Tallinn" "ru";
    "Montréal" "Canada" "Québec" "H2" 45.5017 -73.5673 "America/Toronto" "fr";
    "New York" "United States" "New York" "100" 40.7128 -74.006 "America/New_York" "en";
    "Portland" "United States" "Oregon" "972" 45.5152 -122.6784 "America/Los_Angeles" "en";
    "Ciudad de México" "México" "Ciudad de México" "06" 19.4326 -99.1332 "America/Mexico_City" "es";
    "Bogotá" "Colombia" "Bogotá" "11" 4.711 -74.0721 "America/Bogota" "es";
    "Buenos Aires" "Argentina" "Buenos Aires" "C1" -34.6037 -58.3816 "America/Argentina/Buenos_Aires" "es";
    "São Paulo" "Brasil" "São Paulo" "010" -23.5505 -46.6333 "America/Sao_Paulo" "pt";
    "Tunis" "Tunisie" "Tunis" "10" 36.8065 10.1815 "Africa/Tunis" "ar";
    "Dakar" "Sénégal" "Dakar" "1" 14.7167 -17.4677 "Africa/Dakar" "fr";
    "Cape Town" "South Africa" "Western Cape" "80" -33.9249 18.4241 "Africa/Johannesburg" "en";
    "תל אביב" "ישראל" "תל אביב" "61" 32.0853 34.7818 "Asia/Jerusalem" "he";
    "Bengaluru" "India" "Karnataka" "560" 12.9716 77.5946 "Asia/Kolkata" "hi";
    "กรุงเทพฯ" "ประเทศไทย" "กรุงเทพมหานคร" "10" 13.7563 100.5018 "Asia/Bangkok" "th";
    "東京" "日本" "東京都" "100-" 35.6762 139.6503 "Asia/Tokyo" "ja";
    "서울" "대한민국" "서울" "04" 37.5665 126.978 "Asia/Seoul" "ko";
    "上海" "中国" "上海市" "200" 31.2304 121.4737 "Asia/Shanghai" "zh-Hans";
    "Melbourne" "Australia" "Victoria" "30" -37.8136 144.9631 "Australia/Melbourne" "en";
    "Auckland" "New Zealand" "Auckland" "10" -36.8509 174.7645 "Pacific/Auckland" "en";
    "Suva" "Fiji" "Central" "" -18.1416 178.4419 "Pacific/Fiji" "en";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_city_lies_on_earth_in_a_zone_that_exists() {
        assert!(CITIES.len() >= 60);
        for city in CITIES {
            assert!(city.latitude.abs() <= 90.0 && city.longitude.abs() <= 180.0, "{}", city.name);
            let zone = jiff::tz::TimeZone::get(city.timezone).unwrap();
            // The sun and the clock agree to about three and a half hours.
            let offset = zone.to_offset("2026-01-15T00:00:00Z".parse().unwrap()).seconds() as f64 / 240.0;
            assert!((offset - city.longitude).abs() < 52.0, "{}: {offset} {}", city.name, city.longitude);
            assert!(crate::catalogue::words::vocabulary(city.language).is_some(), "{}", city.language);
        }
    }
}
