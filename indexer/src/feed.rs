//! Journal → live index: one thread reads, some prepare, one applies, in the order of the journal.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{panic, thread};

use journal::{Entry, Offset, Reader};

use crate::change::{Batch, prepare};
use crate::error::Error;
use crate::live::LiveIndex;

/// Entries read and prepared at once: some megabytes at most, some milliseconds of work.
const BATCH_ENTRIES: usize = 1000;

/// Changes between two commits. Queued deletions hold memory until the commit: a million of them took 1.9 GB.
const COMMIT_CHANGES: u64 = 50_000;

/// Called after each commit, with the number of entries since the one before, on any thread.
pub(crate) type AfterCommit<'a> = &'a mut (dyn FnMut(&LiveIndex, u64) -> Result<(), Error> + Send);

/// Applies the entries after the last commit until the journal has no more, or `stop` is set; then commits.
pub(crate) fn feed(
    live: &mut LiveIndex,
    reader: &Reader,
    stop: &AtomicBool,
    after_commit: AfterCommit<'_>,
) -> Result<(), Error> {
    let first = reader.read_after(live.committed(), BATCH_ENTRIES)?;
    if first.is_empty() {
        return Ok(());
    }
    if first.len() < BATCH_ENTRIES {
        let mut applier = Applier { live, after_commit, n_entries: 0, through: Offset::ZERO };
        let batch = prepare(&applier.live.fields, applier.live.inclusion(), &first)?;
        applier.apply(batch)?;
        return applier.finish();
    }
    feed_many(live, reader, stop, after_commit, first)
}

fn feed_many(
    live: &mut LiveIndex,
    reader: &Reader,
    stop: &AtomicBool,
    after_commit: AfterCommit<'_>,
    first: Vec<(Offset, Entry)>,
) -> Result<(), Error> {
    let fields = live.fields;
    let inclusion = live.inclusion().clone();
    thread::scope(|scope| {
        let mut inputs: Vec<SyncSender<Vec<(Offset, Entry)>>> = Vec::new();
        let mut outputs: Vec<Receiver<Result<Batch, Error>>> = Vec::new();
        for _ in 0..n_preparing_threads() {
            let (input, entries) = sync_channel::<Vec<(Offset, Entry)>>(1);
            let (prepared, output) = sync_channel(1);
            let inclusion = inclusion.clone();
            scope.spawn(move || {
                for batch in entries {
                    if prepared.send(prepare(&fields, &inclusion, &batch)).is_err() {
                        return;
                    }
                }
            });
            inputs.push(input);
            outputs.push(output);
        }
        let applying = scope.spawn(move || {
            let mut applier = Applier { live, after_commit, n_entries: 0, through: Offset::ZERO };
            // The batches were dealt out in turn, so they come back in order by asking in turn; the first thread
            // that has no more marks the end.
            for output in outputs.iter().cycle() {
                let Ok(batch) = output.recv() else { break };
                applier.apply(batch?)?;
            }
            applier.finish()
        });
        let read = deal(reader, stop, first, &inputs);
        drop(inputs);
        let applied = applying.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
        applied.and(read)
    })
}

fn deal(
    reader: &Reader,
    stop: &AtomicBool,
    first: Vec<(Offset, Entry)>,
    inputs: &[SyncSender<Vec<(Offset, Entry)>>],
) -> Result<(), Error> {
    let mut entries = first;
    for input in inputs.iter().cycle() {
        let Some((last, _)) = entries.last() else { break };
        let last = *last;
        // The other side is gone when applying failed; its error is the one to tell.
        if input.send(entries).is_err() || stop.load(Ordering::Relaxed) {
            break;
        }
        entries = reader.read_after(last, BATCH_ENTRIES)?;
    }
    Ok(())
}

struct Applier<'a> {
    live: &'a mut LiveIndex,
    after_commit: AfterCommit<'a>,
    n_entries: u64,
    through: Offset,
}

impl Applier<'_> {
    fn apply(&mut self, batch: Batch) -> Result<(), Error> {
        self.n_entries += batch.n_entries;
        self.through = batch.through;
        self.live.apply(batch)?;
        if self.live.n_uncommitted() >= COMMIT_CHANGES { self.commit() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.n_entries > 0 { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.live.commit(self.through)?;
        let n_entries = std::mem::take(&mut self.n_entries);
        (self.after_commit)(self.live, n_entries)
    }
}

/// One for each core, since reading and writing wait a part of their time; more than four would only hold memory.
fn n_preparing_threads() -> usize {
    thread::available_parallelism().map_or(2, NonZeroUsize::get).clamp(1, 4)
}
