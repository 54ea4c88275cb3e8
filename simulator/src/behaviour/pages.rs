//! Where lists and their pages are in the requests and answers of each software.

use serde_json::{Map, Value, json};

use super::ItemQuirk;
use super::items::{hostile_text, write};
use crate::answer::Answer;
use crate::request::Request;

/// The number of the page that is asked for, from 0.
pub(super) fn index(request: &Request) -> u64 {
    let number = |name: &str| request.parameter(name).and_then(|text| text.parse::<u64>().ok());
    if is_graphql(request) {
        return variable(request).unwrap_or(1).saturating_sub(1);
    }
    match number("page") {
        Some(page) => page,
        None => number("start").unwrap_or(0) / number("count").unwrap_or(15).max(1),
    }
}

/// The same request for another page.
pub(super) fn turn(request: &mut Request, index: u64) {
    if is_graphql(request) {
        let Ok(Value::Object(mut body)) = serde_json::from_slice(&request.body) else { return };
        if let Some(Value::Object(variables)) = body.get_mut("variables") {
            variables.insert("page".to_owned(), (index + 1).into());
        }
        request.body = Value::Object(body).to_string().into();
    } else if request.parameter("page").is_some() {
        request.set_parameter("page", index.to_string());
    } else {
        let count = request.parameter("count").and_then(|text| text.parse::<u64>().ok()).unwrap_or(15);
        request.set_parameter("start", (index * count).to_string());
    }
}

fn is_graphql(request: &Request) -> bool {
    request.path.trim_end_matches('/') == "/api" && !request.body.is_empty()
}

fn variable(request: &Request) -> Option<u64> {
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    body.get("variables")?.get("page")?.as_u64()
}

/// Changes each list in the JSON of an answer of 200, told with the key of its items; other answers stay as they are.
pub(super) fn change(answer: &mut Answer, mut change: impl FnMut(&mut Map<String, Value>, &str)) {
    if answer.status != 200 {
        return;
    }
    match serde_json::from_slice(&answer.body) {
        Ok(Value::Object(mut body)) => {
            match body.get_mut("data") {
                Some(Value::Object(data)) => {
                    let lists = data.values_mut().filter_map(Value::as_object_mut);
                    lists.filter(|list| list.contains_key("elements")).for_each(|list| change(list, "elements"));
                }
                _ => change(&mut body, "data"),
            }
            answer.body = write(&body.into()).into();
        }
        // Gancio's lists are bare.
        Ok(Value::Array(items)) => {
            let mut list = Map::new();
            list.insert("data".to_owned(), items.into());
            change(&mut list, "data");
            answer.body = write(&list.remove("data").unwrap_or_default()).into();
        }
        _ => {}
    }
}

/// Applies a quirk to every event and group of an answer of Mobilizon or Gancio. Returns whether it was one.
pub(super) fn spoil_events(answer: &mut Answer, quirk: &ItemQuirk) -> bool {
    if answer.status != 200 {
        return false;
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else { return false };
    let is_bare = body.is_array() || body.get("start_datetime").is_some();
    let mut nth = 0;
    let mut each = |item: &mut Value| {
        if let Value::Object(fields) = item {
            spoil(fields, nth, quirk);
            nth += 1;
        }
    };
    match &mut body {
        Value::Array(items) => items.iter_mut().for_each(&mut each),
        item if is_bare => each(item),
        Value::Object(body) => match body.get_mut("data") {
            Some(Value::Object(data)) => {
                for field in data.values_mut() {
                    if field.get("url").is_some() {
                        each(field);
                    } else if let Some(Value::Array(items)) = field.get_mut("elements") {
                        items.iter_mut().for_each(&mut each);
                    }
                }
            }
            _ => return false,
        },
        _ => return false,
    }
    answer.body = write(&body).into();
    true
}

fn spoil(item: &mut Map<String, Value>, nth: usize, quirk: &ItemQuirk) {
    let is_gancio = item.contains_key("start_datetime");
    let mut set = |key: &str, value: Value| {
        // A query that did not ask for a field gets none.
        if let Some(known) = item.get_mut(key) {
            *known = value;
        }
    };
    match quirk {
        ItemQuirk::SpoofedHost(host) | ItemQuirk::RemoteUrl(host) => {
            set("local", true.into());
            set("domain", Value::Null);
            let path = item.get("url").and_then(Value::as_str).and_then(|url| url.splitn(4, '/').nth(3));
            if let Some(path) = path {
                let url = format!("https://{host}/{path}");
                item.insert("url".to_owned(), url.into());
            }
        }
        ItemQuirk::Privacy(_) => set("visibility", "PRIVATE".into()),
        ItemQuirk::BadDates => {
            let dates = ["9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "tomorrow", "2999-01-01T00:00:00Z", ""];
            let date = dates.get(nth % 5).copied().unwrap_or_default();
            let text = || if date.is_empty() { Value::Null } else { date.into() };
            for key in ["beginsOn", "endsOn", "updatedAt", "publishAt"] {
                set(key, text());
            }
            let numbers = [json!(253_402_300_799_i64), json!(-1), text(), json!(1e300), Value::Null];
            set("start_datetime", numbers.get(nth % 5).cloned().unwrap_or_default());
        }
        ItemQuirk::NegativeNumbers => {
            set("participantStats", json!({ "participant": -1 }));
            set("membersCount", (-3).into());
            set("followersCount", (-3).into());
            set("end_datetime", (-1).into());
        }
        ItemQuirk::AbsurdNumbers => {
            let number = format!("@absurd-{}@", nth % 4 + 1);
            set("participantStats", json!({ "participant": number }));
            set("membersCount", number.as_str().into());
            set("start_datetime", number.into());
        }
        ItemQuirk::HostileText => {
            let text = hostile_text(nth);
            for key in ["title", "description", "name", "summary"] {
                set(key, text.clone().into());
            }
            if is_gancio {
                set("tags", json!([text]));
            } else {
                set("tags", json!([{ "slug": "x", "title": text }]));
            }
        }
        ItemQuirk::HostileUrls => {
            let urls = ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "//evil.example/x", " "];
            let url = urls.get(nth % urls.len()).copied().unwrap_or_default();
            for key in ["onlineAddress", "externalParticipationUrl"] {
                set(key, url.into());
            }
            for key in ["picture", "avatar", "banner"] {
                set(key, json!({ "url": url }));
            }
            set("online_locations", json!([url]));
            set("media", json!([{ "url": url }]));
        }
        ItemQuirk::ManyTags(n) => {
            let tag = |nth: usize| match is_gancio {
                true => json!(format!("tag {nth}")),
                false => json!({ "slug": format!("tag-{nth}"), "title": format!("tag {nth}") }),
            };
            set("tags", (0..*n).map(tag).collect());
        }
        ItemQuirk::StuffedDescription(bytes) => set("description", "cheap ".repeat(bytes / 6 + 1).into()),
        ItemQuirk::Set(key, value) => {
            item.insert(key.clone(), value.clone());
        }
        ItemQuirk::Without(key) => {
            item.remove(key);
        }
        ItemQuirk::NsfwMissing | ItemQuirk::NsfwString => {}
    }
}
