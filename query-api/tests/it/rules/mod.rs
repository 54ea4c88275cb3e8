//! What rules and moderators hide, and that nothing of it is left anywhere.

mod decisions;
mod leaks;
mod oracle;
mod world;

use std::path::Path;

use allowlist::moderation::{Action, Decision, FILE_NAME, ModerationFile};
use allowlist::rules::Rules;
use indexer::inclusion::Inclusion;

use crate::fixture::time;

/// The rules that a text says.
pub fn inclusion(text: &str) -> Inclusion {
    Inclusion::compile(&Rules::parse("rules.toml", text).unwrap()).unwrap()
}

/// Writes decisions as a moderator's command does.
pub fn decide(index_dir: &Path, decisions: &[(Action, &str)]) {
    let decision = |((action, target), id): (&(Action, &str), u64)| Decision {
        id,
        action: *action,
        target: target.parse().unwrap(),
        reason: "spam".to_owned(),
        source: None,
        at: time("2026-01-01T00:00:00Z"),
    };
    let decisions = decisions.iter().zip(1..).map(decision).collect();
    write(index_dir, &ModerationFile::new(time("2026-01-01T00:00:00Z"), decisions, Vec::new()));
}

pub fn write(index_dir: &Path, file: &ModerationFile) {
    std::fs::write(index_dir.join(FILE_NAME), serde_json::to_string(file).unwrap()).unwrap();
}
