//! Channels of a recording, in the states in which nobody asked for them.

use serde_json::Value;

use super::listing::{self, Item};
use super::route::{CHANNELS, PLAYLISTS, Replay, missing, replayed};
use crate::answer::Answer;
use crate::peertube::problem::{no_token, not_found};
use crate::request::Request;

/// Whether a channel, or the channel of an item, is the one an address names: without regard to case, and with its host
/// unless it is the asked server's own.
fn is_named(channel: Option<&Value>, is_local: bool, text: &str) -> bool {
    let has = |key: &str, wanted: &str| {
        let value = channel.and_then(|channel| channel.get(key)).and_then(Value::as_str);
        value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    match text.split_once('@') {
        Some((name, host)) => has("name", name) && has("host", host),
        None => is_local && has("name", text),
    }
}

fn is_local(item: &Value) -> bool {
    item.get("isLocal") == Some(&Value::Bool(true))
}

impl Replay {
    /// Answers what is below `/api/v1/video-channels/`.
    pub(super) fn channel(&self, request: &Request, path: &str) -> Answer {
        let rest = path.trim_start_matches(CHANNELS).trim_start_matches('/');
        let (name, sub) = rest.split_once('/').map_or((rest, None), |(name, sub)| (name, Some(sub)));
        let rows = self.list(CHANNELS);
        let Some(row) = rows.iter().find(|row| is_named(Some(&row.value), is_local(&row.value), name)) else {
            return not_found("Video channel not found");
        };
        let of_channel =
            |key: &'static str| move |item: &Item| is_named(item.value.get(key), is_local(&item.value), name);
        match sub {
            None => {
                // The recorded one of this state under another spelling, or its row.
                let same = self.exchanges.iter().find(|recorded| {
                    recorded.set == self.actor_set()
                        && recorded.status == 200
                        && recorded.query.is_empty()
                        && row.value.get("name").and_then(Value::as_str).is_some_and(|name| {
                            recorded
                                .path
                                .strip_prefix(CHANNELS)
                                .is_some_and(|rest| rest.strip_prefix('/') == Some(name))
                        })
                });
                match same {
                    Some(recorded) => replayed(recorded),
                    None => Answer::json(200, "application/json; charset=utf-8", &row.raw),
                }
            }
            Some("videos") => {
                let mut request = request.clone();
                if request.parameter("nsfw").is_none() {
                    request.set_parameter("nsfw", "false".to_owned());
                }
                let videos = self.items(self.listing_set(), "/api/v1/videos");
                let videos = videos.into_iter().filter(of_channel("channel")).collect();
                listing::page(videos, &request, "-publishedAt")
            }
            Some("video-playlists") => {
                let playlists = self.list(PLAYLISTS).into_iter().filter(of_channel("videoChannel")).collect();
                listing::page(playlists, request, "-createdAt")
            }
            Some("followers") => no_token(),
            Some(_) => missing(path),
        }
    }
}
