//! An event of the journal as the index holds it.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use journal::record::{Actor, Event, JoinMode};
use tantivy::TantivyDocument;

use super::{
    add_place, add_point, add_stems, clean_description, handle, key_hash, name_key, split_description, stored_actor,
    stored_address, stored_images,
};
use crate::analysis::{self, cut, plain_text};
use crate::schema::{EVENT_CATEGORIES, EventFields, UNKNOWN_LANGUAGE};
use crate::stored::{StoredEvent, StoredHostedActor};

/// Longer than this is no news every day.
const LONG: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What an event counts as that has no category of Mobilizon's.
const OTHER_CATEGORY: &str = "MEETING";

/// The keys of Mobilizon that promise accessibility, the values that keep the promise, and our term for it.
const ACCESSIBILITY: [(&str, &[&str], &str); 4] = [
    ("mz:accessibility:wheelchairAccessible", &["fully"], "wheelchair"),
    ("mz:accessibility:live:subtitle", &["true"], "subtitle"),
    ("mz:accessibility:live:sign_language", &["true"], "sign_language"),
    ("mz:accessibility:smokeFree", &["true"], "smoke_free"),
];

impl StoredEvent {
    /// The stored form of an event that our crawler saw at `seen_at`.
    pub fn new(event: &Event, seen_at: Timestamp) -> Self {
        let host = event.host.as_str();
        let hosted = |actor: &Actor| StoredHostedActor {
            host: (actor.host != event.host).then(|| actor.host.as_str().to_owned()),
            actor: stored_actor(actor.host.as_str(), actor),
        };
        let mut pictures = stored_images(host, &event.pictures);
        pictures.sort_by_key(|picture| picture.width.unwrap_or(u32::MAX));
        let ends_at = event.time.ends_at.filter(|ends_at| *ends_at > event.time.starts_at);
        Self {
            host: host.to_owned(),
            origin_id: event.origin_id.clone(),
            url: event.url.clone(),
            page_url: event.page_url.clone(),
            title: event.title.clone(),
            description: clean_description(event.description.as_deref()),
            starts_at: event.time.starts_at,
            ends_at,
            time_zone: event.time.time_zone.clone().filter(|name| TimeZone::get(name).is_ok()),
            hides_start_time: !event.time.shows_start_time,
            hides_end_time: !event.time.shows_end_time,
            status: event.status.as_str().to_owned(),
            join_mode: event.join_mode.map(JoinMode::as_str).map(str::to_owned),
            external_participation_url: event.external_participation_url.clone(),
            category: category(event.category.as_deref()).to_owned(),
            language: event.language.clone(),
            pictures,
            tags: event.tags.clone(),
            organizer: event.organizer.as_ref().map(hosted),
            group: event.group.as_ref().map(hosted),
            address: event.address.as_ref().map(stored_address),
            is_online: event.is_online,
            online_address: event.online_address.clone(),
            n_participants: event.n_participants,
            capacity: event.capacity,
            anonymous_participation: event.anonymous_participation,
            metadata: event.metadata.clone(),
            series: event.series.clone(),
            published_at: event.published_at,
            updated_at: event.updated_at,
            seen_at,
        }
    }

    /// When it is over: its end; its start where the end is open; the end of the local day where only the date of the last
    /// of them means something. Never before the start. Days are those of its zone, or of UTC where it names none.
    pub fn over_at(&self) -> Timestamp {
        let (last, is_day) = match self.ends_at {
            Some(ends_at) => (ends_at, self.hides_end_time),
            None => (self.starts_at, self.hides_start_time),
        };
        let over_at = if is_day { self.end_of_day(last).unwrap_or(last) } else { last };
        over_at.max(self.starts_at)
    }

    /// The first instant of the next day; `None` on the last day of the calendar.
    fn end_of_day(&self, at: Timestamp) -> Option<Timestamp> {
        let zone = self.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
        Some(at.to_zoned(zone).tomorrow().ok()?.start_of_day().ok()?.timestamp())
    }
}

fn category(name: Option<&str>) -> &'static str {
    let name = name.unwrap_or_default().trim();
    EVENT_CATEGORIES.into_iter().find(|category| category.eq_ignore_ascii_case(name)).unwrap_or(OTHER_CATEGORY)
}

/// The document of an event that our crawler saw at `seen_at`; a later publication counts as `seen_at` where events are
/// sorted.
///
/// # Errors
/// As [`super::video_document`].
pub fn event_document(
    fields: &EventFields,
    event: &Event,
    seen_at: Timestamp,
) -> Result<TantivyDocument, serde_json::Error> {
    let stored = StoredEvent::new(event, seen_at);
    let key = stored.key();
    let mut document = TantivyDocument::default();
    document.add_text(fields.key, &key);
    document.add_u64(fields.key_hash, key_hash(&key));
    document.add_bytes(fields.doc, &serde_json::to_vec(&stored)?);
    add_text(&mut document, fields, &stored);
    add_filters(&mut document, fields, &stored, event);
    add_numbers(&mut document, fields, &stored);
    Ok(document)
}

fn add_text(document: &mut TantivyDocument, fields: &EventFields, stored: &StoredEvent) {
    let description = stored.description.as_deref().map(plain_text).unwrap_or_default();
    let (scored, rest) = split_description(&description);
    document.add_text(fields.title, &stored.title);
    if !scored.is_empty() {
        document.add_text(fields.description, scored);
    }
    if !rest.is_empty() {
        document.add_text(fields.description_rest, rest);
    }
    for tag in &stored.tags {
        document.add_text(fields.tags, tag);
    }
    for StoredHostedActor { actor, .. } in stored.organizer.iter().chain(&stored.group) {
        document.add_text(fields.organizer, actor.display_name());
        if actor.display_name.is_some() {
            document.add_text(fields.organizer, &actor.name);
        }
    }
    if let Some(address) = &stored.address {
        add_place(document, fields.place, address);
    }
    let texts = (stored.title.as_str(), scored);
    add_stems(document, (fields.title_stem, fields.description_stem), texts, stored.language.as_deref());
}

fn add_filters(document: &mut TantivyDocument, fields: &EventFields, stored: &StoredEvent, event: &Event) {
    if let Some(uuid) = event.uuid() {
        document.add_text(fields.uuid, uuid.hyphenated().to_string());
    }
    document.add_text(fields.host, &stored.host);
    for (field, actor) in [(fields.account, &stored.organizer), (fields.group_handle, &stored.group)] {
        if let Some(actor) = actor {
            document.add_text(field, handle(&actor.actor, actor.host.as_deref().unwrap_or(&stored.host)));
        }
    }
    let mut tags: Vec<String> =
        stored.tags.iter().map(|tag| analysis::fold_whole(tag.trim_start_matches(['#', ' ']))).collect();
    tags.sort_unstable();
    tags.dedup();
    for tag in tags.iter().filter(|tag| !tag.is_empty()) {
        document.add_text(fields.tag, cut(tag, analysis::MAX_TERM_BYTES));
    }
    document.add_text(fields.category, &stored.category);
    document.add_text(fields.language, language_term(stored.language.as_deref()));
    document.add_text(fields.status, &stored.status);
    if let Some(join_mode) = &stored.join_mode {
        document.add_text(fields.join_mode, join_mode);
    }
    document.add_u64(fields.is_online, stored.is_online.into());
    document.add_u64(fields.has_free_places, (stored.n_places_left() != Some(0)).into());
    for (key, kept, term) in ACCESSIBILITY {
        let keeps = |value: &str| kept.iter().any(|kept| value.trim().eq_ignore_ascii_case(kept));
        if stored.metadata.iter().any(|(name, value)| name == key && keeps(value)) {
            document.add_text(fields.accessible, term);
        }
    }
}

fn add_numbers(document: &mut TantivyDocument, fields: &EventFields, stored: &StoredEvent) {
    let over_at = stored.over_at();
    document.add_u64(fields.is_long, (over_at.duration_since(stored.starts_at) > LONG).into());
    document.add_i64(fields.starts_at, stored.starts_at.as_millisecond());
    document.add_i64(fields.over_at, over_at.as_millisecond());
    let published_at = stored.published_at.unwrap_or(stored.seen_at).min(stored.seen_at);
    document.add_i64(fields.published_at, published_at.as_millisecond());
    document.add_u64(fields.participants, stored.n_participants.unwrap_or(0));
    if let Some(address) = &stored.address {
        add_point(document, (fields.lat_e7, fields.lon_e7, fields.h3), address);
    }
    document.add_u64(fields.series, series(stored));
    document.add_text(fields.name_key, name_key(&stored.title));
}

/// The primary subtag in lower case.
fn language_term(language: Option<&str>) -> String {
    let primary = language.unwrap_or_default().trim().split(['-', '_']).next().unwrap_or_default().to_lowercase();
    if primary.is_empty() { UNKNOWN_LANGUAGE.to_owned() } else { cut(&primary, analysis::MAX_TERM_BYTES).to_owned() }
}

/// What occurrences of the same thing share. An event without a series is one with those of the same title, place and
/// organiser; U+001F cannot be in any of the parts.
fn series(stored: &StoredEvent) -> u64 {
    if let Some(series) = &stored.series {
        return key_hash(&format!("series\u{1f}{}\u{1f}{series}", stored.host));
    }
    let organizer = stored.group.as_ref().or(stored.organizer.as_ref()).map(|actor| {
        let host = actor.host.as_deref().unwrap_or(&stored.host);
        handle(&actor.actor, host)
    });
    let organizer = organizer.unwrap_or_else(|| stored.host.clone());
    let place = stored.address.as_ref().map(|address| {
        let words = [&address.name, &address.street, &address.locality].map(|part| part.as_deref().unwrap_or_default());
        analysis::fold_whole(&words.join(" "))
    });
    let title = analysis::fold_whole(&stored.title);
    key_hash(&format!("{organizer}\u{1f}{title}\u{1f}{}", place.unwrap_or_default()))
}
