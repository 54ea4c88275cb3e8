//! `POST /api/v1/reports`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::{Refused, Reported, take};
use crate::http::forms::{Fields, is_of_ours};
use crate::http::limits::tell_to_wait;
use crate::http::{QueryApi, json, problem};
use crate::wire::{Problem, ReportObject, ReportParams};

/// Reports something that is shown, to the moderators of this index.
///
/// Ten reports at once and visitor, then one every two minutes. What is reported again for the same reason is counted.
#[utoipa::path(post, path = "/api/v1/reports", tag = "reports", request_body = ReportParams, responses(
    (status = 202, description = "Taken; a moderator decides", body = ReportObject),
    (status = 400, description = "No reason of the list, or too long a text", body = Problem),
    (status = 404, description = "Nothing that is shown has this key, or this copy of an index takes no reports", body = Problem),
    (status = 429, description = "Too many; `Retry-After` says when", body = Problem),
    (status = 503, description = "Too many wait", body = Problem)))]
pub(crate) async fn create_report(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let taken = async {
        if !is_of_ours(&head, api.config.public_url.as_ref()) {
            return Err(Refused::foreign());
        }
        let fields = Fields::read(&head.headers, body, &api.config.limits).await?;
        let reported = Reported {
            item: fields.get("item"),
            reason: fields.get("reason"),
            comment: fields.get("comment"),
            contact: fields.get("contact"),
            form: None,
        };
        take(&api, &head, reported).await
    };
    match taken.await {
        Ok((report, allowance)) => {
            let bytes = serde_json::to_vec(&ReportObject::new(&report)).unwrap_or_default();
            let mut response = json(StatusCode::ACCEPTED, bytes);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            allowance.tell(response)
        }
        Err(refused) => {
            let response = problem(refused.status, refused.sentence);
            match refused.wait {
                Some(wait) => tell_to_wait(response, wait),
                None => response,
            }
        }
    }
}
