//! Removing from the journal what moderators purged: by the one path of removals, tombstones, and then the rows that they
//! replace.

use std::collections::HashSet;
use std::path::Path;

use allowlist::moderation::{Decision, Target};
use allowlist::registry::Registry;
use anyhow::Context;
use jiff::Timestamp;
use journal::{Body, Entry, Kind, Reader, Record, RecordId, TombstoneReason, Writer};

/// Tombstones of one append.
const BATCH: usize = 1000;

/// Removes what the pending purges name. Returns how many records went; nothing is left pending.
///
/// What is purged must be kept out of the journal already: what comes in meanwhile would stay.
///
/// # Errors
/// When registry, journal or index directory cannot be read or written; may be called again then.
pub async fn apply(registry: &Registry, writer: &Writer, journal: &Path, index_dir: &Path) -> anyhow::Result<usize> {
    let purges = registry.pending_purges()?;
    if purges.is_empty() {
        return Ok(0);
    }
    let ids = {
        let (purges, journal) = (purges.clone(), journal.to_owned());
        tokio::task::spawn_blocking(move || find(&Reader::open(&journal)?, &purges)).await??
    };
    let now = Timestamp::now();
    let mut n_removed = 0;
    let mut last = None;
    for batch in ids.chunks(BATCH) {
        let tombstone = |id: &RecordId| {
            let body = Body::Tombstone { id: id.clone(), reason: TombstoneReason::Moderated };
            Entry { seen_at: now, body }
        };
        // Of keys that are gone already the writer leaves the tombstone out.
        let appended = writer.append(batch.iter().map(tombstone).collect()).await?;
        n_removed += appended.n_written;
        last = Some(appended.last);
    }
    if let Some(last) = last.filter(|_| n_removed > 0) {
        writer.compact(last).await.context("removing what was purged from the journal")?;
        indexer::expunge::request(index_dir, last)
            .context("asking that what was purged leaves the files of the index")?;
    }
    registry.mark_purged(&purges, n_removed, now)?;
    tracing::info!(records = n_removed, "{n_removed} records were purged from the journal");
    Ok(n_removed)
}

/// The keys of everything that the decisions are about.
fn find(reader: &Reader, purges: &[Decision]) -> anyhow::Result<Vec<RecordId>> {
    let mut ids = Vec::new();
    let mut others = HashSet::new();
    for purge in purges {
        match &purge.target {
            Target::Instance(host) => ids.extend(reader.keys_of_host(host)?),
            Target::Item(key) => ids.extend(record_id(key)),
            target => {
                others.insert(target.clone());
            }
        }
    }
    // Only then is every row looked at.
    if !others.is_empty() {
        let is_purged = |record: &Record| record.targets().iter().any(|target| others.contains(target));
        ids.extend(reader.find(is_purged)?.keys);
    }
    Ok(ids)
}

/// The record of a key as targets write it.
fn record_id(key: &str) -> Option<RecordId> {
    let mut parts = key.splitn(3, '/');
    let (kind, host, id) = (parts.next()?, parts.next()?, parts.next()?);
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
    Some(RecordId { kind, host: host.parse().ok()?, id: id.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_target_is_the_key_of_its_record() {
        for text in ["video/tube.example:8443/9c9de5e8-0a1e-484a-b099-e80766180a6d", "event/agenda.example/42"] {
            assert_eq!(record_id(text).unwrap().to_string(), text);
        }
        assert_eq!(record_id("account/tube.example/anna"), None);
    }
}
