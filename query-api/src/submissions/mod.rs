//! Instances that visitors submit, or have taken out: a form, a page for each submission, and the same for programs.
//!
//! The desk behind the door keeps the submissions and asks the hosts; the binary wires it. Nothing is kept here but how often
//! each visitor came.

pub(crate) mod api;
mod page;

pub(crate) use api::{check_submission, create_submission, show_submission, verify_submission};
pub(crate) use page::{check_page, show_form, show_page, submit_form, verify_page};

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use allowlist::submission::{FormToken, HostRefusal, Purpose, SecretKey, Submission, is_work_done};
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::request::Parts;

use crate::http::QueryApi;
use crate::http::limits::{Allowance, VisitorLimit, in_words};
use crate::http::visitor::Visitor;

/// Digits of an id.
const ID_LENGTH: usize = 32;

/// Asks the desk.
pub type SubmissionDoor =
    Arc<dyn Fn(SubmissionRequest) -> BoxFuture<'static, Result<SubmissionAnswer, SubmissionError>> + Send + Sync>;

/// What the desk is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmissionRequest {
    /// Whether this can be submitted; answers with no submission, asks no host and writes nothing.
    Read {
        /// As typed.
        host: String,
        /// What is wanted.
        purpose: Purpose,
    },
    /// To take a submission in and to begin with its checks.
    Submit {
        /// As typed.
        host: String,
        /// What is wanted.
        purpose: Purpose,
    },
    /// How a submission stands.
    Show {
        /// Its id.
        id: String,
    },
    /// To make the checks again.
    Check {
        /// Its id.
        id: String,
    },
    /// To look for the proof. Answers when that is done, or after some seconds with how it stands then.
    Verify {
        /// Its id.
        id: String,
    },
}

/// What the desk answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionAnswer {
    /// The submission; `None` for [`SubmissionRequest::Read`].
    pub submission: Option<Submission>,
    /// The token that proves that somebody runs its host; empty without a submission.
    pub token: String,
}

/// Why the desk does not do what it is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// The host cannot be submitted.
    #[error(transparent)]
    Host(#[from] HostRefusal),
    /// There is no such submission, or there never was.
    #[error("There is no such submission. Those that nobody came back for are dropped after two months.")]
    Unknown,
    /// The operator takes none.
    #[error("This index takes no submissions at this time. Instances can still be taken out.")]
    Closed,
    /// As many wait as may.
    #[error("Too many submissions wait for their proof. Please come back tomorrow.")]
    Full,
    /// Not so soon.
    #[error("{what}; please try again {}.", in_words(*.wait))]
    Later {
        /// What is not done yet.
        what: &'static str,
        /// How long to wait.
        wait: Duration,
    },
    /// In its state that makes no sense.
    #[error("{0}")]
    NotNow(&'static str),
    /// Something of ours is broken; it was logged.
    #[error("The submission could not be kept; this is our fault, please try again later.")]
    Broken,
}

impl SubmissionError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Host(HostRefusal::Listed(_) | HostRefusal::Removed(_) | HostRefusal::NotListed(_))
            | Self::NotNow(_) => StatusCode::CONFLICT,
            Self::Host(_) => StatusCode::BAD_REQUEST,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Closed => StatusCode::FORBIDDEN,
            Self::Full | Self::Broken => StatusCode::SERVICE_UNAVAILABLE,
            Self::Later { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            Self::Later { wait, .. } => Some(*wait),
            _ => None,
        }
    }
}

/// The desk as this server knows it. Cheap to clone; clones share the allowances of visitors.
#[derive(Clone)]
pub struct SubmissionDesk {
    door: SubmissionDoor,
    key: SecretKey,
    least_form_age_s: i64,
    allowances: Arc<Allowances>,
}

struct Allowances {
    /// Everything that asks the desk.
    all: VisitorLimit,
    /// Submissions of those whose browser did some work: five in any hour.
    worked: VisitorLimit,
    /// Submissions of the others: three.
    plain: VisitorLimit,
}

impl SubmissionDesk {
    /// The desk behind `door`.
    ///
    /// - `key`: signs the forms that are handed out.
    pub fn new(door: SubmissionDoor, key: SecretKey) -> Self {
        let some = |n: u32| NonZeroU32::MIN.saturating_add(n.saturating_sub(1));
        let minutes = |n: u64| Duration::from_secs(n * 60);
        let allowances = Allowances {
            all: VisitorLimit::new(some(30), Duration::from_secs(10)),
            worked: VisitorLimit::new(some(3), minutes(30)),
            plain: VisitorLimit::new(some(2), minutes(60)),
        };
        Self { door, key, least_form_age_s: 2, allowances: Arc::new(allowances) }
    }

    /// The same, where a form may be sent as soon as it was handed out: for tests.
    #[must_use]
    pub fn with_quick_forms(self) -> Self {
        Self { least_form_age_s: 0, ..self }
    }

    async fn ask(&self, request: SubmissionRequest) -> Result<SubmissionAnswer, SubmissionError> {
        (self.door)(request).await
    }
}

/// What came of a request about a submission.
type Outcome<T> = Result<T, Refused>;

/// Why nothing came of it.
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
        let sentence = format!("You have submitted as much as is taken for now; please try again {}.", in_words(wait));
        Self { status: StatusCode::TOO_MANY_REQUESTS, sentence, wait: Some(wait) }
    }
}

impl From<SubmissionError> for Refused {
    fn from(error: SubmissionError) -> Self {
        Self { status: error.status(), sentence: error.to_string(), wait: error.wait() }
    }
}

impl From<crate::http::Refusal> for Refused {
    fn from(refusal: crate::http::Refusal) -> Self {
        Self::new(refusal.status(), refusal.sentence())
    }
}

/// What somebody submits.
struct Submitted<'a> {
    host: &'a str,
    purpose: &'a str,
    /// Of the form that it came with; `None` from programs.
    form: Option<Form<'a>>,
}

/// What a form holds beside what people write.
struct Form<'a> {
    token: &'a str,
    /// A field that people do not see.
    trap: &'a str,
    /// The answer to a little work, where scripts run.
    nonce: &'a str,
}

/// Takes a submission in. Typing errors cost nothing; each host that is asked costs of the visitor's allowance.
async fn submit(api: &QueryApi, request: &Parts, submitted: Submitted<'_>) -> Outcome<(SubmissionAnswer, Allowance)> {
    let desk = desk(api)?;
    let visitor = Visitor::of(request, &api.config.trusted_proxies);
    desk.allowances.all.take(visitor).map_err(Refused::wait)?;
    let purpose: Purpose = if submitted.purpose.is_empty() { "add" } else { submitted.purpose }
        .parse()
        .map_err(|_| Refused::new(StatusCode::BAD_REQUEST, "`purpose` is neither `add` nor `remove`."))?;
    let mut has_worked = false;
    if let Some(form) = submitted.form {
        if !form.trap.is_empty() {
            let sentence =
                "A field was filled in that nobody sees. If a program of yours did that, please leave it empty.";
            return Err(Refused::new(StatusCode::BAD_REQUEST, sentence));
        }
        FormToken::check(form.token, &desk.key, jiff::Timestamp::now(), desk.least_form_age_s)
            .map_err(|fault| Refused::new(StatusCode::BAD_REQUEST, fault.to_string()))?;
        has_worked = is_work_done(form.token, form.nonce);
    }
    let host = submitted.host.to_owned();
    desk.ask(SubmissionRequest::Read { host: host.clone(), purpose }).await?;
    let mut allowance = desk.allowances.worked.take(visitor).map_err(Refused::wait)?;
    if !has_worked {
        allowance = desk.allowances.plain.take(visitor).map_err(Refused::wait)?;
    }
    let answer = desk.ask(SubmissionRequest::Submit { host, purpose }).await?;
    Ok((answer, allowance))
}

/// Asks about one submission.
async fn ask_about(
    api: &QueryApi,
    request: &Parts,
    id: &str,
    ask: impl FnOnce(String) -> SubmissionRequest,
) -> Outcome<SubmissionAnswer> {
    let desk = desk(api)?;
    let visitor = Visitor::of(request, &api.config.trusted_proxies);
    desk.allowances.all.take(visitor).map_err(Refused::wait)?;
    // One answer for everything that is no id: nothing can be learned by trying.
    if id.len() != ID_LENGTH || !id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(SubmissionError::Unknown.into());
    }
    Ok(desk.ask(ask(id.to_owned())).await?)
}

fn desk(api: &QueryApi) -> Outcome<&SubmissionDesk> {
    api.config.submissions.as_ref().ok_or_else(|| {
        let sentence = match &api.config.source_url {
            Some(url) => {
                format!("This copy of the index takes no submissions; the index that it is a copy of does: {url}")
            }
            None => "This copy of the index takes no submissions.".to_owned(),
        };
        Refused::new(StatusCode::NOT_FOUND, sentence)
    })
}
