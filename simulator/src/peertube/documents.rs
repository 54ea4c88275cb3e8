//! ActivityPub documents of accounts, channels and playlists, in the shape recorded on 6.3.0.

use serde_json::{Map, Value, json};

use super::actors::{Named, find_account, find_channel};
use super::outbox::{CONTENT_TYPE, PUBLIC, context};
use super::problem::{no_token, not_found};
use super::shapes;
use crate::answer::Answer;
use crate::catalogue::{Instance, PlaylistPrivacy, expand_short_uuid};
use crate::request::Request;
use crate::time::iso;

/// Whether a request asks for ActivityPub rather than for a page.
pub(crate) fn is_asked_for(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("activity+json") || accept.contains("ld+json"))
}

/// What a document says of its actor.
struct Actor<'a> {
    kind: &'static str,
    folder: &'static str,
    name: &'a str,
    display_name: &'a str,
    summary: Option<&'a str>,
    support: Option<&'a str>,
    created_at: i64,
    indexable: Option<bool>,
    discoverable: Option<bool>,
    pictures: Value,
}

/// Answers `/accounts/{name}`. `peertube` is the server's own actor.
pub(crate) fn account(instance: &Instance, name: &str) -> Answer {
    let spec = &instance.spec;
    if name.eq_ignore_ascii_case("peertube") {
        let created_at = spec.accounts.iter().map(|account| account.created_at).min().unwrap_or_default();
        let actor = Actor {
            kind: "Application",
            folder: "accounts",
            name: "peertube",
            display_name: "peertube",
            summary: None,
            support: None,
            created_at,
            indexable: None,
            discoverable: None,
            pictures: Value::Null,
        };
        return document(instance, &actor);
    }
    let found = find_account(instance, name);
    let Some((index, account)) = found.and_then(|index| Some((index, spec.accounts.get(index as usize)?))) else {
        return not_found("Account not found");
    };
    let actor = Actor {
        kind: "Person",
        folder: "accounts",
        name: &account.name,
        display_name: &account.display_name,
        summary: account.description.as_deref(),
        support: None,
        created_at: account.created_at,
        indexable: account.indexable,
        discoverable: account.discoverable,
        pictures: serde_json::to_value(shapes::account(spec, index)).unwrap_or_default(),
    };
    document(instance, &actor)
}

/// Answers `/video-channels/{name}`; a remote channel leads to its origin.
pub(crate) fn channel(instance: &Instance, name: &str) -> Answer {
    let spec = &instance.spec;
    let index = match find_channel(instance, name) {
        Some(Named::Local(index)) => index,
        Some(Named::Remote(origin)) => {
            let location = format!("https://{}/video-channels/{}", origin.host, origin.channel.name);
            return Answer::empty(302).with("Location", location).with("Vary", "Accept");
        }
        None => return not_found("Video channel not found"),
    };
    let Some(channel) = spec.channels.get(index as usize) else { return not_found("Video channel not found") };
    let actor = Actor {
        kind: "Group",
        folder: "video-channels",
        name: &channel.name,
        display_name: &channel.display_name,
        summary: channel.description.as_deref(),
        support: channel.support.as_deref(),
        created_at: channel.created_at,
        indexable: channel.indexable,
        discoverable: channel.discoverable,
        pictures: serde_json::to_value(shapes::channel(spec, index)).unwrap_or_default(),
    };
    document(instance, &actor)
}

/// Keys without a value are absent.
fn document(instance: &Instance, actor: &Actor<'_>) -> Answer {
    let spec = &instance.spec;
    let id = format!("https://{}/{}/{}", spec.name, actor.folder, actor.name);
    let below = |sub: &str| Value::from(format!("{id}/{sub}"));
    let mut document = Map::new();
    let mut set = |key: &str, value: Value| {
        if !value.is_null() {
            document.insert(key.to_owned(), value);
        }
    };
    set("@context", context());
    set("type", actor.kind.into());
    set("id", id.as_str().into());
    for sub in ["following", "followers", "playlists", "inbox", "outbox"] {
        set(sub, below(sub));
    }
    set("preferredUsername", actor.name.into());
    set("url", id.as_str().into());
    set("name", actor.display_name.into());
    set("endpoints", json!({ "sharedInbox": format!("https://{}/inbox", spec.name) }));
    // The key is not one: nothing is signed between fake hosts.
    set("publicKey", json!({ "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": "" }));
    set("published", iso(actor.created_at).into());
    set("icon", images(&spec.name, actor.pictures.get("avatars"), "image/png"));
    set("image", images(&spec.name, actor.pictures.get("banners"), "image/jpeg"));
    set("summary", actor.summary.into());
    set("support", actor.support.into());
    if spec.version.since(8, 0) {
        set("indexable", actor.indexable.into());
        set("discoverable", actor.discoverable.into());
    }
    if actor.kind == "Group" {
        set("postingRestrictedToMods", true.into());
    }
    Answer::json(200, CONTENT_TYPE, &document)
}

/// Null when there is none.
fn images(host: &str, images: Option<&Value>, media_type: &str) -> Value {
    let all = images.and_then(Value::as_array).filter(|all| !all.is_empty());
    let Some(all) = all else { return Value::Null };
    let image = |image: &Value| {
        let path = image.get("path").and_then(Value::as_str).map(|path| format!("https://{host}{path}"));
        let url = path.map_or_else(|| image.get("fileUrl").cloned().unwrap_or_default(), Value::from);
        json!({ "type": "Image", "mediaType": media_type, "width": image.get("width"), "url": url })
    };
    all.iter().map(image).collect()
}

/// Answers `/video-playlists/{id}`: the collection, or with `page` the addresses of its elements.
pub(crate) fn playlist(instance: &Instance, request: &Request, id: &str) -> Answer {
    /// Elements of one page.
    const PAGE: usize = 10;
    let uuid = id.parse().ok().or_else(|| expand_short_uuid(id));
    let Some(playlist) = uuid.and_then(|uuid| instance.playlist(uuid)) else {
        return not_found("Video playlist not found");
    };
    if playlist.privacy == PlaylistPrivacy::Private {
        return no_token();
    }
    let host = playlist.origin.as_ref().map_or(instance.spec.name.as_str(), |origin| origin.host.as_str());
    let id = shapes::playlist_url(host, playlist);
    if !playlist.is_local() {
        return Answer::empty(302).with("Location", id).with("Vary", "Accept");
    }
    let account = instance.spec.accounts.get(playlist.account as usize);
    let followers = account.map(|account| format!("https://{host}/accounts/{}/followers", account.name));
    let channel = playlist.channel.and_then(|index| instance.spec.channels.get(index as usize));
    let audience: &[&str] = if playlist.is_listed() { &[PUBLIC] } else { &[] };
    let mut body = json!({
        "@context": context(), "to": audience, "cc": [followers], "id": id, "type": "Playlist",
        "totalItems": playlist.elements.len(), "name": playlist.display_name, "content": playlist.description,
        "mediaType": "text/markdown", "uuid": playlist.uuid.to_string(), "published": iso(playlist.created_at),
        "updated": iso(playlist.updated_at),
        "attributedTo": channel.map(|channel| format!("https://{host}/video-channels/{}", channel.name)).into_iter().collect::<Vec<_>>()
    });
    let Value::Object(object) = &mut body else { return not_found("Video playlist not found") };
    match request.parameter("page").and_then(|page| page.parse::<usize>().ok()).filter(|&page| page > 0) {
        None => {
            object.insert("first".to_owned(), format!("{id}?page=1").into());
        }
        Some(page) => {
            let start = (page - 1).saturating_mul(PAGE);
            let positions = start + 1..=(start + PAGE).min(playlist.elements.len());
            let items: Value = positions.map(|position| format!("{id}/videos/{position}")).collect();
            object.insert("id".to_owned(), format!("{id}?page={page}").into());
            object.insert("partOf".to_owned(), id.as_str().into());
            object.insert("orderedItems".to_owned(), items);
            if start + PAGE < playlist.elements.len() {
                object.insert("next".to_owned(), format!("{id}?page={}", page + 1).into());
            }
        }
    }
    Answer::json(200, CONTENT_TYPE, &body)
}
