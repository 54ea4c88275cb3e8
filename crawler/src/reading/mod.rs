//! What every source needs to read what strangers send: JSON values, texts, links, dates, places, whose an item is, and
//! whether people want to be found.

pub mod consent;
pub mod date;
pub mod events;
pub mod lenient;
pub mod origin;
pub mod place;
pub mod remark;
pub mod text;
pub mod time;
