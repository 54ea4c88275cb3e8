//! `GET /img/{host}~{uuid}/{size}`.

use std::sync::Arc;

use allowlist::Host;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::answer::with_type;
use super::assets::PLACEHOLDER;
use super::state::QueryApi;
use crate::images::{ImageRequest, ImageSize};

/// Pictures keep their name when their video does, but an author may replace one.
const IMAGE_AGE: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// A placeholder is soon asked for again.
const PLACEHOLDER_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// A picture of a video that the generation in use has. Anything else, whoever asks and however, is a placeholder.
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
        Some(Some(request)) => match api.images.get(&format!("{key}/{size}"), request).await {
            Some(image) => {
                let mut response = with_type(StatusCode::OK, image.kind.media_type(), image.bytes);
                response.headers_mut().insert(header::CACHE_CONTROL, IMAGE_AGE);
                response
            }
            // The video is there and its picture is not: to a browser that is no error worth a line in its console.
            None => placeholder(StatusCode::OK),
        },
    }
}

/// `None` for no such video, `Some(None)` for a video without such a picture.
async fn request_of(api: &Arc<QueryApi>, key: &str, size: &str) -> Option<Option<ImageRequest>> {
    let size = ImageSize::parse(size)?;
    let (host, uuid) = key.rsplit_once('~')?;
    let host = Host::parse(host).ok().filter(|parsed| parsed.as_str() == host)?;
    let uuid = Uuid::try_parse(uuid).ok()?;
    let index = api.current().ok()?;
    let name = host.as_str().to_owned();
    let found = tokio::task::spawn_blocking(move || index.find(&name, uuid)).await.ok()?;
    let video = found.inspect_err(|error| tracing::error!("{error}")).ok().flatten()?;
    let (first, second) = match size {
        ImageSize::Thumbnail => (&video.thumbnail, &video.preview),
        ImageSize::Preview => (&video.preview, &video.thumbnail),
    };
    let url = first.as_ref().or(second.as_ref()).map(|file| file.absolute(host.as_str()));
    Some(url.map(|url| ImageRequest { host, url }))
}

fn placeholder(status: StatusCode) -> Response {
    let mut response = with_type(status, "image/svg+xml", PLACEHOLDER);
    response.headers_mut().insert(header::CACHE_CONTROL, PLACEHOLDER_AGE);
    response
}
