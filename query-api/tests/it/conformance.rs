//! The assertions that PeerTube's own test-suite makes about an index, on data of the same shape.

use journal::record::Video;
use serde_json::Value;

use crate::fixture::{Site, time, video_on, with_description, with_tags};

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
