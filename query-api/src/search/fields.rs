//! Which fields and columns each kind is searched by, and what they weigh (docs/ranking.md).

use indexer::schema::{ChannelFields, EventFields, GroupFields, PlaylistFields, VideoFields};
use tantivy::schema::Field;

/// What a word is worth where it stands; the proportions of SepiaSearch.
pub(super) const TITLE: f32 = 5.0;
pub(super) const TAGS: f32 = 3.0;
const NAMES: f32 = 2.0;
pub(super) const DESCRIPTION: f32 = 1.0;
/// A longer word that begins like the last one. A constant for all of them together, below what a rare word scores: one
/// set of documents costs a fraction of fifty scored terms.
const TITLE_COMPLETION: f32 = 1.5;
const OTHER_COMPLETION: f32 = 1.0;
/// Terms that may complete a last word, in titles and in tags or names.
const MAX_TITLE_COMPLETIONS: usize = 40;
const MAX_OTHER_COMPLETIONS: usize = 10;

/// The fields of one kind by what they do in a search.
#[derive(Clone)]
pub(super) struct KindFields {
    /// The key of the document.
    pub key: Field,
    /// The stored part.
    pub doc: Field,
    /// Title or display name.
    pub title: Field,
    /// The beginning of the description.
    pub description: Field,
    /// What follows it.
    pub description_rest: Option<Field>,
    pub title_stem: Field,
    pub description_stem: Field,
    /// Where a word is scored, with its weight: title and description too.
    pub words: Vec<(Field, f32)>,
    /// Whole tags.
    pub tag: Option<Field>,
    /// Where longer words are looked up.
    pub completed: Vec<Completed>,
    /// What a UUID names.
    pub uuid: Option<Field>,
    /// What `name@host` names.
    pub handle: Option<Field>,
    pub host: Field,
    pub columns: KindColumns,
}

/// Where longer words that begin like the last one are looked up.
#[derive(Clone, Copy)]
pub(super) struct Completed {
    pub field: Field,
    pub limit: usize,
    /// What all of them together are worth.
    pub score: f32,
}

/// The columns of one kind that stand for the same in every kind.
#[derive(Clone, Copy)]
pub(super) struct KindColumns {
    /// What the newest are the greatest of; the start of events.
    pub date: &'static str,
    /// Creation; the publication of events.
    pub created_at: &'static str,
    /// Views, followers, length, participants or members.
    pub popularity: &'static str,
    /// What else there is.
    pub own: OwnColumns,
}

/// Columns that not every kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnColumns {
    /// None.
    None,
    /// Those of videos, languages among them.
    Videos,
    /// Ends and languages.
    Events,
    /// Numbers of events and languages.
    Groups,
}

fn completed(title: Field, other: Option<Field>) -> Vec<Completed> {
    let title = Completed { field: title, limit: MAX_TITLE_COMPLETIONS, score: TITLE_COMPLETION };
    let other = other.map(|field| Completed { field, limit: MAX_OTHER_COMPLETIONS, score: OTHER_COMPLETION });
    std::iter::once(title).chain(other).collect()
}

impl From<&VideoFields> for KindFields {
    fn from(fields: &VideoFields) -> Self {
        Self {
            key: fields.key,
            doc: fields.doc,
            title: fields.title,
            description: fields.description,
            description_rest: Some(fields.description_rest),
            title_stem: fields.title_stem,
            description_stem: fields.description_stem,
            words: vec![
                (fields.title, TITLE),
                (fields.tags, TAGS),
                (fields.channel, NAMES),
                (fields.description, DESCRIPTION),
            ],
            tag: Some(fields.tag),
            completed: completed(fields.title, Some(fields.tags)),
            uuid: Some(fields.uuid),
            handle: None,
            host: fields.host,
            columns: KindColumns {
                date: "published_at",
                created_at: "created_at",
                popularity: "views",
                own: OwnColumns::Videos,
            },
        }
    }
}

impl From<&ChannelFields> for KindFields {
    fn from(fields: &ChannelFields) -> Self {
        Self {
            key: fields.key,
            doc: fields.doc,
            title: fields.title,
            description: fields.description,
            description_rest: None,
            title_stem: fields.title_stem,
            description_stem: fields.description_stem,
            words: vec![(fields.title, TITLE), (fields.channel, NAMES), (fields.description, DESCRIPTION)],
            tag: None,
            completed: completed(fields.title, Some(fields.channel)),
            uuid: None,
            handle: Some(fields.handle),
            host: fields.host,
            columns: KindColumns {
                date: "updated_at",
                created_at: "created_at",
                popularity: "followers",
                own: OwnColumns::None,
            },
        }
    }
}

impl From<&PlaylistFields> for KindFields {
    fn from(fields: &PlaylistFields) -> Self {
        Self {
            key: fields.key,
            doc: fields.doc,
            title: fields.title,
            description: fields.description,
            description_rest: None,
            title_stem: fields.title_stem,
            description_stem: fields.description_stem,
            words: vec![(fields.title, TITLE), (fields.channel, NAMES), (fields.description, DESCRIPTION)],
            tag: None,
            completed: completed(fields.title, None),
            uuid: Some(fields.uuid),
            handle: None,
            host: fields.host,
            columns: KindColumns {
                date: "updated_at",
                created_at: "created_at",
                popularity: "length",
                own: OwnColumns::None,
            },
        }
    }
}

impl From<&EventFields> for KindFields {
    fn from(fields: &EventFields) -> Self {
        Self {
            key: fields.key,
            doc: fields.doc,
            title: fields.title,
            description: fields.description,
            description_rest: Some(fields.description_rest),
            title_stem: fields.title_stem,
            description_stem: fields.description_stem,
            words: vec![
                (fields.title, TITLE),
                (fields.tags, TAGS),
                (fields.organizer, NAMES),
                (fields.place, NAMES),
                (fields.description, DESCRIPTION),
            ],
            tag: Some(fields.tag),
            completed: completed(fields.title, Some(fields.tags)),
            uuid: Some(fields.uuid),
            handle: Some(fields.group_handle),
            host: fields.host,
            columns: KindColumns {
                date: "starts_at",
                created_at: "published_at",
                popularity: "participants",
                own: OwnColumns::Events,
            },
        }
    }
}

impl From<&GroupFields> for KindFields {
    fn from(fields: &GroupFields) -> Self {
        Self {
            key: fields.key,
            doc: fields.doc,
            title: fields.title,
            description: fields.description,
            description_rest: None,
            title_stem: fields.title_stem,
            description_stem: fields.description_stem,
            words: vec![
                (fields.title, TITLE),
                (fields.organizer, NAMES),
                (fields.place, NAMES),
                (fields.description, DESCRIPTION),
            ],
            tag: None,
            completed: completed(fields.title, Some(fields.organizer)),
            uuid: None,
            handle: Some(fields.handle),
            host: fields.host,
            columns: KindColumns {
                date: "created_at",
                created_at: "created_at",
                popularity: "members",
                own: OwnColumns::Groups,
            },
        }
    }
}
