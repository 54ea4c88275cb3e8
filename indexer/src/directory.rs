//! `instances.json` beside the snapshots: what the crawling process knows of each instance, for those who show it.
//!
//! The file is written whole and replaced at once, so a reader sees an old one or a new one. It is no part of a
//! generation: it changes with each visit, also when nothing was found.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use allowlist::{Host, SourceKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::durable;

/// Name of the file below the index directory.
pub const FILE_NAME: &str = "instances.json";

/// Largest file read or written, in bytes: more than 60 000 instances without the heads of their last failures.
pub const MAX_BYTES: u64 = 64 << 20;

/// Grows with any change that older readers would misread.
const FORMAT: u32 = 1;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryFile {
    /// Version of the form.
    format: u32,
    /// When it was written; the sentences are as of then.
    pub written_at: Timestamp,
    /// Sorted by host, each once.
    pub instances: Vec<InstanceStatus>,
}

/// What is known of one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceStatus {
    /// The instance.
    pub host: Host,
    /// What it is listed as.
    pub kind: SourceKind,
    /// The name that it gives itself.
    pub name: Option<String>,
    /// Why it is indexed or is not, as a code (docs/api.md).
    pub status: String,
    /// The same in one plain sentence.
    pub sentence: String,
    /// What somebody can do about it.
    pub hint: Option<String>,
    /// It is on the list, and does not forbid or contradict that.
    pub is_indexable: bool,
    /// How well it is, from 0 to 100.
    pub health: u8,
    /// The instance that it leads to instead of answering.
    pub moved_to: Option<Host>,
    /// Its software, by its own words.
    pub software: Option<String>,
    /// Version of the software, by its own words.
    pub software_version: Option<String>,
    /// Videos the crawler knows of, indexed already or not.
    pub known_videos: u64,
    /// Channels the crawler knows of.
    pub known_channels: u64,
    /// Playlists the crawler knows of.
    pub known_playlists: u64,
    /// Events the crawler knows of.
    #[serde(default)]
    pub known_events: u64,
    /// Groups the crawler knows of.
    #[serde(default)]
    pub known_groups: u64,
    /// Videos or events that the instance itself claims to list.
    pub claimed_total: Option<u64>,
    /// The first request ever.
    pub first_visit_at: Option<Timestamp>,
    /// The last answer of use.
    pub last_success_at: Option<Timestamp>,
    /// The end of the last reading of everything it lists.
    pub last_sweep_at: Option<Timestamp>,
    /// The last failure, kept after later successes.
    pub last_error: Option<LastFailure>,
    /// When it is asked next; `None` when it is not visited.
    pub next_visit_at: Option<Timestamp>,
    /// What it says to robots: `unread`, `allows`, `forbids`, `noindex-header` or `unreadable`.
    pub robots: String,
    /// True when its IPv6 address answers, false when it is dead while IPv4 works; `None` when nothing is known.
    pub supports_ipv6: Option<bool>,
    /// The pause between two requests, in milliseconds.
    pub delay_ms: u64,
    /// Requests ever sent.
    pub n_requests: u64,
    /// Things an operator should look at, each a sentence.
    pub flags: Vec<String>,
}

/// A failure with what was sent and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastFailure {
    /// When.
    pub at: Timestamp,
    /// The cause as a code.
    pub kind: String,
    /// The cause in one sentence, with the URL.
    pub text: String,
    /// Head of the request, when one was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<String>,
    /// Head of the response, when one came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub response: Option<String>,
}

impl DirectoryFile {
    /// A file of these instances, in any order.
    pub fn new(written_at: Timestamp, mut instances: Vec<InstanceStatus>) -> Self {
        instances.sort_by(|left, right| left.host.cmp(&right.host));
        Self { format: FORMAT, written_at, instances }
    }

    /// What is known of an instance.
    pub fn get(&self, host: &Host) -> Option<&InstanceStatus> {
        let at = self.instances.binary_search_by(|instance| instance.host.cmp(host)).ok()?;
        self.instances.get(at)
    }
}

/// Why the file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The operating system refuses.
    #[error("{action} `{}`: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Not a file of ours, or a damaged one.
    #[error("reading `{}`: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Larger than [`MAX_BYTES`].
    #[error("`{}` is larger than {MAX_BYTES} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Written by another version.
    #[error("`{}` has form {found}, this build reads {FORMAT}: restart all processes with one version", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: u32,
    },
}

/// Replaces the file of `index_dir`, which is made where it is missing. A file that would be too large goes without
/// the heads of failures.
///
/// # Errors
/// [`DirectoryError::Io`]; [`DirectoryError::TooLarge`] when even the short form is.
pub fn write(index_dir: &Path, file: &DirectoryFile) -> Result<(), DirectoryError> {
    let path = index_dir.join(FILE_NAME);
    let is_too_large = |bytes: &[u8]| u64::try_from(bytes.len()).is_ok_and(|n_bytes| n_bytes > MAX_BYTES);
    let mut bytes = to_bytes(&path, file)?;
    if is_too_large(&bytes) {
        let mut short = file.clone();
        for error in short.instances.iter_mut().filter_map(|instance| instance.last_error.as_mut()) {
            error.request = None;
            error.response = None;
        }
        bytes = to_bytes(&path, &short)?;
    }
    if is_too_large(&bytes) {
        return Err(DirectoryError::TooLarge { path });
    }
    let written = fs::create_dir_all(index_dir).and_then(|()| durable::replace(&path, &bytes));
    written.map_err(|source| DirectoryError::Io { action: "writing", path, source })
}

fn to_bytes(path: &Path, file: &DirectoryFile) -> Result<Vec<u8>, DirectoryError> {
    serde_json::to_vec(file).map_err(|source| DirectoryError::Json { path: path.to_owned(), source })
}

/// Reads the file of `index_dir`; `None` when there is none.
///
/// # Errors
/// [`DirectoryError`].
pub fn read(index_dir: &Path) -> Result<Option<DirectoryFile>, DirectoryError> {
    /// Read before the rest, which another form may have otherwise.
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let path = index_dir.join(FILE_NAME);
    let failed = |source| DirectoryError::Io { action: "reading", path: path.clone(), source };
    let opened = match File::open(&path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    let n_bytes = opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(n_bytes).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(DirectoryError::TooLarge { path });
    }
    let unreadable = |source| DirectoryError::Json { path: path.clone(), source };
    let Head { format } = serde_json::from_slice(&bytes).map_err(unreadable)?;
    if format != FORMAT {
        return Err(DirectoryError::Format { path, found: format });
    }
    let mut file: DirectoryFile = serde_json::from_slice(&bytes).map_err(unreadable)?;
    // Look-ups rely on the order, and the file may have been edited.
    file.instances.sort_by(|left, right| left.host.cmp(&right.host));
    file.instances.dedup_by(|right, left| left.host == right.host);
    Ok(Some(file))
}

/// What changes when the file is replaced: cheap to compare before reading. `None` when there is no file.
///
/// # Errors
/// [`DirectoryError::Io`].
pub fn stamp(index_dir: &Path) -> Result<Option<(SystemTime, u64)>, DirectoryError> {
    let path = index_dir.join(FILE_NAME);
    let read = fs::metadata(&path).and_then(|metadata| Ok((metadata.modified()?, metadata.len())));
    match read {
        Ok(stamp) => Ok(Some(stamp)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DirectoryError::Io { action: "looking at", path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn instance(host: &str) -> InstanceStatus {
        InstanceStatus {
            host: host.parse().unwrap(),
            kind: SourceKind::PeerTube,
            name: Some("The lab".to_owned()),
            status: "healthy".to_owned(),
            sentence: "All 3 videos are known.".to_owned(),
            hint: None,
            is_indexable: true,
            health: 100,
            moved_to: None,
            software: Some("peertube".to_owned()),
            software_version: Some("8.1.0".to_owned()),
            known_videos: 3,
            known_channels: 1,
            known_playlists: 0,
            known_events: 0,
            known_groups: 0,
            claimed_total: Some(3),
            first_visit_at: Some(time("2026-11-01T00:00:00Z")),
            last_success_at: None,
            last_sweep_at: None,
            last_error: Some(LastFailure {
                at: time("2026-11-02T00:00:00Z"),
                kind: "timeout".to_owned(),
                text: "fetching https://tube.example/: took longer".to_owned(),
                request: Some("GET / HTTP/1.1".to_owned()),
                response: None,
            }),
            next_visit_at: None,
            robots: "allows".to_owned(),
            supports_ipv6: None,
            delay_ms: 1000,
            n_requests: 9,
            flags: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let index_dir = dir.path().join("index");
        assert_eq!(read(&index_dir).unwrap(), None);
        assert_eq!(stamp(&index_dir).unwrap(), None);
        let now = time("2026-11-22T00:00:00Z");
        let file = DirectoryFile::new(now, vec![instance("b.example"), instance("a.example")]);
        write(&index_dir, &file).unwrap();
        let found = read(&index_dir).unwrap().unwrap();
        assert_eq!(found, file);
        assert_eq!(found.get(&"b.example".parse().unwrap()), Some(&instance("b.example")));
        assert_eq!(found.get(&"c.example".parse().unwrap()), None);
        assert!(stamp(&index_dir).unwrap().is_some());
        let left: Vec<_> = fs::read_dir(&index_dir).unwrap().collect();
        assert_eq!(left.len(), 1, "no half-written file stays: {left:?}");
    }

    #[test]
    fn a_broken_foreign_or_huge_file_is_an_error_and_not_an_empty_list() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        for text in ["", "{", "[]", r#"{"format":1}"#, r#"{"format":1,"writtenAt":"x","instances":[]}"#] {
            fs::write(&path, text).unwrap();
            assert!(matches!(read(dir.path()), Err(DirectoryError::Json { .. })), "{text}");
        }
        fs::write(&path, r#"{"format":2,"anything":true}"#).unwrap();
        assert!(matches!(read(dir.path()), Err(DirectoryError::Format { found: 2, .. })));
        File::create(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert!(matches!(read(dir.path()), Err(DirectoryError::TooLarge { .. })));
    }

    #[test]
    fn a_file_that_would_be_too_large_goes_without_heads() {
        let dir = tempfile::tempdir().unwrap();
        let mut large = instance("a.example");
        let head = "x".repeat(usize::try_from(MAX_BYTES).unwrap());
        large.last_error.as_mut().unwrap().response = Some(head);
        write(dir.path(), &DirectoryFile::new(time("2026-11-22T00:00:00Z"), vec![large])).unwrap();
        let found = read(dir.path()).unwrap().unwrap();
        let error = found.instances[0].last_error.as_ref().unwrap();
        assert_eq!(
            (error.text.as_str(), &error.request, &error.response),
            ("fetching https://tube.example/: took longer", &None, &None)
        );
    }
}
