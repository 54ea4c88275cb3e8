//! JSON as the clients of SepiaSearch know it. These types are the wire's alone.

mod actor;
mod channel;
mod constant;
mod date;
mod event;
mod group;
mod index;
mod instances;
mod list;
mod map;
mod native;
mod pictures;
mod places;
mod playlist;
mod problem;
mod report;
mod rules;
mod statistics;
mod submission;
mod suggest;
mod video;

pub use actor::{ActorImage, ActorSummary};
pub use channel::{ChannelList, ChannelObject, OwnerAccount};
pub use constant::{IntegerConstant, TextConstant};
pub use event::{AddressObject, CoordinatesObject, CreatorObject, EventList, EventObject, LocationObject};
pub use group::{GroupList, GroupObject};
pub use index::IndexConfig;
pub use instances::{HostItem, HostList, InstanceList, InstanceObject, KindCountsObject, LastErrorObject};
pub use map::{ClusterItem, ClusterList, ClusterObject};
pub use native::{
    Correction, FacetObject, FacetValueObject, GenerationInfo, KindPage, NativeAnswer, NativeHit, NativeKinds,
    NearObject, OmittedKind, Segment, Snippet,
};
pub use pictures::Pictures;
pub use places::{CategoryList, PlaceList, PlaceObject};
pub use playlist::{PlaylistList, PlaylistObject};
pub use problem::{Problem, ProblemParam};
pub use report::ReportObject;
pub(crate) use report::ReportParams;
pub use rules::{HiddenReasonObject, RulesFileObject, RulesObject};
pub use statistics::{DocumentCounts, InstanceFigures, NamedCount, StatisticsObject};
pub(crate) use submission::SubmissionParams;
pub use submission::{SubmissionCheck, SubmissionMissing, SubmissionObject, SubmissionProof};
pub use suggest::{SuggestionList, SuggestionObject, opensearch};
pub use video::{VideoList, VideoObject};

pub(crate) use date::iso_ms;
