//! `GET /api/v1/video-channels`, `/video-channels/{name}`, `/accounts/{name}` and what they hold.

use std::collections::BTreeSet;

use super::listing::{self, Scope, SortedVideos, page};
use super::playlists;
use super::problem::{invalid, not_found};
use super::shapes::{self, Channel};
use crate::answer::Answer;
use crate::catalogue::{Instance, Origin};
use crate::request::Request;

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// Answers the list of channels: local ones mixed with those of the remote videos.
pub(crate) fn channels(instance: &Instance, request: &Request) -> Answer {
    let sort = request.parameter("sort").unwrap_or("-createdAt");
    let spec = &instance.spec;
    let mut all: Vec<Channel> = instance.channels().filter_map(|(index, _)| shapes::channel(spec, index)).collect();
    all.extend(origins(instance).into_iter().map(|origin| shapes::remote_channel(spec, origin)));
    match sort.trim_start_matches('-') {
        "id" => all.sort_by_key(|channel| channel.id),
        "name" => all.sort_by(|left, right| left.name.cmp(&right.name)),
        "updatedAt" => all.sort_by(|left, right| left.updated_at.cmp(&right.updated_at)),
        "createdAt" => all.sort_by(|left, right| left.created_at.cmp(&right.created_at)),
        _ => return invalid(request, "sort", sort, "Invalid value", "query"),
    }
    if sort.starts_with('-') {
        all.reverse();
    }
    page(all, request)
}

/// The remote channels a host knows, each once.
fn origins(instance: &Instance) -> Vec<&Origin> {
    let mut seen = BTreeSet::new();
    let of_videos = instance.videos.iter().filter_map(|video| video.origin.as_deref());
    let of_playlists = instance.playlists.iter().filter_map(|playlist| playlist.origin.as_deref());
    of_videos.chain(of_playlists).filter(|origin| seen.insert((&origin.host, &origin.channel.name))).collect()
}

/// A channel as an address names it.
pub(crate) enum Named<'a> {
    Local(u32),
    Remote(&'a Origin),
}

/// Finds a channel: a local one by `name` or `name@host`, a remote one by `name@host` alone.
pub(crate) fn find_channel<'a>(instance: &'a Instance, text: &str) -> Option<Named<'a>> {
    if let Some((name, host)) = text.split_once('@').filter(|(_, host)| !host.eq_ignore_ascii_case(&instance.spec.name))
    {
        let is_it = |origin: &&Origin| origin.host == host && origin.channel.is_named(name);
        return origins(instance).into_iter().find(is_it).map(Named::Remote);
    }
    let name = text.split('@').next().unwrap_or_default();
    instance.spec.channels.iter().position(|channel| channel.is_named(name)).map(|index| Named::Local(index as u32))
}

/// Finds a local account by `name` or `name@host`, without regard to case.
pub(crate) fn find_account(instance: &Instance, text: &str) -> Option<u32> {
    let (name, host) = text.split_once('@').unwrap_or((text, &instance.spec.name));
    let mut accounts = instance.spec.accounts.iter();
    let index = accounts.position(|account| account.name.eq_ignore_ascii_case(name))?;
    host.eq_ignore_ascii_case(&instance.spec.name).then_some(index as u32)
}

/// Answers one channel, or what it holds.
pub(crate) fn channel(
    instance: &Instance,
    sorted: &mut SortedVideos,
    request: &Request,
    name: &str,
    sub: Option<&str>,
) -> Answer {
    let Some(named) = find_channel(instance, name) else { return not_found("Video channel not found") };
    match (sub, named) {
        (None, Named::Local(index)) => match shapes::channel(&instance.spec, index) {
            Some(channel) => Answer::json(200, CONTENT_TYPE, &channel),
            None => not_found("Video channel not found"),
        },
        (None, Named::Remote(origin)) => {
            Answer::json(200, CONTENT_TYPE, &shapes::remote_channel(&instance.spec, origin))
        }
        (Some("videos"), Named::Local(index)) => listing::videos(instance, sorted, request, Scope::Channel(index)),
        (Some("videos"), Named::Remote(origin)) => {
            let scope = Scope::RemoteChannel(&origin.host, &origin.channel.name);
            listing::videos(instance, sorted, request, scope)
        }
        (Some("video-playlists"), Named::Local(index)) => {
            playlists::list(instance, request, |playlist| playlist.is_local() && playlist.channel == Some(index))
        }
        (Some("video-playlists"), Named::Remote(origin)) => playlists::list(instance, request, |playlist| {
            let is_it = |it: &Origin| it.host == origin.host && it.channel.name == origin.channel.name;
            playlist.channel.is_some() && playlist.origin.as_deref().is_some_and(is_it)
        }),
        (Some("followers"), _) => super::problem::no_token(),
        (Some(_), _) => super::unknown_api_route(),
    }
}

/// Answers one account, or what it holds.
pub(crate) fn account(
    instance: &Instance,
    sorted: &mut SortedVideos,
    request: &Request,
    name: &str,
    sub: Option<&str>,
) -> Answer {
    let spec = &instance.spec;
    let found = find_account(instance, name).and_then(|index| Some((index, shapes::account(spec, index)?)));
    let Some((index, account)) = found else { return not_found("Account not found") };
    match sub {
        None => Answer::json(200, CONTENT_TYPE, &account),
        Some("videos") => listing::videos(instance, sorted, request, Scope::Account(index)),
        Some("video-channels") => {
            let owned = instance.channels().filter(|(_, channel)| channel.account == index);
            page(owned.filter_map(|(nth, _)| shapes::channel(spec, nth)).collect(), request)
        }
        Some("video-playlists") => {
            playlists::list(instance, request, |playlist| playlist.is_local() && playlist.account == index)
        }
        Some(_) => super::unknown_api_route(),
    }
}
