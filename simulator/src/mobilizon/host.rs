//! A fake Mobilizon host: what it holds, and the changes made to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::group::{GroupSpec, PersonSpec};
use super::spec::{EventSpec, EventStatus, Visibility};
use super::version::MobilizonVersion;

/// A fake Mobilizon host.
#[derive(Clone, Debug)]
pub struct MobilizonHost {
    /// The host name.
    pub name: String,
    /// The name shown.
    pub display_name: String,
    /// A sentence about it.
    pub description: String,
    /// The version.
    pub version: MobilizonVersion,
    /// Codes of the languages its administrators speak.
    pub languages: Vec<String>,
    /// Whether the feeds of the instance are on.
    pub has_feeds: bool,
    /// Whether the relay federates: otherwise its actor and its outbox are 404.
    pub has_relay: bool,
    /// Whether every search goes to the global index, even those for its own content (since 3.0).
    pub searches_globally: bool,
    /// Ids and labels of categories of its own.
    pub extra_categories: Vec<(String, String)>,
    /// The status of an answer to a query that the schema does not know. 200, or 400 as some set-ups answer.
    pub status_of_invalid_queries: u16,
    /// Persons.
    pub persons: Vec<PersonSpec>,
    /// Groups, those of followed instances included.
    pub groups: Vec<GroupSpec>,
    /// Events, those of followed instances included, in the order in which it came to know them.
    pub events: Vec<EventSpec>,
    /// What only the global index knows, when it searches there.
    pub global_events: Vec<EventSpec>,
    /// When each deleted event of its own went.
    pub gone_events: BTreeMap<Uuid, Timestamp>,
    /// When each deleted group of its own went.
    pub gone_groups: BTreeMap<String, Timestamp>,
    /// What it said of queries that were not valid, in order.
    pub(crate) refused: Vec<String>,
    pub(crate) seed: u64,
    /// How many events were added while it ran.
    pub(crate) n_added: u32,
}

impl MobilizonHost {
    /// A host without anything, of a version, with that version's defaults.
    pub fn empty(name: &str, version: MobilizonVersion) -> Self {
        Self {
            name: name.to_owned(),
            display_name: name.to_owned(),
            description: String::new(),
            version,
            languages: vec!["en".to_owned()],
            has_feeds: version.has_feeds_by_default(),
            has_relay: true,
            searches_globally: false,
            extra_categories: Vec::new(),
            status_of_invalid_queries: 200,
            persons: Vec::new(),
            groups: Vec::new(),
            events: Vec::new(),
            global_events: Vec::new(),
            gone_events: BTreeMap::new(),
            gone_groups: BTreeMap::new(),
            refused: Vec::new(),
            seed: crate::picture::seed_of(&[name]),
            n_added: 0,
        }
    }

    /// Whether an event is its own.
    pub fn is_local(&self, event: &EventSpec) -> bool {
        event.host == self.name
    }

    /// Its own events that an anonymous index may hold, past and cancelled ones included: public, published, and not of
    /// a suspended group.
    pub fn listed_events(&self) -> impl Iterator<Item = &EventSpec> {
        self.events.iter().filter(|event| self.is_local(event) && event.is_listed() && !self.is_suspended(event))
    }

    /// Its own groups that an anonymous index may hold.
    pub fn listed_groups(&self) -> impl Iterator<Item = &GroupSpec> {
        self.groups.iter().filter(|group| group.host == self.name && group.is_listed())
    }

    /// What it has said so far of queries that its schema does not know or that select too much, in order.
    pub fn refused_queries(&self) -> &[String] {
        &self.refused
    }

    /// One event, of any host.
    pub fn event(&self, uuid: Uuid) -> Option<&EventSpec> {
        self.events.iter().find(|event| event.uuid == uuid)
    }

    /// One of its own groups.
    pub fn group(&self, username: &str) -> Option<&GroupSpec> {
        self.groups.iter().find(|group| group.host == self.name && group.username == username)
    }

    /// The group an event is attributed to.
    pub(crate) fn group_of(&self, event: &EventSpec) -> Option<&GroupSpec> {
        let username = event.group.as_deref()?;
        self.groups.iter().find(|group| group.host == event.host && group.username == username)
    }

    /// Whether an event is hidden because its group is suspended.
    pub(crate) fn is_suspended(&self, event: &EventSpec) -> bool {
        self.group_of(event).is_some_and(|group| group.suspended)
    }

    /// Changes an event of its own and moves its `updated_at` to `now`. Returns whether there is one.
    pub fn edit_event(&mut self, uuid: Uuid, now: Timestamp, change: impl FnOnce(&mut EventSpec)) -> bool {
        let Some(event) = self.events.iter_mut().find(|event| event.uuid == uuid && event.host == self.name) else {
            return false;
        };
        change(event);
        event.updated_at = whole_seconds(now);
        true
    }

    /// Cancels an event.
    pub fn cancel_event(&mut self, uuid: Uuid, now: Timestamp) -> bool {
        self.edit_event(uuid, now, |event| event.status = EventStatus::Cancelled)
    }

    /// Deletes an event; its page is gone from then on.
    pub fn delete_event(&mut self, uuid: Uuid, now: Timestamp) -> bool {
        let n_before = self.events.len();
        let name = self.name.clone();
        self.events.retain(|event| event.uuid != uuid || event.host != name);
        let is_gone = self.events.len() < n_before;
        if is_gone {
            self.gone_events.insert(uuid, now);
        }
        is_gone
    }

    /// Publishes a draft.
    pub fn publish_draft(&mut self, uuid: Uuid, now: Timestamp) -> bool {
        self.edit_event(uuid, now, |event| {
            event.draft = false;
            event.published_at = Some(whole_seconds(now));
        })
    }

    /// Changes who may see an event.
    pub fn set_event_visibility(&mut self, uuid: Uuid, visibility: Visibility, now: Timestamp) -> bool {
        self.edit_event(uuid, now, |event| event.visibility = visibility)
    }

    /// Changes a group of its own. Returns whether there is one.
    pub fn edit_group(&mut self, username: &str, change: impl FnOnce(&mut GroupSpec)) -> bool {
        let found = self.groups.iter_mut().find(|group| group.host == self.name && group.username == username);
        found.map(change).is_some()
    }

    /// Deletes a group with its events.
    pub fn delete_group(&mut self, username: &str, now: Timestamp) -> bool {
        let n_before = self.groups.len();
        let name = self.name.clone();
        self.groups.retain(|group| group.host != name || group.username != username);
        if self.groups.len() == n_before {
            return false;
        }
        self.gone_groups.insert(username.to_owned(), now);
        let of_group = |event: &&EventSpec| event.host == name && event.group.as_deref() == Some(username);
        let uuids: Vec<Uuid> = self.events.iter().filter(of_group).map(|event| event.uuid).collect();
        for uuid in uuids {
            self.delete_event(uuid, now);
        }
        true
    }
}

/// Mobilizon stores times to the second.
pub(crate) fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or_default()
}

/// Writes a time as `2026-01-02T03:04:05Z`.
pub(crate) fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
