//! JSON as the clients of SepiaSearch know it. These types are the wire's alone.

mod date;
mod index;
mod problem;
mod video;

pub use index::IndexConfig;
pub use problem::{Problem, ProblemParam};
pub use video::{ActorImage, ActorSummary, IntegerConstant, TextConstant, VideoList, VideoObject};

pub(crate) use date::iso_ms;
