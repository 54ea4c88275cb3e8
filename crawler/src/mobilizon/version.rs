//! Versions of Mobilizon, as far as they decide which query is asked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The numeric beginning of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The first version of which anything is known.
    pub const FIRST: Self = Self(1, 0, 0);

    /// Reads `5.1.3`, `4.1.0-1-gabcdef`, `5.0.0-beta.1`, `v3.2`. `None` when it does not begin with a number.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let mut numbers = text.get(..end)?.split('.').map(str::parse::<u32>);
        let major = numbers.next()?.ok()?;
        let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
        Some(Self(major, next(), next()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numeric_beginning_counts() {
        for (text, version) in [
            ("5.1.3", Some(Version(5, 1, 3))),
            ("4.1.0-1-gabcdef", Some(Version(4, 1, 0))),
            ("5.0.0-beta.1", Some(Version(5, 0, 0))),
            (" v3.2 ", Some(Version(3, 2, 0))),
            ("2", Some(Version(2, 0, 0))),
            ("99999999999.1", None),
            ("main", None),
            ("", None),
        ] {
            assert_eq!(Version::parse(text), version, "{text}");
        }
        assert!(Version(4, 1, 0) > Version(4, 0, 9) && Version(10, 0, 0) > Version(9, 9, 9));
    }
}
