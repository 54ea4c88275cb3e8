use allowlist::{Host, SourceKind};
use indexer::directory::InstanceStatus;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::iso_ms;
use crate::directory::KindCounts;

/// `GET /api/v1/instances/hosts`: the shape of joinpeertube's directory and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HostList {
    /// Hosts that match, on this page or not.
    pub total: usize,
    /// The hosts of this page.
    pub data: Vec<HostItem>,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HostItem {
    /// Its name, with a port when it is not 443.
    pub host: String,
}

/// `GET /api/v1/instances`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InstanceList {
    /// Instances that match, on this page or not.
    pub total: usize,
    /// The instances of this page.
    pub data: Vec<InstanceObject>,
}

/// What is known of one instance: the keys of joinpeertube's directory that we know, and our own.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceObject {
    /// Its name in ASCII, with a port when it is not 443.
    pub host: String,
    /// Its name as people write it.
    pub host_unicode: String,
    /// The name that it gives itself.
    pub name: Option<String>,
    /// `peertube` or `mobilizon`; null when it is not on the list.
    pub kind: Option<&'static str>,
    /// The software by its own words, lower case.
    pub software: Option<String>,
    /// Version of the software, by its own words.
    pub version: Option<String>,
    /// How well it is, from 0 to 100; 50 and more is healthy.
    pub health: u8,
    /// True when its IPv6 address answers, false when it is dead while IPv4 works; null when nothing is known.
    #[serde(rename = "supportsIPv6")]
    pub supports_ipv6: Option<bool>,
    /// When it was first visited.
    pub created_at: Option<String>,
    /// Videos that it claims to list; those known where it claims nothing.
    pub total_videos: u64,
    /// The same: only its own videos are asked for.
    pub total_local_videos: u64,
    /// Why it is indexed or is not, as a code.
    pub status: String,
    /// The same in one plain sentence.
    pub sentence: String,
    /// What somebody can do about it.
    pub hint: Option<String>,
    /// It may be indexed, and something of it is.
    pub is_indexed: bool,
    /// What the generation that answers holds of it.
    pub counts: KindCountsObject,
    /// What the crawler knows of it, indexed already or not.
    pub known: KindCountsObject,
    /// Videos or events that the instance itself claims to list.
    pub claimed_total: Option<u64>,
    /// `unread`, `allows`, `forbids`, `noindex-header` or `unreadable`.
    pub robots: String,
    /// The end of the last reading of everything it lists.
    pub last_sweep_at: Option<String>,
    /// The last answer of use.
    pub last_success_at: Option<String>,
    /// Seconds since then.
    pub freshness_seconds: Option<i64>,
    /// When it is asked next; null when it is not visited.
    pub next_visit_at: Option<String>,
    /// The last failure, also when it is over.
    pub last_error: Option<LastErrorObject>,
    /// The pause between two requests.
    pub delay_seconds: f64,
    /// Requests ever sent.
    pub requests: u64,
    /// The instance that it leads to instead of answering.
    pub moved_to: Option<String>,
    /// Things to look at, each a sentence.
    pub flags: Vec<String>,
    /// When the crawler wrote this down; null when it never did.
    pub as_of: Option<String>,
}

/// Numbers by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindCountsObject {
    /// Videos.
    pub videos: u64,
    /// Channels.
    pub channels: u64,
    /// Playlists.
    pub playlists: u64,
    /// Events, past ones included.
    pub events: u64,
    /// Groups.
    pub groups: u64,
}

impl From<KindCounts> for KindCountsObject {
    fn from(counts: KindCounts) -> Self {
        let KindCounts { videos, channels, playlists, events, groups } = counts;
        Self { videos, channels, playlists, events, groups }
    }
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastErrorObject {
    /// When.
    pub at: String,
    /// The cause as a code.
    pub kind: String,
    /// The cause in one sentence, with the URL.
    pub text: String,
    /// Head of the request; in the answer for one instance only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Head of the response, without cookies; in the answer for one instance only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
}

impl InstanceObject {
    /// Describes an instance that the crawler knows.
    pub fn new(known: &InstanceStatus, counts: KindCounts, as_of: Timestamp, now: Timestamp) -> Self {
        // What an instance of events claims is a number of events.
        let claimed = known.claimed_total.filter(|_| known.kind == SourceKind::PeerTube);
        let total = claimed.unwrap_or(known.known_videos);
        #[expect(clippy::cast_precision_loss, reason = "a pause of more than 2^52 milliseconds is none")]
        let delay_seconds = known.delay_ms as f64 / 1000.0;
        Self {
            name: known.name.clone(),
            software: known.software.clone(),
            version: known.software_version.clone(),
            kind: Some(known.kind.as_str()),
            health: known.health,
            supports_ipv6: known.supports_ipv6,
            created_at: known.first_visit_at.map(iso_ms),
            total_videos: total,
            total_local_videos: total,
            hint: known.hint.clone(),
            is_indexed: known.is_indexable && counts.total() > 0,
            known: KindCountsObject {
                videos: known.known_videos,
                channels: known.known_channels,
                playlists: known.known_playlists,
                events: known.known_events,
                groups: known.known_groups,
            },
            claimed_total: known.claimed_total,
            robots: known.robots.clone(),
            last_sweep_at: known.last_sweep_at.map(iso_ms),
            last_success_at: known.last_success_at.map(iso_ms),
            freshness_seconds: known.last_success_at.map(|at| now.duration_since(at).as_secs().max(0)),
            next_visit_at: known.next_visit_at.map(iso_ms),
            last_error: known.last_error.as_ref().map(|error| LastErrorObject {
                at: iso_ms(error.at),
                kind: error.kind.clone(),
                text: error.text.clone(),
                request: error.request.clone(),
                response: error.response.clone(),
            }),
            delay_seconds,
            requests: known.n_requests,
            moved_to: known.moved_to.as_ref().map(|host| host.as_str().to_owned()),
            flags: known.flags.clone(),
            as_of: Some(iso_ms(as_of)),
            ..Self::plain(&known.host, counts, &known.status, &known.sentence)
        }
    }

    /// Describes an instance of which the generation holds something while nothing is known of its visits.
    pub fn of_snapshot(host: &Host, counts: KindCounts) -> Self {
        let sentence = "It is indexed; nothing is known here of its visits.";
        let is_indexed = counts.total() > 0;
        let kind = Some(counts.likely_kind().as_str());
        Self { is_indexed, kind, health: 100, ..Self::plain(host, counts, "indexed", sentence) }
    }

    /// Describes an instance that is not on the list.
    pub fn not_listed(host: &Host, counts: KindCounts) -> Self {
        let sentence = "It is not on the list and is not visited.";
        let hint = Some("Ask the operator of this index to add it.".to_owned());
        Self { hint, ..Self::plain(host, counts, "not-listed", sentence) }
    }

    /// Describes an instance of which nothing may be shown.
    pub fn left_out(host: &Host) -> Self {
        let sentence = "The rules of this index, or a decision of its moderators, leave it out.";
        let hint = Some("Ask the operator of this index for the reason.".to_owned());
        Self { hint, ..Self::plain(host, KindCounts::default(), "left-out", sentence) }
    }

    /// The same without the heads of the last failure, for lists.
    #[must_use]
    pub fn without_heads(mut self) -> Self {
        if let Some(error) = &mut self.last_error {
            error.request = None;
            error.response = None;
        }
        self
    }

    fn plain(host: &Host, counts: KindCounts, status: &str, sentence: &str) -> Self {
        Self {
            host: host.as_str().to_owned(),
            host_unicode: host.to_unicode(),
            name: None,
            kind: None,
            software: None,
            version: None,
            health: 0,
            supports_ipv6: None,
            created_at: None,
            total_videos: counts.videos,
            total_local_videos: counts.videos,
            status: status.to_owned(),
            sentence: sentence.to_owned(),
            hint: None,
            is_indexed: false,
            counts: counts.into(),
            known: KindCountsObject::default(),
            claimed_total: None,
            robots: "unread".to_owned(),
            last_sweep_at: None,
            last_success_at: None,
            freshness_seconds: None,
            next_visit_at: None,
            last_error: None,
            delay_seconds: 0.0,
            requests: 0,
            moved_to: None,
            flags: Vec::new(),
            as_of: None,
        }
    }
}
