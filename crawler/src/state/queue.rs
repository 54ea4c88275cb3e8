//! What waits to be asked for on a host.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{AgendaQueue, StateDb};
use crate::error::Error;

/// The answer of an account's actor serves all channels of the account for as long.
const OWNER_FRESH: SignedDuration = SignedDuration::from_hours(24);

/// A channel to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueChannel {
    /// Lower case.
    pub name: String,
    /// The account that owns it.
    pub owner: String,
    /// It was never checked: a page waits for it.
    pub is_unchecked: bool,
    /// Its ActivityPub actor was not asked for since it is due.
    pub needs_actor: bool,
    /// Nor was that of its owner, lately.
    pub needs_owner: bool,
}

/// The account with most videos whose detail is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueAccount {
    /// Its name.
    pub name: String,
    /// Videos whose detail is due.
    pub n_due: u64,
    /// All of its videos: its outbox is as long.
    pub n_videos: u64,
}

/// A video whose detail is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DueDetail {
    /// The video.
    pub uuid: Uuid,
    /// Its detail was read, and left its whole description to a route of its own.
    pub is_description: bool,
}

/// What waits to be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// A channel to look at; one that a page waits for first.
    pub channel: Option<DueChannel>,
    /// A live of the host is known to stream.
    pub has_lives: bool,
    /// A video that a whole sweep did not see.
    pub confirm: Option<Uuid>,
    /// A playlist that a whole pass did not see.
    pub confirm_playlist: Option<Uuid>,
    /// A playlist whose elements are to be read.
    pub elements: Option<Uuid>,
    /// Where an outbox brings most.
    pub account: Option<DueAccount>,
    /// A video whose detail is due, the most urgent first.
    pub detail: Option<DueDetail>,
    /// What waits on a host with events.
    pub agenda: AgendaQueue,
}

impl StateDb {
    /// What waits at `now`. The best account is only looked for when `choose_account`, which costs a scan of what
    /// waits.
    pub fn queue(&self, id: i64, choose_account: bool, now: Timestamp) -> Result<Queue, Error> {
        let now_ms = now.as_millisecond();
        self.read("reading the queue of", |connection| {
            let one = |sql: &str| {
                let mut select = connection.prepare_cached(sql)?;
                let found = select.query_row([id], |row| row.get::<_, [u8; 16]>(0)).optional();
                found.map(|uuid| uuid.map(Uuid::from_bytes))
            };
            let detail = connection
                .prepare_cached(
                    "SELECT uuid, route = 3 FROM video WHERE host_id = ?1 AND due_ms <= ?2
                     ORDER BY due_ms, route DESC LIMIT 1",
                )?
                .query_row(params![id, now_ms], |row| {
                    Ok(DueDetail { uuid: Uuid::from_bytes(row.get(0)?), is_description: row.get(1)? })
                })
                .optional()?;
            let account = match detail {
                Some(_) if choose_account => best_account(connection, id, now_ms)?,
                _ => None,
            };
            Ok(Queue {
                channel: due_channel(connection, id, now)?,
                has_lives: one("SELECT uuid FROM video WHERE host_id = ?1 AND is_live = 1 LIMIT 1")?.is_some(),
                confirm: one("SELECT uuid FROM video WHERE host_id = ?1 AND confirm = 1 LIMIT 1")?,
                confirm_playlist: one("SELECT uuid FROM playlist WHERE host_id = ?1 AND confirm = 1 LIMIT 1")?,
                elements: one("SELECT uuid FROM playlist WHERE host_id = ?1 AND wants_elements = 1 LIMIT 1")?,
                account,
                detail,
                agenda: AgendaQueue::default(),
            })
        })
    }

    /// How many videos of an account still wait for their detail from its outbox.
    pub fn n_wanted_of(&self, id: i64, account: &str, now: Timestamp) -> Result<u64, Error> {
        self.read("counting in", |connection| {
            connection
                .prepare_cached(
                    "SELECT COUNT(*) FROM video WHERE host_id = ?1 AND account = ?2 AND due_ms <= ?3 AND route = 1",
                )?
                .query_row(params![id, account, now.as_millisecond()], |row| row.get::<_, i64>(0))
                .map(i64::unsigned_abs)
        })
    }
}

fn due_channel(connection: &Connection, id: i64, now: Timestamp) -> rusqlite::Result<Option<DueChannel>> {
    let fresh_since = now.checked_sub(OWNER_FRESH).unwrap_or(Timestamp::MIN).as_millisecond();
    connection
        .prepare_cached(
            "SELECT name, owner, checked_ms = 0, actor_ms = 0 OR actor_ms < due_ms,
                 COALESCE((SELECT account.checked_ms FROM account WHERE account.host_id = ?1 AND account.name = owner), 0)
                     <= ?3
             FROM channel WHERE host_id = ?1 AND due_ms <= ?2 ORDER BY due_ms LIMIT 1",
        )?
        .query_row(params![id, now.as_millisecond(), fresh_since], |row| {
            Ok(DueChannel {
                name: row.get(0)?,
                owner: row.get(1)?,
                is_unchecked: row.get(2)?,
                needs_actor: row.get(3)?,
                needs_owner: row.get(4)?,
            })
        })
        .optional()
}

fn best_account(connection: &Connection, id: i64, now_ms: i64) -> rusqlite::Result<Option<DueAccount>> {
    let best: Option<(String, i64)> = connection
        .prepare_cached(
            "SELECT account, COUNT(*) AS n FROM video WHERE host_id = ?1 AND due_ms <= ?2 AND route = 1
             GROUP BY account ORDER BY n DESC, account LIMIT 1",
        )?
        .query_row(params![id, now_ms], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((name, n_due)) = best else { return Ok(None) };
    let n_videos: i64 = connection
        .prepare_cached("SELECT COUNT(*) FROM video WHERE host_id = ?1 AND account = ?2")?
        .query_row(params![id, name], |row| row.get(0))?;
    Ok(Some(DueAccount { name, n_due: n_due.unsigned_abs(), n_videos: n_videos.unsigned_abs() }))
}
