//! The judge of politeness: a pure function from a request log to the breaches in it.
//!
//! It knows robots.txt, `Retry-After` and delays by itself and shares no code with the crawler it judges.

mod pictures;
mod retry_after;
mod robots;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use pictures::{PictureRules, picture_breaches};
use retry_after::wait;
use robots::Robots;

use crate::log::{End, Exchange};

/// What a client is held to, per host.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Requests under way at once, at most.
    pub max_in_flight: usize,
    /// Least time from one arrival to the next.
    pub min_delay: Duration,
    /// What a delay may fall short by: the two clocks and the network are not exact.
    pub tolerance: Duration,
    /// The product token of the client, such as `vigie`: decides its group in robots.txt, and begins its `User-Agent`.
    pub token: String,
    /// A `Crawl-delay` above this is only asked for up to this.
    pub crawl_delay_cap: Duration,
    /// A `Retry-After` above this is only asked for up to this.
    pub retry_after_cap: Duration,
    /// Requests a host may get, at most.
    pub max_requests: Option<usize>,
    /// Requests a host must get, at least, if it got any.
    pub min_requests: usize,
}

impl Rules {
    /// One request at a time, a second apart, honest, obedient to robots.txt and to `Retry-After`.
    pub fn strict(token: &str) -> Self {
        Self {
            max_in_flight: 1,
            min_delay: Duration::from_secs(1),
            tolerance: Duration::from_millis(50),
            token: token.to_owned(),
            crawl_delay_cap: Duration::from_secs(120),
            retry_after_cap: Duration::from_secs(24 * 3_600),
            max_requests: None,
            min_requests: 0,
        }
    }

    /// The same with another least delay: for hosts that agreed to a faster pace.
    pub fn every(mut self, min_delay: Duration) -> Self {
        self.min_delay = min_delay;
        self.tolerance = self.tolerance.min(min_delay / 5);
        self
    }
}

/// What a client did wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    /// More requests under way than allowed, this one counted.
    Parallel {
        /// How many.
        in_flight: usize,
    },
    /// Too soon after the one before.
    TooSoon {
        /// The time between the arrivals.
        gap: Duration,
        /// The least allowed.
        minimum: Duration,
    },
    /// Sooner than the `Crawl-delay` of robots.txt.
    CrawlDelayIgnored {
        /// The time between the arrivals.
        gap: Duration,
        /// What robots.txt asked for, capped.
        delay: Duration,
    },
    /// Before the end of the time a `Retry-After` asked for.
    DuringRetryAfter {
        /// How much too early.
        early_by: Duration,
    },
    /// To a path that robots.txt disallows.
    Disallowed,
    /// Anything but robots.txt before robots.txt was answered.
    BeforeRobots,
    /// Anything but robots.txt while robots.txt failed with 5xx or without an answer.
    RobotsUnavailable,
    /// No `User-Agent`.
    NoUserAgent,
    /// A `User-Agent` that does not say who asks and where to complain, or pretends to be a browser.
    DishonestUserAgent {
        /// What it said.
        user_agent: String,
    },
    /// More requests than the bound, seen at this one.
    TooMany {
        /// The bound.
        bound: usize,
    },
    /// Fewer requests than expected in the whole log.
    TooFew {
        /// How many there were.
        n: usize,
    },
}

/// One breach.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    /// The host that suffered it.
    pub host: Arc<str>,
    /// The request: path and query.
    pub target: String,
    /// When it arrived.
    pub arrived: Instant,
    /// What was wrong with it.
    pub wrong: Wrong,
}

/// Judges the page requests of a log; pictures are left to [`picture_breaches`].
///
/// - `exchanges`: of any hosts, in any order.
/// - Result: breaches by host, then by arrival; empty for a polite client.
pub fn breaches(exchanges: &[Exchange], rules: &Rules) -> Vec<Breach> {
    let mut by_host: BTreeMap<Arc<str>, Vec<&Exchange>> = BTreeMap::new();
    for exchange in exchanges.iter().filter(|exchange| !exchange.is_picture()) {
        by_host.entry(exchange.host.clone()).or_default().push(exchange);
    }
    let mut found = Vec::new();
    for (_, mut exchanges) in by_host {
        exchanges.sort_by_key(|exchange| exchange.arrived);
        judge_host(&exchanges, rules, &mut found);
    }
    found
}

/// What robots.txt said last.
enum Standing {
    Unknown,
    /// 3xx: the request to this path goes on with it.
    Moved(String),
    Known(Robots),
    Unavailable,
}

fn judge_host(exchanges: &[&Exchange], rules: &Rules, found: &mut Vec<Breach>) {
    let mut standing = Standing::Unknown;
    let mut under_way: Vec<Option<Instant>> = Vec::new();
    let mut previous: Option<Instant> = None;
    let mut blocked_until: Option<Instant> = None;
    for (nth, exchange) in exchanges.iter().enumerate() {
        let mut report = |wrong| found.push(breach(exchange, wrong));
        user_agent(exchange, &rules.token).into_iter().for_each(&mut report);

        under_way.retain(|ended| ended.is_none_or(|ended| ended > exchange.arrived));
        under_way.push(exchange.ended);
        if under_way.len() > rules.max_in_flight {
            report(Wrong::Parallel { in_flight: under_way.len() });
        }

        if let Some(previous) = previous {
            let gap = exchange.arrived.saturating_duration_since(previous);
            if gap + rules.tolerance < rules.min_delay {
                report(Wrong::TooSoon { gap, minimum: rules.min_delay });
            }
            let delay = match &standing {
                Standing::Known(robots) => robots.crawl_delay.unwrap_or_default().min(rules.crawl_delay_cap),
                _ => Duration::ZERO,
            };
            if delay > rules.min_delay && gap + rules.tolerance < delay {
                report(Wrong::CrawlDelayIgnored { gap, delay });
            }
        }
        previous = Some(exchange.arrived);

        if let Some(until) = blocked_until {
            let early_by = until.saturating_duration_since(exchange.arrived);
            if early_by > rules.tolerance {
                report(Wrong::DuringRetryAfter { early_by });
            }
        }

        let is_robots = exchange.is_robots() || matches!(&standing, Standing::Moved(path) if path == exchange.path());
        if !is_robots {
            match &standing {
                Standing::Unknown | Standing::Moved(_) => report(Wrong::BeforeRobots),
                Standing::Unavailable => report(Wrong::RobotsUnavailable),
                Standing::Known(robots) if !robots.allows(&exchange.target) => report(Wrong::Disallowed),
                Standing::Known(_) => {}
            }
        }
        if rules.max_requests == Some(nth) {
            report(Wrong::TooMany { bound: nth });
        }

        if is_robots {
            standing = after_robots(exchange, standing, &rules.token);
        }
        if let Some(wait) = wait(exchange).map(|wait| wait.min(rules.retry_after_cap)) {
            let until = exchange.ended.unwrap_or(exchange.arrived) + wait;
            blocked_until = Some(blocked_until.map_or(until, |before| before.max(until)));
        }
    }
    if let Some(last) = exchanges.last().filter(|_| exchanges.len() < rules.min_requests) {
        found.push(breach(last, Wrong::TooFew { n: exchanges.len() }));
    }
}

fn breach(exchange: &Exchange, wrong: Wrong) -> Breach {
    Breach { host: exchange.host.clone(), target: exchange.target.clone(), arrived: exchange.arrived, wrong }
}

/// RFC 9309, 2.5: crawlers need not read more than 500 kibibytes.
const ROBOTS_BYTES: usize = 500 * 1024;

fn after_robots(exchange: &Exchange, before: Standing, token: &str) -> Standing {
    let body = exchange.robots.as_deref().unwrap_or_default();
    let read = body.get(..ROBOTS_BYTES).unwrap_or(body);
    // A client may stop reading a file that is too long; of a shorter one that it did not get whole it knows nothing.
    let is_cut = match exchange.end {
        End::Broken => true,
        End::ClientLeft => body.len() <= ROBOTS_BYTES,
        End::UnderWay | End::Complete | End::Stopped => false,
    };
    let now = match (exchange.status, &exchange.location) {
        (Some(200..=299), _) if !is_cut => Standing::Known(Robots::parse(&String::from_utf8_lossy(read), token)),
        (Some(304), _) => return before,
        (Some(300..=399), Some(location)) => {
            let path = location
                .split_once("://")
                .map_or(location.as_str(), |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"));
            Standing::Moved(path.to_owned())
        }
        // RFC 9309: a client error means that there are no rules.
        (Some(300..=499), _) => Standing::Known(Robots::default()),
        _ => Standing::Unavailable,
    };
    match (before, now) {
        // What was read before may be used while the file cannot be reached.
        (Standing::Known(robots), Standing::Unavailable) => Standing::Known(robots),
        (_, now) => now,
    }
}

pub(super) fn user_agent(exchange: &Exchange, token: &str) -> Option<Wrong> {
    let Some(user_agent) = exchange.user_agent.as_deref().filter(|text| !text.is_empty()) else {
        return Some(Wrong::NoUserAgent);
    };
    let lower = user_agent.to_ascii_lowercase();
    let named = lower.strip_prefix(&token.to_ascii_lowercase()).is_some_and(|rest| rest.starts_with('/'));
    let reachable = lower.contains("(+https://") || lower.contains("(+http://");
    let honest = named && reachable && !lower.contains("mozilla");
    (!honest).then(|| Wrong::DishonestUserAgent { user_agent: user_agent.to_owned() })
}
