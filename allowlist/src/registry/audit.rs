//! The audit log: who did what when, and what was before and after.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};
use serde::Serialize;
use serde_json::Value;

use super::{Registry, RegistryError};

/// Rows are only ever added.
pub(super) const TABLES: &str = "
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- JSON, or NULL for nothing.
    before TEXT,
    after TEXT
) STRICT;
";

/// One line to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// The label of who did it; `vigie` for what the program did by a rule.
    pub who: String,
    /// What was done: a verb, such as `hide` or `accept submission`.
    pub what: String,
    /// To what, such as `account:name@tube.example`.
    pub subject: String,
    /// What was so far.
    pub before: Option<Value>,
    /// What is now.
    pub after: Option<Value>,
}

/// One line as it was written. As JSON it is one line of text whatever names hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    /// Its number; later ones are greater.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// What was done.
    pub what: String,
    /// To what.
    pub subject: String,
    /// What was so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Registry {
    /// Writes a line about something that is not in the registry itself; what is, writes its own.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn record_audit(&self, audit: &Audit, now: Timestamp) -> Result<(), RegistryError> {
        self.write("writing to", |transaction| Ok(insert(transaction, audit, now)?))
    }

    /// The newest lines first, at most `limit`.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn audit(&self, limit: usize) -> Result<Vec<AuditRow>, RegistryError> {
        self.read("reading", |connection| select(connection, limit))
    }
}

/// Writes a line in the transaction that changes what it tells of.
pub(crate) fn insert(transaction: &Transaction<'_>, audit: &Audit, now: Timestamp) -> rusqlite::Result<()> {
    let Audit { who, what, subject, before, after } = audit;
    let [before, after] = [before, after].map(|value| value.as_ref().map(Value::to_string));
    transaction
        .prepare_cached("INSERT INTO audit (at_ms, who, what, subject, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![now.as_millisecond(), who, what, subject, before, after])
        .map(drop)
}

fn select(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<AuditRow>> {
    let mut select = connection
        .prepare_cached("SELECT id, at_ms, who, what, subject, before, after FROM audit ORDER BY id DESC LIMIT ?1")?;
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    let rows = select.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok(AuditRow {
            id: row.get(0)?,
            at: super::decisions::from_ms(row.get(1)?),
            who: row.get(2)?,
            what: row.get(3)?,
            subject: row.get(4)?,
            before: json(row.get(5)?),
            after: json(row.get(6)?),
        })
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_158_what_a_name_holds_never_makes_a_line_of_the_audit_log() {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        let forged = "tube.example\n{\"who\":\"root\",\"what\":\"show\"}\r\u{1b}[2K";
        let audit = Audit {
            who: forged.to_owned(),
            what: "reject submission".to_owned(),
            subject: forged.to_owned(),
            before: None,
            after: Some(serde_json::json!({ "host": forged })),
        };
        registry.record_audit(&audit, "2026-11-22T10:00:00Z".parse().unwrap()).unwrap();
        let rows = registry.audit(10).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].who.as_str(), rows[0].subject.as_str()), (forged, forged), "kept to the letter");
        assert_eq!(rows[0].after, audit.after);
        let line = serde_json::to_string(&rows[0]).unwrap();
        assert!(!line.chars().any(char::is_control), "{line}");
        assert!(line.starts_with("{\"id\":1,\"at\":\"2026-11-22T10:00:00Z\",\"who\":\"tube.example\\n{"), "{line}");
    }
}
