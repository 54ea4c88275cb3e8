//! JSON as the clients of SepiaSearch know it. These types are the wire's alone.

mod actor;
mod channel;
mod constant;
mod date;
mod index;
mod instances;
mod list;
mod playlist;
mod problem;
mod video;

pub use actor::{ActorImage, ActorSummary};
pub use channel::{ChannelList, ChannelObject, OwnerAccount};
pub use constant::{IntegerConstant, TextConstant};
pub use index::IndexConfig;
pub use instances::{HostItem, HostList, InstanceList, InstanceObject, KindCountsObject, LastErrorObject};
pub use playlist::{PlaylistList, PlaylistObject};
pub use problem::{Problem, ProblemParam};
pub use video::{VideoList, VideoObject};

pub(crate) use date::iso_ms;
