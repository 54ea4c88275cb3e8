//! Telling those who serve the index: `moderation.json` beside its generations.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use jiff::Timestamp;

use super::decisions::{self, Scope};
use super::{Registry, RegistryError};
use crate::Host;
use crate::moderation::{FILE_NAME, ModerationFile};

/// Longest file that is read back; a hundred thousand decisions take half of it.
const MAX_BYTES: u64 = 64 << 20;

impl Registry {
    /// Writes the decisions in force into the index directory, whole and safe from power cuts, if they are not what the file
    /// says already. Returns whether it was written. Servers that poll the file follow within seconds.
    ///
    /// - `delisted`: instances that left the lists and whose tombstones are on the way.
    ///
    /// Of processes that publish at once each writes what was decided last.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`], [`RegistryError::Io`].
    pub fn publish(&self, index_dir: &Path, delisted: Vec<Host>, now: Timestamp) -> Result<bool, RegistryError> {
        self.publish_with(index_dir, |_| delisted, now)
    }

    /// The same where only decisions changed: what the file says of instances that left the lists stays.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub fn publish_decisions(&self, index_dir: &Path, now: Timestamp) -> Result<bool, RegistryError> {
        self.publish_with(index_dir, |old| old.map_or_else(Vec::new, |old| old.delisted.clone()), now)
    }

    fn publish_with(
        &self,
        index_dir: &Path,
        delisted: impl FnOnce(Option<&ModerationFile>) -> Vec<Host>,
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let path = index_dir.join(FILE_NAME);
        let io = |source| RegistryError::Io { action: "writing", path: path.clone(), source };
        // Held while the file is written: nobody can write an older state over a newer one.
        self.write("reading", |transaction| {
            let rows = decisions::select(transaction, Scope::InForce)?;
            let held = rows.into_iter().map(|row| row.decision).collect();
            let old = read(&path).map_err(io)?;
            let file = ModerationFile::new(now, held, delisted(old.as_ref()));
            if old.is_some_and(|old| old.decisions == file.decisions && old.delisted == file.delisted) {
                return Ok(false);
            }
            fs::create_dir_all(index_dir).map_err(io)?;
            replace(&path, &file).map_err(io)?;
            Ok(true)
        })
    }
}

/// What the file says; nothing where there is none, or none that can be read: it is written anew then.
fn read(path: &Path) -> std::io::Result<Option<ModerationFile>> {
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text)) {
        Ok(_) => Ok(ModerationFile::parse(&text).ok()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => Ok(None),
        Err(error) => Err(error),
    }
}

/// After a crash the file holds the old text or the new one.
fn replace(path: &Path, file: &ModerationFile) -> std::io::Result<()> {
    let new = path.with_extension("json.new");
    let mut written = File::create(&new)?;
    let mut text = serde_json::to_vec(file)?;
    text.push(b'\n');
    written.write_all(&text)?;
    written.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moderation::Action;
    use crate::registry::NewDecision;

    #[test]
    fn the_file_says_what_is_in_force_and_is_written_only_when_that_changed() {
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        let index_dir = dir.path().join("index");
        let path = index_dir.join(FILE_NAME);
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-11-22T11:00:00Z".parse().unwrap();
        let said = || read(&path).unwrap().unwrap();

        assert!(registry.publish(&index_dir, Vec::new(), now).unwrap());
        assert!(!registry.publish(&index_dir, Vec::new(), later).unwrap());
        assert_eq!(said().written_at, now);
        let new = NewDecision {
            action: Action::Hide,
            target: "account:x@tube.example".parse().unwrap(),
            reason: "spam".to_owned(),
            author: "anna".to_owned(),
            source: None,
        };
        let decision = registry.decide(new, now).unwrap();
        assert!(registry.publish(&index_dir, vec!["gone.example".parse().unwrap()], later).unwrap());
        assert_eq!((said().decisions, said().delisted.len()), (vec![decision], 1));
        assert!(!fs::read_to_string(&path).unwrap().contains("anna"), "nobody is named");
        registry.revoke(1, "anna", "a mistake", later).unwrap();
        assert!(registry.publish_decisions(&index_dir, later).unwrap());
        assert_eq!((said().decisions.len(), said().delisted.len()), (0, 1));
        assert!(!registry.publish_decisions(&index_dir, later).unwrap());
        // A file that somebody broke is made whole.
        fs::write(&path, b"\xff{").unwrap();
        assert!(registry.publish(&index_dir, Vec::new(), now).unwrap());
        assert!(said().delisted.is_empty());
        assert_eq!(fs::read_dir(&index_dir).unwrap().count(), 1, "no half-written file stays");
    }
}
