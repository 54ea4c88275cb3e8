//! The searches of events and groups, as Mobilizon asks and reads them.

mod checklist;
mod fixture;
mod samples;
