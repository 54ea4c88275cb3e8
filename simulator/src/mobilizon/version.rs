//! The versions of Mobilizon that a fake host can be.

/// A version and what depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MobilizonVersion {
    /// 1.1.0 of March 2021: no search target, no sort, drafts leak into searches.
    V1_1,
    /// 3.0.0 of November 2022: search results are interfaces, there is a global index.
    V3_0,
    /// 4.1.0 of February 2024: the target `SELF`, feeds are on.
    V4_1,
    /// 5.1.3 of April 2025.
    V5_1,
}

impl MobilizonVersion {
    /// All of them, the oldest first.
    pub const ALL: [Self; 4] = [Self::V1_1, Self::V3_0, Self::V4_1, Self::V5_1];

    /// The version string.
    pub fn number(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1.0",
            Self::V3_0 => "3.0.0",
            Self::V4_1 => "4.1.0",
            Self::V5_1 => "5.1.3",
        }
    }

    /// The greatest number of fields a query may select.
    pub fn max_complexity(self) -> usize {
        match self {
            Self::V1_1 => 200,
            Self::V3_0 => 250,
            Self::V4_1 | Self::V5_1 => 300,
        }
    }

    /// Whether drafts show up in searches (fixed in 1.3).
    pub(crate) fn leaks_drafts(self) -> bool {
        self == Self::V1_1
    }

    /// Whether explicit null is an accepted date (since 2.0).
    pub(crate) fn accepts_null_dates(self) -> bool {
        self > Self::V1_1
    }

    /// Whether elements of searches are of an interface, and there is a global index.
    pub(crate) fn has_search_interfaces(self) -> bool {
        self >= Self::V3_0
    }

    /// Whether categories are an enumeration in upper case (since 2.1).
    pub(crate) fn has_category_enum(self) -> bool {
        self > Self::V1_1
    }

    /// Whether ActivityPub and calendars have latitude and longitude swapped (fixed in 1.3).
    pub(crate) fn swaps_coordinates(self) -> bool {
        self == Self::V1_1
    }

    /// Whether the relay's outbox holds `Announce` activities (since 4.0).
    pub(crate) fn announces(self) -> bool {
        self >= Self::V4_1
    }

    /// Whether feeds of the instance are on unless its administrator says otherwise.
    pub(crate) fn has_feeds_by_default(self) -> bool {
        self >= Self::V4_1
    }
}
