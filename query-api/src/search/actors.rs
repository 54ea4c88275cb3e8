//! Who events name as their group or as who made them.

use std::cmp::Reverse;

use indexer::stored::StoredEvent;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::SearchIndex;
use super::segment::Segment;
use crate::error::Error;

/// Most events read for one actor: what the latest ones do not say is not known.
const MAX_READ: usize = 16;

impl SearchIndex {
    /// Events of `host` itself that belong to the group `handle` (`name@host`, which may be of another host), or that it made
    /// as a person or service: those that start last, sixteen at most.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub fn find_events_naming(&self, handle: &str, host: &str) -> Result<Vec<StoredEvent>, Error> {
        let fields = &self.snapshot.event_fields;
        let host = Term::from_field_text(fields.host, host);
        let mut found = Vec::new();
        for segment in &self.events.segments {
            for field in [fields.group_handle, fields.account] {
                let actor = Term::from_field_text(field, handle);
                let docs = segment.docs_of_both(&actor, &host).map_err(|source| self.events.engine(source))?;
                found.extend(docs.into_iter().map(|doc| (Reverse(segment.date_ms(doc)), segment.ord, doc)));
            }
            // The group and who made it may be the same.
            found.sort_unstable();
            found.dedup();
            found.truncate(MAX_READ);
        }
        found.into_iter().map(|(_, segment, doc)| self.events.read(segment, doc)).collect()
    }
}

impl Segment {
    /// The living documents of both terms. The longer list is skipped through, not read.
    fn docs_of_both(&self, first: &Term, second: &Term) -> tantivy::Result<Vec<u32>> {
        let postings = |term: &Term| {
            let index = self.reader.inverted_index(term.field())?;
            Ok::<_, tantivy::TantivyError>(index.read_postings(term, IndexRecordOption::Basic)?)
        };
        let (Some(mut first), Some(mut second)) = (postings(first)?, postings(second)?) else {
            return Ok(Vec::new());
        };
        let mut docs = Vec::new();
        let mut doc = first.doc();
        while doc != TERMINATED {
            let other = if second.doc() < doc { second.seek(doc) } else { second.doc() };
            doc = if other == doc {
                docs.push(doc);
                first.advance()
            } else {
                first.seek(other)
            };
        }
        docs.retain(|doc| self.is_alive(*doc));
        Ok(docs)
    }
}
