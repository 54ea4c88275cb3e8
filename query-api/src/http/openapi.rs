//! The description of the API for programs.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use utoipa::{IntoParams, OpenApi};

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
        super::map::show_clusters,
        super::feeds::show_calendar,
        super::search::search_videos,
        search_videos_by_post,
        super::search::search_channels,
        search_channels_by_post,
        super::search::search_playlists,
        search_playlists_by_post,
        super::mobilizon::search_events,
        search_events_by_post,
        super::mobilizon::search_groups,
        search_groups_by_post,
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

/// Searches events with the parameters in a JSON or form body; scalars may be strings.
#[utoipa::path(
    post,
    path = "/api/v1/search/events",
    tag = "search",
    request_body = EventSearchParams,
    responses(
        (status = 200, description = "A page of events", body = EventList),
        (status = 400, description = "A date or place that cannot be read, each with its reason", body = Problem),
        (status = 413, description = "A body over 5 MiB", body = Problem),
        (status = 415, description = "A body of another type", body = Problem),
        (status = 503, description = "Too busy, too slow or not ready yet", body = Problem),
    )
)]
#[expect(dead_code, reason = "stands for the second method in the document")]
fn search_events_by_post() {}

/// Searches groups with the parameters in a JSON or form body; scalars may be strings.
#[utoipa::path(
    post,
    path = "/api/v1/search/groups",
    tag = "search",
    request_body = GroupSearchParams,
    responses(
        (status = 200, description = "A page of groups", body = GroupList),
        (status = 400, description = "A place that cannot be read, each with its reason", body = Problem),
        (status = 413, description = "A body over 5 MiB", body = Problem),
        (status = 415, description = "A body of another type", body = Problem),
        (status = 503, description = "Too busy, too slow or not ready yet", body = Problem),
    )
)]
#[expect(dead_code, reason = "stands for the second method in the document")]
fn search_groups_by_post() {}

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

/// Parameters of the event search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1` or `a=1,2`. Unknown ones are
/// ignored, and so is what makes no sense in `start`, `count`, `sort`, `search` and lists.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct EventSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything. Cut at 512 characters.
    search: Option<String>,
    /// Keeps what is not over at this time; ISO 8601.
    #[param(rename = "startDateMin")]
    start_date_min: Option<String>,
    /// With `startDateMin` keeps what has started by this time, alone what is over by then; ISO 8601.
    #[param(rename = "startDateMax")]
    start_date_max: Option<String>,
    /// Any of these categories, such as `MUSIC`.
    #[param(rename = "categoryOneOf")]
    category_one_of: Option<Vec<String>>,
    /// Any of these languages; only what stands before `_` or `-` counts, `und` is none.
    #[param(rename = "languageOneOf")]
    language_one_of: Option<Vec<String>>,
    /// Any of `TENTATIVE`, `CONFIRMED` and `CANCELLED`.
    #[param(rename = "statusOneOf")]
    status_one_of: Option<Vec<String>>,
    /// Around `latlon`: a number with `_km`, `_mi` or `_m`; kilometres without; `anywhere`. Nothing without `latlon`.
    #[param(default = "50_km")]
    distance: Option<String>,
    /// `latitude:longitude` in degrees.
    latlon: Option<String>,
    /// `north, west:south, east` in degrees.
    bbox: Option<String>,
    /// Results wanted; more than 1 000 are 1 000, 0 asks for the total alone.
    #[param(minimum = 0, maximum = 1000, default = 10)]
    count: Option<u32>,
    /// Results to leave out; pages reach the first 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// One of `match startTime createdAt participantCount distance name`, with `-` for the greatest first. Absent or
    /// unknown: `-match` with words, else `startTime`, and `-startTime` for what is over.
    sort: Option<String>,
    /// The same as `sort`.
    #[param(rename = "sortBy")]
    sort_by: Option<String>,
    /// Other languages count half, unknown ones never. Never a filter.
    #[param(rename = "boostLanguages")]
    boost_languages: Option<Vec<String>>,
    /// Online, perhaps besides a place, or not.
    #[param(rename = "isOnline")]
    is_online: Option<bool>,
    /// Any of these tags, whatever their case.
    #[param(rename = "tagsOneOf")]
    tags_one_of: Option<Vec<String>>,
    /// All of these tags, whatever their case.
    #[param(rename = "tagsAllOf")]
    tags_all_of: Option<Vec<String>>,
    /// Only these instances.
    #[param(rename = "hostOneOf")]
    host_one_of: Option<Vec<String>>,
    /// The same as `hostOneOf`.
    host: Option<Vec<String>>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not what these made, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these groups, `name@host`.
    group: Option<Vec<String>>,
    /// Any of `free`, `restricted`, `invite` and `external`.
    #[param(rename = "joinMode")]
    join_mode: Option<Vec<String>>,
    /// Not known to be full, or known to be.
    #[param(rename = "hasFreePlaces")]
    has_free_places: Option<bool>,
    /// Longer than thirty days, or not.
    #[param(rename = "isLong")]
    is_long: Option<bool>,
    /// All of these: `wheelchair`, `subtitle`, `sign_language`, `smoke_free`.
    accessible: Option<Vec<String>>,
}

/// Parameters of the group search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1` or `a=1,2`. Unknown ones are
/// ignored, and so is what makes no sense in `start`, `count`, `sort`, `search` and lists.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct GroupSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything. Cut at 512 characters.
    search: Option<String>,
    /// Any of these languages, as far as that of the summary could be guessed; others pass.
    #[param(rename = "languageOneOf")]
    language_one_of: Option<Vec<String>>,
    /// Other languages count half, unknown ones never. Never a filter.
    #[param(rename = "boostLanguages")]
    boost_languages: Option<Vec<String>>,
    /// Around `latlon`: a number with `_km`, `_mi` or `_m`; kilometres without; `anywhere`. Nothing without `latlon`.
    #[param(default = "50_km")]
    distance: Option<String>,
    /// `latitude:longitude` in degrees.
    latlon: Option<String>,
    /// `north, west:south, east` in degrees.
    bbox: Option<String>,
    /// Results wanted; more than 1 000 are 1 000, 0 asks for the total alone.
    #[param(minimum = 0, maximum = 1000, default = 10)]
    count: Option<u32>,
    /// Results to leave out; pages reach the first 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// One of `match memberCount createdAt distance name`, with `-` for the greatest first. Absent or unknown: `-match` with
    /// words, else `-memberCount`.
    sort: Option<String>,
    /// The same as `sort`.
    #[param(rename = "sortBy")]
    sort_by: Option<String>,
    /// Any of `open`, `moderated` and `invite_only`.
    openness: Option<Vec<String>>,
    /// Only these instances.
    #[param(rename = "hostOneOf")]
    host_one_of: Option<Vec<String>>,
    /// The same as `hostOneOf`.
    host: Option<Vec<String>>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not these groups, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these groups, `name@host`.
    handles: Option<Vec<String>>,
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

/// Parameters of the search of cities.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct PlaceParams {
    /// A name or its beginning, in any language; the country or region may follow a comma.
    #[param(max_length = 200)]
    q: String,
    /// The language that names are wanted in, such as `fr`. Absent: the names that GeoNames prefers.
    lang: Option<String>,
    /// Cities wanted.
    #[param(minimum = 0, maximum = 50, default = 10)]
    count: Option<u32>,
    /// `latitude,longitude` of the visitor: closer cities come before larger ones.
    near: Option<String>,
}

/// Parameters of our own searches for events that they have beside those of Mobilizon.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct DiscoveryParams {
    /// The same as `search`.
    #[param(max_length = 512)]
    q: Option<String>,
    /// `upcoming`, `today`, `tonight`, `tomorrow`, `weekend`, `week`, `month`, `this-week`, `next-week`, `this-month`,
    /// `next-month` or `past`; or a day (`2026-12-24`), or two (`2026-12-24..2026-12-26`).
    when: Option<String>,
    /// The zone that days are read in, such as `Europe/Paris`. Absent: that of the place, else UTC.
    tz: Option<String>,
    /// A place (`Lyon`, `Paris, Texas`) or `latitude,longitude`.
    near: Option<String>,
    /// How far around it, such as `25_km`, `15_mi` or `anywhere`.
    #[param(default = "25_km")]
    radius: Option<String>,
    /// The language that names of places are wanted in, such as `fr`.
    lang: Option<String>,
}

/// Parameters of the map that it has beside those of the search.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(super) struct MapParams {
    /// `events` or `groups`.
    #[param(default = "events")]
    kind: Option<String>,
    /// How near the map shows it; parts of a step are dropped.
    #[param(minimum = 0, maximum = 22, default = 3)]
    zoom: Option<f64>,
}
