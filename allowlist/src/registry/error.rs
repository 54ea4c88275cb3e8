//! What can be wrong with the registry.

use std::path::PathBuf;

use crate::moderation::Target;

/// Why something could not be read from the registry or written to it. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// SQLite refuses, or the disk.
    #[error("{action} the registry `{}`: {source}", path.display())]
    Sqlite {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// The file system refuses.
    #[error("{action} `{}`: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Written by a newer version.
    #[error("opening the registry `{}`: it has version {found}, this build reads {known}: update vigie", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Another database.
    #[error("opening the registry `{}`: it is a database of another program; move it away", path.display())]
    NotARegistry {
        /// The file.
        path: PathBuf,
    },
    /// There is no such decision in force.
    #[error("no decision {0} is in force: see `vigie moderation list`")]
    NotInForce(u64),
    /// There is no such report that waits.
    #[error("no report {0} is open: see `vigie moderation reports`")]
    NotOpen(u64),
    /// A token that cannot be made or revoked.
    #[error("the token `{label}`: {cause}")]
    Token {
        /// Its label.
        label: String,
        /// Why, and the way out.
        cause: &'static str,
    },
    /// What was purged cannot be merely hidden.
    #[error("`{target}` is purged by decision {id}: take that back first")]
    Purged {
        /// The decision.
        id: u64,
        /// What it is about.
        target: Target,
    },
    /// A purge of everything with a word.
    #[error(
        "purging `word:{0}`: a word is in too much that nobody meant, and a purge cannot be undone; hide it instead"
    )]
    WordPurge(String),
    /// A label or reason that is too long or holds what cannot be printed.
    #[error("{what} is empty, longer than {max} characters, or holds control characters")]
    Text {
        /// Which of them.
        what: &'static str,
        /// The limit.
        max: usize,
    },
}
