//! The random numbers of the generator.

/// A SplitMix64 generator (Steele, Lea and Flood 2014).
///
/// Written here rather than taken from a crate, so that a seed gives the same fediverse for ever, whatever the
/// version of a dependency.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

/// Mixes a word into another; used to derive independent streams.
pub(crate) fn mix(left: u64, right: u64) -> u64 {
    finalise(left ^ finalise(right.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

fn finalise(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Rng {
    /// A stream that depends on every one of `parts`, in order.
    pub fn of(parts: &[u64]) -> Self {
        Self(parts.iter().fold(0x5eed, |state, &part| mix(state, part)))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        finalise(self.0)
    }

    /// A number in `0..1`.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A rank in `0..n` where rank k comes about 1/(k+1) as often as rank 0 (Zipf's law with exponent 1).
    pub fn zipf(&mut self, n: usize) -> usize {
        let rank = ((n as f64 + 1.0).powf(self.unit()) - 1.0) as usize;
        rank.min(n.saturating_sub(1))
    }

    /// One of the items of a list, the first ones more often; empty when the list is.
    pub fn frequent<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let rank = self.zipf(list.len());
        list.get(rank).copied().unwrap_or_default()
    }

    /// One of the items of a list, all equally often; empty when the list is.
    pub fn any<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let rank = self.below(list.len());
        list.get(rank).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut rng = Rng::of(&[1, 2]);
        let first: Vec<u64> = (0..3).map(|_| rng.next()).collect();
        let mut again = Rng::of(&[1, 2]);
        assert_eq!(first, (0..3).map(|_| again.next()).collect::<Vec<u64>>());
        assert_ne!(first, {
            let mut other = Rng::of(&[2, 1]);
            (0..3).map(|_| other.next()).collect::<Vec<u64>>()
        });
    }

    #[test]
    fn zipf_ranks_fall_and_stay_in_range() {
        let mut rng = Rng::of(&[7]);
        let mut counts = [0u32; 10];
        for _ in 0..20_000 {
            counts[rng.zipf(10)] += 1;
        }
        assert!(counts.windows(2).all(|pair| pair[0] > pair[1]), "{counts:?}");
        assert!(counts[0] > 4 * counts[9], "{counts:?}");
    }
}
