//! What the clients of the search-index need of its answers: each rule was found by leaving it out and watching a client
//! break (PeerTube's web client, NewPipe, Grayjay, SearXNG, 4get).
//!
//! A pure judge over JSON, for any test that holds an answer.

use serde_json::{Map, Value};

/// The searches of the search-index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/api/v1/search/videos`.
    Videos,
    /// `/api/v1/search/video-channels`.
    VideoChannels,
    /// `/api/v1/search/video-playlists`.
    VideoPlaylists,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 3] = [Self::Videos, Self::VideoChannels, Self::VideoPlaylists];

    /// The path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Videos => "/api/v1/search/videos",
            Self::VideoChannels => "/api/v1/search/video-channels",
            Self::VideoPlaylists => "/api/v1/search/video-playlists",
        }
    }

    /// The route of a path; a query string is passed over.
    pub fn of_path(path: &str) -> Option<Self> {
        let path = path.split('?').next().unwrap_or_default();
        Self::ALL.into_iter().find(|route| route.path() == path)
    }
}

const VIDEO_KEYS: &str = "id uuid shortUUID score createdAt updatedAt publishedAt originallyPublishedAt category licence \
    language privacy name description truncatedDescription duration tags thumbnailPath thumbnailUrl previewPath \
    previewUrl embedPath embedUrl url views viewers likes dislikes comments isLive nsfw nsfwFlags nsfwSummary account \
    channel";
const CHANNEL_KEYS: &str = "id score url name host displayName description support followingCount followersCount \
    videosCount createdAt updatedAt avatar avatars banner banners ownerAccount";
const PLAYLIST_KEYS: &str = "id uuid shortUUID score url displayName description privacy videosLength type thumbnailPath \
    thumbnailUrl embedPath embedUrl createdAt updatedAt ownerAccount videoChannel";
const ACTOR_KEYS: &str = "id name displayName url host avatar avatars";

/// The rules that a successful answer of `route` breaks, each with the place; empty when it is good.
pub fn breaches(route: Route, answer: &Value) -> Vec<String> {
    let mut judge = Judge { breaches: Vec::new() };
    judge.envelope(route, answer);
    judge.breaches
}

struct Judge {
    breaches: Vec<String>,
}

impl Judge {
    fn check(&mut self, at: &str, rule: &str, holds: bool) {
        if !holds {
            self.breaches.push(format!("{at}: {rule}"));
        }
    }

    fn envelope(&mut self, route: Route, answer: &Value) {
        self.check("answer", "`total` is a number of results", answer["total"].is_u64());
        self.check("answer", "a success has no `error`", answer.get("error").is_none());
        let Some(items) = answer["data"].as_array() else {
            return self.check("answer", "`data` is an array", false);
        };
        let n = items.len() as u64;
        self.check("answer", "`total` counts at least what is shown", answer["total"].as_u64() >= Some(n));
        for (n, item) in items.iter().enumerate() {
            let at = format!("data[{n}]");
            match (route, item.as_object()) {
                (_, None) => self.check(&at, "is an object", false),
                (Route::Videos, Some(item)) => self.video(&at, item),
                (Route::VideoChannels, Some(item)) => self.channel(&at, item),
                (Route::VideoPlaylists, Some(item)) => self.playlist(&at, item),
            }
        }
    }

    /// NewPipe tells the types apart by keys of their own.
    fn keys(&mut self, at: &str, item: &Map<String, Value>, wanted: &str, foreign: &[&str]) {
        for key in wanted.split_whitespace() {
            self.check(at, &format!("has the key `{key}`"), item.contains_key(key));
        }
        for key in foreign {
            self.check(at, &format!("has no key `{key}`"), !item.contains_key(*key));
        }
    }

    fn video(&mut self, at: &str, item: &Map<String, Value>) {
        self.keys(at, item, VIDEO_KEYS, &["video", "videosLength", "followersCount"]);
        let get = |key: &str| item.get(key).unwrap_or(&Value::Null);
        self.identity(at, item);
        self.dates(at, item, &["createdAt", "updatedAt", "publishedAt"]);
        let original = get("originallyPublishedAt");
        self.check(
            at,
            "`originallyPublishedAt` is null or a date, never the epoch",
            original.is_null() || is_date(original) && original != "1970-01-01T00:00:00.000Z",
        );
        for key in ["category", "licence", "language", "privacy"] {
            self.constant(at, key, get(key), key == "language");
        }
        self.check(at, "`privacy` is public", get("privacy")["id"] == 1);
        self.check(at, "`name` is a text", is_text(get("name")));
        self.check(at, "both descriptions are the same", get("description") == get("truncatedDescription"));
        let n_units = get("description").as_str().map_or(0, |text| text.encode_utf16().count());
        self.check(at, "`description` is null or of at most 250 UTF-16 units", n_units <= 250);
        let tags = get("tags").as_array().is_some_and(|tags| tags.iter().all(Value::is_string));
        self.check(at, "`tags` is a list of texts", tags);
        for key in ["duration", "views", "viewers", "likes", "dislikes", "comments", "nsfwFlags"] {
            self.check(at, &format!("`{key}` is a count"), get(key).is_u64());
        }
        for key in ["isLive", "nsfw"] {
            self.check(at, &format!("`{key}` is a boolean"), get(key).is_boolean());
        }
        let summary = get("nsfwSummary");
        self.check(at, "`nsfwSummary` is null or a text", summary.is_null() || summary.is_string());
        self.picture(at, item, "thumbnailPath", "thumbnailUrl");
        self.picture(at, item, "previewPath", "previewUrl");
        self.embed(at, item);
        self.actor(&format!("{at}.account"), get("account"));
        self.actor(&format!("{at}.channel"), get("channel"));
        self.check(at, "account and channel are of one host", get("account")["host"] == get("channel")["host"]);
    }

    fn channel(&mut self, at: &str, item: &Map<String, Value>) {
        self.keys(at, item, CHANNEL_KEYS, &["video", "videosLength"]);
        let get = |key: &str| item.get(key).unwrap_or(&Value::Null);
        self.actor(at, &Value::Object(item.clone()));
        self.dates(at, item, &["createdAt", "updatedAt"]);
        for key in ["followingCount", "followersCount", "videosCount"] {
            self.check(at, &format!("`{key}` is a count"), get(key).is_u64());
        }
        for key in ["description", "support"] {
            self.check(at, &format!("`{key}` is null or a text"), get(key).is_null() || get(key).is_string());
        }
        self.check(at, "`score` is a number", get("score").is_number());
        self.check(at, "`banner` is null", get("banner").is_null());
        self.images(at, "banners", get("banners"));
        let owner = get("ownerAccount");
        let owner_at = format!("{at}.ownerAccount");
        self.actor(&owner_at, owner);
        if let Some(owner) = owner.as_object() {
            self.keys(&owner_at, owner, "description followingCount followersCount createdAt updatedAt", &[]);
            self.dates(&owner_at, owner, &["createdAt", "updatedAt"]);
        }
        self.check(at, "the owner is of the same host", owner["host"] == *get("host"));
    }

    fn playlist(&mut self, at: &str, item: &Map<String, Value>) {
        self.keys(at, item, PLAYLIST_KEYS, &["video", "followersCount"]);
        let get = |key: &str| item.get(key).unwrap_or(&Value::Null);
        self.identity(at, item);
        self.dates(at, item, &["createdAt", "updatedAt"]);
        self.check(at, "`displayName` is a text", is_text(get("displayName")));
        self.check(at, "`videosLength` is a count", get("videosLength").is_u64());
        self.check(at, "it is public", get("privacy")["id"] == 1 && is_text(&get("privacy")["label"]));
        self.check(at, "it is regular", get("type")["id"] == 1 && is_text(&get("type")["label"]));
        self.picture(at, item, "thumbnailPath", "thumbnailUrl");
        self.embed(at, item);
        self.actor(&format!("{at}.ownerAccount"), get("ownerAccount"));
        if !get("videoChannel").is_null() {
            self.actor(&format!("{at}.videoChannel"), get("videoChannel"));
        }
    }

    fn identity(&mut self, at: &str, item: &Map<String, Value>) {
        let get = |key: &str| item.get(key).unwrap_or(&Value::Null);
        self.check(at, "`id` is a number", get("id").is_i64());
        self.check(at, "`score` is a number", get("score").is_number());
        let uuid = get("uuid").as_str().and_then(|uuid| uuid::Uuid::parse_str(uuid).ok());
        self.check(at, "`uuid` is one", uuid.is_some_and(|uuid| get("uuid") == &uuid.hyphenated().to_string()));
        let short = get("shortUUID").as_str().unwrap_or_default();
        let is_short = short.len() == 22 && short.chars().all(|c| c.is_ascii_alphanumeric() && !"0lIO".contains(c));
        self.check(at, "`shortUUID` has 22 characters of its alphabet", is_short);
        self.check(at, "`url` is absolute", is_https(get("url")));
    }

    fn dates(&mut self, at: &str, item: &Map<String, Value>, keys: &[&str]) {
        for key in keys {
            self.check(at, &format!("`{key}` is a date"), item.get(*key).is_some_and(is_date));
        }
    }

    fn constant(&mut self, at: &str, key: &str, value: &Value, is_code: bool) {
        self.check(at, &format!("`{key}.label` is a text"), is_text(&value["label"]));
        let id = value.get("id").unwrap_or(&Value::Bool(false));
        let is_typed = if is_code { id.is_string() } else { id.is_i64() };
        self.check(at, &format!("`{key}.id` is null or of its type"), id.is_null() || is_typed);
    }

    /// Clients put their own server before a path that has no URL beside it.
    fn picture(&mut self, at: &str, item: &Map<String, Value>, path: &str, url: &str) {
        let get = |key: &str| item.get(key).unwrap_or(&Value::Null);
        let is_path = get(path).is_null() || get(path).as_str().is_some_and(|path| path.starts_with('/'));
        self.check(at, &format!("`{path}` is null or a path"), is_path);
        self.check(at, &format!("`{url}` is null or absolute"), get(url).is_null() || is_https(get(url)));
        self.check(at, &format!("`{path}` comes with `{url}`"), get(path).is_null() || !get(url).is_null());
    }

    /// NewPipe finds the origin by cutting the path off the URL.
    fn embed(&mut self, at: &str, item: &Map<String, Value>) {
        let get = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        let (path, url) = (get("embedPath"), get("embedUrl"));
        let origin = url.strip_suffix(path).and_then(|origin| origin.strip_prefix("https://"));
        let holds = path.starts_with('/') && origin.is_some_and(|host| !host.is_empty() && !host.contains('/'));
        self.check(at, "`embedUrl` is the origin and `embedPath`", holds);
    }

    fn actor(&mut self, at: &str, actor: &Value) {
        let Some(actor) = actor.as_object() else {
            return self.check(at, "is an object", false);
        };
        self.keys(at, actor, ACTOR_KEYS, &[]);
        let get = |key: &str| actor.get(key).unwrap_or(&Value::Null);
        self.check(at, "`id` is a number", get("id").is_i64());
        for key in ["name", "displayName", "host"] {
            self.check(at, &format!("`{key}` is a text"), is_text(get(key)));
        }
        self.check(at, "`url` is absolute", is_https(get("url")));
        self.check(at, "`avatar` is null", get("avatar").is_null());
        self.images(at, "avatars", get("avatars"));
    }

    fn images(&mut self, at: &str, key: &str, images: &Value) {
        let Some(images) = images.as_array() else {
            return self.check(at, &format!("`{key}` is an array"), false);
        };
        for image in images {
            let holds = is_https(&image["url"])
                && is_https(&image["fileUrl"])
                && image.get("path").is_some_and(|path| path.is_null() || path.is_string())
                && image.get("width").is_some_and(|width| width.is_null() || width.is_u64())
                && ["createdAt", "updatedAt"].iter().all(|key| image[*key].is_null() || is_date(&image[*key]));
            self.check(at, &format!("each of `{key}` has an absolute URL, its width and its dates"), holds);
        }
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_https(value: &Value) -> bool {
    value.as_str().and_then(|url| url.strip_prefix("https://")).is_some_and(|rest| !rest.is_empty())
}

/// `2018-10-01T10:52:46.396Z`: NewPipe drops an item with any other form.
fn is_date(value: &Value) -> bool {
    let shape: Option<String> =
        value.as_str().map(|text| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect());
    shape.as_deref() == Some("0000-00-00T00:00:00.000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor() -> Value {
        serde_json::json!({
            "id": 1, "name": "anna", "displayName": "Anna", "url": "https://tube.example/accounts/anna",
            "host": "tube.example", "avatar": null,
            "avatars": [{
                "url": "https://tube.example/a.png", "fileUrl": "https://tube.example/a.png", "path": "/a.png",
                "width": 48, "createdAt": null, "updatedAt": null,
            }],
        })
    }

    fn playlist() -> Value {
        serde_json::json!({
            "id": 4, "uuid": "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a", "shortUUID": "fgei1ws1oa6FCaJ2qZPG29", "score": 1,
            "url": "https://tube.example/video-playlists/73804a40-da9a-40c2-b1eb-2c6d9eec8f0a", "displayName": "All",
            "description": null, "privacy": {"id": 1, "label": "Public"}, "videosLength": 2,
            "type": {"id": 1, "label": "Regular"}, "thumbnailPath": "/t.jpg", "thumbnailUrl": "https://tube.example/t.jpg",
            "embedPath": "/video-playlists/embed/x", "embedUrl": "https://tube.example/video-playlists/embed/x",
            "createdAt": "2018-10-01T10:52:46.396Z", "updatedAt": "2018-10-01T10:52:46.396Z",
            "ownerAccount": actor(), "videoChannel": null,
        })
    }

    fn of(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut item = playlist();
        change(&mut item);
        breaches(Route::VideoPlaylists, &serde_json::json!({"total": 1, "data": [item]}))
    }

    #[test]
    fn a_good_answer_has_no_breach_and_each_fault_has_one() {
        assert_eq!(of(|_| {}), Vec::<String>::new());
        let faults: [fn(&mut Value); 9] = [
            |item| item["ownerAccount"]["host"] = Value::Null,
            |item| item["ownerAccount"]["avatars"] = Value::Null,
            |item| item["embedUrl"] = "https://other.example/video-playlists/embed/y".into(),
            |item| item["thumbnailUrl"] = Value::Null,
            |item| item["createdAt"] = "2018-10-01T10:52:46Z".into(),
            |item| item["shortUUID"] = "lgei1ws1oa6FCaJ2qZPG29".into(),
            |item| item["followersCount"] = 1.into(),
            |item| drop(item.as_object_mut().unwrap().remove("videoChannel")),
            |item| item["privacy"]["id"] = 2.into(),
        ];
        for (n, fault) in faults.into_iter().enumerate() {
            assert_eq!(of(fault).len(), 1, "fault {n}");
        }
        assert!(!breaches(Route::Videos, &serde_json::json!({"total": "1", "data": []})).is_empty());
        assert!(!breaches(Route::Videos, &serde_json::json!({"total": 0, "data": [{}]})).is_empty());
        assert!(!breaches(Route::Videos, &serde_json::json!({"total": 0, "data": null, "error": "no"})).is_empty());
    }
}
