//! How many documents of each kind a generation holds of each host.

use std::collections::BTreeMap;

use indexer::snapshot::Snapshot;
use tantivy::schema::Field;
use tantivy::{Searcher, SegmentReader};

use crate::error::Error;

/// Documents of one host by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindCounts {
    /// Videos.
    pub videos: u64,
    /// Channels.
    pub channels: u64,
    /// Playlists.
    pub playlists: u64,
}

impl KindCounts {
    /// Documents of all kinds.
    pub fn total(&self) -> u64 {
        self.videos + self.channels + self.playlists
    }
}

/// Counts by host, in its canonical text. A host without a living document is not in it.
pub type HostCounts = BTreeMap<String, KindCounts>;

/// Counts the living documents of each host.
///
/// The dictionary of hosts says how many documents have each; only deleted documents are looked at one by one.
///
/// # Errors
/// [`Error::Engine`] when the files cannot be read.
pub fn count_hosts(snapshot: &Snapshot) -> Result<HostCounts, Error> {
    let mut counts = HostCounts::new();
    let kinds: [(&Searcher, Field, Slot); 3] = [
        (&snapshot.videos, snapshot.video_fields.host, |counts| &mut counts.videos),
        (&snapshot.channels, snapshot.channel_fields.host, |counts| &mut counts.channels),
        (&snapshot.playlists, snapshot.playlist_fields.host, |counts| &mut counts.playlists),
    ];
    for (searcher, host, slot) in kinds {
        for segment in searcher.segment_readers() {
            add_segment(&mut counts, segment, host, slot)
                .map_err(|source| Error::Engine { generation: snapshot.manifest.generation, source })?;
        }
    }
    counts.retain(|_, counts| counts.total() > 0);
    Ok(counts)
}

/// Which count is meant.
type Slot = fn(&mut KindCounts) -> &mut u64;

fn add_segment(counts: &mut HostCounts, segment: &SegmentReader, host: Field, slot: Slot) -> tantivy::Result<()> {
    let index = segment.inverted_index(host)?;
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        let name = String::from_utf8_lossy(terms.key()).into_owned();
        *slot(counts.entry(name).or_default()) += u64::from(terms.value().doc_freq);
    }
    let (Some(alive), Some(column)) = (segment.alive_bitset(), segment.fast_fields().str("host")?) else {
        return Ok(());
    };
    let mut dead: BTreeMap<u64, u64> = BTreeMap::new();
    for doc in (0..segment.max_doc()).filter(|doc| alive.is_deleted(*doc)) {
        if let Some(ord) = column.ords().first(doc) {
            *dead.entry(ord).or_default() += 1;
        }
    }
    for (ord, n_dead) in dead {
        let mut name = String::new();
        if column.ord_to_str(ord, &mut name)? {
            let count = slot(counts.entry(name).or_default());
            *count = count.saturating_sub(n_dead);
        }
    }
    Ok(())
}
