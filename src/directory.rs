//! What is known of each instance, in the form of `index/instances.json`, and the task that keeps that file current.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use allowlist::list::{Instance, InstanceList};
use allowlist::{Host, SourceKind};
use crawler::{Crawler, Health, HostReport, RobotsVerdict, Status};
use indexer::directory::{self, DirectoryFile, InstanceStatus, LastFailure};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Least time between two writes.
const PAUSE: Duration = Duration::from_secs(2);

/// The pause is at least so many times what writing took: the figures of a million videos take a moment to count.
const PAUSE_PER_WRITE: u32 = 20;

/// The file is written again after so long although nothing happened: its sentences say how long ago things were.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// Every instance that the lists name, listed or removed, with what the crawler knows of it.
pub fn statuses(list: &InstanceList, reports: Vec<HostReport>) -> Vec<InstanceStatus> {
    let mut reports: BTreeMap<Host, HostReport> =
        reports.into_iter().map(|report| (report.host.clone(), report)).collect();
    let listed = list.iter().map(|instance| {
        let report = reports.remove(&instance.host);
        match report {
            // The crawler knows the list of its last run, which may have been of other instances only.
            Some(report) if report.health != Health::Delisted => of_report(report),
            _ => waiting(instance),
        }
    });
    let mut statuses: Vec<InstanceStatus> = listed.collect();
    statuses.extend(list.removed().filter(|host| !list.contains(host)).map(removed));
    statuses
}

fn of_report(report: HostReport) -> InstanceStatus {
    let has_videos = report.kind == SourceKind::PeerTube;
    let is_contradicted = matches!(report.health, Health::OptedOut | Health::Mismatch | Health::Delisted);
    InstanceStatus {
        name: report.name,
        status: report.status.as_str().to_owned(),
        sentence: report.sentence,
        hint: report.hint.map(str::to_owned),
        is_indexable: !is_contradicted,
        health: report.score,
        moved_to: report.moved_to,
        software: report.software,
        software_version: report.software_version,
        known_videos: if has_videos { report.n_records } else { 0 },
        known_channels: report.n_channels,
        known_playlists: report.n_playlists,
        known_events: if has_videos { 0 } else { report.n_records },
        known_groups: report.n_groups,
        claimed_total: report.claimed_total,
        first_visit_at: report.first_visit_at,
        last_success_at: report.last_success_at,
        last_sweep_at: report.last_sweep_at,
        last_error: report.last_error.map(|error| LastFailure {
            at: error.at,
            kind: error.kind.as_str().to_owned(),
            text: error.text,
            request: error.request,
            response: error.response,
        }),
        next_visit_at: Some(report.next_at),
        robots: report.robots.as_str().to_owned(),
        supports_ipv6: report.supports_ipv6,
        delay_ms: u64::try_from(report.delay.as_millis()).unwrap_or(u64::MAX),
        n_requests: report.n_requests,
        flags: report.flags,
        host: report.host,
        kind: report.kind,
    }
}

fn waiting(instance: &Instance) -> InstanceStatus {
    InstanceStatus { is_indexable: true, health: 100, ..unvisited(&instance.host, instance.kind, Status::Waiting) }
}

fn removed(host: &Host) -> InstanceStatus {
    // Of a removed instance the lists keep the name and nothing else.
    unvisited(host, SourceKind::PeerTube, Status::Removed)
}

fn unvisited(host: &Host, kind: SourceKind, status: Status) -> InstanceStatus {
    InstanceStatus {
        host: host.clone(),
        kind,
        name: None,
        status: status.as_str().to_owned(),
        sentence: crawler::plain_sentence(status).to_owned(),
        hint: status.hint(kind).map(str::to_owned),
        is_indexable: false,
        health: 0,
        moved_to: None,
        software: None,
        software_version: None,
        known_videos: 0,
        known_channels: 0,
        known_playlists: 0,
        known_events: 0,
        known_groups: 0,
        claimed_total: None,
        first_visit_at: None,
        last_success_at: None,
        last_sweep_at: None,
        last_error: None,
        next_visit_at: None,
        robots: RobotsVerdict::Unread.as_str().to_owned(),
        supports_ipv6: None,
        delay_ms: 0,
        n_requests: 0,
        flags: Vec::new(),
    }
}

/// What the task that keeps the file needs.
pub struct Keeper {
    /// Whose reports are written.
    pub crawler: Arc<Crawler>,
    /// Where the file lives.
    pub index_dir: PathBuf,
    /// The lists in force.
    pub list: watch::Receiver<InstanceList>,
    /// Told of each visit.
    pub changed: Arc<Notify>,
}

impl Keeper {
    /// Writes the file now, whenever something changed, once a minute at least, and once more after `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut last_failure = None;
        loop {
            let is_last = stop.is_cancelled();
            let begun = std::time::Instant::now();
            let failure = self.write().await.err().map(|error| format!("{error:#}"));
            // Once, not every few seconds for as long as it lasts.
            if let Some(reason) = failure.as_ref().filter(|_| failure != last_failure) {
                tracing::error!("telling of the instances: {reason}");
            }
            last_failure = failure;
            if is_last {
                return;
            }
            let pause = PAUSE.max(begun.elapsed() * PAUSE_PER_WRITE);
            let next = async {
                tokio::time::sleep(pause).await;
                let _ = tokio::time::timeout(HEARTBEAT, self.changed.notified()).await;
            };
            tokio::select! {
                () = next => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn write(&self) -> anyhow::Result<()> {
        let (crawler, list, index_dir) =
            (Arc::clone(&self.crawler), self.list.borrow().clone(), self.index_dir.clone());
        tokio::task::spawn_blocking(move || write(&crawler, &list, &index_dir)).await?
    }
}

fn write(crawler: &Crawler, list: &InstanceList, index_dir: &Path) -> anyhow::Result<()> {
    let reports = crawler.reports()?;
    let now = Timestamp::now();
    directory::write(index_dir, &DirectoryFile::new(now, statuses(list, reports)))?;
    Ok(())
}
