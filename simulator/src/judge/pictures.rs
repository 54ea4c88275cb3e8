//! Pictures are fetched for visitors, not crawled: other rules hold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Breach, Wrong, breach, user_agent};
use crate::log::Exchange;

/// What a client that fetches pictures is held to, per host.
#[derive(Clone, Debug)]
pub struct PictureRules {
    /// Requests for pictures under way at once, at most.
    pub max_in_flight: usize,
    /// Requests for pictures in any window of `per`, at most.
    pub max_requests: usize,
    /// The length of that window.
    pub per: Duration,
    /// The product token that begins the `User-Agent`.
    pub token: String,
}

/// Judges the picture requests of a log.
///
/// - Result: breaches by host, then by arrival. [`Wrong::TooMany`] is reported for each request over the bound of the
///   window that ends with it.
pub fn picture_breaches(exchanges: &[Exchange], rules: &PictureRules) -> Vec<Breach> {
    let mut by_host: BTreeMap<Arc<str>, Vec<&Exchange>> = BTreeMap::new();
    for exchange in exchanges.iter().filter(|exchange| exchange.is_picture()) {
        by_host.entry(exchange.host.clone()).or_default().push(exchange);
    }
    let mut found = Vec::new();
    for (_, mut exchanges) in by_host {
        exchanges.sort_by_key(|exchange| exchange.arrived);
        let mut under_way: Vec<Option<Instant>> = Vec::new();
        let mut window: std::collections::VecDeque<Instant> = std::collections::VecDeque::new();
        for exchange in exchanges {
            found.extend(user_agent(exchange, &rules.token).map(|wrong| breach(exchange, wrong)));
            under_way.retain(|ended| ended.is_none_or(|ended| ended > exchange.arrived));
            under_way.push(exchange.ended);
            if under_way.len() > rules.max_in_flight {
                found.push(breach(exchange, Wrong::Parallel { in_flight: under_way.len() }));
            }
            window.push_back(exchange.arrived);
            while window.front().is_some_and(|first| exchange.arrived.saturating_duration_since(*first) >= rules.per) {
                window.pop_front();
            }
            if window.len() > rules.max_requests {
                found.push(breach(exchange, Wrong::TooMany { bound: rules.max_requests }));
            }
        }
    }
    found
}
