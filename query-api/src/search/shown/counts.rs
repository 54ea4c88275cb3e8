//! How much is shown, and how much is hidden for which reason.

use std::sync::Arc;

use allowlist::rules::RecordKind;

use super::KindRuling;
use crate::error::Error;
use crate::search::SearchIndex;
use crate::search::bits::Bits;

/// Documents by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindTotals {
    /// Videos.
    pub videos: u64,
    /// Channels.
    pub channels: u64,
    /// Playlists.
    pub playlists: u64,
    /// Events.
    pub events: u64,
    /// Groups.
    pub groups: u64,
}

impl KindTotals {
    /// Documents of all kinds.
    pub fn total(&self) -> u64 {
        self.videos + self.channels + self.playlists + self.events + self.groups
    }

    fn of_mut(&mut self, kind: RecordKind) -> &mut u64 {
        match kind {
            RecordKind::Video => &mut self.videos,
            RecordKind::Channel => &mut self.channels,
            RecordKind::Playlist => &mut self.playlists,
            RecordKind::Event => &mut self.events,
            RecordKind::Group => &mut self.groups,
        }
    }
}

/// Living documents of a generation that are not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenCounts {
    /// All of them.
    pub total: KindTotals,
    /// Each document once, for the first reason in the order of the layers; in the same order, those that hide nothing left
    /// out. Together they are the total.
    pub reasons: Vec<HiddenReason>,
}

/// One reason and what it hides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenReason {
    /// The rules file, or `moderation`; `None` for what follows from all files together.
    pub file: Option<Arc<str>>,
    /// `include`, `exclude` or `limits`, or `containers` for what has nothing to show in it.
    pub table: &'static str,
    /// The key of the table, such as `hosts` or `words`; `floods` of `limits`, `empty` of `containers`.
    pub key: &'static str,
    /// The name of the word list.
    pub list: Option<String>,
    /// What it hides.
    pub counts: KindTotals,
}

/// What rules on whole sets hide.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::search) struct SetLevel {
    pub floods: KindTotals,
    pub containers: KindTotals,
}

impl SearchIndex {
    /// What may be shown of each kind.
    pub fn totals(&self) -> KindTotals {
        let mut totals = KindTotals::default();
        for kind in RecordKind::ALL {
            let n_docs: usize = self.kind(kind).segments.iter().map(|segment| segment.n_living_docs()).sum();
            *totals.of_mut(kind) = n_docs as u64;
        }
        totals
    }

    /// Counts what is hidden, by reason. Counted when first asked for, which takes as long as taking the ruling did, and
    /// remembered as long as the generation serves under this ruling.
    ///
    /// # Errors
    /// [`Error::Engine`] when its files cannot be read.
    pub fn hidden_counts(&self) -> Result<Arc<HiddenCounts>, Error> {
        if let Some(known) = self.hidden_counts.get() {
            return Ok(Arc::clone(known));
        }
        let counted = self.count_hidden().map_err(|source| self.videos.engine(source))?;
        Ok(Arc::clone(self.hidden_counts.get_or_init(|| Arc::new(counted))))
    }

    fn count_hidden(&self) -> tantivy::Result<HiddenCounts> {
        let mut counts = HiddenCounts::default();
        if self.ruling.asks_nothing() {
            return Ok(counts);
        }
        for kind in RecordKind::ALL {
            self.count_hidden_of(kind, &mut counts.reasons)?;
        }
        // Reasons of one layer stand together whatever kind they were found for.
        let files: Vec<&str> = self.ruling.layers().iter().map(|layer| &*layer.file).collect();
        let place = |reason: &HiddenReason| files.iter().position(|file| reason.file.as_deref() == Some(*file));
        counts.reasons.sort_by_key(place);
        for (table, key, hidden) in
            [("limits", "floods", self.set_level.floods), ("containers", "empty", self.set_level.containers)]
        {
            counts.reasons.push(HiddenReason { file: None, table, key, list: None, counts: hidden });
        }
        counts.reasons.retain(|reason| reason.counts.total() > 0);
        for reason in &mut counts.reasons {
            for kind in RecordKind::ALL {
                *counts.total.of_mut(kind) += *reason.counts.of_mut(kind);
            }
        }
        Ok(counts)
    }

    fn count_hidden_of(&self, kind: RecordKind, reasons: &mut Vec<HiddenReason>) -> tantivy::Result<()> {
        let ruling = KindRuling::new(self, kind);
        let segments = &self.kind(kind).segments;
        let mut left: Vec<Bits> = segments.iter().map(|segment| segment.undeleted()).collect();
        for hiding in &ruling.hidings {
            let mut n_hidden = 0;
            for (segment, left) in segments.iter().zip(&mut left) {
                let mut hidden = hiding.docs(segment, &ruling.fields)?;
                hidden.intersect(left);
                left.subtract(&hidden);
                n_hidden += hidden.count() as u64;
            }
            let table = if hiding.is_include { "include" } else { "exclude" };
            let (key, list) = (hiding.condition.key, &hiding.condition.list);
            let same = |reason: &&mut HiddenReason| {
                reason.file.as_ref() == Some(&hiding.file)
                    && (reason.table, reason.key, &reason.list) == (table, key, list)
            };
            let found = match reasons.iter_mut().find(same) {
                Some(found) => found,
                None => {
                    let file = Some(Arc::clone(&hiding.file));
                    let counts = KindTotals::default();
                    reasons.push(HiddenReason { file, table, key, list: list.clone(), counts });
                    let Some(last) = reasons.last_mut() else { continue };
                    last
                }
            };
            *found.counts.of_mut(kind) += n_hidden;
        }
        Ok(())
    }
}
