//! The program on the data that PeerTube's own test-suite expects of an index, asked over HTTP.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;
use simulator::client_rules::{self, Route};
use simulator::{Fediverse, conformance};

use crate::rig::{Rig, Running, runtime};

/// A data directory that was crawled from the two simulated hosts and indexed, once for all tests of this folder.
static CRAWLED: LazyLock<Rig> = LazyLock::new(|| {
    // In a place of its own that the next run clears: nothing is dropped at the end of a process.
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("dropin");
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    let runtime = runtime();
    let hosts = [conformance::framatube().unwrap(), conformance::peertube2().unwrap()];
    let fediverse = runtime.block_on(Fediverse::builder().hosts(hosts).start()).unwrap();
    let rig = Rig::in_dir(dir, &fediverse.resolve().into_iter().collect::<Vec<_>>(), "5ms");
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    runtime.block_on(fediverse.shutdown());
    rig
});

/// A running service.
pub struct Service {
    pub address: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    _running: Running,
}

impl Service {
    pub fn start() -> Self {
        let mut running = CRAWLED.start(&["serve", "--listen", "127.0.0.1:0"]);
        Self {
            address: running.address(),
            client: reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            runtime: runtime(),
            _running: running,
        }
    }

    /// `GET` of a path with its query string, as a client wrote it: status and body.
    pub fn get(&self, path_and_query: &str) -> (u16, Value) {
        self.send(self.client.get(format!("{}{path_and_query}", self.address)))
    }

    /// The `POST` of a PeerTube server.
    pub fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let request = self
            .client
            .post(format!("{}{path}", self.address))
            .header("user-agent", "PeerTube/7.3.0 (+https://tube.example)")
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(body.to_owned());
        self.send(request)
    }

    fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        self.runtime.block_on(async {
            let request = request.build().unwrap();
            let path = request.url().path().to_owned();
            let answer = self.client.execute(request).await.unwrap();
            let status = answer.status().as_u16();
            assert_eq!(answer.headers()["access-control-allow-origin"], "*");
            let body = answer.bytes().await.unwrap();
            assert!(body.len() < 3_000_000);
            let body: Value = serde_json::from_slice(&body).unwrap();
            if status == 200
                && let Some(route) = Route::of_path(&path)
            {
                assert_eq!(client_rules::breaches(route, &body), Vec::<String>::new());
            }
            (status, body)
        })
    }

    /// The answer to the `POST` that a PeerTube server makes of a user's parameters.
    ///
    /// - `parameters`: those of the user; `nsfw`, paging and mutes are what PeerTube 7 adds.
    pub fn ask(&self, route: Route, parameters: Value) -> Found {
        let mut body = serde_json::json!({
            "start": 0, "count": 15, "sort": "-match", "searchTarget": "search-index", "blockedHosts": [],
            "blockedAccounts": [],
        });
        if route == Route::Videos {
            body["nsfw"] = "both".into();
        }
        body.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        let (status, answer) = self.post(route.path(), &body.to_string());
        assert_eq!(status, 200, "{body}: {answer}");
        Found { answer }
    }
}

/// A page of results.
pub struct Found {
    pub answer: Value,
}

impl Found {
    pub fn total(&self) -> u64 {
        self.answer["total"].as_u64().unwrap()
    }

    pub fn data(&self) -> &[Value] {
        self.answer["data"].as_array().unwrap()
    }

    pub fn first(&self) -> &Value {
        assert!(!self.data().is_empty(), "nothing was found: {}", self.answer);
        &self.data()[0]
    }

    pub fn assert_empty(&self) {
        assert_eq!((self.total(), self.data().len()), (0, 0), "{}", self.answer);
    }

    pub fn named(&self, name: &str) -> Option<&Value> {
        self.data().iter().find(|item| item["name"] == name)
    }
}
