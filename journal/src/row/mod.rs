//! The stored form of records: JSON, compressed with zstd. See `docs/journal.md`.
//!
//! Separate from the domain types so that those may change while every row ever written stays readable. A field is
//! only ever added, with a default; what cannot be said that way becomes a new row format.

mod actor;
mod channel;
mod event;
mod group;
mod place;
mod playlist;
mod video;

use uuid::Uuid;
use zstd::bulk::Decompressor;
use zstd::zstd_safe;

use self::channel::ChannelRow;
use self::event::EventRow;
use self::group::GroupRow;
use self::playlist::PlaylistRow;
use self::video::VideoRow;
use crate::record::{Kind, Record, RecordId};

/// The row format this build writes.
pub(crate) const FORMAT: i64 = 1;

/// zstd's default level; TECH figures: 0.6 of the raw size, 23 k rows a second with SQLite included.
const COMPRESSION_LEVEL: i32 = 3;

/// Longest payload that is decoded, in bytes: a damaged length cannot exhaust memory. The crawler caps the text of a
/// record far below.
const MAX_PAYLOAD_BYTES: usize = 4 * 1024 * 1024;

/// A record as JSON, as rows hold it: without its host and id.
pub(crate) fn to_json(record: &Record) -> Result<Vec<u8>, String> {
    match record {
        Record::Video(video) => serde_json::to_vec(&VideoRow::from(video.as_ref())),
        Record::Channel(channel) => serde_json::to_vec(&ChannelRow::from(channel.as_ref())),
        Record::Playlist(playlist) => serde_json::to_vec(&PlaylistRow::from(playlist.as_ref())),
        Record::Event(event) => serde_json::to_vec(&EventRow::from(event.as_ref())),
        Record::Group(group) => serde_json::to_vec(&GroupRow::from(group.as_ref())),
    }
    .map_err(|error| error.to_string())
}

/// Encodes a record: its JSON and the compressed payload.
pub(crate) fn encode(record: &Record) -> Result<(Vec<u8>, Vec<u8>), String> {
    let json = to_json(record)?;
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
    let uuid = || Uuid::parse_str(&id.id).map_err(|error| DecodeError::Damaged(error.to_string()));
    let damaged = |error: &dyn std::fmt::Display| DecodeError::Damaged(error.to_string());
    // The frame says how large it is; what it says is believed up to the limit.
    let n_bytes = zstd_safe::get_frame_content_size(payload).ok().flatten();
    let n_bytes = n_bytes.and_then(|n| usize::try_from(n).ok()).unwrap_or(MAX_PAYLOAD_BYTES).min(MAX_PAYLOAD_BYTES);
    let json = decompressor.decompress(payload, n_bytes).map_err(|error| damaged(&error))?;
    match id.kind {
        Kind::Video => {
            let row: VideoRow = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
            Ok(Record::Video(Box::new(row.into_video(id.host.clone(), uuid()?))))
        }
        Kind::Channel => {
            let row: ChannelRow = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
            Ok(Record::Channel(Box::new(row.into_channel(id.host.clone()))))
        }
        Kind::Playlist => {
            let row: PlaylistRow = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
            Ok(Record::Playlist(Box::new(row.into_playlist(id.host.clone(), uuid()?))))
        }
        Kind::Event => {
            let row: EventRow = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
            let event = row.into_event(id.host.clone(), id.id.clone()).map_err(|error| damaged(&error))?;
            Ok(Record::Event(Box::new(event)))
        }
        Kind::Group => {
            let row: GroupRow = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
            let group = row.into_group(id.host.clone()).map_err(|error| damaged(&error))?;
            Ok(Record::Group(Box::new(group)))
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
