//! How often values fall between some bounds.

/// The upper end of a bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// The greatest value in it.
    pub upto: u64,
    /// For programs.
    pub id: &'static str,
    /// For people.
    pub label: &'static str,
}

/// Values between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bin {
    /// For programs.
    pub id: &'static str,
    /// For people.
    pub label: &'static str,
    /// Values in it.
    pub count: u64,
}

/// Bins in the order of their bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Histogram {
    bins: Vec<Bin>,
}

impl Histogram {
    /// Counts each value in the first bin whose bound it does not exceed; the last bound is no less than any value.
    pub(super) fn new(bounds: &[Bound], values: impl Iterator<Item = u64>) -> Self {
        let mut bins: Vec<Bin> =
            bounds.iter().map(|bound| Bin { id: bound.id, label: bound.label, count: 0 }).collect();
        for value in values {
            let position = bounds.partition_point(|bound| bound.upto < value);
            if let Some(bin) = bins.get_mut(position) {
                bin.count += 1;
            }
        }
        Self { bins }
    }

    /// The bins.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    #[cfg(test)]
    pub fn counts(&self) -> Vec<u64> {
        self.bins.iter().map(|bin| bin.count).collect()
    }
}
