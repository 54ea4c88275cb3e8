//! The one writer: a thread that owns the writing connection.

use std::collections::HashMap;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use allowlist::Host;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use super::erase;
use crate::entry::{Body, Entry, Offset};
use crate::error::Error;
use crate::record::RecordId;
use crate::row;

/// Appends that may wait for the writer; a crawler that is faster than the disk is slowed here.
const QUEUE_LENGTH: usize = 64;

/// Bytes of the content hash that are kept; 16 make a collision among a billion rows of one key unthinkable.
const HASH_BYTES: usize = 16;

/// Offsets that one transaction of a compaction covers, so that appends wait for milliseconds only.
const COMPACTION_STEP: u64 = 10_000;

/// Hands entries to the one writer thread. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    requests: mpsc::Sender<Request>,
}

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

/// How long a stop waits before it looks again for a place in a full queue.
const STOP_RETRY: Duration = Duration::from_millis(1);

enum Request {
    Append(Vec<Entry>, oneshot::Sender<Result<Appended, Error>>),
    Compact { first: Offset, through: Offset, reply: oneshot::Sender<Result<Compacted, Error>> },
    Erase { keys: Vec<RecordId>, rows: Vec<u64>, reply: oneshot::Sender<Result<usize, Error>> },
    FinishErasure { host: Option<Host>, reply: oneshot::Sender<Result<bool, Error>> },
    Stop,
}

impl Writer {
    /// Appends all entries in one transaction, in order; returns once they are fsynced.
    ///
    /// An entry that says what the newest row of its key says is left out; a tombstone for a key that was never seen,
    /// too. After a crash either all entries of a call are there or none.
    ///
    /// # Errors
    /// [`Error::Sqlite`] or [`Error::Encode`]: nothing of the call was written. [`Error::WriterGone`] after the
    /// [`crate::Journal`] was dropped.
    pub async fn append(&self, entries: Vec<Entry>) -> Result<Appended, Error> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Append(entries, reply)).await.map_err(|_| Error::WriterGone)?;
        answer.await.map_err(|_| Error::WriterGone)?
    }

    /// The same as [`Writer::append`] for threads outside the runtime; panics inside an async context.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub fn append_blocking(&self, entries: Vec<Entry>) -> Result<Appended, Error> {
        let (reply, answer) = oneshot::channel();
        self.requests.blocking_send(Request::Append(entries, reply)).map_err(|_| Error::WriterGone)?;
        answer.blocking_recv().map_err(|_| Error::WriterGone)?
    }

    /// Removes rows up to `through`, inclusive, that a later row of the same key replaced, and gives their space back.
    ///
    /// Offsets keep their meaning; the newest row of every key stays, tombstones included. Appends go on in between.
    /// A reader that has not yet passed `through` misses only states that are no longer true.
    ///
    /// # Errors
    /// As [`Writer::append`]; what was removed before the failure stays removed.
    pub async fn compact(&self, through: Offset) -> Result<Compacted, Error> {
        let mut n_removed = 0;
        let mut first = Offset::ZERO;
        while first <= through {
            let last = Offset(through.0.min(first.0.saturating_add(COMPACTION_STEP)));
            let (reply, answer) = oneshot::channel();
            let request = Request::Compact { first, through: last, reply };
            self.requests.send(request).await.map_err(|_| Error::WriterGone)?;
            n_removed += answer.await.map_err(|_| Error::WriterGone)??.n_removed;
            first = Offset(last.0.saturating_add(1));
        }
        Ok(Compacted { n_removed })
    }

    pub(super) async fn erase_step(&self, keys: Vec<RecordId>, rows: Vec<u64>) -> Result<usize, Error> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Erase { keys, rows, reply }).await.map_err(|_| Error::WriterGone)?;
        answer.await.map_err(|_| Error::WriterGone)?
    }

    pub(super) async fn finish_erasure(&self, host: Option<Host>) -> Result<bool, Error> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::FinishErasure { host, reply }).await.map_err(|_| Error::WriterGone)?;
        answer.await.map_err(|_| Error::WriterGone)?
    }

    /// Asks the thread to end after what it was given before. The queue may be full or the thread gone: both end it.
    pub(super) fn stop(&self) {
        let mut request = Request::Stop;
        loop {
            match self.requests.try_send(request) {
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => return,
                Err(mpsc::error::TrySendError::Full(again)) => {
                    request = again;
                    std::thread::sleep(STOP_RETRY);
                }
            }
        }
    }
}

/// Starts the writer thread on `connection`.
pub(super) fn start(connection: Connection, path: &Path) -> Result<(Writer, JoinHandle<()>), Error> {
    let (requests, queue) = mpsc::channel(QUEUE_LENGTH);
    let thread = std::thread::Builder::new()
        .name("journal-writer".to_owned())
        .spawn(move || run(connection, queue))
        .map_err(|source| Error::Io { path: path.to_owned(), source })?;
    Ok((Writer { requests }, thread))
}

fn run(mut connection: Connection, mut queue: mpsc::Receiver<Request>) {
    let mut hosts = HashMap::new();
    while let Some(request) = queue.blocking_recv() {
        match request {
            Request::Append(entries, reply) => {
                let result = append(&mut connection, &mut hosts, &entries);
                if result.is_err() {
                    // A row id remembered from a transaction that was rolled back must not be used again.
                    hosts.clear();
                }
                // The caller may have been cancelled; what was written stays written.
                drop(reply.send(result));
            }
            Request::Compact { first, through, reply } => drop(reply.send(compact(&mut connection, first, through))),
            Request::Erase { keys, rows, reply } => drop(reply.send(erase::erase(&mut connection, &keys, &rows))),
            Request::FinishErasure { host, reply } => {
                // Its row may go, and must not be written to afterwards.
                hosts.clear();
                drop(reply.send(erase::finish(&connection, host.as_ref())));
            }
            Request::Stop => break,
        }
    }
    if let Err(error) = connection.pragma_update(None, "wal_checkpoint", "TRUNCATE") {
        tracing::debug!(%error, "checkpointing the journal at its end: {error}");
    }
}

fn append(connection: &mut Connection, hosts: &mut HashMap<String, i64>, entries: &[Entry]) -> Result<Appended, Error> {
    let sqlite = Error::sqlite("writing");
    let transaction = connection.transaction().map_err(&sqlite)?;
    let (mut n_written, mut n_unchanged) = (0, 0);
    for entry in entries {
        if append_one(&transaction, hosts, entry)? {
            n_written += 1;
        } else {
            n_unchanged += 1;
        }
    }
    let last = last_offset(&transaction)?;
    transaction.commit().map_err(&sqlite)?;
    Ok(Appended { last, n_written, n_unchanged })
}

/// Writes one entry; false when the newest row of its key says the same.
fn append_one(transaction: &Transaction<'_>, hosts: &mut HashMap<String, i64>, entry: &Entry) -> Result<bool, Error> {
    let sqlite = Error::sqlite("writing");
    let id = entry.id();
    let host = host_row(transaction, hosts, &id)?;
    let newest: Option<Option<Vec<u8>>> = transaction
        .prepare_cached("SELECT hash FROM newest WHERE host = ?1 AND kind = ?2 AND id = ?3")
        .and_then(|mut select| select.query_row(params![host, id.kind.code(), id.id], |row| row.get(0)).optional())
        .map_err(&sqlite)?;
    let (reason, format, payload, hash) = match &entry.body {
        Body::Record(record) => {
            let (json, payload) = row::encode(record).map_err(|cause| Error::Encode { id: id.to_string(), cause })?;
            let mut hash = Sha256::digest(&json).to_vec();
            hash.truncate(HASH_BYTES);
            (None, Some(row::FORMAT), Some(payload), Some(hash))
        }
        Body::Tombstone { reason, .. } => (Some(reason.code()), None, None, None),
    };
    let says_the_same = match &newest {
        Some(newest_hash) => *newest_hash == hash,
        None => hash.is_none(),
    };
    if says_the_same {
        return Ok(false);
    }
    transaction
        .prepare_cached(
            "INSERT INTO entry (seen_at, kind, host, id, reason, format, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut insert| {
            let seen_at = entry.seen_at.as_millisecond();
            insert.execute(params![seen_at, id.kind.code(), host, id.id, reason, format, payload])
        })
        .map_err(&sqlite)?;
    transaction
        .prepare_cached("REPLACE INTO newest (host, kind, id, offset, hash) VALUES (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut replace| {
            replace.execute(params![host, id.kind.code(), id.id, transaction.last_insert_rowid(), hash])
        })
        .map_err(&sqlite)?;
    Ok(true)
}

/// The row of a host, made on first sight. Hosts are few, so their rows are remembered.
fn host_row(transaction: &Transaction<'_>, hosts: &mut HashMap<String, i64>, id: &RecordId) -> Result<i64, Error> {
    let name = id.host.as_str();
    if let Some(row) = hosts.get(name) {
        return Ok(*row);
    }
    let sqlite = Error::sqlite("writing");
    transaction.execute("INSERT OR IGNORE INTO host (name) VALUES (?1)", [name]).map_err(&sqlite)?;
    let row =
        transaction.query_row("SELECT id FROM host WHERE name = ?1", [name], |row| row.get(0)).map_err(&sqlite)?;
    hosts.insert(name.to_owned(), row);
    Ok(row)
}

fn compact(connection: &mut Connection, first: Offset, through: Offset) -> Result<Compacted, Error> {
    let sqlite = Error::sqlite("compacting");
    let transaction = connection.transaction().map_err(&sqlite)?;
    let n_removed = transaction
        .execute(
            "DELETE FROM entry WHERE offset BETWEEN ?1 AND ?2 AND offset <> (
                 SELECT newest.offset FROM newest
                 WHERE newest.host = entry.host AND newest.kind = entry.kind AND newest.id = entry.id)",
            params![first.0, through.0],
        )
        .map_err(&sqlite)?;
    transaction.commit().map_err(&sqlite)?;
    connection.execute_batch("PRAGMA incremental_vacuum").map_err(&sqlite)?;
    Ok(Compacted { n_removed })
}

/// The last offset given out, also when its row was compacted away.
pub(super) fn last_offset(connection: &Connection) -> Result<Offset, Error> {
    let last: Option<u64> = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'entry'")
        .and_then(|mut select| select.query_row([], |row| row.get(0)).optional())
        .map_err(Error::sqlite("reading"))?;
    Ok(last.map_or(Offset::ZERO, Offset))
}
