//! How many documents of each kind a generation holds of each host.

use std::collections::BTreeMap;

use allowlist::SourceKind;
use allowlist::rules::RecordKind;
use indexer::snapshot::Snapshot;
use tantivy::schema::Field;
use tantivy::{Searcher, SegmentReader};

use crate::error::Error;
use crate::search::SearchIndex;

/// Documents of one host by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindCounts {
    /// Videos.
    pub videos: u64,
    /// Channels.
    pub channels: u64,
    /// Playlists.
    pub playlists: u64,
    /// Events.
    pub events: u64,
    /// Groups.
    pub groups: u64,
}

impl KindCounts {
    /// Documents of all kinds.
    pub fn total(&self) -> u64 {
        self.videos + self.channels + self.playlists + self.events + self.groups
    }

    /// The software that such documents are of, where nothing else is known of the host: what has no video, but events or
    /// groups, counts as Mobilizon.
    pub fn likely_kind(&self) -> SourceKind {
        let has_videos = self.videos + self.channels + self.playlists > 0;
        if !has_videos && self.events + self.groups > 0 { SourceKind::Mobilizon } else { SourceKind::PeerTube }
    }
}

/// Counts by host, in its canonical text. A host without any counted document is not in it.
pub type HostCounts = BTreeMap<String, KindCounts>;

/// Counts the living documents of each host, whether they may be shown or not.
///
/// # Errors
/// [`Error::Engine`] when the files cannot be read.
pub fn count_hosts(snapshot: &Snapshot) -> Result<HostCounts, Error> {
    let mut counts = HostCounts::new();
    let kinds: [(&Searcher, Field, Slot); 5] = [
        (&snapshot.videos, snapshot.video_fields.host, |counts| &mut counts.videos),
        (&snapshot.channels, snapshot.channel_fields.host, |counts| &mut counts.channels),
        (&snapshot.playlists, snapshot.playlist_fields.host, |counts| &mut counts.playlists),
        (&snapshot.events, snapshot.event_fields.host, |counts| &mut counts.events),
        (&snapshot.groups, snapshot.group_fields.host, |counts| &mut counts.groups),
    ];
    for (searcher, host, slot) in kinds {
        for segment in searcher.segment_readers() {
            let is_counted = |doc| !segment.alive_bitset().is_some_and(|alive| alive.is_deleted(doc));
            let is_counted: Option<&dyn Fn(u32) -> bool> = if segment.has_deletes() { Some(&is_counted) } else { None };
            add_segment(&mut counts, segment, host, slot, is_counted)
                .map_err(|source| Error::Engine { generation: snapshot.manifest.generation, source })?;
        }
    }
    counts.retain(|_, counts| counts.total() > 0);
    Ok(counts)
}

/// Counts the documents of each host that may be shown.
///
/// # Errors
/// [`Error::Engine`] when the files cannot be read.
pub fn count_shown_hosts(index: &SearchIndex) -> Result<HostCounts, Error> {
    let snapshot = index.snapshot();
    let mut counts = HostCounts::new();
    let kinds: [(RecordKind, Field, Slot); 5] = [
        (RecordKind::Video, snapshot.video_fields.host, |counts| &mut counts.videos),
        (RecordKind::Channel, snapshot.channel_fields.host, |counts| &mut counts.channels),
        (RecordKind::Playlist, snapshot.playlist_fields.host, |counts| &mut counts.playlists),
        (RecordKind::Event, snapshot.event_fields.host, |counts| &mut counts.events),
        (RecordKind::Group, snapshot.group_fields.host, |counts| &mut counts.groups),
    ];
    for (kind, host, slot) in kinds {
        index.for_each_segment(kind, |segment, is_shown| add_segment(&mut counts, segment, host, slot, is_shown))?;
    }
    counts.retain(|_, counts| counts.total() > 0);
    Ok(counts)
}

/// Which count is meant.
type Slot = fn(&mut KindCounts) -> &mut u64;

/// The dictionary of hosts says how many documents have each; only those that do not count are looked at one by one.
fn add_segment(
    counts: &mut HostCounts,
    segment: &SegmentReader,
    host: Field,
    slot: Slot,
    is_counted: Option<&dyn Fn(u32) -> bool>,
) -> tantivy::Result<()> {
    let index = segment.inverted_index(host)?;
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        let name = String::from_utf8_lossy(terms.key()).into_owned();
        *slot(counts.entry(name).or_default()) += u64::from(terms.value().doc_freq);
    }
    let (Some(is_counted), Some(column)) = (is_counted, segment.fast_fields().str("host")?) else {
        return Ok(());
    };
    let mut dead: BTreeMap<u64, u64> = BTreeMap::new();
    for doc in (0..segment.max_doc()).filter(|doc| !is_counted(*doc)) {
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
