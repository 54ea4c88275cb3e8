//! Moderation as an operator does it: by commands, beside a server and a crawler that run.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use allowlist::moderation::{FILE_NAME, ModerationFile};
use journal::{Body, Kind, Reader};
use serde_json::Value;
use simulator::{Catalogue, Fediverse, HostSetup};

use crate::rig::{Rig, n_indexed, program, runtime, wait_until};

/// What moderation promises: a decision is in force wherever the index is served within so long.
const PROMISE: Duration = Duration::from_secs(5);

fn two_hosts(n_videos: u32) -> (tokio::runtime::Runtime, Fediverse, Vec<String>) {
    let runtime = runtime();
    let catalogue = Catalogue::new(5, "2026-11-22T10:00:00Z".parse().unwrap(), 2);
    let mut builder = Fediverse::builder();
    for number in 0..2 {
        let instance = catalogue.instance(number, n_videos).unwrap();
        builder = builder.host(HostSetup::generated(instance).rate_limit(None));
    }
    let fediverse = runtime.block_on(builder.start()).unwrap();
    let names = fediverse.resolve().into_keys().collect();
    (runtime, fediverse, names)
}

/// A data directory without a configuration.
struct Bare(tempfile::TempDir);

impl Bare {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn output(&self, arguments: &[&str]) -> Output {
        program()
            .arg("moderation")
            .args(arguments)
            .arg("--data")
            .arg(self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn run(&self, arguments: &[&str]) -> (String, String) {
        let output = self.output(arguments);
        let (results, messages) = text(&output);
        assert!(output.status.success(), "{arguments:?}: {results}{messages}");
        (results, messages)
    }

    fn refused(&self, arguments: &[&str], code: i32, piece: &str) {
        let output = self.output(arguments);
        let (results, messages) = text(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {results}{messages}");
        assert!(messages.contains(piece), "{arguments:?}: {messages}");
    }

    fn published(&self) -> Vec<String> {
        published(&self.0.path().join("index"))
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn text(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What the file beside the index says, without numbers and dates, sorted.
fn published(index: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(index.join(FILE_NAME)).unwrap();
    let file = ModerationFile::parse(&text).unwrap();
    let mut decisions: Vec<String> =
        file.decisions.iter().map(|decision| format!("{} {}", decision.action.as_str(), decision.target)).collect();
    decisions.sort();
    decisions
}

#[test]
fn what_is_decided_is_published_at_once_and_can_be_taken_back() {
    let data = Bare::new();
    let page = "https://tube.example/c/films/videos";
    data.run(&["hide", page, "--reason", "spam", "--author", "anna"]);
    data.run(&["downrank", "word:casino", "--reason", "boring"]);
    assert_eq!(data.published(), ["downrank word:casino", "hide channel:films@tube.example"]);
    let file = std::fs::read_to_string(data.0.path().join("index").join(FILE_NAME)).unwrap();
    assert!(file.contains("spam") && !file.contains("anna"), "nobody is named: {file}");

    let (listed, messages) = data.run(&["list"]);
    assert!(listed.contains("channel:films@tube.example") && listed.contains("by anna"), "{listed}");
    assert!(messages.contains("in force: 2"), "{messages}");
    let listed: Value = serde_json::from_str(&data.run(&["list", "--json"]).0).unwrap();
    assert_eq!(listed["decisions"][0]["author"], "anna");

    data.run(&["show", "channel:films@tube.example", "--reason", "a mistake", "--author", "bert"]);
    assert_eq!(data.published(), ["downrank word:casino"]);
    data.refused(&["show", "channel:films@tube.example", "--reason", "again"], 1, "no decision on it");
    assert_eq!(data.run(&["list"]).0.lines().count(), 1);
    assert!(data.run(&["list", "--all"]).0.contains("taken back"));
    let log: Vec<Value> =
        data.run(&["log", "--json"]).0.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = log.iter().map(|row| (row["who"].as_str().unwrap(), row["what"].as_str().unwrap())).collect();
    assert_eq!(told, [("bert", "show"), ("operator", "downrank"), ("anna", "hide")]);

    data.refused(&["hide", "tube.example", "--reason", "spam"], 2, "names no target");
    data.refused(&["hide", "https://tube.example/about", "--reason", "spam"], 2, "instance:tube.example");
    data.refused(&["hide", "word:x", "--reason", "a\nb"], 1, "the reason");
    data.refused(&["hide", "word:x"], 2, "--reason");
    data.refused(&["purge", "word:x", "--reason", "spam", "--yes"], 2, "hide it instead");
    data.refused(&["preview", "word:x"], 1, "vigie index");
}

#[test]
fn a_blocklist_is_shown_before_it_is_taken_over_and_replaces_itself() {
    let data = Bare::new();
    let rows = |range: std::ops::Range<usize>| -> String {
        range.map(|number| format!("bad-{number}.example,suspend,,,\"spam, and more\",\n")).collect()
    };
    let heading = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n";
    let list = data.write("friends.csv", &format!("{heading}{}http://a.example/,suspend,,,,\n", rows(0..12)));
    let (plan, messages) = data.run(&["import", &list]);
    assert!(plan.contains("friends.csv: adds 12, changes 0, revokes 0, unchanged 0"), "{plan}");
    assert!(messages.contains("line 14 is left out") && messages.contains("--yes"), "{messages}");
    assert!(!data.0.path().join("index").join(FILE_NAME).exists(), "nothing was decided");

    data.run(&["import", &list, "--yes"]);
    assert_eq!(data.published().len(), 12);
    let (listed, _) = data.run(&["list"]);
    assert!(listed.contains("(from friends.csv)") && listed.contains("imported 0 min ago"), "{listed}");
    assert!(!listed.contains(data.0.path().to_str().unwrap()), "no path is published: {listed}");

    data.write("friends.csv", &format!("{heading}{}", rows(2..14)));
    let (plan, _) = data.run(&["import", &list, "--yes"]);
    assert!(plan.contains("adds 2, changes 0, revokes 2, unchanged 10"), "{plan}");
    data.write("friends.csv", &format!("{heading}{}", rows(2..3)));
    data.refused(&["import", &list, "--yes"], 1, "--accept-shrink");
    data.write("friends.csv", "<!doctype html>\n");
    data.refused(&["import", &list, "--yes"], 2, "no row of it can be used");
    assert_eq!(data.published().len(), 12);

    // What is exported is what another index imports, in both forms.
    let (json, csv) = (data.run(&["export"]).0, data.run(&["export", "--csv"]).0);
    for (name, text) in [("other.json", json), ("other.csv", csv)] {
        let other = Bare::new();
        let path = other.write(name, &text);
        other.run(&["import", &path, "--name", "friends of friends", "--yes"]);
        assert_eq!(other.published(), data.published());
        assert!(other.run(&["list"]).0.contains("friends of friends"));
    }
}

/// A server of one text on loopback.
fn text_server(text: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(20) {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            drop(stream.read(&mut request));
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nConnection: close";
            drop(stream.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{text}", text.len()).as_bytes()));
        }
    });
    address
}

#[test]
fn a_blocklist_is_fetched_by_its_address() {
    let address = text_server("target,action\nword:casino,downrank\nbad.example,hide\n");
    let rig = Rig::with_hosts(&[("lists.example".to_owned(), address)], "1ms");
    let url = "http://lists.example/blocks.csv?format=csv";
    rig.run(&["moderation", "import", url, "--yes"]);
    assert_eq!(published(&rig.index()), ["downrank word:casino", "hide instance:bad.example"]);
    assert!(rig.run(&["moderation", "list"]).contains(&format!("(from {url})")));
    for (address, piece) in [
        ("https://lists.example/blocks.csv", "write https"),
        ("https://127.0.0.1/blocks.csv", "importing"),
        ("https://name@lists.example/blocks.csv", "importing"),
    ] {
        let (_, messages) = text(&rig.output(&["moderation", "import", address, "--yes"]));
        assert!(messages.contains(piece), "{messages}");
    }
}

/// Titles and channels of the living videos of the journal.
fn living(rig: &Rig, host: &str) -> Vec<(String, String)> {
    let reader = Reader::open(&rig.data().join("journal.db")).unwrap();
    let ids = reader.live_ids(&host.parse().unwrap(), Kind::Video).unwrap();
    let mut videos = Vec::new();
    for (id, _) in ids {
        if let Some((_, entry)) = reader.get(&id).unwrap()
            && let Body::Record(journal::Record::Video(video)) = entry.body
        {
            videos.push((video.name.clone(), format!("{}@{}", video.channel.name.to_lowercase(), video.channel.host)));
        }
    }
    videos
}

#[test]
fn what_is_purged_leaves_journal_and_index_and_does_not_come_back() {
    let (runtime, fediverse, names) = two_hosts(40);
    let rig = Rig::new(&fediverse, "5ms");
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    let before = living(&rig, &names[0]);
    let n_before = n_indexed(&rig.index());
    let channel = before[0].1.clone();
    let n_of_channel = before.iter().filter(|(_, of)| *of == channel).count();
    let target = format!("channel:{channel}");

    let preview: Value = serde_json::from_str(&rig.run(&["moderation", "preview", &target, "--json"])).unwrap();
    assert_eq!(preview["kinds"][0]["hidden"], n_of_channel);
    assert_eq!(preview["kinds"][0]["shown"], n_before);
    let samples = preview["kinds"][0]["samples"].as_array().unwrap();
    assert!(!samples.is_empty() && samples.len() <= 5);
    let is_of_channel =
        |title: &Value| before.iter().any(|(name, of)| Some(name.as_str()) == title.as_str() && *of == channel);
    assert!(samples.iter().all(is_of_channel), "{samples:?}");
    assert_eq!(preview["kinds"][1]["hidden"], 1, "the channel itself");

    // Without a crawl the command does it itself.
    rig.run(&["moderation", "purge", &target, "--reason", "spam", "--yes"]);
    let left = living(&rig, &names[0]);
    assert_eq!(left.len(), before.len() - n_of_channel);
    assert!(left.iter().all(|(_, of)| *of != channel));
    rig.run(&["crawl", "--once"]);
    assert_eq!(living(&rig, &names[0]).len(), left.len(), "it came back");
    rig.run(&["index"]);
    assert_eq!(n_indexed(&rig.index()), n_before - n_of_channel as u64);

    // A crawl that runs does it, and goes on without what was purged.
    let mut crawling = rig.start(&["crawl"]);
    crawling.wait_for("crawl", |line| line.contains("may be visited").then_some(()));
    let other = living(&rig, &names[1])[0].1.clone();
    rig.run(&["moderation", "purge", &format!("channel:{other}"), "--reason", "spam", "--yes"]);
    wait_until("the crawler has removed it", || living(&rig, &names[1]).iter().all(|(_, of)| *of != other));
    assert!(crawling.interrupt().1);
    // The next crawl reads everything again and keeps it out.
    rig.run(&["crawl", "--once"]);
    assert!(living(&rig, &names[1]).iter().all(|(_, of)| *of != other));

    let refused = rig.output(&["moderation", "show", &target, "--reason", "a mistake"]);
    assert!(text(&refused).1.contains("--lift-purge"), "{}", text(&refused).1);
    rig.run(&["moderation", "show", &target, "--reason", "a mistake", "--lift-purge"]);
    rig.run(&["moderation", "suggest"]);
    runtime.block_on(fediverse.shutdown());
}

#[test]
fn a_server_that_runs_hides_and_shows_within_seconds() {
    let (runtime, fediverse, names) = two_hosts(30);
    let rig = Rig::new(&fediverse, "5ms");
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    let mut serving = rig.start(&["serve", "--listen", "127.0.0.1:0"]);
    let address = serving.address();
    serving.wait_for("generation", |line| line.contains("serving generation").then_some(()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let total = || -> u64 {
        let url = format!("{address}/api/v1/search/videos?nsfw=both&host={}", names[0]);
        let answer = runtime.block_on(async { client.get(url).send().await.unwrap().text().await.unwrap() });
        serde_json::from_str::<Value>(&answer).unwrap()["total"].as_u64().unwrap()
    };
    let n_shown = total();
    assert!(n_shown > 0);
    let target = format!("instance:{}", names[0]);
    rig.run(&["moderation", "hide", &target, "--reason", "spam"]);
    let decided = Instant::now();
    wait_until("it is hidden", || total() == 0);
    assert!(decided.elapsed() < PROMISE, "{:?}", decided.elapsed());
    rig.run(&["moderation", "show", &target, "--reason", "a mistake"]);
    let decided = Instant::now();
    wait_until("it is shown", || total() == n_shown);
    assert!(decided.elapsed() < PROMISE, "{:?}", decided.elapsed());
    assert!(serving.interrupt().1);
    runtime.block_on(fediverse.shutdown());
}
