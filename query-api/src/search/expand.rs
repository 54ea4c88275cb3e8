//! Terms of the index that may stand for a word: longer ones that begin so, and similar ones. Always bounded.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;

use super::kind::KindIndex;

/// Most terms of one segment looked at for one prefix: two letters can begin a hundred thousand.
const MAX_SCANNED: usize = 5_000;

/// Terms of one segment kept for each one wanted, where some may be those of hidden documents.
const SPARE: usize = 4;

/// Similar terms kept for one word, the most frequent ones: with one edit the word meant is among them in 99 of 100
/// cases.
const MAX_SIMILAR: usize = 10;

/// Shortest words, in characters, that one or two typing errors are forgiven in.
const ONE_EDIT_FROM: usize = 5;
const TWO_EDITS_FROM: usize = 9;

/// A term of the index with the number of documents that have it.
pub(super) struct Expansion {
    pub term: String,
    pub n_docs: u64,
    /// Edits away from the word; 0 for a longer word.
    pub edits: u8,
}

/// Whether `term` is long enough to be completed: two characters, or one of a script that writes whole words so.
pub(super) fn is_completable(term: &str) -> bool {
    term.chars().nth(1).is_some() || term.chars().next().is_some_and(|first| first >= '\u{2e80}')
}

/// The `limit` most frequent terms of `field` that begin with `prefix` and are longer. Those of hidden documents alone take
/// nobody's place.
pub(super) fn completions(
    index: &KindIndex,
    field: Field,
    prefix: &str,
    limit: usize,
) -> tantivy::Result<Vec<Expansion>> {
    let mut end = prefix.as_bytes().to_vec();
    end.push(u8::MAX);
    let mut counts: HashMap<Vec<u8>, u64> = HashMap::new();
    // Where documents are hidden the most frequent terms may be theirs, so more are kept until it is known.
    let n_kept = if index.hides() { limit * SPARE } else { limit };
    for segment in index.searcher.segment_readers() {
        let terms = segment.inverted_index(field)?;
        let mut stream = terms.terms().range().gt(prefix.as_bytes()).lt(&end).into_stream()?;
        // The most frequent ones of each segment; what is rare in all of them is rare.
        let mut most: BinaryHeap<Reverse<(u32, Vec<u8>)>> = BinaryHeap::with_capacity(limit + 1);
        let mut n_scanned = 0;
        while n_scanned < MAX_SCANNED && stream.advance() {
            n_scanned += 1;
            let n_docs = stream.value().doc_freq;
            if most.len() < n_kept || most.peek().is_some_and(|Reverse((least, _))| n_docs > *least) {
                most.push(Reverse((n_docs, stream.key().to_vec())));
                if most.len() > n_kept {
                    most.pop();
                }
            }
        }
        for Reverse((n_docs, term)) in most {
            *counts.entry(term).or_default() += u64::from(n_docs);
        }
    }
    let terms: Vec<(Vec<u8>, u64, u8)> = counts.into_iter().map(|(term, n_docs)| (term, n_docs, 0)).collect();
    // A term of hidden documents alone finds nothing; only it must not take the place of another.
    if terms.len() <= limit || !index.hides() {
        return Ok(most_frequent(terms, limit));
    }
    let mut shown = Vec::with_capacity(limit);
    for expansion in most_frequent(terms, usize::MAX) {
        if shown.len() == limit {
            break;
        }
        if index.has_shown(&Term::from_field_text(field, &expansion.term))? {
            shown.push(expansion);
        }
    }
    Ok(shown)
}

/// The most frequent terms of `field` that are one or two edits from `word`, by its length. The first character is
/// taken as meant: errors there are rare, and it makes the search sixty times cheaper. Only what may be shown is counted.
pub(super) fn similar(index: &KindIndex, field: Field, word: &str) -> tantivy::Result<Vec<Expansion>> {
    let n_chars = word.chars().count();
    let max_edits: u8 = match n_chars {
        n if n >= TWO_EDITS_FROM => 2,
        n if n >= ONE_EDIT_FROM => 1,
        _ => return Ok(Vec::new()),
    };
    let Some(first) = word.chars().next() else {
        return Ok(Vec::new());
    };
    let start = first.to_string().into_bytes();
    let mut end = start.clone();
    end.push(u8::MAX);
    let mut found: HashMap<Vec<u8>, (u64, u8)> = HashMap::new();
    for edits in 1..=max_edits {
        let query = FuzzyTermQuery::new(Term::from_field_text(field, word), edits, true);
        let mut at_this_distance: HashMap<Vec<u8>, u64> = HashMap::new();
        for segment in index.searcher.segment_readers() {
            let terms = segment.inverted_index(field)?;
            let mut stream = terms.terms().search(query.automaton()?).ge(&start).lt(&end).into_stream()?;
            while stream.advance() {
                if stream.key() != word.as_bytes() && !found.contains_key(stream.key()) {
                    *at_this_distance.entry(stream.key().to_vec()).or_default() += u64::from(stream.value().doc_freq);
                }
            }
        }
        found.extend(at_this_distance.into_iter().map(|(term, n_docs)| (term, (n_docs, edits))));
    }
    let found = found.into_iter().map(|(term, (n_docs, edits))| (term, n_docs, edits)).collect();
    // What is offered to visitors must be in something that they may see: a dictionary keeps the words of what is hidden,
    // and for a while of what was deleted.
    let mut shown: Vec<Expansion> = Vec::new();
    for mut expansion in most_frequent(found, usize::MAX) {
        if shown.len() == MAX_SIMILAR {
            break;
        }
        expansion.n_docs = index.n_living(&Term::from_field_text(field, &expansion.term))?;
        if expansion.n_docs > 0 {
            shown.push(expansion);
        }
    }
    shown.sort_by_key(|expansion| (expansion.edits, Reverse(expansion.n_docs)));
    Ok(shown)
}

/// Nearer ones first, then the more frequent, then by text, so that the choice never depends on chance.
fn most_frequent(mut terms: Vec<(Vec<u8>, u64, u8)>, limit: usize) -> Vec<Expansion> {
    terms
        .sort_unstable_by(|left, right| (left.2, Reverse(left.1), &left.0).cmp(&(right.2, Reverse(right.1), &right.0)));
    terms.truncate(limit);
    terms
        .into_iter()
        .filter_map(|(term, n_docs, edits)| Some(Expansion { term: String::from_utf8(term).ok()?, n_docs, edits }))
        .collect()
}
