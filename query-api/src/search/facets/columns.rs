//! Values of one facet by document, as small numbers: counting a million documents is then one look-up each.

use std::sync::Arc;

use moka::sync::Cache;
use tantivy::SegmentReader;
use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;

use super::{Bucket, DURATIONS, Facet};
use crate::search::bits::Bits;

/// Documents counted in one go: their numbers and values stay within the cache of the processor.
const BLOCK: usize = 4096;

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
    /// Several values a document: counted from the engine's column, which is as small.
    Many(Column<u64>),
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
            Facet::Category => Ok(Self::of_numbers(&columns.i64("category")?, n_docs)),
            Facet::Licence => Ok(Self::of_numbers(&columns.i64("licence")?, n_docs)),
            Facet::Language => Ok(Self::of_texts(columns.str("language")?, n_docs)),
            Facet::Host => Ok(Self::of_texts(columns.str("host")?, n_docs)),
            Facet::Tag => Ok(match columns.str("tag")? {
                Some(texts) => Self { codes: Codes::Many(texts.ords().clone()), values: Values::Texts(texts) },
                None => Self::empty(),
            }),
            Facet::IsLive => Ok(Self::of_flag(&columns.u64("is_live")?, n_docs)),
            Facet::Nsfw => Ok(Self::of_flag(&columns.u64("nsfw")?, n_docs)),
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
        let mut add = |code: usize| {
            if let Some(count) = counts.get_mut(code) {
                *count += 1;
            }
        };
        let mut scratch = Scratch::default();
        for_each_block(docs, |block| match &self.codes {
            Codes::Narrow(codes) => block.iter().for_each(|doc| add(at(codes, *doc).into())),
            Codes::Wide(codes) => block.iter().for_each(|doc| add(at(codes, *doc).into())),
            Codes::Widest(codes) => block.iter().for_each(|doc| add(at(codes, *doc) as usize)),
            Codes::Many(column) => {
                scratch.load(column, block);
                let codes = scratch.values.iter().filter_map(|ord| usize::try_from(*ord).ok());
                codes.for_each(|ord| add(ord.saturating_add(1)));
            }
        });
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
            Codes::Many(_) => 0,
        };
        let values = match &self.values {
            Values::Numbers(numbers) => numbers.len() * 8,
            Values::Texts(_) | Values::Fixed(_) | Values::None => 0,
        };
        codes + values + 256
    }
}

impl Codes {
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

#[inline]
fn at<T: Copy + Default>(codes: &[T], doc: u32) -> T {
    codes.get(doc as usize).copied().unwrap_or_default()
}

/// Buffers for columns with several values a document.
#[derive(Default)]
struct Scratch {
    docs: Vec<u32>,
    rows: Vec<u32>,
    values: Vec<u64>,
}

impl Scratch {
    fn load(&mut self, column: &Column<u64>, block: &[u32]) {
        self.docs.clear();
        self.rows.clear();
        column.row_ids_for_docs(block, &mut self.docs, &mut self.rows);
        self.values.clear();
        self.values.resize(self.rows.len(), 0);
        column.values.get_vals(&self.rows, &mut self.values);
    }
}

fn for_each_block(docs: &Bits, mut f: impl FnMut(&[u32])) {
    let mut block = Vec::with_capacity(BLOCK);
    for doc in docs.iter() {
        block.push(doc);
        if block.len() == BLOCK {
            f(&block);
            block.clear();
        }
    }
    if !block.is_empty() {
        f(&block);
    }
}
