//! What is known of a host, for people: status, figures, times.

use std::path::Path;
use std::time::Duration;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;

use crate::crawl::SPOOFS_TO_REVIEW;
use crate::error::Error;
use crate::failure::LastError;
use crate::politeness::Pace;
use crate::state::{BlockedBy, HostState, StateDb, StoredHost, Tally};
use crate::status::{Health, Status, moved_to, sentence};

/// What the robots.txt of a host, or its `X-Robots-Tag`, says to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RobotsVerdict {
    /// Not read yet.
    Unread,
    /// The video list may be read.
    Allows,
    /// robots.txt forbids it.
    Forbids,
    /// `X-Robots-Tag: noindex`.
    Noindex,
    /// It can neither be read nor is it missing, so nothing else is read.
    Unreadable,
}

impl RobotsVerdict {
    /// The name in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Allows => "allows",
            Self::Forbids => "forbids",
            Self::Noindex => "noindex-header",
            Self::Unreadable => "unreadable",
        }
    }

    fn of(state: &HostState) -> Self {
        match (&state.robots.blocked_by, state.robots.blocked_since) {
            (Some(BlockedBy::Header), Some(_)) => Self::Noindex,
            (_, Some(_)) => Self::Forbids,
            _ if state.robots.is_unreachable => Self::Unreadable,
            _ if state.robots.read_at.is_some() => Self::Allows,
            _ => Self::Unread,
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
    /// Why it is indexed or is not.
    pub status: Status,
    /// The group of the status.
    pub health: Health,
    /// How well it is, from 0 to 100.
    pub score: u8,
    /// The status in one sentence.
    pub sentence: String,
    /// What somebody can do about it.
    pub hint: Option<&'static str>,
    /// Things an operator should look at, each a sentence.
    pub flags: Vec<String>,
    /// The instance that it leads to instead of answering.
    pub moved_to: Option<Host>,
    /// What it says to robots.
    pub robots: RobotsVerdict,
    /// The name that the instance gives itself.
    pub name: Option<String>,
    /// Whether its IPv6 address answers; `None` when nothing is known.
    pub supports_ipv6: Option<bool>,
    /// Its software, by its own words.
    pub software: Option<String>,
    /// Version of its software, by its own words.
    pub software_version: Option<String>,
    /// Videos or events with a record.
    pub n_records: u64,
    /// Of the videos, how many wait for their tags and full description; events that wait for being read at all.
    pub n_without_detail: u64,
    /// Channels with a record.
    pub n_channels: u64,
    /// Playlists with a record.
    pub n_playlists: u64,
    /// Groups with a record.
    pub n_groups: u64,
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
    /// The first request ever.
    pub first_visit_at: Option<Timestamp>,
    /// The last answer of use.
    pub last_success_at: Option<Timestamp>,
    /// The end of the last reading of everything it lists.
    pub last_sweep_at: Option<Timestamp>,
    /// The last failure, kept after later successes.
    pub last_error: Option<LastError>,
    /// When it is asked next.
    pub next_at: Timestamp,
    /// The pause between two requests.
    pub delay: Duration,
}

/// Describes a stored host.
pub fn report(stored: &StoredHost, tally: Tally, pace: &Pace, now: Timestamp) -> HostReport {
    let state = &stored.state;
    let status = Status::of(stored, tally, now);
    HostReport {
        host: stored.host.clone(),
        kind: stored.kind,
        status,
        health: status.health(),
        score: status.score(state, now),
        sentence: sentence(status, stored, tally, now),
        hint: status.hint(stored.kind),
        flags: flags(state, stored.kind, pace),
        moved_to: moved_to(state).cloned(),
        robots: RobotsVerdict::of(state),
        name: state.identity.name.clone(),
        supports_ipv6: (state.is_ipv6_alive || state.is_ipv6_broken).then_some(!state.is_ipv6_broken),
        software: state.identity.software.clone(),
        software_version: state.identity.version.clone(),
        n_records: tally.n_known,
        n_without_detail: tally.n_wanted,
        n_channels: tally.n_channels,
        n_playlists: tally.n_playlists,
        n_groups: tally.n_groups,
        claimed_total: state.sweep.claimed_total,
        n_remote: state.counts.n_remote,
        n_spoofed: state.counts.n_spoofed,
        n_item_errors: state.counts.n_item_errors,
        n_withdrawn: state.counts.n_withdrawn,
        n_requests: state.counts.n_requests,
        first_visit_at: state.first_visit_at,
        last_success_at: state.last_success_at,
        last_sweep_at: state.sweep.ended_at,
        last_error: state.last_error.clone(),
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
pub fn read_reports(state_db: &Path, now: Timestamp) -> Result<Vec<HostReport>, Error> {
    if !state_db.exists() {
        return Err(Error::NoState { path: state_db.to_owned() });
    }
    let db = StateDb::open_read_only(state_db)?;
    let pace = Pace::default();
    let mut reports = Vec::new();
    for stored in db.hosts()? {
        let tally = db.tally(stored.id, stored.state.sweep.number)?;
        reports.push(report(&stored, tally, &pace, now));
    }
    Ok(reports)
}

fn flags(state: &HostState, kind: SourceKind, pace: &Pace) -> Vec<String> {
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
    if state.sweep.n_held > 0 || state.agenda.look.n_held > 0 {
        let what = if kind == SourceKind::PeerTube { "videos" } else { "events" };
        flags.push(format!(
            "More than half of its {what} are gone from its list; they are held until more scans agree."
        ));
    }
    if let Some(last) = &state.counts.last_mended {
        flags.push(format!("{} details of its items make no sense and were mended: {last}.", state.counts.n_mended));
    }
    if kind == SourceKind::Mobilizon && crate::crawl::reads_feeds(state) {
        flags.push("Its GraphQL cannot be asked; its feeds are read, which show less.".to_owned());
    } else if state.mobilizon.is_search_global {
        flags.push("A global index answers its searches; its own lists and feeds are read.".to_owned());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn flags_of(change: impl FnOnce(&mut HostState)) -> Vec<String> {
        let mut state = HostState::default();
        change(&mut state);
        flags(&state, SourceKind::PeerTube, &Pace::default())
    }

    #[test]
    fn case_31_three_spoofed_items_ask_for_a_review() {
        assert!(flags_of(|state| state.counts.n_spoofed = 2).is_empty());
        assert!(flags_of(|state| state.counts.n_spoofed = 3)[0].contains("review"));
    }

    #[test]
    fn case_56_a_dead_ipv6_address_is_shown() {
        assert!(flags_of(|state| state.is_ipv6_broken = true)[0].contains("IPv6"));
    }
}
