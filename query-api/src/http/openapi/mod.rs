//! The description of the API for programs.

mod hosted;
mod params;
mod posted;

pub(super) use hosted::{
    CategoryParams, DiscoveryParams, EventFilterParams, EventSearchParams, GroupSearchParams, HostedFilterParams,
    MapParams, PlaceParams,
};
pub(super) use params::{
    ChannelSearchParams, NativeSearchParams, PlaylistSearchParams, SuggestParams, VideoSearchParams,
};

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use utoipa::OpenApi;

use super::answer::json;
use crate::wire::{ChannelList, EventList, GroupList, IndexConfig, PlaylistList, Problem, VideoList};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vigie",
        description = "Search of the public videos, channels and playlists of PeerTube and of the public events and groups of Mobilizon. Compatible with the search-index of SepiaSearch and with the index of Mobilizon."
    ),
    paths(
        super::native::search_all,
        super::suggest::suggest,
        super::places::find_places,
        super::categories::list_categories,
        super::map::show_clusters,
        super::feeds::show_calendar,
        super::search::search_videos,
        posted::search_videos_by_post,
        super::search::search_channels,
        posted::search_channels_by_post,
        super::search::search_playlists,
        posted::search_playlists_by_post,
        super::mobilizon::search_events,
        posted::search_events_by_post,
        super::mobilizon::search_groups,
        posted::search_groups_by_post,
        super::instances::list_hosts,
        super::instances::list_instances,
        super::instances::show_instance,
        crate::submissions::api::create_submission,
        crate::submissions::api::show_submission,
        crate::submissions::api::check_submission,
        crate::submissions::api::verify_submission,
        crate::reports::api::create_report,
        super::index::show_config,
        super::statistics::show_statistics,
        super::index::show_live,
        super::index::show_ready,
        show_openapi,
        show_openapi_of_v1,
    ),
    components(schemas(
        VideoList,
        ChannelList,
        PlaylistList,
        EventList,
        GroupList,
        IndexConfig,
        Problem,
        VideoSearchParams,
        ChannelSearchParams,
        PlaylistSearchParams,
        EventSearchParams,
        GroupSearchParams,
    ))
)]
struct ApiDoc;

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    ApiDoc::openapi()
}

static TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| serde_json::to_vec(&openapi()).unwrap_or_default());

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "index", responses((status = 200, description = "This document")))]
pub(super) async fn show_openapi() -> Response {
    json(StatusCode::OK, TEXT.clone())
}

/// This document, under the path of the version.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "index", responses((status = 200, description = "This document")))]
#[expect(dead_code, reason = "stands for the second path in the document")]
fn show_openapi_of_v1() {}
