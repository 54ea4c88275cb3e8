//! The routes of a generated PeerTube host.

mod about;
mod actors;
mod detail;
mod documents;
mod labels;
pub(crate) mod listing;
mod outbox;
mod playlists;
pub(crate) mod problem;
mod shapes;

use crate::answer::Answer;
use crate::catalogue::Instance;
use crate::picture;
use crate::request::Request;
use listing::{Scope, SortedVideos};
use outbox::Owner;

/// Unknown routes below `/api` answer 400 with an empty JSON body.
pub(crate) fn unknown_api_route() -> Answer {
    Answer::new(400, "application/json; charset=utf-8", "")
}

/// Answers a request to a generated host.
pub(crate) fn answer(instance: &Instance, sorted: &mut SortedVideos, robots: &str, request: &Request) -> Answer {
    let path = request.path.trim_end_matches('/');
    if request.method != "GET" && request.method != "HEAD" {
        return if path.starts_with("/api/") { unknown_api_route() } else { Answer::empty(404) };
    }
    let mut parts = path.split('/').skip(1);
    let mut next = || parts.next();
    let path: [Option<&str>; 6] = [next(), next(), next(), next(), next(), next()];
    match path {
        [Some("api"), Some("v1"), Some(resource), first, second, None] => {
            api(instance, sorted, request, resource, first, second)
        }
        [Some("api"), ..] => unknown_api_route(),
        [Some("robots.txt"), None, ..] => {
            Answer::new(200, "text/plain; charset=utf-8", robots.to_owned()).with("Cache-Control", "max-age=7200")
        }
        [Some(".well-known"), Some("nodeinfo"), None, ..] => about::nodeinfo_links(&instance.spec.name),
        [Some("nodeinfo"), Some("2.0.json"), None, ..] => about::nodeinfo(instance),
        [Some("nodeinfo"), Some(_), None, ..] => problem::not_found("Nodeinfo schema version not handled"),
        [Some("accounts"), Some(name), Some("outbox"), None, ..] => {
            outbox::outbox(instance, request, Owner::Account, name)
        }
        [Some("video-channels"), Some(name), Some("outbox"), None, ..] => {
            outbox::outbox(instance, request, Owner::Channel, name)
        }
        [Some("accounts" | "a"), Some(name), None, ..] if documents::is_asked_for(request) => {
            documents::account(instance, name)
        }
        [Some("video-channels" | "c"), Some(name), None, ..] if documents::is_asked_for(request) => {
            documents::channel(instance, name)
        }
        [Some("video-playlists"), Some(id), None, ..]
        | [Some("videos"), Some("watch"), Some("playlist"), Some(id), None, ..]
            if documents::is_asked_for(request) =>
        {
            documents::playlist(instance, request, id)
        }
        [Some("videos"), Some("watch"), Some(id), None, ..] | [Some("w"), Some(id), None, ..] => {
            outbox::video(instance, id)
        }
        [Some("lazy-static"), Some(_), Some(_), None, ..] => picture::answer(&request.path),
        _ => Answer::empty(406),
    }
}

fn api(
    instance: &Instance,
    sorted: &mut SortedVideos,
    request: &Request,
    resource: &str,
    first: Option<&str>,
    second: Option<&str>,
) -> Answer {
    match (resource, first, second) {
        ("videos", None, None) => listing::videos(instance, sorted, request, Scope::Instance),
        ("videos", Some(id), sub) => detail::video(instance, request, id, sub),
        ("video-channels", None, None) => actors::channels(instance, request),
        ("video-channels", Some(name), sub) => actors::channel(instance, sorted, request, name, sub),
        ("video-playlists", None, None) => playlists::list(instance, request, |_| true),
        ("video-playlists", Some(id), sub) => playlists::playlist(instance, request, id, sub),
        ("accounts", Some(name), sub) => actors::account(instance, sorted, request, name, sub),
        ("search", Some("videos"), None) => {
            listing::videos(instance, sorted, request, Scope::Search(request.parameter("search").unwrap_or_default()))
        }
        ("config", None, None) => about::config(instance),
        ("config", Some("about"), None) => about::about(instance),
        ("server", Some("stats"), None) => about::stats(instance),
        ("ping", None, None) => Answer::new(200, "text/html; charset=utf-8", "pong"),
        _ => unknown_api_route(),
    }
}
