//! `vigie rules explain`: why a video, channel, playlist, event or group is shown or not, with file and line.

use std::path::Path;

use allowlist::moderation::{self, ModerationFile, Target};
use anyhow::{Context, bail};
use indexer::inclusion::{Facts, Inclusion, Reason};
use jiff::Timestamp;
use journal::{Body, Entry, Kind, Offset, Reader, Record, RecordId};
use serde_json::json;

use crate::commands::Unusable;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::{page_target, rules};

/// Entries read at once while the journal is searched for an address.
const BATCH_ENTRIES: usize = 2000;

/// Runs `vigie rules explain`.
///
/// # Errors
/// When rules or journal cannot be read, or nothing is known of the item.
pub fn run(config: &Config, data: &DataDir, item: &str, json: bool) -> anyhow::Result<()> {
    let rules = rules::load(config, data)?;
    let decisions = decisions(&data.index())?;
    let inclusion = match &decisions {
        Some(file) => rules.with(file.layer()).context("compiling the decisions of moderators")?,
        None => rules,
    };
    let reader = Reader::open(&data.journal()).context("nothing was crawled yet; run `vigie crawl` first")?;
    let entry = find(&reader, item)?;
    let id = entry.id();
    if let Body::Tombstone { reason, .. } = &entry.body {
        bail!("{id} is not indexed: it was removed ({reason:?}), seen at {}", entry.seen_at);
    }
    let facts = Facts::of_entry(&entry)?.with_context(|| format!("{id} holds nothing that is indexed"))?;
    if json { print_json(&facts, &inclusion) } else { print(&facts, &inclusion, decisions.as_ref()) }
}

fn decisions(index_dir: &Path) -> anyhow::Result<Option<ModerationFile>> {
    let path = index_dir.join(moderation::FILE_NAME);
    match std::fs::read_to_string(&path) {
        Ok(text) => ModerationFile::parse(&text)
            .map(Some)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(|| format!("reading `{}`", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading `{}`", path.display())),
    }
}

/// The newest entry of an item, by its key, the address of its page, or the address that its instance gave.
fn find(reader: &Reader, item: &str) -> anyhow::Result<Entry> {
    let target = page_target::parse(item).or_else(|refused| format!("item:{item}").parse().map_err(|_| refused));
    let id = match &target {
        Ok(Target::Item(key)) => record_id(key),
        Ok(Target::Channel(handle)) => of_handle(Kind::Channel, handle),
        Ok(Target::Group(handle)) => of_handle(Kind::Group, handle),
        Ok(other) => {
            return Err(Unusable(format!(
                "`{other}` is no single item; give the page of a video, channel, playlist, event or group, or its key"
            ))
            .into());
        }
        Err(_) => None,
    };
    if let Some(id) = &id
        && let Some((_, entry)) = reader.get(id)?
    {
        return Ok(entry);
    }
    if item.contains("://")
        && let Some(entry) = find_by_url(reader, item)?
    {
        return Ok(entry);
    }
    match target {
        Err(refused) => Err(Unusable(refused).into()),
        Ok(_) => bail!("the journal holds nothing of `{item}`: its instance was not crawled, or does not list it"),
    }
}

fn record_id(key: &str) -> Option<RecordId> {
    let mut parts = key.splitn(3, '/');
    let (kind, host, id) = (parts.next()?, parts.next()?, parts.next()?);
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
    Some(RecordId { kind, host: host.parse().ok()?, id: id.to_owned() })
}

fn of_handle(kind: Kind, handle: &str) -> Option<RecordId> {
    let (name, host) = handle.split_once('@')?;
    Some(RecordId { kind, host: host.parse().ok()?, id: name.to_lowercase() })
}

/// Reads the whole journal: an address need not say what it is the address of.
fn find_by_url(reader: &Reader, url: &str) -> anyhow::Result<Option<Entry>> {
    let wanted = url.trim_end_matches('/');
    let (mut last, mut found) = (Offset::ZERO, None);
    loop {
        let entries = reader.read_after(last, BATCH_ENTRIES)?;
        let Some((offset, _)) = entries.last() else { break };
        last = *offset;
        for (_, entry) in entries {
            let Body::Record(record) = &entry.body else { continue };
            let urls = match record {
                Record::Video(video) => [Some(&video.url), None],
                Record::Channel(channel) => [Some(&channel.actor.url), None],
                Record::Playlist(playlist) => [Some(&playlist.url), None],
                Record::Event(event) => [Some(&event.url), event.page_url.as_ref()],
                Record::Group(group) => [Some(&group.actor.url), None],
            };
            if urls.into_iter().flatten().any(|url| url.trim_end_matches('/') == wanted) {
                found = Some(entry.id());
            }
        }
    }
    let newest = found.map(|id| reader.get(&id)).transpose()?.flatten();
    Ok(newest.map(|(_, entry)| entry))
}

fn print(facts: &Facts, inclusion: &Inclusion, decisions: Option<&ModerationFile>) -> anyhow::Result<()> {
    let now_ms = Timestamp::now().as_millisecond();
    let layers = inclusion.explain(facts, now_ms);
    say!("{}  ({})", facts.title, facts.key);
    let hidden: Vec<&Reason> = layers.iter().flat_map(|layer| &layer.hidden_by).collect();
    match hidden.first() {
        Some(first) => say!("hidden by {}", named(first, decisions)),
        None => say!("shown: no rule and no decision hides it"),
    }
    for layer in &layers {
        say!("\n{}", layer.layer);
        for reason in &layer.hidden_by {
            say!("  hides it    {}", named(reason, decisions));
        }
        for reason in &layer.shown_by {
            say!("  lets it in  {reason}");
        }
        if layer.hidden_by.is_empty() && layer.shown_by.is_empty() {
            let is_moderation = &*layer.layer == moderation::PLACE;
            say!("  {}", if is_moderation { "no decision is about it" } else { "nothing of this file hides it" });
        }
    }
    if layers.iter().all(|layer| &*layer.layer == moderation::PLACE) {
        say!("\nno rules are in force");
    }
    let factor = inclusion.factor(facts, now_ms);
    if (factor - 1.0).abs() > f32::EPSILON {
        say!("\nits relevance is multiplied by {factor}");
    }
    say!(
        "\nnot decided here: limits per day, and that a channel, playlist or group is hidden when nothing of it is shown"
    );
    Ok(())
}

/// A reason with its place; for a decision with what was decided and why.
fn named(reason: &Reason, decisions: Option<&ModerationFile>) -> String {
    if &*reason.place.file != moderation::PLACE {
        return reason.to_string();
    }
    let number = reason.place.line;
    let decision = decisions.and_then(|file| {
        file.decisions.iter().find(|decision| usize::try_from(decision.id).is_ok_and(|id| id == number))
    });
    match decision {
        Some(decision) => format!(
            "decision {number} of {:.0}, {}: {} ({})",
            decision.at, decision.target, decision.reason, reason.rule
        ),
        None => format!("the lists: its instance left them ({})", reason.rule),
    }
}

fn print_json(facts: &Facts, inclusion: &Inclusion) -> anyhow::Result<()> {
    let now_ms = Timestamp::now().as_millisecond();
    let reason = |reason: &Reason| {
        let place = &reason.place;
        json!({ "file": &*place.file, "line": place.line, "rule": reason.rule })
    };
    let layers = inclusion.explain(facts, now_ms);
    let rows: Vec<_> = layers
        .iter()
        .map(|layer| {
            json!({
                "file": &*layer.layer,
                "hiddenBy": layer.hidden_by.iter().map(reason).collect::<Vec<_>>(),
                "shownBy": layer.shown_by.iter().map(reason).collect::<Vec<_>>(),
            })
        })
        .collect();
    let value = json!({
        "key": facts.key,
        "kind": facts.kind.as_str(),
        "title": facts.title,
        "shown": layers.iter().all(|layer| layer.hidden_by.is_empty()),
        "decidedBy": layers.iter().flat_map(|layer| &layer.hidden_by).next().map(reason),
        "layers": rows,
        "factor": inclusion.factor(facts, now_ms),
    });
    say!("{}", serde_json::to_string_pretty(&value)?);
    Ok(())
}
