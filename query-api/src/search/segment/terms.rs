//! The documents of single terms.

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED, Term};

use super::Segment;

impl Segment {
    /// The documents of one term, hidden and deleted ones included.
    pub fn docs_of(&self, term: &Term) -> tantivy::Result<Vec<u32>> {
        let mut docs = Vec::new();
        let index = self.reader.inverted_index(term.field())?;
        if let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? {
            let mut doc = postings.doc();
            while doc != TERMINATED {
                docs.push(doc);
                doc = postings.advance();
            }
        }
        Ok(docs)
    }

    /// Documents of one term that may be shown.
    pub fn n_living(&self, term: &Term) -> tantivy::Result<u64> {
        self.n_living_up_to(term, u64::MAX)
    }

    /// As [`Self::n_living`], counted no further than `limit` where each has to be looked at.
    pub fn n_living_up_to(&self, term: &Term, limit: u64) -> tantivy::Result<u64> {
        let index = self.reader.inverted_index(term.field())?;
        if self.is_whole() {
            return Ok(u64::from(index.doc_freq(term)?));
        }
        let mut n_living = 0;
        if let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? {
            let mut doc = postings.doc();
            while doc != TERMINATED && n_living < limit {
                n_living += u64::from(self.is_alive(doc));
                doc = postings.advance();
            }
        }
        Ok(n_living)
    }

    /// Whether any document that may be shown has the term.
    pub fn has_living(&self, term: &Term) -> tantivy::Result<bool> {
        Ok(self.n_living_up_to(term, 1)? > 0)
    }

    /// Leaves those of `terms`, all of `field`, that no document has that may be shown.
    pub fn retain_missing(&self, field: Field, terms: &mut Vec<Term>) -> tantivy::Result<()> {
        let index = self.reader.inverted_index(field)?;
        let mut error = None;
        let is_living = |term: &Term| -> tantivy::Result<bool> {
            let Some(info) = index.get_term_info(term)? else {
                return Ok(false);
            };
            if self.is_whole() {
                return Ok(true);
            }
            let mut postings = index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            let mut doc = postings.doc();
            while doc != TERMINATED && !self.is_alive(doc) {
                doc = postings.advance();
            }
            Ok(doc != TERMINATED)
        };
        terms.retain(|term| {
            let living = is_living(term);
            !living.unwrap_or_else(|source| {
                error = Some(source);
                false
            })
        });
        error.map_or(Ok(()), Err)
    }
}
