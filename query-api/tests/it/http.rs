//! What every answer carries, and what no answer does.

use axum::body::Body;
use axum::http::Request;
use query_api::QueryApiConfig;
use serde_json::json;

use crate::fixture::{Site, video};

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).header("origin", "https://app.example").body(Body::empty()).unwrap()
}

// case 130
#[tokio::test]
async fn nothing_redirects_whatever_the_path() {
    let site = Site::new(&[video(1, "a")]);
    for (path, status) in [
        ("/api/v1/search/videos", 200),
        ("/api/v1/search/videos/", 200),
        ("/api/v1/search//videos", 404),
        ("//api/v1/search/videos", 404),
        ("/api/v1/Search/Videos", 404),
        ("/api/v1/search/%2e%2e/videos", 404),
        ("/api/v1/search/video-channels", 200),
        ("/api/v1/search/video-channels/", 200),
        ("/api/v1/search/video-playlists", 200),
        ("/api/v1/search/video-playlists/", 200),
        ("/api/v1/search/channels", 404),
        ("/api", 404),
        ("/health/live", 200),
        ("/health/", 404),
        ("/search/", 404),
        ("/search?next=//evil.example&url=https://evil.example", 200),
        ("/nope", 404),
        ("/index.php", 404),
        ("/assets/../Cargo.toml", 404),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = site.send(request(method, path)).await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert!(answer.headers.get("location").is_none(), "{path}");
            assert!(answer.headers.get("set-cookie").is_none(), "{path}");
            if method == "HEAD" {
                assert!(answer.bytes.is_empty());
            } else if path.contains("/api") && status == 404 {
                assert_eq!(answer.json()["status"], 404, "{path}");
            }
        }
    }
}

// case 129
#[tokio::test]
async fn any_origin_may_use_the_api() {
    let site = Site::new(&[video(1, "a")]);
    for path in
        ["/api/v1/search/videos", "/api/v1/search/videos?count=101", "/api/v1/config", "/api/v1/none", "/openapi.json"]
    {
        let answer = site.send(request("GET", path)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
    let preflight = Request::builder()
        .method("OPTIONS")
        .uri("/api/v1/search/videos")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .body(Body::empty())
        .unwrap();
    let answer = site.send(preflight).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("access-control-allow-methods").contains("POST"));
    assert!(answer.header("access-control-allow-headers").contains("content-type"));
    assert_eq!(site.send(request("OPTIONS", "/api/v1/search/videos")).await.status, 200);
    assert_eq!(site.get("/").await.header("access-control-allow-origin"), "", "pages are no API");
}

#[tokio::test]
async fn an_unchanged_answer_is_a_304() {
    let site = Site::new(&[video(1, "a")]);
    let first = site.get("/api/v1/search/videos?search=a&count=5").await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with("W/\""));
    let conditional =
        |path: &str, etag: &str| Request::get(path).header("if-none-match", etag).body(Body::empty()).unwrap();
    for known in [etag.clone(), etag.replace("W/", ""), format!("\"x\", {etag}"), "*".to_owned()] {
        let answer = site.send(conditional("/api/v1/search/videos?count=5&search=a", &known)).await;
        assert_eq!(answer.status, 304, "{known}: the order of parameters does not matter");
        assert!(answer.bytes.is_empty());
        assert_eq!(answer.header("etag"), etag);
    }
    for path in ["/api/v1/search/videos?search=b&count=5", "/api/v1/search/videos?search=a&count=6"] {
        assert_eq!(site.send(conditional(path, &etag)).await.status, 200, "{path}");
    }
    for path in ["/api/v1/search/video-channels", "/api/v1/search/video-playlists"] {
        let etag = site.get(path).await.header("etag").to_owned();
        assert_eq!(site.send(conditional(path, &etag)).await.status, 304, "{path}");
        assert_eq!(site.send(conditional(&format!("{path}?count=2"), &etag)).await.status, 200, "{path}");
    }
    let anew = Site::new(&[video(1, "a")]);
    assert_eq!(
        anew.send(conditional("/api/v1/search/videos?search=a&count=5", &etag)).await.status,
        200,
        "an index made anew counts its generations from one again"
    );
    crate::fixture::publish(site.dir.path(), 10, &[video(2, "b")]);
    site.api.refresh().unwrap();
    assert_eq!(site.send(conditional("/api/v1/search/videos?search=a&count=5", &etag)).await.status, 200);
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let videos: Vec<_> = (0..15).map(|n| video(n, "same words again and again")).collect();
    let site = Site::new(&videos);
    for encoding in ["gzip", "br"] {
        let request = Request::get("/api/v1/search/videos").header("accept-encoding", encoding);
        let answer = site.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert!(answer.header("vary").contains("accept-encoding"));
    }
}

// case 137
#[tokio::test]
async fn powers_are_taken_from_pages_and_data() {
    let site = Site::new(&[video(1, "a")]);
    for path in ["/", "/search?search=a", "/about", "/bot", "/privacy", "/nope", "/search?page=9999"] {
        let answer = site.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {part}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-site");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    let data = site.get("/api/v1/search/videos").await;
    assert_eq!(data.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(data.header("x-content-type-options"), "nosniff");
    assert!(data.header("content-security-policy").contains("default-src 'none'"));
}

#[tokio::test]
async fn transport_security_is_asked_for_only_where_there_is_some() {
    for (public_url, expected) in [
        (None, None),
        (Some("http://search.example/"), None),
        (Some("https://search.example/"), Some("max-age=31536000")),
    ] {
        let public_url = public_url.map(|url| url.parse().unwrap());
        let site = Site::with_config(&[video(1, "a")], QueryApiConfig { public_url, ..QueryApiConfig::default() });
        for path in ["/", "/nope", "/api/v1/search/videos"] {
            let answer = site.get(path).await;
            let found = answer.headers.get("strict-transport-security").map(|value| value.to_str().unwrap());
            assert_eq!(found, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn the_configuration_has_the_keys_of_an_index_and_none_of_an_instance() {
    let config = QueryApiConfig {
        public_url: Some("https://search.example/".parse().unwrap()),
        index_name: "Seek".to_owned(),
        ..QueryApiConfig::default()
    };
    let site = Site::with_config(&[video(1, "a"), crate::fixture::video_on("b.example", 2, "b")], config);
    let request =
        Request::get("/api/v1/config").header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let answer = site.send(request.body(Body::empty()).unwrap()).await;
    let body = answer.json();
    assert_eq!(body["searchInstanceName"], "Seek");
    assert_eq!(body["indexedHostsCount"], 2);
    assert!(body["searchInstanceNameImage"].as_str().unwrap().starts_with("https://search.example/assets/"));
    assert_eq!(body["legalNoticesUrl"], json!(""));
    // No rules are in force, so everything is shown.
    assert_eq!((&body["inclusionRules"]["digest"], &body["inclusionRules"]["files"]), (&json!(""), &json!([])));
    assert_eq!(body.as_object().unwrap().len(), 7);
    assert!(body.get("instance").is_none() && body.get("serverVersion").is_none());
    assert!(!answer.text().contains("evil"));
}

#[tokio::test]
async fn a_json_body_wins_over_the_query_string() {
    let site = Site::new(&[video(1, "alpha"), video(2, "beta")]);
    let request = Request::post("/api/v1/search/videos?search=alpha").header("content-type", "application/json");
    let answer = site.send(request.body(Body::from("{\"search\":\"beta\"}")).unwrap()).await;
    assert_eq!(answer.json()["data"][0]["name"], "beta");
    let form = Request::post("/api/v1/search/videos").header("content-type", "application/x-www-form-urlencoded");
    let answer = site.send(form.body(Body::from("search=alpha&count=1&languageOneOf[]=en")).unwrap()).await;
    assert_eq!(answer.json()["data"][0]["name"], "alpha");
}
