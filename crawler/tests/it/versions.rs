//! Hosts of every major version, crawled, compared with what they hold.

use std::collections::BTreeMap;

use crawler::Health;
use jiff::Timestamp;
use journal::record::{Actor, Video};
use simulator::{Catalogue, ChannelSpec, Fediverse, HostHandle, HostSetup, Version, VideoSpec, short_uuid};

use crate::world::{World, listed, report_of, uuids};

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

fn check_video(host: &HostHandle, spec: &VideoSpec, found: &Video) {
    let held = host.instance().unwrap().spec;
    let version = held.version;
    let channel: &ChannelSpec = held.channels.get(spec.channel as usize).expect("a channel of the host");
    let account = held.accounts.get(channel.account as usize).expect("an account of the host");
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
    let is_cut = spec.truncated_description() != spec.description;
    if version.since(5, 0) || !is_cut {
        assert_eq!(detail.description, spec.description, "{version}");
    } else {
        // Only its own route has the whole text: what is not it is not shown as it.
        assert!(detail.description.is_none() || detail.description == spec.description, "{version}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_of_every_version_are_read_as_what_they_hold() {
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
        assert_eq!(report.health, Health::UpToDate, "{version}: {}", report.sentence);
    }
    assert!((3..=8).all(|major| n_cut[&major] > 0), "no long description: {n_cut:?}");
    fediverse.shutdown().await;
}
