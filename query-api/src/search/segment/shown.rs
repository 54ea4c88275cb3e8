//! What of a segment may be shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::bits::Bits;
use super::super::shown::Shown;
use super::Segment;

impl Segment {
    /// Whether a document is living and may be shown: what rules or moderators hide is as deleted.
    #[inline]
    pub fn is_alive(&self, doc: u32) -> bool {
        match &self.shown {
            Some(shown) => shown.bits.contains(doc),
            None => self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(doc)),
        }
    }

    /// What may be shown; `None` where that is every living document.
    pub fn shown(&self) -> Option<&Arc<Shown>> {
        self.shown.as_ref()
    }

    /// Whether every document that was ever written to it may be shown.
    pub fn is_whole(&self) -> bool {
        self.shown.is_none() && self.reader.alive_bitset().is_none()
    }

    /// Documents that are living and may be shown.
    pub fn n_living_docs(&self) -> usize {
        self.shown.as_ref().map_or(self.reader.num_docs() as usize, |shown| shown.count)
    }

    /// Every living document, whether it may be shown or not.
    pub fn undeleted(&self) -> Bits {
        let Some(alive) = self.reader.alive_bitset() else {
            return Bits::all(self.n_docs());
        };
        let mut living = Bits::none(self.n_docs());
        alive.iter_alive().for_each(|doc| living.insert(doc));
        living
    }

    /// Leaves of `bits` what may be shown.
    pub fn retain_shown(&self, bits: &mut Bits) {
        match &self.shown {
            Some(shown) => bits.intersect(&shown.bits),
            None if self.reader.alive_bitset().is_some() => bits.intersect(&self.undeleted()),
            None => {}
        }
    }

    /// Sets what may be shown: a part of its living documents. What `previous` showed of the same segment keeps its number, so that
    /// sets that were built for it are found again.
    pub fn show(&mut self, bits: Bits, previous: Option<&Self>) {
        let count = bits.count();
        if count == self.reader.num_docs() as usize {
            self.shown = None;
            return;
        }
        let known = previous.filter(|previous| previous.key == self.key).and_then(|previous| previous.shown.as_ref());
        self.shown = Some(match known {
            Some(known) if known.bits == bits => Arc::clone(known),
            _ => Arc::new(Shown::new(bits, count)),
        });
    }

    /// The factor that rules put on the relevance of a document.
    #[inline]
    pub fn boost(&self, doc: u32) -> f32 {
        self.boosts.as_ref().map_or(1.0, |boosts| boosts.of(doc))
    }

    /// The greatest of [`Self::boost`], at least 1.
    pub fn max_boost(&self) -> f32 {
        self.boosts.as_ref().map_or(1.0, |boosts| boosts.max())
    }

    /// The hosts of its documents that may be shown. A host of which only others are left is not among them.
    pub fn hosts(&self) -> Vec<String> {
        let Ok(Some(column)) = self.reader.fast_fields().str("host") else {
            return Vec::new();
        };
        let living = (0..self.n_docs()).filter(|doc| self.is_alive(*doc));
        let ords: BTreeSet<u64> = living.filter_map(|doc| column.ords().first(doc)).collect();
        let name_of = |ord| {
            let mut name = String::new();
            column.ord_to_str(ord, &mut name).is_ok_and(|found| found).then_some(name)
        };
        ords.into_iter().filter_map(name_of).collect()
    }
}
