//! Every field of the playlist index, and why it is there.

use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextOptions,
};

use super::folded;

/// Handles of the fields of the playlist index.
#[derive(Clone, Copy, Debug)]
pub struct PlaylistFields {
    /// `playlist/{host}/{uuid}`, raw: updates and deletes go by it.
    pub key: Field,
    /// 64-bit hash of `key`, fast: the last sort key.
    pub key_hash: Field,
    /// [`crate::stored::StoredPlaylist`] as JSON bytes, stored only: what answers are made of.
    pub doc: Field,
    /// Title, folded, with positions for phrases.
    pub title: Field,
    /// The first 2 KiB of the description, folded, with positions.
    pub description: Field,
    /// Names of the channel and of the owner, folded into words.
    pub channel: Field,
    /// Stems of the title in the language guessed where they differ from the word, with frequencies.
    pub title_stem: Field,
    /// Stems of the description in the language guessed where they differ from the word, with frequencies.
    pub description_stem: Field,
    /// UUID, hyphenated lower case, raw: the filter `uuids` and direct hits.
    pub uuid: Field,
    /// Origin host, raw and fast: the filters `host` and `blockedHosts`, facets.
    pub host: Field,
    /// `name@host` of the owner, lower case, raw: the filter `blockedAccounts`.
    pub account: Field,
    /// `name@host` of the channel, lower case, raw; absent where there is none: all playlists of a channel.
    pub channel_handle: Field,
    /// Milliseconds since 1970, fast: sort.
    pub created_at: Field,
    /// Milliseconds since 1970, fast: sort.
    pub updated_at: Field,
    /// Public videos in it when last read, fast: popularity.
    pub length: Field,
    /// The folded title, cut at 64 bytes, fast: sort by name.
    pub name_key: Field,
}

impl PlaylistFields {
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
            channel: builder.add_text_field("channel", frequencies()),
            title_stem: builder.add_text_field("title_stem", frequencies()),
            description_stem: builder.add_text_field("description_stem", frequencies()),
            uuid: builder.add_text_field("uuid", STRING),
            host: builder.add_text_field("host", STRING | FAST),
            account: builder.add_text_field("account", STRING),
            channel_handle: builder.add_text_field("channel_handle", STRING),
            created_at: builder.add_i64_field("created_at", fast()),
            updated_at: builder.add_i64_field("updated_at", fast()),
            length: builder.add_u64_field("length", fast()),
            name_key: builder.add_text_field("name_key", TextOptions::default().set_fast("raw")),
        };
        (builder.build(), fields)
    }
}
