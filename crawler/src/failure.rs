//! What went wrong with a host: the cause in a form that programs can tell apart, and the exchange to show to people.

use allowlist::Host;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Cause, FetchError};
use crate::net::{Exchange, Fetched, Outcome};

/// Longest sentence kept, in characters.
const MAX_TEXT_CHARS: usize = 500;

/// The cause of a failed request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Anything else, and failures noted by older versions.
    #[default]
    Other,
    /// The name has no address, or its name server does not answer.
    Dns,
    /// The name leads to an address that is not public.
    PrivateAddress,
    /// Nothing listens at the address.
    ConnectionRefused,
    /// No connection for another reason, or it was cut.
    Connection,
    /// No trusted encryption.
    Tls(TlsFault),
    /// Silence, or a trickle.
    Timeout,
    /// Larger than any honest answer.
    TooLarge,
    /// Bytes that are no answer, or not the one that was announced.
    Broken,
    /// A redirect that is not followed.
    Redirect {
        /// The instance it leads to, where that is another one.
        to: Option<Host>,
    },
    /// A page for people where data was asked for.
    Html,
    /// Neither a page nor the data that was asked for.
    NotData,
    /// It asks for time.
    RateLimited,
    /// A status from 500.
    ServerError(u16),
    /// Any other status that is not the answer.
    Refused(u16),
}

/// What is wrong with the encryption of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsFault {
    /// Its certificate has expired.
    Expired {
        /// When, where it is known.
        on: Option<Timestamp>,
    },
    /// Its certificate is not valid yet.
    NotYetValid {
        /// From when it is, where that is known.
        from: Option<Timestamp>,
    },
    /// Its certificate is for other names.
    WrongName,
    /// Its certificate is signed by itself or by nobody known, or its chain lacks a part.
    UnknownIssuer,
    /// Its certificate was withdrawn.
    Revoked,
    /// Its certificate is broken in another way.
    BadCertificate,
    /// It speaks no version of TLS that we do, or none at all.
    Protocol,
}

impl FailureKind {
    /// The name in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Dns => "dns",
            Self::PrivateAddress => "private-address",
            Self::ConnectionRefused => "connection-refused",
            Self::Connection => "connection",
            Self::Tls(_) => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too-large",
            Self::Broken => "broken",
            Self::Redirect { .. } => "redirect",
            Self::Html => "html",
            Self::NotData => "not-data",
            Self::RateLimited => "rate-limited",
            Self::ServerError(_) => "server-error",
            Self::Refused(_) => "refused",
        }
    }

    fn of(error: &FetchError) -> Self {
        match &error.cause {
            Cause::Dns { .. } => Self::Dns,
            Cause::Address { .. } => Self::PrivateAddress,
            Cause::Refused { .. } => Self::ConnectionRefused,
            Cause::Tls { fault, .. } => Self::Tls(*fault),
            Cause::Connect { .. } | Cause::Transport { .. } => Self::Connection,
            Cause::Timeout { .. } | Cause::TooSlow { .. } => Self::Timeout,
            Cause::WireTooLarge { .. }
            | Cause::DecodedTooLarge { .. }
            | Cause::Ratio { .. }
            | Cause::HeadTooLarge { .. } => Self::TooLarge,
            Cause::Encoding { .. } | Cause::Corrupt { .. } | Cause::UnaskedNotModified => Self::Broken,
            Cause::Redirect { to, .. } => Self::Redirect { to: host_of(&error.url, to).filter(|to| *to != error.host) },
            Cause::TooManyRedirects { .. } => Self::Redirect { to: None },
            Cause::Url(_) => Self::Other,
        }
    }
}

/// The instance that a `Location` leads to, when it names one.
fn host_of(from: &str, location: &str) -> Option<Host> {
    let url = Url::parse(from).ok()?.join(location).ok()?;
    let name = url.host_str()?;
    match url.port() {
        Some(port) => Host::parse(&format!("{name}:{port}")).ok(),
        None => Host::parse(name).ok(),
    }
}

/// The last failure of a host. Fields that older versions did not write have their default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// When.
    pub at: Timestamp,
    /// One sentence with the URL and the cause.
    pub text: String,
    /// The cause.
    #[serde(default)]
    pub kind: FailureKind,
    /// The path that was asked for, without its query.
    #[serde(default)]
    pub path: String,
    /// The head of the request, when one was sent.
    #[serde(default)]
    pub request: Option<String>,
    /// The head of the response, without cookies and what else is nobody's business, when one came.
    #[serde(default)]
    pub response: Option<String>,
}

impl LastError {
    /// Describes a request without answer.
    pub(crate) fn of_request(error: &FetchError, at: Timestamp) -> Self {
        let exchange = error.exchange.as_deref();
        Self {
            at,
            text: shortened(&error.to_string()),
            kind: FailureKind::of(error),
            path: path_of(&error.url),
            request: exchange.map(|exchange| exchange.request.clone()),
            response: exchange.and_then(|exchange| exchange.response.clone()),
        }
    }

    /// Describes an answer of no use; `until`: the host is left alone so long.
    pub(crate) fn of_answer(host: &Host, fetched: &Fetched, until: Option<Timestamp>) -> Self {
        let status = fetched.status;
        let (kind, what) = match &fetched.outcome {
            Outcome::RateLimited(_) => (FailureKind::RateLimited, "too many requests".to_owned()),
            Outcome::Ok(_) if fetched.is_html() => {
                (FailureKind::Html, "an HTML page where data was expected".to_owned())
            }
            Outcome::Ok(_) => {
                let found = fetched.content_type.as_deref().unwrap_or("none");
                (FailureKind::NotData, format!("content type `{found}` where JSON was expected"))
            }
            Outcome::ServerError(_) => (FailureKind::ServerError(status), "no answer to the question".to_owned()),
            _ => (FailureKind::Refused(status), "no answer to the question".to_owned()),
        };
        let until = until.map(|until| format!(", slot blocked until {until:.0}")).unwrap_or_default();
        let text = format!("fetching {} of {host}: status {status}, {what}{until}", fetched.url);
        Self::new(fetched, kind, &text)
    }

    /// Describes an answer whose content is not what it says; `text` is the sentence.
    pub(crate) fn of_content(fetched: &Fetched, text: &str) -> Self {
        Self::new(fetched, FailureKind::NotData, text)
    }

    fn new(fetched: &Fetched, kind: FailureKind, text: &str) -> Self {
        let Exchange { request, response } = fetched.exchange.as_ref().clone();
        Self {
            at: fetched.at,
            text: shortened(text),
            kind,
            path: fetched.url.path().to_owned(),
            request: Some(request),
            response,
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

fn path_of(url: &str) -> String {
    Url::parse(url).map_or_else(|_| String::new(), |url| url.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::UrlRefusal;

    fn kind_of_redirect(to: &str) -> FailureKind {
        let cause = Cause::Redirect { hop: 1, to: to.to_owned(), refusal: UrlRefusal::Malformed };
        let url = "https://tube.example/robots.txt".to_owned();
        FailureKind::of(&FetchError { host: "tube.example".parse().unwrap(), url, cause, exchange: None })
    }

    #[test]
    fn a_redirect_names_the_instance_it_leads_to() {
        let moved = FailureKind::Redirect { to: Some("new.example".parse().unwrap()) };
        assert_eq!(kind_of_redirect("https://new.example/robots.txt"), moved);
        assert_eq!(kind_of_redirect("//NEW.example/"), moved);
        let nowhere = FailureKind::Redirect { to: None };
        for to in ["/login", "http://tube.example/", "https://127.0.0.1/", "https://", "javascript:1"] {
            assert_eq!(kind_of_redirect(to), nowhere, "{to}");
        }
    }

    #[test]
    fn failures_of_older_versions_are_read() {
        let old = r#"{"at":"2026-11-22T00:00:00Z","text":"fetching https://tube.example/: status 503"}"#;
        let read: LastError = serde_json::from_str(old).unwrap();
        assert_eq!((read.kind, read.request), (FailureKind::Other, None));
        let expired = FailureKind::Tls(TlsFault::Expired { on: Timestamp::from_second(1).ok() });
        let text = serde_json::to_string(&expired).unwrap();
        assert_eq!(serde_json::from_str::<FailureKind>(&text).unwrap(), expired);
    }
}
