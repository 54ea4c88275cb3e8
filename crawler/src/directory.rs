//! Pages of a directory of instances, such as the one of joinpeertube, fetched through the guarded client.
//!
//! What they mean, and whether a list that shrank is believed, is the business of `allowlist::directory`.

use std::time::Duration;

use allowlist::Host;
use bytes::Bytes;
use serde_json::Value;
use url::Url;

use crate::error::Error;
use crate::net::{Accept, Client, Outcome, Request};

/// Entries asked for in one page; directories are asked for up to ten thousand by others.
const PAGE_ENTRIES: usize = 1000;

/// Most pages of a directory: two hundred thousand instances.
const MAX_PAGES: usize = 200;

/// Fetches every page of `{base}/instances/hosts`.
///
/// - `base`: an https URL such as `https://directory.example/api/v1`; plain http and private addresses only as the
///   network configuration declares them for its host.
/// - Result: the bodies of the pages, at most 200, each at most 8 MiB, in order; the last one may be empty.
///
/// # Errors
/// [`Error::Fetch`] for a request without answer, [`Error::Directory`] for an answer that is no directory's. Nothing
/// is returned when a page is missing: half a directory would look like a shrunken one.
pub async fn fetch_pages(client: &Client, base: &str) -> Result<Vec<Bytes>, Error> {
    let fail = |url: &str, reason: String| Error::Directory { url: url.to_owned(), reason };
    let url = Url::parse(base).map_err(|error| fail(base, error.to_string()))?;
    let name = url.host_str().unwrap_or_default();
    let text = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    let host: Host = text.parse().map_err(|error: allowlist::HostError| fail(base, error.to_string()))?;
    if url.scheme() != client.config().scheme_of(&host) {
        return Err(fail(base, format!("scheme `{}` is not used for it; write https", url.scheme())));
    }
    let root = url.path().trim_end_matches('/').to_owned();

    let mut pages = Vec::new();
    let mut start = 0;
    while pages.len() < MAX_PAGES {
        let path = format!("{root}/instances/hosts?start={start}&count={PAGE_ENTRIES}");
        let request = Request {
            host: &host,
            path_and_query: &path,
            accept: Accept::Json,
            validators: None,
            pause: Duration::ZERO,
        };
        let fetched = client.get(&request).await?;
        let shown = fetched.url.to_string();
        let is_json = fetched.is_json();
        let Outcome::Ok(body) = fetched.outcome else {
            return Err(fail(&shown, format!("status {}", fetched.status)));
        };
        if !is_json {
            return Err(fail(&shown, "it does not answer with JSON".to_owned()));
        }
        let page: Value = serde_json::from_slice(&body).map_err(|error| fail(&shown, error.to_string()))?;
        let n = page.get("data").and_then(Value::as_array).map(Vec::len);
        let n = n.ok_or_else(|| fail(&shown, "`data` is not a list".to_owned()))?;
        pages.push(body);
        start += n;
        let total = page.get("total").and_then(Value::as_u64).and_then(|total| usize::try_from(total).ok());
        if n == 0 || total.is_some_and(|total| start >= total) || (total.is_none() && n < PAGE_ENTRIES) {
            return Ok(pages);
        }
    }
    Err(fail(base, format!("it has more than {MAX_PAGES} pages")))
}
