//! Sources that publish more in a day than the rules let through.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::fields::RuleFields;
use crate::search::bits::Bits;
use crate::search::kind::KindIndex;
use crate::search::segment::Segment;

const DAY_MS: i64 = 86_400_000;

/// Takes out of `shown` the videos beyond the `limit` newest ones of each channel and UTC day; returns how many those are.
pub(super) fn of_videos(
    videos: &KindIndex,
    fields: RuleFields,
    shown: &mut [Bits],
    limit: u32,
) -> tantivy::Result<u64> {
    thin(videos, &fields, shown, limit, Segment::date_ms)
}

/// Takes out of `shown` the events beyond the `limit` newest ones of each group, or organiser, and UTC day of publication;
/// returns how many those are.
pub(super) fn of_events(
    events: &KindIndex,
    fields: RuleFields,
    shown: &mut [Bits],
    limit: u32,
) -> tantivy::Result<u64> {
    thin(events, &fields, shown, limit, Segment::created_ms)
}

fn thin(
    kind: &KindIndex,
    fields: &RuleFields,
    shown: &mut [Bits],
    limit: u32,
    published_ms: impl Fn(&Segment, u32) -> i64,
) -> tantivy::Result<u64> {
    type Source = (u64, i64);
    let mut counts: HashMap<Source, u32> = HashMap::new();
    for (segment, bits) in kind.segments.iter().zip(&*shown) {
        let owners = segment.owners(fields)?;
        for doc in bits.iter() {
            *counts.entry((owners.publisher(doc), published_ms(segment, doc).div_euclid(DAY_MS))).or_default() += 1;
        }
    }
    // What nobody publishes is no flood of anybody.
    counts.retain(|(publisher, _), count| *publisher != 0 && *count > limit);
    if counts.is_empty() {
        return Ok(0);
    }
    let mut flooded: Vec<(Source, Reverse<i64>, u64, usize, u32)> = Vec::new();
    for ((segment, bits), nth) in kind.segments.iter().zip(&*shown).zip(0_usize..) {
        let owners = segment.owners(fields)?;
        for doc in bits.iter() {
            let date = published_ms(segment, doc);
            let source = (owners.publisher(doc), date.div_euclid(DAY_MS));
            if counts.contains_key(&source) {
                flooded.push((source, Reverse(date), segment.hash(doc), nth, doc));
            }
        }
    }
    flooded.sort_unstable();
    let (mut n_hidden, mut n_of_source, mut last) = (0, 0, None);
    for (source, _, _, nth, doc) in flooded {
        n_of_source = if last == Some(source) { n_of_source + 1 } else { 1 };
        last = Some(source);
        if n_of_source > limit
            && let Some(bits) = shown.get_mut(nth)
        {
            bits.remove(doc);
            n_hidden += 1;
        }
    }
    Ok(n_hidden)
}
