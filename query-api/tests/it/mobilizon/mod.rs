//! The searches of events and groups, as Mobilizon asks and reads them.

mod checklist;
mod constructed;
pub mod fixture;
mod oracle;
mod pictures;
mod samples;
