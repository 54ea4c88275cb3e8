//! What was submitted, and which hosts were asked for it when. Of visitors nothing is kept: no address, no agent, no label.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::json;

use super::audit::{self, Audit};
use super::{Registry, RegistryError};
use crate::Host;
use crate::submission::{Check, Purpose, SecretKey, State, Submission};

/// Most submissions that wait at one time. Past it the oldest that nobody proved makes room.
pub const MAX_OPEN: usize = 1000;

/// How long what nobody proved is kept, and what is over.
const KEPT: SignedDuration = SignedDuration::from_hours(60 * 24);

/// One host is asked once in this time, whoever submits it, and so many hosts in all.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// Hosts asked in an hour, all submissions together.
pub const MAX_PROBES: u64 = 60;

/// Looks for the proof of one submission on one day (UTC).
pub const MAX_LOOKS: u32 = 20;

/// Looks at one host in a day, for all submissions that name it: far from a flood, and too many for a few strangers to use up
/// before the owner comes.
pub const MAX_LOOKS_OF_HOST: u32 = 100;

/// Least time between two of them.
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_mins(1);

/// Rows of visitors are no decisions: only what becomes of an instance gets a line in the audit log.
pub(super) const TABLES: &str = "
CREATE TABLE submission_secret (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL) STRICT;
INSERT INTO submission_secret (id, key) VALUES (1, randomblob(32));
CREATE TABLE submission (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    kind TEXT,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    -- JSON.
    checks TEXT NOT NULL,
    n_items INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    checked_ms INTEGER,
    looked_ms INTEGER,
    n_looked INTEGER NOT NULL DEFAULT 0,
    -- JSON.
    missing TEXT NOT NULL DEFAULT '[]',
    proved_ms INTEGER,
    proved_by TEXT,
    reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX submission_by_state ON submission (state, created_ms);
CREATE TABLE probe (host TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, report TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX probe_by_time ON probe (at_ms);
";

/// Whether a host may be asked now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeTurn {
    /// Yes; it is noted that it is.
    Now,
    /// It was asked within the hour, and this came of it, as JSON; `None` while that is under way, or where it was cut off.
    Known(Option<String>),
    /// Too many hosts were asked within the hour.
    Later(SignedDuration),
}

/// Whether a proof may be looked for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookTurn {
    /// Yes; it is noted.
    Now,
    /// In so long.
    Later(SignedDuration),
}

impl Registry {
    /// The secret of which tokens of submissions and forms are made.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn submission_key(&self) -> Result<SecretKey, RegistryError> {
        self.read("reading", |connection| {
            connection.query_row("SELECT key FROM submission_secret", [], |row| row.get(0).map(SecretKey::new))
        })
    }

    /// Writes a new submission; its state is [`State::Checking`], or [`State::Unproved`] for a removal. `None` when as many
    /// wait as may, and all of them are proved.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn submit(&self, host: &Host, purpose: Purpose, now: Timestamp) -> Result<Option<Submission>, RegistryError> {
        self.write("writing a submission to", |transaction| {
            prune(transaction, now)?;
            if !make_room(transaction, now)? {
                return Ok(None);
            }
            let state = if purpose == Purpose::Add { State::Checking } else { State::Unproved };
            // SQLite seeds its generator with the system's randomness: nobody guesses 128 bits of it.
            let id: String = transaction.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
            let submission = Submission {
                id,
                host: host.clone(),
                kind: None,
                purpose,
                state,
                checks: Vec::new(),
                n_items: 0,
                created_at: now,
                updated_at: now,
                checked_at: None,
                looked_at: None,
                n_looked: 0,
                missing: Vec::new(),
                proved_at: None,
                proved_by: None,
                reason: None,
            };
            put(transaction, &submission)?;
            Ok(Some(submission))
        })
    }

    /// A submission by its id; `None` for every text that is none.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn submission(&self, id: &str) -> Result<Option<Submission>, RegistryError> {
        self.read("reading", |connection| get(connection, id))
    }

    /// Submissions, those that are proved first, then the oldest.
    ///
    /// - `only_open`: leaves out those of which nothing can become any more.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn submissions(&self, only_open: OnlyOpen) -> Result<Vec<Submission>, RegistryError> {
        self.read("reading", |connection| {
            let sql = format!("SELECT {COLUMNS} FROM submission ORDER BY proved_ms IS NULL, created_ms, id");
            let mut select = connection.prepare_cached(&sql)?;
            let rows = select.query_map([], |row| Ok(read(row)))?;
            let mut all = Vec::new();
            for row in rows {
                // A row that a newer version wrote is none of ours to decide.
                all.extend(row?.ok().filter(|row| only_open == OnlyOpen::No || row.state.is_open()));
            }
            Ok(all)
        })
    }

    /// Changes a submission, whole or not at all; nobody else changes it meanwhile. `None` where there is none.
    ///
    /// - `by`: the line of the audit log says this, where something was decided.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn change_submission(
        &self,
        id: &str,
        by: &str,
        now: Timestamp,
        change: impl FnOnce(&mut Submission),
    ) -> Result<Option<Submission>, RegistryError> {
        self.write("writing a submission to", |transaction| {
            let Some(before) = get(transaction, id)? else { return Ok(None) };
            let mut after = before.clone();
            change(&mut after);
            after.updated_at = now;
            put(transaction, &after)?;
            if before.state != after.state && matches!(after.state, State::Accepted | State::Rejected | State::Removed)
            {
                let audit = Audit {
                    who: by.to_owned(),
                    what: format!("submission {}", after.state),
                    subject: format!("instance:{}", after.host),
                    before: Some(json!({"state": before.state.as_str()})),
                    after: Some(json!({
                        "state": after.state.as_str(),
                        "submission": after.id,
                        "provedBy": after.proved_by.map(crate::submission::ProofPlace::as_str),
                        "reason": after.reason,
                    })),
                };
                audit::insert(transaction, &audit, now)?;
            }
            Ok(Some(after))
        })
    }

    /// Ends what was under way when the program ended: it can be tried again.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn end_interrupted_checks(&self, now: Timestamp) -> Result<(), RegistryError> {
        self.write("writing a submission to", |transaction| {
            transaction.execute(
                "UPDATE submission SET state = 'failing', updated_ms = ?1 WHERE state = 'checking'",
                [now.as_millisecond()],
            )?;
            transaction.execute("DELETE FROM probe WHERE report IS NULL", [])?;
            Ok(())
        })
    }

    /// Takes a turn to ask a host for its checks: once per host and hour, and [`MAX_PROBES`] hosts an hour in all. The limits
    /// outlive a restart.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn take_probe_turn(&self, host: &Host, now: Timestamp) -> Result<ProbeTurn, RegistryError> {
        self.write("writing to", |transaction| {
            let begin = (now - WINDOW).as_millisecond();
            let known = transaction
                .prepare_cached("SELECT report FROM probe WHERE host = ?1 AND at_ms > ?2")?
                .query_row(params![host.as_str(), begin], |row| row.get::<_, Option<String>>(0))
                .optional()?;
            if let Some(report) = known {
                return Ok(ProbeTurn::Known(report));
            }
            transaction.prepare_cached("DELETE FROM probe WHERE at_ms <= ?1")?.execute([begin])?;
            let (n, oldest): (u64, Option<i64>) = transaction
                .prepare_cached("SELECT count(*), min(at_ms) FROM probe")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if n >= MAX_PROBES {
                let free_ms = oldest.unwrap_or(begin).saturating_sub(begin);
                return Ok(ProbeTurn::Later(SignedDuration::from_millis(free_ms.max(1000))));
            }
            transaction
                .prepare_cached("INSERT INTO probe (host, at_ms) VALUES (?1, ?2)")?
                .execute(params![host.as_str(), now.as_millisecond()])?;
            Ok(ProbeTurn::Now)
        })
    }

    /// Keeps what came of asking a host, for whoever submits it within the hour.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn keep_probe(&self, host: &Host, report: &str) -> Result<(), RegistryError> {
        self.write("writing to", |transaction| {
            transaction
                .prepare_cached("UPDATE probe SET report = ?2 WHERE host = ?1")?
                .execute(params![host.as_str(), report])?;
            Ok(())
        })
    }

    /// Takes a turn to look for the proof of a submission: once a minute, [`MAX_LOOKS`] times a day, and for one purpose
    /// [`MAX_LOOKS_OF_HOST`] times a day and host, whoever asks.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn take_look_turn(&self, id: &str, now: Timestamp) -> Result<LookTurn, RegistryError> {
        self.write("writing a submission to", |transaction| {
            let Some(mut submission) = get(transaction, id)? else { return Ok(LookTurn::Now) };
            // However many submissions want the same of it, a host is looked at so many times.
            let others: Vec<(i64, u32)> = transaction
                .prepare_cached(
                    "SELECT looked_ms, n_looked FROM submission \
                     WHERE host = ?1 AND purpose = ?2 AND id <> ?3 AND looked_ms IS NOT NULL",
                )?
                .query_map(rusqlite::params![submission.host.as_str(), submission.purpose.as_str(), id], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            let others: Vec<(Timestamp, u32)> =
                others.into_iter().filter_map(|(at, n)| Some((Timestamp::from_millisecond(at).ok()?, n))).collect();
            let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
            let is_same_day = submission.looked_at.is_some_and(|at| day(at) == day(now));
            if let Some(at) = submission.looked_at.filter(|at| now.duration_since(*at) < BETWEEN_LOOKS) {
                return Ok(LookTurn::Later(BETWEEN_LOOKS - now.duration_since(at)));
            }
            let n_of_others: u32 = others.iter().filter(|(at, _)| day(*at) == day(now)).map(|(_, n)| n).sum();
            let n_own = if is_same_day { submission.n_looked } else { 0 };
            if n_own >= MAX_LOOKS || n_own + n_of_others >= MAX_LOOKS_OF_HOST {
                let tomorrow = day(now).tomorrow().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
                let wait = tomorrow.map_or(SignedDuration::from_hours(24), |at| at.timestamp().duration_since(now));
                return Ok(LookTurn::Later(wait));
            }
            submission.n_looked = if is_same_day { submission.n_looked + 1 } else { 1 };
            submission.looked_at = Some(now);
            put(transaction, &submission)?;
            Ok(LookTurn::Now)
        })
    }
}

/// Whether submissions are left out of which nothing can become any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyOpen {
    /// Only those that wait for something.
    Yes,
    /// All that are kept.
    No,
}

/// In the order in which [`read`] takes them.
const COLUMNS: &str = "id, host, kind, purpose, state, checks, n_items, created_ms, updated_ms, checked_ms, looked_ms, \
                       n_looked, proved_ms, proved_by, reason, missing";

fn get(connection: &Connection, id: &str) -> rusqlite::Result<Option<Submission>> {
    let sql = format!("SELECT {COLUMNS} FROM submission WHERE id = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([id], |row| Ok(read(row))).optional()?;
    Ok(found.and_then(Result::ok))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Submission> {
    let bad = |column: usize| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, "not of this version".into())
    };
    let text = |column: usize| row.get::<_, String>(column);
    let moment = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(from_ms));
    let kind = row.get::<_, Option<String>>(2)?.map(|kind| kind.parse().map_err(|_| bad(2))).transpose()?;
    let checks: Vec<Check> = serde_json::from_str(&text(5)?).map_err(|_| bad(5))?;
    Ok(Submission {
        id: text(0)?,
        host: text(1)?.parse().map_err(|_| bad(1))?,
        kind,
        purpose: text(3)?.parse().map_err(|_| bad(3))?,
        state: text(4)?.parse().map_err(|_| bad(4))?,
        checks,
        n_items: row.get(6)?,
        created_at: from_ms(row.get(7)?),
        updated_at: from_ms(row.get(8)?),
        checked_at: moment(9)?,
        looked_at: moment(10)?,
        n_looked: row.get(11)?,
        proved_at: moment(12)?,
        proved_by: row.get::<_, Option<String>>(13)?.and_then(|place| crate::submission::ProofPlace::parse(&place)),
        reason: row.get(14)?,
        missing: serde_json::from_str(&text(15)?).map_err(|_| bad(15))?,
    })
}

fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

fn put(transaction: &Transaction<'_>, submission: &Submission) -> rusqlite::Result<()> {
    let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    let failed = |error: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(error.into());
    let checks = serde_json::to_string(&submission.checks).map_err(failed)?;
    let missing = serde_json::to_string(&submission.missing).map_err(failed)?;
    let sql = format!(
        "INSERT OR REPLACE INTO submission ({COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    );
    transaction
        .prepare_cached(&sql)?
        .execute(params![
            submission.id,
            submission.host.as_str(),
            submission.kind.map(crate::SourceKind::as_str),
            submission.purpose.as_str(),
            submission.state.as_str(),
            checks,
            submission.n_items,
            submission.created_at.as_millisecond(),
            submission.updated_at.as_millisecond(),
            ms(submission.checked_at),
            ms(submission.looked_at),
            submission.n_looked,
            ms(submission.proved_at),
            submission.proved_by.map(crate::submission::ProofPlace::as_str),
            submission.reason,
            missing,
        ])
        .map(drop)
}

/// Drops what nobody came back for, and what is over for long.
fn prune(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM submission WHERE updated_ms < ?1
             AND NOT (state = 'queued' OR (proved_ms IS NOT NULL AND state = 'unproved'))",
        )?
        .execute([(now - KEPT).as_millisecond()])
        .map(drop)
}

/// Makes room for one more; false when all that wait are proved.
fn make_room(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<bool> {
    let open = "state IN ('checking', 'failing', 'unproved', 'queued')";
    let n: usize = transaction
        .prepare_cached(&format!("SELECT count(*) FROM submission WHERE {open}"))?
        .query_row([], |row| row.get(0))?;
    if n < MAX_OPEN {
        return Ok(true);
    }
    let sql = format!(
        "DELETE FROM submission WHERE id =
         (SELECT id FROM submission WHERE {open} AND proved_ms IS NULL ORDER BY created_ms, id LIMIT 1)"
    );
    let n_dropped = transaction.prepare_cached(&sql)?.execute([])?;
    if n_dropped > 0 {
        let audit = Audit {
            who: "vigie".to_owned(),
            what: "drop submission".to_owned(),
            subject: "the oldest without proof".to_owned(),
            before: None,
            after: Some(json!({"open": n})),
        };
        audit::insert(transaction, &audit, now)?;
    }
    Ok(n_dropped > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::{CheckName, ProofPlace};

    fn registry() -> (tempfile::TempDir, Registry) {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        (dir, registry)
    }

    fn host(n: usize) -> Host {
        format!("tube-{n}.example").parse().unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_submission_reads_back_and_only_decisions_are_audited() {
        let (_dir, registry) = registry();
        let made = registry.submit(&host(1), Purpose::Add, at(0)).unwrap().unwrap();
        assert_eq!(made.id.len(), 32);
        assert_eq!(registry.submission(&made.id).unwrap(), Some(made.clone()));
        assert_eq!(registry.submission("0").unwrap(), None);
        let checks = vec![Check::failed(CheckName::Robots, "It forbids.", Some("Allow."))];
        let changed = registry
            .change_submission(&made.id, "vigie", at(1), |submission| {
                submission.state = State::Queued;
                submission.checks = checks.clone();
                submission.kind = Some(crate::SourceKind::Gancio);
                submission.proved_at = Some(at(1));
                submission.proved_by = Some(ProofPlace::Dns);
            })
            .unwrap()
            .unwrap();
        assert_eq!(registry.submission(&made.id).unwrap().unwrap(), changed);
        assert_eq!(registry.audit(9).unwrap().len(), 0);
        registry.change_submission(&made.id, "anna", at(2), |it| it.state = State::Accepted).unwrap();
        let audit = registry.audit(9).unwrap();
        assert_eq!((audit[0].who.as_str(), audit[0].subject.as_str()), ("anna", "instance:tube-1.example"));
        assert!(registry.submissions(OnlyOpen::Yes).unwrap().is_empty());
        assert_eq!(registry.submissions(OnlyOpen::No).unwrap().len(), 1);
    }

    #[test]
    fn ids_and_keys_are_not_guessed() {
        let (_dir, registry) = registry();
        let ids: std::collections::BTreeSet<String> =
            (0..50).map(|n| registry.submit(&host(n), Purpose::Add, at(0)).unwrap().unwrap().id).collect();
        assert_eq!(ids.len(), 50);
        let token = |key: SecretKey| key.proof_token("a", &host(1), Purpose::Add);
        let (_other_dir, other) = self::registry();
        assert_eq!(token(registry.submission_key().unwrap()), token(registry.submission_key().unwrap()));
        assert_ne!(token(registry.submission_key().unwrap()), token(other.submission_key().unwrap()));
    }

    #[test]
    fn case_148_a_host_is_asked_once_an_hour_and_sixty_hosts_in_all() {
        let (dir, registry) = registry();
        assert_eq!(registry.take_probe_turn(&host(0), at(0)).unwrap(), ProbeTurn::Now);
        assert_eq!(registry.take_probe_turn(&host(0), at(1)).unwrap(), ProbeTurn::Known(None));
        registry.keep_probe(&host(0), "{}").unwrap();
        // A restart changes nothing.
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        assert_eq!(registry.take_probe_turn(&host(0), at(3599)).unwrap(), ProbeTurn::Known(Some("{}".to_owned())));
        for n in 1..60 {
            assert_eq!(registry.take_probe_turn(&host(n), at(10)).unwrap(), ProbeTurn::Now);
        }
        let ProbeTurn::Later(wait) = registry.take_probe_turn(&host(60), at(20)).unwrap() else { panic!() };
        assert_eq!(wait, SignedDuration::from_secs(3580));
        assert_eq!(registry.take_probe_turn(&host(60), at(3600)).unwrap(), ProbeTurn::Now);
        assert_eq!(registry.take_probe_turn(&host(0), at(3611)).unwrap(), ProbeTurn::Now);
    }

    #[test]
    fn a_proof_is_looked_for_once_a_minute_and_twenty_times_a_day() {
        let (_dir, registry) = registry();
        let day: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let minute = |n: i64| day + SignedDuration::from_mins(n);
        let id = registry.submit(&host(1), Purpose::Remove, day).unwrap().unwrap().id;
        assert_eq!(registry.take_look_turn(&id, minute(0)).unwrap(), LookTurn::Now);
        let soon = minute(0) + SignedDuration::from_secs(20);
        assert_eq!(registry.take_look_turn(&id, soon).unwrap(), LookTurn::Later(SignedDuration::from_secs(40)));
        for n in 1..20 {
            assert_eq!(registry.take_look_turn(&id, minute(n)).unwrap(), LookTurn::Now);
        }
        let tomorrow = LookTurn::Later(SignedDuration::from_mins(24 * 60 - 30));
        assert_eq!(registry.take_look_turn(&id, minute(30)).unwrap(), tomorrow);
        assert_eq!(registry.take_look_turn(&id, minute(24 * 60)).unwrap(), LookTurn::Now);
    }

    #[test]
    fn case_151_a_full_queue_drops_the_oldest_that_nobody_proved() {
        let (_dir, registry) = registry();
        let ids: Vec<String> = (0..MAX_OPEN)
            .map(|n| registry.submit(&host(n), Purpose::Add, at(i64::try_from(n).unwrap())).unwrap().unwrap().id)
            .collect();
        registry.change_submission(&ids[0], "vigie", at(2000), |it| it.proved_at = Some(at(2000))).unwrap();
        assert!(registry.submit(&host(5000), Purpose::Add, at(2001)).unwrap().is_some());
        assert!(registry.submission(&ids[0]).unwrap().is_some(), "it is proved");
        assert!(registry.submission(&ids[1]).unwrap().is_none(), "the oldest without proof");
        assert_eq!(registry.submissions(OnlyOpen::Yes).unwrap().len(), MAX_OPEN);
    }

    #[test]
    fn what_nobody_came_back_for_goes_and_the_queue_stays() {
        let (_dir, registry) = registry();
        let left = registry.submit(&host(1), Purpose::Add, at(0)).unwrap().unwrap().id;
        let queued = registry.submit(&host(2), Purpose::Add, at(0)).unwrap().unwrap().id;
        registry.change_submission(&queued, "vigie", at(1), |it| it.state = State::Queued).unwrap();
        registry.end_interrupted_checks(at(2)).unwrap();
        assert_eq!(registry.submission(&left).unwrap().unwrap().state, State::Failing);
        registry.submit(&host(3), Purpose::Add, at(0) + KEPT + SignedDuration::from_hours(1)).unwrap();
        assert!(registry.submission(&left).unwrap().is_none());
        assert!(registry.submission(&queued).unwrap().is_some());
    }
}
