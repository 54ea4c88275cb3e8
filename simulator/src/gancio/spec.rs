//! What a fake Gancio host holds.

use jiff::Timestamp;

use crate::mobilizon::MobilizonHost;

/// A place of a Gancio host.
#[derive(Clone, Debug, PartialEq)]
pub struct GancioPlace {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// One line of text.
    pub address: Option<String>,
    /// Degrees north and east.
    pub point: Option<(f64, f64)>,
}

/// An event of a Gancio host.
#[derive(Clone, Debug, PartialEq)]
pub struct GancioEvent {
    /// Its number.
    pub id: u32,
    /// The part of its page's address.
    pub slug: String,
    /// The title.
    pub title: String,
    /// HTML; in details alone.
    pub description: Option<String>,
    /// The beginning.
    pub begins_on: Timestamp,
    /// The end.
    pub ends_on: Option<Timestamp>,
    /// The number of its place.
    pub place: Option<u32>,
    /// Tags.
    pub tags: Vec<String>,
    /// Addresses to meet at online.
    pub online_locations: Vec<String>,
    /// A picture: the number of the times it was replaced.
    pub picture: Option<u32>,
    /// The hidden event it is one of the dates of.
    pub parent: Option<u32>,
    /// Whether it is shown. Parents of series and events that wait for an editor are not.
    pub is_visible: bool,
    /// The actor it came from; `None` for one of the host itself.
    pub from: Option<String>,
    /// The last change.
    pub updated_at: Timestamp,
}

impl GancioEvent {
    /// Whether an anonymous index may hold it: of the host itself, and shown.
    pub fn is_listed(&self) -> bool {
        self.is_visible && self.from.is_none()
    }
}

/// A fake Gancio host.
#[derive(Clone, Debug)]
pub struct GancioHost {
    /// The host name.
    pub name: String,
    /// The name shown.
    pub title: String,
    /// A sentence about it.
    pub description: String,
    /// The version.
    pub version: String,
    /// The time zone of all its events.
    pub timezone: String,
    /// The user name of its actor.
    pub actor: String,
    /// Whether it federates: otherwise everything below `/federation` is 401.
    pub federates: bool,
    /// Its places.
    pub places: Vec<GancioPlace>,
    /// Its events, hidden and federated ones included.
    pub events: Vec<GancioEvent>,
    pub(crate) seed: u64,
    pub(crate) n_added: u32,
}

impl GancioHost {
    /// A host without anything.
    ///
    /// - `timezone`: an IANA name.
    pub fn empty(name: &str, timezone: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: name.to_owned(),
            description: String::new(),
            version: "1.21.0".to_owned(),
            timezone: timezone.to_owned(),
            actor: "relay".to_owned(),
            federates: true,
            places: Vec::new(),
            events: Vec::new(),
            seed: crate::picture::seed_of(&[name]),
            n_added: 0,
        }
    }

    /// The events an anonymous index may hold, past ones included.
    pub fn listed(&self) -> impl Iterator<Item = &GancioEvent> {
        self.events.iter().filter(|event| event.is_listed())
    }

    /// The ActivityPub id of an event.
    pub fn url(&self, event: &GancioEvent) -> String {
        format!("https://{}/federation/m/{}", self.name, event.id)
    }

    /// Changes an event and moves its `updated_at` to `now`. Returns whether there is one.
    pub fn edit(&mut self, id: u32, now: Timestamp, change: impl FnOnce(&mut GancioEvent)) -> bool {
        let Some(event) = self.events.iter_mut().find(|event| event.id == id) else { return false };
        change(event);
        event.updated_at = now;
        true
    }

    /// Deletes an event; there is no trace of it afterwards.
    pub fn delete(&mut self, id: u32) -> bool {
        let n_before = self.events.len();
        self.events.retain(|event| event.id != id);
        self.events.len() < n_before
    }

    /// A Gancio host with the events and places of a planned Mobilizon host: the same life in other words. Every fifth
    /// event becomes a weekly series of three dates.
    pub fn from_mobilizon(host: &MobilizonHost, name: &str, timezone: &str) -> Self {
        super::convert::convert(host, name, timezone)
    }
}
