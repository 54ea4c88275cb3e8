//! Error answers in the shape of PeerTube 6.3.0 (recorded as `error-*`).

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::request::Request;

const CONTENT_TYPE: &str = "application/problem+json; charset=utf-8";

/// An answer of one sentence.
pub(crate) fn problem(status: u16, title: Option<&str>, detail: &str, code: Option<&str>) -> Answer {
    let mut body = Map::new();
    let kind = match code {
        Some(code) => format!("https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/{code}"),
        None => "about:blank".to_owned(),
    };
    body.insert("type".to_owned(), kind.into());
    if let Some(title) = title {
        body.insert("title".to_owned(), title.into());
    }
    body.insert("detail".to_owned(), detail.into());
    body.insert("status".to_owned(), status.into());
    if let Some(code) = code {
        body.insert("code".to_owned(), code.into());
    }
    body.insert("error".to_owned(), detail.into());
    Answer::json(status, CONTENT_TYPE, &Value::Object(body))
}

/// 404.
pub(crate) fn not_found(detail: &str) -> Answer {
    problem(404, Some("Not Found"), detail, None)
}

/// 401.
pub(crate) fn unauthorised(detail: &str) -> Answer {
    problem(401, Some("Unauthorized"), detail, None)
}

/// 401 for what wants a token.
pub(crate) fn no_token() -> Answer {
    problem(401, None, "Token is invalid", Some("unauthorized_request"))
}

/// 400 for a parameter that failed its validation.
pub(crate) fn invalid(request: &Request, name: &str, value: impl Into<Value>, message: &str, location: &str) -> Answer {
    let detail = format!("Incorrect request parameters: {name}");
    let body = json!({
        "type": "about:blank",
        "title": "Bad Request",
        "detail": detail,
        "instance": request.target,
        "status": 400,
        "invalid-params": {
            name: { "type": "field", "value": value.into(), "msg": message, "path": name, "location": location }
        },
        "error": detail,
    });
    Answer::json(400, CONTENT_TYPE, &body)
}
