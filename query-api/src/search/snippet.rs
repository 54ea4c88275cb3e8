//! Texts with the words found marked, and excerpts around them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use indexer::analysis::{self, FoldTokenizer};
use tantivy::tokenizer::{TokenStream, Tokenizer};

use super::lower::{asked_languages, stem_languages};
use super::{SearchIndex, expand};
use crate::query::{Clause, TextQuery};

/// Length of an excerpt, in bytes.
const SNIPPET_BYTES: usize = 220;

/// What an excerpt shows before its first word, in bytes, where there is more text.
const LEAD_BYTES: usize = 60;

/// How much of a text is looked through, in bytes: PeerTube ends descriptions before it.
const SEARCHED_BYTES: usize = 32 << 10;

/// Places where an excerpt may begin. A text with more of the words is stuffed with them.
const MAX_STRETCHES: usize = 256;

/// Inflected forms are only looked for in words that begin like the stem with so many characters: others would be
/// stemmed in vain.
const SHARED_CHARS: usize = 2;

/// A piece of text, marked where it is a word that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The text, unescaped.
    pub text: String,
    /// Whether it is one of the words.
    pub is_hit: bool,
}

impl Marked {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_hit: false }
    }
}

/// Marks the words of one search: as typed, whatever their accents and case; in another inflection; as the beginning of a
/// longer word, when the last one may be unfinished; and in the spelling that was taken for them.
#[derive(Clone, Debug, Default)]
pub struct Snippets {
    /// The number of the word by its folded term.
    terms: HashMap<String, usize>,
    beginning: Option<(String, usize)>,
    stems: Vec<Stem>,
}

#[derive(Clone, Debug)]
struct Stem {
    language: String,
    stem: String,
    start: String,
    word: usize,
}

/// A place in a text with one of the words.
struct Hit {
    place: Range<usize>,
    word: usize,
}

impl SearchIndex {
    /// Prepares excerpts for the words of `text`.
    pub fn snippets(&self, text: Option<&TextQuery>) -> Snippets {
        text.map(|text| Snippets::new(text, &[], &[], &[])).unwrap_or_default()
    }
}

impl Snippets {
    /// Marks the words of `text`, their inflections in the languages filtered or boosted by, and the spellings that were
    /// taken for them.
    pub fn new(
        text: &TextQuery,
        languages: &[String],
        boost_languages: &[String],
        corrections: &[(String, String)],
    ) -> Self {
        let mut snippets = Self::default();
        let asked = asked_languages(languages, boost_languages);
        for (nth, term) in text.terms().enumerate() {
            snippets.terms.entry(term.to_owned()).or_insert(nth);
        }
        for (written, taken) in corrections {
            if let Some(nth) = snippets.terms.get(written).copied() {
                snippets.terms.entry(taken.clone()).or_insert(nth);
            }
        }
        for clause in &text.clauses {
            let Clause::Word(word) = clause else { continue };
            let Some(nth) = snippets.terms.get(&word.term).copied() else { continue };
            if word.is_last && word.is_extensible() && expand::is_completable(&word.term) {
                snippets.beginning = Some((word.term.clone(), nth));
            }
            let Some(written) = &word.written else { continue };
            for language in stem_languages(written, &asked) {
                if let [stem] = analysis::stems(written, language).as_slice() {
                    let start = stem.chars().take(SHARED_CHARS).collect();
                    let (language, stem) = (language.to_owned(), stem.clone());
                    snippets.stems.push(Stem { language, stem, start, word: nth });
                }
            }
        }
        snippets
    }

    /// The whole text.
    pub fn mark(&self, text: &str) -> Vec<Marked> {
        marked(text, 0..text.len(), &self.hits(text))
    }

    /// The part of a text with the most of the words; its beginning when none is in it.
    pub fn excerpt(&self, text: &str) -> Vec<Marked> {
        let hits = self.hits(text);
        let Some(first) = best(&hits) else {
            return vec![Marked::plain(beginning(text))];
        };
        let start = if first.place.start <= LEAD_BYTES {
            0
        } else {
            let near = char_boundary(text, first.place.start - LEAD_BYTES);
            let lead = text.get(near..first.place.start).unwrap_or_default();
            lead.find(char::is_whitespace).map_or(near, |space| near + space + 1)
        };
        let start = char_boundary(text, start);
        let mut end = char_boundary(text, start + SNIPPET_BYTES);
        if end < text.len()
            && let Some(space) = text.get(start..end).and_then(|part| part.rfind(char::is_whitespace))
            && space > SNIPPET_BYTES / 2
        {
            end = start + space;
        }
        let end = end.max(char_boundary(text, first.place.end));
        let mut pieces = Vec::new();
        if start > 0 {
            pieces.push(Marked::plain("…"));
        }
        pieces.extend(marked(text, start..end, &hits));
        if end < text.trim_end().len() {
            pieces.push(Marked::plain("…"));
        }
        pieces
    }

    /// The words in a text, by their place; those of scripts without spaces may overlap.
    fn hits(&self, text: &str) -> Vec<Hit> {
        if self.terms.is_empty() {
            return Vec::new();
        }
        let searched = text.get(..char_boundary(text, SEARCHED_BYTES)).unwrap_or_default();
        let mut tokenizer = FoldTokenizer::default();
        let mut tokens = tokenizer.token_stream(searched);
        let mut hits = Vec::new();
        while tokens.advance() {
            let token = tokens.token();
            let place = token.offset_from..token.offset_to;
            if let Some(word) = self.word(&token.text, searched.get(place.clone()).unwrap_or_default()) {
                hits.push(Hit { place, word });
            }
        }
        hits
    }

    /// Which word a term of a text is.
    fn word(&self, term: &str, written: &str) -> Option<usize> {
        let is_begun = |(beginning, word): &(String, usize)| term.starts_with(beginning.as_str()).then_some(*word);
        let is_inflected = |stem: &&Stem| {
            term.starts_with(&stem.start)
                && matches!(analysis::stems(written, &stem.language).as_slice(), [found] if *found == stem.stem)
        };
        let known = self.terms.get(term).copied().or_else(|| self.beginning.as_ref().and_then(is_begun));
        known.or_else(|| self.stems.iter().find(is_inflected).map(|stem| stem.word))
    }
}

/// The first hit of the stretch with the most different words, then with the most words, then the earliest.
fn best(hits: &[Hit]) -> Option<&Hit> {
    let score = |nth: usize| {
        let rest = hits.get(nth..).unwrap_or_default();
        let start = rest.first().map_or(0, |hit| hit.place.start);
        let within = rest.iter().take_while(|hit| hit.place.end <= start + SNIPPET_BYTES - LEAD_BYTES);
        let (mut words, mut n_hits) = (HashSet::new(), 0);
        for hit in within {
            words.insert(hit.word);
            n_hits += 1;
        }
        (words.len(), n_hits)
    };
    let mut best = None;
    for (nth, hit) in hits.iter().enumerate().take(MAX_STRETCHES) {
        let score = score(nth);
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, hit));
        }
    }
    best.map(|(_, hit)| hit)
}

/// The part of a text, cut into pieces at the hits.
fn marked(text: &str, part: Range<usize>, hits: &[Hit]) -> Vec<Marked> {
    let mut pieces: Vec<Marked> = Vec::new();
    let mut at = part.start;
    for hit in hits {
        let (start, end) = (hit.place.start.max(at), hit.place.end);
        if end > part.end || start >= end {
            continue;
        }
        if let Some(before) = text.get(at..start).filter(|before| !before.is_empty()) {
            pieces.push(Marked::plain(before));
        }
        let word = text.get(start..end).unwrap_or_default();
        match pieces.last_mut().filter(|last| last.is_hit) {
            Some(last) => last.text.push_str(word),
            None => pieces.push(Marked { text: word.to_owned(), is_hit: true }),
        }
        at = end;
    }
    if let Some(rest) = text.get(at..part.end).filter(|rest| !rest.is_empty()) {
        pieces.push(Marked::plain(rest));
    }
    pieces
}

fn beginning(text: &str) -> String {
    let end = char_boundary(text, SNIPPET_BYTES);
    let cut = text.get(..end).unwrap_or_default();
    if end == text.len() {
        return cut.to_owned();
    }
    let whole_words = cut.rfind(char::is_whitespace).filter(|space| *space > SNIPPET_BYTES / 2).unwrap_or(end);
    format!("{}…", cut.get(..whole_words).unwrap_or(cut).trim_end())
}

/// The last boundary between characters that is not after `at`.
fn char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(pieces: &[Marked]) -> String {
        pieces.iter().map(|piece| if piece.is_hit { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    fn mark(search: &str, text: &str) -> String {
        show(&Snippets::new(&TextQuery::parse(search), &[], &[], &[]).mark(text))
    }

    #[test]
    fn words_are_marked_whatever_their_accents_case_and_inflection() {
        assert_eq!(mark("velo rouge", "Le VÉLO rouge"), "Le [VÉLO] [rouge]");
        assert_eq!(mark("running shoes ", "She runs. A shoe!"), "She [runs]. A [shoe]!");
        assert_eq!(mark("whal", "A whaleboat"), "A [whaleboat]");
        assert_eq!(mark("whal ", "A whaleboat"), "A whaleboat", "the word is finished");
        assert_eq!(mark("日本語", "これは日本語です"), "これは[日本語]です");
        assert_eq!(mark("<b>", "a <b>bold</b> b"), "a <[b]>bold</[b]> [b]");
        assert_eq!(mark("cat -dog", "cat dog"), "[cat] dog");
        assert_eq!(mark("!!!", "wow!!!"), "wow!!!");
    }

    #[test]
    fn the_spelling_taken_is_marked() {
        let corrections = [("pingiun".to_owned(), "penguin".to_owned())];
        let snippets = Snippets::new(&TextQuery::parse("pingiun"), &[], &[], &corrections);
        assert_eq!(show(&snippets.mark("A penguin")), "A [penguin]");
    }

    #[test]
    fn an_excerpt_is_where_most_of_the_words_are() {
        let filler = "nothing to see here ".repeat(40);
        let text = format!("whale first. {filler}the song of a whale at night {filler}");
        let snippets = Snippets::new(&TextQuery::parse("whale song"), &[], &[], &[]);
        let excerpt = show(&snippets.excerpt(&text));
        assert!(
            excerpt.contains("[song] of a [whale]") && excerpt.starts_with('…') && excerpt.ends_with('…'),
            "{excerpt}"
        );
        assert_eq!(show(&snippets.excerpt("no such word")), "no such word");
    }

    proptest! {
        #[test]
        fn marking_changes_no_text_and_an_excerpt_is_a_part_of_it(
            text in "\\PC{0,400}",
            search in "\\PC{0,20}",
            words in prop::collection::vec("[a-é日本語 ]{1,8}", 0..60),
        ) {
            for (text, search) in [(&text, search.clone()), (&words.join(" "), words.concat().chars().take(9).collect())] {
                let snippets = Snippets::new(&TextQuery::parse(&search), &[], &[], &[]);
                let whole: String = snippets.mark(text).into_iter().map(|piece| piece.text).collect();
                prop_assert_eq!(&whole, text);
                let excerpt: String = snippets.excerpt(text).into_iter().map(|piece| piece.text).collect();
                prop_assert!(text.contains(excerpt.trim_matches('…')) || text.contains('…'));
                prop_assert!(excerpt.len() <= SNIPPET_BYTES + LEAD_BYTES + 300);
            }
        }
    }
}
