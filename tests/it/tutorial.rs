//! docs/your-own-index.md, done to the letter in an empty folder.
//!
//! The only thing that is added is what no reader needs: addresses of simulated hosts for the names of the tutorial.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use simulator::{Crafted, Fediverse, HostSetup, Version, uuid_of};

use crate::rig::{PATIENCE, Running, runtime};

const TUTORIAL: &str = include_str!("../../docs/your-own-index.md");

/// The ports of the demo, of the themed index and of one's own.
const PORTS: [u16; 3] = [8090, 8091, 8092];

/// Three ports that nobody listens on now.
fn free_ports() -> [u16; 3] {
    let listeners = PORTS.map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// A fenced block with what stands behind its first fence.
struct Block<'a> {
    words: Vec<&'a str>,
    text: String,
}

impl Block<'_> {
    /// The value of `key=value` behind the fence.
    fn value(&self, key: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block { words: info.split_whitespace().collect(), text: text.join("\n") + "\n" });
    }
    blocks
}

/// A shell that finds the program, as after its installation. `exec` lets a signal reach the program itself.
fn shell(folder: &Path, command: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_vigie"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).env_clear().env("PATH", path);
    shell
}

#[test]
fn the_tutorial_works_from_an_empty_folder() {
    let runtime = runtime();
    let host = Crafted::new("tube.example", Version::of_major(7), jiff::Timestamp::now())
        .account("biblio", "La bibliothèque", |_| {})
        .channel("biblio", "lectures", "Lectures", |_| {})
        .video("lectures", uuid_of("heure"), "L'heure du conte", |video| video.language = Some("fr"))
        .video("lectures", uuid_of("hour"), "Story hour", |video| video.language = Some("en"));
    let host = HostSetup::crafted(host).unwrap();
    let fediverse = runtime.block_on(Fediverse::builder().hosts([host]).start()).unwrap();
    let (name, address) = fediverse.resolve().into_iter().next().unwrap();
    assert_eq!(name, "tube.example");
    let network = format!(
        "\n[network]\nplain_http = [\"{name}\"]\nallow_private = [\"{name}\"]\nown_hosts = [\"{name}\"]\n\
         [network.resolve]\n\"{name}\" = \"{address}\"\n"
    );

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut running = Vec::new();
    // The ports of the tutorial may be taken on this machine.
    let ports = free_ports();
    let text = PORTS.iter().zip(&ports).fold(TUTORIAL.to_owned(), |text, (written, free)| {
        text.replace(&format!("127.0.0.1:{written}"), &format!("127.0.0.1:{free}"))
    });
    let blocks = blocks(&text);
    assert!(blocks.len() > 8, "the tutorial has its commands");
    for block in &blocks {
        match block.words.first() {
            Some(&"toml") => {
                let file = block.value("file").unwrap();
                let extra = if file == "vigie.toml" { network.as_str() } else { "" };
                std::fs::write(folder.join(file), block.text.clone() + extra).unwrap();
            }
            Some(&"sh") if block.words.contains(&"background") => {
                let mut process = Running::start(&mut shell(folder, &format!("exec {}", block.text)));
                let until = block.value("until").unwrap();
                process.wait_for(until, |line| line.contains(until).then_some(()));
                running.push(process);
            }
            Some(&"sh") => {
                let output = shell(folder, &block.text).output().unwrap();
                let said =
                    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
                let expected = !block.words.contains(&"expect-failure");
                assert_eq!(output.status.success(), expected, "{}\n{said}", block.text);
                assert!(!said.is_empty(), "{} says something", block.text);
            }
            other => panic!("a block that no reader can use: {other:?}"),
        }
    }

    let [_, themed, own] = ports;
    themed_index_is_served(&runtime, themed);
    own_index_finds_videos(&runtime, own);
    drop(running);
    runtime.block_on(fediverse.shutdown());
}

fn json(runtime: &tokio::runtime::Runtime, url: &str) -> Option<serde_json::Value> {
    runtime.block_on(async {
        let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.ok()?;
        serde_json::from_slice(&answer.bytes().await.ok()?).ok()
    })
}

fn themed_index_is_served(runtime: &tokio::runtime::Runtime, port: u16) {
    let config = json(runtime, &format!("http://127.0.0.1:{port}/api/v1/config")).unwrap();
    let files: Vec<&str> = config["inclusionRules"]["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["source"].as_str().unwrap())
        .collect();
    assert!(files.iter().any(|file| file.contains("no-adult")) && files.contains(&"rules.toml"), "{files:?}");
    let videos = json(runtime, &format!("http://127.0.0.1:{port}/api/v1/search/videos?nsfw=both&count=100")).unwrap();
    assert!(videos["total"].as_u64() > Some(10), "{videos}");
    for video in videos["data"].as_array().unwrap() {
        let language = video["language"]["id"].as_str();
        assert!(video["nsfw"] == false && language.is_none_or(|language| language == "fr"), "{video}");
    }
}

fn own_index_finds_videos(runtime: &tokio::runtime::Runtime, port: u16) {
    let begun = Instant::now();
    loop {
        let found = json(runtime, &format!("http://127.0.0.1:{port}/api/v1/search/videos?nsfw=both"));
        if let Some(video) = found.as_ref().and_then(|found| found["data"].get(0)) {
            let names: Vec<_> = found.iter().flat_map(|found| found["data"].as_array()).flatten().collect();
            assert_eq!((names.len(), &video["name"]), (1, &"L'heure du conte".into()), "{video}");
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing was found in the index of one's own");
        std::thread::sleep(Duration::from_millis(100));
    }
}
