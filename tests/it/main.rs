//! The whole program, started as a user starts it, and rules over the whole workspace.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure here is the test failing")]

mod command;
mod crash;
mod dependencies;
mod directory;
mod dropin;
mod faults;
mod mobilizon;
mod recorded;
mod rig;
