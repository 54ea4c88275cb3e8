//! Addresses of pictures on our own host: the policy of a Mobilizon page lets no other host show any.

use allowlist::Host;
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
        self.address(ImageKey::Event, &event.host, &event.origin_id, "preview")
    }

    /// The banner of a group.
    pub fn of_group(&self, group: &StoredGroup) -> Option<String> {
        group.banners.first()?;
        self.address(ImageKey::Group, &group.host, &group.actor.name, "preview")
    }

    /// The avatar of a group, person or service: the same one wherever it stands.
    pub fn avatar(&self, actor: &StoredActor, host: &str) -> Option<String> {
        actor.avatars.first()?;
        self.address(ImageKey::Actor, host, &actor.name, "thumbnail")
    }

    fn address(&self, key: fn(Host, String) -> ImageKey, host: &str, name: &str, size: &str) -> Option<String> {
        let base = self.base.as_ref()?;
        let key = key(host.parse().ok()?, name.to_lowercase());
        Some(format!("{base}img/{key}/{size}"))
    }
}
