//! `GET|POST /api/v1/search/{events,groups}`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::search::{respond, written};
use super::state::QueryApi;
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
