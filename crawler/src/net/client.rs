//! The one HTTP client: every request to an instance leaves through here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use allowlist::Host;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName};
use jiff::Timestamp;
use reqwest::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::warn;
use url::Url;

use super::body::Body;
use super::config::{Limits, NetworkConfig};
use super::connection::ConnectionFault;
use super::exchange::Exchange;
use super::gate::{Class, Gate};
use super::outcome::{Fetched, Outcome, Validators, is_noindex};
use super::redirect::{UrlRefusal, check_url, next_hop};
use super::resolver::Resolver;
use crate::error::{Cause, Error, FetchError, chain};
use crate::politeness::{Pace, RateLimit, RetryAfter};
use crate::robots::{MAX_BYTES, TOKEN};

/// Redirects followed for anything but robots.txt.
const MAX_REDIRECTS: usize = 3;

/// Redirects followed for robots.txt (RFC 9309, section 2.3.1.2).
const MAX_ROBOTS_REDIRECTS: usize = 5;

/// Bodies of refusals up to this size are read to the end so that the connection can be used again.
const MAX_DRAINED_BYTES: u64 = 16 << 10;

/// Addresses remembered for the limit per address before unused ones are dropped.
const MAX_ADDRESS_SLOTS: usize = 4096;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// The REST API, NodeInfo.
    Json,
    /// ActivityPub objects.
    ActivityJson,
    /// robots.txt.
    Text,
    /// Pictures.
    Image,
    /// Calendars.
    Calendar,
}

impl Accept {
    fn header(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::ActivityJson => "application/activity+json",
            Self::Text => "text/plain, */*;q=0.5",
            Self::Image => "image/avif,image/webp,image/png,image/jpeg,image/gif",
            Self::Calendar => "text/calendar, */*;q=0.5",
        }
    }
}

/// One request to one instance.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The instance, and nobody else.
    pub host: &'a Host,
    /// Begins with a slash.
    pub path_and_query: &'a str,
    /// What is asked for.
    pub accept: Accept,
    /// Makes the request conditional.
    pub validators: Option<&'a Validators>,
    /// Time between the hops of a redirect; never less than the floor of the host.
    pub pause: Duration,
}

/// The guarded client. Cheap to clone.
///
/// It keeps the limits of the address check, of concurrency, time and size. *When* a host may be asked is the
/// caller's business, by [`crate::politeness::Slot`]; a floor is enforced here nevertheless.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    config: Arc<NetworkConfig>,
    http: reqwest::Client,
    resolver: Resolver,
    gate: Gate,
    in_flight: Arc<Semaphore>,
    per_address: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
    /// An IPv6 connection has succeeded since the start: only then is a dead IPv6 address the host's fault.
    is_ipv6_alive: AtomicBool,
}

impl Client {
    /// Makes the client.
    ///
    /// # Errors
    /// As [`NetworkConfig::check`]; [`Error::Client`] when TLS cannot be set up.
    pub fn new(config: NetworkConfig) -> Result<Self, Error> {
        let gate = Gate::new(&config);
        Self::with_gate(config, gate)
    }

    /// The client of a simulation in virtual time: our own hosts are asked as often as the simulation plans to.
    pub(crate) fn without_gate(config: NetworkConfig) -> Result<Self, Error> {
        let gate = Gate::open_to_own(&config);
        Self::with_gate(config, gate)
    }

    fn with_gate(config: NetworkConfig, gate: Gate) -> Result<Self, Error> {
        config.check()?;
        let config = Arc::new(config);
        let resolver = Resolver::new(Arc::clone(&config));
        let http = match builder(&config, resolver.clone()).build() {
            Ok(http) => http,
            // A machine without root certificates can still run a demo or a private network without TLS; with an empty
            // list of roots every https host fails by name instead of the whole program.
            Err(error) => {
                warn!("https hosts cannot be visited, is `ca-certificates` installed? {}", chain(&error));
                let builder = builder(&config, resolver.clone()).tls_certs_only([]);
                builder.build().map_err(|error| Error::Client { reason: chain(&error) })?
            }
        };
        let shared = Shared {
            gate,
            in_flight: Arc::new(Semaphore::new(config.max_requests.max(1))),
            per_address: Mutex::default(),
            is_ipv6_alive: AtomicBool::new(false),
            resolver,
            http,
            config,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The configuration in force.
    pub fn config(&self) -> &NetworkConfig {
        &self.shared.config
    }

    /// The pace at which `host` is visited.
    pub fn pace_of(&self, host: &Host) -> Pace {
        self.shared.config.pace_of(host)
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// [`FetchError`] with the URL of the failing hop. Statuses are outcomes, not errors.
    pub async fn get(&self, request: &Request<'_>) -> Result<Fetched, FetchError> {
        let limits = self.shared.config.limits.clone();
        self.send(request, None, &limits, Class::Page).await
    }

    /// Posts a question as JSON and reads its answer. It changes nothing on the instance: GraphQL is asked this way. Unlike
    /// a GET it is never sent on to where a redirect leads.
    ///
    /// # Errors
    /// As [`Client::get`]; [`UrlRefusal::Post`] for a redirect.
    pub async fn post(&self, request: &Request<'_>, json: &str) -> Result<Fetched, FetchError> {
        let limits = self.shared.config.limits.clone();
        self.send(request, Some(json), &limits, Class::Page).await
    }

    /// Sends one request, a GET or a posted question, and follows no redirect: where strangers make us ask a host, each
    /// request counts.
    ///
    /// # Errors
    /// As [`Client::get`]; [`UrlRefusal::Single`] for a redirect that could be followed.
    pub async fn ask_once(
        &self,
        request: &Request<'_>,
        json: Option<&str>,
        limits: &Limits,
    ) -> Result<Fetched, FetchError> {
        self.send(request, json, limits, Class::Single).await
    }

    /// The same under other limits of size and pace.
    pub(super) async fn get_within(
        &self,
        request: &Request<'_>,
        limits: &Limits,
        class: Class,
    ) -> Result<Fetched, FetchError> {
        self.send(request, None, limits, class).await
    }

    async fn send(
        &self,
        request: &Request<'_>,
        json: Option<&str>,
        limits: &Limits,
        class: Class,
    ) -> Result<Fetched, FetchError> {
        let scheme = self.shared.config.scheme_of(request.host);
        let text = format!("{scheme}://{}{}", request.host, request.path_and_query);
        let fail = |url: String, cause: Cause, seen: &Option<Exchange>| {
            let exchange = seen.clone().map(Box::new);
            FetchError { host: request.host.clone(), url, cause, exchange }
        };
        let mut seen = None;
        let Ok(mut url) = Url::parse(&text) else {
            return Err(fail(text, Cause::Url(UrlRefusal::Malformed), &seen));
        };
        let _in_flight = self.shared.permit().await.map_err(|cause| fail(url.to_string(), cause, &None))?;
        let mut deadline = Instant::now() + limits.total;
        let max_redirects = if request.accept == Accept::Text { MAX_ROBOTS_REDIRECTS } else { MAX_REDIRECTS };
        let mut hop = 0;
        loop {
            let step = self.shared.one_hop(request, json, &url, limits, class, deadline, &mut seen).await;
            match step.map_err(|cause| fail(url.to_string(), cause, &seen))? {
                Hop::Answer(fetched) => return Ok(*fetched),
                Hop::Redirect(location) => {
                    hop += 1;
                    if hop > max_redirects && class != Class::Single {
                        return Err(fail(url.to_string(), Cause::TooManyRedirects { limit: max_redirects }, &seen));
                    }
                    let follow = || next_hop(&url, location.as_deref(), request.host, &self.shared.config);
                    let next = match json {
                        _ if class == Class::Single => follow().and(Err(UrlRefusal::Single)),
                        Some(_) => Err(UrlRefusal::Post),
                        None => follow(),
                    };
                    let pause = self.hop_pause(request, class);
                    let next = next.and_then(|next| Ok((next, pause?)));
                    let (next, pause) = next.map_err(|refusal| {
                        let to = location.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                        let to = to.chars().filter(|c| !c.is_control()).take(200).collect();
                        fail(url.to_string(), Cause::Redirect { hop, to, refusal }, &seen)
                    })?;
                    tokio::time::sleep(pause).await;
                    deadline += pause;
                    url = next;
                }
            }
        }
    }

    /// The time between two hops: a hop is a request like any other. The gate alone would space their starts, and a
    /// slow first one would then arrive close to the second.
    fn hop_pause(&self, request: &Request<'_>, class: Class) -> Result<Duration, UrlRefusal> {
        /// A redirect that is waited out keeps a place among all requests.
        const MAX: Duration = Duration::from_secs(10);
        let pause = request.pause.max(self.pace_of(request.host).floor);
        match class {
            Class::Picture => Ok(Duration::ZERO),
            // Without its robots.txt a host could never be asked again.
            Class::Page if request.accept == Accept::Text => Ok(pause.min(MAX)),
            Class::Page if pause > MAX => Err(UrlRefusal::LongPause(pause)),
            Class::Page | Class::Single => Ok(pause),
        }
    }

    /// Forgets what was kept about hosts and addresses that are no longer asked.
    pub fn forget_idle(&self) {
        self.shared.gate.forget_idle();
    }
}

fn builder(config: &NetworkConfig, resolver: Resolver) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(config.user_agent())
        .dns_resolver(resolver)
        .redirect(reqwest::redirect::Policy::none())
        // Environment variables such as ALL_PROXY would bypass the address check.
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        // With one request in flight HTTP/2 gives nothing, and a whole family of floods needs it.
        .http1_only()
        .http1_max_headers(config.limits.headers)
        .connect_timeout(config.limits.connect)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(20))
        .referer(false)
}

enum Hop {
    Answer(Box<Fetched>),
    Redirect(Option<Vec<u8>>),
}

impl Shared {
    async fn permit(&self) -> Result<OwnedSemaphorePermit, Cause> {
        acquire(&self.in_flight).await
    }

    /// `seen`: what was sent and what came back, also when the hop fails.
    #[expect(clippy::too_many_arguments, reason = "one hop of one request, with all that limits it")]
    async fn one_hop(
        &self,
        request: &Request<'_>,
        json: Option<&str>,
        url: &Url,
        limits: &Limits,
        class: Class,
        deadline: Instant,
        seen: &mut Option<Exchange>,
    ) -> Result<Hop, Cause> {
        *seen = None;
        check_url(url, request.host, &self.config)?;
        let pin = self.resolver.pin(request.host).await?;
        let _address = match pin.addresses.first() {
            Some(first) => Some(acquire(&self.address_slot(first.ip())).await?),
            None => None,
        };
        self.gate.pass(request.host, self.config.own_hosts.contains(request.host), class).await;

        let started = Instant::now();
        let builder = match json {
            Some(json) => {
                self.http.post(url.clone()).header(header::CONTENT_TYPE, "application/json").body(json.to_owned())
            }
            None => self.http.get(url.clone()),
        };
        let mut builder =
            builder.header(header::ACCEPT, request.accept.header()).header(header::ACCEPT_ENCODING, "gzip");
        if let Some(validators) = request.validators {
            if let Some(etag) = &validators.etag {
                builder = builder.header(header::IF_NONE_MATCH, etag);
            }
            if let Some(last_modified) = &validators.last_modified {
                builder = builder.header(header::IF_MODIFIED_SINCE, last_modified);
            }
        }
        let ready = builder.build().map_err(|error| Cause::Transport { reason: chain(&error) })?;
        let mut exchange = Exchange::begin(ready.method(), url, &self.config.user_agent(), ready.headers());
        *seen = Some(exchange.clone());
        let limit = limits.first_byte.min(deadline.saturating_duration_since(started));
        let response = match tokio::time::timeout(limit, self.http.execute(ready)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(cause_of(&error, limits)),
            Err(_) => return Err(Cause::Timeout { what: "waiting for the answer", limit }),
        };
        let latency = started.elapsed();
        exchange.end(&response);
        *seen = Some(exchange.clone());
        let is_ipv6 = response.remote_addr().is_some_and(|address| address.is_ipv6());
        let is_ipv6_broken = self.note_family(request.host, &pin.addresses, &response);
        check_head(response.headers(), limits)?;

        if response.status().is_redirection() && response.status() != http::StatusCode::NOT_MODIFIED {
            let location = response.headers().get(header::LOCATION).map(|value| value.as_bytes().to_vec());
            return Ok(Hop::Redirect(location));
        }
        if response.status() == http::StatusCode::NOT_MODIFIED && request.validators.is_none() {
            return Err(Cause::UnaskedNotModified);
        }
        let mut fetched = describe(&response, url.clone(), latency, exchange);
        fetched.is_ipv6_broken = is_ipv6_broken;
        fetched.is_ipv6 = is_ipv6;
        let is_short = response.content_length().is_some_and(|n| n <= MAX_DRAINED_BYTES);
        if matches!(fetched.outcome, Outcome::Ok(_)) {
            // RFC 9309, section 2.5: of a longer robots.txt the beginning counts.
            let cut_at = (request.accept == Accept::Text).then_some(MAX_BYTES);
            let (bytes, n_wire) = read_body(response, limits, deadline, cut_at).await?;
            fetched.outcome = Outcome::Ok(bytes);
            fetched.n_wire_bytes = n_wire;
        } else if is_short {
            // Only for the sake of the connection; what the refusal says does not matter.
            let _ = read_body(response, limits, deadline, None).await;
        }
        fetched.at = Timestamp::now();
        Ok(Hop::Answer(Box::new(fetched)))
    }

    fn address_slot(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut slots = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() > MAX_ADDRESS_SLOTS {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        // Simulated hosts share one loopback address and belong to the operator.
        let n = if address.is_loopback() { self.config.max_requests } else { self.config.max_requests_per_address };
        Arc::clone(slots.entry(address).or_insert_with(|| Arc::new(Semaphore::new(n.max(1)))))
    }

    /// Remembers which address answered; true when the host's IPv6 address seems dead.
    fn note_family(&self, host: &Host, addresses: &[std::net::SocketAddr], response: &Response) -> bool {
        let Some(answered) = response.remote_addr() else { return false };
        if addresses.len() > 1 {
            self.resolver.prefer(host, answered.ip());
        }
        if answered.is_ipv6() {
            self.is_ipv6_alive.store(true, Ordering::Relaxed);
            return false;
        }
        addresses.iter().any(std::net::SocketAddr::is_ipv6) && self.is_ipv6_alive.load(Ordering::Relaxed)
    }
}

async fn acquire(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Cause> {
    Arc::clone(semaphore).acquire_owned().await.map_err(|closed| Cause::Transport { reason: closed.to_string() })
}

/// Reads a body to its end, or to `cut_at` decoded bytes. Returns it with the number of bytes on the wire.
async fn read_body(
    mut response: Response,
    limits: &Limits,
    deadline: Instant,
    cut_at: Option<usize>,
) -> Result<(Bytes, usize), Cause> {
    let encodings: Vec<String> = response
        .headers()
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    let mut body = Body::new(encodings.iter().map(String::as_str), limits)?;
    let declared = response.content_length().and_then(|n| usize::try_from(n).ok());
    if cut_at.is_none() && declared.is_some_and(|n| n > limits.wire_bytes) {
        return Err(Cause::WireTooLarge { limit_bytes: limits.wire_bytes });
    }
    let window = limits.throughput_window;
    let min_bytes = limits.min_bytes_per_second.saturating_mul(window.as_secs().max(1));
    let mut window_end = Instant::now() + window;
    let mut n_at_window_start = 0_usize;
    loop {
        let until = window_end.min(deadline);
        match tokio::time::timeout_at(until.into(), response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                body.push(&chunk)?;
                if cut_at.is_some_and(|cut_at| body.n_decoded() >= cut_at) {
                    let n_wire = body.n_wire();
                    return Ok((Bytes::from(body.cut()), n_wire));
                }
            }
            Ok(Ok(None)) => break,
            Ok(Err(error)) => return Err(Cause::Corrupt { reason: chain(&error) }),
            Err(_) if Instant::now() >= deadline => {
                return Err(Cause::Timeout { what: "reading the body", limit: limits.total });
            }
            Err(_) => {}
        }
        if Instant::now() >= window_end {
            let n_in_window = u64::try_from(body.n_wire() - n_at_window_start).unwrap_or(u64::MAX);
            if n_in_window < min_bytes {
                return Err(Cause::TooSlow { min_bytes_per_second: limits.min_bytes_per_second });
            }
            n_at_window_start = body.n_wire();
            window_end = Instant::now() + window;
        }
    }
    let n_wire = body.n_wire();
    Ok((Bytes::from(body.finish()?), n_wire))
}

fn check_head(headers: &HeaderMap, limits: &Limits) -> Result<(), Cause> {
    let n_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if n_bytes > limits.head_bytes || headers.len() > limits.headers {
        return Err(Cause::HeadTooLarge { limit_bytes: limits.head_bytes });
    }
    Ok(())
}

fn describe(response: &Response, url: Url, latency: Duration, exchange: Exchange) -> Fetched {
    let headers = response.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let number = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok());
    let status = response.status().as_u16();
    let retry_after = text(header::RETRY_AFTER).and_then(RetryAfter::parse);
    let outcome = match status {
        200 => Outcome::Ok(Bytes::new()),
        304 => Outcome::NotModified,
        401 => Outcome::Unauthorized,
        403 => Outcome::Forbidden,
        404 => Outcome::NotFound,
        410 => Outcome::Gone,
        429 => Outcome::RateLimited(retry_after),
        503 if retry_after.is_some() => Outcome::RateLimited(retry_after),
        500..=599 => Outcome::ServerError(retry_after),
        _ => Outcome::Unexpected,
    };
    let cache_control = text(header::CACHE_CONTROL).unwrap_or_default().to_ascii_lowercase();
    let directives: Vec<&str> = cache_control.split(',').map(str::trim).collect();
    let may_store = !directives.iter().any(|directive| matches!(*directive, "no-store" | "private"));
    let max_age = directives.iter().find_map(|directive| directive.strip_prefix("max-age="));
    let rate = number("x-ratelimit-remaining")
        .and_then(|n| u64::try_from(n).ok())
        .zip(number("x-ratelimit-reset"))
        .map(|(remaining, reset)| RateLimit { remaining, reset });
    let tags = headers.get_all("x-robots-tag").iter().filter_map(|value| value.to_str().ok());
    Fetched {
        url,
        status,
        outcome,
        content_type: text(header::CONTENT_TYPE)
            .map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()),
        validators: if may_store { Validators::new(text(header::ETAG), text(header::LAST_MODIFIED)) } else { None },
        max_age: max_age.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs),
        rate,
        is_noindex: is_noindex(tags, TOKEN),
        latency,
        n_wire_bytes: 0,
        is_ipv6_broken: false,
        is_ipv6: false,
        at: Timestamp::now(),
        exchange: Box::new(exchange),
    }
}

fn cause_of(error: &reqwest::Error, limits: &Limits) -> Cause {
    if error.is_timeout() {
        return Cause::Timeout { what: "connecting", limit: limits.connect };
    }
    let reason = chain(error);
    match super::connection::fault(error) {
        Some(ConnectionFault::Refused) => Cause::Refused { reason },
        Some(ConnectionFault::Tls(fault)) => Cause::Tls { fault, reason },
        None if error.is_connect() => Cause::Connect { reason },
        None => Cause::Transport { reason },
    }
}
