//! What a layer asks of the documents of one kind, as tests on a segment.

use std::sync::Arc;

use allowlist::rules::{HostGlob, NsfwPolicy, Placed};
use indexer::geography::Area;
use indexer::inclusion::{FoldedWords, Ready, ReadyLayer};
use indexer::schema::UNKNOWN_LANGUAGE;
use tantivy::Term;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED};

use super::fields::RuleFields;
use super::phrase;
use crate::search::bits::Bits;
use crate::search::filter::{Expr, RangeColumn};
use crate::search::geo::Within;
use crate::search::segment::Segment;

/// One test on documents.
pub(super) enum Test {
    /// Every document passes, or none.
    Always(bool),
    /// A set that filters have, too.
    Expr(Expr),
    /// A host that one of the patterns means.
    Hosts(Field, Vec<HostGlob>),
    /// A language that is one of these, or a form of one.
    Languages(Field, Vec<String>),
    /// Words that stand side by side, of each of some entries of one word list or several.
    Words(Vec<Vec<String>>),
}

/// One key of a table: documents that pass any of its tests have a value of it.
pub(super) struct Condition {
    pub key: &'static str,
    /// The name of the word list.
    pub list: Option<String>,
    tests: Vec<Test>,
}

/// A reason not to show documents.
pub(super) struct Hiding {
    pub file: Arc<str>,
    /// `include`: documents without the condition are hidden; `exclude`: those with it.
    pub is_include: bool,
    pub condition: Condition,
}

impl Hiding {
    /// The documents that it hides, deleted ones included.
    pub fn docs(&self, segment: &Segment, fields: &RuleFields) -> tantivy::Result<Bits> {
        let mut bits = self.condition.docs(segment, fields)?;
        if self.is_include {
            bits.invert();
        }
        Ok(bits)
    }
}

/// Everything in a layer that hides documents of a kind.
pub(super) fn hidings<'a>(
    layer: &'a ReadyLayer,
    fields: &RuleFields,
    now_ms: i64,
) -> impl Iterator<Item = Hiding> + use<'a> {
    let included = conditions(&layer.include, fields, now_ms, true).into_iter().map(|condition| (true, condition));
    let excluded = conditions(&layer.exclude, fields, now_ms, false).into_iter().map(|condition| (false, condition));
    let nsfw = layer.nsfw.as_ref().and_then(|policy| nsfw(policy.value, fields)).map(|condition| (false, condition));
    let hidings = included.chain(excluded).chain(nsfw);
    hidings.map(|(is_include, condition)| Hiding { file: Arc::clone(&layer.file), is_include, condition })
}

fn nsfw(policy: NsfwPolicy, fields: &RuleFields) -> Option<Condition> {
    let hidden = match policy {
        NsfwPolicy::Include => return None,
        NsfwPolicy::Exclude => 1,
        NsfwPolicy::Only => 0,
    };
    let test = Test::Expr(Expr::AnyTerm(vec![Term::from_field_u64(fields.nsfw?, hidden)]));
    Some(Condition { key: "nsfw", list: None, tests: vec![test] })
}

/// The keys that are set and that the kind can have.
pub(super) fn conditions(ready: &Ready, fields: &RuleFields, now_ms: i64, is_include: bool) -> Vec<Condition> {
    let mut all = Conditions::default();
    if !ready.kinds.is_empty() {
        all.add("kinds", [Test::Always(ready.kinds.iter().any(|kind| kind.value == fields.kind))]);
    }
    if !ready.hosts.is_empty() {
        all.add("hosts", hosts(&ready.hosts, fields.host));
    }
    if let Some(field) = fields.language.filter(|_| !ready.languages.is_empty()) {
        let mut wanted: Vec<String> = ready.languages.iter().map(|language| language.value.clone()).collect();
        // The language of a group is only guessed, so one that could not be guessed passes every choice.
        if is_include && fields.kind == allowlist::rules::RecordKind::Group {
            wanted.push(UNKNOWN_LANGUAGE.to_owned());
        }
        all.add("languages", [Test::Languages(field, wanted)]);
    }
    all.add_numbers("categories", fields.video_category, &ready.video_categories);
    all.add_texts("categories", fields.event_category, &ready.event_categories);
    all.add_numbers("licences", fields.licence, &ready.licences);
    all.add_texts("tags", fields.tag, &ready.tags);
    all.add_texts("accounts", fields.account, &ready.accounts);
    all.add_texts("channels", fields.channel, &ready.channels);
    all.add_texts("groups", fields.group, &ready.groups);
    all.add_texts("items", Some(fields.key), &ready.items);
    if is_include && !ready.words.is_empty() {
        all.add("words", ready.words.iter().map(|list| words(&list.value)));
    } else {
        for list in &ready.words {
            let condition =
                Condition { key: "words", list: Some(list.value.name.clone()), tests: vec![words(&list.value)] };
            all.0.push(condition);
        }
    }
    if fields.has_regions && !ready.regions.is_empty() {
        let within = |region: Arc<_>| Test::Expr(Expr::Within(Arc::new(Within::new(Area::Region(region)))));
        all.add("regions", ready.regions.iter().map(|region| within(Arc::clone(&region.value.region))));
    }
    add_ranges(ready, fields, now_ms, &mut all);
    if let (Some(field), Some(flags)) = (fields.nsfw_flag, &ready.nsfw_flags) {
        let bits = (0..u32::BITS).map(|bit| 1_u32 << bit).filter(|bit| flags.value & bit != 0);
        let terms = bits.map(|bit| Term::from_field_u64(field, u64::from(bit))).collect();
        all.add("nsfw_flags", [Test::Expr(Expr::AnyTerm(terms))]);
    }
    all.0
}

fn add_ranges(ready: &Ready, fields: &RuleFields, now_ms: i64, all: &mut Conditions) {
    let seconds = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    if fields.has_duration {
        if let Some(least) = &ready.min_duration_s {
            all.add_range("min_duration", RangeColumn::Duration, seconds(least.value), i64::MAX);
        }
        if let Some(most) = &ready.max_duration_s {
            all.add_range("max_duration", RangeColumn::Duration, 0, seconds(most.value));
        }
    }
    if let Some(date) = fields.date {
        if let Some(since) = &ready.since_ms {
            all.add_range("since", date, since.value, i64::MAX);
        }
        if let Some(age) = &ready.max_age_ms {
            all.add_range("max_age", date, now_ms.saturating_sub(age.value), i64::MAX);
        }
    }
}

fn hosts(globs: &[Placed<HostGlob>], field: Field) -> Vec<Test> {
    let (literal, patterns): (Vec<&HostGlob>, Vec<&HostGlob>) =
        globs.iter().map(|glob| &glob.value).partition(|glob| glob.is_literal());
    let terms = literal.iter().map(|host| Term::from_field_text(field, host.as_str())).collect();
    vec![Test::Expr(Expr::AnyTerm(terms)), Test::Hosts(field, patterns.into_iter().cloned().collect())]
}

fn words(list: &FoldedWords) -> Test {
    Test::Words(list.phrases.iter().map(|phrase| phrase.value.clone()).collect())
}

#[derive(Default)]
struct Conditions(Vec<Condition>);

impl Conditions {
    fn add(&mut self, key: &'static str, tests: impl IntoIterator<Item = Test>) {
        self.0.push(Condition { key, list: None, tests: tests.into_iter().collect() });
    }

    fn add_terms(&mut self, key: &'static str, mut terms: Vec<Term>) {
        if !terms.is_empty() {
            // In the order of the dictionary, so that neighbours are found in the same blocks.
            terms.sort_unstable();
            self.add(key, [Test::Expr(Expr::AnyTerm(terms))]);
        }
    }

    fn add_texts(&mut self, key: &'static str, field: Option<Field>, values: &[Placed<String>]) {
        let Some(field) = field else { return };
        self.add_terms(key, values.iter().map(|value| Term::from_field_text(field, &value.value)).collect());
    }

    fn add_numbers(&mut self, key: &'static str, field: Option<Field>, values: &[Placed<i64>]) {
        let Some(field) = field else { return };
        self.add_terms(key, values.iter().map(|value| Term::from_field_i64(field, value.value)).collect());
    }

    fn add_range(&mut self, key: &'static str, column: RangeColumn, min: i64, max: i64) {
        self.add(key, [Test::Expr(Expr::Range(column, min, max))]);
    }
}

impl Condition {
    /// The documents that pass any of the tests, deleted ones included.
    pub fn docs(&self, segment: &Segment, fields: &RuleFields) -> tantivy::Result<Bits> {
        let mut bits = Bits::none(segment.n_docs());
        for test in &self.tests {
            match test {
                Test::Always(false) => {}
                Test::Always(true) => bits = Bits::all(segment.n_docs()),
                Test::Expr(expr) => bits.unite(&segment.evaluate(expr)?),
                Test::Hosts(_, globs) if globs.is_empty() => {}
                Test::Hosts(field, globs) => {
                    add_named(segment, *field, &mut bits, |host| globs.iter().any(|glob| glob.matches(host)))?;
                }
                Test::Languages(field, wanted) => {
                    add_named(segment, *field, &mut bits, |name| wanted.iter().any(|wanted| is_form_of(name, wanted)))?;
                }
                Test::Words(phrases) => phrase::add_docs(segment, fields, phrases, &mut bits)?,
            }
        }
        Ok(bits)
    }

    /// The terms of the condition, when it asks for nothing but terms.
    pub fn terms(&self) -> Option<impl Iterator<Item = &Term>> {
        let terms = |test: &'_ Test| match test {
            Test::Expr(Expr::AnyTerm(_)) => true,
            Test::Hosts(_, globs) => globs.is_empty(),
            _ => false,
        };
        self.tests.iter().all(terms).then(|| {
            self.tests.iter().flat_map(|test| match test {
                Test::Expr(Expr::AnyTerm(terms)) => terms.as_slice(),
                _ => &[],
            })
        })
    }
}

/// Adds the documents of every term of a field that `accept` accepts; for fields of few different values.
fn add_named(segment: &Segment, field: Field, bits: &mut Bits, accept: impl Fn(&str) -> bool) -> tantivy::Result<()> {
    let index = segment.reader.inverted_index(field)?;
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        if !std::str::from_utf8(terms.key()).is_ok_and(&accept) {
            continue;
        }
        let mut postings = index.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            bits.insert(doc);
            doc = postings.advance();
        }
    }
    Ok(())
}

/// Whether a language is `wanted`, or that with a script or a country.
fn is_form_of(language: &str, wanted: &str) -> bool {
    let language = language.to_lowercase();
    language.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_means_its_scripts_and_countries() {
        assert!(is_form_of("zh", "zh") && is_form_of("zh-Hans", "zh") && is_form_of("pt_BR", "pt"));
        assert!(!is_form_of("zha", "zh") && !is_form_of("z", "zh") && !is_form_of(UNKNOWN_LANGUAGE, "un"));
        assert!(is_form_of(UNKNOWN_LANGUAGE, UNKNOWN_LANGUAGE));
    }
}
