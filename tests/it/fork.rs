//! A fork: somebody else's published index, served from an empty folder under rules of one's own, without crawling anything.
//!
//! What must be hidden is decided here by a look at what was crawled, not by the program's own reading of its rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use journal::record::Video;
use journal::{Body, Kind, Offset, Reader, Record};
use serde_json::Value;

use crate::published::PUBLISHED;
use crate::rig::{Running, program, runtime};

/// What the theme says of single videos, in this test's own words.
fn is_adult(video: &Video) -> bool {
    const EXPLICIT: u32 = 2;
    const WORDS: [&str; 6] = ["porn", "porno", "hentai", "sexvideo", "xvideos", "pornofilm"];
    let detail = video.detail.as_ref();
    let texts = [
        Some(&video.name),
        video.truncated_description.as_ref(),
        detail.and_then(|detail| detail.description.as_ref()),
    ];
    let text: String = texts.into_iter().flatten().map(|text| format!(" {} ", text.to_lowercase())).collect();
    let has_word = WORDS.iter().any(|word| text.split(|c: char| !c.is_alphanumeric()).any(|own| own == *word));
    video.nsfw || video.nsfw_flags & EXPLICIT != 0 || has_word
}

/// The demo as the journal has it.
#[derive(Default)]
struct Demo {
    videos: Vec<Video>,
    channels: BTreeSet<String>,
    playlists: BTreeMap<String, BTreeSet<String>>,
    n_events: u64,
    n_groups: u64,
}

impl Demo {
    fn read() -> Self {
        let reader = Reader::open(&PUBLISHED.journal()).unwrap();
        let mut newest = BTreeMap::new();
        let mut last = Offset::ZERO;
        loop {
            let entries = reader.read_after(last, 1000).unwrap();
            let Some((offset, _)) = entries.last() else { break };
            last = *offset;
            newest.extend(entries.into_iter().map(|(_, entry)| (entry.id(), entry.body)));
        }
        let mut demo = Self::default();
        for (id, body) in newest {
            match body {
                Body::Record(Record::Video(video)) => demo.videos.push(*video),
                Body::Record(Record::Channel(_)) => drop(demo.channels.insert(format!("{}@{}", id.id, id.host))),
                Body::Record(Record::Playlist(playlist)) => {
                    let elements =
                        playlist.elements.iter().map(|element| format!("{}/{}", element.host, element.uuid)).collect();
                    demo.playlists.insert(playlist.uuid.to_string(), elements);
                }
                Body::Record(Record::Event(_)) => demo.n_events += 1,
                Body::Record(Record::Group(_)) => demo.n_groups += 1,
                Body::Tombstone { .. } => {}
            }
        }
        assert!(demo.videos.len() > 1000 && !demo.channels.is_empty() && demo.n_events > 100, "the demo is there");
        demo
    }

    fn shown(&self) -> impl Iterator<Item = &Video> {
        self.videos.iter().filter(|video| !is_adult(video))
    }

    fn hidden(&self) -> impl Iterator<Item = &Video> {
        self.videos.iter().filter(|video| is_adult(video))
    }
}

fn channel(video: &Video) -> String {
    format!("{}@{}", video.channel.name.to_lowercase(), video.host)
}

/// The served fork.
struct Fork {
    address: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    _running: Running,
}

impl Fork {
    /// Serves the published index from a folder that holds the theme and nothing else.
    fn start(folder: &Path) -> Self {
        let themes = folder.join("themes");
        std::fs::create_dir(&themes).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("allowlist/lists/themes/no-adult.toml");
        std::fs::copy(shipped, themes.join("no-adult.toml")).unwrap();
        let mut command = program();
        command.current_dir(folder).args(["serve", "--rules", "themes/no-adult.toml", "--listen", "127.0.0.1:0"]);
        command.arg("--index").arg(&PUBLISHED.index);
        let mut running = Running::start(&mut command);
        let address = running.address();
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address, client, runtime: runtime(), _running: running }
    }

    /// Status, head and body as one text: a leak anywhere in it is a leak.
    fn text(&self, path: &str) -> (u16, String) {
        self.runtime.block_on(async {
            let answer = self.client.get(format!("{}{path}", self.address)).send().await.unwrap();
            let status = answer.status().as_u16();
            let head = format!("{:?}", answer.headers());
            (status, head + &String::from_utf8_lossy(&answer.bytes().await.unwrap()))
        })
    }

    fn json(&self, path: &str) -> Value {
        self.runtime.block_on(async {
            let answer = self.client.get(format!("{}{path}", self.address)).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 200, "{path}");
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
        })
    }

    /// What is found of things that are asked for by name, some at a time.
    fn each(&self, route: &str, names: impl Iterator<Item = String>) -> Vec<Value> {
        let names: Vec<String> = names.collect();
        let pages = names.chunks(50).map(|chunk| self.json(&format!("{route}?count=100&{}", chunk.join("&"))));
        pages.flat_map(|page| page["data"].as_array().unwrap().clone()).collect()
    }

    /// All pages of a search: the total that it claims, and its items.
    fn all(&self, path: &str) -> (u64, Vec<Value>) {
        let mut items = Vec::new();
        loop {
            let page = self.json(&format!("{path}&start={}&count=100", items.len()));
            let data = page["data"].as_array().unwrap();
            items.extend(data.iter().cloned());
            if data.len() < 100 {
                return (page["total"].as_u64().unwrap(), items);
            }
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The UUIDs of everything that a text names.
fn uuids_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-')).filter(|word| word.len() == 36)
}

// case 132
#[test]
fn a_fork_shows_its_theme_and_leaks_nothing_by_any_route() {
    let demo = Demo::read();
    let hidden: BTreeSet<String> = demo.hidden().map(|video| video.uuid.to_string()).collect();
    assert!(hidden.len() > 20, "the demo has something to hide: {}", hidden.len());
    let folder = tempfile::tempdir().unwrap();
    let fork = Fork::start(folder.path());
    assert!(fork.json("/api/v1/config")["inclusionRules"]["files"].to_string().contains("no-adult.toml"));

    every_list_is_what_remains(&demo, &fork);
    no_route_knows_what_is_hidden(&demo, &hidden, &fork);
    the_terminal_shows_no_more(&demo, folder.path());
    let (_, about) = fork.text("/about");
    assert!(about.contains("not safe for work"), "the page says what is hidden");
    // Nothing was written where the fork was served from.
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["themes"]);
}

fn every_list_is_what_remains(demo: &Demo, fork: &Fork) {
    let (total, found) = fork.all("/api/v1/search/videos?nsfw=both&sort=-publishedAt");
    let found: BTreeSet<&str> = found.iter().map(|video| video["uuid"].as_str().unwrap()).collect();
    let shown: BTreeSet<String> = demo.shown().map(|video| video.uuid.to_string()).collect();
    assert_eq!(found, shown.iter().map(String::as_str).collect());
    assert_eq!(total, shown.len() as u64);

    let filled: BTreeSet<String> = demo.shown().map(channel).collect();
    let handles = demo.channels.iter().map(|handle| format!("handles[]={}", encoded(handle)));
    let found = fork.each("/api/v1/search/video-channels", handles);
    let found: BTreeSet<String> = found
        .iter()
        .map(|item| format!("{}@{}", item["name"].as_str().unwrap().to_lowercase(), item["host"].as_str().unwrap()))
        .collect();
    let expected: BTreeSet<String> = demo.channels.intersection(&filled).cloned().collect();
    assert_eq!(found, expected, "channels with nothing to show are not shown");

    let keys: BTreeSet<String> = demo.shown().map(|video| format!("{}/{}", video.host, video.uuid)).collect();
    let found =
        fork.each("/api/v1/search/video-playlists", demo.playlists.keys().map(|uuid| format!("uuids[]={uuid}")));
    let lengths: BTreeMap<&str, u64> =
        found.iter().map(|item| (item["uuid"].as_str().unwrap(), item["videosLength"].as_u64().unwrap())).collect();
    let remaining =
        demo.playlists.iter().map(|(uuid, elements)| (uuid.as_str(), elements.intersection(&keys).count() as u64));
    let remaining: BTreeMap<&str, u64> = remaining.filter(|(_, length)| *length > 0).collect();
    assert_eq!(lengths, remaining);

    let native = fork.json("/api/v1/search?nsfw=both&facets=language,category,host,tag&count=1");
    assert_eq!(native["kinds"]["video"]["total"].as_u64(), Some(shown.len() as u64));
    let stats = fork.json("/api/v1/stats");
    let counted = |kind: &str| stats["documents"][kind].as_u64().unwrap();
    assert_eq!(
        [counted("videos"), counted("events"), counted("groups")],
        [shown.len() as u64, demo.n_events, demo.n_groups]
    );
}

fn the_terminal_shows_no_more(demo: &Demo, folder: &Path) {
    let data = PUBLISHED.journal();
    for video in demo.hidden().take(5) {
        let mut command = program();
        command.current_dir(folder).args(["search", &video.url, "--rules", "themes/no-adult.toml", "--json", "--data"]);
        let output = command.arg(data.parent().unwrap()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["total"].as_u64(), Some(0), "{answer}");
    }
}

fn no_route_knows_what_is_hidden(demo: &Demo, hidden: &BTreeSet<String>, fork: &Fork) {
    let emptied: BTreeSet<String> =
        demo.hidden().map(channel).filter(|handle| !demo.shown().any(|video| channel(video) == *handle)).collect();
    let check = |path: &str| {
        let (_, text) = fork.text(path);
        // What was asked for may stand in the answer's own links; what is found may not.
        let asked = path.to_owned();
        let leaked = uuids_in(&text).find(|uuid| hidden.contains(*uuid) && !asked.contains(*uuid));
        assert_eq!(leaked, None, "{path}");
        text
    };
    for video in demo.hidden() {
        let (uuid, host) = (video.uuid, &video.host);
        let title = encoded(&video.name);
        for path in [
            format!("/api/v1/search/videos?nsfw=both&search={title}"),
            format!("/api/v1/search?nsfw=both&search={title}"),
            format!("/search?nsfw=both&search={title}"),
            format!("/api/v1/suggest?q={title}"),
        ] {
            check(&path);
        }
        for path in [
            format!("/api/v1/search/videos?nsfw=both&uuids[]={uuid}"),
            format!("/api/v1/search/videos?nsfw=both&search={}", encoded(&video.url)),
        ] {
            let found = fork.json(&path);
            assert_eq!((found["total"].as_u64(), found["data"].as_array().map(Vec::len)), (Some(0), Some(0)), "{path}");
        }
        assert_eq!(fork.text(&format!("/img/{host}~{uuid}/thumbnail")).0, 404);
    }
    for handle in &emptied {
        let found = fork.json(&format!("/api/v1/search/video-channels?handles[]={}", encoded(handle)));
        assert_eq!(found["total"].as_u64(), Some(0), "{handle}");
    }
    for path in ["/", "/about", "/stats", "/events", "/api/v1/instances?count=1000", "/feeds/search.ics?count=1000"] {
        check(path);
    }
}

/// Kinds that the demo has; the walk above would be empty without them.
#[test]
fn the_published_demo_holds_every_kind() {
    let reader = Reader::open(&PUBLISHED.journal()).unwrap();
    for kind in Kind::ALL {
        let counts = reader.counts().unwrap();
        assert!(!counts.is_empty());
        let hosts = counts.into_iter().map(|count| count.host);
        assert!(hosts.into_iter().any(|host| !reader.live_ids(&host, kind).unwrap().is_empty()), "{kind}");
    }
}
