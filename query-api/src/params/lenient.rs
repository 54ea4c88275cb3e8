//! Parameters as the routes of Mobilizon read them: what cannot be used is left out, because their client shows an error as
//! "nothing found".

use std::collections::BTreeSet;

use indexer::schema::UNKNOWN_LANGUAGE;
use serde_json::Value;

use super::id::{canonical_handle, canonical_host};
use super::reader::{MAX_BLOCKED, MAX_REACH, MAX_TEXT_CHARS, MAX_VALUES, Reader};
use super::value;
use crate::query::{OriginFilter, Sort, SortKey, TextQuery};

/// Most results of one answer. The calendar of Mobilizon asks for 999 at once.
pub const MAX_MOBILIZON_COUNT: usize = 1_000;

/// Results of one answer when `count` is absent: that of Mobilizon's own search.
const DEFAULT_COUNT: usize = 10;

/// What `und` and its like stand for.
const UNDETERMINED: [&str; 4] = ["und", "mul", "mis", "zxx"];

impl Reader<'_> {
    /// `start` and `count`; nonsense is the first page, too many are the most there may be, and what no page reaches is the
    /// total alone.
    pub fn lenient_page(&self) -> (usize, usize) {
        let natural = |param| {
            let number = self.value(param).and_then(value::integer)?;
            usize::try_from(number).ok()
        };
        let start = natural("start").unwrap_or(0);
        let count = natural("count").unwrap_or(DEFAULT_COUNT).min(MAX_MOBILIZON_COUNT);
        (start, count.min(MAX_REACH.saturating_sub(start)))
    }

    /// The words; what is longer than any search is cut.
    pub fn lenient_text(&self) -> Option<TextQuery> {
        let text = self.value("search").and_then(value::text)?;
        let text = if text.chars().count() > MAX_TEXT_CHARS {
            text.trim().chars().take(MAX_TEXT_CHARS).collect()
        } else {
            text
        };
        (!text.trim().is_empty()).then(|| TextQuery::parse(&text))
    }

    /// `sort`, or `sortBy` as Mobilizon 3.0 and 3.1.0 call it; `None` when it is absent or unknown.
    pub fn lenient_sort(&self, key_of: impl Fn(&str) -> Option<SortKey>) -> Option<Sort> {
        let text = ["sort", "sortBy"].into_iter().find_map(|param| self.value(param).and_then(value::text))?;
        let text = text.trim();
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text.trim_start_matches('+'), false),
        };
        match key_of(name)? {
            SortKey::Match => Some(Sort::default()),
            key => Some(Sort { key, descending }),
        }
    }

    /// The first items of a list as sent, [`MAX_VALUES`] at most, as `map` writes them, sorted and without repetition.
    pub fn lenient_list(&self, param: &str, map: impl Fn(&str) -> Vec<String>) -> Vec<String> {
        // What is cut off does not depend on how the items are spelled: the client put first what matters to it.
        let set: BTreeSet<String> = self.items(param).iter().take(MAX_VALUES).flat_map(|item| map(item)).collect();
        set.into_iter().collect()
    }

    /// The items of a list, which may also be written with commas: trimmed, in the order sent, without empty ones.
    fn items(&self, param: &str) -> Vec<String> {
        let items = self.value(param).and_then(value::texts_among).unwrap_or_default();
        let items = items.iter().flat_map(|item| item.split(',')).map(str::trim).filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    }

    /// The names that `map` knows of a list that was given; a list without any lets nothing pass.
    pub fn lenient_names(&self, params: &[&str], map: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
        if params.iter().all(|param| self.lenient_list(param, one).is_empty()) {
            return None;
        }
        let known = params.iter().flat_map(|param| self.lenient_list(param, |item| map(item).into_iter().collect()));
        let set: BTreeSet<String> = known.collect();
        Some(set.into_iter().collect())
    }

    /// The mute lists, for clients that have some. They are read whole or refused: whoever mutes must not be shown what was
    /// muted by the end of the list.
    pub fn lenient_origin(&mut self) -> OriginFilter {
        OriginFilter {
            host: None,
            blocked_hosts: self.lenient_blocked("blockedHosts", canonical_host),
            blocked_accounts: self.lenient_blocked("blockedAccounts", canonical_handle),
        }
    }

    fn lenient_blocked(&mut self, param: &'static str, canonical: fn(&str) -> Option<String>) -> Vec<String> {
        let items = self.items(param);
        if items.len() > MAX_BLOCKED {
            self.refuse_size(param, MAX_BLOCKED);
            return Vec::new();
        }
        let set: BTreeSet<String> = items.iter().filter_map(|item| canonical(item)).collect();
        set.into_iter().collect()
    }

    /// `hostOneOf` and `host`.
    pub fn lenient_hosts(&self) -> Option<Vec<String>> {
        self.lenient_names(&["hostOneOf", "host"], canonical_host)
    }

    /// Primary subtags of `languageOneOf`.
    pub fn lenient_languages(&self) -> Vec<String> {
        self.lenient_list("languageOneOf", languages)
    }

    /// Primary subtags of `boostLanguages`.
    pub fn lenient_boosts(&self) -> Vec<String> {
        self.lenient_list("boostLanguages", languages)
    }

    fn value(&self, param: &str) -> Option<&Value> {
        self.params.get(param).map(|(_, value)| value)
    }
}

/// The item itself.
pub(super) fn one(item: &str) -> Vec<String> {
    vec![item.to_owned()]
}

/// What the index calls a language: `pt_BR` is `pt`, `zh_Hans` is `zh`, and the ways to write Norwegian are one.
pub(super) fn languages(tag: &str) -> Vec<String> {
    let tag = tag.to_lowercase();
    if tag.starts_with('_') {
        return one(UNKNOWN_LANGUAGE);
    }
    match tag.split(['_', '-']).next().unwrap_or_default() {
        primary if UNDETERMINED.contains(&primary) => one(UNKNOWN_LANGUAGE),
        "nn" | "nb" | "no" => ["nb", "nn", "no"].map(str::to_owned).to_vec(),
        primary => one(primary),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::params::{Location, ParamsError, RawParams, read_event_query, read_group_query};

    /// What Mobilizon sends that may be anything, and what it does not send.
    const FORGIVEN: [&str; 16] = [
        "search",
        "categoryOneOf",
        "languageOneOf",
        "statusOneOf",
        "distance",
        "count",
        "start",
        "sort",
        "sortBy",
        "boostLanguages",
        "tagsOneOf",
        "hostOneOf",
        "host",
        "group",
        "blockedHosts",
        "zoom",
    ];

    /// What has to be read one way or not at all.
    const STRICT: [&str; 5] = ["startDateMin", "startDateMax", "latlon", "bbox", "isOnline"];

    fn any_value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            "\\PC{0,20}",
            "-?[0-9]{1,30}(\\.[0-9]{0,3})?(_km|_mi|_m)?",
            "-?[0-9]{1,3}[:,]-?[0-9]{1,3}([:,]-?[0-9]{1,4}[:,]-?[0-9]{1,4})?",
            "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z| 02:00)?)?",
        ];
        let single = prop_oneof![
            text.prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
            Just(serde_json::json!({"a": [1]})),
        ];
        prop_oneof![3 => single.clone(), 1 => prop::collection::vec(single, 0..80).prop_map(Value::from)]
    }

    proptest! {
        #[test]
        fn only_dates_and_places_are_ever_refused(
            forgiven in prop::collection::vec((prop::sample::select(&FORGIVEN[..]), any_value()), 0..6),
            strict in prop::collection::vec((prop::sample::select(&STRICT[..]), any_value()), 0..3),
        ) {
            let mut params = RawParams::default();
            for (name, value) in forgiven {
                params.set(name, Location::Query, value);
            }
            let read = read_event_query(&params).unwrap();
            prop_assert!(read.count <= MAX_MOBILIZON_COUNT && (read.count == 0 || read.start + read.count <= MAX_REACH));
            prop_assert!(read.filter.categories.len() <= MAX_VALUES);
            prop_assert!(read_group_query(&params).is_ok());
            for (name, value) in strict {
                params.set(name, Location::Query, value);
            }
            for read in [read_event_query(&params).map(drop), read_group_query(&params).map(drop)] {
                if let Err(error) = read {
                    let ParamsError::Invalid(errors) = error else { panic!("nothing is too large") };
                    let is_strict = |param: &str| STRICT.contains(&param) || param == "distance";
                    prop_assert!(errors.iter().all(|error| is_strict(error.param)), "{:?}", errors);
                }
            }
        }
    }

    #[test]
    fn a_list_is_cut_at_its_end_as_it_was_sent() {
        let mut params = RawParams::default();
        let tags: Vec<String> = (0..100).rev().map(|n| format!("tag{n:02}")).collect();
        let hosts: Vec<String> = (0..100).rev().map(|n| format!("h{n:02}.example")).collect();
        params.set("tagsOneOf", Location::Query, Value::from(tags.clone()));
        params.set("hostOneOf", Location::Query, Value::from(hosts.join(",")));
        let read = read_event_query(&params).unwrap().filter;
        assert_eq!(read.tags_one_of, tags[..64].iter().rev().cloned().collect::<Vec<_>>());
        assert_eq!(read.hosts.unwrap(), hosts[..64].iter().rev().cloned().collect::<Vec<_>>());
        params.set("languageOneOf", Location::Query, Value::from(vec!["no"; 64]));
        assert_eq!(read_event_query(&params).unwrap().filter.languages, ["nb", "nn", "no"]);
    }

    // case 119
    #[test]
    fn mute_lists_are_read_whole_or_refused() {
        let hosts = |n: usize| (0..n).map(|n| format!("h{n:05}.example")).collect::<Vec<_>>();
        let handles = |n: usize| hosts(n).iter().map(|host| format!("Ada@{host}")).collect::<Vec<_>>();
        let mut params = RawParams::default();
        params.set("blockedHosts", Location::Query, Value::from(hosts(10_000)));
        params.set("blockedAccounts", Location::Query, Value::from(handles(10_000).join(",")));
        let of_events = read_event_query(&params).unwrap().filter.origin;
        assert_eq!((of_events.blocked_hosts.len(), of_events.blocked_accounts.len()), (10_000, 10_000));
        assert_eq!(of_events.blocked_accounts.last().unwrap(), "ada@h09999.example");
        assert_eq!(read_group_query(&params).unwrap().filter.origin, of_events);
        for (param, entries) in [("blockedHosts", hosts(10_001)), ("blockedAccounts", handles(10_001))] {
            let mut params = params.clone();
            params.set(param, Location::Query, Value::from(entries));
            let too_large = ParamsError::TooLarge { param, limit: 10_000 };
            assert_eq!(read_event_query(&params).unwrap_err(), too_large);
            assert_eq!(read_group_query(&params).unwrap_err(), too_large);
        }
    }

    #[test]
    fn a_text_is_cut_at_its_end() {
        let mut params = RawParams::default();
        params.set("search", Location::Query, Value::from(format!("  {}zebra", "a ".repeat(300))));
        let words = read_event_query(&params).unwrap().text.unwrap();
        assert_eq!(words.terms().collect::<Vec<_>>(), ["a"]);
    }
}
