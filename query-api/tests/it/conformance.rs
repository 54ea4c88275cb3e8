//! The assertions that PeerTube's own test-suite makes about an index, on data of the same shape.

use journal::record::{Channel, Playlist, Video};
use serde_json::Value;

use crate::fixture::{Site, channel_on, playlist_on, records, time, video_on, with_description, with_tags};

const GOOD: &str = "9c9de5e8-0a1e-484a-b099-e80766180a6d";
const GOOD_SHORT: &str = "kkGMgK9ZtnKfYAgnEtQxbv";
const BAD: &str = "c29c5b77-4a04-493d-96a9-2e9267e308f0";
const BAD_SHORT: &str = "rP5RgUeX9XwTSrspCdkDej";

const BASE: &str = "search=what+is+peertube&start=0&count=2&categoryOneOf[]=15&licenceOneOf[]=2\
                    &tagsAllOf[]=framasoft&tagsAllOf[]=peertube";
const FROM: &str = "&startDate=2018-10-01T10:50:46.396Z";
const TO: &str = "&endDate=2018-10-01T10:55:46.396Z";

fn what_is_peertube() -> Video {
    let mut video = video_on("framatube.org", 1717, "What is PeerTube?");
    video.uuid = GOOD.parse().unwrap();
    video.url = format!("https://framatube.org/videos/watch/{GOOD}");
    video.published_at = time("2018-10-01T10:52:46.396Z");
    video.created_at = time("2018-09-28T13:43:34.834Z");
    video.duration_s = 113;
    video.embed_path = format!("/videos/embed/{GOOD_SHORT}");
    video.account.name = "framasoft".to_owned();
    video.account.url = "https://framatube.org/accounts/framasoft".to_owned();
    video.channel.name = "joinpeertube".to_owned();
    video.channel.display_name = "A propos de PeerTube".to_owned();
    video.channel.url = "https://framatube.org/video-channels/joinpeertube".to_owned();
    with_tags(video, &["framasoft", "peertube"])
}

fn site() -> Site {
    let mut flagged = video_on("peertube2.cpy.re", 1, "NSFW test");
    flagged.nsfw = true;
    flagged.nsfw_flags = 1;
    flagged.nsfw_summary = Some("This video can be violent".to_owned());
    let mut search_index = video_on("peertube2.cpy.re", 2, "NSFW search index");
    search_index.nsfw = true;
    let mut videos = vec![what_is_peertube(), flagged, search_index];
    videos.extend((10..20).map(|n| {
        with_description(
            video_on("tube.example", n, &format!("A local video {n}")),
            "What PeerTube is, explained again",
        )
    }));
    Site::new(&videos)
}

async fn total(site: &Site, query: &str) -> u64 {
    let answer = site.search(query).await;
    let (total, n) = (answer["total"].as_u64().unwrap(), answer["data"].as_array().unwrap().len());
    assert!(total > 0 || n == 0);
    total
}

#[tokio::test]
async fn one_video_is_found_whole_by_all_filters_at_once() {
    let site = site();
    let answer = site.search(&format!("{BASE}{FROM}{TO}")).await;
    assert_eq!(answer["total"], 1);
    let video = &answer["data"][0];
    assert_eq!(video["name"], "What is PeerTube?");
    assert_eq!(video["category"]["label"], "Science & Technology");
    assert_eq!(video["licence"]["label"], "Attribution - Share Alike");
    assert_eq!(video["privacy"]["label"], "Public");
    assert_eq!(video["duration"], 113);
    assert_eq!(video["shortUUID"], GOOD_SHORT);
    assert!(video["thumbnailUrl"].as_str().unwrap().starts_with("https://framatube.org/lazy-static/thumbnails"));
    for (actor, name, path) in [("account", "framasoft", "accounts"), ("channel", "joinpeertube", "video-channels")] {
        let actor: &Value = &video[actor];
        assert_eq!(actor["host"], "framatube.org");
        assert_eq!(actor["name"], name);
        assert_eq!(actor["url"], format!("https://framatube.org/{path}/{name}"));
        assert_eq!(actor["avatars"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn each_filter_alone_takes_it_away_or_leaves_it() {
    let site = site();
    let rows = [
        (format!("{BASE}&startDate=2018-10-01T10:54:46.396Z{TO}"), 0),
        (format!("{BASE}{FROM}{TO}&tagsAllOf[]=toto"), 0),
        (format!("{BASE}{FROM}{TO}&durationMin=2000"), 0),
        (format!("{BASE}{FROM}{TO}&nsfw=true"), 0),
        (format!("{BASE}{FROM}{TO}&nsfw=false"), 1),
        (format!("{BASE}{FROM}{TO}&nsfw=both"), 1),
        (format!("{BASE}{FROM}{TO}&host=example.com"), 0),
        (format!("{BASE}{FROM}{TO}&host=framatube.org"), 1),
        (format!("{BASE}{FROM}{TO}&uuids[]={GOOD}"), 1),
        (format!("{BASE}{FROM}{TO}&uuids[]={GOOD}&uuids[]={BAD_SHORT}"), 1),
        (format!("{BASE}{FROM}{TO}&uuids[]={BAD_SHORT}&uuids[]={GOOD_SHORT}"), 1),
        (format!("{BASE}{FROM}{TO}&uuids[]={GOOD}&uuids[]={GOOD_SHORT}"), 1),
        (format!("{BASE}{FROM}{TO}&uuids[]={BAD}"), 0),
        (format!("{BASE}{FROM}{TO}&uuids[]={BAD_SHORT}"), 0),
    ];
    for (query, expected) in rows {
        assert_eq!(total(&site, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn flags_widen_and_narrow_what_is_shown() {
    let site = site();
    let base = "search=NSFW&host=peertube2.cpy.re";
    for (query, is_there) in [
        ("&nsfw=false&nsfwFlagsIncluded=1", true),
        ("&nsfw=false&nsfwFlagsIncluded=5", true),
        ("&nsfw=true&nsfwFlagsExcluded=1", false),
        ("&nsfw=both&nsfwFlagsExcluded=5", false),
        ("&nsfw=false&nsfwFlagsIncluded=4", false),
    ] {
        let answer = site.search(&format!("{base}{query}")).await;
        let found = answer["data"].as_array().unwrap().iter().find(|video| video["name"] == "NSFW test");
        assert_eq!(found.is_some(), is_there, "{query}");
        if let Some(video) = found {
            assert_eq!((&video["nsfw"], &video["nsfwFlags"]), (&true.into(), &1.into()));
            assert_eq!(video["nsfwSummary"], "This video can be violent");
        }
    }
}

#[tokio::test]
async fn totals_are_those_that_the_suite_expects() {
    let site = site();
    assert!(total(&site, "search=local+video").await > 2);
    assert!(total(&site, "search=What+is+PeerTube").await > 1);
    assert_eq!(total(&site, &format!("search={}", "djidane".repeat(50))).await, 0);
    let page = site.search("search=video&start=0&count=5").await;
    assert!(page["total"].as_u64().unwrap() > 5);
    assert_eq!(page["data"].as_array().unwrap().len(), 5);
    let shown = site.search("search=NSFW+search+index&sort=-match&nsfw=both").await;
    assert_eq!(shown["data"][0]["nsfw"], true);
    let hidden = site.search("search=NSFW+search+index&sort=-match&nsfw=false").await;
    assert!(hidden["data"].as_array().unwrap().iter().all(|video| video["nsfw"] == false));
}

const CHANNELS: &str = "/api/v1/search/video-channels";
const PLAYLISTS: &str = "/api/v1/search/video-playlists";
const FRAMASOFT: &str = "bf54d359-cfad-4935-9d45-9d6be93f63e8";
const LIST: &str = "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a";
const LIST_SHORT: &str = "fgei1ws1oa6FCaJ2qZPG29";

fn videos_of_framasoft() -> Channel {
    let mut channel = channel_on("framatube.org", FRAMASOFT, "Les vidéos de Framasoft");
    channel.created_at = time("2018-01-01T00:00:00Z");
    channel.owner.actor.name = "framasoft".to_owned();
    channel.owner.actor.url = "https://framatube.org/accounts/framasoft".to_owned();
    channel
}

fn e2e_playlist(video: &Video) -> Playlist {
    let mut playlist = playlist_on("peertube2.cpy.re", 1, "E2E playlist", &[video]);
    playlist.uuid = LIST.parse().unwrap();
    playlist.url = format!("https://peertube2.cpy.re/videos/watch/playlist/{LIST}");
    playlist.embed_path = format!("/video-playlists/embed/{LIST_SHORT}");
    playlist.owner.name = "chocobozzz".to_owned();
    playlist.channel.as_mut().unwrap().name = "chocobozzz_channel".to_owned();
    playlist
}

fn site_of_lists() -> Site {
    let video = what_is_peertube();
    let mut channels = vec![videos_of_framasoft(), channel_on("framatube.org", "other", "Videos that Framasoft likes")];
    channels.extend((0..4).map(|n| channel_on("tube.example", &format!("root_channel{n}"), "Main root channel")));
    let playlists = [e2e_playlist(&video), playlist_on("tube.example", 2, "E2E playlist", &[&video])];
    Site::of_records(&records(&[video], &channels, &playlists))
}

fn actor_is(actor: &Value, name: &str, host: &str, path: &str) {
    assert_eq!((&actor["name"], &actor["host"]), (&name.into(), &host.into()));
    assert!(actor["url"].as_str().unwrap().starts_with(&format!("https://{host}/{path}/")));
    assert_eq!(actor["avatars"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_channel_of_the_suite_is_found_by_words_host_and_handle() {
    let site = site_of_lists();
    let page = site.ask(&format!("{CHANNELS}?search=root&start=0&count=2")).await;
    assert!(page["total"].as_u64().unwrap() > 2);
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    assert_eq!(site.ask(&format!("{CHANNELS}?search={}", "a".repeat(500))).await["total"], 0);
    for query in [
        "search=Framasoft+vid%C3%A9os&sort=createdAt".to_owned(),
        "search=Framasoft+videos&sort=createdAt&host=framatube.org".to_owned(),
        format!("handles[]={FRAMASOFT}@framatube.org"),
        format!("handles[]=jeanine&handles[]={FRAMASOFT}@framatube.org"),
    ] {
        let channel = &site.ask(&format!("{CHANNELS}?{query}")).await["data"][0];
        assert_eq!(channel["url"], format!("https://framatube.org/video-channels/{FRAMASOFT}"), "{query}");
        assert_eq!(channel["avatars"].as_array().unwrap().len(), 2);
        assert_eq!(channel["displayName"], "Les vidéos de Framasoft");
        actor_is(&channel["ownerAccount"], "framasoft", "framatube.org", "accounts");
    }
    for query in
        ["search=Framasoft+videos&host=example.com", "handles[]=jeanine&handles[]=chocobozzz_channel2@peertube2.cpy.re"]
    {
        let nothing = serde_json::json!({"total": 0, "data": []});
        assert_eq!(site.ask(&format!("{CHANNELS}?{query}")).await, nothing, "{query}");
    }
}

#[tokio::test]
async fn the_playlist_of_the_suite_is_found_by_words_host_and_uuid() {
    let site = site_of_lists();
    assert_eq!(site.ask(&format!("{PLAYLISTS}?search={}", "a".repeat(500))).await["total"], 0);
    let base = "search=E2E+playlist&sort=-match";
    assert_eq!(site.ask(&format!("{PLAYLISTS}?{base}")).await["total"], 2);
    for filter in [
        "host=peertube2.cpy.re".to_owned(),
        format!("uuids[]={LIST}"),
        format!("uuids[]={LIST}&uuids[]={BAD_SHORT}"),
        format!("uuids[]={BAD_SHORT}&uuids[]={LIST_SHORT}"),
        format!("uuids[]={LIST}&uuids[]={LIST_SHORT}"),
    ] {
        let answer = site.ask(&format!("{PLAYLISTS}?{base}&{filter}")).await;
        assert_eq!(answer["total"], 1, "{filter}");
        let playlist = &answer["data"][0];
        assert_eq!(playlist["url"], format!("https://peertube2.cpy.re/videos/watch/playlist/{LIST}"));
        assert_eq!(playlist["embedUrl"], format!("https://peertube2.cpy.re/video-playlists/embed/{LIST_SHORT}"));
        assert!(playlist["thumbnailUrl"].is_string());
        assert_eq!((&playlist["type"]["id"], &playlist["privacy"]["id"]), (&1.into(), &1.into()));
        assert_eq!((&playlist["uuid"], &playlist["videosLength"]), (&LIST.into(), &1.into()));
        actor_is(&playlist["ownerAccount"], "chocobozzz", "peertube2.cpy.re", "accounts");
        actor_is(&playlist["videoChannel"], "chocobozzz_channel", "peertube2.cpy.re", "video-channels");
    }
    for filter in ["host=example.com".to_owned(), format!("uuids[]={BAD}"), format!("uuids[]={BAD_SHORT}")] {
        assert_eq!(site.ask(&format!("{PLAYLISTS}?{base}&{filter}")).await["total"], 0, "{filter}");
    }
}
