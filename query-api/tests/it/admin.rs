//! The pages of the moderators: who gets in, what changes something, and what hosts wrote in them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use allowlist::moderation::{Action, Target};
use allowlist::registry::{Audit, NewDecision, NewReport, OnlyOpen, Registry, Scope};
use allowlist::report::ReportReason;
use allowlist::submission::{Check, CheckName, Purpose, State};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use jiff::Timestamp;
use query_api::admin::{Admin, AdminDoors, Effect, SubmissionWord, admin_router};
use query_api::{QueryApi, QueryApiConfig};
use tower::ServiceExt;

use crate::fixture::{Answer, encoded, publish, video};
use crate::pages::{HOSTILE, assert_harmless};

const ITEM: &str = "video/tube.example/10000000-0000-4000-8000-000000000001";

/// Every page but the way in.
const PAGES: [&str; 6] = ["/", "/reports", "/submissions", "/decisions", "/decide", "/audit"];

/// A listener of moderators with one shown video and one report of it.
struct Desk {
    dir: tempfile::TempDir,
    registry: Registry,
    api: Arc<QueryApi>,
    router: Router,
    /// The token `anna`.
    token: String,
    n_settled: Arc<AtomicUsize>,
}

/// Headers by name.
type Headers<'a> = &'a [(&'a str, &'a str)];

/// What somebody sends beside method, path and body.
#[derive(Clone, Copy, Default)]
struct With<'a> {
    token: Option<&'a str>,
    cookie: Option<&'a str>,
    headers: Headers<'a>,
    address: Option<&'a str>,
}

impl Desk {
    fn new(behind_proxy: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        publish(dir.path(), 1, &[video(1, "Whale <i>song</i>")]);
        // Requests of tests come from nowhere, so the header says where from.
        let config = QueryApiConfig { trusted_proxies: vec!["0.0.0.0".parse().unwrap()], ..QueryApiConfig::default() };
        let api = QueryApi::new(dir.path(), config);
        assert!(api.refresh().unwrap());
        let registry = Registry::open(&dir.path().join("registry.db")).unwrap();
        let token = registry.add_token("anna", rand::random(), false, "root", Timestamp::now()).unwrap();
        let n_settled = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_settled);
        let doors = AdminDoors {
            read_target: |text| text.parse().map_err(|error: allowlist::moderation::TargetError| error.to_string()),
            preview: Arc::new(|target: &Target| {
                let samples = vec![format!("Sample of {target}")];
                Ok(vec![Effect { kind: "videos", n_hidden: 1, n_shown: 2, samples }])
            }),
            settle_submission: Some(Arc::new(move |word| {
                counter.fetch_add(1, Ordering::Relaxed);
                Ok(match word {
                    SubmissionWord::Approve { id, author } => format!("{author} approved {id}."),
                    SubmissionWord::Reject { id, author, reason } => format!("{author} rejected {id}: {reason}."),
                })
            })),
        };
        let admin = Admin::new(registry.clone(), dir.path().to_owned(), Arc::clone(&api), doors, behind_proxy);
        let desk = Self { dir, registry, api, router: admin_router(admin), token, n_settled };
        desk.report(ITEM, "a comment");
        desk
    }

    fn report(&self, item: &str, comment: &str) -> u64 {
        let (item, comment) = (item.to_owned(), comment.to_owned());
        let new = NewReport { item, reason: ReportReason::Spam, comment, contact: "a@b.example".to_owned() };
        self.registry.report(&new, Timestamp::now()).unwrap().unwrap().id
    }

    async fn send(&self, method: Method, path: &str, body: &str, with: With<'_>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8081");
        if !body.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(token) = with.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(cookie) = with.cookie {
            request = request.header("cookie", cookie);
        }
        request = request.header("x-forwarded-for", with.address.unwrap_or("203.0.113.1"));
        for (name, value) in with.headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: head.status, headers: head.headers, bytes }
    }

    async fn get(&self, path: &str, with: With<'_>) -> Answer {
        self.send(Method::GET, path, "", with).await
    }

    async fn log_in_from(&self, token: &str, address: &str) -> Answer {
        let with = With { headers: &[("sec-fetch-site", "same-origin")], address: Some(address), ..With::default() };
        self.send(Method::POST, "/login", &format!("token={}", encoded(token)), with).await
    }

    /// A session: its cookie and the key of its forms.
    async fn session(&self) -> (String, String) {
        let answer = self.log_in_from(&self.token, "203.0.113.1").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let page = self.get("/", With { cookie: Some(&cookie), ..With::default() }).await;
        assert_eq!(page.status, 200);
        (cookie, form_key(&page.text()))
    }
}

fn form_key(html: &str) -> String {
    html.split("name=\"form_key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Headers that differ from answer to answer with the time.
fn shape(answer: &Answer) -> (u16, String, HeaderMap) {
    (answer.status.as_u16(), answer.text(), answer.headers.clone())
}

// case 154
#[tokio::test]
async fn case_154_every_wrong_token_is_answered_alike_and_never_at_once() {
    let desk = Desk::new(false);
    let revoked = desk.registry.add_token("bert", rand::random(), false, "root", Timestamp::now()).unwrap();
    desk.registry.revoke_token("bert", "root", Timestamp::now()).unwrap();
    let long = "x".repeat(9000);
    let wrong = ["", " ", "anna", &desk.token[1..], &desk.token.to_uppercase(), &revoked, &long, "' OR 1=1 --"];
    let mut by_form = Vec::new();
    let mut by_header = Vec::new();
    for (n, token) in wrong.iter().enumerate() {
        let address = format!("203.0.113.{}", 10 + n);
        let begun = Instant::now();
        by_form.push(shape(&desk.log_in_from(token, &address).await));
        assert!(begun.elapsed() >= Duration::from_millis(300), "{token}");
        let begun = Instant::now();
        let with = With { token: Some(token), address: Some(&address), ..With::default() };
        by_header.push(shape(&desk.get("/reports", with).await));
        assert!(begun.elapsed() >= Duration::from_millis(300), "{token}");
    }
    for (answers, status) in [(&mut by_form, 401), (&mut by_header, 401)] {
        assert!(answers.iter().all(|answer| answer.0 == status && answer.2.get("set-cookie").is_none()));
        answers.dedup();
        assert_eq!(answers.len(), 1);
    }
    let right = desk.get("/reports", With { token: Some(&desk.token), ..With::default() }).await;
    assert_eq!((right.status.as_u16(), right.header("content-type")), (200, "application/json; charset=utf-8"));
}

// case 154
#[tokio::test]
async fn case_154_a_token_in_an_address_opens_nothing() {
    let desk = Desk::new(false);
    let token = encoded(&desk.token);
    for path in PAGES {
        for query in
            [format!("token={token}"), format!("access_token={token}"), format!("Authorization=Bearer%20{token}")]
        {
            let answer = desk.get(&format!("{path}?{query}"), With::default()).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/login"));
        }
    }
    let login = desk.get(&format!("/login?token={token}"), With::default()).await;
    assert!(login.status == 200 && !login.text().contains(&desk.token));
    let with = With { headers: &[("sec-fetch-site", "same-origin")], ..With::default() };
    let answer = desk.send(Method::POST, &format!("/login?token={token}"), "a=b", with).await;
    assert_eq!(answer.status, 401);
    let cookie = format!("vigie-admin={}", desk.token);
    let answer = desk.get("/", With { cookie: Some(&cookie), ..With::default() }).await;
    assert_eq!(answer.status, 303, "the token itself is no session");
}

// case 154
#[tokio::test]
async fn case_154_guesses_wait_and_a_right_token_does_not_help_out_of_it() {
    let desk = Desk::new(false);
    let with = |token| With { token: Some(token), address: Some("203.0.113.9"), ..With::default() };
    // At once: the guesses are counted one after the other.
    let guesses = futures_util::future::join_all((0..12).map(|_| desk.get("/", with("wrong")))).await;
    let statuses: Vec<u16> = guesses.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 7);
    let locked = desk.get("/", with(&desk.token)).await;
    assert_eq!(locked.status, 429);
    assert!((1..=60).contains(&locked.header("retry-after").parse::<u64>().unwrap()));
    let by_form = desk.log_in_from(&desk.token, "203.0.113.9").await;
    assert!(by_form.status == 429 && by_form.headers.get("set-cookie").is_none());
    assert_eq!(desk.get("/", With { token: Some(&desk.token), ..With::default() }).await.status, 200);
}

// case 154
#[tokio::test]
async fn case_154_a_revoked_token_ends_its_sessions_at_once() {
    let desk = Desk::new(false);
    let bert = desk.registry.add_token("bert", rand::random(), false, "root", Timestamp::now()).unwrap();
    let (cookie, key) = desk.session().await;
    let other = desk.log_in_from(&bert, "203.0.113.2").await;
    let other = other.header("set-cookie").split(';').next().unwrap().to_owned();
    // By another process, as the command line does.
    let elsewhere = Registry::open(&desk.dir.path().join("registry.db")).unwrap();
    elsewhere.revoke_token("anna", "root", Timestamp::now()).unwrap();
    let with = With { cookie: Some(&cookie), headers: &[("sec-fetch-site", "same-origin")], ..With::default() };
    assert_eq!(desk.get("/", with).await.header("location"), "/login");
    let body = format!("form_key={key}&decision=dismiss&reason=x");
    assert_eq!(desk.send(Method::POST, "/reports/1", &body, with).await.status, 401);
    assert_eq!(desk.get("/", With { token: Some(&desk.token), ..With::default() }).await.status, 401);
    // A new token of the same name brings the old session not back, and the other token goes on.
    elsewhere.add_token("anna", rand::random(), false, "root", Timestamp::now()).unwrap();
    assert_eq!(desk.get("/", with).await.header("location"), "/login");
    assert_eq!(desk.get("/", With { cookie: Some(&other), ..With::default() }).await.status, 200);
    assert_eq!(desk.registry.n_open_reports().unwrap(), 1);
    // Who logs out is out.
    let page = desk.get("/", With { cookie: Some(&other), ..With::default() }).await.text();
    let with = With { cookie: Some(&other), headers: &[("sec-fetch-site", "same-origin")], ..With::default() };
    let out = desk.send(Method::POST, "/logout", &format!("form_key={}", form_key(&page)), with).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(desk.get("/", With { cookie: Some(&other), ..With::default() }).await.header("location"), "/login");
}

// case 156
#[tokio::test]
async fn case_156_only_forms_of_the_session_change_something() {
    let desk = Desk::new(false);
    let (cookie, key) = desk.session().await;
    let (_, others_key) = desk.session().await;
    let own: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];
    let good = format!("form_key={key}&decision=hide&reason=spam");
    let refused: &[(&str, &str, Headers<'_>)] = &[
        ("no origin", &good, &[]),
        ("null", &good, &[("origin", "null")]),
        ("another page", &good, &[("origin", "https://evil.example")]),
        ("another port", &good, &[("origin", "http://127.0.0.1:8080")]),
        ("another site", &good, &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8081")]),
        ("another name of the site", &good, &[("sec-fetch-site", "same-site")]),
        ("typed", &good, &[("sec-fetch-site", "none")]),
        ("no key", "decision=hide&reason=spam", own),
        ("an empty key", "form_key=&decision=hide&reason=spam", own),
        ("a part of the key", &format!("form_key={}&decision=hide&reason=spam", &key[..42]), own),
        ("the key of another session", &format!("form_key={others_key}&decision=hide&reason=spam"), own),
    ];
    for (what, body, headers) in refused {
        let with = With { cookie: Some(&cookie), headers, ..With::default() };
        for path in ["/reports/1", "/submissions/1", "/decisions", "/decisions/1/show", "/logout"] {
            assert_eq!(desk.send(Method::POST, path, body, with).await.status, 403, "{what} {path}");
        }
    }
    // By no other method, and by no word for one.
    let with = With { cookie: Some(&cookie), headers: own, ..With::default() };
    for path in ["/reports/1", "/decisions/1/show", "/logout"] {
        for query in ["", "?_method=POST&decision=hide&reason=spam", &format!("?{good}")] {
            let answer = desk.get(&format!("{path}{query}"), with).await;
            assert_eq!(answer.status, 405, "{path}{query}");
        }
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            assert_eq!(desk.send(method, path, &good, with).await.status, 405);
        }
        let overridden = [("sec-fetch-site", "same-origin"), ("x-http-method-override", "POST")];
        let with = With { cookie: Some(&cookie), headers: &overridden, ..With::default() };
        assert_eq!(desk.get(path, with).await.status, 405);
    }
    for path in PAGES {
        let answer = desk.get(&format!("{path}?target=word:x&action=hide&decision=hide&reason=x&{good}"), with).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    assert_eq!((desk.registry.n_open_reports().unwrap(), desk.n_settled.load(Ordering::Relaxed)), (1, 0));
    assert!(desk.registry.decisions(Scope::All).unwrap().is_empty());
    // The way in is for pages of its own, too, so that nobody is logged in as somebody else.
    for headers in [&[("origin", "https://evil.example")], &[("origin", "null")], &[("sec-fetch-site", "cross-site")]] {
        let with = With { headers, ..With::default() };
        let body = format!("token={}", encoded(&desk.token));
        let answer = desk.send(Method::POST, "/login", &body, with).await;
        assert!(answer.status == 403 && answer.headers.get("set-cookie").is_none());
    }
    // And what is right is done.
    for (headers, id) in [(own, 1), (&[("origin", "http://127.0.0.1:8081")][..], 2)] {
        let with = With { cookie: Some(&cookie), headers, ..With::default() };
        let answer = desk.send(Method::POST, &format!("/reports/{id}"), &good, with).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/reports"));
        desk.report(ITEM, "again");
    }
}

// case 156
#[tokio::test]
async fn case_156_what_every_answer_carries() {
    for behind_proxy in [false, true] {
        let desk = Desk::new(behind_proxy);
        let cookie = desk.log_in_from(&desk.token, "203.0.113.1").await.header("set-cookie").to_owned();
        for piece in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
            assert!(cookie.contains(piece), "{cookie}");
        }
        assert!(!cookie.contains("Domain"));
        assert_eq!((cookie.starts_with("__Host-"), cookie.contains("; Secure")), (behind_proxy, behind_proxy));
        let cookie = cookie.split(';').next().unwrap();
        let origin = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
        let with = With { cookie: Some(cookie), headers: &origin, ..With::default() };
        for path in PAGES.into_iter().chain(["/login", "/nothing", "/reports/1"]) {
            for answer in [desk.get(path, with).await, desk.send(Method::OPTIONS, path, "", with).await] {
                assert_eq!(answer.header("cache-control"), "no-store", "{path}");
                assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
                assert_eq!(answer.header("x-content-type-options"), "nosniff");
                assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{path}");
            }
        }
    }
    // A name on the web that leads to the listener is none of its own.
    let desk = Desk::new(false);
    let request = Request::get("/login").header("host", "evil.example:8081").body(Body::empty()).unwrap();
    assert_eq!(desk.router.clone().oneshot(request).await.unwrap().status(), 421);
    let desk = Desk::new(true);
    let request = Request::get("/login").header("host", "moderation.example").body(Body::empty()).unwrap();
    assert_eq!(desk.router.clone().oneshot(request).await.unwrap().status(), 200);
}

// case 157
#[tokio::test]
async fn case_157_what_hosts_and_visitors_wrote_is_only_text() {
    let desk = Desk::new(false);
    let now = Timestamp::now();
    let mut videos = Vec::new();
    for (text, n) in HOSTILE.iter().zip(10..) {
        let mut hostile = video(n, text);
        hostile.url = format!("javascript:alert({n})//https://tube.example/");
        desk.report(&format!("video/tube.example/{}", hostile.uuid.hyphenated()), text);
        videos.push(hostile);
        desk.report(&format!("video/gone.example/{n}{text}"), text);
        // Error texts, names of software and lines of robots.txt come as sentences of checks.
        let host = format!("tube-{n}.example").parse().unwrap();
        let submission = desk.registry.submit(&host, Purpose::Add, now).unwrap().unwrap();
        desk.registry
            .change_submission(&submission.id, "vigie", now, |submission| {
                submission.state = State::Queued;
                submission.checks = vec![
                    Check::failed(CheckName::Robots, format!("robots.txt says {text}"), Some(text)),
                    Check::warned(CheckName::Software, format!("it runs {text}"), None),
                ];
            })
            .unwrap();
        let line = Audit {
            who: (*text).to_owned(),
            what: (*text).to_owned(),
            subject: format!("instance:{text}"),
            before: Some(serde_json::json!({ "error": text })),
            after: Some(serde_json::json!(text)),
        };
        desk.registry.record_audit(&line, now).unwrap();
        if !text.chars().any(char::is_control) {
            let new = NewDecision {
                action: Action::Hide,
                target: format!("word:x {text}").parse().unwrap(),
                reason: (*text).to_owned(),
                author: (*text).to_owned(),
                source: None,
            };
            desk.registry.decide(new, now).unwrap();
            desk.registry.add_token(text, rand::random(), false, "root", now).unwrap();
        }
    }
    publish(desk.dir.path(), 2, &videos);
    assert!(desk.api.refresh().unwrap());
    let (cookie, _) = desk.session().await;
    let with = With { cookie: Some(&cookie), ..With::default() };
    let mut all = String::new();
    for path in
        PAGES.map(str::to_owned).into_iter().chain(HOSTILE.map(|text| format!("/decide?target={}", encoded(text))))
    {
        let answer = desk.get(&path, with).await;
        assert!(matches!(answer.status.as_u16(), 200 | 400), "{path}: {}", answer.text());
        assert_harmless(&answer.text());
        all.push_str(&answer.text());
    }
    let previewed = desk.get(&format!("/decide?target={}", encoded("word:<b>bold</b>")), with).await.text();
    assert!(previewed.contains("Sample of word:&#60;b&#62;bold") && !previewed.contains("<b>"));
    assert!(all.contains("<bdi>&#60;script&#62;"), "titles of what is shown");
    assert!(all.contains("robots.txt says &#60;script&#62;") && all.contains("it runs &#60;script&#62;"));
    assert!(all.matches("&#60;script&#62;alert(1)").count() > 10);
    // For programs each is one string of JSON.
    let bearer = With { token: Some(&desk.token), ..With::default() };
    for path in ["/", "/reports", "/submissions", "/decisions", "/audit"] {
        let answer = desk.get(path, bearer).await;
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert!(answer.json().is_object() && !answer.text().contains('\n'), "{path}");
    }
}

// case 158
#[tokio::test]
async fn case_158_what_a_token_does_is_done_in_its_name() {
    let desk = Desk::new(false);
    let reader = desk.registry.add_token("reader", rand::random(), true, "root", Timestamp::now()).unwrap();
    let bearer = With { token: Some(&desk.token), ..With::default() };
    let read_only = With { token: Some(&reader), ..With::default() };
    let post = |path: &'static str, body: &'static str, with| desk.send(Method::POST, path, body, with);
    let submission = desk.registry.submit(&"a.example".parse().unwrap(), Purpose::Add, Timestamp::now()).unwrap();
    assert!(submission.is_some());
    for (path, body) in [
        ("/reports/1", "decision=hide&reason=spam"),
        ("/decisions", "target=word:casino&action=hide&reason=x"),
        ("/submissions/1", "decision=approve"),
    ] {
        assert_eq!(post(path, body, read_only).await.status, 403, "{path}");
        assert_eq!(post(path, body, With::default()).await.status, 401, "{path}");
    }
    assert_eq!(desk.get("/reports", read_only).await.status, 200);
    for (path, body, status) in [
        ("/reports/1", "decision=purge&reason=x", 400),
        ("/reports/1", "decision=hide&reason=", 400),
        ("/reports/99", "decision=hide&reason=x", 409),
        ("/reports/x", "decision=hide&reason=x", 404),
        ("/decisions", "target=nonsense&action=hide&reason=x", 400),
        ("/decisions", "target=word:casino&action=purge&reason=x", 400),
        ("/decisions", "target=word:casino&action=hide&reason=a%0Ab", 400),
        ("/decisions/9/show", "reason=x", 409),
        ("/submissions/1", "decision=reject&reason=%20", 400),
        ("/submissions/1", "decision=maybe", 400),
        ("/reports/1", "decision=hide&reason=spam", 200),
        ("/decisions", "target=word:casino&action=downrank&reason=x", 200),
        ("/decisions/2/show", "reason=a%20mistake", 200),
        ("/submissions/1", "decision=reject&reason=no", 200),
    ] {
        let answer = post(path, body, bearer).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {body}: {}", answer.text());
    }
    let audit = desk.registry.audit(4).unwrap();
    let lines: Vec<(&str, &str, &str)> =
        audit.iter().map(|row| (row.who.as_str(), row.what.as_str(), row.subject.as_str())).collect();
    let item = format!("item:{ITEM}");
    assert_eq!(
        lines,
        [
            ("anna", "show", "word:casino"),
            ("anna", "downrank", "word:casino"),
            ("anna", "close report", ITEM),
            ("anna", "hide", item.as_str())
        ]
    );
    assert!(audit[0].before.is_some() && audit[3].after.is_some());
    let published = std::fs::read_to_string(desk.dir.path().join("moderation.json")).unwrap();
    assert!(published.contains(&item) && !published.contains("anna"));
    assert!(desk.registry.reports(OnlyOpen::Yes).unwrap().is_empty());
}
