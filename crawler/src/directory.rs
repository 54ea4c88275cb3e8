//! Pages of a directory of instances, such as the one of joinpeertube, fetched through the guarded client.
//!
//! What they mean, and whether a list that shrank is believed, is the business of `allowlist::directory`.

use std::time::Duration;

use allowlist::{Host, SourceKind};
use bytes::Bytes;
use serde_json::Value;
use url::{Position, Url};

use crate::error::Error;
use crate::net::{Accept, Client, Outcome, Request};

/// Entries asked for in one page; directories are asked for up to ten thousand by others.
const PAGE_ENTRIES: usize = 1000;

/// Most pages of a directory: two hundred thousand instances.
const MAX_PAGES: usize = 200;

/// Entries asked for where a directory refuses a page of that size.
const FEWER_ENTRIES: usize = 100;

/// Longest list that is fetched as a file, in bytes.
pub const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

/// Fetches every page of a directory.
///
/// - `address`: an https URL such as `https://directory.example/api/v1/instances/hosts`; one that ends in neither
///   `/instances/hosts` nor `/instances` is what stands before them, and the second is asked where the first is not there.
///   Plain http and private addresses only as the network configuration declares them for its host.
/// - `kind`: asked for where it is not PeerTube: another index lists hosts of several kinds, a directory of one kind
///   passes over the question.
/// - Result: the bodies of the pages, at most 200, each at most 8 MiB, in order; the last one may be empty.
///
/// # Errors
/// [`Error::Fetch`] for a request without answer, [`Error::Directory`] for an answer that is no directory's. Nothing
/// is returned when a page is missing: half a directory would look like a shrunken one.
pub async fn fetch_pages(client: &Client, address: &str, kind: SourceKind) -> Result<Vec<Bytes>, Error> {
    let (host, path) = place(client, address)?;
    let path = path.trim_end_matches('/');
    let paths = match path.ends_with("/instances/hosts") || path.ends_with("/instances") {
        true => vec![path.to_owned()],
        false => vec![format!("{path}/instances/hosts"), format!("{path}/instances")],
    };
    let mut failure = None;
    for path in paths {
        match pages(client, address, &host, &path, kind, PAGE_ENTRIES).await {
            Err(Refused::Missing(error)) => failure = failure.or(Some(error)),
            Err(Refused::TooMany(_)) => {
                return pages(client, address, &host, &path, kind, FEWER_ENTRIES).await.map_err(Refused::into_error);
            }
            found => return found.map_err(Refused::into_error),
        }
    }
    Err(failure.unwrap_or_else(|| fail(address, "it has no path".to_owned())))
}

/// Fetches a list that lies somewhere as a file.
///
/// - `address`: as for [`fetch_pages`], with the path of the file.
/// - Result: its text, at most [`MAX_LIST_BYTES`].
///
/// # Errors
/// As [`fetch_pages`].
pub async fn fetch_list(client: &Client, address: &str) -> Result<String, Error> {
    let (host, path) = place(client, address)?;
    let request =
        Request { host: &host, path_and_query: &path, accept: Accept::Text, validators: None, pause: Duration::ZERO };
    let fetched = client.get(&request).await?;
    let Outcome::Ok(body) = fetched.outcome else {
        return Err(fail(address, format!("status {}", fetched.status)));
    };
    if body.len() > MAX_LIST_BYTES {
        return Err(fail(address, format!("it has more than {MAX_LIST_BYTES} bytes")));
    }
    String::from_utf8(body.to_vec()).map_err(|error| fail(address, error.to_string()))
}

/// The host and the path of an address, with its query.
fn place(client: &Client, address: &str) -> Result<(Host, String), Error> {
    let url = Url::parse(address).map_err(|error| fail(address, error.to_string()))?;
    let name = url.host_str().unwrap_or_default();
    let text = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    let host: Host = text.parse().map_err(|error: allowlist::HostError| fail(address, error.to_string()))?;
    if url.scheme() != client.config().scheme_of(&host) {
        return Err(fail(address, format!("scheme `{}` is not used for it; write https", url.scheme())));
    }
    Ok((host, url[Position::BeforePath..Position::AfterPath].to_owned()))
}

fn fail(url: &str, reason: String) -> Error {
    Error::Directory { url: url.to_owned(), reason }
}

/// Why there are no pages at a path.
enum Refused {
    /// Nothing is there, or nothing for programs.
    Missing(Error),
    /// The first page was refused as a wrong question.
    TooMany(Error),
    /// Anything else.
    Failed(Error),
}

impl Refused {
    fn into_error(self) -> Error {
        match self {
            Self::Missing(error) | Self::TooMany(error) | Self::Failed(error) => error,
        }
    }
}

async fn pages(
    client: &Client,
    address: &str,
    host: &Host,
    path: &str,
    kind: SourceKind,
    n_entries: usize,
) -> Result<Vec<Bytes>, Refused> {
    let kind = if kind == SourceKind::PeerTube { String::new() } else { format!("&kind={kind}") };
    let mut pages = Vec::new();
    let mut start = 0;
    while pages.len() < MAX_PAGES {
        let path = format!("{path}?start={start}&count={n_entries}{kind}");
        let request =
            Request { host, path_and_query: &path, accept: Accept::Json, validators: None, pause: Duration::ZERO };
        let fetched = client.get(&request).await.map_err(|error| Refused::Failed(error.into()))?;
        let shown = fetched.url.to_string();
        let (is_json, status) = (fetched.is_json(), fetched.status);
        let is_first = pages.is_empty();
        let Outcome::Ok(body) = fetched.outcome else {
            let error = fail(&shown, format!("status {status}"));
            return Err(match status {
                404 | 410 if is_first => Refused::Missing(error),
                400 | 422 if is_first && n_entries > FEWER_ENTRIES => Refused::TooMany(error),
                _ => Refused::Failed(error),
            });
        };
        if !is_json {
            let error = fail(&shown, "it does not answer with JSON".to_owned());
            return Err(if is_first { Refused::Missing(error) } else { Refused::Failed(error) });
        }
        let page: Value =
            serde_json::from_slice(&body).map_err(|error| Refused::Failed(fail(&shown, error.to_string())))?;
        let n = page.get("data").and_then(Value::as_array).map(Vec::len);
        let n = n.ok_or_else(|| Refused::Failed(fail(&shown, "`data` is not a list".to_owned())))?;
        pages.push(body);
        start += n;
        let total = page.get("total").and_then(Value::as_u64).and_then(|total| usize::try_from(total).ok());
        if n == 0 || total.is_some_and(|total| start >= total) || (total.is_none() && n < n_entries) {
            return Ok(pages);
        }
    }
    Err(Refused::Failed(fail(address, format!("it has more than {MAX_PAGES} pages"))))
}
