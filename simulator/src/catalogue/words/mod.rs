//! The words the generator writes with: one small vocabulary a language, ordered from frequent to rare.

mod east_asian;
mod germanic;
mod romance;
mod semitic;
mod slavic_and_greek;
mod southern_asian;

/// Number of topics each vocabulary has words for.
pub const TOPICS: usize = 8;

/// PeerTube's category of each topic: technology, music, food, travels, education, how-to, gaming, animals.
pub const TOPIC_CATEGORIES: [u8; TOPICS] = [15, 1, 18, 6, 13, 12, 7, 16];

/// The words and sentence patterns of one language.
///
/// Patterns hold `{n}` and `{m}` (two different noun phrases of a topic), `{w}` (an invented word) and `{x}`
/// (a number). Lists are written as one string with `|` between the items, the most frequent first.
#[derive(Debug)]
pub struct Vocabulary {
    /// PeerTube's language id.
    pub code: &'static str,
    /// PeerTube's English label of the language.
    pub label: &'static str,
    /// What stands between two sentences: a space, or nothing in scripts without spaces.
    pub gap: &'static str,
    /// Syllables of which invented words are made.
    pub syllables: &'static str,
    /// Noun phrases by topic.
    pub topics: [&'static str; TOPICS],
    /// Title patterns.
    pub titles: &'static str,
    /// Sentence patterns for descriptions, closing punctuation included.
    pub sentences: &'static str,
}

/// Every vocabulary, in the order in which hosts get their main language.
pub const VOCABULARIES: [&Vocabulary; 16] = [
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
pub const LATIN_SYLLABLES: &str =
    "ta|lo|mi|ra|ve|ko|nu|sel|bri|an|dor|pi|lum|est|qua|fen|gol|zi|har|ou|min|tra|vel|ska|ne|bo|ria|tul|em|ja";

/// Returns the vocabulary of a language id.
pub fn vocabulary(code: &str) -> Option<&'static Vocabulary> {
    VOCABULARIES.iter().copied().find(|vocabulary| vocabulary.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vocabulary_has_words_for_every_topic_and_patterns_that_use_them() {
        for vocabulary in VOCABULARIES {
            for topic in vocabulary.topics {
                assert!(topic.split('|').count() >= 8, "{}: {topic}", vocabulary.code);
                assert!(topic.split('|').all(|phrase| !phrase.trim().is_empty()), "{}: {topic}", vocabulary.code);
            }
            for list in [vocabulary.titles, vocabulary.sentences] {
                assert!(list.split('|').count() >= 6, "{}", vocabulary.code);
                assert!(list.contains("{n}") && list.contains("{w}"), "{}", vocabulary.code);
            }
            assert!(vocabulary.syllables.split('|').count() >= 12, "{}", vocabulary.code);
        }
    }
}
