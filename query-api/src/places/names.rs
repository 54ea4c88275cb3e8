//! Which beginnings of names say too little.

/// Fewest letters of a name that may go on.
const MIN_CHARS: usize = 4;

/// Articles, directions and other words that names of many cities begin with, folded.
const COMMON: &[&str] = &[
    "alto", "bad", "bas", "basse", "beau", "belle", "cape", "castel", "center", "central", "centre", "centro",
    "ciudad", "city", "das", "den", "der", "east", "eastern", "el", "est", "fort", "grand", "grande", "great", "haut",
    "haute", "high", "ile", "isla", "klein", "la", "lake", "las", "le", "les", "los", "lower", "mont", "monte",
    "mount", "neu", "new", "nord", "norte", "north", "northern", "nova", "nueva", "nuevo", "ober", "oeste", "ouest",
    "petit", "port", "porto", "puerto", "saint", "sainte", "san", "sankt", "santa", "santo", "south", "southern",
    "sud", "upper", "villa", "ville", "west",
];

/// Whether a folded name says more than that it is one.
pub(super) fn says_something(name: &str) -> bool {
    let is_common = |word: &str| (word.is_ascii() && word.len() < MIN_CHARS) || COMMON.contains(&word);
    !name.split(' ').all(is_common)
}

/// Whether a folded name says enough to stand for a longer one that begins with it.
pub(super) fn may_go_on(name: &str) -> bool {
    name.chars().count() >= MIN_CHARS && says_something(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_not_enough() {
        for name in ["le", "st", "saint", "nord", "la grande", "new south", "san", ""] {
            assert!(!may_go_on(name), "{name}");
        }
        for name in ["frankfurt", "saint pierre", "la rochelle", "москва"] {
            assert!(may_go_on(name), "{name}");
        }
    }
}
