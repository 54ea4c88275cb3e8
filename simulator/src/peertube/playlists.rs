//! `GET /api/v1/video-playlists`, `/video-playlists/{id}` and `/video-playlists/{id}/videos`.

use serde_json::json;

use super::detail::{Id, parse_id};
use super::listing::page;
use super::problem::{invalid, no_token, not_found};
use super::shapes;
use crate::answer::Answer;
use crate::catalogue::{Instance, PlaylistPrivacy, PlaylistSpec};
use crate::request::Request;

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// Answers a list of the public playlists that `admits` admits, empty ones and remote ones included.
pub(crate) fn list(instance: &Instance, request: &Request, admits: impl Fn(&PlaylistSpec) -> bool) -> Answer {
    let sort = request.parameter("sort").unwrap_or("-createdAt");
    let (name, is_descending) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort, false),
    };
    let is_newer_sort = name == "videoChannelPosition" && instance.spec.version.since(8, 0);
    if !["name", "displayName", "createdAt", "updatedAt"].contains(&name) && !is_newer_sort {
        return invalid(request, "sort", sort, "Invalid value", "query");
    }
    let is_other_type = match request.parameter("playlistType") {
        None | Some("1") => false,
        // Lists of what to watch later are their owner's alone.
        Some("2") => true,
        Some(other) => return invalid(request, "playlistType", other, "Invalid value", "query"),
    };
    let shows = |playlist: &&PlaylistSpec| !is_other_type && playlist.is_listed() && admits(playlist);
    let mut all: Vec<&PlaylistSpec> = instance.playlists.iter().filter(shows).collect();
    all.sort_by(|left, right| {
        let ordering = match name {
            "name" | "displayName" => left.display_name.cmp(&right.display_name),
            "updatedAt" => left.updated_at.cmp(&right.updated_at),
            "videoChannelPosition" => left.id.cmp(&right.id),
            _ => left.created_at.cmp(&right.created_at),
        };
        let ordering = if is_descending { ordering.reverse() } else { ordering };
        ordering.then(left.id.cmp(&right.id))
    });
    page(all.into_iter().filter_map(|playlist| shapes::playlist(instance, playlist)).collect(), request)
}

/// Answers one playlist, or what it holds.
pub(crate) fn playlist(instance: &Instance, request: &Request, id: &str, sub: Option<&str>) -> Answer {
    const MESSAGE: &str = "Should have a valid playlist id (id, short UUID or UUID)";
    if (id, sub) == ("privacies", None) {
        return Answer::json(200, CONTENT_TYPE, &json!({ "1": "Public", "2": "Unlisted", "3": "Private" }));
    }
    let Some(parsed) = parse_id(id) else { return invalid(request, "playlistId", id, MESSAGE, "params") };
    let found = instance.playlists.iter().find(|playlist| match parsed {
        Id::Number(number) => playlist.id == number,
        Id::Uuid(uuid) => playlist.uuid == uuid,
    });
    let Some(found) = found else { return not_found("Video playlist not found") };
    match (found.privacy, parsed) {
        (PlaylistPrivacy::Private, _) => return no_token(),
        // Whoever does not know the uuid is not to find it by counting.
        (PlaylistPrivacy::Unlisted, Id::Number(_)) => return not_found("Playlist not found"),
        _ => {}
    }
    match sub {
        None => match shapes::playlist(instance, found) {
            Some(playlist) => Answer::json(200, CONTENT_TYPE, &playlist),
            None => not_found("Video playlist not found"),
        },
        Some("videos") => {
            let elements = found.elements.iter().zip(1..);
            page(elements.map(|(element, position)| shapes::element(instance, element, position)).collect(), request)
        }
        Some(_) => super::unknown_api_route(),
    }
}
