//! Erasure: rows that must not stay, not even as tombstones, leave the file itself.
//!
//! Everything else in the journal is only ever added or compacted. This exists for people who ask to be forgotten: what was
//! seen of them goes, with the names in keys. Whoever reads the journal must have seen their tombstones before.

use allowlist::Host;
use rusqlite::{Connection, params};

use super::find::Found;
use super::writer::Writer;
use crate::error::Error;
use crate::record::RecordId;

/// Keys that one transaction erases. Each looks through the whole table once, about a second for a million rows, while
/// appends wait.
const STEP: usize = 20_000;

/// How often the log is asked to shrink to nothing while somebody reads, and the pause between.
const CHECKPOINT_TRIES: u32 = 100;
const CHECKPOINT_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// What an erasure did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Rows that left the file.
    pub n_rows: usize,
    /// Whether the write-ahead log, which may still hold old pages, was emptied too. Not while another process reads for
    /// long; then the next erasure or the end of the writer does it.
    pub is_log_empty: bool,
}

impl Writer {
    /// Erases rows from the file: every row of the keys, tombstones included, and the single rows that [`crate::Reader::find`]
    /// named beside them; then gives the space back and empties the log. Deleted content is overwritten with zeros. May be
    /// called again after a crash.
    ///
    /// - `host`: an instance whose very name goes, too. All of its keys must be among those found.
    ///
    /// # Errors
    /// As [`Writer::append`]; what was erased before the failure stays erased.
    pub async fn erase(&self, found: Found, host: Option<Host>) -> Result<Erased, Error> {
        let mut n_rows = 0;
        for keys in found.keys.chunks(STEP) {
            n_rows += self.erase_step(keys.to_vec(), Vec::new()).await?;
        }
        for rows in found.rows.chunks(STEP) {
            n_rows += self.erase_step(Vec::new(), rows.to_vec()).await?;
        }
        let is_log_empty = self.finish_erasure(host).await?;
        Ok(Erased { n_rows, is_log_empty })
    }
}

/// Erases keys with all of their rows, and single rows that no key counts on.
pub(super) fn erase(connection: &mut Connection, keys: &[RecordId], rows: &[u64]) -> Result<usize, Error> {
    let sqlite = Error::sqlite("erasing from");
    let transaction = connection.transaction().map_err(&sqlite)?;
    let mut n_rows = 0;
    transaction
        .execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS erased (host INTEGER, kind INTEGER, id TEXT, PRIMARY KEY (host, kind, id));
             DELETE FROM temp.erased;",
        )
        .map_err(&sqlite)?;
    for id in keys {
        let key = params![id.host.as_str(), id.kind.code(), id.id];
        // `entry` has no index by key: its rows are found by the offsets that compaction left, which is one look through the
        // table for a whole step, below.
        let sql = "INSERT INTO temp.erased (host, kind, id) SELECT id, ?2, ?3 FROM host WHERE name = ?1";
        transaction.prepare_cached(sql).and_then(|mut insert| insert.execute(key)).map_err(&sqlite)?;
    }
    if !keys.is_empty() {
        let is_erased = "(host, kind, id) IN (SELECT host, kind, id FROM temp.erased)";
        transaction.execute(&format!("DELETE FROM newest WHERE {is_erased}"), []).map_err(&sqlite)?;
        n_rows += transaction.execute(&format!("DELETE FROM entry WHERE {is_erased}"), []).map_err(&sqlite)?;
        transaction.execute("DELETE FROM temp.erased", []).map_err(&sqlite)?;
    }
    for offset in rows {
        let sql = "DELETE FROM entry WHERE offset = ?1 AND NOT EXISTS (
                       SELECT 1 FROM newest WHERE newest.host = entry.host AND newest.kind = entry.kind
                           AND newest.id = entry.id AND newest.offset = entry.offset)";
        n_rows += transaction.prepare_cached(sql).and_then(|mut delete| delete.execute([offset])).map_err(&sqlite)?;
    }
    transaction.commit().map_err(&sqlite)?;
    Ok(n_rows)
}

/// Takes the name of a host out where no row is left, gives free pages back and empties the log.
pub(super) fn finish(connection: &Connection, host: Option<&Host>) -> Result<bool, Error> {
    let sqlite = Error::sqlite("erasing from");
    if let Some(host) = host {
        let sql = "DELETE FROM host WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.host = host.id)";
        connection.execute(sql, [host.as_str()]).map_err(&sqlite)?;
    }
    connection.execute_batch("PRAGMA incremental_vacuum").map_err(&sqlite)?;
    for _ in 0..CHECKPOINT_TRIES {
        let is_busy: i64 =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(&sqlite)?;
        if is_busy == 0 {
            return Ok(true);
        }
        std::thread::sleep(CHECKPOINT_PAUSE);
    }
    Ok(false)
}
