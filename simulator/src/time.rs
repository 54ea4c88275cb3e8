//! Times as PeerTube writes them, and the clock of the hosts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

/// Writes Unix milliseconds as `2026-01-02T03:04:05.678Z`, always with three decimals.
pub(crate) fn iso(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// What time it is for the hosts: for headers, limits and logs, never for generated data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Option<Arc<Virtual>>);

#[derive(Debug)]
struct Virtual {
    start: Instant,
    start_ms: i64,
    now_ms: AtomicI64,
}

impl Clock {
    /// A clock that stands still until it is set.
    pub fn standing_at(now: Timestamp) -> Self {
        let start_ms = now.as_millisecond();
        Self(Some(Arc::new(Virtual { start: Instant::now(), start_ms, now_ms: AtomicI64::new(start_ms) })))
    }

    /// Sets a virtual clock, forwards only; returns whether it is one.
    pub fn set(&self, now: Timestamp) -> bool {
        let Some(clock) = &self.0 else { return false };
        clock.now_ms.fetch_max(now.as_millisecond(), Ordering::Relaxed);
        true
    }

    /// Now, in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Some(clock) => clock.now_ms.load(Ordering::Relaxed),
            None => Timestamp::now().as_millisecond(),
        }
    }

    /// Now, on the line of time that differences are taken on.
    pub fn instant(&self) -> Instant {
        match &self.0 {
            Some(clock) => clock.start + Duration::from_millis((self.now_ms() - clock.start_ms).max(0).unsigned_abs()),
            None => Instant::now(),
        }
    }

    /// Now, for dates in headers.
    pub fn system(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.now_ms().max(0).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_decimals() {
        assert_eq!(iso(1_795_299_452_004), "2026-11-21T22:17:32.004Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_virtual_clock_stands_until_it_is_set_and_never_goes_back() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let clock = Clock::standing_at(at("2026-01-01T00:00:00Z"));
        let before = clock.instant();
        assert_eq!(clock.now_ms(), at("2026-01-01T00:00:00Z").as_millisecond());
        assert!(clock.clone().set(at("2026-01-02T00:00:00Z")));
        assert_eq!(clock.instant() - before, Duration::from_secs(86_400));
        clock.set(at("2025-01-01T00:00:00Z"));
        assert_eq!(httpdate::fmt_http_date(clock.system()), "Fri, 02 Jan 2026 00:00:00 GMT");
        assert!(!Clock::default().set(at("2026-01-01T00:00:00Z")));
    }
}
