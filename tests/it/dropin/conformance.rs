//! Every assertion that PeerTube's own test-suite makes about an index, one test for each, against the running program
//! that has crawled two simulated hosts.

use serde_json::{Value, json};
use simulator::client_rules::Route::{self, VideoChannels, VideoPlaylists, Videos};

use super::service::{Found, Service};

const GOOD: &str = "9c9de5e8-0a1e-484a-b099-e80766180a6d";
const GOOD_SHORT: &str = "kkGMgK9ZtnKfYAgnEtQxbv";
const BAD: &str = "c29c5b77-4a04-493d-96a9-2e9267e308f0";
const BAD_SHORT: &str = "rP5RgUeX9XwTSrspCdkDej";
const CHANNEL: &str = "bf54d359-cfad-4935-9d45-9d6be93f63e8";
const PLAYLIST: &str = "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a";
const PLAYLIST_SHORT: &str = "fgei1ws1oa6FCaJ2qZPG29";

/// NSFW flags.
const VIOLENT: u32 = 1;
const OTHER_FLAG: u32 = 4;

/// The parameters of one video by all its properties at once, and `more`, which wins.
fn base(more: Value) -> Value {
    let mut base = json!({
        "search": "what is peertube", "start": 0, "count": 2,
        "categoryOneOf": ["15"], "licenceOneOf": ["2"], "tagsAllOf": ["framasoft", "peertube"],
        "startDate": "2018-10-01T10:50:46.396Z", "endDate": "2018-10-01T10:55:46.396Z",
    });
    base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    base
}

fn total(route: Route, parameters: Value) -> u64 {
    Service::start().ask(route, parameters).total()
}

fn assert_empty(route: Route, parameters: Value) {
    Service::start().ask(route, parameters).assert_empty();
}

fn assert_actor(actor: &Value, host: &str, collection: &str, name: &str) {
    assert_eq!((&actor["host"], &actor["name"]), (&host.into(), &name.into()));
    assert_eq!(actor["url"], format!("https://{host}/{collection}/{name}"));
    assert_eq!(actor["avatars"].as_array().unwrap().len(), 2);
}

#[test]
fn a12_01_videos_by_two_words() {
    assert!(total(Videos, json!({"search": "local video"})) > 2);
}

#[test]
fn a12_02_channels_by_one_word() {
    assert!(total(VideoChannels, json!({"search": "root"})) > 2);
}

#[test]
fn a12_03_nonsense_finds_no_video() {
    assert_empty(Videos, json!({"search": "djidane".repeat(50)}));
}

#[test]
fn a12_04_videos_by_a_title() {
    assert!(total(Videos, json!({"search": "What is PeerTube"})) > 1);
}

#[test]
fn a12_05_one_video_by_everything_at_once() {
    let found = Service::start().ask(Videos, base(json!({})));
    assert_eq!((found.total(), found.data().len()), (1, 1));
    let video = found.first();
    assert_eq!(video["name"], "What is PeerTube?");
    assert_eq!(video["category"]["label"], "Science & Technology");
    assert_eq!(video["licence"]["label"], "Attribution - Share Alike");
    assert_eq!(video["privacy"]["label"], "Public");
    assert_eq!(video["duration"], 113);
    assert!(video["thumbnailUrl"].as_str().unwrap().starts_with("https://framatube.org/lazy-static/thumbnails"));
    assert_actor(&video["account"], "framatube.org", "accounts", "framasoft");
    assert_actor(&video["channel"], "framatube.org", "video-channels", "joinpeertube");
    // What the suite's server shows of it beside.
    assert_eq!((&video["uuid"], &video["shortUUID"]), (&GOOD.into(), &GOOD_SHORT.into()));
    assert_eq!(video["publishedAt"], "2018-10-01T10:52:46.396Z");
    assert_eq!(video["createdAt"], "2018-09-28T13:43:34.834Z");
    assert_eq!(video["language"]["id"], "en");
    assert_eq!((&video["nsfw"], &video["nsfwFlags"]), (&false.into(), &0.into()));
    assert_eq!(video["url"], format!("https://framatube.org/videos/watch/{GOOD}"));
    assert_eq!(video["embedPath"], format!("/videos/embed/{GOOD_SHORT}"));
    assert_eq!(video["channel"]["displayName"], "A propos de PeerTube");
    assert_eq!(video["tags"], json!(["framasoft", "peertube"]));
}

#[test]
fn a12_06_a_later_start_date_leaves_it_out() {
    assert_empty(Videos, base(json!({"startDate": "2018-10-01T10:54:46.396Z"})));
}

#[test]
fn a12_07_a_tag_it_lacks_leaves_it_out() {
    assert_empty(Videos, base(json!({"tagsAllOf": ["toto", "framasoft"]})));
}

#[test]
fn a12_08_a_longer_duration_leaves_it_out() {
    assert_empty(Videos, base(json!({"durationMin": "2000"})));
}

#[test]
fn a12_09_nsfw_true_false_both() {
    let service = Service::start();
    for (nsfw, expected) in [("true", 0), ("false", 1), ("both", 1)] {
        assert_eq!(service.ask(Videos, base(json!({"nsfw": nsfw}))).total(), expected, "{nsfw}");
    }
}

/// The answer to the search for the flagged video of the second host.
fn flagged(parameters: Value) -> Found {
    let mut query = json!({"search": "NSFW", "host": "peertube2.cpy.re"});
    query.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    Service::start().ask(Videos, query)
}

#[test]
fn a12_10_an_included_flag_shows_what_nsfw_hides() {
    let found = flagged(json!({"nsfw": "false", "nsfwFlagsIncluded": VIOLENT}));
    let video = found.named("NSFW test").unwrap();
    assert_eq!((&video["nsfw"], &video["nsfwFlags"]), (&true.into(), &VIOLENT.into()));
    assert_eq!(video["nsfwSummary"], "This video can be violent");
}

#[test]
fn a12_11_any_shared_flag_is_enough() {
    let found = flagged(json!({"nsfw": "false", "nsfwFlagsIncluded": VIOLENT | OTHER_FLAG}));
    assert!(found.named("NSFW test").is_some());
}

#[test]
fn a12_12_an_excluded_flag_hides_what_nsfw_shows() {
    assert!(flagged(json!({"nsfw": "true", "nsfwFlagsExcluded": VIOLENT})).named("NSFW test").is_none());
}

#[test]
fn a12_13_any_excluded_flag_hides() {
    let found = flagged(json!({"nsfw": "both", "nsfwFlagsExcluded": VIOLENT | OTHER_FLAG}));
    assert!(found.named("NSFW test").is_none());
}

#[test]
fn a12_14_another_flag_does_not_show_it() {
    assert!(flagged(json!({"nsfw": "false", "nsfwFlagsIncluded": OTHER_FLAG})).named("NSFW test").is_none());
}

#[test]
fn a12_15_host_of_videos() {
    let service = Service::start();
    service.ask(Videos, base(json!({"host": "example.com"}))).assert_empty();
    assert_eq!(service.ask(Videos, base(json!({"host": "framatube.org"}))).total(), 1);
}

#[test]
fn a12_16_uuids_long_and_short_find_one() {
    let service = Service::start();
    for uuids in [&[GOOD][..], &[GOOD, BAD_SHORT], &[BAD_SHORT, GOOD_SHORT], &[GOOD, GOOD_SHORT]] {
        let found = service.ask(Videos, base(json!({"uuids": uuids})));
        assert_eq!((found.total(), found.data().len()), (1, 1), "{uuids:?}");
        assert_eq!(found.first()["uuid"], GOOD);
    }
}

#[test]
fn a12_17_other_uuids_find_nothing() {
    let service = Service::start();
    for uuids in [[BAD], [BAD_SHORT]] {
        service.ask(Videos, base(json!({"uuids": uuids}))).assert_empty();
    }
}

#[test]
fn a12_18_a_page_is_as_long_as_asked() {
    let found = Service::start().ask(Videos, json!({"search": "video", "start": 0, "count": 5}));
    assert!(found.total() > 5);
    assert_eq!(found.data().len(), 5);
}

#[test]
fn a12_19_the_best_match_may_be_nsfw() {
    let found = Service::start().ask(Videos, json!({"search": "NSFW search index", "sort": "-match", "nsfw": "both"}));
    assert_eq!(found.first()["nsfw"], true);
}

#[test]
fn a12_20_and_is_another_where_nsfw_is_not_listed() {
    let service = Service::start();
    let query = |nsfw: &str| json!({"search": "NSFW search index", "sort": "-match", "nsfw": nsfw});
    let shown = service.ask(Videos, query("both"));
    let hidden = service.ask(Videos, query("false"));
    assert!(hidden.data().first().is_none_or(|first| first["uuid"] != shown.first()["uuid"]));
}

#[test]
fn a12_21_nonsense_finds_no_channel() {
    assert_empty(VideoChannels, json!({"search": "a".repeat(500)}));
}

fn assert_framasoft(found: &Found) {
    assert!(found.total() > 0);
    let channel = found.first();
    assert_eq!(channel["url"], format!("https://framatube.org/video-channels/{CHANNEL}"));
    assert_eq!(channel["host"], "framatube.org");
    assert_eq!(channel["avatars"].as_array().unwrap().len(), 2);
    assert!(channel["displayName"].is_string());
    assert_actor(&channel["ownerAccount"], "framatube.org", "accounts", "framasoft");
}

#[test]
fn a12_22_a_channel_by_its_title() {
    assert_framasoft(&Service::start().ask(VideoChannels, json!({"search": "Framasoft vidéos", "sort": "createdAt"})));
}

#[test]
fn a12_23_host_of_channels_and_no_accents() {
    let service = Service::start();
    service.ask(VideoChannels, json!({"search": "Framasoft videos", "host": "example.com"})).assert_empty();
    assert_framasoft(&service.ask(VideoChannels, json!({"search": "Framasoft videos", "host": "framatube.org"})));
}

#[test]
fn a12_24_handles_find_a_channel_without_words() {
    let service = Service::start();
    let handle = format!("{CHANNEL}@framatube.org");
    for handles in [vec![handle.clone()], vec!["jeanine".to_owned(), handle.clone()]] {
        assert_framasoft(&service.ask(VideoChannels, json!({"handles": handles})));
    }
}

#[test]
fn a12_25_other_handles_find_nothing() {
    // The first is no handle of an index, the second one that nobody has.
    assert_empty(VideoChannels, json!({"handles": ["jeanine", "chocobozzz_channel2@peertube2.cpy.re"]}));
}

#[test]
fn a12_26_a_page_of_channels_is_as_long_as_asked() {
    let found = Service::start().ask(VideoChannels, json!({"search": "root", "start": 0, "count": 2}));
    assert!(found.total() > 2);
    assert_eq!(found.data().len(), 2);
}

#[test]
fn a12_27_nonsense_finds_no_playlist() {
    assert_empty(VideoPlaylists, json!({"search": "a".repeat(500)}));
}

fn assert_e2e_playlist(found: &Found) {
    assert!(found.total() > 0);
    let playlist = found.first();
    assert_eq!(playlist["url"], format!("https://peertube2.cpy.re/videos/watch/playlist/{PLAYLIST}"));
    assert!(playlist["thumbnailUrl"].is_string());
    assert_eq!(playlist["embedUrl"], format!("https://peertube2.cpy.re/video-playlists/embed/{PLAYLIST_SHORT}"));
    assert_eq!((&playlist["type"]["id"], &playlist["privacy"]["id"]), (&1.into(), &1.into()));
    assert!(playlist["videosLength"].as_u64().unwrap() > 0);
    assert_eq!((&playlist["uuid"], &playlist["shortUUID"]), (&PLAYLIST.into(), &PLAYLIST_SHORT.into()));
    assert_actor(&playlist["ownerAccount"], "peertube2.cpy.re", "accounts", "chocobozzz");
    assert_actor(&playlist["videoChannel"], "peertube2.cpy.re", "video-channels", "chocobozzz_channel");
}

#[test]
fn a12_28_a_playlist_by_its_title() {
    assert_e2e_playlist(&Service::start().ask(VideoPlaylists, json!({"search": "E2E playlist", "sort": "-match"})));
}

#[test]
fn a12_29_host_of_playlists() {
    let service = Service::start();
    service.ask(VideoPlaylists, json!({"search": "E2E playlist", "host": "example.com"})).assert_empty();
    assert_e2e_playlist(&service.ask(VideoPlaylists, json!({"search": "E2E playlist", "host": "peertube2.cpy.re"})));
}

#[test]
fn a12_30_uuids_of_playlists() {
    let service = Service::start();
    let query = |uuids: &[&str]| json!({"search": "E2E playlist", "uuids": uuids});
    for uuids in [&[PLAYLIST][..], &[PLAYLIST, BAD_SHORT], &[BAD_SHORT, PLAYLIST_SHORT], &[PLAYLIST, PLAYLIST_SHORT]] {
        assert_e2e_playlist(&service.ask(VideoPlaylists, query(uuids)));
    }
    for uuids in [[BAD], [BAD_SHORT]] {
        service.ask(VideoPlaylists, query(&uuids)).assert_empty();
    }
}
