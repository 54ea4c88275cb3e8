//! A generated host answers as PeerTube 6.3.0 does.

use std::collections::BTreeSet;

use crate::client::{NOW, get, request};
use serde_json::Value;
use simulator::{Catalogue, Fediverse, HostHandle, HostSetup, NsfwPolicy, Privacy, State, Version, VideoSpec};

fn instance(n_videos: u32, change: impl FnOnce(&mut simulator::Instance)) -> HostSetup {
    let catalogue = Catalogue::new(11, NOW.parse().unwrap(), 4);
    let mut instance = catalogue.instance(0, n_videos).unwrap();
    instance.spec.version = Version::RECORDED;
    instance.spec.nsfw_policy = NsfwPolicy::DoNotList;
    change(&mut instance);
    HostSetup::generated(instance).rate_limit(None)
}

async fn start(setup: HostSetup) -> Fediverse {
    Fediverse::builder().host(setup).start().await.unwrap()
}

fn only(fediverse: &Fediverse) -> &HostHandle {
    fediverse.hosts().next().unwrap()
}

fn uuids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|item| item["uuid"].as_str().unwrap().to_owned()).collect()
}

async fn scan(host: &HostHandle, query: &str, count: usize) -> (Vec<String>, u64) {
    let mut all = Vec::new();
    loop {
        let target = format!("/api/v1/videos?{query}&count={count}&start={}", all.len());
        let page = get(host.address(), &target).await.json();
        let found = uuids(&page);
        all.extend(found.iter().cloned());
        if found.len() < count {
            return (all, page["total"].as_u64().unwrap());
        }
    }
}

#[tokio::test]
async fn pages_hold_exactly_the_listed_videos_whatever_their_size() {
    let fediverse = start(instance(230, |_| {})).await;
    let host = only(&fediverse);
    let expected: BTreeSet<String> = host.listed().iter().map(|video| video.uuid.to_string()).collect();
    assert_eq!(expected.len(), 230);
    for (sort, count) in [("createdAt", 100), ("-publishedAt", 15), ("name", 7), ("-views", 100)] {
        let (found, total) = scan(host, &format!("isLocal=true&nsfw=both&sort={sort}"), count).await;
        assert_eq!(total, 230);
        assert_eq!(found.len(), 230, "{sort}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{sort}");
    }
    let created: Vec<String> =
        get(host.address(), "/api/v1/videos?isLocal=true&nsfw=both&sort=createdAt&count=100").await.json()["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["createdAt"].as_str().unwrap().to_owned())
            .collect();
    assert!(created.is_sorted());
}

#[tokio::test]
async fn hidden_videos_are_in_no_listing_and_their_details_answer_as_recorded() {
    let fediverse = start(instance(20, |_| {})).await;
    let host = only(&fediverse);
    let (listed, _) = scan(host, "nsfw=both", 100).await;
    let hidden: Vec<VideoSpec> = host.all().into_iter().filter(|video| !video.is_listed()).collect();
    assert!(hidden.len() >= 9);
    let mut seen = BTreeSet::new();
    for video in hidden {
        assert!(!listed.contains(&video.uuid.to_string()));
        let reply = get(host.address(), &format!("/api/v1/videos/{}", video.uuid)).await;
        let (status, detail) = match (video.blocked, video.privacy, video.state) {
            (true, _, _) | (_, Privacy::Private | Privacy::Internal, _) => (401, Some("Not authenticated")),
            (_, Privacy::PasswordProtected, _) => {
                (403, Some("Please provide a password to access this password protected video"))
            }
            _ => (200, None),
        };
        assert_eq!(reply.status, status, "{:?} {:?}", video.privacy, video.state);
        if let Some(detail) = detail {
            assert_eq!(reply.json()["error"], detail);
            assert_eq!(reply.header("content-type").unwrap(), "application/problem+json; charset=utf-8");
        } else {
            assert_eq!(reply.json()["privacy"]["id"], video.privacy.id());
            assert_eq!(reply.json()["state"]["id"], video.state.id());
        }
        seen.insert((video.blocked, video.privacy.id(), video.state.id(), video.scheduled_at.is_some()));
    }
    assert_eq!(seen.len(), 9, "one of each kind: {seen:?}");
}

#[tokio::test]
async fn a_detail_answers_to_three_spellings_and_holds_what_the_listing_cuts() {
    let fediverse = start(instance(60, |_| {})).await;
    let host = only(&fediverse);
    let video = host.listed().into_iter().find(|video| video.late_word.is_some() && !video.tags.is_empty()).unwrap();
    let item = {
        let mut found = None;
        for start in [0, 50] {
            let page = get(host.address(), &format!("/api/v1/videos?nsfw=both&isLocal=true&count=50&start={start}"))
                .await
                .json();
            found = found.or_else(|| {
                page["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|item| item["uuid"] == video.uuid.to_string().as_str())
                    .cloned()
            });
        }
        found.unwrap()
    };
    let word = video.late_word.clone().unwrap();
    assert!(!item["description"].as_str().unwrap().contains(&word));
    assert_eq!(item["description"], item["truncatedDescription"]);
    assert_eq!(item["description"].as_str().unwrap().encode_utf16().count(), 250);
    assert!(item.get("tags").is_none());
    assert_eq!(item.as_object().unwrap().len(), 29, "6.3.0 gives 29 keys");
    for id in [video.uuid.to_string(), simulator::short_uuid(video.uuid), video.id.to_string()] {
        let detail = get(host.address(), &format!("/api/v1/videos/{id}")).await.json();
        assert!(detail["description"].as_str().unwrap().contains(&word));
        assert_eq!(detail["tags"].as_array().unwrap().len(), video.tags.len());
        assert_eq!(detail["url"], item["url"]);
        assert_eq!(detail["channel"]["host"], host.name());
    }
    let missing = get(host.address(), "/api/v1/videos/00000000-0000-4000-8000-000000000000").await;
    assert_eq!((missing.status, missing.json()["error"].as_str().unwrap()), (404, "Video not found"));
    let malformed = get(host.address(), "/api/v1/videos/not-a-uuid").await;
    assert_eq!(malformed.status, 400);
    assert_eq!(malformed.json()["invalid-params"]["id"]["location"], "params");
}

#[tokio::test]
async fn wrong_parameters_are_refused_in_the_recorded_shape() {
    let fediverse = start(instance(5, |_| {})).await;
    let address = only(&fediverse).address();
    for (query, status, name, message) in [
        ("count=101", 400, "count", "Should have a number count (max: 100)"),
        ("count=-1", 400, "count", "Should have a number count (max: 100)"),
        ("count=abc", 400, "count", "Should have a number count (max: 100)"),
        ("start=-1", 400, "start", "Invalid value"),
        ("sort=-updatedAt", 400, "sort", "Invalid value"),
        ("sort=-match", 400, "sort", "Invalid value"),
        ("nsfw=maybe", 400, "nsfw", "Invalid value"),
        ("categoryOneOf=abc", 400, "categoryOneOf", "Should have a valid categoryOneOf array"),
    ] {
        let reply = get(address, &format!("/api/v1/videos?{query}")).await;
        let body = reply.json();
        assert_eq!(reply.status, status, "{query}");
        assert_eq!(body["error"], format!("Incorrect request parameters: {name}"));
        assert_eq!(body["invalid-params"][name]["msg"], message, "{query}");
        assert_eq!(body["instance"], format!("/api/v1/videos?{query}"));
    }
    assert_eq!(get(address, "/api/v1/videos?start=99999999999999999999").await.status, 500);
    assert_eq!(get(address, "/api/v1/videos?include=1").await.status, 401);
    assert_eq!(get(address, "/api/v1/videos?filter=local").await.status, 400);
    assert_eq!(get(address, "/api/v1/nosuch").await.status, 400);
    assert_eq!(get(address, "/nosuch").await.status, 406);
    let nothing = get(address, "/api/v1/videos?count=0&nsfw=both&isLocal=true").await.json();
    assert_eq!((nothing["total"].as_u64(), nothing["data"].as_array().unwrap().len()), (Some(5), 0));
    let past = get(address, "/api/v1/videos?start=1000000&isLocal=2&foo=bar").await.json();
    assert!(past["data"].as_array().unwrap().is_empty());
    assert!(get(address, "/api/v1/videos?skipCount=true").await.json().get("total").is_none());
}

#[tokio::test]
async fn nsfw_videos_are_left_out_unless_asked_for_and_remote_ones_are_marked() {
    let fediverse = start(instance(100, |instance| {
        for video in instance.videos.iter_mut().filter(|video| video.is_local()).take(30) {
            video.nsfw = true;
        }
    }))
    .await;
    let host = only(&fediverse);
    let n_nsfw = host.listed().iter().filter(|video| video.nsfw).count() as u64;
    assert!(n_nsfw >= 30);
    assert_eq!(scan(host, "isLocal=true", 100).await.1, 100 - n_nsfw);
    assert_eq!(scan(host, "isLocal=true&nsfw=true", 100).await.1, n_nsfw);
    assert_eq!(scan(host, "isLocal=true&nsfw=both", 100).await.1, 100);
    assert_eq!(scan(host, "nsfw=both", 100).await.1, 110);
    let remote = get(host.address(), "/api/v1/videos?isLocal=false&nsfw=both&count=1").await.json();
    assert_eq!(remote["data"][0]["isLocal"], false);
    assert_ne!(remote["data"][0]["account"]["host"], host.name());
}

#[tokio::test]
async fn outboxes_deliver_whole_videos_with_their_traps() {
    let fediverse = start(instance(150, |_| {})).await;
    let host = only(&fediverse);
    let spec = host.instance().unwrap().spec;
    let mut found = BTreeSet::new();
    let (mut n_announced, mut states) = (0, BTreeSet::new());
    for account in &spec.accounts {
        let first = get(host.address(), &format!("/accounts/{}/outbox", account.name)).await.json();
        let (mut page, mut delivered) = (1, 0);
        loop {
            let target = format!("/accounts/{}/outbox?page={page}&size=50", account.name);
            let body = get(host.address(), &target).await.json();
            let items = body["orderedItems"].as_array().unwrap().clone();
            delivered += items.len() as u64;
            for item in &items {
                if item["type"] == "Announce" {
                    n_announced += 1;
                    assert!(item["object"].is_string());
                } else {
                    states.insert(item["object"]["state"].as_u64().unwrap());
                    found.insert(item["object"]["uuid"].as_str().unwrap().to_owned());
                }
            }
            if body.get("next").is_none() {
                break;
            }
            page += 1;
        }
        assert_eq!(first["totalItems"].as_u64().unwrap(), delivered + 2);
    }
    for video in host.listed() {
        assert!(found.contains(&video.uuid.to_string()));
    }
    for video in host.all().iter().filter(|video| video.privacy != Privacy::Public || video.blocked) {
        assert!(!found.contains(&video.uuid.to_string()));
    }
    assert_eq!(n_announced, 15);
    assert_eq!(states, BTreeSet::from([1, 4, 5]));
    let reply = get(host.address(), &format!("/accounts/{}/outbox?page=1&size=51", spec.accounts[0].name)).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["invalid-params"]["size"]["msg"], "Should have a valid page size (max: 50)");
    let past = get(host.address(), &format!("/accounts/{}/outbox?page=99&size=50", spec.accounts[0].name)).await;
    assert!(past.json()["orderedItems"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_rate_limit_and_conditional_requests_work_as_recorded() {
    let limit = simulator::RateLimit { requests: 3, per: std::time::Duration::from_secs(100) };
    let fediverse = start(instance(5, |_| {}).rate_limit(limit)).await;
    let address = only(&fediverse).address();
    let first = get(address, "/api/v1/config").await;
    assert_eq!(first.header("x-ratelimit-limit").unwrap(), "3");
    assert_eq!(first.header("x-ratelimit-remaining").unwrap(), "2");
    let tag = first.header("etag").unwrap();
    assert!(tag.starts_with("W/\""));
    let long = std::time::Duration::from_secs(5);
    let again = request(address, "/api/v1/config", &[("If-None-Match", &tag)], long, usize::MAX).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(get(address, "/robots.txt").await.text(), "User-agent: *\nDisallow:\n");
    let over = get(address, "/api/v1/videos").await;
    assert_eq!((over.status, over.text().as_str()), (429, "Too many requests, please try again later."));
    assert_eq!(over.header("content-type").unwrap(), "text/html; charset=utf-8");
    assert!((1..=100).contains(&over.header("retry-after").unwrap().parse::<u64>().unwrap()));
    // ActivityPub and pictures have limits of their own.
    let page = host_picture(&fediverse);
    assert_eq!(get(address, &page).await.status, 200);
}

fn host_picture(fediverse: &Fediverse) -> String {
    let account = only(fediverse).instance().unwrap().spec.accounts[0].name.clone();
    format!("/accounts/{account}/outbox?page=1")
}

#[tokio::test]
async fn changes_show_at_once() {
    let fediverse = start(instance(12, |_| {})).await;
    let host = only(&fediverse);
    let later = "2026-01-01T13:00:00Z".parse().unwrap();
    let all = host.listed();
    let added = host.add_video(later).unwrap();
    host.delete(all[0].uuid).unwrap();
    host.set_privacy(all[1].uuid, Privacy::Private, later).unwrap();
    host.set_privacy(all[2].uuid, Privacy::Unlisted, later).unwrap();
    host.block(all[3].uuid, later).unwrap();
    host.edit(all[4].uuid, later, |video| video.name = "Another title".to_owned()).unwrap();
    let channel = host.instance().unwrap().spec.channels[all[5].channel as usize].name.clone();
    host.rename_channel(&channel, "Another channel", later).unwrap();
    host.start_live(all[6].uuid, later).unwrap();
    host.end_live(all[7].uuid, later).unwrap();
    let page = get(host.address(), "/api/v1/videos?isLocal=true&nsfw=both&sort=-publishedAt&count=100").await.json();
    let items = page["data"].as_array().unwrap();
    let item = |uuid: uuid::Uuid| items.iter().find(|item| item["uuid"] == uuid.to_string().as_str());
    assert_eq!(page["total"], 12 + 1 - 5);
    assert!([0, 1, 2, 3, 7].iter().all(|&nth: &usize| item(all[nth].uuid).is_none()));
    assert_eq!(item(all[4].uuid).unwrap()["name"], "Another title");
    assert_eq!(item(all[4].uuid).unwrap()["updatedAt"], "2026-01-01T13:00:00.000Z");
    assert_eq!(item(all[5].uuid).unwrap()["channel"]["displayName"], "Another channel");
    assert_ne!(item(all[5].uuid).unwrap()["updatedAt"], "2026-01-01T13:00:00.000Z");
    assert_eq!(item(all[6].uuid).unwrap()["isLive"], true);
    assert_eq!(item(added.uuid).unwrap()["publishedAt"], "2026-01-01T13:00:00.000Z");
    for (uuid, status) in [(all[0].uuid, 404), (all[1].uuid, 401), (all[2].uuid, 200), (all[3].uuid, 401)] {
        assert_eq!(get(host.address(), &format!("/api/v1/videos/{uuid}")).await.status, status);
    }
    // Of the planned videos one waits for its date, a day after the time base.
    assert!(host.publish_due(later).unwrap().is_empty());
    let due = host.publish_due("2026-01-02T12:00:00Z".parse().unwrap()).unwrap();
    let published = get(host.address(), &format!("/api/v1/videos/{}", due[0])).await.json();
    assert_eq!((due.len(), &published["publishedAt"]), (1, &"2026-01-02T12:00:00.000Z".into()));
    let ended = get(host.address(), &format!("/api/v1/videos/{}", all[7].uuid)).await.json();
    assert_eq!(ended["state"]["id"], State::LiveEnded.id());
    assert!(host.delete(all[0].uuid).is_err());
    host.advance_counters(2.0, "2026-01-01T14:00:00Z".parse().unwrap()).unwrap();
    assert!(host.listed().iter().all(|video| video.views > 0));
}

#[tokio::test]
async fn three_hundred_hosts_listen_and_one_port_can_serve_them_all() {
    let catalogue = Catalogue::new(1, NOW.parse().unwrap(), 300);
    for listening in [simulator::Listening::OwnPort, simulator::Listening::OwnAddress, simulator::Listening::Shared] {
        let setups = (0..300).map(|nth| HostSetup::generated(catalogue.instance(nth, 2).unwrap()));
        let fediverse = Fediverse::builder().hosts(setups).listening(listening).start().await.unwrap();
        let addresses = fediverse.resolve();
        assert_eq!(addresses.len(), 300);
        for (name, address) in addresses.iter().step_by(37) {
            let long = std::time::Duration::from_secs(5);
            let reply = request(*address, "/api/v1/config", &[("Host", name)], long, usize::MAX).await;
            let expected = catalogue.hosts().iter().find(|host| &host.name == name).unwrap();
            assert_eq!(reply.json()["instance"]["name"], expected.display_name.as_str());
        }
        fediverse.shutdown().await;
    }
}
