//! What the state file knows of one account, channel, group or instance: to hand out on request, and to forget on request.

use std::path::Path;

use allowlist::Host;
use allowlist::moderation::Target;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Map, Value, json};

use super::HostState;
use super::db::{StateDb, encode};
use crate::error::Error;

/// The tables with rows of hosts.
const TABLES: [&str; 7] = ["video", "channel", "account", "playlist", "event", "event_group", "document"];

/// Where names of people, channels and groups stand. All are compared in lower case.
const ACCOUNT_COLUMNS: [(&str, &str); 5] =
    [("video", "account"), ("channel", "owner"), ("account", "name"), ("playlist", "owner"), ("event", "person")];
const CHANNEL_COLUMNS: [(&str, &str); 3] = [("video", "channel"), ("channel", "name"), ("playlist", "channel")];
const GROUP_COLUMNS: [(&str, &str); 2] = [("event", "grp"), ("event_group", "name")];

/// Every host that the crawler knows, listed or not.
///
/// # Errors
/// As [`channels_of`].
pub fn known_hosts(state_db: &Path) -> Result<Vec<Host>, Error> {
    open(state_db)?.read("reading", |connection| {
        let mut select = connection.prepare("SELECT name FROM host")?;
        let names: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    })
}

/// Names of the channels that an account owns, as far as the crawler knows them; for other targets nothing.
///
/// # Errors
/// [`Error::State`]; [`Error::NoState`] when there is no such file.
pub fn channels_of(state_db: &Path, target: &Target) -> Result<Vec<String>, Error> {
    let db = open(state_db)?;
    let Target::Account(handle) = target else { return Ok(Vec::new()) };
    let (name, host) = handle.split_once('@').unwrap_or((handle, ""));
    db.read("reading channels from", |connection| {
        let mut select = connection.prepare(
            "SELECT channel.name FROM channel JOIN host ON host.id = channel.host_id
             WHERE host.name = ?1 AND lower(channel.owner) = ?2",
        )?;
        select.query_map([host, name], |row| row.get(0))?.collect()
    })
}

/// Every row about a target, by table: `{"video": [{…}], …}`; of an instance also its own state. Bytes are written in
/// hexadecimal digits. What is neither an account, a channel, a group nor an instance has none.
///
/// # Errors
/// As [`channels_of`].
pub fn export(state_db: &Path, target: &Target) -> Result<Value, Error> {
    let db = open(state_db)?;
    db.read("reading", |connection| {
        let Some((name, host)) = parts(target) else { return Ok(Value::Object(Map::new())) };
        let Some(id) = host_id(connection, &host)? else { return Ok(Value::Object(Map::new())) };
        let mut tables = Map::new();
        if name.is_none() {
            let rows = rows(connection, "SELECT * FROM host WHERE id = ?1", params![id])?;
            tables.insert("host".to_owned(), rows.into());
            for table in TABLES {
                let sql = format!("SELECT * FROM {table} WHERE host_id = ?1");
                tables.insert(table.to_owned(), rows_of(connection, &sql, params![id])?);
            }
        }
        for (table, column) in columns(target) {
            let sql = format!("SELECT * FROM {table} WHERE host_id = ?1 AND lower({column}) = ?2");
            tables.insert((*table).to_owned(), rows_of(connection, &sql, params![id, name])?);
        }
        Ok(Value::Object(tables))
    })
}

/// Removes every row about a target, and messages that name it, from the file itself, which is written anew. The
/// crawler must not run meanwhile: what it holds in memory would be written again. Returns how many rows went.
///
/// # Errors
/// As [`channels_of`].
pub fn forget(state_db: &Path, target: &Target) -> Result<usize, Error> {
    if !state_db.exists() {
        return Err(Error::NoState { path: state_db.to_owned() });
    }
    let db = StateDb::open(state_db, jiff::Timestamp::now())?;
    let Some((name, host)) = parts(target) else { return Ok(0) };
    let n_rows = db.write("forgetting in", |transaction| {
        let mut n_rows = 0;
        if let Some(id) = host_id(transaction, &host)? {
            match name {
                Some(name) => {
                    if matches!(target, Target::Account(_)) {
                        n_rows += transaction.execute(
                            "DELETE FROM video WHERE host_id = ?1 AND channel IN (
                                 SELECT name FROM channel WHERE host_id = ?1 AND lower(owner) = ?2)",
                            params![id, name],
                        )?;
                    }
                    for (table, column) in columns(target) {
                        let sql = format!("DELETE FROM {table} WHERE host_id = ?1 AND lower({column}) = ?2");
                        n_rows += transaction.execute(&sql, params![id, name])?;
                    }
                }
                None => {
                    for table in TABLES {
                        n_rows += transaction.execute(&format!("DELETE FROM {table} WHERE host_id = ?1"), [id])?;
                    }
                    n_rows += transaction.execute("DELETE FROM host WHERE id = ?1", [id])?;
                }
            }
        }
        scrub(transaction, name.unwrap_or(host.as_str()))?;
        Ok(n_rows)
    })?;
    // What was deleted may still stand in free pages and in the log.
    db.read("rewriting", |connection| {
        connection.execute_batch("VACUUM")?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    })?;
    Ok(n_rows)
}

/// Takes messages that name somebody out of the states of hosts.
fn scrub(transaction: &Transaction<'_>, name: &str) -> rusqlite::Result<()> {
    let mut select = transaction.prepare("SELECT id, state FROM host WHERE instr(lower(state), ?1) > 0")?;
    let named: Vec<(i64, String)> =
        select.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (id, text) in named {
        let mut state: HostState = serde_json::from_str(&text).unwrap_or_default();
        state.last_error = None;
        state.counts.last_item_error = None;
        state.counts.last_mended = None;
        (state.enrich.account, state.enrich.page) = (None, 0);
        state.identity.mismatch = None;
        transaction.execute("UPDATE host SET state = ?2 WHERE id = ?1", params![id, encode(&state)])?;
    }
    Ok(())
}

fn open(state_db: &Path) -> Result<StateDb, Error> {
    if !state_db.exists() {
        return Err(Error::NoState { path: state_db.to_owned() });
    }
    StateDb::open_read_only(state_db)
}

/// The name, `None` for an instance as a whole, and the host.
fn parts(target: &Target) -> Option<(Option<&str>, Host)> {
    match target {
        Target::Instance(host) => Some((None, host.clone())),
        Target::Account(handle) | Target::Channel(handle) | Target::Group(handle) => {
            let (name, host) = handle.split_once('@')?;
            Some((Some(name), host.parse().ok()?))
        }
        Target::Item(_) | Target::Word(_) => None,
    }
}

fn columns(target: &Target) -> &'static [(&'static str, &'static str)] {
    match target {
        Target::Account(_) => &ACCOUNT_COLUMNS,
        Target::Channel(_) => &CHANNEL_COLUMNS,
        Target::Group(_) => &GROUP_COLUMNS,
        Target::Instance(_) | Target::Item(_) | Target::Word(_) => &[],
    }
}

fn host_id(connection: &Connection, host: &Host) -> rusqlite::Result<Option<i64>> {
    connection.query_row("SELECT id FROM host WHERE name = ?1", [host.as_str()], |row| row.get(0)).optional()
}

fn rows_of(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<Value> {
    Ok(Value::Array(rows(connection, sql, params)?))
}

fn rows(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<Vec<Value>> {
    let mut select = connection.prepare(sql)?;
    let names: Vec<String> = select.column_names().map(str::to_owned).collect();
    let mut found = Vec::new();
    let mut rows = select.query(params)?;
    while let Some(row) = rows.next()? {
        let mut object = Map::new();
        for (nth, name) in names.iter().enumerate() {
            let value = match row.get_ref(nth)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => json!(number),
                ValueRef::Real(number) => json!(number),
                ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
            };
            object.insert(name.clone(), value);
        }
        found.push(Value::Object(object));
    }
    Ok(found)
}
