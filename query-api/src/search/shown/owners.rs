//! Who publishes documents, as numbers.

use std::hash::{DefaultHasher, Hash, Hasher};

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED};

use super::fields::RuleFields;
use crate::search::segment::Segment;

/// By document a hash of the handle, 0 for none: 8 bytes each, read once for a segment.
#[derive(Debug)]
pub(in crate::search) struct Owners {
    /// The channel of videos and playlists, and of channels they themselves; the group of events, and of groups they themselves.
    pub containers: Box<[u64]>,
    /// The organiser of events; empty for other kinds.
    pub organizers: Box<[u64]>,
}

impl Owners {
    pub(super) fn read(segment: &Segment, fields: &RuleFields) -> tantivy::Result<Self> {
        let container = fields.channel.or(fields.group);
        let is_event = fields.event_category.is_some();
        Ok(Self {
            containers: container.map(|field| hashes(segment, field, "container")).transpose()?.unwrap_or_default(),
            organizers: match fields.account {
                Some(field) if is_event => hashes(segment, field, "organizer")?,
                _ => Box::default(),
            },
        })
    }

    pub fn container(&self, doc: u32) -> u64 {
        self.containers.get(doc as usize).copied().unwrap_or_default()
    }

    /// Whom a limit counts for: the group, or the organiser of what is of no group; 0 for nobody.
    pub fn publisher(&self, doc: u32) -> u64 {
        match self.container(doc) {
            0 => self.organizers.get(doc as usize).copied().unwrap_or_default(),
            container => container,
        }
    }
}

fn hashes(segment: &Segment, field: Field, what: &str) -> tantivy::Result<Box<[u64]>> {
    let mut hashes = vec![0; segment.n_docs() as usize].into_boxed_slice();
    let index = segment.reader.inverted_index(field)?;
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        let mut hasher = DefaultHasher::new();
        (what, terms.key()).hash(&mut hasher);
        let hash = hasher.finish().max(1);
        let mut postings = index.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if let Some(slot) = hashes.get_mut(doc as usize) {
                *slot = hash;
            }
            doc = postings.advance();
        }
    }
    Ok(hashes)
}

impl Segment {
    /// Who publishes its documents, read when first wanted.
    pub(super) fn owners(&self, fields: &RuleFields) -> tantivy::Result<&Owners> {
        if self.owners.get().is_none() {
            // Another thread may have been quicker, with the same result.
            let _ = self.owners.set(std::sync::Arc::new(Owners::read(self, fields)?));
        }
        self.owners
            .get()
            .map(|owners| &**owners)
            .ok_or_else(|| tantivy::TantivyError::InternalError("what was read of a segment is gone".to_owned()))
    }
}
