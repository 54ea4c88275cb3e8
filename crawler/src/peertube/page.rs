//! Pages of the REST API. A page is never failed by one of its items.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::Video;
use uuid::Uuid;

use super::origin::{Rejection, parse_answer, parse_item};
use super::video::{to_record, uuid_of};
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
    let wire = wire::Page::parse(json)?;
    let mut page = ListingPage {
        n_rows: wire.data.n_total,
        total: wire.total.to_count(),
        errors: wire.overflow().into_iter().collect(),
        ..ListingPage::default()
    };
    for raw in &wire.data.items {
        let item: wire::Video = match parse_item(raw.get()) {
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
    Ok(page)
}

/// Reads the detail of a video.
///
/// # Errors
/// Why it is not a public record of `host`.
pub fn parse_detail(json: &[u8], host: &Host, now: Timestamp) -> Result<Video, Rejection> {
    to_record(&parse_answer(json)?, host, now, true)
}
