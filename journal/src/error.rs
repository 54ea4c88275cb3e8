//! What can go wrong with the journal.

use std::path::PathBuf;

use crate::entry::Offset;

/// A failure of the journal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened or created.
    #[error("opening journal `{}`: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// SQLite's own message.
        #[source]
        source: rusqlite::Error,
    },
    /// The file, its folder or its lock cannot be reached.
    #[error("opening journal `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process writes this journal.
    #[error("journal `{}` is in use by another process: stop it first, or choose another --data directory", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is an SQLite database of something else.
    #[error("`{}` is not a journal of vigie", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version; see `docs/journal.md`, "Compatibility".
    #[error("journal `{}` has format {found}, this build reads up to {known}: use a newer vigie", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The newest format of this build.
        known: i64,
    },
    /// SQLite failed while reading or writing, for instance because the disk is full.
    #[error("{action} the journal: {source}")]
    Sqlite {
        /// What was attempted.
        action: &'static str,
        /// SQLite's own message.
        #[source]
        source: rusqlite::Error,
    },
    /// A row holds a kind, reason or row format of a newer version.
    #[error("journal entry {offset} holds {what} {code}, which this build does not know: use a newer vigie")]
    UnknownKind {
        /// The row.
        offset: Offset,
        /// What is unknown.
        what: &'static str,
        /// Its code.
        code: i64,
    },
    /// A row cannot be decoded: the file is damaged.
    #[error("journal entry {offset} is damaged: {cause}")]
    Damaged {
        /// The row.
        offset: Offset,
        /// What failed.
        cause: String,
    },
    /// A record cannot be encoded.
    #[error("encoding `{id}` for the journal: {cause}")]
    Encode {
        /// The key of the record.
        id: String,
        /// What failed.
        cause: String,
    },
    /// The writer thread has ended.
    #[error("the journal's writer has stopped")]
    WriterGone,
}

impl Error {
    /// For `map_err`: an SQLite failure while doing `action`.
    pub(crate) fn sqlite(action: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { action, source }
    }
}
