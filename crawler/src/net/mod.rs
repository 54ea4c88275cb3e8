//! Requests to instances: one client, its address check, its limits.

pub mod address;
mod body;
mod client;
mod config;
mod connection;
mod exchange;
mod gate;
mod image;
mod outcome;
mod redirect;
mod resolver;

pub use client::{Accept, Client, Request};
pub use config::{Limits, NetworkConfig};
pub use exchange::Exchange;
pub use image::{Image, ImageClient};
pub use outcome::{Fetched, Outcome, Validators};
pub use redirect::UrlRefusal;
