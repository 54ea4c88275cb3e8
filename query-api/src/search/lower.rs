//! The words of a search as a query of the engine (docs/ranking.md).

use indexer::analysis;
use indexer::schema::UNKNOWN_LANGUAGE;
use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};

use super::expand;
use super::fields::{Completed, DESCRIPTION, KindFields, TAGS, TITLE};
use super::kind::{KindIndex, Request};
use crate::query::{Clause, DirectHit, TextQuery, Word};

/// Beyond the first 2 KiB of a description a word is found, but stuffing does not pay.
const DESCRIPTION_REST: f32 = 0.2;
/// An inflected form of the word.
const TITLE_STEM: f32 = 2.5;
const DESCRIPTION_STEM: f32 = 0.5;
/// All words side by side in the title.
const PHRASE_IN_TITLE: f32 = 3.0;
/// Each typing error.
const EDIT: f32 = 0.5;
/// Lifts the documents that have every word above those that have most of them.
const EVERY_WORD: f32 = 1000.0;

/// A word in more than this share of all documents may be missing: it says next to nothing.
const COMMON_SHARE: f64 = 0.2;
/// Below this many documents every word counts: shares of a handful mean nothing.
const COMMON_FROM_DOCS: u64 = 1000;
/// A last word in this many documents, and in this share of all, is taken as complete: completing it would cost more than
/// the word itself and move nothing on the first pages.
const COMPLETE_FROM_DOCS: u64 = 500;
const COMPLETE_SHARE: f64 = 0.002;
/// A word in fewer documents than this may be a typing error.
const KNOWN_FROM_DOCS: u64 = 3;
/// Languages whose stems are tried for one word.
const MAX_STEM_LANGUAGES: usize = 3;

/// How strictly the words are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Every word as written.
    EveryWord,
    /// Every word, with similar terms for the rare ones.
    Similar,
    /// Most of the words, with similar terms for the rare ones.
    MostWords,
}

/// Words that were also looked for in another spelling.
pub(super) type Corrections = Vec<(String, String)>;

/// Lowers the words of one search on one index.
pub(super) struct Lowering<'a> {
    pub index: &'a KindIndex,
    pub fields: &'a KindFields,
    pub text: &'a TextQuery,
    languages: Vec<String>,
}

struct Lowered {
    query: Box<dyn Query>,
    is_common: bool,
}

impl<'a> Lowering<'a> {
    pub fn new(index: &'a KindIndex, request: &Request<'_>, text: &'a TextQuery) -> Self {
        let languages = asked_languages(request.languages, request.boost_languages);
        Self { index, fields: &index.fields, text, languages }
    }

    /// What the whole text names, where this kind has such names.
    pub fn direct(&self) -> Option<Box<dyn Query>> {
        let fields = self.fields;
        match self.text.direct.as_ref()? {
            DirectHit::Id { uuid, host } => {
                let uuid = Term::from_field_text(fields.uuid?, &uuid.hyphenated().to_string());
                let mut all = vec![raw_term(uuid)];
                if let Some(host) = host {
                    all.push(raw_term(Term::from_field_text(fields.host, host)));
                }
                Some(Box::new(BooleanQuery::intersection(all)))
            }
            DirectHit::Channel { handle } => Some(raw_term(Term::from_field_text(fields.handle?, handle))),
        }
    }

    /// The words; `None` when there is none, so nothing can be found.
    pub fn words(
        &self,
        strictness: Strictness,
        corrections: &mut Corrections,
    ) -> tantivy::Result<Option<Box<dyn Query>>> {
        let mut lowered = Vec::new();
        for clause in &self.text.clauses {
            lowered.push(self.clause(clause, strictness != Strictness::EveryWord, corrections)?);
        }
        if lowered.is_empty() {
            return Ok(None);
        }
        if lowered.iter().all(|clause| clause.is_common) {
            lowered.iter_mut().for_each(|clause| clause.is_common = false);
        }
        let n_needed = lowered.iter().filter(|clause| !clause.is_common).count();
        let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        if strictness == Strictness::MostWords && n_needed >= 3 {
            let (common, needed): (Vec<Lowered>, Vec<Lowered>) =
                lowered.into_iter().partition(|clause| clause.is_common);
            let needed: Vec<Box<dyn Query>> = needed.into_iter().map(|clause| clause.query).collect();
            let every = BooleanQuery::intersection(needed.iter().map(|query| query.box_clone()).collect());
            let n_enough = n_needed - (n_needed / 4).max(1);
            parts.push((Occur::Must, Box::new(BooleanQuery::union_with_minimum_required_clauses(needed, n_enough))));
            parts.push((Occur::Should, Box::new(ConstScoreQuery::new(Box::new(every), EVERY_WORD))));
            parts.extend(common.into_iter().map(|clause| (Occur::Should, clause.query)));
        } else {
            let occur = |is_common| if is_common { Occur::Should } else { Occur::Must };
            parts.extend(lowered.into_iter().map(|clause| (occur(clause.is_common), clause.query)));
        }
        let terms: Vec<Term> = self.text.terms().map(|term| Term::from_field_text(self.fields.title, term)).collect();
        if terms.len() > 1 {
            parts.push((Occur::Should, boosted(Box::new(PhraseQuery::new(terms)), PHRASE_IN_TITLE)));
        }
        Ok(Some(Box::new(BooleanQuery::new(parts))))
    }

    /// What must not be found. It is looked up on its own: the engine's exclusion moves phrases backwards, which they
    /// do not survive (tantivy 0.27, `Exclude` calling `PhraseScorer::seek_danger`).
    pub fn excluded(&self) -> Option<Box<dyn Query>> {
        let phrases: Vec<_> = self.text.excluded.iter().map(|terms| self.phrase(terms)).collect();
        (!phrases.is_empty()).then(|| -> Box<dyn Query> { Box::new(BooleanQuery::union(phrases)) })
    }

    /// Words and phrases that must be found.
    pub fn n_words(&self) -> usize {
        self.text.clauses.len()
    }

    fn clause(&self, clause: &Clause, is_lenient: bool, corrections: &mut Corrections) -> tantivy::Result<Lowered> {
        match clause {
            Clause::Phrase(terms) => Ok(Lowered { query: self.phrase(terms), is_common: false }),
            Clause::Word(word) => self.word(word, is_lenient, corrections),
        }
    }

    fn word(&self, word: &Word, is_lenient: bool, corrections: &mut Corrections) -> tantivy::Result<Lowered> {
        let fields = self.fields;
        let n_in =
            |field: Field| self.index.n_shown_with(&Term::from_field_text(field, &word.term), COMPLETE_FROM_DOCS);
        let n_docs = n_in(fields.title)?.max(n_in(fields.description)?);
        let n_all = self.index.n_shown();
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = n_docs as f64 / n_all.max(1) as f64;

        let mut any = self.everywhere(&word.term, 1.0);
        any.extend(self.rest(&word.term));
        for stem in self.stems(word) {
            any.push(scored_term(fields.title_stem, &stem, TITLE_STEM));
            any.push(scored_term(fields.description_stem, &stem, DESCRIPTION_STEM));
            // A word that is its own stem stands in the field of words only.
            if stem != word.term {
                any.push(scored_term(fields.title, &stem, TITLE_STEM));
                any.push(scored_term(fields.description, &stem, DESCRIPTION_STEM));
            }
        }
        let is_completed = word.is_last
            && word.is_extensible()
            && expand::is_completable(&word.term)
            && (n_docs < COMPLETE_FROM_DOCS || share < COMPLETE_SHARE);
        if is_completed {
            for Completed { field, limit, score } in fields.completed.iter().copied() {
                let longer = expand::completions(self.index, field, &word.term, limit)?;
                if !longer.is_empty() {
                    let terms = longer.iter().map(|longer| Term::from_field_text(field, &longer.term));
                    any.push(Box::new(ConstScoreQuery::new(Box::new(TermSetQuery::new(terms)), score)));
                }
            }
        }
        if is_lenient && word.is_extensible() && n_docs < KNOWN_FROM_DOCS {
            let nearest = expand::similar(self.index, fields.title, &word.term)?;
            if let Some(best) = nearest.first().filter(|best| best.n_docs > n_docs) {
                let correction = (word.term.clone(), best.term.clone());
                if !corrections.contains(&correction) {
                    corrections.push(correction);
                }
            }
            for other in nearest {
                any.extend(self.everywhere(&other.term, EDIT.powi(i32::from(other.edits))));
            }
        }
        let is_common = n_all >= COMMON_FROM_DOCS && share > COMMON_SHARE;
        Ok(Lowered { query: Box::new(BooleanQuery::union(any)), is_common })
    }

    fn everywhere(&self, term: &str, factor: f32) -> Vec<Box<dyn Query>> {
        self.fields.words.iter().map(|(field, boost)| scored_term(*field, term, boost * factor)).collect()
    }

    /// The word in what follows the beginning of the description.
    fn rest(&self, term: &str) -> Option<Box<dyn Query>> {
        let rest = raw_term(Term::from_field_text(self.fields.description_rest?, term));
        Some(Box::new(ConstScoreQuery::new(rest, DESCRIPTION_REST)))
    }

    /// Terms side by side in the title or the description, or one whole tag. A single term is just itself.
    fn phrase(&self, terms: &[String]) -> Box<dyn Query> {
        let fields = self.fields;
        if let [term] = terms {
            let mut any = self.everywhere(term, 1.0);
            any.extend(self.rest(term));
            return Box::new(BooleanQuery::union(any));
        }
        let in_field = |field: Field, boost: f32| {
            let terms = terms.iter().map(|term| Term::from_field_text(field, term)).collect();
            boosted(Box::new(PhraseQuery::new(terms)), boost)
        };
        let mut any = vec![in_field(fields.title, TITLE), in_field(fields.description, DESCRIPTION)];
        if let Some(tag) = fields.tag {
            any.push(boosted(raw_term(Term::from_field_text(tag, &terms.join(" "))), TAGS));
        }
        Box::new(BooleanQuery::union(any))
    }

    /// The different stems of a word in the languages asked for, else in those that its script makes likely.
    fn stems(&self, word: &Word) -> Vec<String> {
        let Some(written) = &word.written else {
            return Vec::new();
        };
        let mut stems: Vec<String> = Vec::new();
        for language in stem_languages(written, &self.languages) {
            if let [stem] = analysis::stems(written, language).as_slice()
                && !stems.contains(stem)
            {
                stems.push(stem.clone());
            }
        }
        stems
    }
}

/// The languages that a search names, as far as stems are looked up in them.
pub(super) fn asked_languages(filtered: &[String], boosted: &[String]) -> Vec<String> {
    let mut languages: Vec<String> = Vec::new();
    for language in filtered.iter().chain(boosted) {
        if language != UNKNOWN_LANGUAGE && !languages.contains(language) && languages.len() < MAX_STEM_LANGUAGES {
            languages.push(language.clone());
        }
    }
    languages
}

/// The languages that a word is stemmed in: those asked for, else those that its script makes likely.
pub(super) fn stem_languages<'a>(written: &str, asked: &'a [String]) -> Vec<&'a str> {
    if !asked.is_empty() {
        return asked.iter().map(String::as_str).collect();
    }
    match written.chars().find(|character| character.is_alphabetic()) {
        Some('\u{0400}'..='\u{04ff}') => vec!["ru"],
        Some('\u{0370}'..='\u{03ff}') => vec!["el"],
        Some('\u{0600}'..='\u{06ff}') => vec!["ar"],
        Some(character) if character < '\u{0250}' => vec!["en", "fr", "de"],
        _ => Vec::new(),
    }
}

fn scored_term(field: Field, term: &str, boost: f32) -> Box<dyn Query> {
    boosted(Box::new(TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs)), boost)
}

fn raw_term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}
