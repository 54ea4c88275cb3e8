//! One line of the journal.

use jiff::Timestamp;

use crate::record::{Record, RecordId};

/// The position of an entry: strictly increasing, never used twice, not without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Offset(pub u64);

impl Offset {
    /// Before the first entry.
    pub const ZERO: Self = Self(0);
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What was seen of one record at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When our crawler saw it.
    pub seen_at: Timestamp,
    /// The record, or that it is gone.
    pub body: Body,
}

impl Entry {
    /// The key of the record that the entry is about.
    pub fn id(&self) -> RecordId {
        match &self.body {
            Body::Record(record) => record.id(),
            Body::Tombstone { id, .. } => id.clone(),
        }
    }
}

/// The two things an entry can say.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The whole record as it is now; replaces what was known.
    Record(Record),
    /// The record is gone, whatever the reason.
    Tombstone {
        /// The key of the record.
        id: RecordId,
        /// Why it went.
        reason: TombstoneReason,
    },
}

/// Why a record was removed. Every removal takes this one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TombstoneReason {
    /// Deleted on its instance.
    Deleted,
    /// Still there, but no longer public.
    Hidden,
    /// Its instance left the allowlist.
    Delisted,
    /// Its instance forbids indexing (robots.txt, opt-out).
    OptOut,
    /// Removed by a moderator of this index.
    Moderated,
}

impl TombstoneReason {
    /// Every reason, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::Deleted, Self::Hidden, Self::Delisted, Self::OptOut, Self::Moderated];

    /// The number stored in the journal; never changes.
    pub fn code(self) -> i64 {
        match self {
            Self::Deleted => 1,
            Self::Hidden => 2,
            Self::Delisted => 3,
            Self::OptOut => 4,
            Self::Moderated => 5,
        }
    }

    /// The reason of a stored code; `None` for a code of a newer version.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}
