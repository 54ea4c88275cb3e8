//! Pictures: where they are, and which of several sizes is which.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::Image;

use super::date::date;
use super::lenient::{Bounded, Maybe, Scalar};
use super::{text, wire};

/// Most sizes of one picture that are kept.
const MAX_SIZES: usize = 8;

/// The smallest width that fills a search result.
const MIN_THUMBNAIL_WIDTH: u32 = 200;

/// Where a picture is. Both are on the origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Path below the root, when one was given.
    pub path: Option<String>,
    /// Absolute https URL.
    pub url: Option<String>,
}

/// The path when there is one, and the URL given or made of the path.
pub fn place(path: &Scalar, file_url: &Scalar, host: &Host) -> Place {
    let path = path.as_str().and_then(text::path);
    let given = file_url.as_str().and_then(|url| text::origin_link(url, host));
    let url = given.or_else(|| path.as_ref().map(|path| format!("https://{host}{path}")));
    Place { path, url }
}

/// The sizes of an avatar or a banner.
///
/// - `many`: the list of 4.2 and later.
/// - `one`: the single object of versions before 6.0.
pub fn images<const N: usize>(
    many: &Bounded<Maybe<wire::Picture>, N>,
    one: &Maybe<wire::Picture>,
    host: &Host,
    now: Timestamp,
) -> Vec<Image> {
    let sent = many.items.iter().chain(std::iter::once(one)).filter_map(|picture| picture.0.as_ref());
    let mut images: Vec<Image> = sent
        .filter_map(|picture| {
            let place = place(&picture.path, &picture.file_url, host);
            Some(Image {
                path: place.path,
                url: place.url?,
                width: pixels(&picture.width),
                height: pixels(&picture.height),
                created_at: date(&picture.created_at, now),
                updated_at: date(&picture.updated_at, now),
            })
        })
        .collect();
    // The order on the wire is not stable, even within one answer.
    images.sort_by(|a, b| (a.width.is_none(), a.width, &a.url).cmp(&(b.width.is_none(), b.width, &b.url)));
    // The single object of 4.2 to 5.2 is one of the list, sometimes without its width.
    let mut kept: Vec<Image> = Vec::with_capacity(images.len());
    for image in images {
        if kept.len() < MAX_SIZES && kept.iter().all(|other| other.url != image.url) {
            kept.push(image);
        }
    }
    kept
}

/// The thumbnail and the larger preview of a list of sizes (8.1 and later), where the older fields left one out.
pub fn fill_from_sizes<const N: usize>(
    thumbnail: &mut Place,
    preview: &mut Place,
    sizes: &Bounded<Maybe<wire::Picture>, N>,
    host: &Host,
) {
    let mut sizes: Vec<(u32, Place)> = sizes
        .items
        .iter()
        .filter_map(|picture| picture.0.as_ref())
        .filter_map(|picture| Some((pixels(&picture.width)?, place(&picture.path, &picture.file_url, host))))
        .filter(|(_, place)| place.url.is_some())
        .collect();
    sizes.sort_by_key(|(width, _)| *width);
    let largest = sizes.last().map(|(_, place)| place.clone());
    let fitting = sizes.into_iter().find(|(width, _)| *width >= MIN_THUMBNAIL_WIDTH).map(|(_, place)| place);
    if thumbnail.url.is_none() {
        *thumbnail = fitting.or_else(|| largest.clone()).unwrap_or_default();
    }
    if preview.url.is_none() {
        *preview = largest.unwrap_or_default();
    }
}

fn pixels(scalar: &Scalar) -> Option<u32> {
    scalar.to_i64().and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=20_000).contains(n))
}
