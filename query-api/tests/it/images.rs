//! Pictures by video and size, never by address.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use futures_util::FutureExt;
use query_api::QueryApiConfig;
use query_api::images::{ImageBytes, ImageDoor, ImageError, ImageRequest};

use crate::fixture::{Site, video};

const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00";

fn door(asked: &Arc<Mutex<Vec<ImageRequest>>>) -> ImageDoor {
    let asked = Arc::clone(asked);
    Arc::new(move |request: ImageRequest| {
        let answer = if request.url.contains("/1.jpg") {
            Ok(ImageBytes(GIF.into()))
        } else if request.url.contains("/2.jpg") {
            Ok(ImageBytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..].into()))
        } else {
            Err(ImageError::Missing)
        };
        asked.lock().unwrap().push(request);
        async move { answer }.boxed()
    })
}

// case 140
#[tokio::test]
async fn only_pictures_of_indexed_videos_are_fetched() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let config = QueryApiConfig { image_door: Some(door(&asked)), ..QueryApiConfig::default() };
    let videos = [video(1, "a"), video(2, "svg"), video(3, "gone")];
    let site = Site::with_config(&videos, config);
    let path = |n: usize, size: &str| format!("/img/tube.example~{}/{size}", videos[n].uuid);

    for _ in 0..3 {
        let answer = site.get(&path(0, "thumbnail")).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/gif"));
        assert_eq!(answer.bytes, GIF);
        assert!(answer.header("cache-control").contains("max-age"));
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    }
    {
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), 1, "kept in memory");
        assert_eq!(asked[0].host.as_str(), "tube.example");
        assert_eq!(asked[0].url, "https://tube.example/lazy-static/thumbnails/1.jpg");
    }
    site.get(&path(0, "preview")).await;
    assert_eq!(asked.lock().unwrap()[1].url, "https://tube.example/lazy-static/previews/1.jpg");

    for n in [1, 2] {
        for _ in 0..2 {
            let answer = site.get(&path(n, "thumbnail")).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/svg+xml"));
            assert!(!answer.text().contains("onload"), "a placeholder of ours, nothing of theirs");
        }
    }
    assert_eq!(asked.lock().unwrap().len(), 4, "failures are remembered");
}

#[tokio::test]
async fn any_other_name_is_refused_without_a_fetch() {
    let n_asked = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&n_asked);
    let door: ImageDoor = Arc::new(move |_| {
        counting.fetch_add(1, Ordering::SeqCst);
        async { Err(ImageError::Missing) }.boxed()
    });
    let wanted = video(1, "a");
    let site = Site::with_config(
        std::slice::from_ref(&wanted),
        QueryApiConfig { image_door: Some(door), ..QueryApiConfig::default() },
    );
    for path in [
        format!("/img/tube.example~{}/original", wanted.uuid),
        format!("/img/other.example~{}/thumbnail", wanted.uuid),
        format!("/img/TUBE.example~{}/thumbnail", wanted.uuid),
        "/img/tube.example~c29c5b77-4a04-493d-96a9-2e9267e308f0/thumbnail".to_owned(),
        "/img/127.0.0.1~c29c5b77-4a04-493d-96a9-2e9267e308f0/thumbnail".to_owned(),
        "/img/https%3A%2F%2Fevil.example%2Fa.png/thumbnail".to_owned(),
        "/img/tube.example/thumbnail?url=https://evil.example/a.png".to_owned(),
        "/img/..%2f..%2fetc~x/thumbnail".to_owned(),
    ] {
        let answer = site.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(n_asked.load(Ordering::SeqCst), 0);
    let post = Request::post(format!("/img/tube.example~{}/thumbnail", wanted.uuid)).body(Body::empty()).unwrap();
    assert_eq!(site.send(post).await.status, 405);
}
