//! `vigie moderation hide`, `downrank`, `purge` and `show`.

use std::time::{Duration, Instant};

use allowlist::moderation::{Action, Decision, Target};
use allowlist::registry::{NewDecision, Registry, RegistryError};
use anyhow::bail;
use jiff::Timestamp;
use journal::Journal;

use super::args::Decide;
use super::{is_confirmed, preview};
use crate::commands::{Unusable, service};
use crate::config::Config;
use crate::data::DataDir;
use crate::purge;

/// How long a purge waits for the crawler that runs. It looks every second; reading a journal of a million rows takes it half a
/// minute, and it goes on without us.
const PATIENCE: Duration = Duration::from_secs(15);

/// Hides something.
///
/// # Errors
/// When the registry cannot be written.
pub fn hide(data: &DataDir, asked: Decide) -> anyhow::Result<()> {
    let decision = decide(data, Action::Hide, asked)?;
    eprintln!(
        "vigie: {} is hidden by decision {}; whoever serves this index follows within seconds",
        decision.target, decision.id
    );
    Ok(())
}

/// Lets the relevance of something count a tenth.
///
/// # Errors
/// When the registry cannot be written.
pub fn downrank(data: &DataDir, asked: Decide) -> anyhow::Result<()> {
    let decision = decide(data, Action::Downrank, asked)?;
    eprintln!("vigie: {} counts a tenth in relevance by decision {}", decision.target, decision.id);
    say_what_else_holds(&Registry::open(&data.registry())?, &decision.target)
}

/// Purges something, also out of the journal of a crawl that runs.
///
/// # Errors
/// When registry or journal cannot be written, or the target is a word.
pub fn purge(config: &Config, data: &DataDir, asked: Decide, is_certain: bool) -> anyhow::Result<()> {
    if let Target::Word(word) = &asked.target {
        // Before anybody is asked whether they are sure.
        return Err(Unusable(RegistryError::WordPurge(word.clone()).to_string()).into());
    }
    if !is_certain {
        // What cannot be counted can be purged all the same.
        if let Err(error) = preview::run(config, data, &asked.target, false) {
            eprintln!("vigie: what would go cannot be shown: {error:#}");
        }
        if !is_confirmed(&format!("purge {}? What is removed is not restored", asked.target))? {
            return Ok(());
        }
    }
    let decision = decide(data, Action::Purge, asked)?;
    eprintln!("vigie: {} is hidden and kept out by decision {}", decision.target, decision.id);
    let registry = Registry::open(&data.registry())?;
    remove_records(data, &registry, &decision)?;
    if let Target::Instance(host) = &decision.target {
        eprintln!("vigie: {host} is still visited while it is listed; `vigie instances remove {host}` ends that");
    }
    Ok(())
}

/// Removes what the journal holds: here, or by the crawler that has it open.
fn remove_records(data: &DataDir, registry: &Registry, decision: &Decision) -> anyhow::Result<()> {
    if !data.journal().exists() {
        registry.mark_purged(std::slice::from_ref(decision), 0, Timestamp::now())?;
        return Ok(());
    }
    if let Some(_lock) = data.try_lock_crawler()? {
        let n_removed = service::runtime()?.block_on(async {
            let journal = Journal::open(&data.journal())?;
            purge::apply(registry, &journal.writer(), &data.journal(), &data.index()).await
        })?;
        eprintln!(
            "vigie: {n_removed} records left the journal, and leave the index when it is next brought up to date"
        );
        return Ok(());
    }
    eprintln!("vigie: a crawl runs; waiting until it has removed the records");
    let begun = Instant::now();
    while registry.pending_purges()?.iter().any(|pending| pending.id == decision.id) {
        if begun.elapsed() > PATIENCE {
            eprintln!("vigie: it is still at it; `vigie moderation log` says when it is done");
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    eprintln!("vigie: the records are gone");
    Ok(())
}

/// Takes back every decision on something.
///
/// # Errors
/// When there is none, when a purge is among them that was not asked to be lifted, or the registry cannot be written.
pub fn show(data: &DataDir, asked: &Decide, lifts_purge: bool) -> anyhow::Result<()> {
    let target = &asked.target;
    let registry = open(data)?;
    let rows = registry.decisions_on(target)?;
    if rows.is_empty() {
        bail!("showing {target}: no decision on it is in force; `vigie moderation list` has those that are");
    }
    if let Some(purge) = rows.iter().find(|row| row.decision.action == Action::Purge && !lifts_purge) {
        bail!(
            "showing {target}: it was purged by decision {}, so what is not crawled again cannot be shown; say --lift-purge to let \
             it be crawled again",
            purge.decision.id
        );
    }
    let now = Timestamp::now();
    for row in &rows {
        registry.revoke(row.decision.id, asked.author.label(), &asked.reason, now)?;
    }
    registry.publish_decisions(&data.index(), now)?;
    eprintln!("vigie: {target} is shown again, unless another decision or a rule hides it: {} taken back", rows.len());
    if rows.iter().any(|row| row.decision.action == Action::Purge) {
        eprintln!("vigie: what was purged comes back as far as instances still list it, with their next full sweep");
    }
    Ok(())
}

/// The registry of a data directory, which is made where it is missing.
///
/// # Errors
/// When it cannot be opened.
pub fn open(data: &DataDir) -> anyhow::Result<Registry> {
    data.create()?;
    Ok(Registry::open(&data.registry())?)
}

/// The registry of a data directory; `None` where nothing was ever decided.
///
/// # Errors
/// When it cannot be opened.
pub fn existing(data: &DataDir) -> anyhow::Result<Option<Registry>> {
    if !data.registry().exists() {
        return Ok(None);
    }
    Ok(Some(Registry::open(&data.registry())?))
}

fn decide(data: &DataDir, action: Action, asked: Decide) -> anyhow::Result<Decision> {
    let registry = open(data)?;
    let now = Timestamp::now();
    let author = asked.author.label().to_owned();
    let new = NewDecision { action, target: asked.target, reason: asked.reason, author, source: None };
    let decision = registry.decide(new, now)?;
    registry.publish_decisions(&data.index(), now)?;
    Ok(decision)
}

/// A list may say more than what was decided here.
fn say_what_else_holds(registry: &Registry, target: &Target) -> anyhow::Result<()> {
    for row in registry.decisions_on(target)? {
        if let (Some(source), Action::Hide | Action::Purge) = (&row.decision.source, row.decision.action) {
            let id = row.decision.id;
            eprintln!(
                "vigie: decision {id} of the list `{source}` hides it all the same; `vigie moderation show` takes both back"
            );
        }
    }
    Ok(())
}
