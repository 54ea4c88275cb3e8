//! Playlists of a host as far as the crawl has to remember them.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use uuid::Uuid;

use super::StateDb;
use crate::error::Error;

/// What is known of a playlist before its page is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPlaylist {
    /// The pass that last saw it.
    pub sweep: u32,
    /// Its `updatedAt` when its elements were last asked for.
    pub updated_ms: i64,
    /// When its elements were last read; 0 for never.
    pub elements_ms: i64,
    /// Its channel, lower case; empty for none.
    pub channel: String,
    /// Its record is in the journal.
    pub is_journalled: bool,
}

/// What an answer changes about a playlist.
#[derive(Clone, Debug)]
pub enum PlaylistChange {
    /// It was listed.
    Seen {
        /// The playlist.
        uuid: Uuid,
        /// Lower case; empty for none.
        channel: String,
        /// The account that owns it.
        owner: String,
        /// Its `updatedAt`.
        updated_ms: i64,
        /// The pass that sees it; `None` keeps the known one.
        sweep: Option<u32>,
        /// Its elements are to be read.
        wants_elements: bool,
    },
    /// Its elements were read.
    Read {
        /// The playlist.
        uuid: Uuid,
        /// When.
        now: Timestamp,
        /// Its record is in the journal.
        is_journalled: bool,
    },
    /// Its elements could not be read; the next pass asks again.
    Unread {
        /// The playlist.
        uuid: Uuid,
    },
    /// It is to be asked for by itself.
    Confirm {
        /// The playlist.
        uuid: Uuid,
    },
    /// It could not be asked about; the next pass decides.
    Unconfirmed {
        /// The playlist.
        uuid: Uuid,
    },
    /// It is gone.
    Removed {
        /// The playlist.
        uuid: Uuid,
    },
}

impl PlaylistChange {
    pub(super) fn apply(&self, transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
        let set = |assignments: &str, uuid: &Uuid| {
            let sql = format!("UPDATE playlist SET {assignments} WHERE host_id = ?1 AND uuid = ?2");
            transaction.prepare_cached(&sql)?.execute(params![id, uuid.as_bytes()]).map(drop)
        };
        match self {
            Self::Seen { uuid, channel, owner, updated_ms, sweep, wants_elements } => transaction
                .prepare_cached(
                    "INSERT INTO playlist (host_id, uuid, channel, owner, updated_ms, sweep, wants_elements)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT (host_id, uuid) DO UPDATE SET channel = excluded.channel, owner = excluded.owner,
                         updated_ms = excluded.updated_ms, wants_elements = MAX(wants_elements, excluded.wants_elements),
                         sweep = CASE WHEN ?8 THEN excluded.sweep ELSE sweep END, confirm = 0",
                )?
                .execute(params![
                    id,
                    uuid.as_bytes(),
                    channel,
                    owner,
                    updated_ms,
                    sweep.unwrap_or(0),
                    wants_elements,
                    sweep.is_some()
                ])
                .map(drop),
            Self::Read { uuid, now, is_journalled } => transaction
                .prepare_cached(
                    "UPDATE playlist SET elements_ms = ?3, is_journalled = ?4, wants_elements = 0
                     WHERE host_id = ?1 AND uuid = ?2",
                )?
                .execute(params![id, uuid.as_bytes(), now.as_millisecond(), is_journalled])
                .map(drop),
            Self::Unread { uuid } => set("wants_elements = 0, elements_ms = 0", uuid),
            Self::Confirm { uuid } => set("confirm = 1", uuid),
            Self::Unconfirmed { uuid } => set("confirm = 0, sweep = 0", uuid),
            Self::Removed { uuid } => transaction
                .prepare_cached("DELETE FROM playlist WHERE host_id = ?1 AND uuid = ?2")?
                .execute(params![id, uuid.as_bytes()])
                .map(drop),
        }
    }
}

impl StateDb {
    /// What is known of these playlists.
    pub fn known_playlists(&self, id: i64, uuids: &[Uuid]) -> Result<HashMap<Uuid, KnownPlaylist>, Error> {
        self.read("reading playlists from", |connection| {
            let mut select = connection.prepare_cached(
                "SELECT sweep, updated_ms, elements_ms, channel, is_journalled FROM playlist
                 WHERE host_id = ?1 AND uuid = ?2",
            )?;
            let mut known = HashMap::new();
            for uuid in uuids {
                let row = select.query_row(params![id, uuid.as_bytes()], |row| {
                    Ok(KnownPlaylist {
                        sweep: row.get(0)?,
                        updated_ms: row.get(1)?,
                        elements_ms: row.get(2)?,
                        channel: row.get(3)?,
                        is_journalled: row.get(4)?,
                    })
                });
                if let Some(row) = row.optional()? {
                    known.insert(*uuid, row);
                }
            }
            Ok(known)
        })
    }

    /// Playlists known, and of these how many pass `sweep` has not seen.
    pub fn tally_playlists(&self, id: i64, sweep: u32) -> Result<(u64, u64), Error> {
        self.read("counting in", |connection| {
            connection
                .prepare_cached("SELECT COUNT(*), COALESCE(SUM(sweep <> ?2), 0) FROM playlist WHERE host_id = ?1")?
                .query_row(params![id, sweep], |row| {
                    Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
                })
        })
    }
}
