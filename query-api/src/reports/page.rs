//! `/report`: the form. Whole without JavaScript.

use std::sync::Arc;

use allowlist::report::{MAX_COMMENT, MAX_CONTACT, ReportReason};
use allowlist::submission::FormToken;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use super::{Form, Refused, Reported, desk, find, take};
use crate::http::QueryApi;
use crate::http::forms::{Fields, is_of_ours};
use crate::http::limits::tell_to_wait;
use crate::http::visitor::Visitor;
use crate::pages::{Frame, render, shortened};

/// Longest title shown, in characters.
const MAX_TITLE_CHARS: usize = 160;

#[derive(Template)]
#[template(path = "report.html")]
struct FormPage<'a> {
    frame: Frame<'a>,
    /// Why what was sent was not taken.
    refusal: Option<String>,
    /// The number of what was taken.
    taken: Option<u64>,
    /// `None` where there is nothing to report.
    item: Option<Item<'a>>,
    reasons: Vec<Choice>,
    comment: &'a str,
    contact: &'a str,
    token: String,
    max_comment: usize,
    max_contact: usize,
}

struct Item<'a> {
    key: &'a str,
    title: String,
    host: String,
}

struct Choice {
    name: &'static str,
    title: &'static str,
    is_chosen: bool,
}

/// What stands in the form.
#[derive(Clone, Copy, Default)]
struct Written<'a> {
    item: &'a str,
    reason: &'a str,
    comment: &'a str,
    contact: &'a str,
}

/// The form for one item.
pub(crate) async fn show_form(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let item = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "item");
    let item = item.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let written = Written { item: &item, ..Written::default() };
    let (head, _) = request.into_parts();
    let visitor = Visitor::of(&head, &api.config.trusted_proxies);
    let allowed = desk(&api).and_then(|desk| desk.allowances.all.take(visitor).map_err(Refused::wait));
    match allowed {
        Ok(_) => form(&api, None, written).await,
        Err(refused) => form(&api, Some(refused), Written::default()).await,
    }
}

/// Takes the form.
pub(crate) async fn submit_form(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if !is_of_ours(&head, api.config.public_url.as_ref()) {
        return form(&api, Some(Refused::foreign()), Written::default()).await;
    }
    let fields = match Fields::read(&head.headers, body, &api.config.limits).await {
        Ok(fields) => fields,
        Err(refusal) => return form(&api, Some(refusal.into()), Written::default()).await,
    };
    let written = Written {
        item: fields.get("item"),
        reason: fields.get("reason"),
        comment: fields.get("comment"),
        contact: fields.get("contact"),
    };
    let reported = Reported {
        item: written.item,
        reason: written.reason,
        comment: written.comment,
        contact: written.contact,
        form: Some(Form { token: fields.get("token"), trap: fields.get("website") }),
    };
    match take(&api, &head, reported).await {
        Ok((report, allowance)) => {
            let page = FormPage { taken: Some(report.id), ..FormPage::new(&api, Written::default()) };
            allowance.tell(private(render(StatusCode::ACCEPTED, &page)))
        }
        Err(refused) => form(&api, Some(refused), written).await,
    }
}

impl<'a> FormPage<'a> {
    fn new(api: &'a QueryApi, written: Written<'a>) -> Self {
        let reasons = ReportReason::ALL.into_iter().map(|reason| Choice {
            name: reason.as_str(),
            title: reason.title(),
            is_chosen: reason.as_str() == written.reason,
        });
        let token = api.config.reports.as_ref().map(|desk| FormToken::new(&desk.key, Timestamp::now()));
        Self {
            frame: Frame::new(&api.config),
            refusal: None,
            taken: None,
            item: None,
            reasons: reasons.collect(),
            comment: written.comment,
            contact: written.contact,
            token: token.map(|token| token.as_str().to_owned()).unwrap_or_default(),
            max_comment: MAX_COMMENT,
            max_contact: MAX_CONTACT,
        }
    }
}

/// The form with what was written in it, where there is something to report.
async fn form(api: &QueryApi, refused: Option<Refused>, written: Written<'_>) -> Response {
    let found = match (desk(api), written.item) {
        (Ok(_), key) if refused.is_none() || !key.is_empty() => find(api, key).await,
        _ => Err(Refused::not_shown()),
    };
    let mut page = FormPage::new(api, written);
    let refused = match found {
        Ok(titled) => {
            let title = shortened(&titled.title, MAX_TITLE_CHARS);
            page.item = Some(Item { key: written.item, title, host: titled.host });
            refused
        }
        Err(not_found) => Some(refused.unwrap_or(not_found)),
    };
    let (status, wait) = refused.as_ref().map_or((StatusCode::OK, None), |refused| (refused.status, refused.wait));
    page.refusal = refused.map(|refused| refused.sentence);
    let response = private(render(status, &page));
    match wait {
        Some(wait) => tell_to_wait(response, wait),
        None => response,
    }
}

/// For one visitor and for no search engine.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}
