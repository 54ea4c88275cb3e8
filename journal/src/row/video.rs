//! The stored form of a video.

use allowlist::Host;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::ActorRow;
use super::is_default;
use crate::record::{Labelled, Video, VideoDetail};

/// A video without its key, which the columns of the row hold.
#[derive(Serialize, Deserialize)]
pub(super) struct VideoRow {
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

#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct DetailRow {
    #[serde(default, skip_serializing_if = "is_default")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    support: Option<String>,
    #[serde(default, skip_serializing_if = "is_default", with = "millisecond::optional")]
    of_updated_at: Option<Timestamp>,
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
    pub(super) fn into_video(self, host: Host, uuid: Uuid) -> Video {
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
    pub(super) fn into_detail(self) -> VideoDetail {
        VideoDetail {
            description: self.description,
            tags: self.tags,
            support: self.support,
            of_updated_at: self.of_updated_at,
        }
    }
}
