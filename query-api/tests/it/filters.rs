//! Each filter and each order.

use journal::record::{Labelled, Video};
use serde_json::json;

use crate::fixture::{Site, names, time, video, video_on, with_tags};

#[tokio::test]
async fn every_encoding_of_a_list_means_the_same() {
    let with_category = |n: u64, id: i64| {
        let mut video = video(n, &format!("c{id}"));
        video.category = Some(Labelled { id, label: "x".to_owned() });
        video
    };
    let site = Site::new(&[with_category(1, 1), with_category(2, 2), with_category(3, 3)]);
    for query in [
        "categoryOneOf=1&categoryOneOf=2",
        "categoryOneOf[]=1&categoryOneOf[]=2",
        "categoryOneOf[0]=1&categoryOneOf[1]=2",
        "categoryOneOf%5B%5D=1&categoryOneOf%5B%5D=2",
    ] {
        assert_eq!(site.set(query).await, ["c1", "c2"], "{query}");
    }
    assert_eq!(site.set("categoryOneOf=3").await, ["c3"]);
    for body in [json!({"categoryOneOf": ["1", "2"]}), json!({"categoryOneOf": [1, 2]})] {
        assert_eq!(site.post(&body.to_string()).await.json()["total"], 2);
    }
    assert_eq!(site.post(&json!({"categoryOneOf": 3}).to_string()).await.json()["total"], 1);
}

#[tokio::test]
async fn closed_lists_filter_by_any_of_their_values() {
    let mut french = video(1, "french");
    french.language = Some(Labelled { id: "fr".to_owned(), label: "French".to_owned() });
    french.licence = Some(Labelled { id: 7, label: "Public Domain".to_owned() });
    let mut silent = video(2, "silent");
    silent.language = None;
    silent.licence = None;
    silent.category = None;
    let site = Site::new(&[french, silent, video(3, "english")]);
    assert_eq!(site.set("languageOneOf=fr").await, ["french"]);
    assert_eq!(site.set("languageOneOf=fr&languageOneOf=_unknown").await, ["french", "silent"]);
    assert_eq!(site.set("languageOneOf=fr,en").await, Vec::<String>::new(), "a comma is no separator");
    assert_eq!(site.set("licenceOneOf=7&licenceOneOf=2").await, ["english", "french"]);
    assert_eq!(site.set("categoryOneOf=15").await, ["english", "french"]);
    assert_eq!(site.set("languageOneOf[]=").await.len(), 3, "an empty item is none");
}

#[tokio::test]
async fn tags_match_whatever_their_case() {
    let site = Site::new(&[
        with_tags(video(1, "both"), &["Framasoft", "PeerTube"]),
        with_tags(video(2, "one"), &["framasoft"]),
        with_tags(video(3, "accent"), &["Vélo électrique", "C++"]),
        with_tags(video(4, "letter"), &["C"]),
    ]);
    assert_eq!(site.set("tagsOneOf=FRAMASOFT").await, ["both", "one"]);
    assert_eq!(site.set("tagsAllOf=framasoft&tagsAllOf=peertube").await, ["both"]);
    assert_eq!(site.set("tagsAllOf=framasoft&tagsAllOf=toto").await, Vec::<String>::new());
    assert_eq!(site.set("tagsOneOf=v%C3%89lo%20%C3%A9lectrique").await, ["accent"]);
    assert_eq!(site.set("tagsOneOf=v%C3%A9lo").await, Vec::<String>::new(), "a tag matches whole");
    assert_eq!(site.set("tagsOneOf=c%2B%2B").await, ["accent"]);
}

#[tokio::test]
async fn hosts_and_accounts_are_kept_or_left_out() {
    let mut other_account = video_on("b.example:8443", 3, "bob on b");
    other_account.account.name = "Bob".to_owned();
    let site =
        Site::new(&[video_on("a.example", 1, "ada on a"), video_on("b.example:8443", 2, "ada on b"), other_account]);
    assert_eq!(site.set("host=A.Example").await, ["ada on a"]);
    assert_eq!(site.set("host=b.example:8443").await, ["ada on b", "bob on b"]);
    for nothing in ["host=b.example", "host=c.example", "host=localhost:9000"] {
        assert!(site.set(nothing).await.is_empty(), "{nothing}");
    }
    assert_eq!(site.set("host=a.example&host=b.example").await, ["ada on a"], "the first one counts");
    assert_eq!(site.set("blockedHosts=b.example:8443").await, ["ada on a"]);
    assert_eq!(site.set("blockedHosts=b.example").await.len(), 3, "the port is a part of the host");
    assert_eq!(site.set("blockedAccounts=bob@B.example:8443").await, ["ada on a", "ada on b"]);
    assert_eq!(site.set("blockedAccounts[]=@ada@a.example&blockedAccounts[]=nonsense").await, ["ada on b", "bob on b"]);
    for body in [
        json!({"blockedHosts": ["A.EXAMPLE", "b.example:8443", "localhost:9000", ""], "blockedAccounts": []}),
        json!({"blockedHosts": ["a.example"], "blockedAccounts": ["ada@b.example:8443", "bob@b.example:8443"]}),
    ] {
        for text in ["", "ada"] {
            let mut body = body.clone();
            if !text.is_empty() {
                body["search"] = json!(text);
            }
            assert_eq!(site.post(&body.to_string()).await.json(), json!({"total": 0, "data": []}), "not even a total");
        }
    }
}

#[tokio::test]
async fn dates_and_lengths_are_inclusive() {
    let mut early = video(1, "early");
    early.published_at = time("2024-02-01T00:00:00Z");
    early.duration_s = 60;
    early.originally_published_at = Some(time("2019-06-01T12:00:00Z"));
    let mut late = video(2, "late");
    late.published_at = time("2024-03-01T12:00:00.500Z");
    late.duration_s = 3600;
    let site = Site::new(&[early, late]);
    assert_eq!(site.set("startDate=2024-02-01").await, ["early", "late"]);
    assert_eq!(site.set("startDate=2024-02-01T00:00:00.001Z").await, ["late"]);
    assert_eq!(site.set("startDate=2024-03-01T12:00:00").await, ["late"], "without a zone it is UTC");
    assert_eq!(site.set("endDate=2024-03-01T12:00:00.500Z").await, ["early", "late"]);
    assert_eq!(site.set("endDate=2024-03-01T12:00:00.499Z").await, ["early"]);
    assert_eq!(site.set("startDate=2024-03-01T14:00:00%2B02:00").await, ["late"]);
    assert_eq!(site.set("originallyPublishedStartDate=2019-01-01").await, ["early"]);
    assert_eq!(site.set("originallyPublishedEndDate=2020-01-01").await, ["early"], "unknown dates do not pass");
    assert_eq!(site.set("durationMin=60&durationMax=60").await, ["early"]);
    assert_eq!(site.set("durationMin=61").await, ["late"]);
    assert_eq!(site.set("durationMin=-5&durationMax=3600").await, ["early", "late"]);
    assert!(site.set("durationMax=-1").await.is_empty());
    for none in [
        "endDate=2000-01-01",
        "endDate=2024-01-31T23:59:59.999Z",
        "startDate=1990-01-01&endDate=2000-01-01",
        "originallyPublishedEndDate=1950-01-01",
        "durationMax=59",
        "startDate=2024-03-02",
        "durationMin=3601",
    ] {
        assert!(site.set(none).await.is_empty(), "{none}: before or after everything");
    }
    assert_eq!(site.set("startDate=2024-02-02&endDate=9999-12-31T23:59:59.999Z").await, ["late"], "no end");
    assert_eq!(site.post(&json!({"durationMin": "0", "durationMax": "240"}).to_string()).await.json()["total"], 1);
}

#[tokio::test]
async fn uuids_are_taken_long_and_short() {
    let good = video(1, "good");
    let (long, short) = (good.uuid.to_string(), indexer::short_uuid::encode(good.uuid));
    let site = Site::new(&[good, video(2, "other")]);
    let bad = "c29c5b77-4a04-493d-96a9-2e9267e308f0";
    let bad_short = "rP5RgUeX9XwTSrspCdkDej";
    for uuids in [vec![&*long], vec![&long, bad_short], vec![bad_short, &short], vec![&long, &short]] {
        let query: String = uuids.iter().map(|uuid| format!("uuids[]={uuid}&")).collect();
        assert_eq!(site.set(&query).await, ["good"], "{query}");
    }
    for nothing in [bad, bad_short, "ZZZZZZZZZZZZZZZZZZZZZZ"] {
        assert_eq!(site.search(&format!("uuids={nothing}")).await, json!({"total": 0, "data": []}), "{nothing}");
    }
    assert_eq!(site.search(&format!("uuids={}", long.to_uppercase())).await["total"], 1);
}

#[tokio::test]
async fn live_is_told_from_recorded() {
    let mut live = video(1, "live");
    live.is_live = true;
    let site = Site::new(&[live, video(2, "recorded")]);
    for yes in ["true", "1"] {
        assert_eq!(site.set(&format!("isLive={yes}")).await, ["live"]);
    }
    for no in ["false", "0"] {
        assert_eq!(site.set(&format!("isLive={no}")).await, ["recorded"]);
    }
    assert_eq!(site.post("{\"isLive\":true}").await.json()["total"], 1);
}

/// The rule of PeerTube 7.2 in its plainest form.
fn is_visible(video: &Video, nsfw: &str, included: u32, excluded: u32) -> bool {
    let base = nsfw == "both" || video.nsfw == (nsfw == "true");
    (base || (video.nsfw && video.nsfw_flags & included != 0)) && video.nsfw_flags & excluded == 0
}

#[tokio::test]
async fn every_combination_of_nsfw_and_flags_follows_the_rule() {
    let masks = [0, 1, 2, 3, 4, 5, 1 << 31];
    let mut videos = Vec::new();
    for nsfw in [false, true] {
        for flags in masks {
            let mut video = video(videos.len() as u64, &format!("{nsfw} {flags} film"));
            video.nsfw = nsfw;
            video.nsfw_flags = flags;
            videos.push(video);
        }
    }
    let site = Site::new(&videos);
    for nsfw in ["true", "false", "both"] {
        for included in masks {
            for excluded in masks {
                let mut expected: Vec<String> = videos
                    .iter()
                    .filter(|video| is_visible(video, nsfw, included, excluded))
                    .map(|video| video.name.clone())
                    .collect();
                expected.sort();
                for text in ["", "&search=film"] {
                    let query = format!(
                        "count=100&nsfw={nsfw}&nsfwFlagsIncluded={included}&nsfwFlagsExcluded={excluded}{text}"
                    );
                    assert_eq!(site.set(&query).await, expected, "{query}");
                }
            }
        }
    }
    assert_eq!(site.search("count=0").await["total"], videos.len(), "absent means both");
}

#[tokio::test]
async fn every_order_goes_both_ways() {
    let names_in_order = ["alpha", "Bravo", "Émile"];
    let videos: Vec<Video> = names_in_order
        .iter()
        .zip(1_u32..)
        .map(|(name, n)| {
            let mut video = video(u64::from(n), name);
            video.duration_s = n * 10;
            video.views = u64::from(n) * 100;
            video.likes = u64::from(n) * 50;
            video.created_at = time(&format!("2024-01-0{n}T00:00:00Z"));
            video.published_at = time(&format!("2024-02-0{n}T00:00:00Z"));
            video.truncated_description = Some("thing".to_owned());
            video
        })
        .collect();
    let site = Site::new(&videos);
    for key in ["name", "duration", "createdAt", "publishedAt", "originallyPublishedAt", "views", "likes", "hot"] {
        for text in ["", "&search=thing"] {
            let up = site.names(&format!("sort={key}{text}")).await;
            assert_eq!(up, names_in_order, "{key}{text}");
            let mut down = site.names(&format!("sort=-{key}{text}")).await;
            down.reverse();
            assert_eq!(down, names_in_order, "-{key}{text}");
        }
    }
    assert_eq!(site.names("").await.first().unwrap(), "Émile", "without words the newest is first");
    assert_eq!(site.names("sort=match&search=thing").await, site.names("sort=-match&search=thing").await);
}

#[tokio::test]
async fn an_unknown_first_publication_counts_as_the_publication() {
    let mut old = video(1, "old");
    old.originally_published_at = Some(time("1999-01-01T00:00:00Z"));
    let mut new = video(2, "new");
    new.published_at = time("2001-01-01T00:00:00Z");
    let site = Site::new(&[old, new]);
    assert_eq!(site.names("sort=originallyPublishedAt").await, ["old", "new"]);
    assert_eq!(site.names("sort=-originallyPublishedAt").await, ["new", "old"]);
}

#[tokio::test]
async fn boosted_languages_order_and_never_filter() {
    // Languages without a stemmer, so that nothing but the boost tells the videos apart.
    let in_language = |n: u64, id: Option<&str>| {
        let mut video = video(n, "xyzzy");
        video.language = id.map(|id| Labelled { id: id.to_owned(), label: id.to_owned() });
        video
    };
    let site = Site::new(&[in_language(1, Some("zxx")), in_language(2, Some("oc")), in_language(3, None)]);
    let answer = site.search("search=xyzzy&boostLanguages[]=zxx").await;
    assert_eq!(answer["total"], 3);
    let scores: Vec<(String, f64)> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|video| (video["language"]["label"].as_str().unwrap().to_owned(), video["score"].as_f64().unwrap()))
        .collect();
    assert_eq!(scores[2].0, "oc");
    assert!((scores[2].1 * 2.0 - scores[0].1).abs() < scores[0].1 * 0.1, "{scores:?}");
    assert_eq!(names(&site.search("boostLanguages=zxx").await).len(), 3);
}
