//! What rules can ask of a document, taken from what is indexed of it.

use std::sync::LazyLock;

use allowlist::rules::RecordKind;
use journal::{Body, Entry, Kind};
use tantivy::TantivyDocument;
use tantivy::schema::{Field, Value};

use crate::document::document_of;
use crate::error::Error;
use crate::geography::GeoPoint;
use crate::schema::Fields;

/// The handles of the fields; building them builds every schema.
static FIELDS: LazyLock<Fields> = LazyLock::new(Fields::build);

/// The facts of one document that rules ask for: the very terms and numbers that are indexed, so that what is decided when it is
/// indexed and what is decided when it is read cannot differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// What it is.
    pub kind: RecordKind,
    /// `video/{host}/{uuid}` and so on.
    pub key: String,
    /// The title or display name, for people.
    pub title: String,
    /// The origin.
    pub host: String,
    /// The language term, as indexed; `None` for kinds without languages.
    pub language: Option<String>,
    /// The id of a video's category.
    pub video_category: Option<i64>,
    /// The name of an event's category.
    pub event_category: Option<String>,
    /// The id of a video's licence.
    pub licence: Option<i64>,
    /// Folded whole tags.
    pub tags: Vec<String>,
    /// The account, owner or organiser.
    pub account: Option<String>,
    /// The channel, or the handle of a channel itself.
    pub channel: Option<String>,
    /// The group, or the handle of a group itself.
    pub group: Option<String>,
    /// Whether a video is not safe for work; `None` for other kinds.
    pub nsfw: Option<bool>,
    /// The bits of a video's flags.
    pub nsfw_flags: u32,
    /// The length of a video in seconds.
    pub duration_s: Option<u64>,
    /// When a video was published or an event is over, milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// Where an event takes place or a group is at home.
    pub point: Option<GeoPoint>,
    /// Title, scored description (empty where there is none), tags and names, each by itself: words of two of them are not side by
    /// side.
    pub(super) texts: Vec<String>,
    /// What follows the scored part of the description; empty where nothing does.
    pub(super) rest: String,
}

impl Facts {
    /// The facts of the record of a journal entry, `None` for a tombstone.
    ///
    /// # Errors
    /// [`Error::Document`].
    pub fn of_entry(entry: &Entry) -> Result<Option<Self>, Error> {
        let id = entry.id();
        if matches!(entry.body, Body::Tombstone { .. }) {
            return Ok(None);
        }
        let document = document_of(&FIELDS, entry).map_err(|source| Error::Document { key: id.to_string(), source })?;
        Ok(document.map(|document| Self::of(id.kind, &FIELDS, &document)))
    }

    /// The facts of a document that is about to be indexed.
    pub(crate) fn of(kind: Kind, fields: &Fields, document: &TantivyDocument) -> Self {
        match kind {
            Kind::Video => {
                let of = &fields.video;
                Self {
                    language: text(document, of.language),
                    video_category: number(document, of.category),
                    licence: number(document, of.licence),
                    tags: texts(document, of.tag).collect(),
                    account: text(document, of.account),
                    channel: text(document, of.channel_handle),
                    nsfw: Some(count(document, of.nsfw) == Some(1)),
                    nsfw_flags: document
                        .get_all(of.nsfw_flag)
                        .filter_map(|bit| u32::try_from(bit.as_u64()?).ok())
                        .fold(0, |bits, bit| bits | bit),
                    duration_s: count(document, of.duration),
                    at_ms: number(document, of.published_at),
                    rest: text(document, of.description_rest).unwrap_or_default(),
                    ..Self::plain(
                        RecordKind::Video,
                        document,
                        &[of.key, of.host, of.title, of.description],
                        &[of.tags, of.channel],
                    )
                }
            }
            Kind::Channel => {
                let of = &fields.channel;
                Self {
                    account: text(document, of.account),
                    channel: text(document, of.handle),
                    ..Self::plain(
                        RecordKind::Channel,
                        document,
                        &[of.key, of.host, of.title, of.description],
                        &[of.channel],
                    )
                }
            }
            Kind::Playlist => {
                let of = &fields.playlist;
                Self {
                    account: text(document, of.account),
                    channel: text(document, of.channel_handle),
                    ..Self::plain(
                        RecordKind::Playlist,
                        document,
                        &[of.key, of.host, of.title, of.description],
                        &[of.channel],
                    )
                }
            }
            Kind::Event => {
                let of = &fields.event;
                Self {
                    language: text(document, of.language),
                    event_category: text(document, of.category),
                    tags: texts(document, of.tag).collect(),
                    account: text(document, of.account),
                    group: text(document, of.group_handle),
                    at_ms: number(document, of.over_at),
                    point: point(document, of.lat_e7, of.lon_e7),
                    rest: text(document, of.description_rest).unwrap_or_default(),
                    ..Self::plain(
                        RecordKind::Event,
                        document,
                        &[of.key, of.host, of.title, of.description],
                        &[of.tags, of.organizer],
                    )
                }
            }
            Kind::Group => {
                let of = &fields.group;
                Self {
                    language: text(document, of.language),
                    group: text(document, of.handle),
                    point: point(document, of.lat_e7, of.lon_e7),
                    ..Self::plain(
                        RecordKind::Group,
                        document,
                        &[of.key, of.host, of.title, of.description],
                        &[of.organizer],
                    )
                }
            }
        }
    }

    /// The scored part of the description.
    pub(super) fn scored(&self) -> &str {
        self.texts.get(1).map(String::as_str).unwrap_or_default()
    }

    /// What every kind has: `common` are the fields of key, host, title and description, `words` those of other words.
    fn plain(kind: RecordKind, document: &TantivyDocument, common: &[Field; 4], words: &[Field]) -> Self {
        let [key, host, title, description] = *common;
        let read = |field| text(document, field).unwrap_or_default();
        let (title, scored) = (read(title), read(description));
        let mut all = vec![title.clone(), scored];
        all.extend(words.iter().flat_map(|field| texts(document, *field)));
        Self {
            kind,
            key: read(key),
            title,
            host: read(host),
            language: None,
            video_category: None,
            event_category: None,
            licence: None,
            tags: Vec::new(),
            account: None,
            channel: None,
            group: None,
            nsfw: None,
            nsfw_flags: 0,
            duration_s: None,
            at_ms: None,
            point: None,
            texts: all,
            rest: String::new(),
        }
    }
}

fn texts(document: &TantivyDocument, field: Field) -> impl Iterator<Item = String> {
    document.get_all(field).filter_map(|value| value.as_str().map(str::to_owned))
}

fn text(document: &TantivyDocument, field: Field) -> Option<String> {
    texts(document, field).next()
}

fn number(document: &TantivyDocument, field: Field) -> Option<i64> {
    document.get_first(field).and_then(|value| value.as_i64())
}

fn count(document: &TantivyDocument, field: Field) -> Option<u64> {
    document.get_first(field).and_then(|value| value.as_u64())
}

fn point(document: &TantivyDocument, lat_e7: Field, lon_e7: Field) -> Option<GeoPoint> {
    GeoPoint::from_e7(number(document, lat_e7)?, number(document, lon_e7)?)
}
