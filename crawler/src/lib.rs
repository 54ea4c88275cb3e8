#![doc = include_str!("../README.md")]

mod crawl;
mod crawler;
pub mod directory;
mod error;
mod failure;
mod gancio;
mod keep_out;
mod mobilizon;
pub mod net;
pub mod peertube;
pub mod politeness;
pub mod probe;
mod reading;
mod report;
pub mod robots;
mod state;
mod status;

pub use crawl::{Clock, Schedule};
pub use crawler::{Crawler, CrawlerConfig, Mode, Progress, Seed};
pub use error::{Cause, Error, FetchError, ImageError};
pub use failure::{FailureKind, LastError, TlsFault};
pub use keep_out::KeepOut;
pub use report::{HostReport, RobotsVerdict, read_reports};
pub use state::person::{channels_of, export as export_state, forget as forget_in_state, known_hosts};
pub use status::{Health, Status, plain_sentence};
