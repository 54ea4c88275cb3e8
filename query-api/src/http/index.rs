//! What the index says of itself.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::{json, problem, stamp};
use super::rules::gather_rules;
use super::state::QueryApi;
use crate::wire::IndexConfig;

/// Settings of this index, in the shape of the search-index.
#[utoipa::path(get, path = "/api/v1/config", tag = "index",
    responses((status = 200, description = "What this index says of itself", body = IndexConfig)))]
pub(super) async fn show_config(State(api): State<Arc<QueryApi>>) -> Response {
    let index = api.current().ok();
    let rules = match &index {
        Some(index) => gather_rules(&api, index).await.ok(),
        None => None,
    };
    let absolute = |path: &str| {
        api.config.public_url.as_ref().and_then(|base| base.join(path).ok()).map_or_else(String::new, String::from)
    };
    let config = IndexConfig {
        search_instance_name: api.config.index_name.clone(),
        search_instance_name_image: absolute(super::LOGO_PATH.as_str()),
        search_instance_search_image: String::new(),
        legal_notices_url: api.config.legal_notices_url.clone().map_or_else(String::new, String::from),
        indexed_hosts_count: index.as_ref().map_or(0, |index| index.n_hosts()),
        indexed_instances_url: absolute("/api/v1/instances/hosts"),
        inclusion_rules: rules,
    };
    let response = json(StatusCode::OK, serde_json::to_vec(&config).unwrap_or_default());
    match index {
        Some(index) => stamp(response, &index),
        None => response,
    }
}

/// Whether the process answers at all.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, description = "It does")))]
pub(super) async fn show_live() -> Response {
    json(StatusCode::OK, b"{\"status\":\"live\"}".to_vec())
}

/// Whether searches can be answered.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses(
    (status = 200, description = "A generation is open"),
    (status = 503, description = "None was published yet, or what moderators decided cannot be read", body = crate::wire::Problem)))]
pub(super) async fn show_ready(State(api): State<Arc<QueryApi>>) -> Response {
    match api.current() {
        Ok(index) => {
            let shown = index.totals();
            let body = serde_json::json!({
                "status": "ready", "generation": index.snapshot().manifest.generation, "videos": shown.videos,
                "channels": shown.channels, "playlists": shown.playlists,
                "events": shown.events, "groups": shown.groups,
            });
            stamp(json(StatusCode::OK, body.to_string().into_bytes()), &index)
        }
        Err(refusal) => problem(refusal.status(), refusal.sentence()),
    }
}
