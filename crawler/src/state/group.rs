//! Groups of a host, as far as the crawl has to remember them.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::StateDb;
use super::agenda::LATER_MS;
use crate::error::Error;

/// What is known of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownGroup {
    /// When it was seen first, Unix milliseconds.
    pub first_seen_ms: i64,
    /// When its ActivityPub actor was asked; 0 for never.
    pub checked_ms: i64,
    /// Its record is in the journal.
    pub is_journalled: bool,
    /// How it asks not to be indexed.
    pub withheld: Option<String>,
}

/// What an answer changes about a group. Names are lower case.
#[derive(Clone, Debug)]
pub enum GroupChange {
    /// A list or an event named it.
    Named { name: String, now: Timestamp, sweep: Option<u32> },
    /// Its actor was asked for; it is due again then.
    Checked { name: String, now: Timestamp, due_ms: i64, withheld: Option<String>, wants_record: bool },
    /// Its actor could not be asked for.
    Failed { name: String, due_ms: i64 },
    /// Its record was read, and is in the journal or is none.
    Read { name: String, is_journalled: bool, withheld: Option<String> },
    /// It is gone.
    Removed { name: String },
    /// The journal has it and nothing has shown it since.
    Adopted { name: String, now: Timestamp },
    /// Everything that this pass has not seen is to be read by itself.
    MissingFrom(u32),
}

impl GroupChange {
    pub(super) fn apply(&self, transaction: &Transaction<'_>, host: i64) -> rusqlite::Result<()> {
        match self {
            Self::Named { name, now, sweep } => transaction
                .prepare_cached(
                    "INSERT INTO event_group (host_id, name, first_seen_ms, sweep, due_ms)
                     VALUES (?1, ?2, ?3, COALESCE(?4, 0), 0)
                     ON CONFLICT (host_id, name) DO UPDATE SET sweep = COALESCE(?4, sweep)",
                )?
                .execute(params![host, name, now.as_millisecond(), sweep]),
            Self::Checked { name, now, due_ms, withheld, wants_record } => transaction
                .prepare_cached(
                    "UPDATE event_group SET checked_ms = ?3, due_ms = ?4, withheld = ?5, wants_record = ?6, n_failures = 0
                     WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![host, name, now.as_millisecond(), due_ms, withheld, wants_record]),
            Self::Failed { name, due_ms } => transaction
                .prepare_cached(
                    "UPDATE event_group SET due_ms = ?3 + ?4 * MIN(n_failures, 8), wants_record = 0,
                         n_failures = n_failures + 1
                     WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![host, name, due_ms, LATER_MS]),
            Self::Read { name, is_journalled, withheld } => transaction
                .prepare_cached(
                    "UPDATE event_group SET is_journalled = ?3, withheld = ?4, wants_record = 0
                     WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![host, name, is_journalled, withheld]),
            Self::Removed { name } => transaction
                .prepare_cached("DELETE FROM event_group WHERE host_id = ?1 AND name = ?2")?
                .execute(params![host, name]),
            Self::Adopted { name, now } => transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO event_group (host_id, name, first_seen_ms, sweep, due_ms, is_journalled)
                     VALUES (?1, ?2, ?3, 0, 0, 1)",
                )?
                .execute(params![host, name, now.as_millisecond()]),
            Self::MissingFrom(sweep) => transaction
                .prepare_cached(
                    "UPDATE event_group SET wants_record = 1 WHERE host_id = ?1 AND sweep <> ?2 AND is_journalled = 1",
                )?
                .execute(params![host, sweep]),
        }
        .map(drop)
    }
}

impl StateDb {
    /// What is known of a group, by its name in lower case.
    pub fn group(&self, id: i64, name: &str) -> Result<Option<KnownGroup>, Error> {
        self.read("reading groups from", |connection| {
            connection
                .prepare_cached(
                    "SELECT first_seen_ms, checked_ms, is_journalled, withheld FROM event_group
                     WHERE host_id = ?1 AND name = ?2",
                )?
                .query_row(params![id, name], |row| {
                    Ok(KnownGroup {
                        first_seen_ms: row.get(0)?,
                        checked_ms: row.get(1)?,
                        is_journalled: row.get(2)?,
                        withheld: row.get(3)?,
                    })
                })
                .optional()
        })
    }

    /// Groups with a record, of these how many the pass `sweep` has not seen, and groups that are withheld.
    pub fn tally_groups(&self, id: i64, sweep: u32) -> Result<(u64, u64, u64), Error> {
        self.read("counting in", |connection| {
            connection
                .prepare_cached(
                    "SELECT COALESCE(SUM(is_journalled), 0), COALESCE(SUM(is_journalled AND sweep <> ?2), 0),
                         COALESCE(SUM(withheld IS NOT NULL), 0) FROM event_group WHERE host_id = ?1",
                )?
                .query_row(params![id, sweep], |row| {
                    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
                    Ok((count(0)?, count(1)?, count(2)?))
                })
        })
    }
}
