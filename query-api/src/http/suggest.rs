//! `GET /api/v1/suggest`: what a visitor may be about to type.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::search::{respond, written};
use super::state::QueryApi;
use crate::params::read_suggest_query;
use crate::wire::{SuggestionList, opensearch};

/// The form of suggestions that browsers read.
const OPENSEARCH: &str = "application/x-suggestions+json";

/// Suggests titles, channels and tags for what was typed so far.
#[utoipa::path(
    get,
    path = "/api/v1/suggest",
    tag = "search",
    params(super::openapi::SuggestParams),
    responses(
        (status = 200, description = "Suggestions, the best known of each kind first", content(
            (SuggestionList = "application/json"),
            (Vec<String> = "application/x-suggestions+json"),
        )),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn suggest(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let is_asked_by_header = accepts_opensearch(request.headers());
    let is_opensearch = Arc::new(AtomicBool::new(false));
    let read = {
        let is_opensearch = Arc::clone(&is_opensearch);
        move |params: &_| {
            let query = read_suggest_query(params, is_asked_by_header)?;
            is_opensearch.store(query.is_opensearch, Ordering::Release);
            Ok(query)
        }
    };
    let mut response = respond(&api, request, read, |index, query, deadline| {
        let suggestions = index.suggest(&query.text, query.count, deadline)?;
        if query.is_opensearch {
            return written(serde_json::to_vec(&opensearch(&query.text, &suggestions)));
        }
        let data = suggestions.into_iter().map(Into::into).collect();
        written(serde_json::to_vec(&SuggestionList { search: query.text.clone(), data }))
    })
    .await;
    let is_answered = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    if is_opensearch.load(Ordering::Acquire) && is_answered {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OPENSEARCH));
    }
    response
}

fn accepts_opensearch(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let media_type = range.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case(OPENSEARCH)
    })
}
