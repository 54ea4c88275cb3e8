#![doc = include_str!("../README.md")]

mod error;
pub mod net;
pub mod politeness;
pub mod robots;

pub use error::{Cause, Error, FetchError, ImageError};
