//! The words of a search, read as a person wrote them: there is no syntax to get wrong.

use allowlist::Host;
use indexer::analysis;
use uuid::Uuid;

use crate::params::{canonical_handle, read_uuid};

/// Most different terms looked for; what follows is left out. Nobody types as many, but a pasted text holds more.
const MAX_TERMS: usize = 32;

/// Longest term, in characters, that may stand for a longer or a similar one: beyond it nobody has mistyped a word.
const MAX_EXTENSIBLE_CHARS: usize = 40;

/// The words and phrases of a search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextQuery {
    /// What must be found, in the order given.
    pub clauses: Vec<Clause>,
    /// What must not be found (`-word`, `-"some words"`), each as the terms that stand together.
    pub excluded: Vec<Vec<String>>,
    /// The whole text as the address or id of one document.
    pub direct: Option<DirectHit>,
}

/// One thing that must be found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Clause {
    /// A word.
    Word(Word),
    /// Words between quotation marks: exactly these, side by side.
    Phrase(Vec<String>),
}

/// A word, folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    /// The folded term.
    pub term: String,
    /// The word as written, when the term is all of it: stemming wants its accents.
    pub written: Option<String>,
    /// Whether the visitor may still be typing it: a longer word that begins so is found too.
    pub is_last: bool,
}

impl Word {
    /// Whether longer or similar words may stand for it.
    pub fn is_extensible(&self) -> bool {
        self.term.chars().count() <= MAX_EXTENSIBLE_CHARS
    }
}

/// The address or id of one video, playlist or event, channel or group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DirectHit {
    /// A video, a playlist or an event.
    Id {
        /// Its UUID.
        uuid: Uuid,
        /// The host of the address, when it was one.
        host: Option<String>,
    },
    /// A channel or a group; where events are searched, all events of that group.
    Channel {
        /// `name@host`, lower case.
        handle: String,
    },
}

impl TextQuery {
    /// Reads any text. Quotation marks make phrases, a dash before a word leaves it out, everything else is words.
    ///
    /// A text of marks alone has no clause and finds nothing.
    pub fn parse(text: &str) -> Self {
        let mut parser = Parser::default();
        parser.read(text);
        parser.finish(text)
    }

    /// Every term that is looked for, in order: what a snippet marks.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        self.clauses
            .iter()
            .flat_map(|clause| match clause {
                Clause::Word(word) => std::slice::from_ref(&word.term),
                Clause::Phrase(terms) => terms.as_slice(),
            })
            .map(String::as_str)
    }
}

#[derive(Default)]
struct Parser {
    clauses: Vec<Clause>,
    excluded: Vec<Vec<String>>,
    n_terms: usize,
}

impl Parser {
    fn read(&mut self, text: &str) {
        let mut rest = text;
        while let Some(open) = rest.find(is_quotation_mark) {
            let (before, from_mark) = rest.split_at(open);
            let mut inside = from_mark.chars();
            inside.next();
            let inside = inside.as_str();
            let Some(close) = inside.find(is_quotation_mark) else {
                // A mark without its pair is an apostrophe or an inch sign: nothing but a separator.
                self.read_words(before);
                self.read_words(inside);
                return;
            };
            let (phrase, from_close) = inside.split_at(close);
            let is_excluded = before.strip_suffix('-').is_some_and(|front| !front.ends_with(char::is_alphanumeric));
            self.read_words(before.strip_suffix('-').filter(|_| is_excluded).unwrap_or(before));
            self.push_phrase(phrase, is_excluded);
            let mut after = from_close.chars();
            after.next();
            rest = after.as_str();
        }
        self.read_words(rest);
    }

    fn read_words(&mut self, text: &str) {
        for chunk in text.split_whitespace() {
            let excluded = chunk.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphanumeric));
            match excluded {
                Some(word) => self.push_phrase(word, true),
                None => self.push_word(chunk),
            }
        }
    }

    fn push_word(&mut self, chunk: &str) {
        let terms = analysis::fold(chunk);
        let is_whole = terms.len() == 1;
        for term in terms {
            let is_known = self.clauses.iter().any(|known| matches!(known, Clause::Word(word) if word.term == term));
            if is_known || self.n_terms >= MAX_TERMS {
                continue;
            }
            self.n_terms += 1;
            let written = is_whole.then(|| chunk.to_owned());
            self.clauses.push(Clause::Word(Word { term, written, is_last: false }));
        }
    }

    fn push_phrase(&mut self, text: &str, is_excluded: bool) {
        let mut terms = analysis::fold(text);
        terms.truncate(MAX_TERMS);
        if terms.is_empty() {
            return;
        }
        if is_excluded {
            if self.excluded.len() < MAX_TERMS {
                self.excluded.push(terms);
            }
        } else if self.n_terms < MAX_TERMS {
            self.n_terms += terms.len();
            self.clauses.push(Clause::Phrase(terms));
        }
    }

    fn finish(mut self, text: &str) -> TextQuery {
        if self.clauses.is_empty() {
            // Only things to leave out is no search; somebody wrote a dash before an ordinary word.
            for terms in std::mem::take(&mut self.excluded) {
                for term in terms {
                    self.clauses.push(Clause::Word(Word { term, written: None, is_last: false }));
                }
            }
        }
        if text.ends_with(char::is_alphanumeric)
            && let Some(Clause::Word(word)) = self.clauses.last_mut()
            && analysis::fold(text.split_whitespace().next_back().unwrap_or_default()).last() == Some(&word.term)
        {
            word.is_last = true;
        }
        TextQuery { clauses: self.clauses, excluded: self.excluded, direct: direct_hit(text.trim()) }
    }
}

fn is_quotation_mark(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」')
}

fn direct_hit(text: &str) -> Option<DirectHit> {
    if let Some(uuid) = read_uuid(text).flatten() {
        return Some(DirectHit::Id { uuid, host: None });
    }
    let Some(address) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        let is_one_word = !text.contains(char::is_whitespace);
        return canonical_handle(text).filter(|_| is_one_word).map(|handle| DirectHit::Channel { handle });
    };
    let (host, path) = address.split_once('/')?;
    let host = Host::parse(host).ok()?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.split('/');
    let named = match (segments.next(), segments.next()) {
        (Some("c" | "video-channels"), Some(name)) => Some(name),
        (Some(page), _) => page.strip_prefix('@').filter(|name| !name.is_empty()),
        (None, _) => None,
    };
    if let Some(name) = named {
        // A page of a channel or group of another instance has that instance's name in it.
        let handle = if name.contains('@') { name.to_owned() } else { format!("{name}@{}", host.as_str()) };
        return canonical_handle(&handle).map(|handle| DirectHit::Channel { handle });
    }
    let uuid = path.rsplit('/').find_map(|segment| read_uuid(segment).flatten())?;
    Some(DirectHit::Id { uuid, host: Some(host.as_str().to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        TextQuery::parse(text).terms().map(str::to_owned).collect()
    }

    #[test]
    fn any_text_is_words_and_no_text_is_an_error() {
        for text in [
            "\"",
            "AND OR NOT",
            "*",
            "title:x",
            "((",
            "^1e9",
            "~9",
            "/a+/",
            "a AND (b OR",
            "\\",
            "-",
            "- -",
            "--",
            "\"\"",
            "-\"\"",
            "+++",
            "[1 TO 2]",
        ] {
            let _ = TextQuery::parse(text);
        }
        assert_eq!(words("AND OR NOT"), ["and", "or", "not"]);
        assert_eq!(words("title:rust^5"), words("title rust 5"));
    }

    #[test]
    fn quotation_marks_make_phrases_and_a_dash_leaves_out() {
        let query = TextQuery::parse("\"free software\" history -boring -\"very long\"");
        assert_eq!(query.clauses.first(), Some(&Clause::Phrase(vec!["free".into(), "software".into()])));
        assert_eq!(query.excluded, [vec!["boring".to_owned()], vec!["very".to_owned(), "long".to_owned()]]);
        assert_eq!(words("-alone"), ["alone"]);
        assert_eq!(words("well-known \"unpaired"), words("well known unpaired"));
    }

    #[test]
    fn only_a_word_that_may_still_be_typed_is_open_ended() {
        let is_open =
            |text: &str| matches!(TextQuery::parse(text).clauses.last(), Some(Clause::Word(word)) if word.is_last);
        assert!(is_open("kde"));
        assert!(is_open("what is kde"));
        assert!(!is_open("kde "));
        assert!(!is_open("\"kde\""));
        assert!(!is_open("kde?"));
    }

    #[test]
    fn an_address_or_an_id_is_a_direct_hit() {
        let uuid = Uuid::try_parse("9c9de5e8-0a1e-484a-b099-e80766180a6d").unwrap();
        for text in [
            "9c9de5e8-0a1e-484a-b099-e80766180a6d",
            "kkGMgK9ZtnKfYAgnEtQxbv",
            "https://framatube.org/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d",
            "https://framatube.org/w/kkGMgK9ZtnKfYAgnEtQxbv?start=10s",
            " https://framatube.org/videos/embed/kkGMgK9ZtnKfYAgnEtQxbv ",
        ] {
            let host = text.contains("://").then(|| "framatube.org".to_owned());
            assert_eq!(TextQuery::parse(text).direct, Some(DirectHit::Id { uuid, host }), "{text}");
        }
        for text in ["https://framatube.org/about", "what is peertube", "https://framatube.org/w/p/", "", "@", "a@b"] {
            assert_eq!(TextQuery::parse(text).direct, None, "{text}");
        }
    }

    #[test]
    fn a_handle_or_the_address_of_a_channel_is_a_direct_hit() {
        for (text, handle) in [
            ("lab@tube.example", "lab@tube.example"),
            (" @Lab@Tube.Example ", "lab@tube.example"),
            ("https://tube.example/c/lab", "lab@tube.example"),
            ("https://tube.example/c/lab/videos?sort=x", "lab@tube.example"),
            ("https://tube.example/video-channels/lab#top", "lab@tube.example"),
            ("https://tube.example:8443/video-channels/lab", "lab@tube.example:8443"),
            ("https://tube.example/c/lab@other.example", "lab@other.example"),
            ("https://agenda.example/@Gul", "gul@agenda.example"),
            ("https://agenda.example/@gul@other.example/events", "gul@other.example"),
            // Channels of the first versions have a UUID for a name.
            (
                "https://tube.example/video-channels/bf54d359-cfad-4935-9d45-9d6be93f63e8",
                "bf54d359-cfad-4935-9d45-9d6be93f63e8@tube.example",
            ),
        ] {
            let expected = DirectHit::Channel { handle: handle.to_owned() };
            assert_eq!(TextQuery::parse(text).direct, Some(expected), "{text}");
        }
        for text in
            ["write to lab@tube.example", "lab@", "@tube.example", "https://tube.example/c/", "https://tube.example/@"]
        {
            assert_eq!(TextQuery::parse(text).direct, None, "{text}");
        }
    }

    #[test]
    fn the_address_of_a_playlist_is_a_direct_hit() {
        let uuid = Uuid::try_parse("73804a40-da9a-40c2-b1eb-2c6d9eec8f0a").unwrap();
        for path in [
            "w/p/fgei1ws1oa6FCaJ2qZPG29?playlistPosition=2",
            "videos/watch/playlist/73804a40-da9a-40c2-b1eb-2c6d9eec8f0a",
            "video-playlists/73804a40-da9a-40c2-b1eb-2c6d9eec8f0a",
            "video-playlists/embed/fgei1ws1oa6FCaJ2qZPG29",
        ] {
            let direct = TextQuery::parse(&format!("https://tube.example/{path}")).direct;
            assert_eq!(direct, Some(DirectHit::Id { uuid, host: Some("tube.example".to_owned()) }), "{path}");
        }
    }

    #[test]
    fn a_pasted_book_is_cut() {
        let text: String = (0..500).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&text).len(), MAX_TERMS);
    }
}
