//! What must not come back, as the one question that the crawler asks of each record: what moderators purged, and what
//! was forgotten on request.

use std::collections::HashSet;
use std::sync::Arc;

use allowlist::forgotten::Forgotten;
use allowlist::moderation::{Action, Target};
use allowlist::registry::{Registry, RegistryError};
use crawler::KeepOut;

/// Everything that stays out, as the registry says now.
///
/// - `forgotten`: what was forgotten, `None` where nothing ever was.
///
/// # Errors
/// When the registry cannot be read.
pub fn of(registry: &Registry, forgotten: Option<Forgotten>) -> Result<KeepOut, RegistryError> {
    let purged = purged(registry)?;
    let is_out = move |target: &Target| {
        purged.contains(target) || forgotten.as_ref().is_some_and(|forgotten| forgotten.holds(target))
    };
    Ok(Arc::new(move |targets: &[Target]| targets.iter().any(&is_out)))
}

fn purged(registry: &Registry) -> Result<HashSet<Target>, RegistryError> {
    let decisions = registry.decisions_in_force()?.into_iter();
    Ok(decisions.filter(|decision| decision.action == Action::Purge).map(|decision| decision.target).collect())
}
