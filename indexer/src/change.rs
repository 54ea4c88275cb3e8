//! Journal entries to what they change in the index.

use std::collections::HashSet;

use journal::{Entry, Kind, Offset, RecordId};
use tantivy::TantivyDocument;

use crate::document::document_of;
use crate::error::Error;
use crate::inclusion::{Facts, Inclusion};
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
/// Only the last of several entries of a key counts. Entries of kinds that are not indexed change nothing. A record that the rules
/// do not show becomes a removal: it may have been shown before it was edited.
pub(crate) fn prepare(fields: &Fields, inclusion: &Inclusion, entries: &[(Offset, Entry)]) -> Result<Batch, Error> {
    let mut seen: HashSet<RecordId> = HashSet::with_capacity(entries.len());
    let mut changes = Vec::with_capacity(entries.len());
    for (_, entry) in entries.iter().rev() {
        let id = entry.id();
        if seen.contains(&id) {
            continue;
        }
        if INDEXED_KINDS.contains(&id.kind) {
            let key = id.to_string();
            let document = document_of(fields, entry).map_err(|source| Error::Document { key: key.clone(), source })?;
            let document = document.filter(|document| is_shown(fields, inclusion, entry, document));
            changes.push(Change { kind: id.kind, key, document });
        }
        seen.insert(id);
    }
    changes.reverse();
    let through = entries.last().map_or(Offset::ZERO, |(offset, _)| *offset);
    Ok(Batch { changes, n_entries: entries.len() as u64, through })
}

/// Whether the rules show the document of an entry. Ages count from when it was seen, so that indexing it again decides the same;
/// what grows too old later is left out where it is read.
pub(crate) fn is_shown(fields: &Fields, inclusion: &Inclusion, entry: &Entry, document: &TantivyDocument) -> bool {
    inclusion.is_everything() || {
        let facts = Facts::of(entry.id().kind, fields, document);
        inclusion.judge(&facts, entry.seen_at.as_millisecond()).is_shown()
    }
}
