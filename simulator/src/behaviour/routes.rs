//! Which requests a rule is about.

use crate::log::is_robots;
use crate::request::Request;

/// A set of routes of a fake host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routes {
    /// Every request.
    Everything,
    /// Every request but robots.txt and pictures.
    Pages,
    /// robots.txt and what it redirects to.
    Robots,
    /// Everything below `/api/`.
    Api,
    /// Listings of videos: `/api/v1/videos`, and those of channels and accounts. Of events and groups: GraphQL that asks
    /// for a list, and Gancio's `/api/events`.
    Listings,
    /// Single videos; GraphQL that asks for one event or group, and Gancio's details.
    Details,
    /// Listings and details.
    Videos,
    /// Channels, alone and in lists; not what they hold.
    Channels,
    /// Playlists, alone and in lists, those of a channel too, and their elements.
    Playlists,
    /// ActivityPub documents of accounts and channels.
    Actors,
    /// ActivityPub outboxes.
    Outboxes,
    /// Configuration, statistics, NodeInfo.
    About,
    /// Pictures.
    Pictures,
    /// Paths that begin with this.
    Prefix(String),
}

impl Routes {
    pub(super) fn contain(&self, request: &Request) -> bool {
        let path = request.path.trim_end_matches('/');
        let (asks_for_list, asks_for_one) = graphql(request);
        let is_listing = path == "/api/events"
            || asks_for_list
            || path == "/api/v1/videos"
            || path.ends_with("/videos")
                && (path.starts_with("/api/v1/video-channels/") || path.starts_with("/api/v1/accounts/"));
        let is_detail = asks_for_one
            || ["/api/v1/videos/", "/api/event/detail/"]
                .iter()
                .any(|folder| path.strip_prefix(folder).is_some_and(|id| !id.contains('/')));
        let is_picture = ["/lazy-static/", "/static/", "/media/"].iter().any(|folder| path.starts_with(folder));
        match self {
            Self::Everything => true,
            Self::Pages => !is_robots(path) && !is_picture,
            Self::Robots => is_robots(path),
            Self::Api => path == "/api" || path.starts_with("/api/"),
            Self::Listings => is_listing,
            Self::Details => is_detail,
            Self::Videos => is_listing || is_detail,
            Self::Channels => path
                .strip_prefix("/api/v1/video-channels")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') && rest.matches('/').count() == 1),
            Self::Playlists => {
                path.starts_with("/api/v1/video-playlists")
                    || path.starts_with("/api/v1/") && path.ends_with("/video-playlists")
            }
            Self::Actors if path.starts_with("/@") => !path.trim_start_matches('/').contains('/'),
            Self::Actors => ["/accounts/", "/video-channels/", "/a/", "/c/"]
                .iter()
                .any(|folder| path.strip_prefix(folder).is_some_and(|name| !name.contains('/'))),
            Self::Outboxes => path.ends_with("/outbox"),
            Self::About => {
                path.starts_with("/api/v1/config")
                    || path.starts_with("/api/v1/server/")
                    || path.starts_with("/nodeinfo/")
                    || path.starts_with("/.well-known/")
            }
            Self::Pictures => is_picture,
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
        }
    }
}

/// Whether a request asks GraphQL for a list, and whether for one event or group.
fn graphql(request: &Request) -> (bool, bool) {
    if request.path.trim_end_matches('/') != "/api" {
        return (false, false);
    }
    let text = String::from_utf8_lossy(&request.body);
    let asks = |words: &[&str]| words.iter().any(|word| text.contains(word));
    (asks(&["searchEvents", "searchGroups", " events(", ":events(", "organizedEvents"]), asks(&[" event(", " group("]))
}
