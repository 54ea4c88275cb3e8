//! Every field of every index, and why it is there. Fields that mean the same have the same name in every kind.

mod channel;
mod event;
mod group;
mod playlist;
mod video;

pub use channel::ChannelFields;
pub use event::{EVENT_CATEGORIES, EventFields};
pub use group::GroupFields;
pub use playlist::PlaylistFields;
pub use video::VideoFields;

use journal::Kind;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};

/// Kinds that have an index.
pub const INDEXED_KINDS: [Kind; 5] = [Kind::Video, Kind::Channel, Kind::Playlist, Kind::Event, Kind::Group];

/// Handles of the fields of every index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) video: VideoFields,
    pub(crate) channel: ChannelFields,
    pub(crate) playlist: PlaylistFields,
    pub(crate) event: EventFields,
    pub(crate) group: GroupFields,
}

impl Fields {
    pub(crate) fn build() -> Self {
        Self {
            video: VideoFields::build().1,
            channel: ChannelFields::build().1,
            playlist: PlaylistFields::build().1,
            event: EventFields::build().1,
            group: GroupFields::build().1,
        }
    }
}

/// The schema of a kind, with its field for the key.
pub(crate) fn schema_of(kind: Kind) -> (Schema, Field) {
    match kind {
        Kind::Video => {
            let (schema, fields) = VideoFields::build();
            (schema, fields.key)
        }
        Kind::Channel => {
            let (schema, fields) = ChannelFields::build();
            (schema, fields.key)
        }
        Kind::Playlist => {
            let (schema, fields) = PlaylistFields::build();
            (schema, fields.key)
        }
        Kind::Event => {
            let (schema, fields) = EventFields::build();
            (schema, fields.key)
        }
        Kind::Group => {
            let (schema, fields) = GroupFields::build();
            (schema, fields.key)
        }
    }
}

/// Grows with any change of a field of any kind, of its analysis or of the stored form. A snapshot of another version is refused
/// and rebuilt from the journal.
pub const SCHEMA_VERSION: u32 = 3;

/// Name of the folding tokenizer, see [`crate::analysis`].
pub const FOLD: &str = "fold";

/// The term of the field `language` for records that name none.
pub const UNKNOWN_LANGUAGE: &str = "_unknown";

/// Text that is folded into words.
fn folded(record: IndexRecordOption) -> TextOptions {
    TextOptions::default()
        .set_indexing_options(TextFieldIndexing::default().set_tokenizer(FOLD).set_index_option(record))
}
