//! `vigie moderation suggest`: reads the journal and what is known of the instances, and prints what is worth a look.

use std::collections::{BTreeMap, HashSet};

use allowlist::Host;
use allowlist::moderation::Target;
use anyhow::Context;
use jiff::Timestamp;
use journal::{Body, Kind, Reader};

use super::decide::existing;
use crate::allowed;
use crate::commands::explain;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::{plain, say};
use crate::suggestions::{Instance, Watch};

/// Prints what is worth a look, without what a decision names already.
///
/// # Errors
/// When lists, journal, state or registry cannot be read.
pub fn run(config: &Config, data: &DataDir, json: bool) -> anyhow::Result<()> {
    let reader = Reader::open(&data.journal()).context("there is nothing to look at before the first `vigie crawl`")?;
    let mut instances: BTreeMap<Host, Instance> = allowed::list(config, data)?
        .iter()
        .map(|instance| (instance.host.clone(), unvisited(&instance.host)))
        .collect();
    let counts = reader.counts()?;
    for count in &counts {
        instances.entry(count.host.clone()).or_insert_with(|| unvisited(&count.host)).n_records += count.n_records;
    }
    for report in explain::reports(data)? {
        if let Some(instance) = instances.get_mut(&report.host) {
            instance.first_visit_at = report.first_visit_at;
        }
    }
    let mut watch = Watch::new(instances.into_values().collect(), Timestamp::now());
    for count in counts.iter().filter(|count| matches!(count.kind, Kind::Video | Kind::Event)) {
        for (id, _) in reader.live_ids(&count.host, count.kind)? {
            // It may have gone since it was listed.
            if let Some((_, entry)) = reader.get(&id)?
                && let Body::Record(record) = &entry.body
            {
                watch.add(record);
            }
        }
    }
    let decided = decided(data)?;
    let mut suggestions = watch.finish();
    suggestions.retain(|suggestion| {
        let is_on_decided_instance = suggestion
            .target
            .host()
            .and_then(|host| host.parse().ok())
            .is_some_and(|host| decided.contains(&Target::Instance(host)));
        !is_on_decided_instance && !decided.contains(&suggestion.target)
    });
    if json {
        say!("{}", serde_json::to_string_pretty(&suggestions)?);
        return Ok(());
    }
    for suggestion in &suggestions {
        say!("{}\n  {}", plain(&suggestion.target.to_string()), plain(&suggestion.sentence));
        for sample in &suggestion.samples {
            say!("    {}", plain(sample));
        }
    }
    eprintln!(
        "vigie: {} suggestions; each has honest explanations, so look before `vigie moderation hide TARGET --reason …`",
        suggestions.len()
    );
    Ok(())
}

fn unvisited(host: &Host) -> Instance {
    Instance { host: host.clone(), first_visit_at: None, n_records: 0 }
}

/// What decisions in force name.
fn decided(data: &DataDir) -> anyhow::Result<HashSet<Target>> {
    let Some(registry) = existing(data)? else { return Ok(HashSet::new()) };
    let decisions = registry.decisions_in_force()?;
    Ok(decisions.into_iter().map(|decision| decision.target).collect())
}
