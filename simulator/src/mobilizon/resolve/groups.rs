//! `searchGroups`, `group` and the events of a group.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use super::{Refusal, events, objects, page};
use crate::mobilizon::graphql::GraphqlError;
use crate::mobilizon::graphql::arguments::Arguments;
use crate::mobilizon::group::GroupSpec;
use crate::mobilizon::host::MobilizonHost;
use crate::mobilizon::spec::{EventSpec, Visibility};

/// `searchGroups`: public groups of this host and of followed ones.
pub(super) fn search(host: &MobilizonHost, arguments: &Arguments) -> Result<Value, Refusal> {
    let target = arguments.text("searchTarget").unwrap_or("INTERNAL");
    let is_global = host.searches_globally || target == "GLOBAL";
    let term = arguments.text("term").unwrap_or_default().trim().to_lowercase();
    let mut found: Vec<&GroupSpec> = host
        .groups
        .iter()
        .filter(|group| group.visibility == Visibility::Public && !group.suspended)
        .filter(|group| is_global || target != "SELF" || group.host == host.name)
        .filter(|group| {
            term.is_empty()
                || group.username.to_lowercase().contains(&term)
                || group.name.as_deref().unwrap_or_default().to_lowercase().contains(&term)
        })
        .collect();
    match arguments.text("sortBy") {
        Some("MEMBER_COUNT_DESC") => found.sort_by_key(|group| (Reverse(group.n_members), group.url())),
        Some("MEMBER_COUNT_ASC") => found.sort_by_key(|group| (group.n_members, group.url())),
        Some("CREATED_AT_ASC") => found.sort_by_key(|group| (group.created_at, group.url())),
        Some("CREATED_AT_DESC") => found.sort_by_key(|group| (Reverse(group.created_at), group.url())),
        Some("LAST_EVENT_ACTIVITY") => found.sort_by_key(|group| (Reverse(last_change(host, group)), group.url())),
        _ => found.sort_by_key(|group| group.url()),
    }
    let shown = |group: &GroupSpec| {
        let mut value = objects::group(host, group);
        if let (true, Value::Object(fields)) = (is_global, &mut value) {
            fields.insert("__typename".to_owned(), "GroupResult".into());
        }
        value
    };
    Ok(page(found, arguments, shown))
}

fn last_change(host: &MobilizonHost, group: &GroupSpec) -> Option<Timestamp> {
    let own = host.events.iter().filter(|event| is_of(event, group));
    own.map(|event| event.updated_at).max()
}

fn is_of(event: &EventSpec, group: &GroupSpec) -> bool {
    event.host == group.host && event.group.as_deref() == Some(group.username.as_str())
}

/// `group`: public and unlisted ones of this host; a suspended one says so.
pub(super) fn one(host: &MobilizonHost, arguments: &Arguments) -> Result<Value, Refusal> {
    arguments
        .text("preferredUsername")
        .and_then(|name| host.group(name))
        .filter(|group| group.visibility != Visibility::Private)
        .map(|group| objects::group(host, group))
        .ok_or_else(|| Refusal::Error(GraphqlError::coded("Group not found", "group_not_found", 404)))
}

/// `Group.organizedEvents` as outsiders see it: public ones, past and cancelled ones included.
pub(in crate::mobilizon) fn organized_events(
    host: &MobilizonHost,
    group: &str,
    arguments: &Arguments,
) -> Result<Value, Refusal> {
    let (after, before) = (arguments.time("afterDatetime"), arguments.time("beforeDatetime"));
    let mut found: Vec<&EventSpec> = host
        .events
        .iter()
        .filter(|event| host.is_local(event) && event.group.as_deref() == Some(group))
        .filter(|event| event.is_listed() && !host.is_suspended(event))
        .filter(|event| after.is_none_or(|after| event.begins_on > after))
        .filter(|event| before.is_none_or(|before| event.begins_on < before))
        .collect();
    events::order(&mut found, arguments.text("order"), arguments.text("orderDirection"));
    Ok(page(found, arguments, |event| objects::event(host, event)))
}
