#![doc = include_str!("../README.md")]

pub mod admin;
pub mod calendar;
pub mod categories;
pub mod config;
pub mod directory;
mod error;
mod http;
pub mod images;
pub mod map;
mod moderation;
mod pages;
pub mod params;
pub mod places;
pub mod query;
pub mod reports;
pub mod search;
mod server;
mod statistics;
pub mod submissions;
mod summary;
pub mod time;
pub mod wire;

pub use config::{QueryApiConfig, ServeLimits};
pub use error::Error;
pub use http::{API_PATHS, AddressRange, QueryApi, RefreshError, openapi, router};
pub use moderation::ModerationError;
pub use search::{
    ChannelHit, HiddenCounts, HiddenReason, KindTotals, PlaylistHit, Ruling, SearchIndex, SearchPage, VideoHit,
};
pub use server::{serve, serve_admin};
