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
    /// Listings of videos: `/api/v1/videos`, and those of channels and accounts.
    Listings,
    /// Single videos.
    Details,
    /// Listings and single videos.
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
        let is_listing = path == "/api/v1/videos"
            || path.ends_with("/videos")
                && (path.starts_with("/api/v1/video-channels/") || path.starts_with("/api/v1/accounts/"));
        let is_detail = path.strip_prefix("/api/v1/videos/").is_some_and(|id| !id.contains('/'));
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
