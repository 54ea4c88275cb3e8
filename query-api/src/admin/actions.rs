//! What moderators do: by the functions of the registry that the command line calls.

use std::sync::Arc;

use allowlist::moderation::Action;
use allowlist::registry::{NewDecision, Scope, Settlement};
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;

use super::guard::{Asker, refuse};
use super::pages::{as_json, to};
use super::{Admin, Failed, SubmissionWord};
use crate::http::forms::Fields;

/// `POST /reports/{id}`: `decision` is hide, downrank or dismiss.
pub(super) async fn settle_report(
    State(admin): State<Arc<Admin>>,
    Extension(asker): Extension<Asker>,
    Extension(fields): Extension<Arc<Fields>>,
    Path(id): Path<String>,
) -> Response {
    let author = asker.token().label.clone();
    let done = admin.apart(move |admin| {
        let id = number(&id)?;
        let settlement = Settlement::from_name(fields.get("decision"))
            .ok_or_else(|| wrong("`decision` is one of hide, downrank and dismiss."))?;
        let now = Timestamp::now();
        let settled = admin.registry.settle_report(id, settlement, &author, fields.get("reason"), now)?;
        if settled.decision.is_some() {
            admin.registry.publish_decisions(&admin.index_dir, now)?;
        }
        let n_others = settled.n_closed.saturating_sub(1);
        let also = if n_others > 0 { format!(", and {n_others} other reports of it") } else { String::new() };
        Ok(format!("Report {id} is {}{also}.", settled.report.state.as_str()))
    });
    answer(&admin, &asker, "/reports", done.await)
}

/// `POST /submissions/{id}`: `decision` is approve or reject.
pub(super) async fn settle_submission(
    State(admin): State<Arc<Admin>>,
    Extension(asker): Extension<Asker>,
    Extension(fields): Extension<Arc<Fields>>,
    Path(id): Path<String>,
) -> Response {
    let author = asker.token().label.clone();
    let done = admin.apart(move |admin| {
        let settle = admin.doors.settle_submission.as_ref();
        let settle = settle.ok_or_else(|| Failed::new(StatusCode::CONFLICT, "This process takes no submissions."))?;
        let word = match fields.get("decision") {
            "approve" => SubmissionWord::Approve { id, author },
            "reject" if fields.get("reason").trim().is_empty() => {
                return Err(wrong("Please say why it is rejected; those who submitted it read it."));
            }
            "reject" => SubmissionWord::Reject { id, author, reason: fields.get("reason").to_owned() },
            _ => return Err(wrong("`decision` is one of approve and reject.")),
        };
        settle(word).map_err(|cause| Failed::new(StatusCode::CONFLICT, format!("Nothing was changed: {cause}.")))
    });
    answer(&admin, &asker, "/submissions", done.await)
}

/// `POST /decisions`: `target`, `action` (hide or downrank) and `reason`.
pub(super) async fn decide(
    State(admin): State<Arc<Admin>>,
    Extension(asker): Extension<Asker>,
    Extension(fields): Extension<Arc<Fields>>,
) -> Response {
    let author = asker.token().label.clone();
    let done = admin.apart(move |admin| {
        let target = (admin.doors.read_target)(fields.get("target"))
            .map_err(|cause| Failed::new(StatusCode::BAD_REQUEST, format!("Nothing was decided: {cause}.")))?;
        let action = match fields.get("action") {
            "hide" => Action::Hide,
            "downrank" => Action::Downrank,
            // It cannot be undone, so it asks at a terminal.
            "purge" => return Err(wrong("What was purged is not restored: that is for `vigie moderation purge`.")),
            _ => return Err(wrong("`action` is one of hide and downrank.")),
        };
        let now = Timestamp::now();
        let reason = fields.get("reason").to_owned();
        let decision = admin.registry.decide(NewDecision { action, target, reason, author, source: None }, now)?;
        admin.registry.publish_decisions(&admin.index_dir, now)?;
        let done = match action {
            Action::Downrank => "counts a tenth in relevance",
            Action::Hide | Action::Purge => "is hidden",
        };
        Ok(format!("{} {done} by decision {}.", decision.target, decision.id))
    });
    answer(&admin, &asker, "/decisions", done.await)
}

/// `POST /decisions/{id}/show`: takes a decision back.
pub(super) async fn show_again(
    State(admin): State<Arc<Admin>>,
    Extension(asker): Extension<Asker>,
    Extension(fields): Extension<Arc<Fields>>,
    Path(id): Path<String>,
) -> Response {
    let author = asker.token().label.clone();
    let done = admin.apart(move |admin| {
        let id = number(&id)?;
        let in_force = admin.registry.decisions(Scope::InForce)?;
        if in_force.iter().any(|row| row.decision.id == id && row.decision.action == Action::Purge) {
            return Err(Failed::new(
                StatusCode::CONFLICT,
                "It was purged; `vigie moderation show --lift-purge` lets it be crawled again.",
            ));
        }
        let now = Timestamp::now();
        let decision = admin.registry.revoke(id, &author, fields.get("reason"), now)?;
        admin.registry.publish_decisions(&admin.index_dir, now)?;
        Ok(format!("Decision {id} on {} is taken back.", decision.target))
    });
    answer(&admin, &asker, "/decisions", done.await)
}

fn number(text: &str) -> Result<u64, Failed> {
    text.parse().map_err(|_| Failed::new(StatusCode::NOT_FOUND, "There is nothing of this number."))
}

fn wrong(sentence: &str) -> Failed {
    Failed::new(StatusCode::BAD_REQUEST, sentence)
}

/// Programs are told at once, people on the page that they came from.
fn answer(admin: &Admin, asker: &Asker, page: &'static str, done: Result<String, Failed>) -> Response {
    match (done, asker) {
        (Ok(sentence), Asker::Program(_)) => as_json(&json!({ "done": sentence })),
        (Ok(sentence), Asker::Person { secret, .. }) => {
            admin.sessions(|sessions| sessions.note(secret, sentence));
            to(page)
        }
        (Err(failed), _) => refuse(admin, asker, &failed),
    }
}
