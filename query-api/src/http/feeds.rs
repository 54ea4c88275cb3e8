//! `GET /feeds/search.ics`: any search for events as a calendar.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use indexer::stored::StoredEvent;
use jiff::Timestamp;

use super::answer::{Refusal, stamp, with_type};
use super::body::read_params;
use super::search::{is_known, read_query};
use super::state::QueryApi;
use crate::calendar::{Calendar, MAX_EVENTS, is_cancellation_news, window};
use crate::params::{EventSearch, read_event_search, search_time};
use crate::query::{EventQuery, EventTimes, Sort, SortKey};
use crate::search::{Deadline, SearchIndex};

/// The status of what does not take place.
const CANCELLED: &str = "CANCELLED";

/// Most places in a full calendar of what comes that are kept for what was cancelled, and as many of what was.
const MAX_CANCELLED: usize = MAX_EVENTS / 10;

/// What a calendar program may do without asking again, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=600");

/// Writes the events of a search as a calendar that programs can subscribe to.
#[utoipa::path(
    get,
    path = "/feeds/search.ics",
    tag = "feeds",
    params(super::openapi::DiscoveryParams, super::openapi::EventFilterParams),
    responses(
        (status = 200, description = "At most a thousand events, from a month ago to a year ahead", content_type = "text/calendar", body = String),
        (status = 304, description = "The same as the calendar with this ETag"),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn show_calendar(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    answer(&api, request).await.unwrap_or_else(Refusal::into_problem)
}

async fn answer(api: &QueryApi, request: Request) -> Result<Response, Refusal> {
    let headers = request.headers().clone();
    let address = address(api, &request);
    let params = read_params(request, &api.config.limits).await?;
    let now = search_time(Timestamp::now());
    let (from, to) = window(now);
    let whole =
        EventTimes { not_over_at: Some(from.as_millisecond()), starts_by: Some(to.as_millisecond()), over_by: None };
    let text = params.get("search").or_else(|| params.get("q")).and_then(|(_, value)| value.as_str());
    let text = text.map(|text| text.trim().to_owned());
    let mut search = read_query(api, params, move |params| read_event_search(params, whole, now)).await?;
    search.query.filter.times = within(search.query.filter.times, whole);
    let name = name(&api.config.index_name, text.as_deref(), &search);
    let description = api.config.description.clone();
    let index = api.current()?;
    let text = api
        .run(&index, move |index, deadline| {
            let events = events(index, &search, now, deadline)?;
            let address = address.as_deref();
            Ok(Calendar { name: &name, description: &description, address, events: &events, now }.to_ics())
        })
        .await?;
    let etag = etag(&text);
    let mut response = if is_known(&headers, &etag) {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let mut response = with_type(StatusCode::OK, "text/calendar; charset=utf-8", text);
        let disposition = HeaderValue::from_static("attachment; filename=\"events.ics\"");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
        response
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, MAX_AGE);
    Ok(stamp(response, &index))
}

/// Of what the calendar says, because its window moves on although the index stays.
fn etag(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// The calendar's own address, where the index has one.
fn address(api: &QueryApi, request: &Request) -> Option<String> {
    let mut address = api.config.public_url.as_ref()?.join("/feeds/search.ics").ok()?;
    address.set_query(request.uri().query().filter(|query| !query.is_empty()));
    Some(address.into())
}

fn name(index_name: &str, text: Option<&str>, search: &EventSearch) -> String {
    let place = search.near.as_ref().and_then(|near| near.label.as_deref());
    let parts = [text.filter(|text| !text.is_empty()), place];
    let what: Vec<&str> = parts.into_iter().flatten().collect();
    if what.is_empty() { index_name.to_owned() } else { format!("{index_name}: {}", what.join(", ")) }
}

/// What passes both.
fn within(times: EventTimes, window: EventTimes) -> EventTimes {
    EventTimes {
        not_over_at: times.not_over_at.max(window.not_over_at),
        starts_by: [times.starts_by, window.starts_by].into_iter().flatten().min(),
        over_by: times.over_by,
    }
}

/// The events of a calendar by start. What comes is more important than what was, so it comes first where there are too
/// many, the soonest before the others. What was cancelled lately is there, too, whatever statuses were chosen: who had it
/// must learn of it, so some room is kept for it.
fn events(
    index: &SearchIndex,
    search: &EventSearch,
    now: Timestamp,
    deadline: Deadline,
) -> Result<Vec<StoredEvent>, Refusal> {
    let query = &search.query;
    let found = |statuses: &[String], times: EventTimes, descending: bool, count: usize| {
        if statuses.is_empty() || count == 0 {
            return Ok(Vec::new());
        }
        let sort = Sort { key: SortKey::StartTime, descending };
        let mut part = EventQuery { start: 0, count, sort, ..query.clone() };
        part.filter.statuses = statuses.to_vec();
        part.filter.times = times;
        let hits = index.search_events(&part, deadline)?.hits;
        Ok::<_, Refusal>(hits.into_iter().map(|hit| hit.event).collect::<Vec<StoredEvent>>())
    };
    let (now_ms, times) = (now.as_millisecond(), query.filter.times);
    let coming = EventTimes { not_over_at: times.not_over_at.max(Some(now_ms)), ..times };
    // What is over at this very moment is not coming any more.
    let past = EventTimes { over_by: Some(times.over_by.map_or(now_ms, |by| by.min(now_ms))), ..times };
    let (cancelled, living): (Vec<String>, Vec<String>) =
        query.filter.statuses.iter().cloned().partition(|status| status == CANCELLED);
    let news = |times: EventTimes, descending: bool| {
        let mut news = found(&[CANCELLED.to_owned()], times, descending, MAX_EVENTS)?;
        news.retain(|event| !cancelled.is_empty() || is_cancellation_news(event, now));
        Ok::<_, Refusal>(news)
    };
    let mut coming_news = news(coming, false)?;
    let n_kept = coming_news.len().min(MAX_CANCELLED);
    let mut events = found(&living, coming, false, MAX_EVENTS - n_kept)?;
    coming_news.truncate(MAX_EVENTS.saturating_sub(events.len()));
    events.append(&mut coming_news);
    if events.len() < MAX_EVENTS {
        let mut past_news = news(past, true)?;
        let n_kept = past_news.len().min(MAX_CANCELLED);
        let n_left = MAX_EVENTS - events.len();
        let mut over = found(&living, past, true, n_left.saturating_sub(n_kept))?;
        past_news.truncate(n_left.saturating_sub(over.len()));
        events.append(&mut over);
        events.append(&mut past_news);
    }
    // What starts at this moment and has no end is in both halves.
    events.sort_by_cached_key(|event| (event.starts_at, event.key()));
    events.dedup_by(|one, other| one.key() == other.key());
    Ok(events)
}
