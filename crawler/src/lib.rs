#![doc = include_str!("../README.md")]

mod crawl;
mod crawler;
pub mod directory;
mod error;
pub mod net;
pub mod peertube;
pub mod politeness;
mod report;
pub mod robots;
mod state;

pub use crawl::Schedule;
pub use crawler::{Crawler, CrawlerConfig, Mode, Progress, Seed};
pub use error::{Cause, Error, FetchError, ImageError};
pub use report::{Health, HostReport, read_reports};
