//! A week of the fediverse: what happens on the simulated instances, and when the crawler saw it.

mod ledger;
mod plan;
mod requests;

pub use ledger::{Ledger, Sight, What};
pub use plan::{Outage, Plan, WarmUp};
pub use requests::Requests;
