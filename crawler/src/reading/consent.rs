//! Whether people want to be found: words in descriptions, and the flags of FEP-5feb.

use super::lenient::Scalar;

/// Hashtags by which people of the fediverse ask not to be indexed.
const REFUSING_TAGS: [&str; 5] = ["noindex", "noindexing", "nobot", "nobots", "nosearch"];

/// What is known of the wish of a channel or an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// Nothing is said against it, or it is said that indexing is welcome: these are platforms for publishing.
    #[default]
    Silent,
    /// Not to be indexed. Holds how that was said, for people, such as
    /// `` `#noindex` in the description of the channel ``. Never text of a stranger.
    Withheld(String),
}

impl Consent {
    /// This wish, or the other one when this is silent.
    pub fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Silent => other(),
            withheld @ Self::Withheld(_) => withheld,
        }
    }
}

/// The wish in a description.
///
/// - `whose`: of what, for people, such as `channel`.
pub fn description(text: &Scalar, whose: &str) -> Consent {
    match text.as_str().and_then(refusing_tag) {
        Some(tag) => Consent::Withheld(format!("`#{tag}` in the description of the {whose}")),
        None => Consent::Silent,
    }
}

/// The wish in a flag that says whether indexing is welcome.
pub fn flag(value: &Scalar, name: &str, whose: &str) -> Consent {
    match value.to_bool() {
        Some(false) => Consent::Withheld(format!("`{name}: false` of the {whose}")),
        Some(true) | None => Consent::Silent,
    }
}

/// The first hashtag of a text that refuses, as it stands in [`REFUSING_TAGS`].
///
/// A hashtag is whole: `#noindexers` is another word, and the fragment of a link is none.
fn refusing_tag(text: &str) -> Option<&'static str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut before = None;
    for (at, c) in text.char_indices() {
        // The wide form is what Japanese keyboards write.
        let begins = matches!(c, '#' | '＃')
            && !before.is_some_and(|b: char| b.is_alphanumeric() || matches!(b, '/' | '=' | '&'));
        if begins {
            let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
            // Some servers wrap the word in an element of its own: `#<span>noindex</span>`.
            let rest = rest.strip_prefix("<span>").unwrap_or(rest);
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            // An underscore at the end closes an emphasis of Markdown.
            let word = rest.get(..end).unwrap_or_default().trim_end_matches('_');
            if let Some(tag) = REFUSING_TAGS.iter().find(|tag| word.eq_ignore_ascii_case(tag)) {
                return Some(tag);
            }
        }
        before = Some(c);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_refuse_in_any_case_and_place_when_they_are_whole() {
        for (text, tag) in [
            ("#noindex", Some("noindex")),
            ("Films from Lyon. #NoBot", Some("nobot")),
            ("#films,#NOSEARCH.", Some("nosearch")),
            ("line\n#nobots\nline", Some("nobots")),
            ("(#NoIndexing)", Some("noindexing")),
            ("_#noindex_ and **#nobot**", Some("noindex")),
            ("\\#noindex", Some("noindex")),
            ("＃noindex", Some("noindex")),
            ("<a href=\"https://x.example/tags/noindex\">#<span>noindex</span></a>", Some("noindex")),
            ("## #noindex", Some("noindex")),
            ("noindex", None),
            ("# noindex", None),
            ("#noindexers", None),
            ("#noindex_not", None),
            ("#noindexé", None),
            ("c#nobot", None),
            ("https://x.example/page#noindex", None),
            ("https://x.example/#noindex", None),
            ("", None),
            ("#", None),
        ] {
            assert_eq!(refusing_tag(text), tag, "{text:?}");
        }
        // Long and dull texts are read to their end, in linear time.
        assert_eq!(refusing_tag(&format!("{}#noindex", "#".repeat(1 << 20))), Some("noindex"));
        assert_eq!(refusing_tag(&"#noindexe ".repeat(1 << 16)), None);
    }
}
