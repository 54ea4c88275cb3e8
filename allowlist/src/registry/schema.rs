//! The tables and their history. A new file goes through every step, so that the way forward of an old one is walked by each
//! test.

use std::path::Path;

use rusqlite::{Connection, Transaction};

use super::{APPLICATION_ID, RegistryError, audit, decisions, forgotten, reports, sources, submissions, tokens};

/// One step after the other; a step that was released is never changed. Each belongs to the file that uses its tables.
const STEPS: &[&[&str]] = &[
    &[audit::TABLES, decisions::TABLES, sources::TABLES],
    &[submissions::TABLES],
    &[forgotten::TABLES],
    &[reports::TABLES, tokens::TABLES],
];

/// The version this build reads and writes (`PRAGMA user_version`).
#[expect(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub const VERSION: i64 = STEPS.len() as i64;

/// The version of a file, 0 for a new one.
pub fn version_of(connection: &Connection, path: &Path) -> Result<i64, RegistryError> {
    let failed = |source| RegistryError::Sqlite { action: "opening", path: path.to_owned(), source };
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    let (id, found) = (pragma("application_id")?, pragma("user_version")?);
    let n_tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if id != APPLICATION_ID && n_tables > 0 {
        return Err(RegistryError::NotARegistry { path: path.to_owned() });
    }
    if found > VERSION {
        return Err(RegistryError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    Ok(found)
}

/// Brings a file of version `found` to [`VERSION`].
pub fn migrate(transaction: &Transaction<'_>, found: i64) -> rusqlite::Result<()> {
    let n_done = usize::try_from(found).unwrap_or_default();
    for tables in STEPS.iter().skip(n_done).flat_map(|step| step.iter()) {
        transaction.execute_batch(tables)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)
}
