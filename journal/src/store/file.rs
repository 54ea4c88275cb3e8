//! Opening, locking and laying out the file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::Error;

/// `VIGI` in ASCII: tells our files from other SQLite databases (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x5649_4749;

/// The layout below (`PRAGMA user_version`).
const LAYOUT: i64 = 1;

/// How long a connection waits for SQLite's own short locks before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// `entry` is the journal; `newest` is derived from it, says which row of a key counts, and is kept in the same
/// transaction. AUTOINCREMENT keeps an offset from ever being given out twice, even after the last row was removed.
const CREATE: &str = "
    CREATE TABLE host (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE entry (
        offset INTEGER PRIMARY KEY AUTOINCREMENT,
        seen_at INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        host INTEGER NOT NULL REFERENCES host (id),
        id TEXT NOT NULL,
        reason INTEGER,
        format INTEGER,
        payload BLOB
    ) STRICT;
    CREATE TABLE newest (
        host INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        id TEXT NOT NULL,
        offset INTEGER NOT NULL,
        hash BLOB,
        PRIMARY KEY (host, kind, id)
    ) STRICT, WITHOUT ROWID;
";

/// Takes the lock of the journal's writer: a file beside it, locked for as long as the handle lives.
pub(super) fn lock(path: &Path) -> Result<File, Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock =
        OpenOptions::new().create(true).truncate(false).write(true).open(PathBuf::from(lock_path)).map_err(io)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Opens the file for the writer, creating it where it is missing.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, Error> {
    let open = |source| Error::Open { path: path.to_owned(), source };
    let connection = Connection::open(path).map_err(open)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(open)?;
    let n_tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(open)?;
    if n_tables == 0 {
        // Both take effect only before the first table; 8 KiB pages measured a third faster than 4 KiB.
        connection.pragma_update(None, "page_size", 8192).map_err(open)?;
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(open)?;
    }
    connection.pragma_update(None, "journal_mode", "WAL").map_err(open)?;
    // With WAL, only FULL syncs at each commit; an acknowledged page must survive a power cut.
    connection.pragma_update(None, "synchronous", "FULL").map_err(open)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(open)?;
    // What leaves the file must not stay readable in the free part of a page: people may ask to be forgotten. The pages are
    // written anyway, so this costs nothing that was measured.
    connection.pragma_update(None, "secure_delete", true).map_err(open)?;
    // For the same reason no temporary file outside of the data directory holds keys.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(open)?;
    if n_tables == 0 {
        let script = format!(
            "BEGIN IMMEDIATE; {CREATE} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {LAYOUT}; COMMIT;"
        );
        connection.execute_batch(&script).map_err(open)?;
    }
    check_layout(&connection, path)?;
    Ok(connection)
}

/// Opens an existing file for reading only.
pub(super) fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    let open = |source| Error::Open { path: path.to_owned(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(open)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(open)?;
    check_layout(&connection, path)?;
    Ok(connection)
}

fn check_layout(connection: &Connection, path: &Path) -> Result<(), Error> {
    let open = |source| Error::Open { path: path.to_owned(), source };
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(open);
    if pragma("application_id")? != APPLICATION_ID {
        return Err(Error::NotAJournal { path: path.to_owned() });
    }
    let found = pragma("user_version")?;
    if found > LAYOUT {
        return Err(Error::NewerFormat { path: path.to_owned(), found, known: LAYOUT });
    }
    Ok(())
}
