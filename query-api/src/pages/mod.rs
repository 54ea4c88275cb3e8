//! The pages for people: whole without JavaScript, without cookies and without a request to anybody else.

mod about;
mod chart;
mod events;
mod form;
mod item;
mod stats;

pub(crate) use about::show_about;
pub(crate) use events::show_events;
pub(crate) use item::{is_plain_https, shortened};
pub(crate) use stats::show_stats;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use self::form::{PAGE_SIZE, SearchForm};
use self::item::VideoItem;
use crate::config::QueryApiConfig;
use crate::http::{LOGO_PATH, QueryApi, STYLE_PATH, html, stamp};
use crate::params::{Location, ParamsError, parse_query_string, read_video_query};
use crate::query::VideoQuery;
use crate::search::{SearchIndex, SearchPage};

/// Newest videos on the home page.
const N_NEWEST: usize = 12;

/// What every page shows.
pub(crate) struct Frame<'a> {
    pub(crate) index_name: &'a str,
    pub(crate) style: &'static str,
    pub(crate) logo: &'static str,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(config: &'a QueryApiConfig) -> Self {
        Self { index_name: &config.index_name, style: STYLE_PATH.as_str(), logo: LOGO_PATH.as_str() }
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    frame: Frame<'a>,
    form: SearchForm,
    description: &'a str,
    n_videos: String,
    n_events: String,
    n_hosts: String,
    items: Vec<VideoItem>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct ResultsPage<'a> {
    frame: Frame<'a>,
    form: SearchForm,
    count_line: String,
    corrections: Vec<(String, String)>,
    is_relaxed: bool,
    items: Vec<VideoItem>,
    page: usize,
    n_pages: usize,
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame<'a>,
    form: SearchForm,
    title: &'a str,
    sentences: Vec<String>,
}

#[derive(Template)]
#[template(path = "bot.html")]
struct BotPage<'a> {
    frame: Frame<'a>,
    user_agent: &'a str,
    addresses: &'a [std::net::IpAddr],
    contact: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage<'a> {
    frame: Frame<'a>,
    contact: Option<&'a str>,
}

/// The home page: the box, and the newest videos.
pub(crate) async fn show_home(State(api): State<Arc<QueryApi>>) -> Response {
    let form = SearchForm::default();
    let Ok(index) = api.current() else {
        return waiting(&api, form);
    };
    let query = VideoQuery {
        count: N_NEWEST,
        filter: crate::query::VideoFilter { nsfw: crate::query::Nsfw::Hide, ..Default::default() },
        ..VideoQuery::default()
    };
    let items = api.search(&index, query, |index, page| Ok(items(index, page, None))).await;
    let items = match items {
        Ok(items) => items,
        Err(refusal) => return refused(&api, form, refusal.status(), vec![refusal.sentence()]),
    };
    let shown = index.totals();
    let page = HomePage {
        frame: Frame::new(&api.config),
        form,
        description: &api.config.description,
        n_videos: grouped(shown.videos),
        n_events: grouped(shown.events),
        n_hosts: grouped(index.n_hosts() as u64),
        items,
    };
    stamp(render(StatusCode::OK, &page), &index)
}

/// A page of results.
pub(crate) async fn show_search(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let params = parse_query_string(request.uri().query().unwrap_or_default(), Location::Query);
    let form = SearchForm::read(&params);
    let query = match form.to_params(&params, jiff::Timestamp::now()).and_then(|params| read_video_query(&params)) {
        Ok(query) => query,
        Err(error) => return wrong(&api, form, error),
    };
    let Ok(index) = api.current() else {
        return waiting(&api, form);
    };
    let text = query.text.clone();
    let found = api.search(&index, query, move |index, page| {
        let facts = (page.total, page.is_capped, page.corrections.clone(), page.is_relaxed);
        Ok((facts, items(index, page, text.as_ref())))
    });
    let ((total, is_capped, corrections, is_relaxed), items) = match found.await {
        Ok(found) => found,
        Err(refusal) => return refused(&api, form, refusal.status(), vec![refusal.sentence()]),
    };
    let n_pages = total.div_ceil(PAGE_SIZE);
    let page = form.page;
    let results = ResultsPage {
        frame: Frame::new(&api.config),
        count_line: count_line(total, is_capped),
        corrections,
        is_relaxed,
        items,
        page,
        n_pages,
        previous: (page > 1).then(|| form.link_to_page(page - 1)),
        next: (page < n_pages).then(|| form.link_to_page(page + 1)),
        form,
    };
    stamp(render(StatusCode::OK, &results), &index)
}

/// What the crawler does, for the people whose servers it visits.
pub(crate) async fn show_bot(State(api): State<Arc<QueryApi>>) -> Response {
    let page = BotPage {
        frame: Frame::new(&api.config),
        user_agent: &api.config.user_agent,
        addresses: &api.config.crawler_addresses,
        contact: api.config.contact.as_deref(),
    };
    render(StatusCode::OK, &page)
}

/// What is known of visitors: nothing.
pub(crate) async fn show_privacy(State(api): State<Arc<QueryApi>>) -> Response {
    let page = PrivacyPage { frame: Frame::new(&api.config), contact: api.config.contact.as_deref() };
    render(StatusCode::OK, &page)
}

/// The answer to an address that is not ours.
pub(crate) fn not_found(api: &QueryApi) -> Response {
    let sentences = vec!["There is no such page here. A search may still find what you were looking for.".to_owned()];
    problem(api, SearchForm::default(), StatusCode::NOT_FOUND, "Nothing in sight", sentences)
}

/// The answer to fields that cannot be searched by.
fn wrong(api: &QueryApi, form: SearchForm, error: ParamsError) -> Response {
    match error {
        ParamsError::Invalid(errors) => {
            let sentences = std::iter::once("Something in the address of this page was not understood:".to_owned())
                .chain(errors.into_iter().map(|error| format!("{}: {}.", error.param, error.msg)))
                .collect();
            refused(api, form, StatusCode::BAD_REQUEST, sentences)
        }
        ParamsError::TooLarge { param, limit } => {
            let sentence = format!("{param}: at most {limit} entries.");
            refused(api, form, StatusCode::PAYLOAD_TOO_LARGE, vec![sentence])
        }
    }
}

fn waiting(api: &QueryApi, form: SearchForm) -> Response {
    let sentence = "The first videos are still being gathered. Please look again in a minute.".to_owned();
    refused(api, form, StatusCode::SERVICE_UNAVAILABLE, vec![sentence])
}

fn refused(api: &QueryApi, form: SearchForm, status: StatusCode, sentences: Vec<String>) -> Response {
    let title = match status {
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => "This search cannot be made",
        StatusCode::SERVICE_UNAVAILABLE => "Not just now",
        _ => "Something broke",
    };
    let mut response = problem(api, form, status, title, sentences);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from(2_u64));
    }
    response
}

fn problem(api: &QueryApi, form: SearchForm, status: StatusCode, title: &str, sentences: Vec<String>) -> Response {
    render(status, &ProblemPage { frame: Frame::new(&api.config), form, title, sentences })
}

pub(crate) fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => html(status, text),
        Err(error) => {
            tracing::error!("writing a page: {error}");
            html(StatusCode::INTERNAL_SERVER_ERROR, "This page could not be written.".to_owned())
        }
    }
}

fn items(index: &SearchIndex, page: SearchPage, text: Option<&crate::query::TextQuery>) -> Vec<VideoItem> {
    let snippets = index.snippets(text);
    page.hits.into_iter().map(|hit| VideoItem::new(hit.video, &snippets)).collect()
}

fn count_line(total: usize, is_capped: bool) -> String {
    match total {
        0 => "No video found".to_owned(),
        1 => "1 video".to_owned(),
        _ if is_capped => format!("More than {} videos", grouped(total as u64)),
        _ => format!("{} videos", grouped(total as u64)),
    }
}

/// `1 234 567`, with narrow spaces that do not break: readable in every language.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(123), "123");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
