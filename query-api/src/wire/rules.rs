use serde::Serialize;
use utoipa::ToSchema;

use super::DocumentCounts;
use crate::search::{HiddenCounts, HiddenReason};
use crate::summary::LayerSummary;

/// The inclusion rules in force, and what they hide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RulesObject {
    /// SHA-256 over the digests of all files: the same rules have the same digest everywhere. Empty where everything is
    /// shown.
    pub digest: String,
    /// The files, what was extended first.
    pub files: Vec<RulesFileObject>,
    /// Stored documents that are not shown.
    pub hidden: DocumentCounts,
    /// The same by reason.
    pub hidden_by_reason: Vec<HiddenReasonObject>,
}

/// One rules file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RulesFileObject {
    /// Its name, or the address that it was read from.
    pub source: String,
    /// SHA-256 of its text, lower-case hexadecimal.
    pub digest: String,
    /// What is shown, in English sentences; empty where everything is.
    pub included: Vec<String>,
    /// What is not shown.
    pub excluded: Vec<String>,
    /// Limits and factors.
    pub weighed: Vec<String>,
}

/// One reason and what it hides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HiddenReasonObject {
    /// `rules`, `moderation`, or `sets` for limits and for channels, playlists and groups with nothing to show in them.
    pub by: &'static str,
    /// The key that decides, such as `hosts`, `words`, `nsfw`, `floods` or `empty`.
    pub key: &'static str,
    /// The name of the word list.
    pub list: Option<String>,
    /// What it hides.
    pub documents: DocumentCounts,
}

impl RulesObject {
    pub(crate) fn new(digest: String, layers: Vec<LayerSummary>, hidden: &HiddenCounts) -> Self {
        let file = |layer: LayerSummary| {
            let LayerSummary { source, digest, included, excluded, weighed } = layer;
            RulesFileObject { source, digest, included, excluded, weighed }
        };
        Self {
            digest,
            files: layers.into_iter().map(file).collect(),
            hidden: hidden.total.into(),
            hidden_by_reason: hidden.reasons.iter().map(HiddenReasonObject::from).collect(),
        }
    }
}

impl From<&HiddenReason> for HiddenReasonObject {
    fn from(reason: &HiddenReason) -> Self {
        let is_decided = reason.file.as_deref() == Some(allowlist::moderation::PLACE);
        let by = match &reason.file {
            None => "sets",
            Some(_) if is_decided => "moderation",
            Some(_) => "rules",
        };
        // A word that a moderator hides is a list of one; its name says nothing.
        let list = reason.list.clone().filter(|_| !is_decided);
        Self { by, key: reason.key, list, documents: reason.counts.into() }
    }
}
