//! A PeerTube server with our URL in `search.search_index.url`, and the web client behind it.

use serde_json::{Value, json};
use simulator::client_rules::Route::{self, VideoChannels, VideoPlaylists, Videos};

use super::service::Service;

/// Every request that a PeerTube 6.3 server was recorded to send to an index.
fn recorded() -> Vec<(String, Route, String)> {
    let text = include_str!("../../../query-api/fixtures/peertube-6.3.0/search-index-requests.jsonl");
    text.lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let field = |name: &str| row[name].as_str().unwrap().to_owned();
            assert_eq!(field("method"), "POST");
            (field("label"), Route::of_path(&field("path")).unwrap(), field("body"))
        })
        .collect()
}

#[test]
fn every_recorded_request_of_a_peertube_server_is_answered() {
    let service = Service::start();
    let recorded = recorded();
    assert_eq!(recorded.len(), 59);
    for (label, route, body) in recorded {
        let (status, answer) = service.post(route.path(), &body);
        if label == "v-start-huge" {
            // Its user asked for the millionth result by hand; we say why there is none.
            assert_eq!(status, 400, "{label}");
        } else {
            assert_eq!(status, 200, "{label}: {body}: {answer}");
        }
    }
}

/// The three searches of one page, as the web client sends them.
fn page_of(search: &str, page: u64) -> [(Route, Value); 3] {
    let common = |count: u64| {
        json!({
            "search": search, "searchTarget": "search-index", "sort": "-match", "start": page * count, "count": count,
            "blockedHosts": ["muted.example:8443"], "blockedAccounts": ["somebody@muted.example"],
        })
    };
    let mut videos = common(10);
    videos["nsfw"] = "false".into();
    [(Videos, videos), (VideoChannels, common(2)), (VideoPlaylists, common(2))]
}

#[test]
fn three_searches_in_parallel_fill_a_page() {
    let service = Service::start();
    let answers = std::thread::scope(|scope| {
        let ask = |(route, body): (Route, Value)| {
            let service = &service;
            scope.spawn(move || {
                let (status, answer) = service.post(route.path(), &body.to_string());
                assert_eq!(status, 200);
                answer
            })
        };
        page_of("framasoft", 0).map(ask).map(|thread| thread.join().unwrap())
    });
    let [videos, channels, playlists] = &answers;
    for video in videos["data"].as_array().unwrap() {
        // Missing or null, these end the whole page.
        for key in ["category", "licence", "language", "privacy", "account", "channel"] {
            assert!(video[key].is_object(), "{key}");
        }
        assert!(video["createdAt"].is_string() && video["publishedAt"].is_string());
        assert!(video["account"]["host"].is_string() && video["channel"]["host"].is_string());
        // Absent, the client would look for the picture on its own server.
        assert!(video["thumbnailUrl"].is_string() && video["embedUrl"].is_string());
    }
    for playlist in playlists["data"].as_array().unwrap() {
        assert!(
            playlist["privacy"].is_object() && playlist["type"].is_object() && playlist["ownerAccount"].is_object()
        );
    }
    assert!(!videos["data"].as_array().unwrap().is_empty());
    assert!(!channels["data"].as_array().unwrap().is_empty());
}

/// The client adds the totals up and loads pages until it has shown as many results.
#[test]
fn scrolling_reaches_what_the_totals_promise() {
    let service = Service::start();
    for search in ["video", "root", "playlist", "peertube framasoft"] {
        let (mut shown, mut promised, mut page) = (0, 1, 0);
        let mut seen = std::collections::BTreeSet::new();
        while shown < promised {
            promised = 0;
            let before = shown;
            for (route, body) in page_of(search, page) {
                let (_, answer) = service.post(route.path(), &body.to_string());
                promised += answer["total"].as_u64().unwrap();
                for item in answer["data"].as_array().unwrap() {
                    assert!(seen.insert(item["url"].as_str().unwrap().to_owned()), "shown twice: {}", item["url"]);
                    shown += 1;
                }
            }
            page += 1;
            assert!(shown > before || shown == promised, "`{search}`: page {page} is empty, {shown} of {promised}");
            assert!(page < 1000);
        }
    }
}

/// A click on a result asks the visitor's own server for its URL, which must be that of the origin.
#[test]
fn urls_are_those_of_the_origin() {
    let service = Service::start();
    for (route, body) in page_of("peertube framasoft root E2E", 0) {
        let (_, answer) = service.post(route.path(), &body.to_string());
        for item in answer["data"].as_array().unwrap() {
            let owner = item.get("account").unwrap_or(&item["ownerAccount"]);
            let host = owner["host"].as_str().unwrap();
            assert!(item["url"].as_str().unwrap().starts_with(&format!("https://{host}/")));
        }
    }
}

#[test]
fn mutes_of_the_server_hide_results() {
    let service = Service::start();
    let total = |route: Route, hosts: Value, accounts: Value| {
        service.ask(route, json!({"blockedHosts": hosts, "blockedAccounts": accounts})).total()
    };
    for route in Route::ALL {
        let all = total(route, json!([]), json!([]));
        let without_host = total(route, json!(["PeerTube2.cpy.re"]), json!([]));
        assert!(without_host < all, "{route:?}");
        assert!(total(route, json!([]), json!(["chocobozzz@peertube2.cpy.re"])) < all, "{route:?}");
        assert_eq!(total(route, json!(["peertube2.cpy.re:8443"]), json!(["chocobozzz@other.example"])), all);
        if route != VideoPlaylists {
            assert!(without_host > 0, "{route:?}");
        }
        // Thousands of entries are nothing special.
        let many: Vec<String> = (0..5000).map(|n| format!("h{n}.example")).collect();
        assert_eq!(total(route, json!(many), json!([])), all);
    }
}

#[test]
fn what_an_instance_refuses_is_refused_here_too() {
    let service = Service::start();
    let faults = [
        (Videos, json!({"start": "a"}), "start"),
        (Videos, json!({"count": 101}), "count"),
        (Videos, json!({"sort": "-trending"}), "sort"),
        (Videos, json!({"categoryOneOf": ["abc"]}), "categoryOneOf"),
        (Videos, json!({"licenceOneOf": ["abc"]}), "licenceOneOf"),
        (Videos, json!({"durationMin": "long"}), "durationMin"),
        (Videos, json!({"startDate": "yesterday"}), "startDate"),
        (Videos, json!({"host": "6565"}), "host"),
        (Videos, json!({"nsfw": "maybe"}), "nsfw"),
        (Videos, json!({"search": ""}), "search"),
        (VideoChannels, json!({"sort": "-publishedAt"}), "sort"),
        (VideoChannels, json!({"count": -1}), "count"),
        (VideoChannels, json!({"handles": [""]}), "handles"),
        (VideoChannels, json!({"host": "6565"}), "host"),
        (VideoChannels, json!({"search": ""}), "search"),
        (VideoPlaylists, json!({"sort": "-views"}), "sort"),
        (VideoPlaylists, json!({"start": -1}), "start"),
        (VideoPlaylists, json!({"host": "6565"}), "host"),
        (VideoPlaylists, json!({"search": " "}), "search"),
    ];
    for (route, body, parameter) in faults {
        let (status, answer) = service.post(route.path(), &body.to_string());
        assert_eq!(status, 400, "{route:?} {body}: {answer}");
        assert!(answer["errors"][parameter]["msg"].is_string(), "{route:?} {body}: {answer}");
        assert_eq!(answer["errors"].as_object().unwrap().len(), 1, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(parameter));
    }
}
