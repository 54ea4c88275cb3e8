//! Pages of the REST API. A page is never failed by one of its items.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::Video;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::video::{Rejection, to_record, uuid_of};
use super::wire;

/// A page of `GET /api/v1/videos`.
#[derive(Clone, Debug, Default)]
pub struct ListingPage {
    /// The records, in the order of the page.
    pub videos: Vec<Video>,
    /// UUIDs of everything on the page, remote and rejected items included, as far as they have one.
    pub uuids: Vec<Uuid>,
    /// Rows on the page, those beyond the limit included.
    pub n_rows: usize,
    /// What the instance says the whole listing holds. A claim, no more.
    pub total: Option<u64>,
    /// Items of other instances.
    pub n_remote: usize,
    /// UUIDs of items that are listed but not public.
    pub not_public: Vec<Uuid>,
    /// Items that claim to be local in the name of another host.
    pub spoofs: Vec<Rejection>,
    /// Items that are broken.
    pub errors: Vec<Rejection>,
}

/// Reads a page.
///
/// # Errors
/// Only when the whole is not the JSON of a page; what is wrong with an item is in the page.
pub fn parse_listing(json: &[u8], host: &Host, now: Timestamp) -> Result<ListingPage, serde_json::Error> {
    let wire: wire::Page<'_> = serde_json::from_slice(json)?;
    if !wire.data.is_list {
        return Err(serde::de::Error::custom("`data` is not a list"));
    }
    let mut page = ListingPage { n_rows: wire.data.n_total, total: wire.total.to_count(), ..ListingPage::default() };
    for raw in &wire.data.items {
        let item: wire::Video = match parse_item(raw) {
            Ok(item) => item,
            Err(rejection) => {
                page.errors.push(rejection);
                continue;
            }
        };
        let uuid = uuid_of(&item.uuid);
        page.uuids.extend(uuid);
        match to_record(&item, host, now, false) {
            Ok(video) => page.videos.push(video),
            Err(Rejection::Remote) => page.n_remote += 1,
            Err(Rejection::NotPublic(_)) => page.not_public.extend(uuid),
            Err(spoof @ Rejection::Spoofed { .. }) => page.spoofs.push(spoof),
            Err(rejection) => page.errors.push(rejection),
        }
    }
    if wire.data.n_total > wire.data.items.len() {
        let reason =
            format!("{} items beyond the first {}", wire.data.n_total - wire.data.items.len(), wire::MAX_ITEMS);
        page.errors.push(Rejection::Malformed(reason));
    }
    Ok(page)
}

/// Reads the detail of a video.
///
/// # Errors
/// Why it is not a public record of `host`.
pub fn parse_detail(json: &[u8], host: &Host, now: Timestamp) -> Result<Video, Rejection> {
    let text = std::str::from_utf8(json).map_err(|error| Rejection::Malformed(error.to_string()))?;
    let item = serde_json::from_str(text).map_err(|error| Rejection::Malformed(error.to_string()))?;
    to_record(&item, host, now, true)
}

fn parse_item(raw: &RawValue) -> Result<wire::Video, Rejection> {
    serde_json::from_str(raw.get()).map_err(|error| Rejection::Malformed(error.to_string()))
}
