//! At what pace a host is asked: a value per host and pure functions of `now`.
//!
//! The rules, for the admins who read `docs/politeness.md`:
//! - the delay runs from the end of one request to the start of the next, so one request is in flight at most;
//! - it is the longest of one second, twice what the last answer took, and what robots.txt or the list asks for;
//! - an error or a refusal never makes it shorter;
//! - after 429 it doubles, and it halves again only after a hundred good answers;
//! - failures wait 5 minutes, then longer and longer, up to a day.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Shortest time between two requests to a host that is not our own. PeerTube allows five requests a second, yet
/// admins ask for at most one.
const FLOOR: Duration = Duration::from_secs(1);

/// Longest delay that we choose ourselves. What a host asks for by `Crawl-delay` is honoured beyond it.
const CAP: Duration = Duration::from_secs(60);

/// Longest wait that a host can impose by `Retry-After`, and longest `Crawl-delay` believed.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Waits after the first, second … failure in a row; the last one repeats.
const BACKOFF: [Duration; 5] = [
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(12 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

/// Good answers in a row before a delay raised by 429 halves.
const GOOD_ANSWERS_TO_FORGIVE: u32 = 100;

/// Latencies above this are no measure of load, only of trouble.
const MAX_LATENCY: Duration = Duration::from_secs(30);

/// The pace of a class of hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Shortest delay between two requests.
    pub floor: Duration,
    /// Longest delay that the rules reach by themselves.
    pub cap: Duration,
    /// Waits after failures in a row; the last one repeats.
    pub backoff: [Duration; 5],
}

impl Default for Pace {
    fn default() -> Self {
        Self { floor: FLOOR, cap: CAP, backoff: BACKOFF }
    }
}

impl Pace {
    /// The pace for hosts of our own, such as simulated ones.
    pub fn own() -> Self {
        let backoff = [1, 2, 5, 10, 30].map(Duration::from_secs);
        Self { floor: Duration::from_millis(5), cap: Duration::from_secs(2), backoff }
    }

    /// The same pace, made no faster than the default.
    #[must_use]
    pub fn clamped(self) -> Self {
        let mut backoff = self.backoff;
        for (wait, least) in backoff.iter_mut().zip(BACKOFF) {
            *wait = (*wait).max(least);
        }
        Self { floor: self.floor.max(FLOOR), cap: self.cap.max(CAP), backoff }
    }
}

/// A `Retry-After` header in either of its forms, not yet judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// From now on.
    Delay(Duration),
    /// A moment, possibly past.
    At(Timestamp),
}

impl RetryAfter {
    /// Reads the header; anything that is neither whole seconds nor a date is as good as absent.
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // Too many digits for the type still mean "very long".
            return Some(Self::Delay(Duration::from_secs(value.parse().unwrap_or(u64::MAX))));
        }
        let date = httpdate::parse_http_date(value).ok()?;
        // Dates past the range of the type are as far away as any.
        Some(Self::At(Timestamp::try_from(date).unwrap_or(Timestamp::MAX)))
    }
}

/// What the rate-limit headers of PeerTube say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests left in the window.
    pub remaining: u64,
    /// End of the window, Unix seconds.
    pub reset: i64,
}

/// The politeness of one host. Everything in it survives a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Slot {
    /// Delay that robots.txt or the instance list asks for, in milliseconds.
    pub asked_delay_ms: Option<u64>,
    /// How long the last answer took to begin, in milliseconds.
    pub latency_ms: u64,
    /// How often the delay was doubled after 429.
    pub doublings: u32,
    /// Good answers since the last doubling or halving.
    pub n_good: u32,
    /// Failures in a row.
    pub n_failures: u32,
    /// When the last request ended (or started, while one is in flight).
    pub last_request_at: Option<Timestamp>,
    /// No request before this moment, whatever the delay.
    pub blocked_until: Option<Timestamp>,
}

impl Slot {
    /// Time from the end of one request to the start of the next.
    pub fn delay(&self, pace: &Pace) -> Duration {
        let twice_latency = Duration::from_millis(self.latency_ms.saturating_mul(2));
        let ours = pace.floor.max(twice_latency).saturating_mul(1_u32 << self.doublings.min(16)).min(pace.cap);
        let asked = self.asked_delay_ms.map_or(Duration::ZERO, Duration::from_millis).min(MAX_WAIT);
        ours.max(pace.floor).max(asked)
    }

    /// The first moment at which the host may be asked again.
    pub fn next_at(&self, pace: &Pace) -> Option<Timestamp> {
        let after_delay = self.last_request_at.map(|at| after(at, self.delay(pace)));
        after_delay.max(self.blocked_until)
    }

    /// How long to wait from `now`. Never longer than a day and a half, so that a clock set back cannot mute a host.
    pub fn wait(&self, now: Timestamp, pace: &Pace) -> Duration {
        let Some(at) = self.next_at(pace) else { return Duration::ZERO };
        let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
        wait.min(MAX_WAIT * 3 / 2)
    }

    /// Notes that a request leaves.
    pub fn begin(&mut self, now: Timestamp) {
        self.last_request_at = Some(now);
    }

    /// Notes an answer that was what was asked for, or an honest "gone".
    pub fn succeed(&mut self, now: Timestamp, latency: Duration, rate: Option<RateLimit>, pace: &Pace) {
        self.last_request_at = Some(now);
        self.latency_ms = as_ms(latency.min(MAX_LATENCY));
        self.n_failures = 0;
        self.blocked_until = None;
        self.n_good = self.n_good.saturating_add(1);
        if self.n_good >= GOOD_ANSWERS_TO_FORGIVE {
            self.n_good = 0;
            self.doublings = self.doublings.saturating_sub(1);
        }
        self.heed(now, rate, pace);
    }

    /// Notes a 429 (or a 503 that names a time).
    ///
    /// - `jitter`: from -1 to 1; spreads the hosts that failed together.
    pub fn rate_limited(&mut self, now: Timestamp, retry_after: Option<RetryAfter>, jitter: f64, pace: &Pace) {
        self.last_request_at = Some(now);
        self.n_good = 0;
        if self.delay_of_doublings(pace) < pace.cap {
            self.doublings += 1;
        }
        let until = match retry_after {
            Some(RetryAfter::Delay(delay)) => after(now, delay.min(MAX_WAIT)),
            Some(RetryAfter::At(at)) if at > now => at.min(after(now, MAX_WAIT)),
            // In the past: the clocks differ, or the host does not mean it. The shortest backoff is safe either way.
            Some(RetryAfter::At(_)) => after(now, jittered(pace.backoff[0], jitter)),
            None => {
                let wait = self.backoff(pace, jitter);
                self.n_failures = self.n_failures.saturating_add(1);
                after(now, wait)
            }
        };
        self.blocked_until = self.blocked_until.max(Some(until));
    }

    /// Notes a failure: no answer, a broken one, or a status that says so.
    ///
    /// - `jitter`: from -1 to 1.
    pub fn fail(&mut self, now: Timestamp, retry_after: Option<RetryAfter>, jitter: f64, pace: &Pace) {
        self.last_request_at = Some(now);
        // A fast error is no sign of a fast host: the latency is left as it was.
        self.n_good = 0;
        let mut until = after(now, self.backoff(pace, jitter));
        if let Some(RetryAfter::Delay(delay)) = retry_after {
            until = until.max(after(now, delay.min(MAX_WAIT)));
        } else if let Some(RetryAfter::At(at)) = retry_after {
            until = until.max(at.min(after(now, MAX_WAIT)));
        }
        self.n_failures = self.n_failures.saturating_add(1);
        self.blocked_until = self.blocked_until.max(Some(until));
    }

    fn backoff(&self, pace: &Pace, jitter: f64) -> Duration {
        let step = usize::try_from(self.n_failures).unwrap_or(usize::MAX).min(pace.backoff.len() - 1);
        jittered(pace.backoff.get(step).copied().unwrap_or(MAX_WAIT), jitter)
    }

    fn delay_of_doublings(&self, pace: &Pace) -> Duration {
        pace.floor.saturating_mul(1_u32 << self.doublings.min(16))
    }

    /// Leaves the last requests of a window to the people behind the same address.
    fn heed(&mut self, now: Timestamp, rate: Option<RateLimit>, pace: &Pace) {
        const SPARE: u64 = 2;
        let Some(rate) = rate else { return };
        if rate.remaining > SPARE {
            return;
        }
        let Ok(reset) = Timestamp::from_second(rate.reset) else { return };
        // A window further away than the cap is a mistake or another clock.
        let latest = after(now, pace.cap);
        if reset > now {
            self.blocked_until = self.blocked_until.max(Some(reset.min(latest)));
        }
    }
}

/// `wait` made up to 20 % shorter or longer by `jitter`, from -1 to 1.
fn jittered(wait: Duration, jitter: f64) -> Duration {
    wait.mul_f64(1.0 + 0.2 * jitter.clamp(-1.0, 1.0))
}

fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `at` and then `wait`; the end of time when that overflows.
pub(crate) fn after(at: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn pace() -> Pace {
        Pace::default()
    }

    #[test]
    fn case_70_retry_after_in_every_form() {
        let blocked = |value: Option<&str>| {
            let mut slot = Slot::default();
            slot.rate_limited(now(), value.and_then(RetryAfter::parse), 0.0, &pace());
            slot.wait(now(), &pace()).as_secs()
        };
        let first_backoff = 5 * 60;
        assert_eq!(blocked(Some("120")), 120);
        assert_eq!(blocked(Some("Sun, 22 Nov 2026 00:10:00 GMT")), 600);
        assert_eq!(blocked(Some("Sun, 22 Nov 2020 00:10:00 GMT")), first_backoff); // In the past.
        assert_eq!(blocked(Some("abc")), first_backoff);
        assert_eq!(blocked(Some("-5")), first_backoff);
        assert_eq!(blocked(Some("99999999")), 24 * 60 * 60);
        assert_eq!(blocked(Some("99999999999999999999999")), 24 * 60 * 60);
        assert_eq!(blocked(Some("Fri, 31 Dec 9999 23:59:59 GMT")), 24 * 60 * 60);
        assert_eq!(blocked(None), first_backoff);
    }

    #[test]
    fn the_delay_is_the_longest_of_its_reasons() {
        let mut slot = Slot::default();
        assert_eq!(slot.delay(&pace()), SECOND);
        slot.succeed(now(), Duration::from_millis(800), None, &pace());
        assert_eq!(slot.delay(&pace()), Duration::from_millis(1600));
        slot.asked_delay_ms = Some(5000);
        assert_eq!(slot.delay(&pace()), 5 * SECOND);
        slot.succeed(now(), Duration::from_secs(500), None, &pace());
        assert_eq!(slot.delay(&pace()), 60 * SECOND);
        slot.asked_delay_ms = Some(3_600_000);
        assert_eq!(slot.delay(&pace()), 3600 * SECOND);
    }

    #[test]
    fn case_72_a_raised_delay_falls_only_after_a_hundred_good_answers() {
        let mut slot = Slot::default();
        for _ in 0..50 {
            slot.rate_limited(now(), Some(RetryAfter::Delay(SECOND)), 0.0, &pace());
        }
        assert_eq!(slot.delay(&pace()), 60 * SECOND);
        for _ in 0..99 {
            slot.succeed(now(), Duration::ZERO, None, &pace());
        }
        assert_eq!(slot.delay(&pace()), 60 * SECOND);
        slot.succeed(now(), Duration::ZERO, None, &pace());
        assert_eq!(slot.delay(&pace()), 32 * SECOND);
    }

    #[test]
    fn failures_back_off_further_and_further() {
        let mut slot = Slot::default();
        let waits: Vec<u64> = (0..7)
            .map(|_| {
                slot.blocked_until = None;
                slot.fail(now(), None, 0.0, &pace());
                slot.wait(now(), &pace()).as_secs() / 60
            })
            .collect();
        assert_eq!(waits, [5, 30, 120, 720, 1440, 1440, 1440]);
        slot.succeed(now(), Duration::ZERO, None, &pace());
        assert_eq!(slot.wait(now(), &pace()), SECOND);
    }

    #[test]
    fn the_last_requests_of_a_window_are_left_to_others() {
        let mut slot = Slot::default();
        let rate = |remaining, seconds| Some(RateLimit { remaining, reset: now().as_second() + seconds });
        slot.succeed(now(), Duration::ZERO, rate(40, 9), &pace());
        assert_eq!(slot.wait(now(), &pace()), SECOND);
        slot.succeed(now(), Duration::ZERO, rate(1, 9), &pace());
        assert_eq!(slot.wait(now(), &pace()), 9 * SECOND);
        slot.succeed(now(), Duration::ZERO, rate(0, 10_000_000), &pace());
        assert_eq!(slot.wait(now(), &pace()), 60 * SECOND);
    }

    #[derive(Clone, Debug)]
    enum Event {
        Good(u64),
        Limited(Option<u64>),
        Failed,
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            (0..40_000_u64).prop_map(Event::Good),
            proptest::option::of(0..200_000_u64).prop_map(Event::Limited),
            Just(Event::Failed),
        ]
    }

    proptest! {
        #[test]
        fn no_history_makes_a_host_visited_faster_than_the_floor(
            events in proptest::collection::vec(event(), 1..200), jitter in -1.0..1.0_f64, asked in proptest::option::of(0..200_000_u64),
        ) {
            let mut slot = Slot { asked_delay_ms: asked, ..Slot::default() };
            for event in events {
                let before = slot.delay(&pace());
                match event {
                    Event::Good(ms) => slot.succeed(now(), Duration::from_millis(ms), None, &pace()),
                    Event::Limited(seconds) => {
                        let header = seconds.map(|s| RetryAfter::Delay(Duration::from_secs(s)));
                        slot.rate_limited(now(), header, jitter, &pace());
                        prop_assert!(slot.delay(&pace()) >= before, "a refusal made us faster");
                    }
                    Event::Failed => {
                        slot.fail(now(), None, jitter, &pace());
                        prop_assert!(slot.delay(&pace()) >= before, "an error made us faster");
                        prop_assert!(slot.wait(now(), &pace()) >= 240 * SECOND);
                    }
                }
                let wait = slot.wait(now(), &pace());
                prop_assert!(wait >= SECOND);
                prop_assert!(wait >= Duration::from_millis(asked.unwrap_or(0)));
                prop_assert!(wait <= MAX_WAIT * 3 / 2, "retries stay finite");
            }
        }
    }
}
