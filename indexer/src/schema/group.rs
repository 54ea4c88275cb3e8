//! Every field of the group index, and why it is there.

use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextOptions,
};

use super::folded;

/// Handles of the fields of the group index.
#[derive(Clone, Copy, Debug)]
pub struct GroupFields {
    /// `group/{host}/{name}`, raw: updates and deletes go by it.
    pub key: Field,
    /// 64-bit hash of `key`, fast: the last sort key.
    pub key_hash: Field,
    /// [`crate::stored::StoredGroup`] as JSON bytes, stored only: what answers are made of.
    pub doc: Field,
    /// Display name, folded, with positions for phrases.
    pub title: Field,
    /// The first 2 KiB of the summary without its HTML, folded, with positions.
    pub description: Field,
    /// The group's own name, folded into words.
    pub organizer: Field,
    /// Name of the place, street, town, region and country, folded into words.
    pub place: Field,
    /// Stems of the display name in the language guessed where they differ from the word, with frequencies.
    pub title_stem: Field,
    /// Stems of the summary in the language guessed where they differ from the word, with frequencies.
    pub description_stem: Field,
    /// Origin host, raw and fast: the filters `host` and `blockedHosts`, facets.
    pub host: Field,
    /// `name@host`, lower case, raw: direct hits.
    pub handle: Field,
    /// Primary subtag of the language guessed, raw and fast; [`super::UNKNOWN_LANGUAGE`] when there is none.
    pub language: Field,
    /// `open`, `moderated` or `invite_only`, raw and fast; absent when unknown.
    pub openness: Field,
    /// When our crawler saw it first, milliseconds since 1970, fast: sort.
    pub created_at: Field,
    /// Members, fast: sort and popularity; 0 when unknown.
    pub members: Field,
    /// Events it has organised, as its instance counts them, fast: popularity.
    pub events: Field,
    /// Ten millionths of a degree north, fast; absent without coordinates.
    pub lat_e7: Field,
    /// Ten millionths of a degree east, fast; absent without coordinates.
    pub lon_e7: Field,
    /// The H3 cells of resolutions 1 to 7 that hold the point, indexed: circles, see `crate::geography`.
    pub h3: Field,
    /// The folded display name, cut at 64 bytes, fast: sort by name.
    pub name_key: Field,
}

impl GroupFields {
    /// Builds the schema and the handles of its fields.
    pub fn build() -> (Schema, Self) {
        let mut builder = Schema::builder();
        let positions = || folded(IndexRecordOption::WithFreqsAndPositions);
        let frequencies = || folded(IndexRecordOption::WithFreqs);
        let fast = || NumericOptions::default().set_fast();
        let fields = Self {
            key: builder.add_text_field("key", STRING),
            key_hash: builder.add_u64_field("key_hash", fast()),
            doc: builder.add_bytes_field("doc", BytesOptions::default() | STORED),
            title: builder.add_text_field("title", positions()),
            description: builder.add_text_field("description", positions()),
            organizer: builder.add_text_field("organizer", frequencies()),
            place: builder.add_text_field("place", frequencies()),
            title_stem: builder.add_text_field("title_stem", frequencies()),
            description_stem: builder.add_text_field("description_stem", frequencies()),
            host: builder.add_text_field("host", STRING | FAST),
            handle: builder.add_text_field("handle", STRING),
            language: builder.add_text_field("language", STRING | FAST),
            openness: builder.add_text_field("openness", STRING | FAST),
            created_at: builder.add_i64_field("created_at", fast()),
            members: builder.add_u64_field("members", fast()),
            events: builder.add_u64_field("events", fast()),
            lat_e7: builder.add_i64_field("lat_e7", fast()),
            lon_e7: builder.add_i64_field("lon_e7", fast()),
            h3: builder.add_u64_field("h3", INDEXED),
            name_key: builder.add_text_field("name_key", TextOptions::default().set_fast("raw")),
        };
        (builder.build(), fields)
    }
}
