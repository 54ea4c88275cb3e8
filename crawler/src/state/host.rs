//! What is remembered about one host between requests and between runs.

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
    /// Bytes received today.
    pub traffic: Traffic,
    /// A whole scan was followed by details once: the host is whole.
    pub is_whole: bool,
}

impl HostState {
    /// Notes a failure of the host.
    pub fn note_error(&mut self, error: LastError) {
        self.trouble_since.get_or_insert(error.at);
        self.last_error = Some(error);
    }

    /// Notes an answer of use to a request for `path`. It ends the trouble when it is of the kind that failed: a
    /// robots.txt that can be read says nothing about a list that cannot.
    pub fn note_answer(&mut self, path: &str, now: Timestamp) {
        const LIST: &str = "/api/v1/videos";
        let is_discovery = |path: &str| {
            path == "/robots.txt" || path == "/api/v1/config" || path.to_ascii_lowercase().contains("nodeinfo")
        };
        self.last_success_at = Some(now);
        let failed = self.last_error.as_ref().map_or("", |error| error.path.as_str());
        // One video or outbox that breaks is no trouble of the host once anything else works.
        if path == LIST || path == failed || !(failed == LIST || is_discovery(failed)) {
            self.trouble_since = None;
        }
    }
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
    /// The software, lower case; `None` when no document named one.
    pub software: Option<String>,
    /// Version of the software.
    pub version: Option<String>,
    /// Why the host is not the PeerTube instance it is listed as.
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
    /// When the last one ended.
    pub last_at: Option<Timestamp>,
    /// Not before, because the answer was said to stay good until then.
    pub not_before: Option<Timestamp>,
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
    /// What was wrong with the last of them.
    pub last_item_error: Option<String>,
    /// Records withdrawn because the instance deleted or hid them.
    pub n_withdrawn: u64,
    /// Channels that ask not to be indexed, as of the last look.
    pub n_withheld: u64,
}

/// Bytes received within one day of UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traffic {
    /// Days since 1970.
    pub day: i64,
    /// Bytes on the wire.
    pub n_bytes: u64,
}

impl Traffic {
    const DAY_S: i64 = 24 * 60 * 60;

    /// Counts bytes received at `now`.
    pub fn add(&mut self, now: Timestamp, n_bytes: usize) {
        let day = now.as_second() / Self::DAY_S;
        if day != self.day {
            *self = Self { day, n_bytes: 0 };
        }
        self.n_bytes = self.n_bytes.saturating_add(u64::try_from(n_bytes).unwrap_or(u64::MAX));
    }

    /// The start of the next day, when today's allowance is used up.
    pub fn exhausted_until(&self, now: Timestamp, max_bytes: u64) -> Option<Timestamp> {
        let is_today = now.as_second() / Self::DAY_S == self.day;
        let next_day = Timestamp::from_second((self.day + 1) * Self::DAY_S).ok();
        if is_today && self.n_bytes >= max_bytes { next_day } else { None }
    }
}
