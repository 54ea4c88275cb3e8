//! Lists of what others block: the CSV of this program and of Mastodon and Fediseer, bare lists of hosts, and the
//! `moderation.json` of another Vigie.
//!
//! Pure: what is fetched or read from a file comes in as bytes. Everything in it is hostile until checked: a row that says
//! nothing is named by its line and left out, and the others count.

mod csv;

use jiff::Timestamp;
use serde_json::Value;

use crate::Host;
use crate::moderation::{Action, Decision, Target};
use crate::registry::ListRow;
use crate::registry::decisions::MAX_REASON;

/// Longest list. Mastodon's largest shared lists take a quarter of a megabyte.
pub const MAX_BYTES: usize = 8 << 20;

/// Most rows of a list, refused ones included.
pub const MAX_ROWS: usize = 100_000;

/// Refused rows that are named; more are only counted.
const MAX_NAMED: usize = 100;

/// A list as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blocklist {
    /// What it says.
    pub rows: Vec<ListRow>,
    /// Rows that say nothing, each with its line: at most a hundred.
    pub refused: Vec<Refused>,
    /// All rows that say nothing.
    pub n_refused: usize,
    /// Rows that ask for nothing, such as Mastodon's `noop`.
    pub n_idle: usize,
    /// When its publisher wrote it, where it says so.
    pub written_at: Option<Timestamp>,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its line in a text, its number in JSON; from 1.
    pub line: usize,
    /// What is wrong with it.
    pub cause: String,
}

/// A list that cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlocklistError {
    /// Too long.
    #[error("it is longer than {} MiB", MAX_BYTES >> 20)]
    TooLong,
    /// Too many rows: half a list would take back what the other half says.
    #[error("it has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// Not text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// JSON of another form.
    #[error("it is not the moderation file of an index: {0}")]
    Json(String),
    /// Columns that nobody knows.
    #[error("its first line names neither `target` nor `domain`, and is no host either: {0}")]
    Columns(String),
    /// No row is left.
    #[error("no row of it can be used; the first is refused because {0}")]
    NothingUsable(String),
}

impl Blocklist {
    /// Reads a list of any of the forms.
    ///
    /// # Errors
    /// [`BlocklistError`]; rows that say nothing are in [`Self::refused`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BlocklistError> {
        if bytes.len() > MAX_BYTES {
            return Err(BlocklistError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| BlocklistError::NotText)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let list = match text.trim_start().starts_with('{') {
            true => of_json(text)?,
            false => of_lines(text)?,
        };
        match list.refused.first() {
            Some(first) if list.rows.is_empty() && list.n_idle == 0 => {
                Err(BlocklistError::NothingUsable(format!("line {}: {}", first.line, first.cause)))
            }
            _ => Ok(list),
        }
    }

    fn refuse(&mut self, line: usize, cause: String) {
        self.n_refused += 1;
        if self.refused.len() < MAX_NAMED {
            self.refused.push(Refused { line, cause });
        }
    }

    fn add(&mut self, line: usize, row: Result<Option<ListRow>, String>) {
        match row {
            Ok(Some(row)) => self.rows.push(row),
            Ok(None) => self.n_idle += 1,
            Err(cause) => self.refuse(line, cause),
        }
    }

    fn check_length(&self) -> Result<(), BlocklistError> {
        let n_rows = self.rows.len() + self.n_refused + self.n_idle;
        if n_rows > MAX_ROWS { Err(BlocklistError::TooManyRows) } else { Ok(()) }
    }
}

/// Decisions as CSV, with the columns `target`, `action`, `reason`, `at` and `source`.
pub fn to_csv(decisions: &[Decision]) -> String {
    let mut text = "target,action,reason,at,source\n".to_owned();
    for decision in decisions {
        let at = decision.at.to_string();
        let source = decision.source.as_deref().unwrap_or_default();
        csv::write(&mut text, &[&decision.target.to_string(), decision.action.as_str(), &decision.reason, &at, source]);
    }
    text
}

/// A reason as it is kept: one line, not too long.
fn reason_of(text: &str) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_REASON).collect()
}

fn of_json(text: &str) -> Result<Blocklist, BlocklistError> {
    let fault = |cause: &str| BlocklistError::Json(cause.to_owned());
    let file: Value = serde_json::from_str(text).map_err(|error| fault(&error.to_string()))?;
    if file.get("format") != Some(&Value::from(1)) {
        return Err(fault("its `format` is not 1"));
    }
    let rows = file.get("decisions").and_then(Value::as_array).ok_or_else(|| fault("it has no `decisions`"))?;
    let text_of = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let written_at = text_of(&file, "writtenAt").and_then(|at| at.parse().ok());
    let mut list = Blocklist { written_at, ..Blocklist::default() };
    for (number, row) in rows.iter().enumerate() {
        let read = || {
            let target = text_of(row, "target").ok_or_else(|| "it has no `target`".to_owned())?;
            let action = text_of(row, "action").ok_or_else(|| "it has no `action`".to_owned())?;
            list_row(&target, &action, &text_of(row, "reason").unwrap_or_default()).map(Some)
        };
        let read = read();
        list.add(number + 1, read);
        list.check_length()?;
    }
    Ok(list)
}

/// What the first line says of the others.
enum Columns {
    /// Of this program: positions of target, action and reason.
    Ours { target: usize, action: Option<usize>, reason: Option<usize> },
    /// Of Mastodon and those that took its form: positions of domain, severity and comment.
    Mastodon { domain: usize, severity: Option<usize>, comment: Option<usize> },
    /// One host or target a line.
    None,
}

impl Columns {
    fn of(cells: &[String]) -> Self {
        let names: Vec<String> =
            cells.iter().map(|cell| cell.trim().trim_start_matches('#').trim().to_lowercase()).collect();
        let find = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        let (action, reason) = (find(&["action"]), find(&["reason", "public_comment", "comment"]));
        if let Some(target) = find(&["target"]) {
            return Self::Ours { target, action, reason };
        }
        match find(&["domain", "host", "instance"]) {
            Some(domain) => Self::Mastodon { domain, severity: find(&["severity"]), comment: reason },
            None => Self::None,
        }
    }
}

fn of_lines(text: &str) -> Result<Blocklist, BlocklistError> {
    let mut list = Blocklist::default();
    let mut columns = None;
    for record in csv::records(text) {
        let (line, cells) = match record {
            Ok(record) => record,
            Err((line, cause)) => {
                list.refuse(line, cause);
                list.check_length()?;
                continue;
            }
        };
        let first = cells.first().map(|cell| cell.trim()).unwrap_or_default();
        if cells.len() == 1 && first.is_empty() {
            continue;
        }
        let Some(columns) = &columns else {
            let found = Columns::of(&cells);
            let is_heading = !matches!(found, Columns::None);
            if !is_heading && cells.len() > 1 && !first.starts_with('#') {
                return Err(BlocklistError::Columns(reason_of(first).chars().take(80).collect()));
            }
            // A comment before the heading decides nothing.
            if is_heading || !first.starts_with('#') {
                columns = Some(found);
            }
            if !is_heading && !first.starts_with('#') {
                list.add(line, list_row(first, Action::Hide.as_str(), "").map(Some));
            }
            continue;
        };
        if first.starts_with('#') {
            continue;
        }
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).map(|cell| cell.trim()).unwrap_or_default();
        let row = match columns {
            Columns::Ours { target, action, reason } => {
                list_row(cell(Some(*target)), cell(*action), cell(*reason)).map(Some)
            }
            Columns::Mastodon { domain, severity, comment } => match cell(*severity).to_lowercase().as_str() {
                "" | "suspend" => list_row(cell(Some(*domain)), "hide", cell(*comment)).map(Some),
                "silence" | "limit" => list_row(cell(Some(*domain)), "downrank", cell(*comment)).map(Some),
                "noop" | "none" => Ok(None),
                other => Err(format!("`{}` is not a severity; known are suspend, silence and noop", shown(other))),
            },
            Columns::None => match cells.len() {
                1 => list_row(first, "", "").map(Some),
                _ => Err("it has more than one cell, and the first line named no columns".to_owned()),
            },
        };
        list.add(line, row);
        list.check_length()?;
    }
    Ok(list)
}

/// A row from its texts; without an action it hides, and a host alone is an instance.
fn list_row(target: &str, action: &str, reason: &str) -> Result<ListRow, String> {
    let action = match action.trim() {
        "" => Action::Hide,
        name => Action::from_name(name)
            .ok_or_else(|| format!("`{}` is not an action; write hide or downrank", shown(name)))?,
    };
    let target = match target.parse::<Target>() {
        Ok(target) => target,
        Err(error) => match Host::parse(target) {
            Ok(host) => Target::Instance(host),
            // A text of another form was most likely meant as a host.
            Err(host_error) if !target.contains(':') => return Err(host_error.to_string()),
            Err(_) => return Err(error.to_string()),
        },
    };
    Ok(ListRow { target, action, reason: reason_of(reason) })
}

/// A text of somebody else in a message: short, on one line.
fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let list = Blocklist::parse(text.as_bytes()).unwrap();
        list.rows.iter().map(|row| format!("{} {} [{}]", row.action.as_str(), row.target, row.reason)).collect()
    }

    #[test]
    fn each_form_of_list_is_read() {
        assert_eq!(
            told(
                "\u{feff}target,action,reason\r\naccount:A@tube.example,downrank,\"noisy, often\"\r\ntube.example,,\r\n"
            ),
            ["downrank account:a@tube.example [noisy, often]", "hide instance:tube.example []"]
        );
        assert_eq!(
            told("reason, target\nall of it,instance:tube.example\n"),
            ["hide instance:tube.example [all of it]"],
            "columns in any order"
        );
        assert_eq!(
            told(
                "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
                 bad.example,suspend,TRUE,FALSE,\"hate\nspeech\",FALSE\nloud.example,silence,,,,\nodd.example,noop,,,,\n"
            ),
            ["hide instance:bad.example [hate speech]", "downrank instance:loud.example []"]
        );
        assert_eq!(told("domain\nbad.example\n"), ["hide instance:bad.example []"]);
        assert_eq!(
            told("# Ours, since 2024.\nBad.example\n\n# and\nword:casino\n"),
            ["hide instance:bad.example []", "hide word:casino []"]
        );
        let json = r#"{"format":1,"writtenAt":"2026-11-22T00:00:00Z","delisted":["x.example"],"decisions":[
            {"id":4,"action":"purge","target":"item:video/tube.example/1","reason":"spam","at":"2026-11-01T00:00:00Z"}]}"#;
        assert_eq!(told(json), ["purge item:video/tube.example/1 [spam]"]);
        let written_at = Blocklist::parse(json.as_bytes()).unwrap().written_at.unwrap();
        assert_eq!(written_at.to_string(), "2026-11-22T00:00:00Z");
        assert_eq!(Blocklist::parse(b"").unwrap(), Blocklist::default());
    }

    #[test]
    fn hostile_rows_are_refused_by_line_and_the_others_count() {
        let list = Blocklist::parse(
            "target,action,reason\n\
             ok.example,hide,a\u{1b}[2Jb\n\
             ../../etc/passwd,hide,\n\
             \"unterminated,hide,\n\
             ex*mple.example,hide,\n\
             ok2.example,delete everything,\n\
             127.0.0.1,hide,\n\
             account:nobody,hide,\n\
             fine.example,,\n"
                .as_bytes(),
        )
        .unwrap();
        let rows: Vec<String> = list.rows.iter().map(|row| row.target.to_string()).collect();
        assert_eq!(rows, ["instance:ok.example", "instance:fine.example"]);
        assert_eq!(list.rows[0].reason, "a [2Jb");
        let lines: Vec<usize> = list.refused.iter().map(|refused| refused.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7, 8]);
        assert_eq!(list.n_refused, 6);
        let json = r#"{"format":1,"decisions":[3,{"target":"word:x"},{"target":"nonsense","action":"hide"},{"target":"word:x","action":"hide"}]}"#;
        let list = Blocklist::parse(json.as_bytes()).unwrap();
        assert_eq!((list.rows.len(), list.n_refused), (1, 3));
    }

    #[test]
    fn what_is_no_list_is_refused_whole() {
        let refused = |bytes: &[u8]| Blocklist::parse(bytes).unwrap_err();
        assert_eq!(refused(&vec![b'a'; MAX_BYTES + 1]), BlocklistError::TooLong);
        assert_eq!(
            refused(&b"a.example\n".repeat(MAX_ROWS + 1)[..MAX_BYTES.min(10 * (MAX_ROWS + 1))]),
            BlocklistError::TooManyRows
        );
        assert_eq!(refused(b"\xff\xfe"), BlocklistError::NotText);
        assert!(matches!(refused(b"{\"format\":2}"), BlocklistError::Json(_)));
        assert!(matches!(refused(b"name,colour\na.example,red\n"), BlocklistError::Columns(_)));
        assert!(matches!(refused(b"<!doctype html>\n<html>\n"), BlocklistError::NothingUsable(_)));
    }

    #[test]
    fn what_is_exported_is_imported() {
        let decision = |id, target: &str, reason: &str| Decision {
            id,
            action: Action::Downrank,
            target: target.parse().unwrap(),
            reason: reason.to_owned(),
            source: None,
            at: Timestamp::UNIX_EPOCH,
        };
        let decisions = [decision(1, "word:buy, now", "says \"buy\", often"), decision(2, "instance:a.example", "")];
        let text = to_csv(&decisions);
        assert_eq!(text.lines().next(), Some("target,action,reason,at,source"));
        let rows = Blocklist::parse(text.as_bytes()).unwrap().rows;
        assert_eq!(rows.len(), 2);
        for (row, decision) in rows.iter().zip(&decisions) {
            assert_eq!((&row.target, row.action, &row.reason), (&decision.target, decision.action, &decision.reason));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), lines in "(target|a\\.example|[\",\n#:*])*") {
            let _ = Blocklist::parse(&bytes);
            let _ = Blocklist::parse(lines.as_bytes());
        }
    }
}
