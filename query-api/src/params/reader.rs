//! What the parameters of every search have in common.

use std::collections::BTreeSet;

use allowlist::{Host, HostError};
use serde_json::Value;
use uuid::Uuid;

use super::id::{canonical_handle, canonical_host, read_uuid};
use super::value;
use super::{ParamError, ParamsError, RawParams};
use crate::query::{HostFilter, OriginFilter, Sort, SortKey, TextQuery};

/// Most results of one answer. PeerTube never asks for more and its own API refuses more.
pub const MAX_COUNT: usize = 100;

/// Pages reach this far, and no total says more: deeper pages are of no use to a person and cost the
/// index as much as everything before them.
pub const MAX_REACH: usize = 10_000;

/// Results of one answer when `count` is absent.
const DEFAULT_COUNT: usize = 15;

/// Longest text searched for, in characters. PeerTube's own tests send 500.
pub(super) const MAX_TEXT_CHARS: usize = 512;

/// Most values of one list filter.
pub(super) const MAX_VALUES: usize = 64;

/// Most UUIDs of one query: a whole page of results can be asked for again.
const MAX_UUIDS: usize = MAX_COUNT;

/// Most muted hosts, and most muted accounts. A PeerTube server sends its whole mute lists with each search.
pub(super) const MAX_BLOCKED: usize = 10_000;

/// Longest value repeated in an error, in characters.
const MAX_SHOWN_CHARS: usize = 200;

/// Reads parameters one by one and keeps what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) params: &'a RawParams,
    errors: Vec<ParamError>,
    too_large: Option<ParamsError>,
}

impl<'a> Reader<'a> {
    /// Reads a query by `read`; every wrong parameter is named at once.
    pub fn run<Q>(
        params: &'a RawParams,
        read: impl FnOnce(&mut Self) -> Result<Q, ParamsError>,
    ) -> Result<Q, ParamsError> {
        let mut reader = Self { params, errors: Vec::new(), too_large: None };
        let query = read(&mut reader)?;
        if let Some(too_large) = reader.too_large {
            return Err(too_large);
        }
        if reader.errors.is_empty() { Ok(query) } else { Err(ParamsError::Invalid(reader.errors)) }
    }

    pub fn refuse(&mut self, param: &'static str, msg: impl Into<String>) {
        if let Some((location, value)) = self.params.get(param) {
            self.errors.push(ParamError { param, location, msg: msg.into(), value: shortened(value) });
        }
    }

    /// Refuses the whole query because a list has more than `limit` entries.
    pub fn refuse_size(&mut self, param: &'static str, limit: usize) {
        self.too_large.get_or_insert(ParamsError::TooLarge { param, limit });
    }

    pub fn read<T>(&mut self, param: &'static str, msg: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let (_, value) = self.params.get(param)?;
        let read = read(value);
        if read.is_none() {
            self.refuse(param, msg);
        }
        read
    }

    pub fn page(&mut self) -> (usize, usize) {
        let natural = |value: &Value| value::integer(value).and_then(|number| usize::try_from(number).ok());
        let count_msg = format!("Should have a number count (max: {MAX_COUNT})");
        let start = self.read("start", "Should have a number start", natural).unwrap_or(0);
        let count = self
            .read("count", &count_msg, |value| natural(value).filter(|count| *count <= MAX_COUNT))
            .unwrap_or(DEFAULT_COUNT);
        if start >= MAX_REACH && count > 0 {
            let hint = format!("Should have a start within the first {MAX_REACH} results: narrow the search instead");
            self.refuse("start", hint);
        }
        // The last page may be shorter, so that whoever pages until `total` gets there.
        (start, count.min(MAX_REACH.saturating_sub(start)))
    }

    pub fn search_text(&mut self) -> Option<TextQuery> {
        let text = self.read("search", "Should have a valid search", |value| {
            value::text(value).filter(|text| !text.trim().is_empty())
        })?;
        if text.chars().count() > MAX_TEXT_CHARS {
            self.refuse("search", format!("Should have a valid search (max: {MAX_TEXT_CHARS} characters)"));
            return None;
        }
        Some(TextQuery::parse(&text))
    }

    /// Reads `views` or `-views`, the names being those of `key_of`. `match` means the best first, with and without the
    /// dash: no client wants the worst.
    pub fn sort(&mut self, key_of: impl Fn(&str) -> Option<SortKey>) -> Sort {
        let read = self.read("sort", "Should have a valid sort", |value| {
            let text = value::text(value)?;
            let (name, descending) = match text.strip_prefix('-') {
                Some(name) => (name, true),
                None => (text.as_str(), false),
            };
            if name == "match" { Some(Sort::default()) } else { Some(Sort { key: key_of(name)?, descending }) }
        });
        read.unwrap_or_default()
    }

    pub fn origin(&mut self) -> Result<OriginFilter, ParamsError> {
        Ok(OriginFilter {
            host: self.host(),
            blocked_hosts: self.blocked("blockedHosts", "Should have a valid hosts array", canonical_host)?,
            blocked_accounts: self.blocked(
                "blockedAccounts",
                "Should have a valid blockedAccounts array",
                canonical_handle,
            )?,
        })
    }

    fn host(&mut self) -> Option<HostFilter> {
        self.read("host", "Should have a valid host", |value| {
            let text = value::text(value)?;
            match Host::parse(&text) {
                Ok(host) => Some(HostFilter::Is(host.as_str().to_owned())),
                // A well-formed name that no public instance can have matches nothing.
                Err(HostError::SingleLabel { .. } | HostError::PrivateName { .. }) => Some(HostFilter::Nothing),
                Err(_) => None,
            }
        })
    }

    /// The items of a list without empty ones, sorted and without repetition: the same filter is the same key.
    pub fn list(&mut self, param: &'static str, msg: &str, limit: usize) -> Vec<String> {
        let Some(items) = self.read(param, msg, value::texts) else {
            return Vec::new();
        };
        let set: BTreeSet<String> = items.into_iter().filter(|item| !item.is_empty()).collect();
        if set.len() > limit {
            self.refuse(param, format!("{msg} (max: {limit} values)"));
            return Vec::new();
        }
        set.into_iter().collect()
    }

    fn blocked(
        &mut self,
        param: &'static str,
        msg: &str,
        canonical: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<String>, ParamsError> {
        let Some(items) = self.read(param, msg, value::texts_among) else {
            return Ok(Vec::new());
        };
        if items.len() > MAX_BLOCKED {
            return Err(ParamsError::TooLarge { param, limit: MAX_BLOCKED });
        }
        // An entry that names nothing we could hold mutes nothing; the server that sent it cannot mend it.
        let set: BTreeSet<String> = items.iter().filter_map(|item| canonical(item)).collect();
        Ok(set.into_iter().collect())
    }

    pub fn uuids(&mut self) -> Option<Vec<Uuid>> {
        const MSG: &str = "Should have a valid uuids array";
        let texts = self.read("uuids", MSG, value::texts)?;
        if texts.len() > MAX_UUIDS {
            self.refuse("uuids", format!("{MSG} (max: {MAX_UUIDS} values)"));
            return None;
        }
        let mut uuids = BTreeSet::new();
        for text in &texts {
            match read_uuid(text) {
                Some(Some(uuid)) => {
                    uuids.insert(uuid);
                }
                Some(None) => {}
                None => {
                    self.refuse("uuids", MSG);
                    return None;
                }
            }
        }
        Some(uuids.into_iter().collect())
    }
}

/// The key of what channels and playlists can be sorted by.
pub(super) fn name_or_date(name: &str) -> Option<SortKey> {
    match name {
        "displayName" => Some(SortKey::Name),
        "createdAt" => Some(SortKey::CreatedAt),
        _ => None,
    }
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > MAX_SHOWN_CHARS => {
            Value::String(text.chars().take(MAX_SHOWN_CHARS).chain(['…']).collect())
        }
        Value::Array(items) => Value::Array(items.iter().take(10).map(shortened).collect()),
        Value::Object(_) => Value::String("an object".to_owned()),
        other => other.clone(),
    }
}
