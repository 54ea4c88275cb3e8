//! `vigie moderation list` and `log`.

use allowlist::registry::{AuditRow, DecisionRow, Scope, SourceRow};
use jiff::{SignedDuration, Timestamp};

use super::decide::existing;
use crate::data::DataDir;
use crate::output::{plain, say};

/// Lists decisions and where they came from.
///
/// # Errors
/// When the registry cannot be read.
pub fn decisions(data: &DataDir, json: bool, all: bool) -> anyhow::Result<()> {
    let scope = if all { Scope::All } else { Scope::InForce };
    let (rows, sources) = match existing(data)? {
        Some(registry) => (registry.decisions(scope)?, registry.sources()?),
        None => (Vec::new(), Vec::new()),
    };
    if json {
        say!("{}", serde_json::to_string_pretty(&serde_json::json!({ "decisions": rows, "sources": sources }))?);
        return Ok(());
    }
    for row in &rows {
        say!("{}", line_of(row));
    }
    let now = Timestamp::now();
    for source in &sources {
        say!("{}", source_line(source, now));
    }
    let n_in_force = rows.iter().filter(|row| row.revoked.is_none()).count();
    eprintln!("vigie: decisions in force: {n_in_force}; blocklists imported: {}", sources.len());
    Ok(())
}

/// Prints the audit log, newest first.
///
/// # Errors
/// When the registry cannot be read.
pub fn log(data: &DataDir, json: bool, count: usize) -> anyhow::Result<()> {
    let Some(registry) = existing(data)? else { return Ok(()) };
    for row in registry.audit(count)? {
        match json {
            true => say!("{}", serde_json::to_string(&row)?),
            false => say!("{}", audit_line(&row)),
        }
    }
    Ok(())
}

fn line_of(row: &DecisionRow) -> String {
    let decision = &row.decision;
    let mut line = format!(
        "{:>5}  {:<8}  {}  {}  {}",
        decision.id,
        decision.action.as_str(),
        decision.at.strftime("%Y-%m-%d %H:%M"),
        plain(&decision.target.to_string()),
        plain(if decision.reason.is_empty() { "-" } else { &decision.reason }),
    );
    line.push_str(&match &decision.source {
        Some(source) => format!("  (from {})", plain(source)),
        None => format!("  (by {})", plain(&row.author)),
    });
    if let Some(purged_at) = row.purged_at {
        line.push_str(&format!("  removed {}", purged_at.strftime("%Y-%m-%d %H:%M")));
    }
    if let Some(revoked) = &row.revoked {
        line.push_str(&format!(
            "  taken back {} by {}: {}",
            revoked.at.strftime("%Y-%m-%d %H:%M"),
            plain(&revoked.by),
            plain(&revoked.reason)
        ));
    }
    line
}

fn source_line(source: &SourceRow, now: Timestamp) -> String {
    let written = source.written_at.map(|at| format!(", written {} ago", age(now.duration_since(at))));
    format!(
        "list   {}  {} rows, imported {} ago{}",
        plain(&source.name),
        source.n_rows,
        age(now.duration_since(source.imported_at)),
        written.unwrap_or_default()
    )
}

fn audit_line(row: &AuditRow) -> String {
    // Names come from anywhere: in the text as in JSON they cannot end the line.
    let after = row.after.as_ref().map(|after| format!("  {}", plain(&after.to_string()))).unwrap_or_default();
    let (who, what, subject) = (plain(&row.who), plain(&row.what), plain(&row.subject));
    format!("{:>5}  {}  {who}  {what}  {subject}{after}", row.id, row.at.strftime("%Y-%m-%d %H:%M:%S"))
}

/// How long ago something was, in its largest unit.
fn age(age: SignedDuration) -> String {
    let hours = age.as_hours();
    match hours {
        ..1 => format!("{} min", age.as_mins().max(0)),
        1..48 => format!("{hours} h"),
        _ => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_their_largest_unit() {
        assert_eq!(age(SignedDuration::from_mins(59)), "59 min");
        assert_eq!(age(SignedDuration::from_hours(47)), "47 h");
        assert_eq!(age(SignedDuration::from_hours(24 * 40)), "40 days");
        assert_eq!(age(SignedDuration::from_secs(-5)), "0 min", "a clock that was put back");
    }

    #[test]
    fn a_line_of_the_log_is_one_line() {
        let row = AuditRow {
            id: 3,
            at: "2026-11-22T10:00:00Z".parse().unwrap(),
            who: "anna\nbert".to_owned(),
            what: "hide".to_owned(),
            subject: "x\u{1b}[2K".to_owned(),
            before: None,
            after: Some(serde_json::json!({ "reason": "a\u{202e}b" })),
        };
        let line = audit_line(&row);
        assert_eq!(line, "    3  2026-11-22 10:00:00  anna\\u{a}bert  hide  x\\u{1b}[2K  {\"reason\":\"a\\u{202e}b\"}");
    }
}
