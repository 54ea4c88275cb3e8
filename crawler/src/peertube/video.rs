//! One item of a listing, or a detail, as a record; or why it is none.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Labelled, Video, VideoDetail};
use uuid::Uuid;

use super::actor::to_actor;
use super::date::{FIRST, date, original_date};
use super::image::{fill_from_sizes, place};
use super::lenient::{Maybe, Scalar};
use super::origin::{Rejection, check_origin};
use super::{text, wire};

const MAX_NAME_CHARS: usize = 300;
const MAX_LABEL_CHARS: usize = 100;
const MAX_SUMMARY_CHARS: usize = 1000;
const MAX_DESCRIPTION_CHARS: usize = 10_000;

/// A year: nothing longer is a video, and a counter gone wrong is not worth a sort position.
const MAX_DURATION_S: u64 = 366 * 24 * 60 * 60;

/// The privacy that everybody may see, of videos and of playlists.
pub const PRIVACY_PUBLIC: i64 = 1;
const STATE_PUBLISHED: i64 = 1;
const STATE_TO_TRANSCODE: i64 = 2;

/// Makes a record of an item.
///
/// - `host`: the instance that was asked; a record is only made for this one.
/// - `now`: dates after it are not believed.
/// - `is_detail`: the item is the answer of the detail route, so its tags and description are whole.
///
/// # Errors
/// [`Rejection`], the reason that counts most first.
pub fn to_record(wire: &wire::Video, host: &Host, now: Timestamp, is_detail: bool) -> Result<Video, Rejection> {
    check_local(wire, host)?;
    check_public(wire)?;
    let uuid = uuid_of(&wire.uuid).ok_or(Rejection::Field("uuid"))?;
    let name = text::line_of(&wire.name, MAX_NAME_CHARS).ok_or(Rejection::Field("name"))?;
    let account = wire.account.0.as_ref().and_then(|actor| to_actor(actor, host, "accounts", now));
    let channel = wire.channel.0.as_ref().and_then(|actor| to_actor(actor, host, "video-channels", now));
    let created = date(&wire.created_at, now);
    let published = date(&wire.published_at, now).filter(|at| *at > FIRST);
    let published_at =
        published.or(created).or_else(|| date(&wire.published_at, now)).ok_or(Rejection::Field("publishedAt"))?;
    let created_at = created.unwrap_or(published_at);
    let updated_at = date(&wire.updated_at, now).unwrap_or(created_at.max(published_at));
    let description = text::block_of(&wire.description, MAX_DESCRIPTION_CHARS);
    // From 5.0 on, the detail has the cut text beside the whole one.
    let may_be_cut = wire.truncated_description.as_str().is_none();
    let whole = description.filter(|text| !(may_be_cut && text::looks_cut(text)));
    let truncated = wire.truncated_description.as_str().or(wire.description.as_str());
    let mut thumbnail = place(&wire.thumbnail_path, &wire.thumbnail_url, host);
    let mut preview = place(&wire.preview_path, &wire.preview_url, host);
    fill_from_sizes(&mut thumbnail, &mut preview, &wire.thumbnails, host);
    Ok(Video {
        host: host.clone(),
        uuid,
        origin_id: wire.id.to_i64().unwrap_or(0).max(0),
        url: wire
            .url
            .as_str()
            .and_then(|url| text::origin_link(url, host))
            .unwrap_or_else(|| format!("https://{host}/videos/watch/{uuid}")),
        name,
        truncated_description: truncated
            .and_then(|text| text::block(text, MAX_DESCRIPTION_CHARS))
            .map(|text| text::truncate_description(&text)),
        category: wire.category.0.as_ref().and_then(|label| labelled(label, label.id.to_i64()?)),
        licence: wire.licence.0.as_ref().and_then(|label| labelled(label, label.id.to_i64()?)),
        language: wire.language.0.as_ref().and_then(|label| labelled(label, language_code(&label.id)?)),
        nsfw: wire.nsfw.to_bool().unwrap_or(true),
        nsfw_flags: wire.nsfw_flags.to_i64().and_then(|flags| u32::try_from(flags).ok()).unwrap_or(0),
        nsfw_summary: text::block_of(&wire.nsfw_summary, MAX_SUMMARY_CHARS),
        is_live: wire.is_live.to_bool().unwrap_or(false),
        duration_s: wire
            .duration
            .to_count()
            .and_then(|seconds| u32::try_from(seconds.min(MAX_DURATION_S)).ok())
            .unwrap_or(0),
        aspect_ratio: wire.aspect_ratio.to_f64().filter(|ratio| (0.05..=20.0).contains(ratio)),
        views: wire.views.to_count().unwrap_or(0),
        viewers: wire.viewers.to_count().unwrap_or(0),
        likes: wire.likes.to_count().unwrap_or(0),
        dislikes: wire.dislikes.to_count().unwrap_or(0),
        comments: wire.comments.to_count(),
        thumbnail_url: thumbnail.url,
        thumbnail_path: thumbnail.path,
        preview_url: preview.url,
        preview_path: preview.path,
        embed_path: text::embed_path(&wire.embed_path, "/videos/embed/", uuid),
        created_at,
        updated_at,
        published_at,
        originally_published_at: original_date(&wire.originally_published_at, now),
        account: account.ok_or(Rejection::Field("account"))?,
        channel: channel.ok_or(Rejection::Field("channel"))?,
        detail: is_detail.then(|| VideoDetail {
            description: whole,
            tags: text::tags(wire.tags.items.iter().filter_map(Scalar::as_str)),
            support: text::block_of(&wire.support, MAX_DESCRIPTION_CHARS),
            of_updated_at: Some(updated_at),
        }),
    })
}

/// The UUID of an item, whatever else is wrong with it.
pub fn uuid_of(scalar: &Scalar) -> Option<Uuid> {
    Uuid::parse_str(scalar.as_str()?.trim()).ok().filter(|uuid| !uuid.is_nil())
}

/// Local by its own word, and in nobody else's name.
fn check_local(wire: &wire::Video, host: &Host) -> Result<(), Rejection> {
    // Before 4.0 the parameter `isLocal` is ignored and every listing is mixed.
    let is_local = wire.is_local.to_bool() == Some(true);
    let actors = [("account.host", &wire.account), ("channel.host", &wire.channel)];
    let named = actors.into_iter().filter_map(|(field, actor)| Some((field, &actor.0.as_ref()?.host)));
    check_origin(Some(is_local), named, &wire.url, host)
}

/// Only what its instance shows to everybody.
///
/// # Errors
/// [`Rejection::NotPublic`].
pub fn check_public(wire: &wire::Video) -> Result<(), Rejection> {
    // Some versions leave `privacy` out of lists, which hold public videos only.
    if !is_absent_or(wire.privacy.as_ref(), &[PRIVACY_PUBLIC]) {
        return Err(Rejection::NotPublic("privacy"));
    }
    if wire.blacklisted.to_bool() == Some(true) {
        return Err(Rejection::NotPublic("blocked by its instance"));
    }
    let is_shown_before_transcoding = wire.wait_transcoding.to_bool() == Some(false);
    let published: &[i64] =
        if is_shown_before_transcoding { &[STATE_PUBLISHED, STATE_TO_TRANSCODE] } else { &[STATE_PUBLISHED] };
    if !is_absent_or(wire.state.as_ref(), published) {
        return Err(Rejection::NotPublic("state"));
    }
    Ok(())
}

/// Whether a labelled number is missing or null, or one of these. What is there and cannot be read is none of them.
pub fn is_absent_or(label: Option<&Maybe<wire::Labelled>>, ids: &[i64]) -> bool {
    label.is_none_or(|label| label.0.as_ref().and_then(|label| label.id.to_i64()).is_some_and(|id| ids.contains(&id)))
}

fn labelled<T: ToString>(label: &wire::Labelled, id: T) -> Option<Labelled<T>> {
    let text = text::line_of(&label.label, MAX_LABEL_CHARS).unwrap_or_else(|| id.to_string());
    Some(Labelled { id, label: text })
}

/// A code such as `fr`, `zh-Hans` or `ca-valencia`. The integers of versions before 1.4 mean nothing to anybody.
fn language_code(id: &Scalar) -> Option<String> {
    const MAX_CODE_BYTES: usize = 20;
    let code = id.as_str()?.trim();
    let is_code = code.len() <= MAX_CODE_BYTES
        && code.starts_with(|c: char| c.is_ascii_alphabetic())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_code.then(|| code.to_owned())
}
