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

/// The ISO 639-1 code for an ISO 639-3 code that [`guess_language`] gives; the code itself where it has none.
pub fn two_letter_code(code: &'static str) -> &'static str {
    let short = ISO_639_1.iter().find(|(long, _)| *long == code);
    short.map_or(code, |(_, short)| short)
}

/// Languages that can be guessed, by ISO 639-3 code.
const ISO_639_1: [(&str, &str); 70] = [
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zul", "zu"),
];

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

    #[test]
    fn every_language_that_can_be_guessed_has_a_two_letter_code() {
        for lang in whatlang::Lang::all() {
            assert_eq!(two_letter_code(lang.code()).len(), 2, "{lang}");
        }
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
