//! A week of the fediverse: what happens on the simulated instances, and when the crawler saw it.

pub mod known;
mod ledger;
mod plan;
pub mod report;
mod requests;
mod run;

use std::num::NonZeroU32;
use std::time::Duration;

use crawler::net::NetworkConfig;
use crawler::{Clock, CrawlerConfig};
use simulator::Fediverse;

pub use ledger::{Ledger, Sight, What};
pub use plan::{Change, Outage, Plan, WarmUp};
pub use requests::Requests;
pub use run::{Timeline, World, run};

/// A commit of the index and the look for a new generation, at their default intervals.
pub const PUBLICATION: Duration = Duration::from_millis(1500);

/// The defaults that ship, for hosts on loopback that are asked at the pace of strangers.
///
/// # Errors
/// For a host name that is none.
pub fn config(fediverse: &Fediverse, clock: Clock) -> anyhow::Result<CrawlerConfig> {
    let mut network = NetworkConfig::new("https://search.example/bot");
    for (name, address) in fediverse.resolve() {
        network.add_own_host(name.parse()?, address);
    }
    network.own_pace = network.pace.clone();
    // The limit for all hosts together counts seconds of the machine's clock, which hardly moves here.
    network.requests_per_second = NonZeroU32::MAX;
    let mut config = CrawlerConfig::new(network);
    config.clock = clock;
    Ok(config)
}
