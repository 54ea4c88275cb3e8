//! Values of one facet by document, as small numbers: counting a million documents is then one look-up each.

use std::sync::Arc;

use moka::sync::Cache;
use tantivy::SegmentReader;
use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;

use super::{Bucket, DURATIONS, Facet};
use crate::search::bits::Bits;

/// Columns by segment and facet, bounded by bytes; deletes do not change them.
pub(super) type ColumnCache = Cache<(SegmentId, Facet), Arc<CodedColumn>>;

/// A cache of columns of at most `n_bytes`.
pub(super) fn column_cache(n_bytes: u64) -> ColumnCache {
    Cache::builder()
        .max_capacity(n_bytes)
        .weigher(|_, column: &Arc<CodedColumn>| u32::try_from(column.n_bytes()).unwrap_or(u32::MAX))
        .build()
}

/// The values of one facet in one segment. The code 0 stands for no value, any other for the value before it in order.
pub(super) struct CodedColumn {
    codes: Codes,
    values: Values,
}

/// One code a document, in the fewest bytes.
enum Codes {
    Narrow(Box<[u8]>),
    Wide(Box<[u16]>),
    Widest(Box<[u32]>),
    /// Several values a document: those of a document stand between its start and the next. The engine's column is
    /// half as large and five times as slow.
    Lists {
        starts: Box<[u32]>,
        codes: Box<[u32]>,
    },
}

/// What the codes stand for.
enum Values {
    Numbers(Vec<i64>),
    Texts(StrColumn),
    Fixed(&'static [&'static str]),
    None,
}

impl CodedColumn {
    /// Reads a column of the segment; takes some 10 ms for a million documents.
    pub fn read(reader: &SegmentReader, facet: Facet) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let n_docs = reader.max_doc();
        match facet {
            // Events have names for categories, videos numbers.
            Facet::Category => match columns.str("category")? {
                Some(texts) => Ok(Self::of_texts(Some(texts), n_docs)),
                None => Ok(Self::of_numbers(&columns.i64("category")?, n_docs)),
            },
            Facet::Licence => Ok(Self::of_numbers(&columns.i64("licence")?, n_docs)),
            Facet::Language => Ok(Self::of_texts(columns.str("language")?, n_docs)),
            Facet::Host => Ok(Self::of_texts(columns.str("host")?, n_docs)),
            Facet::Tag => Ok(match columns.str("tag")? {
                Some(texts) => Self { codes: Codes::lists(texts.ords(), n_docs), values: Values::Texts(texts) },
                None => Self::empty(),
            }),
            Facet::IsLive => Ok(Self::of_flag(&columns.u64("is_live")?, n_docs)),
            Facet::Nsfw => Ok(Self::of_flag(&columns.u64("nsfw")?, n_docs)),
            Facet::Status => Ok(Self::of_texts(columns.str("status")?, n_docs)),
            Facet::JoinMode => Ok(Self::of_texts(columns.str("join_mode")?, n_docs)),
            Facet::IsOnline => Ok(Self::of_flag(&columns.u64("is_online")?, n_docs)),
            Facet::HasFreePlaces => Ok(Self::of_flag(&columns.u64("has_free_places")?, n_docs)),
            Facet::Openness => Ok(Self::of_texts(columns.str("openness")?, n_docs)),
            Facet::Duration => {
                let column = columns.u64("duration")?;
                let code = |doc| {
                    let seconds = i64::try_from(column.first(doc).unwrap_or_default()).unwrap_or(i64::MAX);
                    DURATIONS.iter().position(|bucket| bucket.has(seconds)).map_or(0, |nth| nth + 1)
                };
                let codes = Codes::of(DURATIONS.len(), (0..n_docs).map(code));
                Ok(Self { codes, values: Values::Fixed(&Bucket::DURATION_IDS) })
            }
            // Counted by the order of dates: the buckets move with every generation.
            Facet::Published => Ok(Self::empty()),
        }
    }

    fn empty() -> Self {
        Self { codes: Codes::Narrow(Box::default()), values: Values::None }
    }

    fn of_numbers(column: &Column<i64>, n_docs: u32) -> Self {
        let mut values: Vec<i64> = (0..n_docs).filter_map(|doc| column.first(doc)).collect();
        values.sort_unstable();
        values.dedup();
        let code = |doc| {
            let value = column.first(doc);
            value.and_then(|value| values.binary_search(&value).ok()).map_or(0, |nth| nth + 1)
        };
        let codes = Codes::of(values.len(), (0..n_docs).map(code));
        Self { codes, values: Values::Numbers(values) }
    }

    fn of_texts(column: Option<StrColumn>, n_docs: u32) -> Self {
        let Some(column) = column else {
            return Self::empty();
        };
        let code = |doc| {
            column.ords().first(doc).and_then(|ord| usize::try_from(ord).ok()).map_or(0, |ord| ord.saturating_add(1))
        };
        let codes = Codes::of(column.num_terms(), (0..n_docs).map(code));
        Self { codes, values: Values::Texts(column) }
    }

    fn of_flag(column: &Column<u64>, n_docs: u32) -> Self {
        let code = |doc| column.first(doc).map_or(0, |value| if value == 0 { 1 } else { 2 });
        Self { codes: Codes::of(2, (0..n_docs).map(code)), values: Values::Fixed(&["false", "true"]) }
    }

    /// How many of `docs` have each value, by its place in order.
    pub fn count(&self, docs: &Bits) -> Vec<u32> {
        let mut counts = vec![0_u32; self.n_values() + 1];
        match &self.codes {
            Codes::Narrow(codes) => tally(codes, docs, &mut counts),
            Codes::Wide(codes) => tally(codes, docs, &mut counts),
            Codes::Widest(codes) => tally(codes, docs, &mut counts),
            Codes::Lists { starts, codes } => docs.for_each(|doc| {
                let doc = doc as usize;
                let bounds = starts.get(doc).zip(starts.get(doc + 1));
                let codes = bounds.and_then(|(from, to)| codes.get(*from as usize..*to as usize));
                tally_each(codes.unwrap_or_default(), &mut counts);
            }),
        }
        if !counts.is_empty() {
            counts.remove(0);
        }
        counts
    }

    /// The place of a value in order, when the segment has it.
    pub fn place(&self, value: &str) -> tantivy::Result<Option<usize>> {
        Ok(match &self.values {
            Values::Numbers(numbers) => value.parse().ok().and_then(|number: i64| numbers.binary_search(&number).ok()),
            Values::Fixed(texts) => texts.iter().position(|text| *text == value),
            Values::Texts(column) => column.dictionary().term_ord(value)?.and_then(|ord| usize::try_from(ord).ok()),
            Values::None => None,
        })
    }

    /// Calls `f` with the values at these rising places, as text.
    pub fn for_each_value(&self, places: impl Iterator<Item = usize>, mut f: impl FnMut(&str)) -> tantivy::Result<()> {
        match &self.values {
            Values::Numbers(numbers) => {
                places.filter_map(|place| numbers.get(place)).for_each(|number| f(&number.to_string()));
            }
            Values::Fixed(texts) => places.filter_map(|place| texts.get(place)).for_each(|text| f(text)),
            Values::Texts(column) => {
                // One walk through the dictionary: looking each up would read its block again from the start.
                let ords: Vec<u64> = places.map(|place| place as u64).collect();
                column.dictionary().sorted_ords_to_term_cb(&ords, |term| f(&String::from_utf8_lossy(term)))?;
            }
            Values::None => {}
        }
        Ok(())
    }

    fn n_values(&self) -> usize {
        match &self.values {
            Values::Numbers(numbers) => numbers.len(),
            Values::Fixed(texts) => texts.len(),
            Values::Texts(column) => column.num_terms(),
            Values::None => 0,
        }
    }

    fn n_bytes(&self) -> usize {
        let codes = match &self.codes {
            Codes::Narrow(codes) => codes.len(),
            Codes::Wide(codes) => codes.len() * 2,
            Codes::Widest(codes) => codes.len() * 4,
            Codes::Lists { starts, codes } => (starts.len() + codes.len()) * 4,
        };
        let values = match &self.values {
            Values::Numbers(numbers) => numbers.len() * 8,
            Values::Texts(_) | Values::Fixed(_) | Values::None => 0,
        };
        codes + values + 256
    }
}

impl Codes {
    fn lists(column: &Column<u64>, n_docs: u32) -> Self {
        let mut starts = Vec::with_capacity(n_docs as usize + 1);
        let mut codes = Vec::with_capacity(column.values.num_vals() as usize);
        starts.push(0);
        for doc in 0..n_docs {
            codes.extend(column.values_for_doc(doc).filter_map(|ord| u32::try_from(ord.saturating_add(1)).ok()));
            starts.push(u32::try_from(codes.len()).unwrap_or(u32::MAX));
        }
        Self::Lists { starts: starts.into(), codes: codes.into() }
    }

    fn of(n_values: usize, codes: impl Iterator<Item = usize>) -> Self {
        // Every code is at most the number of values, so none is lost.
        if n_values <= usize::from(u8::MAX) {
            Self::Narrow(codes.map(|code| u8::try_from(code).unwrap_or(0)).collect())
        } else if n_values <= usize::from(u16::MAX) {
            Self::Wide(codes.map(|code| u16::try_from(code).unwrap_or(0)).collect())
        } else {
            Self::Widest(codes.map(|code| u32::try_from(code).unwrap_or(0)).collect())
        }
    }
}

/// Codes are smaller than the number of values plus one, which is at most that of `u32`.
trait Code: Copy {
    fn place(self) -> usize;
}

impl Code for u8 {
    fn place(self) -> usize {
        self.into()
    }
}

impl Code for u16 {
    fn place(self) -> usize {
        self.into()
    }
}

impl Code for u32 {
    fn place(self) -> usize {
        self as usize
    }
}

fn tally<T: Code>(codes: &[T], docs: &Bits, counts: &mut [u32]) {
    docs.for_each(|doc| {
        if let Some(count) = codes.get(doc as usize).and_then(|code| counts.get_mut(code.place())) {
            *count += 1;
        }
    });
}

#[inline]
fn tally_each<T: Code>(codes: &[T], counts: &mut [u32]) {
    for code in codes {
        if let Some(count) = counts.get_mut(code.place()) {
            *count += 1;
        }
    }
}
