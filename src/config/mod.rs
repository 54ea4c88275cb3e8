//! Configuration: `vigie.toml` < `VIGIE_SECTION__KEY` < flags. Defaults are safe and need no file.

mod load;
mod sections;

pub use load::{ConfigError, load};
pub use sections::{Config, DirectorySource, LogFormat};
