//! Inclusion rules made ready: words and tags folded as documents are, regions read. The rules themselves are
//! [`allowlist::rules`]; what they mean for one document is decided here when it is indexed, and by query-api, with the
//! same compiled form, for whole segments.

mod compile;
mod facts;
mod judge;

pub use compile::{FoldedWords, Inclusion, NamedRegion, Ready, ReadyBoost, ReadyLayer, RuleFault};
pub use facts::Facts;
pub use judge::{LayerVerdict, Reason, Verdict};
