//! The pages of the moderators, on a listener of their own.
//!
//! Whoever brings a token in a header is a program and gets JSON; whoever logged in with one gets pages, whole without
//! JavaScript. Everything is done by the functions of the registry that the command line calls, in the name of the token.

mod actions;
mod guard;
mod login;
mod pages;
mod sessions;
mod tries;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use allowlist::moderation::Target;
use allowlist::registry::{Registry, RegistryError};
use axum::Router;
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use serde::Serialize;

use self::sessions::Sessions;
use self::tries::Tries;
use crate::http::QueryApi;

/// Counts what hiding a target would hide, or says why it cannot.
pub type PreviewDoor = Arc<dyn Fn(&Target) -> Result<Vec<Effect>, String> + Send + Sync>;

/// Takes the operator's word on a submission; says how it stands then, or why nothing was changed.
pub type SubmissionWordDoor = Arc<dyn Fn(SubmissionWord) -> Result<String, String> + Send + Sync>;

/// What only the program that wires it can do. All of these block.
#[derive(Clone)]
pub struct AdminDoors {
    /// Reads a target as moderation writes it, or the address of a page.
    pub read_target: fn(&str) -> Result<Target, String>,
    /// What hiding a target would hide.
    pub preview: PreviewDoor,
    /// Says yes or no to a submission; without it they are only shown.
    pub settle_submission: Option<SubmissionWordDoor>,
}

/// What of one kind a decision would hide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// `videos`, `channels`, …
    pub kind: &'static str,
    /// Of what is shown now, so much would be hidden.
    pub n_hidden: u64,
    /// What is shown now.
    pub n_shown: u64,
    /// Some titles of what would be hidden.
    pub samples: Vec<String>,
}

/// The operator's word on a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmissionWord {
    /// Yes.
    Approve {
        /// The submission.
        id: String,
        /// Who says so.
        author: String,
    },
    /// No.
    Reject {
        /// The submission.
        id: String,
        /// Who says so.
        author: String,
        /// Why, for the people who submitted it.
        reason: String,
    },
}

/// Everything that requests of moderators share.
pub struct Admin {
    registry: Registry,
    /// Where decisions are published.
    index_dir: PathBuf,
    api: Arc<QueryApi>,
    doors: AdminDoors,
    /// Whether a proxy with TLS stands before it, so that cookies are for TLS alone.
    behind_proxy: bool,
    sessions: Mutex<Sessions>,
    /// Held while a token is looked at: guesses that come at once are guesses one after the other.
    tries: tokio::sync::Mutex<Tries>,
    /// One preview at a time: each opens the index twice.
    preview: tokio::sync::Semaphore,
}

impl Admin {
    /// Moderation of what `api` serves.
    ///
    /// - `index_dir`: where decisions are published.
    /// - `behind_proxy`: whether a proxy with TLS stands before the listener.
    pub fn new(
        registry: Registry,
        index_dir: PathBuf,
        api: Arc<QueryApi>,
        doors: AdminDoors,
        behind_proxy: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            registry,
            index_dir,
            api,
            doors,
            behind_proxy,
            sessions: Mutex::default(),
            tries: tokio::sync::Mutex::default(),
            preview: tokio::sync::Semaphore::new(1),
        })
    }

    pub(crate) fn limits(&self) -> crate::ServeLimits {
        self.api.config.limits
    }

    fn sessions<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> T {
        work(&mut self.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs what reads and writes files on a thread for that.
    async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Failed> {
        let admin = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&admin)).await.unwrap_or_else(|error| Err(Failed::broken(&error)))
    }
}

/// Why something was not done.
#[derive(Debug)]
struct Failed {
    status: StatusCode,
    sentence: String,
}

impl Failed {
    fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    fn broken(error: &dyn std::error::Error) -> Self {
        tracing::error!("moderating: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "This failed; the log of the program says why.")
    }
}

impl From<RegistryError> for Failed {
    fn from(error: RegistryError) -> Self {
        let status = match &error {
            RegistryError::Text { .. } => StatusCode::BAD_REQUEST,
            RegistryError::NotInForce(_)
            | RegistryError::NotOpen(_)
            | RegistryError::Purged { .. }
            | RegistryError::WordPurge(_)
            | RegistryError::Token { .. } => StatusCode::CONFLICT,
            _ => return Self::broken(&error),
        };
        Self::new(status, format!("Nothing was changed: {error}."))
    }
}

/// All routes. GET changes nothing, POST is the only other method, and each is for a token in force but the way in and the
/// style sheet.
pub fn admin_router(admin: Arc<Admin>) -> Router {
    let inside = Router::new()
        .route("/", get(pages::show_overview))
        .route("/reports", get(pages::show_reports))
        .route("/reports/{id}", post(actions::settle_report))
        .route("/submissions", get(pages::show_submissions))
        .route("/submissions/{id}", post(actions::settle_submission))
        .route("/decisions", get(pages::show_decisions).post(actions::decide))
        .route("/decisions/{id}/show", post(actions::show_again))
        .route("/decide", get(pages::show_decide))
        .route("/audit", get(pages::show_audit))
        .route("/logout", post(login::log_out))
        .layer(middleware::from_fn_with_state(Arc::clone(&admin), guard::require));
    Router::new()
        .route("/login", get(login::show_form).post(login::log_in))
        .merge(inside)
        .fallback(unknown_path)
        .with_state(Arc::clone(&admin))
        .merge(crate::http::page_assets())
        .layer(middleware::from_fn_with_state(admin, guard::seal))
}

async fn unknown_path() -> Response {
    crate::http::problem(StatusCode::NOT_FOUND, "There is nothing under this path")
}
