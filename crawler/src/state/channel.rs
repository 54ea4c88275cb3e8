//! Channels of a host as far as the crawl has to remember them: when they are looked at, and whether they consent.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use uuid::Uuid;

use super::StateDb;
use crate::error::Error;

/// A channel as remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredChannel {
    /// Lower case.
    pub name: String,
    /// The account that owns it.
    pub owner: String,
    /// A listed video is in it.
    pub has_video: bool,
    /// What listings showed of it, hashed.
    pub look: i64,
    /// When a change of look last asked for an early check, Unix milliseconds.
    pub early_ms: i64,
    /// When a check ended; 0 for never.
    pub checked_ms: i64,
    /// Checks that failed in a row.
    pub n_failures: u32,
    /// The instance said that there is no such channel.
    pub is_gone: bool,
    /// Its record is in the journal.
    pub is_journalled: bool,
    /// How consent is withheld, by the channel's own answer.
    pub withheld: Option<String>,
    /// The same, by its ActivityPub actor.
    pub actor_withheld: Option<String>,
    /// The same, by the actor of its owner.
    pub owner_withheld: Option<String>,
}

impl StoredChannel {
    /// How it asks not to be indexed, if it does.
    pub fn withheld_by(&self) -> Option<&str> {
        let said = self.withheld.as_deref().or(self.actor_withheld.as_deref());
        said.or(self.owner_withheld.as_deref())
    }
}

/// What an answer changes about a channel or the account that owns it.
#[derive(Clone, Debug)]
pub enum ChannelChange {
    /// A page named it; it is checked before anything of it is journalled.
    Wanted {
        /// Lower case.
        name: String,
        /// The account that owns it.
        owner: String,
        /// What the page shows of it, hashed.
        look: i64,
        /// It was a video that named it.
        has_video: bool,
    },
    /// A page shows it otherwise than before: it is looked at again.
    Changed {
        /// Lower case.
        name: String,
        /// What the page shows of it, hashed.
        look: i64,
        /// When.
        now: Timestamp,
    },
    /// It is due at once, for another reason.
    Due {
        /// Lower case.
        name: String,
        /// When.
        now: Timestamp,
    },
    /// Its ActivityPub actor was asked for.
    Actor {
        /// Lower case.
        name: String,
        /// When.
        now: Timestamp,
        /// How it withholds consent, if it does; `None` when nothing could be read and what was known stays.
        said: Option<Option<String>>,
    },
    /// The ActivityPub actor of an account was asked for. Its channels are due when that says something new.
    Account {
        /// Its name.
        name: String,
        /// When.
        now: Timestamp,
        /// As for [`ChannelChange::Actor`].
        said: Option<Option<String>>,
    },
    /// A check ended.
    Checked {
        /// Lower case.
        name: String,
        /// The account that owns it, when the answer said so.
        owner: Option<String>,
        /// When.
        now: Timestamp,
        /// The next one.
        due: Timestamp,
        /// How it withholds consent.
        withheld: Option<String>,
        /// There is no such channel.
        is_gone: bool,
        /// Its record is in the journal.
        is_journalled: bool,
    },
    /// A check brought nothing; the channel stays as it was known.
    Failed {
        /// Lower case.
        name: String,
        /// Whether that was the last attempt for now: it counts as checked, and is due again then.
        due: Option<(Timestamp, Timestamp)>,
    },
    /// Its record was withdrawn because no video of it is left.
    Withdrawn {
        /// Lower case.
        name: String,
    },
    /// It is gone with everything in it.
    Removed {
        /// Lower case.
        name: String,
    },
}

impl ChannelChange {
    pub(super) fn apply(&self, transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
        match self {
            Self::Wanted { name, owner, look, has_video } => transaction
                .prepare_cached(
                    "INSERT INTO channel (host_id, name, owner, look, has_video) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (host_id, name) DO UPDATE SET has_video = MAX(has_video, excluded.has_video)",
                )?
                .execute(params![id, name, owner, look, has_video])
                .map(drop),
            Self::Changed { name, look, now } => transaction
                .prepare_cached(
                    "UPDATE channel SET look = ?3, early_ms = ?4, due_ms = MIN(due_ms, ?4)
                     WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![id, name, look, now.as_millisecond()])
                .map(drop),
            Self::Due { name, now } => transaction
                .prepare_cached(
                    "UPDATE channel SET has_video = 1, due_ms = MIN(due_ms, ?3) WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![id, name, now.as_millisecond()])
                .map(drop),
            Self::Actor { name, now, said } => transaction
                .prepare_cached(
                    "UPDATE channel SET actor_ms = ?3, actor_withheld = CASE WHEN ?4 THEN ?5 ELSE actor_withheld END
                     WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![
                    id,
                    name,
                    now.as_millisecond(),
                    said.is_some(),
                    said.as_ref().and_then(Option::as_ref)
                ])
                .map(drop),
            Self::Account { name, now, said } => account_checked(transaction, id, name, *now, said.as_ref()),
            Self::Checked { name, owner, now, due, withheld, is_gone, is_journalled } => transaction
                .prepare_cached(
                    "UPDATE channel SET owner = COALESCE(?3, owner), checked_ms = ?4, due_ms = ?5, withheld = ?6,
                         is_gone = ?7, is_journalled = ?8, n_failures = 0
                     WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![
                    id,
                    name,
                    owner,
                    now.as_millisecond(),
                    due.as_millisecond(),
                    withheld,
                    is_gone,
                    is_journalled
                ])
                .map(drop),
            Self::Failed { name, due: None } => transaction
                .prepare_cached("UPDATE channel SET n_failures = n_failures + 1 WHERE host_id = ?1 AND name = ?2")?
                .execute(params![id, name])
                .map(drop),
            Self::Failed { name, due: Some((now, due)) } => transaction
                .prepare_cached(
                    "UPDATE channel SET n_failures = 0, checked_ms = ?3, due_ms = ?4 WHERE host_id = ?1 AND name = ?2",
                )?
                .execute(params![id, name, now.as_millisecond(), due.as_millisecond()])
                .map(drop),
            Self::Removed { name } => transaction
                .prepare_cached("DELETE FROM channel WHERE host_id = ?1 AND name = ?2")?
                .execute(params![id, name])
                .map(drop),
            Self::Withdrawn { name } => {
                // What a playlist of it needs to know stays; otherwise a later video finds it unchecked.
                transaction
                    .prepare_cached(
                        "DELETE FROM channel WHERE host_id = ?1 AND name = ?2 AND NOT EXISTS
                             (SELECT 1 FROM playlist WHERE host_id = ?1 AND channel = ?2)",
                    )?
                    .execute(params![id, name])?;
                transaction
                    .prepare_cached(
                        "UPDATE channel SET is_journalled = 0, has_video = 0 WHERE host_id = ?1 AND name = ?2",
                    )?
                    .execute(params![id, name])
                    .map(drop)
            }
        }
    }
}

fn account_checked(
    transaction: &Transaction<'_>,
    id: i64,
    name: &str,
    now: Timestamp,
    said: Option<&Option<String>>,
) -> rusqlite::Result<()> {
    let before: Option<Option<String>> = transaction
        .prepare_cached("SELECT withheld FROM account WHERE host_id = ?1 AND name = ?2")?
        .query_row(params![id, name], |row| row.get(0))
        .optional()?;
    let before = before.flatten();
    let withheld = said.unwrap_or(&before);
    transaction
        .prepare_cached("INSERT OR REPLACE INTO account (host_id, name, checked_ms, withheld) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id, name, now.as_millisecond(), withheld])?;
    if before != *withheld {
        transaction
            .prepare_cached("UPDATE channel SET due_ms = MIN(due_ms, ?3) WHERE host_id = ?1 AND owner = ?2")?
            .execute(params![id, name, now.as_millisecond()])?;
    }
    Ok(())
}

const COLUMNS: &str = "channel.name, channel.owner, has_video, look, early_ms, channel.checked_ms, n_failures, is_gone,
    is_journalled, channel.withheld, actor_withheld, account.withheld";

const TABLES: &str = "channel LEFT JOIN account ON account.host_id = channel.host_id AND account.name = channel.owner";

fn read(row: &Row<'_>) -> rusqlite::Result<StoredChannel> {
    Ok(StoredChannel {
        name: row.get(0)?,
        owner: row.get(1)?,
        has_video: row.get(2)?,
        look: row.get(3)?,
        early_ms: row.get(4)?,
        checked_ms: row.get(5)?,
        n_failures: row.get(6)?,
        is_gone: row.get(7)?,
        is_journalled: row.get(8)?,
        withheld: row.get(9)?,
        actor_withheld: row.get(10)?,
        owner_withheld: row.get(11)?,
    })
}

impl StateDb {
    /// What is remembered of these channels.
    ///
    /// - `names`: lower case.
    pub fn channels<'a>(
        &self,
        id: i64,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<HashMap<String, StoredChannel>, Error> {
        self.read("reading channels from", |connection| {
            let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE channel.host_id = ?1 AND channel.name = ?2");
            let mut select = connection.prepare_cached(&sql)?;
            let mut found = HashMap::new();
            for name in names {
                if let Some(channel) = select.query_row(params![id, name], read).optional()? {
                    found.insert(name.to_owned(), channel);
                }
            }
            Ok(found)
        })
    }

    /// Channels with a record but without a video.
    pub fn empty_channels(&self, id: i64) -> Result<Vec<String>, Error> {
        self.read("reading channels from", |connection| {
            let mut select = connection.prepare_cached(
                "SELECT name FROM channel WHERE host_id = ?1 AND is_journalled = 1 AND NOT EXISTS
                     (SELECT 1 FROM video WHERE video.host_id = ?1 AND video.channel = channel.name)",
            )?;
            let rows = select.query_map([id], |row| row.get(0))?;
            rows.collect()
        })
    }

    /// Whether a channel has a record but no video.
    pub fn is_empty_channel(&self, id: i64, name: &str) -> Result<bool, Error> {
        self.read("reading channels from", |connection| {
            connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM channel WHERE host_id = ?1 AND name = ?2 AND is_journalled = 1)
                        AND NOT EXISTS (SELECT 1 FROM video WHERE host_id = ?1 AND channel = ?2)",
                )?
                .query_row(params![id, name], |row| row.get(0))
        })
    }

    /// The videos of a channel.
    pub fn videos_of(&self, id: i64, channel: &str) -> Result<Vec<Uuid>, Error> {
        self.uuids(id, "SELECT uuid FROM video WHERE host_id = ?1 AND channel = ?2", channel)
    }

    /// The playlists of a channel.
    pub fn playlists_of(&self, id: i64, channel: &str) -> Result<Vec<Uuid>, Error> {
        self.uuids(id, "SELECT uuid FROM playlist WHERE host_id = ?1 AND channel = ?2", channel)
    }

    fn uuids(&self, id: i64, sql: &str, name: &str) -> Result<Vec<Uuid>, Error> {
        self.read("reading what is in a channel from", |connection| {
            let mut select = connection.prepare_cached(sql)?;
            let rows = select.query_map(params![id, name], |row| row.get::<_, [u8; 16]>(0).map(Uuid::from_bytes))?;
            rows.collect()
        })
    }

    /// Channels that ask not to be indexed.
    pub fn n_withheld(&self, id: i64) -> Result<u64, Error> {
        self.read("counting in", |connection| {
            let sql = format!(
                "SELECT COUNT(*) FROM {TABLES} WHERE channel.host_id = ?1
                    AND COALESCE(channel.withheld, actor_withheld, account.withheld) IS NOT NULL"
            );
            connection.prepare_cached(&sql)?.query_row([id], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
        })
    }

    /// Whether an account or a channel of it asks not to be indexed.
    pub fn is_owner_withheld(&self, id: i64, owner: &str) -> Result<bool, Error> {
        self.read("reading channels from", |connection| {
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM {TABLES} WHERE channel.host_id = ?1 AND channel.owner = ?2
                    AND COALESCE(channel.withheld, actor_withheld, account.withheld) IS NOT NULL)"
            );
            connection.prepare_cached(&sql)?.query_row(params![id, owner], |row| row.get(0))
        })
    }
}
