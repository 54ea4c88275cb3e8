//! A record of the journal as the index holds it: the stored form that answers are made of, and the terms and numbers
//! that it is found and sorted by. Pure: the same entry always gives the same document.

mod channel;
mod event;
mod group;
mod playlist;
mod video;

pub use channel::channel_document;
pub use event::event_document;
pub use group::group_document;
pub use playlist::playlist_document;
pub use video::video_document;

use journal::record::{Actor, Address, Image};
use journal::{Body, Entry, Record};
use tantivy::TantivyDocument;
use tantivy::schema::Field;

use crate::analysis::{self, cut};
use crate::geography::{GeoPoint, cells_of};
use crate::schema::Fields;
use crate::stored::{StoredActor, StoredAddress, StoredImage, StoredPath};

/// How much of a description counts for the score, in bytes. Most descriptions are shorter; longer ones are mostly
/// links and transcripts.
const SCORED_DESCRIPTION_BYTES: usize = 2048;

/// How far before the limit a description may be split, so that it is split between words.
const SPLIT_SEARCH_BYTES: usize = 128;

/// How much of title and description a language is guessed from, in bytes. The guess costs by the byte and more than
/// everything else of a document; the first sentences tell as much as the rest.
const GUESSED_BYTES: usize = 256;

/// Longest sort key of a title in bytes.
const NAME_KEY_BYTES: usize = 64;

/// The document of an entry, `None` for a tombstone.
///
/// # Errors
/// As [`video_document`].
pub(crate) fn document_of(fields: &Fields, entry: &Entry) -> Result<Option<TantivyDocument>, serde_json::Error> {
    let Body::Record(record) = &entry.body else { return Ok(None) };
    let seen_at = entry.seen_at;
    let document = match record {
        Record::Video(video) => video_document(&fields.video, video, seen_at),
        Record::Channel(channel) => channel_document(&fields.channel, channel, seen_at),
        Record::Playlist(playlist) => playlist_document(&fields.playlist, playlist, seen_at),
        Record::Event(event) => event_document(&fields.event, event, seen_at),
        Record::Group(group) => group_document(&fields.group, group, seen_at),
    };
    document.map(Some)
}

/// FNV-1a of the key's bytes, 64 bits: the same on every machine and in every version.
pub fn key_hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn handle(actor: &StoredActor, host: &str) -> String {
    format!("{}@{host}", actor.name).to_lowercase()
}

/// What a title is sorted by.
fn name_key(title: &str) -> String {
    cut(&analysis::fold_whole(title), NAME_KEY_BYTES).to_owned()
}

/// Adds the stems of title and description in the language named, or else guessed.
fn add_stems(
    document: &mut TantivyDocument,
    (title_field, description_field): (Field, Field),
    (title, description): (&str, &str),
    language: Option<&str>,
) {
    let guessed = || {
        let text = format!("{title}\n{description}");
        analysis::guess_language(cut(&text, GUESSED_BYTES))
    };
    let Some(language) = language.or_else(guessed) else { return };
    for (field, text) in [(title_field, title), (description_field, description)] {
        // Stems fold to themselves, so the tokenizer of the field gives them back one by one.
        let stems = analysis::inflected_stems(text, language);
        if !stems.is_empty() {
            document.add_text(field, stems);
        }
    }
}

fn stored_actor(host: &str, actor: &Actor) -> StoredActor {
    StoredActor {
        origin_id: actor.origin_id,
        name: actor.name.clone(),
        display_name: (actor.display_name != actor.name).then(|| actor.display_name.clone()),
        url: actor.url.clone(),
        avatars: stored_images(host, &actor.avatars),
    }
}

fn stored_images(host: &str, images: &[Image]) -> Vec<StoredImage> {
    let stored = |image: &Image| {
        let file = StoredPath::new(host, image.path.as_deref(), Some(&image.url))?;
        let Image { width, height, created_at, updated_at, .. } = *image;
        Some(StoredImage { file, width, height, created_at, updated_at })
    };
    images.iter().filter_map(stored).collect()
}

fn stored_address(address: &Address) -> StoredAddress {
    let Address { url, name, street, locality, postal_code, region, country, point } = address.clone();
    let point = point.map(|point| (point.lat(), point.lon()));
    StoredAddress { url, name, street, locality, postal_code, region, country, point }
}

/// HTML of strangers, made harmless; `None` where nothing is left to read. Editors write an empty paragraph for nothing.
fn clean_description(html: Option<&str>) -> Option<String> {
    html.map(analysis::clean_html).filter(|clean| !analysis::plain_text(clean).is_empty())
}

/// Adds the words of an address.
fn add_place(document: &mut TantivyDocument, field: Field, address: &StoredAddress) {
    let StoredAddress { name, street, locality, region, country, .. } = address;
    for text in [name, street, locality, region, country].into_iter().flatten() {
        document.add_text(field, text);
    }
}

/// Adds a position: latitude, longitude, and the cells that hold it.
fn add_point(document: &mut TantivyDocument, (lat, lon, cells): (Field, Field, Field), address: &StoredAddress) {
    let Some(point) = address.point.and_then(|(lat, lon)| GeoPoint::new(lat, lon)) else { return };
    document.add_i64(lat, point.lat_e7().into());
    document.add_i64(lon, point.lon_e7().into());
    for cell in cells_of(point) {
        document.add_u64(cells, cell);
    }
}

/// The part of a description that is scored, and the rest; between words where there is a space near the limit.
fn split_description(text: &str) -> (&str, &str) {
    if text.len() <= SCORED_DESCRIPTION_BYTES {
        return (text, "");
    }
    let limit = cut(text, SCORED_DESCRIPTION_BYTES).len();
    let near = cut(text, limit.saturating_sub(SPLIT_SEARCH_BYTES)).len();
    let space = text.get(near..limit).and_then(|window| window.rfind(char::is_whitespace));
    text.split_at_checked(space.map_or(limit, |at| near + at)).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn splitting_a_description_loses_nothing(text in "[a-zé日 ]{0,3000}") {
            let (scored, rest) = split_description(&text);
            prop_assert!(scored.len() <= SCORED_DESCRIPTION_BYTES);
            prop_assert_eq!(format!("{scored}{rest}"), text);
        }
    }

    #[test]
    fn hashes_of_keys_never_change() {
        // The test vectors of FNV-1a's authors.
        assert_eq!(key_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(key_hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
