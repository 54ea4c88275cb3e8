//! One segment with everything that searching it needs, opened once.

mod order;
mod sets;
mod shown;
mod terms;

pub(super) use order::ordered;
pub(super) use sets::{FilterSet, SetCache, set_cache};

use std::sync::{Arc, OnceLock};

use tantivy::SegmentReader;
use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;

use super::fields::{KindColumns, OwnColumns};
use super::geo::Points;
use super::shown::{Boosts, Owners, Shown};

/// A segment as of one set of deletes: what was computed for it holds in every generation that has it so.
pub(super) type SegmentKey = (SegmentId, Option<u64>);

pub(super) struct Segment {
    pub reader: SegmentReader,
    pub ord: u32,
    key: SegmentKey,
    pub key_hash: Column<u64>,
    /// When a video was published, when an event starts, or when anything else last changed.
    pub date: Column<i64>,
    created_at: Column<i64>,
    /// Views, followers, length, participants or members.
    pub popularity: Column<u64>,
    own: OwnColumns,
    /// When an event is over; empty for other kinds.
    over_at: Column<i64>,
    /// What occurrences of the same event share; empty for other kinds.
    series: Column<u64>,
    /// Events of a group; empty for other kinds.
    n_events: Column<u64>,
    /// Where events take place and groups are at home; `None` for other kinds.
    pub points: Option<Points>,
    // The columns of videos stay empty for other kinds: an empty column has no value for any document.
    originally_published_at: Column<i64>,
    original_or_published_at: Column<i64>,
    duration: Column<u64>,
    likes: Column<u64>,
    hot: Column<i64>,
    pub name_key: Option<StrColumn>,
    language: Option<StrColumn>,
    newest_first: OnceLock<Arc<[u32]>>,
    oldest_first: OnceLock<Arc<[u32]>>,
    /// What of it may be shown; `None` where that is every living document.
    shown: Option<Arc<Shown>>,
    /// What the rules for single documents hide, deleted ones included; `None` for nothing.
    pub hidden: Option<Arc<super::bits::Bits>>,
    /// Factors on relevance; `None` where all are 1.
    pub boosts: Option<Arc<Boosts>>,
    /// Who publishes its documents; read where rules ask for it.
    pub owners: OnceLock<Arc<Owners>>,
}

impl Segment {
    pub fn open(reader: &SegmentReader, ord: u32, kind: KindColumns) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let n_docs = reader.max_doc();
        let own_i64 =
            |of, name| if kind.own == of { columns.i64(name) } else { Ok(Column::build_empty_column(n_docs)) };
        let own_u64 =
            |of, name| if kind.own == of { columns.u64(name) } else { Ok(Column::build_empty_column(n_docs)) };
        let of_videos_i64 = |name| own_i64(OwnColumns::Videos, name);
        let of_videos_u64 = |name| own_u64(OwnColumns::Videos, name);
        Ok(Self {
            ord,
            key: (reader.segment_id(), reader.delete_opstamp()),
            key_hash: columns.u64("key_hash")?,
            date: columns.i64(kind.date)?,
            created_at: columns.i64(kind.created_at)?,
            popularity: columns.u64(kind.popularity)?,
            own: kind.own,
            over_at: own_i64(OwnColumns::Events, "over_at")?,
            series: own_u64(OwnColumns::Events, "series")?,
            n_events: own_u64(OwnColumns::Groups, "events")?,
            points: match kind.own {
                OwnColumns::Events | OwnColumns::Groups => Some(Points::open(reader)?),
                OwnColumns::None | OwnColumns::Videos => None,
            },
            originally_published_at: of_videos_i64("originally_published_at")?,
            original_or_published_at: of_videos_i64("original_or_published_at")?,
            duration: of_videos_u64("duration")?,
            likes: of_videos_u64("likes")?,
            hot: of_videos_i64("hot")?,
            name_key: columns.str("name_key")?,
            language: if kind.own == OwnColumns::None { None } else { columns.str("language")? },
            newest_first: OnceLock::new(),
            oldest_first: OnceLock::new(),
            shown: None,
            hidden: None,
            boosts: None,
            owners: OnceLock::new(),
            reader: reader.clone(),
        })
    }

    /// Takes over what `other` computed, when it is the same segment of an earlier generation.
    pub fn inherit(&self, other: &Self) {
        if self.key.0 != other.key.0 {
            return;
        }
        for (order, known) in [(&self.newest_first, &other.newest_first), (&self.oldest_first, &other.oldest_first)] {
            if let Some(known) = known.get() {
                // An order that was built meanwhile is the same one.
                let _ = order.set(Arc::clone(known));
            }
        }
        if let Some(known) = other.owners.get() {
            let _ = self.owners.set(Arc::clone(known));
        }
    }

    /// The segment with its deletes.
    pub fn key(&self) -> SegmentKey {
        self.key
    }

    pub fn n_docs(&self) -> u32 {
        self.reader.max_doc()
    }

    pub fn hash(&self, doc: u32) -> u64 {
        self.key_hash.first(doc).unwrap_or_default()
    }

    /// What an event shares with the other occurrences of it.
    pub fn series(&self, doc: u32) -> Option<u64> {
        self.series.first(doc)
    }

    pub fn date_ms(&self, doc: u32) -> i64 {
        self.date.first(doc).unwrap_or_default()
    }

    /// When it was created, or an event published.
    pub fn created_ms(&self, doc: u32) -> i64 {
        self.created_at.first(doc).unwrap_or_default()
    }

    /// Which language terms of this segment are in `languages`, by ordinal; for the language factor.
    pub fn language_test(&self, languages: &[String]) -> tantivy::Result<LanguageTest<'_>> {
        let mut wanted = Vec::new();
        if let Some(column) = &self.language {
            for language in languages {
                if let Some(ord) = column.dictionary().term_ord(language)? {
                    wanted.push(ord);
                }
            }
        }
        Ok(LanguageTest { column: self.language.as_ref(), wanted })
    }
}

/// Whether documents are in one of some languages.
pub(super) struct LanguageTest<'a> {
    column: Option<&'a StrColumn>,
    wanted: Vec<u64>,
}

impl LanguageTest<'_> {
    #[inline]
    pub fn passes(&self, doc: u32) -> bool {
        self.column.and_then(|column| column.ords().first(doc)).is_some_and(|ord| self.wanted.contains(&ord))
    }
}
