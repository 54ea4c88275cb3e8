//! The parameters of the video search (contract of the search-index, PeerTube 2.4 to 8.2).

use std::collections::BTreeSet;

use allowlist::{Host, HostError};
use indexer::analysis;
use indexer::short_uuid;
use serde_json::Value;
use uuid::Uuid;

use super::value;
use super::{ParamError, ParamsError, RawParams};
use crate::query::{Bounds, HostFilter, Nsfw, Sort, SortKey, TextQuery, VideoFilter, VideoQuery};

/// Most results of one answer. PeerTube never asks for more and its own API refuses more.
pub const MAX_COUNT: usize = 100;

/// `start + count` may reach this far, and no total says more: deeper pages are of no use to a person and cost the
/// index as much as everything before them.
pub const MAX_REACH: usize = 10_000;

/// Results of one answer when `count` is absent.
const DEFAULT_COUNT: usize = 15;

/// Longest text searched for, in characters. PeerTube's own tests send 500.
const MAX_TEXT_CHARS: usize = 512;

/// Most values of one list filter.
const MAX_VALUES: usize = 64;

/// Most UUIDs of one query: a whole page of results can be asked for again.
const MAX_UUIDS: usize = MAX_COUNT;

/// Most muted hosts, and most muted accounts. A PeerTube server sends its whole mute lists with each search.
const MAX_BLOCKED: usize = 10_000;

/// Longest value repeated in an error, in characters.
const MAX_SHOWN_CHARS: usize = 200;

/// Reads and checks the parameters of a video search. Unknown ones are ignored, and so are those that PeerTube
/// forwards and that mean nothing to an index (`isLocal`, `skipCount`, `hasHLSFiles` and the like).
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once, [`ParamsError::TooLarge`] for a mute list over 10 000.
pub fn read_video_query(params: &RawParams) -> Result<VideoQuery, ParamsError> {
    let mut reader = Reader { params, errors: Vec::new() };
    let query = reader.video_query()?;
    if reader.errors.is_empty() { Ok(query) } else { Err(ParamsError::Invalid(reader.errors)) }
}

struct Reader<'a> {
    params: &'a RawParams,
    errors: Vec<ParamError>,
}

impl Reader<'_> {
    fn video_query(&mut self) -> Result<VideoQuery, ParamsError> {
        let (start, count) = self.page();
        Ok(VideoQuery {
            text: self.search_text(),
            start,
            count,
            sort: self.sort(),
            boost_languages: self.list("boostLanguages", "Should have a valid boostLanguages array", MAX_VALUES),
            filter: VideoFilter {
                nsfw: self.nsfw(),
                nsfw_flags_included: self.flags("nsfwFlagsIncluded", "Should have a valid NSFW flags included"),
                nsfw_flags_excluded: self.flags("nsfwFlagsExcluded", "Should have a valid NSFW flags excluded"),
                is_live: self.read("isLive", "Should have a valid isLive boolean", value::boolean),
                host: self.host(),
                blocked_hosts: self.blocked("blockedHosts", "Should have a valid hosts array", canonical_host)?,
                blocked_accounts: self.blocked(
                    "blockedAccounts",
                    "Should have a valid blockedAccounts array",
                    canonical_handle,
                )?,
                categories: self.numbers("categoryOneOf", "Should have a valid one of category array"),
                licences: self.numbers("licenceOneOf", "Should have a valid one of licence array"),
                languages: self.list("languageOneOf", "Should have a valid one of language array", MAX_VALUES),
                tags_one_of: self.tags("tagsOneOf", "Should have a valid one of tags array"),
                tags_all_of: self.tags("tagsAllOf", "Should have a valid all of tags array"),
                published_ms: Bounds {
                    min: self.read("startDate", "Should have a valid start date", value::instant_ms),
                    max: self.read("endDate", "Should have a valid end date", value::instant_ms),
                },
                originally_published_ms: Bounds {
                    min: self.read(
                        "originallyPublishedStartDate",
                        "Should have a valid published start date",
                        value::instant_ms,
                    ),
                    max: self.read(
                        "originallyPublishedEndDate",
                        "Should have a valid published end date",
                        value::instant_ms,
                    ),
                },
                duration_s: Bounds {
                    min: self.read("durationMin", "Should have a valid min duration", value::integer),
                    max: self.read("durationMax", "Should have a valid max duration", value::integer),
                },
                uuids: self.uuids(),
            },
        })
    }

    fn refuse(&mut self, param: &'static str, msg: impl Into<String>) {
        if let Some((location, value)) = self.params.get(param) {
            self.errors.push(ParamError { param, location, msg: msg.into(), value: shortened(value) });
        }
    }

    fn read<T>(&mut self, param: &'static str, msg: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let (_, value) = self.params.get(param)?;
        let read = read(value);
        if read.is_none() {
            self.refuse(param, msg);
        }
        read
    }

    fn page(&mut self) -> (usize, usize) {
        let natural = |value: &Value| value::integer(value).and_then(|number| usize::try_from(number).ok());
        let count_msg = format!("Should have a number count (max: {MAX_COUNT})");
        let start = self.read("start", "Should have a number start", natural).unwrap_or(0);
        let count = self
            .read("count", &count_msg, |value| natural(value).filter(|count| *count <= MAX_COUNT))
            .unwrap_or(DEFAULT_COUNT);
        if start.saturating_add(count) > MAX_REACH {
            let hint = format!(
                "Should have a start that, with count, stays within the first {MAX_REACH} results: narrow the search instead"
            );
            self.refuse("start", hint);
        }
        (start, count)
    }

    fn search_text(&mut self) -> Option<TextQuery> {
        let text = self.read("search", "Should have a valid search", |value| {
            value::text(value).filter(|text| !text.trim().is_empty())
        })?;
        if text.chars().count() > MAX_TEXT_CHARS {
            self.refuse("search", format!("Should have a valid search (max: {MAX_TEXT_CHARS} characters)"));
            return None;
        }
        Some(TextQuery::parse(&text))
    }

    fn sort(&mut self) -> Sort {
        self.read("sort", "Should have a valid sort", |value| Sort::parse(&value::text(value)?)).unwrap_or_default()
    }

    fn nsfw(&mut self) -> Nsfw {
        let read = self.read("nsfw", "Should have a valid NSFW attribute", |value| {
            Some(match value::text(value)?.as_str() {
                "true" => Nsfw::Only,
                "false" => Nsfw::Hide,
                "both" => Nsfw::Show,
                _ => return None,
            })
        });
        read.unwrap_or_default()
    }

    fn flags(&mut self, param: &'static str, msg: &str) -> u32 {
        self.read(param, msg, |value| value::integer(value).and_then(|mask| u32::try_from(mask).ok())).unwrap_or(0)
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
    fn list(&mut self, param: &'static str, msg: &str, limit: usize) -> Vec<String> {
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

    fn tags(&mut self, param: &'static str, msg: &str) -> Vec<String> {
        let folded: BTreeSet<String> =
            self.list(param, msg, MAX_VALUES).iter().map(|tag| analysis::fold_whole(tag)).collect();
        folded.into_iter().collect()
    }

    fn numbers(&mut self, param: &'static str, msg: &str) -> Vec<i64> {
        let read = self.read(param, msg, |value| {
            let texts = value::texts(value)?;
            texts.iter().map(|text| text.trim().parse().ok()).collect::<Option<BTreeSet<i64>>>()
        });
        let set = read.unwrap_or_default();
        if set.len() > MAX_VALUES {
            self.refuse(param, format!("{msg} (max: {MAX_VALUES} values)"));
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
        let Some(items) = self.read(param, msg, value::texts) else {
            return Ok(Vec::new());
        };
        if items.len() > MAX_BLOCKED {
            return Err(ParamsError::TooLarge { param, limit: MAX_BLOCKED });
        }
        // An entry that names nothing we could hold mutes nothing; the server that sent it cannot mend it.
        let set: BTreeSet<String> = items.iter().filter_map(|item| canonical(item)).collect();
        Ok(set.into_iter().collect())
    }

    fn uuids(&mut self) -> Option<Vec<Uuid>> {
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

/// A UUID in its hyphenated or short form. `Some(None)` for a short form whose value is over 128 bits: well-formed,
/// but nothing can have it. `None` for anything else.
pub(crate) fn read_uuid(text: &str) -> Option<Option<Uuid>> {
    if text.len() == 36 {
        return Uuid::try_parse(text).ok().map(Some);
    }
    let is_short = text.len() == 22
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'l' | b'I' | b'O'));
    is_short.then(|| short_uuid::decode(text))
}

fn canonical_host(text: &str) -> Option<String> {
    Host::parse(text.trim()).ok().map(|host| host.as_str().to_owned())
}

fn canonical_handle(text: &str) -> Option<String> {
    let (name, host) = text.trim().trim_start_matches('@').rsplit_once('@')?;
    let host = canonical_host(host)?;
    (!name.is_empty()).then(|| format!("{}@{host}", name.to_lowercase()))
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

impl Sort {
    /// Reads `views` or `-views`. `match` means the best first, with and without the dash: no client wants the worst.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        let key = match name {
            "match" => return Some(Self { key: SortKey::Match, descending: true }),
            "name" => SortKey::Name,
            "duration" => SortKey::Duration,
            "createdAt" => SortKey::CreatedAt,
            "publishedAt" => SortKey::PublishedAt,
            "originallyPublishedAt" => SortKey::OriginallyPublishedAt,
            "views" => SortKey::Views,
            "likes" => SortKey::Likes,
            "hot" => SortKey::Hot,
            _ => return None,
        };
        Some(Self { key, descending })
    }
}
