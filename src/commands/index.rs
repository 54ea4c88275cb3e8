//! `vigie index`: from the journal to a published generation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indexer::inclusion::Inclusion;
use indexer::{Indexer, Options, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use journal::Reader;

use crate::commands::service;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::{rules, rulings};

/// Keys that a check prints of each kind of difference before it only counts.
const MAX_SHOWN: usize = 20;

/// What to do with the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Apply what is new and end.
    CatchUp,
    /// Stay and follow.
    Follow,
    /// Build anew, then swap.
    Rebuild,
    /// Compare and change nothing.
    Check,
}

impl Mode {
    /// The mode that the flags name; clap lets at most one through.
    pub fn of(follow: bool, rebuild: bool, check: bool) -> Self {
        match (follow, rebuild, check) {
            (true, ..) => Self::Follow,
            (_, true, _) => Self::Rebuild,
            (.., true) => Self::Check,
            _ => Self::CatchUp,
        }
    }
}

/// Runs `vigie index`.
///
/// # Errors
/// When journal or index cannot be used, and when a check finds a difference.
pub fn run(config: &Config, mode: Mode) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    let reader = Reader::open(&data.journal()).context("nothing to index yet; run `vigie crawl` first")?;
    let inclusion = rules::load(config, &data)?;
    if mode == Mode::Check {
        return check(&data, &reader, &inclusion);
    }
    let mut indexer = Indexer::open_with(&data.index(), options(config)?, inclusion)?;
    rulings::publish(config, &data)?;
    let stop = Arc::new(AtomicBool::new(false));
    service::set_on_signal(Arc::clone(&stop))?;
    let begun = Instant::now();
    let bar = bar();
    let mut on_progress = |progress: &Progress| show(&bar, progress);
    let progress = match mode {
        Mode::Follow => {
            indexer.follow(&reader, &stop, &mut on_progress)?;
            return Ok(());
        }
        Mode::Rebuild => indexer.rebuild(&reader, &stop, &mut on_progress)?,
        Mode::CatchUp | Mode::Check => indexer.catch_up_until(&reader, &stop, &mut on_progress)?,
    };
    bar.finish_and_clear();
    if stop.load(Ordering::Relaxed) && progress.offset < progress.target {
        bail!("stopped at offset {} of {}; run it again to go on", progress.offset, progress.target);
    }
    let generation = progress.generation.map_or_else(|| "the current one".to_owned(), |number| number.to_string());
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!(
        "vigie: {} entries in {seconds:.1} s ({:.0} a second); generation {generation} stands at offset {}",
        progress.n_entries,
        progress.n_entries as f64 / seconds.max(0.001),
        progress.offset
    );
    Ok(())
}

/// The indexer's options of the configuration.
///
/// # Errors
/// When `index.commit_interval` is negative.
pub fn options(config: &Config) -> anyhow::Result<Options> {
    let commit_interval = Duration::try_from(config.index.commit_interval)
        .context("index.commit_interval must not be negative")?
        .clamp(Duration::from_millis(100), Duration::from_secs(3600));
    Ok(Options { commit_interval, ..Options::default() })
}

fn check(data: &DataDir, reader: &Reader, inclusion: &Inclusion) -> anyhow::Result<()> {
    let report = indexer::check_with(&data.index(), reader, inclusion)?;
    say!(
        "generation {} at offset {}: {} documents; the journal holds {} records, {} entries are not indexed yet",
        report.generation,
        report.journal_offset,
        report.n_index,
        report.n_journal,
        report.n_pending
    );
    for (what, keys) in [
        ("missing from the index", &report.missing),
        ("not in the journal", &report.extra),
        ("of an older state", &report.stale),
        ("twice in the index", &report.duplicate),
    ] {
        for key in keys.iter().take(MAX_SHOWN) {
            say!("{what}: {key}");
        }
        if keys.len() > MAX_SHOWN {
            say!("{what}: {} more", keys.len() - MAX_SHOWN);
        }
    }
    if !report.is_clean() {
        bail!("the index differs from the journal: run `vigie index --rebuild`");
    }
    say!("the index says what the journal says");
    Ok(())
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} entries, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.target.0);
    bar.set_position(progress.offset.0);
    tracing::debug!(
        journal.offset = progress.offset.0,
        generation = progress.generation,
        "indexed up to offset {}",
        progress.offset
    );
}
