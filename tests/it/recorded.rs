//! The recorded PeerTube 6.3.0 server, replayed: every public local video is found, nothing else is, and after the
//! recorded changes what went is gone and what was edited shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use simulator::replay::{Recording, Set};
use simulator::{Fediverse, HostSetup};

use crate::rig::{Rig, n_indexed, runtime, wait_until};

const HOST: &str = "tilleuls.example";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("simulator/fixtures/peertube-6.3.0")
}

fn fixture(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixtures().join(name)).unwrap()).unwrap()
}

/// uuid → title of a recorded listing.
fn listed(name: &str) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    fixture(name)["data"].as_array().unwrap().iter().map(|item| (text(&item["uuid"]), text(&item["name"]))).collect()
}

/// Every recorded detail of a state, by uuid.
fn details(folder: &str) -> BTreeMap<String, Value> {
    let mut details = BTreeMap::new();
    for entry in std::fs::read_dir(fixtures().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let is_detail = path.file_name().unwrap().to_string_lossy().starts_with("video-");
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        if is_detail && value.get("tags").is_some() {
            details.insert(value["uuid"].as_str().unwrap().to_owned(), value);
        }
    }
    details
}

struct Service {
    address: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Service {
    fn ask(&self, query: &[(&str, &str)]) -> Value {
        let mut url = format!("{}/api/v1/search/videos?count=100", self.address);
        for (name, value) in query {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            url.push_str(&format!("&{name}={value}"));
        }
        self.runtime.block_on(async {
            let answer = self.client.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{url}");
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
        })
    }

    /// The service looks for a new generation twice a second.
    fn is_ready(&self) -> bool {
        let url = format!("{}/health/ready", self.address);
        self.runtime.block_on(async { self.client.get(&url).send().await.is_ok_and(|answer| answer.status() == 200) })
    }

    fn found(&self, query: &[(&str, &str)]) -> BTreeSet<String> {
        let answer = self.ask(query);
        answer["data"].as_array().unwrap().iter().map(|item| item["uuid"].as_str().unwrap().to_owned()).collect()
    }
}

/// The longest run of letters and digits, the whole title where it has none (one is all emoji).
fn longest_word(text: &str) -> &str {
    let longest = text.split(|c: char| !c.is_alphanumeric()).max_by_key(|word| word.chars().count());
    longest.filter(|word| !word.is_empty()).unwrap_or(text)
}

/// `details`: those that were recorded; of the other videos only the listing is known.
fn assert_all_found(
    service: &Service,
    titles: &BTreeMap<String, String>,
    details: &BTreeMap<String, Value>,
    least: (usize, usize),
) {
    let everything = service.found(&[]);
    assert_eq!(everything, titles.keys().cloned().collect(), "what is listed is there, and nothing else");
    for (uuid, title) in titles {
        let word = longest_word(title);
        assert!(service.found(&[("search", word)]).contains(uuid), "`{title}` by `{word}`");
    }
    let (mut n_tags, mut n_late_words) = (0, 0);
    for (uuid, detail) in details.iter().filter(|(uuid, _)| titles.contains_key(*uuid)) {
        for tag in detail["tags"].as_array().unwrap() {
            let tag = tag.as_str().unwrap();
            n_tags += 1;
            assert!(service.found(&[("search", tag)]).contains(uuid), "{uuid} by its tag `{tag}`");
            let upper = tag.to_uppercase();
            assert!(service.found(&[("tagsOneOf", &upper)]).contains(uuid), "{uuid} by the filter `{upper}`");
        }
        let description: Vec<char> = detail["description"].as_str().unwrap_or_default().chars().collect();
        if description.len() > 300 {
            let start: String = description[..250].iter().collect();
            let rest: String = description[255..].iter().collect();
            // The first piece may be the end of a word that was cut.
            let mut words = rest.split(|c: char| !c.is_alphanumeric()).skip(1);
            let word =
                words.find(|word| word.len() > 5 && !start.contains(word) && !titles[uuid].contains(word)).unwrap();
            n_late_words += 1;
            assert!(service.found(&[("search", word)]).contains(uuid), "{uuid} by `{word}`, far into its description");
        }
    }
    assert!(n_tags >= least.0, "{n_tags} tags were looked for");
    assert!(n_late_words >= least.1, "{n_late_words} long descriptions were looked into");
}

// case 87, case 89, case 95
#[test]
fn every_public_local_video_is_found_and_the_recorded_changes_show() {
    let before = listed("phase1/videos-all-count100-start0.json");
    let after = listed("videos-all-count100-start0.json");
    assert_eq!((before.len(), after.len()), (48, 44));
    let runtime = runtime();
    let recording = Recording::bundled(Set::BeforeChanges).unwrap();
    let fediverse = runtime.block_on(Fediverse::builder().host(HostSetup::recorded(HOST, recording)).start()).unwrap();
    let rig = Rig::new(&fediverse, "5ms");
    let mut running = rig.start(&["up", "--listen", "127.0.0.1:0"]);
    let address = running.address();
    wait_until("the first state is indexed", || n_indexed(&rig.index()) == before.len() as u64);
    let service = Service {
        address,
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
        runtime: crate::rig::runtime(),
    };

    wait_until("the service is ready", || service.is_ready());

    let details_before = details("phase1");
    let enriched = || {
        details_before.iter().filter(|(uuid, _)| before.contains_key(*uuid)).all(|(uuid, detail)| {
            detail["tags"]
                .as_array()
                .unwrap()
                .iter()
                .all(|tag| service.found(&[("tagsOneOf", tag.as_str().unwrap())]).contains(uuid))
        })
    };
    wait_until("the tags of the first state are indexed", enriched);
    assert_all_found(&service, &before, &details_before, (6, 0));

    // What is not public is found neither by its title nor by its id, in either state.
    let hidden: Vec<Value> = fixture("content.json")["videos"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|video| {
            let key = video["key"].as_str().unwrap_or_default();
            ["unlisted", "private", "internal", "password", "scheduled"].contains(&key)
        })
        .cloned()
        .collect();
    assert_eq!(hidden.len(), 5);
    let assert_hidden = || {
        for video in &hidden {
            let (uuid, name) = (video["uuid"].as_str().unwrap(), video["name"].as_str().unwrap());
            assert!(service.found(&[("uuids", uuid)]).is_empty(), "{name}");
            assert!(!service.found(&[("search", name)]).contains(uuid), "{name}");
        }
    };
    assert_hidden();

    fediverse.host(HOST).unwrap().switch_set(Set::AfterChanges).unwrap();
    let gone: BTreeSet<_> = before.keys().filter(|uuid| !after.contains_key(*uuid)).cloned().collect();
    assert_eq!(gone.len(), 6, "two deleted, one private, one blocked, two of a deleted channel");
    wait_until("what went is gone and what came is there", || service.found(&[]) == after.keys().cloned().collect());
    let details_after = details("");
    wait_until("the edits show", || {
        details_after.iter().filter(|(uuid, _)| after.contains_key(*uuid)).all(|(uuid, detail)| {
            let answer = service.ask(&[("uuids", uuid)]);
            let item = &answer["data"][0];
            let tags = |value: &Value| {
                value["tags"].as_array().unwrap().iter().map(ToString::to_string).collect::<BTreeSet<_>>()
            };
            item["name"] == detail["name"]
                && item["category"] == detail["category"]
                && item["licence"] == detail["licence"]
                && item["language"] == detail["language"]
                && item["nsfw"] == detail["nsfw"]
                && item["thumbnailPath"] == detail["thumbnailPath"]
                && item["channel"]["displayName"] == detail["channel"]["displayName"]
                && tags(item) == tags(detail)
        })
    });
    assert_all_found(&service, &after, &details_after, (20, 2));
    assert_hidden();
    for uuid in gone {
        assert!(service.found(&[("uuids", &uuid)]).is_empty(), "{uuid} is gone");
    }
    let (elapsed, is_well) = running.interrupt();
    assert!(is_well && elapsed.as_secs() < 5, "Ctrl-C took {elapsed:?}");
    rig.run(&["index", "--check"]);
    runtime.block_on(fediverse.shutdown());
}
