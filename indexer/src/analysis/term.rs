//! Letters to terms, with the places in the source text that they come from.

use std::ops::Range;

use icu_normalizer::properties::CanonicalCompositionBorrowed;

use super::letter::{Letter, Role, for_each_letter};
use super::{MAX_TERM_BYTES, cut};

/// How runs of scripts without spaces are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Pairs, and the single letters that queries may ask for.
    Document,
    /// Pairs; a single letter when the run has no more.
    Query,
    /// Not at all.
    Whole,
}

/// Where a term stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes of the source text.
    pub(super) source: Range<usize>,
    /// Counted in terms of the query form, so that phrases match.
    pub(super) position: usize,
    text: Range<usize>,
}

/// The terms of one text; its buffers serve the next text again.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    /// The folded characters of all terms; terms may overlap in it.
    text: String,
    places: Vec<Place>,
    run: Run,
    position: usize,
}

/// The word, or the run of letters, that is being read.
#[derive(Clone, Debug, Default)]
struct Run {
    kind: RunKind,
    start: usize,
    source: Range<usize>,
    /// Letters of a dense run, each with the marks that belong to it.
    letters: Vec<DenseLetter>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum RunKind {
    #[default]
    None,
    Word,
    Dense,
}

#[derive(Clone, Debug)]
struct DenseLetter {
    text: Range<usize>,
    source: Range<usize>,
    role: Role,
}

impl Terms {
    /// Replaces the terms by those of `source`.
    pub(super) fn analyse(&mut self, source: &str, form: Form) {
        self.text.clear();
        self.places.clear();
        self.run.kind = RunKind::None;
        self.position = 0;
        for (at, character) in source.char_indices() {
            let end = at + character.len_utf8();
            if matches!(character, '+' | '#') && self.ends_a_name(character, source.get(end..).unwrap_or_default()) {
                self.text.push(character);
                self.run.source.end = end;
                continue;
            }
            for_each_letter(character, |letter| self.push(letter, at..end, form));
        }
        self.end_run(form);
    }

    /// Every term and its place, by position.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.places.iter().map(|place| (self.text.get(place.text.clone()).unwrap_or_default(), place))
    }

    /// The `n`th term and its place.
    pub(super) fn get(&self, n: usize) -> Option<(&str, &Place)> {
        let place = self.places.get(n)?;
        Some((self.text.get(place.text.clone())?, place))
    }

    fn push(&mut self, letter: Letter, source: Range<usize>, form: Form) {
        let kind = match letter.role {
            Role::Separator => return self.end_run(form),
            Role::Joining | Role::Breve => return self.join(letter, source),
            Role::Sign => return self.add_sign(letter, source, form),
            Role::Word => RunKind::Word,
            Role::Dense | Role::Ideograph | Role::Syllable => RunKind::Dense,
        };
        let after_symbol = kind == RunKind::Word && self.text.ends_with(['+', '#']);
        if self.run.kind != kind || after_symbol {
            self.end_run(form);
            self.run.kind = kind;
            self.run.start = self.text.len();
            self.run.source = source.clone();
            self.run.letters.clear();
        }
        let start = self.text.len();
        self.text.push(letter.character);
        self.run.source.end = source.end;
        if kind == RunKind::Dense {
            self.run.letters.push(DenseLetter { text: start..self.text.len(), source, role: letter.role });
        }
    }

    /// Adds an emoji: some titles are nothing else.
    fn add_sign(&mut self, sign: Letter, source: Range<usize>, form: Form) {
        self.end_run(form);
        let start = self.text.len();
        self.text.push(sign.character);
        self.add(start..self.text.len(), source);
    }

    /// Adds a mark to the letter before it, as one character where Unicode has one.
    fn join(&mut self, mark: Letter, source: Range<usize>) {
        if self.run.kind == RunKind::None {
            return;
        }
        let Some(last) = self.text.chars().next_back() else { return };
        if mark.role == Role::Breve && last != 'и' {
            return;
        }
        match CanonicalCompositionBorrowed::new().compose(last, mark.character) {
            Some(composed) => {
                self.text.pop();
                self.text.push(composed);
            }
            None => self.text.push(mark.character),
        }
        self.run.source.end = source.end;
        if self.run.kind == RunKind::Dense
            && let Some(letter) = self.run.letters.last_mut()
        {
            letter.text.end = self.text.len();
            letter.source.end = source.end;
        }
    }

    /// Whether a plus or a hash belongs to the word before it: C++, C#, F# are not C and F.
    fn ends_a_name(&self, symbol: char, rest: &str) -> bool {
        if self.run.kind != RunKind::Word {
            return false;
        }
        let word = self.text.get(self.run.start..).unwrap_or_default().as_bytes();
        match (word, symbol) {
            ([b'a'..=b'z'], '#') => !rest.starts_with(|next: char| next.is_alphanumeric() || next == '#'),
            ([b'a'..=b'z'], '+') => rest.starts_with('+'),
            ([b'a'..=b'z', b'+'], '+') => true,
            _ => false,
        }
    }

    fn end_run(&mut self, form: Form) {
        match self.run.kind {
            RunKind::None => return,
            RunKind::Word => self.add(self.run.start..self.text.len(), self.run.source.clone()),
            RunKind::Dense if form == Form::Whole => {
                self.add(self.run.start..self.text.len(), self.run.source.clone());
            }
            RunKind::Dense => {
                let letters = std::mem::take(&mut self.run.letters);
                self.add_dense(&letters, form);
                self.run.letters = letters;
            }
        }
        self.run.kind = RunKind::None;
    }

    fn add_dense(&mut self, letters: &[DenseLetter], form: Form) {
        if let [letter] = letters {
            return self.add(letter.text.clone(), letter.source.clone());
        }
        for (nth, pair) in letters.windows(2).enumerate() {
            let [first, second] = pair else { continue };
            self.add(first.text.start..second.text.end, first.source.start..second.source.end);
            if form == Form::Document && (first.role == Role::Ideograph || first.role == Role::Syllable && nth == 0) {
                self.add_beside(first);
            }
        }
        if let Some(last) = letters.last()
            && form == Form::Document
            && last.role == Role::Ideograph
        {
            self.add_beside(last);
        }
    }

    /// Adds a single letter at the position of the pair before it.
    fn add_beside(&mut self, letter: &DenseLetter) {
        self.position = self.position.saturating_sub(1);
        self.add(letter.text.clone(), letter.source.clone());
    }

    fn add(&mut self, text: Range<usize>, source: Range<usize>) {
        let n_bytes = self.text.get(text.clone()).map_or(0, |term| cut(term, MAX_TERM_BYTES).len());
        if n_bytes > 0 {
            self.places.push(Place { source, position: self.position, text: text.start..text.start + n_bytes });
            self.position += 1;
        }
    }
}
