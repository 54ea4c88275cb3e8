//! The narrow door for pictures: static files of an instance, through the same client and address check.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use allowlist::Host;
use bytes::Bytes;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;
use url::{Position, Url};

use super::client::{Accept, Client, Request};
use super::config::Limits;
use super::gate::Class;
use super::outcome::Outcome;
use super::redirect::UrlRefusal;
use crate::error::{Cause, FetchError, ImageError};

/// Largest picture, in bytes. PeerTube's previews are 850 × 480 JPEGs of some 60 kB.
const MAX_IMAGE_BYTES: usize = 2 << 20;

/// Pictures a second from one host: they are files behind a web server, not database queries.
const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);

/// Pictures in flight from one host.
const IN_FLIGHT: usize = 2;

/// A picture as its instance serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Judged by the first bytes, not by what the instance says.
    pub content_type: &'static str,
    /// The file.
    pub bytes: Bytes,
}

/// Fetches pictures at their own gentle pace. Cheap to clone.
#[derive(Clone)]
pub struct ImageClient {
    client: Client,
    slots: Arc<Slots>,
}

struct Slots {
    clock: DefaultClock,
    rate: DefaultKeyedRateLimiter<Host>,
    in_flight: Mutex<HashMap<Host, Arc<Semaphore>>>,
}

impl ImageClient {
    /// Pictures through `client`.
    pub fn new(client: Client) -> Self {
        let quota = Quota::per_second(PER_SECOND).allow_burst(NonZeroU32::MIN);
        let slots =
            Slots { clock: DefaultClock::default(), rate: RateLimiter::keyed(quota), in_flight: Mutex::default() };
        Self { client, slots: Arc::new(slots) }
    }

    /// Fetches the picture at `url`, which must be an https URL on `host`.
    ///
    /// # Errors
    /// [`ImageError`]; nothing is sent for a URL elsewhere.
    pub async fn fetch(&self, url: &str, host: &Host) -> Result<Image, ImageError> {
        let refuse = |refusal| FetchError {
            host: host.clone(),
            url: url.to_owned(),
            cause: Cause::Url(refusal),
            exchange: None,
        };
        let parsed = Url::parse(url).map_err(|_| refuse(UrlRefusal::Malformed))?;
        if parsed.scheme() != "https" {
            return Err(refuse(UrlRefusal::Scheme(parsed.scheme().chars().take(20).collect())).into());
        }
        super::redirect::check_url(&parsed, host, self.client.config()).map_err(refuse)?;

        let in_flight = self.in_flight(host);
        let _permit = in_flight.acquire().await.map_err(|closed| FetchError {
            host: host.clone(),
            url: url.to_owned(),
            cause: Cause::Transport { reason: closed.to_string() },
            exchange: None,
        })?;
        while let Err(not_yet) = self.slots.rate.check_key(host) {
            tokio::time::sleep(not_yet.wait_time_from(self.slots.clock.now())).await;
        }
        let limits = Limits {
            wire_bytes: MAX_IMAGE_BYTES,
            decoded_bytes: MAX_IMAGE_BYTES,
            ..self.client.config().limits.clone()
        };
        let request = Request {
            host,
            path_and_query: &parsed[Position::BeforePath..Position::AfterQuery],
            accept: Accept::Image,
            validators: None,
            pause: Duration::ZERO,
        };
        let fetched = self.client.get_within(&request, &limits, Class::Picture).await?;
        let Outcome::Ok(bytes) = fetched.outcome else {
            return Err(ImageError::Status { url: url.to_owned(), status: fetched.status });
        };
        match content_type(&bytes) {
            Some(content_type) => Ok(Image { content_type, bytes }),
            None => Err(ImageError::NotAnImage { url: url.to_owned() }),
        }
    }

    fn in_flight(&self, host: &Host) -> Arc<Semaphore> {
        let mut slots = self.slots.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() > 4096 {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
            self.slots.rate.retain_recent();
        }
        Arc::clone(slots.entry(host.clone()).or_insert_with(|| Arc::new(Semaphore::new(IN_FLIGHT))))
    }
}

/// The type of a picture by its first bytes. SVG is not among them: it can hold scripts.
fn content_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some("image/jpeg");
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Some("image/gif");
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    if matches!(bytes.get(4..12), Some(b"ftypavif" | b"ftypavis")) {
        return Some("image/avif");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::NetworkConfig;

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        assert_eq!(content_type(b"\xff\xd8\xff\xe0..."), Some("image/jpeg"));
        assert_eq!(content_type(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(content_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(content_type(b"\0\0\0\x20ftypavif...."), Some("image/avif"));
        assert_eq!(content_type(b"GIF89a"), Some("image/gif"));
        assert_eq!(content_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
        assert_eq!(content_type(b"<!doctype html>"), None);
        assert_eq!(content_type(b""), None);
    }

    #[tokio::test]
    async fn case_140_only_pictures_of_the_origin_are_fetched() {
        let client = Client::new(NetworkConfig::new("https://search.example/bot")).unwrap();
        let images = ImageClient::new(client);
        let host = "tube.example".parse().unwrap();
        for url in [
            "https://other.example/a.jpg",
            "http://tube.example/a.jpg",
            "https://127.0.0.1/a.jpg",
            "file:///etc/passwd",
            "https://tube.example:8080/a.jpg",
            "https://u@tube.example/a.jpg",
            "/a.jpg",
            "data:image/png;base64,AAAA",
        ] {
            let error = images.fetch(url, &host).await.unwrap_err();
            assert!(matches!(error, ImageError::Fetch(FetchError { cause: Cause::Url(_), .. })), "{url}: {error}");
        }
    }
}
