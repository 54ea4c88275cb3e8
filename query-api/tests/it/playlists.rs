//! The playlist search: what is found, in which order, and in which shape.

use journal::record::{Element, Playlist, RecordId, Video};
use journal::{Body, TombstoneReason};
use serde_json::{Value, json};

use crate::channels::{assert_date, assert_images};
use crate::fixture::{Site, encoded, playlist_on, publish_entries, publish_records, records, time, video, video_on};

const ROUTE: &str = "/api/v1/search/video-playlists";

const KEYS: [&str; 18] = [
    "id",
    "uuid",
    "shortUUID",
    "score",
    "url",
    "displayName",
    "description",
    "privacy",
    "videosLength",
    "type",
    "thumbnailPath",
    "thumbnailUrl",
    "embedPath",
    "embedUrl",
    "createdAt",
    "updatedAt",
    "ownerAccount",
    "videoChannel",
];

const NULLABLE: [&str; 4] = ["description", "thumbnailPath", "thumbnailUrl", "videoChannel"];

const ACTOR_KEYS: [&str; 7] = ["id", "name", "displayName", "url", "host", "avatar", "avatars"];

pub fn assert_playlists_shape(answer: &Value) {
    assert_eq!(answer.as_object().unwrap().len(), 2, "no `error` in a success: NewPipe takes it for a failure");
    let data = answer["data"].as_array().unwrap();
    assert!(answer["total"].as_u64().unwrap() >= data.len() as u64);
    for playlist in data {
        for key in KEYS {
            assert!(playlist.get(key).is_some(), "`{key}` is missing");
            assert!(!playlist[key].is_null() || NULLABLE.contains(&key), "`{key}` is null");
        }
        assert_eq!(
            playlist.as_object().unwrap().len(),
            KEYS.len(),
            "a key too many: NewPipe tells kinds apart by keys"
        );
        assert_eq!(playlist["privacy"], json!({"id": 1, "label": "Public"}));
        assert_eq!(playlist["type"], json!({"id": 1, "label": "Regular"}));
        assert!(playlist["embedUrl"].as_str().unwrap().ends_with(playlist["embedPath"].as_str().unwrap()));
        assert_eq!(playlist["shortUUID"].as_str().unwrap().len(), 22);
        assert!(playlist["videosLength"].is_u64());
        assert_date(&playlist["createdAt"]);
        assert_date(&playlist["updatedAt"]);
        for actor in [&playlist["ownerAccount"], &playlist["videoChannel"]] {
            if actor.is_null() {
                continue;
            }
            for key in ACTOR_KEYS {
                assert!(!actor[key].is_null() || key == "avatar", "{key}");
            }
            assert_eq!(actor.as_object().unwrap().len(), ACTOR_KEYS.len());
            assert_images(&actor["avatars"]);
        }
        assert!(playlist["ownerAccount"].is_object());
    }
}

async fn search(site: &Site, query: &str) -> Value {
    let answer = site.ask(&format!("{ROUTE}?{query}")).await;
    assert_playlists_shape(&answer);
    answer
}

async fn titles(site: &Site, query: &str) -> Vec<String> {
    let answer = search(site, query).await;
    let title = |playlist: &Value| playlist["displayName"].as_str().unwrap().to_owned();
    answer["data"].as_array().unwrap().iter().map(title).collect()
}

fn with(playlist: Playlist, change: impl FnOnce(&mut Playlist)) -> Playlist {
    let mut playlist = playlist;
    change(&mut playlist);
    playlist
}

fn site_of(playlists: &[Playlist]) -> Site {
    Site::of_records(&records(&[], &[], playlists))
}

#[tokio::test]
async fn an_answer_has_every_key_in_order_and_null_only_where_it_may_be() {
    let bare = with(playlist_on("tube.example", 1, "Bare", &[]), |playlist| {
        playlist.description = None;
        (playlist.thumbnail_path, playlist.thumbnail_url) = (None, None);
        playlist.channel = None;
        playlist.owner.avatars.clear();
    });
    let full = with(playlist_on("tube.example:8443", 2, "Full", &[]), |playlist| {
        playlist.uuid = "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a".parse().unwrap();
        playlist.url = format!("https://tube.example:8443/videos/watch/playlist/{}", playlist.uuid);
        playlist.embed_path = "/video-playlists/embed/fgei1ws1oa6FCaJ2qZPG29".to_owned();
        playlist.updated_at = time("2023-05-06T07:08:09.010Z");
    });
    let site = site_of(&[bare, full]);
    let answer = site.get(&format!("{ROUTE}?sort=displayName")).await;
    assert_playlists_shape(&answer.json());
    let text = answer.text();
    let mut at = 0;
    for key in KEYS {
        at += text[at..].find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("`{key}` is out of order"));
    }
    let bare = &answer.json()["data"][0];
    for key in NULLABLE {
        assert!(bare[key].is_null(), "{key}");
    }
    let full = &answer.json()["data"][1];
    assert_eq!(full["uuid"], "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a");
    assert_eq!(full["shortUUID"], "fgei1ws1oa6FCaJ2qZPG29");
    assert_eq!(full["url"], "https://tube.example:8443/videos/watch/playlist/73804a40-da9a-40c2-b1eb-2c6d9eec8f0a");
    assert_eq!(full["embedUrl"], "https://tube.example:8443/video-playlists/embed/fgei1ws1oa6FCaJ2qZPG29");
    assert_eq!(full["thumbnailUrl"], "https://tube.example:8443/lazy-static/thumbnails/playlist-2.jpg");
    assert_eq!(full["updatedAt"], "2023-05-06T07:08:09.010Z");
    assert_eq!(full["ownerAccount"]["name"], "ada");
    assert_eq!(full["videoChannel"]["name"], "lab");
    assert_eq!(full["videoChannel"]["avatars"].as_array().unwrap().len(), 2);
    assert_eq!(full["videoChannel"]["host"], "tube.example:8443");
}

#[tokio::test]
async fn titles_come_before_names_and_these_before_descriptions_and_length_lifts() {
    let videos: Vec<Video> = (0..30).map(|n| video(n, "v")).collect();
    let all: Vec<&Video> = videos.iter().collect();
    let described = with(playlist_on("tube.example", 3, "third", &[]), |playlist| {
        playlist.description = Some("All about whales".to_owned());
    });
    let owned = with(playlist_on("tube.example", 2, "second", &[]), |playlist| {
        playlist.owner.display_name = "Whales united".to_owned();
    });
    let titled = playlist_on("tube.example", 1, "Whales", &[]);
    let longer = playlist_on("tube.example", 5, "Whales", &all);
    let site = site_of(&[described, owned, titled, longer, playlist_on("tube.example", 4, "fourth", &[])]);
    assert_eq!(titles(&site, "search=whales").await, ["Whales", "Whales", "second", "third"]);
    assert_eq!(search(&site, "search=whales").await["data"][0]["id"], 5, "the longer one of two equals");
    assert_eq!(titles(&site, "search=whal").await[0], "Whales");
    assert_eq!(titles(&site, "search=whalse").await[0], "Whales");
    assert_eq!(search(&site, &format!("search={}", "a".repeat(500))).await, json!({"total": 0, "data": []}));
}

#[tokio::test]
async fn an_id_or_an_address_finds_exactly_its_playlist() {
    let wanted = with(playlist_on("tube.example", 1, "E2E playlist", &[]), |playlist| {
        playlist.uuid = "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a".parse().unwrap();
    });
    let site = site_of(&[wanted, playlist_on("tube.example", 2, "w p tube example", &[])]);
    for text in [
        "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a",
        "fgei1ws1oa6FCaJ2qZPG29",
        "https://tube.example/w/p/fgei1ws1oa6FCaJ2qZPG29?playlistPosition=1",
        "https://tube.example/videos/watch/playlist/73804a40-da9a-40c2-b1eb-2c6d9eec8f0a",
        "https://tube.example/video-playlists/73804a40-da9a-40c2-b1eb-2c6d9eec8f0a",
        "https://tube.example/video-playlists/embed/fgei1ws1oa6FCaJ2qZPG29",
    ] {
        assert_eq!(titles(&site, &format!("search={}", encoded(text))).await, ["E2E playlist"], "{text}");
    }
    let elsewhere = encoded("https://other.example/w/p/fgei1ws1oa6FCaJ2qZPG29");
    assert_eq!(search(&site, &format!("search={elsewhere}")).await["total"], 0, "another host, another playlist");
}

#[tokio::test]
async fn every_filter_keeps_what_it_means() {
    let good = "73804a40-da9a-40c2-b1eb-2c6d9eec8f0a";
    let good_short = "fgei1ws1oa6FCaJ2qZPG29";
    let bad = "c29c5b77-4a04-493d-96a9-2e9267e308f0";
    let bad_short = "rP5RgUeX9XwTSrspCdkDej";
    let one = with(playlist_on("a.example", 1, "one", &[]), |playlist| playlist.uuid = good.parse().unwrap());
    let of_bob =
        with(playlist_on("b.example:8443", 3, "three", &[]), |playlist| playlist.owner.name = "Bob".to_owned());
    let site = site_of(&[one, playlist_on("b.example:8443", 2, "two", &[]), of_bob]);
    let rows: Vec<(String, &[&str])> = vec![
        (String::new(), &["one", "three", "two"]),
        ("host=A.example".to_owned(), &["one"]),
        ("host=b.example:8443".to_owned(), &["three", "two"]),
        ("host=example.com".to_owned(), &[]),
        ("host=localhost".to_owned(), &[]),
        ("blockedHosts=b.example:8443".to_owned(), &["one"]),
        ("blockedHosts[]=a.example&blockedHosts[]=c.example".to_owned(), &["three", "two"]),
        ("blockedAccounts=bob@b.example:8443".to_owned(), &["one", "two"]),
        ("blockedAccounts[0]=@ada@a.example&blockedAccounts[1]=ada@b.example:8443".to_owned(), &["three"]),
        ("blockedAccounts=lab@a.example".to_owned(), &["one", "three", "two"]),
        (format!("uuids={good}"), &["one"]),
        (format!("uuids={good_short}"), &["one"]),
        (format!("uuids={good}&uuids={bad_short}"), &["one"]),
        (format!("uuids[]={bad_short}&uuids[]={good_short}"), &["one"]),
        (format!("uuids[0]={good}&uuids[1]={good_short}"), &["one"]),
        (format!("uuids={bad}"), &[]),
        (format!("uuids={bad_short}"), &[]),
        (format!("uuids={}", "Z".repeat(22)), &[]),
        (format!("uuids={good}&search=two"), &[]),
        ("nsfw=true&categoryOneOf=1&handles=&foo=bar&searchTarget=search-index".to_owned(), &["one", "three", "two"]),
    ];
    for (query, expected) in rows {
        let mut found = titles(&site, &query).await;
        found.sort();
        assert_eq!(found, *expected, "{query}");
    }
    for (body, expected) in [
        (json!({"uuids": [good], "blockedHosts": [], "blockedAccounts": [], "start": 0, "count": 15}), 1),
        (json!({"uuids": good_short}), 1),
        (json!({"uuids": []}), 0),
        (json!({"blockedHosts": ["a.example"], "sort": "-match"}), 2),
    ] {
        let answer = site.post_to(ROUTE, &body.to_string()).await.json();
        assert_playlists_shape(&answer);
        assert_eq!(answer["total"], expected, "{body}");
    }
}

#[tokio::test]
async fn orders_page_without_gaps_and_ties_are_stable() {
    let playlists: Vec<Playlist> = (0..60_u64)
        .map(|n| {
            let n_text = usize::try_from(n % 3).unwrap();
            with(playlist_on("tube.example", n, ["Beta", "alpha", "Éta"][n_text], &[]), |playlist| {
                playlist.created_at = time(["2023-01-01T00:00:00Z", "2023-01-02T00:00:00Z"][n_text % 2]);
                playlist.updated_at = time(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"][n_text % 2]);
            })
        })
        .collect();
    let site = site_of(&playlists[..40]);
    publish_records(site.dir.path(), 1000, &records(&[], &[], &playlists[20..]));
    assert!(site.api.refresh().unwrap());
    let hash = |playlist: &Playlist| indexer::key_hash(&playlist.record_id().to_string());
    let expected = |by: &dyn Fn(&Playlist, &Playlist) -> std::cmp::Ordering| -> Vec<String> {
        let mut sorted: Vec<&Playlist> = playlists.iter().collect();
        sorted.sort_by(|left, right| by(left, right).then_with(|| hash(left).cmp(&hash(right))));
        sorted.iter().map(|playlist| playlist.uuid.to_string()).collect()
    };
    let folded = |playlist: &Playlist| playlist.display_name.to_lowercase().replace('é', "e");
    let by_name = |left: &Playlist, right: &Playlist| folded(left).cmp(&folded(right));
    let by_date = |left: &Playlist, right: &Playlist| left.created_at.cmp(&right.created_at);
    let by_change = |left: &Playlist, right: &Playlist| right.updated_at.cmp(&left.updated_at);
    let rows = [
        ("sort=displayName", expected(&by_name)),
        ("sort=-displayName", expected(&|left, right| by_name(right, left))),
        ("sort=createdAt", expected(&by_date)),
        ("sort=-createdAt", expected(&|left, right| by_date(right, left))),
        ("sort=-match", expected(&by_change)),
        ("sort=match", expected(&by_change)),
        ("", expected(&by_change)),
        ("search=list+number&sort=-displayName", expected(&|left, right| by_name(right, left))),
        ("search=list+number&sort=createdAt", expected(&by_date)),
    ];
    for (query, expected) in rows {
        let mut seen = Vec::new();
        for start in (0..60).step_by(7) {
            let answer = search(&site, &format!("{query}&start={start}&count=7")).await;
            let uuid = |playlist: &Value| playlist["uuid"].as_str().unwrap().to_owned();
            seen.extend(answer["data"].as_array().unwrap().iter().map(uuid));
        }
        assert_eq!(seen, expected, "{query}");
        assert_eq!(search(&site, &format!("{query}&count=0")).await["total"], 60);
        assert_eq!(search(&site, &format!("{query}&start=60")).await, json!({"total": 60, "data": []}));
    }
    assert_eq!(titles(&site, "").await.len(), 15);
    assert_eq!(titles(&site, "count=100").await.len(), 60);
}

#[tokio::test]
async fn each_wrong_parameter_is_a_400_that_names_it() {
    let site = site_of(&[playlist_on("tube.example", 1, "a", &[])]);
    for (query, param, msg) in [
        ("search=", "search", "Should have a valid search"),
        ("start=x", "start", "Should have a number start"),
        ("start=10000&count=1", "start", "Should have a start within the first 10000 results"),
        ("count=101", "count", "Should have a number count (max: 100)"),
        ("sort=name", "sort", "Should have a valid sort"),
        ("sort=-updatedAt", "sort", "Should have a valid sort"),
        ("host=https://tube.example", "host", "Should have a valid host"),
        ("uuids=toto", "uuids", "Should have a valid uuids array"),
        ("uuids=", "uuids", "Should have a valid uuids array"),
        ("uuids=kkGMgK9ZtnKfYAgnEtQx0v", "uuids", "Should have a valid uuids array"),
    ] {
        let answer = site.get(&format!("{ROUTE}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let body = answer.json();
        assert_eq!(body["detail"], format!("Incorrect request parameters: {param}"), "{query}");
        assert_eq!(body["error"], body["detail"]);
        assert!(body["errors"][param]["msg"].as_str().unwrap().starts_with(msg), "{query}");
    }
    let muted: Vec<String> = (0..10_001).map(|n| format!("u@h{n}.example")).collect();
    assert_eq!(site.post_to(ROUTE, &json!({"blockedAccounts": muted}).to_string()).await.status, 413);
}

// case 98
#[tokio::test]
async fn the_length_counts_only_videos_that_the_same_generation_has() {
    let videos = [video(1, "a"), video(2, "b"), video_on("other.example", 3, "c")];
    let unknown = video(9, "never indexed");
    let mixed = playlist_on("tube.example", 1, "mixed", &[&videos[0], &unknown, &videos[2], &videos[1], &videos[0]]);
    // A UUID on another host is another video.
    let impostor = with(playlist_on("tube.example", 2, "impostor", &[]), |playlist| {
        playlist.elements = vec![Element { host: "third.example".parse().unwrap(), uuid: videos[0].uuid }];
    });
    let site = Site::of_records(&records(&videos, &[], &[mixed, impostor]));
    let lengths = async || -> Vec<u64> {
        let answer = search(&site, "sort=displayName").await;
        let length = |playlist: &Value| playlist["videosLength"].as_u64().unwrap();
        answer["data"].as_array().unwrap().iter().map(length).collect()
    };
    assert_eq!(lengths().await, [0, 4], "a video that stands in it twice counts twice");
    let id = RecordId::video("tube.example".parse().unwrap(), videos[0].uuid);
    let gone = Body::Tombstone { id, reason: TombstoneReason::Moderated };
    publish_entries(site.dir.path(), 100, vec![gone]);
    assert!(site.api.refresh().unwrap());
    assert_eq!(lengths().await, [0, 2]);
    publish_records(site.dir.path(), 200, &records(&[videos[0].clone(), unknown.clone()], &[], &[]));
    assert!(site.api.refresh().unwrap());
    assert_eq!(lengths().await, [0, 5]);
    for trace in [unknown.uuid.to_string(), indexer::short_uuid::encode(videos[1].uuid)] {
        assert!(!site.get(ROUTE).await.text().contains(&trace), "no element is named");
    }
}

#[tokio::test]
async fn an_endless_playlist_is_counted_to_its_limit() {
    let known = video(1, "a");
    let endless = with(playlist_on("tube.example", 1, "endless", &[]), |playlist| {
        playlist.elements = vec![Element { host: known.host.clone(), uuid: known.uuid }; 2_500];
    });
    let site = Site::of_records(&records(std::slice::from_ref(&known), &[], &[endless]));
    assert_eq!(search(&site, "").await["data"][0]["videosLength"], 1_000);
}

#[tokio::test]
async fn an_answer_stays_below_three_megabytes_whatever_origins_send() {
    let playlists: Vec<Playlist> = (0..100)
        .map(|n| {
            with(playlist_on("tube.example", n, "Heavy", &[]), |playlist| {
                let image = playlist.owner.avatars[0].clone();
                playlist.owner.avatars = vec![image.clone(); 100];
                playlist.channel.as_mut().unwrap().avatars = vec![image; 100];
                playlist.description = Some("é\n".repeat(20_000));
            })
        })
        .collect();
    let answer = site_of(&playlists).get(&format!("{ROUTE}?count=100")).await;
    assert!(answer.bytes.len() < 3_000_000, "{}", answer.bytes.len());
    assert_playlists_shape(&answer.json());
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 100);
}
