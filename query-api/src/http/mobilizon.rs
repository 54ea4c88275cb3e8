//! `GET|POST /api/v1/search/{events,groups}`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Method;

use super::search::{respond, written};
use super::state::QueryApi;
use super::{SEARCH_METHODS, not_allowed};
use crate::params::{read_event_query, read_group_query};
use crate::wire::{EventList, GroupList};

/// Searches events, as the index of Mobilizon does; the same by GET and by POST.
#[utoipa::path(
    get,
    path = "/api/v1/search/events",
    tag = "search",
    params(super::openapi::EventSearchParams),
    responses(
        (status = 200, description = "A page of events", body = EventList),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "A date or place that cannot be read, each with its reason", body = crate::wire::Problem),
        (status = 413, description = "A mute list of more than 10 000 entries", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn search_events(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let pictures = api.pictures();
    respond(&api, request, read_event_query, move |index, query, deadline| {
        written(EventList::to_json(index.search_events(query, deadline)?, &pictures))
    })
    .await
}

/// Searches groups, as the index of Mobilizon does; the same by GET and by POST.
#[utoipa::path(
    get,
    path = "/api/v1/search/groups",
    tag = "search",
    params(super::openapi::GroupSearchParams),
    responses(
        (status = 200, description = "A page of groups", body = GroupList),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "A place that cannot be read, each with its reason", body = crate::wire::Problem),
        (status = 413, description = "A mute list of more than 10 000 entries", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn search_groups(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let pictures = api.pictures();
    respond(&api, request, read_group_query, move |index, query, deadline| {
        written(GroupList::to_json(index.search_groups(query, deadline)?, &pictures))
    })
    .await
}

/// A search that Mobilizon knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    Events,
    Groups,
}

impl Search {
    /// The search of a path that has slashes too many.
    pub fn of_path(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        match segments.as_slice() {
            ["api", "v1", "search", "events"] => Some(Self::Events),
            ["api", "v1", "search", "groups"] => Some(Self::Groups),
            _ => None,
        }
    }
}

/// Answers a search by its path, however it is written.
pub(super) async fn answer(api: Arc<QueryApi>, search: Search, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::POST) {
        return not_allowed(SEARCH_METHODS);
    }
    match search {
        Search::Events => search_events(State(api), request).await,
        Search::Groups => search_groups(State(api), request).await,
    }
}
