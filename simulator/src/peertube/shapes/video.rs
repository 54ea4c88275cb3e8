//! The JSON of videos.

use std::borrow::Cow;

use serde::Serialize;

use super::super::labels;
use super::Labelled;
use super::actor::{self, Account, ActorSummary, Channel, account_summary, channel_summary};
use crate::catalogue::{AccountSpec, ChannelSpec, HostSpec, Instance, VideoSpec, short_uuid};
use crate::picture;
use crate::time::iso;

/// One size of a video's picture (8.1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Thumbnail {
    pub file_url: String,
    pub width: u32,
    pub height: u32,
    pub aspect_ratio: &'static str,
}

/// A video without its actors, as listings and details share it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoCore<'a> {
    pub id: u32,
    pub uuid: String,
    #[serde(rename = "shortUUID", skip_serializing_if = "Option::is_none")]
    pub short_uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub name: &'a str,
    pub category: Labelled<u8>,
    pub licence: Labelled<u8>,
    pub language: Labelled<&'static str>,
    pub privacy: Labelled<u8>,
    pub nsfw: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsfw_flags: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsfw_summary: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated_description: Option<Option<String>>,
    pub description: Option<Cow<'a, str>>,
    pub is_local: bool,
    pub duration: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect_ratio: Option<f64>,
    pub views: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewers: Option<u32>,
    pub likes: u32,
    pub dislikes: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloads: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnails: Option<[Thumbnail; 2]>,
    pub embed_path: String,
    pub created_at: String,
    pub updated_at: String,
    pub published_at: String,
    pub originally_published_at: Option<String>,
    pub is_live: bool,
}

/// A row of a listing.
#[derive(Serialize)]
pub(crate) struct ListItem<'a> {
    #[serde(flatten)]
    pub core: VideoCore<'a>,
    pub account: ActorSummary<'a>,
    pub channel: ActorSummary<'a>,
}

/// A single video.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail<'a> {
    #[serde(flatten)]
    pub core: VideoCore<'a>,
    pub account: Account,
    pub channel: Channel,
    pub blacklisted: bool,
    pub blacklisted_reason: Option<&'static str>,
    pub streaming_playlists: [u8; 0],
    pub files: [u8; 0],
    pub support: Option<&'a str>,
    pub tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments_policy: Option<Labelled<u8>>,
    pub download_enabled: bool,
    pub wait_transcoding: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_file_updated_at: Option<Option<String>>,
    pub state: Labelled<u8>,
    pub tracker_urls: [String; 2],
    pub description_path: String,
}

/// The account and the channel of a video, wherever they are kept, and the host they are on.
pub(crate) fn actors<'a>(
    instance: &'a Instance,
    video: &'a VideoSpec,
) -> Option<(&'a str, &'a ChannelSpec, &'a AccountSpec)> {
    if let Some(origin) = &video.origin {
        return Some((&origin.host, &origin.channel, &origin.account));
    }
    let channel = instance.spec.channels.get(video.channel as usize)?;
    let account = instance.spec.accounts.get(channel.account as usize)?;
    Some((&instance.spec.name, channel, account))
}

/// The canonical address of a video.
pub(crate) fn video_url(host: &str, uuid: impl std::fmt::Display) -> String {
    format!("https://{host}/videos/watch/{uuid}")
}

/// The row of a video in a listing of `instance`; `None` when its channel is missing.
pub(crate) fn list_item<'a>(instance: &'a Instance, video: &'a VideoSpec) -> Option<ListItem<'a>> {
    let (host, channel, account) = actors(instance, video)?;
    let spec = &instance.spec;
    let nth = u64::from(video.id);
    Some(ListItem {
        core: core(spec, host, video, video.truncated_description().map(Cow::Owned)),
        account: account_summary(spec, host, account, channel.account, nth),
        channel: channel_summary(spec, host, channel, video.channel, nth + 1),
    })
}

/// The detail of a video; `None` when its channel is missing.
pub(crate) fn detail<'a>(instance: &'a Instance, video: &'a VideoSpec) -> Option<Detail<'a>> {
    let spec = &instance.spec;
    let version = spec.version;
    let (host, channel, account) = match video.origin.as_deref() {
        Some(origin) => {
            (origin.host.as_str(), actor::remote_channel(spec, origin), actor::remote_account(spec, origin))
        }
        None => {
            let channel = actor::channel(spec, video.channel)?;
            let account = channel.owner_account.clone();
            (spec.name.as_str(), channel, account)
        }
    };
    // Before 5.0 the whole description was behind `descriptionPath` alone.
    let description = if version.since(5, 0) {
        video.description.as_deref().map(Cow::Borrowed)
    } else {
        video.truncated_description().map(Cow::Owned)
    };
    Some(Detail {
        core: core(spec, host, video, description),
        channel,
        account,
        blacklisted: video.blocked,
        blacklisted_reason: None,
        streaming_playlists: [],
        files: [],
        support: video.support.as_deref(),
        tags: &video.tags,
        comments_enabled: (!version.since(8, 0)).then_some(true),
        comments_policy: version.since(6, 2).then_some(Labelled { id: Some(1), label: "Enabled" }),
        download_enabled: true,
        wait_transcoding: true,
        input_file_updated_at: version.since(6, 0).then_some(None),
        state: Labelled { id: Some(video.state.id()), label: video.state.label() },
        tracker_urls: [
            format!("https://{}/tracker/announce", spec.name),
            format!("wss://{}/tracker/socket", spec.name),
        ],
        description_path: format!("/api/v1/videos/{}/description", video.uuid),
    })
}

fn core<'a>(spec: &HostSpec, host: &str, video: &'a VideoSpec, description: Option<Cow<'a, str>>) -> VideoCore<'a> {
    let version = spec.version;
    let thumbnail_path = picture::thumbnail_path(video);
    let preview_path = picture::preview_path(video);
    // The paths are deprecated since 8.1; a host with object storage leaves them out.
    let has_paths = !(spec.has_object_storage && version.since(8, 1));
    VideoCore {
        id: video.id,
        uuid: video.uuid.to_string(),
        short_uuid: version.since(3, 3).then(|| short_uuid(video.uuid)),
        url: version.since(4, 2).then(|| video_url(host, video.uuid)),
        name: &video.name,
        category: Labelled { id: video.category, label: labels::category(video.category.unwrap_or(0)) },
        licence: Labelled { id: video.licence, label: labels::licence(video.licence.unwrap_or(0)) },
        language: Labelled { id: video.language, label: labels::language(video.language.unwrap_or("")) },
        privacy: Labelled { id: Some(video.privacy.id()), label: video.privacy.label() },
        nsfw: video.nsfw,
        nsfw_flags: version.since(7, 2).then_some(video.nsfw_flags),
        nsfw_summary: version.since(7, 2).then_some(video.nsfw_summary.as_deref()),
        truncated_description: version.since(5, 0).then(|| video.truncated_description()),
        description,
        is_local: video.is_local(),
        duration: video.duration,
        aspect_ratio: version.since(6, 1).then_some(video.aspect_ratio),
        views: video.views,
        viewers: version.since(4, 0).then_some(video.viewers),
        likes: video.likes,
        dislikes: video.dislikes,
        comments: version.since(7, 2).then_some(video.comments),
        thumbnails: version.since(8, 1).then(|| {
            [
                thumbnail(&spec.name, &thumbnail_path, picture::THUMBNAIL_SIZE),
                thumbnail(&spec.name, &preview_path, picture::PREVIEW_SIZE),
            ]
        }),
        downloads: version.since(8, 0).then_some(video.views / 50),
        thumbnail_path: has_paths.then_some(thumbnail_path),
        preview_path: has_paths.then_some(preview_path),
        embed_path: match version.major {
            0..=6 => format!("/videos/embed/{}", video.uuid),
            _ => format!("/videos/embed/{}", short_uuid(video.uuid)),
        },
        created_at: iso(video.created_at),
        updated_at: iso(video.updated_at),
        published_at: iso(video.published_at),
        originally_published_at: video.originally_published_at.map(iso),
        is_live: video.is_live,
    }
}

pub(super) fn thumbnail(host: &str, path: &str, (width, height): (u32, u32)) -> Thumbnail {
    Thumbnail { file_url: format!("https://{host}{path}"), width, height, aspect_ratio: "16:9" }
}
