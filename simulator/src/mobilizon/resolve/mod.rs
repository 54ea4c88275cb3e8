//! What the fields of the root say: whole objects, from which a query selects.

mod config;
mod events;
mod groups;
pub(super) mod objects;

use serde_json::{Value, json};

pub(super) use groups::organized_events;

use super::graphql::GraphqlError;
use super::graphql::arguments::Arguments;
use super::host::MobilizonHost;

/// Why a field has no value.
pub(super) enum Refusal {
    /// The field is null, and the answer has an error.
    Error(GraphqlError),
    /// The whole answer is a status of 500.
    Crash,
}

/// The value of a field of the root.
pub(super) fn root(host: &MobilizonHost, field: &str, arguments: &Arguments, now_ms: i64) -> Result<Value, Refusal> {
    let now = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
    match field {
        "searchEvents" => events::search(host, arguments, now),
        "events" => events::upcoming(host, arguments, now),
        "event" => events::one(host, arguments),
        "searchGroups" => groups::search(host, arguments),
        "group" => groups::one(host, arguments),
        "config" => Ok(config::config(host)),
        "statistics" => Ok(config::statistics(host)),
        "categoryStatistics" => Ok(config::category_statistics(host, now)),
        _ => Err(Refusal::Error(GraphqlError::coded("You don't have permission to do this", "unauthorized", 403))),
    }
}

/// One page of a list. A limit of 0 gives the total alone.
fn page<T>(all: Vec<T>, arguments: &Arguments, shown: impl Fn(T) -> Value) -> Value {
    let limit = arguments.integer("limit").unwrap_or(10).max(0) as usize;
    let page = arguments.integer("page").unwrap_or(1).max(1) as usize;
    let total = all.len();
    let elements: Vec<Value> = all.into_iter().skip(limit.saturating_mul(page - 1)).take(limit).map(shown).collect();
    json!({ "total": total, "elements": elements })
}
