//! Pages join without gaps and without repetition.

use std::collections::HashSet;

use crate::fixture::{Site, channel_on, playlist_on, records, time, video, with_description};

/// A site with many ties: equal dates, equal views, equal titles.
fn site(n: u64) -> Site {
    let videos: Vec<_> = (0..n)
        .map(|n| {
            let mut video =
                with_description(video(n, ["same", "title"][usize::try_from(n % 2).unwrap()]), "common word");
            video.published_at =
                time(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"][usize::try_from(n % 2).unwrap()]);
            video.views = n % 3;
            video
        })
        .collect();
    Site::new(&videos)
}

async fn ids(site: &Site, query: &str, start: usize, count: usize) -> Vec<String> {
    let answer = site.search(&format!("{query}&start={start}&count={count}")).await;
    answer["data"].as_array().unwrap().iter().map(|video| video["uuid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_of_any_order_join_without_gaps_or_repetition() {
    let site = site(230);
    for query in [
        "sort=-publishedAt",
        "sort=publishedAt",
        "sort=-views",
        "sort=views",
        "sort=name",
        "sort=-name",
        "sort=-match",
        "search=common",
        "search=common&sort=-views",
        "search=common&sort=name",
        "nsfw=false&sort=-publishedAt",
        "nsfw=false&search=common",
    ] {
        let mut seen = Vec::new();
        for start in (0..230).step_by(37) {
            seen.extend(ids(&site, query, start, 37).await);
        }
        assert_eq!(seen.len(), 230, "{query}");
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 230, "{query}");
        for (n, start) in [(0, 0), (1, 100), (2, 229)] {
            assert_eq!(ids(&site, query, start, 1).await, seen[start..=start], "{query} {n}");
        }
    }
}

#[tokio::test]
async fn ties_keep_their_order_when_segments_change() {
    let site = site(60);
    let before = ids(&site, "sort=-views", 0, 60).await;
    let by_words = ids(&site, "search=common&sort=-likes", 0, 60).await;
    // Writing every video again moves them to other segments and other places within.
    let videos: Vec<_> = (0..60)
        .rev()
        .map(|n| {
            let mut video =
                with_description(video(n, ["same", "title"][usize::try_from(n % 2).unwrap()]), "common word");
            video.published_at =
                time(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"][usize::try_from(n % 2).unwrap()]);
            video.views = n % 3;
            video
        })
        .collect();
    crate::fixture::publish(site.dir.path(), 1000, &videos);
    assert!(site.api.refresh().unwrap());
    assert_eq!(ids(&site, "sort=-views", 0, 60).await, before);
    assert_eq!(ids(&site, "search=common&sort=-likes", 0, 60).await, by_words);
}

// case 122
#[tokio::test]
async fn ten_thousand_can_be_reached_and_no_total_says_more() {
    let videos: Vec<_> = (0..10_050)
        .map(|n| {
            let mut video = video(n, "deep");
            video.detail = None;
            video.account.avatars.clear();
            video.channel.avatars.clear();
            video
        })
        .collect();
    let site = Site::new(&videos);
    for query in ["sort=-publishedAt", "search=deep", "nsfw=false&sort=-views", "languageOneOf=en"] {
        assert_eq!(site.search(&format!("{query}&count=0")).await["total"], 10_000, "{query}");
        let mut seen = HashSet::new();
        for start in (0..10_000).step_by(100) {
            seen.extend(ids(&site, query, start, 100).await);
        }
        assert_eq!(seen.len(), 10_000, "{query}");
        let last = site.search(&format!("{query}&start=9990&count=15")).await;
        assert_eq!(last["data"].as_array().unwrap().len(), 10, "{query}: the last page is shorter");
        let beyond = site.get(&format!("/api/v1/search/videos?{query}&start=10000&count=1")).await;
        assert_eq!(beyond.status, 400);
    }
}

/// PeerTube's page of results asks for all three kinds at once and goes on while it has shown fewer than their totals.
#[tokio::test]
async fn a_client_that_adds_up_the_three_totals_comes_to_an_end() {
    let videos: Vec<_> = (0..23).map(|n| video(n, "deep sea")).collect();
    let channels: Vec<_> = (0..11).map(|n| channel_on("tube.example", &format!("c{n}"), "deep sea")).collect();
    let playlists: Vec<_> = (0..5).map(|n| playlist_on("tube.example", n, "deep sea", &[&videos[0]])).collect();
    let site = Site::of_records(&records(&videos, &channels, &playlists));
    for query in ["search=deep+sea", "sort=-match", "host=tube.example"] {
        let mut shown = HashSet::new();
        let mut n_pages = 0;
        loop {
            let mut sum = 0;
            for (route, count) in [("videos", 10), ("video-channels", 2), ("video-playlists", 2)] {
                let start = n_pages * count;
                let path = format!("/api/v1/search/{route}?{query}&start={start}&count={count}");
                let answer = site.ask(&path).await;
                sum += answer["total"].as_u64().unwrap();
                shown.extend(
                    answer["data"].as_array().unwrap().iter().map(|item| item["url"].as_str().unwrap().to_owned()),
                );
            }
            assert_eq!(sum, 39, "{query}");
            n_pages += 1;
            if shown.len() as u64 >= sum {
                break;
            }
            assert!(n_pages < 10, "{query}: the totals promise more than there is");
        }
        assert_eq!(n_pages, 6, "{query}");
    }
}
