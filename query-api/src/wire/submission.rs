use allowlist::submission::{NODEINFO_KEY, PROOF_PATH, ProofPlace, Purpose, State, Submission, TXT_KEY, TXT_LABEL};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::iso_ms;

/// What a submission is made of; as JSON or as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field")]
pub(crate) struct SubmissionParams {
    /// Name of the instance, without scheme, path or port.
    #[schema(max_length = 300, example = "tube.example")]
    host: String,
    /// `add`, or `remove` for what is listed.
    #[schema(default = "add")]
    purpose: Option<String>,
}

/// A submission.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionObject {
    /// Who knows it may see the submission.
    pub id: String,
    /// Where it is shown to people.
    pub status_url: String,
    /// The instance.
    pub host: String,
    /// `peertube`, `mobilizon` or `gancio`, once that is known.
    pub kind: Option<&'static str>,
    /// `add` or `remove`.
    pub purpose: &'static str,
    /// `checking`, `failing`, `unproved`, `queued`, `accepted`, `rejected` or `removed`.
    pub state: &'static str,
    /// The same in one plain sentence.
    pub sentence: String,
    /// What the instance was asked and how it answered.
    pub checks: Vec<SubmissionCheck>,
    /// How to prove that one runs the instance.
    pub proof: SubmissionProof,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
    /// When the checks were made; ISO 8601.
    pub checked_at: Option<String>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubmissionCheck {
    /// `name`, `address`, `ipv6`, `connection`, `robots`, `nodeinfo`, `software`, `identity`, `content` or `lookalike`.
    pub name: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// `passed`, `warned`, `failed` or `skipped`.
    pub outcome: &'static str,
    /// One plain sentence.
    pub sentence: String,
    /// What the admin of the instance can do.
    pub fix: Option<String>,
}

/// The proof that the submitter runs the instance: any one of the three ways is enough.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionProof {
    /// Whether it is asked for now.
    pub is_wanted: bool,
    /// For this submission alone.
    pub token: String,
    /// A file at this address with the token in a line of its own.
    pub file_url: String,
    /// The name of a TXT record …
    pub txt_name: String,
    /// … and its value.
    pub txt_value: String,
    /// The key in the `metadata` of NodeInfo whose value is the token.
    pub nodeinfo_key: &'static str,
    /// When it was found; ISO 8601.
    pub proved_at: Option<String>,
    /// `file`, `dns` or `nodeinfo`.
    pub proved_by: Option<&'static str>,
    /// What the last look found instead.
    pub missing: Vec<SubmissionMissing>,
}

/// A place that was looked at in vain.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubmissionMissing {
    /// `file`, `dns` or `nodeinfo`.
    pub place: &'static str,
    /// One plain sentence.
    pub sentence: String,
}

impl SubmissionObject {
    /// The object of a submission.
    pub fn new(submission: &Submission, token: String, public_url: Option<&Url>) -> Self {
        let path = format!("/submit/{}", submission.id);
        let status_url = public_url.and_then(|url| url.join(&path).ok()).map_or(path, |url| url.to_string());
        let host = &submission.host;
        let is_wanted = submission.proved_at.is_none() && matches!(submission.state, State::Unproved | State::Queued);
        let proof = SubmissionProof {
            is_wanted,
            file_url: format!("https://{host}{PROOF_PATH}"),
            txt_name: format!("{TXT_LABEL}.{}", host.name()),
            txt_value: format!("{TXT_KEY}={token}"),
            nodeinfo_key: NODEINFO_KEY,
            token,
            proved_at: submission.proved_at.map(iso_ms),
            proved_by: submission.proved_by.map(ProofPlace::as_str),
            missing: submission
                .missing
                .iter()
                .map(|missing| SubmissionMissing { place: missing.place.as_str(), sentence: missing.sentence.clone() })
                .collect(),
        };
        let checks = submission.checks.iter().map(|check| SubmissionCheck {
            name: check.name.as_str(),
            title: check.name.title(),
            outcome: check.outcome.as_str(),
            sentence: check.sentence.clone(),
            fix: check.fix.clone(),
        });
        Self {
            id: submission.id.clone(),
            status_url,
            host: host.as_str().to_owned(),
            kind: submission.kind.map(allowlist::SourceKind::as_str),
            purpose: Purpose::as_str(submission.purpose),
            state: submission.state.as_str(),
            sentence: submission.sentence(),
            checks: checks.collect(),
            proof,
            created_at: iso_ms(submission.created_at),
            updated_at: iso_ms(submission.updated_at),
            checked_at: submission.checked_at.map(iso_ms),
        }
    }
}
