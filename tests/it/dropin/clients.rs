//! Each client of the search-index, with the request that it writes and what it reads of the answer.

use serde_json::Value;

use super::service::Service;

fn items(answer: &Value) -> &[Value] {
    answer["data"].as_array().unwrap()
}

fn names(answer: &Value) -> Vec<&str> {
    items(answer).iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// What NewPipe makes of an item: its type by the keys that are there.
fn newpipe_type(item: &Value) -> &'static str {
    if item.get("followersCount").is_some() {
        "channel"
    } else if item.get("videosLength").is_some() {
        "playlist"
    } else {
        "stream"
    }
}

#[test]
fn newpipe_three_parameters_and_types_told_by_keys() {
    let service = Service::start();
    let (status, answer) = service.get("/api/v1/search/videos?search=What+is+PeerTube%3F&start=0&count=12");
    assert_eq!(status, 200);
    assert!(answer["error"].as_str().unwrap_or_default().trim().is_empty(), "it takes a text there for a failure");
    assert!(items(&answer).len() > 1 && items(&answer).len() <= 12);
    for item in items(&answer) {
        assert_eq!(newpipe_type(item), "stream");
        // It cuts the path off the URL to find the origin, and asks that for everything else.
        let (url, path) = (item["embedUrl"].as_str().unwrap(), item["embedPath"].as_str().unwrap());
        let origin = url.replace(path, "");
        assert_eq!(origin, format!("https://{}", item["account"]["host"].as_str().unwrap()));
        // A strict ISO instant, or the item is dropped.
        item["publishedAt"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        for key in ["uuid", "name", "thumbnailPath"] {
            assert!(item[key].is_string(), "{key}");
        }
    }
    for (route, kind) in [("video-channels", "channel"), ("video-playlists", "playlist")] {
        let (_, answer) = service.get(&format!("/api/v1/search/{route}?search=framasoft+E2E+root&start=0&count=12"));
        assert!(items(&answer).iter().all(|item| newpipe_type(item) == kind));
    }
    let (status, answer) = service.get("/api/v1/search/videos?search=x&start=-1&count=12");
    assert!(status == 400 && !answer["error"].as_str().unwrap().trim().is_empty(), "{answer}");
}

#[test]
fn grayjay_arrays_without_brackets_and_a_home_without_words() {
    let service = Service::start();
    // Its home feed has no `search`; it sends parameters that no index knows.
    let home = "/api/v1/search/videos?resultType=videos&sort=match&nsfw=false&start=0&count=20\
                &publishedAfter=2020-01-01T00:00:00.000Z";
    let (status, answer) = service.get(home);
    assert_eq!(status, 200);
    assert!(!items(&answer).is_empty());
    assert!(items(&answer).iter().any(|item| item["publishedAt"].as_str() < Some("2020")), "it is ignored");
    let filtered = "/api/v1/search/videos?search=peertube&start=0&count=20&sort=match&searchTarget=search-index\
                    &categoryOneOf=15&categoryOneOf=13&languageOneOf=en&languageOneOf=fr";
    let (status, answer) = service.get(filtered);
    assert_eq!(status, 200);
    assert!(names(&answer).contains(&"What is PeerTube?"));
    for item in items(&answer) {
        assert!([15, 13].contains(&item["category"]["id"].as_i64().unwrap()));
        assert!(["en", "fr"].contains(&item["language"]["id"].as_str().unwrap()));
        assert!(item["tags"].is_array(), "its suggestions are made of them");
    }
    // `match` without the dash is its word for relevance.
    let by_match = service.get("/api/v1/search/videos?search=what+is+peertube&sort=match").1;
    let by_minus_match = service.get("/api/v1/search/videos?search=what+is+peertube&sort=-match").1;
    assert_eq!(by_match, by_minus_match);
    let (status, answer) = service.get("/api/v1/search/video-channels?search=framasoft&start=0&count=20");
    assert_eq!(status, 200);
    assert!(items(&answer).iter().all(|item| item["url"].is_string() && item["host"].is_string()));
}

#[test]
fn searxng_never_meets_a_null_where_it_adds_texts() {
    let service = Service::start();
    let encoded = "/api/v1/search/videos?search=peertube&searchTarget=search-index&resultType=videos&start=0&count=10\
                   &sort=-match&nsfw=false&languageOneOf%5B%5D=en&boostLanguages%5B%5D=en&startDate=2018-01-01";
    for query in [encoded.to_owned(), encoded.replace("%5B%5D", "[]")] {
        let (status, answer) = service.get(&query);
        assert_eq!(status, 200);
        assert!(names(&answer).contains(&"What is PeerTube?"));
        for item in items(&answer) {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let channel = &item["channel"];
            let _author = text(&channel["name"]) + "@" + &text(&channel["host"]);
            let _metadata = [text(&channel["displayName"]), text(&item["account"]["displayName"]), text(&item["url"])];
            assert!(item["tags"].as_array().unwrap().iter().all(Value::is_string));
            assert!(item["views"].is_u64() && item["duration"].is_u64());
            text(&item["publishedAt"]).parse::<jiff::Timestamp>().unwrap();
        }
    }
}

#[test]
fn fourget_reads_the_message_of_each_error() {
    let service = Service::start();
    let query = "/api/v1/search/videos?search=peertube&searchTarget=search-index&resultType=videos&start=0&count=20\
                 &sort=-match&boostLanguages[]=en&languageOneOf[]=en&categoryOneOf[]=15&licenceOneOf[]=2&isLive=false\
                 &nsfw=both";
    let (status, answer) = service.get(query);
    assert_eq!(status, 200);
    assert_eq!(&names(&answer)[..2], ["What is PeerTube?", "What is PeerTube, one year later"]);
    let avatars = items(&answer)[0]["channel"]["avatars"].as_array().unwrap();
    assert!(avatars.iter().all(|avatar| avatar["url"].as_str().unwrap().starts_with("https://")));
    let (_, answer) = service.get(&query.replace("isLive=false", "isLive=true"));
    assert!(names(&answer).is_empty());
    let (status, answer) = service.get("/api/v1/search/videos?search=peertube&categoryOneOf[]=none&count=1000");
    assert_eq!(status, 400);
    let errors = answer["errors"].as_object().unwrap();
    assert_eq!(errors.len(), 2);
    assert!(
        errors.values().all(|error| error["msg"].as_str().is_some_and(|message| message.starts_with("Should have")))
    );
    // It shows the number of a channel's videos and whether a playlist has a picture.
    let (_, answer) = service.get("/api/v1/search/video-channels?search=framasoft&count=20&start=0");
    assert!(items(&answer).iter().all(|item| item["videosCount"].as_u64().unwrap() > 0));
    let (_, answer) = service.get("/api/v1/search/video-playlists?search=E2E&count=20&start=0");
    assert!(items(&answer).iter().all(|item| item.get("thumbnailUrl").is_some()));
}

#[test]
fn fedilab_dates_without_a_zone() {
    let service = Service::start();
    let query = "/api/v1/search/videos?search=what%20is%20peertube&start=0&count=20&nsfw=false&sort=-match\
                 &startDate=2018-10-01T10%3A50%3A46&endDate=2018-10-01T10%3A55%3A46&tagsAllOf=framasoft\
                 &tagsAllOf=peertube&tagsOneOf=PeerTube";
    let (status, answer) = service.get(query);
    assert_eq!(status, 200);
    assert_eq!(names(&answer), ["What is PeerTube?"]);
    // A route that never existed: JSON that says so, and no redirect.
    let (status, answer) = service.get("/api/v1/search/channels?search=x&start=0&count=20");
    assert!(status == 404 && answer["error"].is_string(), "{status} {answer}");
}

#[test]
fn scripts_with_words_alone() {
    let service = Service::start();
    let (status, answer) = service.get("/api/v1/search/videos?search=peertube");
    assert_eq!(status, 200);
    for item in items(&answer) {
        for key in ["name", "url", "thumbnailUrl"] {
            assert!(item[key].is_string(), "{key}");
        }
        assert!(item["account"]["host"].is_string() && item["channel"]["displayName"].is_string());
    }
    // The page of SepiaSearch: brackets in every array.
    let (status, answer) = service.get(
        "/api/v1/search/videos?search=free&boostLanguages[]=en&boostLanguages[]=fr&nsfw=false&start=0&count=10&sort=-match",
    );
    assert_eq!((status, answer["data"].is_array()), (200, true));
}
