//! What a Mobilizon instance is asked and what it says, read tolerantly: queries and wire types in, records out.

mod activity;
mod answer;
mod event;
mod group;
mod place;
mod query;
mod version;
mod wire;

#[cfg(test)]
mod tests;

use allowlist::Host;
use jiff::Timestamp;

pub use activity::{ApObject, calendar_ids, parse_actor, parse_object, parse_outbox};
pub use answer::Refusal;
pub use event::Glance;
pub use group::{GroupsPage, ListedGroup};
pub use query::{Purpose, Query};
pub use version::Version;

use crate::reading::events::{EventsPage, ListedEvent, updated_ms};
use crate::reading::origin::{Rejection, parse_item};
use crate::reading::text;

/// What an instance says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// Its name.
    pub name: Option<String>,
    /// Its version, as sent.
    pub version: Option<String>,
    /// It offers feeds of everything it has; `None` where it does not say.
    pub has_feeds: Option<bool>,
    /// A global index answers its searches.
    pub is_search_global: bool,
}

/// A page of a look.
#[derive(Clone, Debug, Default)]
pub struct LookPage {
    /// Events of the host itself.
    pub glances: Vec<Glance>,
    /// Ids of everything on the page.
    pub ids: Vec<String>,
    /// Rows on the page.
    pub n_rows: usize,
    /// What the instance says the whole list holds.
    pub total: Option<u64>,
    /// Rows that a global index has answered.
    pub n_global: usize,
    /// Events of other instances.
    pub n_remote: usize,
    /// The oldest edit on the page, Unix milliseconds, those of other instances included.
    pub oldest_ms: Option<i64>,
    /// The newest.
    pub newest_ms: Option<i64>,
}

/// What changed last, by what it is sorted by.
#[derive(Clone, Debug, Default)]
pub struct ChangesPage {
    /// What was edited last.
    pub edited: LookPage,
    /// What was published last; nothing before 3.0.
    pub newest: LookPage,
    /// What is cancelled; nothing before 3.0.
    pub cancelled: LookPage,
}

/// Reads the answer to [`Purpose::Probe`].
///
/// # Errors
/// [`Refusal`].
pub fn parse_probe(json: &[u8]) -> Result<Probe, Refusal> {
    let config = answer::parse(json, |data: wire::Settings| data.config.0)?;
    let global = config.search.0.and_then(|search| search.global.0);
    // One that is the default and turned off answers nothing.
    let is_on = |global: &wire::GlobalSearch| global.is_enabled.to_bool() != Some(false);
    let is_search_global = global.filter(is_on).and_then(|global| global.is_default.to_bool());
    Ok(Probe {
        name: text::line_of(&config.name, 120),
        version: text::line_of(&config.version, 50),
        has_feeds: config.instance_feeds.0.and_then(|feeds| feeds.enabled.to_bool()),
        is_search_global: is_search_global == Some(true),
    })
}

/// Reads the answer to [`Purpose::Events`].
///
/// # Errors
/// [`Refusal`]; what is wrong with an item is in the page.
pub fn parse_events(json: &[u8], host: &Host, now: Timestamp) -> Result<EventsPage, Refusal> {
    answer::parse(json, |data: wire::Listings<'_>| {
        let listing = data.search_events.0.filter(|listing| listing.elements.is_list)?;
        Some(event::to_page(&listing, host, now))
    })
}

/// Reads the answer to [`Purpose::Event`].
///
/// # Errors
/// [`Refusal`].
pub fn parse_event(json: &[u8], host: &Host, now: Timestamp) -> Result<Result<ListedEvent, Rejection>, Refusal> {
    answer::parse_one(json, "event", |event| event::to_event(&parse_item(event)?, host, now))
}

/// Reads the answer to [`Purpose::Look`] or [`Purpose::Upcoming`].
///
/// # Errors
/// [`Refusal`].
pub fn parse_look(json: &[u8], host: &Host) -> Result<LookPage, Refusal> {
    answer::parse(json, |data: wire::Listings<'_>| {
        let listing = data.search_events.0.or(data.events.0).filter(|listing| listing.elements.is_list)?;
        Some(to_look(&listing, host))
    })
}

/// Reads the answer to [`Purpose::Changes`].
///
/// # Errors
/// [`Refusal`].
pub fn parse_changes(json: &[u8], host: &Host) -> Result<ChangesPage, Refusal> {
    answer::parse(json, |data: wire::Listings<'_>| {
        let edited = data.edited.0.filter(|listing| listing.elements.is_list)?;
        let look =
            |listing: Option<wire::Listing<'_>>| listing.map(|listing| to_look(&listing, host)).unwrap_or_default();
        Some(ChangesPage {
            edited: to_look(&edited, host),
            newest: look(data.newest.0),
            cancelled: look(data.cancelled.0),
        })
    })
}

/// Reads the answer to [`Purpose::Groups`].
///
/// # Errors
/// [`Refusal`].
pub fn parse_groups(json: &[u8], host: &Host, now: Timestamp) -> Result<GroupsPage, Refusal> {
    answer::parse(json, |data: wire::Listings<'_>| {
        let listing = data.search_groups.0.filter(|listing| listing.elements.is_list)?;
        Some(group::to_groups_page(&listing, host, now))
    })
}

/// Reads the answer to [`Purpose::Group`].
///
/// # Errors
/// [`Refusal`].
pub fn parse_group(json: &[u8], host: &Host, now: Timestamp) -> Result<Result<ListedGroup, Rejection>, Refusal> {
    answer::parse_one(json, "group", |group| group::to_group(&parse_item(group)?, host, now))
}

fn to_look(listing: &wire::Listing<'_>, host: &Host) -> LookPage {
    let mut page =
        LookPage { n_rows: listing.elements.n_total, total: listing.total.to_count(), ..LookPage::default() };
    for raw in &listing.elements.items {
        let Ok(item) = parse_item::<wire::Event>(raw.get()) else { continue };
        if event::is_global(&item) {
            page.n_global += 1;
            continue;
        }
        page.ids.extend(event::id_of(&item.uuid));
        let updated_ms = updated_ms(&item.updated_at);
        page.oldest_ms = Some(page.oldest_ms.map_or(updated_ms, |oldest| oldest.min(updated_ms)));
        page.newest_ms = page.newest_ms.max(Some(updated_ms));
        match event::glance(&item, host) {
            Ok(glance) => page.glances.push(glance),
            Err(_) => page.n_remote += 1,
        }
    }
    page
}
