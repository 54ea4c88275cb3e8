//! Every route, asked for everything that is hidden.

use std::collections::BTreeSet;
use std::sync::Arc;

use allowlist::SourceKind;
use futures_util::FutureExt;
use indexer::directory::{self, DirectoryFile, InstanceStatus};
use indexer::short_uuid;
use journal::Record;
use query_api::images::{ImageBytes, ImageDoor};
use query_api::{API_PATHS, QueryApiConfig, ServeLimits};
use serde_json::Value;

use super::world::{MARK, RULES, World, build};
use super::write;
use crate::fixture::{Answer, Site, encoded, publish_records, time};

/// Sorts of each kind that do not go by relevance, whose numbers may differ.
const LISTS: [(&str, &[&str]); 5] = [
    ("videos", &["-publishedAt", "name", "-views", "duration", "-hot", "-createdAt"]),
    ("video-channels", &["-createdAt", "displayName"]),
    ("video-playlists", &["-createdAt", "displayName"]),
    ("events", &["startTime", "-createdAt", "name", "-participantCount"]),
    ("groups", &["-memberCount", "name", "-createdAt"]),
];

/// Pages that show nothing of the rules.
const PAGES: [&str; 5] = ["/", "/search", "/events", "/bot", "/privacy"];

/// Where the operator's own rules are told, with the values in them; decisions of moderators are not.
const OF_RULES: [&str; 2] = ["/about", "/api/v1/config"];

/// Figures of the crawler's list of instances, which has more of them than are shown, without names.
const FIGURES: &str = "/api/v1/stats";

fn config() -> QueryApiConfig {
    let limits = ServeLimits { query_time: std::time::Duration::from_secs(60), ..ServeLimits::default() };
    let door: ImageDoor =
        Arc::new(|request| async move { Ok(ImageBytes(format!("GIF89a{}", request.url).into())) }.boxed());
    let public_url = Some("https://search.example.org".parse().unwrap());
    QueryApiConfig { limits, image_door: Some(door), public_url, ..QueryApiConfig::default() }
}

fn site(records: &[Record], world: Option<&World>) -> Site {
    let inclusion = world.map(|world| world.inclusion.clone()).unwrap_or_default();
    let site = Site::empty(QueryApiConfig { inclusion, ..config() });
    if let Some(world) = world {
        write(site.dir.path(), &world.moderation);
    }
    // Pairs lie in both of two generations of segments.
    let (even, odd): (Vec<_>, Vec<_>) = records.iter().cloned().enumerate().partition(|(n, _)| n % 2 == 0);
    let plain = |half: Vec<(usize, Record)>| half.into_iter().map(|(_, record)| record).collect::<Vec<_>>();
    publish_records(site.dir.path(), 1, &plain(even));
    publish_records(site.dir.path(), 100_000, &plain(odd));
    let hosts: BTreeSet<String> = records.iter().map(|record| record.id().host.to_string()).collect();
    let file = DirectoryFile::new(time("2026-01-01T00:00:00Z"), hosts.iter().map(|host| instance(host)).collect());
    directory::write(site.dir.path(), &file).unwrap();
    assert!(site.api.refresh().unwrap());
    site
}

fn instance(host: &str) -> InstanceStatus {
    InstanceStatus {
        host: host.parse().unwrap(),
        kind: SourceKind::PeerTube,
        name: Some(format!("Name of {host}")),
        status: "healthy".to_owned(),
        sentence: format!("{host} is healthy."),
        hint: None,
        is_indexable: true,
        health: 100,
        moved_to: None,
        software: Some("peertube".to_owned()),
        software_version: Some("8.1.0".to_owned()),
        known_videos: 2,
        known_channels: 1,
        known_playlists: 0,
        known_events: 0,
        known_groups: 0,
        claimed_total: Some(5),
        first_visit_at: None,
        last_success_at: None,
        last_sweep_at: None,
        last_error: None,
        next_visit_at: None,
        robots: "allows".to_owned(),
        supports_ipv6: None,
        delay_ms: 1500,
        n_requests: 9,
        flags: Vec::new(),
    }
}

/// What identifies hidden records beside their marked words.
struct Secrets {
    marks: BTreeSet<String>,
    ids: BTreeSet<String>,
    handles: BTreeSet<String>,
    hosts: BTreeSet<String>,
    images: Vec<String>,
}

/// The marked words of a text in lower case: letters and digits from the mark on.
fn marked(text: &str) -> BTreeSet<String> {
    let starts = text.match_indices(MARK).map(|(at, _)| at);
    starts.map(|at| text[at..].chars().take_while(char::is_ascii_alphanumeric).collect()).collect()
}

fn secrets(hidden: &[Record]) -> Secrets {
    let mut all = Secrets {
        marks: BTreeSet::new(),
        ids: BTreeSet::new(),
        handles: BTreeSet::new(),
        hosts: BTreeSet::new(),
        images: Vec::new(),
    };
    for record in hidden {
        all.marks.extend(marked(&format!("{record:?}").to_lowercase()));
        let host = record.id().host;
        if host.as_str().contains(MARK) {
            all.hosts.insert(host.to_string());
        }
        let mut image = |key: String| all.images.push(encoded(&key).replace("%7E", "~").replace("%2D", "-"));
        match record {
            Record::Video(video) => {
                all.ids.extend([video.uuid.hyphenated().to_string(), short_uuid::encode(video.uuid)]);
                image(format!("{host}~{}", video.uuid.hyphenated()));
                all.handles.insert(format!("{}@{host}", video.channel.name));
            }
            Record::Playlist(playlist) => {
                all.ids.extend([playlist.uuid.hyphenated().to_string(), short_uuid::encode(playlist.uuid)]);
            }
            Record::Channel(channel) => {
                all.handles.insert(format!("{}@{host}", channel.actor.name));
            }
            Record::Event(event) => {
                all.ids.insert(event.origin_id.clone());
                image(format!("event~{host}~{}", event.origin_id));
                for actor in event.organizer.iter().chain(&event.group).filter(|actor| actor.name.contains(MARK)) {
                    image(format!("actor~{host}~{}", actor.name));
                    all.handles.insert(format!("{}@{host}", actor.name));
                }
            }
            Record::Group(group) => {
                image(format!("group~{host}~{}", group.actor.name));
                image(format!("actor~{host}~{}", group.actor.name));
                all.handles.insert(format!("{}@{host}", group.actor.name));
            }
        }
    }
    all.handles.retain(|handle| handle.contains(MARK));
    all
}

/// Every request: those for everything, and those for each of the secrets.
fn requests(secrets: &Secrets) -> Vec<String> {
    let spelled = |path: &str| {
        let known = |part| if str::starts_with(part, '{') { "unknown" } else { part };
        path.split('/').map(known).collect::<Vec<_>>().join("/")
    };
    let mut all: Vec<String> = API_PATHS.iter().map(|path| spelled(path)).collect();
    all.extend(PAGES.iter().chain(&["/about", "/stats"]).map(|path| (*path).to_owned()));
    for (list, sorts) in LISTS {
        all.extend(sorts.iter().map(|sort| format!("/api/v1/search/{list}?count=100&sort={sort}")));
        all.push(format!("/api/v1/search/{list}?count=100&start=10"));
    }
    for more in [
        "",
        "&groupBy=series",
        "&search=whale",
        "&search=whales+OR+dance",
        "&when=2019-01-01..2030-01-01",
        "&nsfw=both&isLive=false",
    ] {
        all.push(format!("/api/v1/search?facets=all&facetSize=100&count=100{more}"));
    }
    for kind in ["events", "groups"] {
        all.extend((0..=16).step_by(4).map(|zoom| format!("/api/v1/map/clusters?kind={kind}&zoom={zoom}")));
        all.push(format!("/api/v1/map/clusters?kind={kind}&zoom=9&bbox={}", encoded("11.5, 9.5:9.5, 11.5")));
    }
    for typed in ('a'..='z')
        .map(String::from)
        .chain(["hi", "hid", "hidq", "#hidq", "@hidq", "ms hidq", "whales "].map(str::to_owned))
    {
        all.push(format!("/api/v1/suggest?q={}&count=20", encoded(&typed)));
    }
    for mark in &secrets.marks {
        let q = encoded(mark);
        all.push(format!("/api/v1/search?search={q}&facets=all&count=50&highlight=true"));
        all.push(format!("/api/v1/suggest?q={}", &q[..q.len() - 1]));
    }
    // Every route for a part of them: the others are asked above, by the one route that asks every kind.
    for mark in secrets.marks.iter().step_by(5) {
        let q = encoded(mark);
        all.extend(LISTS.iter().map(|(list, _)| format!("/api/v1/search/{list}?search={q}&count=50")));
        // Another letter: what is meant is known, were it shown.
        all.push(format!("/api/v1/search?search={}y&count=5", &q[..q.len() - 1]));
        all.push(format!("/search?search={}y", &q[..q.len() - 1]));
        all.push(format!("/search?search={q}&page=1"));
        all.push(format!("/api/v1/search/videos?tagsOneOf={q}&tagsAllOf={q}"));
        all.push(format!("/api/v1/suggest?q={q}&format=opensearch"));
        all.push(format!("/events?search={q}"));
        all.push(format!("/feeds/search.ics?search={q}"));
        all.extend(["events", "groups"].map(|kind| format!("/api/v1/map/clusters?kind={kind}&zoom=12&search={q}")));
        all.push(format!("/api/v1/places?q={q}"));
    }
    for id in &secrets.ids {
        all.push(format!("/api/v1/search/videos?uuids[]={id}"));
        all.push(format!("/api/v1/search/video-playlists?uuids[]={id}"));
        all.push(format!("/api/v1/search?search={id}"));
    }
    for handle in &secrets.handles {
        let q = encoded(handle);
        all.push(format!("/api/v1/search/video-channels?handles[]={q}"));
        all.push(format!("/api/v1/search?search={q}&kinds=channel,group"));
        all.push(format!("/api/v1/suggest?q={q}"));
        all.push(format!("/api/v1/search?kinds=event&group={q}"));
    }
    for host in &secrets.hosts {
        all.push(format!("/api/v1/search?host={host}&facets=all"));
        all.push(format!("/api/v1/search/videos?host={host}"));
        all.push(format!("/api/v1/instances/{host}"));
        all.push(format!("/api/v1/instances?search={host}"));
        all.push(format!("/api/v1/instances?status=healthy&search={}", &host[..host.len() - 3]));
    }
    all.extend(secrets.images.iter().flat_map(|key| ["thumbnail", "preview"].map(|size| format!("/img/{key}/{size}"))));
    all
}

/// What of the hidden is in an answer that was not in the request.
fn leaks(path: &str, answer: &Answer, secrets: &Secrets) -> Vec<String> {
    let asked = percent_encoding::percent_decode_str(path).decode_utf8().unwrap().to_lowercase();
    let mut said = String::from_utf8_lossy(&answer.bytes).to_lowercase();
    for (name, value) in &answer.headers {
        said.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes()).to_lowercase()));
    }
    // Pages write addresses of further pages in which the request stands again.
    let said = percent_encoding::percent_decode_str(&said).decode_utf8_lossy().into_owned();
    let told = if OF_RULES.contains(&path) { marked(&RULES.to_lowercase()) } else { BTreeSet::new() };
    let marks = marked(&said).into_iter().filter(|mark| !asked.contains(mark) && !told.contains(mark));
    let ids = secrets.ids.iter().filter(|id| said.contains(&id.to_lowercase()) && !asked.contains(&id.to_lowercase()));
    marks.chain(ids.cloned()).collect()
}

/// The answer as far as an index without the hidden records must give the same: no scores, no generation, no order by
/// relevance.
fn comparable(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| {
                !["score", "generation", "asOf", "freshnessSeconds", "inclusionRules", "startDate"]
                    .contains(&key.as_str())
            });
            Value::Object(kept.map(|(key, value)| (key.clone(), comparable(value))).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(comparable).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// Where two answers differ first, and how.
fn difference(found: &Value, wanted: &Value) -> Option<String> {
    match (found, wanted) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().find_map(|(key, value)| Some(format!(" {key}{}", difference(value, &other[key])?)))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).find_map(|(value, other)| difference(value, other))
        }
        _ => (found != wanted).then(|| format!(": {found} instead of {wanted}")),
    }
}

// case 132
#[tokio::test]
async fn case_132_nothing_hidden_leaves_a_trace_on_any_route() {
    let world = build();
    let all: Vec<Record> = world.shown.iter().chain(&world.hidden).cloned().collect();
    let secrets = secrets(&world.hidden);
    // Without rules everything is found: what follows is not silent because nothing is there.
    let open = site(&all, None);
    let found = open.ask("/api/v1/search?facets=all&count=100&nsfw=both").await.to_string();
    assert!(found.contains(MARK));
    for mark in secrets.marks.iter().filter(|mark| mark.ends_with("title")) {
        let videos = open.ask(&format!("/api/v1/search?kinds=video&search={mark}&nsfw=both")).await;
        let events = open.ask(&format!("/api/v1/search?kinds=event&search={mark}&when=2019-01-01..2030-01-01")).await;
        let found = [&videos["kinds"]["video"]["data"], &events["kinds"]["event"]["data"]];
        assert!(found.iter().any(|data| data.to_string().contains(mark)), "{mark} is findable: {videos} {events}");
    }
    let (ruled, clean) = (site(&all, Some(&world)), site(&world.shown, None));
    let requests = requests(&secrets);
    let mut faults: Vec<String> = Vec::new();
    for path in &requests {
        let (answer, expected) = (ruled.get(path).await, clean.get(path).await);
        faults.extend(
            leaks(path, &answer, &secrets).into_iter().map(|leak| format!("{path}: `{leak}` is in the answer")),
        );
        if answer.status != expected.status {
            faults.push(format!("{path}: {} instead of {}: {}", answer.status, expected.status, answer.text()));
        }
        // Only the reason differs for a host that is left out: an index without it does not know it.
        let is_of_hidden_host = path.starts_with("/api/v1/instances/") && path.contains(MARK);
        let is_json = answer.header("content-type").starts_with("application/json");
        if is_json && !is_of_hidden_host {
            let (found, wanted) = (comparable(&answer.json()), comparable(&expected.json()));
            let differences = difference(&found, &wanted).into_iter().filter(|_| path != FIGURES);
            faults.extend(differences.map(|difference| format!("{path}{difference}")));
        }
        if PAGES.contains(&path.as_str()) && answer.text() != expected.text() {
            faults.push(format!("{path}: {} instead of {}", answer.text(), expected.text()));
        }
    }
    let shown: Vec<String> = faults.iter().take(20).map(|fault| fault.chars().take(700).collect()).collect();
    assert!(faults.is_empty(), "{} of {} requests: {shown:#?}", faults.len(), requests.len());
    let totals = ruled.get("/health/ready").await.json();
    assert_eq!(totals["videos"], world.shown.iter().filter(|record| matches!(record, Record::Video(_))).count());
    // Bytes that were kept while a picture could be seen are not shown either.
    let picture = format!("/img/{}/thumbnail", secrets.images.last().unwrap());
    ruled.api.set_inclusion(indexer::inclusion::Inclusion::everything());
    assert!(ruled.api.refresh().unwrap());
    assert_eq!(ruled.get(&picture).await.header("content-type"), "image/gif");
    ruled.api.set_inclusion(world.inclusion.clone());
    assert!(ruled.api.refresh().unwrap());
    assert_ne!(ruled.get(&picture).await.header("content-type"), "image/gif");
    assert_eq!(ruled.get(&picture).await.status, 404);
}
