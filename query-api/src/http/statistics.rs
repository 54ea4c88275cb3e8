//! `GET /api/v1/stats`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;

use super::answer::{Refusal, json, stamp};
use super::search::written;
use super::state::QueryApi;
use crate::search::SearchIndex;
use crate::statistics::Statistics;
use crate::wire::{DocumentCounts, StatisticsObject};

/// What the index holds, and how well it follows its instances.
#[utoipa::path(get, path = "/api/v1/stats", tag = "index",
    responses((status = 200, description = "Counts; nobody is named", body = StatisticsObject)))]
pub(super) async fn show_statistics(State(api): State<Arc<QueryApi>>) -> Response {
    let index = match api.current() {
        Err(Refusal::Undecided) => return Refusal::Undecided.into_problem(),
        current => current.ok(),
    };
    let gathered = gather_statistics(&api, index.clone()).await;
    let response = gathered
        .and_then(|(documents, statistics)| written(serde_json::to_vec(&StatisticsObject::new(documents, &statistics))))
        .map_or_else(Refusal::into_problem, |bytes| json(StatusCode::OK, bytes));
    match index {
        Some(index) => stamp(response, &index),
        None => response,
    }
}

/// Counts what is shown and what is known of the instances, on a thread for blocking work.
///
/// # Errors
/// [`Refusal::Busy`], and [`Refusal::Broken`] when the files of the generation cannot be read.
pub(crate) async fn gather_statistics(
    api: &Arc<QueryApi>,
    index: Option<Arc<SearchIndex>>,
) -> Result<(DocumentCounts, Statistics), Refusal> {
    let known = Arc::clone(api);
    api.run_apart(move || {
        let counts = index.as_deref().map(|index| known.directory.counts(index)).transpose()?.unwrap_or_default();
        let documents = index.as_deref().map(SearchIndex::totals).unwrap_or_default().into();
        let file = known.directory.file();
        Ok((documents, Statistics::new(file.as_deref(), &counts, Timestamp::now())))
    })
    .await
}
