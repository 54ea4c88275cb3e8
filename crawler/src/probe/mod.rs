//! Asking a host that somebody submitted what it is: few requests, one answer for each thing that matters.
//!
//! Strangers decide who is asked, so everything here is counted: four requests for the checks, three for a proof, no redirect
//! is followed, and no port is theirs to choose. Who may be asked how often is the caller's business.

mod answers;
mod dns;
mod proof;

pub use dns::{TxtError, TxtResolver};
pub use proof::ProofReport;

use std::collections::BTreeMap;
use std::time::Duration;

use allowlist::submission::{Check, CheckName, named};
use allowlist::{Host, SourceKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::crawl::{GancioTask, MobilizonTask, Scope, Task};
use crate::error::{Cause, FetchError};
use crate::failure::LastError;
use crate::gancio::{About, parse_list};
use crate::mobilizon::{Purpose, Query, Refusal, Version, parse_look};
use crate::net::{Accept, Client, Fetched, Limits, Outcome, Request};
use crate::peertube::{IdentityError, parse_config, parse_listing, parse_nodeinfo, parse_nodeinfo_links};
use crate::robots::{MAX_BYTES, Rules};
use crate::status::{IsRobots, Status, of_failure};
use answers::{Listed, Software};

/// Requests that the checks of one host may take: robots.txt, two for NodeInfo, its list.
pub const MAX_REQUESTS: u32 = 4;

/// Longest pause that a `Crawl-delay` makes the checks take between two requests.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Rows of a list of events that are looked at.
const EVENT_ROWS: u64 = 20;

/// What came of asking a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// What it runs, where that is known and something this index reads.
    pub kind: Option<SourceKind>,
    /// Every check but that for names that look alike, in order.
    pub checks: Vec<Check>,
    /// Public items of its own on the first page of its list.
    pub n_items: u64,
    /// Requests that were sent to it.
    pub n_requests: u32,
    /// When it was asked.
    pub at: Timestamp,
}

/// Asks hosts that were submitted. Cheap to clone.
#[derive(Clone)]
pub struct Prober {
    client: Client,
    limits: Limits,
    dns: TxtResolver,
    refusal_time: Duration,
}

impl Prober {
    /// Asks through the guarded client of the crawler.
    pub fn new(client: Client, dns: TxtResolver) -> Self {
        let usual = &client.config().limits;
        let limits = Limits {
            first_byte: usual.first_byte.min(Duration::from_secs(10)),
            total: usual.total.min(Duration::from_secs(20)),
            wire_bytes: usual.wire_bytes.min(2 << 20),
            decoded_bytes: usual.decoded_bytes.min(4 << 20),
            ..usual.clone()
        };
        // Longer than the slowest failure to look up a name, so that how long it took says nothing of why.
        let refusal_time = usual.connect + Duration::from_secs(1);
        Self { client, limits, dns, refusal_time }
    }

    /// Makes the checks of a host: at most [`MAX_REQUESTS`] requests. What is wrong with the host is in the report.
    ///
    /// A host without a public address gets the same words after the same time, whatever the reason.
    pub async fn probe(&self, host: &Host) -> ProbeReport {
        let begun = Instant::now();
        let mut probing = Probing {
            prober: self,
            host,
            checks: BTreeMap::from([(CheckName::Name, named(host))]),
            rules: None,
            kind: None,
            n_items: 0,
            n_requests: 0,
        };
        let end = probing.run().await;
        if end == Some(Stop::NoAddress) {
            tokio::time::sleep_until(begun + self.refusal_time).await;
        }
        let Probing { mut checks, kind, n_items, n_requests, .. } = probing;
        let names = CheckName::ALL.into_iter().filter(|name| *name != CheckName::Lookalike);
        let checks = names
            .map(|name| {
                checks.remove(&name).unwrap_or_else(|| Check::skipped(name, "Not checked: another check comes first."))
            })
            .collect();
        ProbeReport { kind, checks, n_items, n_requests, at: Timestamp::now() }
    }
}

/// Why no more is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// There is no public address to ask.
    NoAddress,
    /// What was found settles it.
    Settled,
}

struct Probing<'a> {
    prober: &'a Prober,
    host: &'a Host,
    checks: BTreeMap<CheckName, Check>,
    rules: Option<Rules>,
    kind: Option<SourceKind>,
    n_items: u64,
    n_requests: u32,
}

impl Probing<'_> {
    async fn run(&mut self) -> Option<Stop> {
        if let Err(stop) = self.read_robots().await {
            return Some(stop);
        }
        let software = match self.read_software().await {
            Ok(software) => software,
            Err(stop) => return Some(stop),
        };
        let Some(kind) = self.judge_software(&software) else { return Some(Stop::Settled) };
        self.kind = Some(kind);
        self.read_list(kind, &software).await.err()
    }

    async fn ask(&mut self, path: &str, accept: Accept, json: Option<&str>) -> Result<Fetched, Box<FetchError>> {
        debug_assert!(self.n_requests < MAX_REQUESTS, "one request too many");
        let delay = self.rules.as_ref().and_then(Rules::crawl_delay);
        if let Some(delay) = delay.filter(|_| self.n_requests > 0) {
            tokio::time::sleep(delay.min(MAX_PAUSE)).await;
        }
        self.n_requests += 1;
        let request =
            Request { host: self.host, path_and_query: path, accept, validators: None, pause: Duration::ZERO };
        self.prober.client.ask_once(&request, json, &self.prober.limits).await.map_err(Box::new)
    }

    fn set(&mut self, check: Check) {
        self.checks.insert(check.name, check);
    }

    /// Ends with a failed check; the words are those of `vigie instances explain`.
    fn fail(&mut self, name: CheckName, failure: (Status, String)) -> Stop {
        let (status, sentence) = failure;
        let kind = self.kind.unwrap_or(SourceKind::PeerTube);
        self.set(Check::failed(name, format!("{sentence}."), status.hint(kind)));
        Stop::Settled
    }

    /// A request of which no answer came.
    fn fail_request(&mut self, name: CheckName, error: &FetchError) -> Stop {
        let failure = LastError::of_request(error, Timestamp::now());
        tracing::info!(instance.host = %self.host, "checking {}: {}", self.host, failure.text);
        let is_robots = if name == CheckName::Robots { IsRobots::Yes } else { IsRobots::No };
        self.fail(name, of_failure(failure, is_robots))
    }

    /// An answer of no use.
    fn fail_answer(&mut self, name: CheckName, fetched: &Fetched) -> Stop {
        let failure = LastError::of_answer(self.host, fetched, None);
        let is_robots = if name == CheckName::Robots { IsRobots::Yes } else { IsRobots::No };
        self.fail(name, of_failure(failure, is_robots))
    }

    async fn read_robots(&mut self) -> Result<(), Stop> {
        let fetched = match self.ask(&Task::Robots.path(), Accept::Text, None).await {
            Ok(fetched) => fetched,
            Err(error) => return Err(self.without_answer(&error)),
        };
        self.judge_connection(&fetched);
        match &fetched.outcome {
            Outcome::Ok(file) => {
                self.rules = Some(Rules::parse(&file.slice(..file.len().min(MAX_BYTES))));
                self.set(Check::passed(CheckName::Robots, "Its robots.txt lets its list be read."));
                Ok(())
            }
            Outcome::NotFound | Outcome::Gone | Outcome::Unauthorized | Outcome::Forbidden | Outcome::Unexpected => {
                self.set(Check::passed(CheckName::Robots, "It has no robots.txt, so nothing is forbidden."));
                Ok(())
            }
            Outcome::NotModified | Outcome::RateLimited(_) | Outcome::ServerError(_) => {
                Err(self.fail_answer(CheckName::Robots, &fetched))
            }
        }
    }

    /// The first request came to nothing: where in the way it ended.
    fn without_answer(&mut self, error: &FetchError) -> Stop {
        let is_lookup = matches!(&error.cause, Cause::Timeout { what, .. } if what.contains("looking up"));
        if is_lookup || matches!(error.cause, Cause::Dns { .. } | Cause::Address { .. }) {
            // The operator's log tells which; a stranger could map the inside of a network by the difference.
            tracing::info!(instance.host = %self.host, "checking {}: {}", self.host, error.cause);
            let sentence = "Its name cannot be looked up, or leads to no public address.";
            let fix = "Check the DNS records of the name: an A or AAAA record with a public address.";
            self.set(Check::failed(CheckName::Address, sentence, Some(fix)));
            return Stop::NoAddress;
        }
        self.set(Check::passed(CheckName::Address, "Its name leads to a public address."));
        let has_answered = error.exchange.as_ref().is_some_and(|exchange| exchange.response.is_some());
        if !has_answered {
            return self.fail_request(CheckName::Connection, error);
        }
        self.set(Check::passed(CheckName::Connection, "It answers."));
        if let Cause::Redirect { refusal: crate::net::UrlRefusal::Single, .. } = error.cause {
            let sentence = "Its robots.txt redirects to another address of its own, which the checks do not follow.";
            self.set(Check::failed(CheckName::Robots, sentence, Some("Let `/robots.txt` answer without a redirect.")));
            return Stop::Settled;
        }
        self.fail_request(CheckName::Robots, error)
    }

    fn judge_connection(&mut self, fetched: &Fetched) {
        self.set(Check::passed(CheckName::Address, "Its name leads to a public address."));
        let is_plain = self.prober.client.config().scheme_of(self.host) == "http";
        self.set(if is_plain {
            Check::skipped(
                CheckName::Connection,
                "It is spoken to without encryption, as the operator of this index declared.",
            )
        } else {
            Check::passed(CheckName::Connection, "It answers over an encrypted connection that is trusted.")
        });
        self.set(if fetched.is_ipv6_broken {
            let sentence = "Its IPv6 address does not answer while IPv4 does.";
            Check::warned(CheckName::Ipv6, sentence, Status::Ipv6Dead.hint(SourceKind::PeerTube))
        } else if fetched.is_ipv6 {
            Check::passed(CheckName::Ipv6, "It answers over IPv6.")
        } else {
            Check::skipped(CheckName::Ipv6, "It answers over IPv4, which is enough.")
        });
    }

    fn is_allowed(&self, path: &str) -> bool {
        self.rules.as_ref().is_none_or(|rules| rules.is_allowed(path))
    }

    /// What robots.txt forbids stays unread.
    fn forbidden(&mut self, what: &str) -> Stop {
        let kind = self.kind.unwrap_or(SourceKind::PeerTube);
        let fix = match self.kind {
            Some(_) => Status::RobotsForbids.hint(kind),
            None => {
                Some("To be indexed, let robots.txt allow `/.well-known/nodeinfo`, `/nodeinfo/` and `/api` to `Vigie`.")
            }
        };
        let sentence = format!("It asks not to be indexed: its robots.txt forbids {what}.");
        self.set(Check::failed(CheckName::Robots, sentence, fix));
        Stop::Settled
    }

    async fn read_software(&mut self) -> Result<Software, Stop> {
        let links = Task::NodeinfoLinks.path();
        if !self.is_allowed(&links) {
            return self.read_config("what it runs").await;
        }
        let fetched = match self.ask(&links, Accept::Json, None).await {
            Ok(fetched) => fetched,
            Err(error) => return Err(self.fail_request(CheckName::Nodeinfo, &error)),
        };
        let path = match &fetched.outcome {
            Outcome::Ok(body) => match parse_nodeinfo_links(body, self.host) {
                Ok(path) => path,
                Err(error @ IdentityError::Mismatch(_)) => return Err(self.mismatch(&error)),
                Err(IdentityError::Malformed) if fetched.is_html() => {
                    return Err(self.fail_answer(CheckName::Nodeinfo, &fetched));
                }
                Err(IdentityError::Malformed) => return self.read_config("what it runs").await,
            },
            Outcome::RateLimited(_) | Outcome::ServerError(_) => {
                return Err(self.fail_answer(CheckName::Nodeinfo, &fetched));
            }
            _ => return self.read_config("what it runs").await,
        };
        if !self.is_allowed(&path) {
            return self.read_config("what it runs").await;
        }
        let fetched = match self.ask(&path, Accept::Json, None).await {
            Ok(fetched) => fetched,
            Err(error) => return Err(self.fail_request(CheckName::Nodeinfo, &error)),
        };
        match &fetched.outcome {
            Outcome::Ok(body) => match parse_nodeinfo(body) {
                Ok(software) => {
                    self.set(Check::passed(CheckName::Nodeinfo, "Its NodeInfo says what it runs."));
                    self.set(Check::passed(CheckName::Identity, "It calls itself by this name."));
                    Ok(Software::of(software))
                }
                Err(_) if fetched.is_html() => Err(self.fail_answer(CheckName::Nodeinfo, &fetched)),
                Err(_) => self.read_config("what it runs").await,
            },
            Outcome::RateLimited(_) | Outcome::ServerError(_) => Err(self.fail_answer(CheckName::Nodeinfo, &fetched)),
            _ => self.read_config("what it runs").await,
        }
    }

    fn mismatch(&mut self, error: &IdentityError) -> Stop {
        let text = error.to_string();
        let sentence = format!("I{}.", text.strip_prefix('i').unwrap_or(&text));
        self.set(Check::passed(CheckName::Nodeinfo, "It has NodeInfo."));
        let fix = "Submit it under the name that it gives itself, or let its configuration name this one.";
        self.set(Check::failed(CheckName::Identity, sentence, Some(fix)));
        Stop::Settled
    }

    /// Without NodeInfo only a PeerTube says what it is, in its configuration.
    async fn read_config(&mut self, what: &str) -> Result<Software, Stop> {
        let path = Task::Config.path();
        if !self.is_allowed(&path) {
            return Err(self.forbidden(what));
        }
        let fetched = match self.ask(&path, Accept::Json, None).await {
            Ok(fetched) => fetched,
            Err(error) => return Err(self.fail_request(CheckName::Nodeinfo, &error)),
        };
        let software = match &fetched.outcome {
            Outcome::Ok(body) => parse_config(body).ok(),
            Outcome::RateLimited(_) | Outcome::ServerError(_) => {
                return Err(self.fail_answer(CheckName::Nodeinfo, &fetched));
            }
            _ => None,
        };
        let fix = "Let `/.well-known/nodeinfo` and the document that it links to answer.";
        let Some(software) = software else {
            let sentence = "It does not say what it runs: its NodeInfo cannot be read.";
            self.set(Check::failed(CheckName::Nodeinfo, sentence, Some(fix)));
            return Err(Stop::Settled);
        };
        let sentence = "Its NodeInfo cannot be read; its configuration says what it runs.";
        self.set(Check::warned(CheckName::Nodeinfo, sentence, Some(fix)));
        Ok(Software::of(software))
    }

    fn judge_software(&mut self, software: &Software) -> Option<SourceKind> {
        let (check, kind) = software.judge();
        self.set(check);
        kind
    }

    async fn read_list(&mut self, kind: SourceKind, software: &Software) -> Result<(), Stop> {
        let version = Version::parse(&software.version).unwrap_or(Version::FIRST);
        let (path, body) = match kind {
            SourceKind::PeerTube => (Task::Listing { start: 0 }.path(), None),
            SourceKind::Gancio => (GancioTask::Events { scope: Scope::History, start: 0 }.path(), None),
            SourceKind::Mobilizon => {
                let task = Query::choose(Purpose::Look, version, 0).map(|query| MobilizonTask::Look {
                    query,
                    scope: Scope::History,
                    start: 0,
                    rows: EVENT_ROWS,
                });
                (MobilizonTask::GRAPHQL.to_owned(), task.and_then(|task| task.body()))
            }
        };
        if !self.is_allowed(&path) {
            return Err(self.forbidden(&format!("the {} list", answers::thing(kind))));
        }
        if self.n_requests >= MAX_REQUESTS {
            self.set(Check::skipped(CheckName::Content, "Not checked: four requests are spent."));
            return Ok(());
        }
        let fetched = match self.ask(&path, Accept::Json, body.as_deref()).await {
            Ok(fetched) => fetched,
            Err(error) => return Err(self.fail_request(CheckName::Content, &error)),
        };
        let listed = match &fetched.outcome {
            Outcome::Ok(_) if fetched.is_noindex => {
                let sentence = "It asks not to be indexed: its header X-Robots-Tag says noindex.";
                self.set(Check::failed(CheckName::Robots, sentence, Status::Noindex.hint(kind)));
                return Err(Stop::Settled);
            }
            Outcome::Ok(json) if fetched.is_json() => self.count(kind, software, json, fetched.at),
            Outcome::Unauthorized | Outcome::Forbidden if kind == SourceKind::Mobilizon => {
                self.set(answers::closed(&fetched));
                return Ok(());
            }
            _ => return Err(self.fail_answer(CheckName::Content, &fetched)),
        };
        let listed = match listed {
            Ok(listed) => listed,
            Err(NoList::Refused) => {
                self.set(answers::closed(&fetched));
                return Ok(());
            }
            Err(NoList::Unreadable(text)) => {
                let failure = LastError::of_content(&fetched, &text);
                return Err(self.fail(CheckName::Content, of_failure(failure, IsRobots::No)));
            }
        };
        self.n_items = listed.n_own;
        self.set(listed.content(kind));
        if let Some(check) = listed.identity(kind) {
            self.set(check);
        } else if !self.checks.contains_key(&CheckName::Identity) {
            self.set(Check::passed(CheckName::Identity, "What it lists carries this name."));
        }
        Ok(())
    }

    fn count(&self, kind: SourceKind, software: &Software, json: &[u8], now: Timestamp) -> Result<Listed, NoList> {
        let unreadable = |error: String| NoList::Unreadable(error);
        let n = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        match kind {
            SourceKind::PeerTube => {
                let page = parse_listing(json, self.host, now).map_err(|error| unreadable(error.to_string()))?;
                Ok(Listed {
                    n_own: n(page.videos.len()),
                    n_remote: n(page.n_remote),
                    n_spoofed: n(page.spoofs.len()),
                    total: page.total,
                })
            }
            SourceKind::Gancio => {
                let (name, time_zone) = (software.node_name.as_deref(), software.time_zone.as_deref());
                let about = About { host: self.host, name, time_zone, actor: software.actor.as_deref() };
                let page = parse_list(json, about, now).map_err(|error| unreadable(error.to_string()))?;
                Ok(Listed {
                    n_own: n(page.events.len()),
                    n_remote: n(page.n_remote),
                    n_spoofed: n(page.spoofs.len()),
                    total: None,
                })
            }
            SourceKind::Mobilizon => match parse_look(json, self.host) {
                Ok(page) => Ok(Listed {
                    n_own: n(page.glances.len()),
                    n_remote: n(page.n_remote + page.n_global),
                    n_spoofed: 0,
                    total: page.total,
                }),
                Err(Refusal::Malformed(text)) => Err(unreadable(text)),
                Err(_) => Err(NoList::Refused),
            },
        }
    }
}

/// Why a list was not counted.
enum NoList {
    /// It is not for everybody.
    Refused,
    /// It is none.
    Unreadable(String),
}
