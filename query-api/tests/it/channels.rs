//! The channel search: what is found, in which order, and in which shape.

use journal::record::{Channel, RecordId};
use journal::{Body, TombstoneReason};
use serde_json::{Value, json};

use crate::fixture::{Site, channel_on, encoded, publish_entries, records, time, video, video_on};

const ROUTE: &str = "/api/v1/search/video-channels";

const KEYS: [&str; 18] = [
    "id",
    "score",
    "url",
    "name",
    "host",
    "displayName",
    "description",
    "support",
    "followingCount",
    "followersCount",
    "videosCount",
    "createdAt",
    "updatedAt",
    "avatar",
    "avatars",
    "banner",
    "banners",
    "ownerAccount",
];

const NULLABLE: [&str; 4] = ["description", "support", "avatar", "banner"];

const OWNER_KEYS: [&str; 12] = [
    "id",
    "name",
    "displayName",
    "url",
    "host",
    "avatar",
    "avatars",
    "description",
    "followingCount",
    "followersCount",
    "createdAt",
    "updatedAt",
];

pub fn assert_date(value: &Value) {
    let date = value.as_str().unwrap();
    assert_eq!((date.len(), &date[10..11], &date[23..]), (24, "T", "Z"), "{date}");
}

pub fn assert_images(images: &Value) {
    for image in images.as_array().unwrap() {
        assert!(image["url"].as_str().unwrap().starts_with("https://"));
        assert_eq!(image["url"], image["fileUrl"]);
    }
}

pub fn assert_channels_shape(answer: &Value) {
    assert_eq!(answer.as_object().unwrap().len(), 2, "no `error` in a success: NewPipe takes it for a failure");
    let data = answer["data"].as_array().unwrap();
    assert!(answer["total"].as_u64().unwrap() >= data.len() as u64);
    for channel in data {
        for key in KEYS {
            assert!(channel.get(key).is_some(), "`{key}` is missing");
            assert!(!channel[key].is_null() || NULLABLE.contains(&key), "`{key}` is null");
        }
        assert_eq!(channel.as_object().unwrap().len(), KEYS.len(), "a key too many: NewPipe tells kinds apart by keys");
        assert!(channel["avatar"].is_null() && channel["banner"].is_null());
        let owner = &channel["ownerAccount"];
        for key in OWNER_KEYS {
            assert!(owner.get(key).is_some(), "`ownerAccount.{key}` is missing");
            assert!(!owner[key].is_null() || NULLABLE.contains(&key), "`ownerAccount.{key}` is null");
        }
        assert_eq!(owner.as_object().unwrap().len(), OWNER_KEYS.len());
        for date in [&channel["createdAt"], &channel["updatedAt"], &owner["createdAt"], &owner["updatedAt"]] {
            assert_date(date);
        }
        for images in [&channel["avatars"], &channel["banners"], &owner["avatars"]] {
            assert_images(images);
        }
        for key in ["url", "name", "host", "displayName"] {
            assert!(channel[key].is_string() && owner[key].is_string(), "{key}");
        }
    }
}

async fn search(site: &Site, query: &str) -> Value {
    let answer = site.ask(&format!("{ROUTE}?{query}")).await;
    assert_channels_shape(&answer);
    answer
}

async fn names(site: &Site, query: &str) -> Vec<String> {
    let answer = search(site, query).await;
    answer["data"].as_array().unwrap().iter().map(|channel| channel["name"].as_str().unwrap().to_owned()).collect()
}

fn with(channel: Channel, change: impl FnOnce(&mut Channel)) -> Channel {
    let mut channel = channel;
    change(&mut channel);
    channel
}

fn site_of(channels: &[Channel]) -> Site {
    Site::of_records(&records(&[], channels, &[]))
}

#[tokio::test]
async fn an_answer_has_every_key_in_order_and_null_only_where_it_may_be() {
    let bare = with(channel_on("tube.example", "bare", "Bare"), |channel| {
        channel.description = None;
        channel.actor.avatars.clear();
        channel.banners.clear();
        channel.owner.actor.avatars.clear();
    });
    let full = with(channel_on("tube.example:8443", "full", "Full"), |channel| {
        channel.support = Some("Give".to_owned());
        channel.n_following = 3;
        channel.updated_at = time("2023-05-06T07:08:09.010Z");
        channel.owner.description = Some("An owner".to_owned());
    });
    let site = site_of(&[bare, full]);
    let answer = site.get(&format!("{ROUTE}?sort=displayName")).await;
    assert_channels_shape(&answer.json());
    let text = answer.text();
    let mut at = 0;
    for key in KEYS {
        at += text[at..].find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("`{key}` is out of order"));
    }
    let bare = &answer.json()["data"][0];
    assert_eq!(bare["avatars"], json!([]));
    assert_eq!(bare["description"], Value::Null);
    assert_eq!(bare["videosCount"], 0);
    let full = &answer.json()["data"][1];
    assert_eq!(full["url"], "https://tube.example:8443/video-channels/full");
    assert_eq!(full["host"], "tube.example:8443");
    assert_eq!(full["support"], "Give");
    assert_eq!((&full["followersCount"], &full["followingCount"]), (&json!(10), &json!(3)));
    assert_eq!(full["updatedAt"], "2023-05-06T07:08:09.010Z");
    assert_eq!(full["avatars"].as_array().unwrap().len(), 2);
    assert_eq!(full["banners"][0]["url"], "https://tube.example:8443/lazy-static/banners/full.jpg");
    assert_eq!(full["banners"][0]["width"], 1920);
    assert_eq!(full["ownerAccount"]["url"], "https://tube.example:8443/accounts/ada");
    assert_eq!(full["ownerAccount"]["description"], "An owner");
    assert_eq!(
        (&full["ownerAccount"]["followersCount"], &full["ownerAccount"]["followingCount"]),
        (&json!(1), &json!(2))
    );
}

#[tokio::test]
async fn names_come_before_owners_and_these_before_descriptions() {
    let described = with(channel_on("tube.example", "third", "Nothing"), |channel| {
        channel.description = Some("All about whales".to_owned());
    });
    let owned = with(channel_on("tube.example", "second", "Nothing"), |channel| {
        channel.owner.actor.display_name = "Whales united".to_owned();
    });
    let titled = channel_on("tube.example", "first", "Whales");
    let site = site_of(&[described, owned, titled, channel_on("tube.example", "fourth", "Nothing")]);
    assert_eq!(names(&site, "search=whales").await, ["first", "second", "third"]);
    let answer = search(&site, "search=whales").await;
    let scores: Vec<f64> =
        answer["data"].as_array().unwrap().iter().map(|channel| channel["score"].as_f64().unwrap()).collect();
    assert!(scores[0] > scores[1] && scores[1] > scores[2]);
}

#[tokio::test]
async fn followers_lift_a_channel_among_its_equals() {
    let channels: Vec<Channel> = [(1, "few"), (100_000, "many"), (100, "some")]
        .map(|(n, name)| with(channel_on("tube.example", name, "Sea songs"), |channel| channel.n_followers = n))
        .to_vec();
    assert_eq!(names(&site_of(&channels), "search=sea").await, ["many", "some", "few"]);
}

#[tokio::test]
async fn words_are_forgiving_as_for_videos() {
    let site = site_of(&[
        channel_on("framatube.org", "bf54d359-cfad-4935-9d45-9d6be93f63e8", "Les vidéos de Framasoft"),
        channel_on("tube.example", "kdenlive_tutorials", "Montage"),
    ]);
    let framasoft = ["bf54d359-cfad-4935-9d45-9d6be93f63e8"];
    for text in [
        "Framasoft vidéos",
        "framasoft VIDEOS",
        "framas",
        "\"videos de framasoft\"",
        "framasofd",
        "framasoft bricolage videos",
    ] {
        assert_eq!(names(&site, &format!("search={}", encoded(text))).await, framasoft, "{text}");
    }
    assert_eq!(names(&site, "search=kdenl").await, ["kdenlive_tutorials"], "the name may be unfinished too");
    assert_eq!(names(&site, "search=videos+-framasoft").await, Vec::<String>::new());
    assert_eq!(search(&site, &format!("search={}", "a".repeat(500))).await, json!({"total": 0, "data": []}));
}

#[tokio::test]
async fn a_handle_or_an_address_finds_exactly_its_channel() {
    let site = site_of(&[
        channel_on("tube.example", "lab", "One"),
        channel_on("other.example", "lab", "Two"),
        channel_on("tube.example", "labour", "lab tube example"),
        channel_on("framatube.org", "bf54d359-cfad-4935-9d45-9d6be93f63e8", "Three"),
    ]);
    for text in [
        "lab@tube.example",
        "@Lab@tube.example",
        "https://tube.example/c/lab",
        "https://tube.example/c/lab/videos",
        "https://tube.example/video-channels/lab",
        "https://other.example/c/lab@tube.example",
    ] {
        let answer = search(&site, &format!("search={}", encoded(text))).await;
        assert_eq!(answer["total"], 1, "{text}");
        assert_eq!(answer["data"][0]["displayName"], "One", "{text}");
    }
    let uuid_name = "https://framatube.org/video-channels/bf54d359-cfad-4935-9d45-9d6be93f63e8";
    assert_eq!(search(&site, &format!("search={}", encoded(uuid_name))).await["data"][0]["displayName"], "Three");
    let filtered = format!("search={}&host=other.example", encoded("lab@tube.example"));
    assert_eq!(search(&site, &filtered).await["total"], 0, "filters hold for direct hits too");
    let words = search(&site, &format!("search={}", encoded("labour@tube"))).await;
    assert_eq!(words["data"][0]["name"], "labour", "what is no handle is words");
}

#[tokio::test]
async fn every_filter_keeps_what_it_means() {
    let of_bob = with(channel_on("b.example:8443", "three", "Three"), |channel| {
        channel.owner.actor.name = "Bob".to_owned();
    });
    let site = site_of(&[channel_on("a.example", "one", "One"), channel_on("b.example:8443", "two", "Two"), of_bob]);
    let rows: &[(&str, &[&str])] = &[
        ("", &["one", "three", "two"]),
        ("host=A.example", &["one"]),
        ("host=b.example:8443", &["three", "two"]),
        ("host=b.example", &[]),
        ("host=localhost:9000", &[]),
        ("blockedHosts=b.example:8443", &["one"]),
        ("blockedHosts=b.example", &["one", "three", "two"]),
        ("blockedHosts[]=a.example&blockedHosts[]=nonsense", &["three", "two"]),
        ("blockedAccounts=bob@b.example:8443", &["one", "two"]),
        ("blockedAccounts[0]=@ada@a.example&blockedAccounts[1]=ada@b.example:8443", &["three"]),
        ("blockedAccounts=two@b.example:8443", &["one", "three", "two"]),
        ("handles=one@a.example", &["one"]),
        ("handles=ONE@A.EXAMPLE&handles=two@b.example:8443", &["one", "two"]),
        ("handles[]=one@a.example&handles[]=jeanine", &["one"]),
        ("handles=jeanine", &[]),
        ("handles=jeanine&handles=chocobozzz_channel2@peertube2.cpy.re", &[]),
        ("handles=one", &[]),
        ("handles=ada@a.example", &[]),
        ("handles=a@b@c@a.example", &[]),
        ("handles=one@a.example&search=three", &[]),
        ("handles=one@a.example&host=b.example:8443", &[]),
        // Nothing of the videos' filters means anything here.
        ("nsfw=true&categoryOneOf=1&isLive=true&uuids=x&foo=bar&searchTarget=search-index", &["one", "three", "two"]),
    ];
    for (query, expected) in rows {
        let mut found = names(&site, query).await;
        found.sort();
        assert_eq!(found, *expected, "{query}");
    }
    for (body, expected) in [
        (json!({"handles": ["one@a.example", "openlab"], "blockedHosts": [], "blockedAccounts": []}), 1),
        (json!({"handles": "one@a.example"}), 1),
        (json!({"handles": []}), 0),
        (json!({"start": "1", "count": "5"}), 3),
        (json!({"blockedHosts": ["a.example"], "start": 0, "count": 15, "sort": "-match"}), 2),
    ] {
        let answer = site.post_to(ROUTE, &body.to_string()).await.json();
        assert_channels_shape(&answer);
        assert_eq!(answer["total"], expected, "{body}");
    }
}

#[tokio::test]
async fn orders_page_without_gaps_and_ties_are_stable() {
    let channels: Vec<Channel> = (0..60_u64)
        .map(|n| {
            let n_text = usize::try_from(n % 3).unwrap();
            with(channel_on("tube.example", &format!("c{n}"), ["Beta", "alpha", "Éta"][n_text]), |channel| {
                channel.created_at = time(["2023-01-01T00:00:00Z", "2023-01-02T00:00:00Z"][n_text % 2]);
                channel.updated_at = time(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"][n_text % 2]);
            })
        })
        .collect();
    let site = site_of(&channels[..40]);
    crate::fixture::publish_records(site.dir.path(), 1000, &records(&[], &channels[20..], &[]));
    assert!(site.api.refresh().unwrap());
    let hash = |channel: &Channel| indexer::key_hash(&channel.record_id().to_string());
    let expected = |by: &dyn Fn(&Channel, &Channel) -> std::cmp::Ordering| -> Vec<String> {
        let mut sorted: Vec<&Channel> = channels.iter().collect();
        sorted.sort_by(|left, right| by(left, right).then_with(|| hash(left).cmp(&hash(right))));
        sorted.iter().map(|channel| channel.actor.name.clone()).collect()
    };
    let folded = |channel: &Channel| channel.actor.display_name.to_lowercase().replace('é', "e");
    let by_name = |left: &Channel, right: &Channel| folded(left).cmp(&folded(right));
    let by_date = |left: &Channel, right: &Channel| left.created_at.cmp(&right.created_at);
    let by_change = |left: &Channel, right: &Channel| right.updated_at.cmp(&left.updated_at);
    let rows = [
        ("sort=displayName", expected(&by_name)),
        ("sort=-displayName", expected(&|left, right| by_name(right, left))),
        ("sort=createdAt", expected(&by_date)),
        ("sort=-createdAt", expected(&|left, right| by_date(right, left))),
        // Without words the best are those that changed last.
        ("sort=-match", expected(&by_change)),
        ("sort=match", expected(&by_change)),
        ("", expected(&by_change)),
        ("search=does&sort=displayName", expected(&by_name)),
        ("search=does&sort=-createdAt", expected(&|left, right| by_date(right, left))),
    ];
    for (query, expected) in rows {
        let mut seen = Vec::new();
        for start in (0..60).step_by(7) {
            seen.extend(names(&site, &format!("{query}&start={start}&count=7")).await);
        }
        assert_eq!(seen, expected, "{query}");
        assert_eq!(search(&site, &format!("{query}&count=0")).await["total"], 60);
        assert_eq!(search(&site, &format!("{query}&start=60")).await, json!({"total": 60, "data": []}));
    }
    assert_eq!(names(&site, "").await.len(), 15);
    assert_eq!(names(&site, "count=100").await.len(), 60);
}

#[tokio::test]
async fn each_wrong_parameter_is_a_400_that_names_it() {
    let site = site_of(&[channel_on("tube.example", "lab", "Lab")]);
    for (query, param, msg) in [
        ("search=", "search", "Should have a valid search"),
        ("start=-1", "start", "Should have a number start"),
        ("start=10000&count=11", "start", "Should have a start within the first 10000 results"),
        ("count=101", "count", "Should have a number count (max: 100)"),
        ("sort=name", "sort", "Should have a valid sort"),
        ("sort=-publishedAt", "sort", "Should have a valid sort"),
        ("sort=-views", "sort", "Should have a valid sort"),
        ("sort=", "sort", "Should have a valid sort"),
        ("host=6565", "host", "Should have a valid host"),
        ("handles=", "handles", "Should have a valid handles array"),
        ("handles[]=lab@tube.example&handles[]=", "handles", "Should have a valid handles array"),
        ("handles[]=%20", "handles", "Should have a valid handles array"),
    ] {
        let answer = site.get(&format!("{ROUTE}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let body = answer.json();
        assert_eq!(body["detail"], format!("Incorrect request parameters: {param}"), "{query}");
        assert_eq!(body["error"], body["detail"]);
        assert!(body["errors"][param]["msg"].as_str().unwrap().starts_with(msg), "{query}");
        assert_eq!(body["errors"][param]["location"], "query");
    }
    let answer = site.post_to(ROUTE, &json!({"handles": ["", "a@b.example"], "sort": "-hot"}).to_string()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["errors"].as_object().unwrap().len(), 2, "all at once");
    assert_eq!(answer.json()["errors"]["handles"]["location"], "body");
    let many: Vec<String> = (0..101).map(|n| format!("c{n}@tube.example")).collect();
    assert_eq!(site.post_to(ROUTE, &json!({"handles": many}).to_string()).await.status, 400);
    let muted: Vec<String> = (0..10_001).map(|n| format!("h{n}.example")).collect();
    assert_eq!(site.post_to(ROUTE, &json!({"blockedHosts": muted}).to_string()).await.status, 413);
}

#[tokio::test]
async fn videos_are_counted_as_the_same_generation_has_them() {
    let mut videos = vec![video(1, "a"), video(2, "b"), video(3, "c"), video_on("other.example", 4, "d")];
    videos[2].channel.name = "Workshop".to_owned();
    let channels = [
        channel_on("tube.example", "lab", "Lab"),
        channel_on("tube.example", "workshop", "Workshop"),
        channel_on("other.example", "lab", "Lab"),
        channel_on("other.example", "empty", "Empty"),
    ];
    let site = Site::of_records(&records(&videos, &channels, &[]));
    let counts = async || -> Vec<u64> {
        let mut counts = Vec::new();
        for handle in ["lab@tube.example", "workshop@tube.example", "lab@other.example", "empty@other.example"] {
            let answer = search(&site, &format!("handles={handle}")).await;
            counts.push(answer["data"][0]["videosCount"].as_u64().unwrap());
        }
        counts
    };
    assert_eq!(counts().await, [2, 1, 1, 0], "names compare without regard to case");
    let id = RecordId::video("tube.example".parse().unwrap(), videos[0].uuid);
    let gone = Body::Tombstone { id, reason: TombstoneReason::Hidden };
    publish_entries(site.dir.path(), 100, vec![gone]);
    assert!(site.api.refresh().unwrap());
    assert_eq!(counts().await, [1, 1, 1, 0]);
    // The same video again, in a newer segment, is one video.
    crate::fixture::publish(site.dir.path(), 200, &videos[1..2]);
    assert!(site.api.refresh().unwrap());
    assert_eq!(counts().await, [1, 1, 1, 0]);
}

#[tokio::test]
async fn an_answer_stays_below_three_megabytes_whatever_origins_send() {
    let channels: Vec<Channel> = (0..100)
        .map(|n| {
            with(channel_on("tube.example", &format!("heavy{n}"), "Heavy"), |channel| {
                let image = channel.actor.avatars[0].clone();
                channel.actor.avatars = vec![image.clone(); 100];
                channel.banners = vec![image.clone(); 100];
                channel.owner.actor.avatars = vec![image; 100];
                channel.description = Some("é\n".repeat(20_000));
                channel.support = Some("\"".repeat(20_000));
                channel.owner.description = Some("x".repeat(20_000));
            })
        })
        .collect();
    let answer = site_of(&channels).get(&format!("{ROUTE}?count=100")).await;
    assert!(answer.bytes.len() < 3_000_000, "{}", answer.bytes.len());
    assert_channels_shape(&answer.json());
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 100);
}
