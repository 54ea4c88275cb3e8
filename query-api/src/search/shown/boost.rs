//! Factors that rules put on relevance.

use indexer::inclusion::ReadyLayer;

use super::condition::conditions;
use super::fields::RuleFields;
use crate::search::segment::Segment;

/// What all factors on one document come to at least and at most.
const BOUNDS: std::ops::RangeInclusive<f32> = 0.1..=4.0;

/// By document the product of its factors.
#[derive(Debug)]
pub(in crate::search) struct Boosts {
    factors: Box<[f32]>,
    max: f32,
}

impl Boosts {
    /// Reads the factors on the documents of a segment; `None` where there are none.
    pub(super) fn read(
        segment: &Segment,
        fields: &RuleFields,
        layers: &[ReadyLayer],
        now_ms: i64,
    ) -> tantivy::Result<Option<Self>> {
        let mut factors: Box<[f32]> = Box::default();
        for boost in layers.iter().flat_map(|layer| &layer.boosts) {
            let docs = docs_with(segment, fields, &boost.value.on, now_ms)?;
            if factors.is_empty() && !docs.is_empty() {
                factors = vec![1.0; segment.n_docs() as usize].into_boxed_slice();
            }
            for doc in docs {
                if let Some(factor) = factors.get_mut(doc as usize) {
                    *factor *= boost.value.factor;
                }
            }
        }
        if factors.is_empty() {
            return Ok(None);
        }
        for factor in &mut factors {
            *factor = factor.clamp(*BOUNDS.start(), *BOUNDS.end());
        }
        let max = factors.iter().copied().fold(1.0, f32::max);
        Ok(Some(Self { factors, max }))
    }

    #[inline]
    pub fn of(&self, doc: u32) -> f32 {
        self.factors.get(doc as usize).copied().unwrap_or(1.0)
    }

    /// The greatest factor, at least 1.
    pub fn max(&self) -> f32 {
        self.max
    }
}

/// The documents with any value of any key, each once.
fn docs_with(
    segment: &Segment,
    fields: &RuleFields,
    on: &indexer::inclusion::Ready,
    now_ms: i64,
) -> tantivy::Result<Vec<u32>> {
    let mut docs = Vec::new();
    for condition in conditions(on, fields, now_ms, false) {
        match condition.terms() {
            // Thousands of decisions, each on a few documents: no set of the whole segment for each.
            Some(terms) => {
                for term in terms {
                    docs.extend(segment.docs_of(term)?);
                }
            }
            None => docs.extend(condition.docs(segment, fields)?.iter()),
        }
    }
    docs.sort_unstable();
    docs.dedup();
    Ok(docs)
}
