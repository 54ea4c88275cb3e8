//! What will happen, drawn before the week begins.

use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::What;

/// Time before the first change that counts, in which the crawler gets to know the hosts.
#[derive(Clone, Copy, Debug)]
pub struct WarmUp(pub Duration);

/// One change of one host, drawn without looking at the host: which video it strikes is decided when it happens.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// The number of the host.
    pub host: usize,
    /// What.
    pub what: What,
}

/// A time in which a host answers 503 to everything.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// The number of the host.
    pub host: usize,
    /// Its start.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// Everything that will happen.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The first moment.
    pub start: Timestamp,
    /// The last one.
    pub end: Timestamp,
    /// By time.
    pub changes: Vec<Change>,
    /// By time of their start.
    pub outages: Vec<Outage>,
}

/// Changes a day: of any host, and more for each of its videos. A large PeerTube instance publishes some tens of videos
/// a day; most publish a few a week.
const OF_VIDEOS: [(What, f64, f64); 9] = [
    (What::New, 0.2, 0.02),
    (What::LatePublication, 0.02, 0.002),
    (What::Deleted, 0.05, 0.003),
    (What::Hidden, 0.03, 0.001),
    (What::TitleOfRecent, 0.05, 0.003),
    (What::TitleOfOld, 0.02, 0.0005),
    (What::Live, 0.05, 0.002),
    (What::ChannelRenamed, 0.05, 0.0005),
    (What::Views, 12.0, 0.0),
];

/// The same for events: a busy Mobilizon instance gets some tens of events a day, and most of what is edited is yet to come.
const OF_EVENTS: [(What, f64, f64); 9] = [
    (What::EventNew, 0.3, 0.02),
    (What::DraftPublished, 0.02, 0.001),
    (What::EventEdited, 0.2, 0.01),
    (What::EventMoved, 0.05, 0.003),
    (What::EventCancelled, 0.05, 0.002),
    (What::EventDeleted, 0.05, 0.002),
    (What::EventHidden, 0.03, 0.001),
    (What::PastEventDeleted, 0.02, 0.0005),
    (What::Participants, 4.0, 0.02),
];

/// Share of the hosts that are down for some hours once in the week.
const OUTAGE_SHARE: f64 = 0.1;

impl Plan {
    /// Draws a week of videos.
    ///
    /// - `n_videos`: videos of each host at the start.
    /// - `days`: days after the warm-up.
    pub fn of_videos(seed: u64, n_videos: &[u32], start: Timestamp, warm_up: WarmUp, days: u32) -> Self {
        Self::draw(&OF_VIDEOS, seed, n_videos, start, warm_up, days)
    }

    /// Draws a week of events; the parameters are those of [`Self::of_videos`].
    pub fn of_events(seed: u64, n_events: &[u32], start: Timestamp, warm_up: WarmUp, days: u32) -> Self {
        Self::draw(&OF_EVENTS, seed, n_events, start, warm_up, days)
    }

    fn draw(
        rates: &[(What, f64, f64)],
        seed: u64,
        n_items: &[u32],
        start: Timestamp,
        warm_up: WarmUp,
        days: u32,
    ) -> Self {
        const DAY_MS: f64 = 86_400_000.0;
        let mut rng = SmallRng::seed_from_u64(seed);
        let begin_ms = start.as_millisecond() + i64::try_from(warm_up.0.as_millis()).unwrap_or(0);
        let length_ms = f64::from(days) * DAY_MS;
        let at = |ms: f64| Timestamp::from_millisecond(begin_ms + ms as i64).unwrap_or(Timestamp::MAX);
        let mut changes = Vec::new();
        let mut outages = Vec::new();
        for (host, n_items) in n_items.iter().enumerate() {
            for &(what, of_any, of_each) in rates {
                let rate = of_any + of_each * f64::from(*n_items);
                // A Poisson process: exponential pauses.
                let mut ms = 0.0;
                loop {
                    ms -= rng.random::<f64>().max(f64::MIN_POSITIVE).ln() / rate * DAY_MS;
                    if ms >= length_ms {
                        break;
                    }
                    changes.push(Change { at: at(ms), host, what });
                }
            }
            if rng.random::<f64>() < OUTAGE_SHARE {
                let from = rng.random::<f64>() * length_ms;
                let hours = rng.random_range(2.0..12.0);
                outages.push(Outage { host, from: at(from), to: at(from + hours * 3_600_000.0) });
            }
        }
        changes.sort_by_key(|change| (change.at, change.host));
        outages.sort_by_key(|outage| outage.from);
        Self { start, end: at(length_ms), changes, outages }
    }
}
