//! `GET /api/v1/search`: every kind at once.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use jiff::Timestamp;

use super::answer::Refusal;
use super::search::{respond, written};
use super::state::QueryApi;
use crate::params::{EventSearch, GroupSearch, read_native_query, search_time};
use crate::query::{Kind, NativeQuery};
use crate::search::{Deadline, KindFilter, Matches, SearchIndex, Snippets};
use crate::wire::{GenerationInfo, KindPage, NativeAnswer, Pictures};

/// Searches videos, channels, playlists, events and groups at once, with excerpts and counts.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "search",
    params(super::openapi::NativeSearchParams, super::openapi::VideoSearchParams, super::openapi::HostedFilterParams),
    responses(
        (status = 200, description = "A page of each kind", body = NativeAnswer),
        (status = 304, description = "The same as the answer with this ETag"),
        (status = 400, description = "Wrong parameters, each with its reason", body = crate::wire::Problem),
        (status = 503, description = "Too busy, too slow or not ready yet; `Retry-After` says when to come back", body = crate::wire::Problem),
    )
)]
pub(super) async fn search_all(State(api): State<Arc<QueryApi>>, request: Request) -> Response {
    let now = search_time(Timestamp::now());
    let pictures = api.pictures();
    respond(
        &api,
        request,
        move |params| read_native_query(params, now),
        move |index, query, deadline| written(serde_json::to_vec(&answer(index, query, &pictures, deadline)?)),
    )
    .await
}

fn answer(
    index: &SearchIndex,
    query: &NativeQuery,
    pictures: &Pictures,
    deadline: Deadline,
) -> Result<NativeAnswer, Refusal> {
    let manifest = &index.snapshot().manifest;
    let generation = GenerationInfo::new(manifest.generation, manifest.published_at, Timestamp::now());
    let mut answer = NativeAnswer::new(generation, query);
    let snippets = |languages: &[String], boosted: &[String], corrections: &[(String, String)]| {
        let text = query.text();
        let marked = |text| Snippets::new(text, languages, boosted, corrections);
        query.highlight.then(|| text.map(marked).unwrap_or_default())
    };
    if let Some(videos) = &query.videos {
        let page = index.search_with_matches(videos, deadline)?;
        let filter = KindFilter::Videos(Box::new(videos.filter.clone()));
        add_facets(&mut answer, index, query, Kind::Video, &filter, page.matches.as_ref(), deadline)?;
        answer.add_words(&page);
        let snippets = snippets(&videos.filter.languages, &videos.boost_languages, &page.corrections);
        answer.kinds.video = Some(checked(KindPage::of_videos(page, videos.sort, snippets.as_ref()))?);
    }
    if let Some(channels) = &query.channels {
        let page = index.search_channels_with_matches(channels, deadline)?;
        let filter = KindFilter::Channels(channels.filter.clone());
        add_facets(&mut answer, index, query, Kind::Channel, &filter, page.matches.as_ref(), deadline)?;
        answer.add_words(&page);
        let snippets = snippets(&[], &[], &page.corrections);
        answer.kinds.channel = Some(checked(KindPage::of_channels(page, channels.sort, snippets.as_ref()))?);
    }
    if let Some(playlists) = &query.playlists {
        let page = index.search_playlists_with_matches(playlists, deadline)?;
        let filter = KindFilter::Playlists(playlists.filter.clone());
        add_facets(&mut answer, index, query, Kind::Playlist, &filter, page.matches.as_ref(), deadline)?;
        answer.add_words(&page);
        let snippets = snippets(&[], &[], &page.corrections);
        answer.kinds.playlist = Some(checked(KindPage::of_playlists(page, playlists.sort, snippets.as_ref()))?);
    }
    if let Some(EventSearch { query: events, is_by_series, .. }) = &query.events {
        let page = if *is_by_series {
            index.search_series(events, deadline)?
        } else {
            index.search_events_with_matches(events, deadline)?
        };
        let filter = KindFilter::Events(Box::new(events.filter.clone()));
        add_facets(&mut answer, index, query, Kind::Event, &filter, page.matches.as_ref(), deadline)?;
        answer.add_words(&page);
        let snippets = snippets(&events.filter.languages, &events.boost_languages, &page.corrections);
        answer.kinds.event = Some(checked(KindPage::of_events(page, events.sort, snippets.as_ref(), pictures))?);
    }
    if let Some(GroupSearch { query: groups, .. }) = &query.groups {
        let page = index.search_groups_with_matches(groups, deadline)?;
        let filter = KindFilter::Groups(Box::new(groups.filter.clone()));
        add_facets(&mut answer, index, query, Kind::Group, &filter, page.matches.as_ref(), deadline)?;
        answer.add_words(&page);
        let snippets = snippets(&groups.filter.languages, &groups.boost_languages, &page.corrections);
        answer.kinds.group = Some(checked(KindPage::of_groups(page, groups.sort, snippets.as_ref(), pictures))?);
    }
    Ok(answer)
}

fn add_facets(
    answer: &mut NativeAnswer,
    index: &SearchIndex,
    query: &NativeQuery,
    kind: Kind,
    filter: &KindFilter,
    matches: Option<&Matches>,
    deadline: Deadline,
) -> Result<(), Refusal> {
    if !query.facets.facets.is_empty() {
        answer.add_facets(kind, &index.facets(filter, matches, &query.facets, deadline)?);
    }
    Ok(())
}

fn checked<T>(page: Result<T, serde_json::Error>) -> Result<T, Refusal> {
    page.map_err(|error| {
        tracing::error!("writing a result as JSON: {error}");
        Refusal::Broken
    })
}
