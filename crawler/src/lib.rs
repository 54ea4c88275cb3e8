#![doc = include_str!("../README.md")]

mod crawl;
mod crawler;
pub mod directory;
mod error;
mod failure;
mod gancio;
mod mobilizon;
pub mod net;
pub mod peertube;
pub mod politeness;
mod reading;
mod report;
pub mod robots;
mod state;
mod status;

pub use crawl::{Clock, Schedule};
pub use crawler::{Crawler, CrawlerConfig, Mode, Progress, Seed};
pub use error::{Cause, Error, FetchError, ImageError};
pub use failure::{FailureKind, LastError, TlsFault};
pub use report::{HostReport, RobotsVerdict, read_reports};
pub use status::{Health, Status, plain_sentence};
