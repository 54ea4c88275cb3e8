//! Bars of counts, drawn on the server: a table that everybody can read, with pictures of its numbers.

use super::grouped;
use crate::statistics::Histogram;

/// Length of the longest bar, in the units of its picture.
const FULL: u64 = 100;

/// Rows of a ranked chart; the rest is one row.
const MAX_ROWS: usize = 12;

/// A table of counts.
pub(super) struct Chart {
    /// What is counted.
    pub caption: &'static str,
    /// What a row is.
    pub of: &'static str,
    /// The rows, in order.
    pub rows: Vec<Bar>,
}

/// One row of it.
pub(super) struct Bar {
    /// What was counted.
    pub label: String,
    /// How often, for people.
    pub count: String,
    /// Length of the bar, of 100; at least 1 where there is anything.
    pub length: u64,
}

impl Chart {
    /// A chart of bins, in their order.
    pub fn of_bins(caption: &'static str, of: &'static str, histogram: &Histogram) -> Self {
        let rows = histogram.bins().iter().map(|bin| (bin.label.to_owned(), bin.count));
        Self { caption, of, rows: bars(rows.collect()) }
    }

    /// A chart of counts that are ranked already; `name` says what to call each.
    pub fn of_ranked(
        caption: &'static str,
        of: &'static str,
        counts: &[(String, u64)],
        name: impl Fn(&str) -> String,
    ) -> Self {
        let (first, rest) = counts.split_at(counts.len().min(MAX_ROWS));
        let mut rows: Vec<(String, u64)> = first.iter().map(|(id, count)| (name(id), *count)).collect();
        let n_rest: u64 = rest.iter().map(|(_, count)| count).sum();
        if n_rest > 0 {
            rows.push(("all others".to_owned(), n_rest));
        }
        Self { caption, of, rows: bars(rows) }
    }
}

fn bars(rows: Vec<(String, u64)>) -> Vec<Bar> {
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    rows.into_iter()
        .map(|(label, count)| {
            // In 128 bits no product overflows; a bar is never longer than the longest.
            let length = u64::try_from(u128::from(count) * u128::from(FULL) / u128::from(most)).unwrap_or(FULL);
            Bar { label, count: grouped(count), length: length.max(count.min(1)) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_counts() {
        let counts: Vec<(String, u64)> = (0..15_u64).map(|n| (format!("row {n}"), 100_000 >> n)).collect();
        let chart = Chart::of_ranked("rows", "row", &counts, str::to_owned);
        assert_eq!(chart.rows.len(), MAX_ROWS + 1);
        let lengths: Vec<u64> = chart.rows.iter().take(3).map(|bar| bar.length).collect();
        assert_eq!(lengths, [100, 50, 25]);
        assert!(chart.rows.iter().all(|bar| bar.length <= 100 && (bar.length > 0) == (bar.count != "0")));
        assert!(Chart::of_ranked("rows", "row", &[], str::to_owned).rows.is_empty());
        assert_eq!(bars(vec![("most".to_owned(), u64::MAX)])[0].length, 100);
    }
}
