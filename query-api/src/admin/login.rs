//! The way in for browsers, and out again.

use std::sync::Arc;
use std::time::Instant;

use allowlist::registry::tokens::{TOKEN_BYTES, base64url};
use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::Admin;
use super::guard::{Asker, NoToken, cookie_name, is_same_origin, look};
use super::pages::{Frame, to};
use super::sessions::LIFETIME;
use crate::http::forms::Fields;
use crate::http::limits::{in_words, tell_to_wait};
use crate::pages::render;

#[derive(Template)]
#[template(path = "admin_login.html")]
struct LoginPage<'a> {
    frame: Frame<'a>,
    refusal: Option<String>,
}

/// The form.
pub(super) async fn show_form(State(admin): State<Arc<Admin>>) -> Response {
    page(&admin, StatusCode::OK, None)
}

/// Begins a session for the token of the form. What stands in the address is not looked at.
pub(super) async fn log_in(State(admin): State<Arc<Admin>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if !is_same_origin(&head) {
        let sentence = "This form was not sent from this page. Please send it from here.";
        return page(&admin, StatusCode::FORBIDDEN, Some(sentence.to_owned()));
    }
    let fields = match Fields::read(&head.headers, body, &admin.limits()).await {
        Ok(fields) => fields,
        Err(refusal) => return page(&admin, refusal.status(), Some(refusal.sentence())),
    };
    let token = match look(&admin, &head, fields.get("token").trim()).await {
        Ok(token) => token,
        Err(NoToken::Wrong) => {
            return page(&admin, StatusCode::UNAUTHORIZED, Some("No such token is in force.".to_owned()));
        }
        Err(NoToken::Wait(wait)) => {
            let sentence = format!("Too many wrong tokens; please try again {}.", in_words(wait));
            return tell_to_wait(page(&admin, StatusCode::TOO_MANY_REQUESTS, Some(sentence)), wait);
        }
        Err(NoToken::Broken(failed)) => return page(&admin, failed.status, Some(failed.sentence)),
    };
    let (secret, form_key) = (random(), random());
    tracing::info!("somebody logged in with the token `{}`", token.label.escape_debug());
    admin.sessions(|sessions| sessions.open(&secret, token.id, form_key, Instant::now()));
    with_cookie(&admin, to("/"), &secret, LIFETIME.as_secs())
}

/// Ends the session.
pub(super) async fn log_out(State(admin): State<Arc<Admin>>, Extension(asker): Extension<Asker>) -> Response {
    if let Asker::Person { secret, .. } = &asker {
        admin.sessions(|sessions| sessions.close(secret));
    }
    with_cookie(&admin, to("/login"), "", 0)
}

fn with_cookie(admin: &Admin, mut response: Response, secret: &str, seconds: u64) -> Response {
    let secure = if admin.behind_proxy { "; Secure" } else { "" };
    let name = cookie_name(admin);
    let cookie = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// 256 random bits.
fn random() -> String {
    let bytes: [u8; TOKEN_BYTES] = rand::random();
    base64url(&bytes)
}

fn page(admin: &Admin, status: StatusCode, refusal: Option<String>) -> Response {
    render(status, &LoginPage { frame: Frame::outside(admin), refusal })
}
