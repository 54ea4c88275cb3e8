//! The listener of the moderators beside a whole index: where it may be, and what is done there.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use simulator::{Catalogue, Fediverse, HostSetup};

use crate::rig::{Rig, Running, n_indexed, program, runtime, wait_until};

/// Asks `http://ADDRESS` and returns the status, the head and the body.
fn ask(base: &str, request: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
    let address = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_ascii_lowercase(), body.to_owned())
}

fn moderators(running: &mut Running) -> String {
    running.wait_for("listener of moderators", |line| line.strip_prefix("vigie: moderators at ").map(str::to_owned))
}

// case 155
#[test]
fn case_155_the_program_does_not_start_where_others_could_read_tokens() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("vigie.toml");
    let write = |text: &str| std::fs::write(&config, format!("listen = \"127.0.0.1:0\"\n[admin]\n{text}\n")).unwrap();
    let output = |command: &str, more: &[&str]| {
        program()
            .args(["-c", config.to_str().unwrap(), "--data", dir.path().join("data").to_str().unwrap(), command])
            .args(more)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    std::fs::create_dir(dir.path().join("data")).unwrap();
    for listen in ["0.0.0.0:18081", "[::]:18081", "203.0.113.7:18081"] {
        write(&format!("listen = \"{listen}\""));
        for command in ["up", "serve"] {
            let refused = output(command, &[]);
            let message = String::from_utf8(refused.stderr).unwrap();
            assert_eq!(refused.status.code(), Some(2), "{command} {listen}: {message}");
            assert!(message.contains(listen) && message.contains("behind_proxy = true"), "{message}");
            assert!(message.contains("127.0.0.1:18081"), "the way out: {message}");
        }
    }
    // A flag is no way around it.
    write("");
    let refused = output("serve", &["--admin=0.0.0.0:18081"]);
    assert_eq!(refused.status.code(), Some(2));
    write("listen = \"nonsense\"");
    assert_eq!(output("serve", &[]).status.code(), Some(2));
    // What is said to stand behind a proxy, and what only this machine reaches, is served.
    for text in ["listen = \"0.0.0.0:0\"\nbehind_proxy = true", "listen = \"127.0.0.1:0\"", "listen = \"[::1]:0\""] {
        write(text);
        let data = dir.path().join("data");
        let arguments = ["-c", config.to_str().unwrap(), "--data", data.to_str().unwrap(), "serve"];
        let mut running = Running::start(program().args(arguments));
        moderators(&mut running);
    }
    // Nothing listens for moderators unless it is asked for.
    std::fs::write(&config, "listen = \"127.0.0.1:0\"\n").unwrap();
    let data = dir.path().join("data");
    let arguments = ["-c", config.to_str().unwrap(), "--data", data.to_str().unwrap(), "serve"];
    let mut running = Running::start(program().args(arguments));
    running.address();
    assert!(running.lines().iter().all(|line| !line.contains("moderators at")));
}

#[test]
fn a_report_becomes_a_decision_that_holds() {
    let runtime = runtime();
    let catalogue = Catalogue::new(5, "2026-11-22T10:00:00Z".parse().unwrap(), 1);
    let setup = HostSetup::generated(catalogue.instance(0, 6).unwrap()).rate_limit(None);
    let fediverse = runtime.block_on(Fediverse::builder().host(setup).start()).unwrap();
    let rig = Rig::new(&fediverse, "0s");
    let token = rig.run(&["admin", "token", "add", "anna"]).trim().to_owned();
    assert_eq!(token.len(), 43);
    assert!(!rig.output(&["admin", "token", "add", "anna"]).status.success());
    let mut running = rig.start(&["--listen", "127.0.0.1:0", "up", "--admin=127.0.0.1:0"]);
    let public = running.address();
    let admin = moderators(&mut running);
    let json = |base: &str, path: &str| -> Value {
        serde_json::from_str(&ask(base, &format!("GET {path}"), &[("Accept-Encoding", "identity")], "").2).unwrap()
    };
    wait_until("six videos", || n_indexed(&rig.index()) == 6);
    let shown = || json(&public, "/api/v1/search/videos?count=10&nsfw=both");
    wait_until("videos that are served", || shown()["total"] == 6);
    let video = shown()["data"][0].clone();
    let item = format!("video/{}/{}", video["channel"]["host"].as_str().unwrap(), video["uuid"].as_str().unwrap());
    let body = serde_json::json!({"item": item, "reason": "spam", "comment": "look\u{1b}[2J"}).to_string();
    let typed = ("Content-Type", "application/json");
    let (status, _, answer) = ask(&public, "POST /api/v1/reports", &[typed], &body);
    assert_eq!(status, 202, "{answer}");
    let listed: Value = serde_json::from_str(&rig.run(&["moderation", "reports", "--json"])).unwrap();
    assert_eq!((listed[0]["item"].as_str(), listed[0]["nReports"].as_u64()), (Some(item.as_str()), Some(1)));
    // The token is in a header, and its holder decides with the effect in view.
    let bearer = format!("Bearer {token}");
    let bearer = ("Authorization", bearer.as_str());
    let (status, head, body) = ask(&admin, &format!("GET /decide?target=item:{item}"), &[bearer], "");
    assert_eq!(status, 200, "{body}");
    assert!(head.contains("cache-control: no-store"));
    let preview: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(preview["kinds"][0]["nHidden"], 1, "{preview}");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let (status, _, body) = ask(&admin, "POST /reports/1", &[bearer, form], "decision=hide&reason=spam");
    assert_eq!(status, 200, "{body}");
    wait_until("five videos", || shown()["total"] == 5);
    let again = ask(
        &public,
        "POST /api/v1/reports",
        &[typed],
        &serde_json::json!({"item": item, "reason": "spam"}).to_string(),
    );
    assert_eq!(again.0, 404, "it is hidden now");
    let log = rig.run(&["moderation", "log"]);
    assert!(log.contains("anna  hide") && log.contains("anna  close report"), "{log}");
    // By hand, as a program at a terminal does it.
    let other = shown()["data"][0].clone();
    let other = format!("video/{}/{}", other["channel"]["host"].as_str().unwrap(), other["uuid"].as_str().unwrap());
    let body = serde_json::json!({"item": other, "reason": "other"}).to_string();
    assert_eq!(ask(&public, "POST /api/v1/reports", &[typed], &body).0, 202);
    rig.run(&["moderation", "reports", "close", "2", "--decision", "dismiss", "--reason", "all is well"]);
    assert!(
        !rig.output(&["moderation", "reports", "close", "2", "--decision", "hide", "--reason", "x"]).status.success()
    );
    assert!(rig.run(&["moderation", "reports"]).is_empty());
    // Whoever is revoked is out.
    rig.run(&["admin", "token", "revoke", "anna"]);
    assert_eq!(ask(&admin, "GET /reports", &[bearer], "").0, 401);
    assert!(running.interrupt().1);
}
