//! Why each instance is indexed or is not: by the API and on the command line, one fault a host.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use allowlist::directory::parse_page;
use jiff::Timestamp;
use serde_json::Value;
use simulator::{
    Behaviour as B, Catalogue, Fediverse, HostSetup, ItemQuirk, JsonBomb, Redirect, RetryAfter, Routes, Rule,
};

use crate::rig::{Rig, runtime, wait_until};

/// The hosts of the test with what they do wrong and the status that they get.
fn faults() -> Vec<(&'static str, Option<Rule>)> {
    let redirect = |to: &str, routes| B::Redirect(Redirect::To(to.to_owned())).on(routes);
    vec![
        ("healthy", None),
        ("robots-forbids", None),
        ("noindex-header", Some(B::Header("X-Robots-Tag".to_owned(), "noindex".to_owned()).on(Routes::Listings))),
        // case 38
        ("html-answer", Some(B::LoginPage.on(Routes::Api))),
        ("rate-limited", Some(B::TooManyRequests(RetryAfter::Seconds(900)).on(Routes::Listings))),
        ("server-error", Some(B::Status(500).on(Routes::Listings))),
        ("access-refused", Some(B::Status(403).on(Routes::Listings))),
        // case 64
        ("robots-unreadable", Some(B::Status(500).on(Routes::Robots))),
        ("bad-answer", Some(B::Json(JsonBomb::Garbage).on(Routes::Listings))),
        ("connection-lost", Some(B::CloseWithoutAnswer.on(Routes::Everything))),
        ("timed-out", Some(B::NeverAnswer.on(Routes::Everything))),
        ("moved", Some(redirect("https://new.example/robots.txt", Routes::Robots))),
        ("bad-redirect", Some(redirect("https://127.0.0.1/api/v1/videos", Routes::Listings))),
        ("wrong-software", Some(B::WrongIdentity("x.example".to_owned()).on(Routes::Prefix("/nodeinfo/".to_owned())))),
        // case 32
        ("identity-mismatch", Some(B::WrongIdentity("x.example".to_owned()).into())),
        ("no-videos", Some(B::Items(ItemQuirk::RemoteUrl("x.example".to_owned())).on(Routes::Videos))),
        ("withheld", None),
    ]
}

struct Service {
    address: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Service {
    fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.address);
        self.runtime.block_on(async {
            let answer = self.client.get(&url).send().await.unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
        })
    }

    /// host → status, of every instance that the API lists.
    fn statuses(&self) -> BTreeMap<String, String> {
        let (status, answer) = self.get("/api/v1/instances?count=1000");
        assert_eq!(status, 200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        answer["data"].as_array().unwrap().iter().map(|item| (text(&item["host"]), text(&item["status"]))).collect()
    }
}

/// Answers whatever comes with text that is no TLS, until the process ends.
fn plain_text_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut hello = [0_u8; 16];
            drop(stream.read(&mut hello));
            drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
        }
    });
    address
}

#[test]
fn every_fault_has_its_code_and_its_sentence_by_api_and_by_explain() {
    let runtime = runtime();
    let catalogue = Catalogue::new(11, Timestamp::now(), 40);
    let mut hosts = Vec::new();
    let mut setups = Vec::new();
    for (nth, (expected, rule)) in faults().into_iter().enumerate() {
        let instance = catalogue.instance(nth, 12).unwrap();
        hosts.push((instance.spec.name.clone(), expected));
        let mut setup = HostSetup::generated(instance).rate_limit(None);
        if expected == "robots-forbids" {
            setup = setup.robots("User-agent: *\nDisallow: /api/\n");
        }
        if let Some(rule) = rule {
            setup = setup.behave(rule);
        }
        setups.push(setup);
    }
    let fediverse = runtime.block_on(Fediverse::builder().hosts(setups).start()).unwrap();
    let silent = &hosts.iter().find(|(_, expected)| *expected == "withheld").unwrap().0;
    let silent = fediverse.host(silent).unwrap();
    for channel in silent.channels() {
        let ask = |channel: &mut simulator::ChannelSpec| channel.description = Some("Bread. #NoIndex".to_owned());
        silent.edit_channel(&channel.name, Timestamp::now(), ask).unwrap();
    }
    let mut addresses: Vec<_> = fediverse.resolve().into_iter().collect();
    // A port that nobody listens at: taken once, then free again.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    addresses.push(("closed.example".to_owned(), closed));
    hosts.push(("closed.example".to_owned(), "connection-refused"));
    addresses.push(("plain.example".to_owned(), plain_text_server()));
    hosts.push(("plain.example".to_owned(), "tls-invalid"));
    let rig = Rig::with_hosts(&addresses, "5ms");
    let folder = rig.data().parent().unwrap().to_owned();
    let list = std::fs::read_to_string(folder.join("instances.toml")).unwrap();
    std::fs::write(folder.join("instances.toml"), format!("removed = [\"gone.example\"]\n{list}")).unwrap();
    // case 55: of one host TLS is expected, and it answers in plain text.
    let config = std::fs::read_to_string(folder.join("vigie.toml")).unwrap();
    let lines = config.lines().map(|line| match line.starts_with("plain_http") {
        true => line.replace(", \"plain.example\"", ""),
        false => line.to_owned(),
    });
    std::fs::write(folder.join("vigie.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();

    let mut up = rig.start(&["up", "--listen", "127.0.0.1:0"]);
    let service = Service { address: up.address(), client: reqwest::Client::new(), runtime };
    let expected: BTreeMap<String, String> =
        hosts.iter().map(|(host, expected)| (host.clone(), (*expected).to_owned())).collect();
    let mut last = BTreeMap::new();
    let begun = std::time::Instant::now();
    while last != expected && begun.elapsed() < std::time::Duration::from_secs(90) {
        std::thread::sleep(std::time::Duration::from_millis(200));
        last = service.statuses();
    }
    assert_eq!(last, expected);

    for (host, code) in &hosts {
        let (status, told) = service.get(&format!("/api/v1/instances/{host}"));
        assert_eq!((status, told["status"].as_str()), (200, Some(*code)), "{host}");
        assert!(told["sentence"].as_str().unwrap().ends_with('.'), "{told}");
        let explained: Value = serde_json::from_str(&rig.run(&["instances", "explain", host, "--json"])).unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let mut own = keys(&explained);
        own.retain(|key| key != "listedIn" && key != "removedBy");
        assert_eq!(own, keys(&told), "{code}: the same object");
        for key in ["status", "hint", "kind", "robots", "movedTo", "isIndexed", "counts"] {
            assert_eq!(explained[key], told[key], "{code}: {key}");
        }
        assert_eq!(explained["lastError"]["kind"], told["lastError"]["kind"], "{code}");
        let text = rig.run(&["instances", "explain", host]);
        assert!(text.contains(&format!("status           {code}\n")), "{text}");
    }

    let story = |code: &str| {
        let host = &hosts.iter().find(|(_, expected)| *expected == code).unwrap().0;
        (host.clone(), service.get(&format!("/api/v1/instances/{host}")).1)
    };
    let (host, parked) = story("html-answer");
    let error = &parked["lastError"];
    assert!(error["request"].as_str().unwrap().starts_with("GET /api/"), "{error}");
    assert!(error["request"].as_str().unwrap().contains(&format!("\nHost: {host}")), "{error}");
    assert!(error["response"].as_str().unwrap().contains("content-type: text/html"), "{error}");
    let text = rig.run(&["instances", "explain", &host]);
    assert!(text.contains("    GET /api/") && text.contains("    HTTP/1.1 200 OK\n"), "{text}");
    assert!(text.contains("It answers with an HTML page where data belongs"), "{text}");
    assert_eq!(story("moved").1["movedTo"], "new.example");
    assert!(story("moved").1["sentence"].as_str().unwrap().contains("moved to new.example"));
    assert_eq!(story("robots-unreadable").1["robots"], "unreadable");
    let (forbidding, _) = story("robots-forbids");
    assert!(fediverse.host(&forbidding).unwrap().exchanges().iter().all(simulator::Exchange::is_robots));
    assert!(story("wrong-software").1["sentence"].as_str().unwrap().starts_with("It runs notpeertube, not peertube"));
    assert!(story("identity-mismatch").1["sentence"].as_str().unwrap().contains("x.example"));
    let (host, healthy) = story("healthy");
    let n_listed = fediverse.host(&host).unwrap().listed().len();
    assert_eq!(healthy["known"]["videos"], n_listed);
    assert!(healthy["name"].as_str().is_some_and(|name| !name.is_empty()), "{healthy}");
    assert!(healthy["sentence"].as_str().unwrap().contains("the last full sweep was"), "{healthy}");

    // What is indexed can be a seed for others; what is removed or unknown is said so.
    let indexed = || {
        let (_, all) = service.get("/api/v1/instances?count=1000");
        let indexed = all["data"].as_array().unwrap().iter().filter(|item| item["isIndexed"] == true);
        indexed.map(|item| item["host"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    wait_until("the healthy host is indexed whole", || {
        service.get(&format!("/api/v1/instances/{host}")).1["counts"]["videos"] == n_listed
    });
    // A generation may come between two requests, but not always.
    wait_until("the hosts are those that are indexed", || {
        let seed = parse_page(&serde_json::to_vec(&service.get("/api/v1/instances/hosts").1).unwrap()).unwrap();
        let seed: Vec<_> = seed.hosts.iter().map(|host| host.as_str().to_owned()).collect();
        seed.contains(&host) && !seed.contains(&forbidding) && seed == indexed()
    });
    let (status, gone) = service.get("/api/v1/instances/gone.example");
    assert_eq!((status, gone["status"].as_str()), (200, Some("removed-on-request")));
    let (status, unknown) = service.get("/api/v1/instances/nowhere.example");
    assert_eq!((status, unknown["status"].as_str()), (404, Some("not-listed")));
    assert!(rig.run(&["instances", "explain", "nowhere.example"]).contains("not on the list"));
    assert!(rig.run(&["instances", "list"]).contains("robots-unreadable"));
    assert!(rig.run(&["doctor"]).contains("status of the instances as of"));
    assert!(up.interrupt().1);
    service.runtime.block_on(fediverse.shutdown());
}
