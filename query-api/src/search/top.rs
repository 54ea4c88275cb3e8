//! The best `n` of a stream.

/// Keeps the greatest `n` of the values pushed, in amortised constant time a value.
pub(super) struct Top<T> {
    kept: Vec<T>,
    n: usize,
    threshold: Option<T>,
}

impl<T: Ord + Clone> Top<T> {
    pub fn new(n: usize) -> Self {
        Self { kept: Vec::with_capacity(n.saturating_mul(2).min(1 << 15)), n, threshold: None }
    }

    /// The value that a further one must exceed to be kept, once there are enough.
    pub fn threshold(&self) -> Option<&T> {
        self.threshold.as_ref()
    }

    pub fn push(&mut self, value: T) {
        if self.n == 0 || self.threshold.as_ref().is_some_and(|threshold| value <= *threshold) {
            return;
        }
        self.kept.push(value);
        if self.kept.len() >= self.n * 2 {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.kept.len() > self.n && self.n > 0 {
            let (_, least, _) = self.kept.select_nth_unstable_by(self.n - 1, |left, right| right.cmp(left));
            self.threshold = Some(least.clone());
            self.kept.truncate(self.n);
        }
    }

    /// The values kept, greatest first.
    pub fn into_sorted(mut self) -> Vec<T> {
        self.cut();
        self.kept.sort_unstable_by(|left, right| right.cmp(left));
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_greatest_are_kept_in_order(values in prop::collection::vec(0_u32..1000, 0..300), n in 0_usize..40) {
            let mut top = Top::new(n);
            values.iter().for_each(|value| top.push(*value));
            let mut expected = values;
            expected.sort_unstable_by(|left, right| right.cmp(left));
            expected.truncate(n);
            prop_assert_eq!(top.into_sorted(), expected);
        }
    }
}
