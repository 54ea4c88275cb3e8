//! The stored form of records: JSON, compressed with zstd. See `docs/journal.md`.
//!
//! Separate from the domain types so that those may change while every row ever written stays readable. A field is
//! only ever added, with a default; what cannot be said that way becomes a new row format.

use allowlist::Host;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zstd::bulk::Decompressor;
use zstd::zstd_safe;

use crate::record::{Actor, Image, Kind, Labelled, Record, RecordId, Video, VideoDetail};

/// The row format this build writes.
pub(crate) const FORMAT: i64 = 1;

/// zstd's default level; TECH figures: 0.6 of the raw size, 23 k rows a second with SQLite included.
const COMPRESSION_LEVEL: i32 = 3;

/// Longest payload that is decoded, in bytes: a damaged length cannot exhaust memory. The crawler caps the text of a
/// record far below.
const MAX_PAYLOAD_BYTES: usize = 4 * 1024 * 1024;

/// Encodes a record: its JSON and the compressed payload.
pub(crate) fn encode(record: &Record) -> Result<(Vec<u8>, Vec<u8>), String> {
    let json = match record {
        Record::Video(video) => serde_json::to_vec(&VideoRow::from(video.as_ref())),
    }
    .map_err(|error| error.to_string())?;
    if json.len() > MAX_PAYLOAD_BYTES {
        return Err(format!("{} bytes, the most is {MAX_PAYLOAD_BYTES}", json.len()));
    }
    let payload = zstd::bulk::compress(&json, COMPRESSION_LEVEL).map_err(|error| error.to_string())?;
    Ok((json, payload))
}

/// Why a payload cannot be decoded.
pub(crate) enum DecodeError {
    /// A kind or format of a newer version.
    Unknown(&'static str, i64),
    /// Anything else.
    Damaged(String),
}

/// Decodes the payload of a row whose key is `id`; `decompressor` only spares making one for each row.
pub(crate) fn decode(
    decompressor: &mut Decompressor<'_>,
    id: &RecordId,
    format: i64,
    payload: &[u8],
) -> Result<Record, DecodeError> {
    if format != FORMAT {
        return Err(DecodeError::Unknown("row format", format));
    }
    let damaged = |error: &dyn std::fmt::Display| DecodeError::Damaged(error.to_string());
    // The frame says how large it is; what it says is believed up to the limit.
    let n_bytes = zstd_safe::get_frame_content_size(payload).ok().flatten();
    let n_bytes = n_bytes.and_then(|n| usize::try_from(n).ok()).unwrap_or(MAX_PAYLOAD_BYTES).min(MAX_PAYLOAD_BYTES);
    let json = decompressor.decompress(payload, n_bytes).map_err(|error| damaged(&error))?;
    match id.kind {
        Kind::Video => {
            let row: VideoRow = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
            let uuid = Uuid::parse_str(&id.id).map_err(|error| damaged(&error))?;
            Ok(Record::Video(Box::new(row.into_video(id.host.clone(), uuid))))
        }
        kind => Err(DecodeError::Unknown("kind", kind.code())),
    }
}

/// A video without its key, which the columns of the row hold.
#[derive(Serialize, Deserialize)]
struct VideoRow {
    #[serde(default, skip_serializing_if = "is_default")]
    origin_id: i64,
    url: String,
    name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    truncated_description: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    category: Option<(i64, String)>,
    #[serde(default, skip_serializing_if = "is_default")]
    licence: Option<(i64, String)>,
    #[serde(default, skip_serializing_if = "is_default")]
    language: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "is_default")]
    nsfw: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    nsfw_flags: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    nsfw_summary: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    is_live: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    duration_s: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    aspect_ratio: Option<f64>,
    #[serde(default, skip_serializing_if = "is_default")]
    views: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    viewers: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    likes: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    dislikes: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    comments: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    thumbnail_path: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    thumbnail_url: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    preview_path: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    preview_url: Option<String>,
    embed_path: String,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    #[serde(with = "millisecond::required")]
    published_at: Timestamp,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    originally_published_at: Option<Timestamp>,
    account: ActorRow,
    channel: ActorRow,
    #[serde(default, skip_serializing_if = "is_default")]
    detail: Option<DetailRow>,
}

/// An actor of the row's host.
#[derive(Serialize, Deserialize)]
struct ActorRow {
    #[serde(default, skip_serializing_if = "is_default")]
    origin_id: i64,
    name: String,
    display_name: String,
    url: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    avatars: Vec<ImageRow>,
}

#[derive(Serialize, Deserialize)]
struct ImageRow {
    #[serde(default, skip_serializing_if = "is_default")]
    path: Option<String>,
    url: String,
    #[serde(default, skip_serializing_if = "is_default")]
    width: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    height: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    updated_at: Option<Timestamp>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct DetailRow {
    #[serde(default, skip_serializing_if = "is_default")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    support: Option<String>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    of_updated_at: Option<Timestamp>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn to_pair<T: Clone>(labelled: &Labelled<T>) -> (T, String) {
    (labelled.id.clone(), labelled.label.clone())
}

fn to_labelled<T>((id, label): (T, String)) -> Labelled<T> {
    Labelled { id, label }
}

impl From<&Video> for VideoRow {
    fn from(video: &Video) -> Self {
        Self {
            origin_id: video.origin_id,
            url: video.url.clone(),
            name: video.name.clone(),
            truncated_description: video.truncated_description.clone(),
            category: video.category.as_ref().map(to_pair),
            licence: video.licence.as_ref().map(to_pair),
            language: video.language.as_ref().map(to_pair),
            nsfw: video.nsfw,
            nsfw_flags: video.nsfw_flags,
            nsfw_summary: video.nsfw_summary.clone(),
            is_live: video.is_live,
            duration_s: video.duration_s,
            aspect_ratio: video.aspect_ratio,
            views: video.views,
            viewers: video.viewers,
            likes: video.likes,
            dislikes: video.dislikes,
            comments: video.comments,
            thumbnail_path: video.thumbnail_path.clone(),
            thumbnail_url: video.thumbnail_url.clone(),
            preview_path: video.preview_path.clone(),
            preview_url: video.preview_url.clone(),
            embed_path: video.embed_path.clone(),
            created_at: video.created_at,
            updated_at: video.updated_at,
            published_at: video.published_at,
            originally_published_at: video.originally_published_at,
            account: ActorRow::from(&video.account),
            channel: ActorRow::from(&video.channel),
            detail: video.detail.as_ref().map(DetailRow::from),
        }
    }
}

impl VideoRow {
    fn into_video(self, host: Host, uuid: Uuid) -> Video {
        Video {
            origin_id: self.origin_id,
            url: self.url,
            name: self.name,
            truncated_description: self.truncated_description,
            category: self.category.map(to_labelled),
            licence: self.licence.map(to_labelled),
            language: self.language.map(to_labelled),
            nsfw: self.nsfw,
            nsfw_flags: self.nsfw_flags,
            nsfw_summary: self.nsfw_summary,
            is_live: self.is_live,
            duration_s: self.duration_s,
            aspect_ratio: self.aspect_ratio,
            views: self.views,
            viewers: self.viewers,
            likes: self.likes,
            dislikes: self.dislikes,
            comments: self.comments,
            thumbnail_path: self.thumbnail_path,
            thumbnail_url: self.thumbnail_url,
            preview_path: self.preview_path,
            preview_url: self.preview_url,
            embed_path: self.embed_path,
            created_at: self.created_at,
            updated_at: self.updated_at,
            published_at: self.published_at,
            originally_published_at: self.originally_published_at,
            account: self.account.into_actor(host.clone()),
            channel: self.channel.into_actor(host.clone()),
            detail: self.detail.map(DetailRow::into_detail),
            host,
            uuid,
        }
    }
}

impl From<&Actor> for ActorRow {
    fn from(actor: &Actor) -> Self {
        Self {
            origin_id: actor.origin_id,
            name: actor.name.clone(),
            display_name: actor.display_name.clone(),
            url: actor.url.clone(),
            avatars: actor.avatars.iter().map(ImageRow::from).collect(),
        }
    }
}

impl ActorRow {
    fn into_actor(self, host: Host) -> Actor {
        Actor {
            origin_id: self.origin_id,
            name: self.name,
            display_name: self.display_name,
            url: self.url,
            host,
            avatars: self.avatars.into_iter().map(ImageRow::into_image).collect(),
        }
    }
}

impl From<&Image> for ImageRow {
    fn from(image: &Image) -> Self {
        Self {
            path: image.path.clone(),
            url: image.url.clone(),
            width: image.width,
            height: image.height,
            created_at: image.created_at,
            updated_at: image.updated_at,
        }
    }
}

impl ImageRow {
    fn into_image(self) -> Image {
        Image {
            path: self.path,
            url: self.url,
            width: self.width,
            height: self.height,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl From<&VideoDetail> for DetailRow {
    fn from(detail: &VideoDetail) -> Self {
        Self {
            description: detail.description.clone(),
            tags: detail.tags.clone(),
            support: detail.support.clone(),
            of_updated_at: detail.of_updated_at,
        }
    }
}

impl DetailRow {
    fn into_detail(self) -> VideoDetail {
        VideoDetail {
            description: self.description,
            tags: self.tags,
            support: self.support,
            of_updated_at: self.of_updated_at,
        }
    }
}
