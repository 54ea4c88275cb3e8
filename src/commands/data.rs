//! `vigie data export`: what is stored about somebody, for whoever asks for their own.

use allowlist::moderation::Target;
use allowlist::registry::Registry;
use jiff::Timestamp;
use journal::{Body, Entry, Offset, Reader};
use serde_json::{Value, json};

use crate::args::Whom;
use crate::commands::Unusable;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::{allowed, erasure};

/// Prints everything that is stored about a target as JSON: every row of the journal, replaced ones included, the rows of
/// the crawler's state, the rows of the registry that name it, and, of an instance, its entries of the lists.
///
/// # Errors
/// When a file cannot be read.
pub fn export(config: &Config, whom: &Whom) -> anyhow::Result<()> {
    let target = whom.target().map_err(|error| Unusable(error.to_string()))?;
    let data = DataDir::new(&config.data);
    let found = erasure::find(&data, &target)?;
    let keys: Vec<String> = found.keys.iter().map(ToString::to_string).collect();
    let records = if data.journal().exists() { rows(&data, &target, &found)? } else { Vec::new() };
    let state = match data.crawler_state().exists() {
        true => crawler::export_state(&data.crawler_state(), &target)?,
        false => json!({}),
    };
    let registry = match data.registry().exists() {
        true => Registry::open(&data.registry())?.export(&target, &keys)?,
        false => json!({}),
    };
    let export = json!({
        "about": target.to_string(),
        "exportedAt": Timestamp::now().to_string(),
        "journal": records,
        "crawlerState": state,
        "registry": registry,
        "lists": lists(config, &data, &target)?,
    });
    say!("{}", serde_json::to_string_pretty(&export)?);
    Ok(())
}

fn rows(data: &DataDir, target: &Target, found: &journal::Found) -> anyhow::Result<Vec<Value>> {
    let keys: std::collections::BTreeSet<_> = found.keys.iter().collect();
    let is_about = |offset: Offset, entry: &Entry| {
        found.rows.contains(&offset.0)
            || keys.contains(&entry.id())
                && match (&entry.body, target) {
                    // A row of before may be of somebody else.
                    (Body::Record(record), Target::Account(_)) => record.targets().contains(target),
                    _ => true,
                }
    };
    let mut rows = Vec::new();
    let mut failure = None;
    Reader::open(&data.journal())?.each(|offset, entry| {
        if is_about(offset, entry) {
            match row(offset, entry) {
                Ok(row) => rows.push(row),
                Err(error) => failure = Some(error),
            }
        }
    })?;
    match failure {
        Some(error) => Err(error),
        None => Ok(rows),
    }
}

fn row(offset: Offset, entry: &Entry) -> anyhow::Result<Value> {
    let (record, tombstone) = match &entry.body {
        Body::Record(record) => (Some(record.to_json()?), None),
        Body::Tombstone { reason, .. } => (None, Some(format!("{reason:?}").to_lowercase())),
    };
    Ok(json!({
        "key": entry.id().to_string(),
        "offset": offset.0,
        "seenAt": entry.seen_at.to_string(),
        "record": record,
        "tombstone": tombstone,
    }))
}

fn lists(config: &Config, data: &DataDir, target: &Target) -> anyhow::Result<Vec<Value>> {
    let Target::Instance(host) = target else { return Ok(Vec::new()) };
    let mut entries = Vec::new();
    for source in allowed::sources(config, data)? {
        if let Some(instance) = source.list.get(host) {
            entries.push(json!({
                "list": source.name,
                "kind": instance.kind.as_str(),
                "note": instance.note,
                "crawlDelaySeconds": instance.crawl_delay.map(|delay| delay.as_secs_f64()),
            }));
        }
        if source.list.is_removed(host) {
            entries.push(json!({ "list": source.name, "removed": true }));
        }
    }
    Ok(entries)
}
