//! The searches by POST, which are answered as those by GET.

use super::{ChannelSearchParams, EventSearchParams, GroupSearchParams, PlaylistSearchParams, VideoSearchParams};
use crate::wire::{ChannelList, EventList, GroupList, PlaylistList, Problem, VideoList};

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
pub(super) fn search_videos_by_post() {}

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
pub(super) fn search_channels_by_post() {}

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
pub(super) fn search_playlists_by_post() {}

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
pub(super) fn search_events_by_post() {}

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
pub(super) fn search_groups_by_post() {}
