//! The most frequent terms of one field of one segment: a letter or two can begin a hundred thousand terms, and only the
//! frequent ones are worth suggesting or counting first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::SegmentReader;
use tantivy::schema::Field;

/// Terms kept of one segment.
const MAX_KEPT: usize = 8192;

/// Longest term kept, in bytes: nobody is helped by a longer one.
const MAX_TERM_BYTES: usize = 64;

/// Terms looked at for one beginning that no frequent term has.
const MAX_SCANNED: usize = 2_000;

/// Terms by falling number of documents, deleted ones included.
#[derive(Debug, Default)]
pub(super) struct FrequentTerms {
    terms: Vec<(Box<str>, u32)>,
}

impl FrequentTerms {
    /// Reads the whole dictionary of the field once: about 50 ms for half a million terms.
    pub fn of(reader: &SegmentReader, field: Field) -> tantivy::Result<Self> {
        let index = reader.inverted_index(field)?;
        let mut stream = index.terms().stream()?;
        let mut most: BinaryHeap<Reverse<(u32, Reverse<Box<str>>)>> = BinaryHeap::new();
        while stream.advance() {
            let n_docs = stream.value().doc_freq;
            let is_wanted = most.len() < MAX_KEPT || most.peek().is_some_and(|Reverse((least, _))| n_docs > *least);
            if is_wanted
                && stream.key().len() <= MAX_TERM_BYTES
                && let Ok(term) = std::str::from_utf8(stream.key())
            {
                most.push(Reverse((n_docs, Reverse(term.into()))));
                if most.len() > MAX_KEPT {
                    most.pop();
                }
            }
        }
        // A heap of reversed values gives the greatest last, so sorted it begins with the greatest.
        let terms = most.into_sorted_vec().into_iter().map(|Reverse((n_docs, Reverse(term)))| (term, n_docs)).collect();
        Ok(Self { terms })
    }

    /// Those that `accept`, the most frequent first.
    pub fn filter(&self, accept: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, u32)> {
        self.terms.iter().filter(move |(term, _)| accept(term)).map(|(term, n_docs)| (&**term, *n_docs))
    }
}

/// The `limit` most frequent terms of a field that begin with `prefix`, itself included, and that `is_shown` accepts: all that
/// are frequent, and of the rare ones the first of the alphabet, when the frequent ones are fewer.
pub(super) fn beginning_with(
    reader: &SegmentReader,
    field: Field,
    frequent: &FrequentTerms,
    prefix: &str,
    limit: usize,
    is_shown: impl Fn(&str) -> tantivy::Result<bool>,
) -> tantivy::Result<Vec<(String, u32)>> {
    let mut found: Vec<(String, u32)> = Vec::new();
    for (term, n_docs) in frequent.filter(|term| term.starts_with(prefix)) {
        if found.len() == limit {
            break;
        }
        if is_shown(term)? {
            found.push((term.to_owned(), n_docs));
        }
    }
    if found.len() >= limit || prefix.is_empty() {
        return Ok(found);
    }
    let mut end = prefix.as_bytes().to_vec();
    end.push(u8::MAX);
    let index = reader.inverted_index(field)?;
    let mut stream = index.terms().range().ge(prefix.as_bytes()).lt(&end).into_stream()?;
    let mut n_scanned = 0;
    let mut rare: Vec<(String, u32)> = Vec::new();
    while n_scanned < MAX_SCANNED && stream.advance() {
        n_scanned += 1;
        if let Ok(term) = std::str::from_utf8(stream.key())
            && !found.iter().any(|(known, _)| known == term)
            && is_shown(term)?
        {
            rare.push((term.to_owned(), stream.value().doc_freq));
        }
    }
    rare.sort_unstable_by(|left, right| (Reverse(left.1), &left.0).cmp(&(Reverse(right.1), &right.0)));
    found.extend(rare.into_iter().take(limit - found.len()));
    Ok(found)
}
