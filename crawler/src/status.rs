//! Why a host is indexed or is not: a code for programs, a sentence for people, and a hint where somebody can do
//! something. Pure functions of the state and of `now`.

mod sentence;

pub use sentence::plain_sentence;
#[cfg(test)]
use sentence::{ahead, since};
pub(crate) use sentence::{nothing_of_its_own, sentence};

use std::time::Duration;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;

use crate::failure::{FailureKind, LastError, TlsFault};
use crate::politeness::after;
use crate::state::{BlockedBy, HostState, StoredHost, Tally};

/// A host that fails for so long is unreachable, whatever the last cause was.
const UNREACHABLE_AFTER: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Why a host is indexed or is not. The names are part of the API (docs/api.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// On no list.
    NotListed,
    /// The operator removed it, by name.
    Removed,
    /// Listed and not visited yet.
    Waiting,
    /// Its first full scan, or its first details, are under way.
    Crawling,
    /// Seen whole and kept up to date.
    Healthy,
    /// The same over IPv4 alone: its IPv6 address is dead.
    Ipv6Dead,
    /// Seen whole, and there is no video that is public and local.
    NoVideos,
    /// The same of events.
    NoEvents,
    /// Everything it has is withheld by consent.
    Withheld,
    /// More than half of its videos are gone from its list.
    Held,
    /// Its robots.txt forbids the video list.
    RobotsForbids,
    /// It asks by `X-Robots-Tag` not to be indexed.
    Noindex,
    /// Its robots.txt can neither be read nor is it missing.
    RobotsUnreadable,
    /// It asked for time.
    RateLimited,
    /// No trusted encryption.
    TlsInvalid,
    /// Its name cannot be looked up.
    DnsFailure,
    /// Its name leads to an address that is not public.
    PrivateAddress,
    /// Nothing listens there.
    ConnectionRefused,
    /// It does not answer in time.
    TimedOut,
    /// Its connection is cut.
    ConnectionLost,
    /// It has failed for days.
    Unreachable,
    /// It answers with pages for people.
    HtmlAnswer,
    /// It answers with something else than was asked for.
    BadAnswer,
    /// It answers with an error of its own.
    ServerError,
    /// It refuses what it was asked for.
    AccessRefused,
    /// It leads to another instance.
    Moved,
    /// It redirects to where nobody follows.
    BadRedirect,
    /// Another software than it is listed with.
    WrongSoftware,
    /// It says that it is another instance.
    IdentityMismatch,
    /// Fails for a reason without a name.
    Failing,
}

/// Statuses in a few groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// Never asked yet.
    New,
    /// Its first full scan, or its first details, are under way.
    Crawling,
    /// Seen whole; kept up to date.
    UpToDate,
    /// The last request failed, or it asked for time.
    Failing,
    /// It asks not to be indexed.
    OptedOut,
    /// It is not what it is listed as.
    Mismatch,
    /// No longer on the list.
    Delisted,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 30] = [
        Self::NotListed,
        Self::Removed,
        Self::Waiting,
        Self::Crawling,
        Self::Healthy,
        Self::Ipv6Dead,
        Self::NoVideos,
        Self::NoEvents,
        Self::Withheld,
        Self::Held,
        Self::RobotsForbids,
        Self::Noindex,
        Self::RobotsUnreadable,
        Self::RateLimited,
        Self::TlsInvalid,
        Self::DnsFailure,
        Self::PrivateAddress,
        Self::ConnectionRefused,
        Self::TimedOut,
        Self::ConnectionLost,
        Self::Unreachable,
        Self::HtmlAnswer,
        Self::BadAnswer,
        Self::ServerError,
        Self::AccessRefused,
        Self::Moved,
        Self::BadRedirect,
        Self::WrongSoftware,
        Self::IdentityMismatch,
        Self::Failing,
    ];

    /// The code in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotListed => "not-listed",
            Self::Removed => "removed-on-request",
            Self::Waiting => "waiting",
            Self::Crawling => "crawling",
            Self::Healthy => "healthy",
            Self::Ipv6Dead => "ipv6-dead",
            Self::NoVideos => "no-videos",
            Self::NoEvents => "no-events",
            Self::Withheld => "withheld",
            Self::Held => "held-after-shrink",
            Self::RobotsForbids => "robots-forbids",
            Self::Noindex => "noindex-header",
            Self::RobotsUnreadable => "robots-unreadable",
            Self::RateLimited => "rate-limited",
            Self::TlsInvalid => "tls-invalid",
            Self::DnsFailure => "dns-failure",
            Self::PrivateAddress => "private-address",
            Self::ConnectionRefused => "connection-refused",
            Self::TimedOut => "timed-out",
            Self::ConnectionLost => "connection-lost",
            Self::Unreachable => "unreachable",
            Self::HtmlAnswer => "html-answer",
            Self::BadAnswer => "bad-answer",
            Self::ServerError => "server-error",
            Self::AccessRefused => "access-refused",
            Self::Moved => "moved",
            Self::BadRedirect => "bad-redirect",
            Self::WrongSoftware => "wrong-software",
            Self::IdentityMismatch => "identity-mismatch",
            Self::Failing => "failing",
        }
    }

    /// The group.
    pub fn health(self) -> Health {
        match self {
            Self::NotListed | Self::Removed => Health::Delisted,
            Self::Waiting => Health::New,
            Self::Crawling => Health::Crawling,
            Self::Healthy | Self::Ipv6Dead | Self::NoVideos | Self::NoEvents | Self::Withheld | Self::Held => {
                Health::UpToDate
            }
            Self::RobotsForbids | Self::Noindex => Health::OptedOut,
            Self::WrongSoftware | Self::IdentityMismatch => Health::Mismatch,
            _ => Health::Failing,
        }
    }

    /// What somebody can do about it, on a host that is listed as `kind`.
    pub fn hint(self, kind: SourceKind) -> Option<&'static str> {
        Some(match self {
            Self::NotListed => "Ask the operator of this index to add it, or add it with `vigie instances add`.",
            Self::Ipv6Dead => {
                "Mend the IPv6 address or take the AAAA record out of the DNS: programs that do not fall back to IPv4 see a \
                 dead server."
            }
            Self::NoVideos => "Only public videos that were uploaded to the instance itself are indexed.",
            Self::NoEvents => "Only public events that were made on the instance itself are indexed.",
            Self::Withheld => {
                "Those who publish there ask not to be indexed; taking the words such as `#noindex` out of their \
                 descriptions brings them in."
            }
            Self::Held => "If they are really gone, nothing needs to be done: they leave the index soon.",
            Self::RobotsForbids => match kind {
                SourceKind::PeerTube => {
                    "To be indexed, let robots.txt allow `/api/v1/videos` to `Vigie`; it is read again within a day."
                }
                SourceKind::Mobilizon => {
                    "To be indexed, let robots.txt allow `/api` to `Vigie`; it is read again within a day."
                }
                SourceKind::Gancio => {
                    "To be indexed, let robots.txt allow `/api/events` to `Vigie`; it is read again within a day."
                }
            },
            Self::Noindex => match kind {
                SourceKind::PeerTube => {
                    "To be indexed, take `noindex` out of the header X-Robots-Tag of `/api/v1/videos`."
                }
                SourceKind::Mobilizon => "To be indexed, take `noindex` out of the header X-Robots-Tag of `/api`.",
                SourceKind::Gancio => "To be indexed, take `noindex` out of the header X-Robots-Tag of `/api/events`.",
            },
            Self::RobotsUnreadable => {
                "Let `/robots.txt` answer with a file or with 404: what cannot be read forbids everything."
            }
            Self::RateLimited => "Nothing needs to be done; it is asked more slowly from now on.",
            Self::TlsInvalid => "Renew or mend the certificate; there is no exception for invalid ones.",
            Self::DnsFailure => "Check the DNS records of the name.",
            Self::PrivateAddress => "Let the name lead to a public address.",
            Self::ConnectionRefused | Self::TimedOut | Self::ConnectionLost | Self::Unreachable => {
                "Check that the server runs and that no firewall or DDoS protection turns the crawler away."
            }
            Self::HtmlAnswer => {
                "A login page, a parked name or a challenge for browsers stands before the API; let `/api/` through."
            }
            Self::BadAnswer | Self::ServerError => "The log of the instance says more about the request below.",
            Self::AccessRefused => match kind {
                SourceKind::PeerTube => "Let anonymous visitors read `/api/v1/videos`.",
                SourceKind::Mobilizon => {
                    "Let anonymous visitors ask `/api`, or read `/@relay/outbox` or the feeds of the instance."
                }
                SourceKind::Gancio => "Let anonymous visitors read `/api/events`.",
            },
            Self::Moved => "If the instance moved for good, list its new name in place of the old one.",
            Self::BadRedirect => "Let the API answer under the listed name, over https, without a redirect elsewhere.",
            Self::WrongSoftware => "Take it off the list, or list it with the software that it runs.",
            Self::IdentityMismatch => "If the instance changed its name, list the new one in place of the old one.",
            Self::Removed | Self::Waiting | Self::Crawling | Self::Healthy | Self::Failing => return None,
        })
    }

    /// The status of a stored host.
    pub fn of(stored: &StoredHost, tally: Tally, now: Timestamp) -> Self {
        let state = &stored.state;
        if !stored.is_listed {
            return Self::NotListed;
        }
        if state.robots.blocked_since.is_some() {
            return if state.robots.blocked_by == Some(BlockedBy::Header) {
                Self::Noindex
            } else {
                Self::RobotsForbids
            };
        }
        if state.identity.mismatch.is_some() {
            let is_other_software = state.identity.software.is_some();
            return if is_other_software { Self::WrongSoftware } else { Self::IdentityMismatch };
        }
        if is_in_trouble(state) {
            return of_trouble(state, now);
        }
        if state.sweep.n_held > 0 || state.agenda.look.n_held > 0 {
            return Self::Held;
        }
        if !state.is_whole {
            return if state.counts.n_requests == 0 { Self::Waiting } else { Self::Crawling };
        }
        if tally.n_known == 0 {
            return match stored.kind {
                _ if state.counts.n_withheld > 0 => Self::Withheld,
                SourceKind::PeerTube => Self::NoVideos,
                SourceKind::Mobilizon | SourceKind::Gancio => Self::NoEvents,
            };
        }
        if state.is_ipv6_broken { Self::Ipv6Dead } else { Self::Healthy }
    }

    /// How well it is, from 0 to 100, as directories of instances show it: 100 without trouble; with trouble 10 less
    /// for each failure in a row, up to five, and 10 less for each day that it lasts; 0 where nothing is asked for.
    pub fn score(self, state: &HostState, now: Timestamp) -> u8 {
        match self.health() {
            Health::New | Health::Crawling | Health::UpToDate => 100,
            Health::OptedOut | Health::Mismatch | Health::Delisted => 0,
            Health::Failing => {
                let since = trouble_since(state).unwrap_or(now);
                let n_days = u64::try_from(now.duration_since(since).as_hours() / 24).unwrap_or_default();
                let lost = u64::from(state.slot.n_failures.clamp(1, 5)).saturating_add(n_days).min(10) * 10;
                u8::try_from(100_u64.saturating_sub(lost)).unwrap_or_default()
            }
        }
    }
}

fn is_in_trouble(state: &HostState) -> bool {
    state.trouble_since.is_some() || state.slot.n_failures > 0 || state.robots.is_unreachable
}

/// What is said of one failed request to a host of which nothing else is known: its status, and its sentence without an
/// end.
///
/// - `is_robots`: what failed was its robots.txt.
pub(crate) fn of_failure(error: LastError, is_robots: IsRobots) -> (Status, String) {
    let now = error.at;
    let mut state = HostState::default();
    state.robots.is_unreachable = is_robots == IsRobots::Yes;
    state.note_error(error);
    let status = of_trouble(&state, now);
    (status, sentence::trouble(status, &state, now))
}

/// Whether it was the robots.txt that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IsRobots {
    /// It was.
    Yes,
    /// Something else.
    No,
}

/// Since when the trouble lasts; for states of older versions since the last success.
pub(crate) fn trouble_since(state: &HostState) -> Option<Timestamp> {
    state.trouble_since.or(state.last_success_at)
}

/// The other instance that a host leads to.
pub(crate) fn moved_to(state: &HostState) -> Option<&Host> {
    match state.last_error.as_ref().map(|error| &error.kind) {
        Some(FailureKind::Redirect { to }) if is_in_trouble(state) => to.as_ref(),
        _ => None,
    }
}

fn of_trouble(state: &HostState, now: Timestamp) -> Status {
    let status = match state.last_error.as_ref().map_or(&FailureKind::Other, |error| &error.kind) {
        FailureKind::RateLimited => return Status::RateLimited,
        FailureKind::Tls(_) => return Status::TlsInvalid,
        FailureKind::Redirect { to: Some(_) } => return Status::Moved,
        FailureKind::PrivateAddress => return Status::PrivateAddress,
        FailureKind::Dns => Status::DnsFailure,
        FailureKind::ConnectionRefused => Status::ConnectionRefused,
        FailureKind::Timeout => Status::TimedOut,
        FailureKind::Connection => Status::ConnectionLost,
        // What follows came over a connection that works; of its robots.txt it keeps us out.
        _ if state.robots.is_unreachable => Status::RobotsUnreadable,
        FailureKind::Redirect { to: None } => return Status::BadRedirect,
        FailureKind::Html => return Status::HtmlAnswer,
        FailureKind::NotData | FailureKind::TooLarge | FailureKind::Broken => return Status::BadAnswer,
        FailureKind::Refused(_) => return Status::AccessRefused,
        FailureKind::ServerError(_) => Status::ServerError,
        FailureKind::Other => Status::Failing,
    };
    let is_long = trouble_since(state).is_some_and(|since| after(since, UNREACHABLE_AFTER) <= now);
    if is_long { Status::Unreachable } else { status }
}

/// What is wrong with the encryption, to go after "its certificate" or alone.
fn tls_reason(fault: TlsFault) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    match fault {
        TlsFault::Expired { on: Some(on) } => format!("its certificate expired on {}", day(on)),
        TlsFault::Expired { on: None } => "its certificate has expired".to_owned(),
        TlsFault::NotYetValid { from: Some(from) } => format!("its certificate is invalid until {}", day(from)),
        TlsFault::NotYetValid { from: None } => "its certificate is not valid yet".to_owned(),
        TlsFault::WrongName => "its certificate is for another name".to_owned(),
        TlsFault::UnknownIssuer => {
            "its certificate is signed by itself or by nobody known, or its chain lacks a part".to_owned()
        }
        TlsFault::Revoked => "its certificate was withdrawn".to_owned(),
        TlsFault::BadCertificate => "its certificate cannot be read".to_owned(),
        TlsFault::Protocol => "it speaks no version of TLS from 1.2 on".to_owned(),
    }
}

#[cfg(test)]
mod tests;
