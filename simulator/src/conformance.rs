//! Two hosts of the shape that PeerTube's own assertions about a search index expect.
//!
//! The names, uuids, hosts, dates and numbers that the assertions name are the real ones; every other text is invented.
//! Hosts, accounts and channels have exactly two avatars. There is no `chocobozzz_channel2` on `peertube2.cpy.re`: one
//! assertion is that nothing is found by that handle.

use jiff::Timestamp;
use uuid::{Uuid, uuid};

use crate::catalogue::{AccountSpec, ChannelSpec, Crafted, Instance, NsfwPolicy, Version, VideoSpec, uuid_of};
use crate::error::Result;
use crate::setup::HostSetup;

/// "What is PeerTube?" on `framatube.org`.
pub const WHAT_IS_PEERTUBE: Uuid = uuid!("9c9de5e8-0a1e-484a-b099-e80766180a6d");

/// A uuid that nobody has.
pub const NOBODY: Uuid = uuid!("c29c5b77-4a04-493d-96a9-2e9267e308f0");

/// The playlist of `peertube2.cpy.re`.
pub const E2E_PLAYLIST: Uuid = uuid!("73804a40-da9a-40c2-b1eb-2c6d9eec8f0a");

/// The channel "Les vidéos de Framasoft", whose name is a uuid as that of every early channel.
pub const FRAMASOFT_CHANNEL: &str = "bf54d359-cfad-4935-9d45-9d6be93f63e8";

/// Unix milliseconds of a date of this file.
fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond)
}

/// The time base: when the public answers were recorded that the shapes are from.
fn base() -> Timestamp {
    Timestamp::from_millisecond(at("2025-07-12T12:00:00Z")).unwrap_or_default()
}

fn two_avatars(account: &mut AccountSpec) {
    account.n_avatars = Some(2);
}

/// A channel created at a date, with two avatars.
fn since(date: &'static str) -> impl FnOnce(&mut ChannelSpec) {
    move |channel| {
        channel.n_avatars = Some(2);
        (channel.created_at, channel.updated_at) = (at(date), at(date));
    }
}

/// A video published at a date, with this description and these tags.
fn on(date: &'static str, description: &'static str, tags: &'static [&'static str]) -> impl FnOnce(&mut VideoSpec) {
    move |video| {
        (video.created_at, video.published_at, video.updated_at) = (at(date), at(date), at(date));
        video.description = Some(description.to_owned());
        video.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        video.category = Some(15);
        video.licence = Some(2);
        video.duration = 300;
        video.views = 40;
    }
}

/// `framatube.org`, without a rate limit: "What is PeerTube?" and the channels around it.
///
/// # Errors
/// As [`Crafted::instance`].
pub fn framatube() -> Result<HostSetup> {
    Ok(HostSetup::generated(framatube_instance()?).rate_limit(None))
}

/// `peertube2.cpy.re`, without a rate limit: the NSFW videos and the playlist. It poses as PeerTube 8.1.
///
/// # Errors
/// As [`Crafted::instance`].
pub fn peertube2() -> Result<HostSetup> {
    Ok(HostSetup::generated(peertube2_instance()?).rate_limit(None))
}

fn framatube_instance() -> Result<Instance> {
    let video = |name: &str| uuid_of(&format!("framatube.org {name}"));
    let named = |host: Crafted, channel: &str, language, name: &str, date, text, tags| {
        host.video(channel, video(name), name, |video| {
            on(date, text, tags)(video);
            video.language = Some(language);
        })
    };
    let mut host = Crafted::new("framatube.org", Version { major: 7, minor: 2, patch: 1 }, base())
        .host(|host| {
            host.display_name = "Framatube".to_owned();
            host.short_description = "A host of tests that carries a public name.".to_owned();
            host.language = "fr";
        })
        .account("framasoft", "Framasoft", two_avatars)
        .account("root", "root of the tube", two_avatars)
        .channel("framasoft", FRAMASOFT_CHANNEL, "Les vidéos de Framasoft", |channel| {
            since("2018-03-23T09:00:00.000Z")(channel);
            channel.description = Some("Conférences, annonces et petits films.".to_owned());
            channel.support = Some("https://support.example/framasoft".to_owned());
        })
        .channel("framasoft", "joinpeertube", "A propos de PeerTube", |channel| {
            since("2018-09-28T13:30:00.000Z")(channel);
            channel.description = Some("Ce que fait le logiciel, expliqué en images.".to_owned());
        })
        .channel("root", "root_channel", "Main root channel", since("2018-03-24T08:00:00.000Z"))
        .video("joinpeertube", WHAT_IS_PEERTUBE, "What is PeerTube?", |video| {
            video.id = 1717;
            video.description = Some("A short film about servers that know each other.".to_owned());
            video.tags = vec!["framasoft".to_owned(), "peertube".to_owned()];
            video.category = Some(15);
            video.licence = Some(2);
            video.duration = 113;
            video.created_at = at("2018-09-28T13:43:34.834Z");
            video.published_at = at("2018-10-01T10:52:46.396Z");
            video.updated_at = at("2025-07-01T08:00:00.000Z");
            video.views = 103_000;
            video.likes = 1_200;
        });
    for (channel, language, name, date, text, tags) in [
        (
            "joinpeertube",
            "en",
            "What is PeerTube, one year later",
            "2019-10-15T09:00:00.000Z",
            "The same question, asked again after a year of work.",
            &["peertube"][..],
        ),
        (
            "joinpeertube",
            "fr",
            "Qu'est-ce que PeerTube ?",
            "2018-10-01T10:40:00.000Z",
            "Le même film, raconté en français.",
            &["framasoft", "peertube"],
        ),
        (
            "joinpeertube",
            "en",
            "A video tour of the settings",
            "2020-06-02T10:00:00.000Z",
            "Every page of the settings, from the first to the last.",
            &["how-to"],
        ),
        (
            FRAMASOFT_CHANNEL,
            "fr",
            "Assemblée et bilan de l'année",
            "2021-02-10T18:00:00.000Z",
            "Une heure pour regarder l'année passée et parler de la suite.",
            &["association"],
        ),
        (
            FRAMASOFT_CHANNEL,
            "fr",
            "Une vidéo courte sur les logiciels libres",
            "2022-04-05T07:30:00.000Z",
            "Quatre libertés, quatre minutes.",
            &["logiciel libre"],
        ),
        (
            "root_channel",
            "en",
            "Maintenance of a video server",
            "2023-01-20T21:00:00.000Z",
            "Disks, backups and a long night.",
            &["servers"],
        ),
    ] {
        host = named(host, channel, language, name, date, text, tags);
    }
    let films = [WHAT_IS_PEERTUBE, video("What is PeerTube, one year later")];
    host.playlist("joinpeertube", uuid_of("framatube.org films"), "Short films, in order", &films, |_| {}).instance()
}

fn peertube2_instance() -> Result<Instance> {
    let video = |name: &str| uuid_of(&format!("peertube2.cpy.re {name}"));
    let mut host = Crafted::new("peertube2.cpy.re", Version::of_major(8), base())
        .host(|host| {
            host.display_name = "PeerTube 2".to_owned();
            host.short_description = "A host of tests for tests.".to_owned();
            host.nsfw_policy = NsfwPolicy::Display;
        })
        .account("chocobozzz", "chocobozzz", two_avatars)
        .account("root", "root", two_avatars)
        .channel("chocobozzz", "chocobozzz_channel", "Main chocobozzz channel", since("2019-02-01T10:00:00.000Z"))
        .channel("root", "root_channel", "Main root channel", since("2019-01-31T10:00:00.000Z"))
        .channel("root", "root_backups", "Backups of root", since("2020-03-01T10:00:00.000Z"))
        .video("chocobozzz_channel", video("NSFW test"), "NSFW test", |video| {
            on("2025-03-20T10:00:00.000Z", "A test picture that moves.", &["test"])(video);
            video.nsfw = true;
            video.nsfw_flags = 1;
            video.nsfw_summary = Some("This video can be violent".to_owned());
        })
        .video("chocobozzz_channel", video("NSFW search index"), "NSFW search index", |video| {
            on("2020-09-10T10:00:00.000Z", "It should only be found by those who want it.", &["test"])(video);
            video.nsfw = true;
        });
    for (channel, name, date, text) in [
        ("chocobozzz_channel", "My local video", "2019-02-02T10:00:00.000Z", "It never left the server."),
        ("chocobozzz_channel", "Another local video", "2019-02-03T10:00:00.000Z", "Nor did this one."),
        ("root_channel", "Local video with sound", "2019-02-04T10:00:00.000Z", "A tone of one minute."),
        ("root_channel", "A local video in two parts", "2019-02-05T10:00:00.000Z", "The second part is shorter."),
        ("root_backups", "Video of a restored backup", "2020-03-02T10:00:00.000Z", "All of it came back."),
    ] {
        host = host.video(channel, video(name), name, on(date, text, &["test"]));
    }
    let elements = [video("My local video"), video("Another local video"), video("Local video with sound")];
    host.playlist("chocobozzz_channel", E2E_PLAYLIST, "E2E playlist", &elements, |playlist| {
        playlist.has_old_url = true;
        playlist.description = Some("What the tests look for.".to_owned());
        (playlist.created_at, playlist.updated_at) = (at("2020-09-11T10:00:00.000Z"), at("2024-01-05T10:00:00.000Z"));
    })
    .instance()
}
