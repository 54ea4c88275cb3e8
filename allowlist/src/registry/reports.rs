//! What visitors reported, until a moderator has decided and for some time after.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::{self, Audit};
use super::decisions::{self, MAX_AUTHOR, MAX_REASON, NewDecision, checked};
use super::{OnlyOpen, Registry, RegistryError};
use crate::moderation::{Action, Decision};
use crate::report::{Closure, Report, ReportComment, ReportReason, ReportState};

/// Most reports that wait at one time. Past it only what is reported already is counted.
pub const MAX_OPEN_REPORTS: usize = 5000;

/// Comments kept of one report; later ones only count.
const MAX_COMMENTS: u64 = 20;

/// How long closed reports are kept. What was decided stays in the audit log, without what visitors wrote.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Rows of visitors are no decisions: only what becomes of a report gets a line in the audit log.
pub(super) const TABLES: &str = "
CREATE TABLE report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item TEXT NOT NULL,
    reason TEXT NOT NULL,
    n_reports INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL DEFAULT 'open',
    created_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    closed_by TEXT,
    closed_reason TEXT
) STRICT;
CREATE UNIQUE INDEX report_open ON report (item, reason) WHERE state = 'open';
CREATE TABLE report_comment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    report INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    text TEXT NOT NULL,
    contact TEXT NOT NULL
) STRICT;
CREATE INDEX report_comment_of ON report_comment (report, id);
";

/// Something that a visitor reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReport {
    /// The key of the item.
    pub item: String,
    /// Why.
    pub reason: ReportReason,
    /// At most [`crate::report::MAX_COMMENT`] characters.
    pub comment: String,
    /// At most [`crate::report::MAX_CONTACT`] characters.
    pub contact: String,
}

/// What a moderator does about a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Settlement {
    /// Shows what it names no more.
    Hide,
    /// Shows what it names after everything else.
    Downrank,
    /// Nothing.
    Dismiss,
}

impl Settlement {
    /// The settlement of a name, lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "hide" => Some(Self::Hide),
            "downrank" => Some(Self::Downrank),
            "dismiss" => Some(Self::Dismiss),
            _ => None,
        }
    }
}

/// What came of a settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The report, closed.
    pub report: Report,
    /// What was decided about its item.
    pub decision: Option<Decision>,
    /// How many reports that closed: a decision closes all of its item.
    pub n_closed: usize,
}

impl Registry {
    /// Takes a report, or counts it where the same waits already. `None` when as many wait as may.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn report(&self, new: &NewReport, now: Timestamp) -> Result<Option<Report>, RegistryError> {
        let now_ms = now.as_millisecond();
        self.write("writing a report to", |transaction| {
            prune(transaction, now)?;
            let known: Option<u64> = transaction
                .prepare_cached(
                    "UPDATE report SET n_reports = n_reports + 1, last_ms = ?3
                     WHERE item = ?1 AND reason = ?2 AND state = 'open' RETURNING id",
                )?
                .query_row(params![new.item, new.reason.as_str(), now_ms], |row| row.get(0))
                .optional()?;
            let id = match known {
                Some(id) => id,
                None if n_open(transaction)? >= MAX_OPEN_REPORTS => return Ok(None),
                None => {
                    transaction
                        .prepare_cached(
                            "INSERT INTO report (item, reason, created_ms, last_ms) VALUES (?1, ?2, ?3, ?3)",
                        )?
                        .execute(params![new.item, new.reason.as_str(), now_ms])?;
                    u64::try_from(transaction.last_insert_rowid()).unwrap_or_default()
                }
            };
            if !new.comment.is_empty() || !new.contact.is_empty() {
                transaction
                    .prepare_cached(
                        "INSERT INTO report_comment (report, at_ms, text, contact) SELECT ?1, ?2, ?3, ?4
                         WHERE (SELECT count(*) FROM report_comment WHERE report = ?1) < ?5",
                    )?
                    .execute(params![id, now_ms, new.comment, new.contact, MAX_COMMENTS])?;
            }
            Ok(get(transaction, id)?)
        })
    }

    /// Reports, those that wait first, of these the most reported first.
    ///
    /// - `only_open`: leaves out those that were decided.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn reports(&self, only_open: OnlyOpen) -> Result<Vec<Report>, RegistryError> {
        let which = if only_open == OnlyOpen::Yes { "WHERE state = 'open'" } else { "" };
        self.read("reading", |connection| {
            let sql = format!("SELECT {COLUMNS} FROM report {which} ORDER BY state != 'open', n_reports DESC, id");
            let mut select = connection.prepare_cached(&sql)?;
            let rows: Vec<Option<Report>> = select.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
            let mut reports: Vec<Report> = rows.into_iter().flatten().collect();
            for report in &mut reports {
                report.comments = comments(connection, report.id)?;
            }
            Ok(reports)
        })
    }

    /// How many reports wait.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn n_open_reports(&self) -> Result<usize, RegistryError> {
        self.read("reading", n_open)
    }

    /// Settles a report that waits, whole or not at all. A decision on its item settles every report of it.
    ///
    /// # Errors
    /// [`RegistryError::NotOpen`], [`RegistryError::Purged`], [`RegistryError::Text`], [`RegistryError::Sqlite`].
    pub fn settle_report(
        &self,
        id: u64,
        settlement: Settlement,
        author: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<Settled, RegistryError> {
        let author = checked("the author's label", author, MAX_AUTHOR)?;
        let reason = checked("the reason", reason, MAX_REASON)?;
        self.write("writing a report to", |transaction| {
            prune(transaction, now)?;
            let before = get(transaction, id)?.filter(|report| report.state == ReportState::Open);
            let Some(before) = before else { return Err(RegistryError::NotOpen(id).into()) };
            let action = match settlement {
                Settlement::Hide => Some(Action::Hide),
                Settlement::Downrank => Some(Action::Downrank),
                Settlement::Dismiss => None,
            };
            let decision = match (action, before.target()) {
                (Some(action), Ok(target)) => {
                    let (author, reason) = (author.clone(), reason.clone());
                    let new = NewDecision { action, target, reason, author, source: None };
                    Some(decisions::decide(transaction, &new, now)?)
                }
                (Some(_), Err(_)) => return Err(RegistryError::NotOpen(id).into()),
                (None, _) => None,
            };
            let state = if decision.is_some() { ReportState::Done } else { ReportState::Dismissed };
            let which = if decision.is_some() { "item = ?5" } else { "item = ?5 AND id = ?6" };
            let sql = format!(
                "UPDATE report SET state = ?1, closed_ms = ?2, closed_by = ?3, closed_reason = ?4
                 WHERE state = 'open' AND {which}"
            );
            let mut update = transaction.prepare_cached(&sql)?;
            let (state_name, now_ms) = (state.as_str(), now.as_millisecond());
            let n_closed = match decision {
                Some(_) => update.execute(params![state_name, now_ms, author, reason, before.item])?,
                None => update.execute(params![state_name, now_ms, author, reason, before.item, id])?,
            };
            let audit = Audit {
                who: author.clone(),
                what: "close report".to_owned(),
                subject: before.item.clone(),
                before: Some(json!({ "report": id, "reason": before.reason, "reports": before.n_reports })),
                after: Some(json!({
                    "state": state,
                    "decision": decision.as_ref().map(|decision| decision.id),
                    "closed": n_closed,
                    "reason": reason,
                })),
            };
            audit::insert(transaction, &audit, now)?;
            let report = get(transaction, id)?.ok_or(RegistryError::NotOpen(id))?;
            Ok(Settled { report, decision, n_closed })
        })
    }
}

/// In the order in which [`read`] takes them.
const COLUMNS: &str = "id, item, reason, n_reports, state, created_ms, last_ms, closed_ms, closed_by, closed_reason";

/// A row without its comments; `None` for one that a newer version wrote.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Report>> {
    let (reason, state): (String, String) = (row.get(2)?, row.get(4)?);
    let (Ok(reason), Some(state)) = (reason.parse(), ReportState::from_name(&state)) else { return Ok(None) };
    let closed = match row.get::<_, Option<i64>>(7)? {
        Some(at_ms) => Some(Closure {
            at: from_ms(at_ms),
            by: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
            reason: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Some(Report {
        id: row.get(0)?,
        item: row.get(1)?,
        reason,
        n_reports: row.get(3)?,
        state,
        created_at: from_ms(row.get(5)?),
        last_at: from_ms(row.get(6)?),
        comments: Vec::new(),
        closed,
    }))
}

fn get(connection: &Connection, id: u64) -> rusqlite::Result<Option<Report>> {
    let sql = format!("SELECT {COLUMNS} FROM report WHERE id = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([id], read).optional()?.flatten();
    let Some(mut report) = found else { return Ok(None) };
    report.comments = comments(connection, id)?;
    Ok(Some(report))
}

fn comments(connection: &Connection, id: u64) -> rusqlite::Result<Vec<ReportComment>> {
    let mut select =
        connection.prepare_cached("SELECT at_ms, text, contact FROM report_comment WHERE report = ?1 ORDER BY id")?;
    let rows = select.query_map([id], |row| {
        Ok(ReportComment { at: from_ms(row.get(0)?), text: row.get(1)?, contact: row.get(2)? })
    })?;
    rows.collect()
}

fn n_open(connection: &Connection) -> rusqlite::Result<usize> {
    connection.prepare_cached("SELECT count(*) FROM report WHERE state = 'open'")?.query_row([], |row| row.get(0))
}

fn prune(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM report WHERE closed_ms < ?1")?
        .execute([(now - KEPT).as_millisecond()])
        .map(drop)
}

fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> (tempfile::TempDir, Registry) {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        (dir, registry)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn new(item: &str, reason: ReportReason, comment: &str) -> NewReport {
        let (item, comment) = (item.to_owned(), comment.to_owned());
        NewReport { item, reason, comment, contact: String::new() }
    }

    #[test]
    fn what_is_reported_again_is_counted_and_its_first_comments_are_kept() {
        let (_dir, registry) = registry();
        let spam = |comment: &str| new("video/tube.example/1", ReportReason::Spam, comment);
        let first = registry.report(&spam(""), at(0)).unwrap().unwrap();
        assert_eq!((first.n_reports, first.comments.len()), (1, 0));
        for n in 1..=30 {
            let again = registry.report(&spam(&format!("comment {n}")), at(n)).unwrap().unwrap();
            assert_eq!(again.id, first.id);
        }
        let other = new("video/tube.example/1", ReportReason::Illegal, "");
        assert_ne!(registry.report(&other, at(40)).unwrap().unwrap().id, first.id);
        let reports = registry.reports(OnlyOpen::Yes).unwrap();
        assert_eq!(reports.len(), 2);
        assert_eq!((reports[0].n_reports, reports[0].comments.len(), reports[0].last_at), (31, 20, at(30)));
        assert_eq!(reports[0].comments[0].text, "comment 1");
        assert_eq!(registry.revision().unwrap(), 0, "reports alone publish nothing");
    }

    #[test]
    fn a_decision_settles_every_report_of_its_item_and_a_dismissal_one() {
        let (_dir, registry) = registry();
        let report = |item, reason| registry.report(&new(item, reason, "x"), at(0)).unwrap().unwrap().id;
        let spam = report("channel/tube.example/films", ReportReason::Spam);
        let illegal = report("channel/tube.example/films", ReportReason::Illegal);
        let dismissed = registry.settle_report(spam, Settlement::Dismiss, "anna", "no spam", at(1)).unwrap();
        assert_eq!((dismissed.n_closed, dismissed.decision), (1, None));
        assert_eq!(dismissed.report.state, ReportState::Dismissed);
        let again = report("channel/tube.example/films", ReportReason::Spam);
        assert_ne!(again, spam, "it may be reported again");
        let hidden = registry.settle_report(illegal, Settlement::Hide, "anna", "a copy", at(2)).unwrap();
        assert_eq!(hidden.n_closed, 2);
        assert_eq!(hidden.decision.unwrap().target.to_string(), "channel:films@tube.example");
        assert_eq!(registry.n_open_reports().unwrap(), 0);
        assert_eq!(registry.decisions_in_force().unwrap().len(), 1);
        let lines: Vec<(String, String)> =
            registry.audit(9).unwrap().into_iter().rev().map(|row| (row.who, row.what)).collect();
        let line = |what: &str| ("anna".to_owned(), what.to_owned());
        assert_eq!(lines, [line("close report"), line("hide"), line("close report")]);
        for id in [spam, illegal, again, 99] {
            let settled = registry.settle_report(id, Settlement::Hide, "anna", "x", at(3));
            assert!(matches!(settled, Err(RegistryError::NotOpen(_))), "{id}");
        }
    }

    #[test]
    fn nothing_is_half_settled() {
        let (_dir, registry) = registry();
        let item = "video/tube.example/9c9de5e8-0a1e-484a-b099-e80766180a6d";
        let id = registry.report(&new(item, ReportReason::Spam, ""), at(0)).unwrap().unwrap().id;
        let purge = NewDecision {
            action: Action::Purge,
            target: format!("item:{item}").parse().unwrap(),
            reason: "x".to_owned(),
            author: "anna".to_owned(),
            source: None,
        };
        registry.decide(purge, at(1)).unwrap();
        let settled = registry.settle_report(id, Settlement::Downrank, "anna", "x", at(2));
        assert!(matches!(settled, Err(RegistryError::Purged { .. })));
        assert!(matches!(
            registry.settle_report(id, Settlement::Dismiss, "anna", " ", at(2)),
            Err(RegistryError::Text { .. })
        ));
        assert_eq!((registry.n_open_reports().unwrap(), registry.audit(9).unwrap().len()), (1, 1));
    }

    #[test]
    fn a_full_queue_takes_what_it_knows_and_closed_reports_go() {
        let (_dir, registry) = registry();
        let video = |n: usize| new(&format!("video/tube.example/{n}"), ReportReason::Other, "a comment");
        let fill = format!(
            "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {})
             INSERT INTO report (item, reason, created_ms, last_ms) SELECT 'video/tube.example/' || n, 'other', 0, 0 FROM n",
            MAX_OPEN_REPORTS - 1
        );
        registry.write("filling", |transaction| Ok(transaction.execute_batch(&fill)?)).unwrap();
        assert_eq!(registry.n_open_reports().unwrap(), MAX_OPEN_REPORTS);
        assert_eq!(registry.report(&video(MAX_OPEN_REPORTS), at(0)).unwrap(), None);
        let known = registry.report(&video(7), at(0)).unwrap().unwrap();
        assert_eq!((known.n_reports, known.comments.len()), (2, 1));
        registry.settle_report(known.id, Settlement::Dismiss, "anna", "x", at(1)).unwrap();
        assert!(registry.report(&video(MAX_OPEN_REPORTS), at(2)).unwrap().is_some());
        let later = at(2) + KEPT;
        registry.report(&video(1), later).unwrap().unwrap();
        let kept = registry.reports(OnlyOpen::No).unwrap();
        assert!(kept.iter().all(|report| report.id != known.id));
        let n_comments: u64 = registry
            .read("counting", |connection| {
                connection
                    .query_row("SELECT count(*) FROM report_comment WHERE report = ?1", [known.id], |row| row.get(0))
            })
            .unwrap();
        assert_eq!(n_comments, 0, "what was written goes with its report");
    }
}
