//! Which events "tonight" means: names of periods, read in a time zone, as instants. Pure: the present and the zone are
//! arguments.

mod preset;
mod when;
mod zone;

pub use preset::DatePreset;
pub use when::{Period, When};
pub use zone::{UnknownZone, find_zone};
