use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use moka::sync::Cache;
use tokio::sync::Semaphore;

use super::{ImageDoor, ImageError, ImageKind, ImageRequest};

/// A larger picture is not shown: a thumbnail has some tens of kilobytes.
const MAX_IMAGE_BYTES: usize = 2 << 20;

/// How long a picture that could not be had is not asked for again.
const MISSING_TIME: Duration = Duration::from_secs(600);

/// Pictures fetched at one time: a page has twenty, and a flood of misses must not become a flood of requests.
const MAX_FETCHES: usize = 8;

/// Longest wait for a turn to fetch.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Longest fetch, whatever the door does.
const MAX_FETCH_TIME: Duration = Duration::from_secs(20);

/// A picture that may be shown.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub bytes: Bytes,
    pub kind: ImageKind,
}

/// Pictures in memory, bounded by bytes; each is fetched once however many ask for it.
pub(crate) struct ImageStore {
    door: Option<ImageDoor>,
    images: Cache<String, Image>,
    missing: Cache<String, ()>,
    fetches: Semaphore,
    in_flight: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl ImageStore {
    pub fn new(door: Option<ImageDoor>, n_bytes: u64) -> Self {
        Self {
            door,
            images: Cache::builder()
                .max_capacity(n_bytes)
                .weigher(|key: &String, image: &Image| {
                    u32::try_from(key.len() + image.bytes.len() + 64).unwrap_or(u32::MAX)
                })
                .build(),
            missing: Cache::builder().max_capacity(10_000).time_to_live(MISSING_TIME).build(),
            fetches: Semaphore::new(MAX_FETCHES),
            in_flight: Mutex::default(),
        }
    }

    /// The picture under `key`, fetched when it is not known; `None` when it cannot be had for now.
    pub async fn get(&self, key: &str, request: ImageRequest) -> Option<Image> {
        if let Some(known) = self.known(key) {
            return known;
        }
        let door = self.door.as_ref()?;
        let turn = {
            let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(in_flight.entry(key.to_owned()).or_default())
        };
        let image = {
            let _first = turn.lock().await;
            match self.known(key) {
                Some(known) => known,
                None => self.fetch(door, key, request).await,
            }
        };
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        // Two are left when nobody else waits: the map's and ours.
        if in_flight.get(key).is_some_and(|shared| Arc::strong_count(shared) <= 2) {
            in_flight.remove(key);
        }
        image
    }

    fn known(&self, key: &str) -> Option<Option<Image>> {
        match self.images.get(key) {
            Some(image) => Some(Some(image)),
            None => self.missing.contains_key(key).then_some(None),
        }
    }

    async fn fetch(&self, door: &ImageDoor, key: &str, request: ImageRequest) -> Option<Image> {
        let turn = tokio::time::timeout(MAX_WAIT, self.fetches.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return None;
        };
        let fetched = tokio::time::timeout(MAX_FETCH_TIME, door(request)).await;
        let fetched = fetched.unwrap_or_else(|_| Err(ImageError::Failed { reason: "it took too long".to_owned() }));
        match fetched {
            Err(ImageError::Busy) => None,
            Err(error) => {
                tracing::debug!(image.key = key, "{error}");
                self.missing.insert(key.to_owned(), ());
                None
            }
            Ok(bytes) => {
                let kind = ImageKind::of(&bytes.0).filter(|_| bytes.0.len() <= MAX_IMAGE_BYTES);
                let image = kind.map(|kind| Image { bytes: bytes.0, kind });
                match &image {
                    Some(image) => self.images.insert(key.to_owned(), image.clone()),
                    None => self.missing.insert(key.to_owned(), ()),
                }
                image
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::super::ImageBytes;
    use super::*;

    fn store(answer: &'static [u8], n_calls: &Arc<AtomicUsize>) -> ImageStore {
        let n_calls = Arc::clone(n_calls);
        let door: ImageDoor = Arc::new(move |_| {
            n_calls.fetch_add(1, Ordering::SeqCst);
            async move {
                tokio::task::yield_now().await;
                if answer.is_empty() { Err(ImageError::Missing) } else { Ok(ImageBytes(Bytes::from_static(answer))) }
            }
            .boxed()
        });
        ImageStore::new(Some(door), 1 << 20)
    }

    fn request() -> ImageRequest {
        ImageRequest { host: "tube.example".parse().unwrap(), url: "https://tube.example/a.jpg".to_owned() }
    }

    #[tokio::test]
    async fn one_picture_is_fetched_once_however_many_ask() {
        for (answer, is_image) in [(&b"GIF89a..."[..], true), (b"<svg/>", false), (b"", false)] {
            let n_calls = Arc::new(AtomicUsize::new(0));
            let store = store(answer, &n_calls);
            let images = join_all((0..50).map(|_| store.get("a", request()))).await;
            assert!(images.iter().all(|image| image.is_some() == is_image));
            assert_eq!(store.get("a", request()).await.is_some(), is_image);
            assert_eq!(n_calls.load(Ordering::SeqCst), 1, "missing ones are remembered too");
            assert!(store.in_flight.lock().unwrap().is_empty());
        }
    }
}
