//! Titles, descriptions and names.

use super::rng::Rng;
use super::words::{LATIN_SYLLABLES, TOPICS, Vocabulary};

/// How many invented words a language has. They give texts the long tail of rare words that real ones have.
const INVENTED_WORDS: usize = 40_000;

/// Returns the invented word of a rank: two to four syllables, the same for ever.
fn invented_word(syllables: &[&str], rank: usize) -> String {
    let mut rng = Rng::of(&[0x1437, rank as u64]);
    let n_syllables = 2 + rng.below(2) + usize::from(rank > 2_000);
    (0..n_syllables).map(|_| rng.any(syllables)).collect()
}

/// Returns an invented proper name in the script of a vocabulary.
pub fn proper_name(rng: &mut Rng, vocabulary: &Vocabulary) -> String {
    capitalise(&invented_word(&vocabulary.syllables, rng.zipf(INVENTED_WORDS)))
}

/// Returns an ASCII handle, such as `velsora_12`.
pub fn handle(rng: &mut Rng) -> String {
    let syllables: Vec<&str> = LATIN_SYLLABLES.split('|').collect();
    let word = invented_word(&syllables, rng.below(INVENTED_WORDS));
    match rng.below(4) {
        0 => format!("{word}_{}", rng.below(90) + 10),
        1 => format!("{word}.{}", rng.any(&syllables)),
        _ => word,
    }
}

/// Returns the name of a person nobody bears: two invented words.
pub fn person(rng: &mut Rng, vocabulary: &Vocabulary) -> String {
    format!("{}{}{}", proper_name(rng, vocabulary), vocabulary.gap, proper_name(rng, vocabulary))
}

/// Returns a title of at most 120 characters on a topic.
pub fn title(rng: &mut Rng, vocabulary: &Vocabulary, topic: usize) -> String {
    let pattern = rng.frequent(&vocabulary.titles);
    let filled = capitalise(&fill(rng, vocabulary, topic, pattern));
    filled.chars().take(120).collect()
}

/// Returns `n_sentences` sentences on a topic.
pub fn sentences(rng: &mut Rng, vocabulary: &Vocabulary, topic: usize, n_sentences: usize) -> String {
    let mut text = String::with_capacity(n_sentences * 80);
    let mut recent = ["", "", ""];
    for nth in 0..n_sentences {
        if nth > 0 {
            // A paragraph now and then, as people write.
            text.push_str(if nth % 5 == 0 { "\n\n" } else { vocabulary.gap });
        }
        let mut pattern = rng.any(&vocabulary.sentences);
        while recent.contains(&pattern) {
            pattern = rng.any(&vocabulary.sentences);
        }
        recent.rotate_left(1);
        recent[2] = pattern;
        text.push_str(&capitalise(&fill(rng, vocabulary, topic, pattern)));
    }
    text
}

/// Returns one noun phrase of a topic.
pub fn noun(rng: &mut Rng, vocabulary: &Vocabulary, topic: usize) -> &'static str {
    vocabulary.topics.get(topic % TOPICS).map_or("", |nouns| rng.frequent(nouns))
}

/// Fills a pattern.
pub(crate) fn fill(rng: &mut Rng, vocabulary: &Vocabulary, topic: usize, pattern: &str) -> String {
    let first = noun(rng, vocabulary, topic);
    let mut second = noun(rng, vocabulary, topic);
    while second == first {
        second = noun(rng, vocabulary, topic);
    }
    let mut filled = String::with_capacity(pattern.len() + 60);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.as_bytes().first() {
            Some(b'n') => filled.push_str(first),
            Some(b'm') => filled.push_str(second),
            Some(b'x') => filled.push_str(&(2 + rng.zipf(40)).to_string()),
            _ => filled.push_str(&proper_name(rng, vocabulary)),
        }
        rest = after.get(2..).unwrap_or_default();
    }
    filled.push_str(rest);
    filled
}

fn capitalise(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::VOCABULARIES;
    use super::*;

    #[test]
    fn no_pattern_leaves_a_placeholder() {
        for vocabulary in VOCABULARIES.iter() {
            let mut rng = Rng::of(&[3]);
            for topic in 0..TOPICS {
                for _ in 0..30 {
                    let text =
                        format!("{} {}", title(&mut rng, vocabulary, topic), sentences(&mut rng, vocabulary, topic, 6));
                    assert!(!text.contains(['{', '}', '|']), "{text}");
                }
            }
        }
    }

    #[test]
    fn titles_fit_the_limits_of_peertube() {
        for vocabulary in VOCABULARIES.iter() {
            let mut rng = Rng::of(&[4]);
            for nth in 0..300 {
                let n_characters = title(&mut rng, vocabulary, nth % TOPICS).chars().count();
                assert!((3..=120).contains(&n_characters));
            }
        }
    }
}
