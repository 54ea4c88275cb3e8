//! `GET /api/v1/instances`, `/api/v1/instances/hosts` and `/api/v1/instances/{host}`.
//!
//! They answer before the first generation too: why nothing is indexed yet is what they are asked for then.

use std::cmp::Ordering;
use std::sync::Arc;

use allowlist::{Host, SourceKind};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use indexer::directory::{DirectoryFile, InstanceStatus};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::IntoParams;

use super::answer::{Refusal, json, problem, stamp};
use super::body::read_params;
use super::state::QueryApi;
use crate::directory::{HostCounts, KindCounts};
use crate::params::{InstanceSort, InstanceSortKey, InstancesQuery, read_hosts_query, read_instances_query};
use crate::search::{Ruling, SearchIndex};
use crate::wire::{HostItem, HostList, InstanceList, InstanceObject};

/// From this score on an instance is healthy.
const HEALTHY: u8 = 50;

/// Status of instances that the operator removed. They are told of to who asks for one by name or by this status.
const REMOVED: &str = "removed-on-request";

/// The indexed hosts, in the shape of joinpeertube's directory, so that others can seed from this index.
#[utoipa::path(get, path = "/api/v1/instances/hosts", tag = "instances", params(InstancesParams), responses(
    (status = 200, description = "Indexed hosts; PeerTube where no `kind` is asked for", body = HostList),
    (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem)))]
pub(super) async fn list_hosts(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let query = match read_params(request, &api.config.limits).await {
        Ok(params) => read_hosts_query(&params).map_err(Refusal::Params),
        Err(refusal) => Err(refusal),
    };
    respond(&api, query, |known, query| {
        let (total, page) = known.page(query, |row| row.is_indexed());
        let data = page.iter().map(|row| HostItem { host: row.host.as_str().to_owned() }).collect();
        (StatusCode::OK, HostList { total, data })
    })
    .await
}

/// Every listed instance, with its status.
#[utoipa::path(get, path = "/api/v1/instances", tag = "instances", params(InstancesParams), responses(
    (status = 200, description = "A page of instances", body = InstanceList),
    (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem)))]
pub(super) async fn list_instances(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let query = match read_params(request, &api.config.limits).await {
        Ok(params) => read_instances_query(&params).map_err(Refusal::Params),
        Err(refusal) => Err(refusal),
    };
    respond(&api, query, |known, query| {
        let wants_removed = query.statuses.iter().any(|status| status == REMOVED);
        let (total, page) = known.page(query, |row| wants_removed || row.status() != REMOVED);
        let now = Timestamp::now();
        let data = page.iter().map(|row| row.object(now).without_heads()).collect();
        (StatusCode::OK, InstanceList { total, data })
    })
    .await
}

/// The whole story of one host, listed or not.
#[utoipa::path(get, path = "/api/v1/instances/{host}", tag = "instances",
    params(("host" = String, Path, description = "Name of the instance, in any spelling")),
    responses(
        (status = 200, description = "What is known of it", body = InstanceObject),
        (status = 400, description = "Not the name of a host", body = crate::wire::Problem),
        (status = 404, description = "Not on the list; the same keys as far as they are known", body = InstanceObject)))]
pub(super) async fn show_instance(
    State(api): State<Arc<QueryApi>>,
    host: Result<Path<String>, PathRejection>,
) -> Response {
    let host = host.map_err(|error| error.body_text()).and_then(|Path(host)| {
        // The rejection names what is no UTF-8, the error what is no host.
        Host::parse(host.trim()).map_err(|error| error.to_string())
    });
    let host = match host {
        Ok(host) => host,
        Err(error) => return problem(StatusCode::BAD_REQUEST, error),
    };
    respond(&api, Ok(host), |known, host| match known.row(host) {
        // It is answered as one that nobody knows, but for the reason: its name and its numbers are hidden too.
        _ if known.hides(host) => (StatusCode::NOT_FOUND, InstanceObject::left_out(host)),
        Some(row) => (StatusCode::OK, row.object(Timestamp::now())),
        None => {
            let counts = known.counts.get(host.as_str()).copied().unwrap_or_default();
            (StatusCode::NOT_FOUND, InstanceObject::not_listed(host, counts))
        }
    })
    .await
}

/// Answers from what is known now, on a thread for blocking work: the first request of a generation counts its hosts.
async fn respond<Q: Send + 'static, B: Serialize>(
    api: &Arc<QueryApi>,
    query: Result<Q, Refusal>,
    answer: impl FnOnce(&Known, &Q) -> (StatusCode, B) + Send + 'static,
) -> Response {
    let index = match api.current() {
        // Who must not be named cannot be told while decisions are unreadable.
        Err(Refusal::Undecided) => return Refusal::Undecided.into_problem(),
        current => current.ok(),
    };
    let response = match query {
        Ok(query) => {
            let (api, index) = (Arc::clone(api), index.clone());
            let task = tokio::task::spawn_blocking(move || {
                let known = Known::now(&api, index.as_deref())?;
                let (status, body) = answer(&known, &query);
                let bytes = serde_json::to_vec(&body).map_err(|error| {
                    tracing::error!("writing an answer as JSON: {error}");
                    Refusal::Broken
                })?;
                Ok(json(status, bytes))
            });
            task.await.unwrap_or_else(|error| {
                tracing::error!("listing instances failed by a panic; this is a defect of the program: {error}");
                Err(Refusal::Broken)
            })
        }
        Err(refusal) => Err(refusal),
    };
    let response = response.unwrap_or_else(Refusal::into_problem);
    match index {
        Some(index) => stamp(response, &index),
        None => response,
    }
}

/// What is known at the time of a request.
struct Known {
    file: Option<Arc<DirectoryFile>>,
    counts: Arc<HostCounts>,
    ruling: Arc<Ruling>,
}

/// One instance of a list.
struct Row<'a> {
    host: Host,
    /// What the crawler wrote, and when; `None` where it wrote nothing.
    status: Option<(&'a InstanceStatus, Timestamp)>,
    counts: KindCounts,
}

impl Known {
    fn now(api: &QueryApi, index: Option<&SearchIndex>) -> Result<Self, Refusal> {
        let counts = match index {
            Some(index) => api.directory.counts(index)?,
            None => Arc::default(),
        };
        Ok(Self { file: api.directory.file(), counts, ruling: api.ruling() })
    }

    /// Whether rules or decisions leave nothing of a host. That the operator removed it is no secret to who asks for it.
    fn hides(&self, host: &Host) -> bool {
        let is_removed = self.row(host).is_some_and(|row| row.status() == REMOVED);
        self.ruling.hides_host(host.as_str()) && !is_removed
    }

    fn row(&self, host: &Host) -> Option<Row<'_>> {
        let counts = self.counts.get(host.as_str()).copied();
        let status = match &self.file {
            Some(file) => Some((file.get(host)?, file.written_at)),
            // Without a crawler beside it a snapshot speaks for itself.
            None => None,
        };
        if status.is_none() && counts.is_none() {
            return None;
        }
        Some(Row { host: host.clone(), status, counts: counts.unwrap_or_default() })
    }

    fn rows(&self) -> Vec<Row<'_>> {
        match &self.file {
            Some(file) => file.instances.iter().filter_map(|known| self.row(&known.host)).collect(),
            None => self.counts.keys().filter_map(|host| self.row(&Host::parse(host).ok()?)).collect(),
        }
    }

    /// The number of instances that match, and those of the page.
    fn page(&self, query: &InstancesQuery, also: impl Fn(&Row<'_>) -> bool) -> (usize, Vec<Row<'_>>) {
        let mut rows = self.rows();
        rows.retain(|row| row.matches(query) && also(row) && !self.hides(&row.host));
        rows.sort_by(|left, right| left.compare(right, query.sort));
        let total = rows.len();
        (total, rows.into_iter().skip(query.start).take(query.count).collect())
    }
}

impl Row<'_> {
    fn status(&self) -> &str {
        self.status.map_or("indexed", |(status, _)| status.status.as_str())
    }

    fn is_indexed(&self) -> bool {
        self.status.is_none_or(|(status, _)| status.is_indexable) && self.counts.total() > 0
    }

    fn health(&self) -> u8 {
        self.status.map_or(100, |(status, _)| status.health)
    }

    fn created_at(&self) -> Option<Timestamp> {
        self.status.and_then(|(status, _)| status.first_visit_at)
    }

    fn object(&self, now: Timestamp) -> InstanceObject {
        match self.status {
            Some((status, as_of)) => InstanceObject::new(status, self.counts, as_of, now),
            None => InstanceObject::of_snapshot(&self.host, self.counts),
        }
    }

    fn matches(&self, query: &InstancesQuery) -> bool {
        let is_named = |piece: &String| self.host.as_str().contains(piece) || self.host.to_unicode().contains(piece);
        let kind = self.status.map_or_else(|| self.counts.likely_kind(), |(status, _)| status.kind);
        query.search.as_ref().is_none_or(is_named)
            && query.healthy.is_none_or(|healthy| healthy == (self.health() >= HEALTHY))
            && (query.statuses.is_empty() || query.statuses.iter().any(|status| status == self.status()))
            && query.kind.is_none_or(|wanted| wanted == kind)
            // Of what was never dated nobody can say that it is new.
            && query.since_ms.is_none_or(|since| self.created_at().is_some_and(|at| at.as_millisecond() >= since))
    }

    fn compare(&self, other: &Self, sort: InstanceSort) -> Ordering {
        let swept = |row: &Self| row.status.and_then(|(status, _)| status.last_sweep_at);
        let ordering = match sort.key {
            InstanceSortKey::Host => self.host.cmp(&other.host),
            InstanceSortKey::Name => self.name().cmp(&other.name()),
            InstanceSortKey::CreatedAt => self.created_at().cmp(&other.created_at()),
            InstanceSortKey::Version => self.version().cmp(&other.version()),
            InstanceSortKey::Health => self.health().cmp(&other.health()),
            InstanceSortKey::TotalVideos => self.total_videos().cmp(&other.total_videos()),
            InstanceSortKey::IndexedVideos => self.counts.videos.cmp(&other.counts.videos),
            InstanceSortKey::LastSweepAt => swept(self).cmp(&swept(other)),
        };
        let ordering = if sort.descending { ordering.reverse() } else { ordering };
        ordering.then_with(|| self.host.cmp(&other.host))
    }

    fn name(&self) -> String {
        let name = self.status.and_then(|(status, _)| status.name.as_deref());
        name.unwrap_or(self.host.as_str()).to_lowercase()
    }

    /// The numbers of the version, so that 10 comes after 9.
    fn version(&self) -> Vec<u64> {
        let version = self.status.and_then(|(status, _)| status.software_version.as_deref()).unwrap_or_default();
        version.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
    }

    fn total_videos(&self) -> u64 {
        let claimed = |status: &InstanceStatus| {
            let claimed = status.claimed_total.filter(|_| status.kind == SourceKind::PeerTube);
            claimed.unwrap_or(status.known_videos)
        };
        self.status.map_or(self.counts.videos, |(status, _)| claimed(status))
    }
}

/// Parameters of the lists of instances. Unknown ones are ignored.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
struct InstancesParams {
    /// Instances to leave out.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// Instances wanted: at most 10 000 hosts (1 000 when absent), or 1 000 instances (15 when absent).
    #[param(minimum = 0)]
    count: Option<u32>,
    /// First visited at or after; ISO 8601.
    since: Option<String>,
    /// One of `host name createdAt version health totalVideos totalLocalVideos indexedVideos lastSweepAt`, with `-` for
    /// the greatest first.
    #[param(default = "host")]
    sort: Option<String>,
    /// Only those with a health of 50 and more, or only the others.
    healthy: Option<bool>,
    /// A piece of the host name.
    search: Option<String>,
    /// Any of these status codes.
    status: Option<Vec<String>>,
    /// `peertube` or `mobilizon`.
    kind: Option<String>,
}
