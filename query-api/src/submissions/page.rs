//! `/submit`: the form, and a page for each submission. Whole without JavaScript.

use std::sync::Arc;

use allowlist::submission::{
    Check, CheckOutcome, FormToken, NODEINFO_KEY, PROOF_PATH, ProofPlace, Purpose, State as Stand, Submission, TXT_KEY,
    TXT_LABEL,
};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use super::{Form, Refused, SubmissionAnswer, SubmissionRequest, Submitted, ask_about, desk, submit};
use crate::http::QueryApi;
use crate::http::forms::{Fields, is_of_ours};
use crate::http::limits::tell_to_wait;
use crate::pages::{Frame, render};

#[derive(Template)]
#[template(path = "submit.html")]
struct FormPage<'a> {
    frame: Frame<'a>,
    /// Why what was sent was not taken.
    refusal: Option<String>,
    host: &'a str,
    is_removal: bool,
    token: String,
    /// `None` where this copy takes none.
    is_open: bool,
    contact: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "submission.html")]
struct StatusPage<'a> {
    frame: Frame<'a>,
    id: &'a str,
    /// In Unicode, for people.
    host: String,
    /// As in URLs and in the DNS.
    name: &'a str,
    is_removal: bool,
    is_checking: bool,
    sentence: String,
    refusal: Option<String>,
    checks: Vec<CheckLine<'a>>,
    can_check: bool,
    can_prove: bool,
    token: &'a str,
    file_path: &'static str,
    txt_label: &'static str,
    txt_key: &'static str,
    nodeinfo_key: &'static str,
    missing: Vec<&'a str>,
    proved: Option<String>,
    created: String,
}

struct CheckLine<'a> {
    icon: &'static str,
    outcome: &'static str,
    outcome_class: &'static str,
    title: &'static str,
    sentence: &'a str,
    fix: Option<&'a str>,
}

impl<'a> CheckLine<'a> {
    fn new(check: &'a Check) -> Self {
        let (icon, outcome) = match check.outcome {
            CheckOutcome::Passed => ("✓", "Passed"),
            CheckOutcome::Warned => ("!", "To look at"),
            CheckOutcome::Failed => ("✗", "Failed"),
            CheckOutcome::Skipped => ("–", "Not checked"),
        };
        Self {
            icon,
            outcome,
            outcome_class: check.outcome.as_str(),
            title: check.name.title(),
            sentence: &check.sentence,
            fix: check.fix.as_deref(),
        }
    }
}

/// The form.
pub(crate) async fn show_form(State(api): State<Arc<QueryApi>>) -> Response {
    match desk(&api) {
        Ok(_) => form(&api, StatusCode::OK, None, "", false),
        Err(refused) => refuse(&api, refused, "", false),
    }
}

/// Takes the form.
pub(crate) async fn submit_form(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if !is_of_ours(&head, api.config.public_url.as_ref()) {
        return refuse(&api, foreign(), "", false);
    }
    let fields = match Fields::read(&head.headers, body, &api.config.limits).await {
        Ok(fields) => fields,
        Err(refusal) => return refuse(&api, refusal.into(), "", false),
    };
    let form = Form { token: fields.get("token"), trap: fields.get("website"), nonce: fields.get("pow") };
    let submitted = Submitted { host: fields.get("host"), purpose: fields.get("purpose"), form: Some(form) };
    let is_removal = submitted.purpose == Purpose::Remove.as_str();
    match submit(&api, &head, submitted).await {
        Ok((answer, allowance)) => match answer.submission {
            Some(submission) => allowance.tell(to_page(&submission.id)),
            None => refuse(&api, super::SubmissionError::Broken.into(), fields.get("host"), is_removal),
        },
        Err(refused) => refuse(&api, refused, fields.get("host"), is_removal),
    }
}

/// How a submission stands.
pub(crate) async fn show_page(State(api): State<Arc<QueryApi>>, Path(id): Path<String>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match ask_about(&api, &head, &id, |id| SubmissionRequest::Show { id }).await {
        Ok(answer) => page(&api, StatusCode::OK, &answer, None),
        Err(refused) => refuse(&api, refused, "", false),
    }
}

/// Makes the checks again.
pub(crate) async fn check_page(State(api): State<Arc<QueryApi>>, Path(id): Path<String>, request: Request) -> Response {
    change(&api, request, &id, |id| SubmissionRequest::Check { id }).await
}

/// Looks for the proof.
pub(crate) async fn verify_page(
    State(api): State<Arc<QueryApi>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    change(&api, request, &id, |id| SubmissionRequest::Verify { id }).await
}

async fn change(api: &QueryApi, request: Request, id: &str, ask: impl FnOnce(String) -> SubmissionRequest) -> Response {
    let (head, _) = request.into_parts();
    if !is_of_ours(&head, api.config.public_url.as_ref()) {
        return refuse(api, foreign(), "", false);
    }
    let refused = match ask_about(api, &head, id, ask).await {
        Ok(answer) => {
            return answer.submission.map_or_else(
                || refuse(api, super::SubmissionError::Broken.into(), "", false),
                |submission| to_page(&submission.id),
            );
        }
        Err(refused) => refused,
    };
    // The page of the submission says why not, where there is one.
    match ask_about(api, &head, id, |id| SubmissionRequest::Show { id }).await {
        Ok(answer) => {
            let response = page(api, refused.status, &answer, Some(refused.sentence));
            match refused.wait {
                Some(wait) => tell_to_wait(response, wait),
                None => response,
            }
        }
        Err(_) => refuse(api, refused, "", false),
    }
}

fn foreign() -> Refused {
    Refused::new(StatusCode::FORBIDDEN, "This form was not sent from a page of this index. Please send it from here.")
}

/// The one redirect of this server: to a path of ours that no visitor wrote.
fn to_page(id: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::try_from(format!("/submit/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    private(response)
}

fn form(api: &QueryApi, status: StatusCode, refusal: Option<String>, host: &str, is_removal: bool) -> Response {
    let token = api.config.submissions.as_ref().map(|desk| FormToken::new(&desk.key, Timestamp::now()));
    let page = FormPage {
        frame: Frame::new(&api.config),
        refusal,
        host,
        is_removal,
        is_open: token.is_some(),
        token: token.map(|token| token.as_str().to_owned()).unwrap_or_default(),
        contact: api.config.contact.as_deref(),
    };
    private(render(status, &page))
}

fn refuse(api: &QueryApi, refused: Refused, host: &str, is_removal: bool) -> Response {
    // What is longer than a name is not sent back.
    let host = if host.len() <= 300 { host } else { "" };
    let response = form(api, refused.status, Some(refused.sentence), host, is_removal);
    match refused.wait {
        Some(wait) => tell_to_wait(response, wait),
        None => response,
    }
}

fn page(api: &QueryApi, status: StatusCode, answer: &SubmissionAnswer, refusal: Option<String>) -> Response {
    let Some(submission) = &answer.submission else {
        return refuse(api, super::SubmissionError::Broken.into(), "", false);
    };
    let moment = |at: Timestamp| at.strftime("%-d %b %Y, %H:%M UTC").to_string();
    let page = StatusPage {
        frame: Frame::new(&api.config),
        id: &submission.id,
        host: submission.host.to_unicode(),
        name: submission.host.as_str(),
        is_removal: submission.purpose == Purpose::Remove,
        is_checking: submission.state == Stand::Checking,
        sentence: submission.sentence(),
        refusal,
        checks: submission.checks.iter().map(CheckLine::new).collect(),
        can_check: submission.purpose == Purpose::Add
            && matches!(submission.state, Stand::Failing | Stand::Unproved | Stand::Queued),
        can_prove: can_prove(submission),
        token: &answer.token,
        file_path: PROOF_PATH,
        txt_label: TXT_LABEL,
        txt_key: TXT_KEY,
        nodeinfo_key: NODEINFO_KEY,
        missing: submission.missing.iter().map(|missing| missing.sentence.as_str()).collect(),
        proved: submission.proved_at.map(|at| format!("{} ({})", moment(at), place(submission.proved_by))),
        created: moment(submission.created_at),
    };
    private(render(status, &page))
}

fn can_prove(submission: &Submission) -> bool {
    submission.proved_at.is_none() && matches!(submission.state, Stand::Unproved | Stand::Queued)
}

fn place(place: Option<ProofPlace>) -> &'static str {
    match place {
        Some(ProofPlace::Dns) => "by a TXT record",
        Some(ProofPlace::File) => "by a file",
        Some(ProofPlace::Nodeinfo) => "by NodeInfo",
        None => "by the operator",
    }
}

/// For one visitor and for no search engine.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}
