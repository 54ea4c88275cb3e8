//! `GET /api/v1/videos` and the listings of channels and accounts.

use std::cmp::Ordering;

use serde::Serialize;

use super::problem::{invalid, problem, unauthorised};
use super::shapes::{ListItem, list_item};
use crate::answer::Answer;
use crate::catalogue::{Instance, NsfwPolicy, VideoSpec};
use crate::request::Request;

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// A page of anything.
#[derive(Serialize)]
pub(crate) struct Page<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    pub data: Vec<T>,
}

/// Answers the page of `all` that a request asks for.
pub(crate) fn page<T: Serialize>(all: Vec<T>, request: &Request) -> Answer {
    let (start, count) = match paging(request) {
        Ok(paging) => paging,
        Err(answer) => return *answer,
    };
    let total = Some(all.len() as u64);
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let data = all.into_iter().skip(start).take(count).collect();
    Answer::json(200, CONTENT_TYPE, &Page { total, data })
}

/// The listed videos of an instance in one order, kept until the instance changes.
#[derive(Debug, Default)]
pub(crate) struct SortedVideos {
    key: Option<(u64, String)>,
    indices: Vec<usize>,
}

impl SortedVideos {
    fn of(&mut self, instance: &Instance, sort: &str) -> &[usize] {
        let key = Some((instance.revision(), sort.to_owned()));
        if self.key != key {
            let (descending, name) = match sort.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, sort),
            };
            let mut rows: Vec<(usize, &VideoSpec)> =
                instance.videos.iter().enumerate().filter(|(_, video)| video.is_listed()).collect();
            rows.sort_by(|(_, left), (_, right)| {
                let ordering = compare(name, left, right);
                let ordering = if descending { ordering.reverse() } else { ordering };
                // Ties are broken by ascending id in both directions (observed on 6.3.0).
                ordering.then(left.id.cmp(&right.id))
            });
            self.indices = rows.into_iter().map(|(index, _)| index).collect();
            self.key = key;
        }
        &self.indices
    }
}

/// Sort values of `/videos`; the others are refused.
const SORTS: [&str; 11] = [
    "name",
    "duration",
    "createdAt",
    "publishedAt",
    "originallyPublishedAt",
    "views",
    "likes",
    "trending",
    "hot",
    "best",
    "localVideoFilesSize",
];

fn compare(name: &str, left: &VideoSpec, right: &VideoSpec) -> Ordering {
    match name {
        "name" => left.name.cmp(&right.name),
        "duration" | "localVideoFilesSize" => left.duration.cmp(&right.duration),
        "createdAt" => left.created_at.cmp(&right.created_at),
        "originallyPublishedAt" => {
            let when = |video: &VideoSpec| video.originally_published_at.unwrap_or(video.published_at);
            when(left).cmp(&when(right))
        }
        "views" | "trending" => left.views.cmp(&right.views),
        "likes" | "hot" | "best" => left.likes.cmp(&right.likes),
        _ => left.published_at.cmp(&right.published_at),
    }
}

/// Which videos a listing is about.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'a> {
    Instance,
    /// The index of a local channel.
    Channel(u32),
    /// A channel of another host: host and name.
    RemoteChannel(&'a str, &'a str),
    /// The index of a local account.
    Account(u32),
    /// `/search/videos`: `host` is obeyed by every version.
    Search(&'a str),
}

/// Answers a listing of videos.
pub(crate) fn videos(instance: &Instance, sorted: &mut SortedVideos, request: &Request, scope: Scope<'_>) -> Answer {
    let (start, count) = match paging(request) {
        Ok(paging) => paging,
        Err(answer) => return *answer,
    };
    let sort = request.parameter("sort").unwrap_or("-publishedAt");
    let name = sort.strip_prefix('-').unwrap_or(sort);
    let is_newer_sort = instance.spec.version.major >= 8 && ["comments", "match"].contains(&name);
    if !SORTS.contains(&name) && !is_newer_sort {
        return invalid(request, "sort", sort, "Invalid value", "query");
    }
    let filter = match Filter::read(instance, request, scope) {
        Ok(filter) => filter,
        Err(answer) => return *answer,
    };
    let mut total = 0u64;
    let mut data: Vec<ListItem<'_>> = Vec::with_capacity(count);
    for video in sorted.of(instance, sort).iter().filter_map(|&index| instance.videos.get(index)) {
        if !filter.admits(instance, video) {
            continue;
        }
        total += 1;
        if total > start && data.len() < count {
            data.extend(list_item(instance, video));
        }
    }
    let skips = request.parameter("skipCount") == Some("true");
    Answer::json(200, CONTENT_TYPE, &Page { total: (!skips).then_some(total), data })
}

/// Reads `start` and `count`.
pub(crate) fn paging(request: &Request) -> Result<(u64, usize), Box<Answer>> {
    const COUNT: &str = "Should have a number count (max: 100)";
    let count = match request.parameter("count") {
        None => 15,
        Some(text) => match text.parse::<usize>() {
            Ok(count) if count <= 100 => count,
            _ => return Err(Box::new(invalid(request, "count", text, COUNT, "query"))),
        },
    };
    let start = match request.parameter("start") {
        None => 0,
        Some(text) => match text.parse::<u64>() {
            Ok(start) if i64::try_from(start).is_ok() => start,
            _ if text.len() > 18 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(Box::new(problem(500, None, "bigint out of range", Some("SequelizeDatabaseError"))));
            }
            _ => return Err(Box::new(invalid(request, "start", text, "Invalid value", "query"))),
        },
    };
    Ok((start, count))
}

struct Filter<'a> {
    is_local: Option<bool>,
    nsfw: Option<bool>,
    is_live: Option<bool>,
    categories: Vec<u8>,
    licences: Vec<u8>,
    languages: Vec<&'a str>,
    tags_one_of: Vec<String>,
    tags_all_of: Vec<String>,
    host: Option<&'a str>,
    words: Option<String>,
    scope: Scope<'a>,
}

impl<'a> Filter<'a> {
    fn read(instance: &Instance, request: &'a Request, scope: Scope<'a>) -> Result<Self, Box<Answer>> {
        let spec = &instance.spec;
        if request.parameter("include").is_some() || !request.list("privacyOneOf").is_empty() {
            let detail = "You are not allowed to see all videos, specify a custom include or auto tags filter.";
            return Err(Box::new(unauthorised(detail)));
        }
        if request.parameter("filter").is_some() && spec.version.since(6, 0) {
            let detail = "\"filter\" query parameter is not supported anymore by PeerTube. Please use \"isLocal\" and \"include\" instead";
            return Err(Box::new(problem(400, Some("Bad Request"), detail, None)));
        }
        if request.parameter("excludeAlreadyWatched").is_some() {
            let detail = "Cannot use excludeAlreadyWatched parameter when auth token is not provided";
            return Err(Box::new(problem(400, Some("Bad Request"), detail, None)));
        }
        let nsfw = match request.parameter("nsfw") {
            Some("both") => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(other) => return Err(Box::new(invalid(request, "nsfw", other, "Invalid value", "query"))),
            None => (spec.nsfw_policy == NsfwPolicy::DoNotList).then_some(false),
        };
        // The older way to say `isLocal=true`; it is refused above since 6.0.
        let is_filtered = request.parameter("filter") == Some("local");
        // Versions before 4.0 do not know the parameter; the others ignore a garbage value.
        let is_local = request.parameter("isLocal").filter(|_| spec.version.since(4, 0)).and_then(boolean);
        Ok(Self {
            is_local: is_local.or(is_filtered.then_some(true)),
            nsfw,
            is_live: request.parameter("isLive").and_then(boolean),
            categories: numbers(request, "categoryOneOf")?,
            licences: numbers(request, "licenceOneOf")?,
            languages: request.list("languageOneOf"),
            tags_one_of: lower(request.list("tagsOneOf")),
            tags_all_of: lower(request.list("tagsAllOf")),
            host: request.parameter("host").filter(|_| spec.version.since(8, 0) || matches!(scope, Scope::Search(_))),
            words: match scope {
                Scope::Search(words) => Some(words.to_lowercase()),
                _ => request.parameter("search").map(str::to_lowercase),
            },
            scope,
        })
    }

    fn admits(&self, instance: &Instance, video: &VideoSpec) -> bool {
        let in_scope = match self.scope {
            Scope::Instance | Scope::Search(_) => true,
            Scope::Channel(index) => video.is_local() && video.channel == index,
            Scope::RemoteChannel(host, name) => {
                video.origin.as_ref().is_some_and(|origin| origin.host == host && origin.channel.name == name)
            }
            Scope::Account(index) => {
                video.is_local()
                    && instance
                        .spec
                        .channels
                        .get(video.channel as usize)
                        .is_some_and(|channel| channel.account == index)
            }
        };
        in_scope
            && self.is_local.is_none_or(|wanted| video.is_local() == wanted)
            && self.nsfw.is_none_or(|wanted| video.nsfw == wanted)
            && self.is_live.is_none_or(|wanted| video.is_live == wanted)
            && (self.categories.is_empty() || video.category.is_some_and(|id| self.categories.contains(&id)))
            && (self.licences.is_empty() || video.licence.is_some_and(|id| self.licences.contains(&id)))
            && (self.languages.is_empty() || self.languages.contains(&video.language.unwrap_or("_unknown")))
            && (self.tags_one_of.is_empty() || self.tags_one_of.iter().any(|tag| has_tag(video, tag)))
            && self.tags_all_of.iter().all(|tag| has_tag(video, tag))
            && self.host.is_none_or(|host| {
                video.origin.as_ref().map_or(instance.spec.name.as_str(), |origin| origin.host.as_str()) == host
            })
            && self.words.as_ref().is_none_or(|words| video.name.to_lowercase().contains(words.as_str()))
    }
}

fn has_tag(video: &VideoSpec, wanted: &str) -> bool {
    video.tags.iter().any(|tag| tag.to_lowercase() == wanted)
}

fn lower(values: Vec<&str>) -> Vec<String> {
    values.into_iter().map(str::to_lowercase).collect()
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn numbers(request: &Request, name: &str) -> Result<Vec<u8>, Box<Answer>> {
    let values = request.list(name);
    let parsed: Option<Vec<u8>> = values.iter().map(|text| text.parse().ok()).collect();
    parsed.ok_or_else(|| {
        let message = format!("Should have a valid {name} array");
        Box::new(invalid(request, name, values, &message, "query"))
    })
}
