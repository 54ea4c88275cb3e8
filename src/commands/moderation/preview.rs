//! `vigie moderation preview`: what a decision would hide, counted by the very code that would hide it.

use allowlist::moderation::{Action, Decision, ModerationFile, Target};
use anyhow::Context;
use indexer::Snapshot;
use indexer::inclusion::Inclusion;
use jiff::Timestamp;
use query_api::admin::Effect;
use query_api::query::{ChannelQuery, EventQuery, GroupQuery, PlaylistQuery, VideoQuery};
use query_api::search::Deadline;
use query_api::{KindTotals, Ruling, SearchIndex};

use super::decide::existing;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::{plain, say};
use crate::rules;

/// Titles shown of each kind.
const N_SAMPLES: usize = 5;

/// Prints what hiding `target` would hide of what is shown now.
///
/// # Errors
/// When no index is published yet, or it or the rules cannot be read.
pub fn run(config: &Config, data: &DataDir, target: &Target, json: bool) -> anyhow::Result<()> {
    let parts = count(config, data, target)?;
    let n_hidden: u64 = parts.iter().map(|part| part.n_hidden).sum();
    if json {
        let kinds: Vec<_> = parts
            .iter()
            .map(|part| {
                serde_json::json!({
                    "kind": part.kind, "hidden": part.n_hidden, "shown": part.n_shown, "samples": part.samples,
                })
            })
            .collect();
        let answer = serde_json::json!({ "target": target.to_string(), "hidden": n_hidden, "kinds": kinds });
        say!("{}", serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    for part in parts.iter().filter(|part| part.n_hidden > 0) {
        say!("{} of {} {} would be hidden", part.n_hidden, part.n_shown, part.kind);
        for title in &part.samples {
            say!("  {}", plain(title));
        }
    }
    if n_hidden == 0 {
        say!("nothing that is shown now would be hidden by {target}");
    }
    Ok(())
}

/// What hiding `target` would hide of what is shown now, by kind.
///
/// # Errors
/// When no index is published yet, or it or the rules cannot be read.
pub fn count(config: &Config, data: &DataDir, target: &Target) -> anyhow::Result<Vec<Effect>> {
    let index_dir = data.index();
    let snapshot = Snapshot::open_current(&index_dir).with_context(|| {
        format!("opening the index below `{}`; run `vigie up` or `vigie index` first", index_dir.display())
    })?;
    let decided = match existing(data)? {
        Some(registry) => registry.decisions_in_force()?,
        None => Vec::new(),
    };
    let rules = match rules::load_offline(config, data)? {
        Some(rules) => rules,
        None => {
            eprintln!("vigie: the rules were never fetched; counting as if there were none");
            Inclusion::everything()
        }
    };
    parts(&snapshot, &rules, decided, target)
}

fn parts(
    snapshot: &Snapshot,
    rules: &Inclusion,
    decided: Vec<Decision>,
    target: &Target,
) -> anyhow::Result<Vec<Effect>> {
    let now = Timestamp::now();
    let decision = |id| Decision {
        id,
        action: Action::Hide,
        target: target.clone(),
        reason: String::new(),
        source: None,
        at: now,
    };
    let present = rules.with(ModerationFile::new(now, decided.clone(), Vec::new()).layer())?;
    let next_id = decided.iter().map(|decision| decision.id).max().unwrap_or(0) + 1;
    let layer = ModerationFile::new(now, vec![decision(next_id)], Vec::new()).layer();
    let hidden = present.with(layer.clone())?;
    // The same the other way round: of what is shown now, only what the target names. Kinds of which it names nothing are not
    // asked for.
    let mut only = layer;
    std::mem::swap(&mut only.include, &mut only.exclude);
    let only = present.with(only)?;

    let now_shown = open(snapshot, present, None)?;
    let then_shown = open(snapshot, hidden, Some(&now_shown))?;
    let (now_totals, then_totals) = (now_shown.totals(), then_shown.totals());
    let named = open(snapshot, only, Some(&now_shown))?;
    let of = |kind, count: fn(&KindTotals) -> u64, titles: &dyn Fn() -> anyhow::Result<Vec<String>>| {
        let n_shown = count(&now_totals);
        let n_hidden = n_shown.saturating_sub(count(&then_totals));
        let samples = if n_hidden > 0 { titles()? } else { Vec::new() };
        anyhow::Ok(Effect { kind, n_hidden, n_shown, samples })
    };
    let count = N_SAMPLES;
    Ok(vec![
        of("videos", |totals| totals.videos, &|| {
            let query = VideoQuery { count, ..VideoQuery::default() };
            let page = named.search(&query, Deadline::none())?;
            Ok(page.hits.into_iter().map(|hit| hit.video.name).collect())
        })?,
        of("channels", |totals| totals.channels, &|| {
            let query = ChannelQuery { count, ..ChannelQuery::default() };
            let page = named.search_channels(&query, Deadline::none())?;
            Ok(page.hits.into_iter().map(|hit| hit.channel.actor.display_name().to_owned()).collect())
        })?,
        of("playlists", |totals| totals.playlists, &|| {
            let query = PlaylistQuery { count, ..PlaylistQuery::default() };
            let page = named.search_playlists(&query, Deadline::none())?;
            Ok(page.hits.into_iter().map(|hit| hit.playlist.display_name).collect())
        })?,
        of("events", |totals| totals.events, &|| {
            let query = EventQuery { count, ..EventQuery::default() };
            let page = named.search_events(&query, Deadline::none())?;
            Ok(page.hits.into_iter().map(|hit| hit.event.title).collect())
        })?,
        of("groups", |totals| totals.groups, &|| {
            let query = GroupQuery { count, ..GroupQuery::default() };
            let page = named.search_groups(&query, Deadline::none())?;
            Ok(page.hits.into_iter().map(|hit| hit.group.actor.display_name().to_owned()).collect())
        })?,
    ])
}

fn open(snapshot: &Snapshot, inclusion: Inclusion, previous: Option<&SearchIndex>) -> anyhow::Result<SearchIndex> {
    Ok(SearchIndex::open_ruled(snapshot.clone(), Ruling::new(inclusion), previous)?)
}
