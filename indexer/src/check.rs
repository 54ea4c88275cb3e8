//! Compares the published index with the journal: load, load, pure difference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use journal::{Body, Kind, Offset, Reader, Record};
use serde::Deserialize;
use tantivy::TantivyDocument;
use tantivy::schema::Value;
use uuid::Uuid;

use crate::change::is_shown;
use crate::document::{document_of, key_hash};
use crate::error::Error;
use crate::inclusion::Inclusion;
use crate::schema::{Fields, INDEXED_KINDS};
use crate::snapshot::Snapshot;
use crate::stored::{StoredChannel, StoredEvent, StoredGroup, StoredPlaylist, StoredVideo};

/// Entries read at once.
const BATCH_ENTRIES: usize = 1000;

/// What differs. Keys in order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// The generation that was checked.
    pub generation: u64,
    /// The journal offset it claims to reflect.
    pub journal_offset: Offset,
    /// Entries of the journal after that offset, which the index need not know.
    pub n_pending: u64,
    /// Records that the journal holds up to that offset.
    pub n_journal: u64,
    /// Documents of the index.
    pub n_index: u64,
    /// In the journal, not in the index.
    pub missing: Vec<String>,
    /// In the index, not in the journal.
    pub extra: Vec<String>,
    /// In both, with different content.
    pub stale: Vec<String>,
    /// In the index more than once.
    pub duplicate: Vec<String>,
}

impl CheckReport {
    /// Whether the index is what a rebuild would make.
    pub fn is_clean(&self) -> bool {
        [&self.missing, &self.extra, &self.stale, &self.duplicate].into_iter().all(Vec::is_empty)
    }
}

/// Compares the current generation with the journal up to its offset, by key and by content. Reads both as a whole;
/// needs no lock and disturbs nobody. Memory: about 200 bytes for each record.
///
/// # Errors
/// [`Error::Snapshot`] when there is no generation that can be read, [`Error::Journal`], [`Error::Tantivy`].
pub fn check(index_dir: &Path, reader: &Reader) -> Result<CheckReport, Error> {
    check_with(index_dir, reader, &Inclusion::everything())
}

/// As [`check`], for an index that leaves out what the rules do not show. Where rules are, each record is prepared as for indexing:
/// most of the time of a rebuild.
///
/// # Errors
/// As [`check`]; [`Error::RebuildNeeded`] when the index was made by other rules.
pub fn check_with(index_dir: &Path, reader: &Reader, inclusion: &Inclusion) -> Result<CheckReport, Error> {
    let snapshot = Snapshot::open_current(index_dir)?;
    if snapshot.manifest.rules != inclusion.rules.conditions_digest() {
        return Err(Error::RebuildNeeded {
            reason: "it was made by other inclusion rules than those in force".to_owned(),
        });
    }
    let journal = load_journal(reader, Offset(snapshot.manifest.journal_offset), &inclusion.lasting())?;
    let index = load_index(&snapshot)?;
    let report = diff(&journal, &index);
    Ok(CheckReport {
        generation: snapshot.manifest.generation,
        journal_offset: Offset(snapshot.manifest.journal_offset),
        n_pending: journal.n_pending,
        ..report
    })
}

/// What the journal says should be indexed: a hash of the stored form by key.
#[derive(Default)]
struct Expected {
    records: BTreeMap<String, u64>,
    /// Keys with entries after the offset. A compaction may have removed the entry that the index reflects.
    pending: BTreeSet<String>,
    n_pending: u64,
}

fn load_journal(reader: &Reader, through: Offset, inclusion: &Inclusion) -> Result<Expected, Error> {
    let fields = Fields::build();
    let mut expected = Expected::default();
    let mut after = Offset::ZERO;
    loop {
        let entries = reader.read_after(after, BATCH_ENTRIES)?;
        let Some((last, _)) = entries.last() else { return Ok(expected) };
        after = *last;
        for (offset, entry) in entries {
            let id = entry.id();
            if !INDEXED_KINDS.contains(&id.kind) {
                continue;
            }
            let key = id.to_string();
            if offset > through {
                expected.n_pending += 1;
                expected.pending.insert(key);
                continue;
            }
            let unreadable = |source| Error::Document { key: key.clone(), source };
            let is_left_out = !inclusion.is_everything()
                && document_of(&fields, &entry)
                    .map_err(unreadable)?
                    .is_some_and(|document| !is_shown(&fields, inclusion, &entry, &document));
            let record = match entry.body {
                Body::Record(record) if !is_left_out => record,
                _ => {
                    expected.records.remove(&key);
                    continue;
                }
            };
            let json = match record {
                Record::Video(video) => serde_json::to_vec(&StoredVideo::from(&*video)),
                Record::Channel(channel) => serde_json::to_vec(&StoredChannel::from(&*channel)),
                Record::Playlist(playlist) => serde_json::to_vec(&StoredPlaylist::from(&*playlist)),
                Record::Event(event) => serde_json::to_vec(&StoredEvent::new(&event, entry.seen_at)),
                Record::Group(group) => serde_json::to_vec(&StoredGroup::from(&*group)),
            };
            let json = json.map_err(|source| Error::Document { key: key.clone(), source })?;
            expected.records.insert(key, content_hash(&json));
        }
    }
}

/// The key of a stored document. Only the parts that make it are read, so that it can be told of whatever else is in it.
fn stored_key(kind: Kind, json: &[u8]) -> String {
    let parts = match kind {
        Kind::Video | Kind::Playlist => {
            serde_json::from_slice::<StoredUuid>(json).map(|stored| (stored.host, stored.uuid.hyphenated().to_string()))
        }
        Kind::Channel => {
            serde_json::from_slice::<StoredChannelName>(json).map(|stored| (stored.host, stored.channel.name))
        }
        Kind::Event => serde_json::from_slice::<StoredOriginId>(json).map(|stored| (stored.host, stored.origin_id)),
        Kind::Group => serde_json::from_slice::<StoredGroupName>(json).map(|stored| (stored.host, stored.group.name)),
    };
    match parts {
        Ok((host, id)) => format!("{kind}/{host}/{}", id.to_lowercase()),
        // A document that cannot be read is told of as one that the journal does not know.
        Err(error) => format!("{kind}/? ({error})"),
    }
}

/// A video or a playlist.
#[derive(Deserialize)]
struct StoredUuid {
    #[serde(rename = "h")]
    host: String,
    #[serde(rename = "u")]
    uuid: Uuid,
}

#[derive(Deserialize)]
struct StoredChannelName {
    #[serde(rename = "h")]
    host: String,
    #[serde(rename = "ch")]
    channel: StoredName,
}

/// An event.
#[derive(Deserialize)]
struct StoredOriginId {
    #[serde(rename = "h")]
    host: String,
    #[serde(rename = "i")]
    origin_id: String,
}

#[derive(Deserialize)]
struct StoredGroupName {
    #[serde(rename = "h")]
    host: String,
    #[serde(rename = "g")]
    group: StoredName,
}

/// The part of an actor that makes a key.
#[derive(Deserialize)]
struct StoredName {
    #[serde(rename = "n")]
    name: String,
}

fn load_index(snapshot: &Snapshot) -> Result<Vec<(String, u64)>, Error> {
    let read = "reading the stored documents";
    let mut documents = Vec::new();
    let parts = [
        (Kind::Video, &snapshot.videos, snapshot.video_fields.doc),
        (Kind::Channel, &snapshot.channels, snapshot.channel_fields.doc),
        (Kind::Playlist, &snapshot.playlists, snapshot.playlist_fields.doc),
        (Kind::Event, &snapshot.events, snapshot.event_fields.doc),
        (Kind::Group, &snapshot.groups, snapshot.group_fields.doc),
    ];
    for (kind, searcher, field) in parts {
        for segment in searcher.segment_readers() {
            let store = segment.get_store_reader(1).map_err(Error::tantivy(read))?;
            for document in store.iter::<TantivyDocument>(segment.alive_bitset()) {
                let document = document.map_err(Error::tantivy(read))?;
                let json = document.get_first(field).and_then(|value| value.as_bytes()).unwrap_or_default();
                documents.push((stored_key(kind, json), content_hash(json)));
            }
        }
    }
    Ok(documents)
}

fn diff(expected: &Expected, index: &[(String, u64)]) -> CheckReport {
    let mut report =
        CheckReport { n_journal: expected.records.len() as u64, n_index: index.len() as u64, ..CheckReport::default() };
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, hash) in index {
        if found.insert(key, *hash).is_some() {
            report.duplicate.push(key.clone());
        }
    }
    for (key, hash) in &expected.records {
        match found.remove(key.as_str()) {
            None => report.missing.push(key.clone()),
            Some(other) if other != *hash => report.stale.push(key.clone()),
            Some(_) => {}
        }
    }
    let unknown = found.into_keys().filter(|key| !expected.pending.contains(*key));
    report.extra = unknown.map(str::to_owned).collect();
    report.duplicate.sort_unstable();
    report
}

/// The same function as for keys: it finds accidents, it does not stand against intent.
fn content_hash(json: &[u8]) -> u64 {
    json.iter().fold(key_hash(""), |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(records: &[(&str, u64)], pending: &[&str]) -> Expected {
        Expected {
            records: records.iter().map(|(key, hash)| ((*key).to_owned(), *hash)).collect(),
            pending: pending.iter().map(|key| (*key).to_owned()).collect(),
            n_pending: pending.len() as u64,
        }
    }

    fn index(documents: &[(&str, u64)]) -> Vec<(String, u64)> {
        documents.iter().map(|(key, hash)| ((*key).to_owned(), *hash)).collect()
    }

    #[test]
    fn every_kind_of_difference_is_told() {
        let journal = expected(&[("a", 1), ("b", 2), ("c", 3), ("e", 5)], &["f"]);
        let report = diff(&journal, &index(&[("a", 1), ("c", 4), ("d", 9), ("e", 5), ("e", 5), ("f", 6)]));
        assert_eq!(report.missing, ["b"]);
        assert_eq!(report.stale, ["c"]);
        assert_eq!(report.extra, ["d"]);
        assert_eq!(report.duplicate, ["e"]);
        assert!(!report.is_clean());
    }

    #[test]
    fn the_same_is_clean() {
        assert!(diff(&expected(&[("a", 1)], &[]), &index(&[("a", 1)])).is_clean());
    }
}
