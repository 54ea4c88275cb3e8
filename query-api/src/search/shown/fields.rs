//! Where each kind has what rules ask for.

use allowlist::rules::RecordKind;
use indexer::snapshot::Snapshot;
use tantivy::schema::Field;

use crate::search::filter::RangeColumn;

/// The fields of one kind by what rules call them; `None` for what the kind cannot have.
pub(super) struct RuleFields {
    pub kind: RecordKind,
    pub key: Field,
    pub doc: Field,
    pub host: Field,
    pub language: Option<Field>,
    pub video_category: Option<Field>,
    pub event_category: Option<Field>,
    pub licence: Option<Field>,
    /// Whole tags.
    pub tag: Option<Field>,
    pub account: Option<Field>,
    pub channel: Option<Field>,
    pub group: Option<Field>,
    pub nsfw: Option<Field>,
    pub nsfw_flag: Option<Field>,
    /// What `since` and `max_age` are compared with.
    pub date: Option<RangeColumn>,
    pub has_duration: bool,
    pub has_regions: bool,
    pub title: Field,
    pub description: Field,
    pub description_rest: Option<Field>,
    /// Words of tags, without positions.
    pub tags: Option<Field>,
    /// Words of names, without positions.
    pub names: Field,
}

impl RuleFields {
    pub fn of(snapshot: &Snapshot, kind: RecordKind) -> Self {
        match kind {
            RecordKind::Video => {
                let fields = &snapshot.video_fields;
                Self {
                    language: Some(fields.language),
                    video_category: Some(fields.category),
                    licence: Some(fields.licence),
                    tag: Some(fields.tag),
                    account: Some(fields.account),
                    channel: Some(fields.channel_handle),
                    nsfw: Some(fields.nsfw),
                    nsfw_flag: Some(fields.nsfw_flag),
                    date: Some(RangeColumn::PublishedAt),
                    has_duration: true,
                    description_rest: Some(fields.description_rest),
                    tags: Some(fields.tags),
                    ..Self::plain(
                        kind,
                        (fields.key, fields.doc, fields.host),
                        (fields.title, fields.description, fields.channel),
                    )
                }
            }
            RecordKind::Channel => {
                let fields = &snapshot.channel_fields;
                Self {
                    account: Some(fields.account),
                    channel: Some(fields.handle),
                    ..Self::plain(
                        kind,
                        (fields.key, fields.doc, fields.host),
                        (fields.title, fields.description, fields.channel),
                    )
                }
            }
            RecordKind::Playlist => {
                let fields = &snapshot.playlist_fields;
                Self {
                    account: Some(fields.account),
                    channel: Some(fields.channel_handle),
                    ..Self::plain(
                        kind,
                        (fields.key, fields.doc, fields.host),
                        (fields.title, fields.description, fields.channel),
                    )
                }
            }
            RecordKind::Event => {
                let fields = &snapshot.event_fields;
                Self {
                    language: Some(fields.language),
                    event_category: Some(fields.category),
                    tag: Some(fields.tag),
                    account: Some(fields.account),
                    group: Some(fields.group_handle),
                    date: Some(RangeColumn::OverAt),
                    has_regions: true,
                    description_rest: Some(fields.description_rest),
                    tags: Some(fields.tags),
                    ..Self::plain(
                        kind,
                        (fields.key, fields.doc, fields.host),
                        (fields.title, fields.description, fields.organizer),
                    )
                }
            }
            RecordKind::Group => {
                let fields = &snapshot.group_fields;
                Self {
                    language: Some(fields.language),
                    group: Some(fields.handle),
                    has_regions: true,
                    ..Self::plain(
                        kind,
                        (fields.key, fields.doc, fields.host),
                        (fields.title, fields.description, fields.organizer),
                    )
                }
            }
        }
    }

    /// What every kind has.
    fn plain(
        kind: RecordKind,
        (key, doc, host): (Field, Field, Field),
        (title, description, names): (Field, Field, Field),
    ) -> Self {
        Self {
            kind,
            key,
            doc,
            host,
            language: None,
            video_category: None,
            event_category: None,
            licence: None,
            tag: None,
            account: None,
            channel: None,
            group: None,
            nsfw: None,
            nsfw_flag: None,
            date: None,
            has_duration: false,
            has_regions: false,
            title,
            description,
            description_rest: None,
            tags: None,
            names,
        }
    }

    /// Every field that a word may stand in. Places are not among them: a town is no theme.
    pub fn words(&self) -> impl Iterator<Item = Field> {
        [Some(self.title), Some(self.description), self.description_rest, self.tags, Some(self.names)]
            .into_iter()
            .flatten()
    }
}
