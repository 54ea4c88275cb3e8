//! Reading a recorded folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::request::Request;

/// A state of the recorded servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// Before the changes: 48 public local videos (`phase1/`).
    BeforeChanges,
    /// While two lives are streaming (`live/during-`).
    LiveStreaming,
    /// After the lives ended (`live/after-`); what was not recorded then is as before the changes.
    LiveEnded,
    /// After the changes: 44 public local videos (no prefix).
    AfterChanges,
    /// The second server, which lists the videos of the first one (`federated/`).
    Federated,
}

impl Set {
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::BeforeChanges => "phase1/",
            Self::LiveStreaming => "live/during-",
            Self::LiveEnded => "live/after-",
            Self::AfterChanges => "",
            Self::Federated => "federated/",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        let sets = [Self::BeforeChanges, Self::LiveStreaming, Self::LiveEnded, Self::Federated];
        match sets.into_iter().find(|set| name.starts_with(set.prefix())) {
            Some(set) => Some(set),
            None => (!name.contains('/')).then_some(Self::AfterChanges),
        }
    }
}

/// One line of `index.jsonl`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    name: String,
    method: String,
    url: String,
    #[serde(default)]
    request_headers: BTreeMap<String, String>,
    status: u16,
    content_type: Option<String>,
    file: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// A recorded exchange, ready to be compared with requests.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub set: Set,
    /// `localhost:9000` or `localhost:9001`.
    pub authority: String,
    pub method: String,
    pub path: String,
    /// Sorted parameters.
    pub query: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Bytes,
    pub answer_headers: BTreeMap<String, String>,
}

/// A recorded folder in memory, and the set to begin with.
#[derive(Clone, Debug)]
pub struct Recording {
    pub(super) exchanges: Arc<Vec<Recorded>>,
    pub(super) set: Set,
    pub(super) origin: String,
}

impl Recording {
    /// Reads `index.jsonl` of a folder and the bodies it names.
    ///
    /// # Errors
    /// [`Error::Recording`] for a file that cannot be read, [`Error::RecordingFormat`] for a line that is not as described
    /// in the README of the fixtures.
    pub fn load(dir: impl AsRef<Path>, set: Set) -> Result<Self> {
        let dir = dir.as_ref();
        let index = dir.join("index.jsonl");
        let mut bodies: BTreeMap<String, Bytes> = BTreeMap::new();
        let mut exchanges = Vec::new();
        for (nth, text) in String::from_utf8_lossy(&read(&index)?).lines().enumerate() {
            let wrong = |reason: String| Error::RecordingFormat {
                path: index.clone(),
                reason: format!("line {}: {reason}", nth + 1),
            };
            let line: Line = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
            let Some(set) = Set::of_name(&line.name) else { continue };
            let body = match &line.file {
                None => Bytes::new(),
                Some(file) => match bodies.get(file) {
                    Some(body) => body.clone(),
                    None => {
                        let body = Bytes::from(read(&dir.join(file))?);
                        bodies.insert(file.clone(), body.clone());
                        body
                    }
                },
            };
            let (authority, target) = line
                .url
                .strip_prefix("http://")
                .and_then(|rest| rest.split_at_checked(rest.find('/')?))
                .ok_or_else(|| wrong(format!("`{}` is not an http URL", line.url)))?;
            let request = Request::of(&line.method, target, Vec::new());
            exchanges.push(Recorded {
                set,
                authority: authority.to_owned(),
                method: line.method,
                path: request.path.clone(),
                query: sorted(&request),
                headers: line.request_headers,
                status: line.status,
                content_type: line.content_type,
                body,
                answer_headers: line.headers,
            });
        }
        Ok(Self { exchanges: Arc::new(exchanges), set, origin: "origin.example".to_owned() })
    }

    /// Loads the recorded answers of PeerTube 6.3.0 that come with this crate's source.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn bundled(set: Set) -> Result<Self> {
        Self::load(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/peertube-6.3.0"), set)
    }

    /// Sets the host name that stands for the first server in what the second one says ([`Set::Federated`]).
    pub fn origin(mut self, host: impl Into<String>) -> Self {
        self.origin = host.into();
        self
    }

    /// Puts host names in the place of the recorded servers, in every form they occur in.
    pub(super) fn under(&self, host: &str) -> Vec<Recorded> {
        let names = |set: Set| match set {
            Set::Federated => (self.origin.as_str(), host),
            _ => (host, "second.example"),
        };
        let rename = |text: &str, set: Set| {
            let (first, second) = names(set);
            replace(&replace(text, "9000", first), "9001", second)
        };
        let mut exchanges: Vec<Recorded> = self
            .exchanges
            .iter()
            .filter(|recorded| match recorded.set {
                Set::Federated => recorded.authority.ends_with("9001"),
                _ => recorded.authority.ends_with("9000"),
            })
            .cloned()
            .collect();
        for recorded in &mut exchanges {
            recorded.path = rename(&recorded.path, recorded.set);
            if let Ok(text) = std::str::from_utf8(&recorded.body) {
                recorded.body = rename(text, recorded.set).into();
            }
            for value in recorded.answer_headers.values_mut() {
                *value = rename(value, recorded.set);
            }
        }
        exchanges
    }
}

fn replace(text: &str, port: &str, host: &str) -> String {
    text.replace(&format!("http://localhost:{port}"), &format!("https://{host}"))
        .replace(&format!("ws://localhost:{port}"), &format!("wss://{host}"))
        .replace(&format!("http%3A%2F%2Flocalhost%3A{port}"), &format!("https%3A%2F%2F{host}"))
        .replace(&format!("ws%3A%2F%2Flocalhost%3A{port}"), &format!("wss%3A%2F%2F{host}"))
        .replace(&format!("localhost:{port}"), host)
        .replace(&format!("localhost%3A{port}"), host)
}

pub(super) fn sorted(request: &Request) -> Vec<(String, String)> {
    let mut query = request.query.clone();
    query.sort();
    query
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::Recording { path: path.to_owned(), source })
}
