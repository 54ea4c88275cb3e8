//! The SQLite file: one writer thread, any number of readers.

mod erase;
mod file;
mod find;
mod reader;
mod writer;

pub use erase::Erased;
pub use find::Found;
pub use reader::{HostCount, Reader, Stats};
pub use writer::{Appended, Compacted, Writer};

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crate::error::Error;

/// The open journal: owns the one writer.
///
/// Dropping it waits for what was handed to the writer and ends the writer thread; later calls of a [`Writer`] that
/// is still held fail with [`Error::WriterGone`].
pub struct Journal {
    path: PathBuf,
    writer: Writer,
    thread: Option<JoinHandle<()>>,
    /// Held for as long as the journal is open, released by the operating system however the process ends.
    _lock: File,
}

impl Journal {
    /// Opens or creates the journal file, its folder included, and starts its writer thread.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process has it open for writing; [`Error::NewerFormat`],
    /// [`Error::NotAJournal`], [`Error::Open`] or [`Error::Io`] when the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let lock = file::lock(path)?;
        let connection = file::open_for_writing(path)?;
        let (writer, thread) = writer::start(connection, path)?;
        Ok(Self { path: path.to_owned(), writer, thread: Some(thread), _lock: lock })
    }

    /// A handle to the writer.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// A new read-only connection.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn reader(&self) -> Result<Reader, Error> {
        Reader::open(&self.path)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.writer.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer ended by a panic");
        }
    }
}
