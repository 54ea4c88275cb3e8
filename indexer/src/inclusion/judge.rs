//! What the layers say of one document.
//!
//! This is all that can be said of a document by itself. What depends on other documents is decided where whole segments are
//! read, by query-api: channels, playlists and groups of which nothing is shown, and the limits of floods.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use allowlist::rules::{HostGlob, NsfwPolicy, Place, Placed, RecordKind};
use jiff::Timestamp;
use tantivy::tokenizer::{TokenStream, Tokenizer};

use super::compile::{FoldedWords, Inclusion, NamedRegion, Ready, ReadyLayer};
use super::facts::Facts;
use crate::analysis::FoldTokenizer;
use crate::schema::UNKNOWN_LANGUAGE;

/// The product of all factors stays within these.
const FACTORS: std::ops::RangeInclusive<f32> = 0.1..=4.0;

/// What the layers say of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every layer shows it.
    Shown,
    /// A layer does not.
    Hidden(Reason),
}

/// The rule that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The file of the layer.
    pub layer: Arc<str>,
    /// The line of the value that decided; of the first value where none of them is what the document has.
    pub place: Place,
    /// The rule in a few words, such as ``[exclude] words, list `adverts`: `buy now` ``.
    pub rule: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.rule)
    }
}

/// What one layer says of one document, for people who ask why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerVerdict {
    /// The file of the layer.
    pub layer: Arc<str>,
    /// Every rule of the layer that hides it.
    pub hidden_by: Vec<Reason>,
    /// For each key of `[include]` that is asked of its kind, the value that it has.
    pub shown_by: Vec<Reason>,
}

impl Verdict {
    /// Whether it is shown.
    pub fn is_shown(&self) -> bool {
        *self == Self::Shown
    }
}

impl Inclusion {
    /// What the layers say of a document; the first rule that hides it.
    ///
    /// - `now_ms`: what `max_age` counts from, milliseconds since 1970.
    pub fn judge(&self, facts: &Facts, now_ms: i64) -> Verdict {
        let case = Case::new(facts, now_ms);
        let hidden = self.layers.iter().find_map(|layer| layer.hidden_by(&case).into_iter().next());
        hidden.map_or(Verdict::Shown, Verdict::Hidden)
    }

    /// What each layer says of a document, in their order.
    ///
    /// - `now_ms`: as for [`Self::judge`].
    pub fn explain(&self, facts: &Facts, now_ms: i64) -> Vec<LayerVerdict> {
        let case = Case::new(facts, now_ms);
        let explain = |layer: &ReadyLayer| LayerVerdict {
            layer: Arc::clone(&layer.file),
            hidden_by: layer.hidden_by(&case),
            shown_by: layer.asked(&case).into_iter().filter_map(Result::ok).collect(),
        };
        self.layers.iter().map(explain).collect()
    }

    /// The factor on the relevance of a document, from 0.1 to 4.
    ///
    /// - `now_ms`: as for [`Self::judge`].
    pub fn factor(&self, facts: &Facts, now_ms: i64) -> f32 {
        let case = Case::new(facts, now_ms);
        let boosts = self.layers.iter().flat_map(|layer| &layer.boosts);
        let factors = boosts.filter(|boost| !boost.value.on.found(&case).is_empty()).map(|boost| boost.value.factor);
        factors.product::<f32>().clamp(*FACTORS.start(), *FACTORS.end())
    }
}

impl ReadyLayer {
    /// The rules that hide it, `[exclude]` first.
    fn hidden_by(&self, case: &Case<'_>) -> Vec<Reason> {
        let reason = |place: &Place, rule: String| Reason { layer: Arc::clone(&self.file), place: place.clone(), rule };
        let found = self.exclude.found(case);
        let mut reasons: Vec<Reason> =
            found.into_iter().map(|found| reason(found.place, format!("[exclude] {}", found.rule))).collect();
        if let (Some(policy), Some(nsfw)) = (&self.nsfw, case.facts.nsfw) {
            match (policy.value, nsfw) {
                (NsfwPolicy::Exclude, true) => {
                    reasons.push(reason(&policy.place, "[exclude] nsfw: it is not safe for work".to_owned()));
                }
                (NsfwPolicy::Only, false) => {
                    reasons.push(reason(
                        &policy.place,
                        "[exclude] nsfw: only what is not safe for work is shown".to_owned(),
                    ));
                }
                _ => {}
            }
        }
        reasons.extend(self.asked(case).into_iter().filter_map(Result::err));
        reasons
    }

    /// For each key of `[include]` that is asked of its kind: the value that it has, or that it has none.
    fn asked(&self, case: &Case<'_>) -> Vec<Result<Reason, Reason>> {
        let reason = |place: &Place, rule: String| Reason {
            layer: Arc::clone(&self.file),
            place: place.clone(),
            rule: format!("[include] {rule}"),
        };
        let answer = |key: Key<'_>| match key.found {
            Some(found) => Ok(reason(found.place, found.rule)),
            None => Err(reason(key.first, format!("{}: {}", key.name, key.missing))),
        };
        self.include.keys(case, Table::Include).into_iter().map(answer).collect()
    }
}

/// A value of a key that the document has.
struct Found<'a> {
    place: &'a Place,
    rule: String,
}

/// One key that is set and that the kind can have.
struct Key<'a> {
    name: &'static str,
    /// Where its values begin.
    first: &'a Place,
    found: Option<Found<'a>>,
    /// What the document has instead.
    missing: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Include,
    Exclude,
}

impl Ready {
    /// One value of each key of which the document has any.
    fn found(&self, case: &Case<'_>) -> Vec<Found<'_>> {
        self.keys(case, Table::Exclude).into_iter().filter_map(|key| key.found).collect()
    }

    /// Every key that is set and that the kind of the document can have.
    fn keys(&self, case: &Case<'_>, table: Table) -> Vec<Key<'_>> {
        use RecordKind::{Channel, Event, Group, Playlist, Video};
        let facts = case.facts;
        let mut keys = Keys { kind: facts.kind, all: Vec::new() };
        keys.add("kinds", &RecordKind::ALL, &self.kinds, |kind| *kind == facts.kind, &facts.kind);
        keys.add("hosts", &RecordKind::ALL, &self.hosts, |glob| glob.matches(&facts.host), &facts.host);
        let language = facts.language.as_deref().unwrap_or(UNKNOWN_LANGUAGE);
        // The language of a group is only guessed, so one that could not be guessed passes every choice.
        let passes = table == Table::Include && facts.kind == Group && language == UNKNOWN_LANGUAGE;
        let speaks = |wanted: &String| passes || is_form_of(language, wanted);
        keys.add("languages", &[Video, Event, Group], &self.languages, speaks, &language);
        keys.add_equal("categories", &[Video], &self.video_categories, facts.video_category.as_ref());
        keys.add_equal("categories", &[Event], &self.event_categories, facts.event_category.as_ref());
        keys.add_equal("licences", &[Video], &self.licences, facts.licence.as_ref());
        keys.add("tags", &[Video, Event], &self.tags, |tag| facts.tags.contains(tag), &facts.tags.join(", "));
        keys.add_equal("accounts", &[Video, Channel, Playlist, Event], &self.accounts, facts.account.as_ref());
        keys.add_equal("channels", &[Video, Channel, Playlist], &self.channels, facts.channel.as_ref());
        keys.add_equal("groups", &[Event, Group], &self.groups, facts.group.as_ref());
        keys.add_equal("items", &RecordKind::ALL, &self.items, Some(&facts.key));
        keys.add_words(&self.words, case);
        let is_inside = |named: &NamedRegion| facts.point.is_some_and(|point| named.region.contains(point));
        let at = facts
            .point
            .map_or_else(|| "no coordinates".to_owned(), |point| format!("{:.4}, {:.4}", point.lat(), point.lon()));
        keys.add("regions", &[Event, Group], &self.regions, is_inside, &at);
        let duration_s = facts.duration_s.unwrap_or(0);
        let seconds = format!("{duration_s} s");
        keys.add("min_duration", &[Video], self.min_duration_s.as_slice(), |least| duration_s >= *least, &seconds);
        keys.add("max_duration", &[Video], self.max_duration_s.as_slice(), |most| duration_s <= *most, &seconds);
        let (at_ms, date) = (facts.at_ms.unwrap_or(i64::MIN), facts.at_ms.map(day).unwrap_or_default());
        keys.add("since", &[Video, Event], self.since_ms.as_slice(), |since| at_ms >= *since, &date);
        let is_young = |age: &i64| at_ms >= case.now_ms.saturating_sub(*age);
        keys.add("max_age", &[Video, Event], self.max_age_ms.as_slice(), is_young, &date);
        let has_flag = |flags: &u32| facts.nsfw_flags & flags != 0;
        keys.add("nsfw_flags", &[Video], self.nsfw_flags.as_slice(), has_flag, &facts.nsfw_flags);
        keys.all
    }
}

struct Keys<'a> {
    kind: RecordKind,
    all: Vec<Key<'a>>,
}

impl<'a> Keys<'a> {
    /// Adds a key of some kinds where it is set; `is` is what the document has.
    fn add<T: Shown>(
        &mut self,
        name: &'static str,
        kinds: &[RecordKind],
        values: &'a [Placed<T>],
        has: impl Fn(&T) -> bool,
        is: &dyn fmt::Display,
    ) {
        let Some(first) = values.first().filter(|_| kinds.contains(&self.kind)) else { return };
        let found = values.iter().find(|value| has(&value.value));
        let found = found.map(|value| Found { place: &value.place, rule: format!("{name}: {}", value.value.shown()) });
        let missing = if found.is_some() { String::new() } else { none_of(values, is) };
        self.all.push(Key { name, first: &first.place, found, missing });
    }

    /// Adds a key of which a document has one value or none.
    fn add_equal<T: Shown + PartialEq + fmt::Display>(
        &mut self,
        name: &'static str,
        kinds: &[RecordKind],
        values: &'a [Placed<T>],
        own: Option<&T>,
    ) {
        match own {
            Some(own) => self.add(name, kinds, values, |value| value == own, own),
            None => self.add(name, kinds, values, |_| false, &""),
        }
    }

    fn add_words(&mut self, lists: &'a [Placed<FoldedWords>], case: &Case<'_>) {
        let Some(first) = lists.first() else { return };
        let found = lists.iter().find_map(|list| {
            let phrase = list.value.phrases.iter().find(|phrase| case.holds(&phrase.value))?;
            let rule = format!("words, list `{}`: `{}`", list.value.name, phrase.value.join(" "));
            Some(Found { place: &phrase.place, rule })
        });
        let names: Vec<&str> = lists.iter().map(|list| list.value.name.as_str()).collect();
        let missing = if found.is_some() { String::new() } else { format!("no word of `{}`", names.join("`, `")) };
        self.all.push(Key { name: "words", first: &first.place, found, missing });
    }
}

/// How many values of a key are written out.
const MAX_SHOWN: usize = 6;

fn none_of<T: Shown>(values: &[Placed<T>], is: &dyn fmt::Display) -> String {
    let mut names: Vec<String> = values.iter().take(MAX_SHOWN).map(|value| value.value.shown()).collect();
    if values.len() > MAX_SHOWN {
        names.push(format!("{} more", values.len() - MAX_SHOWN));
    }
    let is = is.to_string();
    match (is.as_str(), names.as_slice()) {
        ("" | UNKNOWN_LANGUAGE, _) => format!("it has none, {} is asked for", names.join(" or ")),
        (is, _) => format!("it has `{is}`, {} is asked for", names.join(" or ")),
    }
}

/// A value for people.
trait Shown {
    fn shown(&self) -> String;
}

impl Shown for String {
    fn shown(&self) -> String {
        if self == UNKNOWN_LANGUAGE { "`und`".to_owned() } else { format!("`{self}`") }
    }
}

impl Shown for RecordKind {
    fn shown(&self) -> String {
        format!("`{self}`")
    }
}

impl Shown for HostGlob {
    fn shown(&self) -> String {
        format!("`{}`", self.as_str())
    }
}

impl Shown for NamedRegion {
    fn shown(&self) -> String {
        format!("`{}`", self.name)
    }
}

impl Shown for i64 {
    fn shown(&self) -> String {
        // Times and lengths of time are told by the line; only ids are short.
        if self.unsigned_abs() < 1_000_000 { self.to_string() } else { "the time in this line".to_owned() }
    }
}

impl Shown for u64 {
    fn shown(&self) -> String {
        format!("{self} s")
    }
}

impl Shown for u32 {
    fn shown(&self) -> String {
        let names: Vec<&str> = [(1, "violent"), (2, "explicit")]
            .into_iter()
            .filter(|(bit, _)| self & bit != 0)
            .map(|(_, name)| name)
            .collect();
        format!("`{}`", names.join("`, `"))
    }
}

fn day(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| at_ms.to_string(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// Whether a language is `wanted`, or that with a script or a country.
fn is_form_of(language: &str, wanted: &str) -> bool {
    let language = language.to_lowercase();
    language.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// A document that is judged; its words are only looked for where a layer asks for words.
struct Case<'a> {
    facts: &'a Facts,
    now_ms: i64,
    terms: OnceCell<Terms>,
}

impl<'a> Case<'a> {
    fn new(facts: &'a Facts, now_ms: i64) -> Self {
        Self { facts, now_ms, terms: OnceCell::new() }
    }

    fn holds(&self, phrase: &[String]) -> bool {
        self.terms.get_or_init(|| Terms::of(self.facts)).holds(phrase)
    }
}

/// The words of a document with their places.
#[derive(Default)]
struct Terms {
    /// By term the texts that hold it, with its positions in them.
    places: HashMap<String, Vec<(usize, usize)>>,
    /// Terms beyond the scored part of the description.
    rest: HashSet<String>,
}

/// The scored part of the description, and the whole of it, among the texts of [`Terms::places`].
const SCORED: usize = 1;
const WHOLE: usize = usize::MAX;

impl Terms {
    fn of(facts: &Facts) -> Self {
        let mut terms = Self::default();
        let mut tokenizer = FoldTokenizer::default();
        for (nth, text) in facts.texts.iter().enumerate() {
            terms.add(&mut tokenizer, nth, text);
        }
        if !facts.rest.is_empty() {
            let mut stream = tokenizer.token_stream(&facts.rest);
            while let Some(token) = stream.next() {
                terms.rest.insert(token.text.clone());
            }
            terms.add(&mut tokenizer, WHOLE, &format!("{}{}", facts.scored(), facts.rest));
        }
        terms
    }

    fn add(&mut self, tokenizer: &mut FoldTokenizer, nth: usize, text: &str) {
        let mut stream = tokenizer.token_stream(text);
        while let Some(token) = stream.next() {
            self.places.entry(token.text.clone()).or_default().push((nth, token.position));
        }
    }

    /// Whether the terms stand side by side in one text. Of a long description, what follows the scored part is indexed without
    /// places, so a word counts there that is found there by itself.
    fn holds(&self, phrase: &[String]) -> bool {
        let in_texts =
            |term: &String| self.places.get(term).is_some_and(|places| places.iter().any(|(nth, _)| *nth != WHOLE));
        let in_description = |term: &String| {
            self.rest.contains(term)
                || self.places.get(term).is_some_and(|places| places.iter().any(|(nth, _)| *nth == SCORED))
        };
        match phrase {
            [] => false,
            [term] => in_texts(term) || self.rest.contains(term),
            [first, others @ ..] => {
                let in_whole =
                    || phrase.iter().all(in_description) && phrase.iter().any(|term| self.rest.contains(term));
                let stands = |nth: usize, start: usize| {
                    let mut others = others.iter().zip(start + 1..);
                    others.all(|(term, at)| self.places.get(term).is_some_and(|places| places.contains(&(nth, at))))
                };
                let starts = self.places.get(first).map(Vec::as_slice).unwrap_or_default();
                starts.iter().any(|(nth, start)| stands(*nth, *start) && (*nth != WHOLE || in_whole()))
            }
        }
    }
}
