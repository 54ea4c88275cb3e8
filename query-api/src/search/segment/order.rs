//! What documents of a segment are ordered by.

use std::cmp::Reverse;

use indexer::geography::{GeoPoint, distance_m};

use super::super::fields::OwnColumns;
use super::super::rank;
use super::Segment;
use crate::query::SortKey;

impl Segment {
    /// The value that `key` sorts by, as a number of the same order. Names are only comparable within the segment.
    pub fn sort_value(&self, key: SortKey, doc: u32) -> u64 {
        let ordered = |value: Option<i64>| ordered(value.unwrap_or_default());
        match key {
            SortKey::Match | SortKey::PublishedAt | SortKey::StartTime => ordered(self.date.first(doc)),
            SortKey::CreatedAt => ordered(self.created_at.first(doc)),
            SortKey::OriginallyPublishedAt => ordered(self.original_or_published_at.first(doc)),
            SortKey::Duration => self.duration.first(doc).unwrap_or_default(),
            SortKey::Views | SortKey::Participants | SortKey::Members => self.popularity.first(doc).unwrap_or_default(),
            SortKey::Likes => self.likes.first(doc).unwrap_or_default(),
            SortKey::Hot => ordered(self.hot.first(doc)),
            // Asked of a request, which knows from where.
            SortKey::Distance | SortKey::Discovery => 0,
            SortKey::Name => self.name_key.as_ref().and_then(|names| names.ords().first(doc)).unwrap_or_default(),
        }
    }

    /// What comes first among documents that are equal otherwise, the greatest first: the earlier start of an event, the
    /// number of events of a group.
    #[inline]
    pub fn tie(&self, doc: u32) -> u64 {
        match self.own {
            OwnColumns::Events => !ordered(self.date_ms(doc)),
            OwnColumns::Groups => self.n_events.first(doc).unwrap_or_default(),
            OwnColumns::None | OwnColumns::Videos => 0,
        }
    }

    /// How popularity, time and the rules of the index bend the score of a document at `now_ms`.
    #[inline]
    pub fn factor(&self, now_ms: i64, doc: u32) -> f32 {
        let popularity = self.popularity.first(doc).unwrap_or_default();
        let boost = self.boost(doc);
        let date_ms = self.date_ms(doc);
        if self.own == OwnColumns::Events {
            let is_over = self.over_at.first(doc).is_some_and(|over_at| over_at < now_ms);
            return boost * rank::event_factor(popularity, (!is_over).then_some(date_ms.saturating_sub(now_ms)));
        }
        boost * rank::factor(popularity, now_ms.saturating_sub(date_ms))
    }

    /// How people, time, distance and the rules of the index bend the score of an event for who looks for something to do around `origin_ms`, near
    /// a point when there is one.
    #[inline]
    pub fn discovery_factor(&self, origin_ms: i64, near: Option<GeoPoint>, doc: u32) -> f32 {
        let distance = near.map(|near| {
            let point = self.points.as_ref().and_then(|points| points.of(doc));
            point.map(|point| distance_m(near, point))
        });
        let away_ms = self.date_ms(doc).saturating_sub(origin_ms);
        self.boost(doc) * rank::discovery_factor(self.popularity.first(doc).unwrap_or_default(), away_ms, distance)
    }

    /// The documents from the oldest to the newest, as [`Self::newest_first`]: events by their start.
    pub fn oldest_first(&self) -> &[u32] {
        self.oldest_first.get_or_init(|| {
            let mut keyed: Vec<(i64, u64, u32)> =
                (0..self.n_docs()).map(|doc| (self.date_ms(doc), self.hash(doc), doc)).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|(_, _, doc)| doc).collect()
        })
    }

    /// Builds the orders that visitors of this kind see most.
    pub fn warm(&self) {
        self.newest_first();
        if self.own == OwnColumns::Events {
            self.oldest_first();
        }
    }

    /// The documents from the newest to the oldest, deleted ones included; equal dates by hash. Sorted when first
    /// wanted: about a tenth of a second for a million.
    pub fn newest_first(&self) -> &[u32] {
        self.newest_first.get_or_init(|| {
            let mut keyed: Vec<(Reverse<i64>, u64, u32)> =
                (0..self.n_docs()).map(|doc| (Reverse(self.date_ms(doc)), self.hash(doc), doc)).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|(_, _, doc)| doc).collect()
        })
    }
}

/// A signed number as an unsigned one of the same order.
#[inline]
pub(in crate::search) fn ordered(value: i64) -> u64 {
    value.cast_unsigned() ^ (1 << 63)
}
