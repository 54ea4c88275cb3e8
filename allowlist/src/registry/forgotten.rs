//! What was forgotten on request: its keyed hash stays, its name leaves every table.
//!
//! Which tables name whom is not listed here: every text of every table is looked at, so that a table that comes later is
//! not forgotten itself.

use jiff::Timestamp;
use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, params, params_from_iter};
use serde_json::{Map, Value, json};

use super::{Audit, Registry, RegistryError, audit};
use crate::forgotten::{ForgottenHash, N_BYTES};
use crate::moderation::Target;

pub(super) const TABLES: &str = "
CREATE TABLE forgotten (
    hash BLOB PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What a table of decisions or the audit log keeps in the place of a text that named somebody.
const WITHHELD: &str = "(forgotten)";

/// Somebody who is to be forgotten, in every form in which a table may name them.
#[derive(Clone, Debug)]
pub struct Named {
    /// Who.
    pub target: Target,
    /// The keyed hash that keeps them out.
    pub hash: ForgottenHash,
    /// What stands in the audit log in the place of the name: see [`crate::forgotten::ForgetKey::label`].
    pub label: String,
    /// Keys of their records, such as `video/tube.example/UUID`.
    pub keys: Vec<String>,
}

impl Registry {
    /// The keyed hashes of everything that was forgotten.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn forgotten(&self) -> Result<Vec<ForgottenHash>, RegistryError> {
        self.read("reading", |connection| {
            let mut select = connection.prepare_cached("SELECT hash FROM forgotten")?;
            select.query_map([], |row| row.get::<_, [u8; N_BYTES]>(0))?.collect()
        })
    }

    /// Keeps somebody out from now on. The first step, before anything of them is removed; may be repeated.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn keep_out(&self, hash: &ForgottenHash, label: &str, who: &str, now: Timestamp) -> Result<(), RegistryError> {
        self.write("writing to", |transaction| {
            let n_new = transaction.execute(
                "INSERT OR IGNORE INTO forgotten (hash, at_ms) VALUES (?1, ?2)",
                params![hash, now.as_millisecond()],
            )?;
            if n_new > 0 {
                let (what, subject) = ("forget".to_owned(), label.to_owned());
                audit::insert(
                    transaction,
                    &Audit { who: who.to_owned(), what, subject, before: None, after: None },
                    now,
                )?;
            }
            Ok(())
        })
    }

    /// Takes somebody out of every table: decisions on them and rows that name them go; the audit log keeps its lines with
    /// the label in the place of the name. Then the file is written anew, so that nothing stays in its free pages.
    /// Returns how many rows went or were changed. May be repeated.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn forget(&self, named: &Named) -> Result<usize, RegistryError> {
        let needles = needles(named);
        let n_rows = self.write("forgetting in", |transaction| {
            let mut n_rows = 0;
            for table in tables(transaction)? {
                for row in rows_naming(transaction, &table, &needles)? {
                    n_rows += 1;
                    match table.name.as_str() {
                        "audit" => mask(transaction, &table, &row, &needles, &named.label)?,
                        // A decision on somebody else whose reason names them.
                        "decision" if !is_about(&row, &needles) => mask(transaction, &table, &row, &needles, WITHHELD)?,
                        _ => delete(transaction, &table, &row)?,
                    }
                }
            }
            Ok(n_rows)
        })?;
        self.read("rewriting", |connection| {
            connection.execute_batch("VACUUM")?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })?;
        Ok(n_rows)
    }

    /// Every row of every table that names a target or one of its keys, by table, for people who ask what is kept of them.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn export(&self, target: &Target, keys: &[String]) -> Result<Value, RegistryError> {
        let needles = needles_of(target, keys);
        self.read("reading", |connection| {
            let mut export = Map::new();
            for table in tables(connection)? {
                let rows = rows_naming(connection, &table, &needles)?;
                let rows: Vec<Value> = rows.into_iter().map(|row| row.to_json(&table)).collect();
                if !rows.is_empty() {
                    export.insert(table.name, rows.into());
                }
            }
            Ok(Value::Object(export))
        })
    }
}

struct Table {
    name: String,
    columns: Vec<String>,
    /// Places of the columns that name a row; empty where that is its hidden number, the last value of a row here.
    key: Vec<usize>,
}

struct Row(Vec<SqlValue>);

impl Row {
    fn to_json(&self, table: &Table) -> Value {
        let object = table.columns.iter().zip(&self.0).map(|(column, value)| {
            let value = match value {
                SqlValue::Null => Value::Null,
                SqlValue::Integer(number) => json!(number),
                SqlValue::Real(number) => json!(number),
                SqlValue::Text(text) => json!(text),
                SqlValue::Blob(bytes) => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
            };
            (column.clone(), value)
        });
        Value::Object(object.collect())
    }
}

fn needles(named: &Named) -> Vec<String> {
    needles_of(&named.target, &named.keys)
}

/// What a text holds that names somebody, in lower case: `name@host`, a host, or a key.
fn needles_of(target: &Target, keys: &[String]) -> Vec<String> {
    let name = match target {
        Target::Instance(host) => host.as_str().to_owned(),
        Target::Account(text)
        | Target::Channel(text)
        | Target::Group(text)
        | Target::Item(text)
        | Target::Word(text) => text.to_lowercase(),
    };
    std::iter::once(name).chain(keys.iter().map(|key| key.to_lowercase())).collect()
}

/// Whether `text` holds `needle` by itself, not as a part of a longer name: `tube.example` is not in
/// `my-tube.example` nor in `tube.example.org`, and is in `anna@tube.example`.
fn names(text: &str, needle: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(needle).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let mut after = text.get(at + needle.len()..).unwrap_or_default().chars();
        let (next, second) = (after.next(), after.next());
        let joins = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
        let is_joined_before = before.is_some_and(|character| joins(character) || character == '.');
        let is_joined_after = next.is_some_and(joins) || next == Some('.') && second.is_some_and(joins);
        !is_joined_before && !is_joined_after
    })
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut select = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name DESC",
    )?;
    let names: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut tables = Vec::new();
    for name in names.into_iter().filter(|name| name != "forgotten") {
        let mut info = connection.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
        let columns: Vec<(String, i64)> =
            info.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let key = columns.iter().enumerate().filter(|(_, (_, place))| *place > 0).map(|(nth, _)| nth).collect();
        tables.push(Table { name, columns: columns.into_iter().map(|(name, _)| name).collect(), key });
    }
    Ok(tables)
}

fn rows_naming(connection: &Connection, table: &Table, needles: &[String]) -> rusqlite::Result<Vec<Row>> {
    let hidden = if table.key.is_empty() { ", rowid" } else { "" };
    let mut select = connection.prepare(&format!("SELECT *{hidden} FROM \"{}\"", table.name))?;
    let n_columns = table.columns.len() + usize::from(table.key.is_empty());
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut is_named = false;
        for nth in 0..n_columns {
            if let ValueRef::Text(text) = row.get_ref(nth)? {
                let text = String::from_utf8_lossy(text);
                is_named |= needles.iter().any(|needle| names(&text, needle));
            }
        }
        if is_named {
            found.push(Row((0..n_columns).map(|nth| row.get(nth)).collect::<rusqlite::Result<_>>()?));
        }
    }
    Ok(found)
}

/// Whether a row of `decision` is about them.
fn is_about(row: &Row, needles: &[String]) -> bool {
    row.0.iter().any(|value| match value {
        SqlValue::Text(text) => text.parse::<Target>().is_ok_and(|target| {
            !matches!(target, Target::Word(_)) && needles.iter().any(|needle| names(&target.to_string(), needle))
        }),
        _ => false,
    })
}

/// Columns of `audit` that hold JSON: a name in it goes with all of it.
const JSON_COLUMNS: [&str; 2] = ["before", "after"];

/// Puts `instead` in the place of every text of a row that names them; JSON texts go.
fn mask(
    transaction: &Transaction<'_>,
    table: &Table,
    row: &Row,
    needles: &[String],
    instead: &str,
) -> rusqlite::Result<()> {
    for (column, value) in table.columns.iter().zip(&row.0) {
        let SqlValue::Text(text) = value else { continue };
        if !needles.iter().any(|needle| names(text, needle)) {
            continue;
        }
        let value = if table.name == "audit" && JSON_COLUMNS.contains(&column.as_str()) {
            SqlValue::Null
        } else if column == "source" {
            // Two sources that are both withheld stay two: one of them may say the same as the other.
            SqlValue::Text(format!("{instead} {}", number_of(table, row)))
        } else {
            SqlValue::Text(instead.to_owned())
        };
        let (condition, mut values) = condition(table, row);
        values.insert(0, value);
        let sql = format!("UPDATE \"{}\" SET \"{column}\" = ?1 WHERE {condition}", table.name);
        transaction.prepare(&sql)?.execute(params_from_iter(values))?;
    }
    Ok(())
}

/// The number that tells a row from the others of its table.
fn number_of(table: &Table, row: &Row) -> i64 {
    let place = table.key.first().copied().unwrap_or(row.0.len().saturating_sub(1));
    match row.0.get(place) {
        Some(SqlValue::Integer(number)) => *number,
        _ => 0,
    }
}

fn delete(transaction: &Transaction<'_>, table: &Table, row: &Row) -> rusqlite::Result<()> {
    let (condition, mut values) = condition(table, row);
    values.insert(0, SqlValue::Null);
    let sql = format!("DELETE FROM \"{}\" WHERE ?1 IS NULL AND {condition}", table.name);
    // Another row may have taken it along.
    transaction.prepare(&sql)?.execute(params_from_iter(values)).optional().map(drop)
}

/// The condition that finds a row, its values from `?2` on.
fn condition(table: &Table, row: &Row) -> (String, Vec<SqlValue>) {
    if table.key.is_empty() {
        return ("rowid = ?2".to_owned(), row.0.last().cloned().into_iter().collect());
    }
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    for place in &table.key {
        let (Some(column), Some(value)) = (table.columns.get(*place), row.0.get(*place)) else { continue };
        conditions.push(format!("\"{column}\" = ?{}", values.len() + 2));
        values.push(value.clone());
    }
    (conditions.join(" AND "), values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forgotten::ForgetKey;
    use crate::moderation::Action;
    use crate::registry::{NewDecision, decisions::Scope};

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn decide(registry: &Registry, target: &str, reason: &str) {
        let new = NewDecision {
            action: Action::Hide,
            target: target.parse().unwrap(),
            reason: reason.to_owned(),
            author: "mod".to_owned(),
            source: None,
        };
        registry.decide(new, now()).unwrap();
    }

    #[test]
    fn a_name_is_found_by_itself_only() {
        for text in ["tube.example", "account:anna@tube.example", "see https://Tube.example/a.", "tube.example."] {
            assert!(names(text, "tube.example"), "{text}");
        }
        for text in ["my-tube.example", "www.tube.example", "tube.example.org", "tube.examples", ""] {
            assert!(!names(text, "tube.example"), "{text}");
        }
        assert!(!names("joanna@tube.example", "anna@tube.example"));
    }

    #[test]
    fn somebody_leaves_every_table_and_a_hash_keeps_them_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("registry.db");
        let registry = Registry::open(&path).unwrap();
        decide(&registry, "account:zwieback@tube.example", "spam");
        decide(&registry, "item:video/tube.example/11111111-1111-4111-8111-111111111111", "spam, too");
        decide(&registry, "account:bob@tube.example", "friend of zwieback@tube.example");
        decide(&registry, "account:other-zwieback@tube.example", "another one");
        let target: Target = "account:zwieback@tube.example".parse().unwrap();
        let key = ForgetKey::new([7; N_BYTES]);
        let keys = vec!["video/tube.example/11111111-1111-4111-8111-111111111111".to_owned()];
        let export = registry.export(&target, &keys).unwrap();
        assert_eq!(export["decision"].as_array().unwrap().len(), 3, "{export}");
        let named = Named { hash: key.hash(&target), label: key.label(&target), target, keys };
        registry.keep_out(&named.hash, &named.label, "operator", now()).unwrap();
        registry.keep_out(&named.hash, &named.label, "operator", now()).unwrap();
        assert!(registry.forget(&named).unwrap() > 3);
        assert_eq!(registry.forget(&named).unwrap(), 0, "again there is nothing to do");

        let decisions = registry.decisions(Scope::InForce).unwrap();
        let targets: Vec<String> = decisions.iter().map(|row| row.decision.target.to_string()).collect();
        assert_eq!(targets, ["account:bob@tube.example", "account:other-zwieback@tube.example"]);
        let audit = serde_json::to_string(&registry.audit(100).unwrap()).unwrap();
        assert_eq!(audit.matches("\"forget\"").count(), 1);
        assert!(audit.contains(&named.label) && !audit.contains("account:zwieback@") && audit.contains("bob@"));
        assert_eq!(registry.forgotten().unwrap(), [named.hash]);
        drop(registry);
        for name in ["registry.db", "registry.db-wal"] {
            let bytes = std::fs::read(dir.path().join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).replace("other-zwieback", "");
            assert!(!text.contains("zwieback"), "{name}");
        }
    }
}
