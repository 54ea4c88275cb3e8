//! Lists: where instances come from, what is held back, and what happens when they change in the middle of a crawl.

use std::process::Command;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulator::{Catalogue, Fediverse, HostSetup};

use crate::rig::{Rig, program, runtime, wait_until};

fn list_of(hosts: impl IntoIterator<Item = String>) -> String {
    hosts.into_iter().map(|host| format!("[[instance]]\nhost = \"{host}\"\nkind = \"peertube\"\n")).collect()
}

fn said(output: &std::process::Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn case_36_a_flood_of_hosts_below_one_domain_is_held_for_review() {
    let rig = Rig::with_hosts(&[], "1ms");
    std::fs::create_dir_all(rig.data().join("directories")).unwrap();
    let flood = list_of((0..300).map(|number| format!("x{number}.evil.example")));
    std::fs::write(rig.data().join("directories/dir.toml"), flood).unwrap();
    std::fs::write(rig.data().join("accepted.toml"), list_of(["first.evil.example".to_owned()])).unwrap();
    let (listed, told) = said(&rig.output(&["instances", "list"]));
    assert_eq!(listed.lines().filter(|line| line.contains(".evil.example") && !line.contains(" held ")).count(), 5);
    assert!(listed.lines().any(|line| line.starts_with("first.evil.example") && !line.contains(" held ")), "{listed}");
    assert!(listed.contains(" held ") && told.contains("296 more hosts of evil.example are held for review"), "{told}");
    let (checked, told) = said(&rig.output(&["instances", "check"]));
    assert!(checked.contains("in force: 5 instances; 296 are held"), "{checked}");
    assert!(told.contains("evil.example"));
    let rows: Value = serde_json::from_str(&rig.run(&["instances", "list", "--json"])).unwrap();
    assert_eq!(rows.as_array().unwrap().iter().filter(|row| row["heldBecause"].is_string()).count(), 296);
    // The operator takes one that they looked at.
    rig.run(&["instances", "add", "x200.evil.example"]);
    assert!(rig.run(&["instances", "check"]).contains("in force: 6 instances; 295 are held"));
}

#[test]
fn case_160_a_directory_that_is_down_for_a_month_keeps_its_last_good_copy_and_tells_its_age() {
    // Nobody listens there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rig = Rig::with_hosts(&[("directory.example".to_owned(), closed)], "1ms");
    let source = "http://directory.example/api/v1/instances/hosts";
    let as_of = Timestamp::now() - SignedDuration::from_hours(24 * 31);
    let copy = format!(
        "source = \"{source}\"\nas_of = \"{as_of}\"\n{}",
        list_of((0..12).map(|number| format!("tube-{number}.example")))
    );
    std::fs::create_dir_all(rig.data().join("directories")).unwrap();
    std::fs::write(rig.data().join("directories/dir.toml"), &copy).unwrap();
    let failed = rig.output(&["instances", "import", source, "--name", "dir"]);
    assert_eq!(failed.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(rig.data().join("directories/dir.toml")).unwrap(), copy);
    let (listed, told) = said(&rig.output(&["instances", "list"]));
    assert_eq!(listed.lines().count(), 13);
    for text in [told, rig.run(&["instances", "check"]), rig.run(&["doctor"])] {
        assert!(text.contains("the last good copy is 31 days old") && text.contains(source), "{text}");
    }
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let run = |data: &str, arguments: &[&str]| {
        let output = program().args(arguments).arg("--data").arg(dir.path().join(data)).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        said(&output).0
    };
    run(
        "one",
        &[
            "instances",
            "add",
            "agenda.example",
            "--kind",
            "mobilizon",
            "--note",
            "a \"note\"\n# odd",
            "--crawl-delay",
            "2.5",
        ],
    );
    run("one", &["instances", "remove", "framatube.org"]);
    for (flags, file) in
        [(&["instances", "export"][..], "list.toml"), (&["instances", "export", "--json"], "list.json")]
    {
        let exported = run("one", flags);
        let file = dir.path().join(file);
        std::fs::write(&file, &exported).unwrap();
        let data = format!("of-{}", file.extension().unwrap().display());
        run(&data, &["instances", "import", file.to_str().unwrap()]);
        assert_eq!(run(&data, flags), exported);
        assert!(exported.contains("agenda.example") && exported.contains("2.5") && exported.contains("framatube.org"));
    }
    let missing = program().args(["instances", "import", "nowhere.toml", "--data"]).arg(dir.path()).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn case_162_instances_that_leave_the_lists_in_the_middle_of_a_crawl_are_hidden_at_once() {
    let runtime = runtime();
    let catalogue = Catalogue::new(7, Timestamp::now(), 8);
    let setups = (0..8).map(|nth| HostSetup::generated(catalogue.instance(nth, 400).unwrap()).rate_limit(None));
    let fediverse = runtime.block_on(Fediverse::builder().hosts(setups).start()).unwrap();
    let names: Vec<String> = fediverse.resolve().into_keys().collect();
    let (gone, kept) = names.split_at(6);
    // Slow enough that nothing is whole when the lists change.
    let rig = Rig::new(&fediverse, "150ms");
    let mut up = rig.start(&["up", "--listen", "127.0.0.1:0"]);
    let address = up.address();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let total = |host: &str| -> u64 {
        let url = format!("{address}/api/v1/search/videos?host={host}&count=1");
        let answer = runtime.block_on(async { client.get(url).send().await.unwrap().text().await.unwrap() });
        serde_json::from_str::<Value>(&answer).unwrap_or_default()["total"].as_u64().unwrap_or(0)
    };
    wait_until("videos of each are found", || names.iter().all(|name| total(name) > 0));

    let list = rig.data().with_file_name("instances.toml");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, format!("removed = {gone:?}\n{text}")).unwrap();
    assert!(Command::new("kill").args(["-HUP", &up.child.id().to_string()]).status().unwrap().success());
    let begun = Instant::now();
    wait_until("they are hidden", || gone.iter().all(|name| total(name) == 0));
    let n_seconds = begun.elapsed().as_secs_f64();
    assert!(n_seconds < 10.0, "hidden after {n_seconds} s");

    let live = |name: &str| {
        let reader = journal::Reader::open(&rig.data().join("journal.db")).unwrap();
        let host = name.parse().unwrap();
        journal::Kind::ALL.iter().map(|kind| reader.live_ids(&host, *kind).unwrap().len()).sum::<usize>()
    };
    wait_until("their rows are withdrawn", || gone.iter().all(|name| live(name) == 0));
    let n_requests: Vec<usize> = gone.iter().map(|name| fediverse.host(name).unwrap().exchanges().len()).collect();
    let n_kept = fediverse.host(&kept[0]).unwrap().exchanges().len();
    wait_until("the others are crawled on", || fediverse.host(&kept[0]).unwrap().exchanges().len() > n_kept + 5);
    let later: Vec<usize> = gone.iter().map(|name| fediverse.host(name).unwrap().exchanges().len()).collect();
    assert_eq!(later, n_requests, "nobody asks them any more");
    assert!(gone.iter().all(|name| live(name) == 0 && total(name) == 0));
    assert!(kept.iter().all(|name| total(name) > 0));

    // One comes back, by a change of the file alone.
    let back = &gone[0];
    std::fs::write(&list, format!("removed = {:?}\n{text}", &gone[1..])).unwrap();
    wait_until("it is found again", || total(back) > 0);
    // And goes by the command, which hides it without waiting for anybody.
    rig.run(&["instances", "remove", back]);
    let file = std::fs::read_to_string(rig.index().join("moderation.json")).unwrap();
    assert!(file.contains(back.as_str()), "{file}");
    wait_until("it is hidden again", || total(back) == 0);
    let begun = Instant::now();
    assert!(up.interrupt().1 && begun.elapsed() < Duration::from_secs(30));
    runtime.block_on(fediverse.shutdown());
}
