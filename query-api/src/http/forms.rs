//! Forms that change something: where they come from, and what is in them.

use axum::body::{Body, to_bytes};
use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode, header};
use url::Url;

use super::answer::Refusal;
use crate::config::ServeLimits;

/// Longest body of a form, in bytes.
const MAX_BYTES: usize = 16 << 10;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request that changes something may come from where it comes from: a page of ours, or no page at all.
///
/// Our pages send no referrer, and then browsers name `null` as the origin of a form; it says nothing. There are no cookies
/// and no accounts of visitors that a foreign page could use: what this keeps from it are the visitor's allowances.
pub(crate) fn is_of_ours(request: &Parts, public_url: Option<&Url>) -> bool {
    let text = |name: &HeaderName| request.headers.get(name).map(|value| value.to_str().unwrap_or("?").trim());
    if let Some(site) = text(&FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    match text(&header::ORIGIN) {
        None | Some("null") => true,
        Some(origin) => {
            let public = public_url.map(|url| url.origin().ascii_serialization());
            let host = text(&header::HOST).unwrap_or_default();
            let is_this_host = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
            public.as_deref() == Some(origin) || is_this_host
        }
    }
}

/// The fields of a form, or of a JSON object whose values are texts. The first of a name counts.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// 413 over 16 KiB, 415 for another type, 400 for what cannot be read, 408 for what does not come.
    pub async fn read(headers: &HeaderMap, body: Body, limits: &ServeLimits) -> Result<Self, Refusal> {
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let bytes = match tokio::time::timeout(limits.body_time, to_bytes(body, MAX_BYTES)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(_)) => {
                let reason = format!("The body is longer than {MAX_BYTES} bytes");
                return Err(Refusal::Body(StatusCode::PAYLOAD_TOO_LARGE, reason));
            }
            Err(_) => {
                return Err(Refusal::Body(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time".to_owned()));
            }
        };
        match media_type.as_str() {
            "application/x-www-form-urlencoded" => {
                let fields = url::form_urlencoded::parse(&bytes);
                Ok(Self(fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
            }
            "application/json" => {
                let object: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_slice(&bytes).map_err(|error| {
                        Refusal::Body(StatusCode::BAD_REQUEST, format!("The body is not a JSON object: {error}"))
                    })?;
                let texts = object.into_iter().filter_map(|(name, value)| match value {
                    serde_json::Value::String(text) => Some((name, text)),
                    _ => None,
                });
                Ok(Self(texts.collect()))
            }
            _ if bytes.is_empty() => Ok(Self::default()),
            _ => {
                let reason = "The body must be application/json or application/x-www-form-urlencoded".to_owned();
                Err(Refusal::Body(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason))
            }
        }
    }

    /// The value of a field; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn forms_of_other_pages_are_refused() {
        let public: Url = "https://search.example/".parse().unwrap();
        let is_ours = |headers: &[(&str, &str)]| {
            let mut request = Request::builder().header("host", "127.0.0.1:8080");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            is_of_ours(&request.body(()).unwrap().into_parts().0, Some(&public))
        };
        assert!(is_ours(&[]));
        assert!(is_ours(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(is_ours(&[("sec-fetch-site", "none")]));
        assert!(is_ours(&[("origin", "https://search.example")]));
        assert!(is_ours(&[("origin", "http://127.0.0.1:8080")]));
        assert!(!is_ours(&[("sec-fetch-site", "cross-site"), ("origin", "https://search.example")]));
        assert!(!is_ours(&[("sec-fetch-site", "same-site")]));
        assert!(!is_ours(&[("origin", "https://evil.example")]));
        assert!(!is_ours(&[("origin", "https://search.example.evil.example")]));
    }
}
