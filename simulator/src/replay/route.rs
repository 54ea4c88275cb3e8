//! Choosing or making the answer to a request from a recording.

use serde_json::{Value, json};

use super::listing::{self, Item};
use super::recording::{Recorded, Recording, Set, sorted};
use crate::answer::Answer;
use crate::peertube::problem::{no_token, not_found};
use crate::peertube::unknown_api_route;
use crate::picture;
use crate::request::Request;

/// Lists whose items are as whole as single ones.
pub(super) const CHANNELS: &str = "/api/v1/video-channels";
pub(super) const PLAYLISTS: &str = "/api/v1/video-playlists";

/// A recording under a host name, in one of its states.
pub(crate) struct Replay {
    pub(super) exchanges: Vec<Recorded>,
    pub set: Set,
}

/// The request headers that tell recorded exchanges of one URL apart.
const TELLING_HEADERS: [&str; 2] = ["x-peertube-video-password", "authorization"];

impl Replay {
    pub fn new(recording: &Recording, host: &str) -> Self {
        Self { exchanges: recording.under(host), set: recording.set }
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request) -> Answer {
        if request.method != "GET" && request.method != "HEAD" {
            return unknown_api_route();
        }
        let path = request.path.trim_end_matches('/');
        if path.starts_with("/lazy-static/") {
            return picture::any(path);
        }
        if let Some(id) = path.strip_prefix("/api/v1/videos/") {
            return self.detail(request, id);
        }
        if let Some(recorded) = self.recorded(self.set, request) {
            return replayed(recorded);
        }
        match path {
            "/api/v1/videos" => self.videos(request),
            CHANNELS | PLAYLISTS => listing::page(self.list(path), request, "-createdAt"),
            _ if path.starts_with(PLAYLISTS) => self.playlist(request, path),
            _ if path.starts_with(CHANNELS) => self.channel(request, path),
            _ if path.ends_with("/outbox") => self.outbox(request),
            // What says who the server is did not change between the states of the first one.
            _ if self.set != Set::Federated && is_unchanging(path) => match self.recorded(Set::AfterChanges, request) {
                Some(recorded) => replayed(recorded),
                None => missing(path),
            },
            "/robots.txt" | "/.well-known/nodeinfo" => self.discovery(request),
            _ => missing(path),
        }
    }

    fn recorded(&self, set: Set, request: &Request) -> Option<&Recorded> {
        let query = sorted(request);
        let path = request.path.trim_end_matches('/');
        self.exchanges.iter().find(|recorded| {
            recorded.set == set
                && recorded.method == "GET"
                && recorded.path == path
                && recorded.query == query
                && accept_agrees(recorded, request)
                && TELLING_HEADERS.iter().all(|name| !recorded.headers.contains_key(*name))
        })
    }

    /// Every item of the fullest recorded listing at `path` in the set.
    pub(super) fn items(&self, set: Set, path: &str) -> Vec<Item> {
        let pages = self
            .exchanges
            .iter()
            .filter(|recorded| recorded.set == set && recorded.path == path && recorded.status == 200);
        let fullest = pages.max_by_key(|recorded| recorded.body.len());
        fullest.map(|recorded| listing::items(&recorded.body)).unwrap_or_default()
    }

    /// The set whose listing counts: the states around the lives have the videos from before the changes.
    pub(super) fn listing_set(&self) -> Set {
        match self.set {
            Set::LiveEnded => Set::BeforeChanges,
            set => set,
        }
    }

    fn videos(&self, request: &Request) -> Answer {
        if let Some(recorded) = self.refusal(request) {
            return replayed(recorded);
        }
        let mut request = request.clone();
        // The recorded servers leave NSFW videos out unless asked for them.
        if request.parameter("nsfw").is_none() {
            request.set_parameter("nsfw", "false".to_owned());
        }
        listing::page(self.items(self.listing_set(), "/api/v1/videos"), &request, "-publishedAt")
    }

    /// A wrong parameter is refused in every state as it was in the last one.
    fn refusal(&self, request: &Request) -> Option<&Recorded> {
        self.exchanges.iter().find(|recorded| {
            recorded.set == Set::AfterChanges
                && recorded.path == "/api/v1/videos"
                && recorded.status >= 400
                && !recorded.query.is_empty()
                && recorded.query.iter().all(|pair| request.query.contains(pair))
        })
    }

    /// The list of channels or playlists that counts in the set.
    pub(super) fn list(&self, path: &str) -> Vec<Item> {
        self.items(self.actor_set(), path)
    }

    /// The set whose channels and playlists count: only videos were recorded while the lives were streaming.
    pub(super) fn actor_set(&self) -> Set {
        match self.set {
            Set::LiveStreaming | Set::LiveEnded => Set::BeforeChanges,
            set => set,
        }
    }

    fn detail(&self, request: &Request, id: &str) -> Answer {
        // An exchange of this very set wins; then one of any state in which the video was the same.
        if let Some(recorded) = self.recorded(self.set, request) {
            return replayed(recorded);
        }
        let items = self.items(self.listing_set(), "/api/v1/videos");
        let number: Option<u64> = id.parse().ok();
        let named = |item: &&Item| {
            let is = |key: &str| item.value.get(key).is_some_and(|value| value.as_str() == Some(id));
            is("uuid") || is("shortUUID") || number.is_some() && item.value.get("id").and_then(Value::as_u64) == number
        };
        let Some(item) = items.iter().find(named) else { return self.unlisted_detail(request, id) };
        let same = self.exchanges.iter().filter(|recorded| {
            recorded.status == 200
                && recorded.path.starts_with("/api/v1/videos/")
                && (recorded.set == Set::Federated) == (self.set == Set::Federated)
        });
        for recorded in same {
            let Ok(detail) = serde_json::from_slice::<Value>(&recorded.body) else { continue };
            if ["uuid", "name", "updatedAt"].iter().all(|key| detail.get(*key) == item.value.get(*key)) {
                return replayed(recorded);
            }
        }
        self.synthesised(item)
    }

    /// What is not listed answers as it did when it was recorded, in this state or the last one.
    fn unlisted_detail(&self, request: &Request, id: &str) -> Answer {
        match self.set {
            Set::Federated => {}
            Set::LiveStreaming | Set::LiveEnded => {
                if let Some(recorded) = self.recorded(Set::BeforeChanges, request) {
                    return replayed(recorded);
                }
            }
            Set::BeforeChanges | Set::AfterChanges => {}
        }
        let refused = self.recorded(Set::AfterChanges, request).filter(|recorded| recorded.status == 400);
        match refused {
            Some(recorded) if self.set != Set::Federated => replayed(recorded),
            _ if id.contains('/') => unknown_api_route(),
            _ => not_found("Video not found"),
        }
    }

    fn synthesised(&self, item: &Item) -> Answer {
        let mut detail = item.value.clone();
        if let Value::Object(detail) = &mut detail {
            let object = self.outbox_object(item.value.get("uuid"));
            let from_outbox = |key: &str| object.as_ref().and_then(|object| object.get(key)).cloned();
            let tags: Vec<Value> = from_outbox("tag")
                .and_then(|tags| tags.as_array().cloned())
                .map(|tags| tags.iter().filter_map(|tag| tag.get("name").cloned()).collect())
                .unwrap_or_default();
            if let Some(content) = from_outbox("content") {
                detail.insert("description".to_owned(), content);
            }
            let rest = json!({
                "tags": tags, "support": from_outbox("support"), "state": { "id": 1, "label": "Published" },
                "blacklisted": false, "blacklistedReason": null, "waitTranscoding": true, "downloadEnabled": true,
                "commentsEnabled": true, "files": [], "streamingPlaylists": [], "trackerUrls": []
            });
            if let Value::Object(rest) = rest {
                detail.extend(rest);
            }
        }
        Answer::json(200, "application/json; charset=utf-8", &detail).with("X-Synthesised", "from the listing")
    }

    /// The whole Video object of the recorded outbox, in the state it belongs to.
    fn outbox_object(&self, uuid: Option<&Value>) -> Option<Value> {
        if self.set != Set::AfterChanges {
            return None;
        }
        let pages = self.exchanges.iter().filter(|recorded| recorded.path.ends_with("/outbox"));
        pages
            .filter_map(|recorded| serde_json::from_slice::<Value>(&recorded.body).ok())
            .filter_map(|page| page.get("orderedItems").and_then(Value::as_array).cloned())
            .flatten()
            .filter_map(|activity| activity.get("object").cloned())
            .find(|object| object.get("uuid") == uuid)
    }

    fn outbox(&self, request: &Request) -> Answer {
        if self.set != Set::AfterChanges {
            return not_found("Account not found");
        }
        let path = request.path.trim_end_matches('/');
        let fullest = self
            .exchanges
            .iter()
            .filter(|recorded| recorded.set == self.set && recorded.path == path && recorded.status == 200)
            .max_by_key(|recorded| recorded.body.len());
        let Some(Ok(Value::Object(mut page))) = fullest.map(|recorded| serde_json::from_slice(&recorded.body)) else {
            return not_found("Account not found");
        };
        let number = |name: &str| request.parameter(name).and_then(|text| text.parse::<usize>().ok());
        let (nth, size) = (number("page").unwrap_or(1).max(1), number("size").unwrap_or(10).min(50));
        let items = page.get("orderedItems").and_then(Value::as_array).cloned().unwrap_or_default();
        let id = page.get("partOf").and_then(Value::as_str).unwrap_or_default().to_owned();
        let start = (nth - 1).saturating_mul(size);
        page.remove("next");
        if start + size < items.len() {
            page.insert("next".to_owned(), format!("{id}?page={}", nth + 1).into());
        }
        if nth > 1 {
            page.insert("prev".to_owned(), format!("{id}?page={}", nth - 1).into());
        }
        page.insert("id".to_owned(), format!("{id}?page={nth}").into());
        page.insert("orderedItems".to_owned(), items.into_iter().skip(start).take(size).collect());
        Answer::json(200, "application/activity+json; charset=utf-8", &page)
    }

    /// The second server was not asked for these; they are the same on any server but for the host.
    fn discovery(&self, request: &Request) -> Answer {
        let query = sorted(request);
        let first = self.exchanges.iter().find(|recorded| recorded.path == request.path && recorded.query == query);
        first.map_or_else(|| missing(&request.path), replayed)
    }
}

fn is_unchanging(path: &str) -> bool {
    path == "/robots.txt"
        || path.starts_with("/api/v1/config")
        || path.starts_with("/api/v1/server/")
        || path.starts_with("/api/v1/accounts/")
        || path.starts_with("/.well-known/")
        || path.starts_with("/nodeinfo/")
}

/// ActivityPub and JSON are two things at one address.
fn accept_agrees(recorded: &Recorded, request: &Request) -> bool {
    let wants_activity = |accept: Option<&str>| {
        accept.is_some_and(|accept| accept.contains("activity+json") || accept.contains("ld+json"))
    };
    let recorded = recorded.headers.get("accept").map(String::as_str);
    recorded.is_none() || wants_activity(recorded) == wants_activity(request.header("accept"))
}

pub(super) fn missing(path: &str) -> Answer {
    if path.starts_with("/api/v1/users/") {
        return no_token();
    }
    if path.starts_with("/api/") { unknown_api_route() } else { Answer::empty(406) }
}

pub(super) fn replayed(recorded: &Recorded) -> Answer {
    let mut answer = Answer::empty(recorded.status);
    answer.body = recorded.body.clone();
    if let Some(content_type) = &recorded.content_type {
        answer.set_header("Content-Type", content_type.clone());
    }
    for (name, value) in &recorded.answer_headers {
        // The tag and the limit belong to the server of then; the body has other host names now.
        if ["cache-control", "location", "vary", "retry-after"].contains(&name.as_str()) {
            answer.set_header(name, value.clone());
        }
    }
    answer
}
