use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use moka::sync::Cache;
use tokio::sync::Semaphore;

use super::{ImageDoor, ImageError, ImageKind, ImageRequest};

/// A larger picture is not shown: a thumbnail has some tens of kilobytes.
const MAX_IMAGE_BYTES: usize = 2 << 20;

/// How long a picture is shown without asking for it again: what is shown at an address may be replaced, or withdrawn.
const KEEP_TIME: Duration = Duration::from_secs(12 * 60 * 60);

/// How long a picture that could not be had is not asked for again.
const MISSING_TIME: Duration = Duration::from_secs(600);

/// What the names of pictures that could not be had may take.
const MISSING_BYTES: u64 = 4 << 20;

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

/// Pictures in memory by where they come from, bounded by bytes and time; each is fetched once however many ask for it.
pub(crate) struct ImageStore {
    door: Option<ImageDoor>,
    images: Cache<ImageRequest, Image>,
    missing: Cache<ImageRequest, ()>,
    fetches: Semaphore,
    in_flight: Mutex<HashMap<ImageRequest, Arc<tokio::sync::Mutex<()>>>>,
}

impl ImageStore {
    pub fn new(door: Option<ImageDoor>, n_bytes: u64) -> Self {
        Self::with_times(door, n_bytes, KEEP_TIME, MISSING_TIME)
    }

    fn with_times(door: Option<ImageDoor>, n_bytes: u64, keep_time: Duration, missing_time: Duration) -> Self {
        Self {
            door,
            images: Cache::builder()
                .max_capacity(n_bytes)
                .weigher(|request, image: &Image| weight(request, image.bytes.len()))
                .time_to_live(keep_time)
                .build(),
            missing: Cache::builder()
                .max_capacity(MISSING_BYTES)
                .weigher(|request, ()| weight(request, 0))
                .time_to_live(missing_time)
                .build(),
            fetches: Semaphore::new(MAX_FETCHES),
            in_flight: Mutex::default(),
        }
    }

    /// The picture that is asked for, fetched when it is not known; `None` when it cannot be had for now.
    pub async fn get(&self, request: ImageRequest) -> Option<Image> {
        if let Some(known) = self.known(&request) {
            return known;
        }
        let door = self.door.as_ref()?;
        let turn = {
            let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(in_flight.entry(request.clone()).or_default())
        };
        let waiting = Waiting { store: self, request: &request, turn };
        let _first = waiting.turn.lock().await;
        match self.known(&request) {
            Some(known) => known,
            None => self.fetch(door, request.clone()).await,
        }
    }

    fn known(&self, request: &ImageRequest) -> Option<Option<Image>> {
        match self.images.get(request) {
            Some(image) => Some(Some(image)),
            None => self.missing.contains_key(request).then_some(None),
        }
    }

    async fn fetch(&self, door: &ImageDoor, request: ImageRequest) -> Option<Image> {
        let turn = tokio::time::timeout(MAX_WAIT, self.fetches.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return None;
        };
        let fetched = tokio::time::timeout(MAX_FETCH_TIME, door(request.clone())).await;
        let fetched = fetched.unwrap_or_else(|_| Err(ImageError::Failed { reason: "it took too long".to_owned() }));
        match fetched {
            Err(ImageError::Busy) => None,
            Err(error) => {
                tracing::debug!(image.host = %request.host, image.url = request.url, "{error}");
                self.missing.insert(request, ());
                None
            }
            Ok(bytes) => {
                let kind = ImageKind::of(&bytes.0).filter(|_| bytes.0.len() <= MAX_IMAGE_BYTES);
                let image = kind.map(|kind| Image { bytes: bytes.0, kind });
                match &image {
                    Some(image) => self.images.insert(request, image.clone()),
                    None => self.missing.insert(request, ()),
                }
                image
            }
        }
    }
}

/// One who waits for a picture, or fetches it. Whoever is last takes the entry away, also when nobody waits for the end: a
/// visitor may leave at any time.
struct Waiting<'a> {
    store: &'a ImageStore,
    request: &'a ImageRequest,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut in_flight = self.store.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        // Two are left when nobody else waits: the map's and ours.
        if Arc::strong_count(&self.turn) <= 2 {
            in_flight.remove(self.request);
        }
    }
}

fn weight(request: &ImageRequest, n_bytes: usize) -> u32 {
    u32::try_from(request.host.as_str().len() + request.url.len() + n_bytes + 64).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::super::ImageBytes;
    use super::*;

    fn store(answer: &'static [u8], n_calls: &Arc<AtomicUsize>) -> ImageStore {
        let door = door(answer, n_calls);
        ImageStore::new(Some(door), 1 << 20)
    }

    fn door(answer: &'static [u8], n_calls: &Arc<AtomicUsize>) -> ImageDoor {
        let n_calls = Arc::clone(n_calls);
        Arc::new(move |_| {
            n_calls.fetch_add(1, Ordering::SeqCst);
            async move {
                tokio::task::yield_now().await;
                if answer.is_empty() { Err(ImageError::Missing) } else { Ok(ImageBytes(Bytes::from_static(answer))) }
            }
            .boxed()
        })
    }

    fn request(path: &str) -> ImageRequest {
        ImageRequest { host: "tube.example".parse().unwrap(), url: format!("https://tube.example/{path}") }
    }

    #[tokio::test]
    async fn one_picture_is_fetched_once_however_many_ask() {
        for (answer, is_image) in [(&b"GIF89a..."[..], true), (b"<svg/>", false), (b"", false)] {
            let n_calls = Arc::new(AtomicUsize::new(0));
            let store = store(answer, &n_calls);
            let images = join_all((0..50).map(|_| store.get(request("a.jpg")))).await;
            assert!(images.iter().all(|image| image.is_some() == is_image));
            assert_eq!(store.get(request("a.jpg")).await.is_some(), is_image);
            assert_eq!(n_calls.load(Ordering::SeqCst), 1, "missing ones are remembered too");
            assert_eq!(store.get(request("b.jpg")).await.is_some(), is_image);
            assert_eq!(n_calls.load(Ordering::SeqCst), 2, "another address is another picture");
            assert!(store.in_flight.lock().unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn what_is_known_is_asked_for_again_after_a_time() {
        assert!(KEEP_TIME <= Duration::from_secs(24 * 60 * 60) && MISSING_TIME < KEEP_TIME);
        let (short, long) = (Duration::from_millis(20), Duration::from_secs(600));
        for (answer, keep_time, missing_time) in [(&b"GIF89a..."[..], short, long), (b"", long, short)] {
            let n_calls = Arc::new(AtomicUsize::new(0));
            let store = ImageStore::with_times(Some(door(answer, &n_calls)), 1 << 20, keep_time, missing_time);
            let asked_again = async {
                while n_calls.load(Ordering::SeqCst) < 2 {
                    store.get(request("a.jpg")).await;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(30), asked_again).await.unwrap();
        }
    }

    #[tokio::test]
    async fn who_leaves_before_a_picture_is_there_leaves_nothing_behind() {
        let door: ImageDoor = Arc::new(|_| std::future::pending().boxed());
        let store = ImageStore::new(Some(door), 1 << 20);
        for path in ["a.jpg", "a.jpg", "b.jpg"] {
            assert_eq!(store.get(request(path)).now_or_never().map(|image| image.is_some()), None);
        }
        assert!(store.in_flight.lock().unwrap().is_empty());
    }
}
