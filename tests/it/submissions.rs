//! What becomes of submitted instances: one fault a host, told alike by the API, on the page and by the command; the proof that
//! somebody runs an instance, and what follows from it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use allowlist::Host;
use jiff::Timestamp;
use reqwest::header::LOCATION;
use serde_json::Value;
use simulator::dns::NameServer;
use simulator::gancio::GancioHost;
use simulator::mobilizon::MobilizonCatalogue;
use simulator::{
    Behaviour as B, Catalogue, Crafted, Fediverse, HostSetup, ItemQuirk, JsonBomb, Redirect, RetryAfter, Routes, Rule,
    Version,
};

use crate::rig::{PATIENCE, Rig, Running, runtime, wait_until};

/// A name that people take for the listed one.
const LISTED: &str = "paypal.example";
const LOOKALIKE: &str = "p\u{430}ypal.example";

/// One way to go wrong, or right.
struct Profile {
    /// What the test calls it.
    name: &'static str,
    /// What the host does.
    rule: Option<Rule>,
    robots: Option<&'static str>,
    /// The check that tells of it, how it ends, and what it says.
    check: &'static str,
    outcome: &'static str,
    sentence: &'static str,
    /// A piece of what the admin of the instance is told to do; empty where nothing is.
    fix: &'static str,
    state: &'static str,
}

fn failing(
    name: &'static str,
    rule: Option<Rule>,
    (check, sentence, fix): (&'static str, &'static str, &'static str),
) -> Profile {
    Profile { name, rule, robots: None, check, outcome: "failed", sentence, fix, state: "failing" }
}

/// The hosts of PeerTube.
fn profiles() -> Vec<Profile> {
    let redirect = |to: &str, routes| B::Redirect(Redirect::To(to.to_owned())).on(routes);
    let noindex = B::Header("X-Robots-Tag".to_owned(), "noindex".to_owned()).on(Routes::Listings);
    let prefix = |path: &str| Routes::Prefix(path.to_owned());
    let good = |name, rule: Option<Rule>, check, outcome, sentence, fix| Profile {
        name,
        rule,
        robots: None,
        check,
        outcome,
        sentence,
        fix,
        state: "queued",
    };
    vec![
        good("healthy", None, "content", "passed", "public videos of its own", ""),
        good(
            "nodeinfo missing",
            Some(B::Status(404).on(prefix("/.well-known/nodeinfo"))),
            "nodeinfo",
            "warned",
            "Its NodeInfo cannot be read; its configuration says what it runs.",
            "Let `/.well-known/nodeinfo`",
        ),
        Profile {
            robots: Some("User-agent: *\nDisallow: /api/v1/videos\n"),
            ..failing(
                "robots forbids the list",
                None,
                (
                    "robots",
                    "It asks not to be indexed: its robots.txt forbids the video list.",
                    "let robots.txt allow `/api/v1/videos` to `Vigie`",
                ),
            )
        },
        Profile {
            robots: Some("User-agent: vigie\nDisallow: /\n"),
            ..failing(
                "robots forbids all",
                None,
                (
                    "robots",
                    "It asks not to be indexed: its robots.txt forbids what it runs.",
                    "`/.well-known/nodeinfo`",
                ),
            )
        },
        failing("noindex", Some(noindex), ("robots", "its header X-Robots-Tag says noindex", "take `noindex` out")),
        failing(
            "robots unreadable",
            Some(B::Status(500).on(Routes::Robots)),
            ("robots", "Its robots.txt cannot be read (status 500), so nothing else is.", "with a file or with 404"),
        ),
        failing(
            "parked",
            Some(B::LoginPage.on(Routes::Pages)),
            ("nodeinfo", "It answers with an HTML page where data belongs.", "A login page, a parked name"),
        ),
        failing(
            "too many requests",
            Some(B::TooManyRequests(RetryAfter::Seconds(900)).on(Routes::Listings)),
            ("content", "It asked for time by \"too many requests\".", "asked more slowly"),
        ),
        failing(
            "server error",
            Some(B::Status(500).on(Routes::Listings)),
            ("content", "It answers with an error of its own (status 500).", "log of the instance"),
        ),
        failing(
            "refused list",
            Some(B::Status(403).on(Routes::Listings)),
            (
                "content",
                "It refuses what it is asked for (status 403).",
                "Let anonymous visitors read `/api/v1/videos`",
            ),
        ),
        failing(
            "garbage",
            Some(B::Json(JsonBomb::Garbage).on(Routes::Listings)),
            ("content", "Its answers cannot be read.", "log of the instance"),
        ),
        failing(
            "endless",
            Some(B::EndlessBody.on(Routes::Listings)),
            ("content", "Its answer is too large to be honest.", "log of the instance"),
        ),
        failing(
            "cut off",
            Some(B::CloseWithoutAnswer.on(Routes::Everything)),
            ("connection", "Its server breaks the connection off.", "no firewall"),
        ),
        failing(
            "silent",
            Some(B::NeverAnswer.on(Routes::Everything)),
            ("connection", "It does not answer in time.", "no firewall"),
        ),
        failing(
            "moved",
            Some(redirect("https://new.example/robots.txt", Routes::Robots)),
            ("robots", "It moved to new.example, which is visited under its own name only.", "list its new name"),
        ),
        failing(
            "bad redirect",
            Some(redirect("https://127.0.0.1/api/v1/videos", Routes::Listings)),
            ("content", "It redirects to where no crawler may follow.", "without a redirect elsewhere"),
        ),
        failing(
            "other software",
            Some(B::WrongIdentity("x.example".to_owned()).on(prefix("/nodeinfo/"))),
            ("software", "It runs notpeertube", "Nothing can be done"),
        ),
        failing(
            "another name",
            Some(B::WrongIdentity("x.example".to_owned()).on(Routes::About)),
            ("identity", "It says that it is `x.example`.", "Submit it under the name"),
        ),
        failing(
            "says nothing",
            Some(B::Status(404).on(Routes::About)),
            ("nodeinfo", "It does not say what it runs: its NodeInfo cannot be read.", "Let `/.well-known/nodeinfo`"),
        ),
        failing(
            "of others",
            Some(B::Items(ItemQuirk::RemoteUrl("x.example".to_owned())).on(Routes::Videos)),
            ("content", "It has no public video of its own", "Only public videos"),
        ),
        failing(
            "spoofed",
            Some(B::Items(ItemQuirk::SpoofedHost("x.example".to_owned())).on(Routes::Videos)),
            ("identity", "claim to be its own and name another instance", "A host speaks only for itself"),
        ),
    ]
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

/// A server with its client. Each submission comes from an address of its own, as a trusted proxy tells.
struct Service {
    address: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    n_visitors: std::cell::Cell<u32>,
}

struct Answer {
    status: u16,
    location: Option<String>,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Service {
    fn new(up: &mut Running) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address: up.address(), client, runtime: runtime(), n_visitors: std::cell::Cell::new(0) }
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.n_visitors.set(self.n_visitors.get() + 1);
        let request = request
            .header("x-forwarded-for", std::net::Ipv4Addr::from_bits(0x0808_0000 + self.n_visitors.get()).to_string());
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let location = answer.headers().get(LOCATION).map(|value| value.to_str().unwrap().to_owned());
            let status = answer.status().as_u16();
            Answer { status, location, text: answer.text().await.unwrap() }
        })
    }

    fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.address)))
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
            .collect::<Vec<_>>()
            .join("&");
        let request = self.client.post(format!("{}{path}", self.address));
        self.send(request.header("content-type", "application/x-www-form-urlencoded").body(body))
    }

    fn submit(&self, host: &str, purpose: &str) -> Answer {
        self.post("/api/v1/submissions", &[("host", host), ("purpose", purpose)])
    }

    fn show(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/submissions/{id}")).json()
    }
}

/// Texts as they stand in a page.
fn unescaped(page: &str) -> String {
    page.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&").replace("&#60;", "<").replace("&#62;", ">")
}

fn configure(rig: &Rig, lines: &[(&str, &str)], list: &str) {
    let folder = rig.data().parent().unwrap().to_owned();
    std::fs::write(folder.join("instances.toml"), list).unwrap();
    let config = std::fs::read_to_string(folder.join("vigie.toml")).unwrap();
    let config = lines.iter().fold(config, |config, (old, new)| {
        assert!(config.contains(old), "{old}");
        config.replacen(old, new, 1)
    });
    std::fs::write(folder.join("vigie.toml"), config).unwrap();
}

#[test]
fn every_fault_of_a_submitted_instance_has_its_sentence_by_api_page_and_command() {
    let runtime = runtime();
    let now = Timestamp::now();
    let catalogue = Catalogue::new(17, now, 60);
    let mut expected: Vec<(String, Profile)> = Vec::new();
    let mut setups = Vec::new();
    for (nth, profile) in profiles().into_iter().enumerate() {
        let instance = catalogue.instance(nth, 5).unwrap();
        let name = instance.spec.name.clone();
        let mut setup = HostSetup::generated(instance).rate_limit(None);
        if let Some(robots) = profile.robots {
            setup = setup.robots(robots);
        }
        if let Some(rule) = profile.rule.clone() {
            setup = setup.behave(rule);
        }
        setups.push(setup);
        expected.push((name, profile));
    }
    // Other software, closed doors, and nothing to show.
    let events = MobilizonCatalogue::new(3, now, 3);
    let quiet = events.host(1, 6, 1).unwrap();
    let agenda = HostSetup::mobilizon(events.host(0, 6, 1).unwrap());
    let passed = |sentence| Profile {
        outcome: "passed",
        state: "queued",
        fix: "",
        ..failing("", None, ("content", sentence, ""))
    };
    expected.push((agenda.name().to_owned(), passed("of its own")));
    let closed = HostSetup::mobilizon(quiet).behave(B::Status(403).on(Routes::Listings));
    expected.push((
        closed.name().to_owned(),
        Profile {
            outcome: "warned",
            state: "queued",
            ..failing(
                "closed GraphQL",
                None,
                (
                    "content",
                    "It refuses its list to visitors (status 403); its feeds are read instead, which hold less.",
                    "Let anonymous visitors ask `/api`",
                ),
            )
        },
    ));
    let town = GancioHost::from_mobilizon(&events.host(2, 6, 0).unwrap(), "gancio.example", "Europe/Rome");
    expected.push(("gancio.example".to_owned(), passed("of its own")));
    let empty = Crafted::new("empty.example", Version { major: 6, minor: 3, patch: 0 }, now);
    expected.push((
        "empty.example".to_owned(),
        failing("empty", None, ("content", "It has no public video of its own.", "Only public videos")),
    ));
    let odd_name: Host = LOOKALIKE.parse().unwrap();
    let mut odd = catalogue.instance(50, 5).unwrap();
    odd.spec.name = odd_name.as_str().to_owned();
    expected.push((
        odd_name.as_str().to_owned(),
        Profile {
            outcome: "warned",
            state: "queued",
            ..failing(
                "look-alike",
                None,
                ("lookalike", "looks like `paypal.example`, which is listed", "looks at the two names"),
            )
        },
    ));
    setups.extend([agenda, closed, HostSetup::gancio(town).rate_limit(None), HostSetup::crafted(empty).unwrap()]);
    setups.push(HostSetup::generated(odd).rate_limit(None));
    let fediverse = runtime.block_on(Fediverse::builder().hosts(setups).start()).unwrap();
    let mut addresses: Vec<_> = fediverse.resolve().into_iter().collect();

    let closed_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    addresses.push(("closed.example".to_owned(), closed_port));
    expected.push((
        "closed.example".to_owned(),
        failing("refused", None, ("connection", "Its server refuses connections.", "no firewall")),
    ));
    addresses.push(("plain.example".to_owned(), plain_text_server()));
    expected.push((
        "plain.example".to_owned(),
        failing(
            "no TLS",
            None,
            (
                "connection",
                "Its encryption is not trusted: it speaks no version of TLS from 1.2 on.",
                "Renew or mend the certificate",
            ),
        ),
    ));
    addresses.push(("inside.example".to_owned(), "127.0.0.1:9".parse().unwrap()));
    expected.push((
        "inside.example".to_owned(),
        failing(
            "private address",
            None,
            ("address", "Its name cannot be looked up, or leads to no public address.", "Check the DNS records"),
        ),
    ));
    assert!(expected.len() >= 20);

    let rig = Rig::with_hosts(&addresses, "5ms");
    let plain = ["\"plain.example\", ", "\"inside.example\", "];
    let of_key = |key: &str, leave: &str| {
        let config = std::fs::read_to_string(rig.data().parent().unwrap().join("vigie.toml")).unwrap();
        let line = config.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        let cut = line.replace(leave, "").replace(&format!(", {}", leave.trim_end_matches(", ")), "");
        assert_ne!(line, cut, "{leave}");
        (line, cut)
    };
    let (tls_before, tls_after) = of_key("plain_http", plain[0]);
    let (private_before, private_after) = of_key("allow_private", plain[1]);
    let list = format!("removed = [\"gone.example\"]\n[[instance]]\nhost = \"{LISTED}\"\nkind = \"peertube\"\n");
    configure(
        &rig,
        &[
            (&tls_before, &tls_after),
            (&private_before, &private_after),
            ("[log]", "[serve]\ntrusted_proxies = [\"127.0.0.0/8\"]\n[log]"),
        ],
        &list,
    );
    std::fs::create_dir_all(rig.data()).unwrap();
    let mut serve = rig.start(&["serve", "--listen", "127.0.0.1:0"]);
    let service = Service::new(&mut serve);

    // case 147: what cannot be submitted is said at once, and nobody is asked.
    for (host, status, answer) in [
        ("", 400, "Write the host name"),
        ("https://tube.example/w/x", 400, "Write the host name alone: `tube.example`."),
        ("127.0.0.1", 400, "is an address"),
        ("tube.example:22", 400, "names the port 22"),
        ("a.example b.example", 400, "2 names"),
        (LISTED, 409, "on the list already"),
        ("gone.example", 409, "stays out"),
    ] {
        let told = service.submit(host, "add");
        assert_eq!(told.status, status, "{host}: {}", told.text);
        assert!(told.json()["detail"].as_str().unwrap().contains(answer), "{host}: {}", told.text);
        let output = rig.output(&["submissions", "check", host]);
        assert!(String::from_utf8_lossy(&output.stderr).contains(answer), "{host}: {output:?}");
    }
    assert!(fediverse.hosts().all(|host| host.exchanges().is_empty()));

    let mut ids = BTreeMap::new();
    for (host, profile) in &expected {
        let told = service.submit(host, "add");
        assert_eq!(told.status, 202, "{}: {}", profile.name, told.text);
        ids.insert(host.clone(), told.json()["id"].as_str().unwrap().to_owned());
    }
    // By the form, and again: what was learned within the hour is told without a request.
    let form = service.get("/submit");
    assert_eq!(form.status, 200);
    let token = form.text.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    std::thread::sleep(Duration::from_secs(2));
    let sent =
        service.post("/submit", &[("host", &expected[0].0), ("purpose", "add"), ("token", &token), ("website", "")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let again = sent.location.unwrap();
    let trapped = service.post("/submit", &[("host", &expected[0].0), ("token", &token), ("website", "x")]);
    assert_eq!(trapped.status, 400);
    let strange = service.post("/submit", &[("host", &expected[0].0), ("token", "1.2"), ("website", "")]);
    assert!(strange.status == 400 && strange.text.contains("not one of this index"));
    wait_until("the second submission knows what the first learned", || {
        service.get(&again).text.contains("waits for the operator")
    });

    for (host, profile) in &expected {
        let id = &ids[host];
        let mut told = service.show(id);
        wait_until(profile.name, || {
            told = service.show(id);
            told["state"] != "checking"
        });
        assert_eq!(told["state"], profile.state, "{}: {told:#}", profile.name);
        let check = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == profile.check).unwrap();
        assert_eq!(check["outcome"], profile.outcome, "{}: {told:#}", profile.name);
        let sentence = check["sentence"].as_str().unwrap();
        assert!(sentence.contains(profile.sentence) && sentence.ends_with('.'), "{}: {sentence}", profile.name);
        assert!(check["fix"].as_str().unwrap_or_default().contains(profile.fix), "{}: {check}", profile.name);
        assert_eq!(told["checks"].as_array().unwrap().len(), 10);
        let page = unescaped(&service.get(&format!("/submit/{id}")).text);
        assert!(page.contains(sentence), "{}: {page}", profile.name);
        assert!(page.contains(check["fix"].as_str().unwrap_or_default()), "{}: {page}", profile.name);
    }
    // case 148
    for host in fediverse.hosts() {
        let n = host.exchanges().len();
        assert!(n <= 4, "{} got {n} requests", host.name());
    }

    // The operator's command says the same.
    std::thread::scope(|scope| {
        for (host, profile) in &expected {
            let rig = &rig;
            let asked = scope.spawn(move || {
                let checks: Value = serde_json::from_str(&rig.run(&["submissions", "check", host, "--json"])).unwrap();
                let check =
                    checks.as_array().unwrap().iter().find(|check| check["name"] == profile.check).unwrap().clone();
                assert_eq!(check["outcome"], profile.outcome, "{}: {checks:#}", profile.name);
                assert!(check["sentence"].as_str().unwrap().contains(profile.sentence), "{}: {check}", profile.name);
            });
            if profile.name != "silent" {
                asked.join().unwrap();
            }
        }
    });
    let text = rig.run(&["submissions", "check", &expected[2].0]);
    assert!(text.contains("failed   robots.txt: It asks not to be indexed") && text.contains("To be indexed, let"));

    // Ids are not found by trying, and all that is none gets one answer.
    let unknown: Vec<String> = ["0".repeat(32), "1".to_owned(), "..%2f".to_owned(), ids[&expected[0].0].to_uppercase()]
        .iter()
        .map(|id| {
            let told = service.get(&format!("/api/v1/submissions/{id}"));
            assert_eq!(told.status, 404);
            told.text
        })
        .collect();
    assert!(unknown.iter().all(|text| *text == unknown[0]), "{unknown:?}");

    // The operator decides.
    let listed = rig.run(&["submissions", "list"]);
    assert!(listed.contains(&ids[&expected[0].0]) && listed.contains("robots.txt"), "{listed}");
    rig.run(&["submissions", "approve", &ids[&expected[0].0], "--author", "anna"]);
    assert_eq!(service.show(&ids[&expected[0].0])["state"], "accepted");
    assert!(rig.run(&["instances", "list"]).contains(&expected[0].0));
    let refused = rig.output(&["submissions", "approve", &ids[&expected[0].0]]);
    assert!(!refused.status.success());
    rig.run(&["submissions", "reject", &ids[&expected[1].0], "--reason", "Not about our theme"]);
    assert!(service.show(&ids[&expected[1].0])["sentence"].as_str().unwrap().ends_with("Not about our theme"));

    assert!(serve.interrupt().1);
    runtime.block_on(fediverse.shutdown());
}

#[test]
fn case_152_who_proves_it_gets_in_and_out_alone() {
    let runtime = runtime();
    let catalogue = Catalogue::new(23, Timestamp::now(), 3);
    let setups = (0..2).map(|nth| HostSetup::generated(catalogue.instance(nth, 6).unwrap()).rate_limit(None));
    let (fediverse, dns) = runtime.block_on(async {
        (Fediverse::builder().hosts(setups).start().await.unwrap(), NameServer::start().await.unwrap())
    });
    let addresses: Vec<_> = fediverse.resolve().into_iter().collect();
    let (listed, submitted) = (addresses[0].0.clone(), addresses[1].0.clone());
    let rig = Rig::with_hosts(&addresses, "5ms");
    let list = format!("[[instance]]\nhost = \"{listed}\"\nkind = \"peertube\"\n");
    configure(
        &rig,
        &[
            ("[log]", "[serve]\ntrusted_proxies = [\"127.0.0.0/8\"]\n[submissions]\nmode = \"verified\"\n[log]"),
            ("[network]", &format!("[network]\ndns = \"{}\"", dns.address())),
        ],
        &list,
    );
    let mut up = rig.start(&["up", "--listen", "127.0.0.1:0"]);
    let service = Service::new(&mut up);
    let hosts_found = || {
        let found = service.get("/api/v1/search/videos?count=100").json();
        let data = found["data"].as_array().cloned().unwrap_or_default();
        data.iter().map(|video| video["account"]["host"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    wait_until("the listed host is indexed", || hosts_found().iter().filter(|host| **host == listed).count() == 6);

    // In: the checks pass, the proof is a TXT record, and nobody else is asked.
    let made = service.submit(&submitted, "add").json();
    let id = made["id"].as_str().unwrap().to_owned();
    wait_until("the checks are made", || service.show(&id)["state"] == "unproved");
    let told = service.post(&format!("/api/v1/submissions/{id}/verify"), &[]);
    assert_eq!((told.status, told.json()["state"].as_str()), (200, Some("unproved")), "{}", told.text);
    assert_eq!(told.json()["proof"]["missing"].as_array().unwrap().len(), 3, "{}", told.text);
    let soon = service.post(&format!("/api/v1/submissions/{id}/verify"), &[]);
    assert_eq!(soon.status, 429, "once a minute: {}", soon.text);
    // The token of one submission proves nothing for another.
    let other = service.submit(&submitted, "add").json();
    wait_until("the checks of the other are known", || {
        service.show(other["id"].as_str().unwrap())["state"] == "unproved"
    });
    let txt = made["proof"]["txtValue"].as_str().unwrap();
    dns.add_txt(made["proof"]["txtName"].as_str().unwrap(), txt);
    let other_id = other["id"].as_str().unwrap();
    let told = service.post(&format!("/api/v1/submissions/{other_id}/verify"), &[]).json();
    assert_eq!(told["state"], "unproved", "{told:#}");
    dns.add_txt(made["proof"]["txtName"].as_str().unwrap(), other["proof"]["txtValue"].as_str().unwrap());
    let third = service.submit(&submitted, "add").json();
    let third_id = third["id"].as_str().unwrap();
    wait_until("the checks of the third are known", || service.show(third_id)["state"] == "unproved");
    dns.add_txt(third["proof"]["txtName"].as_str().unwrap(), third["proof"]["txtValue"].as_str().unwrap());
    let told = service.post(&format!("/api/v1/submissions/{third_id}/verify"), &[]).json();
    assert_eq!(
        (told["state"].as_str(), told["proof"]["provedBy"].as_str()),
        (Some("accepted"), Some("dns")),
        "{told:#}"
    );
    wait_until("the accepted host is indexed", || hosts_found().iter().filter(|host| **host == submitted).count() == 6);

    // Out: somebody else asks and proves nothing; its admin places a file.
    let stranger = service.submit(&listed, "remove").json();
    assert_eq!(stranger["state"], "unproved");
    let told = service.post(&format!("/submit/{}/verify", stranger["id"].as_str().unwrap()), &[]);
    assert_eq!(told.status, 303);
    assert!(hosts_found().contains(&listed), "nothing was proved");
    let removal = service.submit(&listed, "remove").json();
    let removal_id = removal["id"].as_str().unwrap();
    let handle = fediverse.host(&listed).unwrap();
    handle.place_file("/.well-known/vigie.txt", &format!("{}\n", removal["proof"]["token"].as_str().unwrap()));
    let begun = std::time::Instant::now();
    let told = service.post(&format!("/api/v1/submissions/{removal_id}/verify"), &[]).json();
    assert_eq!(
        (told["state"].as_str(), told["proof"]["provedBy"].as_str()),
        (Some("removed"), Some("file")),
        "{told:#}"
    );
    wait_until("the removed host is hidden", || !hosts_found().contains(&listed));
    assert!(begun.elapsed() < Duration::from_secs(15 * 60).min(PATIENCE));
    // case 153: tombstoned, and no list brings it back.
    wait_until("its records are withdrawn", || {
        let reader = journal::Reader::open(&rig.data().join("journal.db")).unwrap();
        reader.live_ids(&listed.parse().unwrap(), journal::Kind::Video).unwrap().is_empty()
    });
    let told = service.submit(&listed, "add");
    assert!(told.status == 409 && told.text.contains("stays out"), "{}", told.text);
    assert!(!rig.run(&["instances", "list"]).contains(&listed));
    assert!(rig.run(&["submissions", "list", "--all"]).contains("removed"));
    assert!(up.interrupt().1);
    drop(dns);
    runtime.block_on(fediverse.shutdown());
}
