//! Events.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Actor, Event, EventStatus, JoinMode};
use uuid::Uuid;

use super::place::to_address;
use super::wire;
use crate::reading::consent::{Consent, description};
use crate::reading::date::date;
use crate::reading::events::{
    EventsPage, ListedEvent, MAX_HTML_BYTES, MAX_TITLE_CHARS, Withheld, handle, image, tags, to_actor, updated_ms,
};
use crate::reading::lenient::{Bounded, Maybe, Scalar};
use crate::reading::origin::{Rejection, check_origin, parse_item};
use crate::reading::text;
use crate::reading::time::{moment, to_time};

/// Longest category or language kept, in characters.
const MAX_WORD_CHARS: usize = 64;

/// Facts whose value is a link, under the keys that Mobilizon's own pages know.
const LINK_FACTS: [&str; 17] = [
    "mz:live:peertube:url",
    "mz:live:twitch:url",
    "mz:live:youtube:url",
    "mz:live:owncast:url",
    "mz:replay:peertube:url",
    "mz:replay:youtube:url",
    "mz:visio:jitsi_meet",
    "mz:visio:zoom",
    "mz:visio:microsoft_teams",
    "mz:visio:google_meet",
    "mz:visio:big_blue_button",
    "mz:ticket:external_url",
    "mz:ticket:price_url",
    "mz:schedule_url",
    "mz:poll:framadate:url",
    "mz:notes:etherpad:url",
    "mz:social:fediverse:account_url",
];

/// Facts whose value is a word.
const WORD_FACTS: [&str; 5] = [
    "mz:social:twitter:account",
    "mz:accessibility:wheelchairAccessible",
    "mz:accessibility:live:subtitle",
    "mz:accessibility:live:sign_language",
    "mz:accessibility:smokeFree",
];

/// What a look tells of an event of the host itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Its id.
    pub id: String,
    /// Its last edit, Unix milliseconds; 0 where unknown.
    pub updated_ms: i64,
    /// It is cancelled.
    pub is_cancelled: bool,
    /// It may be shown to everybody.
    pub is_public: bool,
}

/// The id of an event: its UUID.
pub fn id_of(scalar: &Scalar) -> Option<String> {
    Uuid::parse_str(scalar.as_str()?.trim()).ok().map(|uuid| uuid.hyphenated().to_string())
}

/// Reads a page of whole events.
pub fn to_page(listing: &wire::Listing<'_>, host: &Host, now: Timestamp) -> EventsPage {
    let mut page =
        EventsPage { n_rows: listing.elements.n_total, total: listing.total.to_count(), ..EventsPage::default() };
    for raw in &listing.elements.items {
        match parse_item::<wire::Event>(raw.get()) {
            Ok(item) if is_global(&item) => page.n_global += 1,
            Ok(item) => page.add(id_of(&item.uuid), to_event(&item, host, now)),
            Err(rejection) => page.errors.push(rejection),
        }
    }
    page
}

/// Whether a global index has answered with something of its own instead of the instance.
pub fn is_global(item: &wire::Event) -> bool {
    item.typename.as_str().is_some_and(|name| name != "Event")
}

/// What a look tells, for an event of `host`.
///
/// # Errors
/// [`Rejection::Remote`] and others as for whole events.
pub fn glance(item: &wire::Event, host: &Host) -> Result<Glance, Rejection> {
    let id = id_of(&item.uuid).ok_or(Rejection::Field("uuid"))?;
    check_origin(item.local.to_bool(), std::iter::empty(), &item.url, host)?;
    Ok(Glance {
        id,
        updated_ms: updated_ms(&item.updated_at),
        is_cancelled: status(&item.status) == EventStatus::Cancelled,
        is_public: check_public(item).is_ok(),
    })
}

/// Makes a record of an event.
///
/// # Errors
/// Why it is not a public event of `host`.
pub fn to_event(item: &wire::Event, host: &Host, now: Timestamp) -> Result<ListedEvent, Rejection> {
    let id = id_of(&item.uuid).ok_or(Rejection::Field("uuid"))?;
    check_origin(item.local.to_bool(), std::iter::empty(), &item.url, host)?;
    check_public(item)?;
    let makers = || [&item.attributed_to, &item.organizer_actor].into_iter().filter_map(|actor| actor.0.as_ref());
    if makers().any(|actor| actor.suspended.to_bool() == Some(true)) {
        return Err(Rejection::NotPublic("suspended"));
    }
    let title = text::line_of(&item.title, MAX_TITLE_CHARS).ok_or(Rejection::Field("title"))?;
    let starts_at = moment(&item.begins_on).ok_or(Rejection::Field("beginsOn"))?;
    let mut remarks = Vec::new();
    let none = wire::Options::default();
    let options = item.options.0.as_ref().unwrap_or(&none);
    let place = item.physical_address.0.as_ref();
    let zones = [Some(&options.timezone), place.map(|place| &place.timezone)];
    let mut time = to_time(
        starts_at,
        moment(&item.ends_on),
        item.ends_on != Scalar::Absent,
        zones.into_iter().flatten().filter_map(Scalar::as_str),
        &mut remarks,
    );
    time.shows_start_time = options.show_start_time.to_bool() != Some(false);
    time.shows_end_time = options.show_end_time.to_bool() != Some(false);
    let is_hidden = |flag: &Scalar| flag.to_bool() == Some(true);
    let group = maker(&item.attributed_to, host);
    let organizer = maker(&item.organizer_actor, host)
        .filter(|_| group.is_none() || !is_hidden(&options.hide_organizer_when_group_event));
    let participants = item.participant_stats.0.as_ref().and_then(|stats| stats.participant.to_count());
    let event = Event {
        url: item
            .url
            .as_str()
            .and_then(|url| text::origin_link(url, host))
            .unwrap_or_else(|| format!("https://{host}/events/{id}")),
        host: host.clone(),
        origin_id: id,
        page_url: None,
        title,
        description: item.description.as_str().and_then(|html| text::html(html, MAX_HTML_BYTES)),
        time,
        status: status(&item.status),
        join_mode: item.join_options.as_str().and_then(JoinMode::from_name),
        external_participation_url: item.external_participation_url.as_str().and_then(text::web_link),
        category: category(&item.category),
        language: language(&item.language),
        pictures: item.picture.0.iter().filter_map(|media| picture(media, host)).collect(),
        tags: tags(item.tags.items.iter().filter_map(|tag| tag.0.as_ref()?.title.as_str())),
        organizer,
        group,
        address: place.and_then(|place| to_address(place, &mut remarks)),
        is_online: is_hidden(&options.is_online),
        online_address: item.online_address.as_str().and_then(text::web_link),
        n_participants: participants.filter(|_| !is_hidden(&options.hide_number_of_participants)),
        capacity: options.maximum_attendee_capacity.to_count().filter(|n| *n > 0),
        anonymous_participation: options.anonymous_participation.to_bool(),
        metadata: facts(&item.metadata),
        series: None,
        published_at: date(&item.publish_at, now),
        updated_at: date(&item.updated_at, now),
    };
    let withheld = makers().find_map(|maker| withheld_by(maker, host));
    Ok(ListedEvent { event, updated_ms: updated_ms(&item.updated_at), withheld, is_wish_told: true, remarks })
}

fn check_public(item: &wire::Event) -> Result<(), Rejection> {
    if !item.visibility.as_str().is_some_and(|visibility| visibility.eq_ignore_ascii_case("public")) {
        return Err(Rejection::NotPublic("visibility"));
    }
    if item.draft.to_bool() == Some(true) {
        return Err(Rejection::NotPublic("draft"));
    }
    Ok(())
}

/// The status; confirmed where it is missing or unknown.
pub fn status(scalar: &Scalar) -> EventStatus {
    scalar.as_str().and_then(EventStatus::from_name).unwrap_or_default()
}

/// The category in capitals, as newer versions write it. Versions before 2.1 took any text, `null` among it.
pub fn category(scalar: &Scalar) -> Option<String> {
    let category = text::line_of(scalar, MAX_WORD_CHARS)?.to_uppercase();
    (category != "NULL").then_some(category)
}

/// The language; `und` is none.
pub fn language(scalar: &Scalar) -> Option<String> {
    text::line_of(scalar, MAX_WORD_CHARS).filter(|language| !language.eq_ignore_ascii_case("und"))
}

/// The facts under keys that Mobilizon's own pages know, each key once.
fn facts<const N: usize>(sent: &Bounded<Maybe<wire::Fact>, N>) -> Vec<(String, String)> {
    collect_facts(sent.items.iter().filter_map(|fact| fact.0.as_ref()).map(|fact| (&fact.key, &fact.value)))
}

/// The same of pairs of key and value, whatever they come in.
pub fn collect_facts<'a>(sent: impl Iterator<Item = (&'a Scalar, &'a Scalar)>) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    for (key, value) in sent {
        let Some(key) = key.as_str() else { continue };
        let value = match value {
            Scalar::Bool(truth) => truth.to_string(),
            Scalar::Int(n) => n.to_string(),
            Scalar::Text(text) => text.clone(),
            _ => continue,
        };
        let value = if LINK_FACTS.contains(&key) {
            text::web_link(&value)
        } else if WORD_FACTS.contains(&key) {
            text::line(&value, MAX_WORD_CHARS)
        } else {
            None
        };
        if let Some(value) = value
            && facts.iter().all(|(known, _)| known != key)
        {
            facts.push((key.to_owned(), value));
        }
    }
    facts
}

fn picture(media: &wire::Media, host: &Host) -> Option<journal::record::Image> {
    let none = wire::MediaSize::default();
    let size = media.metadata.0.as_ref().unwrap_or(&none);
    image(&media.url, &size.width, &size.height, host)
}

/// A person or group that made an event. It may be at home on another instance than the event.
fn maker(wire: &Maybe<wire::Actor>, host: &Host) -> Option<Actor> {
    let wire = wire.0.as_ref()?;
    let home: Host = match wire.domain.as_str().filter(|domain| !domain.is_empty()) {
        Some(domain) => domain.parse().ok()?,
        None => host.clone(),
    };
    let avatars = wire.avatar.0.iter().filter_map(|media| picture(media, host)).collect();
    to_actor(wire.preferred_username.as_str()?, &wire.name, &wire.url, &home, avatars)
}

/// The wish of a maker in its summary. That of a stranger has no name: it is about this event, and about nobody here.
fn withheld_by(wire: &wire::Actor, host: &Host) -> Option<Withheld> {
    let is_group = wire.kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("group"));
    match description(&wire.summary, if is_group { "group" } else { "organiser" }) {
        Consent::Silent => None,
        Consent::Withheld(how) => {
            let is_home = wire.domain.as_str().is_none_or(|domain| domain.is_empty() || host.matches(domain));
            let name = wire.preferred_username.as_str().filter(|_| is_home).and_then(handle).unwrap_or_default();
            let name = name.to_lowercase();
            Some(Withheld { name, is_group, how })
        }
    }
}
