//! Addresses of pictures on our own host: the policy of a Mobilizon page lets no other host show any.

use indexer::stored::{StoredActor, StoredEvent, StoredGroup};
use url::Url;

use crate::images::ImageKey;

/// Writes addresses of pictures; none at all where this index has no address of its own, or fetches no pictures.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// The address of the index, with a slash at its end.
    base: Option<String>,
}

impl Pictures {
    /// Below the address of this index.
    pub fn new(public_url: Option<&Url>) -> Self {
        Self { base: public_url.map(|url| format!("{}/", url.as_str().trim_end_matches('/'))) }
    }

    /// The banner of an event.
    pub fn of_event(&self, event: &StoredEvent) -> Option<String> {
        event.pictures.first()?;
        self.address(&ImageKey::Event(event.host.parse().ok()?, event.origin_id.to_lowercase()), "preview")
    }

    /// The banner of a group.
    pub fn of_group(&self, group: &StoredGroup) -> Option<String> {
        group.banners.first()?;
        self.address(&ImageKey::Group(group.host.parse().ok()?, group.actor.name.to_lowercase()), "preview")
    }

    /// The avatar of a group, person or service of `host`, as something of `source` names it. Anyone may claim an avatar for
    /// an actor of another host, so the address says who does.
    pub fn avatar(&self, actor: &StoredActor, host: &str, source: &str) -> Option<String> {
        actor.avatars.first()?;
        let (of, name) = (host.parse().ok()?, actor.name.to_lowercase());
        let claimed_by = if source == host { None } else { Some(source.parse().ok()?) };
        self.address(&ImageKey::Actor { host: of, name, claimed_by }, "thumbnail")
    }

    /// None for a key that is not read as what it was written for: names are up to their origins.
    fn address(&self, key: &ImageKey, size: &str) -> Option<String> {
        let base = self.base.as_ref().filter(|_| key.is_readable())?;
        Some(format!("{base}img/{key}/{size}"))
    }
}
