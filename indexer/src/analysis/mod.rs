//! Text to terms, the same for documents and queries.
//!
//! Every field of every language goes through one *fold*: compatibility decomposition, accents and vowel points
//! stripped, lower case, a few letters mapped that Unicode does not decompose. Scripts that write no spaces, and
//! Korean, whose particles stick to their nouns, become overlapping pairs of letters: 日本語 is 日本 and 本語, so
//! that a part of a longer run is found without a dictionary. Documents get a little more than queries, see
//! [`FoldTokenizer`]: single Chinese characters and the first syllable of Korean words, so that 猫 and 책 are found alone.
//!
//! What is folded and what is not, decided letter by letter in `letter.rs`:
//!
//! - stripped: accents (é, ё, ά), Hebrew and Arabic vowel points, tatweel, the nukta of Hindi; people leave them out;
//! - kept: vowel signs of Hindi, Thai and their relatives, Thai tone marks, the virama, Japanese voicing marks
//!   (か is not が), Cyrillic й: other letters of other words, which everyone types.
//!
//! Stems are a second view of the same text, for languages with a Snowball stemmer.

mod html;
mod letter;
mod nesting;
mod stem;
mod term;
mod tokenizer;

pub use html::{clean_html, plain_text};
pub(crate) use stem::inflected_stems;
pub use stem::{guess_language, has_stemmer, stems, two_letter_code};
pub use tokenizer::{FoldTokenizer, register};

use term::{Form, Terms};

/// Longest term in bytes; longer words are cut. It is the limit of Lucene's tokenizers; only encoded data is longer.
pub const MAX_TERM_BYTES: usize = 255;

/// Folds a query's text into terms, in order.
///
/// Every term of a part of a text is among the terms that the document's text is indexed by, provided that the part
/// begins and ends where a word does, or is written in a script without spaces.
pub fn fold(text: &str) -> Vec<String> {
    folded(text, Form::Query)
}

/// The folded form of a whole tag or name: folded words joined by single spaces, runs of scripts without spaces left
/// whole. Text without any term, such as `---`, stays as it is, trimmed and in lower case.
pub fn fold_whole(text: &str) -> String {
    let whole = folded(text, Form::Whole).join(" ");
    if whole.is_empty() { text.trim().to_lowercase() } else { whole }
}

/// The longest prefix of whole characters that has at most `n_bytes` bytes.
pub(crate) fn cut(text: &str, n_bytes: usize) -> &str {
    let mut end = n_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn folded(text: &str, form: Form) -> Vec<String> {
    let mut terms = Terms::default();
    terms.analyse(text, form);
    terms.iter().map(|(term, _)| term.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_fold_as_people_search() {
        let rows: &[(&str, &str, &str)] = &[
            ("Été à Besançon", "ete a besancon", "French accents"),
            ("E\u{301}te\u{301}", "ete", "the same, decomposed as macOS sends it"),
            ("Straße GROẞ", "strasse gross", "German sharp s, both cases"),
            ("Łódź", "lodz", "Polish l with stroke has no decomposition"),
            ("Ærø smørrebrød", "aero smorrebrod", "Danish"),
            ("Œuvre Þór đà", "oeuvre thor da", "ligatures, thorn, Vietnamese d"),
            ("Iğdır İstanbul", "igdir istanbul", "Turkish i with and without dot"),
            ("ΑΘΗΝΑΣ Ἀθῆνᾰς", "αθηνασ αθηνασ", "Greek: final sigma, accents, breathings"),
            ("радиоприёмник мой", "радиоприемник мой", "Cyrillic: yo folds, short i is a letter"),
            ("и\u{306}", "й", "short i, decomposed"),
            ("об'єкт обʼєкт", "об єкт об єкт", "both Ukrainian apostrophes"),
            ("l’été l'art", "l ete l art", "French elision"),
            ("ﬁn Ｗｉｄｅ 𝓯𝓪𝓷𝓬𝔂 ½ m²", "fin wide fancy 1 2 m2", "compatibility forms"),
            ("Vigie™ 日本™", "vigie 日本", "a trade mark is not a part of the word"),
            ("soft\u{ad}hyphen zero\u{200b}width", "softhyphen zerowidth", "invisible characters vanish"),
            ("٢٠٢٤ २०२४ ๒๕๖๗", "2024 2024 2567", "digits of any script"),
            ("C++ C# F#, Notepad++ A+B #tag", "c++ c# f# notepad a b tag", "names of programming languages"),
            ("اَلْعَرَبِيَّةُ", "العربيه", "Arabic vowel points, ta marbuta"),
            ("أحمد إلى آدم", "احمد الي ادم", "Arabic alef forms, alef maksura"),
            ("كـــتاب کتاب", "كتاب كتاب", "tatweel, Persian kaf"),
            ("שָׁלוֹם", "שלום", "Hebrew points"),
            ("हिन्दी ज़रूर", "हिन्दी जरूर", "Hindi: vowel signs and virama stay, the nukta goes"),
            ("தமிழ்", "தமிழ்", "Tamil vowel signs stay"),
            ("東京", "東京", "one pair"),
            ("日本語", "日本 本語", "overlapping pairs"),
            ("猫", "猫", "a single character"),
            ("がか", "がか", "voicing marks are kept, composed"),
            ("か\u{3099}か", "がか", "the same, decomposed"),
            ("ﾊﾟｿｺﾝ", "パソ ソコ コン", "half-width katakana"),
            ("スーパー", "スー ーパ パー", "the long-vowel mark belongs to the word"),
            ("NHK放送2024年", "nhk 放送 2024 年", "Latin and digits beside Chinese characters"),
            ("กินข้าว", "กิน นข้ ข้า าว", "Thai: vowels and tone marks stay with their letter"),
            ("한국어를", "한국 국어 어를", "Korean particles stick to the noun"),
            ("\u{1112}\u{1161}\u{11ab}", "한", "Korean, decomposed"),
            ("🎮🐧!!", "🎮 🐧", "emoji are words: some titles are nothing else"),
            ("♫ — ©", "", "other signs are not"),
        ];
        for (text, expected, reason) in rows {
            assert_eq!(fold(text).join(" "), *expected, "{reason}: {text}");
        }
    }

    #[test]
    fn whole_names_stay_whole() {
        assert_eq!(fold_whole("  Logiciel   Libre "), "logiciel libre");
        assert_eq!(fold_whole("日本語"), "日本語");
        assert_eq!(fold_whole("🎮"), "🎮");
        assert_ne!(fold_whole("C++"), fold_whole("C"));
    }

    #[test]
    fn different_words_stay_different() {
        let rows = [("か", "が"), ("มา", "ม้า"), ("मल", "माल"), ("мой", "мои"), ("ほん", "ぼん")];
        for (one, other) in rows {
            assert_ne!(fold(one), fold(other));
        }
    }

    proptest! {
        // case 114
        #[test]
        fn any_text_folds_within_the_limits(text in any::<String>()) {
            for term in fold(&text) {
                prop_assert!(!term.is_empty() && term.len() <= MAX_TERM_BYTES);
            }
        }

        #[test]
        fn folding_a_whole_twice_changes_nothing(text in any::<String>()) {
            let once = fold_whole(&text);
            prop_assert_eq!(fold_whole(&once), once);
        }

        #[test]
        fn composed_and_decomposed_text_fold_alike(text in "[a-zA-Zàéîõüñçšžåøα-ωάήώа-яёйк가-힣が-ぽア-ポ ]{0,40}") {
            let decomposed: String = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into();
            prop_assert_eq!(fold(&text), fold(&decomposed));
        }

        #[test]
        fn any_part_of_a_run_without_spaces_is_found(text in "[一-鿋ぁ-ゖァ-ヺ가-힣ก-ฮ]{2,30}", from in 0usize..28, n in 2usize..8) {
            let part: String = text.chars().skip(from).take(n).collect();
            let terms = fold(&text);
            if part.chars().count() >= 2 {
                for term in fold(&part) {
                    prop_assert!(terms.contains(&term), "{} in {:?}", term, terms);
                }
            }
        }
    }
}
