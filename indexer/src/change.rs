//! Journal entries to what they change in the index.

use std::collections::HashSet;

use journal::{Body, Entry, Kind, Offset, Record, RecordId};
use tantivy::TantivyDocument;

use crate::document::{channel_document, event_document, group_document, playlist_document, video_document};
use crate::error::Error;
use crate::schema::{Fields, INDEXED_KINDS};

/// What the newest entry of one key makes of its document.
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    /// `None` removes it.
    pub(crate) document: Option<TantivyDocument>,
}

/// The changes of consecutive entries.
pub(crate) struct Batch {
    /// One for each key.
    pub(crate) changes: Vec<Change>,
    pub(crate) n_entries: u64,
    /// The last offset of the entries.
    pub(crate) through: Offset,
}

/// Prepares documents: stems, stored forms. Most of the work of indexing, and pure, so it runs on many threads.
///
/// Only the last of several entries of a key counts. Entries of kinds that are not indexed change nothing.
pub(crate) fn prepare(fields: &Fields, entries: &[(Offset, Entry)]) -> Result<Batch, Error> {
    let mut seen: HashSet<RecordId> = HashSet::with_capacity(entries.len());
    let mut changes = Vec::with_capacity(entries.len());
    for (_, entry) in entries.iter().rev() {
        let id = entry.id();
        if seen.contains(&id) {
            continue;
        }
        changes.extend(change(fields, entry, &id)?);
        seen.insert(id);
    }
    changes.reverse();
    let through = entries.last().map_or(Offset::ZERO, |(offset, _)| *offset);
    Ok(Batch { changes, n_entries: entries.len() as u64, through })
}

fn change(fields: &Fields, entry: &Entry, id: &RecordId) -> Result<Option<Change>, Error> {
    let key = id.to_string();
    let Entry { body, seen_at } = entry;
    let document = match body {
        Body::Record(Record::Video(video)) => Some(video_document(&fields.video, video, *seen_at)),
        Body::Record(Record::Channel(channel)) => Some(channel_document(&fields.channel, channel, *seen_at)),
        Body::Record(Record::Playlist(playlist)) => Some(playlist_document(&fields.playlist, playlist, *seen_at)),
        Body::Record(Record::Event(event)) => Some(event_document(&fields.event, event, *seen_at)),
        Body::Record(Record::Group(group)) => Some(group_document(&fields.group, group, *seen_at)),
        Body::Tombstone { .. } => None,
    };
    let document = match document.transpose() {
        Ok(document) => document,
        Err(source) => return Err(Error::Document { key, source }),
    };
    Ok(INDEXED_KINDS.contains(&id.kind).then_some(Change { kind: id.kind, key, document }))
}
