//! Who must not be journalled, whatever instances list: what was forgotten on request and what moderators purged.
//!
//! The crawler does not know why. It is handed a question, asks it of each record before it remembers anything of it, and
//! once more at the one place where records are appended.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use allowlist::Host;
use allowlist::moderation::Target;

/// Says whether a record of these targets stays out. Called for each record of each page, so it must be quick; any thread.
pub type KeepOut = Arc<dyn Fn(&[Target]) -> bool + Send + Sync>;

/// What keeps records out now.
#[derive(Default)]
pub struct Doorkeeper {
    keep_out: RwLock<Option<KeepOut>>,
    /// The hosts that may be visited; `None` before they were first named.
    listed: RwLock<Option<HashSet<Host>>>,
    /// Held for reading while a page is appended, and for writing by who changed something and must know that no page
    /// is still on its way that was judged before.
    pub pages: tokio::sync::RwLock<()>,
}

impl Doorkeeper {
    /// Replaces the question.
    pub fn set_keep_out(&self, keep_out: KeepOut) {
        *self.keep_out.write().unwrap_or_else(PoisonError::into_inner) = Some(keep_out);
    }

    /// Names the hosts that may be visited.
    pub fn set_listed(&self, hosts: HashSet<Host>) {
        *self.listed.write().unwrap_or_else(PoisonError::into_inner) = Some(hosts);
    }

    /// Whether a record of these targets stays out.
    pub fn keeps_out(&self, targets: &[Target]) -> bool {
        let keep_out = self.keep_out.read().unwrap_or_else(PoisonError::into_inner).clone();
        keep_out.is_some_and(|keep_out| keep_out(targets))
    }

    /// Whether the host left the list while it was being visited.
    pub fn is_delisted(&self, host: &Host) -> bool {
        let listed = self.listed.read().unwrap_or_else(PoisonError::into_inner);
        listed.as_ref().is_some_and(|listed| !listed.contains(host))
    }
}
