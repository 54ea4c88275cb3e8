//! The server side of one fake host: what it holds, what it logs, how many requests it allows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use crate::answer::Answer;
use crate::behaviour::Rules;
use crate::catalogue::Instance;
use crate::gancio::{self, GancioHost};
use crate::log::RequestLog;
use crate::mobilizon::{self, MobilizonHost, Schema};
use crate::peertube::{self, listing::SortedVideos};
use crate::replay::Replay;
use crate::request::Request;
use crate::setup::RateLimit;
use crate::time::Clock;

/// Locks a mutex; a panic of another thread does not spoil a fake host.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a host answers from.
pub(crate) enum Content {
    Generated(Box<Mutex<Generated>>),
    Mobilizon(Box<Mutex<MobilizonHost>>, Option<Arc<Schema>>),
    Gancio(Box<Mutex<GancioHost>>),
    Recorded(Mutex<Replay>),
}

/// A generated host and the order its listing was last asked in.
pub(crate) struct Generated {
    pub instance: Instance,
    pub sorted: SortedVideos,
}

/// One fake host.
pub(crate) struct Site {
    pub name: Arc<str>,
    pub content: Content,
    pub robots: Mutex<String>,
    /// What its admin placed there: files by path, and texts in the metadata of its NodeInfo.
    pub placed: Mutex<Placed>,
    pub clock: Clock,
    pub log: RequestLog,
    pub rules: Mutex<Rules>,
    rate_limit: Option<RateLimit>,
    window: Mutex<Option<Window>>,
}

/// The fixed window of the rate limit.
struct Window {
    since: Instant,
    ends_at_ms: i64,
    used: u32,
}

impl Site {
    pub fn new(
        name: Arc<str>,
        content: Content,
        robots: String,
        rate_limit: Option<RateLimit>,
        rules: Rules,
        clock: Clock,
    ) -> Self {
        Self {
            name,
            content,
            robots: Mutex::new(robots),
            placed: Mutex::default(),
            log: RequestLog::new(clock.clone()),
            clock,
            rules: Mutex::new(rules),
            rate_limit,
            window: Mutex::new(None),
        }
    }

    /// Decides on the answer to a request.
    pub fn answer(&self, request: &Request) -> Answer {
        let effects = lock(&self.rules).effects(request);
        let (limited, refused) = match self.spend(request) {
            Spent::Refused(answer) => (Vec::new(), Some(answer)),
            Spent::Allowed(headers) => (headers, None),
        };
        let decided = refused.or_else(|| effects.decided(request, &self.name, self.clock.system()));
        let mut answer = match decided {
            Some(answer) => answer,
            None => {
                if effects.inserts_item(request) {
                    self.insert_item();
                }
                let placed = lock(&self.placed);
                match placed.files.get(&request.path) {
                    Some(text) => Answer::new(200, "text/plain; charset=utf-8", text.clone()),
                    None => placed.metadata(request, self.content_answer(&effects.rewrite(request))),
                }
            }
        };
        for (name, value) in limited {
            answer.set_header(name, value);
        }
        let answer = effects.spoil(request, answer);
        let answer = match &self.content {
            Content::Generated(_) | Content::Recorded(_) => {
                conditional(request, answer, self.clock.system()).with("X-Powered-By", "PeerTube")
            }
            Content::Gancio(_) => conditional(request, answer, self.clock.system()),
            // Phoenix gives no validators.
            Content::Mobilizon(..) => answer
                .with("Access-Control-Allow-Origin", "*")
                .with("Date", httpdate::fmt_http_date(self.clock.system())),
        };
        effects.deliver(answer)
    }

    /// Publishes a video a second after the newest one, or an event now.
    fn insert_item(&self) {
        let now = jiff::Timestamp::from_millisecond(self.clock.now_ms()).unwrap_or_default();
        match &self.content {
            Content::Generated(generated) => {
                let mut generated = lock(generated);
                let newest = generated.instance.videos.iter().map(|video| video.published_at).max().unwrap_or_default();
                generated.instance.add_video(newest + 1_000);
            }
            Content::Mobilizon(host, _) => {
                lock(host).add_event(now);
            }
            Content::Gancio(host) => {
                lock(host).add_event(now);
            }
            Content::Recorded(_) => {}
        }
    }

    fn content_answer(&self, request: &Request) -> Answer {
        match &self.content {
            Content::Generated(generated) => {
                let robots = lock(&self.robots).clone();
                let mut generated = lock(generated);
                let Generated { instance, sorted } = &mut *generated;
                peertube::answer(instance, sorted, &robots, request)
            }
            Content::Mobilizon(host, schema) => {
                let robots = lock(&self.robots).clone();
                mobilizon::answer(&mut lock(host), schema.as_deref(), &robots, request, self.clock.now_ms())
            }
            Content::Gancio(host) => {
                let robots = lock(&self.robots).clone();
                gancio::answer(&lock(host), &robots, request, self.clock.now_ms())
            }
            // Recorded servers allow everything; a text set at run time comes before.
            Content::Recorded(_) if request.path == "/robots.txt" => {
                Answer::new(200, "text/plain; charset=utf-8", lock(&self.robots).clone())
                    .with("Cache-Control", "max-age=7200")
            }
            Content::Recorded(replay) => lock(replay).answer(request),
        }
    }

    /// Counts a request against the limit that the API, robots.txt and NodeInfo share.
    fn spend(&self, request: &Request) -> Spent {
        let Some(limit) = self.rate_limit.filter(|_| is_limited(&request.path)) else {
            return Spent::Allowed(Vec::new());
        };
        let now = self.clock.instant();
        let mut window = lock(&self.window);
        if window.as_ref().is_some_and(|window| now.saturating_duration_since(window.since) >= limit.per) {
            *window = None;
        }
        let per_ms = i64::try_from(limit.per.as_millis()).unwrap_or(i64::MAX);
        let window =
            window.get_or_insert_with(|| Window { since: now, ends_at_ms: self.clock.now_ms() + per_ms, used: 0 });
        window.used = window.used.saturating_add(1);
        let left = limit.requests.saturating_sub(window.used);
        let seconds = limit.per.saturating_sub(now.saturating_duration_since(window.since)).as_secs_f64().ceil();
        // Gancio writes the headers of a later draft: the seconds that are left rather than the end.
        let (names, reset) = match self.content {
            Content::Gancio(_) => {
                (["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"], format!("{seconds:.0}"))
            }
            _ => (
                ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"],
                ((window.ends_at_ms + 999) / 1_000).to_string(),
            ),
        };
        let [of, remaining, until] = names;
        let mut headers = vec![(of, limit.requests.to_string()), (remaining, left.to_string()), (until, reset)];
        if window.used <= limit.requests {
            return Spent::Allowed(headers);
        }
        headers.push(("Retry-After", format!("{:.0}", seconds.max(1.0))));
        let mut answer = Answer::new(429, "text/html; charset=utf-8", "Too many requests, please try again later.");
        for (name, value) in headers {
            answer.set_header(name, value);
        }
        Spent::Refused(answer)
    }
}

enum Spent {
    Allowed(Vec<(&'static str, String)>),
    Refused(Answer),
}

fn is_limited(path: &str) -> bool {
    path.starts_with("/api/") && path != "/api/v1/ping" || path == "/robots.txt" || path.starts_with("/nodeinfo/")
}

/// Adds the weak ETag of an answer of 200 and turns it into a 304 when the client has it already.
fn conditional(request: &Request, mut answer: Answer, now: SystemTime) -> Answer {
    answer.set_header("Access-Control-Allow-Origin", "*");
    answer.set_header("Date", httpdate::fmt_http_date(now));
    if answer.status != 200 {
        return answer;
    }
    let tag = match answer.header("ETag") {
        Some(tag) => tag.to_owned(),
        None => {
            let tag = weak_tag(&answer.body);
            answer.set_header("ETag", tag.clone());
            tag
        }
    };
    let known = request.header("if-none-match").is_some_and(|value| {
        value.trim() == "*"
            || value
                .split(',')
                .any(|candidate| candidate.trim().trim_start_matches("W/") == tag.trim_start_matches("W/"))
    });
    if known {
        answer.status = 304;
        answer.body = bytes::Bytes::new();
        answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    }
    answer
}

fn weak_tag(body: &[u8]) -> String {
    // FNV-1a in 64 bits: any hash will do, the tag is opaque.
    let hash = body
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("W/\"{:x}-{hash:016x}\"", body.len())
}

/// What the admin of a host placed there.
#[derive(Default)]
pub(crate) struct Placed {
    pub files: BTreeMap<String, String>,
    pub metadata: BTreeMap<String, String>,
}

impl Placed {
    /// Adds texts to the metadata of a NodeInfo document.
    fn metadata(&self, request: &Request, mut answer: Answer) -> Answer {
        if self.metadata.is_empty() || !request.path.starts_with("/nodeinfo/") || answer.status != 200 {
            return answer;
        }
        let Ok(mut document) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return answer };
        if let Some(document) = document.as_object_mut() {
            let metadata = document.entry("metadata").or_insert_with(|| serde_json::json!({}));
            if let Some(metadata) = metadata.as_object_mut() {
                metadata.extend(self.metadata.iter().map(|(key, text)| (key.clone(), text.clone().into())));
            }
        }
        answer.body = document.to_string().into();
        answer
    }
}

/// Which site a connection speaks to.
pub(crate) enum Directory {
    /// The listener belongs to one host.
    One(Arc<Site>),
    /// The `Host` header decides.
    ByName(BTreeMap<String, Arc<Site>>),
}

impl Directory {
    pub fn site(&self, host_header: Option<&str>) -> Option<&Site> {
        match self {
            Self::One(site) => Some(site),
            Self::ByName(sites) => {
                let name = host_header?.to_ascii_lowercase();
                let name = name.rsplit_once(':').map_or(name.as_str(), |(name, _)| name);
                sites.get(name).map(Arc::as_ref)
            }
        }
    }
}
