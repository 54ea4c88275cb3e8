//! `GET /api/v1/places`: cities by name.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::answer::{Refusal, json};
use super::body::read_params;
use super::search::written;
use super::state::QueryApi;
use crate::params::read_place_query;
use crate::places;
use crate::wire::PlaceList;

/// Finds cities by what was typed of their name, in any language.
#[utoipa::path(
    get,
    path = "/api/v1/places",
    tag = "places",
    params(super::openapi::PlaceParams),
    responses(
        (status = 200, description = "Cities, whole names and then large ones first", body = PlaceList),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn find_places(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    answer(&api, request).await.unwrap_or_else(Refusal::into_problem)
}

/// Needs no generation: the cities are part of the program.
async fn answer(api: &QueryApi, request: Request) -> Result<Response, Refusal> {
    let params = read_params(request, &api.config.limits).await?;
    let query = read_place_query(&params).map_err(Refusal::Params)?;
    // The first search unpacks them.
    let search = move || {
        let list = PlaceList::new(&query.text, &places::search(&query));
        written(serde_json::to_vec(&list))
    };
    let bytes = api.run_apart(search).await?;
    Ok(json(StatusCode::OK, bytes))
}
