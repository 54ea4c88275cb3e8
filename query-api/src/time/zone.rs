//! Time zones by name.

use jiff::tz::TimeZone;

/// Longest name looked up, in bytes; the longest of the tz database has 32.
const MAX_NAME_BYTES: usize = 64;

/// A name that the tz database does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("finding the time zone {name:?}: it is no name of the tz database, such as Europe/Paris")]
pub struct UnknownZone {
    /// As given, long ones cut.
    pub name: String,
}

/// The zone of an IANA name, whatever its case. The tz database is part of the program, so that every machine knows the same.
///
/// # Errors
/// [`UnknownZone`] for every other text; abbreviations such as `CEST` and offsets say nothing about other days.
pub fn find_zone(name: &str) -> Result<TimeZone, UnknownZone> {
    let unknown = || UnknownZone { name: name.chars().take(MAX_NAME_BYTES).collect() };
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(unknown());
    }
    TimeZone::get(name).ok().filter(|zone| !zone.is_unknown()).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_database_are_known_and_nothing_else() {
        for name in ["Europe/Paris", "europe/paris", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"] {
            assert!(find_zone(name).is_ok(), "{name}");
        }
        for name in
            ["", "Mars/Olympus", "Europe/", "Etc/Unknown", "+02:00", "../../etc/passwd", "CET-1CEST,M3.5.0", "é"]
        {
            assert_eq!(find_zone(name), Err(UnknownZone { name: name.to_owned() }), "{name}");
        }
        let long = find_zone(&"x".repeat(1000)).unwrap_err();
        assert_eq!(long.name.len(), MAX_NAME_BYTES);
    }
}
