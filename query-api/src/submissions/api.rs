//! `/api/v1/submissions`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::{Outcome, Refused, SubmissionAnswer, SubmissionRequest, Submitted, ask_about, submit};
use crate::http::forms::{Fields, is_of_ours};
use crate::http::limits::tell_to_wait;
use crate::http::{QueryApi, json, problem};
use crate::wire::{Problem, SubmissionObject, SubmissionParams};

/// Submits an instance, or asks for one to be taken out.
///
/// The checks begin at once: at most four requests to the host. How they end is told under `statusUrl`. Five submissions an
/// hour and visitor, one round of checks an hour and host.
#[utoipa::path(post, path = "/api/v1/submissions", tag = "submissions", request_body = SubmissionParams, responses(
    (status = 202, description = "Taken in; the checks are under way", body = SubmissionObject),
    (status = 400, description = "Not the name of an instance", body = Problem),
    (status = 403, description = "No submissions are taken", body = Problem),
    (status = 404, description = "This copy of an index takes none", body = Problem),
    (status = 409, description = "Listed already, or taken out, or nothing to take out", body = Problem),
    (status = 429, description = "Too many; `Retry-After` says when", body = Problem)))]
pub(crate) async fn create_submission(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let taken = async {
        if !is_of_ours(&head, api.config.public_url.as_ref()) {
            return Err(foreign());
        }
        let fields = Fields::read(&head.headers, body, &api.config.limits).await?;
        let submitted = Submitted { host: fields.get("host"), purpose: fields.get("purpose"), form: None };
        submit(&api, &head, submitted).await
    };
    match taken.await {
        Ok((answer, allowance)) => allowance.tell(told(&api, StatusCode::ACCEPTED, answer)),
        Err(refused) => refuse(refused),
    }
}

/// How a submission stands.
#[utoipa::path(get, path = "/api/v1/submissions/{id}", tag = "submissions",
    params(("id" = String, Path, description = "As it was answered")),
    responses(
        (status = 200, description = "Its checks, each with what can be done", body = SubmissionObject),
        (status = 404, description = "No such submission", body = Problem)))]
pub(crate) async fn show_submission(
    State(api): State<Arc<QueryApi>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    answer(&api, ask_about(&api, &head, &id, |id| SubmissionRequest::Show { id }).await)
}

/// Looks for the proof that the submitter runs the host: once a minute, twenty times a day.
#[utoipa::path(post, path = "/api/v1/submissions/{id}/verify", tag = "submissions",
    params(("id" = String, Path, description = "As it was answered")),
    responses(
        (status = 200, description = "How it stands now; `provedAt` tells whether it was found", body = SubmissionObject),
        (status = 404, description = "No such submission", body = Problem),
        (status = 409, description = "There is nothing to prove", body = Problem),
        (status = 429, description = "Looked a moment ago; `Retry-After` says when again", body = Problem)))]
pub(crate) async fn verify_submission(
    State(api): State<Arc<QueryApi>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    change(&api, request, &id, |id| SubmissionRequest::Verify { id }).await
}

/// Makes the checks again: once an hour and host.
#[utoipa::path(post, path = "/api/v1/submissions/{id}/check", tag = "submissions",
    params(("id" = String, Path, description = "As it was answered")),
    responses(
        (status = 200, description = "The checks are under way", body = SubmissionObject),
        (status = 404, description = "No such submission", body = Problem),
        (status = 409, description = "There is nothing to check", body = Problem),
        (status = 429, description = "Checked within the hour; `Retry-After` says when again", body = Problem)))]
pub(crate) async fn check_submission(
    State(api): State<Arc<QueryApi>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    change(&api, request, &id, |id| SubmissionRequest::Check { id }).await
}

async fn change(api: &QueryApi, request: Request, id: &str, ask: impl FnOnce(String) -> SubmissionRequest) -> Response {
    let (head, _) = request.into_parts();
    if !is_of_ours(&head, api.config.public_url.as_ref()) {
        return refuse(foreign());
    }
    answer(api, ask_about(api, &head, id, ask).await)
}

fn foreign() -> Refused {
    Refused::new(StatusCode::FORBIDDEN, "Pages of others cannot submit in the name of their visitors.")
}

fn answer(api: &QueryApi, asked: Outcome<SubmissionAnswer>) -> Response {
    match asked {
        Ok(answer) => told(api, StatusCode::OK, answer),
        Err(refused) => refuse(refused),
    }
}

fn told(api: &QueryApi, status: StatusCode, answer: SubmissionAnswer) -> Response {
    let Some(submission) = answer.submission else {
        return problem(StatusCode::INTERNAL_SERVER_ERROR, "The desk answered without a submission; this is our fault");
    };
    let object = SubmissionObject::new(&submission, answer.token, api.config.public_url.as_ref());
    let bytes = serde_json::to_vec(&object).unwrap_or_default();
    let mut response = json(status, bytes);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refuse(refused: Refused) -> Response {
    let response = problem(refused.status, refused.sentence);
    match refused.wait {
        Some(wait) => tell_to_wait(response, wait),
        None => response,
    }
}
