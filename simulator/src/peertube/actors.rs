//! `GET /api/v1/video-channels`, `/video-channels/{name}`, `/accounts/{name}` and their videos.

use super::listing::{self, Page, Scope, SortedVideos};
use super::problem::{invalid, not_found};
use super::shapes::{self, Channel};
use crate::answer::Answer;
use crate::catalogue::Instance;
use crate::request::Request;

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// Answers the list of channels: local ones, then those of the remote videos.
pub(crate) fn channels(instance: &Instance, request: &Request) -> Answer {
    let (start, count) = match listing::paging(request) {
        Ok(paging) => paging,
        Err(answer) => return *answer,
    };
    let sort = request.parameter("sort").unwrap_or("-createdAt");
    let mut all = every_channel(instance);
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
    page(all, start, count)
}

fn page(all: Vec<Channel>, start: u64, count: usize) -> Answer {
    let total = Some(all.len() as u64);
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let data = all.into_iter().skip(start).take(count).collect();
    Answer::json(200, CONTENT_TYPE, &Page { total, data })
}

fn every_channel(instance: &Instance) -> Vec<Channel> {
    let mut all: Vec<Channel> =
        (0..instance.spec.channels.len()).filter_map(|index| local_channel(instance, index)).collect();
    let mut seen = std::collections::BTreeSet::new();
    for origin in instance.videos.iter().filter_map(|video| video.origin.as_deref()) {
        if seen.insert((&origin.host, &origin.channel.name)) {
            let index = (10_000 + seen.len()) as u32;
            let account = shapes::account(&instance.spec, &origin.host, &origin.account, index);
            all.push(shapes::channel(&instance.spec, &origin.host, &origin.channel, index, account, false));
        }
    }
    all
}

fn local_channel(instance: &Instance, index: usize) -> Option<Channel> {
    let spec = &instance.spec;
    let channel = spec.channels.get(index)?;
    let account = spec.accounts.get(channel.account as usize)?;
    let account = shapes::account(spec, &spec.name, account, channel.account);
    Some(shapes::channel(spec, &spec.name, channel, index as u32, account, true))
}

/// Answers one channel, or what it holds.
pub(crate) fn channel(
    instance: &Instance,
    sorted: &mut SortedVideos,
    request: &Request,
    name: &str,
    sub: Option<&str>,
) -> Answer {
    let Some(index) = local_index(instance, name, instance.spec.channels.iter().map(|channel| channel.name.as_str()))
    else {
        return not_found("Video channel not found");
    };
    match sub {
        None => match local_channel(instance, index) {
            Some(channel) => Answer::json(200, CONTENT_TYPE, &channel),
            None => not_found("Video channel not found"),
        },
        Some("videos") => listing::videos(instance, sorted, request, Scope::Channel(index as u32)),
        Some("video-playlists") => Answer::json(200, CONTENT_TYPE, &Page::<u8> { total: Some(0), data: Vec::new() }),
        Some(_) => super::unknown_api_route(),
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
    let found = local_index(instance, name, spec.accounts.iter().map(|account| account.name.as_str()));
    let Some((index, account)) = found.and_then(|index| Some((index, spec.accounts.get(index)?))) else {
        return not_found("Account not found");
    };
    match sub {
        None => Answer::json(200, CONTENT_TYPE, &shapes::account(spec, &spec.name, account, index as u32)),
        Some("videos") => listing::videos(instance, sorted, request, Scope::Account(index as u32)),
        Some("video-channels") => {
            let owned = spec.channels.iter().enumerate().filter(|(_, channel)| channel.account as usize == index);
            let all = owned.filter_map(|(nth, _)| local_channel(instance, nth)).collect();
            match listing::paging(request) {
                Ok((start, count)) => page(all, start, count),
                Err(answer) => *answer,
            }
        }
        Some(_) => super::unknown_api_route(),
    }
}

/// Finds a local actor by name, without regard to case and with or without the own host behind an `@`.
pub(crate) fn local_index<'a>(
    instance: &Instance,
    name: &str,
    mut names: impl Iterator<Item = &'a str>,
) -> Option<usize> {
    let name = match name.split_once('@') {
        Some((name, host)) if host == instance.spec.name => name,
        Some(_) => return None,
        None => name,
    };
    names.position(|candidate| candidate.eq_ignore_ascii_case(name))
}
