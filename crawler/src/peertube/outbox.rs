//! Pages of an account's ActivityPub outbox: fifty whole videos a request, the cheapest source of tags and full
//! descriptions. No JSON-LD is expanded and no context is fetched: the keys are those PeerTube writes.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::VideoDetail;
use uuid::Uuid;

use super::lenient::{Scalar, object};
use super::video::uuid_of;
use super::{text, wire};

/// Who may see an object that names it among its readers.
const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// Most items a page may be asked for; a larger `size` is answered by 400 (observed on 6.3.0).
pub const PAGE_SIZE: usize = 50;

/// What an outbox page tells about the videos of its host.
#[derive(Clone, Debug, Default)]
pub struct OutboxPage {
    /// Details of public, published videos.
    pub details: Vec<(Uuid, VideoDetail)>,
    /// Activities on the page, whatever they are about.
    pub n_rows: usize,
    /// Whether another page is announced. PeerTube's `totalItems` counts things it does not deliver.
    pub has_next: bool,
    /// Objects that name another host, and objects that are broken.
    pub n_errors: usize,
}

/// Reads a page.
///
/// # Errors
/// Only when the whole is not the JSON of a page.
pub fn parse_outbox(json: &[u8], host: &Host) -> Result<OutboxPage, serde_json::Error> {
    let json = std::str::from_utf8(json).map_err(serde::de::Error::custom)?;
    let wire: wire::Outbox<'_> = object(json)?;
    if !wire.ordered_items.is_list {
        return Err(serde::de::Error::custom("`orderedItems` is not a list"));
    }
    let mut page = OutboxPage {
        n_rows: wire.ordered_items.n_total,
        has_next: wire.next.as_str().is_some(),
        ..OutboxPage::default()
    };
    for raw in &wire.ordered_items.items {
        match read_activity(raw.get(), host) {
            Ok(Some(detail)) => page.details.push(detail),
            Ok(None) => {}
            Err(()) => page.n_errors += 1,
        }
    }
    Ok(page)
}

fn read_activity(json: &str, host: &Host) -> Result<Option<(Uuid, VideoDetail)>, ()> {
    let activity: wire::Activity<'_> = object(json).map_err(drop)?;
    if activity.kind.as_str() != Some("Create") {
        return Ok(None); // An `Announce` of a shared video holds a URL only.
    }
    let object: wire::ApVideo = object(activity.object.get()).map_err(drop)?;
    if object.kind.as_str() != Some("Video") {
        return Ok(None);
    }
    let id = object.id.as_str().ok_or(())?;
    text::origin_link(id, host).ok_or(())?;
    let uuid = uuid_of(&object.uuid).ok_or(())?;
    let is_public = object.to.items.iter().filter_map(Scalar::as_str).any(|reader| PUBLIC.contains(&reader));
    // Waiting and ended lives are delivered too (states 4 and 5).
    let is_published = matches!(object.state.to_i64(), None | Some(1 | 2));
    if !is_public || !is_published {
        return Ok(None);
    }
    let hashtags = object.tag.items.iter().filter_map(|tag| tag.0.as_ref());
    let hashtags = hashtags.filter(|tag| tag.kind.as_str() == Some("Hashtag")).filter_map(|tag| tag.name.as_str());
    let detail = VideoDetail {
        // Some versions before 5.0 may cut it here too; a cut text is none.
        description: text::block_of(&object.content, 10_000).filter(|text| !text::looks_cut(text)),
        tags: text::tags(hashtags.map(|name| name.strip_prefix('#').unwrap_or(name))),
        support: text::block_of(&object.support, 10_000),
        of_updated_at: object.updated.as_str().and_then(|at| at.parse::<Timestamp>().ok()),
    };
    Ok(Some((uuid, detail)))
}
