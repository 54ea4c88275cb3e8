//! Fake Gancio hosts: their REST API, their ActivityPub documents and NodeInfo.

mod convert;
mod federation;
mod listing;
mod spec;

use jiff::Timestamp;
use serde_json::{Value, json};

pub use spec::{GancioEvent, GancioHost, GancioPlace};

use crate::answer::Answer;
use crate::picture;
use crate::request::Request;

const JSON: &str = "application/json; charset=utf-8";

/// Answers a request to a Gancio host.
pub(crate) fn answer(host: &GancioHost, robots: &str, request: &Request, now_ms: i64) -> Answer {
    if request.method != "GET" && request.method != "HEAD" {
        return Answer::empty(404);
    }
    let now = Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let path = request.path.trim_end_matches('/');
    let mut parts = path.split('/').skip(1);
    let mut next = || parts.next();
    let path: [Option<&str>; 5] = [next(), next(), next(), next(), next()];
    match path {
        [Some("robots.txt"), None, ..] => Answer::new(200, "text/plain; charset=utf-8", robots.to_owned()),
        [Some(".well-known"), Some("nodeinfo"), None, ..] => links(host),
        [Some(".well-known"), Some("nodeinfo"), Some(version), None, _] => nodeinfo(host, version),
        [Some("api"), Some("events"), None, ..] => listing::events(host, request, now),
        [Some("api"), Some("event"), Some("detail"), Some(id), None] => listing::detail(host, id),
        [Some("api"), Some("places" | "tags" | "settings"), None, ..] => Answer::empty(403),
        [Some("federation"), ..] if !host.federates => {
            Answer::new(401, "text/plain; charset=utf-8", "Federation disabled")
        }
        [Some("federation"), Some("m"), Some(id), None, _] => federation::event(host, request, id),
        [Some("federation"), Some("u"), Some(name), None, _] => federation::actor(host, name),
        [Some("federation"), Some("u"), Some(name), Some("outbox"), None] => federation::outbox(host, request, name),
        [Some("event"), Some(slug), None, ..] => federation::page(host, request, slug),
        [Some("media"), Some(_), None, ..] | [Some("media"), Some("thumb"), Some(_), None, _] => {
            picture::answer_media(&request.path)
        }
        _ => Answer::empty(404),
    }
}

fn links(host: &GancioHost) -> Answer {
    let link = |version: &str| {
        json!({
            "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{version}"),
            "href": format!("https://{}/.well-known/nodeinfo/{version}", host.name),
        })
    };
    let mut links: Vec<Value> = vec![link("2.0"), link("2.1")];
    if host.federates {
        links.push(json!({
            "rel": "https://www.w3.org/ns/activitystreams#Application",
            "href": format!("https://{}/federation/u/{}", host.name, host.actor),
        }));
    }
    Answer::json(200, JSON, &json!({ "links": links }))
}

fn nodeinfo(host: &GancioHost, version: &str) -> Answer {
    if version != "2.0" && version != "2.1" {
        return Answer::empty(404);
    }
    let body = json!({
        "version": version,
        "metadata": {
            "nodeName": host.title,
            "nodeDescription": host.description,
            "nodeLabel": host.title,
            "nodeTimezone": host.timezone,
            "nodeActor": host.actor,
        },
        "openRegistrations": false,
        "protocols": if host.federates { json!(["activitypub"]) } else { json!([]) },
        "services": { "inbound": [], "outbound": ["atom1.0"] },
        "software": {
            "name": "gancio", "version": host.version, "repository": "https://framagit.org/les/gancio",
            "homepage": "https://gancio.org",
        },
        "usage": { "localPosts": host.events.len(), "localComments": 0, "users": { "total": 1 } },
    });
    Answer::json(200, JSON, &body)
}
