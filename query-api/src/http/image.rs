//! `GET /img/{key}/{size}`.

use std::sync::Arc;

use allowlist::Host;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use indexer::stored::{StoredEvent, StoredHostedActor, StoredImage};

use super::answer::with_type;
use super::assets::PLACEHOLDER;
use super::state::QueryApi;
use crate::error::Error;
use crate::images::{ImageKey, ImageRequest, ImageSize};
use crate::search::SearchIndex;

/// Pictures keep their name when what they show does, but an author may replace one.
const IMAGE_AGE: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// A placeholder is soon asked for again.
const PLACEHOLDER_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// A picture of something that the generation in use has. Anything else, whoever asks and however, is a placeholder.
pub(super) async fn show_image(
    State(api): State<Arc<QueryApi>>,
    names: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let Ok(Path((key, size))) = names else {
        return placeholder(StatusCode::NOT_FOUND);
    };
    match request_of(&api, &key, &size).await {
        None => placeholder(StatusCode::NOT_FOUND),
        Some(None) => placeholder(StatusCode::OK),
        Some(Some(request)) => match api.images.get(request).await {
            Some(image) => {
                let mut response = with_type(StatusCode::OK, image.kind.media_type(), image.bytes);
                response.headers_mut().insert(header::CACHE_CONTROL, IMAGE_AGE);
                response
            }
            // What it shows is there and the picture is not: to a browser that is no error worth a line in its console.
            None => placeholder(StatusCode::OK),
        },
    }
}

/// `None` for nothing of that name, `Some(None)` for something without such a picture.
async fn request_of(api: &Arc<QueryApi>, key: &str, size: &str) -> Option<Option<ImageRequest>> {
    let size = ImageSize::parse(size)?;
    let key = ImageKey::parse(key)?;
    let index = api.current().ok()?;
    let found = tokio::task::spawn_blocking(move || look_up(&index, &key, size)).await.ok()?;
    found.inspect_err(|error| tracing::error!("{error}")).ok().flatten()
}

fn look_up(index: &SearchIndex, key: &ImageKey, size: ImageSize) -> Result<Option<Option<ImageRequest>>, Error> {
    let request = |host: &Host, url: Option<String>| url.map(|url| ImageRequest { host: host.clone(), url });
    Ok(match key {
        ImageKey::Video(host, uuid) => index.find(host.as_str(), *uuid)?.map(|video| {
            let (first, second) = match size {
                ImageSize::Thumbnail => (&video.thumbnail, &video.preview),
                ImageSize::Preview => (&video.preview, &video.thumbnail),
            };
            request(host, first.as_ref().or(second.as_ref()).map(|file| file.absolute(host.as_str())))
        }),
        ImageKey::Event(host, id) => {
            let event = index.find_event(host.as_str(), id)?;
            event.map(|event| request(host, picture(&event.pictures, host.as_str(), size)))
        }
        ImageKey::Group(host, name) => {
            let group = index.find_group(host.as_str(), name)?;
            group.map(|group| request(host, picture(&group.banners, host.as_str(), size)))
        }
        ImageKey::Actor { host, name, claimed_by } => avatar(index, (host, name), claimed_by.as_ref(), size)?,
    })
}

/// The avatar of the actor `name` of `host`: what is indexed from that host itself says it, whoever else says something. Only
/// where it says nothing counts what an event of `claimed_by` says, a host that the address names.
fn avatar(
    index: &SearchIndex,
    (host, name): (&Host, &str),
    claimed_by: Option<&Host>,
    size: ImageSize,
) -> Result<Option<Option<ImageRequest>>, Error> {
    let group = index.find_group(host.as_str(), name)?;
    let of_group = group.as_ref().and_then(|group| picture(&group.actor.avatars, host.as_str(), size));
    if let Some(url) = of_group {
        return Ok(Some(Some(ImageRequest { host: host.clone(), url })));
    }
    let mut is_known = group.is_some();
    let handle = format!("{name}@{}", host.as_str());
    for source in std::iter::once(host).chain(claimed_by) {
        let events = index.find_events_naming(&handle, source.as_str())?;
        if let Some(request) = events.iter().find_map(|event| of_actor(event, (host, name), source, size)) {
            return Ok(Some(Some(request)));
        }
        is_known |= !events.is_empty();
    }
    Ok(is_known.then_some(None))
}

/// The avatar of an actor that an event of `source` names. Only what `source` serves is asked for: the host of the actor may
/// be one that is not listed.
fn of_actor(event: &StoredEvent, (host, name): (&Host, &str), source: &Host, size: ImageSize) -> Option<ImageRequest> {
    let is_it = |hosted: &&StoredHostedActor| {
        hosted.host.as_deref().unwrap_or(&event.host) == host.as_str() && hosted.actor.name.to_lowercase() == *name
    };
    let served_there = |hosted: &StoredHostedActor| {
        let url = picture(&hosted.actor.avatars, host.as_str(), size)?;
        let path = url.strip_prefix("https://")?.strip_prefix(source.as_str())?;
        path.starts_with('/').then_some(url)
    };
    let url = event.group.iter().chain(&event.organizer).filter(is_it).find_map(served_there)?;
    Some(ImageRequest { host: source.clone(), url })
}

/// The smallest picture that is wide enough, else the largest; they are sorted by width, unknown ones last.
fn picture(images: &[StoredImage], host: &str, size: ImageSize) -> Option<String> {
    let wide_enough = images.iter().find(|image| image.width.is_some_and(|width| width >= size.width()));
    let largest = || images.iter().rfind(|image| image.width.is_some()).or_else(|| images.first());
    wide_enough.or_else(largest).map(|image| image.file.absolute(host))
}

fn placeholder(status: StatusCode) -> Response {
    let mut response = with_type(status, "image/svg+xml", PLACEHOLDER);
    response.headers_mut().insert(header::CACHE_CONTROL, PLACEHOLDER_AGE);
    response
}
