//! The command line, as an operator uses it: results on standard output, messages on standard error, exit codes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Output;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use simulator::{Catalogue, Fediverse, HostSetup};

use crate::rig::{Rig, Running, n_indexed, program, runtime, wait_until};

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn one_host(n_videos: u32) -> (tokio::runtime::Runtime, Fediverse, String) {
    let runtime = runtime();
    let instance = Catalogue::new(3, now(), 1).instance(0, n_videos).unwrap();
    let builder = Fediverse::builder().host(HostSetup::generated(instance).rate_limit(None));
    let fediverse = runtime.block_on(builder.start()).unwrap();
    let name = fediverse.resolve().into_keys().next().unwrap();
    (runtime, fediverse, name)
}

fn text(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Asserts the exit code and that the message holds every piece.
fn assert_ends(output: &Output, code: i32, pieces: &[&str]) {
    let (results, messages) = text(output);
    assert_eq!(output.status.code(), Some(code), "{results}{messages}");
    for piece in pieces {
        assert!(messages.contains(piece), "`{piece}` is not in: {messages}");
    }
}

#[test]
fn bad_usage_and_bad_configuration_end_with_2_and_name_the_place() {
    assert_ends(&program().arg("fly").output().unwrap(), 2, &["fly", "--help"]);
    assert_ends(&program().output().unwrap(), 2, &["Usage"]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("vigie.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:0\"\n[crawler]\nhaste = true\n").unwrap();
    let output = program().args(["config", "check", "-c"]).arg(&file).output().unwrap();
    assert_ends(&output, 2, &["vigie.toml line 3", "haste"]);
    let output = program().args(["config", "show"]).env("VIGIE_CRAWLER__HASTE", "1").output().unwrap();
    assert_ends(&output, 2, &["VIGIE_CRAWLER__HASTE", "crawler.haste"]);
    let output = program().args(["config", "show", "-c", "/nowhere/vigie.toml"]).output().unwrap();
    assert_ends(&output, 2, &["/nowhere/vigie.toml"]);
    std::fs::write(&file, "[instances]\nlists = [\"mine.toml\"]\n").unwrap();
    std::fs::write(dir.path().join("mine.toml"), "[[instance]]\nhost = \"http://a.example\"\nkind = \"peertube\"\n")
        .unwrap();
    let output = program().args(["config", "check", "-c"]).arg(&file).output().unwrap();
    assert_ends(&output, 2, &["mine.toml line 2", "holds a scheme"]);
}

#[test]
fn the_configuration_shown_is_a_configuration() {
    let output = program()
        .args(["config", "show", "--listen", "127.0.0.1:9"])
        .env("VIGIE_INDEX__NAME", "Tubes")
        .output()
        .unwrap();
    let (shown, _) = text(&output);
    assert!(shown.contains("name = \"Tubes\"") && shown.contains("listen = \"127.0.0.1:9\""), "{shown}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("vigie.toml");
    std::fs::write(&file, &shown).unwrap();
    let again = program().args(["config", "show", "-c"]).arg(&file).output().unwrap();
    assert_eq!(text(&again).0, shown);
}

// case 79
#[test]
fn nothing_is_crawled_without_a_contact_address_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for command in ["up", "crawl"] {
        let output = program().args([command, "--listen", "127.0.0.1:0", "--data"]).arg(&data).output().unwrap();
        assert_ends(&output, 2, &["crawler.contact_url", "VIGIE_CRAWLER__CONTACT_URL"]);
    }
    assert!(!data.exists());
}

#[test]
fn an_address_in_use_is_one_clear_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = program().args(["serve", "--listen", &address, "--data"]).arg(dir.path()).output().unwrap();
    assert_ends(&output, 1, &[&address, "--listen"]);
}

#[test]
fn commands_on_an_empty_directory_say_what_to_run_first() {
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| program().args(arguments).arg("--data").arg(dir.path()).output().unwrap();
    assert_ends(&run(&["index"]), 1, &["vigie crawl"]);
    assert_ends(&run(&["search", "bread"]), 1, &["vigie up"]);
    assert_ends(&run(&["doctor"]), 0, &[]);
    assert_ends(&run(&["instances", "explain", "nowhere.example"]), 0, &[]);
    assert!(text(&run(&["instances", "explain", "nowhere.example"])).0.contains("not on the list"));
}

/// The name of the channel of the first video of an answer.
fn video_channel(answer: &serde_json::Value) -> &str {
    answer["data"][0]["channel"]["name"].as_str().unwrap()
}

#[test]
fn a_crawl_an_index_a_search_and_a_look_at_each_instance() {
    let (runtime, fediverse, name) = one_host(120);
    let rig = Rig::new(&fediverse, "5ms");
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    let host = fediverse.host(&name).unwrap();
    assert_eq!(n_indexed(&rig.index()), host.listed().len() as u64);

    let video = host.listed().into_iter().find(|video| !video.nsfw && video.name.is_ascii()).unwrap();
    assert!(rig.run(&["search", &video.name]).contains(&video.name));
    let answer: serde_json::Value =
        serde_json::from_str(&rig.run(&["search", &video.name, "--json", "--count", "5"])).unwrap();
    let uuids: Vec<_> =
        answer["data"].as_array().unwrap().iter().map(|item| item["uuid"].as_str().unwrap().to_owned()).collect();
    assert!(uuids.contains(&video.uuid.to_string()) && uuids.len() <= 5);
    assert_ends(&rig.output(&["search", &"long ".repeat(200)]), 2, &["search"]);
    let found = rig.run(&["search", &format!("@{}@{name}", video_channel(&answer)), "--kind", "channels"]);
    assert!(found.contains(&format!("https://{name}/video-channels/{}", video_channel(&answer))), "{found}");
    let answer: serde_json::Value =
        serde_json::from_str(&rig.run(&["search", " ", "--kind", "playlists", "--json"])).unwrap();
    let n_playlists = answer["total"].as_u64().unwrap();
    assert!((1..=host.listed_playlists().len() as u64).contains(&n_playlists), "{answer}");
    assert_ends(&rig.output(&["search", "a", "--kind", "accounts"]), 2, &["playlists"]);

    let explained = rig.run(&["instances", "explain", &name]);
    assert!(explained.contains("next visit") && explained.contains("peertube 8.1.0"), "{explained}");
    let explained: serde_json::Value =
        serde_json::from_str(&rig.run(&["instances", "explain", &name, "--json"])).unwrap();
    assert_eq!(explained["known"]["videos"], host.listed().len());
    assert_eq!(
        (&explained["known"]["playlists"], &explained["counts"]["playlists"]),
        (&n_playlists.into(), &n_playlists.into())
    );
    assert!(rig.run(&["instances", "list"]).contains(&name));
    let listed: serde_json::Value = serde_json::from_str(&rig.run(&["instances", "list", "--json"])).unwrap();
    assert_eq!(listed[0]["host"], name.as_str());
    let checked = rig.run(&["doctor"]);
    assert!(checked.contains("integrity check passed") && checked.contains("checksums are right"), "{checked}");
    // The crawl told of its end before it ended.
    assert!(checked.lines().any(|line| line.starts_with("good   status") && line.ends_with("1 healthy")), "{checked}");
    assert!(rig.run(&["index", "--check"]).contains("the index says what the journal says"));

    // What is removed leaves the index by the one path of removals, and stays out.
    rig.run(&["instances", "remove", &name]);
    assert!(rig.run(&["instances", "explain", &name]).contains("removed"));
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    assert_eq!(n_indexed(&rig.index()), 0);
    rig.run(&["instances", "add", &name, "--note", "back again"]);
    rig.run(&["crawl", "--once", "--host", &name]);
    rig.run(&["index"]);
    assert_eq!(n_indexed(&rig.index()), host.listed().len() as u64);
    assert_ends(&rig.output(&["crawl", "--once", "--host", "other.example"]), 2, &["other.example", "instances add"]);
    runtime.block_on(fediverse.shutdown());
}

// case 27
#[test]
fn a_lookalike_is_added_only_on_purpose() {
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| program().args(arguments).arg("--data").arg(dir.path()).output().unwrap();
    let lookalike = "frаmatube.org";
    assert_ends(&run(&["instances", "add", lookalike]), 1, &["framatube.org", "xn--", "--accept-lookalike"]);
    assert_ends(&run(&["instances", "add", lookalike, "--accept-lookalike"]), 0, &[]);
    assert_ends(&run(&["instances", "add", "http://a.example/"]), 2, &["holds a scheme"]);
    assert!(text(&run(&["instances", "list"])).0.contains(lookalike));
}

#[test]
fn the_demo_says_the_address_it_serves_at() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let running = Running::start(program().args(["demo", "--listen", &address.to_string()]));
    let runtime = runtime();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = || async { client.get(format!("http://{address}/api/v1/config")).send().await?.text().await };
    let mut answer = String::new();
    wait_until("an answer of the demo", || {
        answer = runtime.block_on(get()).unwrap_or_default();
        answer.contains("indexedInstancesUrl")
    });
    assert!(answer.contains(&format!("\"http://{address}/api/v1/instances/hosts\"")), "{answer}");
    assert!(running.interrupt().1);
}

/// A directory of instances on loopback: answers any path with the JSON it holds.
fn directory(json: &Arc<Mutex<String>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let json = Arc::clone(json);
    std::thread::spawn(move || {
        for stream in listener.incoming().take(50) {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let n_read = stream.read(&mut request).unwrap_or(0);
            assert!(n_read == 0 || String::from_utf8_lossy(&request[..n_read]).contains("/instances/hosts?start="));
            let body = json.lock().unwrap().clone();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    address
}

// case 160
#[test]
fn a_directory_is_imported_and_a_broken_one_keeps_the_last_good_copy() {
    let listing = |range: std::ops::Range<usize>| {
        let hosts: Vec<String> =
            range.clone().map(|number| format!("{{\"host\":\"tube-{number}.example\"}}")).collect();
        format!("{{\"total\":{},\"data\":[{},{{\"host\":\"127.0.0.1\"}}]}}", range.len() + 1, hosts.join(","))
    };
    let json = Arc::new(Mutex::new(listing(0..30)));
    let rig = Rig::with_hosts(&[("directory.example".to_owned(), directory(&json))], "1ms");
    let import = ["instances", "import", "http://directory.example/api/v1/instances/hosts", "--name", "dir"];
    assert_ends(&rig.output(&import), 0, &["30 instances", "1 items are not host names"]);
    let n_listed = || rig.run(&["instances", "list"]).lines().count();
    assert_eq!(n_listed(), 31);
    *json.lock().unwrap() = listing(0..5);
    assert_ends(&rig.output(&import), 1, &["--accept-shrink"]);
    *json.lock().unwrap() = "<html>down for repair</html>".to_owned();
    assert_ends(&rig.output(&import), 1, &["directory.example"]);
    assert_eq!(n_listed(), 31);
    *json.lock().unwrap() = listing(0..5);
    let accepted: Vec<&str> = import.into_iter().chain(["--accept-shrink"]).collect();
    assert_ends(&rig.output(&accepted), 0, &["5 instances"]);
    assert_eq!(n_listed(), 6);
}

// case 107
#[test]
fn a_second_crawler_on_the_same_data_is_refused_and_readers_are_not() {
    let (runtime, fediverse, _) = one_host(30);
    let rig = Rig::new(&fediverse, "5ms");
    let running = rig.start(&["up", "--listen", "127.0.0.1:0"]);
    wait_until("the videos are indexed", || n_indexed(&rig.index()) > 0);
    assert_ends(&rig.output(&["crawl", "--once"]), 1, &["another vigie crawls", "--data"]);
    assert_ends(&rig.output(&["index"]), 1, &[]);
    rig.run(&["doctor"]);
    rig.run(&["search", "a"]);
    let mut beside = rig.start(&["serve", "--listen", "127.0.0.1:0"]);
    beside.wait_for("server", |line| line.contains("serving generation").then_some(()));
    assert!(beside.interrupt().1 && running.interrupt().1);
    runtime.block_on(fediverse.shutdown());
}

// case 168
#[test]
fn what_visitors_search_for_is_not_logged() {
    let (runtime, fediverse, _) = one_host(30);
    let rig = Rig::new(&fediverse, "5ms");
    let mut running = crate::rig::Running::start(rig.command().env("VIGIE_LOG__LEVEL", "trace").args([
        "up",
        "--listen",
        "127.0.0.1:0",
    ]));
    let address = running.address();
    wait_until("the videos are indexed", || n_indexed(&rig.index()) > 0);
    running.wait_for("generation", |line| line.contains("serving generation").then_some(()));
    let (marker, visitor) = ("zwölfboxkämpfer", "203.0.113.77");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let statuses: Vec<u16> = runtime.block_on(async {
        let mut statuses = Vec::new();
        for path in ["/api/v1/search/videos?search=", "/search?search=", "/api/v1/search/videos?sort=nonsense&search="]
        {
            let request = client.get(format!("{address}{path}{marker}")).header("X-Forwarded-For", visitor);
            let answer = request.send().await.unwrap();
            statuses.push(answer.status().as_u16());
        }
        statuses
    });
    assert_eq!(statuses, [200, 200, 400]);
    let lines = running.kill();
    assert!(lines.len() > 5);
    let encoded = "zw%C3%B6lf";
    assert!(
        !lines.iter().any(|line| line.contains(marker) || line.contains(encoded) || line.contains("boxk")),
        "{lines:?}"
    );
    // Nor is who searched, and neither is in any file.
    assert!(!lines.iter().any(|line| line.contains(visitor)), "{lines:?}");
    let mut folders = vec![rig.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map_while(Result::ok) {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("boxk") && !text.contains(visitor), "{}", entry.path().display());
        }
    }
    runtime.block_on(fediverse.shutdown());
}

#[test]
fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = program().args(["completions", shell]).output().unwrap();
        let (script, _) = text(&output);
        assert!(output.status.success() && script.contains("vigie") && script.contains("instances"), "{shell}");
    }
}
