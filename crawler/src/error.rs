//! What can go wrong, by what the caller can do about it.

use std::net::IpAddr;
use std::time::Duration;

use allowlist::Host;

use crate::failure::TlsFault;
use crate::net::{Exchange, UrlRefusal};

/// A failure of the crawler itself. What an instance does wrong is a [`FetchError`] and ends in that host's report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Every request names a page about this crawler; without one it does not start.
    #[error("starting the crawler: `{given}` is not a contact URL; set the URL of a page that says who you are")]
    NoContact {
        /// What the configuration holds.
        given: String,
    },
    /// A setting that cannot be honoured.
    #[error("starting the crawler: {what}")]
    Config {
        /// The setting and the way out.
        what: String,
    },
    /// The HTTP client could not be made, for instance without root certificates.
    #[error("making the HTTP client: {reason}")]
    Client {
        /// The cause, with its own causes.
        reason: String,
    },
    /// The state file.
    #[error("{action} the crawler's state: {source}")]
    State {
        /// What was attempted, such as `opening`.
        action: &'static str,
        /// SQLite's error.
        #[source]
        source: rusqlite::Error,
    },
    /// There is no state file: nothing was crawled into this directory yet.
    #[error("reading the crawler's state: `{}` does not exist yet; run `vigie crawl` first", path.display())]
    NoState {
        /// The file that would hold it.
        path: std::path::PathBuf,
    },
    /// The state file was written by a newer version.
    #[error("opening the crawler's state: it has version {found}, this build reads up to {known}; update Vigie")]
    NewerState {
        /// The version of the file.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The journal.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// A request outside of a crawl, such as for a directory of instances.
    #[error(transparent)]
    Fetch(Box<FetchError>),
    /// A directory of instances that does not answer as one.
    #[error("reading the directory {url}: {reason}")]
    Directory {
        /// The page of the directory.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A thread of the blocking pool died.
    #[error("{action}: the worker thread ended: {reason}")]
    Worker {
        /// What it was doing.
        action: &'static str,
        /// How it ended.
        reason: String,
    },
}

impl From<FetchError> for Error {
    fn from(error: FetchError) -> Self {
        Self::Fetch(Box::new(error))
    }
}

/// A request that brought no answer.
#[derive(Debug, thiserror::Error)]
#[error("fetching {url}: {cause}")]
pub struct FetchError {
    /// The instance that was asked.
    pub host: Host,
    /// The URL of the failing hop.
    pub url: String,
    /// Why.
    #[source]
    pub cause: Cause,
    /// What was sent and what came back; `None` when nothing was sent.
    pub exchange: Option<Box<Exchange>>,
}

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The URL is refused; no packet was sent.
    #[error("refused before sending: {0}")]
    Url(#[from] UrlRefusal),
    /// A redirect is refused.
    #[error("redirect {hop} to `{to}` refused: {refusal}")]
    Redirect {
        /// 1 for the first redirect.
        hop: usize,
        /// The `Location`, shortened.
        to: String,
        /// Why.
        refusal: UrlRefusal,
    },
    /// More redirects than are followed, or a loop.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// How many are followed.
        limit: usize,
    },
    /// No public address; no packet was sent.
    #[error("refused to dial {address} ({range})")]
    Address {
        /// The last refused address.
        address: IpAddr,
        /// The range it lies in.
        range: &'static str,
    },
    /// The name could not be looked up.
    #[error("looking up the name: {reason}")]
    Dns {
        /// The resolver's words.
        reason: String,
    },
    /// Nothing listens at the address.
    #[error("connecting: {reason}")]
    Refused {
        /// The cause, with its own causes.
        reason: String,
    },
    /// No trusted TLS session.
    #[error("connecting: {reason}")]
    Tls {
        /// What is wrong with it.
        fault: TlsFault,
        /// The cause, with its own causes.
        reason: String,
    },
    /// No connection for another reason.
    #[error("connecting: {reason}")]
    Connect {
        /// The cause, with its own causes.
        reason: String,
    },
    /// A limit of time passed.
    #[error("{what} took longer than {} s", limit.as_secs_f32())]
    Timeout {
        /// What was being done.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// The body came too slowly.
    #[error("the body came slower than {min_bytes_per_second} bytes a second")]
    TooSlow {
        /// The limit.
        min_bytes_per_second: u64,
    },
    /// Too many bytes on the wire.
    #[error("the body is larger than {limit_bytes} bytes")]
    WireTooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// Too many bytes once decompressed.
    #[error("the decompressed body is larger than {limit_bytes} bytes")]
    DecodedTooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// Compressed suspiciously well.
    #[error("the body grows more than {limit} times when decompressed")]
    Ratio {
        /// The limit.
        limit: usize,
    },
    /// An encoding that was not offered.
    #[error("content encoding `{found}` was not offered")]
    Encoding {
        /// The name as sent.
        found: String,
    },
    /// A body that ends early or does not decompress.
    #[error("the body is broken: {reason}")]
    Corrupt {
        /// The decoder's words.
        reason: String,
    },
    /// Too many or too long headers.
    #[error("the response head is larger than {limit_bytes} bytes")]
    HeadTooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// 304 without a validator in the request.
    #[error("status 304 to a request without a condition")]
    UnaskedNotModified,
    /// Anything else on the connection.
    #[error("{reason}")]
    Transport {
        /// The cause, with its own causes.
        reason: String,
    },
}

/// Why a picture is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The request failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The instance has no such picture or will not give it.
    #[error("fetching the picture {url}: status {status}")]
    Status {
        /// The URL.
        url: String,
        /// The status.
        status: u16,
    },
    /// Not one of the formats that browsers show as a picture.
    #[error("fetching the picture {url}: it is not a JPEG, PNG, WebP, AVIF or GIF")]
    NotAnImage {
        /// The URL.
        url: String,
    },
}

/// An error and its causes on one line, shortest form.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let one = error.to_string();
        // Wrappers often repeat the text of what they wrap.
        if !text.ends_with(&one) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&one);
        }
        next = error.source();
    }
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
