//! The rules in force, for who asks what this index shows.

use std::sync::Arc;

use super::answer::Refusal;
use super::state::QueryApi;
use crate::search::SearchIndex;
use crate::summary;
use crate::wire::RulesObject;

/// What the rules say and what they hide, of the ruling that `index` serves under. Counting is remembered, but the first
/// time it takes as long as taking the rules did, so it is done on a thread for blocking work.
///
/// # Errors
/// [`Refusal::Busy`], and [`Refusal::Broken`] when the files of the generation cannot be read.
pub(crate) async fn gather_rules(api: &QueryApi, index: &Arc<SearchIndex>) -> Result<RulesObject, Refusal> {
    let index = Arc::clone(index);
    api.run_apart(move || {
        let hidden = index.hidden_counts()?;
        let rules = &index.ruling().inclusion().rules;
        let layers = summary::layers(rules);
        let digest = if layers.is_empty() { String::new() } else { rules.without_decisions().digest() };
        Ok(RulesObject::new(digest, layers, &hidden))
    })
    .await
}
