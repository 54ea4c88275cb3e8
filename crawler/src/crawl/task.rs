//! One request: its path, what it asks for, what it is about.

use uuid::Uuid;

use super::sweep::PAGE_ROWS;
use super::{gancio, mobilizon};
use crate::net::Accept;
use crate::peertube::PAGE_SIZE;

/// Rows of the first page of a poll: mostly nothing is new.
const FIRST_POLL_ROWS: u64 = 20;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// May we?
    Robots,
    /// Where its NodeInfo is.
    NodeinfoLinks,
    /// What it runs.
    Nodeinfo {
        /// As discovered.
        path: String,
    },
    /// What it runs, when NodeInfo is hidden.
    Config,
    /// A page of the full scan.
    Listing {
        /// First row.
        start: u64,
    },
    /// A page of what is new.
    Poll {
        /// First row.
        start: u64,
    },
    /// The lives that stream.
    Lives,
    /// A channel, and whether it consents.
    Channel {
        /// Lower case.
        name: String,
    },
    /// The ActivityPub actor of a channel, for its flags of consent.
    ChannelActor {
        /// Lower case.
        name: String,
    },
    /// The same of an account.
    AccountActor {
        /// Its name.
        name: String,
    },
    /// A page of its playlists.
    Playlists {
        /// First row.
        start: u64,
    },
    /// Is a playlist that a pass did not see still there? Also what it says of itself.
    ConfirmPlaylist {
        /// The playlist.
        uuid: Uuid,
    },
    /// A page of what is in a playlist.
    Elements {
        /// The playlist.
        uuid: Uuid,
        /// First row.
        start: u64,
    },
    /// Is a video that a full scan did not see still there?
    Confirm {
        /// The video.
        uuid: Uuid,
    },
    /// Tags and descriptions of an account's videos.
    Outbox {
        /// Name of the account.
        account: String,
        /// From 1.
        page: u32,
    },
    /// Tags and description of one video.
    Detail {
        /// The video.
        uuid: Uuid,
    },
    /// Its whole description, which instances before 5.0 cut in the detail.
    Description {
        /// The video.
        uuid: Uuid,
    },
    /// Anything that only a Mobilizon host is asked.
    Mobilizon(mobilizon::Task),
    /// The same of a Gancio host.
    Gancio(gancio::Task),
}

impl From<gancio::Task> for Task {
    fn from(task: gancio::Task) -> Self {
        Self::Gancio(task)
    }
}

impl From<mobilizon::Task> for Task {
    fn from(task: mobilizon::Task) -> Self {
        Self::Mobilizon(task)
    }
}

impl Task {
    /// Path and query of the request.
    pub fn path(&self) -> String {
        match self {
            Self::Robots => "/robots.txt".to_owned(),
            Self::NodeinfoLinks => "/.well-known/nodeinfo".to_owned(),
            Self::Nodeinfo { path } => path.clone(),
            Self::Config => "/api/v1/config".to_owned(),
            Self::Listing { start } => {
                format!("/api/v1/videos?isLocal=true&nsfw=both&sort=createdAt&count={PAGE_ROWS}&start={start}")
            }
            Self::Poll { start } => {
                let count = Self::poll_rows(*start);
                format!("/api/v1/videos?isLocal=true&nsfw=both&sort=-publishedAt&count={count}&start={start}")
            }
            Self::Lives => format!("/api/v1/videos?isLocal=true&nsfw=both&isLive=true&count={PAGE_ROWS}"),
            Self::Channel { name } => format!("/api/v1/video-channels/{name}"),
            Self::ChannelActor { name } => format!("/video-channels/{name}"),
            Self::AccountActor { name } => format!("/accounts/{name}"),
            Self::Playlists { start } => {
                format!("/api/v1/video-playlists?sort=createdAt&count={PAGE_ROWS}&start={start}")
            }
            Self::ConfirmPlaylist { uuid } => format!("/api/v1/video-playlists/{uuid}"),
            Self::Elements { uuid, start } => {
                format!("/api/v1/video-playlists/{uuid}/videos?count={PAGE_ROWS}&start={start}")
            }
            Self::Confirm { uuid } | Self::Detail { uuid } => format!("/api/v1/videos/{uuid}"),
            Self::Description { uuid } => format!("/api/v1/videos/{uuid}/description"),
            Self::Outbox { account, page } => format!("/accounts/{account}/outbox?page={page}&size={PAGE_SIZE}"),
            Self::Mobilizon(task) => task.path(),
            Self::Gancio(task) => task.path(),
        }
    }

    /// What is asked for.
    pub fn accept(&self) -> Accept {
        match self {
            Self::Robots => Accept::Text,
            Self::Outbox { .. } | Self::ChannelActor { .. } | Self::AccountActor { .. } => Accept::ActivityJson,
            Self::Mobilizon(task) => task.accept(),
            _ => Accept::Json,
        }
    }

    /// What is posted, as JSON; `None` for a GET.
    pub fn body(&self) -> Option<String> {
        match self {
            Self::Mobilizon(task) => task.body(),
            _ => None,
        }
    }

    /// Rows of a page of a poll that starts at `start`.
    pub fn poll_rows(start: u64) -> u64 {
        if start == 0 { FIRST_POLL_ROWS } else { PAGE_ROWS }
    }

    /// Whether validators are kept for it: what is asked often and is mostly unchanged.
    pub fn is_conditional(&self) -> bool {
        matches!(self, Self::Poll { start: 0 })
    }

    /// What it is about, for people.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Robots => "reading robots.txt",
            Self::NodeinfoLinks | Self::Nodeinfo { .. } | Self::Config => "checking the software",
            Self::Listing { .. } => "scanning all videos",
            Self::Poll { .. } => "looking for new videos",
            Self::Lives => "looking at its lives",
            Self::Channel { .. } | Self::ChannelActor { .. } | Self::AccountActor { .. } => "reading its channels",
            Self::Playlists { .. } | Self::Elements { .. } => "reading its playlists",
            Self::Confirm { .. } | Self::ConfirmPlaylist { .. } => "confirming removals",
            Self::Outbox { .. } | Self::Detail { .. } | Self::Description { .. } => "fetching tags and descriptions",
            Self::Mobilizon(task) => task.describe(),
            Self::Gancio(task) => task.describe(),
        }
    }
}
