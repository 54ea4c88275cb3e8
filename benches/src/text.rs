//! Invented text with the statistics of real text: Zipf's law over a large vocabulary for each language.
//!
//! Words are made from their rank, so that no word list is needed, frequent words are short, and the same seed gives
//! the same corpus everywhere. Words are drawn independently: the corpus says how fast a search is, not how good.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Words a language has. Real subtitles and titles of a language use some hundred thousand.
const VOCABULARY: f64 = 150_000.0;

/// One language of the corpus.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// Its PeerTube id.
    pub id: &'static str,
    /// Its PeerTube label.
    pub label: &'static str,
    /// Share of the corpus, relative to the others.
    pub weight: u32,
    script: Script,
}

#[derive(Clone, Copy, Debug)]
enum Script {
    /// Words of syllables: consonants and vowels of the language.
    Syllables { consonants: &'static [&'static str], vowels: &'static [&'static str] },
    /// Running text without spaces, from a block of characters that starts here.
    Characters { first: u32, n: u32 },
}

const LATIN: &[&str] =
    &["b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "pl", "ch"];
const CYRILLIC: &[&str] =
    &["б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "ф", "х", "ч", "ш", "ст", "пр"];
const GREEK: &[&str] = &["β", "γ", "δ", "θ", "κ", "λ", "μ", "ν", "ξ", "π", "ρ", "σ", "τ", "φ", "χ", "ψ"];
const ARABIC: &[&str] =
    &["ب", "ت", "ج", "ح", "د", "ر", "س", "ش", "ص", "ط", "ع", "غ", "ف", "ق", "ك", "ل", "م", "ن", "ه"];
const HEBREW: &[&str] = &["ב", "ג", "ד", "ה", "ז", "ח", "ט", "כ", "ל", "מ", "נ", "ס", "פ", "צ", "ק", "ר", "ש", "ת"];
const DEVANAGARI: &[&str] =
    &["क", "ख", "ग", "च", "ज", "ट", "ड", "त", "द", "न", "प", "ब", "म", "य", "र", "ल", "व", "स", "ह"];
const HANGUL: &[&str] =
    &["가", "나", "다", "라", "마", "바", "사", "아", "자", "차", "카", "타", "파", "하", "고", "노", "도", "로", "모"];

const fn syllables(consonants: &'static [&'static str], vowels: &'static [&'static str]) -> Script {
    Script::Syllables { consonants, vowels }
}

/// The languages, with shares like those of the federation: mostly European, a tail of others.
pub const LANGUAGES: &[Language] = &[
    Language { id: "en", label: "English", weight: 30, script: syllables(LATIN, &["a", "e", "i", "o", "u", "ea"]) },
    Language {
        id: "fr",
        label: "French",
        weight: 22,
        script: syllables(LATIN, &["a", "e", "é", "i", "o", "ou", "è", "ai"]),
    },
    Language {
        id: "de",
        label: "German",
        weight: 12,
        script: syllables(LATIN, &["a", "e", "ei", "i", "o", "ö", "u", "ü"]),
    },
    Language {
        id: "es", label: "Spanish", weight: 8, script: syllables(LATIN, &["a", "e", "i", "o", "u", "á", "ó"])
    },
    Language { id: "it", label: "Italian", weight: 5, script: syllables(LATIN, &["a", "e", "i", "o", "u", "à"]) },
    Language { id: "pt", label: "Portuguese", weight: 4, script: syllables(LATIN, &["a", "e", "i", "o", "ã", "ç"]) },
    Language { id: "nl", label: "Dutch", weight: 2, script: syllables(LATIN, &["aa", "e", "ee", "i", "o", "ij"]) },
    Language {
        id: "pl", label: "Polish", weight: 2, script: syllables(LATIN, &["a", "e", "ę", "i", "o", "ó", "ł"])
    },
    Language {
        id: "sv", label: "Swedish", weight: 1, script: syllables(LATIN, &["a", "e", "i", "o", "å", "ä", "ö"])
    },
    Language {
        id: "ru",
        label: "Russian",
        weight: 4,
        script: syllables(CYRILLIC, &["а", "е", "и", "о", "у", "ы", "я"]),
    },
    Language {
        id: "uk", label: "Ukrainian", weight: 1, script: syllables(CYRILLIC, &["а", "е", "і", "ї", "о", "у"])
    },
    Language { id: "el", label: "Greek", weight: 1, script: syllables(GREEK, &["α", "ε", "ή", "ι", "ό", "ου"]) },
    Language { id: "ar", label: "Arabic", weight: 2, script: syllables(ARABIC, &["ا", "و", "ي", ""]) },
    Language { id: "he", label: "Hebrew", weight: 1, script: syllables(HEBREW, &["ו", "י", "א", ""]) },
    Language { id: "hi", label: "Hindi", weight: 1, script: syllables(DEVANAGARI, &["ा", "ि", "े", "ो", ""]) },
    Language { id: "ko", label: "Korean", weight: 1, script: syllables(HANGUL, &["", "이", "기"]) },
    Language {
        id: "zh-Hans",
        label: "Simplified Chinese",
        weight: 2,
        script: Script::Characters { first: 0x4e00, n: 3000 },
    },
    Language { id: "ja", label: "Japanese", weight: 2, script: Script::Characters { first: 0x5200, n: 2500 } },
    Language { id: "th", label: "Thai", weight: 1, script: Script::Characters { first: 0x0e01, n: 46 } },
];

/// Draws a language by its share.
pub fn draw_language(rng: &mut SmallRng) -> &'static Language {
    let total: u32 = LANGUAGES.iter().map(|language| language.weight).sum();
    let mut left = rng.random_range(0..total);
    for language in LANGUAGES {
        if left < language.weight {
            return language;
        }
        left -= language.weight;
    }
    &LANGUAGES[0]
}

/// Writes `n_words` words of the language; scripts without spaces get two to three characters for each.
pub fn write_words(rng: &mut SmallRng, language: &Language, n_words: usize, out: &mut String) {
    for index in 0..n_words {
        // Density 1/rank over the vocabulary: Zipf's law with exponent 1.
        let rank = VOCABULARY.powf(rng.random::<f64>());
        match language.script {
            Script::Characters { first, n } => {
                for _ in 0..rng.random_range(2..=3) {
                    let step = f64::from(n).powf(rng.random::<f64>()) as u32;
                    out.extend(char::from_u32(first + step.min(n - 1)));
                }
                if index % 12 == 11 {
                    out.push('。');
                }
            }
            Script::Syllables { consonants, vowels } => {
                if index > 0 {
                    out.push(' ');
                }
                write_word(rank as u64, language.id, consonants, vowels, out);
            }
        }
    }
}

/// Writes the word of a rank: the more frequent, the shorter.
fn write_word(rank: u64, language: &str, consonants: &[&str], vowels: &[&str], out: &mut String) {
    let salt = language.bytes().fold(0u64, |salt, byte| salt.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut rng = SmallRng::seed_from_u64(rank.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt);
    let n_syllables = match rank {
        0..30 => 1,
        30..2_000 => 2,
        2_000..40_000 => 3,
        _ => 4,
    };
    for _ in 0..n_syllables {
        out.push_str(consonants[rng.random_range(0..consonants.len())]);
        out.push_str(vowels[rng.random_range(0..vowels.len())]);
    }
}
