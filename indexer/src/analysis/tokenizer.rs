//! The fold as a Tantivy tokenizer, for documents and for snippets.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::term::{Form, Terms};
use crate::schema::FOLD;

/// Registers the tokenizer that the schema names. Every index must get it after it was opened.
pub fn register(tokenizers: &TokenizerManager) {
    tokenizers.register(FOLD, FoldTokenizer::default());
}

/// Folds documents. Its terms are those of [`super::fold`] at the same positions and, beside the pairs of letters,
/// every single Chinese character and the first syllable of every Korean word, so that queries of one character
/// find them. Offsets are bytes of the text as it was given.
#[derive(Clone, Debug, Default)]
pub struct FoldTokenizer {
    terms: Terms,
}

impl Tokenizer for FoldTokenizer {
    type TokenStream<'a> = FoldStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FoldStream<'a> {
        self.terms.analyse(text, Form::Document);
        FoldStream { terms: &self.terms, next: 0, token: Token::default() }
    }
}

/// The terms of one text.
#[derive(Debug)]
pub struct FoldStream<'a> {
    terms: &'a Terms,
    next: usize,
    token: Token,
}

impl TokenStream for FoldStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, place)) = self.terms.get(self.next) else { return false };
        self.next += 1;
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.offset_from = place.source.start;
        self.token.offset_to = place.source.end;
        self.token.position = place.position;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(text: &str) -> Vec<(String, usize, String)> {
        let mut tokenizer = FoldTokenizer::default();
        let mut stream = tokenizer.token_stream(text);
        let mut tokens = Vec::new();
        while let Some(token) = stream.next() {
            tokens.push((token.text.clone(), token.position, text[token.offset_from..token.offset_to].to_owned()));
        }
        tokens
    }

    #[test]
    fn offsets_point_into_the_original_text() {
        let found = tokens("  É\u{301}té, groß");
        assert_eq!(found[0], ("ete".into(), 0, "É\u{301}té".into()));
        assert_eq!(found[1], ("gross".into(), 1, "groß".into()));
    }

    #[test]
    fn single_chinese_characters_stand_beside_the_pairs() {
        let found: Vec<(String, usize)> = tokens("黒猫が x").into_iter().map(|(term, at, _)| (term, at)).collect();
        let expected = [("黒猫", 0), ("黒", 0), ("猫が", 1), ("猫", 1), ("x", 2)];
        assert_eq!(found, expected.map(|(term, at)| (term.to_owned(), at)));
    }

    #[test]
    fn the_first_syllable_of_a_korean_word_stands_alone() {
        let found: Vec<String> = tokens("책을 산책").into_iter().map(|(term, ..)| term).collect();
        assert_eq!(found, ["책을", "책", "산책", "산"]);
    }

    proptest! {
        #[test]
        fn documents_hold_every_term_of_the_query_form_at_its_position(text in any::<String>()) {
            let document: Vec<(String, usize)> = tokens(&text).into_iter().map(|(term, at, _)| (term, at)).collect();
            for (at, term) in crate::analysis::fold(&text).into_iter().enumerate() {
                prop_assert!(document.contains(&(term, at)));
            }
            prop_assert!(document.is_sorted_by_key(|(_, at)| *at));
        }
    }
}
