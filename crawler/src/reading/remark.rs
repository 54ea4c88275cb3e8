//! What was mended in an item that is kept.

use std::fmt;

/// A field that made no sense, while the rest of its item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// The end is not after the start, or in another age: there is none.
    BadEnd,
    /// The time zone is in no database: there is none.
    UnknownZone,
    /// Latitude and longitude were swapped back.
    SwappedCoordinates,
    /// The coordinates are on no globe: there are none.
    BadCoordinates,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadEnd => "an end that is not after the start was dropped",
            Self::UnknownZone => "an unknown time zone was dropped",
            Self::SwappedCoordinates => "swapped coordinates were swapped back",
            Self::BadCoordinates => "coordinates outside the globe were dropped",
        })
    }
}
