//! The heads of a request and of its response as people may see them: those of the last failure of a host are shown
//! to its admin.

use std::fmt::Write;

use http::{HeaderMap, Method};
use reqwest::Response;
use url::{Position, Url};

/// Longest head kept, in bytes.
const MAX_HEAD_BYTES: usize = 2048;

/// Longest value of a header kept, in characters.
const MAX_VALUE_CHARS: usize = 200;

/// The headers of a response that are kept. Everything else, cookies first, is nobody's business.
const SHOWN: [&str; 18] = [
    "date",
    "server",
    "via",
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "cache-control",
    "age",
    LOCATION,
    "retry-after",
    "www-authenticate",
    "x-powered-by",
    "x-robots-tag",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "cf-mitigated",
];

const LOCATION: &str = "location";

/// One request that left and what came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Request line and headers.
    pub request: String,
    /// Status line and some headers; `None` when nothing came.
    pub response: Option<String>,
}

impl Exchange {
    /// Describes a request before it leaves.
    pub(super) fn begin(method: &Method, url: &Url, user_agent: &str, headers: &HeaderMap) -> Self {
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        let mut head = format!("{method} {target} HTTP/1.1\nHost: {authority}\nUser-Agent: {user_agent}\n");
        for (name, value) in headers {
            add(&mut head, name.as_str(), value.as_bytes());
        }
        Self { request: cut(head), response: None }
    }

    /// Adds the head of the response.
    pub(super) fn end(&mut self, response: &Response) {
        let mut head = format!("{:?} {}\n", response.version(), response.status());
        for name in SHOWN {
            for value in response.headers().get_all(name) {
                let value = value.as_bytes();
                // What follows a question mark may be a ticket that somebody can use.
                let is_location = name == LOCATION;
                let n_bytes = value.iter().position(|byte| is_location && *byte == b'?').unwrap_or(value.len());
                add(&mut head, name, value.get(..n_bytes).unwrap_or(value));
            }
        }
        self.response = Some(cut(head));
    }
}

fn add(head: &mut String, name: &str, value: &[u8]) {
    let value = String::from_utf8_lossy(value);
    let value: String = value.chars().filter(|c| !c.is_control()).take(MAX_VALUE_CHARS).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(head, "{name}: {value}");
}

fn cut(mut head: String) -> String {
    while head.len() > MAX_HEAD_BYTES {
        head.pop();
    }
    head.truncate(head.trim_end().len());
    head
}
