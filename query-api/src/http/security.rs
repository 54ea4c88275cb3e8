//! Headers that take powers away from a page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use super::QueryApi;

/// Nothing but our own style sheet, pictures and form; no script at all.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'none'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'; frame-src 'none'; object-src 'none'; require-trusted-types-for 'script'";

/// For what is no page: should a browser take it for one, it may do nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A year, for this name alone: what else runs under the domain is not ours to decide.
const TRANSPORT_POLICY: &str = "max-age=31536000";

pub(super) async fn add_headers(State(api): State<Arc<QueryApi>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    take_powers(headers);
    // Behind plain http the header would mean nothing, and on a name shared with such a service it would lock it out.
    if api.config.public_url.as_ref().is_some_and(|url| url.scheme() == "https") {
        set(headers, header::STRICT_TRANSPORT_SECURITY, TRANSPORT_POLICY);
    }
    response
}

/// What no answer needs, of pages and of everything else.
pub(crate) fn take_powers(headers: &mut HeaderMap) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    set(headers, header::CONTENT_SECURITY_POLICY, if is_page { PAGE_POLICY } else { DATA_POLICY });
    let shared_with = if is_page { "same-site" } else { "cross-origin" };
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), shared_with);
    if is_page {
        set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        let permissions = "geolocation=(self), camera=(), microphone=(), interest-cohort=()";
        set(headers, HeaderName::from_static("permissions-policy"), permissions);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
