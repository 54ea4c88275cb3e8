//! What must not come back, as the one question that the crawler asks of each record: what moderators purged, and what
//! was forgotten on request.

use std::collections::HashSet;
use std::sync::Arc;

use allowlist::moderation::{Action, Target};
use allowlist::registry::{Registry, RegistryError};
use crawler::KeepOut;

/// Everything that stays out, as the registry says now.
///
/// # Errors
/// When the registry cannot be read.
pub fn of(registry: &Registry) -> Result<KeepOut, RegistryError> {
    let purged = purged(registry)?;
    Ok(Arc::new(move |targets: &[Target]| targets.iter().any(|target| purged.contains(target))))
}

fn purged(registry: &Registry) -> Result<HashSet<Target>, RegistryError> {
    let decisions = registry.decisions_in_force()?.into_iter();
    Ok(decisions.filter(|decision| decision.action == Action::Purge).map(|decision| decision.target).collect())
}
