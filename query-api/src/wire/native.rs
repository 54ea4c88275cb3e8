use std::collections::BTreeMap;

use indexer::analysis::plain_text;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::iso_ms;
use super::list::lightened;
use super::pictures::Pictures;
use super::{
    ChannelObject, EventObject, GroupObject, PlaylistObject, VideoObject, channel, event, group, playlist, video,
};
use crate::query::{Kind, NativeQuery, Sort, SortKey};
use crate::search::{
    ChannelHit, EventHit, Facet, FacetCounts, FacetValue, GroupHit, Marked, PlaylistHit, SearchPage, Snippets, VideoHit,
};

/// The answer to a search of several kinds.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NativeAnswer {
    /// What answered.
    pub generation: GenerationInfo,
    /// The text as given.
    pub search: Option<String>,
    /// The results of each kind that was searched.
    pub kinds: NativeKinds,
    /// Kinds that were asked for and cannot pass a filter, by name.
    pub omitted: BTreeMap<&'static str, OmittedKind>,
    /// The place that `near` was taken for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<NearObject>,
    /// The zone in which days were read, where events were searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Counts by kind and facet, when asked for.
    pub facets: BTreeMap<&'static str, BTreeMap<&'static str, FacetObject>>,
    /// Words that were also looked for in another spelling, because they are hardly known.
    pub corrections: Vec<Correction>,
    /// Whether results with most of the words were taken too, because hardly any has all.
    pub relaxed: bool,
}

/// A place that a search is around.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NearObject {
    /// Its label; null for a point.
    pub label: Option<String>,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

impl NearObject {
    fn of(query: &NativeQuery) -> Option<Self> {
        let of_events = query.events.as_ref().and_then(|search| search.near.as_ref());
        let near = of_events.or_else(|| query.groups.as_ref().and_then(|search| search.near.as_ref()))?;
        Some(Self { label: near.label.clone(), lat: near.point.lat(), lon: near.point.lon() })
    }
}

/// The state of the index that an answer is from.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GenerationInfo {
    /// Strictly increasing.
    pub number: u64,
    /// When it was published.
    pub published_at: String,
    /// Seconds since then.
    pub age_seconds: i64,
}

/// The results by kind.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NativeKinds {
    /// Videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<KindPage<VideoObject>>,
    /// Channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<KindPage<ChannelObject>>,
    /// Playlists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playlist: Option<KindPage<PlaylistObject>>,
    /// Events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<KindPage<EventObject>>,
    /// Groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<KindPage<GroupObject>>,
}

/// A page of results of one kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindPage<Object: ToSchema> {
    /// Results that paging can reach, at most 10 000.
    pub total: usize,
    /// Whether there are more.
    pub is_capped: bool,
    /// The order that was used; the usual one where the kind does not have the one asked for.
    pub sort: String,
    /// The results of this page.
    pub data: Vec<NativeHit<Object>>,
}

/// A result: the object of its kind with its name and its excerpts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NativeHit<Object: ToSchema> {
    /// The object as the search of one kind answers it.
    #[serde(flatten)]
    pub object: Object,
    /// `video`, `channel`, `playlist`, `event` or `group`.
    pub kind: &'static str,
    /// Absent with `highlight=false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Snippet>,
}

/// Texts of a result, the words of the search marked. Joined they are the text; none of it is HTML.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Snippet {
    /// The whole title or display name.
    pub title: Vec<Segment>,
    /// The part of the description with the most of the words, about 220 bytes.
    pub description: Vec<Segment>,
}

/// A piece of text.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// Plain text.
    pub text: String,
    /// Whether it is a word of the search.
    pub is_match: bool,
}

/// Why a kind has no results.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OmittedKind {
    /// The parameters that say so.
    pub params: Vec<&'static str>,
    /// In one sentence.
    pub reason: String,
}

/// A word and the spelling that was looked for too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Correction {
    /// The word, folded.
    pub written: String,
    /// What was taken for it.
    pub taken: String,
}

/// The counts of one facet.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FacetObject {
    /// The most frequent values, then those that were chosen; buckets in their own order.
    pub values: Vec<FacetValueObject>,
    /// Whether there are more values than these.
    pub has_more: bool,
    /// Whether counts may be too low; only for facets with more than 65 536 values.
    pub is_approximate: bool,
}

/// One value of a facet.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FacetValueObject {
    /// What the filter of the facet takes.
    pub id: String,
    /// What people read.
    pub label: String,
    /// Results with this value, also beyond the reach of paging.
    pub count: usize,
    /// Whether the search has chosen it.
    pub is_selected: bool,
    /// Parameters that choose it.
    pub params: BTreeMap<&'static str, String>,
}

impl NativeAnswer {
    /// An answer without results yet.
    pub fn new(generation: GenerationInfo, query: &NativeQuery) -> Self {
        let omitted = query.omitted.iter().map(|(kind, params)| (kind.name(), OmittedKind::new(*kind, params)));
        Self {
            generation,
            search: query.search.clone(),
            kinds: NativeKinds::default(),
            omitted: omitted.collect(),
            near: NearObject::of(query),
            time_zone: query.events.as_ref().map(|search| search.time_zone.clone()),
            facets: BTreeMap::new(),
            corrections: Vec::new(),
            relaxed: false,
        }
    }

    /// Adds what a kind says of the words.
    pub fn add_words<Hit>(&mut self, page: &SearchPage<Hit>) {
        self.relaxed |= page.is_relaxed;
        for (written, taken) in &page.corrections {
            let correction = Correction { written: written.clone(), taken: taken.clone() };
            if !self.corrections.contains(&correction) {
                self.corrections.push(correction);
            }
        }
    }

    /// Adds the facets of a kind.
    pub fn add_facets(&mut self, kind: Kind, counts: &[FacetCounts]) {
        let facets = counts.iter().map(|counts| (counts.facet.name(), FacetObject::new(counts)));
        self.facets.insert(kind.name(), facets.collect());
    }
}

impl GenerationInfo {
    /// A generation published at `published_at`, as seen at `now`.
    pub fn new(number: u64, published_at: Timestamp, now: Timestamp) -> Self {
        let age_seconds = now.as_second().saturating_sub(published_at.as_second()).max(0);
        Self { number, published_at: iso_ms(published_at), age_seconds }
    }
}

impl KindPage<VideoObject> {
    /// A page of videos.
    ///
    /// # Errors
    /// Never with these types; the signature is that of the writer.
    pub fn of_videos(
        page: SearchPage<VideoHit>,
        sort: Sort,
        snippets: Option<&Snippets>,
    ) -> Result<Self, serde_json::Error> {
        Self::new(page, Kind::Video, sort, &video::LIGHTEN, VideoObject::from, |hit| {
            let description = hit.video.best_description().unwrap_or_default();
            snippets.map(|snippets| Snippet::new(snippets, &hit.video.name, description))
        })
    }
}

impl KindPage<ChannelObject> {
    /// A page of channels.
    ///
    /// # Errors
    /// As for videos.
    pub fn of_channels(
        page: SearchPage<ChannelHit>,
        sort: Sort,
        snippets: Option<&Snippets>,
    ) -> Result<Self, serde_json::Error> {
        Self::new(page, Kind::Channel, sort, &channel::LIGHTEN, ChannelObject::from, |hit| {
            let description = hit.channel.description.as_deref().unwrap_or_default();
            snippets.map(|snippets| Snippet::new(snippets, hit.channel.actor.display_name(), description))
        })
    }
}

impl KindPage<PlaylistObject> {
    /// A page of playlists.
    ///
    /// # Errors
    /// As for videos.
    pub fn of_playlists(
        page: SearchPage<PlaylistHit>,
        sort: Sort,
        snippets: Option<&Snippets>,
    ) -> Result<Self, serde_json::Error> {
        Self::new(page, Kind::Playlist, sort, &playlist::LIGHTEN, PlaylistObject::from, |hit| {
            let description = hit.playlist.description.as_deref().unwrap_or_default();
            snippets.map(|snippets| Snippet::new(snippets, &hit.playlist.display_name, description))
        })
    }
}

impl KindPage<EventObject> {
    /// A page of events.
    ///
    /// # Errors
    /// As for videos.
    pub fn of_events(
        page: SearchPage<EventHit>,
        sort: Sort,
        snippets: Option<&Snippets>,
        pictures: &Pictures,
    ) -> Result<Self, serde_json::Error> {
        Self::new(
            page,
            Kind::Event,
            sort,
            &event::LIGHTEN,
            |hit| EventObject::new(hit, pictures),
            |hit| {
                let description = hit.event.description.as_deref().map(plain_text).unwrap_or_default();
                snippets.map(|snippets| Snippet::new(snippets, &hit.event.title, &description))
            },
        )
    }
}

impl KindPage<GroupObject> {
    /// A page of groups.
    ///
    /// # Errors
    /// As for videos.
    pub fn of_groups(
        page: SearchPage<GroupHit>,
        sort: Sort,
        snippets: Option<&Snippets>,
        pictures: &Pictures,
    ) -> Result<Self, serde_json::Error> {
        Self::new(
            page,
            Kind::Group,
            sort,
            &group::LIGHTEN,
            |hit| GroupObject::new(hit, pictures),
            |hit| {
                let description = hit.group.summary.as_deref().map(plain_text).unwrap_or_default();
                snippets.map(|snippets| Snippet::new(snippets, hit.group.actor.display_name(), &description))
            },
        )
    }
}

impl<Object: Serialize + ToSchema> KindPage<Object> {
    fn new<Hit>(
        page: SearchPage<Hit>,
        kind: Kind,
        sort: Sort,
        lighten: &[super::list::Lighten<Object>],
        object_of: impl Fn(Hit) -> Object,
        snippet: impl Fn(&Hit) -> Option<Snippet>,
    ) -> Result<Self, serde_json::Error> {
        let mut data = Vec::with_capacity(page.hits.len());
        for hit in page.hits {
            let snippet = snippet(&hit);
            let object = lightened(object_of(hit), lighten)?;
            data.push(NativeHit { object, kind: kind.name(), snippet });
        }
        Ok(Self { total: page.total, is_capped: page.is_capped, sort: name_of(sort, kind), data })
    }
}

impl Snippet {
    fn new(snippets: &Snippets, title: &str, description: &str) -> Self {
        let segments = |pieces: Vec<Marked>| {
            let pieces = pieces.into_iter().filter(|piece| !piece.text.is_empty());
            pieces.map(|piece| Segment { text: piece.text, is_match: piece.is_hit }).collect()
        };
        Self { title: segments(snippets.mark(title)), description: segments(snippets.excerpt(description.trim())) }
    }
}

impl OmittedKind {
    fn new(kind: Kind, params: &[&'static str]) -> Self {
        let names: Vec<String> = params.iter().map(|param| format!("`{param}`")).collect();
        let reason = match kind {
            Kind::Video => "no video can pass it",
            Kind::Channel => "no channel can pass it",
            Kind::Playlist => "no playlist can pass it",
            Kind::Event => "no event can pass it",
            Kind::Group => "no group can pass it",
        };
        Self { params: params.to_vec(), reason: format!("{} is a filter of other kinds: {reason}", names.join(", ")) }
    }
}

impl FacetObject {
    fn new(counts: &FacetCounts) -> Self {
        Self {
            values: counts.values.iter().map(|value| FacetValueObject::new(counts.facet, value)).collect(),
            has_more: counts.has_more,
            is_approximate: counts.is_approximate,
        }
    }
}

impl FacetValueObject {
    fn new(facet: Facet, value: &FacetValue) -> Self {
        let mut params = BTreeMap::new();
        match value.bounds {
            None => {
                params.insert(facet.param(), value.id.clone());
            }
            Some(bounds) => {
                let (least, most) = facet.bound_params();
                let text = |bound: i64| match facet {
                    Facet::Published => Timestamp::from_millisecond(bound).map_or_else(|_| bound.to_string(), iso_ms),
                    _ => bound.to_string(),
                };
                params.extend(bounds.min.map(|min| (least, text(min))));
                params.extend(bounds.max.map(|max| (most, text(max))));
            }
        }
        let FacetValue { id, label, count, is_selected, .. } = value.clone();
        Self { id, label, count, is_selected, params }
    }
}

/// An order in the words of the parameter.
fn name_of(sort: Sort, kind: Kind) -> String {
    let name = match sort.key {
        SortKey::Match => "match",
        SortKey::Name if matches!(kind, Kind::Video | Kind::Event) => "name",
        SortKey::Name => "displayName",
        SortKey::Duration => "duration",
        SortKey::CreatedAt => "createdAt",
        SortKey::PublishedAt => "publishedAt",
        SortKey::OriginallyPublishedAt => "originallyPublishedAt",
        SortKey::Views => "views",
        SortKey::Likes => "likes",
        SortKey::Hot => "hot",
        SortKey::StartTime => "startTime",
        SortKey::Participants => "participantCount",
        SortKey::Members => "memberCount",
        SortKey::Distance => "distance",
        SortKey::Discovery => "relevance",
    };
    let dash = if sort.descending { "-" } else { "" };
    format!("{dash}{name}")
}
