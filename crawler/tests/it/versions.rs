//! Hosts of every major version, crawled, compared with what they hold.

use std::collections::{BTreeMap, BTreeSet};

use crawler::Health;
use jiff::Timestamp;
use journal::record::{Actor, Channel, Element, Playlist, Video};
use simulator::{
    AccountSpec, Catalogue, ChannelSpec, Fediverse, HostHandle, HostSetup, HostSpec, PlaylistSpec, Privacy, Version,
    VideoSpec, short_uuid,
};
use uuid::Uuid;

use crate::world::{HEAVY, World, listed, report_of, uuids};

/// The releases between which something changed, at least one of each major version.
const RELEASES: [(u8, u8); 13] =
    [(3, 0), (3, 4), (4, 1), (4, 3), (5, 2), (6, 0), (6, 3), (7, 0), (7, 1), (7, 2), (7, 3), (8, 0), (8, 1)];

/// Two hosts of a release: one with its pictures in object storage and one without.
fn hosts_of(nth: usize, (major, minor): (u8, u8)) -> [HostSetup; 2] {
    let catalogue = Catalogue::new(11, Timestamp::now(), 2 * RELEASES.len());
    [false, true].map(|has_object_storage| {
        let mut instance = catalogue.instance(2 * nth + usize::from(has_object_storage), 24).expect("a planned host");
        instance.spec.version = Version { major, minor, patch: 0 };
        instance.spec.has_object_storage = has_object_storage;
        HostSetup::generated(instance).rate_limit(None)
    })
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

/// The sizes of a picture of an actor.
fn check_pictures(version: Version, actor: &Actor, sent: Option<u8>, has_paths: bool) {
    let widths: Vec<u32> = actor.avatars.iter().filter_map(|avatar| avatar.width).collect();
    let made: &[u32] = match version {
        _ if version.since(6, 1) => &[48, 120, 600, 1500],
        _ if version.since(4, 2) => &[48, 120],
        _ => &[120],
    };
    assert_eq!(widths, if sent == Some(0) { &[] } else { made }, "{version}");
    for avatar in &actor.avatars {
        assert!(avatar.url.starts_with(&format!("https://{}/", actor.host)), "{version} {}", avatar.url);
        assert_eq!(avatar.path.is_some(), has_paths, "{version}");
        assert_eq!(avatar.height, avatar.width.filter(|_| version.since(7, 3)), "{version}");
    }
}

/// A channel of a host and the account that owns it.
fn actors_of(held: &HostSpec, channel: u32) -> (&ChannelSpec, &AccountSpec) {
    let channel = held.channels.get(channel as usize).expect("a channel of the host");
    (channel, held.accounts.get(channel.account as usize).expect("an account of the host"))
}

fn check_video(host: &HostHandle, spec: &VideoSpec, found: &Video) {
    let held = host.instance().unwrap().spec;
    let version = held.version;
    let (channel, account) = actors_of(&held, spec.channel);
    let name = host.name();
    assert_eq!(found.name, spec.name, "{version}");
    assert_eq!(found.url, format!("https://{name}/videos/watch/{}", spec.uuid), "{version}");
    assert_eq!(found.origin_id, i64::from(spec.id), "{version}");
    assert_eq!(found.truncated_description, spec.truncated_description(), "{version}");
    assert_eq!(found.category.as_ref().map(|category| category.id), spec.category.map(i64::from), "{version}");
    assert_eq!(found.licence.as_ref().map(|licence| licence.id), spec.licence.map(i64::from), "{version}");
    assert_eq!(found.language.as_ref().map(|language| language.id.as_str()), spec.language, "{version}");
    assert_eq!((found.nsfw, found.is_live, found.duration_s), (spec.nsfw, spec.is_live, spec.duration), "{version}");
    let (flags, summary) =
        if version.since(7, 2) { (spec.nsfw_flags, spec.nsfw_summary.as_deref()) } else { (0, None) };
    assert_eq!((found.nsfw_flags, found.nsfw_summary.as_deref()), (u32::from(flags), summary), "{version}");
    assert_eq!(found.comments, version.since(7, 2).then_some(u64::from(spec.comments)), "{version}");
    assert_eq!((found.views, found.likes), (u64::from(spec.views), u64::from(spec.likes)), "{version}");
    let ratio = found.aspect_ratio.map(|ratio| (ratio * 1000.0).round());
    assert_eq!(ratio, version.since(6, 1).then_some((spec.aspect_ratio * 1000.0).round()), "{version}");
    let dates = (found.created_at, found.updated_at, found.published_at);
    assert_eq!(dates, (at(spec.created_at), at(spec.updated_at), at(spec.published_at)), "{version}");

    let has_paths = !held.has_object_storage || !version.since(8, 1);
    for (path, url) in [(&found.thumbnail_path, &found.thumbnail_url), (&found.preview_path, &found.preview_url)] {
        let url = url.as_ref().unwrap_or_else(|| panic!("{version}: no picture"));
        assert!(url.starts_with(&format!("https://{name}/lazy-static/")), "{version}: {url}");
        assert_eq!(path.is_some(), has_paths, "{version}");
    }
    assert_ne!(found.thumbnail_url, found.preview_url, "{version}");
    let id = if version.since(7, 0) { short_uuid(spec.uuid) } else { spec.uuid.to_string() };
    assert_eq!(found.embed_path, format!("/videos/embed/{id}"), "{version}");

    assert_eq!((&found.channel.name, &found.channel.display_name), (&channel.name, &channel.display_name));
    assert_eq!((&found.account.name, &found.account.display_name), (&account.name, &account.display_name));
    let has_paths = !held.has_object_storage || !version.since(8, 0);
    check_pictures(version, &found.channel, channel.n_avatars, has_paths);
    check_pictures(version, &found.account, account.n_avatars, has_paths);

    let detail = found.detail.as_ref().unwrap_or_else(|| panic!("{version}: no detail"));
    assert_eq!(detail.tags, spec.tags, "{version}");
    assert_eq!(detail.support, spec.support, "{version}");
    // Before 5.0 only a route of its own has the whole text.
    assert_eq!(detail.description, spec.description, "{version}");
}

/// Every channel that shows a video, and no other.
fn check_channels(host: &HostHandle, mut found: BTreeMap<String, Channel>) {
    let held = host.instance().unwrap().spec;
    let version = held.version;
    let shown: BTreeSet<u32> = host.listed().iter().map(|video| video.channel).collect();
    assert!(!shown.is_empty() && found.len() == shown.len(), "{version}: {:?}", found.keys());
    for index in shown {
        let (channel, account) = actors_of(&held, index);
        let record = found.remove(&channel.name).unwrap_or_else(|| panic!("{version}: no {}", channel.name));
        assert_eq!(record.actor.display_name, channel.display_name, "{version}");
        assert_eq!(record.actor.url, format!("https://{}/video-channels/{}", host.name(), channel.name), "{version}");
        assert_eq!((&record.description, &record.support), (&channel.description, &channel.support), "{version}");
        assert_eq!((record.created_at, record.updated_at), (at(channel.created_at), at(channel.updated_at)));
        assert_eq!(record.owner.actor.name, account.name, "{version}");
        assert_eq!(record.owner.actor.display_name, account.display_name, "{version}");
        assert_eq!(record.owner.description, account.description, "{version}");
        assert_eq!(record.owner.created_at, at(account.created_at), "{version}");
        let has_paths = !held.has_object_storage || !version.since(8, 0);
        check_pictures(version, &record.actor, channel.n_avatars, has_paths);
        check_pictures(version, &record.owner.actor, account.n_avatars, has_paths);
        let widths: Vec<_> = record.banners.iter().filter_map(|banner| banner.width).collect();
        let made: &[u32] = if version.since(6, 1) { &[600, 1920] } else { &[1920] };
        assert_eq!(widths, if channel.has_banner { made } else { &[] }, "{version}");
    }
}

/// Every public playlist that shows a video, with what of it may show.
fn check_playlists(host: &HostHandle, mut found: BTreeMap<Uuid, Playlist>) {
    let instance = host.instance().unwrap();
    let (held, name) = (&instance.spec, host.name());
    let version = held.version;
    let element = |uuid| {
        let video = instance.video(uuid).filter(|video| video.privacy == Privacy::Public && !video.blocked)?;
        let origin = video.origin.as_ref().map_or(name, |origin| origin.host.as_str());
        Some(Element { host: origin.parse().unwrap(), uuid })
    };
    let elements =
        |spec: &PlaylistSpec| -> Vec<Element> { spec.elements.iter().filter_map(|held| element(held.video)).collect() };
    let shown: Vec<_> = host.listed_playlists().into_iter().filter(|spec| !elements(spec).is_empty()).collect();
    assert!(!shown.is_empty() && found.len() == shown.len(), "{version}: {} of {}", found.len(), shown.len());
    for spec in shown {
        let record = found.remove(&spec.uuid).unwrap_or_else(|| panic!("{version}: no {}", spec.display_name));
        assert_eq!(record.display_name, spec.display_name, "{version}");
        assert_eq!(record.description, spec.description, "{version}");
        assert_eq!(record.elements, elements(&spec), "{version}");
        assert_eq!((record.created_at, record.updated_at), (at(spec.created_at), at(spec.updated_at)), "{version}");
        let id = if version.since(7, 0) { short_uuid(spec.uuid) } else { spec.uuid.to_string() };
        assert_eq!(record.embed_path, format!("/video-playlists/embed/{id}"), "{version}");
        assert!(record.thumbnail_url.unwrap().starts_with(&format!("https://{name}/lazy-static/")), "{version}");
        let has_path = !held.has_object_storage || !version.since(8, 1);
        assert_eq!(record.thumbnail_path.is_some(), has_path, "{version}");
        let channel = spec.channel.map(|index| actors_of(held, index).0.name.as_str());
        assert_eq!(record.channel.as_ref().map(|channel| channel.name.as_str()), channel, "{version}");
        let owner = held.accounts.get(spec.account as usize).expect("an account of the host");
        assert_eq!(record.owner.name, owner.name, "{version}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_of_every_version_are_read_as_what_they_hold() {
    let _alone = HEAVY.lock().await;
    let setups = RELEASES.into_iter().enumerate().flat_map(|(nth, release)| hosts_of(nth, release));
    let fediverse = Fediverse::builder().hosts(setups).start().await.unwrap();
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    let mut n_cut = BTreeMap::new();
    for host in fediverse.hosts() {
        let version = host.instance().unwrap().spec.version;
        let found = world.videos(host.name());
        let report = report_of(&reports, host.name());
        assert_eq!(uuids(&found), listed(&fediverse, host.name()), "{version}: {}", report.sentence);
        for spec in host.listed() {
            check_video(host, &spec, &found[&spec.uuid]);
            *n_cut.entry(version.major).or_insert(0) += usize::from(spec.truncated_description() != spec.description);
        }
        check_channels(host, world.channels(host.name()));
        check_playlists(host, world.playlists(host.name()));
        assert_eq!(report.health, Health::UpToDate, "{version}: {}", report.sentence);
    }
    assert!((3..=8).all(|major| n_cut[&major] > 0), "no long description: {n_cut:?}");
    fediverse.shutdown().await;
}
