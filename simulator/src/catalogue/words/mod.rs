//! The words the generator writes with: one small vocabulary a language, ordered from frequent to rare.

mod east_asian;
mod germanic;
mod romance;
mod semitic;
mod slavic_and_greek;
mod southern_asian;

use std::sync::LazyLock;

/// Number of topics each vocabulary has words for.
pub const TOPICS: usize = 8;

/// PeerTube's category of each topic: technology, music, food, travels, education, how-to, gaming, animals.
pub const TOPIC_CATEGORIES: [u8; TOPICS] = [15, 1, 18, 6, 13, 12, 7, 16];

/// The words and sentence patterns of one language as they are written down: lists are one string with `|` between the
/// items, the most frequent first.
struct Source {
    code: &'static str,
    label: &'static str,
    gap: &'static str,
    syllables: &'static str,
    topics: [&'static str; TOPICS],
    titles: &'static str,
    sentences: &'static str,
}

/// The words and sentence patterns of one language, the most frequent first.
///
/// Patterns hold `{n}` and `{m}` (two different noun phrases of a topic), `{w}` (an invented word) and `{x}` (a number).
#[derive(Debug)]
pub struct Vocabulary {
    /// PeerTube's language id.
    pub code: &'static str,
    /// PeerTube's English label of the language.
    pub label: &'static str,
    /// What stands between two sentences: a space, or nothing in scripts without spaces.
    pub gap: &'static str,
    /// Syllables of which invented words are made.
    pub syllables: Vec<&'static str>,
    /// Noun phrases by topic.
    pub topics: [Vec<&'static str>; TOPICS],
    /// Title patterns.
    pub titles: Vec<&'static str>,
    /// Sentence patterns for descriptions, closing punctuation included.
    pub sentences: Vec<&'static str>,
}

/// Every vocabulary, in the order in which hosts get their main language.
pub static VOCABULARIES: LazyLock<[Vocabulary; 16]> = LazyLock::new(|| SOURCES.map(Vocabulary::of));

impl Vocabulary {
    fn of(source: &'static Source) -> Self {
        let split = |list: &'static str| list.split('|').collect();
        Self {
            code: source.code,
            label: source.label,
            gap: source.gap,
            syllables: split(source.syllables),
            topics: source.topics.map(split),
            titles: split(source.titles),
            sentences: split(source.sentences),
        }
    }
}

const SOURCES: [&Source; 16] = [
    &romance::FRENCH,
    &germanic::ENGLISH,
    &germanic::GERMAN,
    &romance::SPANISH,
    &romance::ITALIAN,
    &east_asian::JAPANESE,
    &slavic_and_greek::RUSSIAN,
    &romance::PORTUGUESE,
    &slavic_and_greek::POLISH,
    &semitic::ARABIC,
    &east_asian::CHINESE,
    &slavic_and_greek::GREEK,
    &semitic::HEBREW,
    &east_asian::KOREAN,
    &southern_asian::HINDI,
    &southern_asian::THAI,
];

/// Syllables of invented words in Latin script; handles use them too.
pub(crate) const LATIN_SYLLABLES: &str =
    "ta|lo|mi|ra|ve|ko|nu|sel|bri|an|dor|pi|lum|est|qua|fen|gol|zi|har|ou|min|tra|vel|ska|ne|bo|ria|tul|em|ja";

/// Returns the vocabulary of a language id.
pub fn vocabulary(code: &str) -> Option<&'static Vocabulary> {
    VOCABULARIES.iter().find(|vocabulary| vocabulary.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vocabulary_has_words_for_every_topic_and_patterns_that_use_them() {
        for vocabulary in VOCABULARIES.iter() {
            for topic in &vocabulary.topics {
                assert!(topic.len() >= 8, "{}: {topic:?}", vocabulary.code);
                assert!(topic.iter().all(|phrase| !phrase.trim().is_empty()), "{}: {topic:?}", vocabulary.code);
            }
            for list in [&vocabulary.titles, &vocabulary.sentences] {
                assert!(list.len() >= 6, "{}", vocabulary.code);
                for placeholder in ["{n}", "{w}"] {
                    assert!(list.iter().any(|pattern| pattern.contains(placeholder)), "{}", vocabulary.code);
                }
            }
            assert!(vocabulary.syllables.len() >= 12, "{}", vocabulary.code);
        }
    }
}
