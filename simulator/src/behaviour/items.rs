//! What is wrong with videos and pages: changes to the honest JSON.

use serde_json::{Map, Value, json};

use super::ItemQuirk;
use crate::answer::Answer;

/// Stands for a number that JSON allows and Rust cannot hold; replaced in the written text.
const ABSURD: [(&str, &str); 4] = [
    ("\"@absurd-1@\"", "1e400"),
    ("\"@absurd-2@\"", "-0"),
    ("\"@absurd-3@\"", "9223372036854775808"),
    ("\"@absurd-4@\"", "1e-400"),
];

/// Applies a change to the JSON of an answer of 200; other answers stay as they are.
pub(super) fn change(answer: &mut Answer, change: impl FnOnce(&mut Map<String, Value>)) {
    if answer.status != 200 {
        return;
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&answer.body) else { return };
    change(&mut body);
    answer.body = write(&body.into()).into();
}

/// Writes JSON with the numbers that marks stand for.
pub(super) fn write(body: &Value) -> String {
    let mut text = body.to_string();
    for (mark, number) in ABSURD {
        text = text.replace(mark, number);
    }
    text
}

/// Applies a quirk to every video of a page or of an outbox, or to a single one.
pub(super) fn each(body: &mut Map<String, Value>, quirk: &ItemQuirk) {
    let own_host = body.get("id").and_then(Value::as_str).and_then(|id| id.split('/').nth(2)).map(str::to_owned);
    if let Some(Value::Array(activities)) = body.get_mut("orderedItems") {
        for (nth, activity) in activities.iter_mut().enumerate() {
            spoil_activity(activity, nth, quirk, own_host.as_deref().unwrap_or_default());
        }
        return;
    }
    match body.get_mut("data") {
        Some(Value::Array(items)) => {
            for (nth, item) in items.iter_mut().enumerate() {
                if let Value::Object(item) = item {
                    spoil(item, nth, quirk);
                }
            }
        }
        _ => spoil(body, 0, quirk),
    }
}

/// The same quirks in the words of ActivityPub; those without a counterpart change nothing.
fn spoil_activity(activity: &mut Value, nth: usize, quirk: &ItemQuirk, own_host: &str) {
    if let ItemQuirk::SpoofedHost(host) | ItemQuirk::RemoteUrl(host) = quirk {
        let text = activity.to_string().replace(&format!("https://{own_host}/"), &format!("https://{host}/"));
        *activity = serde_json::from_str(&text).unwrap_or_default();
        return;
    }
    let Some(Value::Object(video)) = activity.get_mut("object") else { return };
    match quirk {
        ItemQuirk::Privacy(_) => {
            video.insert("to".to_owned(), json!([]));
        }
        ItemQuirk::NsfwMissing => {
            video.remove("sensitive");
        }
        ItemQuirk::NsfwString => {
            video.insert("sensitive".to_owned(), "true".into());
        }
        ItemQuirk::HostileText => {
            video.insert("name".to_owned(), hostile_text(nth).into());
            video.insert("content".to_owned(), hostile_text(nth).into());
        }
        ItemQuirk::ManyTags(n) => {
            let tags = (0..*n).map(|nth| json!({ "type": "Hashtag", "name": format!("tag {nth}") })).collect();
            video.insert("tag".to_owned(), tags);
        }
        ItemQuirk::StuffedDescription(bytes) => {
            video.insert("content".to_owned(), "cheap ".repeat(bytes / 6 + 1).into());
        }
        ItemQuirk::Set(..) | ItemQuirk::Without(_) => spoil(video, nth, quirk),
        _ => {}
    }
}

fn spoil(item: &mut Map<String, Value>, nth: usize, quirk: &ItemQuirk) {
    let mut set = |key: &str, value: Value| {
        item.insert(key.to_owned(), value);
    };
    match quirk {
        ItemQuirk::SpoofedHost(host) => {
            set("isLocal", true.into());
            for actor in ACTORS {
                if let Some(Value::Object(actor)) = item.get_mut(actor) {
                    actor.insert("host".to_owned(), host.as_str().into());
                }
            }
            // A channel says its own host.
            if let Some(own) = item.get_mut("host") {
                *own = host.as_str().into();
            }
        }
        ItemQuirk::RemoteUrl(host) => {
            let text = |key: &str| item.get(key).and_then(Value::as_str);
            let path = text("url").and_then(|url| url.splitn(4, '/').nth(3)).map(str::to_owned);
            // Old versions send no `url`.
            let path = path.unwrap_or_else(|| format!("videos/watch/{}", text("uuid").unwrap_or_default()));
            item.insert("url".to_owned(), format!("https://{host}/{path}").into());
        }
        ItemQuirk::Privacy(id) => set("privacy", json!({ "id": id, "label": "Changed" })),
        ItemQuirk::NsfwMissing => {
            item.remove("nsfw");
        }
        ItemQuirk::NsfwString => set("nsfw", "true".into()),
        ItemQuirk::BadDates => {
            let dates =
                ["9999-12-31T23:59:59.999Z", "0000-00-00T00:00:00Z", "yesterday", "2999-01-01T00:00:00.000Z", ""];
            let date = dates.get(nth % 5).copied().unwrap_or_default();
            set("publishedAt", if date.is_empty() { Value::Null } else { date.into() });
        }
        ItemQuirk::NegativeNumbers => {
            for key in ["duration", "views", "viewers", "likes", "dislikes"] {
                set(key, (-1 - nth as i64).into());
            }
        }
        ItemQuirk::AbsurdNumbers => {
            for (offset, key) in ["duration", "views", "likes", "dislikes"].into_iter().enumerate() {
                set(key, format!("@absurd-{}@", (nth + offset) % 4 + 1).into());
            }
        }
        ItemQuirk::HostileText => {
            let text = hostile_text(nth);
            // The name of a channel is its address.
            let name = if item.contains_key("videosLength") || item.contains_key("ownerAccount") {
                "displayName"
            } else {
                "name"
            };
            for key in [name, "description", "truncatedDescription"] {
                item.insert(key.to_owned(), text.clone().into());
            }
            for actor in ACTORS {
                if let Some(Value::Object(actor)) = item.get_mut(actor) {
                    actor.insert("displayName".to_owned(), text.clone().into());
                }
            }
        }
        ItemQuirk::HostileUrls => {
            let urls = [
                "javascript:alert(1)",
                "data:text/html,<script>alert(1)</script>",
                " java\tscript:alert(1)",
                "//evil.example/picture.png",
                "https://good.example@evil.example/",
                "vbscript:msgbox(1)",
            ];
            for (offset, key) in ["thumbnailPath", "previewPath", "embedPath"].into_iter().enumerate() {
                set(key, urls.get((nth + offset) % urls.len()).copied().unwrap_or_default().into());
            }
        }
        ItemQuirk::ManyTags(n) => set("tags", (0..*n).map(|nth| format!("tag {nth}")).collect()),
        ItemQuirk::StuffedDescription(bytes) => set("description", "cheap ".repeat(bytes / 6 + 1).into()),
        ItemQuirk::Set(key, value) => set(key, value.clone()),
        ItemQuirk::Without(key) => {
            item.remove(key);
        }
    }
}

/// The actors of a video, of a playlist and of a channel.
const ACTORS: [&str; 4] = ["account", "channel", "ownerAccount", "videoChannel"];

pub(super) fn hostile_text(nth: usize) -> String {
    match nth % 8 {
        0 => "<script>alert(1)</script> hostile".to_owned(),
        1 => "\"><img src=x onerror=alert(1)> hostile".to_owned(),
        2 => "</title></textarea> `${1}` {{7*7}} hostile".to_owned(),
        3 => "\u{202e}hostile txt.exe\u{202c}".to_owned(),
        4 => format!("hostile a{}", "\u{0301}\u{0316}".repeat(2_000)),
        5 => "\u{200b}\u{200d}\u{feff}".to_owned(),
        6 => "hostile \u{0c}\u{0}\u{1b}[31m\r\nSet-Cookie: a=b".to_owned(),
        _ => format!("hostile {}", "👩\u{200d}".repeat(500)),
    }
}
