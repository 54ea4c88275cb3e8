//! The decisions of moderators, read from the file that lies beside the generations.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use allowlist::moderation::{FILE_NAME, ModerationFile};
use allowlist::rules::Layer;
use indexer::inclusion::Inclusion;

/// A longer file is not read: a hundred thousand decisions have a third of it.
const MAX_BYTES: u64 = 64 << 20;

/// A file that changed so lately may change again without another date: some file systems count in seconds.
const RECENT: Duration = Duration::from_secs(3);

/// Why the decisions cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reading the decisions of moderators in `{}`: {cause}", path.display())]
pub struct ModerationError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, in one sentence.
    pub cause: String,
}

impl ModerationError {
    pub(crate) fn new(index_dir: &Path, cause: String) -> Self {
        Self { path: index_dir.join(FILE_NAME), cause }
    }
}

/// The decisions in force.
#[derive(Default)]
pub(crate) struct Decisions {
    /// Date and length of the file when it was last read; `None` before, and while there is none.
    seen: Option<(SystemTime, u64)>,
    /// The text that was last read, good or bad.
    text: Option<String>,
    layer: Option<Arc<Layer>>,
    /// Whether it is known what was decided. Until then nothing may be shown.
    is_known: bool,
}

impl Decisions {
    /// The layer of the newest file that could be read; `None` where nothing was decided. One that cannot be read is named once
    /// in the log, and the decisions before it stay in force.
    ///
    /// # Errors
    /// [`ModerationError`] when there is a file and none was ever read: what must not be shown is not known.
    pub fn refresh(&mut self, index_dir: &Path) -> Result<Option<Arc<Layer>>, ModerationError> {
        let path = index_dir.join(FILE_NAME);
        match self.read_again(&path) {
            Ok(()) => self.is_known = true,
            Err(cause) => {
                let error = ModerationError::new(index_dir, cause);
                if !self.is_known {
                    return Err(error);
                }
                tracing::error!("{error}; those before it stay in force");
            }
        }
        Ok(self.layer.clone())
    }

    /// Reads the file when it may have changed. The same bad text is an error once, while good decisions are known.
    fn read_again(&mut self, path: &Path) -> Result<(), String> {
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                *self = Self { is_known: self.is_known, ..Self::default() };
                return Ok(());
            }
            Err(error) => return self.once(format!("cannot be looked at: {error}")),
        };
        let modified = metadata.modified().map_err(|error| error.to_string())?;
        let stamp = Some((modified, metadata.len()));
        // A date in the future says nothing of its age.
        let is_settled = SystemTime::now().duration_since(modified).is_ok_and(|age| age > RECENT);
        if self.is_known && stamp == self.seen && is_settled {
            return Ok(());
        }
        self.seen = stamp;
        let text = match read(path) {
            Ok(text) => text,
            Err(cause) => return self.once(cause),
        };
        if self.is_known && self.text.as_ref() == Some(&text) {
            return Ok(());
        }
        let layer = layer_of(&text);
        self.text = Some(text);
        self.layer = layer?;
        Ok(())
    }

    /// An error that is not said again for as long as it lasts, once decisions are known.
    fn once(&mut self, cause: String) -> Result<(), String> {
        if self.is_known && self.text.as_ref() == Some(&cause) {
            return Ok(());
        }
        self.text = Some(cause.clone());
        Err(cause)
    }
}

fn read(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let n_bytes = file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if u64::try_from(n_bytes).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(format!("it is longer than {MAX_BYTES} bytes"));
    }
    Ok(text)
}

/// The decisions as a layer that is known to compile; `None` where there are none.
fn layer_of(text: &str) -> Result<Option<Arc<Layer>>, String> {
    let file = ModerationFile::parse(text)?;
    if file.decisions.is_empty() && file.delisted.is_empty() {
        return Ok(None);
    }
    let layer = file.layer();
    Inclusion::everything().with(layer.clone()).map_err(|fault| fault.to_string())?;
    Ok(Some(Arc::new(layer)))
}

#[cfg(test)]
mod tests {
    use allowlist::moderation::{Action, Decision};
    use jiff::Timestamp;

    use super::*;

    fn text(targets: &[&str]) -> String {
        let decisions = targets.iter().zip(1..).map(|(target, id)| Decision {
            id,
            action: Action::Hide,
            target: target.parse().unwrap(),
            reason: "spam".to_owned(),
            source: None,
            at: Timestamp::UNIX_EPOCH,
        });
        serde_json::to_string(&ModerationFile::new(Timestamp::UNIX_EPOCH, decisions.collect(), Vec::new())).unwrap()
    }

    #[test]
    fn a_broken_file_leaves_the_decisions_before_it_and_none_lifts_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        let mut decisions = Decisions::default();
        assert_eq!(decisions.refresh(dir.path()), Ok(None));
        std::fs::write(&path, text(&["instance:spam.example"])).unwrap();
        let hidden = |layer: Option<Arc<Layer>>| layer.map_or(0, |layer| layer.exclude.hosts.len());
        assert_eq!(decisions.refresh(dir.path()).map(hidden), Ok(1));
        // As long as the file before it, and perhaps of the same date.
        std::fs::write(&path, text(&["instance:spam.example"]).replace("spam.", "spat.")).unwrap();
        let layer = decisions.refresh(dir.path()).unwrap().unwrap();
        assert_eq!(layer.exclude.hosts.first().unwrap().value.as_str(), "spat.example");
        for broken in ["{", "", "{\"format\":9}"] {
            std::fs::write(&path, broken).unwrap();
            assert_eq!(decisions.refresh(dir.path()).map(hidden), Ok(1), "{broken}");
        }
        std::fs::write(&path, text(&[])).unwrap();
        assert_eq!(decisions.refresh(dir.path()), Ok(None));
        std::fs::write(&path, text(&["word:casino"])).unwrap();
        assert!(decisions.refresh(dir.path()).unwrap().is_some());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(decisions.refresh(dir.path()), Ok(None));
    }

    #[test]
    fn a_file_that_was_never_read_is_an_error_until_it_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        std::fs::write(&path, "{").unwrap();
        let mut decisions = Decisions::default();
        for _ in 0..2 {
            let error = decisions.refresh(dir.path()).unwrap_err();
            assert!(error.to_string().contains(FILE_NAME), "{error}");
        }
        std::fs::write(&path, text(&["word:casino"])).unwrap();
        assert!(decisions.refresh(dir.path()).unwrap().is_some());
    }
}
