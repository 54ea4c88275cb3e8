//! The state file: a SQLite database of its own, so that the journal stays what was seen and nothing else.
//!
//! `synchronous = NORMAL` in WAL mode: a killed process loses nothing, a power cut may lose the last moments, which
//! costs a page fetched twice. What must not be lost is in the journal.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};
use uuid::Uuid;

use super::HostState;
use crate::error::Error;
use crate::net::Validators;

/// Version of the tables below.
const VERSION: i64 = 1;

/// How long a statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
CREATE TABLE host (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    is_listed INTEGER NOT NULL,
    state TEXT NOT NULL,
    next_at_ms INTEGER NOT NULL,
    -- Written before each request, so that a crash in the middle of one does not shorten the pause.
    last_request_ms INTEGER NOT NULL DEFAULT 0
);
-- What the host is known to publish. want: 0 nothing, 1 its detail by the outbox, 2 its detail by the detail route.
CREATE TABLE video (
    host_id INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    account TEXT NOT NULL,
    published_ms INTEGER NOT NULL,
    sweep INTEGER NOT NULL,
    want INTEGER NOT NULL,
    confirm INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (host_id, uuid)
) WITHOUT ROWID;
CREATE INDEX video_want ON video (host_id, want, account) WHERE want > 0;
CREATE INDEX video_confirm ON video (host_id) WHERE confirm = 1;
-- Validators of conditional requests, and the robots.txt last read.
CREATE TABLE document (
    host_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    full_at_ms INTEGER NOT NULL,
    body BLOB,
    PRIMARY KEY (host_id, path)
) WITHOUT ROWID;
";

/// The open state file. One process at a time; `Sync` by a mutex held for single statements and small transactions.
pub struct StateDb {
    connection: Mutex<Connection>,
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

/// What is known of a video before its page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The sweep that last saw it.
    pub sweep: u32,
    /// When it was published, Unix milliseconds.
    pub published_ms: i64,
}

/// A video seen on a page.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its UUID.
    pub uuid: Uuid,
    /// The name of its account.
    pub account: String,
    /// When it was published, Unix milliseconds.
    pub published_ms: i64,
    /// The sweep that sees it; `None` keeps the known one.
    pub sweep: Option<u32>,
    /// Its detail is missing or stale.
    pub wants_detail: bool,
}

/// What a page changes, written at once with the cursor.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Videos seen.
    pub seen: Vec<Seen>,
    /// Videos whose detail is current now.
    pub enriched: Vec<Uuid>,
    /// Videos that are gone.
    pub removed: Vec<Uuid>,
    /// Videos that turned out to be there after all, with the sweep that counts as having seen them.
    pub confirmed: Vec<(Uuid, u32)>,
    /// An account whose outbox is read to its end: what it did not hold is asked for one by one.
    pub exhausted_account: Option<String>,
    /// Everything missing from this sweep is to be confirmed.
    pub confirm_missing_from: Option<u32>,
}

/// What waits to be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// A video that a whole sweep did not see.
    pub confirm: Option<Uuid>,
    /// The account with most videos without detail, and how many.
    pub account: Option<(String, u64)>,
    /// A video without detail, one that no outbox gave first.
    pub detail: Option<Uuid>,
}

impl StateDb {
    /// Opens or creates the file.
    ///
    /// # Errors
    /// [`Error::State`]; [`Error::NewerState`] for a file of a newer version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::State { action: "opening", source };
        let mut connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
        let found = check_version(&connection)?;
        if found == 0 {
            let transaction = connection.transaction().map_err(failed)?;
            transaction.execute_batch(SCHEMA).map_err(failed)?;
            transaction.pragma_update(None, "user_version", VERSION).map_err(failed)?;
            transaction.commit().map_err(failed)?;
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Opens an existing file for reading, beside a crawler that has it open.
    ///
    /// # Errors
    /// As [`StateDb::open`]; also when there is no such file.
    pub fn open_read_only(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::State { action: "opening", source };
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        check_version(&connection)?;
        Ok(Self { connection: Mutex::new(connection) })
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

    /// Notes that a request leaves now.
    pub fn note_request(&self, id: i64, now: Timestamp) -> Result<(), Error> {
        self.read("writing a request to", |connection| {
            connection
                .prepare_cached("UPDATE host SET last_request_ms = ?2 WHERE id = ?1")?
                .execute(params![id, now.as_millisecond()])
                .map(drop)
        })
    }

    /// Writes the state of a host and what its last page changes, at once.
    pub fn commit(&self, id: i64, state: &HostState, next_at: Timestamp, changes: &Changes) -> Result<(), Error> {
        self.write("writing a page to", |transaction| {
            apply_changes(transaction, id, changes)?;
            transaction
                .prepare_cached("UPDATE host SET state = ?2, next_at_ms = ?3 WHERE id = ?1")?
                .execute(params![id, encode(state), next_at.as_millisecond()])?;
            Ok(())
        })
    }

    /// What is known of these videos.
    pub fn known(&self, id: i64, uuids: &[Uuid]) -> Result<HashMap<Uuid, Known>, Error> {
        self.read("reading videos from", |connection| {
            let mut select =
                connection.prepare_cached("SELECT sweep, published_ms FROM video WHERE host_id = ?1 AND uuid = ?2")?;
            let mut known = HashMap::new();
            for uuid in uuids {
                let row = select
                    .query_row(params![id, uuid.as_bytes()], |row| {
                        Ok(Known { sweep: row.get(0)?, published_ms: row.get(1)? })
                    })
                    .optional()?;
                if let Some(row) = row {
                    known.insert(*uuid, row);
                }
            }
            Ok(known)
        })
    }

    /// What waits to be asked for. The best account is only looked for when `choose_account`, which costs a scan of
    /// what waits.
    pub fn queue(&self, id: i64, choose_account: bool) -> Result<Queue, Error> {
        self.read("reading the queue of", |connection| {
            let one = |sql: &str| {
                let mut select = connection.prepare_cached(sql)?;
                select.query_row([id], |row| row.get::<_, [u8; 16]>(0)).optional()
            };
            let confirm = one("SELECT uuid FROM video WHERE host_id = ?1 AND confirm = 1 LIMIT 1")?;
            let detail = one("SELECT uuid FROM video WHERE host_id = ?1 AND want > 0 ORDER BY want DESC LIMIT 1")?;
            let account = if choose_account && detail.is_some() {
                connection
                    .prepare_cached(
                        "SELECT account, COUNT(*) AS n FROM video WHERE host_id = ?1 AND want = 1
                         GROUP BY account ORDER BY n DESC, account LIMIT 1",
                    )?
                    .query_row([id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
                    .optional()?
            } else {
                None
            };
            Ok(Queue { confirm: confirm.map(Uuid::from_bytes), account, detail: detail.map(Uuid::from_bytes) })
        })
    }

    /// How many videos of an account still wait for their detail.
    pub fn n_wanted_of(&self, id: i64, account: &str) -> Result<u64, Error> {
        self.read("counting in", |connection| {
            connection
                .prepare_cached("SELECT COUNT(*) FROM video WHERE host_id = ?1 AND want = 1 AND account = ?2")?
                .query_row(params![id, account], |row| row.get::<_, i64>(0))
                .map(i64::unsigned_abs)
        })
    }

    /// Videos known, and of these how many sweep `sweep` has not seen, and how many wait for their detail.
    pub fn tally(&self, id: i64, sweep: u32) -> Result<Tally, Error> {
        self.read("counting in", |connection| {
            connection
                .prepare_cached(
                    "SELECT COUNT(*), COALESCE(SUM(sweep <> ?2), 0), COALESCE(SUM(want > 0), 0)
                     FROM video WHERE host_id = ?1",
                )?
                .query_row(params![id, sweep], |row| {
                    Ok(Tally {
                        n_known: row.get::<_, i64>(0)?.unsigned_abs(),
                        n_missing: row.get::<_, i64>(1)?.unsigned_abs(),
                        n_wanted: row.get::<_, i64>(2)?.unsigned_abs(),
                    })
                })
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

    /// Forgets every video of a host, after its records were withdrawn.
    pub fn clear_videos(&self, id: i64) -> Result<(), Error> {
        self.read("clearing videos of", |connection| {
            connection.execute("DELETE FROM video WHERE host_id = ?1", [id]).map(drop)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, action: &'static str, body: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        body(&self.lock()).map_err(|source| Error::State { action, source })
    }

    fn write<T>(
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

/// Figures of the videos of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub n_known: u64,
    /// Not seen by the sweep asked about.
    pub n_missing: u64,
    /// Waiting for their detail.
    pub n_wanted: u64,
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

/// The version of the file, 0 for a new one.
fn check_version(connection: &Connection) -> Result<i64, Error> {
    let found = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|source| Error::State { action: "opening", source })?;
    if found > VERSION {
        return Err(Error::NewerState { found, known: VERSION });
    }
    Ok(found)
}

fn apply_changes(transaction: &Transaction<'_>, id: i64, changes: &Changes) -> rusqlite::Result<()> {
    let mut see = transaction.prepare_cached(
        "INSERT INTO video (host_id, uuid, account, published_ms, sweep, want) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (host_id, uuid) DO UPDATE SET account = excluded.account, published_ms = excluded.published_ms,
             sweep = CASE WHEN ?7 THEN excluded.sweep ELSE sweep END,
             want = MAX(want, excluded.want), confirm = 0",
    )?;
    for seen in &changes.seen {
        let sweep = seen.sweep.unwrap_or(0);
        let want = i64::from(seen.wants_detail);
        see.execute(params![
            id,
            seen.uuid.as_bytes(),
            seen.account,
            seen.published_ms,
            sweep,
            want,
            seen.sweep.is_some()
        ])?;
    }
    let mut enrich = transaction.prepare_cached("UPDATE video SET want = 0 WHERE host_id = ?1 AND uuid = ?2")?;
    for uuid in &changes.enriched {
        enrich.execute(params![id, uuid.as_bytes()])?;
    }
    let mut confirm =
        transaction.prepare_cached("UPDATE video SET confirm = 0, sweep = ?3 WHERE host_id = ?1 AND uuid = ?2")?;
    for (uuid, sweep) in &changes.confirmed {
        confirm.execute(params![id, uuid.as_bytes(), sweep])?;
    }
    let mut remove = transaction.prepare_cached("DELETE FROM video WHERE host_id = ?1 AND uuid = ?2")?;
    for uuid in &changes.removed {
        remove.execute(params![id, uuid.as_bytes()])?;
    }
    if let Some(account) = &changes.exhausted_account {
        transaction
            .prepare_cached("UPDATE video SET want = 2 WHERE host_id = ?1 AND want = 1 AND account = ?2")?
            .execute(params![id, account])?;
    }
    if let Some(sweep) = changes.confirm_missing_from {
        transaction
            .prepare_cached("UPDATE video SET confirm = 1 WHERE host_id = ?1 AND sweep <> ?2")?
            .execute(params![id, sweep])?;
    }
    Ok(())
}

fn read_host(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<StoredHost>> {
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

fn encode(state: &HostState) -> String {
    // A struct of plain fields cannot fail to serialise; an empty state would only mean a fresh start.
    serde_json::to_string(state).unwrap_or_else(|_| "{}".to_owned())
}

fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}
