//! Playlists and what is in them: `GET /api/v1/video-playlists`, `/video-playlists/{uuid}` and `/{uuid}/videos`.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Element, Playlist};
use url::Url;
use uuid::Uuid;

use super::actor::to_actor;
use super::date::date;
use super::image::{Place, fill_from_sizes, place};
use super::origin::{Rejection, check_origin, parse_answer, parse_item};
use super::video::{PRIVACY_PUBLIC, check_public, is_absent_or, uuid_of};
use super::{text, wire};

/// PeerTube's own limit is 120.
const MAX_NAME_CHARS: usize = 300;
/// PeerTube's own limit is 1000.
const MAX_DESCRIPTION_CHARS: usize = 10_000;

/// The other type is "watch later", which is nobody's business.
const TYPE_REGULAR: i64 = 1;
/// Other elements are deleted, private or blocked videos, without the video.
const ELEMENT_REGULAR: i64 = 0;

/// A playlist as the routes of playlists tell it: all but its videos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPlaylist {
    /// The playlist; `elements` is empty.
    pub playlist: Playlist,
    /// What the instance says it holds: a claim that counts hidden and deleted videos too.
    pub claimed_length: u64,
}

/// A page of `GET /api/v1/video-playlists`.
#[derive(Clone, Debug, Default)]
pub struct PlaylistsPage {
    /// The host's own, public, regular playlists, in the order of the page.
    pub playlists: Vec<ListedPlaylist>,
    /// UUIDs of everything on the page, as far as it has one.
    pub uuids: Vec<Uuid>,
    /// Rows on the page, those beyond the limit included.
    pub n_rows: usize,
    /// What the instance says the whole listing holds. A claim, no more.
    pub total: Option<u64>,
    /// Items of other instances.
    pub n_remote: usize,
    /// UUIDs of items that are listed but not public or not regular.
    pub not_public: Vec<Uuid>,
    /// Items that claim to be local in the name of another host.
    pub spoofs: Vec<Rejection>,
    /// Items that are broken.
    pub errors: Vec<Rejection>,
}

/// A page of `GET /api/v1/video-playlists/{uuid}/videos`.
#[derive(Clone, Debug, Default)]
pub struct ElementsPage {
    /// The public videos, in the order of the playlist. A playlist may hold a video twice.
    pub elements: Vec<Element>,
    /// Rows on the page, hidden elements and those beyond the limit included.
    pub n_rows: usize,
    /// What the instance says the playlist holds, hidden elements included. A claim, no more.
    pub total: Option<u64>,
    /// Elements that are broken or contradict themselves.
    pub n_errors: usize,
}

/// Reads a page of playlists.
///
/// # Errors
/// Only when the whole is not the JSON of a page; what is wrong with an item is in the page.
pub fn parse_playlists(json: &[u8], host: &Host, now: Timestamp) -> Result<PlaylistsPage, serde_json::Error> {
    let wire = wire::Page::parse(json)?;
    let mut page = PlaylistsPage {
        n_rows: wire.data.n_total,
        total: wire.total.to_count(),
        errors: wire.overflow().into_iter().collect(),
        ..PlaylistsPage::default()
    };
    for raw in &wire.data.items {
        let item: wire::Playlist = match parse_item(raw.get()) {
            Ok(item) => item,
            Err(rejection) => {
                page.errors.push(rejection);
                continue;
            }
        };
        let uuid = uuid_of(&item.uuid);
        page.uuids.extend(uuid);
        match to_record(&item, host, now) {
            Ok(playlist) => page.playlists.push(playlist),
            Err(Rejection::Remote) => page.n_remote += 1,
            Err(Rejection::NotPublic(_)) => page.not_public.extend(uuid),
            Err(spoof @ Rejection::Spoofed { .. }) => page.spoofs.push(spoof),
            Err(rejection) => page.errors.push(rejection),
        }
    }
    Ok(page)
}

/// Reads the answer of the route of one playlist. Unlisted ones are answered there like public ones.
///
/// # Errors
/// Why it is not a public playlist of `host`.
pub fn parse_playlist(json: &[u8], host: &Host, now: Timestamp) -> Result<ListedPlaylist, Rejection> {
    to_record(&parse_answer(json)?, host, now)
}

/// Reads a page of the videos of a playlist. Whatever is not public leaves no trace but its row.
///
/// # Errors
/// Only when the whole is not the JSON of a page.
pub fn parse_elements(json: &[u8], host: &Host) -> Result<ElementsPage, serde_json::Error> {
    let wire = wire::Page::parse(json)?;
    let mut page = ElementsPage { n_rows: wire.data.n_total, total: wire.total.to_count(), ..ElementsPage::default() };
    for raw in &wire.data.items {
        match parse_item(raw.get()).and_then(|element| to_element(&element, host)) {
            Ok(element) => page.elements.extend(element),
            Err(_) => page.n_errors += 1,
        }
    }
    Ok(page)
}

fn to_record(wire: &wire::Playlist, host: &Host, now: Timestamp) -> Result<ListedPlaylist, Rejection> {
    let actors = [("ownerAccount.host", &wire.owner_account), ("videoChannel.host", &wire.video_channel)];
    let named = actors.into_iter().filter_map(|(field, actor)| Some((field, &actor.0.as_ref()?.host)));
    check_origin(wire.is_local.to_bool(), named, &wire.url, host)?;
    if !is_absent_or(wire.privacy.as_ref(), &[PRIVACY_PUBLIC]) {
        return Err(Rejection::NotPublic("privacy"));
    }
    if !is_absent_or(wire.kind.as_ref(), &[TYPE_REGULAR]) {
        return Err(Rejection::NotPublic("type"));
    }
    let uuid = uuid_of(&wire.uuid).ok_or(Rejection::Field("uuid"))?;
    let owner = wire.owner_account.0.as_ref().and_then(|owner| to_actor(owner, host, "accounts", now));
    let channel = wire.video_channel.0.as_ref().and_then(|channel| to_actor(channel, host, "video-channels", now));
    let (created, updated) = (date(&wire.created_at, now), date(&wire.updated_at, now));
    let created_at = created.or(updated).ok_or(Rejection::Field("createdAt"))?;
    let mut thumbnail = place(&wire.thumbnail_path, &wire.thumbnail_url, host);
    fill_from_sizes(&mut thumbnail, &mut Place::default(), &wire.thumbnails, host);
    let playlist = Playlist {
        host: host.clone(),
        uuid,
        origin_id: wire.id.to_i64().unwrap_or(0).max(0),
        url: wire
            .url
            .as_str()
            .and_then(|url| text::origin_link(url, host))
            .unwrap_or_else(|| format!("https://{host}/video-playlists/{uuid}")),
        display_name: text::line_of(&wire.display_name, MAX_NAME_CHARS).ok_or(Rejection::Field("displayName"))?,
        description: text::block_of(&wire.description, MAX_DESCRIPTION_CHARS),
        thumbnail_path: thumbnail.path,
        thumbnail_url: thumbnail.url,
        embed_path: text::embed_path(&wire.embed_path, "/video-playlists/embed/", uuid),
        created_at,
        updated_at: updated.unwrap_or(created_at),
        owner: owner.ok_or(Rejection::Field("ownerAccount"))?,
        channel,
        elements: Vec::new(),
    };
    Ok(ListedPlaylist { playlist, claimed_length: wire.videos_length.to_count().unwrap_or(0) })
}

/// `None` for an element that is not to be seen.
fn to_element(wire: &wire::Element, host: &Host) -> Result<Option<Element>, Rejection> {
    let Some(video) = &wire.video.0 else { return Ok(None) };
    let is_regular = wire.kind.to_i64().is_none_or(|kind| kind == ELEMENT_REGULAR);
    // Unlisted videos are in public playlists too, so a video that does not say that it is public is not.
    let is_public = video.privacy.is_some() && check_public(video).is_ok();
    if !is_regular || !is_public {
        return Ok(None);
    }
    let origin = origin_of(video).ok_or(Rejection::Field("video.account.host"))?;
    let named = [&video.account, &video.channel].into_iter().filter_map(|actor| actor.0.as_ref()?.host.as_str());
    let is_consistent = named.into_iter().all(|named| origin.matches(named))
        && !video.url.as_str().is_some_and(|url| text::names_another_host(url, &origin))
        && video.is_local.to_bool().is_none_or(|is_local| is_local == (origin == *host));
    if !is_consistent {
        return Err(Rejection::Field("video.url"));
    }
    Ok(Some(Element { host: origin, uuid: uuid_of(&video.uuid).ok_or(Rejection::Field("video.uuid"))? }))
}

/// The instance that a video says it is of.
fn origin_of(video: &wire::Video) -> Option<Host> {
    let actor = video.account.0.as_ref().or(video.channel.0.as_ref());
    if let Some(actor) = actor {
        return Host::parse(actor.host.as_str()?).ok();
    }
    let url = Url::parse(video.url.as_str()?).ok()?;
    let name = url.host_str()?;
    let named = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    Host::parse(&named).ok()
}
