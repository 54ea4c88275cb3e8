//! `/events`: what happens, when and where.

mod form;
mod item;

pub(super) use form::EventForm;
pub(super) use item::EventItem;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;

use self::form::Wanted;
use super::form::{PAGE_SIZE, SearchForm};
use super::{Frame, grouped, refused, render, waiting, wrong};
use crate::http::{QueryApi, Refusal, stamp};
use crate::params::{Location, parse_query_string};
use crate::places::{self, Place, PlaceQuery};

/// Places of the same name that are offered.
const N_OTHER_PLACES: usize = 5;

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage<'a> {
    frame: Frame<'a>,
    form: EventForm,
    count_line: String,
    /// Which place `near` was taken for.
    place: Option<String>,
    /// Others of that name or a similar one, with a link to each.
    other_places: Vec<(String, String)>,
    is_lost: bool,
    zone: String,
    items: Vec<EventItem>,
    page: usize,
    n_pages: usize,
    previous: Option<String>,
    next: Option<String>,
}

/// A page of events.
pub(crate) async fn show_events(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let params = parse_query_string(request.uri().query().unwrap_or_default(), Location::Query);
    let form = EventForm::read(&params);
    let now = Timestamp::now();
    // Finding a place by its name may take some milliseconds, and the first one the unpacking of all.
    let reading = api.run_apart({
        let form = form.clone();
        move || Ok((form.wanted(now).map_err(Refusal::Params)?, others(&form)))
    });
    let (wanted, other_places) = match reading.await {
        Ok(read) => read,
        Err(Refusal::Params(error)) => return wrong(&api, SearchForm::default(), error),
        Err(refusal) => return refused(&api, SearchForm::default(), refusal.status(), vec![refusal.sentence()]),
    };
    let Ok(index) = api.current() else {
        return waiting(&api, SearchForm::default());
    };
    let Wanted { query, place, is_lost, zone } = wanted;
    let found = api.run(&index, move |index, deadline| {
        let snippets = index.snippets(query.text.as_ref());
        let page = index.search_events(&query, deadline)?;
        let (total, is_capped) = (page.total, page.is_capped);
        let items: Vec<_> = page.hits.into_iter().map(|hit| EventItem::new(hit, &snippets, now)).collect();
        Ok((total, is_capped, items))
    });
    let (total, is_capped, items) = match found.await {
        Ok(found) => found,
        Err(refusal) => return refused(&api, SearchForm::default(), refusal.status(), vec![refusal.sentence()]),
    };
    let (page, n_pages) = (form.page, total.div_ceil(PAGE_SIZE));
    let label = place.map(|place| place.label());
    let results = EventsPage {
        frame: Frame::new(&api.config),
        count_line: count_line(total, is_capped),
        other_places: other_places.into_iter().filter(|(name, _)| Some(name) != label.as_ref()).collect(),
        place: label,
        is_lost,
        zone,
        items,
        page,
        n_pages,
        previous: (page > 1).then(|| form.link_to_page(page - 1)),
        next: (page < n_pages).then(|| form.link_to_page(page + 1)),
        form,
    };
    stamp(render(StatusCode::OK, &results), &index)
}

/// Places that `near` may also mean, with the same search around each.
fn others(form: &EventForm) -> Vec<(String, String)> {
    if form.near.is_empty() {
        return Vec::new();
    }
    let query = PlaceQuery { text: form.near.clone(), language: None, count: N_OTHER_PLACES + 1, near: None };
    let link = |label: &String| EventForm { near: label.clone(), ..form.clone() }.link_to_page(1);
    let found: Vec<_> = places::search(&query).into_iter().map(|found| found.place).collect();
    let Some(name) = found.first().map(|place| place.name) else { return Vec::new() };
    // Quarters and longer names are no other towns of that name.
    let labels = found.iter().filter(|place| place.name == name).map(Place::label);
    labels.map(|label| (label.clone(), link(&label))).collect()
}

fn count_line(total: usize, is_capped: bool) -> String {
    match total {
        0 => "No event found".to_owned(),
        1 => "1 event".to_owned(),
        _ if is_capped => format!("More than {} events", grouped(total as u64)),
        _ => format!("{} events", grouped(total as u64)),
    }
}
