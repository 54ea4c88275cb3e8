//! The JSON of accounts and channels.

use serde::Serialize;

use crate::catalogue::{AccountSpec, ChannelSpec, HostSpec, Origin, Version};
use crate::picture;
use crate::time::iso;

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

/// The pictures of an actor: a single one, or null, until 6.0, and a list since 4.2.
#[derive(Clone, Serialize)]
pub(crate) struct Avatars {
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<Option<ActorImage>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatars: Option<Vec<ActorImage>>,
}

/// The banner of a channel, in the same two forms.
#[derive(Serialize)]
pub(crate) struct Banners {
    #[serde(skip_serializing_if = "Option::is_none")]
    banner: Option<Option<ActorImage>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    banners: Option<Vec<ActorImage>>,
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
    pub avatars: Avatars,
}

/// A whole account.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub url: String,
    pub name: String,
    pub host: String,
    #[serde(flatten)]
    pub avatars: Avatars,
    pub id: u32,
    pub host_redundancy_allowed: bool,
    pub following_count: u32,
    pub followers_count: u32,
    pub created_at: String,
    pub display_name: String,
    pub description: Option<String>,
    pub updated_at: String,
    /// Local accounts have a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<u32>,
}

/// A whole channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    pub url: String,
    pub name: String,
    pub host: String,
    #[serde(flatten)]
    pub avatars: Avatars,
    pub id: u32,
    pub host_redundancy_allowed: bool,
    pub following_count: u32,
    pub followers_count: u32,
    pub created_at: String,
    #[serde(flatten)]
    pub banners: Banners,
    pub display_name: String,
    pub description: Option<String>,
    pub support: Option<String>,
    pub is_local: bool,
    pub updated_at: String,
    pub owner_account: Account,
}

/// Remote actors are numbered from here.
const REMOTE_FROM: u32 = 10_000;

/// The number of a remote actor among all actors of a host: the same whatever else the host knows.
pub(crate) fn remote_index(host: &str, name: &str) -> u32 {
    REMOTE_FROM + (picture::seed_of(&[host, name]) % 1_000_000_000) as u32
}

/// The local channel at an index of a host, deleted ones left out.
pub(crate) fn channel(spec: &HostSpec, index: u32) -> Option<Channel> {
    let channel = spec.channels.get(index as usize).filter(|channel| !channel.is_deleted)?;
    let owner = account(spec, channel.account)?;
    Some(whole_channel(spec, &spec.name, channel, index, owner))
}

/// A channel of another host as this one shows it.
pub(crate) fn remote_channel(spec: &HostSpec, origin: &Origin) -> Channel {
    let index = remote_index(&origin.host, &origin.channel.name);
    whole_channel(spec, &origin.host, &origin.channel, index, remote_account(spec, origin))
}

/// The local account at an index of a host.
pub(crate) fn account(spec: &HostSpec, index: u32) -> Option<Account> {
    let account = spec.accounts.get(index as usize)?;
    Some(whole_account(spec, &spec.name, account, index))
}

/// An account of another host as this one shows it.
pub(crate) fn remote_account(spec: &HostSpec, origin: &Origin) -> Account {
    whole_account(spec, &origin.host, &origin.account, remote_index(&origin.host, &origin.account.name))
}

fn whole_account(spec: &HostSpec, host: &str, account: &AccountSpec, index: u32) -> Account {
    Account {
        url: account_url(host, account),
        name: account.name.clone(),
        host: host.to_owned(),
        avatars: avatars(spec, &account.name, account.n_avatars, account.created_at, u64::from(index)),
        id: index + 2,
        host_redundancy_allowed: false,
        following_count: 0,
        followers_count: followers(&account.name, 40),
        created_at: iso(account.created_at),
        display_name: account.display_name.clone(),
        description: account.description.clone(),
        updated_at: iso(account.updated_at),
        user_id: (host == spec.name).then_some(index + 1),
    }
}

fn whole_channel(spec: &HostSpec, host: &str, channel: &ChannelSpec, index: u32, owner_account: Account) -> Channel {
    Channel {
        url: channel_url(host, channel),
        name: channel.name.clone(),
        host: host.to_owned(),
        avatars: avatars(spec, &channel.name, channel.n_avatars, channel.created_at, u64::from(index)),
        id: index + 2,
        host_redundancy_allowed: false,
        following_count: 0,
        followers_count: followers(&channel.name, 400),
        created_at: iso(channel.created_at),
        banners: banners(spec, channel, u64::from(index)),
        display_name: channel.display_name.clone(),
        description: channel.description.clone(),
        support: channel.support.clone(),
        is_local: host == spec.name,
        updated_at: iso(channel.updated_at),
        owner_account,
    }
}

/// A number below `n` that depends on the name alone.
fn followers(name: &str, n: u64) -> u32 {
    (picture::seed_of(&[name]) % n) as u32
}

fn account_url(host: &str, account: &AccountSpec) -> String {
    format!("https://{host}/accounts/{}", account.name)
}

fn channel_url(host: &str, channel: &ChannelSpec) -> String {
    format!("https://{host}/video-channels/{}", channel.name)
}

/// An account in a list item.
///
/// - `index`: its place in the host's list; not looked at for a remote one.
/// - `nth`: turns the order of the avatars.
pub(crate) fn account_summary<'a>(
    spec: &HostSpec,
    host: &'a str,
    account: &'a AccountSpec,
    index: u32,
    nth: u64,
) -> ActorSummary<'a> {
    let index = if host == spec.name { index } else { remote_index(host, &account.name) };
    ActorSummary {
        id: index + 2,
        display_name: &account.display_name,
        name: &account.name,
        url: account_url(host, account),
        host,
        avatars: avatars(spec, &account.name, account.n_avatars, account.created_at, nth),
    }
}

/// A channel in a list item.
///
/// - `index`: its place in the host's list; not looked at for a remote one.
/// - `nth`: turns the order of the avatars.
pub(crate) fn channel_summary<'a>(
    spec: &HostSpec,
    host: &'a str,
    channel: &'a ChannelSpec,
    index: u32,
    nth: u64,
) -> ActorSummary<'a> {
    let index = if host == spec.name { index } else { remote_index(host, &channel.name) };
    ActorSummary {
        id: index + 2,
        display_name: &channel.display_name,
        name: &channel.name,
        url: channel_url(host, channel),
        host,
        avatars: avatars(spec, &channel.name, channel.n_avatars, channel.created_at, nth),
    }
}

/// The avatars of an actor. Their order is not stable on a real server, within one answer even; here it turns with
/// `nth`, so that two requests for the same page still agree.
fn avatars(spec: &HostSpec, name: &str, n_avatars: Option<u8>, created_at: i64, nth: u64) -> Avatars {
    let version = spec.version;
    let widths: &[u32] = if version.since(6, 1) { &[48, 120, 600, 1500] } else { &[48, 120] };
    let n_avatars = n_avatars.map_or(widths.len(), usize::from);
    let mut list: Vec<ActorImage> = widths
        .iter()
        .take(n_avatars)
        .map(|&width| image(spec, picture::avatar_path(&spec.name, name, width), (width, width), created_at))
        .collect();
    let single = list.last().cloned();
    if !list.is_empty() {
        let turn = nth as usize % list.len();
        list.rotate_left(turn);
    }
    let (avatar, avatars) = forms(version, single, list);
    Avatars { avatar, avatars }
}

fn banners(spec: &HostSpec, channel: &ChannelSpec, nth: u64) -> Banners {
    let sizes: &[(u32, u32)] = match (channel.has_banner, spec.version.since(6, 1)) {
        (false, _) => &[],
        (true, true) => &[(600, 100), (1920, 317)],
        (true, false) => &[(1920, 317)],
    };
    let path = |width| picture::banner_path(&spec.name, &channel.name, width);
    let mut list: Vec<ActorImage> =
        sizes.iter().map(|&size| image(spec, path(size.0), size, channel.created_at)).collect();
    let single = list.last().cloned();
    if nth % 2 == 1 {
        list.reverse();
    }
    let (banner, banners) = forms(spec.version, single, list);
    Banners { banner, banners }
}

type Forms = (Option<Option<ActorImage>>, Option<Vec<ActorImage>>);

/// The single form was there until 6.0, the list since 4.2.
fn forms(version: Version, single: Option<ActorImage>, list: Vec<ActorImage>) -> Forms {
    ((!version.since(6, 0)).then_some(single), version.since(4, 2).then_some(list))
}

fn image(spec: &HostSpec, path: String, (width, height): (u32, u32), created_at: i64) -> ActorImage {
    let version = spec.version;
    ActorImage {
        width,
        height: version.since(7, 3).then_some(height),
        file_url: version.since(7, 1).then(|| format!("https://{}{path}", spec.name)),
        path: (!is_in_object_storage(spec)).then_some(path),
        created_at: iso(created_at),
        updated_at: iso(created_at),
    }
}

/// Paths of pictures in object storage are null since 8.0.
fn is_in_object_storage(spec: &HostSpec) -> bool {
    spec.has_object_storage && spec.version.since(8, 0)
}
