//! The whole program, started as a user starts it, and rules over the whole workspace.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure here is the test failing")]

mod admin;
mod command;
mod crash;
mod dependencies;
mod directory;
mod dropin;
mod erasure;
mod faults;
mod fork;
mod lists;
mod mobilizon;
mod moderation;
mod published;
mod recorded;
mod rig;
mod rules;
mod submissions;
mod tutorial;
