//! Blocklists of others: what was imported, from where and when, and what the next import of the same list changes.
//!
//! Load, load, pure diff, apply: a list is compared with what came of it last time, so that what left it is taken back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::audit::{self, Audit};
use super::decisions::{self, By, DecisionRow, MAX_AUTHOR, NewDecision, Revocation, checked, from_ms};
use super::{Registry, RegistryError};
use crate::moderation::{Action, Target};

/// Longest name of a list in characters: room for an address.
pub const MAX_NAME: usize = 500;

/// Lists that were imported once; a list that was imported again has its last time.
pub(super) const TABLES: &str = "
CREATE TABLE source (
    name TEXT PRIMARY KEY,
    imported_ms INTEGER NOT NULL,
    -- When its publisher wrote it, where it says so.
    written_ms INTEGER,
    n_rows INTEGER NOT NULL
) STRICT;
";

/// What a list says of one target. That something is to be purged is taken as hiding: what cannot be undone is decided here.
#[derive(Clone, Debug, PartialEq)]
pub struct ListRow {
    /// What it is about.
    pub target: Target,
    /// What it does.
    pub action: Action,
    /// Why, in the words of the list; may be empty.
    pub reason: String,
}

impl ListRow {
    fn action_here(&self) -> Action {
        match self.action {
            Action::Purge => Action::Hide,
            action => action,
        }
    }
}

/// A list as it was imported last.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceRow {
    /// Its name: the `source` of its decisions.
    pub name: String,
    /// When.
    pub imported_at: Timestamp,
    /// When its publisher wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_at: Option<Timestamp>,
    /// What it named then.
    pub n_rows: u64,
}

/// What an import changes, or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// Targets that it names for the first time.
    pub n_added: usize,
    /// Targets of which it says something else than last time.
    pub n_changed: usize,
    /// Targets that it names no more.
    pub n_revoked: usize,
    /// Targets of which it says what it said.
    pub n_unchanged: usize,
    /// Targets that it names and that somebody here decided to show.
    pub n_overruled: usize,
}

impl Registry {
    /// What [`Self::apply_list`] would change.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn plan_list(&self, name: &str, rows: &[ListRow]) -> Result<Applied, RegistryError> {
        self.read("reading", |connection| Ok(plan(connection, name, rows)?.applied()))
    }

    /// Makes the decisions of list `name` what `rows` say; of a target that is named twice the last row counts.
    ///
    /// - `written_at`: when its publisher wrote it, where it says so.
    ///
    /// # Errors
    /// [`RegistryError::Text`] for a name or a label that is none, [`RegistryError::Sqlite`].
    pub fn apply_list(
        &self,
        name: &str,
        rows: &[ListRow],
        written_at: Option<Timestamp>,
        author: &str,
        now: Timestamp,
    ) -> Result<Applied, RegistryError> {
        let name = checked("the name of the list", name, MAX_NAME)?;
        let author = checked("the author's label", author, MAX_AUTHOR)?;
        self.write("writing a list to", |transaction| {
            let before = select_one(transaction, &name)?;
            let plan = plan(transaction, &name, rows)?;
            let revocation = |reason: &str| Revocation { at: now, by: author.clone(), reason: reason.to_owned() };
            for id in &plan.revoke {
                decisions::revoke(transaction, *id, &revocation("its list names it no more"), By::List)?;
            }
            for (id, _) in &plan.change {
                decisions::revoke(transaction, *id, &revocation("its list says otherwise"), By::List)?;
            }
            for row in plan.change.iter().map(|(_, row)| row).chain(&plan.add) {
                let ListRow { target, reason, .. } = (*row).clone();
                let action = row.action_here();
                let (author, source) = (author.clone(), Some(name.clone()));
                decisions::insert(transaction, &NewDecision { action, target, reason, author, source }, now)?;
            }
            let applied = plan.applied();
            let n_rows = (rows.len() as u64).min(i64::MAX.unsigned_abs());
            transaction.execute(
                "INSERT INTO source (name, imported_ms, written_ms, n_rows) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (name) DO UPDATE SET
                     imported_ms = excluded.imported_ms, written_ms = excluded.written_ms, n_rows = excluded.n_rows",
                params![name, now.as_millisecond(), written_at.map(Timestamp::as_millisecond), n_rows],
            )?;
            let audit = Audit {
                who: author.clone(),
                what: "import".to_owned(),
                subject: name.clone(),
                before: before.and_then(|row| serde_json::to_value(row).ok()),
                after: serde_json::to_value(applied).ok(),
            };
            audit::insert(transaction, &audit, now)?;
            Ok(applied)
        })
    }

    /// The lists that were imported, by name.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn sources(&self) -> Result<Vec<SourceRow>, RegistryError> {
        self.read("reading", |connection| select(connection, None))
    }
}

struct Plan<'a> {
    add: Vec<&'a ListRow>,
    change: Vec<(u64, &'a ListRow)>,
    revoke: Vec<u64>,
    n_unchanged: usize,
    n_overruled: usize,
}

impl Plan<'_> {
    fn applied(&self) -> Applied {
        Applied {
            n_added: self.add.len(),
            n_changed: self.change.len(),
            n_revoked: self.revoke.len(),
            n_unchanged: self.n_unchanged,
            n_overruled: self.n_overruled,
        }
    }
}

fn plan<'a>(connection: &Connection, name: &str, rows: &'a [ListRow]) -> rusqlite::Result<Plan<'a>> {
    let held = decisions::select_of_source(connection, name)?;
    let overruled = decisions::select_overruled(connection, name)?;
    Ok(diff(&held, &overruled.into_iter().collect(), rows))
}

/// Compares what a list says with what is in force because of it.
fn diff<'a>(held: &[DecisionRow], overruled: &BTreeSet<String>, rows: &'a [ListRow]) -> Plan<'a> {
    let mut held: BTreeMap<&Target, &DecisionRow> = held.iter().map(|row| (&row.decision.target, row)).collect();
    let named: BTreeMap<&Target, &ListRow> = rows.iter().map(|row| (&row.target, row)).collect();
    let mut plan = Plan { add: Vec::new(), change: Vec::new(), revoke: Vec::new(), n_unchanged: 0, n_overruled: 0 };
    for (target, row) in named {
        match held.remove(target) {
            Some(old) if old.decision.action == row.action_here() && old.decision.reason == row.reason => {
                plan.n_unchanged += 1;
            }
            Some(old) => plan.change.push((old.decision.id, row)),
            None if overruled.contains(&target.to_string()) => plan.n_overruled += 1,
            None => plan.add.push(row),
        }
    }
    plan.revoke = held.values().map(|row| row.decision.id).collect();
    plan
}

fn select_one(connection: &Connection, name: &str) -> rusqlite::Result<Option<SourceRow>> {
    Ok(select(connection, Some(name))?.pop())
}

fn select(connection: &Connection, name: Option<&str>) -> rusqlite::Result<Vec<SourceRow>> {
    let mut select = connection.prepare_cached(
        "SELECT name, imported_ms, written_ms, n_rows FROM source WHERE ?1 IS NULL OR name = ?1 ORDER BY name",
    )?;
    let rows = select.query_map([name], |row| {
        Ok(SourceRow {
            name: row.get(0)?,
            imported_at: from_ms(row.get(1)?),
            written_at: row.get::<_, Option<i64>>(2)?.map(from_ms),
            n_rows: row.get(3)?,
        })
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(target: &str, action: Action) -> ListRow {
        ListRow { target: target.parse().unwrap(), action, reason: "spam".to_owned() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_list_that_is_imported_again_adds_changes_and_takes_back() {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        let own = NewDecision {
            action: Action::Hide,
            target: "instance:b.example".parse().unwrap(),
            reason: "ours".to_owned(),
            author: "anna".to_owned(),
            source: None,
        };
        registry.decide(own, at(0)).unwrap();
        let first = [
            row("instance:a.example", Action::Hide),
            row("instance:b.example", Action::Hide),
            row("instance:c.example", Action::Hide),
            row("instance:c.example", Action::Downrank),
        ];
        let planned = registry.plan_list("friends", &first).unwrap();
        assert_eq!(planned, Applied { n_added: 3, ..Applied::default() });
        assert_eq!(registry.apply_list("friends", &first, None, "anna", at(1)).unwrap(), planned);
        assert_eq!(registry.decisions_in_force().unwrap().len(), 4);

        let second =
            [row("instance:a.example", Action::Downrank), row("instance:d.example", Action::Hide), first[3].clone()];
        let applied = registry.apply_list("friends", &second, Some(at(1)), "anna", at(2)).unwrap();
        let expected = Applied { n_added: 1, n_changed: 1, n_revoked: 1, n_unchanged: 1, n_overruled: 0 };
        assert_eq!(applied, expected);
        let in_force: Vec<String> = registry
            .decisions_in_force()
            .unwrap()
            .iter()
            .map(|decision| {
                format!(
                    "{} {} {}",
                    decision.source.as_deref().unwrap_or("-"),
                    decision.action.as_str(),
                    decision.target
                )
            })
            .collect();
        assert_eq!(
            in_force,
            [
                "- hide instance:b.example",
                "friends downrank instance:c.example",
                "friends downrank instance:a.example",
                "friends hide instance:d.example"
            ],
            "our own decision outlives the list"
        );
        let expected = SourceRow { name: "friends".to_owned(), imported_at: at(2), written_at: Some(at(1)), n_rows: 3 };
        assert_eq!(registry.sources().unwrap(), [expected]);
        assert_eq!(registry.audit(1).unwrap()[0].after.as_ref().unwrap()["nRevoked"], 1);
    }

    #[test]
    fn what_somebody_here_shows_stays_shown_at_the_next_import() {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        let rows = [row("instance:a.example", Action::Hide), row("instance:b.example", Action::Purge)];
        registry.apply_list("friends", &rows, None, "anna", at(1)).unwrap();
        assert!(registry.pending_purges().unwrap().is_empty(), "no list of others purges");
        let id = registry.decisions_on(&rows[0].target).unwrap()[0].decision.id;
        registry.revoke(id, "anna", "we know them", at(2)).unwrap();
        let expected = Applied { n_unchanged: 1, n_overruled: 1, ..Applied::default() };
        assert_eq!(registry.apply_list("friends", &rows, None, "anna", at(3)).unwrap(), expected);
        // What a list took back itself comes back with it.
        registry.apply_list("friends", &[], None, "anna", at(4)).unwrap();
        let expected = Applied { n_added: 1, n_overruled: 1, ..Applied::default() };
        assert_eq!(registry.apply_list("friends", &rows, None, "anna", at(5)).unwrap(), expected);
        // Another list says it of its own account.
        assert_eq!(registry.plan_list("others", &rows).unwrap().n_added, 2);
    }
}
