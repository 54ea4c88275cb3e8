//! The state file: a SQLite database of its own, so that the journal stays what was seen and nothing else.
//!
//! `synchronous = NORMAL` in WAL mode: a killed process loses nothing, a power cut may lose the last moments, which
//! costs a page fetched twice. What must not be lost is in the journal.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, params};

use super::{Changes, HostState, schema};
use crate::error::Error;
use crate::net::Validators;

/// How long a statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The open state file. One process at a time; `Sync` by a mutex held for single statements and small transactions.
pub struct StateDb {
    connection: Mutex<Connection>,
    /// Of the tables; an older one only in a file that is open for reading.
    version: i64,
}

/// A host as stored.
#[derive(Clone, Debug)]
pub struct StoredHost {
    /// The key of its rows.
    pub id: i64,
    /// Its name.
    pub host: Host,
    /// What it is crawled as.
    pub kind: SourceKind,
    /// Whether it is on the list now.
    pub is_listed: bool,
    /// Everything else.
    pub state: HostState,
    /// When it is due.
    pub next_at: Timestamp,
}

impl StateDb {
    /// Opens or creates the file; one of an older version is brought forward, in one transaction.
    ///
    /// # Errors
    /// [`Error::State`]; [`Error::NewerState`] for a file of a newer version.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, Error> {
        let failed = |source| Error::State { action: "opening", source };
        let mut connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
        let found = schema::version_of(&connection)?;
        if found < schema::VERSION {
            let transaction = connection.transaction().map_err(failed)?;
            schema::migrate(&transaction, found, now).map_err(failed)?;
            transaction.commit().map_err(failed)?;
        }
        Ok(Self { connection: Mutex::new(connection), version: schema::VERSION })
    }

    /// Opens an existing file for reading, beside a crawler that has it open.
    ///
    /// # Errors
    /// As [`StateDb::open`]; also when there is no such file.
    pub fn open_read_only(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::State { action: "opening", source };
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        let version = schema::version_of(&connection)?;
        Ok(Self { connection: Mutex::new(connection), version })
    }

    /// Makes `seeds` the list: unknown hosts are added, due at once; hosts that are not named stay, unlisted.
    pub fn set_hosts(&self, seeds: &[(Host, SourceKind)], now: Timestamp) -> Result<(), Error> {
        self.write("writing the list to", |transaction| {
            transaction.execute("UPDATE host SET is_listed = 0", [])?;
            let state = encode(&HostState::default());
            let mut insert = transaction.prepare_cached(
                "INSERT INTO host (name, kind, is_listed, state, next_at_ms) VALUES (?1, ?2, 1, ?3, ?4)
                 ON CONFLICT (name) DO UPDATE SET is_listed = 1, kind = excluded.kind",
            )?;
            for (host, kind) in seeds {
                insert.execute(params![host.as_str(), kind.as_str(), state, now.as_millisecond()])?;
            }
            Ok(())
        })
    }

    /// Every host, listed or not.
    pub fn hosts(&self) -> Result<Vec<StoredHost>, Error> {
        self.read("reading", |connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, name, kind, is_listed, state, next_at_ms, last_request_ms FROM host ORDER BY name",
            )?;
            let rows = select.query_map([], |row| Ok(read_host(row)))?;
            let mut hosts = Vec::new();
            for row in rows {
                // A row that cannot be read back is a host to start anew, not a reason to stop.
                if let Some(host) = row?? {
                    hosts.push(host);
                }
            }
            Ok(hosts)
        })
    }

    /// One host.
    pub fn host(&self, id: i64) -> Result<Option<StoredHost>, Error> {
        self.read("reading", |connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, name, kind, is_listed, state, next_at_ms, last_request_ms FROM host WHERE id = ?1",
            )?;
            let found = select.query_row([id], |row| Ok(read_host(row))).optional()?;
            found.transpose().map(Option::flatten)
        })
    }

    /// The host of a name.
    pub fn host_named(&self, host: &Host) -> Result<Option<StoredHost>, Error> {
        self.read("reading", |connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, name, kind, is_listed, state, next_at_ms, last_request_ms FROM host WHERE name = ?1",
            )?;
            let found = select.query_row([host.as_str()], |row| Ok(read_host(row))).optional()?;
            found.transpose().map(Option::flatten)
        })
    }

    /// Notes that a request leaves now.
    pub fn note_request(&self, id: i64, now: Timestamp) -> Result<(), Error> {
        self.read("writing a request to", |connection| {
            connection
                .prepare_cached("UPDATE host SET last_request_ms = ?2 WHERE id = ?1")?
                .execute(params![id, now.as_millisecond()])
                .map(drop)
        })
    }

    /// Notes when a host is due next, with nothing else changed.
    pub fn put_off(&self, id: i64, next_at: Timestamp) -> Result<(), Error> {
        self.read("writing a visit to", |connection| {
            connection
                .prepare_cached("UPDATE host SET next_at_ms = ?2 WHERE id = ?1")?
                .execute(params![id, next_at.as_millisecond()])
                .map(drop)
        })
    }

    /// Writes the state of a host and what its last page changes, at once.
    pub fn commit(&self, id: i64, state: &HostState, next_at: Timestamp, changes: &Changes) -> Result<(), Error> {
        self.write("writing a page to", |transaction| {
            changes.apply(transaction, id)?;
            transaction
                .prepare_cached("UPDATE host SET state = ?2, next_at_ms = ?3 WHERE id = ?1")?
                .execute(params![id, encode(state), next_at.as_millisecond()])?;
            Ok(())
        })
    }

    /// Videos or events known, and of these how many sweep `sweep` has not seen, and how many wait for their first
    /// detail; channels, playlists and groups in the journal.
    pub fn tally(&self, id: i64, sweep: u32) -> Result<Tally, Error> {
        // A file that an older build left behind is read as it is.
        let n_wanted = if self.version < 2 { "want > 0" } else { "detail_ms = 0" };
        let count = |row: &Row<'_>, column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        self.read("counting in", |connection| {
            let sql = format!(
                "SELECT COUNT(*), COALESCE(SUM(sweep <> ?2), 0), COALESCE(SUM({n_wanted}), 0)
                 FROM video WHERE host_id = ?1"
            );
            let mut tally = connection.prepare_cached(&sql)?.query_row(params![id, sweep], |row| {
                let (n_known, n_missing, n_wanted) = (count(row, 0)?, count(row, 1)?, count(row, 2)?);
                Ok(Tally { n_known, n_missing, n_wanted, ..Tally::default() })
            })?;
            if self.version >= 2 {
                let sql = "SELECT (SELECT COUNT(*) FROM channel WHERE host_id = ?1 AND is_journalled = 1),
                               (SELECT COUNT(*) FROM playlist WHERE host_id = ?1 AND is_journalled = 1)";
                let row =
                    connection.prepare_cached(sql)?.query_row([id], |row| Ok((count(row, 0)?, count(row, 1)?)))?;
                (tally.n_channels, tally.n_playlists) = row;
            }
            if self.version >= 3 {
                let sql = "SELECT COALESCE(SUM(is_journalled), 0), COALESCE(SUM(is_journalled AND sweep <> ?2), 0),
                               COALESCE(SUM(is_journalled = 0 AND due_ms < ?3), 0),
                               (SELECT COUNT(*) FROM event_group WHERE host_id = ?1 AND is_journalled = 1)
                           FROM event WHERE host_id = ?1";
                let never = super::NEVER_MS;
                let row = connection.prepare_cached(sql)?.query_row(params![id, sweep, never], |row| {
                    Ok((count(row, 0)?, count(row, 1)?, count(row, 2)?, count(row, 3)?))
                })?;
                tally.n_known += row.0;
                tally.n_missing += row.1;
                tally.n_wanted += row.2;
                tally.n_groups = row.3;
            }
            Ok(tally)
        })
    }

    /// What is kept of a document: its validators, when it was last fetched whole, its body.
    pub fn document(&self, id: i64, path: &str) -> Result<Option<Document>, Error> {
        self.read("reading a document of", |connection| {
            connection
                .prepare_cached(
                    "SELECT etag, last_modified, full_at_ms, body FROM document WHERE host_id = ?1 AND path = ?2",
                )?
                .query_row(params![id, path], |row| {
                    let validators = Validators { etag: row.get(0)?, last_modified: row.get(1)? };
                    let is_empty = validators == Validators::default();
                    Ok(Document {
                        validators: (!is_empty).then_some(validators),
                        full_at: from_ms(row.get(2)?),
                        body: row.get(3)?,
                    })
                })
                .optional()
        })
    }

    /// Keeps a document, or forgets it when there is nothing to keep.
    pub fn put_document(&self, id: i64, path: &str, document: &Document) -> Result<(), Error> {
        let validators = document.validators.clone().unwrap_or_default();
        self.read("writing a document to", |connection| {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO document (host_id, path, etag, last_modified, full_at_ms, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    id,
                    path,
                    validators.etag,
                    validators.last_modified,
                    document.full_at.as_millisecond(),
                    document.body
                ])
                .map(drop)
        })
    }

    /// Forgets every video, channel and playlist of a host, after its records were withdrawn.
    pub fn clear_records(&self, id: i64) -> Result<(), Error> {
        self.write("clearing records of", |transaction| {
            for table in ["video", "channel", "account", "playlist", "event", "event_group"] {
                transaction.execute(&format!("DELETE FROM {table} WHERE host_id = ?1"), [id])?;
            }
            Ok(())
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read<T>(
        &self,
        action: &'static str,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        body(&self.lock()).map_err(|source| Error::State { action, source })
    }

    pub(super) fn write<T>(
        &self,
        action: &'static str,
        body: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let mut connection = self.lock();
        let failed = |source| Error::State { action, source };
        let transaction = connection.transaction().map_err(failed)?;
        let value = body(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(value)
    }
}

/// Figures of the records of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub n_known: u64,
    /// Not seen by the sweep asked about.
    pub n_missing: u64,
    /// Waiting for their first detail.
    pub n_wanted: u64,
    /// Channels with a record.
    pub n_channels: u64,
    /// Playlists with a record.
    pub n_playlists: u64,
    /// Groups with a record.
    pub n_groups: u64,
}

/// A kept document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// For a conditional request.
    pub validators: Option<Validators>,
    /// When it was last fetched whole.
    pub full_at: Timestamp,
    /// Its text, for robots.txt only.
    pub body: Option<Vec<u8>>,
}

fn read_host(row: &Row<'_>) -> rusqlite::Result<Option<StoredHost>> {
    let (name, kind): (String, String) = (row.get(1)?, row.get(2)?);
    let (Ok(host), Ok(kind)) = (name.parse::<Host>(), kind.parse::<SourceKind>()) else { return Ok(None) };
    let mut state: HostState = serde_json::from_str(&row.get::<_, String>(4)?).unwrap_or_default();
    let last_request_ms: i64 = row.get(6)?;
    if last_request_ms > 0 {
        state.slot.last_request_at = state.slot.last_request_at.max(Some(from_ms(last_request_ms)));
    }
    let next_at = from_ms(row.get(5)?);
    Ok(Some(StoredHost { id: row.get(0)?, host, kind, is_listed: row.get(3)?, state, next_at }))
}

pub(super) fn encode(state: &HostState) -> String {
    // A struct of plain fields cannot fail to serialise; an empty state would only mean a fresh start.
    serde_json::to_string(state).unwrap_or_else(|_| "{}".to_owned())
}

fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}
