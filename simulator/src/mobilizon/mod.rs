//! Fake Mobilizon hosts: what they hold, their GraphQL, their ActivityPub documents and their calendar.

mod about;
mod activitypub;
mod api;
mod categories;
mod crafted;
mod edges;
mod feed;
mod generate;
mod geohash;
mod graphql;
mod group;
mod host;
mod phrases;
mod resolve;
mod spec;
mod version;

pub use categories::CATEGORIES;
pub use crafted::CraftedMobilizon;
pub use edges::{EDGE_GROUPS, Edge, edge_host, edges};
pub use generate::MobilizonCatalogue;
pub use graphql::{GraphqlError, Schema, Verdict, judge};
pub use group::{GroupSpec, Openness, PersonSpec};
pub use host::MobilizonHost;
pub use spec::{AddressSpec, EventSpec, EventStatus, JoinOptions, Visibility};
pub use version::MobilizonVersion;

use crate::answer::Answer;
use crate::picture;
use crate::request::Request;

/// Answers a request to a Mobilizon host.
///
/// - `schema`: a schema that queries must fit, besides the facts about the version.
/// - `now_ms`: the time of the hosts, in Unix milliseconds.
pub(crate) fn answer(
    host: &mut MobilizonHost,
    schema: Option<&Schema>,
    robots: &str,
    request: &Request,
    now_ms: i64,
) -> Answer {
    let path = request.path.trim_end_matches('/');
    if path == "/api" {
        let schemas: Vec<&Schema> = [Some(Schema::of(host.version)), schema].into_iter().flatten().collect();
        let mut refused = Vec::new();
        let answer = api::answer(host, &schemas, request, now_ms, &mut refused);
        host.refused.append(&mut refused);
        return answer;
    }
    if request.method != "GET" && request.method != "HEAD" {
        return Answer::empty(404);
    }
    let mut parts = path.split('/').skip(1);
    let mut next = || parts.next();
    let path: [Option<&str>; 4] = [next(), next(), next(), next()];
    match path {
        [Some("robots.txt"), None, ..] => Answer::new(200, "text/plain; charset=utf-8", robots.to_owned()),
        [Some(".well-known"), Some("nodeinfo"), None, ..] => about::links(host),
        [Some(".well-known"), Some("nodeinfo"), Some(version), None] => about::document(host, version),
        [Some("events"), Some(uuid), None, ..] => match uuid.parse() {
            Ok(uuid) if activitypub::is_asked_for(request) => activitypub::event(host, uuid),
            Ok(_) => Answer::new(200, "text/html; charset=utf-8", "<!doctype html><title>Mobilizon</title>"),
            Err(_) => Answer::empty(404),
        },
        [Some("relay"), None, ..] => activitypub::relay(host),
        [Some("@relay"), Some("outbox"), None, ..] => activitypub::outbox(host, request),
        [Some(name), None, ..] if name.starts_with('@') && activitypub::is_asked_for(request) => {
            activitypub::actor(host, name.trim_start_matches('@'))
        }
        [Some("feed"), Some("instance"), Some("ics"), None] => feed::ics(host),
        [Some("media"), Some(_), None, ..] => picture::answer_media(&request.path),
        _ => Answer::empty(404),
    }
}
