//! Reading: by offset, by key, by host.

use std::cell::RefCell;
use std::path::Path;

use allowlist::Host;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use zstd::bulk::Decompressor;

use super::file;
use super::writer::last_offset;
use crate::entry::{Body, Entry, Offset, TombstoneReason};
use crate::error::Error;
use crate::record::{Kind, RecordId};
use crate::row::{self, DecodeError};

/// A read-only connection; never blocks the writer and sees each append whole or not at all.
pub struct Reader {
    connection: Connection,
    decompressor: RefCell<Decompressor<'static>>,
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

/// The columns of an entry, in the order in which `read_row` takes them.
const COLUMNS: &str =
    "entry.offset, entry.seen_at, entry.kind, host.name, entry.id, entry.reason, entry.format, entry.payload";

impl Reader {
    /// Opens an existing journal for reading, from any process, whether or not it is being written.
    ///
    /// # Errors
    /// [`Error::Open`] when there is no such file; otherwise as [`crate::Journal::open`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let connection = file::open_for_reading(path)?;
        Ok(Self { connection, decompressor: RefCell::new(Decompressor::new().map_err(io)?) })
    }

    /// Returns the entries written after `after`, oldest first.
    ///
    /// - `after`: exclusive; [`Offset::ZERO`] reads from the beginning.
    /// - `limit`: entries, at least 1 to make progress.
    /// - Result: at most `limit` pairs, strictly increasing offsets; empty when caught up.
    ///
    /// Entries of one append are never split by a crash, but may be split by `limit`.
    ///
    /// # Errors
    /// [`Error::Sqlite`] on I/O; [`Error::UnknownKind`] if a row was written by a newer version (see
    /// `docs/journal.md`, "Compatibility"); [`Error::Damaged`] if a row cannot be decoded.
    pub fn read_after(&self, after: Offset, limit: usize) -> Result<Vec<(Offset, Entry)>, Error> {
        let sqlite = Error::sqlite("reading");
        let sql = format!(
            "SELECT {COLUMNS} FROM entry JOIN host ON host.id = entry.host
             WHERE entry.offset > ?1 ORDER BY entry.offset LIMIT ?2"
        );
        let mut select = self.connection.prepare_cached(&sql).map_err(&sqlite)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = select.query(params![after.0, limit]).map_err(&sqlite)?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().map_err(&sqlite)? {
            entries.push(self.read_row(row)?);
        }
        Ok(entries)
    }

    /// Returns the newest entry of a key, `None` for a key that was never seen.
    ///
    /// # Errors
    /// As [`Reader::read_after`].
    pub fn get(&self, id: &RecordId) -> Result<Option<(Offset, Entry)>, Error> {
        let sqlite = Error::sqlite("reading");
        let sql = format!(
            "SELECT {COLUMNS} FROM host
             JOIN newest ON newest.host = host.id AND newest.kind = ?2 AND newest.id = ?3
             JOIN entry ON entry.offset = newest.offset
             WHERE host.name = ?1"
        );
        let mut select = self.connection.prepare_cached(&sql).map_err(&sqlite)?;
        let mut rows = select.query(params![id.host.as_str(), id.kind.code(), id.id]).map_err(&sqlite)?;
        rows.next().map_err(&sqlite)?.map(|row| self.read_row(row)).transpose()
    }

    /// Returns the keys of the live records of a host, ordered by id, with the offset of their newest row.
    ///
    /// # Errors
    /// [`Error::Sqlite`] on I/O.
    pub fn live_ids(&self, host: &Host, kind: Kind) -> Result<Vec<(RecordId, Offset)>, Error> {
        let sqlite = Error::sqlite("reading");
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT newest.id, newest.offset FROM newest JOIN host ON host.id = newest.host
                 WHERE host.name = ?1 AND newest.kind = ?2 AND newest.hash IS NOT NULL ORDER BY newest.id",
            )
            .map_err(&sqlite)?;
        let rows = select
            .query_map(params![host.as_str(), kind.code()], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&sqlite)?;
        let mut ids = Vec::new();
        for row in rows {
            let (id, offset) = row.map_err(&sqlite)?;
            ids.push((RecordId { kind, host: host.clone(), id }, Offset(offset)));
        }
        Ok(ids)
    }

    /// Returns the number of live records by host and kind, ordered by host.
    ///
    /// Reads every key: about 0.2 s for a million.
    ///
    /// # Errors
    /// [`Error::Sqlite`] on I/O; [`Error::Damaged`] if a host name is not one.
    pub fn counts(&self) -> Result<Vec<HostCount>, Error> {
        let sqlite = Error::sqlite("reading");
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT host.name, newest.kind, count(*), max(newest.offset)
                 FROM newest JOIN host ON host.id = newest.host
                 WHERE newest.hash IS NOT NULL GROUP BY newest.host, newest.kind ORDER BY host.name, newest.kind",
            )
            .map_err(&sqlite)?;
        let mut rows = select.query([]).map_err(&sqlite)?;
        let mut counts = Vec::new();
        while let Some(row) = rows.next().map_err(&sqlite)? {
            let offset = Offset(row.get(3).map_err(&sqlite)?);
            let name: String = row.get(0).map_err(&sqlite)?;
            let code: i64 = row.get(1).map_err(&sqlite)?;
            counts.push(HostCount {
                host: parse_host(offset, &name)?,
                kind: parse_kind(offset, code)?,
                n_records: row.get(2).map_err(&sqlite)?,
            });
        }
        Ok(counts)
    }

    /// Returns the last offset given out, [`Offset::ZERO`] for an empty journal.
    ///
    /// # Errors
    /// [`Error::Sqlite`] on I/O.
    pub fn last_offset(&self) -> Result<Offset, Error> {
        last_offset(&self.connection)
    }

    /// Returns the figures of the whole journal; reads every key.
    ///
    /// # Errors
    /// [`Error::Sqlite`] on I/O.
    pub fn stats(&self) -> Result<Stats, Error> {
        let sqlite = Error::sqlite("reading");
        let count = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, u64>(0)).map_err(&sqlite);
        Ok(Stats {
            n_entries: count("SELECT count(*) FROM entry")?,
            n_records: count("SELECT count(*) FROM newest WHERE hash IS NOT NULL")?,
            n_tombstones: count("SELECT count(*) FROM newest WHERE hash IS NULL")?,
            last: self.last_offset()?,
        })
    }

    /// Runs SQLite's own check, and checks that `newest` says what the entries say. Returns one line for each fault,
    /// nothing when there is none. Reads the whole file.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the file cannot even be read.
    pub fn integrity_check(&self) -> Result<Vec<String>, Error> {
        let sqlite = Error::sqlite("checking");
        let mut lines = Vec::new();
        let mut check = self.connection.prepare("PRAGMA integrity_check").map_err(&sqlite)?;
        for line in check.query_map([], |row| row.get::<_, String>(0)).map_err(&sqlite)? {
            lines.push(line.map_err(&sqlite)?);
        }
        lines.retain(|line| line != "ok");
        let n_wrong: u64 = self
            .connection
            .query_row(
                "SELECT count(*) FROM (SELECT host, kind, id, max(offset) AS offset FROM entry GROUP BY host, kind, id)
                 AS last FULL JOIN newest USING (host, kind, id) WHERE last.offset IS NOT newest.offset",
                [],
                |row| row.get(0),
            )
            .map_err(&sqlite)?;
        if n_wrong > 0 {
            lines.push(format!("{n_wrong} keys whose newest row is not the one noted"));
        }
        Ok(lines)
    }

    pub(super) fn texts(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<String>, Error> {
        let sqlite = Error::sqlite("reading");
        let mut select = self.connection.prepare_cached(sql).map_err(&sqlite)?;
        let rows = select.query_map(params, |row| row.get(0)).map_err(&sqlite)?;
        rows.collect::<rusqlite::Result<_>>().map_err(&sqlite)
    }

    /// Reads the [`COLUMNS`] of a row.
    fn read_row(&self, row: &Row<'_>) -> Result<(Offset, Entry), Error> {
        let sqlite = Error::sqlite("reading");
        let offset = Offset(row.get(0).map_err(&sqlite)?);
        let damaged = |cause: String| Error::Damaged { offset, cause };
        let seen_at: i64 = row.get(1).map_err(&sqlite)?;
        let seen_at = Timestamp::from_millisecond(seen_at).map_err(|error| damaged(error.to_string()))?;
        let name: String = row.get(3).map_err(&sqlite)?;
        let id = RecordId {
            kind: parse_kind(offset, row.get(2).map_err(&sqlite)?)?,
            host: parse_host(offset, &name)?,
            id: row.get(4).map_err(&sqlite)?,
        };
        let reason: Option<i64> = row.get(5).map_err(&sqlite)?;
        if let Some(code) = reason {
            let reason = TombstoneReason::from_code(code).ok_or(Error::UnknownKind { offset, what: "reason", code })?;
            return Ok((offset, Entry { seen_at, body: Body::Tombstone { id, reason } }));
        }
        let format: Option<i64> = row.get(6).map_err(&sqlite)?;
        let payload: Vec<u8> = row.get(7).map_err(&sqlite)?;
        let mut decompressor = self.decompressor.borrow_mut();
        let record =
            row::decode(&mut decompressor, &id, format.unwrap_or_default(), &payload).map_err(|error| match error {
                DecodeError::Unknown(what, code) => Error::UnknownKind { offset, what, code },
                DecodeError::Damaged(cause) => damaged(cause),
            })?;
        Ok((offset, Entry { seen_at, body: Body::Record(record) }))
    }
}

fn parse_kind(offset: Offset, code: i64) -> Result<Kind, Error> {
    Kind::from_code(code).ok_or(Error::UnknownKind { offset, what: "kind", code })
}

fn parse_host(offset: Offset, name: &str) -> Result<Host, Error> {
    Host::parse(name).map_err(|error| Error::Damaged { offset, cause: error.to_string() })
}
