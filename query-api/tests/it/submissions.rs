//! The form, the page and the API of submissions, before a desk that remembers what it is asked.

use std::sync::{Arc, Mutex};

use allowlist::submission::{Check, CheckName, HostRefusal, Purpose, SecretKey, State, Submission, is_work_done};
use axum::body::Body;
use axum::http::Request;
use jiff::Timestamp;
use query_api::QueryApiConfig;
use query_api::submissions::{SubmissionAnswer, SubmissionDesk, SubmissionError, SubmissionRequest};

use crate::fixture::{Answer, Site};

const ID: &str = "00112233445566778899aabbccddeeff";

type Asked = Arc<Mutex<Vec<SubmissionRequest>>>;

fn submission() -> Submission {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    Submission {
        id: ID.to_owned(),
        host: "bücher.example".parse().unwrap(),
        kind: None,
        purpose: Purpose::Add,
        state: State::Failing,
        checks: vec![
            Check::passed(CheckName::Name, "`b` is a public host name."),
            Check::failed(CheckName::Software, "It runs <script>alert(1)</script>.", Some("Run \"another\".")),
        ],
        n_items: 0,
        created_at: now,
        updated_at: now,
        checked_at: Some(now),
        looked_at: None,
        n_looked: 0,
        missing: Vec::new(),
        proved_at: None,
        proved_by: None,
        reason: None,
    }
}

fn site() -> (Site, Asked) {
    let asked = Asked::default();
    let sink = Arc::clone(&asked);
    let door = Arc::new(move |request: SubmissionRequest| {
        sink.lock().unwrap().push(request.clone());
        let answer = match request {
            SubmissionRequest::Read { host, .. } if host == "listed.example" => {
                Err(SubmissionError::Host(HostRefusal::Listed(host.parse().unwrap())))
            }
            SubmissionRequest::Show { id } if id != ID => Err(SubmissionError::Unknown),
            _ => Ok(SubmissionAnswer { submission: Some(submission()), token: "abc".to_owned() }),
        };
        Box::pin(std::future::ready(answer)) as futures_util::future::BoxFuture<'static, _>
    });
    let desk = SubmissionDesk::new(door, SecretKey::new([1; 32])).with_quick_forms();
    let config = QueryApiConfig {
        submissions: Some(desk),
        trusted_proxies: vec!["0.0.0.0/0".parse().unwrap()],
        ..QueryApiConfig::default()
    };
    (Site::empty(config), asked)
}

fn form(path: &str, body: &str, visitor: &str) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", visitor)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn token(site: &Site) -> String {
    let page = site.get("/submit").await.text();
    page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn submit(site: &Site, host: &str, visitor: &str) -> Answer {
    site.send(form("/api/v1/submissions", &format!("host={host}"), visitor)).await
}

#[tokio::test]
async fn case_148_a_visitor_submits_three_hosts_an_hour_and_five_with_some_work() {
    let (site, asked) = site();
    for _ in 0..5 {
        assert_eq!(submit(&site, "listed.example", "8.8.8.8").await.status, 409, "typing costs nothing");
    }
    for n in [1, 0] {
        let told = submit(&site, "a.example", "8.8.8.8").await;
        assert_eq!(told.status, 202, "{}", told.text());
        assert_eq!((told.header("ratelimit-limit"), told.header("ratelimit-remaining")), ("2", n.to_string().as_str()));
    }
    let refused = submit(&site, "a.example", "8.8.8.8").await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((3500..=3600).contains(&wait), "{wait}");
    assert!(refused.json()["detail"].as_str().unwrap().contains("try again in"), "{}", refused.text());
    let n_submitted =
        asked.lock().unwrap().iter().filter(|asked| matches!(asked, SubmissionRequest::Submit { .. })).count();
    assert_eq!(n_submitted, 2, "no host was asked for the third");
    assert_eq!(submit(&site, "a.example", "8.8.4.4").await.status, 202, "others are not kept waiting");

    let token = token(&site).await;
    let nonce = (0..).map(|n: u64| n.to_string()).find(|nonce| is_work_done(&token, nonce)).unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let body = format!("host=a.example&token={token}&pow={nonce}");
        statuses.push(site.send(form("/submit", &body, "9.9.9.9")).await.status.as_u16());
    }
    assert_eq!(statuses, [303, 303, 303, 429], "three at once, two more within the hour");
}

// case 151
#[tokio::test]
async fn programs_that_fill_in_forms_are_told_apart_without_scripts() {
    let (site, asked) = site();
    let token = token(&site).await;
    let page = site.get("/submit").await.text();
    assert!(
        page.contains("name=\"website\"") && page.contains("tabindex=\"-1\"") && page.contains("aria-hidden=\"true\"")
    );
    for (body, words) in [
        (format!("host=a.example&token={token}&website=x"), "nobody sees"),
        ("host=a.example&token=1.ab".to_owned(), "not one of this index"),
        ("host=a.example".to_owned(), "not one of this index"),
        (format!("host=a.example&token={token}&purpose=steal"), "neither"),
    ] {
        let told = site.send(form("/submit", &body, "8.8.8.8")).await;
        assert_eq!(told.status, 400, "{body}");
        assert!(told.text().contains(words), "{}", told.text());
    }
    assert!(asked.lock().unwrap().is_empty());
    let good = site.send(form("/submit", &format!("host=a.example&token={token}&website="), "8.8.8.8")).await;
    assert_eq!((good.status.as_u16(), good.header("location")), (303, format!("/submit/{ID}").as_str()));
    assert!(good.headers.get("set-cookie").is_none());
    // What a visitor typed comes back into the form, and as nothing else.
    let body = format!("host=%22%3E%3Cscript%3E&token={token}&purpose=remove&website=x");
    let told = site.send(form("/submit", &body, "8.8.8.8")).await.text();
    assert!(!told.contains("<script>") && told.contains("value=\"&#34;&#62;&#60;script&#62;\""), "{told}");
}

#[tokio::test]
async fn forms_of_other_pages_and_heavy_ones_are_refused() {
    let (site, asked) = site();
    let foreign = Request::post("/api/v1/submissions")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/json")
        .body(Body::from("{\"host\":\"a.example\"}"))
        .unwrap();
    assert_eq!(site.send(foreign).await.status, 403);
    let heavy = form("/api/v1/submissions", &format!("host={}", "a".repeat(20_000)), "8.8.8.8");
    assert_eq!(site.send(heavy).await.status, 413);
    assert_eq!(site.post_to("/api/v1/submissions", "[1]").await.status, 400);
    assert!(asked.lock().unwrap().is_empty());
    assert_eq!(
        site.post_to("/api/v1/submissions", "{\"host\":\"a.example\",\"purpose\":\"remove\"}").await.status,
        202
    );
    let read = SubmissionRequest::Read { host: "a.example".to_owned(), purpose: Purpose::Remove };
    assert_eq!(asked.lock().unwrap().first(), Some(&read));
}

#[tokio::test]
async fn a_page_shows_each_check_with_its_fix_and_escapes_what_hosts_say() {
    let (site, asked) = site();
    let page = site.get(&format!("/submit/{ID}")).await;
    assert_eq!(page.status, 200);
    assert_eq!((page.header("cache-control"), page.header("x-robots-tag")), ("no-store", "noindex"));
    let text = page.text();
    assert!(
        text.contains("bücher.example") && text.contains("Software: <span class=\"outcome\">Failed</span>"),
        "{text}"
    );
    assert!(text.contains("It runs &#60;script&#62;") && !text.contains("<script>"), "{text}");
    assert!(text.contains("Run &#34;another&#34;."));
    assert!(text.contains(&format!("action=\"/submit/{ID}/check\"")));
    assert!(!text.contains("/verify"), "there is nothing to prove yet");
    let told = site.get(&format!("/api/v1/submissions/{ID}")).await.json();
    assert_eq!(told["statusUrl"], format!("/submit/{ID}"));
    assert_eq!(told["host"], "xn--bcher-kva.example");
    assert_eq!(told["checks"][1]["fix"], "Run \"another\".");
    assert_eq!(told["proof"]["txtName"], "_vigie.xn--bcher-kva.example");
    assert_eq!(told["proof"]["txtValue"], "vigie-verify=abc");

    // Whatever is no id never reaches the desk, and gets the words of one that is not known.
    let n_asked = asked.lock().unwrap().len();
    let unknown = site.get(&format!("/api/v1/submissions/{}", "f".repeat(32))).await.text();
    for id in ["x", "%2e%2e", &"F".repeat(32), &"0".repeat(33), "0'; DROP TABLE submission; --"] {
        let told = site.get(&format!("/api/v1/submissions/{}", crate::fixture::encoded(id))).await;
        assert_eq!((told.status.as_u16(), told.text()), (404, unknown.clone()), "{id}");
    }
    assert_eq!(asked.lock().unwrap().len(), n_asked + 1);
}

#[tokio::test]
async fn a_copy_takes_none_and_names_the_index_that_does() {
    let source_url = Some("https://search.example/".parse().unwrap());
    let site = Site::empty(QueryApiConfig { source_url, ..QueryApiConfig::default() });
    let told = site.post_to("/api/v1/submissions", "{\"host\":\"a.example\"}").await;
    assert_eq!(told.status, 404);
    assert!(told.json()["detail"].as_str().unwrap().ends_with("https://search.example/"), "{}", told.text());
    let page = site.get("/submit").await;
    assert!(page.status == 404 && page.text().contains("takes no submissions") && !page.text().contains("<form"));
}
