//! `GET|POST /api/v1/search/videos`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::answer::{Refusal, json, stamp};
use super::body::read_params;
use super::state::QueryApi;
use crate::params::read_video_query;
use crate::query::VideoQuery;
use crate::wire::VideoList;

/// Searches videos; the same by GET and by POST.
#[utoipa::path(
    get,
    path = "/api/v1/search/videos",
    tag = "search",
    params(super::openapi::VideoSearchParams),
    responses(
        (status = 200, description = "A page of videos", body = VideoList),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn search_videos(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    match answer(&api, request).await {
        Ok(response) => response,
        Err(refusal) => {
            let response = refusal.into_problem();
            match api.current() {
                Ok(index) => stamp(response, &index),
                Err(_) => response,
            }
        }
    }
}

async fn answer(api: &QueryApi, request: Request) -> Result<Response, Refusal> {
    let is_conditional = request.method() != Method::POST;
    let headers = request.headers().clone();
    let params = read_params(request, &api.config.limits).await?;
    let query = read_video_query(&params).map_err(Refusal::Params)?;
    let index = api.current()?;
    let etag = etag(index.snapshot().manifest.generation, &query);
    let response = if is_conditional && is_known(&headers, &etag) {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let finish = |_: &_, page| {
            VideoList::to_json(page).map_err(|error| {
                tracing::error!("writing an answer as JSON: {error}");
                Refusal::Broken
            })
        };
        json(StatusCode::OK, api.search(&index, query, finish).await?)
    };
    let mut response = stamp(response, &index);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// Weak, because the same answer may be compressed or not. A generation never changes, so it and the query say it all.
fn etag(generation: u64, query: &VideoQuery) -> String {
    let mut hasher = DefaultHasher::new();
    query.hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    format!("W/\"{generation:x}-{:016x}\"", hasher.finish())
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == opaque(etag))
}
