//! The parameters of the search of several kinds, and of suggestions.

use std::collections::BTreeSet;

use indexer::schema::EVENT_CATEGORIES;
use jiff::Timestamp;
use serde_json::Value;

use super::discovery::without_aliases;
use super::reader::{MAX_TEXT_CHARS, Reader};
use super::value;
use super::{
    EventSearch, GroupSearch, Location, ParamError, ParamsError, RawParams, read_channel_query, read_event_search,
    read_group_search, read_playlist_query, read_video_query,
};
use crate::query::{EventTimes, Kind, NativeQuery, Nsfw, Sort, SortKey, SuggestQuery, VideoFilter};
use crate::search::{Facet, FacetRequest};

/// Results of each kind when `count` is absent.
const DEFAULT_COUNT: usize = 10;

/// Values of a facet when `facetSize` is absent, and the most there may be.
const DEFAULT_FACET_SIZE: usize = 20;
const MAX_FACET_SIZE: usize = 100;

/// Suggestions when `count` is absent, and the most there may be.
const DEFAULT_SUGGESTIONS: usize = 8;
const MAX_SUGGESTIONS: usize = 20;

/// Reads and checks the parameters of a search of several kinds. Filters and their checks are those of the searches of
/// one kind; unknown parameters are ignored.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once, [`ParamsError::TooLarge`] for a mute list over 10 000.
pub fn read_native_query(params: &RawParams, now: Timestamp) -> Result<NativeQuery, ParamsError> {
    let params = with_defaults(params);
    let (params, of_hosted) = by_categories(&params);
    let mut errors = Vec::new();
    let own = kept(&mut errors, Reader::run(&params, |reader| Ok(reader.native_choices())))?;
    let videos = kept(&mut errors, read_video_query(&sorted_as(&params, Kind::Video)))?;
    let channels = kept(&mut errors, read_channel_query(&sorted_as(&params, Kind::Channel)))?;
    let playlists = kept(&mut errors, read_playlist_query(&sorted_as(&params, Kind::Playlist)))?;
    let upcoming = EventTimes { not_over_at: Some(now.as_millisecond()), ..EventTimes::default() };
    let events = kept(&mut errors, read_event_search(&of_hosted, upcoming, now))?;
    let groups = kept(&mut errors, read_group_search(&of_hosted))?;
    let (Some(own), Some(videos), Some(channels), Some(playlists), Some(mut events), Some(groups)) =
        (own, videos, channels, playlists, events, groups)
    else {
        return Err(ParamsError::Invalid(errors));
    };
    events.query.sort = event_sort(&params, &events);
    let mut of_videos = video_filters(&videos.filter);
    if videos.filter.nsfw == Nsfw::Only {
        of_videos.push("nsfw");
    }
    let uuids = videos.filter.uuids.is_some().then_some("uuids");
    let handles = channels.filter.handles.is_some().then_some("handles");
    let of_events = event_filters(&events);
    let of_groups = (!groups.query.filter.openness.is_empty()).then_some("openness");
    let of_hosted = hosted_filters(&params, &events, &groups);
    let all_hosted = || of_events.iter().copied().chain(of_groups).chain(of_hosted.iter().copied());
    let not_shared = |shared: &'static [&'static str]| of_videos.iter().copied().filter(|name| !shared.contains(name));
    let obstacles = |kind| -> Vec<&'static str> {
        match kind {
            Kind::Video => handles.into_iter().chain(all_hosted()).collect(),
            Kind::Channel => of_videos.iter().copied().chain(uuids).chain(all_hosted()).collect(),
            Kind::Playlist => of_videos.iter().copied().chain(handles).chain(all_hosted()).collect(),
            Kind::Event => {
                let shared = &["languageOneOf", "tagsOneOf", "tagsAllOf"];
                not_shared(shared).chain(uuids).chain(handles).chain(of_groups).collect()
            }
            Kind::Group => not_shared(&["languageOneOf"]).chain(uuids).chain(of_events.iter().copied()).collect(),
        }
    };
    let is_searched = |kind| own.kinds.contains(&kind) && obstacles(kind).is_empty();
    let omitted = own.kinds.iter().map(|kind| (*kind, obstacles(*kind))).filter(|(_, params)| !params.is_empty());
    Ok(NativeQuery {
        search: params.get("search").and_then(|(_, value)| value::text(value)),
        omitted: omitted.collect(),
        videos: is_searched(Kind::Video).then_some(videos),
        channels: is_searched(Kind::Channel).then_some(channels),
        playlists: is_searched(Kind::Playlist).then_some(playlists),
        events: is_searched(Kind::Event).then_some(events),
        groups: is_searched(Kind::Group).then_some(groups),
        facets: own.facets,
        highlight: own.highlight,
    })
}

/// Reads and checks the parameters of suggestions. `is_asked_by_header` says that the client wants the form of OpenSearch.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once.
pub fn read_suggest_query(params: &RawParams, is_asked_by_header: bool) -> Result<SuggestQuery, ParamsError> {
    Reader::run(params, |reader| {
        let name = if params.get("q").is_some() { "q" } else { "search" };
        let text = reader.read(name, "Should have a valid text", value::text).unwrap_or_default();
        if text.chars().count() > MAX_TEXT_CHARS {
            reader.refuse(name, format!("Should have a valid text (max: {MAX_TEXT_CHARS} characters)"));
        }
        let count_msg = format!("Should have a number count (max: {MAX_SUGGESTIONS})");
        let count = reader.read("count", &count_msg, |value| number(value, 0..=MAX_SUGGESTIONS));
        let is_opensearch = reader.read("format", "Should have a valid format: json or opensearch", |value| {
            match value::text(value)?.as_str() {
                "json" => Some(false),
                "opensearch" => Some(true),
                _ => None,
            }
        });
        Ok(SuggestQuery {
            text,
            count: count.unwrap_or(DEFAULT_SUGGESTIONS),
            is_opensearch: is_opensearch.unwrap_or(is_asked_by_header),
        })
    })
}

/// What only this search has.
struct Choices {
    kinds: BTreeSet<Kind>,
    facets: FacetRequest,
    highlight: bool,
}

impl Reader<'_> {
    fn native_choices(&mut self) -> Choices {
        let names = |names: &[&str]| names.join(", ");
        let kinds_msg = format!("Should have valid kinds: some of {}", names(&Kind::ALL.map(Kind::name)));
        let kinds = self.read("kinds", &kinds_msg, |value| {
            let kinds = items(value)?.iter().map(|name| Kind::parse(name)).collect::<Option<BTreeSet<Kind>>>()?;
            Some(if kinds.is_empty() { BTreeSet::from(Kind::ALL) } else { kinds })
        });
        let facets_msg = format!("Should have valid facets: all, or some of {}", names(&Facet::ALL.map(Facet::name)));
        let facets = self.read("facets", &facets_msg, |value| {
            let names = items(value)?;
            if names.iter().any(|name| name == "all") {
                return Some(BTreeSet::from(Facet::ALL));
            }
            names.iter().map(|name| Facet::parse(name)).collect()
        });
        let size_msg = format!("Should have a number facetSize (1 to {MAX_FACET_SIZE})");
        let size = self.read("facetSize", &size_msg, |value| number(value, 1..=MAX_FACET_SIZE));
        let highlight = self.read("highlight", "Should have a valid highlight boolean", value::boolean);
        Choices {
            kinds: kinds.unwrap_or_else(|| BTreeSet::from(Kind::ALL)),
            facets: FacetRequest {
                facets: facets.unwrap_or_default().into_iter().collect(),
                size: size.unwrap_or(DEFAULT_FACET_SIZE),
            },
            highlight: highlight.unwrap_or(true),
        }
    }
}

/// `q` for `search`, ten results, and nothing that is not safe for work unless it is asked for.
fn with_defaults(params: &RawParams) -> RawParams {
    let mut params = without_aliases(params);
    if params.get("search").is_none()
        && let Some((location, value)) = params.get("q")
    {
        let value = value.clone();
        params.set("search", location, value);
    }
    for (name, value) in [("count", Value::from(DEFAULT_COUNT)), ("nsfw", Value::from("false"))] {
        if params.get(name).is_none() {
            params.set(name, Location::Query, value);
        }
    }
    params
}

/// The parameters with the order in the words of the kind. What a kind cannot be ordered by is its usual order; what
/// nothing can be ordered by is left for the search of videos to refuse.
fn sorted_as(params: &RawParams, kind: Kind) -> RawParams {
    let mut params = params.clone();
    let Some((location, text)) = params.get("sort").and_then(|(at, value)| Some((at, value::text(value)?))) else {
        return params;
    };
    let (dash, name) = text.strip_prefix('-').map_or(("", text.as_str()), |name| ("-", name));
    let name = match (kind, name) {
        (Kind::Video, "displayName") => "name",
        // What only events and groups are ordered by, and our name for what is usual.
        (Kind::Video, "relevance" | "startTime" | "participantCount" | "memberCount" | "distance") => "match",
        (Kind::Video, name) => name,
        (_, "name" | "displayName") => "displayName",
        (_, "createdAt") => "createdAt",
        _ => "match",
    };
    let text = format!("{dash}{name}");
    params.set("sort", location, Value::from(text));
    params
}

/// What was read, or its errors among the others, each parameter once.
pub(super) fn kept<T>(errors: &mut Vec<ParamError>, read: Result<T, ParamsError>) -> Result<Option<T>, ParamsError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(ParamsError::Invalid(found)) => {
            for error in found {
                if !errors.iter().any(|known| known.param == error.param) {
                    errors.push(error);
                }
            }
            Ok(None)
        }
        Err(too_large) => Err(too_large),
    }
}

/// Filters in use that only videos can pass.
fn video_filters(filter: &VideoFilter) -> Vec<&'static str> {
    let in_use = [
        ("isLive", filter.is_live.is_some()),
        ("categoryOneOf", !filter.categories.is_empty()),
        ("licenceOneOf", !filter.licences.is_empty()),
        ("languageOneOf", !filter.languages.is_empty()),
        ("tagsOneOf", !filter.tags_one_of.is_empty()),
        ("tagsAllOf", !filter.tags_all_of.is_empty()),
        ("startDate", filter.published_ms.min.is_some()),
        ("endDate", filter.published_ms.max.is_some()),
        ("originallyPublishedStartDate", filter.originally_published_ms.min.is_some()),
        ("originallyPublishedEndDate", filter.originally_published_ms.max.is_some()),
        ("durationMin", filter.duration_s.min.is_some()),
        ("durationMax", filter.duration_s.max.is_some()),
    ];
    in_use.into_iter().filter(|(_, is_in_use)| *is_in_use).map(|(name, _)| name).collect()
}

/// The order of events: by discovery, unless they have the order asked for.
fn event_sort(params: &RawParams, search: &EventSearch) -> Sort {
    let text = params.get("sort").and_then(|(_, value)| value::text(value)).unwrap_or_default();
    let name = text.trim().trim_start_matches(['-', '+']);
    let has_order = match name {
        "startTime" | "participantCount" | "createdAt" | "name" => true,
        "distance" => search.query.near.is_some(),
        _ => false,
    };
    if has_order { search.query.sort } else { Sort { key: SortKey::Discovery, descending: true } }
}

/// Filters in use that only events can pass.
fn event_filters(search: &EventSearch) -> Vec<&'static str> {
    let filter = &search.query.filter;
    let in_use = [
        ("when", search.has_times),
        ("categoryOneOf", !filter.categories.is_empty()),
        ("statusOneOf", search.has_statuses),
        ("isOnline", filter.is_online.is_some()),
        ("joinMode", !filter.join_modes.is_empty()),
        ("hasFreePlaces", filter.has_free_places.is_some()),
        ("isLong", filter.is_long.is_some()),
        ("accessible", !filter.accessible.is_empty()),
    ];
    in_use.into_iter().filter(|(_, is_in_use)| *is_in_use).map(|(name, _)| name).collect()
}

/// Filters in use that events and groups can pass, and nothing else.
fn hosted_filters(params: &RawParams, events: &EventSearch, groups: &GroupSearch) -> Vec<&'static str> {
    let filter = &groups.query.filter;
    let is_given =
        |name| params.get(name).is_some_and(|(_, value)| value::text(value).is_some_and(|text| !text.is_empty()));
    let in_use = [
        ("near", events.near.is_some()),
        ("latlon", events.near.is_none() && events.query.near.is_some()),
        ("bbox", is_given("bbox")),
        ("group", events.query.filter.groups.is_some() && is_given("group")),
        ("hostOneOf", filter.hosts.is_some() && is_given("hostOneOf")),
    ];
    in_use.into_iter().filter(|(_, is_in_use)| *is_in_use).map(|(name, _)| name).collect()
}

/// The parameters for what has numbers for categories, and those for what has names: events.
fn by_categories(params: &RawParams) -> (RawParams, RawParams) {
    let (mut numbered, mut named) = (params.clone(), params.clone());
    if let Some((location, value)) = params.get("categoryOneOf")
        && let Some(items) = items(value)
    {
        let is_name = |item: &String| EVENT_CATEGORIES.contains(&item.to_uppercase().as_str());
        let (names, numbers): (Vec<String>, Vec<String>) = items.into_iter().partition(is_name);
        let some = |items: Vec<String>| if items.is_empty() { Value::Null } else { Value::from(items) };
        // What is neither is refused by who reads numbers.
        numbered.set("categoryOneOf", location, some(numbers));
        named.set("categoryOneOf", location, some(names));
    }
    (numbered, named)
}

/// The items of a list that may also be written with commas: names of ours have none.
fn items(value: &Value) -> Option<Vec<String>> {
    let texts = value::texts(value)?;
    let items = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|item| !item.is_empty());
    Some(items.map(str::to_owned).collect())
}

fn number(value: &Value, allowed: std::ops::RangeInclusive<usize>) -> Option<usize> {
    value::integer(value).and_then(|number| usize::try_from(number).ok()).filter(|number| allowed.contains(number))
}
