//! `GET /api/v1/map/clusters`: how many events or groups are where.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use jiff::Timestamp;

use super::search::{respond, written};
use super::state::QueryApi;
use crate::params::{MapSearch, read_map_query, search_time};
use crate::wire::ClusterList;

/// Counts the events or groups of a search by cells of a map.
#[utoipa::path(
    get,
    path = "/api/v1/map/clusters",
    tag = "places",
    params(super::openapi::MapParams, super::openapi::DiscoveryParams, super::openapi::EventFilterParams),
    responses(
        (status = 200, description = "At most 500 clusters, the largest first", body = ClusterList),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn show_clusters(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let now = search_time(Timestamp::now());
    respond(
        &api,
        request,
        move |params| read_map_query(params, now),
        |index, query, deadline| {
            let list = match &query.search {
                MapSearch::Events(search) => {
                    ClusterList::new("events", index.event_clusters(&search.query, query.zoom, deadline)?)
                }
                MapSearch::Groups(search) => {
                    ClusterList::new("groups", index.group_clusters(&search.query, query.zoom, deadline)?)
                }
            };
            written(serde_json::to_vec(&list))
        },
    )
    .await
}
