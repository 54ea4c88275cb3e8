//! Every field of the video index, and why it is there.

use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, STRING, Schema, SchemaBuilder,
    TextOptions,
};

use super::folded;

/// Handles of the fields of the video index.
#[derive(Clone, Copy, Debug)]
pub struct VideoFields {
    /// `video/{host}/{uuid}`, raw: updates and deletes go by it.
    pub key: Field,
    /// 64-bit hash of `key`, fast: the last sort key, so that ties keep their order from page to page and from
    /// merge to merge.
    pub key_hash: Field,
    /// [`crate::stored::StoredVideo`] as JSON bytes, stored only: what answers are made of.
    pub doc: Field,
    /// Title, folded, with positions for phrases.
    pub title: Field,
    /// The first 2 KiB of the description (the whole one where known), folded, with positions. Longer texts do not
    /// score more: stuffing does not pay.
    pub description: Field,
    /// What follows the first 2 KiB, folded: found, but without frequencies.
    pub description_rest: Field,
    /// Tags, folded into words.
    pub tags: Field,
    /// Display names and names of channel and account, folded into words.
    pub channel: Field,
    /// Stems of the title in the video's language where they differ from the word, with frequencies.
    pub title_stem: Field,
    /// Stems of the first 2 KiB of the description in the video's language where they differ from the word, with
    /// frequencies.
    pub description_stem: Field,
    /// UUID, hyphenated lower case, raw: the filter `uuids` and direct hits.
    pub uuid: Field,
    /// Origin host, raw and fast: the filters `host` and `blockedHosts`, facets.
    pub host: Field,
    /// `name@host` of the account, lower case, raw: the filter `blockedAccounts`.
    pub account: Field,
    /// `name@host` of the channel, lower case, raw: all videos of a channel.
    pub channel_handle: Field,
    /// Each tag lower-cased and folded as a whole, raw and fast: the filters `tagsOneOf` and `tagsAllOf`, facets.
    pub tag: Field,
    /// Category id, indexed and fast; absent when unknown.
    pub category: Field,
    /// Licence id, indexed and fast; absent when unknown.
    pub licence: Field,
    /// Language id as sent, raw and fast; [`super::UNKNOWN_LANGUAGE`] when there is none.
    pub language: Field,
    /// 0 or 1, indexed and fast.
    pub nsfw: Field,
    /// One value for each set bit of the NSFW flags (1, 2, 4 …), indexed: "any shared bit" is a union of terms.
    pub nsfw_flag: Field,
    /// 0 or 1, indexed and fast.
    pub is_live: Field,
    /// Milliseconds since 1970, fast: sort and range.
    pub published_at: Field,
    /// Milliseconds since 1970, fast: sort.
    pub created_at: Field,
    /// Milliseconds since 1970, fast; absent when unknown: range.
    pub originally_published_at: Field,
    /// `originally_published_at`, or `published_at` when that is unknown, fast: sort, as PeerTube sorts.
    pub original_or_published_at: Field,
    /// Seconds, fast: sort and range.
    pub duration: Field,
    /// Fast: sort and popularity.
    pub views: Field,
    /// Fast: sort.
    pub likes: Field,
    /// PeerTube's formula for `hot` times 1000, rounded, fast: it depends on the record alone, so it can be sorted by.
    pub hot: Field,
    /// The folded title, cut at 64 bytes, fast: sort by name.
    pub name_key: Field,
}

impl VideoFields {
    /// Builds the schema and the handles of its fields.
    pub fn build() -> (Schema, Self) {
        let mut builder = Schema::builder();
        let fields = Self::add_to(&mut builder);
        (builder.build(), fields)
    }

    fn add_to(builder: &mut SchemaBuilder) -> Self {
        let positions = || folded(IndexRecordOption::WithFreqsAndPositions);
        let frequencies = || folded(IndexRecordOption::WithFreqs);
        let raw_fast = || STRING | FAST;
        let fast = || NumericOptions::default().set_fast();
        let indexed_fast = || NumericOptions::default().set_fast().set_indexed();
        Self {
            key: builder.add_text_field("key", STRING),
            key_hash: builder.add_u64_field("key_hash", fast()),
            doc: builder.add_bytes_field("doc", BytesOptions::default() | STORED),
            title: builder.add_text_field("title", positions()),
            description: builder.add_text_field("description", positions()),
            description_rest: builder.add_text_field("description_rest", folded(IndexRecordOption::Basic)),
            tags: builder.add_text_field("tags", frequencies()),
            channel: builder.add_text_field("channel", frequencies()),
            title_stem: builder.add_text_field("title_stem", frequencies()),
            description_stem: builder.add_text_field("description_stem", frequencies()),
            uuid: builder.add_text_field("uuid", STRING),
            host: builder.add_text_field("host", raw_fast()),
            account: builder.add_text_field("account", STRING),
            channel_handle: builder.add_text_field("channel_handle", STRING),
            tag: builder.add_text_field("tag", raw_fast()),
            category: builder.add_i64_field("category", indexed_fast()),
            licence: builder.add_i64_field("licence", indexed_fast()),
            language: builder.add_text_field("language", raw_fast()),
            nsfw: builder.add_u64_field("nsfw", indexed_fast()),
            nsfw_flag: builder.add_u64_field("nsfw_flag", INDEXED),
            is_live: builder.add_u64_field("is_live", indexed_fast()),
            published_at: builder.add_i64_field("published_at", fast()),
            created_at: builder.add_i64_field("created_at", fast()),
            originally_published_at: builder.add_i64_field("originally_published_at", fast()),
            original_or_published_at: builder.add_i64_field("original_or_published_at", fast()),
            duration: builder.add_u64_field("duration", fast()),
            views: builder.add_u64_field("views", fast()),
            likes: builder.add_u64_field("likes", fast()),
            hot: builder.add_i64_field("hot", fast()),
            name_key: builder.add_text_field("name_key", TextOptions::default().set_fast("raw")),
        }
    }
}
