//! Who asks, whether they may, and what every answer carries.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allowlist::registry::AdminToken;
use allowlist::registry::tokens::{digest, is_same};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};

use super::pages::{problem_page, to};
use super::{Admin, Failed};
use crate::http::forms::Fields;
use crate::http::limits::{in_words, tell_to_wait};
use crate::http::problem;
use crate::http::visitor::Visitor;

/// Every answer to a wrong token takes at least so long, whatever was wrong with it.
const SLOWEST_LOOK: Duration = Duration::from_millis(300);

/// Longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 128;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Asker {
    /// A program that brought its token.
    Program(AdminToken),
    /// Somebody who is logged in.
    Person {
        /// The token of the login.
        token: AdminToken,
        /// What each form of the session holds.
        form_key: String,
        /// The secret of the session.
        secret: String,
    },
}

impl Asker {
    /// The token, in whose name everything is done.
    pub fn token(&self) -> &AdminToken {
        match self {
            Self::Program(token) | Self::Person { token, .. } => token,
        }
    }

    /// Whether answers are JSON.
    pub fn is_program(&self) -> bool {
        matches!(self, Self::Program(_))
    }
}

/// Lets those pass who may, and puts who they are and what they sent into the request.
///
/// Whatever changes something passes here: it comes by POST, from a page of this listener or with a token in a header, and is
/// for a token that may do more than read.
pub(super) async fn require(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let asker = match identify(&admin, &head).await {
        Ok(asker) => asker,
        Err(response) => return response,
    };
    if head.method == Method::POST {
        let fields = match Fields::read(&head.headers, body, &admin.limits()).await {
            Ok(fields) => fields,
            Err(refusal) => {
                return refuse(&admin, &asker, &Failed::new(refusal.status(), refusal.sentence()));
            }
        };
        let is_own = match &asker {
            // A page of somebody else cannot set the header, and the token is in no cookie.
            Asker::Program(_) => true,
            Asker::Person { form_key, .. } => {
                is_same_origin(&head) && is_same(&digest(fields.get("form_key")), &digest(form_key))
            }
        };
        if !is_own {
            let sentence = "This form was not sent from a page of this session. Please send it again from there.";
            return refuse(&admin, &asker, &Failed::new(StatusCode::FORBIDDEN, sentence));
        }
        if asker.token().is_read_only && head.uri.path() != "/logout" {
            let sentence = "Nothing was changed: this token may only read.";
            return refuse(&admin, &asker, &Failed::new(StatusCode::FORBIDDEN, sentence));
        }
        head.extensions.insert(Arc::new(fields));
    } else if !matches!(head.method, Method::GET | Method::HEAD) {
        let failed = Failed::new(StatusCode::METHOD_NOT_ALLOWED, "This path answers GET, HEAD and POST only.");
        return refuse(&admin, &asker, &failed);
    }
    head.extensions.insert(asker);
    next.run(Request::from_parts(head, Body::empty())).await
}

/// Who asks, by the header or by the cookie; the answer to everybody else.
async fn identify(admin: &Arc<Admin>, head: &Parts) -> Result<Asker, Response> {
    if head.headers.contains_key(header::AUTHORIZATION) {
        return match look(admin, head, bearer(head)).await {
            Ok(token) => Ok(Asker::Program(token)),
            Err(NoToken::Wrong) => {
                let mut response = problem(StatusCode::UNAUTHORIZED, "No such token is in force");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                Err(response)
            }
            Err(NoToken::Wait(wait)) => {
                let sentence = format!("Too many wrong tokens; please try again {}", in_words(wait));
                Err(tell_to_wait(problem(StatusCode::TOO_MANY_REQUESTS, sentence), wait))
            }
            Err(NoToken::Broken(failed)) => Err(problem(failed.status, failed.sentence)),
        };
    }
    if let Some(secret) = cookie(admin, head) {
        let session = admin.sessions(|sessions| sessions.find(&secret, Instant::now()));
        if let Some(session) = session {
            // Each time: a token that was revoked anywhere ends what it opened at once.
            let known = admin.apart(move |admin| Ok(admin.registry.token(session.token)?)).await;
            match known {
                Ok(Some(token)) => return Ok(Asker::Person { token, form_key: session.form_key, secret }),
                Ok(None) => admin.sessions(|sessions| sessions.close(&secret)),
                Err(failed) => return Err(problem(failed.status, failed.sentence)),
            }
        }
    }
    match head.method {
        Method::GET | Method::HEAD => Err(to("/login")),
        _ => {
            let mut response = problem(StatusCode::UNAUTHORIZED, "Please log in, or bring a token in a header");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            Err(response)
        }
    }
}

/// Why there is no token.
pub(super) enum NoToken {
    /// None, an odd one, a wrong one, or one that was revoked.
    Wrong,
    /// Not looked at.
    Wait(Duration),
    /// The registry cannot be read.
    Broken(Failed),
}

/// Looks whether a token is in force. Whatever is wrong with it, the answer is the same and takes as long.
pub(super) async fn look(admin: &Arc<Admin>, head: &Parts, text: &str) -> Result<AdminToken, NoToken> {
    let begun = tokio::time::Instant::now();
    let visitor = Visitor::of(head, &admin.api.config.trusted_proxies);
    let mut tries = admin.tries.lock().await;
    if let Some(wait) = tries.wait(visitor, Instant::now()) {
        return Err(NoToken::Wait(wait));
    }
    // What is too long for a token is looked for all the same, as one that is none.
    let text = if text.len() <= MAX_TOKEN_BYTES { text.to_owned() } else { String::new() };
    let found = admin.apart(move |admin| Ok(admin.registry.find_token(&text)?)).await.map_err(NoToken::Broken)?;
    match found {
        Some(token) => {
            tries.note_right(visitor, Instant::now());
            Ok(token)
        }
        None => {
            tries.note_wrong(visitor, Instant::now());
            drop(tries);
            tracing::warn!("a wrong token was brought to the admin listener");
            tokio::time::sleep_until(begun + SLOWEST_LOOK).await;
            Err(NoToken::Wrong)
        }
    }
}

/// The token of the header; empty where there is none.
fn bearer(head: &Parts) -> &str {
    let mut values = head.headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (values.next(), values.next());
    // Of two nobody can say which one counts.
    let value = first.filter(|_| second.is_none()).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    }
}

/// Whether a form comes from a page of this listener. Unlike on the public pages somebody is logged in here, so who does not
/// say where they come from does not pass.
pub(super) fn is_same_origin(head: &Parts) -> bool {
    let text = |name: &HeaderName| head.headers.get(name).map(|value| value.to_str().unwrap_or("?").trim());
    match (text(&FETCH_SITE), text(&header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = text(&header::HOST).unwrap_or_default();
            !host.is_empty() && origin.split_once("://").is_some_and(|(_, authority)| authority == host)
        }
        (None, None) => false,
    }
}

/// The name of the cookie. Behind TLS browsers keep to themselves who may set it.
pub(super) fn cookie_name(admin: &Admin) -> &'static str {
    if admin.behind_proxy { "__Host-vigie-admin" } else { "vigie-admin" }
}

/// The secret of the session that the browser sends.
fn cookie(admin: &Admin, head: &Parts) -> Option<String> {
    let name = cookie_name(admin);
    let values = head.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    cookies.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty())
}

/// The answer to what was not done.
pub(super) fn refuse(admin: &Admin, asker: &Asker, failed: &Failed) -> Response {
    match asker {
        Asker::Program(_) => problem(failed.status, failed.sentence.clone()),
        Asker::Person { .. } => problem_page(admin, asker, failed),
    }
}

/// What every answer carries; and nothing is answered under a name that somebody else may have pointed here.
pub(super) async fn seal(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let is_here = admin.behind_proxy || request.headers().get(header::HOST).is_none_or(is_own_name);
    let mut response = if is_here {
        next.run(request).await
    } else {
        let sentence = "This listener answers under its address and as localhost only; set [admin] behind_proxy = true \
                        where a proxy stands before it";
        problem(StatusCode::MISDIRECTED_REQUEST, sentence)
    };
    let headers = response.headers_mut();
    crate::http::take_powers(headers);
    // Forms say where they come from, to this listener alone.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    if admin.behind_proxy {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Whether a `Host` names an address or this machine: a name on the web that leads here is that of an attack.
fn is_own_name(host: &HeaderValue) -> bool {
    let host = host.to_str().unwrap_or("?").trim();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(headers: &[(&str, &str)]) -> Parts {
        let request = headers.iter().fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    // case 156
    #[test]
    fn case_156_forms_without_an_origin_are_not_ours() {
        let host = ("host", "127.0.0.1:8081");
        for (headers, is_ours) in [
            (vec![host], false),
            (vec![host, ("origin", "null")], false),
            (vec![host, ("origin", "http://127.0.0.1:8081")], true),
            (vec![host, ("origin", "http://127.0.0.1:8080")], false),
            (vec![host, ("origin", "http://127.0.0.1:8081.evil.example")], false),
            (vec![("origin", "http://")], false),
            (vec![host, ("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (vec![host, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8081")], false),
            (vec![host, ("sec-fetch-site", "cross-site")], false),
            (vec![host, ("sec-fetch-site", "none")], false),
        ] {
            assert_eq!(is_same_origin(&head(&headers)), is_ours, "{headers:?}");
        }
    }

    #[test]
    fn names_of_others_are_not_answered() {
        for (host, is_own) in [
            ("127.0.0.1:8081", true),
            ("[::1]:8081", true),
            ("localhost", true),
            ("LOCALHOST:80", true),
            ("admin.example", false),
            ("127.0.0.1.evil.example:8081", false),
            ("localhost.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_own_name(&HeaderValue::from_static(host)), is_own, "{host}");
        }
    }

    // case 154
    #[test]
    fn case_154_only_one_plain_bearer_counts() {
        for (values, token) in [
            (vec!["Bearer abc"], "abc"),
            (vec!["bearer  abc "], "abc"),
            (vec!["Bearer"], ""),
            (vec!["Basic abc"], ""),
            (vec!["abc"], ""),
            (vec!["Bearer abc", "Bearer def"], ""),
        ] {
            let headers: Vec<(&str, &str)> = values.into_iter().map(|value| ("authorization", value)).collect();
            assert_eq!(bearer(&head(&headers)), token, "{headers:?}");
        }
    }
}
