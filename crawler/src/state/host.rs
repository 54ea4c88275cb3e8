//! What is remembered about one host between requests and between runs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::crawl::Sweep;
use crate::failure::LastError;
use crate::politeness::Slot;

/// The durable state of a host. Fields of newer versions are ignored, missing ones have their default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostState {
    /// When it may be asked.
    pub slot: Slot,
    /// What its robots.txt says.
    pub robots: RobotsState,
    /// What it runs.
    pub identity: Identity,
    /// The full scan, in progress or done.
    pub sweep: Sweep,
    /// The look for what is new.
    pub poll: Poll,
    /// The pass through its playlists.
    pub playlists: PlaylistPass,
    /// How the checks of its channels go.
    pub channels: ChannelChecks,
    /// Where the search for tags and descriptions stands.
    pub enrich: Enrich,
    /// Figures for people.
    pub counts: Counts,
    /// The last answer that was of use.
    pub last_success_at: Option<Timestamp>,
    /// The last failure, kept after later successes.
    pub last_error: Option<LastError>,
    /// Since when what is asked for fails; `None` once it succeeded again.
    pub trouble_since: Option<Timestamp>,
    /// The first request ever.
    pub first_visit_at: Option<Timestamp>,
    /// Its IPv6 address does not answer.
    pub is_ipv6_broken: bool,
    /// Its IPv6 address answered last.
    pub is_ipv6_alive: bool,
    /// Requests and bytes of today.
    pub traffic: Traffic,
    /// A whole scan was followed by details once: the host is whole.
    pub is_whole: bool,
    /// The passes through what is not over, of hosts with events.
    pub agenda: Agenda,
    /// What only Mobilizon has.
    pub mobilizon: Mobilizon,
}

impl HostState {
    /// Starts anew after every record was withdrawn: should the host come back, it is scanned whole.
    pub fn forget_records(&mut self) {
        self.counts.n_records = 0;
        self.counts.n_withheld = 0;
        self.is_whole = false;
        self.sweep = Sweep { number: self.sweep.number, ..Sweep::default() };
        let sweep = Sweep { number: self.playlists.sweep.number, ..Sweep::default() };
        self.playlists = PlaylistPass { sweep, ..PlaylistPass::default() };
        self.enrich.account = None;
        self.poll = Poll { interval_s: self.poll.interval_s, ..Poll::default() };
        self.agenda = Agenda { look: renewed(&self.agenda.look), ..Agenda::default() };
        let groups = renewed(&self.mobilizon.groups);
        self.mobilizon = Mobilizon { groups, newest_edit_ms: 0, ..std::mem::take(&mut self.mobilizon) };
    }

    /// Notes a failure of the host.
    pub fn note_error(&mut self, error: LastError) {
        self.trouble_since.get_or_insert(error.at);
        self.last_error = Some(error);
    }

    /// Notes an answer of use to a request for `path`. It ends the trouble when it is of the kind that failed: a
    /// robots.txt that can be read says nothing about a list that cannot.
    pub fn note_answer(&mut self, path: &str, now: Timestamp) {
        const LISTS: [&str; 3] = ["/api/v1/videos", "/api", "/api/events"];
        let is_discovery = |path: &str| {
            path == "/robots.txt" || path == "/api/v1/config" || path.to_ascii_lowercase().contains("nodeinfo")
        };
        self.last_success_at = Some(now);
        let failed = self.last_error.as_ref().map_or("", |error| error.path.as_str());
        // One video or outbox that breaks is no trouble of the host once anything else works.
        if LISTS.contains(&path) || path == failed || !(LISTS.contains(&failed) || is_discovery(failed)) {
            self.trouble_since = None;
        }
    }
}

/// A sweep that was never made, but for its number: what it marked stays told apart from what the next one marks.
fn renewed(sweep: &Sweep) -> Sweep {
    Sweep { number: sweep.number, ..Sweep::default() }
}

/// The passes through what is not over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agenda {
    /// The one in progress, or the last one.
    pub look: Sweep,
    /// Pages of the last one that saw everything.
    pub n_pages: u64,
    /// The one in progress reads whole events, not only what tells of a change.
    pub is_whole: bool,
    /// When the last pass began that read whole events.
    pub whole_at: Option<Timestamp>,
}

/// What is remembered of a Mobilizon host alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mobilizon {
    /// When its settings were last asked for, with or without success.
    pub probed_at: Option<Timestamp>,
    /// A global index answers its searches.
    pub is_search_global: bool,
    /// Its GraphQL answers none of the queries, since then.
    pub closed_since: Option<Timestamp>,
    /// Its relay has no outbox.
    pub has_no_relay: bool,
    /// How many of its newest queries it has refused, by purpose.
    pub refused: BTreeMap<String, usize>,
    /// The version that refused them.
    pub refused_by: Option<String>,
    /// When it refused the first of them.
    pub refused_at: Option<Timestamp>,
    /// Answers in a row that say that GraphQL is not for us, and failures of the question for its version.
    pub n_closed: u32,
    /// How often pages were halved because they were too large.
    pub n_halvings: u32,
    /// The newest edit that a poll has seen, Unix milliseconds.
    pub newest_edit_ms: i64,
    /// The same, of the poll in progress.
    pub next_edit_ms: i64,
    /// The pass through its groups.
    pub groups: Sweep,
}

/// What is known of the robots.txt of a host. The file itself is kept beside the state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RobotsState {
    /// When it was last read or found missing.
    pub read_at: Option<Timestamp>,
    /// When it is asked for again.
    pub next_at: Option<Timestamp>,
    /// The last attempt brought neither a file nor its absence.
    pub is_unreachable: bool,
    /// Since when the host has forbidden us its video list, by robots.txt or by `X-Robots-Tag`.
    pub blocked_since: Option<Timestamp>,
    /// How it forbids it.
    pub blocked_by: Option<BlockedBy>,
    /// Its records were withdrawn from the journal because of that.
    pub is_purged: bool,
}

/// How a host says that it does not want to be indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockedBy {
    /// A rule of its robots.txt.
    RobotsTxt,
    /// `X-Robots-Tag: noindex` on its video list.
    Header,
}

/// What a host runs, by its own words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// When the last check ended.
    pub checked_at: Option<Timestamp>,
    /// Path of the NodeInfo document, once discovered.
    pub nodeinfo_path: Option<String>,
    /// NodeInfo gave nothing; the API's configuration is asked instead.
    pub is_hidden: bool,
    /// The name that the instance gives itself.
    pub name: Option<String>,
    /// The software, lower case; `None` when no document named one.
    pub software: Option<String>,
    /// Version of the software.
    pub version: Option<String>,
    /// The zone of all that it publishes, where it has one (Gancio).
    pub time_zone: Option<String>,
    /// The name of its one actor, where it has one (Gancio).
    pub actor: Option<String>,
    /// Why the host is not the instance it is listed as.
    pub mismatch: Option<String>,
}

/// The look for what is new, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Poll {
    /// The first row of the next page; 0 when none is in progress.
    pub start: u64,
    /// Pages of the one in progress.
    pub n_pages: u32,
    /// Times in a row that the next page could not be read.
    pub n_failed: u32,
    /// When the last one ended.
    pub last_at: Option<Timestamp>,
    /// Not before, because the answer was said to stay good until then.
    pub not_before: Option<Timestamp>,
    /// Seconds from one to the next, as adapted to what the host publishes; 0 before the first.
    pub interval_s: u64,
    /// New or newly published videos in the one in progress.
    pub n_fresh: u64,
    /// Of these, videos that were not known at all.
    pub n_unknown: u64,
    /// What the host claimed to list when the last one ended.
    pub total: Option<u64>,
    /// [`Counts::n_withdrawn`] at that time.
    pub n_withdrawn: u64,
    /// A full scan is wanted early: it claims less than it should, or a channel may be indexed again.
    pub wants_sweep: bool,
    /// When the lives that stream were last looked at.
    pub lives_at: Option<Timestamp>,
}

/// The pass through the playlists of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlaylistPass {
    /// In progress or done, by the rules of the scan of videos.
    pub sweep: Sweep,
    /// Not before: the host has no playlists to show, or hardly any of its own.
    pub not_before: Option<Timestamp>,
    /// Playlists of other instances on the pages of the last one.
    pub n_remote: u64,
    /// Failures of the list in a row.
    pub n_failures: u32,
}

/// How the checks of the channels of a host go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelChecks {
    /// Channels in a row that could not be checked by several attempts.
    pub n_failed: u32,
    /// The route seems broken: unchecked channels pass until then.
    pub paused_until: Option<Timestamp>,
    /// How often the page in progress has waited for checks.
    pub n_rounds: u32,
}

/// Where the search for details stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Enrich {
    /// The account whose outbox is being read.
    pub account: Option<String>,
    /// Its next page, from 1.
    pub page: u32,
    /// Outboxes that were refused in a row; after a few only details are asked for.
    pub n_refused: u32,
    /// Views that make a video one of the most viewed of its host, as of the last full scan.
    pub popular_views: u64,
}

/// Figures of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Requests ever sent.
    pub n_requests: u64,
    /// Live records in the journal, as far as this state knows.
    pub n_records: u64,
    /// Items of other instances in the last sweep.
    pub n_remote: u64,
    /// Items of the last sweep that claimed another host.
    pub n_spoofed: u64,
    /// Broken items of the last sweep.
    pub n_item_errors: u64,
    /// Items of the last sweep that are kept and were mended.
    pub n_mended: u64,
    /// What was mended last.
    pub last_mended: Option<String>,
    /// What was wrong with the last of them.
    pub last_item_error: Option<String>,
    /// Videos withdrawn because the instance deleted or hid them.
    pub n_withdrawn: u64,
    /// Channels that ask not to be indexed, by themselves or by their account.
    pub n_withheld: u64,
}

/// What was asked and received within one day of UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traffic {
    /// Days since 1970.
    pub day: i64,
    /// Bytes on the wire.
    pub n_bytes: u64,
    /// Requests.
    pub n_requests: u64,
}

impl Traffic {
    const DAY_S: i64 = 24 * 60 * 60;

    /// Counts a request at `now`.
    pub fn add_request(&mut self, now: Timestamp) {
        self.turn(now);
        self.n_requests = self.n_requests.saturating_add(1);
    }

    /// Counts bytes received at `now`.
    pub fn add_bytes(&mut self, now: Timestamp, n_bytes: usize) {
        self.turn(now);
        self.n_bytes = self.n_bytes.saturating_add(u64::try_from(n_bytes).unwrap_or(u64::MAX));
    }

    /// Requests of the day of `now`.
    pub fn n_requests_today(&self, now: Timestamp) -> u64 {
        if now.as_second() / Self::DAY_S == self.day { self.n_requests } else { 0 }
    }

    fn turn(&mut self, now: Timestamp) {
        let day = now.as_second() / Self::DAY_S;
        if day != self.day {
            *self = Self { day, ..Self::default() };
        }
    }

    /// The start of the next day, when today's allowance is used up.
    pub fn exhausted_until(&self, now: Timestamp, max_bytes: u64) -> Option<Timestamp> {
        let is_today = now.as_second() / Self::DAY_S == self.day;
        let next_day = Timestamp::from_second((self.day + 1) * Self::DAY_S).ok();
        if is_today && self.n_bytes >= max_bytes { next_day } else { None }
    }
}
