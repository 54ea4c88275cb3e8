use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::params::ParamError;

/// The one error body: problem details (RFC 9457), the `errors` of the search-index by parameter, and the `error` that
/// NewPipe and PeerTube read.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The name of the status.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, in one sentence.
    pub detail: String,
    /// The same sentence, where older clients look.
    pub error: String,
    /// Each wrong parameter.
    pub errors: BTreeMap<&'static str, ProblemParam>,
}

/// One wrong parameter.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProblemParam {
    /// `query` or `body`.
    pub location: &'static str,
    /// What is wrong with it.
    pub msg: String,
    /// Its name.
    pub param: &'static str,
    /// The value as sent, cut when it is long.
    #[schema(value_type = Object)]
    pub value: Value,
}

impl Problem {
    /// A problem without parameters.
    pub fn new(status: http::StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            error: detail.clone(),
            detail,
            errors: BTreeMap::new(),
        }
    }

    /// The problem of wrong parameters.
    pub fn of_params(params: Vec<ParamError>) -> Self {
        let names: Vec<&str> = params.iter().map(|error| error.param).collect();
        let mut problem =
            Self::new(http::StatusCode::BAD_REQUEST, format!("Incorrect request parameters: {}", names.join(", ")));
        for ParamError { param, location, msg, value } in params {
            problem.errors.insert(param, ProblemParam { location: location.as_str(), msg, param, value });
        }
        problem
    }
}
