//! Inclusion rules: what an index holds and shows, in a TOML file that an operator writes and others extend.
//!
//! A file is one [`Layer`]; what it extends are layers before it. Something is shown when every layer shows it, so a
//! layer can only narrow what it extends: whoever extends a list by URL never shows more because that list changed.
//!
//! ```
//! use allowlist::rules::Rules;
//! let rules = Rules::parse("mine.toml", "[index]\nextends = ['no-adult']\n[include]\nlanguages = ['fr']\n").unwrap();
//! assert_eq!(rules.layers.len(), 2);
//! let refused = Rules::parse("mine.toml", "[include]\nlanguages = ['French']\n").unwrap_err();
//! assert!(refused.to_string().starts_with("mine.toml line 2: `French` is not a language"));
//! ```

mod check;
mod condition;
mod error;
mod extend;
mod file;
mod form;
mod layer;
mod placed;
mod reference;
mod shipped;
mod time;

pub use condition::{Conditions, HostGlob, NsfwPolicy, RecordKind, Region, WordList, Written};
pub use error::RulesError;
pub use extend::{Loaded, MAX_REGION_BYTES, MAX_RULES_BYTES};
pub use file::RulesFile;
pub use layer::{Boost, Boosts, Layer, Limits, Rules, digest_of};
pub use placed::{Place, Placed};
pub use reference::Reference;
pub use shipped::{NAMES as SHIPPED_NAMES, load_shipped, shipped};
