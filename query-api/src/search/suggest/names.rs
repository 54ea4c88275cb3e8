//! Documents of one kind by what their title begins with or contains, the best known first.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

use super::frequent::{FrequentTerms, beginning_with};
use crate::search::bits::Bits;
use crate::search::segment::Segment;
use crate::search::shown::Shown;

/// When one document in this many begins with a text, the best known ones are found sooner among the best known of all.
const FREQUENT: usize = 64;

/// Terms that the last, unfinished word of a text may stand for.
const MAX_COMPLETIONS: usize = 40;

/// A seek in a posting list costs as much as reading so many postings.
const SEEK_COST: usize = 16;

/// A document that may be suggested. Greater is better: more fame, then the smaller hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    pub fame: u64,
    pub hash: Reverse<u64>,
    pub segment: u32,
    pub doc: u32,
}

/// The best known documents of a kind, each title of a segment once: a title that was uploaded a thousand times must not
/// fill the list.
#[derive(Default)]
pub(super) struct BestKnown {
    best: BTreeSet<(Known, Option<u64>)>,
    by_name: HashMap<(u32, u64), Known>,
}

impl BestKnown {
    /// Documents kept.
    const N_KEPT: usize = 64;

    /// Whether a document of this fame may be among the best.
    #[inline]
    fn admits(&self, fame: u64) -> bool {
        self.best.len() < Self::N_KEPT || self.best.first().is_none_or(|(least, _)| fame >= least.fame)
    }

    fn push(&mut self, known: Known, name: Option<u64>) {
        if let Some(name) = name {
            let same = self.by_name.get(&(known.segment, name)).copied();
            if same.is_some_and(|same| same >= known) {
                return;
            }
            if let Some(same) = same {
                self.best.remove(&(same, Some(name)));
            }
            self.by_name.insert((known.segment, name), known);
        }
        self.best.insert((known, name));
        if self.best.len() > Self::N_KEPT
            && let Some((least, Some(name))) = self.best.pop_first()
        {
            self.by_name.remove(&(least.segment, name));
        }
    }

    /// The best first, with the number of their title in their segment.
    pub fn into_sorted(self) -> impl Iterator<Item = (Known, Option<u64>)> {
        self.best.into_iter().rev()
    }
}

/// The words of a text, folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Finished words.
    pub whole: Vec<String>,
    /// The word being typed.
    pub last: Option<String>,
}

/// One segment of one kind, with what suggestions need of it.
pub(super) struct NamedSegment {
    pub reader: SegmentReader,
    pub ord: u32,
    title: Field,
    names: Option<StrColumn>,
    fame: Column<u64>,
    hashes: Column<u64>,
    hidden_unless: Option<Term>,
    /// What rules and decisions leave; `None` where that is every living document.
    ruled: Option<Arc<Shown>>,
    shown: OnceLock<Bits>,
    title_terms: OnceLock<Arc<FrequentTerms>>,
    by_name: OnceLock<Arc<[u32]>>,
    by_fame: OnceLock<Arc<[u32]>>,
}

impl NamedSegment {
    /// `fame` is the column that says how well known a document is; documents without the term `hidden_unless` are never
    /// shown.
    pub fn open(segment: &Segment, title: Field, fame: &str, hidden_unless: Option<Term>) -> tantivy::Result<Self> {
        let columns = segment.reader.fast_fields();
        Ok(Self {
            ord: segment.ord,
            ruled: segment.shown().map(Arc::clone),
            title,
            names: columns.str("name_key")?,
            fame: columns.u64(fame)?,
            hashes: columns.u64("key_hash")?,
            hidden_unless,
            shown: OnceLock::new(),
            title_terms: OnceLock::new(),
            by_name: OnceLock::new(),
            by_fame: OnceLock::new(),
            reader: segment.reader.clone(),
        })
    }

    pub fn id(&self) -> SegmentId {
        self.reader.segment_id()
    }

    /// Takes over what an earlier generation knew of the same segment; deletes change neither dictionary nor orders.
    pub fn inherit(&self, other: &Self) {
        for (own, others) in [(&self.by_name, &other.by_name), (&self.by_fame, &other.by_fame)] {
            if let Some(order) = others.get() {
                let _ = own.set(Arc::clone(order));
            }
        }
        if let Some(terms) = other.title_terms.get() {
            // What was built meanwhile is the same.
            let _ = self.title_terms.set(Arc::clone(terms));
        }
    }

    /// Living documents that may be shown to anyone.
    pub fn shown(&self) -> tantivy::Result<&Bits> {
        if let Some(shown) = self.shown.get() {
            return Ok(shown);
        }
        let mut shown = match &self.hidden_unless {
            Some(term) => self.union([term])?,
            None => Bits::all(self.reader.max_doc()),
        };
        if let Some(ruled) = &self.ruled {
            shown.intersect(&ruled.bits);
        } else if let Some(alive) = self.reader.alive_bitset() {
            let mut living = Bits::none(self.reader.max_doc());
            alive.iter_alive().for_each(|doc| living.insert(doc));
            shown.intersect(&living);
        }
        Ok(self.shown.get_or_init(|| shown))
    }

    pub fn title_terms(&self) -> tantivy::Result<&FrequentTerms> {
        if self.title_terms.get().is_none() {
            let terms = Arc::new(FrequentTerms::of(&self.reader, self.title)?);
            // Another thread may have been quicker, with the same result.
            let _ = self.title_terms.set(terms);
        }
        Ok(self.title_terms.get_or_init(Arc::default))
    }

    /// Pushes the documents whose folded title begins with `prefix`.
    pub fn push_beginning_with(&self, prefix: &str, best: &mut BestKnown) -> tantivy::Result<()> {
        let Some(names) = &self.names else {
            return Ok(());
        };
        let mut end = prefix.as_bytes().to_vec();
        end.push(u8::MAX);
        let bounds = (Bound::Included(prefix.as_bytes()), Bound::Excluded(end.as_slice()));
        let (Bound::Included(first), Bound::Excluded(after)) =
            names.dictionary().term_bounds_to_ord(bounds.0, bounds.1)?
        else {
            return Ok(());
        };
        if first >= after {
            return Ok(());
        }
        let shown = self.shown()?;
        let by_name = self.by_name();
        let ord = |doc: &u32| names.ords().first(*doc).unwrap_or(u64::MAX);
        let from = by_name.partition_point(|doc| ord(doc) < first);
        let within = by_name.get(from..).unwrap_or_default();
        let to = within.partition_point(|doc| ord(doc) < after);
        if to * FREQUENT < by_name.len() {
            let docs = within.iter().take(to);
            docs.filter(|doc| shown.contains(**doc)).for_each(|doc| self.push(*doc, best));
            return Ok(());
        }
        for doc in self.by_fame() {
            if !best.admits(self.fame.first(*doc).unwrap_or_default()) {
                break;
            }
            if (first..after).contains(&ord(doc)) && shown.contains(*doc) {
                self.push(*doc, best);
            }
        }
        Ok(())
    }

    /// Every document, the best known first.
    pub fn by_fame(&self) -> &[u32] {
        self.by_fame.get_or_init(|| {
            let fame = |doc| (Reverse(self.fame.first(doc).unwrap_or_default()), doc);
            let mut docs: Vec<(Reverse<u64>, u32)> = (0..self.reader.max_doc()).map(fame).collect();
            docs.sort_unstable();
            docs.into_iter().map(|(_, doc)| doc).collect()
        })
    }

    /// Every document that has a name, in the order of the names: four bytes each, instead of a scan of all for each
    /// letter typed.
    pub fn by_name(&self) -> &[u32] {
        self.by_name.get_or_init(|| {
            let Some(names) = &self.names else {
                return Arc::default();
            };
            let ord = |doc| names.ords().first(doc).map(|ord| (ord, doc));
            let mut docs: Vec<(u64, u32)> = (0..self.reader.max_doc()).filter_map(ord).collect();
            docs.sort_unstable();
            docs.into_iter().map(|(_, doc)| doc).collect()
        })
    }

    /// Pushes the documents whose title has every word.
    pub fn push_with_words(&self, words: &Words, best: &mut BestKnown) -> tantivy::Result<()> {
        let mut groups: Vec<(Vec<Term>, usize)> = Vec::new();
        for word in &words.whole {
            let term = Term::from_field_text(self.title, word);
            let n_docs = self.reader.inverted_index(self.title)?.doc_freq(&term)?;
            groups.push((vec![term], n_docs as usize));
        }
        if let Some(prefix) = &words.last {
            let terms = self.beginning_with(self.title, self.title_terms()?, prefix, MAX_COMPLETIONS)?;
            let n_docs = terms.iter().map(|(_, n_docs)| *n_docs as usize).sum();
            let terms = terms.iter().map(|(term, _)| Term::from_field_text(self.title, term)).collect();
            groups.push((terms, n_docs));
        }
        // The rarest first: what follows only has to be looked up for what is left.
        groups.sort_by_key(|(_, n_docs)| *n_docs);
        let mut groups = groups.into_iter();
        let Some((rarest, n_docs)) = groups.next() else {
            return Ok(());
        };
        if n_docs == 0 {
            return Ok(());
        }
        let mut found = self.union(&rarest)?;
        found.intersect(self.shown()?);
        let mut n_left = found.count();
        for (terms, n_docs) in groups {
            if n_left == 0 {
                return Ok(());
            }
            if n_left * terms.len() * SEEK_COST < n_docs {
                found = self.seek(&found, &terms)?;
            } else {
                found.intersect(&self.union(&terms)?);
            }
            n_left = found.count();
        }
        found.iter().for_each(|doc| self.push(doc, best));
        Ok(())
    }

    /// Pushes the documents of one term.
    pub fn push_of_term(&self, term: &Term, best: &mut BestKnown) -> tantivy::Result<()> {
        let shown = self.shown()?;
        let index = self.reader.inverted_index(term.field())?;
        if let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? {
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if shown.contains(doc) {
                    self.push(doc, best);
                }
                doc = postings.advance();
            }
        }
        Ok(())
    }

    /// As [`beginning_with`] on this segment. Where documents are hidden the terms of them alone take nobody's place.
    pub fn beginning_with(
        &self,
        field: Field,
        frequent: &FrequentTerms,
        prefix: &str,
        limit: usize,
    ) -> tantivy::Result<Vec<(String, u32)>> {
        beginning_with(&self.reader, field, frequent, prefix, limit, |term| self.has_shown(field, term))
    }

    /// Whether the term stands in anything that rules leave; not asked where they leave everything.
    pub fn has_shown(&self, field: Field, term: &str) -> tantivy::Result<bool> {
        let Some(ruled) = &self.ruled else { return Ok(true) };
        let index = self.reader.inverted_index(field)?;
        let Some(mut postings) = index.read_postings(&Term::from_field_text(field, term), IndexRecordOption::Basic)?
        else {
            return Ok(false);
        };
        let mut doc = postings.doc();
        while doc != TERMINATED && !ruled.bits.contains(doc) {
            doc = postings.advance();
        }
        Ok(doc != TERMINATED)
    }

    /// How many documents that may be shown have the term, and the first of them.
    pub fn shown_with(&self, term: &Term) -> tantivy::Result<(usize, Option<u32>)> {
        let index = self.reader.inverted_index(term.field())?;
        let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else {
            return Ok((0, None));
        };
        let shown = self.shown()?;
        let (mut n_docs, mut first) = (0, None);
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if shown.contains(doc) {
                n_docs += 1;
                first = first.or(Some(doc));
            }
            doc = postings.advance();
        }
        Ok((n_docs, first))
    }

    #[inline]
    fn push(&self, doc: u32, best: &mut BestKnown) {
        let fame = self.fame.first(doc).unwrap_or_default();
        if best.admits(fame) {
            let hash = Reverse(self.hashes.first(doc).unwrap_or_default());
            let name = self.names.as_ref().and_then(|names| names.ords().first(doc));
            best.push(Known { fame, hash, segment: self.ord, doc }, name);
        }
    }

    fn union<'a>(&self, terms: impl IntoIterator<Item = &'a Term>) -> tantivy::Result<Bits> {
        let mut bits = Bits::none(self.reader.max_doc());
        for term in terms {
            let index = self.reader.inverted_index(term.field())?;
            if let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? {
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    bits.insert(doc);
                    doc = postings.advance();
                }
            }
        }
        Ok(bits)
    }

    /// The documents of `among` that have one of the terms.
    fn seek(&self, among: &Bits, terms: &[Term]) -> tantivy::Result<Bits> {
        let mut found = Bits::none(self.reader.max_doc());
        for term in terms {
            let index = self.reader.inverted_index(term.field())?;
            let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else {
                continue;
            };
            for doc in among.iter() {
                if postings.doc() < doc {
                    postings.seek(doc);
                }
                match postings.doc() {
                    TERMINATED => break,
                    at if at == doc => found.insert(doc),
                    _ => {}
                }
            }
        }
        Ok(found)
    }
}
