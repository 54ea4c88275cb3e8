//! People who ask to be forgotten: nothing of them stays in any file, and no later crawl brings them back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use simulator::{Catalogue, Fediverse, HostSetup};

use crate::rig::{Rig, Running, n_indexed, runtime, wait_until};

/// Stands in every name of the person and nowhere else.
const MARK: &str = "zwieback";

/// A host whose first account, and its channels, bear the mark. Returns it with the names of these channels.
fn marked_host(n_videos: u32) -> (HostSetup, Vec<String>) {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let mut instance = Catalogue::new(3, now, 1).instance(0, n_videos).unwrap();
    let account = instance.spec.accounts.first_mut().unwrap();
    account.name = format!("{MARK}person");
    account.display_name = "Zwieback Person".to_owned();
    account.description = Some("I am Zwieback.".to_owned());
    let mut channels = Vec::new();
    for (nth, channel) in instance.spec.channels.iter_mut().filter(|channel| channel.account == 0).enumerate() {
        channel.name = format!("{MARK}_films_{nth}");
        channel.display_name = "Zwieback Films".to_owned();
        channels.push(channel.name.clone());
    }
    let of_mark: Vec<u32> = (0_u32..)
        .zip(&instance.spec.channels)
        .filter(|(_, channel)| channel.account == 0)
        .map(|(nth, _)| nth)
        .collect();
    for video in instance.videos.iter_mut().filter(|video| of_mark.contains(&video.channel)) {
        video.description = Some("A film of Zwieback.".to_owned());
    }
    assert!(!channels.is_empty());
    (HostSetup::generated(instance).rate_limit(None), channels)
}

fn started(setups: Vec<HostSetup>) -> (tokio::runtime::Runtime, Fediverse) {
    let runtime = runtime();
    let fediverse = runtime.block_on(Fediverse::builder().hosts(setups).start()).unwrap();
    (runtime, fediverse)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map_while(Result::ok) {
        let path = entry.path();
        if path.is_dir() { files.extend(files_of(&path)) } else { files.push(path) }
    }
    files
}

/// A folder may go while it is looked at.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    if folder.exists() { files(folder) } else { Vec::new() }
}

/// The files in which a text stands, whatever its case.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
    };
    files(folder).into_iter().filter(holds).collect()
}

/// Stored documents are compressed, so that looking for words finds nothing: no segment may hold deleted documents.
fn deleted_documents(index: &Path) -> Vec<PathBuf> {
    let is_meta = |path: &PathBuf| path.file_name().is_some_and(|name| name == "meta.json");
    let has_deleted = |path: &PathBuf| {
        let meta: Value = serde_json::from_slice(&std::fs::read(path).unwrap_or_default()).unwrap_or_default();
        meta["segments"].as_array().is_some_and(|segments| segments.iter().any(|segment| !segment["deletes"].is_null()))
    };
    files(index).into_iter().filter(|path| is_meta(path) && has_deleted(path)).collect()
}

fn export(rig: &Rig, whom: &[&str]) -> Value {
    let arguments: Vec<&str> = ["data", "export"].into_iter().chain(whom.iter().copied()).collect();
    serde_json::from_str(&rig.run(&arguments)).unwrap()
}

#[test]
fn case_169_a_forgotten_account_leaves_every_file_and_does_not_come_back() {
    let (setup, channels) = marked_host(60);
    let name = setup.name().to_owned();
    let (runtime, fediverse) = started(vec![setup]);
    let rig = Rig::new(&fediverse, "5ms");
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    let n_before = n_indexed(&rig.index());
    let handle = format!("{MARK}person@{name}");
    let decision = format!("account:{handle}");
    rig.run(&["moderation", "hide", &decision, "--reason", "asked by themselves"]);
    assert!(!holding(&rig.data(), MARK).is_empty(), "it is there to be found");

    // Only a look, without --yes.
    let output = rig.output(&["forget", "--account", &handle]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stderr).contains("--yes"), "{output:?}");
    assert_eq!(n_indexed(&rig.index()), n_before);

    rig.run(&["forget", "--account", &handle, "--yes"]);
    assert_eq!(holding(&rig.data(), MARK), Vec::<PathBuf>::new());
    assert_eq!(deleted_documents(&rig.index()), Vec::<PathBuf>::new());
    assert_eq!(std::fs::read_dir(rig.index().join("generations")).unwrap().count(), 1, "no older generation stays");
    let n_left = n_indexed(&rig.index());
    assert!(n_left > 0 && n_left < n_before, "{n_left} of {n_before}");
    for channel in &channels {
        assert!(!rig.run(&["search", &format!("@{channel}@{name}"), "--kind", "channels"]).contains(MARK));
    }
    rig.run(&["index", "--check"]);
    rig.run(&["doctor"]);

    // The instance lists them still; a crawl of everything does not take them.
    rig.run(&["crawl", "--once"]);
    rig.run(&["index", "--rebuild"]);
    assert_eq!(n_indexed(&rig.index()), n_left);
    assert_eq!(holding(&rig.data(), MARK), Vec::<PathBuf>::new());
    assert!(export(&rig, &["--account", &handle])["journal"].as_array().unwrap().is_empty());
    // Again, and for somebody who was never there.
    rig.run(&["forget", "--account", &handle, "--yes"]);
    rig.run(&["forget", "--channel", &format!("nobody@{name}"), "--yes"]);
    assert!(!rig.output(&["forget", "--account", "no handle", "--yes"]).status.success());
    assert_eq!(n_indexed(&rig.index()), n_left);
    runtime.block_on(fediverse.shutdown());
}

#[test]
fn case_169_a_running_service_forgets_an_instance_between_two_visits() {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let mut marked = Catalogue::new(5, now, 1).instance(0, 40).unwrap();
    marked.spec.name = format!("{MARK}-tube.example");
    let (other, channels) = marked_host(30);
    let (other_name, name) = (other.name().to_owned(), marked.spec.name.clone());
    let (runtime, fediverse) = started(vec![HostSetup::generated(marked).rate_limit(None), other]);
    let rig = Rig::new(&fediverse, "5ms");
    let mut up = rig.start(&["up", "--listen", "127.0.0.1:0"]);
    let address = up.address();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let total = |query: &str| -> u64 {
        let url = format!("{address}/api/v1/search/videos?{query}&count=1");
        let answer = runtime.block_on(async { client.get(url).send().await.unwrap().text().await.unwrap() });
        serde_json::from_str::<Value>(&answer).unwrap_or_default()["total"].as_u64().unwrap_or(0)
    };
    let of_host = format!("host={name}");
    wait_until("both are indexed", || total(&of_host) > 5 && total(&format!("host={other_name}")) > 5);

    let begun = std::time::Instant::now();
    rig.run(&["forget", "--host", &name, "--yes"]);
    assert!(begun.elapsed() < Duration::from_secs(60));
    wait_until("nothing of it is found", || total(&of_host) == 0);
    assert!(total(&format!("host={other_name}")) > 5, "the other one stays");
    // Its list names it still; the crawl goes on without it.
    wait_until("no file names it", || holding(&rig.data(), &name).is_empty());
    let host = fediverse.host(&name).unwrap();
    let n_requests = host.exchanges().len();
    let n_other = fediverse.host(&other_name).unwrap().exchanges().len();
    wait_until("the other one is visited on", || fediverse.host(&other_name).unwrap().exchanges().len() > n_other + 20);
    assert_eq!(host.exchanges().len(), n_requests, "nobody asks it any more");
    assert!(holding(&rig.data(), &name).is_empty());
    assert!(up.interrupt().1);

    // Killed in the middle, told again: it goes on where it was.
    let channel = format!("{}@{other_name}", channels[0]);
    let forget = ["forget", "--channel", &channel, "--yes"];
    let mut first = rig.command().args(forget).spawn().unwrap();
    let pending = rig.data().join("forget.pending");
    wait_until("it has begun", || pending.exists() || first.try_wait().unwrap().is_some());
    first.kill().unwrap();
    first.wait().unwrap();
    rig.run(&forget);
    assert!(!pending.exists());
    assert!(holding(&rig.data(), &channels[0]).is_empty());
    runtime.block_on(fediverse.shutdown());
}

#[test]
fn case_170_everything_stored_about_somebody_is_exported_by_one_command() {
    let (setup, channels) = marked_host(40);
    let name = setup.name().to_owned();
    let (runtime, fediverse) = started(vec![setup]);
    let rig = Rig::new(&fediverse, "5ms");
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    let handle = format!("{MARK}person@{name}");
    rig.run(&["moderation", "downrank", &format!("account:{handle}"), "--reason", "a reason"]);

    let of_account = export(&rig, &["--account", &handle]);
    let keys: Vec<&str> =
        of_account["journal"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
    let host = fediverse.host(&name).unwrap();
    let (specs, listed) = (host.channels(), host.listed());
    let is_theirs = |channel: u32| specs.get(channel as usize).is_some_and(|spec| channels.contains(&spec.name));
    for video in listed.iter().filter(|video| video.origin.is_none() && is_theirs(video.channel)) {
        let key = format!("video/{name}/{}", video.uuid);
        assert!(keys.contains(&key.as_str()), "{key} is not in {keys:?}");
    }
    for video in listed.iter().filter(|video| video.origin.is_none() && !is_theirs(video.channel)) {
        assert!(!keys.contains(&format!("video/{name}/{}", video.uuid).as_str()), "somebody else's");
    }
    assert!(keys.iter().any(|key| key.starts_with("channel/")));
    assert!(of_account["journal"][0]["record"].is_object() && of_account["journal"][0]["seenAt"].is_string());
    assert!(!of_account["crawlerState"]["video"].as_array().unwrap().is_empty());
    assert_eq!(of_account["registry"]["decision"].as_array().unwrap().len(), 1, "{}", of_account["registry"]);

    let of_host = export(&rig, &["--host", &name]);
    assert!(of_host["journal"].as_array().unwrap().len() > keys.len());
    assert_eq!(of_host["crawlerState"]["host"].as_array().unwrap().len(), 1);
    assert_eq!(of_host["lists"].as_array().unwrap().len(), 1);
    assert!(export(&rig, &["--account", "nobody@nowhere.example"])["journal"].as_array().unwrap().is_empty());
    runtime.block_on(fediverse.shutdown());
}

#[test]
fn case_163_a_key_that_others_can_read_is_warned_of_and_never_printed() {
    use std::os::unix::fs::PermissionsExt;
    let (setup, _) = marked_host(5);
    let name = setup.name().to_owned();
    let (runtime, fediverse) = started(vec![setup]);
    let rig = Rig::new(&fediverse, "5ms");
    rig.run(&["crawl", "--once"]);
    rig.run(&["forget", "--account", &format!("nobody@{name}"), "--yes"]);
    let key = rig.data().join("forget.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    // Readable text, so that a print of it would be found.
    let secret = "0123456789abcdefSECRETSECRETxyz!";
    std::fs::write(&key, secret).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut said = Vec::new();
    for arguments in [&["crawl", "--once"][..], &["doctor"], &["config", "show"], &["config", "check"]] {
        let output = rig.command().env("VIGIE_LOG__LEVEL", "trace").args(arguments).output().unwrap();
        said.push(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)));
    }
    for text in said.iter().take(2) {
        assert!(text.contains("forget.key") && text.contains("chmod 600"), "{text}");
    }
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(said.iter().all(|text| !text.contains("SECRET") && !text.contains(&hex)));
    let mut up = Running::start(rig.command().env("VIGIE_LOG__LEVEL", "trace").args(["up", "--listen", "127.0.0.1:0"]));
    up.address();
    up.wait_for("warning", |line| line.contains("chmod 600").then_some(()));
    let lines = up.kill();
    assert!(lines.iter().all(|line| !line.contains("SECRET") && !line.contains(&hex)));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(!rig.run(&["doctor"]).contains("chmod 600"));
    runtime.block_on(fediverse.shutdown());
}
