//! Excerpts with the words found.

use std::collections::BTreeMap;

use tantivy::snippet::SnippetGenerator;

use super::SearchIndex;
use crate::query::TextQuery;

/// Length of an excerpt, in bytes.
const SNIPPET_BYTES: usize = 220;

/// A piece of text, marked where it is a word that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The text, unescaped.
    pub text: String,
    /// Whether it is one of the words.
    pub is_hit: bool,
}

/// Makes excerpts for one search.
pub struct Snippets {
    generator: Option<SnippetGenerator>,
}

impl SearchIndex {
    /// Prepares excerpts for the words of `text`.
    pub fn snippets(&self, text: Option<&TextQuery>) -> Snippets {
        let field = self.videos.fields.description;
        let terms: BTreeMap<String, f32> =
            text.iter().flat_map(|text| text.terms()).map(|term| (term.to_owned(), 1.0)).collect();
        let generator = self
            .videos
            .searcher
            .index()
            .tokenizer_for_field(field)
            .ok()
            .filter(|_| !terms.is_empty())
            .map(|analyzer| SnippetGenerator::new(terms, analyzer, field, SNIPPET_BYTES));
        Snippets { generator }
    }
}

impl Snippets {
    /// The best excerpt of a text; its beginning when no word is in it.
    pub fn excerpt(&self, text: &str) -> Vec<Marked> {
        let snippet = self.generator.as_ref().map(|generator| generator.snippet(text));
        match snippet {
            Some(snippet) if !snippet.is_empty() => {
                let range = snippet.fragment_range();
                let mut pieces = marked(snippet.fragment(), snippet.highlighted());
                let dots = || Marked { text: "…".to_owned(), is_hit: false };
                if range.start > 0 {
                    pieces.insert(0, dots());
                }
                if range.end < text.trim_end().len() {
                    pieces.push(dots());
                }
                pieces
            }
            _ => vec![Marked { text: beginning(text), is_hit: false }],
        }
    }
}

fn marked(fragment: &str, hits: &[std::ops::Range<usize>]) -> Vec<Marked> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for hit in tantivy::snippet::collapse_overlapped_ranges(hits) {
        if let Some(before) = fragment.get(at..hit.start).filter(|before| !before.is_empty()) {
            pieces.push(Marked { text: before.to_owned(), is_hit: false });
        }
        if let Some(word) = fragment.get(hit.clone()) {
            pieces.push(Marked { text: word.to_owned(), is_hit: true });
            at = hit.end;
        }
    }
    if let Some(rest) = fragment.get(at..).filter(|rest| !rest.is_empty()) {
        pieces.push(Marked { text: rest.to_owned(), is_hit: false });
    }
    pieces
}

fn beginning(text: &str) -> String {
    let mut end = text.len().min(SNIPPET_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = text.get(..end).unwrap_or_default();
    if end == text.len() {
        return cut.to_owned();
    }
    let whole_words = cut.rfind(char::is_whitespace).filter(|space| *space > SNIPPET_BYTES / 2).unwrap_or(end);
    format!("{}…", cut.get(..whole_words).unwrap_or(cut).trim_end())
}
