//! The crawl of a Mobilizon host: what to ask next, and what becomes of the answer.

mod answer;
mod details;
mod feeds;
mod groups;
mod lists;
mod plan;
mod task;

pub use answer::{apply, failed};
pub use plan::{next_step, probe, reads_feeds};
pub use task::Task;
