//! What one answer changes among the videos of a host, written in one transaction with the cursor.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use uuid::Uuid;

use super::{ChannelChange, EventChange, GroupChange, PlaylistChange, StateDb};
use crate::error::Error;

/// What is known of a video before its page is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The sweep that last saw it.
    pub sweep: u32,
    /// When it was published, Unix milliseconds.
    pub published_ms: i64,
    /// Its `updatedAt` when it was last seen.
    pub updated_ms: i64,
    /// When its detail was last read; 0 for never.
    pub detail_ms: i64,
    /// Its channel, lower case; empty when no page has shown it yet.
    pub channel: String,
}

/// A video seen on a page.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its UUID.
    pub uuid: Uuid,
    /// The name of its account.
    pub account: String,
    /// The name of its channel, lower case.
    pub channel: String,
    /// When it was published, Unix milliseconds.
    pub published_ms: i64,
    /// Its `updatedAt`.
    pub updated_ms: i64,
    /// Views counted by the origin.
    pub views: u64,
    /// It streams.
    pub is_live: bool,
    /// The sweep that sees it; `None` keeps the known one.
    pub sweep: Option<u32>,
    /// When its detail is due at the latest; 0 for at once. An earlier known date stays.
    pub due_ms: i64,
}

/// A video whose detail was read, or could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enriched {
    /// The video.
    pub uuid: Uuid,
    /// When its detail was read; `None` when it was not.
    pub read_ms: Option<i64>,
    /// When it is due again.
    pub due_ms: i64,
    /// What is due then is only its whole description.
    pub lacks_description: bool,
}

/// What a page changes, written at once with the cursor.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Videos seen.
    pub seen: Vec<Seen>,
    /// Videos whose detail was looked at.
    pub enriched: Vec<Enriched>,
    /// Videos that are gone.
    pub removed: Vec<Uuid>,
    /// Videos that could not be asked about, with the sweep that counts as having seen them.
    pub unconfirmed: Vec<(Uuid, u32)>,
    /// Videos to ask about by themselves.
    pub confirm: Vec<Uuid>,
    /// A channel that is gone: its videos and playlists are to be asked about.
    pub confirm_channel: Option<String>,
    /// An account whose outbox is read to its end, and when: what it did not hold is asked for one by one.
    pub exhausted_account: Option<(String, Timestamp)>,
    /// Videos that the journal has and no page has shown since: counted as missing where they are unknown.
    pub adopted: Vec<Uuid>,
    /// Everything missing from this sweep is to be confirmed.
    pub confirm_missing_from: Option<u32>,
    /// Every playlist missing from this pass is to be confirmed.
    pub confirm_playlists_missing_from: Option<u32>,
    /// Forgets the channels of which nothing is known any more.
    pub prunes_channels: bool,
    /// Changes of channels, in order.
    pub channels: Vec<ChannelChange>,
    /// Changes of playlists, in order.
    pub playlists: Vec<PlaylistChange>,
    /// Changes of events, in order.
    pub events: Vec<EventChange>,
    /// Changes of groups, in order.
    pub groups: Vec<GroupChange>,
}

impl Changes {
    pub(super) fn apply(&self, transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
        if !self.seen.is_empty() {
            self.see(transaction, id)?;
        }
        for uuid in &self.adopted {
            let sql = "INSERT OR IGNORE INTO video
                           (host_id, uuid, account, published_ms, sweep, route, channel, updated_ms, views, is_live, due_ms)
                       VALUES (?1, ?2, '', 0, 0, 1, '', 0, 0, 0, ?3)";
            transaction.prepare_cached(sql)?.execute(params![id, uuid.as_bytes(), i64::MAX])?;
        }
        for video in &self.enriched {
            let sql = "UPDATE video SET due_ms = ?3, route = ?5, detail_ms = COALESCE(?4, detail_ms)
                       WHERE host_id = ?1 AND uuid = ?2";
            transaction.prepare_cached(sql)?.execute(params![
                id,
                video.uuid.as_bytes(),
                video.due_ms,
                video.read_ms,
                if video.lacks_description { 3 } else { 1 }
            ])?;
        }
        for (uuid, sweep) in &self.unconfirmed {
            let sql = "UPDATE video SET confirm = 0, sweep = ?3 WHERE host_id = ?1 AND uuid = ?2";
            transaction.prepare_cached(sql)?.execute(params![id, uuid.as_bytes(), sweep])?;
        }
        for uuid in &self.confirm {
            let sql = "UPDATE video SET confirm = 1 WHERE host_id = ?1 AND uuid = ?2";
            transaction.prepare_cached(sql)?.execute(params![id, uuid.as_bytes()])?;
        }
        for uuid in &self.removed {
            let sql = "DELETE FROM video WHERE host_id = ?1 AND uuid = ?2";
            transaction.prepare_cached(sql)?.execute(params![id, uuid.as_bytes()])?;
        }
        if let Some(channel) = &self.confirm_channel {
            for table in ["video", "playlist"] {
                let sql = format!("UPDATE {table} SET confirm = 1 WHERE host_id = ?1 AND channel = ?2");
                transaction.prepare_cached(&sql)?.execute(params![id, channel])?;
            }
        }
        if let Some((account, now)) = &self.exhausted_account {
            let sql = "UPDATE video SET route = 2 WHERE host_id = ?1 AND account = ?2 AND due_ms <= ?3 AND route = 1";
            transaction.prepare_cached(sql)?.execute(params![id, account, now.as_millisecond()])?;
        }
        if let Some(sweep) = self.confirm_missing_from {
            let sql = "UPDATE video SET confirm = 1 WHERE host_id = ?1 AND sweep <> ?2";
            transaction.prepare_cached(sql)?.execute(params![id, sweep])?;
        }
        if let Some(sweep) = self.confirm_playlists_missing_from {
            let sql = "UPDATE playlist SET confirm = 1 WHERE host_id = ?1 AND sweep <> ?2";
            transaction.prepare_cached(sql)?.execute(params![id, sweep])?;
        }
        if self.prunes_channels {
            let sql = "DELETE FROM channel WHERE host_id = ?1 AND checked_ms > 0 AND is_journalled = 0
                           AND withheld IS NULL AND actor_withheld IS NULL
                           AND NOT EXISTS (SELECT 1 FROM account WHERE account.host_id = ?1
                               AND account.name = channel.owner AND account.withheld IS NOT NULL)
                           AND NOT EXISTS (SELECT 1 FROM video WHERE video.host_id = ?1 AND video.channel = channel.name)
                           AND NOT EXISTS (SELECT 1 FROM playlist WHERE playlist.host_id = ?1
                               AND playlist.channel = channel.name)";
            transaction.prepare_cached(sql)?.execute([id])?;
        }
        self.channels.iter().try_for_each(|change| change.apply(transaction, id))?;
        self.playlists.iter().try_for_each(|change| change.apply(transaction, id))?;
        self.events.iter().try_for_each(|change| change.apply(transaction, id))?;
        self.groups.iter().try_for_each(|change| change.apply(transaction, id))
    }

    fn see(&self, transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
        let mut see = transaction.prepare_cached(
            "INSERT INTO video (host_id, uuid, account, published_ms, sweep, route, channel, updated_ms, views, is_live, due_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (host_id, uuid) DO UPDATE SET account = excluded.account, channel = excluded.channel,
                 published_ms = excluded.published_ms, updated_ms = excluded.updated_ms, views = excluded.views,
                 is_live = excluded.is_live, sweep = CASE WHEN ?11 THEN excluded.sweep ELSE sweep END,
                 due_ms = MIN(due_ms, excluded.due_ms), confirm = 0",
        )?;
        for seen in &self.seen {
            see.execute(params![
                id,
                seen.uuid.as_bytes(),
                seen.account,
                seen.published_ms,
                seen.sweep.unwrap_or(0),
                seen.channel,
                seen.updated_ms,
                i64::try_from(seen.views).unwrap_or(i64::MAX),
                seen.is_live,
                seen.due_ms,
                seen.sweep.is_some()
            ])?;
        }
        Ok(())
    }
}

impl StateDb {
    /// What is known of these videos.
    pub fn known(&self, id: i64, uuids: &[Uuid]) -> Result<HashMap<Uuid, Known>, Error> {
        self.read("reading videos from", |connection| {
            let mut select = connection.prepare_cached(
                "SELECT sweep, published_ms, updated_ms, detail_ms, channel FROM video
                 WHERE host_id = ?1 AND uuid = ?2",
            )?;
            let mut known = HashMap::new();
            for uuid in uuids {
                let row = select.query_row(params![id, uuid.as_bytes()], |row| {
                    Ok(Known {
                        sweep: row.get(0)?,
                        published_ms: row.get(1)?,
                        updated_ms: row.get(2)?,
                        detail_ms: row.get(3)?,
                        channel: row.get(4)?,
                    })
                });
                if let Some(row) = row.optional()? {
                    known.insert(*uuid, row);
                }
            }
            Ok(known)
        })
    }

    /// Every video known of a host.
    pub fn videos(&self, id: i64) -> Result<HashSet<Uuid>, Error> {
        self.read("reading videos from", |connection| {
            let mut select = connection.prepare_cached("SELECT uuid FROM video WHERE host_id = ?1")?;
            let rows = select.query_map([id], |row| row.get::<_, [u8; 16]>(0).map(Uuid::from_bytes))?;
            rows.collect()
        })
    }

    /// The lives of a host that are known to stream.
    pub fn lives(&self, id: i64) -> Result<Vec<Uuid>, Error> {
        self.read("reading lives from", |connection| {
            let mut select = connection.prepare_cached("SELECT uuid FROM video WHERE host_id = ?1 AND is_live = 1")?;
            let rows = select.query_map([id], |row| row.get::<_, [u8; 16]>(0).map(Uuid::from_bytes))?;
            rows.collect()
        })
    }

    /// The views that a video of the host needs to be among its most viewed: its hundredth, or the last of its upper
    /// tenth where that reaches further.
    pub fn popular_views(&self, id: i64) -> Result<u64, Error> {
        self.read("counting in", |connection| {
            let sql = "SELECT views FROM video WHERE host_id = ?1 ORDER BY views DESC
                       LIMIT 1 OFFSET (SELECT MAX(100, COUNT(*) / 10) - 1 FROM video WHERE host_id = ?1)";
            let views = connection.prepare_cached(sql)?.query_row([id], |row| row.get::<_, i64>(0)).optional()?;
            Ok(views.unwrap_or(0).unsigned_abs())
        })
    }
}
