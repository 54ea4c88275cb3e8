//! Answers and what every one of them carries.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use crate::error::Error;
use crate::params::ParamsError;
use crate::search::SearchIndex;
use crate::wire::Problem;

/// The number of the generation that answered.
pub(super) const INDEX_GENERATION: HeaderName = HeaderName::from_static("index-generation");

/// Seconds since that generation was published.
pub(super) const INDEX_AGE: HeaderName = HeaderName::from_static("index-age");

/// Seconds that a client is asked to wait when this server has too much to do.
const RETRY_AFTER_SECONDS: u64 = 2;

/// Names the generation that answered and its age.
pub(crate) fn stamp(mut response: Response, index: &SearchIndex) -> Response {
    let manifest = &index.snapshot().manifest;
    let age = Timestamp::now().as_second().saturating_sub(manifest.published_at.as_second()).max(0);
    response.headers_mut().insert(INDEX_GENERATION, HeaderValue::from(manifest.generation));
    response.headers_mut().insert(INDEX_AGE, HeaderValue::from(age));
    response
}

pub(crate) fn json(status: StatusCode, bytes: Vec<u8>) -> Response {
    with_type(status, "application/json; charset=utf-8", bytes)
}

pub(crate) fn html(status: StatusCode, text: String) -> Response {
    with_type(status, "text/html; charset=utf-8", text.into_bytes())
}

pub(super) fn with_type(status: StatusCode, media_type: &'static str, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

pub(crate) fn problem(status: StatusCode, detail: impl Into<String>) -> Response {
    problem_body(&Problem::new(status, detail))
}

pub(super) fn problem_body(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let bytes = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = with_type(status, "application/problem+json; charset=utf-8", bytes);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    }
    response
}

/// Why a request has no result, for machines and for people.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Wrong parameters.
    Params(ParamsError),
    /// A body that cannot be read.
    Body(StatusCode, String),
    /// No generation was opened yet.
    NotReady,
    /// What moderators decided cannot be read, so nothing may be shown.
    Undecided,
    /// Too many searches.
    Busy,
    /// The search took too long.
    TimedOut,
    /// Something of ours is broken; it was logged.
    Broken,
}

impl Refusal {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Params(ParamsError::Invalid(_)) => StatusCode::BAD_REQUEST,
            Self::Params(ParamsError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(status, _) => *status,
            Self::NotReady | Self::Undecided | Self::Busy | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// One plain sentence for the visitor.
    pub fn sentence(&self) -> String {
        match self {
            Self::Params(ParamsError::Invalid(errors)) => {
                let messages: Vec<&str> = errors.iter().map(|error| error.msg.as_str()).collect();
                messages.join("; ")
            }
            Self::Params(ParamsError::TooLarge { param, limit }) => {
                format!("`{param}` holds more than {limit} entries")
            }
            Self::Body(_, reason) => reason.clone(),
            Self::NotReady => "The index is not ready yet: its first generation is still to come".to_owned(),
            Self::Undecided => {
                "Nothing is shown yet: the decisions of the moderators of this index cannot be read".to_owned()
            }
            Self::Busy => "Too many searches at this time, please try again in a moment".to_owned(),
            Self::TimedOut => "The search took too long, please try fewer or rarer words".to_owned(),
            Self::Broken => "The search failed; this is our fault, please try again later".to_owned(),
        }
    }

    pub fn into_problem(self) -> Response {
        match self {
            Self::Params(ParamsError::Invalid(errors)) => problem_body(&Problem::of_params(errors)),
            other => problem(other.status(), other.sentence()),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::TimedOut { .. } => Self::TimedOut,
            broken => {
                tracing::error!("{broken}");
                Self::Broken
            }
        }
    }
}
