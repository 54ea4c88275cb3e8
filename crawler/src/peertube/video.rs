//! One item of a listing, or a detail, as a record; or why it is none.

use allowlist::Host;
use jiff::{SignedDuration, Timestamp};
use journal::record::{Actor, Image, Labelled, Video, VideoDetail};
use uuid::Uuid;

use super::lenient::{Bounded, Maybe, Scalar};
use super::{text, wire};

const MAX_NAME_CHARS: usize = 300;
const MAX_LABEL_CHARS: usize = 100;
const MAX_ACTOR_NAME_CHARS: usize = 100;
const MAX_SUMMARY_CHARS: usize = 1000;
const MAX_DESCRIPTION_CHARS: usize = 10_000;
const MAX_AVATARS: usize = 8;

/// A year: nothing longer is a video, and a counter gone wrong is not worth a sort position.
const MAX_DURATION_S: u64 = 366 * 24 * 60 * 60;

/// Names that identify a privacy: only 1 is public.
const PRIVACY_PUBLIC: i64 = 1;
const STATE_PUBLISHED: i64 = 1;
const STATE_TO_TRANSCODE: i64 = 2;

/// Why an item of a page is not a record of its host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A video of another instance, honestly listed as such.
    #[error("a video of another instance")]
    Remote,
    /// Claims to be local, yet names another host.
    #[error("says it is local, but {field} names `{found}`")]
    Spoofed {
        /// The field that names the other host.
        field: &'static str,
        /// What it names, shortened.
        found: String,
    },
    /// Not public, not published, or blocked on its instance.
    #[error("not public: {0}")]
    NotPublic(&'static str),
    /// A field that a record cannot do without is missing or makes no sense.
    #[error("{0} is missing or makes no sense")]
    Field(&'static str),
    /// Not the JSON of an item.
    #[error("not an item: {0}")]
    Malformed(String),
}

/// Makes a record of an item.
///
/// - `host`: the instance that was asked; a record is only made for this one.
/// - `now`: dates after it are not believed.
/// - `is_detail`: the item is the answer of the detail route, so its tags and description are whole.
///
/// # Errors
/// [`Rejection`], the reason that counts most first.
pub fn to_record(wire: &wire::Video, host: &Host, now: Timestamp, is_detail: bool) -> Result<Video, Rejection> {
    check_origin(wire, host)?;
    check_public(wire)?;
    let uuid = uuid_of(&wire.uuid).ok_or(Rejection::Field("uuid"))?;
    let name = clean_line(&wire.name, MAX_NAME_CHARS).ok_or(Rejection::Field("name"))?;
    let account = wire.account.0.as_ref().and_then(|actor| to_actor(actor, host, "accounts", now));
    let channel = wire.channel.0.as_ref().and_then(|actor| to_actor(actor, host, "video-channels", now));
    let created = date(&wire.created_at, now);
    let published_at = date(&wire.published_at, now).or(created).ok_or(Rejection::Field("publishedAt"))?;
    let created_at = created.unwrap_or(published_at);
    let updated_at = date(&wire.updated_at, now).unwrap_or(created_at.max(published_at));
    let description = wire.description.as_str().and_then(|text| text::block(text, MAX_DESCRIPTION_CHARS));
    let truncated = wire.truncated_description.as_str().or(wire.description.as_str());
    let (thumbnail, preview) = pictures(wire, host);
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
        nsfw_summary: wire.nsfw_summary.as_str().and_then(|text| text::block(text, MAX_SUMMARY_CHARS)),
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
        embed_path: wire
            .embed_path
            .as_str()
            .and_then(text::path)
            .filter(|path| path.starts_with("/videos/embed/"))
            .unwrap_or_else(|| format!("/videos/embed/{uuid}")),
        created_at,
        updated_at,
        published_at,
        originally_published_at: original_date(&wire.originally_published_at, now),
        account: account.ok_or(Rejection::Field("account"))?,
        channel: channel.ok_or(Rejection::Field("channel"))?,
        detail: is_detail.then(|| VideoDetail {
            description,
            tags: text::tags(wire.tags.items.iter().filter_map(Scalar::as_str)),
            support: wire.support.as_str().and_then(|text| text::block(text, MAX_DESCRIPTION_CHARS)),
            of_updated_at: Some(updated_at),
        }),
    })
}

/// The UUID of an item, whatever else is wrong with it.
pub fn uuid_of(scalar: &Scalar) -> Option<Uuid> {
    Uuid::parse_str(scalar.as_str()?.trim()).ok().filter(|uuid| !uuid.is_nil())
}

/// A host speaks only for itself: local by its own word, and every host named in the item is the one that was asked.
fn check_origin(wire: &wire::Video, host: &Host) -> Result<(), Rejection> {
    if wire.is_local.to_bool() != Some(true) {
        return Err(Rejection::Remote);
    }
    for (field, actor) in [("account.host", &wire.account), ("channel.host", &wire.channel)] {
        let Some(actor) = &actor.0 else { continue };
        let named = actor.host.as_str().ok_or(Rejection::Field(field))?;
        if !host.matches(named) {
            return Err(Rejection::Spoofed { field, found: named.chars().take(100).collect() });
        }
    }
    match wire.url.as_str() {
        Some(url) if text::names_another_host(url, host) => {
            Err(Rejection::Spoofed { field: "url", found: url.chars().take(100).collect() })
        }
        _ => Ok(()),
    }
}

fn check_public(wire: &wire::Video) -> Result<(), Rejection> {
    // Some versions leave `privacy` out of lists, which hold public videos only.
    if let Some(privacy) = &wire.privacy.0
        && privacy.id.to_i64() != Some(PRIVACY_PUBLIC)
    {
        return Err(Rejection::NotPublic("privacy"));
    }
    if wire.blacklisted.to_bool() == Some(true) {
        return Err(Rejection::NotPublic("blocked by its instance"));
    }
    match wire.state.0.as_ref().and_then(|state| state.id.to_i64()) {
        None | Some(STATE_PUBLISHED) => Ok(()),
        Some(STATE_TO_TRANSCODE) if wire.wait_transcoding.to_bool() == Some(false) => Ok(()),
        Some(_) => Err(Rejection::NotPublic("state")),
    }
}

fn clean_line(scalar: &Scalar, max_chars: usize) -> Option<String> {
    text::line(scalar.as_str()?, max_chars)
}

fn labelled<T: ToString>(label: &wire::Labelled, id: T) -> Option<Labelled<T>> {
    let text = clean_line(&label.label, MAX_LABEL_CHARS).unwrap_or_else(|| id.to_string());
    Some(Labelled { id, label: text })
}

/// A code such as `fr`, `zh-Hans` or `ca-valencia`. The integers of versions before 1.4 mean nothing to anybody.
fn language_code(id: &Scalar) -> Option<String> {
    const MAX_CODE_BYTES: usize = 20;
    let code = id.as_str()?.trim();
    let is_code = !code.is_empty()
        && code.len() <= MAX_CODE_BYTES
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_code.then(|| code.to_owned())
}

/// A date of the origin's own clock: not before the web's video age, and never after `now`, so that a date in the
/// future pins nothing to the top.
fn date(scalar: &Scalar, now: Timestamp) -> Option<Timestamp> {
    const FIRST: Timestamp = Timestamp::constant(631_152_000, 0); // 1990-01-01
    let at: Timestamp = scalar.as_str()?.trim().parse().ok()?;
    (at >= FIRST).then_some(at.min(now))
}

/// A date that a person typed: any time since film exists, not after tomorrow.
fn original_date(scalar: &Scalar, now: Timestamp) -> Option<Timestamp> {
    const FIRST: Timestamp = Timestamp::constant(-2_524_521_600, 0); // 1890-01-01
    let at: Timestamp = scalar.as_str()?.trim().parse().ok()?;
    let last = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now);
    (FIRST..=last).contains(&at).then_some(at)
}

fn to_actor(wire: &wire::Actor, host: &Host, collection: &str, now: Timestamp) -> Option<Actor> {
    let name = clean_line(&wire.name, MAX_ACTOR_NAME_CHARS)?;
    let is_handle = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if !is_handle {
        return None;
    }
    Some(Actor {
        origin_id: wire.id.to_i64().unwrap_or(0).max(0),
        display_name: clean_line(&wire.display_name, MAX_NAME_CHARS).unwrap_or_else(|| name.clone()),
        url: wire
            .url
            .as_str()
            .and_then(|url| text::origin_link(url, host))
            .unwrap_or_else(|| format!("https://{host}/{collection}/{name}")),
        host: host.clone(),
        avatars: avatars(&wire.avatars, &wire.avatar, host, now),
        name,
    })
}

fn avatars<const N: usize>(
    many: &Bounded<Maybe<wire::Picture>, N>,
    one: &Maybe<wire::Picture>,
    host: &Host,
    now: Timestamp,
) -> Vec<Image> {
    let sent = many.items.iter().chain(std::iter::once(one)).filter_map(|picture| picture.0.as_ref());
    let mut avatars: Vec<Image> = sent
        .filter_map(|picture| {
            let place = place(&picture.path, &picture.file_url, host);
            Some(Image {
                path: place.path,
                url: place.url?,
                width: pixels(&picture.width),
                height: pixels(&picture.height),
                created_at: date(&picture.created_at, now),
                updated_at: date(&picture.updated_at, now),
            })
        })
        .collect();
    // The order on the wire is not stable, even within one answer.
    avatars.sort_by(|a, b| (a.width.is_none(), a.width, &a.url).cmp(&(b.width.is_none(), b.width, &b.url)));
    avatars.dedup_by(|a, b| a.url == b.url);
    avatars.truncate(MAX_AVATARS);
    avatars
}

fn pixels(scalar: &Scalar) -> Option<u32> {
    scalar.to_i64().and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=20_000).contains(n))
}

#[derive(Default)]
struct Place {
    path: Option<String>,
    url: Option<String>,
}

/// Where a picture is: the path when it has one, and the URL given or made of the path.
fn place(path: &Scalar, file_url: &Scalar, host: &Host) -> Place {
    let path = path.as_str().and_then(text::path);
    let given = file_url.as_str().and_then(|url| text::origin_link(url, host));
    let url = given.or_else(|| path.as_ref().map(|path| format!("https://{host}{path}")));
    Place { path, url }
}

/// The thumbnail and the larger preview.
fn pictures(wire: &wire::Video, host: &Host) -> (Place, Place) {
    let mut thumbnail = place(&wire.thumbnail_path, &Scalar::Absent, host);
    let mut preview = place(&wire.preview_path, &Scalar::Absent, host);
    // 8.1 lists sizes instead: the smallest that fills a result, and the largest.
    const MIN_THUMBNAIL_WIDTH: u32 = 200;
    let mut sizes: Vec<(u32, Place)> = wire
        .thumbnails
        .items
        .iter()
        .filter_map(|picture| picture.0.as_ref())
        .filter_map(|picture| Some((pixels(&picture.width)?, place(&picture.path, &picture.file_url, host))))
        .filter(|(_, place)| place.url.is_some())
        .collect();
    sizes.sort_by_key(|(width, _)| *width);
    if thumbnail.url.is_none() && !sizes.is_empty() {
        let fitting = sizes.iter().position(|(width, _)| *width >= MIN_THUMBNAIL_WIDTH).unwrap_or(sizes.len() - 1);
        let largest = sizes.len() - 1;
        let at = |index: usize| {
            sizes.get(index).map(|(_, place)| Place { path: place.path.clone(), url: place.url.clone() })
        };
        thumbnail = at(fitting).unwrap_or_default();
        if preview.url.is_none() {
            preview = at(largest).unwrap_or_default();
        }
    }
    (thumbnail, preview)
}
