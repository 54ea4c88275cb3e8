//! What visitors report: taken once, counted after, and telling nothing of what is hidden.

use allowlist::moderation::Action;
use allowlist::registry::{NewDecision, OnlyOpen, Registry};
use axum::body::Body;
use axum::http::Request;
use jiff::Timestamp;
use query_api::QueryApiConfig;
use query_api::reports::ReportDesk;
use serde_json::json;

use crate::fixture::{Answer, Site, encoded, publish, video};

const SHOWN: &str = "video/tube.example/10000000-0000-4000-8000-000000000001";
const HIDDEN: &str = "video/tube.example/10000000-0000-4000-8000-000000000002";
const UNKNOWN: &str = "video/tube.example/10000000-0000-4000-8000-000000000003";

/// A site that takes reports, of two videos; the second is hidden.
fn site(is_quick: bool) -> (Site, Registry, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
    let desk = ReportDesk::new(registry.clone()).unwrap();
    let desk = if is_quick { desk.with_quick_forms() } else { desk };
    let config = QueryApiConfig {
        reports: Some(desk),
        // Requests of tests come from nowhere, so the header says who a visitor is.
        trusted_proxies: vec!["0.0.0.0".parse().unwrap()],
        ..QueryApiConfig::default()
    };
    let site = Site::empty(config);
    publish(site.dir.path(), 1, &[video(1, "Whale <b>song</b>"), video(2, "A hidden thing")]);
    registry
        .decide(
            NewDecision {
                action: Action::Hide,
                target: format!("item:{HIDDEN}").parse().unwrap(),
                reason: "x".to_owned(),
                author: "anna".to_owned(),
                source: None,
            },
            Timestamp::now(),
        )
        .unwrap();
    registry.publish_decisions(site.dir.path(), Timestamp::now()).unwrap();
    assert!(site.api.refresh().unwrap());
    (site, registry, dir)
}

async fn report(site: &Site, body: &serde_json::Value) -> Answer {
    site.post_to("/api/v1/reports", &body.to_string()).await
}

/// Sends the form, with its token where it is not said.
async fn send_form(site: &Site, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let page = site.get(&format!("/report?item={}", encoded(SHOWN))).await.text();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut all = vec![("token", token.as_str())];
    all.extend(fields);
    let body: Vec<String> = all.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let mut request = Request::post("/report").header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.send(request.body(Body::from(body.join("&"))).unwrap()).await
}

#[tokio::test]
async fn a_report_reaches_the_moderators_and_nothing_of_the_visitor_but_what_they_wrote() {
    let (site, registry, dir) = site(true);
    let results = site.get("/search?search=whale").await.text();
    assert!(results.contains(&format!("href=\"/report?item={SHOWN}\"")), "{results}");
    let form = site.get(&format!("/report?item={SHOWN}")).await;
    assert_eq!((form.status.as_u16(), form.header("cache-control")), (200, "no-store"));
    assert!(form.text().contains("Whale &#60;b&#62;song") && !form.text().contains("<script"));
    let fields =
        [("item", SHOWN), ("reason", "spam"), ("comment", " Buy\r\nnow \u{1b}[2J"), ("contact", "me@a.example")];
    let sent = send_form(&site, &fields, &[("x-forwarded-for", "203.0.113.77"), ("user-agent", "Odd/9")]).await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    assert!(sent.headers.get("set-cookie").is_none());
    let taken = report(&site, &json!({"item": SHOWN, "reason": "spam"})).await;
    assert_eq!((taken.status.as_u16(), taken.json()), (202, json!({"id": 1, "item": SHOWN, "reason": "spam"})));
    let other = report(&site, &json!({"item": SHOWN, "reason": "privacy"})).await;
    assert_eq!((other.status.as_u16(), other.json()["id"].clone()), (202, json!(2)));
    let reports = registry.reports(OnlyOpen::Yes).unwrap();
    assert_eq!(reports.iter().map(|report| report.n_reports).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((reports[0].comments[0].text.as_str(), reports[0].comments.len()), ("Buy\nnow [2J", 1));
    assert_eq!(reports[0].comments[0].contact, "me@a.example");
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for trace in ["203.0.113.77", "Odd/9"] {
            assert!(!bytes.windows(trace.len()).any(|piece| piece == trace.as_bytes()), "{trace}");
        }
    }
}

#[tokio::test]
async fn what_is_hidden_and_what_never_was_are_answered_alike() {
    let (site, registry, _dir) = site(true);
    let long = format!("video/tube.example/{}", "9".repeat(5000));
    let mut answers = Vec::new();
    for item in [HIDDEN, UNKNOWN, "", "video", "channel/tube.example/", "word/x/y", "../../etc/passwd", &long] {
        let answer = report(&site, &json!({"item": item, "reason": "spam"})).await;
        let page = site.get(&format!("/report?item={}", encoded(item))).await;
        assert_eq!((answer.status.as_u16(), page.status.as_u16()), (404, 404), "{item}");
        assert!(!page.text().contains("<form class=\"submit\""));
        answers.push((answer.text(), page.text()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert!(registry.reports(OnlyOpen::No).unwrap().is_empty());
}

#[tokio::test]
async fn a_report_is_of_the_list_and_of_a_length() {
    let (site, registry, _dir) = site(true);
    for (reason, comment, contact, status) in [
        ("", "", "", 400),
        ("boring", "", "", 400),
        ("SPAM", "", "", 400),
        ("other", "é".repeat(1001).as_str(), "", 400),
        ("other", "", "x".repeat(201).as_str(), 400),
        ("other", "x".repeat(17 << 10).as_str(), "", 413),
        ("other", "é".repeat(1000).as_str(), "x".repeat(200).as_str(), 202),
    ] {
        let body = json!({"item": SHOWN, "reason": reason, "comment": comment, "contact": contact});
        let answer = report(&site, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{reason} {}", answer.text());
    }
    // A form that is refused keeps what was written, as text.
    let hostile = "</textarea><script>alert(1)</script>";
    let again = send_form(&site, &[("item", SHOWN), ("comment", hostile)], &[]).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("&#60;script&#62;") && !again.text().contains("<script"));
    assert_eq!(registry.reports(OnlyOpen::No).unwrap().len(), 1);
}

#[tokio::test]
async fn programs_that_fill_in_forms_are_refused() {
    let (site, registry, _dir) = site(true);
    let fields = [("item", SHOWN), ("reason", "spam")];
    let with = |more: &[(&'static str, &'static str)]| [&fields[..], more].concat();
    let trapped = send_form(&site, &with(&[("website", "https://buy.example")]), &[]).await;
    assert_eq!(trapped.status, 400);
    for headers in [
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        [("sec-fetch-site", "same-site"), ("origin", "https://evil.example")],
        [("host", "search.example"), ("origin", "https://evil.example")],
    ] {
        assert_eq!(send_form(&site, &fields, &headers).await.status, 403, "{headers:?}");
    }
    let body = "item=x&reason=spam&token=1.ab";
    let request = Request::post("/report").header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(site.send(request.body(Body::from(body)).unwrap()).await.status, 400);
    let (slow, _registry, _dir) = self::site(false);
    assert_eq!(send_form(&slow, &fields, &[]).await.status, 400, "sent faster than people type");
    assert!(registry.reports(OnlyOpen::No).unwrap().is_empty());
    // Each address has an allowance of its own.
    let from = |address: &'static str| {
        let request = Request::post("/api/v1/reports").header("content-type", "application/json");
        let body = json!({"item": SHOWN, "reason": "spam"}).to_string();
        request.header("x-forwarded-for", address).body(Body::from(body)).unwrap()
    };
    for _ in 0..10 {
        assert_eq!(site.send(from("203.0.113.1")).await.status, 202);
    }
    let refused = site.send(from("203.0.113.1")).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 60);
    assert_eq!(site.send(from("203.0.113.2")).await.status, 202);
}

#[tokio::test]
async fn a_copy_names_the_index_that_it_is_a_copy_of() {
    let plain = Site::new(&[video(1, "a")]);
    let answer = report(&plain, &json!({"item": SHOWN, "reason": "spam"})).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("takes no reports"));
    let source_url = Some("https://search.example/".parse().unwrap());
    let copy = Site::with_config(&[video(1, "a")], QueryApiConfig { source_url, ..QueryApiConfig::default() });
    for text in [
        report(&copy, &json!({"item": SHOWN, "reason": "spam"})).await.text(),
        copy.get(&format!("/report?item={SHOWN}")).await.text(),
    ] {
        assert!(text.contains("https://search.example/"), "{text}");
    }
}
