//! Inclusion rules: what an index holds and shows, in a TOML file that an operator writes and others extend.
//!
//! A file is one [`Layer`]; what it extends are layers before it. Something is shown when every layer shows it, so a
//! layer can only narrow what it extends: whoever extends a list by URL never shows more because that list changed.

mod condition;
mod layer;
mod placed;

pub use condition::{Conditions, HostGlob, NsfwPolicy, RecordKind, Region, WordList};
pub use layer::{Boost, Boosts, Layer, Limits, Rules};
pub use placed::{Place, Placed};
