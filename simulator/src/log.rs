//! The request log: what reached each host, when, and how it ended.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;

use crate::answer::Answer;
use crate::time::Clock;

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It has not.
    UnderWay,
    /// The last byte was handed to the network.
    Complete,
    /// The client closed the connection first.
    ClientLeft,
    /// The host broke it off on purpose: a reset, a short body, a close without an answer.
    Broken,
    /// The fediverse was shut down.
    Stopped,
}

/// One request and what became of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The fake host that got it.
    pub host: Arc<str>,
    /// When its head was complete; on a virtual clock, a point of that.
    pub arrived: Instant,
    /// The same in Unix milliseconds, for dates in headers.
    pub arrived_at_ms: i64,
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Host` header.
    pub host_header: Option<String>,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The `If-None-Match` header.
    pub if_none_match: Option<String>,
    /// The `If-Modified-Since` header.
    pub if_modified_since: Option<String>,
    /// How many other requests were under way at this host when it arrived.
    pub in_flight: usize,
    /// The number of its connection, unique in the process.
    pub connection: u64,
    /// The status chosen; `None` while that is open, and for a host that never answers.
    pub status: Option<u16>,
    /// The `Retry-After` header sent.
    pub retry_after: Option<String>,
    /// The `Location` header sent.
    pub location: Option<String>,
    /// The body of a robots.txt answered with 200, which the judge holds the client to.
    pub robots: Option<Bytes>,
    /// When it ended.
    pub ended: Option<Instant>,
    /// How it ended.
    pub end: End,
}

impl Exchange {
    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Whether it asks for robots.txt, or for what a fake host redirects robots.txt to.
    pub fn is_robots(&self) -> bool {
        is_robots(self.path())
    }

    /// Whether it asks for a picture: the judge has separate rules for those.
    pub fn is_picture(&self) -> bool {
        ["/lazy-static/", "/static/thumbnails/", "/static/previews/", "/media/"]
            .iter()
            .any(|prefix| self.path().starts_with(prefix))
    }
}

/// Redirected robots files are called `/robots-1.txt` and so on.
pub(crate) fn is_robots(path: &str) -> bool {
    path.starts_with("/robots") && path.ends_with(".txt")
}

/// The log of one host. Calls are short and never block for long.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    inner: Mutex<Inner>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Inner {
    exchanges: Vec<Exchange>,
    in_flight: usize,
    /// How many came before the first of `exchanges`.
    n_taken: usize,
}

impl Inner {
    fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Exchange> {
        self.exchanges.get_mut(ticket.0.checked_sub(self.n_taken)?)
    }
}

/// The place of an exchange among all of its host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket(usize);

impl RequestLog {
    pub fn new(clock: Clock) -> Self {
        Self { inner: Mutex::default(), clock }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an arrival; `exchange.in_flight` is filled in here.
    pub fn arrive(&self, mut exchange: Exchange) -> Ticket {
        let mut inner = self.lock();
        exchange.in_flight = inner.in_flight;
        inner.in_flight += 1;
        inner.exchanges.push(exchange);
        Ticket(inner.n_taken + inner.exchanges.len() - 1)
    }

    /// Records what was chosen as an answer.
    pub fn answered(&self, ticket: Ticket, answer: &Answer) {
        if let Some(exchange) = self.lock().get_mut(ticket) {
            exchange.status = Some(answer.status);
            exchange.retry_after = answer.header("Retry-After").map(str::to_owned);
            exchange.location = answer.header("Location").map(str::to_owned);
            exchange.robots = (exchange.is_robots() && answer.status == 200).then(|| answer.body.clone());
        }
    }

    /// Records the end; the second call for a ticket changes nothing.
    pub fn end(&self, ticket: Ticket, end: End) {
        let mut inner = self.lock();
        let Some(exchange) = inner.get_mut(ticket) else { return };
        if exchange.end == End::UnderWay {
            exchange.end = end;
            exchange.ended = Some(self.clock.instant());
            inner.in_flight = inner.in_flight.saturating_sub(1);
        }
    }

    /// All exchanges so far, by arrival.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.lock().exchanges.clone()
    }

    /// Forgets all exchanges and returns them, by arrival; nothing while one is under way.
    pub fn take(&self) -> Vec<Exchange> {
        let mut inner = self.lock();
        if inner.in_flight > 0 {
            return Vec::new();
        }
        inner.n_taken += inner.exchanges.len();
        std::mem::take(&mut inner.exchanges)
    }

    /// The number of requests so far.
    pub fn len(&self) -> usize {
        let inner = self.lock();
        inner.n_taken + inner.exchanges.len()
    }
}
