//! `vigie rules preview`: what other rules would add and remove, counted over everything that the journal holds.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::thread;

use allowlist::rules::RecordKind;
use anyhow::Context;
use indexer::inclusion::{Facts, Inclusion};
use jiff::Timestamp;
use journal::{Entry, Kind, Offset, Reader};
use serde_json::json;

use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::rules;

/// Entries read and judged at once.
const BATCH_ENTRIES: usize = 2000;

/// Titles of each kind that are shown as examples.
const N_SAMPLES: usize = 5;

/// What is not counted.
const CAVEAT: &str = "each record is counted by itself: channels, playlists and groups of which nothing is left, limits per day and \
                      decisions of moderators come on top";

/// What the two rules say of the records of a kind.
#[derive(Default)]
struct Tally {
    n_records: u64,
    n_before: u64,
    n_after: u64,
    n_added: u64,
    n_removed: u64,
    /// Keys and titles.
    added: Vec<(String, String)>,
    removed: Vec<(String, String)>,
}

impl Tally {
    fn count(&mut self, facts: Facts, before: bool, after: bool) {
        self.n_records += 1;
        self.n_before += u64::from(before);
        self.n_after += u64::from(after);
        let (n, samples) = match (before, after) {
            (false, true) => (&mut self.n_added, &mut self.added),
            (true, false) => (&mut self.n_removed, &mut self.removed),
            _ => return,
        };
        *n += 1;
        if samples.len() < N_SAMPLES {
            samples.push((facts.key, facts.title));
        }
    }
}

/// Runs `vigie rules preview`.
///
/// # Errors
/// When rules or journal cannot be read.
pub fn run(config: &Config, data: &DataDir, name: &str, json: bool) -> anyhow::Result<()> {
    let (before, after) = (rules::load(config, data)?, rules::load_named(config, data, name)?);
    let reader = Reader::open(&data.journal()).context("nothing to compare yet; run `vigie crawl` first")?;
    let tallies = count(&reader, &before, &after, Timestamp::now().as_millisecond())?;
    if json {
        print_json(&before, &after, &tallies)
    } else {
        print(&after, &tallies);
        Ok(())
    }
}

/// Reads the journal once.
fn count(reader: &Reader, before: &Inclusion, after: &Inclusion, now_ms: i64) -> anyhow::Result<[Tally; 5]> {
    let newest = newest(reader)?;
    let mut tallies: [Tally; 5] = Default::default();
    let mut last = Offset::ZERO;
    loop {
        let entries = reader.read_after(last, BATCH_ENTRIES)?;
        let Some((offset, _)) = entries.last() else { return Ok(tallies) };
        last = *offset;
        let entries: Vec<Entry> =
            entries.into_iter().filter(|(offset, _)| newest.contains(offset)).map(|(_, entry)| entry).collect();
        for (facts, before, after) in judge(&entries, before, after, now_ms)? {
            let tally = RecordKind::ALL.iter().position(|kind| *kind == facts.kind).and_then(|at| tallies.get_mut(at));
            if let Some(tally) = tally {
                tally.count(facts, before, after);
            }
        }
    }
}

/// The offset of the newest row of every live record: the journal also holds what was superseded.
fn newest(reader: &Reader) -> anyhow::Result<HashSet<Offset>> {
    let mut newest = HashSet::new();
    let hosts: HashSet<_> = reader.counts()?.into_iter().map(|count| count.host).collect();
    for host in hosts {
        for kind in Kind::ALL {
            newest.extend(reader.live_ids(&host, kind)?.into_iter().map(|(_, offset)| offset));
        }
    }
    Ok(newest)
}

/// Judges entries on every core: documents are prepared as for indexing, so that what is said here is what is done there.
fn judge(
    entries: &[Entry],
    before: &Inclusion,
    after: &Inclusion,
    now_ms: i64,
) -> anyhow::Result<Vec<(Facts, bool, bool)>> {
    let n_threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).clamp(1, 8);
    let part = entries.len().div_ceil(n_threads).max(1);
    let judge_part = |entries: &[Entry]| {
        let mut judged = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(facts) = Facts::of_entry(entry)? {
                let shows = |inclusion: &Inclusion| inclusion.judge(&facts, now_ms).is_shown();
                let (before, after) = (shows(before), shows(after));
                judged.push((facts, before, after));
            }
        }
        Ok::<_, indexer::Error>(judged)
    };
    let parts: Vec<thread::Result<_>> = thread::scope(|scope| {
        let parts: Vec<_> = entries.chunks(part).map(|part| scope.spawn(move || judge_part(part))).collect();
        parts.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut all = Vec::with_capacity(entries.len());
    for part in parts {
        all.extend(part.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))?);
    }
    Ok(all)
}

fn print(after: &Inclusion, tallies: &[Tally; 5]) {
    for line in super::summary(&after.rules) {
        say!("{line}");
    }
    say!("\n{:<10} {:>10} {:>10} {:>10} {:>10} {:>10}", "", "records", "shown now", "then", "added", "removed");
    for (kind, tally) in RecordKind::ALL.iter().zip(tallies) {
        let Tally { n_records, n_before, n_after, n_added, n_removed, .. } = tally;
        say!("{:<10} {n_records:>10} {n_before:>10} {n_after:>10} {n_added:>10} {n_removed:>10}", format!("{kind}s"));
    }
    for (kind, tally) in RecordKind::ALL.iter().zip(tallies) {
        for (what, n, samples) in [("adds", tally.n_added, &tally.added), ("removes", tally.n_removed, &tally.removed)]
        {
            if n == 0 {
                continue;
            }
            say!("\n{what} {n} {kind}s, such as");
            for (key, title) in samples {
                say!("  {title}  ({key})");
            }
        }
    }
    say!("\n{CAVEAT}");
}

fn print_json(before: &Inclusion, after: &Inclusion, tallies: &[Tally; 5]) -> anyhow::Result<()> {
    let samples = |samples: &[(String, String)]| {
        samples.iter().map(|(key, title)| json!({ "key": key, "title": title })).collect::<Vec<_>>()
    };
    let mut kinds = serde_json::Map::new();
    for (kind, tally) in RecordKind::ALL.iter().zip(tallies) {
        let value = json!({
            "records": tally.n_records,
            "shownNow": tally.n_before,
            "shownThen": tally.n_after,
            "adds": tally.n_added,
            "removes": tally.n_removed,
            "added": samples(&tally.added),
            "removed": samples(&tally.removed),
        });
        kinds.insert(format!("{kind}s"), value);
    }
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let value = json!({
        "inForce": super::object(before),
        "rules": super::object(after),
        "records": sum(|tally| tally.n_records),
        "adds": sum(|tally| tally.n_added),
        "removes": sum(|tally| tally.n_removed),
        "kinds": kinds,
        "note": CAVEAT,
    });
    say!("{}", serde_json::to_string_pretty(&value)?);
    Ok(())
}
