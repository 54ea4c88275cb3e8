//! Facets and their values, without an index.

use indexer::snapshot::Snapshot;
use std::sync::Arc;

use crate::query::{
    Bounds, ChannelFilter, EventFilter, GroupFilter, HostFilter, OriginFilter, PlaylistFilter, VideoFilter,
};
use crate::search::filter::{self, Expr};

/// What results are counted by. Each kind has some of them; channels and playlists have [`Facet::Host`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Category.
    Category,
    /// Licence.
    Licence,
    /// Language, `_unknown` for none.
    Language,
    /// Folded tag.
    Tag,
    /// Origin.
    Host,
    /// Length, in the buckets [`DURATIONS`].
    Duration,
    /// Time since the publication, in the buckets [`PUBLISHED`], each of which holds those before it.
    Published,
    /// Live or recorded.
    IsLive,
    /// Safe for work or not.
    Nsfw,
    /// Status of events.
    Status,
    /// How people join events.
    JoinMode,
    /// Online or not.
    IsOnline,
    /// Not known to be full, or known to be.
    HasFreePlaces,
    /// Who may join groups.
    Openness,
}

impl Facet {
    /// Every facet.
    pub const ALL: [Self; 14] = [
        Self::Category,
        Self::Licence,
        Self::Language,
        Self::Tag,
        Self::Host,
        Self::Duration,
        Self::Published,
        Self::IsLive,
        Self::Nsfw,
        Self::Status,
        Self::JoinMode,
        Self::IsOnline,
        Self::HasFreePlaces,
        Self::Openness,
    ];

    /// Those of videos.
    pub const OF_VIDEOS: [Self; 9] = [
        Self::Category,
        Self::Licence,
        Self::Language,
        Self::Tag,
        Self::Host,
        Self::Duration,
        Self::Published,
        Self::IsLive,
        Self::Nsfw,
    ];

    /// Those of events.
    pub const OF_EVENTS: [Self; 8] = [
        Self::Category,
        Self::Language,
        Self::Tag,
        Self::Host,
        Self::Status,
        Self::JoinMode,
        Self::IsOnline,
        Self::HasFreePlaces,
    ];

    /// Those of groups.
    pub const OF_GROUPS: [Self; 3] = [Self::Language, Self::Host, Self::Openness];

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Licence => "licence",
            Self::Language => "language",
            Self::Tag => "tag",
            Self::Host => "host",
            Self::Duration => "duration",
            Self::Published => "published",
            Self::IsLive => "isLive",
            Self::Nsfw => "nsfw",
            Self::Status => "status",
            Self::JoinMode => "joinMode",
            Self::IsOnline => "isOnline",
            Self::HasFreePlaces => "hasFreePlaces",
            Self::Openness => "openness",
        }
    }

    /// The facet of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.name() == name)
    }

    /// The parameter that chooses a value by its id; of a facet with buckets the one of the lower bound.
    pub fn param(self) -> &'static str {
        match self {
            Self::Category => "categoryOneOf",
            Self::Licence => "licenceOneOf",
            Self::Language => "languageOneOf",
            Self::Tag => "tagsOneOf",
            Self::Host => "host",
            Self::IsLive => "isLive",
            Self::Nsfw => "nsfw",
            Self::Status => "statusOneOf",
            Self::JoinMode => "joinMode",
            Self::IsOnline => "isOnline",
            Self::HasFreePlaces => "hasFreePlaces",
            Self::Openness => "openness",
            Self::Duration | Self::Published => self.bound_params().0,
        }
    }

    /// The parameters of the bounds of a bucket.
    pub fn bound_params(self) -> (&'static str, &'static str) {
        match self {
            Self::Published => ("startDate", "endDate"),
            _ => ("durationMin", "durationMax"),
        }
    }
}

/// A range of numbers with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name in answers.
    pub id: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Inclusive.
    pub bounds: Bounds,
}

impl Bucket {
    pub(super) const DURATION_IDS: [&'static str; 3] = ["short", "medium", "long"];

    pub(super) fn has(&self, value: i64) -> bool {
        self.bounds.min.is_none_or(|min| value >= min) && self.bounds.max.is_none_or(|max| value <= max)
    }
}

const fn bucket(id: &'static str, label: &'static str, min: Option<i64>, max: Option<i64>) -> Bucket {
    Bucket { id, label, bounds: Bounds { min, max } }
}

/// Lengths in seconds, as PeerTube's own search divides them. A live has no length, so it is short.
pub const DURATIONS: [Bucket; 3] = [
    bucket("short", "Up to 4 minutes", None, Some(240)),
    bucket("medium", "4 to 10 minutes", Some(241), Some(600)),
    bucket("long", "Over 10 minutes", Some(601), None),
];

const DAY_MS: i64 = 86_400_000;

/// Milliseconds before the generation was published that the publication may be at most. Dates in the future count as
/// that moment.
pub const PUBLISHED: [(&str, &str, i64); 4] = [
    ("day", "Last 24 hours", DAY_MS),
    ("week", "Last 7 days", 7 * DAY_MS),
    ("month", "Last 30 days", 30 * DAY_MS),
    ("year", "Last 365 days", 365 * DAY_MS),
];

/// The counts of one facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCounts {
    /// Which.
    pub facet: Facet,
    /// The most frequent values, then those that were chosen; buckets in their own order.
    pub values: Vec<FacetValue>,
    /// Whether there are more values than these.
    pub has_more: bool,
    /// Whether counts may be too low: only where a segment has more than 65 536 values and is not the only one.
    pub is_approximate: bool,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// What the filter takes.
    pub id: String,
    /// What people read.
    pub label: String,
    /// Results with this value.
    pub count: usize,
    /// Whether the search has chosen it.
    pub is_selected: bool,
    /// Inclusive bounds of a bucket: seconds, or milliseconds since 1970.
    pub bounds: Option<Bounds>,
}

/// The filter of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KindFilter {
    /// Of videos.
    Videos(Box<VideoFilter>),
    /// Of channels.
    Channels(ChannelFilter),
    /// Of playlists.
    Playlists(PlaylistFilter),
    /// Of events.
    Events(Box<EventFilter>),
    /// Of groups.
    Groups(Box<GroupFilter>),
}

impl KindFilter {
    /// The facets that the kind has.
    pub fn facets(&self) -> &'static [Facet] {
        match self {
            Self::Videos(_) => &Facet::OF_VIDEOS,
            Self::Events(_) => &Facet::OF_EVENTS,
            Self::Groups(_) => &Facet::OF_GROUPS,
            Self::Channels(_) | Self::Playlists(_) => &[Facet::Host],
        }
    }

    pub(super) fn origin(&self) -> &OriginFilter {
        match self {
            Self::Videos(filter) => &filter.origin,
            Self::Channels(filter) => &filter.origin,
            Self::Playlists(filter) => &filter.origin,
            Self::Events(filter) => &filter.origin,
            Self::Groups(filter) => &filter.origin,
        }
    }

    pub(super) fn lower(&self, snapshot: &Snapshot) -> Vec<Arc<Expr>> {
        match self {
            Self::Videos(filter) => filter::of_videos(filter, &snapshot.video_fields),
            Self::Channels(filter) => filter::of_channels(filter, &snapshot.channel_fields),
            Self::Playlists(filter) => filter::of_playlists(filter, &snapshot.playlist_fields),
            Self::Events(filter) => filter::of_events(filter, &snapshot.event_fields),
            Self::Groups(filter) => filter::of_groups(filter, &snapshot.group_fields),
        }
    }

    /// The filter without what chooses values of `facet`; `None` when there is no such choice. What is not safe for work
    /// is no choice: nothing may count what is not shown. Tags that must all be there narrow each other, so they stay.
    pub(super) fn without(&self, facet: Facet) -> Option<Self> {
        let mut others = self.clone();
        let videos = match &mut others {
            Self::Videos(filter) => filter,
            Self::Channels(ChannelFilter { origin, .. }) | Self::Playlists(PlaylistFilter { origin, .. }) => {
                let had_own = facet == Facet::Host && origin.host.take().is_some();
                return had_own.then_some(others);
            }
            Self::Events(filter) => {
                let had_own = match facet {
                    Facet::Category => !std::mem::take(&mut filter.categories).is_empty(),
                    Facet::Language => !std::mem::take(&mut filter.languages).is_empty(),
                    Facet::Tag => !std::mem::take(&mut filter.tags_one_of).is_empty(),
                    Facet::Host => filter.hosts.take().is_some(),
                    Facet::Status => !std::mem::take(&mut filter.statuses).is_empty(),
                    Facet::JoinMode => !std::mem::take(&mut filter.join_modes).is_empty(),
                    Facet::IsOnline => filter.is_online.take().is_some(),
                    Facet::HasFreePlaces => filter.has_free_places.take().is_some(),
                    _ => false,
                };
                return had_own.then_some(others);
            }
            Self::Groups(filter) => {
                let had_own = match facet {
                    Facet::Language => !std::mem::take(&mut filter.languages).is_empty(),
                    Facet::Host => filter.hosts.take().is_some(),
                    Facet::Openness => !std::mem::take(&mut filter.openness).is_empty(),
                    _ => false,
                };
                return had_own.then_some(others);
            }
        };
        let had_own = match facet {
            Facet::Category => !std::mem::take(&mut videos.categories).is_empty(),
            Facet::Licence => !std::mem::take(&mut videos.licences).is_empty(),
            Facet::Language => !std::mem::take(&mut videos.languages).is_empty(),
            Facet::Tag => !std::mem::take(&mut videos.tags_one_of).is_empty(),
            Facet::Host => videos.origin.host.take().is_some(),
            Facet::Duration => !std::mem::take(&mut videos.duration_s).is_open(),
            Facet::Published => !std::mem::take(&mut videos.published_ms).is_open(),
            Facet::IsLive => videos.is_live.take().is_some(),
            _ => false,
        };
        had_own.then_some(others)
    }

    /// The values of `facet` that are chosen by their id, whether any result has them or not.
    pub(super) fn selected(&self, facet: Facet) -> Vec<String> {
        let host = |host: Option<&HostFilter>| match host {
            Some(HostFilter::Is(name)) => vec![name.clone()],
            Some(HostFilter::Nothing) | None => Vec::new(),
        };
        let numbers = |numbers: &[i64]| numbers.iter().map(i64::to_string).collect();
        match (self, facet) {
            (
                Self::Channels(ChannelFilter { origin, .. }) | Self::Playlists(PlaylistFilter { origin, .. }),
                Facet::Host,
            ) => host(origin.host.as_ref()),
            (Self::Channels(_) | Self::Playlists(_), _) => Vec::new(),
            (Self::Videos(filter), Facet::Category) => numbers(&filter.categories),
            (Self::Videos(filter), Facet::Licence) => numbers(&filter.licences),
            (Self::Videos(filter), Facet::Language) => filter.languages.clone(),
            (Self::Videos(filter), Facet::Tag) => filter.tags_one_of.clone(),
            (Self::Videos(filter), Facet::Host) => host(filter.origin.host.as_ref()),
            (Self::Videos(filter), Facet::IsLive) => filter.is_live.iter().map(bool::to_string).collect(),
            (Self::Videos(_), _) => Vec::new(),
            (Self::Events(filter), Facet::Category) => filter.categories.clone(),
            (Self::Events(filter), Facet::Language) => filter.languages.clone(),
            (Self::Events(filter), Facet::Tag) => filter.tags_one_of.clone(),
            (Self::Events(filter), Facet::Host) => filter.hosts.clone().unwrap_or_default(),
            (Self::Events(filter), Facet::Status) => filter.statuses.clone(),
            (Self::Events(filter), Facet::JoinMode) => filter.join_modes.clone(),
            (Self::Events(filter), Facet::IsOnline) => filter.is_online.iter().map(bool::to_string).collect(),
            (Self::Events(filter), Facet::HasFreePlaces) => {
                filter.has_free_places.iter().map(bool::to_string).collect()
            }
            (Self::Events(_), _) => Vec::new(),
            (Self::Groups(filter), Facet::Language) => filter.languages.clone(),
            (Self::Groups(filter), Facet::Host) => filter.hosts.clone().unwrap_or_default(),
            (Self::Groups(filter), Facet::Openness) => filter.openness.clone(),
            (Self::Groups(_), _) => Vec::new(),
        }
    }

    /// Whether exactly these bounds are chosen.
    pub(super) fn is_bucket_selected(&self, facet: Facet, bounds: Bounds) -> bool {
        match (self, facet) {
            (Self::Videos(filter), Facet::Duration) => filter.duration_s == bounds,
            (Self::Videos(filter), Facet::Published) => filter.published_ms == bounds,
            _ => false,
        }
    }
}
