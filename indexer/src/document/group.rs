//! A group of the journal as the index holds it.

use jiff::Timestamp;
use journal::record::{Group, Openness};
use tantivy::TantivyDocument;

use super::{
    GUESSED_BYTES, add_place, add_point, add_stems, clean_description, key_hash, name_key, split_description,
    stored_actor, stored_address, stored_images,
};
use crate::analysis::{self, cut, plain_text};
use crate::schema::{GroupFields, UNKNOWN_LANGUAGE};
use crate::stored::StoredGroup;

impl From<&Group> for StoredGroup {
    fn from(group: &Group) -> Self {
        let host = group.actor.host.as_str();
        Self {
            host: host.to_owned(),
            actor: stored_actor(host, &group.actor),
            banners: stored_images(host, &group.banners),
            summary: clean_description(group.summary.as_deref()),
            address: group.address.as_ref().map(stored_address),
            openness: group.openness.map(Openness::as_str).map(str::to_owned),
            n_members: group.n_members,
            n_followers: group.n_followers,
            n_events: group.n_events,
            first_seen_at: group.first_seen_at,
        }
    }
}

/// The document of a group that our crawler saw at `seen_at`; a later first sight counts as `seen_at` where groups are
/// sorted.
///
/// # Errors
/// As [`super::video_document`].
pub fn group_document(
    fields: &GroupFields,
    group: &Group,
    seen_at: Timestamp,
) -> Result<TantivyDocument, serde_json::Error> {
    let stored = StoredGroup::from(group);
    let key = stored.key();
    let mut document = TantivyDocument::default();
    document.add_text(fields.key, &key);
    document.add_u64(fields.key_hash, key_hash(&key));
    document.add_bytes(fields.doc, &serde_json::to_vec(&stored)?);
    add_text(&mut document, fields, &stored);
    document.add_text(fields.host, &stored.host);
    document.add_text(fields.handle, stored.handle());
    if let Some(openness) = &stored.openness {
        document.add_text(fields.openness, openness);
    }
    document.add_i64(fields.created_at, stored.first_seen_at.min(seen_at).as_millisecond());
    document.add_u64(fields.members, stored.n_members.unwrap_or(0));
    document.add_u64(fields.events, stored.n_events.unwrap_or(0));
    if let Some(address) = &stored.address {
        add_place(&mut document, fields.place, address);
        add_point(&mut document, (fields.lat_e7, fields.lon_e7, fields.h3), address);
    }
    document.add_text(fields.name_key, name_key(stored.actor.display_name()));
    Ok(document)
}

fn add_text(document: &mut TantivyDocument, fields: &GroupFields, stored: &StoredGroup) {
    let title = stored.actor.display_name();
    let summary = stored.summary.as_deref().map(plain_text).unwrap_or_default();
    let (scored, _) = split_description(&summary);
    document.add_text(fields.title, title);
    if !scored.is_empty() {
        document.add_text(fields.description, scored);
    }
    document.add_text(fields.organizer, &stored.actor.name);
    let guessed = analysis::guess_language(cut(&format!("{title}\n{scored}"), GUESSED_BYTES));
    if let Some(language) = guessed {
        let texts = (title, scored);
        add_stems(document, (fields.title_stem, fields.description_stem), texts, Some(language));
    }
    document.add_text(fields.language, guessed.map_or(UNKNOWN_LANGUAGE, analysis::two_letter_code));
}
