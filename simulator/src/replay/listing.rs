//! Pages cut from a recorded full scan.

use std::cmp::Ordering;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::peertube::listing::{Page, paging};
use crate::request::Request;

/// One recorded item: exactly as it was received, and parsed.
pub(super) struct Item {
    pub raw: Box<RawValue>,
    pub value: Value,
}

#[derive(Deserialize)]
struct RawPage {
    data: Vec<Box<RawValue>>,
}

/// The items of a recorded page; none when it is not one.
pub(super) fn items(body: &Bytes) -> Vec<Item> {
    let page: RawPage = serde_json::from_slice(body).unwrap_or(RawPage { data: Vec::new() });
    page.data.into_iter().filter_map(|raw| Some(Item { value: serde_json::from_str(raw.get()).ok()?, raw })).collect()
}

/// Answers a listing from all of its items.
pub(super) fn page(mut all: Vec<Item>, request: &Request, default_sort: &str) -> Answer {
    let (start, count) = match paging(request) {
        Ok(paging) => paging,
        Err(answer) => return *answer,
    };
    all.retain(|item| {
        let agrees = |key: &str, parameter: &str| match request.parameter(parameter) {
            Some("true") => item.value.get(key) == Some(&Value::Bool(true)),
            Some("false") => item.value.get(key) == Some(&Value::Bool(false)),
            _ => true,
        };
        agrees("isLocal", "isLocal") && agrees("nsfw", "nsfw") && agrees("isLive", "isLive")
    });
    let sort = request.parameter("sort").unwrap_or(default_sort);
    let (key, descending) = match sort.strip_prefix('-') {
        Some(key) => (key, true),
        None => (sort, false),
    };
    all.sort_by(|left, right| {
        let value = |item: &'_ Item| {
            item.value.get(key).or_else(|| item.value.get("displayName").filter(|_| key == "name")).cloned()
        };
        let ordering = compare(value(left).as_ref(), value(right).as_ref());
        let ordering = if descending { ordering.reverse() } else { ordering };
        ordering.then_with(|| compare(left.value.get("id"), right.value.get("id")))
    });
    let total = (request.parameter("skipCount") != Some("true")).then_some(all.len() as u64);
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let data = all.into_iter().skip(start).take(count).map(|item| item.raw).collect();
    Answer::json(200, "application/json; charset=utf-8", &Page { total, data })
}

fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Some(Value::String(left)), Some(Value::String(right))) => left.cmp(right),
        _ => Ordering::Equal,
    }
}
