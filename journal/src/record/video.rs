//! A public video of a PeerTube instance.

use allowlist::Host;
use jiff::Timestamp;
use uuid::Uuid;

use super::RecordId;

/// A public, published, local video, as its own instance described it.
///
/// The listing of an instance gives everything but [`Video::detail`]; tags and the whole description follow by a
/// second route and are kept until a newer detail replaces them.
#[derive(Clone, Debug, PartialEq)]
pub struct Video {
    /// The origin instance. `account.host` and `channel.host` are the same.
    pub host: Host,
    /// Unique among the videos of `host`.
    pub uuid: Uuid,
    /// The numeric id on the origin instance; other instances use the same numbers. 0 when it gave none.
    pub origin_id: i64,
    /// The ActivityPub id, normally `https://{host}/videos/watch/{uuid}`.
    pub url: String,
    /// The title, never empty.
    pub name: String,
    /// What the listing says of the content: at most 250 UTF-16 units, the last three being `...` when cut.
    pub truncated_description: Option<String>,
    /// Standard ids are 1 to 18; plugins add others.
    pub category: Option<Labelled<i64>>,
    /// Standard ids are 1 to 9; plugins add others.
    pub licence: Option<Labelled<i64>>,
    /// ISO 639 code with PeerTube's variants, such as `fr`, `zh-Hans`, `zxx`.
    pub language: Option<Labelled<String>>,
    /// True also when the instance did not say: unknown means not safe.
    pub nsfw: bool,
    /// Bit mask of PeerTube 7.2 and later: 1 violent, 2 explicit; unknown bits are kept. 0 when absent.
    pub nsfw_flags: u32,
    /// The warning of the author (7.2 and later).
    pub nsfw_summary: Option<String>,
    /// A stream that runs at the time of the crawl.
    pub is_live: bool,
    /// Length in seconds; 0 for a live.
    pub duration_s: u32,
    /// Width divided by height (6.1 and later).
    pub aspect_ratio: Option<f64>,
    /// Views counted by the origin.
    pub views: u64,
    /// Viewers at the time of the crawl.
    pub viewers: u64,
    /// Likes counted by the origin.
    pub likes: u64,
    /// Dislikes counted by the origin.
    pub dislikes: u64,
    /// Comments (7.2 and later).
    pub comments: Option<u64>,
    /// Path below the origin's root, or `None` when it only gave a URL (object storage, 8.0 and later).
    pub thumbnail_path: Option<String>,
    /// Absolute https URL of the thumbnail.
    pub thumbnail_url: Option<String>,
    /// Path of the larger picture.
    pub preview_path: Option<String>,
    /// Absolute https URL of the larger picture.
    pub preview_url: Option<String>,
    /// Path of the embedded player, `/videos/embed/{uuid or short uuid}`.
    pub embed_path: String,
    /// When the video was created on the origin.
    pub created_at: Timestamp,
    /// When anything last changed, counters included.
    pub updated_at: Timestamp,
    /// When it became public; set anew at each start of a live.
    pub published_at: Timestamp,
    /// When it was first published elsewhere.
    pub originally_published_at: Option<Timestamp>,
    /// The account that owns the channel.
    pub account: Actor,
    /// The channel it was published in.
    pub channel: Actor,
    /// What only the detail or the ActivityPub object says; `None` until one was read.
    pub detail: Option<VideoDetail>,
}

impl Video {
    /// The key of the video.
    pub fn record_id(&self) -> RecordId {
        RecordId::video(self.host.clone(), self.uuid)
    }
}

/// The part of a video that no listing gives.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct VideoDetail {
    /// The whole description, as Markdown source, at most 10 000 characters.
    pub description: Option<String>,
    /// Trimmed, not empty, without duplicates; in the order of the origin.
    pub tags: Vec<String>,
    /// How to support the author, as Markdown source.
    pub support: Option<String>,
    /// `updated_at` of the video when the detail was read: an older one means that the detail may be stale.
    pub of_updated_at: Option<Timestamp>,
}

/// An id of a closed list of the origin, with the label it shows for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled<T> {
    /// The id as sent.
    pub id: T,
    /// The label in the language of the instance, mostly English.
    pub label: String,
}

/// An account or a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The numeric id on the origin; 0 when it gave none.
    pub origin_id: i64,
    /// The immutable name; `{name}@{host}` is the handle.
    pub name: String,
    /// The name people see.
    pub display_name: String,
    /// The ActivityPub id.
    pub url: String,
    /// The instance of the actor.
    pub host: Host,
    /// Sorted by width, unknown widths last: instances send them in any order.
    pub avatars: Vec<Image>,
}

/// One size of an avatar or banner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Path below the origin's root, when it gave one.
    pub path: Option<String>,
    /// Absolute https URL.
    pub url: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels (7.3 and later).
    pub height: Option<u32>,
    /// When the picture was set.
    pub created_at: Option<Timestamp>,
    /// When the picture was last changed.
    pub updated_at: Option<Timestamp>,
}
