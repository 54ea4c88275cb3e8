//! `registry.db`: what people decided about this index, and who did what when.
//!
//! A SQLite file beside the journal. The journal is what instances said and the registry is what people said, so neither can
//! be made anew from the other. Any process of the operator opens it at any time: calls are short, block, and leave either
//! the whole of what they say or nothing. Whoever changes decisions calls [`Registry::publish`].

pub mod audit;
pub mod decisions;
mod error;
pub mod forgotten;
mod publish;
pub mod reports;
mod schema;
pub mod sources;
pub mod submissions;
pub mod tokens;

pub use audit::{Audit, AuditRow};
pub use decisions::{DecisionRow, NewDecision, Revocation, Scope};
pub use error::RegistryError;
pub use reports::{NewReport, Settled, Settlement};
pub use sources::{Applied, ListRow, SourceRow};
pub use submissions::{LookTurn, OnlyOpen, ProbeTurn};
pub use tokens::AdminToken;

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// How long a call waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// `VIGR` in ASCII: tells our files from other SQLite databases (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x5649_4752;

/// The open file. Cheap to clone; clones share one connection, which is held for one short call at a time.
#[derive(Clone)]
pub struct Registry {
    connection: Arc<Mutex<Connection>>,
    path: Arc<Path>,
}

impl Registry {
    /// Opens the file, readable to its owner alone; creates it with its folder where it is missing, and brings one of an older
    /// version forward.
    ///
    /// # Errors
    /// [`RegistryError::Io`] and [`RegistryError::Sqlite`] when it cannot be used, [`RegistryError::Newer`] for a file of a
    /// newer version, [`RegistryError::NotARegistry`] for another database.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        let io = |source| RegistryError::Io { action: "opening", path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(io)?;
        }
        keep_private(path).map_err(io)?;
        let failed = |source| RegistryError::Sqlite { action: "opening", path: path.to_owned(), source };
        let mut connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        // A decision that was acknowledged must survive a power cut; there are few of them, so each may wait for the disk.
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
        // Two processes may come first at once: the second looks at the version when the first is done.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let found = schema::version_of(&transaction, path)?;
        if found < schema::VERSION {
            schema::migrate(&transaction, found).map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), path: Arc::from(path) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A number that grows with every change, for whoever looks now and then whether there was one.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn revision(&self) -> Result<u64, RegistryError> {
        // Nothing is changed without a line in the audit log.
        self.read("reading", |connection| {
            connection.prepare_cached("SELECT COALESCE(MAX(id), 0) FROM audit")?.query_row([], |row| row.get(0))
        })
    }

    /// Reads; the closure sees one state of the file when it makes one query.
    pub(crate) fn read<T>(
        &self,
        action: &'static str,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, RegistryError> {
        body(&self.lock()).map_err(|source| self.failed(action, source))
    }

    /// Changes something, whole or not at all; no other process changes anything meanwhile. What the closure refuses is rolled
    /// back. Each change writes its line of the audit log by [`audit::insert`].
    pub(crate) fn write<T>(
        &self,
        action: &'static str,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, WriteError>,
    ) -> Result<T, RegistryError> {
        let mut connection = self.lock();
        let failed = |source| self.failed(action, source);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let value = body(&transaction).map_err(|error| match error {
            WriteError::Sqlite(source) => failed(source),
            WriteError::Refused(refused) => *refused,
        })?;
        transaction.commit().map_err(failed)?;
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, action: &'static str, source: rusqlite::Error) -> RegistryError {
        RegistryError::Sqlite { action, path: PathBuf::from(&*self.path), source }
    }
}

/// Why a change came to nothing.
pub(crate) enum WriteError {
    /// The file.
    Sqlite(rusqlite::Error),
    /// What was asked for.
    Refused(Box<RegistryError>),
}

impl From<rusqlite::Error> for WriteError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

impl From<RegistryError> for WriteError {
    fn from(refused: RegistryError) -> Self {
        Self::Refused(Box::new(refused))
    }
}

/// Makes the file where it is missing, and takes from others what rights they have to it: it names moderators and holds
/// what visitors reported. SQLite gives its own files beside it the same rights.
fn keep_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = file.metadata()?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            file.set_permissions(permissions)?;
        }
    }
    drop(file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_made_once_and_its_owner_alone_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data").join("registry.db");
        let first = Registry::open(&path).unwrap();
        let second = Registry::open(&path).unwrap();
        assert_eq!((first.revision().unwrap(), second.revision().unwrap()), (0, 0));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode =
                |name: &str| fs::metadata(dir.path().join("data").join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode("registry.db"), mode("registry.db-wal")), (0o600, 0o600));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            Registry::open(&path).unwrap();
            assert_eq!(mode("registry.db"), 0o600);
        }
    }

    #[test]
    fn several_may_come_first_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("registry.db");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| Registry::open(&path).unwrap().revision().unwrap());
            }
        });
    }

    #[test]
    fn another_database_and_another_file_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE bread (loaf TEXT)").unwrap();
        assert!(matches!(Registry::open(&path), Err(RegistryError::NotARegistry { .. })));
        let path = dir.path().join("text");
        fs::write(&path, "not a database, whatever its name says").unwrap();
        assert!(matches!(Registry::open(&path), Err(RegistryError::Sqlite { .. })));
        let path = dir.path().join("newer.db");
        Registry::open(&path).unwrap();
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
        assert!(matches!(Registry::open(&path), Err(RegistryError::Newer { found: 999, .. })));
    }
}
