//! The ways in which robots.txt can answer.

use crate::answer::{Answer, BodyDelivery, HeadDelivery};
use crate::request::Request;

/// What robots.txt says, or does instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RobotsTxt {
    /// Any text.
    Text(String),
    /// A bare status.
    Status(u16),
    /// No answer.
    NeverAnswer,
    /// This many redirects on the host, then a text that allows everything but `/private`.
    Redirects(u32),
    /// A redirect to robots.txt of another host.
    RedirectToHost(String),
    /// A rule that allows the API, then comments of this many bytes, then a rule that disallows everything.
    Huge(u64),
    /// One line of this many bytes.
    LongLine(u64),
    /// This many rules, none of which matches the API.
    ManyRules(usize),
    /// Bytes that are no text.
    Binary,
}

impl RobotsTxt {
    /// Everything below `/api/` is disallowed for everybody.
    pub fn disallow_api() -> Self {
        Self::Text("User-agent: *\nDisallow: /api/\n".to_owned())
    }

    /// Everybody may come, with this `Crawl-delay`: a number, or anything else.
    pub fn crawl_delay(value: &str) -> Self {
        Self::Text(format!("User-agent: *\nCrawl-delay: {value}\nDisallow:\n"))
    }

    /// Everybody may come but this product token.
    pub fn disallow_token(token: &str) -> Self {
        Self::Text(format!("User-agent: *\nDisallow:\n\nUser-agent: {token}\nDisallow: /\n"))
    }

    /// Nobody may come but this product token.
    pub fn allow_token(token: &str) -> Self {
        Self::Text(format!("User-agent: *\nDisallow: /\n\nUser-agent: {token}\nAllow: /\n"))
    }

    pub(super) fn answer(&self, request: &Request, host: &str) -> Answer {
        let text = |text: String| Answer::new(200, "text/plain; charset=utf-8", text);
        let repeated = |prefix: &str, block: Vec<u8>, times: u64, suffix: &'static str| {
            let mut answer = text(prefix.to_owned());
            answer.delivery.body = BodyDelivery::Repeated { block: block.into(), times, suffix: suffix.into() };
            answer
        };
        match self {
            Self::Text(body) => text(body.clone()),
            Self::Status(status) => Answer::new(*status, "text/html; charset=utf-8", ""),
            Self::NeverAnswer => {
                let mut answer = Answer::empty(200);
                answer.delivery.head = HeadDelivery::Never;
                answer
            }
            Self::Redirects(n) => {
                let hop = request
                    .path
                    .strip_prefix("/robots-")
                    .and_then(|rest| rest.strip_suffix(".txt"))
                    .and_then(|hop| hop.parse::<u32>().ok())
                    .unwrap_or(0);
                if hop >= *n {
                    return text("User-agent: *\nDisallow: /private\n".to_owned());
                }
                Answer::empty(301).with("Location", format!("/robots-{}.txt", hop + 1))
            }
            Self::RedirectToHost(other) => Answer::empty(301).with("Location", format!("http://{other}/robots.txt")),
            Self::Huge(bytes) => {
                let line = format!("# {host} {}\n", "x".repeat(1_000)).into_bytes();
                let times = bytes / line.len() as u64 + 1;
                repeated("User-agent: *\nAllow: /api/\n", line, times, "Disallow: /\n")
            }
            Self::LongLine(bytes) => {
                repeated("User-agent: *\nDisallow: /", vec![b'x'; 1_024], bytes / 1_024 + 1, "\nAllow: /\n")
            }
            Self::ManyRules(n) => {
                let rules: String = (0..*n).map(|nth| format!("Disallow: /private/{nth}/*/x*y$\n")).collect();
                text(format!("User-agent: *\n{rules}"))
            }
            Self::Binary => {
                Answer::new(200, "application/octet-stream", (0..=255).cycle().take(4_096).collect::<Vec<u8>>())
            }
        }
    }
}
