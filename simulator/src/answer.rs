//! One HTTP answer, and how it is put on the wire.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

/// A status, headers, a body, and the way they are delivered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub delivery: Delivery,
}

/// How an answer reaches the client. The default is: at once, whole, with the right length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Wait before the first byte.
    pub delay: Duration,
    pub head: HeadDelivery,
    pub body: BodyDelivery,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum HeadDelivery {
    #[default]
    Whole,
    /// Nothing is ever sent; the connection stays open until the client leaves.
    Never,
    /// The connection is closed without a byte.
    Close,
    /// One byte at a time.
    Drip(Duration),
    /// `X-Filler` headers without end.
    Endless,
    /// Informational `103` answers without end.
    Interim,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum BodyDelivery {
    #[default]
    Whole,
    /// One byte at a time.
    Drip(Duration),
    /// Half of the body, then a TCP reset.
    Reset,
    /// `Content-Length` promises this many bytes more than are sent, then the connection closes.
    Short(usize),
    /// `Content-Length` promises this many bytes fewer than are sent.
    Long(usize),
    /// The body, then chunks of spaces without end.
    EndlessChunks,
    /// The body in chunks, then trailer fields without end.
    EndlessTrailers,
    /// A prefix, then the same block this many times, then a suffix: large bodies without large memory.
    Repeated { block: Bytes, times: u64, suffix: Bytes },
}

impl Answer {
    /// An answer with a body of a given type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::empty(status);
        answer.body = body.into();
        answer.set_header("Content-Type", content_type);
        answer
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), delivery: Delivery::default() }
    }

    /// A JSON answer.
    pub fn json(status: u16, content_type: &str, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => Self::new(status, content_type, bytes),
            Err(error) => Self::new(500, "text/plain", error.to_string()),
        }
    }

    /// Sets a header, replacing one of the same name.
    pub fn set_header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The same answer with one more header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set_header(name, value);
        self
    }
}

/// The reason phrase of a status.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
