//! What visitors report of what they found: a form, and the same for programs. Moderators settle it; see [`crate::admin`].
//!
//! Of the visitor nothing is kept but what they wrote.

pub(crate) mod api;
mod page;

pub(crate) use api::create_report;
pub(crate) use page::{show_form, submit_form};

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use allowlist::registry::{NewReport, Registry, RegistryError};
use allowlist::report::{MAX_COMMENT, MAX_CONTACT, Report, ReportReason, cleaned};
use allowlist::submission::{FormToken, SecretKey};
use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;

use crate::http::limits::{Allowance, VisitorLimit, in_words};
use crate::http::visitor::Visitor;
use crate::http::{QueryApi, Refusal};
use crate::search::Titled;

/// Longest key that is looked up, in bytes.
const MAX_KEY_BYTES: usize = 512;

/// The same sentence for what is hidden, what is gone and what never was: nothing can be learned by trying.
const NOT_SHOWN: &str = "Nothing of this name is shown here, so there is nothing to report.";

/// Where reports of visitors go. Cheap to clone; clones share the allowances of visitors.
#[derive(Clone)]
pub struct ReportDesk {
    registry: Registry,
    key: SecretKey,
    least_form_age_s: i64,
    allowances: Arc<Allowances>,
}

struct Allowances {
    /// Everything that is looked up.
    all: VisitorLimit,
    /// Reports: ten at once, forty in any hour at most.
    taken: VisitorLimit,
}

impl ReportDesk {
    /// A desk that writes into `registry`.
    ///
    /// # Errors
    /// [`RegistryError`] when its secret cannot be read.
    pub fn new(registry: Registry) -> Result<Self, RegistryError> {
        let some = |n: u32| NonZeroU32::MIN.saturating_add(n.saturating_sub(1));
        let allowances = Allowances {
            all: VisitorLimit::new(some(60), Duration::from_secs(5)),
            taken: VisitorLimit::new(some(10), Duration::from_secs(120)),
        };
        let key = registry.submission_key()?;
        Ok(Self { registry, key, least_form_age_s: 2, allowances: Arc::new(allowances) })
    }

    /// The same, where a form may be sent as soon as it was handed out: for tests.
    #[must_use]
    pub fn with_quick_forms(self) -> Self {
        Self { least_form_age_s: 0, ..self }
    }
}

/// Why a report was not taken.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    sentence: String,
    wait: Option<Duration>,
}

impl Refused {
    fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into(), wait: None }
    }

    fn wait(wait: Duration) -> Self {
        let sentence = format!("You have reported as much as is taken for now; please try again {}.", in_words(wait));
        Self { status: StatusCode::TOO_MANY_REQUESTS, sentence, wait: Some(wait) }
    }

    fn not_shown() -> Self {
        Self::new(StatusCode::NOT_FOUND, NOT_SHOWN)
    }

    fn foreign() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This report was not sent from a page of this index. Please send it from here.",
        )
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status(), refusal.sentence())
    }
}

/// What somebody reports.
struct Reported<'a> {
    item: &'a str,
    reason: &'a str,
    comment: &'a str,
    contact: &'a str,
    /// Of the form that it came with; `None` from programs.
    form: Option<Form<'a>>,
}

/// What a form holds beside what people write.
struct Form<'a> {
    token: &'a str,
    /// A field that people do not see.
    trap: &'a str,
}

/// Takes a report. Typing errors cost nothing of the allowance of reports.
async fn take(api: &QueryApi, request: &Parts, reported: Reported<'_>) -> Result<(Report, Allowance), Refused> {
    let desk = desk(api)?;
    let visitor = Visitor::of(request, &api.config.trusted_proxies);
    desk.allowances.all.take(visitor).map_err(Refused::wait)?;
    let wrong = |sentence: String| Refused::new(StatusCode::BAD_REQUEST, sentence);
    if let Some(form) = reported.form {
        if !form.trap.is_empty() {
            let sentence =
                "A field was filled in that nobody sees. If a program of yours did that, please leave it empty.";
            return Err(wrong(sentence.to_owned()));
        }
        FormToken::check(form.token, &desk.key, Timestamp::now(), desk.least_form_age_s)
            .map_err(|fault| wrong(fault.to_string()))?;
    }
    let reason: ReportReason = reported.reason.parse().map_err(|_| {
        let reasons: Vec<&str> = ReportReason::ALL.iter().map(|reason| reason.as_str()).collect();
        wrong(format!("Please say why: `reason` is one of {}.", reasons.join(", ")))
    })?;
    let text = |what: &str, text: &str, max: usize| {
        cleaned(text, max).ok_or_else(|| wrong(format!("The {what} is longer than {max} characters.")))
    };
    let comment = text("comment", reported.comment, MAX_COMMENT)?;
    let contact = text("contact", reported.contact, MAX_CONTACT)?.replace('\n', " ");
    find(api, reported.item).await?;
    let allowance = desk.allowances.taken.take(visitor).map_err(Refused::wait)?;
    let new = NewReport { item: reported.item.to_owned(), reason, comment, contact };
    let registry = desk.registry.clone();
    let taken = tokio::task::spawn_blocking(move || registry.report(&new, Timestamp::now())).await;
    match taken {
        Ok(Ok(Some(report))) => Ok((report, allowance)),
        Ok(Ok(None)) => {
            let sentence = "So many reports wait for the moderators that no other is taken. Please come back tomorrow.";
            Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, sentence))
        }
        Ok(Err(error)) => Err(broken(&error)),
        Err(error) => Err(broken(&error)),
    }
}

fn broken(error: &dyn std::error::Error) -> Refused {
    tracing::error!("keeping a report: {error}");
    let sentence = "The report could not be kept; this is our fault, please try again later.";
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, sentence)
}

/// What is shown now under a key.
async fn find(api: &QueryApi, key: &str) -> Result<Titled, Refused> {
    if key.len() > MAX_KEY_BYTES {
        return Err(Refused::not_shown());
    }
    let index = api.current()?;
    let key = key.to_owned();
    let found = api.run(&index, move |index, _| Ok(index.find_titled(&key)?)).await?;
    found.ok_or_else(Refused::not_shown)
}

fn desk(api: &QueryApi) -> Result<&ReportDesk, Refused> {
    api.config.reports.as_ref().ok_or_else(|| {
        let sentence = match &api.config.source_url {
            Some(url) => format!("This copy of the index takes no reports; the index that it is a copy of does: {url}"),
            None => "This copy of the index takes no reports.".to_owned(),
        };
        Refused::new(StatusCode::NOT_FOUND, sentence)
    })
}
