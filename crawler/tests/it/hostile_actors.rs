//! Fake instances that misbehave on the routes of channels and playlists: their videos do not suffer from it, and what
//! is kept of the rest is honest.

use std::collections::BTreeSet;

use journal::record::{Actor, Element};
use serde_json::json;
use simulator::{Behaviour, Fediverse, ItemQuirk, JsonBomb, Privacy, Routes, Rule};
use uuid::Uuid;

use crate::world::{HEAVY, World, generated, listed, report_of, uuids};

/// What is kept of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// All that is honest.
    Whole,
    /// Nothing.
    Nothing,
    /// Some of what is honest.
    Partly,
}

use Kept::{Nothing, Partly, Whole};

/// A name, the misbehaviour, and what is kept of videos, channels and playlists.
fn rows() -> Vec<(&'static str, Rule, [Kept; 3])> {
    use Behaviour as B;
    let set = |key: &str, value| B::Items(ItemQuirk::Set(key.to_owned(), value));
    let without = |key: &str| B::Items(ItemQuirk::Without(key.to_owned()));
    let other = || "other.example".to_owned();
    let noindex = || B::Header("X-Robots-Tag".to_owned(), "noindex".to_owned());
    let (channels, playlists) = (Routes::Channels, Routes::Playlists);
    vec![
        ("case 30 channels", B::Items(ItemQuirk::RemoteUrl(other())).on(channels.clone()), [Whole, Nothing, Whole]),
        ("case 30 playlists", B::Items(ItemQuirk::RemoteUrl(other())).on(playlists.clone()), [Whole, Whole, Nothing]),
        ("case 31 channels", B::Items(ItemQuirk::SpoofedHost(other())).on(channels.clone()), [Whole, Nothing, Whole]),
        ("case 31 playlists", B::Items(ItemQuirk::SpoofedHost(other())).on(playlists.clone()), [Whole, Whole, Nothing]),
        ("remote channels", set("isLocal", json!(false)).on(channels.clone()), [Whole, Nothing, Whole]),
        ("remote playlists", set("isLocal", json!(false)).on(playlists.clone()), [Whole, Whole, Nothing]),
        ("another channel", set("name", json!("another")).on(channels.clone()), [Whole, Nothing, Whole]),
        ("a channel that is a path", set("name", json!("../../x")).on(channels.clone()), [Whole, Nothing, Whole]),
        ("channels without owners", without("ownerAccount").on(channels.clone()), [Whole, Nothing, Whole]),
        ("playlists without owners", without("ownerAccount").on(playlists.clone()), [Whole, Whole, Nothing]),
        ("playlists without names", without("displayName").on(playlists.clone()), [Whole, Whole, Nothing]),
        ("case 45 channels", B::Json(JsonBomb::EmptyObjects(50_000)).on(channels.clone()), [Whole, Nothing, Whole]),
        ("case 45 playlists", B::Json(JsonBomb::EmptyObjects(50_000)).on(playlists.clone()), [Whole, Whole, Nothing]),
        ("case 45 numbers", set("followersCount", json!(1e300)).on(channels.clone()), [Whole, Whole, Whole]),
        ("case 49", B::LyingTotal(1_000_000_000_000).on(playlists.clone()), [Whole, Whole, Whole]),
        ("no total", B::NoTotal.on(playlists.clone()), [Whole, Whole, Whole]),
        ("case 50", B::IdenticalPages.on(playlists.clone()), [Whole, Whole, Whole]),
        (
            "case 53 channels",
            set("createdAt", json!("9999-12-31T23:59:59Z")).on(channels.clone()),
            [Whole, Whole, Whole],
        ),
        ("case 53 playlists", set("updatedAt", json!("0000-00-00")).on(playlists.clone()), [Whole, Whole, Whole]),
        ("case 53 lengths", set("videosLength", json!(-7)).on(playlists.clone()), [Whole, Whole, Partly]),
        ("case 81 channels", B::Items(ItemQuirk::HostileText).on(channels.clone()), [Whole, Whole, Whole]),
        ("case 81 playlists", B::Items(ItemQuirk::HostileText).on(playlists.clone()), [Whole, Whole, Partly]),
        (
            "case 82 channels",
            set("avatars", json!([{"path": "//evil.example/a.png"}])).on(channels.clone()),
            [Whole, Whole, Whole],
        ),
        ("case 82 playlists", B::Items(ItemQuirk::HostileUrls).on(playlists.clone()), [Whole, Whole, Whole]),
        ("case 87", B::Items(ItemQuirk::Privacy(2)).on(playlists.clone()), [Whole, Whole, Nothing]),
        (
            "watch later",
            set("type", json!({"id": 2})).on(Routes::Prefix("/api/v1/video-playlists?".to_owned())),
            [Whole, Whole, Whole],
        ),
        ("case 69", noindex().on(channels.clone()), [Nothing, Nothing, Nothing]),
        ("a flag in the channel", set("indexable", json!(false)).on(channels.clone()), [Nothing, Nothing, Nothing]),
        ("a word in the channel", set("description", json!("#NoIndex")).on(channels), [Nothing, Nothing, Nothing]),
    ]
}

fn check<T: Ord + std::fmt::Debug>(case: &str, kept: Kept, found: &BTreeSet<T>, honest: &BTreeSet<T>, why: &str) {
    match kept {
        Whole => assert_eq!(found, honest, "{case}: {why}"),
        Nothing => assert!(found.is_empty(), "{case}: {found:?} {why}"),
        Partly => assert!(found.is_subset(honest), "{case}: {why}"),
    }
}

fn check_actor(case: &str, host: &str, actor: &Actor) {
    assert_eq!(actor.host.as_str(), host, "{case}");
    let links = actor.avatars.iter().map(|avatar| &avatar.url).chain([&actor.url]);
    assert!(links.into_iter().all(|url| url.starts_with(&format!("https://{host}/"))), "{case}: {actor:?}");
    assert!(!actor.display_name.chars().any(char::is_control), "{case}: {actor:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misbehaviour_about_channels_and_playlists_costs_no_video() {
    let _alone = HEAVY.lock().await;
    let rows = rows();
    let setups = rows.iter().enumerate().map(|(nth, (_, rule, _))| generated(nth, 16).behave(rule.clone()));
    let names: Vec<String> = setups.clone().map(|setup| setup.name().to_owned()).collect();
    let fediverse = Fediverse::builder().hosts(setups).start().await.unwrap();
    let world = World::of(&fediverse);
    let reports = world.crawl().await;
    for ((case, _, [videos, channels, playlists]), name) in rows.iter().zip(&names) {
        let host = fediverse.host(name).unwrap();
        let instance = host.instance().unwrap();
        let why = &report_of(&reports, name).sentence;
        assert!(host.n_requests() < 60, "{case}: {} requests; {why}", host.n_requests());
        check(case, *videos, &uuids(&world.videos(name)), &listed(&fediverse, name), why);

        let found = world.channels(name);
        let shown: BTreeSet<u32> = instance.listed().map(|video| video.channel).collect();
        let shown = instance.channels().filter(|(index, _)| shown.contains(index));
        let honest: BTreeSet<String> = shown.map(|(_, channel)| channel.name.clone()).collect();
        check(case, *channels, &found.keys().cloned().collect(), &honest, why);
        for channel in found.values() {
            check_actor(case, name, &channel.actor);
            check_actor(case, name, &channel.owner.actor);
            assert!(channel.created_at <= jiff::Timestamp::now(), "{case}");
        }

        let public = |uuid: Uuid| {
            let video = instance.video(uuid).filter(|video| video.privacy == Privacy::Public && !video.blocked)?;
            let origin = video.origin.as_ref().map_or(name.as_str(), |origin| origin.host.as_str());
            Some(Element { host: origin.parse().unwrap(), uuid })
        };
        let found = world.playlists(name);
        let shown =
            instance.listed_playlists().filter(|list| list.elements.iter().any(|held| public(held.video).is_some()));
        let honest: BTreeSet<Uuid> = shown.map(|list| list.uuid).collect();
        check(case, *playlists, &found.keys().copied().collect(), &honest, why);
        for playlist in found.values() {
            check_actor(case, name, &playlist.owner);
            let held = &instance.playlist(playlist.uuid).unwrap().elements;
            let held: Vec<Element> = held.iter().filter_map(|held| public(held.video)).collect();
            assert_eq!(playlist.elements, held, "{case}");
            assert!(playlist.url.starts_with(&format!("https://{name}/")), "{case}");
            assert!(playlist.embed_path.starts_with("/video-playlists/embed/"), "{case}");
        }
    }
    let spoofing = rows.iter().position(|(case, ..)| *case == "case 31 playlists").unwrap();
    let report = report_of(&reports, names.get(spoofing).unwrap());
    assert!(report.n_spoofed >= 2, "{}", report.sentence);
    // Nothing is stored in the name of another host.
    assert!(world.videos("other.example").is_empty());
    assert!(world.channels("other.example").is_empty() && world.playlists("other.example").is_empty());
    fediverse.shutdown().await;
}
