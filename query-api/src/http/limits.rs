//! How often a visitor may do what costs others something.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::visitor::Visitor;

/// Visitors that are kept apart at one time. Past it those who come later share one allowance.
const MAX_VISITORS: usize = 20_000;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// An allowance per visitor: some at once, and then one in each period.
pub(crate) struct VisitorLimit {
    limiter: RateLimiter<Visitor, DefaultKeyedStateStore<Visitor>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    burst: u32,
    period: Duration,
}

/// What is left of an allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    limit: u32,
    remaining: u32,
    /// Until it is whole again.
    reset: Duration,
}

impl VisitorLimit {
    /// `burst` at once, and one more in each `period`. In any hour that is `burst` and the periods of an hour.
    pub fn new(burst: NonZeroU32, period: Duration) -> Self {
        // A period of nothing is no limit that anybody means.
        let period = period.max(Duration::from_millis(1));
        let quota = Quota::with_period(period).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
        let limiter = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Self { limiter, clock: DefaultClock::default(), burst: burst.get(), period }
    }

    /// Takes one of the allowance of a visitor.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub fn take(&self, visitor: Visitor) -> Result<Allowance, Duration> {
        if self.limiter.len() >= MAX_VISITORS {
            self.limiter.retain_recent();
        }
        let visitor = if self.limiter.len() >= MAX_VISITORS { Visitor::EVERYBODY } else { visitor };
        match self.limiter.check_key(&visitor) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let reset = self.period * self.burst.saturating_sub(remaining);
                Ok(Allowance { limit: self.burst, remaining, reset })
            }
            Err(not_yet) => Err(not_yet.wait_time_from(self.clock.now())),
        }
    }
}

impl Allowance {
    /// Tells the visitor what is left.
    pub fn tell(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(whole_seconds(self.reset)));
        response
    }
}

/// Makes an answer that of a visitor who has to wait.
pub(crate) fn tell_to_wait(mut response: Response, wait: Duration) -> Response {
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let seconds = whole_seconds(wait).max(1);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    headers.insert(REMAINING, HeaderValue::from(0));
    headers.insert(RESET, HeaderValue::from(seconds));
    response
}

/// `in 3 minutes`, for people.
pub(crate) fn in_words(wait: Duration) -> String {
    match whole_seconds(wait).max(1) {
        1 => "in a second".to_owned(),
        seconds if seconds < 120 => format!("in {seconds} seconds"),
        seconds if seconds < 2 * 60 * 60 => format!("in {} minutes", seconds.div_ceil(60)),
        seconds => format!("in {} hours", seconds.div_ceil(60 * 60)),
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(n: u32) -> Visitor {
        Visitor::at(std::net::Ipv4Addr::from_bits(n).into())
    }

    #[test]
    fn each_visitor_has_an_allowance_of_their_own() {
        let limit = VisitorLimit::new(NonZeroU32::MIN.saturating_add(1), Duration::from_secs(1800));
        assert_eq!(limit.take(visitor(1)).unwrap().remaining, 1);
        assert_eq!(limit.take(visitor(1)).unwrap().remaining, 0);
        let wait = limit.take(visitor(1)).unwrap_err();
        assert!(wait > Duration::from_secs(1790) && wait <= Duration::from_secs(1800), "{wait:?}");
        assert!(limit.take(visitor(2)).is_ok());
    }

    #[test]
    fn memory_does_not_grow_with_visitors() {
        let limit = VisitorLimit::new(NonZeroU32::MIN, Duration::from_secs(3600));
        let n = u32::try_from(MAX_VISITORS).unwrap();
        let n_allowed = (0..n + 100).filter(|n| limit.take(visitor(*n)).is_ok()).count();
        assert!(limit.limiter.len() <= MAX_VISITORS + 1);
        assert_eq!(n_allowed, MAX_VISITORS + 1, "those who come too late share one allowance");
    }

    #[test]
    fn waits_are_told_in_words() {
        for (seconds, words) in
            [(0, "in a second"), (90, "in 90 seconds"), (3600, "in 60 minutes"), (86_400, "in 24 hours")]
        {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
