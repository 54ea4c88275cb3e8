//! The sentences.

use allowlist::{Host, SourceKind};
use jiff::{SignedDuration, Timestamp};

use super::{Status, moved_to, tls_reason, trouble_since};
use crate::failure::FailureKind;
use crate::state::{HostState, StoredHost, Tally};

/// One plain sentence for the status of a host that was never visited.
pub fn plain_sentence(status: Status) -> &'static str {
    match status {
        Status::NotListed => "It is not on the list and is not visited.",
        Status::Removed => "It was removed on request and stays out.",
        Status::Waiting => "It is on the list and waits for its first crawl.",
        _ => "Nothing is known of its last visits.",
    }
}

/// One plain sentence for the status of a host.
pub(crate) fn sentence(status: Status, stored: &StoredHost, tally: Tally, now: Timestamp) -> String {
    match status {
        Status::NotListed | Status::Removed | Status::Waiting => plain_sentence(status).to_owned(),
        _ => of_state(status, stored, tally, now),
    }
}

fn of_state(status: Status, stored: &StoredHost, tally: Tally, now: Timestamp) -> String {
    let state = &stored.state;
    let next = ahead(stored.next_at, now);
    let n = tally.n_known;
    let kind = stored.kind;
    let many = things(kind);
    let swept = state.sweep.ended_at.map_or_else(|| "not done yet".to_owned(), |at| since(at, now));
    match status {
        Status::Crawling if state.sweep.is_running || state.sweep.ended_at.is_none() => {
            format!("Its first scan is under way: {} found so far; it goes on {next}.", items(n, kind))
        }
        Status::Crawling if kind != SourceKind::PeerTube => {
            format!(
                "What is not over is known, {} in all; what is past, and {} more, follow {next}.",
                items(n, kind),
                tally.n_wanted
            )
        }
        Status::Crawling => {
            format!("All {} are found; tags and descriptions of {} follow {next}.", items(n, kind), tally.n_wanted)
        }
        Status::Healthy => {
            format!(
                "All {} are known; the last full sweep was {swept}, and it is asked for changes {next}.",
                items(n, kind)
            )
        }
        Status::Ipv6Dead => format!(
            "Its IPv6 address does not answer while IPv4 does; {} are known over IPv4, and the last full sweep was {swept}.",
            items(n, kind)
        ),
        Status::NoVideos | Status::NoEvents => nothing(state, kind, &swept),
        Status::Withheld => {
            let n_withheld = state.counts.n_withheld;
            format!(
                "Everything it lists is withheld because its {} ask not to be indexed ({n_withheld} of them).",
                publishers(kind)
            )
        }
        Status::Held => format!(
            "More than half of its {} are gone from its list at once; they are kept until more scans agree, the next {next}.",
            items(n, kind)
        ),
        Status::RobotsForbids => {
            opted_out(&format!("its robots.txt forbids the {} list", thing(kind)), many, state, &next)
        }
        Status::Noindex => opted_out("its header X-Robots-Tag says noindex", many, state, &next),
        Status::WrongSoftware => {
            let software = state.identity.software.as_deref().unwrap_or("something else");
            format!("It runs {software}, not {}, and is not crawled; this is checked again {next}.", stored.kind)
        }
        Status::IdentityMismatch => {
            let what = state.identity.mismatch.as_deref().unwrap_or("identity mismatch");
            format!("It is not crawled for an {what}; this is checked again {next}.")
        }
        _ => format!("{}{}; it is asked again {next}.", trouble(status, state, now), kept(n, kind)),
    }
}

fn nothing(state: &HostState, kind: SourceKind, swept: &str) -> String {
    let counts = &state.counts;
    format!("{}; the last full sweep was {swept}.", nothing_of_its_own(kind, counts.n_spoofed, counts.n_remote))
}

/// That a host lists nothing public of its own, and what it lists instead; without an end.
pub(crate) fn nothing_of_its_own(kind: SourceKind, n_spoofed: u64, n_remote: u64) -> String {
    let others = match (n_spoofed, n_remote) {
        (0, 0) => String::new(),
        (0, n) => format!("; the {} it lists belong to other instances", items(n, kind)),
        (n, _) => format!("; {} of its list claim to be local and name another instance", items(n, kind)),
    };
    format!("It has no public {} of its own{others}", thing(kind))
}

fn opted_out(how: &str, many: &str, state: &HostState, next: &str) -> String {
    let then = if state.robots.is_purged {
        format!("its {many} were withdrawn")
    } else {
        "nothing more is read, and what is known is withdrawn within a day".to_owned()
    };
    format!("It asks not to be indexed, {how}; {then}, and the rules are read again {next}.")
}

pub(super) fn trouble(status: Status, state: &HostState, now: Timestamp) -> String {
    let error = state.last_error.as_ref();
    let where_to = || moved_to(state).map_or_else(|| "another instance".to_owned(), Host::to_unicode);
    match (status, error.map(|error| &error.kind)) {
        (Status::RateLimited, _) => "It asked for time by \"too many requests\"".to_owned(),
        (Status::TlsInvalid, Some(FailureKind::Tls(fault))) => {
            format!("Its encryption is not trusted: {}", tls_reason(*fault))
        }
        (Status::DnsFailure, _) => "Its name cannot be looked up".to_owned(),
        (Status::PrivateAddress, _) => "Its name leads to an address that is not public".to_owned(),
        (Status::ConnectionRefused, _) => "Its server refuses connections".to_owned(),
        (Status::TimedOut, _) => "It does not answer in time".to_owned(),
        (Status::ConnectionLost, _) => "Its server breaks the connection off".to_owned(),
        (Status::HtmlAnswer, _) => "It answers with an HTML page where data belongs".to_owned(),
        (Status::BadAnswer, Some(FailureKind::TooLarge)) => "Its answer is too large to be honest".to_owned(),
        (Status::BadAnswer, _) => "Its answers cannot be read".to_owned(),
        (Status::ServerError, Some(FailureKind::ServerError(code))) => {
            format!("It answers with an error of its own (status {code})")
        }
        (Status::AccessRefused, Some(FailureKind::Refused(code))) => {
            format!("It refuses what it is asked for (status {code})")
        }
        (Status::Moved, _) => format!("It moved to {}, which is visited under its own name only", where_to()),
        (Status::BadRedirect, _) => "It redirects to where no crawler may follow".to_owned(),
        (Status::RobotsUnreadable, Some(FailureKind::ServerError(code))) => {
            format!("Its robots.txt cannot be read (status {code}), so nothing else is")
        }
        (Status::RobotsUnreadable, _) => "Its robots.txt cannot be read, so nothing else is".to_owned(),
        (Status::Unreachable, kind) => {
            let days = trouble_since(state).map_or(0, |since| now.duration_since(since).as_hours() / 24);
            format!("Unreachable for {days} days ({})", kind.map_or("other", FailureKind::as_str))
        }
        _ => match error {
            Some(error) => format!("The last request failed ({})", error.text),
            None => "The last request failed".to_owned(),
        },
    }
}

fn kept(n: u64, kind: SourceKind) -> String {
    if n == 0 { String::new() } else { format!("; the {} known of it stay", items(n, kind)) }
}

fn thing(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::PeerTube => "video",
        SourceKind::Mobilizon | SourceKind::Gancio => "event",
    }
}

fn things(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::PeerTube => "videos",
        SourceKind::Mobilizon | SourceKind::Gancio => "events",
    }
}

fn publishers(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::PeerTube => "channels",
        SourceKind::Mobilizon | SourceKind::Gancio => "groups",
    }
}

fn items(n: u64, kind: SourceKind) -> String {
    if n == 1 { format!("1 {}", thing(kind)) } else { format!("{n} {}", things(kind)) }
}

/// `3 h ago`.
pub(super) fn since(moment: Timestamp, now: Timestamp) -> String {
    let passed = now.duration_since(moment);
    if passed < SignedDuration::from_mins(1) { "just now".to_owned() } else { format!("{} ago", rough(passed)) }
}

/// `in 5 min`; `now` for what is due.
pub(super) fn ahead(moment: Timestamp, now: Timestamp) -> String {
    let left = moment.duration_since(now);
    if left < SignedDuration::from_secs(1) { "now".to_owned() } else { format!("in {}", rough(left)) }
}

/// One number and its unit, rounded down.
fn rough(duration: SignedDuration) -> String {
    let (seconds, minutes, hours) = (duration.as_secs(), duration.as_mins(), duration.as_hours());
    match () {
        () if minutes < 1 => format!("{seconds} s"),
        () if hours < 1 => format!("{minutes} min"),
        () if hours < 48 => format!("{hours} h"),
        () => format!("{} days", hours / 24),
    }
}
