//! The shape of an answer.

use serde_json::{Value, json};

use crate::fixture::{Site, time, video, video_on, with_description, with_tags};

const KEYS: [&str; 35] = [
    "id",
    "uuid",
    "shortUUID",
    "score",
    "createdAt",
    "updatedAt",
    "publishedAt",
    "originallyPublishedAt",
    "category",
    "licence",
    "language",
    "privacy",
    "name",
    "description",
    "truncatedDescription",
    "duration",
    "tags",
    "thumbnailPath",
    "thumbnailUrl",
    "previewPath",
    "previewUrl",
    "embedPath",
    "embedUrl",
    "url",
    "views",
    "viewers",
    "likes",
    "dislikes",
    "comments",
    "isLive",
    "nsfw",
    "nsfwFlags",
    "nsfwSummary",
    "account",
    "channel",
];

/// Keys that may be null; a client breaks on any other.
const NULLABLE: [&str; 8] = [
    "originallyPublishedAt",
    "description",
    "truncatedDescription",
    "thumbnailPath",
    "thumbnailUrl",
    "previewPath",
    "previewUrl",
    "nsfwSummary",
];

pub fn assert_video_shape(video: &Value) {
    let object = video.as_object().unwrap();
    for key in KEYS {
        assert!(object.contains_key(key), "`{key}` is missing");
        assert!(!video[key].is_null() || NULLABLE.contains(&key), "`{key}` is null");
    }
    assert_eq!(object.len(), KEYS.len(), "a key too many: NewPipe tells kinds apart by keys");
    for key in ["createdAt", "updatedAt", "publishedAt"] {
        let date = video[key].as_str().unwrap();
        assert_eq!((date.len(), &date[23..]), (24, "Z"), "{date}");
    }
    for key in ["category", "licence", "language", "privacy"] {
        assert!(video[key]["label"].is_string() && video[key].as_object().unwrap().contains_key("id"));
    }
    assert_eq!(video["privacy"], json!({"id": 1, "label": "Public"}));
    assert_eq!(video["description"], video["truncatedDescription"]);
    assert!(video["embedUrl"].as_str().unwrap().ends_with(video["embedPath"].as_str().unwrap()));
    assert_eq!(video["shortUUID"].as_str().unwrap().len(), 22);
    assert!(video["tags"].is_array());
    for actor in [&video["account"], &video["channel"]] {
        for key in ["name", "displayName", "url", "host"] {
            assert!(actor[key].is_string(), "{key}");
        }
        assert!(actor["id"].is_i64() && actor["avatar"].is_null());
        for avatar in actor["avatars"].as_array().unwrap() {
            assert!(avatar["url"].as_str().unwrap().starts_with("https://"));
            assert_eq!(avatar["url"], avatar["fileUrl"]);
        }
    }
}

pub fn assert_list_shape(answer: &Value) {
    assert_eq!(answer.as_object().unwrap().len(), 2, "no `error` in a success: NewPipe takes it for a failure");
    let data = answer["data"].as_array().unwrap();
    assert!(answer["total"].as_u64().unwrap() >= data.len() as u64);
    data.iter().for_each(assert_video_shape);
}

#[tokio::test]
async fn an_answer_has_every_key_in_order_and_null_only_where_it_may_be() {
    let mut bare = video(1, "Bare");
    bare.category = None;
    bare.licence = None;
    bare.language = None;
    bare.truncated_description = None;
    bare.detail = None;
    (bare.thumbnail_path, bare.thumbnail_url, bare.preview_path, bare.preview_url) = (None, None, None, None);
    bare.account.avatars.clear();
    let site = Site::new(&[bare, with_tags(video(2, "Full"), &["one", "two"])]);
    let answer = site.get("/api/v1/search/videos?sort=name").await;
    assert_list_shape(&answer.json());

    let text = answer.text();
    let mut at = 0;
    for key in KEYS {
        let found = text[at..].find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("`{key}` is out of order"));
        at += found;
    }
    let bare = &answer.json()["data"][0];
    for key in ["category", "licence", "language"] {
        assert_eq!(bare[key], json!({"id": null, "label": "Unknown"}));
    }
    assert_eq!(bare["originallyPublishedAt"], Value::Null, "not 1970");
    assert_eq!(bare["tags"], json!([]));
    assert_eq!(bare["account"]["avatars"], json!([]));
}

#[tokio::test]
async fn values_are_those_of_the_origin() {
    let mut original = with_tags(video_on("tube.example:8443", 3, "Whale"), &["Sea", "whale"]);
    original.published_at = time("2018-10-01T10:52:46.396Z");
    original.originally_published_at = Some(time("2017-01-01T00:00:00Z"));
    original.comments = Some(4);
    original.nsfw = true;
    original.nsfw_flags = 5;
    original.nsfw_summary = Some("Blood".to_owned());
    let site = Site::new(&[with_description(original, &"é".repeat(300))]);
    let video = &site.search("search=whale").await["data"][0];
    assert_eq!(video["publishedAt"], "2018-10-01T10:52:46.396Z");
    assert_eq!(video["originallyPublishedAt"], "2017-01-01T00:00:00.000Z");
    assert_eq!(video["thumbnailUrl"], "https://tube.example:8443/lazy-static/thumbnails/3.jpg");
    assert_eq!(
        video["embedUrl"],
        format!("https://tube.example:8443/videos/embed/{}", video["uuid"].as_str().unwrap())
    );
    assert_eq!(video["account"]["host"], "tube.example:8443");
    assert_eq!(video["tags"], json!(["Sea", "whale"]));
    assert_eq!(video["description"], format!("{}...", "é".repeat(247)));
    assert_eq!(video["nsfwFlags"], 5);
    assert_eq!(video["comments"], 4);
    assert_eq!(video["category"]["label"], "Science & Technology");
}

#[tokio::test]
async fn count_zero_gives_the_total_alone() {
    let site = Site::new(&[video(1, "a"), video(2, "b")]);
    assert_eq!(site.search("count=0").await, json!({"total": 2, "data": []}));
    assert_eq!(site.search("count=0&search=a").await, json!({"total": 1, "data": []}));
    assert_eq!(site.search("search=nothinglikeit").await, json!({"total": 0, "data": []}));
    assert_eq!(site.search("start=50").await, json!({"total": 2, "data": []}));
}

#[tokio::test]
async fn the_default_count_is_15_and_the_greatest_100() {
    let videos: Vec<_> = (0..120).map(|n| video(n, &format!("Number {n}"))).collect();
    let site = Site::new(&videos);
    assert_eq!(site.names("").await.len(), 15);
    assert_eq!(site.names("count=100").await.len(), 100);
}

#[tokio::test]
async fn an_answer_stays_below_three_megabytes_whatever_origins_send() {
    let videos: Vec<_> = (0..100)
        .map(|n| {
            let mut video = video(n, &format!("Heavy {n}"));
            let avatar = video.account.avatars[0].clone();
            video.account.avatars = vec![avatar; 300];
            video.nsfw_summary = Some("x".repeat(60_000));
            video
        })
        .collect();
    let answer = Site::new(&videos).get("/api/v1/search/videos?count=100").await;
    assert!(answer.bytes.len() < 3_000_000, "{}", answer.bytes.len());
    assert_list_shape(&answer.json());
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 100);
}
