//! `GET /api/v1/categories`: what can be chosen, and what it is called.

use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;

use super::answer::{Refusal, json};
use super::search::written;
use crate::categories;
use crate::params::{Location, parse_query_string, read_category_query};
use crate::wire::{CategoryList, TextConstant};

/// Lists the categories of events with their names. Those of videos are their instances' own: facets name them.
#[utoipa::path(
    get,
    path = "/api/v1/categories",
    tag = "search",
    params(super::openapi::CategoryParams),
    responses(
        (status = 200, description = "The categories in Mobilizon's order", body = CategoryList),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
    )
)]
pub(super) async fn list_categories(request: Request) -> Response {
    let params = parse_query_string(request.uri().query().unwrap_or_default(), Location::Query);
    let list = read_category_query(&params).map_err(Refusal::Params).and_then(|language| {
        let language = language.as_deref();
        let data = categories::all()
            .iter()
            .map(|category| TextConstant { id: Some(category.id.clone()), label: category.label(language).to_owned() });
        written(serde_json::to_vec(&CategoryList { kind: "event", data: data.collect() }))
    });
    list.map_or_else(Refusal::into_problem, |bytes| json(StatusCode::OK, bytes))
}
