//! The SQLite file. (Signatures settled; bodies follow.)

use std::path::{Path, PathBuf};

use allowlist::Host;

use crate::entry::{Entry, Offset};
use crate::error::Error;
use crate::record::{Kind, RecordId};

/// The open journal: owns the one writer.
pub struct Journal {
    path: PathBuf,
}
/// Hands entries to the one writer thread. Cheap to clone.
#[derive(Clone)]
pub struct Writer;
/// A read-only connection; never blocks the writer.
pub struct Reader;

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The last offset of the journal after the append.
    pub last: Offset,
    /// Entries that became rows.
    pub n_written: usize,
    /// Entries left out because the journal's newest row of that key says the same.
    pub n_unchanged: usize,
}
/// What a compaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Rows removed because a later row of the same key replaced them.
    pub n_removed: usize,
}
/// Live records of one host and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostCount {
    /// The origin.
    pub host: Host,
    /// What is counted.
    pub kind: Kind,
    /// Records whose newest entry is not a tombstone.
    pub n_records: u64,
}
/// Figures of the whole journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Rows, superseded ones included.
    pub n_entries: u64,
    /// Keys whose newest row is a record.
    pub n_records: u64,
    /// Keys whose newest row is a tombstone.
    pub n_tombstones: u64,
    /// The last offset given out.
    pub last: Offset,
}

impl Journal {
    /// Opens or creates the journal file and starts its writer thread.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned() })
    }
    /// A handle to the writer.
    pub fn writer(&self) -> Writer {
        Writer
    }
    /// A new read-only connection.
    pub fn reader(&self) -> Result<Reader, Error> {
        Reader::open(&self.path)
    }
}
impl Writer {
    /// Appends all entries in one transaction; returns once they are fsynced.
    pub async fn append(&self, _entries: Vec<Entry>) -> Result<Appended, Error> {
        Err(Error::WriterGone)
    }
    /// The same for threads outside the runtime.
    pub fn append_blocking(&self, _entries: Vec<Entry>) -> Result<Appended, Error> {
        Err(Error::WriterGone)
    }
    /// Removes rows up to `through` that a later row of the same key replaced; keeps every offset.
    pub async fn compact(&self, _through: Offset) -> Result<Compacted, Error> {
        Err(Error::WriterGone)
    }
}
impl Reader {
    /// Opens an existing journal for reading, from any process.
    pub fn open(_path: &Path) -> Result<Self, Error> {
        Err(Error::WriterGone)
    }
    /// Entries after `after`, oldest first, at most `limit`.
    pub fn read_after(&self, _after: Offset, _limit: usize) -> Result<Vec<(Offset, Entry)>, Error> {
        Err(Error::WriterGone)
    }
    /// The newest entry of a key.
    pub fn get(&self, _id: &RecordId) -> Result<Option<(Offset, Entry)>, Error> {
        Err(Error::WriterGone)
    }
    /// Keys of the live records of a host, in order of id, with the offset of their newest row.
    pub fn live_ids(&self, _host: &Host, _kind: Kind) -> Result<Vec<(RecordId, Offset)>, Error> {
        Err(Error::WriterGone)
    }
    /// Live records by host and kind.
    pub fn counts(&self) -> Result<Vec<HostCount>, Error> {
        Err(Error::WriterGone)
    }
    /// The last offset given out, [`Offset::ZERO`] for an empty journal.
    pub fn last_offset(&self) -> Result<Offset, Error> {
        Err(Error::WriterGone)
    }
    /// Figures of the whole journal.
    pub fn stats(&self) -> Result<Stats, Error> {
        Err(Error::WriterGone)
    }
    /// Runs SQLite's own check; the lines it printed, empty when it found nothing.
    pub fn integrity_check(&self) -> Result<Vec<String>, Error> {
        Err(Error::WriterGone)
    }
}
