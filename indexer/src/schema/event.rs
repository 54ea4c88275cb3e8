//! Every field of the event index, and why it is there.

use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextOptions,
};

use super::folded;

/// The categories of Mobilizon. What an event says beyond them counts as the last, as everywhere in Mobilizon.
pub const EVENT_CATEGORIES: [&str; 30] = [
    "ARTS",
    "BOOK_CLUBS",
    "BUSINESS",
    "CAUSES",
    "COMEDY",
    "CRAFTS",
    "FOOD_DRINK",
    "HEALTH",
    "MUSIC",
    "AUTO_BOAT_AIR",
    "COMMUNITY",
    "FAMILY_EDUCATION",
    "FASHION_BEAUTY",
    "FILM_MEDIA",
    "GAMES",
    "LANGUAGE_CULTURE",
    "LEARNING",
    "LGBTQ",
    "MOVEMENTS_POLITICS",
    "NETWORKING",
    "PARTY",
    "PERFORMING_VISUAL_ARTS",
    "PETS",
    "PHOTOGRAPHY",
    "OUTDOORS_ADVENTURE",
    "SPIRITUALITY_RELIGION_BELIEFS",
    "SCIENCE_TECH",
    "SPORTS",
    "THEATRE",
    "MEETING",
];

/// Handles of the fields of the event index.
#[derive(Clone, Copy, Debug)]
pub struct EventFields {
    /// `event/{host}/{id}`, raw: updates and deletes go by it.
    pub key: Field,
    /// 64-bit hash of `key`, fast: the last sort key.
    pub key_hash: Field,
    /// [`crate::stored::StoredEvent`] as JSON bytes, stored only: what answers are made of.
    pub doc: Field,
    /// Title, folded, with positions for phrases.
    pub title: Field,
    /// The first 2 KiB of the description without its HTML, folded, with positions.
    pub description: Field,
    /// What follows it, folded: found, but without frequencies.
    pub description_rest: Field,
    /// Tags, folded into words.
    pub tags: Field,
    /// Names of the organiser and the group, folded into words.
    pub organizer: Field,
    /// Name of the place, street, town, region and country, folded into words.
    pub place: Field,
    /// Stems of the title in the event's language where they differ from the word, with frequencies.
    pub title_stem: Field,
    /// Stems of the first 2 KiB of the description where they differ from the word, with frequencies.
    pub description_stem: Field,
    /// UUID, hyphenated lower case, raw; absent for events of Gancio.
    pub uuid: Field,
    /// Origin host, raw and fast: the filters `host` and `blockedHosts`, facets.
    pub host: Field,
    /// `name@host` of the organiser, lower case, raw: the filter `blockedAccounts`.
    pub account: Field,
    /// `name@host` of the group, lower case, raw: all events of a group.
    pub group_handle: Field,
    /// Each tag lower-cased and folded as a whole, raw and fast: the filters on tags, facets.
    pub tag: Field,
    /// One of [`EVENT_CATEGORIES`], raw and fast.
    pub category: Field,
    /// Primary subtag, lower case, raw and fast; [`super::UNKNOWN_LANGUAGE`] when there is none.
    pub language: Field,
    /// `TENTATIVE`, `CONFIRMED` or `CANCELLED`, raw and fast.
    pub status: Field,
    /// `free`, `restricted`, `invite` or `external`, raw and fast; absent when unknown.
    pub join_mode: Field,
    /// 0 or 1, indexed and fast.
    pub is_online: Field,
    /// 0 when it is known to be full, 1 otherwise, indexed and fast.
    pub has_free_places: Field,
    /// 1 when it lasts longer than 30 days, indexed and fast: such an exhibition is not news every day.
    pub is_long: Field,
    /// `wheelchair`, `subtitle`, `sign_language`, `smoke_free`: the accessibility that is promised, raw and fast.
    pub accessible: Field,
    /// Start, milliseconds since 1970, indexed and fast: sort and range.
    pub starts_at: Field,
    /// When it is over, milliseconds since 1970, indexed and fast: the end; for an open end the start, or the end of the local day
    /// of an event without a time of day. Later than the start or the same.
    pub over_at: Field,
    /// Publication, milliseconds since 1970, fast: sort. When our crawler saw it where the origin does not say.
    pub published_at: Field,
    /// People who come, fast: sort and popularity; 0 when unknown.
    pub participants: Field,
    /// Ten millionths of a degree north, fast; absent without coordinates.
    pub lat_e7: Field,
    /// Ten millionths of a degree east, fast; absent without coordinates.
    pub lon_e7: Field,
    /// The H3 cells of resolutions 1 to 7 that hold the point, indexed: circles, see `crate::geography`.
    pub h3: Field,
    /// Hash of host and series, or of organiser, folded title and place where there is no series, fast: occurrences of the same
    /// thing.
    pub series: Field,
    /// The folded title, cut at 64 bytes, fast: sort by name.
    pub name_key: Field,
}

impl EventFields {
    /// Builds the schema and the handles of its fields.
    pub fn build() -> (Schema, Self) {
        let mut builder = Schema::builder();
        let positions = || folded(IndexRecordOption::WithFreqsAndPositions);
        let frequencies = || folded(IndexRecordOption::WithFreqs);
        let raw_fast = || STRING | FAST;
        let fast = || NumericOptions::default().set_fast();
        let indexed_fast = || NumericOptions::default().set_fast().set_indexed();
        let fields = Self {
            key: builder.add_text_field("key", STRING),
            key_hash: builder.add_u64_field("key_hash", fast()),
            doc: builder.add_bytes_field("doc", BytesOptions::default() | STORED),
            title: builder.add_text_field("title", positions()),
            description: builder.add_text_field("description", positions()),
            description_rest: builder.add_text_field("description_rest", folded(IndexRecordOption::Basic)),
            tags: builder.add_text_field("tags", frequencies()),
            organizer: builder.add_text_field("organizer", frequencies()),
            place: builder.add_text_field("place", frequencies()),
            title_stem: builder.add_text_field("title_stem", frequencies()),
            description_stem: builder.add_text_field("description_stem", frequencies()),
            uuid: builder.add_text_field("uuid", STRING),
            host: builder.add_text_field("host", raw_fast()),
            account: builder.add_text_field("account", STRING),
            group_handle: builder.add_text_field("group_handle", STRING),
            tag: builder.add_text_field("tag", raw_fast()),
            category: builder.add_text_field("category", raw_fast()),
            language: builder.add_text_field("language", raw_fast()),
            status: builder.add_text_field("status", raw_fast()),
            join_mode: builder.add_text_field("join_mode", raw_fast()),
            is_online: builder.add_u64_field("is_online", indexed_fast()),
            has_free_places: builder.add_u64_field("has_free_places", indexed_fast()),
            is_long: builder.add_u64_field("is_long", indexed_fast()),
            accessible: builder.add_text_field("accessible", raw_fast()),
            starts_at: builder.add_i64_field("starts_at", indexed_fast()),
            over_at: builder.add_i64_field("over_at", indexed_fast()),
            published_at: builder.add_i64_field("published_at", fast()),
            participants: builder.add_u64_field("participants", fast()),
            lat_e7: builder.add_i64_field("lat_e7", fast()),
            lon_e7: builder.add_i64_field("lon_e7", fast()),
            h3: builder.add_u64_field("h3", INDEXED),
            series: builder.add_u64_field("series", fast()),
            name_key: builder.add_text_field("name_key", TextOptions::default().set_fast("raw")),
        };
        (builder.build(), fields)
    }
}
