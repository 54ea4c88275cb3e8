//! Decisions of moderators. A row is never removed: one that is taken back says by whom, when and why.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::Serialize;

use super::audit::{self, Audit};
use super::{Registry, RegistryError, WriteError};
use crate::moderation::{Action, Decision, Target};

/// Longest label of an author in characters.
pub const MAX_AUTHOR: usize = 64;

/// Longest reason in characters.
pub const MAX_REASON: usize = 1000;

/// Of one target, each source has one decision in force at most: the operator's own and those of imported lists stand beside each
/// other, so that a list that forgives takes back nothing but what it said itself.
pub(super) const TABLES: &str = "
CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    -- The list it was imported from; empty for what was decided here.
    source TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL,
    -- When the records of a purge had left the journal; NULL until then.
    purged_ms INTEGER,
    revoked_ms INTEGER,
    revoked_by TEXT,
    revoked_reason TEXT,
    -- 1: its list said otherwise. What a person took back stays so at the next import.
    revoked_by_list INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX decision_in_force ON decision (target, source) WHERE revoked_ms IS NULL;
CREATE INDEX decision_of_source ON decision (source, target);
";

/// A decision to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDecision {
    /// What it does.
    pub action: Action,
    /// What it is about.
    pub target: Target,
    /// Why.
    pub reason: String,
    /// Who decided: a label of up to 64 characters, never published.
    pub author: String,
    /// The list that it comes from, if any.
    pub source: Option<String>,
}

/// A decision with what is not published of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionRow {
    /// What is published.
    #[serde(flatten)]
    pub decision: Decision,
    /// Who decided.
    pub author: String,
    /// When what it purged had left the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purged_at: Option<Timestamp>,
    /// How it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

/// How a decision was taken back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Revocation {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Which decisions are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that hold.
    InForce,
    /// Also those that were taken back.
    All,
}

impl Registry {
    /// Every decision in force, by number.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn decisions_in_force(&self) -> Result<Vec<Decision>, RegistryError> {
        let rows = self.decisions(Scope::InForce)?;
        Ok(rows.into_iter().map(|row| row.decision).collect())
    }

    /// Decisions with author and end, by number.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn decisions(&self, scope: Scope) -> Result<Vec<DecisionRow>, RegistryError> {
        self.read("reading", |connection| select(connection, scope))
    }

    /// The decisions in force on one target: at most one of our own, and one of each imported list.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn decisions_on(&self, target: &Target) -> Result<Vec<DecisionRow>, RegistryError> {
        self.read("reading", |connection| {
            let sql = format!("SELECT {COLUMNS} FROM decision WHERE target = ?1 AND revoked_ms IS NULL ORDER BY id");
            let mut select = connection.prepare_cached(&sql)?;
            collect(select.query([target.to_string()])?)
        })
    }

    /// Decides. A decision of the same source on the same target that is in force gives way to it.
    ///
    /// # Errors
    /// [`RegistryError::Purged`] where something less than a purge would take its place, [`RegistryError::WordPurge`],
    /// [`RegistryError::Text`] for a label or a reason that is none, [`RegistryError::Sqlite`].
    pub fn decide(&self, new: NewDecision, now: Timestamp) -> Result<Decision, RegistryError> {
        if let (Action::Purge, Target::Word(word)) = (new.action, &new.target) {
            return Err(RegistryError::WordPurge(word.clone()));
        }
        let new = NewDecision {
            author: checked("the author's label", &new.author, MAX_AUTHOR)?,
            reason: checked("the reason", &new.reason, MAX_REASON)?,
            ..new
        };
        self.write("writing a decision to", |transaction| decide(transaction, &new, now))
    }

    /// Takes a decision back. Of a purge it only ends that its target is kept out: what was removed is not restored.
    ///
    /// # Errors
    /// [`RegistryError::NotInForce`], [`RegistryError::Text`], [`RegistryError::Sqlite`].
    pub fn revoke(&self, id: u64, author: &str, reason: &str, now: Timestamp) -> Result<Decision, RegistryError> {
        let revocation = Revocation {
            at: now,
            by: checked("the author's label", author, MAX_AUTHOR)?,
            reason: checked("the reason", reason, MAX_REASON)?,
        };
        self.write("writing a decision to", |transaction| {
            let sql = format!("SELECT {COLUMNS} FROM decision WHERE id = ?1 AND revoked_ms IS NULL");
            let found = transaction.prepare_cached(&sql)?.query_row([id], |row| Ok(read(row))).optional()?;
            let Some(Ok(Some(row))) = found else { return Err(RegistryError::NotInForce(id).into()) };
            revoke(transaction, id, &revocation, By::Person)?;
            let audit = Audit {
                who: revocation.by.clone(),
                what: "show".to_owned(),
                subject: row.decision.target.to_string(),
                before: serde_json::to_value(&row).ok(),
                after: Some(serde_json::json!({ "reason": revocation.reason })),
            };
            audit::insert(transaction, &audit, now)?;
            Ok(row.decision)
        })
    }

    /// The purges in force whose records may still be in the journal.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn pending_purges(&self) -> Result<Vec<Decision>, RegistryError> {
        self.read("reading", |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM decision
                 WHERE action = 'purge' AND purged_ms IS NULL AND revoked_ms IS NULL ORDER BY id"
            );
            let mut select = connection.prepare_cached(&sql)?;
            Ok(collect(select.query([])?)?.into_iter().map(|row| row.decision).collect())
        })
    }

    /// Notes that the journal holds nothing more of what these decisions purged.
    ///
    /// - `n_records`: how many records went, for the audit log.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn mark_purged(&self, purges: &[Decision], n_records: usize, now: Timestamp) -> Result<(), RegistryError> {
        self.write("writing to", |transaction| {
            for purge in purges {
                transaction
                    .prepare_cached("UPDATE decision SET purged_ms = ?2 WHERE id = ?1 AND purged_ms IS NULL")?
                    .execute(params![purge.id, now.as_millisecond()])?;
            }
            let targets: Vec<String> = purges.iter().map(|purge| purge.target.to_string()).collect();
            let audit = Audit {
                who: "vigie".to_owned(),
                what: "remove records".to_owned(),
                subject: targets.join(", "),
                before: None,
                after: Some(serde_json::json!({ "records": n_records })),
            };
            Ok(audit::insert(transaction, &audit, now)?)
        })
    }
}

/// Who took a decision back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Somebody.
    Person,
    /// The list that it came from.
    List,
}

/// In the order in which [`read`] takes them.
const COLUMNS: &str =
    "id, action, target, reason, author, source, at_ms, purged_ms, revoked_ms, revoked_by, revoked_reason";

/// A label or a reason, trimmed.
///
/// # Errors
/// [`RegistryError::Text`].
pub fn checked(what: &'static str, text: &str, max: usize) -> Result<String, RegistryError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > max || text.chars().any(char::is_control) {
        return Err(RegistryError::Text { what, max });
    }
    Ok(text.to_owned())
}

/// Decides with a label and a reason that were checked, and writes the line of the audit log.
pub(super) fn decide(transaction: &Transaction<'_>, new: &NewDecision, now: Timestamp) -> Result<Decision, WriteError> {
    let before = in_force(transaction, &new.target, new.source.as_deref())?;
    if let Some(before) = &before {
        if before.decision.action == Action::Purge && new.action != Action::Purge {
            return Err(RegistryError::Purged { id: before.decision.id, target: new.target.clone() }.into());
        }
        let revocation = Revocation { at: now, by: new.author.clone(), reason: "decided anew".to_owned() };
        revoke(transaction, before.decision.id, &revocation, By::Person)?;
    }
    let decision = insert(transaction, new, now)?;
    let audit = Audit {
        who: new.author.clone(),
        what: new.action.as_str().to_owned(),
        subject: new.target.to_string(),
        before: before.and_then(|row| serde_json::to_value(row).ok()),
        after: serde_json::to_value(&decision).ok(),
    };
    audit::insert(transaction, &audit, now)?;
    Ok(decision)
}

/// Writes a decision whose target has none of that source in force.
pub(super) fn insert(transaction: &Transaction<'_>, new: &NewDecision, now: Timestamp) -> rusqlite::Result<Decision> {
    let NewDecision { action, target, reason, author, source } = new;
    transaction
        .prepare_cached(
            "INSERT INTO decision (action, target, reason, author, source, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            action.as_str(),
            target.to_string(),
            reason,
            author,
            source.as_deref().unwrap_or_default(),
            now.as_millisecond()
        ])?;
    let id = u64::try_from(transaction.last_insert_rowid()).unwrap_or_default();
    // To the millisecond, as it is read back.
    let at = from_ms(now.as_millisecond());
    let (action, target, reason, source) = (*action, target.clone(), reason.clone(), source.clone());
    Ok(Decision { id, action, target, reason, source, at })
}

pub(super) fn revoke(transaction: &Transaction<'_>, id: u64, revocation: &Revocation, by: By) -> rusqlite::Result<()> {
    let Revocation { at, by: who, reason } = revocation;
    transaction
        .prepare_cached(
            "UPDATE decision SET revoked_ms = ?2, revoked_by = ?3, revoked_reason = ?4, revoked_by_list = ?5 WHERE id = ?1",
        )?
        .execute(params![id, at.as_millisecond(), who, reason, by == By::List])
        .map(drop)
}

fn in_force(
    transaction: &Transaction<'_>,
    target: &Target,
    source: Option<&str>,
) -> Result<Option<DecisionRow>, WriteError> {
    let sql = format!("SELECT {COLUMNS} FROM decision WHERE target = ?1 AND source = ?2 AND revoked_ms IS NULL");
    let mut select = transaction.prepare_cached(&sql)?;
    let rows = collect(select.query(params![target.to_string(), source.unwrap_or_default()])?)?;
    Ok(rows.into_iter().next())
}

/// Reads the decisions of a scope, by number.
pub(super) fn select(connection: &Connection, scope: Scope) -> rusqlite::Result<Vec<DecisionRow>> {
    let which = match scope {
        Scope::InForce => "WHERE revoked_ms IS NULL",
        Scope::All => "",
    };
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM decision {which} ORDER BY id"))?;
    collect(select.query([])?)
}

/// The decisions of one list in force.
pub(super) fn select_of_source(connection: &Connection, source: &str) -> rusqlite::Result<Vec<DecisionRow>> {
    let sql = format!("SELECT {COLUMNS} FROM decision WHERE source = ?1 AND revoked_ms IS NULL ORDER BY id");
    let mut select = connection.prepare_cached(&sql)?;
    collect(select.query([source])?)
}

/// What people took back of one list, and what was not decided anew since: its targets, as text.
pub(super) fn select_overruled(connection: &Connection, source: &str) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare_cached(
        "SELECT target FROM decision AS one
         WHERE source = ?1 AND revoked_ms IS NOT NULL AND revoked_by_list = 0
           AND id = (SELECT MAX(id) FROM decision WHERE source = ?1 AND target = one.target)",
    )?;
    let rows = select.query_map([source], |row| row.get(0))?;
    rows.collect()
}

fn collect(mut rows: rusqlite::Rows<'_>) -> rusqlite::Result<Vec<DecisionRow>> {
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        // What cannot be read back was not written by us, and hides nothing.
        all.extend(read(row)?);
    }
    Ok(all)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<DecisionRow>> {
    let (action, target): (String, String) = (row.get(1)?, row.get(2)?);
    let (Some(action), Ok(target)) = (Action::from_name(&action), target.parse::<Target>()) else { return Ok(None) };
    let source: String = row.get(5)?;
    let revoked_ms: Option<i64> = row.get(8)?;
    let revoked = match revoked_ms {
        Some(ms) => Some(Revocation {
            at: from_ms(ms),
            by: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            reason: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Some(DecisionRow {
        decision: Decision {
            id: row.get(0)?,
            action,
            target,
            reason: row.get(3)?,
            source: (!source.is_empty()).then_some(source),
            at: from_ms(row.get(6)?),
        },
        author: row.get(4)?,
        purged_at: row.get::<_, Option<i64>>(7)?.map(from_ms),
        revoked,
    }))
}

pub(super) fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> (tempfile::TempDir, Registry) {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        (dir, registry)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn new(action: Action, target: &str) -> NewDecision {
        NewDecision {
            action,
            target: target.parse().unwrap(),
            reason: " spam ".to_owned(),
            author: "anna".to_owned(),
            source: None,
        }
    }

    #[test]
    fn a_decision_holds_until_it_is_taken_back_and_its_history_stays() {
        let (_dir, registry) = registry();
        let decision = registry.decide(new(Action::Hide, "account:x@tube.example"), at(0)).unwrap();
        assert_eq!((decision.id, decision.reason.as_str()), (1, "spam"));
        assert_eq!(registry.decisions_in_force().unwrap(), std::slice::from_ref(&decision));
        let revision = registry.revision().unwrap();
        assert_eq!(registry.revoke(1, "bert", "a mistake", at(5)).unwrap(), decision);
        assert!(registry.revision().unwrap() > revision);
        assert!(registry.decisions_in_force().unwrap().is_empty());
        assert!(matches!(registry.revoke(1, "bert", "twice", at(6)), Err(RegistryError::NotInForce(1))));
        let rows = registry.decisions(Scope::All).unwrap();
        let revocation = Revocation { at: at(5), by: "bert".to_owned(), reason: "a mistake".to_owned() };
        assert_eq!(rows[0].revoked, Some(revocation));
        let lines = registry.audit(10).unwrap();
        let told: Vec<_> = lines.iter().map(|line| (line.who.as_str(), line.what.as_str())).collect();
        assert_eq!(told, [("bert", "show"), ("anna", "hide")]);
        assert_eq!(lines[0].before.as_ref().unwrap()["target"], "account:x@tube.example");
        // A number is never used twice.
        assert_eq!(registry.decide(new(Action::Hide, "word:casino"), at(7)).unwrap().id, 2);
    }

    #[test]
    fn deciding_again_takes_the_place_of_what_was_decided_and_less_than_a_purge_does_not() {
        let (_dir, registry) = registry();
        let target = "channel:x@tube.example";
        registry.decide(new(Action::Hide, target), at(0)).unwrap();
        registry.decide(new(Action::Downrank, target), at(1)).unwrap();
        let held = registry.decisions_in_force().unwrap();
        assert_eq!(held.iter().map(|decision| decision.action).collect::<Vec<_>>(), [Action::Downrank]);
        let line = registry.audit(1).unwrap().remove(0);
        assert_eq!(
            (&line.before.unwrap()["action"], &line.after.unwrap()["action"]),
            (&"hide".into(), &"downrank".into())
        );
        registry.decide(new(Action::Purge, target), at(2)).unwrap();
        let refused = registry.decide(new(Action::Hide, target), at(3));
        assert!(matches!(refused, Err(RegistryError::Purged { id: 3, .. })), "{refused:?}");
        assert_eq!(registry.decisions_on(&target.parse().unwrap()).unwrap().len(), 1);
        // A list may say the same of its own account.
        let listed = NewDecision { source: Some("friends".to_owned()), ..new(Action::Hide, target) };
        registry.decide(listed, at(4)).unwrap();
        assert_eq!(registry.decisions_on(&target.parse().unwrap()).unwrap().len(), 2);
    }

    #[test]
    fn a_purge_is_pending_until_its_records_are_gone() {
        let (_dir, registry) = registry();
        let purge = registry.decide(new(Action::Purge, "instance:tube.example"), at(0)).unwrap();
        registry.decide(new(Action::Hide, "instance:other.example"), at(0)).unwrap();
        assert_eq!(registry.pending_purges().unwrap(), std::slice::from_ref(&purge));
        let refused = registry.decide(new(Action::Purge, "word:casino"), at(0));
        assert!(
            matches!(refused, Err(RegistryError::WordPurge(_))),
            "what is purged by word cannot be kept out by name"
        );
        registry.mark_purged(&[purge], 12, at(1)).unwrap();
        assert!(registry.pending_purges().unwrap().is_empty());
        assert_eq!(registry.decisions(Scope::InForce).unwrap()[0].purged_at, Some(at(1)));
        assert_eq!(registry.audit(1).unwrap()[0].after.as_ref().unwrap()["records"], 12);
    }

    #[test]
    fn labels_and_reasons_are_short_lines() {
        let (_dir, registry) = registry();
        let long = "x".repeat(MAX_AUTHOR + 1);
        for author in ["", " ", "a\nb", long.as_str()] {
            let refused =
                registry.decide(NewDecision { author: author.to_owned(), ..new(Action::Hide, "word:a") }, at(0));
            assert!(matches!(refused, Err(RegistryError::Text { max: MAX_AUTHOR, .. })), "{author}");
        }
        let refused =
            registry.decide(NewDecision { reason: "a\u{1b}[2J".to_owned(), ..new(Action::Hide, "word:a") }, at(0));
        assert!(matches!(refused, Err(RegistryError::Text { .. })));
        assert_eq!(registry.revision().unwrap(), 0);
    }

    #[test]
    fn a_copy_of_the_registry_in_another_process_sees_what_was_decided() {
        let (dir, registry) = registry();
        let other = Registry::open(&dir.path().join("registry.db")).unwrap();
        let decision = registry.decide(new(Action::Hide, "word:casino"), at(0)).unwrap();
        assert_eq!(other.decisions_in_force().unwrap(), [decision]);
        assert_eq!(other.revision().unwrap(), registry.revision().unwrap());
    }
}
