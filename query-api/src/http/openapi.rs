//! The description of the API for programs.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use utoipa::{IntoParams, OpenApi};

use super::answer::json;
use crate::wire::{ChannelList, IndexConfig, PlaylistList, Problem, VideoList};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vigie",
        description = "Search of the public videos, channels and playlists of PeerTube. Compatible with the search-index of SepiaSearch."
    ),
    paths(
        super::native::search_all,
        super::suggest::suggest,
        super::search::search_videos,
        search_videos_by_post,
        super::search::search_channels,
        search_channels_by_post,
        super::search::search_playlists,
        search_playlists_by_post,
        super::instances::list_hosts,
        super::instances::list_instances,
        super::instances::show_instance,
        super::index::show_config,
        super::index::show_live,
        super::index::show_ready,
        show_openapi,
        show_openapi_of_v1,
    ),
    components(schemas(
        VideoList,
        ChannelList,
        PlaylistList,
        IndexConfig,
        Problem,
        VideoSearchParams,
        ChannelSearchParams,
        PlaylistSearchParams,
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

/// Searches videos with the parameters in a JSON or form body; scalars may be strings.
#[utoipa::path(
    post,
    path = "/api/v1/search/videos",
    tag = "search",
    request_body = VideoSearchParams,
    responses(
        (status = 200, description = "A page of videos", body = VideoList),
        (status = 400, description = "Wrong parameters, each with its reason", body = Problem),
        (status = 413, description = "A body over 5 MiB or a mute list over 10 000 entries", body = Problem),
        (status = 415, description = "A body of another type", body = Problem),
        (status = 503, description = "Too busy, too slow or not ready yet", body = Problem),
    )
)]
#[expect(dead_code, reason = "stands for the second method in the document")]
fn search_videos_by_post() {}

/// Searches channels with the parameters in a JSON or form body; scalars may be strings.
#[utoipa::path(
    post,
    path = "/api/v1/search/video-channels",
    tag = "search",
    request_body = ChannelSearchParams,
    responses(
        (status = 200, description = "A page of channels", body = ChannelList),
        (status = 400, description = "Wrong parameters, each with its reason", body = Problem),
        (status = 413, description = "A body over 5 MiB or a mute list over 10 000 entries", body = Problem),
        (status = 415, description = "A body of another type", body = Problem),
        (status = 503, description = "Too busy, too slow or not ready yet", body = Problem),
    )
)]
#[expect(dead_code, reason = "stands for the second method in the document")]
fn search_channels_by_post() {}

/// Searches playlists with the parameters in a JSON or form body; scalars may be strings.
#[utoipa::path(
    post,
    path = "/api/v1/search/video-playlists",
    tag = "search",
    request_body = PlaylistSearchParams,
    responses(
        (status = 200, description = "A page of playlists", body = PlaylistList),
        (status = 400, description = "Wrong parameters, each with its reason", body = Problem),
        (status = 413, description = "A body over 5 MiB or a mute list over 10 000 entries", body = Problem),
        (status = 415, description = "A body of another type", body = Problem),
        (status = 503, description = "Too busy, too slow or not ready yet", body = Problem),
    )
)]
#[expect(dead_code, reason = "stands for the second method in the document")]
fn search_playlists_by_post() {}

/// Parameters of the video search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1`. Unknown ones are ignored.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct VideoSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Results to leave out; with `count` at most 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// Results wanted.
    #[param(minimum = 0, maximum = 100, default = 15)]
    count: Option<u32>,
    /// One of `match name duration createdAt publishedAt originallyPublishedAt views likes hot`, with `-` for the
    /// greatest first.
    #[param(default = "-match")]
    sort: Option<String>,
    /// Only this instance.
    host: Option<String>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not these accounts, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// `true`, `false` or `both`.
    #[param(default = "both")]
    nsfw: Option<String>,
    /// Bit mask: shows these although `nsfw` is `false`.
    #[param(rename = "nsfwFlagsIncluded")]
    nsfw_flags_included: Option<u32>,
    /// Bit mask: never these.
    #[param(rename = "nsfwFlagsExcluded")]
    nsfw_flags_excluded: Option<u32>,
    /// Live or recorded.
    #[param(rename = "isLive")]
    is_live: Option<bool>,
    /// Any of these categories.
    #[param(rename = "categoryOneOf")]
    category_one_of: Option<Vec<i64>>,
    /// Any of these licences.
    #[param(rename = "licenceOneOf")]
    licence_one_of: Option<Vec<i64>>,
    /// Any of these languages; `_unknown` for none.
    #[param(rename = "languageOneOf")]
    language_one_of: Option<Vec<String>>,
    /// Any of these tags, whatever their case.
    #[param(rename = "tagsOneOf")]
    tags_one_of: Option<Vec<String>>,
    /// All of these tags, whatever their case.
    #[param(rename = "tagsAllOf")]
    tags_all_of: Option<Vec<String>>,
    /// Other languages count half. Never a filter.
    #[param(rename = "boostLanguages")]
    boost_languages: Option<Vec<String>>,
    /// Published at or after; ISO 8601.
    #[param(rename = "startDate")]
    start_date: Option<String>,
    /// Published at or before.
    #[param(rename = "endDate")]
    end_date: Option<String>,
    /// First published at or after.
    #[param(rename = "originallyPublishedStartDate")]
    originally_published_start_date: Option<String>,
    /// First published at or before.
    #[param(rename = "originallyPublishedEndDate")]
    originally_published_end_date: Option<String>,
    /// Seconds, at least.
    #[param(rename = "durationMin")]
    duration_min: Option<i64>,
    /// Seconds, at most.
    #[param(rename = "durationMax")]
    duration_max: Option<i64>,
    /// Any of these videos, by UUID or short UUID.
    uuids: Option<Vec<String>>,
}

/// Parameters of the channel search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1`. Unknown ones are ignored.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct ChannelSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Results to leave out; with `count` at most 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// Results wanted.
    #[param(minimum = 0, maximum = 100, default = 15)]
    count: Option<u32>,
    /// One of `match displayName createdAt`, with `-` for the greatest first; `displayName` is the display name.
    #[param(default = "-match")]
    sort: Option<String>,
    /// Only this instance.
    host: Option<String>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not those owned by these accounts, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these channels, `name@host`; one without a host matches nothing.
    handles: Option<Vec<String>>,
}

/// Parameters of the playlist search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1`. Unknown ones are ignored.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct PlaylistSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Results to leave out; with `count` at most 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// Results wanted.
    #[param(minimum = 0, maximum = 100, default = 15)]
    count: Option<u32>,
    /// One of `match displayName createdAt`, with `-` for the greatest first; `displayName` is the title.
    #[param(default = "-match")]
    sort: Option<String>,
    /// Only this instance.
    host: Option<String>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not those owned by these accounts, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these playlists, by UUID or short UUID.
    uuids: Option<Vec<String>>,
}

/// Parameters of the search of every kind that it has beside those of the video search. Of those, `count` is 10 and `nsfw`
/// is `false` when absent.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct NativeSearchParams {
    /// The same as `search`.
    #[param(max_length = 512)]
    q: Option<String>,
    /// Some of `video channel playlist`; may be written with commas. Absent: all.
    kinds: Option<Vec<String>>,
    /// Any of these channels, `name@host`; leaves the other kinds out.
    handles: Option<Vec<String>>,
    /// What to count: `all`, or some of `category licence language tag host duration published isLive nsfw`; may be
    /// written with commas. Channels and playlists have `host` only. Absent: nothing.
    facets: Option<Vec<String>>,
    /// Most values of one facet; chosen ones come on top.
    #[param(rename = "facetSize", minimum = 1, maximum = 100, default = 20)]
    facet_size: Option<u32>,
    /// Whether results come with excerpts in which the words are marked.
    #[param(default = true)]
    highlight: Option<bool>,
}

/// Parameters of the suggestions.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct SuggestParams {
    /// What was typed so far. Absent or empty: no suggestion.
    #[param(max_length = 512)]
    q: Option<String>,
    /// The same as `q`.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Suggestions wanted.
    #[param(minimum = 0, maximum = 20, default = 8)]
    count: Option<u32>,
    /// `json` or `opensearch`; absent: what `Accept` asks for, else `json`.
    format: Option<String>,
}
