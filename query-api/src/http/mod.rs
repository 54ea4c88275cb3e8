//! The routes.

mod answer;
mod assets;
mod body;
mod categories;
mod feeds;
pub(crate) mod forms;
mod image;
mod index;
mod instances;
pub(crate) mod limits;
mod map;
mod mobilizon;
mod native;
mod openapi;
mod places;
mod rules;
mod search;
mod security;
mod slots;
mod state;
mod statistics;
mod suggest;
pub(crate) mod visitor;

pub use openapi::openapi;
pub use state::{QueryApi, RefreshError};
pub use visitor::AddressRange;

pub(crate) use answer::{Refusal, html, json, problem, stamp};
pub(crate) use assets::{LOGO_PATH, STYLE_PATH};
pub(crate) use rules::gather_rules;
pub(crate) use security::take_powers;
pub(crate) use statistics::gather_statistics;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{OriginalUri, Request, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use http::{Method, StatusCode, header};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any as AnyOrigin, CorsLayer};

use crate::{pages, reports, submissions};

/// Every path of the API, as the OpenAPI document must name them.
pub const API_PATHS: [&str; 25] = [
    "/api/v1/search",
    "/api/v1/suggest",
    "/api/v1/places",
    "/api/v1/search/videos",
    "/api/v1/search/video-channels",
    "/api/v1/search/video-playlists",
    "/api/v1/search/events",
    "/api/v1/search/groups",
    "/api/v1/instances",
    "/api/v1/instances/hosts",
    "/api/v1/instances/{host}",
    "/api/v1/submissions",
    "/api/v1/submissions/{id}",
    "/api/v1/submissions/{id}/check",
    "/api/v1/submissions/{id}/verify",
    "/api/v1/reports",
    "/api/v1/categories",
    "/api/v1/map/clusters",
    "/feeds/search.ics",
    "/api/v1/config",
    "/api/v1/stats",
    "/health/live",
    "/health/ready",
    "/openapi.json",
    "/api/v1/openapi.json",
];

const SEARCH_METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// All routes. Nothing here redirects; a path with a slash too many is another path, but for the searches, whose address
/// people type into the settings of their servers. Mobilizon joins that address and the path as they are, so the two
/// searches it knows are found behind any number of slashes.
pub fn router(api: Arc<QueryApi>) -> Router {
    let videos = || searched(get(search::search_videos).post(search::search_videos));
    let channels = || searched(get(search::search_channels).post(search::search_channels));
    let playlists = || searched(get(search::search_playlists).post(search::search_playlists));
    let events = || searched(get(mobilizon::search_events).post(mobilizon::search_events));
    let groups = || searched(get(mobilizon::search_groups).post(mobilizon::search_groups));
    let read = |route: MethodRouter<Arc<QueryApi>>| only("GET, HEAD, OPTIONS", route);
    let sent = |route: MethodRouter<Arc<QueryApi>>| only("POST, OPTIONS", route);
    let machine = Router::new()
        .route("/api/v1/search", read(get(native::search_all)))
        .route("/api/v1/suggest", read(get(suggest::suggest)))
        .route("/api/v1/places", read(get(places::find_places)))
        .route("/api/v1/categories", read(get(categories::list_categories)))
        .route("/api/v1/map/clusters", read(get(map::show_clusters)))
        .route("/feeds/search.ics", read(get(feeds::show_calendar)))
        .route("/api/v1/search/videos", videos())
        .route("/api/v1/search/videos/", videos())
        .route("/api/v1/search/video-channels", channels())
        .route("/api/v1/search/video-channels/", channels())
        .route("/api/v1/search/video-playlists", playlists())
        .route("/api/v1/search/video-playlists/", playlists())
        .route("/api/v1/search/events", events())
        .route("/api/v1/search/events/", events())
        .route("/api/v1/search/groups", groups())
        .route("/api/v1/search/groups/", groups())
        .route("/api/v1/config", read(get(index::show_config)))
        .route("/api/v1/stats", read(get(statistics::show_statistics)))
        .route("/api/v1/instances", read(get(instances::list_instances)))
        .route("/api/v1/instances/hosts", read(get(instances::list_hosts)))
        .route("/api/v1/instances/{host}", read(get(instances::show_instance)))
        .route("/health/live", read(get(index::show_live)))
        .route("/health/ready", read(get(index::show_ready)))
        .route("/openapi.json", read(get(openapi::show_openapi)))
        .route("/api/v1/openapi.json", read(get(openapi::show_openapi)))
        .route("/api/v1/submissions", sent(post(submissions::create_submission)))
        .route("/api/v1/submissions/{id}", read(get(submissions::show_submission)))
        .route("/api/v1/submissions/{id}/check", sent(post(submissions::check_submission)))
        .route("/api/v1/submissions/{id}/verify", sent(post(submissions::verify_submission)))
        .route("/api/v1/reports", sent(post(reports::create_report)))
        .route("/img/{key}/{size}", read(get(image::show_image)));
    let people = Router::new()
        .route("/", read(get(pages::show_home)))
        .route("/search", read(get(pages::show_search)))
        .route("/events", read(get(pages::show_events)))
        .route("/about", read(get(pages::show_about)))
        .route("/stats", read(get(pages::show_stats)))
        .route("/bot", read(get(pages::show_bot)))
        .route("/submit", searched(get(submissions::show_form).post(submissions::submit_form)))
        .route("/submit/{id}", read(get(submissions::show_page)))
        .route("/submit/{id}/check", sent(post(submissions::check_page)))
        .route("/submit/{id}/verify", sent(post(submissions::verify_page)))
        .route("/report", searched(get(reports::show_form).post(reports::submit_form)))
        .route("/privacy", read(get(pages::show_privacy)))
        .merge(page_assets());
    let cors = CorsLayer::new()
        .allow_origin(AnyOrigin)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::OPTIONS])
        .allow_headers([header::CONTENT_TYPE, header::ACCEPT, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::RETRY_AFTER, answer::INDEX_GENERATION, answer::INDEX_AGE]);
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest);
    machine
        .fallback(unknown_path)
        .layer(cors)
        .merge(people)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(compression)
        .layer(middleware::from_fn_with_state(Arc::clone(&api), security::add_headers))
        .with_state(api)
}

/// What the pages are drawn with.
pub(crate) fn page_assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(STYLE_PATH.as_str(), get(assets::show_style).fallback(|| async { not_allowed("GET, HEAD, OPTIONS") }))
        .route(LOGO_PATH.as_str(), get(assets::show_logo).fallback(|| async { not_allowed("GET, HEAD, OPTIONS") }))
}

/// A route that is asked by GET and by POST.
fn searched(route: MethodRouter<Arc<QueryApi>>) -> MethodRouter<Arc<QueryApi>> {
    only(SEARCH_METHODS, route)
}

/// A route that answers other methods with the one error body.
fn only(allowed: &'static str, route: MethodRouter<Arc<QueryApi>>) -> MethodRouter<Arc<QueryApi>> {
    route.fallback(move || async move { not_allowed(allowed) })
}

fn not_allowed(allowed: &'static str) -> Response {
    let mut response = answer::problem(StatusCode::METHOD_NOT_ALLOWED, format!("This path answers {allowed} only"));
    response.headers_mut().insert(header::ALLOW, http::HeaderValue::from_static(allowed));
    response
}

async fn unknown_path(State(api): State<Arc<QueryApi>>, OriginalUri(uri): OriginalUri, request: Request) -> Response {
    if let Some(search) = mobilizon::Search::of_path(uri.path()) {
        return mobilizon::answer(api, search, request).await;
    }
    let is_machine = ["api", "feeds", "health", "img", "openapi"]
        .iter()
        .any(|start| uri.path().trim_start_matches('/').starts_with(start));
    if is_machine {
        return answer::problem(StatusCode::NOT_FOUND, "There is nothing under this path; /openapi.json lists what is");
    }
    pages::not_found(&api)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request failed by a panic; this is a defect of the program");
    answer::problem(StatusCode::INTERNAL_SERVER_ERROR, "The search failed; this is our fault, please try again later")
}
