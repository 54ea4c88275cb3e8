//! `vigie instances explain`: why an instance is indexed or is not, what happened last with it, and what happens next.

use std::path::Path;

use allowlist::Host;
use anyhow::Context;
use crawler::HostReport;
use indexer::{Snapshot, SnapshotError};
use jiff::Timestamp;
use query_api::directory::{KindCounts, count_hosts};
use query_api::wire::InstanceObject;
use serde_json::Value;

use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::{allowed, directory};

/// What the crawler knows of each instance; nothing where it never ran.
///
/// # Errors
/// When its state cannot be read.
pub fn reports(data: &DataDir) -> anyhow::Result<Vec<HostReport>> {
    if !data.crawler_state().exists() {
        return Ok(Vec::new());
    }
    Ok(crawler::read_reports(&data.crawler_state(), Timestamp::now())?)
}

/// Runs `vigie instances explain`.
///
/// # Errors
/// When lists, state or index cannot be read.
pub fn run(config: &Config, data: &DataDir, host: &Host, json: bool) -> anyhow::Result<()> {
    let mut listed_in = Vec::new();
    let mut removed_by = Vec::new();
    for source in allowed::sources(config, data)? {
        if source.list.contains(host) {
            listed_in.push(source.name.clone());
        }
        if source.list.is_removed(host) {
            removed_by.push(source.name);
        }
    }
    let now = Timestamp::now();
    let counts = counts(&data.index(), host)?;
    let statuses = directory::statuses(&allowed::list(config, data)?, reports(data)?);
    let known = statuses.into_iter().find(|status| status.host == *host);
    let object = match known {
        Some(known) => InstanceObject::new(&known, counts, now, now),
        None => unlisted(data, host, counts, now)?,
    };
    if json {
        // The object of the API, and what only this machine knows.
        let mut value = serde_json::to_value(&object)?;
        if let Value::Object(object) = &mut value {
            object.insert("listedIn".to_owned(), listed_in.into());
            object.insert("removedBy".to_owned(), removed_by.into());
        }
        say!("{}", serde_json::to_string_pretty(&value)?);
        return Ok(());
    }
    say!("{}: {}", host.to_unicode(), object.sentence);
    if let Some(hint) = &object.hint {
        say!("{hint}");
    }
    say!("  status           {}", object.status);
    for list in &listed_in {
        say!("  listed in        {list}");
    }
    for list in &removed_by {
        say!("  removed by       {list}");
    }
    print_object(&object);
    Ok(())
}

/// An instance that no list here names. Beside an index that was made elsewhere the lists say nothing, and what came with it
/// does: the same as the API answers.
fn unlisted(data: &DataDir, host: &Host, counts: KindCounts, now: Timestamp) -> anyhow::Result<InstanceObject> {
    if data.crawler_state().exists() {
        return Ok(InstanceObject::not_listed(host, counts));
    }
    let file = indexer::directory::read(&data.index())?;
    Ok(match file.as_ref().map(|file| (file.get(host), file.written_at)) {
        Some((Some(known), as_of)) => InstanceObject::new(known, counts, as_of, now),
        None if counts.total() > 0 => InstanceObject::of_snapshot(host, counts),
        _ => InstanceObject::not_listed(host, counts),
    })
}

/// What the published index holds of the instance.
fn counts(index_dir: &Path, host: &Host) -> anyhow::Result<KindCounts> {
    match Snapshot::open_current(index_dir) {
        Ok(snapshot) => Ok(count_hosts(&snapshot)?.get(host.as_str()).copied().unwrap_or_default()),
        Err(SnapshotError::Missing) => Ok(KindCounts::default()),
        Err(error) => Err(error).context("counting in the index"),
    }
}

fn print_object(object: &InstanceObject) {
    let never = || "never".to_owned();
    let counts = object.counts;
    say!("  indexed          {} videos, {} channels, {} playlists", counts.videos, counts.channels, counts.playlists);
    if object.as_of.is_none() {
        return;
    }
    if let Some(name) = &object.name {
        say!("  name             {name}");
    }
    say!(
        "  software         {} {}",
        object.software.as_deref().or(object.kind).unwrap_or_default(),
        object.version.as_deref().unwrap_or("(version unknown)")
    );
    let claimed = object.claimed_total.map(|total| format!(" of {total} that it lists")).unwrap_or_default();
    say!(
        "  known            {} videos{claimed}, {} channels, {} playlists",
        object.known.videos,
        object.known.channels,
        object.known.playlists
    );
    say!("  robots           {}", object.robots);
    say!("  last full sweep  {}", object.last_sweep_at.clone().unwrap_or_else(never));
    say!("  last good answer {}", object.last_success_at.clone().unwrap_or_else(never));
    say!("  next visit       {}", object.next_visit_at.clone().unwrap_or_else(never));
    say!("  requests         {} so far, at least {:.1} s apart", object.requests, object.delay_seconds);
    for flag in &object.flags {
        say!("  look at          {flag}");
    }
    let Some(error) = &object.last_error else {
        say!("  last failure     never");
        return;
    };
    say!("  last failure     {}: {}", error.at, error.text);
    for (what, head) in [("request", &error.request), ("response", &error.response)] {
        let Some(head) = head else { continue };
        say!("  {what}:");
        for line in head.lines() {
            say!("    {line}");
        }
    }
}
