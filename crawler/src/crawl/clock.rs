//! What time it is: the machine's clock, or one that a simulation moves by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The source of `now` for everything that is planned and recorded. Limits of single requests (time-outs, slowest
/// bodies) always run on the machine's clock.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still until it is set; Unix milliseconds, shared by all clones.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Manual(ms) => Timestamp::from_millisecond(ms.load(Ordering::Acquire)).unwrap_or(Timestamp::MAX),
        }
    }

    /// Moves a manual clock, never backwards; a system clock is not ours to set.
    pub fn advance_to(&self, at: Timestamp) {
        if let Self::Manual(ms) = self {
            // Up to the next whole millisecond, so that what is due at `at` is due then.
            let is_whole = at.subsec_nanosecond() % 1_000_000 == 0;
            ms.fetch_max(at.as_millisecond() + i64::from(!is_whole), Ordering::AcqRel);
        }
    }

    /// Whether it is moved by hand.
    pub fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_still_is_shared_and_never_goes_back() {
        let start: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-11-22T06:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let shared = clock.clone();
        assert_eq!(shared.now(), start);
        clock.advance_to(later);
        assert_eq!(shared.now(), later);
        clock.advance_to(start);
        assert_eq!(shared.now(), later);
        let odd: Timestamp = "2026-11-22T06:00:00.0001Z".parse().unwrap();
        clock.advance_to(odd);
        assert!(shared.now() >= odd);
        assert!(clock.is_manual() && !Clock::System.is_manual());
    }
}
