//! Events of a host, as far as the crawl has to remember them. Mobilizon and Gancio share this.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::StateDb;
use crate::error::Error;

/// A date that never comes: nothing is due.
pub const NEVER_MS: i64 = i64::MAX;

/// Whose wish keeps an event out of the index. The state file holds the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Nobody's.
    #[default]
    Nobody = 0,
    /// Its group's.
    Group = 1,
    /// Its person's.
    Person = 2,
}

/// How much later than the time before it what could not be read is asked for again, each time that it fails.
pub(super) const LATER_MS: i64 = 6 * 60 * 60 * 1000;

/// What is known of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownEvent {
    /// The full scan that last saw it.
    pub sweep: u32,
    /// The pass through what is not over that last saw it.
    pub look: u32,
    /// Its last edit, Unix milliseconds; 0 where unknown.
    pub updated_ms: i64,
    /// It was cancelled.
    pub is_cancelled: bool,
    /// Its record is in the journal.
    pub is_journalled: bool,
    /// It is to be read by itself, at the latest then.
    pub due_ms: i64,
    /// When its own page said that it is not for search engines; 0 for never.
    pub refused_ms: i64,
    /// One of its makers asks not to be indexed.
    pub is_withheld: bool,
    /// A whole pass has not seen it.
    pub is_missing: bool,
}

/// What an answer changes about an event.
#[derive(Clone, Debug)]
pub enum EventChange {
    /// It was read whole.
    Read(ReadEvent),
    /// A list named it.
    Glanced {
        /// Its id.
        id: String,
        /// Its last edit.
        updated_ms: i64,
        /// It is cancelled.
        is_cancelled: bool,
        /// The full scan and the pass that saw it; `None` keeps the known ones.
        sweep: Option<u32>,
        look: Option<u32>,
        /// It is new or changed, and is to be read then.
        due_ms: Option<i64>,
    },
    /// It could not be read; it is due again then.
    Failed { id: String, due_ms: i64 },
    /// What was read makes no record, until it is edited. What is known of it stays, and is asked about when it is missing.
    Rejected { id: String },
    /// One of its makers asks not to be indexed.
    Withheld { id: String, by: By },
    /// Its own page says that it is not for search engines.
    Refused { id: String, now: Timestamp },
    /// It is to be asked about.
    Confirm { id: String },
    /// It was asked about and is still there, for everybody.
    StillThere { id: String, now: Timestamp, due_ms: i64 },
    /// It could not be asked about; another scan asks again.
    Unconfirmed { id: String },
    /// It is asked about by another route.
    ConfirmOtherwise { id: String },
    /// It is gone.
    Removed { id: String },
    /// The journal has it and nothing has shown it since.
    Adopted { id: String },
    /// Everything that this full scan has not seen is to be asked about.
    MissingFromSweep(u32),
    /// Everything that this pass has not seen, is not over at `now` and was not asked about lately is to be asked about.
    MissingFromLook { look: u32, now: Timestamp, counts_cancelled: bool },
    /// Everything that the calendar of this scan does not name is to be asked about. The calendar is cut after some hundred
    /// events: what was found to be there lately is left alone.
    MissingFromCalendar { sweep: u32, now: Timestamp },
    /// What was withheld with this group or person is to be read again.
    Released { name: String, is_group: bool },
}

/// An event that was read whole.
#[derive(Clone, Debug, Default)]
pub struct ReadEvent {
    /// Its id.
    pub id: String,
    /// Its group, lower case; empty for none.
    pub group: String,
    /// Its person, lower case; empty for none.
    pub person: String,
    /// Its last edit.
    pub updated_ms: i64,
    /// When it is over.
    pub over_ms: i64,
    /// It is cancelled.
    pub is_cancelled: bool,
    /// The full scan and the pass that saw it; `None` keeps the known ones.
    pub sweep: Option<u32>,
    /// See above.
    pub look: Option<u32>,
    /// When it is to be read by itself nevertheless.
    pub due_ms: i64,
    /// Its record is in the journal.
    pub is_journalled: bool,
    /// When it was read.
    pub read_ms: i64,
    /// Whose wish keeps it out; `None` where the answer did not tell wishes, and keeps the known one.
    pub withheld: Option<By>,
}

impl EventChange {
    pub(super) fn apply(&self, transaction: &Transaction<'_>, host: i64) -> rusqlite::Result<()> {
        /// A look does not ask again about what was found to be there within this time.
        const ASKED_LATELY_MS: i64 = 20 * 60 * 60 * 1000;
        let set = |sql: &str, id: &str| transaction.prepare_cached(sql)?.execute(params![host, id]).map(drop);
        match self {
            Self::Read(event) => transaction
                .prepare_cached(
                    "INSERT INTO event (host_id, id, grp, person, updated_ms, over_ms, is_cancelled, sweep, look, due_ms,
                         is_journalled, withheld)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, COALESCE(?8, 0), COALESCE(?9, 0), ?10, ?11, COALESCE(?13, 0))
                     ON CONFLICT (host_id, id) DO UPDATE SET grp = excluded.grp,
                         -- What does not tell wishes does not tell every maker either.
                         person = CASE WHEN ?13 IS NULL THEN person ELSE excluded.person END,
                         updated_ms = excluded.updated_ms, over_ms = excluded.over_ms,
                         is_cancelled = excluded.is_cancelled, sweep = COALESCE(?8, sweep), look = COALESCE(?9, look),
                         due_ms = excluded.due_ms, is_journalled = excluded.is_journalled,
                         -- A list alone does not end the failures of what is to be read by itself.
                         n_failures = CASE WHEN excluded.due_ms = ?14 THEN 0 ELSE n_failures END,
                         withheld = COALESCE(?13, withheld),
                         asked_ms = CASE WHEN confirm > 0 THEN ?12 ELSE asked_ms END, confirm = 0",
                )?
                .execute(params![
                    host,
                    event.id,
                    event.group,
                    event.person,
                    event.updated_ms,
                    event.over_ms,
                    event.is_cancelled,
                    event.sweep,
                    event.look,
                    event.due_ms,
                    event.is_journalled,
                    event.read_ms,
                    event.withheld.map(|by| by as i64),
                    NEVER_MS
                ])
                .map(drop),
            Self::Glanced { id, updated_ms, is_cancelled, sweep, look, due_ms } => transaction
                .prepare_cached(
                    "INSERT INTO event (host_id, id, grp, person, updated_ms, over_ms, is_cancelled, sweep, look, due_ms,
                         is_journalled)
                     VALUES (?1, ?2, '', '', ?3, 0, ?4, COALESCE(?5, 0), COALESCE(?6, 0), COALESCE(?7, ?8), 0)
                     ON CONFLICT (host_id, id) DO UPDATE SET updated_ms = excluded.updated_ms,
                         is_cancelled = excluded.is_cancelled, sweep = COALESCE(?5, sweep), look = COALESCE(?6, look),
                         due_ms = MIN(due_ms, COALESCE(?7, due_ms)), confirm = 0",
                )?
                .execute(params![host, id, updated_ms, is_cancelled, sweep, look, due_ms, NEVER_MS])
                .map(drop),
            Self::Failed { id, due_ms } => transaction
                .prepare_cached(
                    "UPDATE event SET due_ms = ?3 + ?4 * MIN(n_failures, 8), n_failures = n_failures + 1, confirm = 0
                     WHERE host_id = ?1 AND id = ?2",
                )?
                .execute(params![host, id, due_ms, LATER_MS])
                .map(drop),
            Self::Rejected { id } => transaction
                .prepare_cached(
                    "UPDATE event SET due_ms = ?3, confirm = 0 WHERE host_id = ?1 AND id = ?2",
                )?
                .execute(params![host, id, NEVER_MS])
                .map(drop),
            Self::Withheld { id, by } => transaction
                .prepare_cached(
                    "UPDATE event SET due_ms = ?3, is_journalled = 0, confirm = 0, withheld = ?4
                     WHERE host_id = ?1 AND id = ?2",
                )?
                .execute(params![host, id, NEVER_MS, *by as i64])
                .map(drop),
            Self::Refused { id, now } => transaction
                .prepare_cached(
                    "UPDATE event SET due_ms = ?3, refused_ms = ?4, is_journalled = 0, confirm = 0
                     WHERE host_id = ?1 AND id = ?2",
                )?
                .execute(params![host, id, NEVER_MS, now.as_millisecond()])
                .map(drop),
            Self::Confirm { id } => set("UPDATE event SET confirm = 1 WHERE host_id = ?1 AND id = ?2", id),
            Self::StillThere { id, now, due_ms } => transaction
                .prepare_cached(
                    "UPDATE event SET asked_ms = CASE WHEN confirm > 0 THEN ?3 ELSE asked_ms END, confirm = 0,
                         refused_ms = 0, due_ms = MIN(due_ms, ?4) WHERE host_id = ?1 AND id = ?2",
                )?
                .execute(params![host, id, now.as_millisecond(), due_ms])
                .map(drop),
            Self::Unconfirmed { id } => {
                set("UPDATE event SET confirm = 0, sweep = 0, look = 0 WHERE host_id = ?1 AND id = ?2", id)
            }
            Self::ConfirmOtherwise { id } => set("UPDATE event SET confirm = 2 WHERE host_id = ?1 AND id = ?2", id),
            Self::Removed { id } => set("DELETE FROM event WHERE host_id = ?1 AND id = ?2", id),
            Self::Adopted { id } => transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO event (host_id, id, grp, person, updated_ms, over_ms, is_cancelled, sweep, look,
                         due_ms, is_journalled)
                     VALUES (?1, ?2, '', '', 0, 0, 0, 0, 0, ?3, 1)",
                )?
                .execute(params![host, id, NEVER_MS])
                .map(drop),
            Self::MissingFromSweep(sweep) => {
                let sql = "UPDATE event SET confirm = 1 WHERE host_id = ?1 AND sweep <> ?2 AND is_journalled = 1";
                transaction.prepare_cached(sql)?.execute(params![host, sweep])?;
                // What never became a record and is listed no more is forgotten.
                let sql = "DELETE FROM event WHERE host_id = ?1 AND sweep <> ?2 AND is_journalled = 0 AND due_ms = ?3";
                transaction.prepare_cached(sql)?.execute(params![host, sweep, NEVER_MS]).map(drop)
            }
            Self::MissingFromLook { look, now, counts_cancelled } => transaction
                .prepare_cached(
                    "UPDATE event SET confirm = 1 WHERE host_id = ?1 AND look <> ?2 AND is_journalled = 1 AND over_ms > ?3
                         AND asked_ms <= ?3 - ?4 AND (?5 OR is_cancelled = 0)",
                )?
                .execute(params![host, look, now.as_millisecond(), ASKED_LATELY_MS, counts_cancelled])
                .map(drop),
            Self::MissingFromCalendar { sweep, now } => transaction
                .prepare_cached(
                    "UPDATE event SET confirm = 1 WHERE host_id = ?1 AND sweep <> ?2 AND is_journalled = 1
                         AND asked_ms <= ?3 - ?4",
                )?
                .execute(params![host, sweep, now.as_millisecond(), 7 * 24 * 60 * 60 * 1000_i64])
                .map(drop),
            Self::Released { name, is_group } => {
                let sql = if *is_group {
                    "UPDATE event SET due_ms = 0, withheld = CASE WHEN withheld = 1 THEN 0 ELSE withheld END
                     WHERE host_id = ?1 AND grp = ?2 AND is_journalled = 0"
                } else {
                    "UPDATE event SET due_ms = 0, withheld = CASE WHEN withheld = 2 THEN 0 ELSE withheld END
                     WHERE host_id = ?1 AND person = ?2 AND is_journalled = 0"
                };
                set(sql, name)
            }
        }
    }
}

/// What waits to be asked for on a host with events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgendaQueue {
    /// An event to read by itself, the most urgent.
    pub event: Option<String>,
    /// How many of these there are, ten thousand at most.
    pub n_events: u64,
    /// An event that a whole scan did not see.
    pub confirm: Option<String>,
    /// Its ActivityPub object said nothing of use.
    pub is_confirmed_otherwise: bool,
    /// A group whose actor is to be asked for.
    pub group: Option<String>,
    /// A group whose record is to be read by itself.
    pub group_record: Option<String>,
}

impl StateDb {
    /// What waits at `now`.
    pub fn agenda_queue(&self, id: i64, now: Timestamp) -> Result<AgendaQueue, Error> {
        self.read("reading the queue of", |connection| {
            let now_ms = now.as_millisecond();
            let one = |sql: &str| {
                let mut select = connection.prepare_cached(sql)?;
                select.query_row(params![id, now_ms], |row| row.get::<_, String>(0)).optional()
            };
            let event = one("SELECT id FROM event WHERE host_id = ?1 AND due_ms <= ?2 ORDER BY due_ms LIMIT 1")?;
            let n_events = match event {
                None => 0,
                Some(_) => connection
                    .prepare_cached(
                        "SELECT COUNT(*) FROM (SELECT 1 FROM event WHERE host_id = ?1 AND due_ms <= ?2 LIMIT 10000)",
                    )?
                    .query_row(params![id, now_ms], |row| row.get::<_, i64>(0))?
                    .unsigned_abs(),
            };
            let confirm = connection
                .prepare_cached("SELECT id, confirm FROM event WHERE host_id = ?1 AND confirm > 0 LIMIT 1")?
                .query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
                .optional()?;
            Ok(AgendaQueue {
                event,
                n_events,
                is_confirmed_otherwise: confirm.as_ref().is_some_and(|(_, how)| *how == 2),
                confirm: confirm.map(|(id, _)| id),
                group: one("SELECT name FROM event_group WHERE host_id = ?1 AND due_ms <= ?2 ORDER BY due_ms LIMIT 1")?,
                group_record: one(
                    "SELECT name FROM event_group WHERE host_id = ?1 AND wants_record = 1 AND ?2 > 0 LIMIT 1",
                )?,
            })
        })
    }

    /// What is known of these events.
    pub fn events(&self, id: i64, ids: &[String]) -> Result<HashMap<String, KnownEvent>, Error> {
        self.read("reading events from", |connection| {
            let mut select = connection.prepare_cached(
                "SELECT sweep, look, updated_ms, is_cancelled, is_journalled, due_ms, refused_ms, withheld, confirm FROM event
                 WHERE host_id = ?1 AND id = ?2",
            )?;
            let mut known = HashMap::new();
            for event in ids {
                let row = select.query_row(params![id, event], |row| {
                    Ok(KnownEvent {
                        sweep: row.get(0)?,
                        look: row.get(1)?,
                        updated_ms: row.get(2)?,
                        is_cancelled: row.get(3)?,
                        is_journalled: row.get(4)?,
                        due_ms: row.get(5)?,
                        refused_ms: row.get(6)?,
                        is_withheld: row.get::<_, i64>(7)? > 0,
                        is_missing: row.get::<_, i64>(8)? > 0,
                    })
                });
                if let Some(row) = row.optional()? {
                    known.insert(event.clone(), row);
                }
            }
            Ok(known)
        })
    }

    /// Ids of the events of a host with a record; of one group or person, lower case, when named.
    pub fn journalled_events(&self, id: i64, of: Option<(&str, bool)>) -> Result<Vec<String>, Error> {
        self.read("reading events from", |connection| {
            let all = "SELECT id FROM event WHERE host_id = ?1 AND is_journalled = 1";
            let sql = match of {
                None => format!("{all} AND ?2 = ''"),
                Some((_, true)) => format!("{all} AND grp = ?2"),
                Some((_, false)) => format!("{all} AND person = ?2"),
            };
            let name = of.map_or("", |(name, _)| name);
            let mut select = connection.prepare_cached(&sql)?;
            let rows = select.query_map(params![id, name], |row| row.get(0))?;
            rows.collect()
        })
    }

    /// Whose wish keeps everything of this group or this person out, as far as is known. Names are lower case, empty for
    /// none.
    pub fn withheld_by(&self, id: i64, group: &str, person: &str) -> Result<By, Error> {
        self.read("reading events from", |connection| {
            let has = |sql: &str, name: &str| {
                let row = connection.prepare_cached(sql)?.query_row(params![id, name], |_| Ok(())).optional()?;
                Ok::<_, rusqlite::Error>(!name.is_empty() && row.is_some())
            };
            // Words withhold what a group publishes; a flag, the group alone.
            let by_words = "SELECT 1 FROM event_group WHERE host_id = ?1 AND name = ?2 AND withheld LIKE '`#%'";
            let of_group = "SELECT 1 FROM event WHERE host_id = ?1 AND grp = ?2 AND withheld = 1 LIMIT 1";
            let of_person = "SELECT 1 FROM event WHERE host_id = ?1 AND person = ?2 AND withheld = 2 LIMIT 1";
            Ok(match () {
                () if has(by_words, group)? || has(of_group, group)? => By::Group,
                () if has(of_person, person)? => By::Person,
                () => By::Nobody,
            })
        })
    }

    /// Events with a record, and of these how many the full scan `sweep` has not seen.
    pub fn tally_sweep(&self, id: i64, sweep: u32) -> Result<(u64, u64), Error> {
        self.read("counting in", |connection| {
            connection
                .prepare_cached(
                    "SELECT COUNT(*), COALESCE(SUM(sweep <> ?2), 0) FROM event WHERE host_id = ?1 AND is_journalled = 1",
                )?
                .query_row(params![id, sweep], |row| {
                    Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
                })
        })
    }

    /// The same of what is not over at `now` and the pass `look`; cancelled ones only when `counts_cancelled`.
    pub fn tally_look(&self, id: i64, look: u32, counts_cancelled: bool, now: Timestamp) -> Result<(u64, u64), Error> {
        self.read("counting in", |connection| {
            connection
                .prepare_cached(
                    "SELECT COUNT(*), COALESCE(SUM(look <> ?2), 0) FROM event
                     WHERE host_id = ?1 AND is_journalled = 1 AND over_ms > ?3 AND (?4 OR is_cancelled = 0)",
                )?
                .query_row(params![id, look, now.as_millisecond(), counts_cancelled], |row| {
                    Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
                })
        })
    }
}
