#![doc = include_str!("../README.md")]

pub mod blocklist;
pub mod directory;
pub mod edit;
pub mod exchange;
pub mod flood;
pub mod forgotten;
mod host;
pub mod list;
pub mod moderation;
pub mod registry;
pub mod report;
pub mod rules;
pub mod submission;

pub use host::{Host, HostError};

use serde::{Deserialize, Serialize};

/// The software an instance runs, which decides how it is crawled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A PeerTube server: videos, channels, playlists.
    PeerTube,
    /// A Mobilizon server: events, groups.
    Mobilizon,
    /// A Gancio server: events.
    Gancio,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::PeerTube, Self::Mobilizon, Self::Gancio];

    /// The name used in instance lists and on the command line, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PeerTube => "peertube",
            Self::Mobilizon => "mobilizon",
            Self::Gancio => "gancio",
        }
    }
}

impl std::fmt::Display for SourceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for SourceKind {
    type Err = UnknownSourceKind;

    fn from_str(text: &str) -> Result<Self, UnknownSourceKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownSourceKind(text.to_owned()))
    }
}

/// A source kind that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a source kind; write `peertube`, `mobilizon` or `gancio`")]
pub struct UnknownSourceKind(pub String);
