#![doc = include_str!("../README.md")]

mod answer;
mod behaviour;
mod catalogue;
pub mod cities;
pub mod client_rules;
pub mod conformance;
mod connection;
pub mod dns;
mod error;
mod fediverse;
pub mod gancio;
mod handle;
mod jpeg;
pub mod judge;
mod log;
pub mod mobilizon;
pub mod mobilizon_client;
mod peertube;
mod picture;
pub mod replay;
mod request;
mod setup;
mod site;
mod time;

pub use behaviour::{Behaviour, Encoding, ItemQuirk, JsonBomb, Redirect, RetryAfter, RobotsTxt, Routes, Rule};
pub use catalogue::{
    AccountSpec, Catalogue, ChannelSpec, Crafted, ElementSpec, HostSpec, Instance, NsfwPolicy, Origin, PlaylistPrivacy,
    PlaylistSpec, Privacy, State, Version, VideoSpec, expand_short_uuid, short_uuid, uuid_of, words,
};
pub use error::{Error, Result};
pub use fediverse::{Builder, Fediverse, Listening};
pub use handle::HostHandle;
pub use log::{End, Exchange};
pub use setup::{HostSetup, RateLimit, Software};
