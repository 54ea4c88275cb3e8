//! One request to a Mobilizon host.

use serde_json::{Value, json};

use crate::crawl::passes::Scope;
use crate::mobilizon::{Purpose, Query, Version};
use crate::net::Accept;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Version and settings.
    Probe { query: &'static Query },
    /// A page of whole events.
    Events { query: &'static Query, scope: Scope, start: u64, rows: u64 },
    /// A page of what tells whether events are new or changed.
    Look { query: &'static Query, scope: Scope, start: u64, rows: u64 },
    /// What was edited, published or cancelled last.
    Changes { query: &'static Query, start: u64 },
    /// One whole event.
    Event { query: &'static Query, id: String },
    /// The ActivityPub object of an event.
    Object { id: String },
    /// A page of whole groups.
    Groups { query: &'static Query, start: u64, rows: u64 },
    /// One whole group.
    Group { query: &'static Query, name: String },
    /// The ActivityPub actor of a group, and whether it consents.
    GroupActor { name: String },
    /// A page of the relay's outbox, from 1.
    Outbox { page: u64 },
    /// The calendar of the whole instance.
    Calendar,
}

impl Task {
    /// Rows of a page of changes. The list of upcoming events refuses a hundred.
    pub const CHANGES_ROWS: u64 = 50;

    /// Events on a page of the relay's outbox. Up to ten comments come with them, which are not counted.
    pub const OUTBOX_ROWS: u64 = 10;

    /// The path of GraphQL.
    pub const GRAPHQL: &'static str = "/api";

    /// Path and query of the request.
    pub fn path(&self) -> String {
        match self {
            Self::Object { id } => format!("/events/{id}"),
            Self::GroupActor { name } => format!("/@{name}"),
            Self::Outbox { page } => format!("/@relay/outbox?page={page}"),
            Self::Calendar => "/feed/instance/ics".to_owned(),
            _ => Self::GRAPHQL.to_owned(),
        }
    }

    /// What is asked for.
    pub fn accept(&self) -> Accept {
        match self {
            Self::Object { .. } | Self::GroupActor { .. } | Self::Outbox { .. } => Accept::ActivityJson,
            Self::Calendar => Accept::Calendar,
            _ => Accept::Json,
        }
    }

    /// The query that is posted, if one is.
    pub fn query(&self) -> Option<&'static Query> {
        match self {
            Self::Probe { query }
            | Self::Events { query, .. }
            | Self::Look { query, .. }
            | Self::Changes { query, .. }
            | Self::Event { query, .. }
            | Self::Groups { query, .. }
            | Self::Group { query, .. } => Some(query),
            Self::Object { .. } | Self::GroupActor { .. } | Self::Outbox { .. } | Self::Calendar => None,
        }
    }

    /// The body that is posted, as JSON.
    pub fn body(&self) -> Option<String> {
        let query = self.query()?;
        let variables = match self {
            Self::Events { scope, start, rows, .. } | Self::Look { scope, start, rows, .. } => {
                pages(query, *scope, *start, *rows)
            }
            Self::Groups { start, rows, .. } => numbers(*start, *rows),
            Self::Changes { start, .. } => numbers(*start, Self::CHANGES_ROWS),
            Self::Event { id, .. } => json!({"uuid": id}),
            Self::Group { name, .. } => json!({"name": name}),
            _ => json!({}),
        };
        let operation = query.purpose.operation();
        Some(json!({"operationName": operation, "query": query.text, "variables": variables}).to_string())
    }

    /// What it is about, for people.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Probe { .. } => "checking the software",
            Self::Events { scope: Scope::History, .. } | Self::Look { scope: Scope::History, .. } => {
                "scanning all events"
            }
            Self::Outbox { .. } | Self::Calendar => "scanning all events",
            Self::Events { .. } | Self::Look { .. } => "scanning what is not over",
            Self::Changes { .. } => "looking for changes",
            Self::Event { .. } => "reading an event",
            Self::Object { .. } => "confirming an event",
            Self::Groups { .. } | Self::Group { .. } | Self::GroupActor { .. } => "reading its groups",
        }
    }
}

fn numbers(start: u64, rows: u64) -> Value {
    json!({"page": start / rows.max(1) + 1, "limit": rows})
}

/// Page, limit and lower bound. Left out, the bound is now; null, there is none, which versions before 2.0 do not know.
fn pages(query: &Query, scope: Scope, start: u64, rows: u64) -> Value {
    let mut variables = numbers(start, rows);
    // The list of upcoming events has no such bound.
    if scope == Scope::History && query.purpose != Purpose::Upcoming {
        let is_null_known = query.from >= Version(2, 0, 0);
        let bound = if is_null_known { Value::Null } else { json!("1970-01-01T00:00:00Z") };
        if let Some(map) = variables.as_object_mut() {
            map.insert("beginsOn".to_owned(), bound);
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(version: Version, scope: Scope, start: u64) -> Value {
        let query = Query::choose(Purpose::Events, version, 0).unwrap();
        let body = Task::Events { query, scope, start, rows: 64 }.body().unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["operationName"], "Events");
        body["variables"].clone()
    }

    #[test]
    fn the_lower_bound_is_left_out_null_or_old() {
        let (old, new) = (Version(1, 1, 0), Version(5, 1, 3));
        assert_eq!(variables(new, Scope::Current, 0), json!({"page": 1, "limit": 64}));
        assert_eq!(variables(new, Scope::History, 128), json!({"page": 3, "limit": 64, "beginsOn": null}));
        assert_eq!(variables(old, Scope::History, 0)["beginsOn"], "1970-01-01T00:00:00Z");
    }
}
