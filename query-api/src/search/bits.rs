//! A set of documents of one segment.

/// One bit for each document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    n_docs: u32,
}

impl Bits {
    pub fn none(n_docs: u32) -> Self {
        Self { words: vec![0; (n_docs as usize).div_ceil(64)], n_docs }
    }

    pub fn all(n_docs: u32) -> Self {
        let mut bits = Self { words: vec![u64::MAX; (n_docs as usize).div_ceil(64)], n_docs };
        bits.clear_tail();
        bits
    }

    /// The bits after the last document stay zero, so that counting needs no special case.
    fn clear_tail(&mut self) {
        let used = self.n_docs % 64;
        if used != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }

    pub fn insert(&mut self, doc: u32) {
        if let Some(word) = self.words.get_mut((doc / 64) as usize) {
            *word |= 1 << (doc % 64);
        }
    }

    pub fn remove(&mut self, doc: u32) {
        if let Some(word) = self.words.get_mut((doc / 64) as usize) {
            *word &= !(1 << (doc % 64));
        }
    }

    #[inline]
    pub fn contains(&self, doc: u32) -> bool {
        self.words.get((doc / 64) as usize).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    pub fn intersect(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    pub fn subtract(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    pub fn unite(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    pub fn invert(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.clear_tail();
    }

    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().zip(0_u32..).flat_map(|(word, index)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    index * 64 + bit
                })
            })
        })
    }

    /// Calls `f` with every document in order. Quicker than the iterator where nothing can end early.
    #[inline]
    pub fn for_each(&self, mut f: impl FnMut(u32)) {
        for (word, index) in self.words.iter().zip(0_u32..) {
            let mut left = *word;
            while left != 0 {
                f(index * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    pub fn n_bytes(&self) -> usize {
        self.words.len() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_behave_like_sets() {
        for n_docs in [0, 1, 63, 64, 65, 1000] {
            let mut even = Bits::none(n_docs);
            (0..n_docs).filter(|doc| doc % 2 == 0).for_each(|doc| even.insert(doc));
            let mut odd = even.clone();
            odd.invert();
            assert_eq!(even.count() + odd.count(), n_docs as usize);
            let mut both = even.clone();
            both.unite(&odd);
            assert_eq!(both, Bits::all(n_docs));
            assert!(even.iter().all(|doc| doc % 2 == 0) && even.iter().count() == even.count());
            let mut rest = Bits::all(n_docs);
            rest.subtract(&even);
            assert_eq!(rest, odd);
            odd.intersect(&even);
            assert_eq!(odd.count(), 0);
            assert!(!even.contains(n_docs));
            both.remove(n_docs);
            (0..n_docs).filter(|doc| doc % 2 == 1).for_each(|doc| both.remove(doc));
            assert_eq!(both, even);
        }
    }
}
