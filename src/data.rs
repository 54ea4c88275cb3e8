//! The data directory: where each file lives, and the lock that keeps two processes from one crawl.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The directory given by `--data`.
#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
}

impl DataDir {
    /// Names the directory; nothing is made or opened yet.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Makes the directory where it is missing.
    ///
    /// # Errors
    /// When it cannot be made or is not a directory that this user may write to.
    pub fn create(&self) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.root)
            .with_context(|| format!("making the data directory `{}`", self.root.display()))
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was seen, in order.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal.db")
    }

    /// Where the crawler stands with each instance.
    pub fn crawler_state(&self) -> PathBuf {
        self.root.join("crawler.db")
    }

    /// What people decided: moderation, submissions, reports.
    pub fn registry(&self) -> PathBuf {
        self.root.join("registry.db")
    }

    /// The index and its published generations.
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// What `vigie instances add` and `remove` wrote.
    pub fn own_list(&self) -> PathBuf {
        self.root.join("instances.toml")
    }

    /// What was submitted and accepted: an instance list that the program writes.
    pub fn accepted_list(&self) -> PathBuf {
        self.root.join("accepted.toml")
    }

    /// The secret of what was forgotten.
    pub fn forget_key(&self) -> PathBuf {
        self.root.join("forget.key")
    }

    /// Who is being forgotten, by name, until it is done.
    pub fn forget_pending(&self) -> PathBuf {
        self.root.join("forget.pending")
    }

    /// The last good copies of remote directories.
    pub fn directories(&self) -> PathBuf {
        self.root.join("directories")
    }

    /// Copies of rules and regions that came from the web, by their digest.
    pub fn rules(&self) -> PathBuf {
        self.root.join("rules")
    }

    /// Takes the crawler's lock, held until the file is dropped; the operating system frees it however the process
    /// ends.
    ///
    /// # Errors
    /// When another process crawls into this directory.
    pub fn lock_crawler(&self) -> anyhow::Result<File> {
        let Some(file) = self.try_lock_crawler()? else {
            bail!(
                "another vigie crawls into `{}`: stop it first, or choose another --data directory",
                self.root.display()
            )
        };
        Ok(file)
    }

    /// The same, and `None` when another process crawls into this directory.
    ///
    /// # Errors
    /// When the lock cannot be opened.
    pub fn try_lock_crawler(&self) -> anyhow::Result<Option<File>> {
        let path = self.root.join("crawler.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("opening the lock `{}`", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking `{}`", path.display())),
        }
    }
}
