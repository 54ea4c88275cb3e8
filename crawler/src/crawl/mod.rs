//! The crawl of one PeerTube host: what to ask next, and what becomes of the answer.

mod agenda;
mod answer;
mod channels;
mod clock;
mod details;
mod gancio;
mod listing;
mod lives;
mod merge;
mod mobilizon;
mod passes;
mod plan;
mod playlists;
mod polls;
mod rotation;
mod sweep;
mod task;
mod visit;

pub(crate) use answer::SPOOFS_TO_REVIEW;
pub use clock::Clock;
pub(crate) use gancio::Task as GancioTask;
pub(crate) use mobilizon::Task as MobilizonTask;
pub(crate) use mobilizon::reads_feeds;
pub(crate) use passes::Scope;
pub use plan::Schedule;
pub use sweep::Sweep;
pub use task::Task;
pub use visit::{Context, HostRun, Visit, visit};
