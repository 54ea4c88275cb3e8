//! Parameters out of a request: its query string, and its JSON or form body.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use http::{HeaderMap, Method, StatusCode, header};

use super::answer::Refusal;
use crate::config::ServeLimits;
use crate::params::{Location, RawParams, parse_json_body, parse_query_string};

/// Reads all parameters of a request; those of the body win.
pub(super) async fn read_params(request: Request, limits: &ServeLimits) -> Result<RawParams, Refusal> {
    let mut params = parse_query_string(request.uri().query().unwrap_or_default(), Location::Query);
    if request.method() != Method::POST {
        return Ok(params);
    }
    let (head, body) = request.into_parts();
    let kind = BodyKind::of(&head.headers);
    let declared = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|n_bytes: u64| n_bytes > limits.max_body_bytes as u64) {
        return Err(too_large(limits));
    }
    if kind == BodyKind::Other && declared != Some(0) {
        return Err(unsupported());
    }
    let bytes = read_body(body, limits).await?;
    match kind {
        BodyKind::Json => params
            .merge(parse_json_body(&bytes).map_err(|error| Refusal::Body(StatusCode::BAD_REQUEST, error.to_string()))?),
        BodyKind::Form => params.merge(parse_query_string(&String::from_utf8_lossy(&bytes), Location::Body)),
        BodyKind::None | BodyKind::Other if bytes.is_empty() => {}
        BodyKind::None | BodyKind::Other => return Err(unsupported()),
    }
    Ok(params)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyKind {
    Json,
    Form,
    None,
    Other,
}

impl BodyKind {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(header::CONTENT_TYPE) else {
            return Self::None;
        };
        let value = value.to_str().unwrap_or_default().to_ascii_lowercase();
        let mut parts = value.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        let is_utf8 = parts
            .filter_map(|part| part.strip_prefix("charset="))
            .all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"));
        match media_type {
            _ if !is_utf8 => Self::Other,
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            suffixed if suffixed.starts_with("application/") && suffixed.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

async fn read_body(body: Body, limits: &ServeLimits) -> Result<bytes::Bytes, Refusal> {
    match tokio::time::timeout(limits.body_time, to_bytes(body, limits.max_body_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The limit is the only error of a whole body; a broken connection gets no answer anyway.
        Ok(Err(_)) => Err(too_large(limits)),
        Err(_) => Err(Refusal::Body(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time".to_owned())),
    }
}

fn too_large(limits: &ServeLimits) -> Refusal {
    let limit = format!("The body is longer than {} bytes", limits.max_body_bytes);
    Refusal::Body(StatusCode::PAYLOAD_TOO_LARGE, limit)
}

fn unsupported() -> Refusal {
    let reason = "The body must be application/json or application/x-www-form-urlencoded, in UTF-8".to_owned();
    Refusal::Body(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason)
}
