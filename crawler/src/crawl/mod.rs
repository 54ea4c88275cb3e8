//! The crawl of one PeerTube host: what to ask next, and what becomes of the answer.

mod answer;
mod details;
mod listing;

mod merge;
mod plan;
mod sweep;
mod visit;

pub(crate) use answer::SPOOFS_TO_REVIEW;
pub use plan::{Schedule, Task};
pub use sweep::Sweep;
pub use visit::{Context, HostRun, Visit, visit};
