//! `GET|POST /api/v1/search/{videos,video-channels,video-playlists}`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::answer::{Refusal, json, stamp};
use super::body::read_params;
use super::state::QueryApi;
use crate::params::{ParamsError, RawParams, read_channel_query, read_playlist_query, read_video_query};
use crate::search::{Deadline, SearchIndex};
use crate::wire::{ChannelList, PlaylistList, VideoList};

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
    respond(&api, request, read_video_query, |index, query, deadline| {
        written(VideoList::to_json(index.search(query, deadline)?))
    })
    .await
}

/// Searches channels; the same by GET and by POST.
#[utoipa::path(
    get,
    path = "/api/v1/search/video-channels",
    tag = "search",
    params(super::openapi::ChannelSearchParams),
    responses(
        (status = 200, description = "A page of channels", body = ChannelList),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn search_channels(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    respond(&api, request, read_channel_query, |index, query, deadline| {
        written(ChannelList::to_json(index.search_channels(query, deadline)?))
    })
    .await
}

/// Searches playlists; the same by GET and by POST.
#[utoipa::path(
    get,
    path = "/api/v1/search/video-playlists",
    tag = "search",
    params(super::openapi::PlaylistSearchParams),
    responses(
        (status = 200, description = "A page of playlists", body = PlaylistList),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn search_playlists(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    respond(&api, request, read_playlist_query, |index, query, deadline| {
        written(PlaylistList::to_json(index.search_playlists(query, deadline)?))
    })
    .await
}

/// Reads the parameters of a request by `read`, and answers with what `search` writes on a thread for blocking work; a
/// conditional request for an unchanged answer saves the search.
pub(super) async fn respond<Query: Hash + Send + 'static>(
    api: &QueryApi,
    request: Request,
    read: impl FnOnce(&RawParams) -> Result<Query, ParamsError> + Send + 'static,
    search: impl FnOnce(&SearchIndex, &Query, Deadline) -> Result<Vec<u8>, Refusal> + Send + 'static,
) -> Response {
    match answer(api, request, read, search).await {
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

/// Reads a query. One near a place takes its turn, because finding the place by its name may take some milliseconds, which
/// is no work for a thread that serves everybody.
pub(super) async fn read_query<Query: Send + 'static>(
    api: &QueryApi,
    params: RawParams,
    read: impl FnOnce(&RawParams) -> Result<Query, ParamsError> + Send + 'static,
) -> Result<Query, Refusal> {
    if params.get("near").is_none() {
        return read(&params).map_err(Refusal::Params);
    }
    api.run_apart(move || read(&params).map_err(Refusal::Params)).await
}

/// The bytes of an answer, or the defect that they could not be written.
pub(super) fn written(json: Result<Vec<u8>, serde_json::Error>) -> Result<Vec<u8>, Refusal> {
    json.map_err(|error| {
        tracing::error!("writing an answer as JSON: {error}");
        Refusal::Broken
    })
}

async fn answer<Query: Hash + Send + 'static>(
    api: &QueryApi,
    request: Request,
    read: impl FnOnce(&RawParams) -> Result<Query, ParamsError> + Send + 'static,
    search: impl FnOnce(&SearchIndex, &Query, Deadline) -> Result<Vec<u8>, Refusal> + Send + 'static,
) -> Result<Response, Refusal> {
    let is_conditional = request.method() != Method::POST;
    let headers = request.headers().clone();
    let params = read_params(request, &api.config.limits).await?;
    let query = read_query(api, params, read).await?;
    let index = api.current()?;
    let etag = etag(&index, &query);
    let response = if is_conditional && is_known(&headers, &etag) {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let bytes = api.run(&index, move |index, deadline| search(index, &query, deadline)).await?;
        json(StatusCode::OK, bytes)
    };
    let mut response = stamp(response, &index);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// Weak, because the same answer may be compressed or not. A generation never changes, so it and the query say it all; its
/// date tells it from that of an index made anew, which counts from one again. The rules and decisions in force have their part
/// in it: what they hide must not live on in a cache.
fn etag(index: &SearchIndex, query: &impl Hash) -> String {
    let manifest = &index.snapshot().manifest;
    let generation = manifest.generation;
    let ruling = index.ruling().tag().map_or_else(String::new, |tag| format!("-{tag}"));
    let mut hasher = DefaultHasher::new();
    manifest.published_at.hash(&mut hasher);
    query.hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    format!("W/\"{generation:x}{ruling}-{:016x}\"", hasher.finish())
}

pub(super) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == opaque(etag))
}
