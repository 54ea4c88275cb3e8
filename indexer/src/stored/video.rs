//! The stored form of a video.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::{StoredActor, StoredPath};
use super::is_default;
use crate::short_uuid;

/// A video as the index stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredVideo {
    /// Origin host, canonical.
    #[serde(rename = "h")]
    pub host: String,
    /// UUID.
    #[serde(rename = "u")]
    pub uuid: Uuid,
    /// Numeric id on the origin.
    #[serde(rename = "i", default, skip_serializing_if = "is_default")]
    pub origin_id: i64,
    /// ActivityPub id; `None` when it is `https://{host}/videos/watch/{uuid}`.
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    pub url: Option<String>,
    /// Title.
    #[serde(rename = "n")]
    pub name: String,
    /// The listing's description, at most 250 UTF-16 units; `None` when it can be cut from `description`.
    #[serde(rename = "t", default, skip_serializing_if = "is_default")]
    pub truncated_description: Option<String>,
    /// The whole description, where it was read.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// Tags in the order of the origin.
    #[serde(rename = "g", default, skip_serializing_if = "is_default")]
    pub tags: Vec<String>,
    /// Category id and label.
    #[serde(rename = "c", default, skip_serializing_if = "is_default")]
    pub category: Option<(i64, String)>,
    /// Licence id and label.
    #[serde(rename = "li", default, skip_serializing_if = "is_default")]
    pub licence: Option<(i64, String)>,
    /// Language id and label.
    #[serde(rename = "la", default, skip_serializing_if = "is_default")]
    pub language: Option<(String, String)>,
    /// Not safe for work, or unknown.
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    pub nsfw: bool,
    /// Bit mask.
    #[serde(rename = "xf", default, skip_serializing_if = "is_default")]
    pub nsfw_flags: u32,
    /// The author's warning.
    #[serde(rename = "xs", default, skip_serializing_if = "is_default")]
    pub nsfw_summary: Option<String>,
    /// Streaming when last seen.
    #[serde(rename = "lv", default, skip_serializing_if = "is_default")]
    pub is_live: bool,
    /// Seconds.
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    pub duration_s: u32,
    /// Width by height.
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    pub aspect_ratio: Option<f64>,
    /// Views.
    #[serde(rename = "v", default, skip_serializing_if = "is_default")]
    pub views: u64,
    /// Viewers when last seen.
    #[serde(rename = "vw", default, skip_serializing_if = "is_default")]
    pub viewers: u64,
    /// Likes.
    #[serde(rename = "lk", default, skip_serializing_if = "is_default")]
    pub likes: u64,
    /// Dislikes.
    #[serde(rename = "dl", default, skip_serializing_if = "is_default")]
    pub dislikes: u64,
    /// Comments, where the origin counts them.
    #[serde(rename = "cm", default, skip_serializing_if = "is_default")]
    pub comments: Option<u64>,
    /// Thumbnail.
    #[serde(rename = "th", default, skip_serializing_if = "is_default")]
    pub thumbnail: Option<StoredPath>,
    /// Larger picture.
    #[serde(rename = "pv", default, skip_serializing_if = "is_default")]
    pub preview: Option<StoredPath>,
    /// Path of the player.
    #[serde(rename = "e")]
    pub embed_path: String,
    /// Creation.
    #[serde(rename = "ct", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub created_at: Timestamp,
    /// Last change.
    #[serde(rename = "ut", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub updated_at: Timestamp,
    /// Publication.
    #[serde(rename = "pt", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub published_at: Timestamp,
    /// First publication elsewhere.
    #[serde(
        rename = "ot",
        default,
        skip_serializing_if = "is_default",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub originally_published_at: Option<Timestamp>,
    /// Owner.
    #[serde(rename = "ac")]
    pub account: StoredActor,
    /// Channel.
    #[serde(rename = "ch")]
    pub channel: StoredActor,
}

/// UTF-16 units of a description in a listing, the dots included; PeerTube cuts there.
const TRUNCATED_UTF16_UNITS: usize = 250;

impl StoredVideo {
    /// The ActivityPub id.
    pub fn url(&self) -> String {
        self.url.clone().unwrap_or_else(|| default_url(&self.host, self.uuid))
    }

    /// The UUID in PeerTube's short form.
    pub fn short_uuid(&self) -> String {
        short_uuid::encode(self.uuid)
    }

    /// The description as listings give it: at most 250 UTF-16 units, the last three being `...` when it was cut.
    pub fn truncated_description(&self) -> Option<Cow<'_, str>> {
        match (&self.truncated_description, &self.description) {
            (Some(text), _) => Some(Cow::Borrowed(text)),
            (None, Some(whole)) => Some(truncate_description(whole)),
            (None, None) => None,
        }
    }

    /// The longest description there is: the whole one, or else the truncated one.
    pub fn best_description(&self) -> Option<&str> {
        self.description.as_deref().or(self.truncated_description.as_deref())
    }

    /// The absolute URL of the player.
    pub fn embed_url(&self) -> String {
        format!("https://{}{}", self.host, self.embed_path)
    }

    /// The key of the document, the same text as the journal's key of the record.
    pub fn key(&self) -> String {
        format!("video/{}/{}", self.host, self.uuid.hyphenated())
    }
}

/// Cuts as PeerTube 6.3 was seen to: 247 UTF-16 units, wherever that is, then `...`.
pub(crate) fn truncate_description(text: &str) -> Cow<'_, str> {
    let mut n_units = 0;
    let mut cut = None;
    for (at, character) in text.char_indices() {
        if cut.is_none() && n_units + character.len_utf16() > TRUNCATED_UTF16_UNITS - 3 {
            cut = Some(at);
        }
        n_units += character.len_utf16();
        if n_units > TRUNCATED_UTF16_UNITS {
            let kept = cut.and_then(|cut| text.get(..cut)).unwrap_or_default();
            return Cow::Owned(format!("{kept}..."));
        }
    }
    Cow::Borrowed(text)
}

/// The ActivityPub id that PeerTube gives its videos.
pub(crate) fn default_url(host: &str, uuid: Uuid) -> String {
    format!("https://{host}/videos/watch/{}", uuid.hyphenated())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn descriptions_are_cut_at_250_utf16_units() {
        let fits = "x".repeat(250);
        assert_eq!(truncate_description(&fits), fits);
        assert_eq!(truncate_description(&"x".repeat(251)), format!("{}...", "x".repeat(247)));
        // A clef counts for two units and is never split.
        let clefs = truncate_description(&"𝄞".repeat(126)).into_owned();
        assert_eq!(clefs, format!("{}...", "𝄞".repeat(123)));
    }

    proptest! {
        #[test]
        fn truncated_text_fits_and_is_a_prefix(text in "\\PC{0,400}") {
            let cut = truncate_description(&text);
            prop_assert!(cut.encode_utf16().count() <= 250);
            prop_assert!(text.starts_with(cut.strip_suffix("...").unwrap_or(&cut)) || cut == text);
        }
    }
}
