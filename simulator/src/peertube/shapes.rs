//! The JSON of videos, channels and accounts, by version.

use std::borrow::Cow;

use serde::Serialize;
use uuid::Uuid;

use super::labels;
use crate::catalogue::{AccountSpec, ChannelSpec, HostSpec, Instance, Version, VideoSpec, short_uuid};
use crate::picture;
use crate::time::iso;

/// `{"id": …, "label": …}`; the id is null for what is unknown.
#[derive(Serialize)]
pub(crate) struct Labelled<T> {
    pub id: Option<T>,
    pub label: &'static str,
}

/// One size of an actor's picture.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActorImage {
    pub width: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_url: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

/// The pictures of an actor: a list since 4.2, before that a single one.
#[derive(Clone, Serialize)]
pub(crate) struct Images {
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<ActorImage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatars: Option<Vec<ActorImage>>,
}

/// An account or a channel in a list item.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActorSummary<'a> {
    pub id: u32,
    pub display_name: &'a str,
    pub name: &'a str,
    pub url: String,
    pub host: &'a str,
    #[serde(flatten)]
    pub images: Images,
}

/// A whole account.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub url: String,
    pub name: String,
    pub host: String,
    #[serde(flatten)]
    pub images: Images,
    pub id: u32,
    pub host_redundancy_allowed: bool,
    pub following_count: u32,
    pub followers_count: u32,
    pub created_at: String,
    pub display_name: String,
    pub description: Option<String>,
    pub updated_at: String,
    pub user_id: u32,
}

/// A whole channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    pub url: String,
    pub name: String,
    pub host: String,
    #[serde(flatten)]
    pub images: Images,
    pub id: u32,
    pub host_redundancy_allowed: bool,
    pub following_count: u32,
    pub followers_count: u32,
    pub created_at: String,
    pub banners: [u8; 0],
    pub display_name: String,
    pub description: Option<String>,
    pub support: Option<String>,
    pub is_local: bool,
    pub updated_at: String,
    pub owner_account: Account,
}

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
    #[serde(rename = "shortUUID")]
    pub short_uuid: String,
    pub url: String,
    pub name: &'a str,
    pub category: Labelled<u8>,
    pub licence: Labelled<u8>,
    pub language: Labelled<&'static str>,
    pub privacy: Labelled<u8>,
    pub nsfw: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsfw_flags: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsfw_summary: Option<Option<&'static str>>,
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
    pub thumbnail_path: String,
    pub preview_path: String,
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
    pub input_file_updated_at: Option<String>,
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
pub(crate) fn video_url(host: &str, uuid: Uuid) -> String {
    format!("https://{host}/videos/watch/{uuid}")
}

/// The row of a video in a listing of `instance`; `None` when its channel is missing.
pub(crate) fn list_item<'a>(instance: &'a Instance, video: &'a VideoSpec) -> Option<ListItem<'a>> {
    let (host, channel, account) = actors(instance, video)?;
    let spec = &instance.spec;
    Some(ListItem {
        core: core(spec, host, video, video.truncated_description().map(Cow::Owned)),
        account: ActorSummary {
            id: channel.account + 2,
            display_name: &account.display_name,
            name: &account.name,
            url: format!("https://{host}/accounts/{}", account.name),
            host,
            images: images(spec, &account.name, account.created_at, u64::from(video.id)),
        },
        channel: ActorSummary {
            id: video.channel + 2,
            display_name: &channel.display_name,
            name: &channel.name,
            url: format!("https://{host}/video-channels/{}", channel.name),
            host,
            images: images(spec, &channel.name, channel.created_at, u64::from(video.id) + 1),
        },
    })
}

/// The detail of a video; `None` when its channel is missing.
pub(crate) fn detail<'a>(instance: &'a Instance, video: &'a VideoSpec) -> Option<Detail<'a>> {
    let (host, channel_spec, account_spec) = actors(instance, video)?;
    let spec = &instance.spec;
    let major = spec.version.major;
    let account = account(spec, host, account_spec, channel_spec.account);
    Some(Detail {
        core: core(spec, host, video, video.description.as_deref().map(Cow::Borrowed)),
        channel: channel(spec, host, channel_spec, video.channel, account.clone(), video.is_local()),
        account,
        blacklisted: video.blocked,
        blacklisted_reason: None,
        streaming_playlists: [],
        files: [],
        support: video.support.as_deref(),
        tags: &video.tags,
        comments_enabled: (major < 8).then_some(true),
        comments_policy: (major >= 6).then_some(Labelled { id: Some(1), label: "Enabled" }),
        download_enabled: true,
        wait_transcoding: true,
        input_file_updated_at: None,
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
    VideoCore {
        id: video.id,
        uuid: video.uuid.to_string(),
        short_uuid: short_uuid(video.uuid),
        url: video_url(host, video.uuid),
        name: &video.name,
        category: Labelled { id: video.category, label: labels::category(video.category.unwrap_or(0)) },
        licence: Labelled { id: video.licence, label: labels::licence(video.licence.unwrap_or(0)) },
        language: Labelled { id: video.language, label: labels::language(video.language.unwrap_or("")) },
        privacy: Labelled { id: Some(video.privacy.id()), label: video.privacy.label() },
        nsfw: video.nsfw,
        nsfw_flags: since(version, 7, 2).then_some(video.nsfw_flags),
        nsfw_summary: since(version, 7, 2).then_some(None),
        truncated_description: since(version, 5, 0).then(|| video.truncated_description()),
        description,
        is_local: video.is_local(),
        duration: video.duration,
        aspect_ratio: since(version, 6, 1).then_some(video.aspect_ratio),
        views: video.views,
        viewers: since(version, 4, 0).then_some(video.viewers),
        likes: video.likes,
        dislikes: video.dislikes,
        comments: since(version, 7, 2).then_some(video.comments),
        thumbnails: since(version, 8, 1).then(|| {
            [
                thumbnail(&spec.name, &thumbnail_path, picture::THUMBNAIL_SIZE),
                thumbnail(&spec.name, &preview_path, picture::PREVIEW_SIZE),
            ]
        }),
        thumbnail_path,
        preview_path,
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

fn thumbnail(host: &str, path: &str, (width, height): (u32, u32)) -> Thumbnail {
    Thumbnail { file_url: format!("https://{host}{path}"), width, height, aspect_ratio: "16:9" }
}

pub(crate) fn since(version: Version, major: u8, minor: u8) -> bool {
    (version.major, version.minor) >= (major, minor)
}

/// The whole account at `index` of a host.
pub(crate) fn account(spec: &HostSpec, host: &str, account: &AccountSpec, index: u32) -> Account {
    Account {
        url: format!("https://{host}/accounts/{}", account.name),
        name: account.name.clone(),
        host: host.to_owned(),
        images: images(spec, &account.name, account.created_at, u64::from(index)),
        id: index + 2,
        host_redundancy_allowed: false,
        following_count: 0,
        followers_count: 0,
        created_at: iso(account.created_at),
        display_name: account.display_name.clone(),
        description: account.description.clone(),
        updated_at: iso(account.created_at),
        user_id: index + 1,
    }
}

/// The whole channel at `index` of a host.
pub(crate) fn channel(
    spec: &HostSpec,
    host: &str,
    channel: &ChannelSpec,
    index: u32,
    owner_account: Account,
    is_local: bool,
) -> Channel {
    Channel {
        url: format!("https://{host}/video-channels/{}", channel.name),
        name: channel.name.clone(),
        host: host.to_owned(),
        images: images(spec, &channel.name, channel.created_at, u64::from(index)),
        id: index + 2,
        host_redundancy_allowed: false,
        following_count: 0,
        followers_count: 0,
        created_at: iso(channel.created_at),
        banners: [],
        display_name: channel.display_name.clone(),
        description: channel.description.clone(),
        support: channel.support.clone(),
        is_local,
        updated_at: iso(channel.updated_at),
        owner_account,
    }
}

/// The avatars of an actor. Their order is not stable on a real server, within one answer even; here it turns with
/// `nth`, so that two requests for the same page still agree.
fn images(spec: &HostSpec, name: &str, created_at: i64, nth: u64) -> Images {
    let version = spec.version;
    let image = |width: u32| {
        let path = picture::avatar_path(&spec.name, name, width);
        ActorImage {
            width,
            height: since(version, 7, 3).then_some(width),
            file_url: since(version, 7, 1).then(|| format!("https://{}{path}", spec.name)),
            path: Some(path),
            created_at: iso(created_at),
            updated_at: iso(created_at),
        }
    };
    if version.major < 5 && !since(version, 4, 2) {
        return Images { avatar: Some(image(120)), avatars: None };
    }
    let mut avatars: Vec<ActorImage> = if since(version, 6, 1) {
        vec![image(48), image(120), image(600), image(1500)]
    } else {
        vec![image(48), image(120)]
    };
    let turn = nth as usize % avatars.len().max(1);
    avatars.rotate_left(turn);
    Images { avatar: None, avatars: Some(avatars) }
}
