//! The last gate before a socket: whatever the caller does, no host sees requests closer together than its floor and
//! the machine does not start more per second than its limit.
//!
//! The politeness of a host is [`crate::politeness::Slot`], which is usually slower. This gate also spaces what a slot
//! does not see, such as the hops of a redirect.

use std::time::Duration;

use allowlist::Host;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::config::NetworkConfig;

/// What a request is for, as far as its pace is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A page of the crawl: the floor of its host.
    Page,
    /// A request that strangers made us send: the floor of its host, and no redirect is followed.
    Single,
    /// A picture: its own limits are kept by [`super::ImageClient`].
    Picture,
}

pub struct Gate {
    clock: DefaultClock,
    others: Option<DefaultKeyedRateLimiter<Host>>,
    own: Option<DefaultKeyedRateLimiter<Host>>,
    all: Option<DefaultDirectRateLimiter>,
}

impl Gate {
    pub fn new(config: &NetworkConfig) -> Self {
        let keyed = |floor: Duration| Quota::with_period(floor).map(RateLimiter::keyed);
        Self {
            clock: DefaultClock::default(),
            others: keyed(config.pace.clone().clamped().floor),
            own: keyed(config.own_pace.floor),
            all: Some(RateLimiter::direct(Quota::per_second(config.requests_per_second))),
        }
    }

    /// A gate that is open to our own hosts: for virtual time, in which the machine's clock measures nothing.
    pub fn open_to_own(config: &NetworkConfig) -> Self {
        Self { own: None, all: None, ..Self::new(config) }
    }

    /// Returns once `host` may be sent a request.
    pub async fn pass(&self, host: &Host, is_own: bool, class: Class) {
        let keyed = match class {
            Class::Picture => &None,
            Class::Page | Class::Single if is_own => &self.own,
            Class::Page | Class::Single => &self.others,
        };
        if let Some(keyed) = keyed {
            while let Err(not_yet) = keyed.check_key(host) {
                tokio::time::sleep(not_yet.wait_time_from(self.clock.now())).await;
            }
        }
        if let Some(all) = &self.all {
            while let Err(not_yet) = all.check() {
                tokio::time::sleep(not_yet.wait_time_from(self.clock.now())).await;
            }
        }
    }

    /// Forgets the hosts that were not asked lately, so that memory follows the list of instances.
    pub fn forget_idle(&self) {
        for keyed in self.others.iter().chain(&self.own) {
            keyed.retain_recent();
        }
    }
}
