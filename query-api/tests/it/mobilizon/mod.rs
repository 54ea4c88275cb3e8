//! The searches of events and groups, as Mobilizon asks and reads them.

mod checklist;
mod constructed;
pub mod fixture;
mod oracle;
mod page;
mod pictures;
mod samples;
