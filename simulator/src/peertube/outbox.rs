//! ActivityPub: the outboxes of accounts and channels, and single video objects.

use serde_json::{Map, Value, json};

use super::problem::{invalid, no_token, not_found};
use super::{actors, detail, labels, shapes};
use crate::answer::Answer;
use crate::catalogue::{Instance, Privacy, VideoSpec, expand_short_uuid};
use crate::picture;
use crate::request::Request;
use crate::time::iso;

pub(super) const CONTENT_TYPE: &str = "application/activity+json; charset=utf-8";
pub(super) const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// `totalItems` counts more than is delivered, on a real server too (17 for 15 items on 6.3.0).
const COUNTED_TOO_MANY: usize = 2;

pub(super) fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        { "RsaSignature2017": "https://w3id.org/security#RsaSignature2017" }
    ])
}

/// Whose outbox is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    Account,
    Channel,
}

/// Answers `/accounts/{name}/outbox` and `/video-channels/{name}/outbox`.
///
/// An account delivers its own videos whole, newest creation first: public ones with NSFW ones and with waiting and
/// ended lives. The first account of a host also announces the remote videos. A channel announces its videos only.
pub(crate) fn outbox(instance: &Instance, request: &Request, owner: Owner, name: &str) -> Answer {
    let spec = &instance.spec;
    let (index, kind, missing) = match owner {
        Owner::Account => (actors::find_account(instance, name), "accounts", "Account not found"),
        Owner::Channel => {
            let index = match actors::find_channel(instance, name) {
                Some(actors::Named::Local(index)) => Some(index),
                _ => None,
            };
            (index, "video-channels", "Video channel not found")
        }
    };
    let Some(index) = index.map(|index| index as usize) else { return not_found(missing) };
    let id = format!("https://{}/{kind}/{}/outbox", spec.name, name.split('@').next().unwrap_or_default());
    let mut videos: Vec<&VideoSpec> =
        instance.videos.iter().filter(|video| is_federated(video) && belongs(instance, video, owner, index)).collect();
    videos.sort_by(|left, right| right.created_at.cmp(&left.created_at).then(right.id.cmp(&left.id)));
    let total = videos.len() + COUNTED_TOO_MANY;
    let Some(page) = request.parameter("page") else {
        let body = json!({
            "@context": context(), "id": id, "type": "OrderedCollection", "totalItems": total,
            "first": format!("{id}?page=1")
        });
        return Answer::json(200, CONTENT_TYPE, &body);
    };
    let Some(number) = page.parse::<usize>().ok().filter(|&number| number >= 1) else {
        return invalid(request, "page", page, "Should have a valid page number", "query");
    };
    let size = match request.parameter("size").map(|text| (text, text.parse::<usize>())) {
        None => 10,
        Some((_, Ok(size))) if size <= 50 => size,
        Some((text, _)) => return invalid(request, "size", text, "Should have a valid page size (max: 50)", "query"),
    };
    let start = (number - 1).saturating_mul(size);
    let items: Vec<Value> =
        videos.iter().skip(start).take(size).filter_map(|video| activity(instance, video, owner, &id)).collect();
    let mut body = Map::new();
    body.insert("@context".to_owned(), context());
    body.insert("id".to_owned(), format!("{id}?page={number}").into());
    body.insert("type".to_owned(), "OrderedCollectionPage".into());
    if number > 1 {
        body.insert("prev".to_owned(), format!("{id}?page={}", number - 1).into());
    }
    // The link drops `size`, as a real one does.
    if start + size < videos.len() {
        body.insert("next".to_owned(), format!("{id}?page={}", number + 1).into());
    }
    body.insert("partOf".to_owned(), id.into());
    body.insert("orderedItems".to_owned(), items.into());
    body.insert("totalItems".to_owned(), total.into());
    Answer::json(200, CONTENT_TYPE, &body)
}

/// Answers a video's canonical address asked for as ActivityPub.
pub(crate) fn video(instance: &Instance, id: &str) -> Answer {
    let uuid = id.parse().ok().or_else(|| expand_short_uuid(id));
    let Some(video) = uuid.and_then(|uuid| instance.video(uuid)) else { return not_found("Video not found") };
    if let Some(origin) = &video.origin {
        return Answer::empty(302).with("Location", shapes::video_url(&origin.host, video.uuid)).with("Vary", "Accept");
    }
    match detail::access(video) {
        detail::Access::Refused(answer) if answer.status == 401 => no_token(),
        detail::Access::Refused(answer) => answer,
        detail::Access::Granted => match object(instance, video) {
            Some(mut object) => {
                object.insert("@context".to_owned(), context());
                Answer::json(200, CONTENT_TYPE, &object).with("Cache-Control", "max-age=1")
            }
            None => not_found("Video not found"),
        },
    }
}

/// What leaves the host: public and not blocked, whatever its state; transcoding ones wait.
fn is_federated(video: &VideoSpec) -> bool {
    video.privacy == Privacy::Public && !video.blocked && video.state != crate::catalogue::State::ToTranscode
}

fn belongs(instance: &Instance, video: &VideoSpec, owner: Owner, index: usize) -> bool {
    match owner {
        Owner::Account if !video.is_local() => index == 0,
        Owner::Account => {
            let channel = instance.spec.channels.get(video.channel as usize);
            channel.is_some_and(|channel| channel.account as usize == index)
        }
        Owner::Channel => video.is_local() && video.channel as usize == index,
    }
}

fn activity(instance: &Instance, video: &VideoSpec, owner: Owner, outbox: &str) -> Option<Value> {
    let (host, _, account) = shapes::actors(instance, video)?;
    let url = shapes::video_url(host, video.uuid);
    let followers = format!("https://{host}/accounts/{}/followers", account.name);
    if matches!(owner, Owner::Channel) || !video.is_local() {
        let actor = outbox.trim_end_matches("/outbox");
        return Some(json!({
            "to": [PUBLIC], "cc": [followers], "type": "Announce", "id": format!("{url}/announces/{}", video.id),
            "actor": actor, "object": url
        }));
    }
    Some(json!({
        "to": [PUBLIC], "cc": [followers], "type": "Create", "id": format!("{url}/activity"),
        "actor": format!("https://{host}/accounts/{}", account.name), "object": object(instance, video)?
    }))
}

/// The whole Video object; before 5.0 its text was cut as in listings. Keys whose value is unknown (category, licence, language) are absent.
fn object(instance: &Instance, video: &VideoSpec) -> Option<Map<String, Value>> {
    let (host, channel, account) = shapes::actors(instance, video)?;
    let version = instance.spec.version;
    let url = shapes::video_url(host, video.uuid);
    let audience: &[&str] = if video.privacy == Privacy::Public { &[PUBLIC] } else { &[] };
    let image = |path: String, (width, height): (u32, u32)| json!({ "type": "Image", "url": format!("https://{host}{path}"), "mediaType": "image/jpeg", "width": width, "height": height });
    let tags: Vec<Value> = video.tags.iter().map(|tag| json!({ "type": "Hashtag", "name": tag })).collect();
    let object = json!({
        "to": audience,
        "cc": [format!("https://{host}/accounts/{}/followers", account.name)],
        "type": "Video",
        "id": url,
        "name": video.name,
        "duration": format!("PT{}S", video.duration),
        "uuid": video.uuid.to_string(),
        "views": video.views,
        "sensitive": video.nsfw,
        "summary": video.nsfw_summary,
        "waitTranscoding": false,
        "state": video.state.id(),
        "commentsEnabled": true,
        "canReply": null,
        "commentsPolicy": 1,
        "downloadEnabled": true,
        "published": iso(video.published_at),
        "originallyPublishedAt": video.originally_published_at.map(iso),
        "updated": iso(video.updated_at),
        "tag": tags,
        "mediaType": "text/markdown",
        "content": if version.since(5, 0) { video.description.clone() } else { video.truncated_description() },
        "support": video.support,
        "subtitleLanguage": [],
        "icon": [
            image(picture::thumbnail_path(video), picture::THUMBNAIL_SIZE),
            image(picture::preview_path(video), picture::PREVIEW_SIZE)
        ],
        "aspectRatio": video.aspect_ratio,
        "url": [
            { "type": "Link", "mediaType": "text/html", "href": url },
            { "type": "Link", "name": "tracker-http", "rel": ["tracker", "http"], "href": format!("https://{host}/tracker/announce") }
        ],
        "likes": format!("{url}/likes"),
        "dislikes": format!("{url}/dislikes"),
        "shares": format!("{url}/announces"),
        "comments": format!("{url}/comments"),
        "hasParts": format!("{url}/chapters"),
        "attributedTo": [
            { "type": "Person", "id": format!("https://{host}/accounts/{}", account.name) },
            { "type": "Group", "id": format!("https://{host}/video-channels/{}", channel.name) }
        ],
        "isLiveBroadcast": video.is_live,
        "liveSaveReplay": video.is_live.then_some(false),
        "permanentLive": video.is_live.then_some(video.permanent_live),
        "latencyMode": video.is_live.then_some(1)
    });
    let Value::Object(mut object) = object else { return None };
    // Keys that came with a version, and one that went with another.
    for (key, is_there) in [
        ("aspectRatio", version.since(6, 1)),
        ("hasParts", version.since(6, 0)),
        ("canReply", version.since(6, 2)),
        ("commentsPolicy", version.since(6, 2)),
        ("commentsEnabled", !version.since(8, 0)),
        ("summary", version.since(7, 2)),
    ] {
        if !is_there {
            object.remove(key);
        }
    }
    let named = |id: String, name: &str| json!({ "identifier": id, "name": name });
    if let Some(id) = video.category {
        object.insert("category".to_owned(), named(id.to_string(), labels::category(id)));
    }
    if let Some(id) = video.licence {
        object.insert("licence".to_owned(), named(id.to_string(), labels::licence(id)));
    }
    if let Some(id) = video.language {
        object.insert("language".to_owned(), named(id.to_owned(), labels::language(id)));
    }
    Some(object)
}
