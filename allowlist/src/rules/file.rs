//! One rules file: its text to a [`Layer`] whose every value knows its line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::form::{Category, ConditionsForm, FileForm, LimitsForm, WordsForm};
use super::layer::digest_of;
use super::{
    Boost, Boosts, Conditions, HostGlob, Layer, Limits, NsfwPolicy, Place, Placed, RecordKind, Reference, RulesError,
    WordList, time,
};
use crate::Host;
use crate::moderation::Target;

/// Most files that one file may extend.
const MAX_EXTENDS: usize = 32;

/// Longest name of an index or a word list, and longest word, in characters.
const MAX_NAME_CHARS: usize = 200;

/// Longest description of an index in characters.
const MAX_DESCRIPTION_CHARS: usize = 2000;

/// Flags of what is not safe for work, by name (PeerTube 7.2, `NSFWFlag`).
const NSFW_FLAGS: [(&str, u32); 2] = [("violent", 1), ("explicit", 2)];

/// One file, read. What it names is not loaded yet.
#[derive(Clone, Debug, PartialEq)]
pub struct RulesFile {
    /// Name of the index.
    pub name: Option<String>,
    /// What it holds and for whom.
    pub description: Option<String>,
    /// What it extends, in its order.
    pub extends: Vec<Placed<Reference>>,
    /// Everything else; without the regions.
    pub layer: Layer,
    /// Regions that `[include]` names.
    pub include_regions: Vec<Placed<Reference>>,
    /// Regions that `[exclude]` names.
    pub exclude_regions: Vec<Placed<Reference>>,
}

impl RulesFile {
    /// Parses one file. `file` is its path or address, for places.
    ///
    /// # Errors
    /// The first fault: not TOML, an unknown key, a wrong type, a value that means nothing.
    pub fn parse(file: &str, text: &str) -> Result<Self, RulesError> {
        let source = Source { file: Arc::from(file), lines: Lines::of(text) };
        let form: FileForm = toml::from_str(text).map_err(|error| {
            source.fault(&error.span().unwrap_or_default(), error.message().trim().replace('\n', "; "))
        })?;
        let index = form.index;
        if let Some(one_more) = index.extends.get(MAX_EXTENDS) {
            return Err(source.fault(&one_more.span(), format!("more than {MAX_EXTENDS} files are extended")));
        }
        let mut layer = Layer::everything(file);
        layer.digest = digest_of(text);
        layer.nsfw = source.one(form.exclude.nsfw.as_ref(), |text| nsfw_policy(text))?;
        layer.exclude.nsfw_flags = source.nsfw_flags(form.exclude.nsfw_flags.as_ref())?;
        for (key, span) in [
            ("nsfw", form.include.nsfw.as_ref().map(Spanned::span)),
            ("nsfw_flags", form.include.nsfw_flags.as_ref().map(Spanned::span)),
        ] {
            if let Some(span) = span {
                return Err(source.fault(&span, format!("`{key}` is a key of [exclude] only; write it there")));
            }
        }
        let include_regions =
            source.list("regions", form.include.regions.as_ref(), Empty::Refused, |text| reference(text))?;
        let exclude_regions =
            source.list("regions", form.exclude.regions.as_ref(), Empty::Nothing, |text| reference(text))?;
        source.conditions(form.include, Empty::Refused, &mut layer.include)?;
        source.conditions(form.exclude, Empty::Nothing, &mut layer.exclude)?;
        layer.boosts = Boosts {
            languages: source.boosts(form.boost.languages, language)?,
            hosts: source.boosts(form.boost.hosts, host_glob)?,
            tags: source.boosts(form.boost.tags, tag)?,
            targets: Vec::new(),
        };
        layer.limits = source.limits(&form.limits)?;
        let plain = |max: usize| move |text: &String| plain_text(text, max);
        Ok(Self {
            name: source.one(index.name.as_ref(), plain(MAX_NAME_CHARS))?.map(|placed| placed.value),
            description: source
                .one(index.description.as_ref(), plain(MAX_DESCRIPTION_CHARS))?
                .map(|placed| placed.value),
            extends: source.each(&index.extends, |text| reference(text))?,
            layer,
            include_regions,
            exclude_regions,
        })
    }
}

/// Whether a list may be empty: what is included from an empty list would be nothing to one reader and everything to another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    Refused,
    Nothing,
}

/// The file that is read, for places.
struct Source {
    file: Arc<str>,
    lines: Lines,
}

impl Source {
    fn place(&self, span: &Range<usize>) -> Place {
        Place { file: Arc::clone(&self.file), line: self.lines.number(span.start) }
    }

    fn fault(&self, span: &Range<usize>, cause: String) -> RulesError {
        RulesError { place: self.place(span), cause }
    }

    fn one<T, U>(
        &self,
        value: Option<&Spanned<T>>,
        read: impl Fn(&T) -> Result<U, String>,
    ) -> Result<Option<Placed<U>>, RulesError> {
        let Some(value) = value else { return Ok(None) };
        let read = read(value.get_ref()).map_err(|cause| self.fault(&value.span(), cause))?;
        Ok(Some(Placed { value: read, place: self.place(&value.span()) }))
    }

    fn each<T, U>(
        &self,
        values: &[Spanned<T>],
        read: impl Fn(&T) -> Result<U, String>,
    ) -> Result<Vec<Placed<U>>, RulesError> {
        values.iter().filter_map(|value| self.one(Some(value), &read).transpose()).collect()
    }

    fn list<T, U>(
        &self,
        key: &str,
        list: Option<&Spanned<Vec<Spanned<T>>>>,
        empty: Empty,
        read: impl Fn(&T) -> Result<U, String>,
    ) -> Result<Vec<Placed<U>>, RulesError> {
        let Some(list) = list else { return Ok(Vec::new()) };
        if empty == Empty::Refused && list.get_ref().is_empty() {
            let cause = format!(
                "`{key}` is empty, which would mean nothing or everything; remove the line, or write what is meant"
            );
            return Err(self.fault(&list.span(), cause));
        }
        self.each(list.get_ref(), read)
    }

    fn conditions(&self, form: ConditionsForm, empty: Empty, conditions: &mut Conditions) -> Result<(), RulesError> {
        conditions.kinds = self.list("kinds", form.kinds.as_ref(), empty, |text| text.parse::<RecordKind>())?;
        conditions.hosts = self.list("hosts", form.hosts.as_ref(), empty, |text| host_glob(text))?;
        conditions.languages = self.list("languages", form.languages.as_ref(), empty, |text| language(text))?;
        for Placed { value, place } in self.list("categories", form.categories.as_ref(), empty, category)? {
            match value {
                Category::Video(value) => conditions.video_categories.push(Placed { value, place }),
                Category::Event(value) => conditions.event_categories.push(Placed { value, place }),
            }
        }
        conditions.licences = self.list("licences", form.licences.as_ref(), empty, |id| positive(*id))?;
        conditions.tags = self.list("tags", form.tags.as_ref(), empty, |text| tag(text))?;
        conditions.words = form.words.iter().map(|list| self.words(list)).collect::<Result<_, _>>()?;
        conditions.accounts = self.list("accounts", form.accounts.as_ref(), empty, |text| handle(text))?;
        conditions.channels = self.list("channels", form.channels.as_ref(), empty, |text| handle(text))?;
        conditions.groups = self.list("groups", form.groups.as_ref(), empty, |text| handle(text))?;
        conditions.min_duration_s = self.one(form.min_duration.as_ref(), |text| time::seconds(text))?;
        conditions.max_duration_s = self.one(form.max_duration.as_ref(), |text| time::seconds(text))?;
        conditions.since_ms = self.one(form.since.as_ref(), |text| time::since_ms(text))?;
        // The longest length of time is far from the bounds of the type.
        let milliseconds = |text: &String| Ok(i64::try_from(time::seconds(text)?).unwrap_or(i64::MAX / 1000) * 1000);
        conditions.max_age_ms = self.one(form.max_age.as_ref(), milliseconds)?;
        Ok(())
    }

    fn words(&self, list: &Spanned<WordsForm>) -> Result<Placed<WordList>, RulesError> {
        let place = self.place(&list.span());
        let WordsForm { name, language: of, words } = list.get_ref();
        if words.get_ref().is_empty() {
            return Err(self.fault(&words.span(), "a list without words; write one, or remove the list".to_owned()));
        }
        let named = self.one(Some(name), |text| plain_text(text, MAX_NAME_CHARS))?;
        let value = WordList {
            name: named.map(|placed| placed.value).unwrap_or_default(),
            language: self.one(of.as_ref(), |text| language(text))?.map(|placed| placed.value),
            words: self.each(words.get_ref(), |word| plain_text(word, MAX_NAME_CHARS))?,
        };
        Ok(Placed { value, place })
    }

    fn nsfw_flags(&self, list: Option<&Spanned<Vec<Spanned<String>>>>) -> Result<Option<Placed<u32>>, RulesError> {
        let flags = self.list("nsfw_flags", list, Empty::Nothing, |name| nsfw_flag(name))?;
        let bits = flags.iter().fold(0, |bits, flag| bits | flag.value);
        Ok(flags.into_iter().next().map(|first| Placed { value: bits, place: first.place }))
    }

    fn boosts<T>(
        &self,
        factors: BTreeMap<String, Spanned<f64>>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<Placed<Boost<T>>>, RulesError> {
        let mut boosts = Vec::new();
        for (name, factor) in factors {
            let (span, factor) = (factor.span(), factor.into_inner());
            if !(0.1..=4.0).contains(&factor) {
                return Err(self.fault(&span, format!("{factor} is not a factor from 0.1 to 4; above 1 ranks higher")));
            }
            let on = read(&name).map_err(|cause| self.fault(&span, cause))?;
            boosts.push(Placed { value: Boost { on, factor: factor as f32 }, place: self.place(&span) });
        }
        Ok(boosts)
    }

    fn limits(&self, form: &LimitsForm) -> Result<Limits, RulesError> {
        let count = |value: Option<&Spanned<i64>>| {
            self.one(value, |count| {
                let refused = || format!("{count} is not a number of documents a day; write 1 or more");
                u32::try_from(*count).ok().filter(|count| *count > 0).ok_or_else(refused)
            })
        };
        Ok(Limits {
            per_channel_and_day: count(form.per_channel_and_day.as_ref())?,
            per_organizer_and_day: count(form.per_organizer_and_day.as_ref())?,
        })
    }
}

/// Where the lines of a text begin: the places of ten thousand words are asked for one by one.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(ends.map(|(at, _)| at + 1).collect())
    }

    /// Counted from 1.
    fn number(&self, position: usize) -> usize {
        self.0.partition_point(|start| *start <= position) + 1
    }
}

fn reference(text: &str) -> Result<Reference, String> {
    text.parse()
}

fn nsfw_policy(text: &str) -> Result<NsfwPolicy, String> {
    match text {
        "exclude" => Ok(NsfwPolicy::Exclude),
        "include" => Ok(NsfwPolicy::Include),
        "only" => Ok(NsfwPolicy::Only),
        _ => Err(format!("`{text}` is not a policy; write `exclude`, `include` or `only`")),
    }
}

fn nsfw_flag(name: &str) -> Result<u32, String> {
    let known = NSFW_FLAGS.into_iter().find(|(flag, _)| *flag == name);
    known.map(|(_, bit)| bit).ok_or_else(|| format!("`{name}` is not a flag; write `violent` or `explicit`"))
}

fn host_glob(text: &str) -> Result<HostGlob, String> {
    if text.contains('*') {
        return HostGlob::parse(text);
    }
    // A whole name is read as lists read theirs, in any script.
    Host::parse(text).map_err(|error| error.to_string()).and_then(|host| HostGlob::parse(host.as_str()))
}

fn language(text: &str) -> Result<String, String> {
    let is_subtag = (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let refused = || {
        format!(
            "`{text}` is not a language; write two or three small letters such as `fr`, or `und` for unknown; `zh` also means `zh-Hans`"
        )
    };
    if is_subtag { Ok(text.to_owned()) } else { Err(refused()) }
}

fn category(category: &Category) -> Result<Category, String> {
    match category {
        Category::Video(id) => positive(*id).map(Category::Video),
        Category::Event(word) => {
            let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            let refused = || {
                format!(
                    "`{word}` is not a category; write a number for videos, or a word in capitals such as `MUSIC` for events"
                )
            };
            if is_word { Ok(Category::Event(word.clone())) } else { Err(refused()) }
        }
    }
}

fn positive(id: i64) -> Result<i64, String> {
    if id > 0 { Ok(id) } else { Err(format!("{id} is not a number that PeerTube gives; write 1 or more")) }
}

fn tag(text: &str) -> Result<String, String> {
    plain_text(text, MAX_NAME_CHARS)
}

fn handle(text: &str) -> Result<String, String> {
    match format!("account:{text}").parse() {
        Ok(Target::Account(handle)) => Ok(handle),
        Ok(_) => Err(format!("`{text}` is not a handle; write `name@tube.example`")),
        Err(error) => Err(error.to_string()),
    }
}

fn plain_text(text: &str, max_chars: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("an empty text, or one with control characters; write what is meant".to_owned());
    }
    if text.chars().count() > max_chars {
        return Err(format!("a text of {} characters; the most is {max_chars}", text.chars().count()));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        RulesFile::parse("rules.toml", text).unwrap_err().to_string()
    }

    const EVERY_KEY: &str = r##"
[index]
name = "Everything at once"
description = "Of every key an example."
extends = ["no-adult", "base.toml"]
[include]
kinds = ["video", "event"]
hosts = ["*.fr", "Tübe.example"]
languages = ["fr", "und"]
categories = [7, "MUSIC"]
licences = [1, 2]
tags = ["Jazz", "#Été"]
accounts = ["@Anna@tube.example"]
channels = ["films@tube.example"]
groups = ["chorale@agenda.example"]
regions = ["brittany.geojson"]
min_duration = "1m"
max_duration = "1h30m"
since = "2024-01-01"
max_age = "365d"
[[include.words]]
name = "instruments"
language = "de"
words = ["Geige", "große Trommel"]
[exclude]
nsfw = "exclude"
nsfw_flags = ["violent", "explicit"]
hosts = ["spam.example"]
[[exclude.words]]
name = "adverts"
words = ["buy now"]
[boost]
languages = { fr = 1.5 }
hosts = { "tube.example" = 2 }
tags = { jazz = 0.5 }
[limits]
per_channel_and_day = 20
per_organizer_and_day = 10
"##;

    #[test]
    fn every_key_is_read_with_its_line() {
        let file = RulesFile::parse("rules.toml", EVERY_KEY).unwrap();
        let Layer { include, exclude, nsfw, boosts, limits, digest, .. } = &file.layer;
        assert_eq!(file.name.as_deref(), Some("Everything at once"));
        assert_eq!(file.extends[0].value, Reference::Shipped("no-adult".to_owned()));
        assert_eq!(file.extends[1].place.line, 5);
        assert_eq!(include.kinds[1].value, RecordKind::Event);
        assert_eq!(include.hosts[1].value.as_str(), "xn--tbe-hoa.example");
        assert_eq!((include.video_categories[0].value, include.event_categories[0].value.as_str()), (7, "MUSIC"));
        assert_eq!((include.accounts[0].value.as_str(), include.accounts[0].place.line), ("anna@tube.example", 13));
        assert_eq!(file.include_regions[0].value, Reference::File("brittany.geojson".to_owned()));
        assert_eq!(include.min_duration_s.as_ref().unwrap().value, 60);
        assert_eq!(include.max_duration_s.as_ref().unwrap().value, 5400);
        assert_eq!(include.since_ms.as_ref().unwrap().value, 1_704_067_200_000);
        assert_eq!(include.max_age_ms.as_ref().unwrap().value, 365 * 86_400_000);
        assert_eq!(include.words[0].value.words[1].value, "große Trommel");
        assert_eq!(include.words[0].value.words[1].place.line, 24);
        assert_eq!(exclude.nsfw_flags.as_ref().unwrap().value, 3);
        assert_eq!(nsfw.as_ref().unwrap().value, NsfwPolicy::Exclude);
        assert_eq!((boosts.hosts[0].value.factor, boosts.hosts[0].place.line), (2.0, 34));
        assert_eq!(limits.per_channel_and_day.as_ref().unwrap().value, 20);
        assert_eq!(digest.len(), 64);
        assert_eq!(RulesFile::parse("rules.toml", "").unwrap().layer.include, Conditions::default());
    }

    // case 161
    #[test]
    fn an_unknown_key_a_wrong_type_and_a_bad_value_are_refused_with_their_line() {
        let rows = [
            ("[include]\nlanguage = ['fr']\n", "rules.toml line 2: unknown field `language`"),
            ("[index]\n\n[filter]\n", "rules.toml line 3: unknown field `filter`"),
            ("[include]\nlanguages = 'fr'\n", "rules.toml line 2: invalid type: string"),
            ("[include]\ncategories = [7,\n true]\n", "rules.toml line 3: invalid type: boolean"),
            ("[include]\nlanguages = ['fr',\n  'French']\n", "rules.toml line 3: `French` is not a language"),
            ("[include]\nlanguages = []\n", "rules.toml line 2: `languages` is empty"),
            ("[include]\nkinds = ['videos']\n", "rules.toml line 2: `videos` is not a kind"),
            ("[include]\nhosts = ['https://a.example']\n", "rules.toml line 2: `https://a.example` holds a scheme"),
            ("[include]\ncategories = ['Music']\n", "rules.toml line 2: `Music` is not a category"),
            ("[include]\nlicences = [0]\n", "rules.toml line 2: 0 is not a number that PeerTube gives"),
            ("[include]\naccounts = ['anna']\n", "rules.toml line 2: `anna` is not a handle"),
            ("[include]\nmin_duration = '5'\n", "rules.toml line 2: `5` is not a length of time"),
            ("[include]\nsince = 2024-01-01\n", "rules.toml line 2: invalid type"),
            ("[include]\nnsfw = 'exclude'\n", "rules.toml line 2: `nsfw` is a key of [exclude] only"),
            ("[exclude]\nnsfw = 'never'\n", "rules.toml line 2: `never` is not a policy"),
            ("[exclude]\nnsfw_flags = ['odd']\n", "rules.toml line 2: `odd` is not a flag"),
            ("[[exclude.words]]\nname = 'a'\n", "rules.toml line 1: missing field `words`"),
            ("[[exclude.words]]\nname = 'a'\nwords = []\n", "rules.toml line 3: a list without words"),
            ("[boost]\nlanguages = { fr = 5 }\n", "rules.toml line 2: 5 is not a factor from 0.1 to 4"),
            ("[limits]\nper_channel_and_day = 0\n", "rules.toml line 2: 0 is not a number of documents a day"),
            ("[index]\nextends = ['adult']\n", "rules.toml line 2: `adult` is no list that ships"),
            ("[index\n", "rules.toml line 1: "),
        ];
        for (text, expected) in rows {
            let refused = refused(text);
            assert!(refused.starts_with(expected), "{refused}\nis not\n{expected}");
        }
    }

    // case 133
    #[test]
    fn a_bad_pattern_refuses_the_file_with_its_line() {
        let refused_hosts = refused("[exclude]\nhosts = [\n  'a.example',\n  '(a+)+*',\n]\n");
        assert!(
            refused_hosts.starts_with("rules.toml line 4: `(a+)+*` is not a host name or a pattern"),
            "{refused_hosts}"
        );
        let refused_stars = refused("[exclude]\nhosts = ['*a*b*c*d*']\n");
        assert_eq!(refused_stars, "rules.toml line 2: `*a*b*c*d*` has more than four `*`");
        // A word is no pattern: it means itself.
        let words = "[[exclude.words]]\nname = 'w'\nwords = ['(a+)+$']\n";
        assert_eq!(
            RulesFile::parse("rules.toml", words).unwrap().layer.exclude.words[0].value.words[0].value,
            "(a+)+$"
        );
    }

    #[test]
    fn ten_thousand_words_know_their_lines() {
        let words: Vec<String> = (0..10_000).map(|n| format!("  'word {n}',\n")).collect();
        let file =
            RulesFile::parse("r", &format!("[[exclude.words]]\nname = 'a'\nwords = [\n{}]\n", words.concat())).unwrap();
        assert_eq!(file.layer.exclude.words[0].value.words[9_999].place.line, 10_003);
    }
}
