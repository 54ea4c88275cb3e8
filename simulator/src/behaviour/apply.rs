//! Puts the rules of a host into effect on one request.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Behaviour, ItemQuirk, Redirect, RetryAfter, Rule, bombs, encodings, items, pages};
use crate::answer::{Answer, BodyDelivery, HeadDelivery};
use crate::request::Request;

/// The rules of a host and how many requests each has matched.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<(Rule, u32)>);

impl Rules {
    pub fn set(&mut self, rules: Vec<Rule>) {
        self.0 = rules.into_iter().map(|rule| (rule, 0)).collect();
    }

    pub fn add(&mut self, rule: Rule) {
        self.0.push((rule, 0));
    }

    /// Counts a request and returns what applies to it.
    pub fn effects(&mut self, request: &Request) -> Effects {
        let mut behaviours = Vec::new();
        for (rule, seen) in &mut self.0 {
            if !rule.routes.contain(request) {
                continue;
            }
            *seen = seen.saturating_add(1);
            let nth = *seen - 1;
            if nth >= rule.skip && rule.times.is_none_or(|times| nth - rule.skip < times) {
                behaviours.push(rule.behaviour.clone());
            }
        }
        Effects(behaviours)
    }
}

/// The behaviours that apply to one request.
pub(crate) struct Effects(Vec<Behaviour>);

impl Effects {
    /// The answer, when a behaviour decides it without looking at the content.
    ///
    /// - `now`: for the dates of `Retry-After`.
    pub fn decided(&self, request: &Request, host: &str, now: SystemTime) -> Option<Answer> {
        self.0.iter().find_map(|behaviour| match behaviour {
            Behaviour::Status(status) => Some(Answer::new(*status, "text/html; charset=utf-8", "<html>error</html>")),
            Behaviour::TooManyRequests(after) => {
                let body = "Too many requests, please try again later.";
                Some(retry_after(Answer::new(429, "text/html; charset=utf-8", body), after, now))
            }
            Behaviour::Unavailable(after) => {
                Some(retry_after(Answer::new(503, "text/html; charset=utf-8", "<html>maintenance</html>"), after, now))
            }
            Behaviour::AlwaysNotModified => Some(Answer::empty(304)),
            Behaviour::LoginPage => {
                let body = "<!doctype html><html><title>Log in</title><form><input type=password></form></html>";
                Some(Answer::new(200, "text/html; charset=utf-8", body))
            }
            Behaviour::Redirect(redirect) => redirected(request, redirect),
            Behaviour::Robots(robots) => Some(robots.answer(request, host)),
            _ => None,
        })
    }

    /// Whether something new appears before this request.
    pub fn inserts_item(&self, request: &Request) -> bool {
        self.0.contains(&Behaviour::ShiftingPages) && pages::index(request) > 0
    }

    /// The request the content is asked for, which may be another than was sent.
    pub fn rewrite(&self, request: &Request) -> Request {
        let mut request = request.clone();
        for behaviour in &self.0 {
            match behaviour {
                Behaviour::IdenticalPages => pages::turn(&mut request, 0),
                Behaviour::RepeatedPages => {
                    let before = pages::index(&request).saturating_sub(1);
                    pages::turn(&mut request, before);
                }
                _ => {}
            }
        }
        request
    }

    /// Changes the content of an answer.
    pub fn spoil(&self, request: &Request, mut answer: Answer) -> Answer {
        for behaviour in &self.0 {
            match behaviour {
                Behaviour::LyingTotal(total) => pages::change(&mut answer, |list, _| {
                    list.insert("total".to_owned(), (*total).into());
                }),
                Behaviour::NoTotal => pages::change(&mut answer, |list, _| {
                    list.remove("total");
                }),
                Behaviour::SuddenlyEmpty => pages::change(&mut answer, |list, items| {
                    list.insert("total".to_owned(), 0.into());
                    list.insert(items.to_owned(), Value::Array(Vec::new()));
                }),
                Behaviour::EmptyPage(nth) if pages::index(request) == *nth => {
                    pages::change(&mut answer, |list, items| {
                        list.insert(items.to_owned(), Value::Array(Vec::new()));
                    });
                }
                Behaviour::Items(quirk) => spoil_items(&mut answer, quirk),
                Behaviour::WrongIdentity(host) => wrong_identity(&mut answer, host),
                Behaviour::Header(name, value) => answer.set_header(name, value.clone()),
                Behaviour::ManyHeaders(n) => {
                    answer.headers.extend((0..*n).map(|nth| (format!("X-Many-{nth}"), "1".to_owned())));
                }
                Behaviour::HugeHeader(bytes) => answer.set_header("X-Huge", "h".repeat(*bytes)),
                _ => {}
            }
        }
        answer
    }

    /// Changes the body as a whole and the way it is sent. Comes last: validators belong to the honest body.
    pub fn deliver(&self, mut answer: Answer) -> Answer {
        for behaviour in &self.0 {
            match behaviour {
                Behaviour::Json(bomb) => answer = bombs::json(bomb, &answer),
                Behaviour::Encoded(encoding) => answer = encodings::encode(encoding, answer),
                _ => {}
            }
        }
        for behaviour in &self.0 {
            let delivery = &mut answer.delivery;
            match behaviour {
                Behaviour::SlowFirstByte(delay) => delivery.delay = *delay,
                Behaviour::NeverAnswer => delivery.head = HeadDelivery::Never,
                Behaviour::CloseWithoutAnswer => delivery.head = HeadDelivery::Close,
                Behaviour::DripHeaders(every) => delivery.head = HeadDelivery::Drip(*every),
                Behaviour::EndlessHeaders => delivery.head = HeadDelivery::Endless,
                Behaviour::EndlessInterim => delivery.head = HeadDelivery::Interim,
                Behaviour::DripBody(every) => delivery.body = BodyDelivery::Drip(*every),
                Behaviour::ResetMidBody => delivery.body = BodyDelivery::Reset,
                Behaviour::LengthTooLarge(bytes) => delivery.body = BodyDelivery::Short(*bytes),
                Behaviour::LengthTooSmall(bytes) => delivery.body = BodyDelivery::Long(*bytes),
                Behaviour::EndlessBody => delivery.body = BodyDelivery::EndlessChunks,
                Behaviour::EndlessTrailers => delivery.body = BodyDelivery::EndlessTrailers,
                _ => {}
            }
        }
        answer
    }
}

fn spoil_items(answer: &mut Answer, quirk: &ItemQuirk) {
    if !pages::spoil_events(answer, quirk) {
        items::change(answer, |body| items::each(body, quirk));
    }
}

fn retry_after(answer: Answer, after: &RetryAfter, now: SystemTime) -> Answer {
    let date = |time| httpdate::fmt_http_date(time);
    match after {
        RetryAfter::None => answer,
        RetryAfter::Seconds(seconds) => answer.with("Retry-After", seconds.to_string()),
        RetryAfter::Date(ahead) => answer.with("Retry-After", date(now + *ahead)),
        RetryAfter::PastDate => {
            answer.with("Retry-After", date(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)))
        }
        RetryAfter::Text(text) => answer.with("Retry-After", text.clone()),
    }
}

/// `None` when the chain is at its end.
fn redirected(request: &Request, redirect: &Redirect) -> Option<Answer> {
    let moved = Answer::empty(302);
    Some(match redirect {
        Redirect::To(location) => moved.with("Location", location.clone()),
        Redirect::Loop => moved.with("Location", request.target.clone()),
        Redirect::NoLocation => moved,
        Redirect::HugeLocation(bytes) => moved.with("Location", format!("/{}", "l".repeat(*bytes))),
        Redirect::Chain(n) => {
            let hop = request.parameter("hop").and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
            if hop >= *n {
                return None;
            }
            let rest = request.target.split("hop=").next().unwrap_or_default().trim_end_matches(['?', '&']);
            let join = if rest.contains('?') { '&' } else { '?' };
            moved.with("Location", format!("{rest}{join}hop={}", hop + 1))
        }
    })
}

fn wrong_identity(answer: &mut Answer, host: &str) {
    items::change(answer, |body| {
        if let Some(Value::Array(links)) = body.get_mut("links") {
            for link in links {
                let path = link
                    .get("href")
                    .and_then(Value::as_str)
                    .and_then(|href| href.splitn(4, '/').nth(3))
                    .map(str::to_owned);
                if let (Value::Object(link), Some(path)) = (link, path) {
                    link.insert("href".to_owned(), format!("https://{host}/{path}").into());
                }
            }
        }
        if let Some(Value::Object(software)) = body.get_mut("software") {
            software.insert("name".to_owned(), "notpeertube".into());
        }
        if let Some(Value::Object(instance)) = body.get_mut("instance") {
            instance.insert("name".to_owned(), host.into());
        }
        if body.contains_key("serverVersion") {
            body.insert("webserver".to_owned(), serde_json::json!({ "hostname": host }));
        }
    });
}
