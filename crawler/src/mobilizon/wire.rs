//! What a Mobilizon instance sends, by GraphQL. Every field is optional and lenient: [`super::event`] and
//! [`super::group`] decide what a record needs.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::reading::lenient::{Bounded, Maybe, Scalar};

/// Most items looked at in one page.
pub const MAX_ITEMS: usize = 500;

/// Most tags, facts or errors looked at in one thing.
const MAX_LIST: usize = 200;

/// An answer; data and errors may come together.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub struct Answer<T> {
    #[serde(default)]
    pub data: Maybe<T>,
    #[serde(default)]
    pub errors: Bounded<Maybe<Error>, MAX_LIST>,
}

/// One of the errors.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Error {
    pub message: Scalar,
    pub code: Scalar,
    pub status_code: Scalar,
}

/// A page of anything.
#[derive(Debug, Deserialize)]
pub struct Listing<'a> {
    #[serde(default)]
    pub total: Scalar,
    #[serde(borrow)]
    pub elements: Bounded<&'a RawValue, MAX_ITEMS>,
}

/// The data of a search for events or groups, or of the list of upcoming events.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Listings<'a> {
    #[serde(borrow)]
    pub search_events: Maybe<Listing<'a>>,
    #[serde(borrow)]
    pub search_groups: Maybe<Listing<'a>>,
    #[serde(borrow)]
    pub events: Maybe<Listing<'a>>,
    #[serde(borrow)]
    pub edited: Maybe<Listing<'a>>,
    #[serde(borrow)]
    pub newest: Maybe<Listing<'a>>,
    #[serde(borrow)]
    pub cancelled: Maybe<Listing<'a>>,
}

/// The data of the question about its settings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub config: Maybe<Config>,
}

/// Of `config`, what the crawl goes by.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Config {
    pub name: Scalar,
    pub version: Scalar,
    pub instance_feeds: Maybe<Feeds>,
    pub search: Maybe<Search>,
}

/// Whether there are feeds of the whole instance.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Feeds {
    pub enabled: Scalar,
}

/// How its search works.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Search {
    pub global: Maybe<GlobalSearch>,
}

/// Whether a global index answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GlobalSearch {
    pub is_enabled: Scalar,
    pub is_default: Scalar,
}

/// An event, whole or with the few fields of a look.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    #[serde(rename = "__typename")]
    pub typename: Scalar,
    pub uuid: Scalar,
    pub url: Scalar,
    pub local: Scalar,
    pub visibility: Scalar,
    pub draft: Scalar,
    pub status: Scalar,
    pub title: Scalar,
    pub description: Scalar,
    pub begins_on: Scalar,
    pub ends_on: Scalar,
    pub publish_at: Scalar,
    pub updated_at: Scalar,
    pub join_options: Scalar,
    pub external_participation_url: Scalar,
    pub category: Scalar,
    pub language: Scalar,
    pub online_address: Scalar,
    pub picture: Maybe<Media>,
    pub physical_address: Maybe<Address>,
    pub organizer_actor: Maybe<Actor>,
    pub attributed_to: Maybe<Actor>,
    pub tags: Bounded<Maybe<Tag>, MAX_LIST>,
    pub metadata: Bounded<Maybe<Fact>, MAX_LIST>,
    pub participant_stats: Maybe<ParticipantStats>,
    pub options: Maybe<Options>,
}

/// A picture.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Media {
    pub url: Scalar,
    pub metadata: Maybe<MediaSize>,
}

/// Its size.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MediaSize {
    pub width: Scalar,
    pub height: Scalar,
}

/// A place.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Address {
    pub url: Scalar,
    pub description: Scalar,
    pub street: Scalar,
    pub locality: Scalar,
    pub postal_code: Scalar,
    pub region: Scalar,
    pub country: Scalar,
    pub geom: Scalar,
    pub timezone: Scalar,
}

/// A person, a group or the instance itself, within an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Actor {
    pub url: Scalar,
    #[serde(rename = "type")]
    pub kind: Scalar,
    pub preferred_username: Scalar,
    pub name: Scalar,
    pub domain: Scalar,
    pub summary: Scalar,
    pub suspended: Scalar,
    pub avatar: Maybe<Media>,
}

/// A tag.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tag {
    pub title: Scalar,
}

/// A further fact about an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fact {
    pub key: Scalar,
    pub value: Scalar,
}

/// Who comes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ParticipantStats {
    pub participant: Scalar,
}

/// How an event is held and shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    pub maximum_attendee_capacity: Scalar,
    pub anonymous_participation: Scalar,
    pub show_start_time: Scalar,
    pub show_end_time: Scalar,
    pub timezone: Scalar,
    pub is_online: Scalar,
    pub hide_organizer_when_group_event: Scalar,
    pub hide_number_of_participants: Scalar,
}

/// A group.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Group {
    #[serde(rename = "__typename")]
    pub typename: Scalar,
    pub url: Scalar,
    #[serde(rename = "type")]
    pub kind: Scalar,
    pub name: Scalar,
    pub domain: Scalar,
    pub local: Scalar,
    pub summary: Scalar,
    pub preferred_username: Scalar,
    pub visibility: Scalar,
    pub openness: Scalar,
    pub suspended: Scalar,
    pub avatar: Maybe<Media>,
    pub banner: Maybe<Media>,
    pub followers_count: Scalar,
    pub members_count: Scalar,
    pub physical_address: Maybe<Address>,
    pub organized_events: Maybe<Total>,
}

/// How many there are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Total {
    pub total: Scalar,
}
