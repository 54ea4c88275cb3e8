//! Stems, for the languages that have a Snowball stemmer.

use frostem::{Algorithm, Stemmer};
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::term::{Form, Terms};

/// Stems of the words of `text`, in order: lower-cased, stemmed, then folded, because stemmers need the accents.
///
/// `language` is an ISO 639 code or a variant of PeerTube's (`pt-BR`, `sr-Latn`). Empty for languages without a
/// stemmer. Words of scripts without spaces have no stem.
pub fn stems(text: &str, language: &str) -> Vec<String> {
    let mut stems = Vec::new();
    for_each_stem(text, language, |_, stem| stems.push(stem.to_owned()));
    stems
}

/// The [`stems`] that differ from their word, joined by spaces: what a document needs beside its words. Most words are
/// their own stem, and are found as they are.
pub(crate) fn inflected_stems(text: &str, language: &str) -> String {
    let mut stems = String::new();
    let mut terms = Terms::default();
    for_each_stem(text, language, |word, stem| {
        terms.analyse(word, Form::Query);
        if terms.get(0).is_none_or(|(folded, _)| folded != stem) {
            if !stems.is_empty() {
                stems.push(' ');
            }
            stems.push_str(stem);
        }
    });
    stems
}

/// Calls `push` with each word in lower case and its folded stem.
fn for_each_stem(text: &str, language: &str, mut push: impl FnMut(&str, &str)) {
    let Some(algorithm) = algorithm(language) else { return };
    let stemmer = Stemmer::new(algorithm);
    let mut terms = Terms::default();
    let mut lower = String::new();
    // Stemmers know composed letters only.
    for word in ComposingNormalizerBorrowed::new_nfc().normalize(text).split(is_between_words) {
        if word.is_empty() {
            continue;
        }
        lower.clear();
        lower.extend(word.chars().flat_map(char::to_lowercase));
        terms.analyse(&stemmer.stem(&lower), Form::Query);
        let mut folded = terms.iter();
        // More than one term: a run of letters without spaces.
        if let (Some((stem, _)), None) = (folded.next(), folded.next()) {
            push(&lower, stem);
        }
    }
}

/// Whether [`stems`] can be expected to find any for `language`.
pub fn has_stemmer(language: &str) -> bool {
    algorithm(language).is_some()
}

/// The language of `text` as an ISO 639-3 code, when the text leaves little doubt. For texts whose author named none:
/// titles with descriptions are told right in over 99 % of the cases that are reported at all, short titles rarely are.
pub fn guess_language(text: &str) -> Option<&'static str> {
    let info = whatlang::detect(text)?;
    info.is_reliable().then(|| info.lang().code())
}

fn algorithm(language: &str) -> Option<Algorithm> {
    let code = language.split(['-', '_']).next()?.to_ascii_lowercase();
    // The stemmers' own table also knows whole names such as `porter`, which are no languages.
    if !matches!(code.len(), 2 | 3) {
        return None;
    }
    let code = match code.as_str() {
        "nb" | "nn" | "nob" | "nno" => "no",
        "pes" => "fa",
        code => code,
    };
    Algorithm::from_name(code).ok()
}

/// As the fold separates, except that marks stay with their letters for the stemmer to see.
fn is_between_words(character: char) -> bool {
    if character.is_alphanumeric() {
        return matches!(character, '\u{02B9}'..='\u{02BF}');
    }
    character.is_ascii() || {
        let category: GeneralCategory = CodePointMapData::new().get(character);
        !GeneralCategoryGroup::Mark.contains(category) && category != GeneralCategory::Format
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::{MAX_TERM_BYTES, fold};

    #[test]
    fn forms_of_a_word_share_a_stem() {
        let rows = [
            ("fr", "chantait", "chanter"),
            ("fr", "Développements", "développement"),
            ("en", "federated", "federation"),
            ("de", "Häuser", "Haus"),
            ("es", "canciones", "canción"),
            ("pt-BR", "programas", "programa"),
            ("ru", "новостями", "новости"),
            ("nb", "bilene", "bilen"),
            ("el", "ΟΔΗΓΟΣ", "οδηγός"),
        ];
        for (language, one, other) in rows {
            let found = stems(one, language);
            assert_eq!(found.len(), 1, "{language} {one}");
            assert_eq!(found, stems(other, language), "{language} {one} {other}");
        }
    }

    #[test]
    fn a_word_that_is_its_own_stem_is_not_indexed_twice() {
        assert_eq!(inflected_stems("Le chant des chanteurs chantait", "fr"), "de chanteur chant");
        assert_eq!(inflected_stems("été", "fr"), "");
        assert_eq!(inflected_stems("any words", "ja"), "");
    }

    #[test]
    fn languages_without_a_stemmer_have_no_stems() {
        for language in ["ja", "zh-Hans", "zxx", "tok", "porter", "", "🎮"] {
            assert!(stems("some words", language).is_empty(), "{language}");
        }
    }

    #[test]
    fn a_language_is_guessed_only_from_enough_text() {
        let text = "Dans cette vidéo nous allons voir comment installer un logiciel libre sur votre ordinateur";
        assert_eq!(guess_language(text), Some("fra"));
        assert_eq!(guess_language("x"), None);
        assert!(has_stemmer("fra"));
    }

    proptest! {
        #[test]
        fn stems_are_terms_and_fold_to_themselves(text in any::<String>(), language in "(fr|en|de|ar|ru|tr|fi|hi|el)") {
            for stem in stems(&text, &language) {
                prop_assert!(!stem.is_empty() && stem.len() <= MAX_TERM_BYTES);
                prop_assert_eq!(fold(&stem), vec![stem]);
            }
        }
    }
}
