//! What of a generation may be shown.
//!
//! Rules of the operator and decisions of moderators are layers of one [`Ruling`]; a document is shown when every layer shows
//! it. For each segment that becomes a set of documents in the place of the engine's living ones, so what is hidden is as
//! deleted for every route. Where a ruling hides nothing of a segment there is no set, and nothing costs anything.

mod boost;
mod condition;
mod containers;
mod counts;
mod fields;
mod floods;
mod owners;
mod phrase;
mod ruling;

pub(super) use boost::Boosts;
pub(super) use counts::SetLevel;
pub use counts::{HiddenCounts, HiddenReason, KindTotals};
pub(super) use owners::Owners;
pub use ruling::Ruling;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allowlist::rules::RecordKind;
use indexer::inclusion::ReadyLayer;
use tantivy::SegmentReader;

use self::condition::{Hiding, hidings};
use self::fields::RuleFields;
use super::SearchIndex;
use super::bits::Bits;
use super::kind::KindIndex;
use super::segment::Segment;
use crate::error::Error;

/// The next number of a set or a ruling; 0 stands for none.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

fn next_number() -> u64 {
    NEXT_NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// The documents of a segment that are living and may be shown.
#[derive(Debug)]
pub(super) struct Shown {
    pub bits: Bits,
    pub count: usize,
    /// No other set of this process has it: what is computed of the set is remembered by it.
    pub number: u64,
}

impl Shown {
    pub fn new(bits: Bits, count: usize) -> Self {
        Self { bits, count, number: next_number() }
    }
}

/// The ruling on one kind, lowered.
struct KindRuling {
    fields: RuleFields,
    hidings: Vec<Hiding>,
}

impl KindRuling {
    fn new(index: &SearchIndex, kind: RecordKind) -> Self {
        let fields = RuleFields::of(&index.snapshot, kind);
        let now_ms = Ruling::hour_ms(&index.snapshot.manifest);
        let hidings = index.ruling.layers().iter().flat_map(|layer| hidings(layer, &fields, now_ms)).collect();
        Self { fields, hidings }
    }
}

impl SearchIndex {
    /// Applies the ruling. What `previous` knew of the same segments under the same ruling is taken over.
    pub(super) fn rule(&mut self, previous: Option<&Self>) -> tantivy::Result<()> {
        if self.ruling.asks_nothing() {
            return Ok(());
        }
        let now_ms = Ruling::hour_ms(&self.snapshot.manifest);
        let is_same_hour = |previous: &Self| Ruling::hour_ms(&previous.snapshot.manifest) == now_ms;
        let same = previous.filter(|previous| {
            previous.ruling.number() == self.ruling.number()
                && (!self.ruling.depends_on_time() || is_same_hour(previous))
        });
        let mut shown = Vec::with_capacity(RecordKind::ALL.len());
        for kind in RecordKind::ALL {
            let ruling = KindRuling::new(self, kind);
            let layers = Arc::clone(self.ruling.layers());
            let known = same.map(|same| same.kind(kind));
            let index = self.kind_mut(kind);
            for segment in &mut index.segments {
                let known =
                    known.and_then(|known| known.segments.iter().find(|known| known.key().0 == segment.key().0));
                match known {
                    Some(known) => (segment.hidden, segment.boosts) = (known.hidden.clone(), known.boosts.clone()),
                    None => judge(segment, &ruling, &layers, now_ms)?,
                }
            }
            shown.push(index.segments.iter().map(left).collect::<Vec<Bits>>());
        }
        self.rule_sets(&mut shown)?;
        for (kind, shown) in RecordKind::ALL.into_iter().zip(shown) {
            let known = previous.map(|previous| previous.kind(kind));
            for (segment, bits) in self.kind_mut(kind).segments.iter_mut().zip(shown) {
                let known = known.and_then(|known| known.segments.iter().find(|known| known.key() == segment.key()));
                segment.show(bits, known);
            }
        }
        Ok(())
    }

    /// Applies what depends on other documents: floods first, so that a container is judged by what is left in it.
    fn rule_sets(&mut self, shown: &mut [Vec<Bits>]) -> tantivy::Result<()> {
        let [videos, channels, playlists, events, groups] = shown else { return Ok(()) };
        let mut found = SetLevel::default();
        if let Some(limit) = self.ruling.videos_per_channel_and_day() {
            found.floods.videos =
                floods::of_videos(&self.videos, RuleFields::of(&self.snapshot, RecordKind::Video), videos, limit)?;
        }
        if let Some(limit) = self.ruling.events_per_organizer_and_day() {
            found.floods.events =
                floods::of_events(&self.events, RuleFields::of(&self.snapshot, RecordKind::Event), events, limit)?;
        }
        if self.ruling.asks_of_videos() {
            let (n_channels, n_playlists) = self.empty_of_videos(videos, channels, playlists)?;
            found.containers.channels = n_channels;
            found.containers.playlists = n_playlists;
        }
        if self.ruling.asks_of_events() {
            found.containers.groups = self.empty_of_events(events, groups)?;
        }
        self.set_level = found;
        Ok(())
    }

    /// Hands over each segment of a kind, with a test of what of it may be shown where that is not everything.
    ///
    /// # Errors
    /// [`Error::Engine`] for what `f` fails with.
    pub(crate) fn for_each_segment(
        &self,
        kind: RecordKind,
        mut f: impl FnMut(&SegmentReader, Option<&dyn Fn(u32) -> bool>) -> tantivy::Result<()>,
    ) -> Result<(), Error> {
        let kind = self.kind(kind);
        for segment in &kind.segments {
            let is_shown = |doc| segment.is_alive(doc);
            let is_shown: Option<&dyn Fn(u32) -> bool> = if segment.is_whole() { None } else { Some(&is_shown) };
            f(&segment.reader, is_shown).map_err(|source| kind.engine(source))?;
        }
        Ok(())
    }

    pub(super) fn kind(&self, kind: RecordKind) -> &KindIndex {
        match kind {
            RecordKind::Video => &self.videos,
            RecordKind::Channel => &self.channels,
            RecordKind::Playlist => &self.playlists,
            RecordKind::Event => &self.events,
            RecordKind::Group => &self.groups,
        }
    }

    fn kind_mut(&mut self, kind: RecordKind) -> &mut KindIndex {
        match kind {
            RecordKind::Video => &mut self.videos,
            RecordKind::Channel => &mut self.channels,
            RecordKind::Playlist => &mut self.playlists,
            RecordKind::Event => &mut self.events,
            RecordKind::Group => &mut self.groups,
        }
    }
}

/// Computes what rules for single documents do to a segment.
fn judge(segment: &mut Segment, ruling: &KindRuling, layers: &[ReadyLayer], now_ms: i64) -> tantivy::Result<()> {
    let mut hidden = Bits::none(segment.n_docs());
    for hiding in &ruling.hidings {
        hidden.unite(&hiding.docs(segment, &ruling.fields)?);
    }
    segment.hidden = (hidden.count() > 0).then(|| Arc::new(hidden));
    segment.boosts = Boosts::read(segment, &ruling.fields, layers, now_ms)?.map(Arc::new);
    Ok(())
}

/// The living documents that no rule for single documents hides.
fn left(segment: &Segment) -> Bits {
    let mut bits = segment.undeleted();
    if let Some(hidden) = &segment.hidden {
        bits.subtract(hidden);
    }
    bits
}
