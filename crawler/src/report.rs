//! What happened last on a host and what happens next, in one plain sentence.

use std::path::Path;
use std::time::Duration;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;

use crate::crawl::SPOOFS_TO_REVIEW;
use crate::error::Error;
use crate::politeness::Pace;
use crate::state::{BlockedBy, HostState, StateDb, StoredHost, Tally};

/// Where a host stands.
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
    /// Its software is not crawled by this version.
    Unsupported,
    /// No longer on the list.
    Delisted,
}

impl Health {
    /// The name in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Crawling => "crawling",
            Self::UpToDate => "up-to-date",
            Self::Failing => "failing",
            Self::OptedOut => "opted-out",
            Self::Mismatch => "mismatch",
            Self::Unsupported => "unsupported",
            Self::Delisted => "delisted",
        }
    }
}

/// The state of a host for people.
#[derive(Clone, Debug, PartialEq)]
pub struct HostReport {
    /// The instance.
    pub host: Host,
    /// What it is listed as.
    pub kind: SourceKind,
    /// Where it stands.
    pub health: Health,
    /// What happened last and what happens next.
    pub sentence: String,
    /// Things an operator should look at, each a sentence.
    pub flags: Vec<String>,
    /// Version of its software, by its own words.
    pub software_version: Option<String>,
    /// Live records in the journal.
    pub n_records: u64,
    /// Of these, how many wait for their tags and full description.
    pub n_without_detail: u64,
    /// What the instance itself claims to list.
    pub claimed_total: Option<u64>,
    /// Items of other instances in its listing.
    pub n_remote: u64,
    /// Items that claimed another host.
    pub n_spoofed: u64,
    /// Items that could not be read.
    pub n_item_errors: u64,
    /// Records withdrawn because it deleted or hid them.
    pub n_withdrawn: u64,
    /// Requests ever sent.
    pub n_requests: u64,
    /// The last answer of use.
    pub last_success_at: Option<Timestamp>,
    /// The last failure.
    pub last_error_at: Option<Timestamp>,
    /// The last failure in a sentence.
    pub last_error: Option<String>,
    /// When it is asked next.
    pub next_at: Timestamp,
    /// The pause between two requests.
    pub delay: Duration,
}

/// Describes a stored host.
pub fn report(stored: &StoredHost, tally: Tally, pace: &Pace) -> HostReport {
    let state = &stored.state;
    let health = health(stored);
    HostReport {
        host: stored.host.clone(),
        kind: stored.kind,
        health,
        sentence: sentence(stored, health, tally),
        flags: flags(state, pace),
        software_version: state.identity.version.clone(),
        n_records: tally.n_known,
        n_without_detail: tally.n_wanted,
        claimed_total: state.sweep.claimed_total,
        n_remote: state.counts.n_remote,
        n_spoofed: state.counts.n_spoofed,
        n_item_errors: state.counts.n_item_errors,
        n_withdrawn: state.counts.n_withdrawn,
        n_requests: state.counts.n_requests,
        last_success_at: state.last_success_at,
        last_error_at: state.last_error.as_ref().map(|error| error.at),
        last_error: state.last_error.as_ref().map(|error| error.text.clone()),
        next_at: stored.next_at,
        delay: state.slot.delay(pace),
    }
}

/// Reads the reports of a state file without crawling, also while another process does.
///
/// The delay of each report is that of a host without exceptions.
///
/// # Errors
/// [`Error::State`], [`Error::NewerState`]; also when there is no such file, which is not created.
pub fn read_reports(state_db: &Path) -> Result<Vec<HostReport>, Error> {
    if !state_db.exists() {
        return Err(Error::NoState { path: state_db.to_owned() });
    }
    let db = StateDb::open_read_only(state_db)?;
    let pace = Pace::default();
    let mut reports = Vec::new();
    for stored in db.hosts()? {
        let tally = db.tally(stored.id, stored.state.sweep.number)?;
        reports.push(report(&stored, tally, &pace));
    }
    Ok(reports)
}

fn health(stored: &StoredHost) -> Health {
    let state = &stored.state;
    if !stored.is_listed {
        return Health::Delisted;
    }
    if stored.kind == SourceKind::Mobilizon {
        return Health::Unsupported;
    }
    if state.robots.blocked_since.is_some() {
        return Health::OptedOut;
    }
    if state.identity.mismatch.is_some() {
        return Health::Mismatch;
    }
    let error_is_last = state.last_error.as_ref().is_some_and(|error| Some(error.at) >= state.last_success_at);
    if state.slot.n_failures > 0 || state.robots.is_unreachable || error_is_last {
        return Health::Failing;
    }
    if state.is_whole {
        Health::UpToDate
    } else if state.counts.n_requests == 0 {
        Health::New
    } else {
        Health::Crawling
    }
}

fn sentence(stored: &StoredHost, health: Health, tally: Tally) -> String {
    let state = &stored.state;
    let next = at(stored.next_at);
    let n = tally.n_known;
    match health {
        Health::New => "Not visited yet; it is next in line.".to_owned(),
        Health::Crawling if state.sweep.is_running => {
            format!("{n} videos found so far; the scan of its list goes on at {next}.")
        }
        Health::Crawling => {
            format!("All {n} videos found; tags and descriptions of {} follow from {next}.", tally.n_wanted)
        }
        Health::UpToDate => format!("All {n} videos are known; it is asked for changes at {next}."),
        Health::Failing => {
            let cause = state.last_error.as_ref().map_or("its robots.txt cannot be read", |error| error.text.as_str());
            format!("The last request failed ({cause}); {n} videos are kept and it is asked again at {next}.")
        }
        Health::OptedOut => {
            let how = match state.robots.blocked_by {
                Some(BlockedBy::Header) => "an X-Robots-Tag header",
                _ => "its robots.txt",
            };
            let then = if state.robots.is_purged {
                "its videos were withdrawn".to_owned()
            } else {
                "its videos are withdrawn within 24 hours".to_owned()
            };
            format!("It asks not to be indexed, by {how}; {then}, and the rules are read again at {next}.")
        }
        Health::Mismatch => {
            let what = state.identity.mismatch.as_deref().unwrap_or_default();
            format!("It is not crawled: {what}; this is checked again at {next}.")
        }
        Health::Unsupported => format!("{} hosts are not crawled yet by this version.", stored.kind),
        Health::Delisted => "It is no longer on the list and is not visited.".to_owned(),
    }
}

fn flags(state: &HostState, pace: &Pace) -> Vec<String> {
    /// A pause above this makes a scan of a large instance take weeks.
    const LONG_DELAY: Duration = Duration::from_secs(120);
    let mut flags = Vec::new();
    if state.is_ipv6_broken {
        flags.push("Its IPv6 address does not answer; IPv4 does.".to_owned());
    }
    if state.counts.n_spoofed >= SPOOFS_TO_REVIEW {
        let n = state.counts.n_spoofed;
        flags.push(format!("{n} items of its list claim to be local and name another host: needs a review."));
    }
    if state.sweep.n_held > 0 {
        flags.push(
            "More than half of its videos are gone from its list; they are held until more scans agree.".to_owned(),
        );
    }
    if let Some(reason) = &state.sweep.stopped_because {
        flags.push(format!("Its list could not be scanned to the end: {reason}."));
    }
    if state.slot.doublings > 0 {
        flags.push("It answered \"too many requests\"; it is asked more slowly.".to_owned());
    }
    if state.slot.delay(pace) > LONG_DELAY {
        let seconds = state.slot.delay(pace).as_secs();
        flags.push(format!("It asks for a pause of {seconds} s between requests; a full scan takes long."));
    }
    flags
}

fn at(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::LastError;

    fn stored(change: impl FnOnce(&mut StoredHost)) -> HostReport {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let mut stored = StoredHost {
            id: 1,
            host: "tube.example".parse().unwrap(),
            kind: SourceKind::PeerTube,
            is_listed: true,
            state: HostState::default(),
            next_at: now,
        };
        change(&mut stored);
        report(&stored, Tally { n_known: 44, n_missing: 0, n_wanted: 3 }, &Pace::default())
    }

    #[test]
    fn each_health_has_its_sentence() {
        assert_eq!(stored(|_| {}).health, Health::New);
        let failing = stored(|host| {
            host.state.slot.n_failures = 1;
            host.state.last_error =
                Some(LastError { at: host.next_at, text: "fetching https://tube.example/: status 503".to_owned() });
        });
        assert_eq!(failing.health, Health::Failing);
        assert!(failing.sentence.contains("status 503") && failing.sentence.contains("44 videos are kept"));
        let whole = stored(|host| {
            host.state.is_whole = true;
            host.state.counts.n_requests = 9;
        });
        assert_eq!(whole.sentence, "All 44 videos are known; it is asked for changes at 2026-11-22 00:00:00 UTC.");
        assert_eq!(stored(|host| host.kind = SourceKind::Mobilizon).health, Health::Unsupported);
        assert_eq!(stored(|host| host.is_listed = false).health, Health::Delisted);
    }

    #[test]
    fn case_31_three_spoofed_items_ask_for_a_review() {
        assert!(stored(|host| host.state.counts.n_spoofed = 2).flags.is_empty());
        assert!(stored(|host| host.state.counts.n_spoofed = 3).flags[0].contains("review"));
    }

    #[test]
    fn case_56_a_dead_ipv6_address_is_shown() {
        assert!(stored(|host| host.state.is_ipv6_broken = true).flags[0].contains("IPv6"));
    }
}
