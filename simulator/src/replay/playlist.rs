//! Playlists of a recording, by any of their names and in pages of any size.

use serde_json::Value;

use super::listing;
use super::recording::{Recorded, Set};
use super::route::{PLAYLISTS, Replay, replayed};
use crate::answer::Answer;
use crate::peertube::problem::not_found;
use crate::peertube::unknown_api_route;
use crate::request::Request;

impl Replay {
    /// Answers what is below `/api/v1/video-playlists/`.
    pub(super) fn playlist(&self, request: &Request, path: &str) -> Answer {
        let rest = path.trim_start_matches(PLAYLISTS).trim_start_matches('/');
        let (id, sub) = rest.split_once('/').map_or((rest, None), |(id, sub)| (id, Some(sub)));
        let names = self.names(id);
        match sub {
            None => match self.answered(&names, "") {
                Some(recorded) => replayed(recorded),
                None => {
                    match self.list(PLAYLISTS).iter().find(|row| names_of(&row.value).iter().any(|name| name == id)) {
                        Some(row) => Answer::json(200, "application/json; charset=utf-8", &row.raw),
                        None => not_found("Video playlist not found"),
                    }
                }
            },
            Some("videos") => match self.answered(&names, "/videos") {
                Some(recorded) if recorded.status == 200 => {
                    listing::page(listing::items(&recorded.body), request, "position")
                }
                Some(recorded) => replayed(recorded),
                None => not_found("Video playlist not found"),
            },
            Some(_) => unknown_api_route(),
        }
    }

    /// What a playlist is called in addresses, `id` first: number, uuid and short uuid.
    fn names(&self, id: &str) -> Vec<String> {
        let mut names = vec![id.to_owned()];
        let is_local_set = |set: Set| (set == Set::Federated) == (self.set == Set::Federated);
        let bodies = self.exchanges.iter().filter(|it| it.status == 200 && is_local_set(it.set));
        for recorded in bodies.filter(|recorded| recorded.path.starts_with(PLAYLISTS)) {
            let Ok(body) = serde_json::from_slice::<Value>(&recorded.body) else { continue };
            let rows = body.get("data").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![body]);
            let same = rows.iter().map(names_of).find(|row| row.iter().any(|name| name == id));
            if let Some(same) = same {
                names.extend(same);
                break;
            }
        }
        names
    }

    /// The fullest answer recorded under one of the names: in this state, else, for what no listing shows, in the first.
    fn answered(&self, names: &[String], sub: &str) -> Option<&Recorded> {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let asked_by_number = names.first().is_some_and(|name| is_number(name));
        let of = |set: Set| {
            let candidates = self.exchanges.iter().filter(move |recorded| recorded.set == set);
            let named = candidates.filter(move |recorded| {
                let rest = recorded.path.strip_prefix(PLAYLISTS).and_then(|rest| rest.strip_prefix('/'));
                let name = rest.and_then(|rest| rest.strip_suffix(sub)).filter(|name| !name.contains('/'));
                // An unlisted playlist answers to its uuid and not to its number.
                let is_comparable = |name: &str| recorded.status != 404 || is_number(name) == asked_by_number;
                name.is_some_and(|name| is_comparable(name) && names.iter().any(|it| it == name))
            });
            named.max_by_key(|recorded| recorded.body.len())
        };
        let set = self.actor_set();
        of(set).or_else(|| if set == Set::AfterChanges { of(Set::BeforeChanges) } else { None })
    }
}

fn names_of(row: &Value) -> Vec<String> {
    let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = row.get("id").and_then(Value::as_u64).map(|id| id.to_string());
    [number, text("uuid"), text("shortUUID")].into_iter().flatten().collect()
}
