//! What can go wrong when a fake fediverse is set up or changed.

use std::path::PathBuf;

/// The errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A listener could not be opened.
    #[error("listening on {address} for `{host}`: {source}")]
    Listen {
        /// The fake host.
        host: String,
        /// What was asked for.
        address: std::net::SocketAddr,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Two hosts have the same name.
    #[error("adding host `{0}`: there is one of that name already")]
    DuplicateHost(String),
    /// A change names a video the host does not have, or the host replays a recording.
    #[error("changing video {uuid} of `{host}`: no such generated video")]
    UnknownVideo {
        /// The fake host.
        host: String,
        /// What was looked for.
        uuid: uuid::Uuid,
    },
    /// A change names a channel the host does not have, or the host replays a recording.
    #[error("changing channel `{channel}` of `{host}`: no such generated channel")]
    UnknownChannel {
        /// The fake host.
        host: String,
        /// What was looked for.
        channel: String,
    },
    /// A change names an account the host does not have.
    #[error("changing account `{account}` of `{host}`: no such generated account")]
    UnknownAccount {
        /// The fake host.
        host: String,
        /// What was looked for.
        account: String,
    },
    /// A change names a playlist the host does not have.
    #[error("changing playlist {uuid} of `{host}`: no such generated playlist")]
    UnknownPlaylist {
        /// The fake host.
        host: String,
        /// What was looked for.
        uuid: uuid::Uuid,
    },
    /// A change names an event the host does not have, or not as its own.
    #[error("changing event {uuid} of `{host}`: no such event of this host")]
    UnknownEvent {
        /// The fake host.
        host: String,
        /// What was looked for.
        uuid: uuid::Uuid,
    },
    /// A change names a group the host does not have.
    #[error("changing group `{group}` of `{host}`: no such group of this host")]
    UnknownGroup {
        /// The fake host.
        host: String,
        /// What was looked for.
        group: String,
    },
    /// The call makes sense for another kind of host only.
    #[error("changing `{host}`: it is not a {wanted} host")]
    WrongKind {
        /// The fake host.
        host: String,
        /// `generated` or `recorded`.
        wanted: &'static str,
    },
    /// A file of a recording could not be read.
    #[error("reading recording {path}: {source}", path = path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A line or a body of a recording is not what the format says.
    #[error("reading recording {path}: {reason}", path = path.display())]
    RecordingFormat {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// The result of this crate's calls.
pub type Result<T> = std::result::Result<T, Error>;
