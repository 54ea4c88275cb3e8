//! The checklist of the contract, row by row, as far as it is about answers; the crawler's rows are tested there.

use axum::body::Body;
use axum::http::Request;
use journal::record::{Address, Event, EventStatus, Group, JoinMode, Openness};
use query_api::QueryApiConfig;
use serde_json::{Value, json};

use super::fixture::{BASE, around, event, event_on, events, group_on, groups, names, picture, place, site, titles};
use crate::fixture::{Site, actor, encoded, time};

const ROUTES: [&str; 2] = ["/api/v1/search/events", "/api/v1/search/groups"];

const DAY: &str = "2026-03-07T18:00:00Z";

fn changed(n: u64, title: &str, change: impl FnOnce(&mut Event)) -> Event {
    let mut event = event(n, title, DAY);
    change(&mut event);
    event
}

fn sorted(mut titles: Vec<String>) -> Vec<String> {
    titles.sort();
    titles
}

#[tokio::test]
async fn checklist_01_routes_answer_every_reader_and_always_in_json() {
    let site = site(&[event(1, "Concert", DAY)], &[group_on("agenda.example", "gul", "Linux", 3)]);
    for route in ROUTES {
        let of = |method: &str, uri: &str| {
            let request = Request::builder().method(method).uri(uri).header("origin", "https://elsewhere.example");
            site.send(request.body(Body::empty()).unwrap())
        };
        let get = of("GET", route).await;
        assert_eq!((get.status.as_u16(), get.header("content-type")), (200, "application/json; charset=utf-8"));
        assert_eq!(get.header("access-control-allow-origin"), "*");
        let head = of("HEAD", route).await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
        assert_eq!(head.header("content-type"), "application/json; charset=utf-8");
        let head = of("HEAD", &format!("/{route}")).await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0), "behind a slash too many as well");
        let known = Request::get(route).header("if-none-match", get.header("etag"));
        assert_eq!(site.send(known.body(Body::empty()).unwrap()).await.status, 304);
        let options = of("OPTIONS", route).await;
        assert_eq!(options.status, 200);
        assert_eq!(options.header("access-control-allow-origin"), "*");
        assert!(options.header("access-control-allow-methods").contains("GET"));
        for (method, uri, status) in [
            ("DELETE", route.to_owned(), 405),
            ("DELETE", format!("/{route}"), 405),
            ("GET", format!("{route}?latlon=here"), 400),
            ("GET", format!("{route}s"), 404),
        ] {
            let answer = of(method, &uri).await;
            assert_eq!(answer.status, status, "{method} {uri}");
            assert!(answer.header("content-type").contains("json"), "{method} {uri}");
            assert!(answer.json()["error"].is_string() && answer.json()["title"].is_string());
        }
        let posted = site.post_to(route, "{\"search\": \"concert linux\", \"count\": 5}").await;
        assert_eq!(posted.status, 200, "harmless");
    }
    let waiting = Site::empty(QueryApiConfig::default());
    for route in ROUTES {
        let answer = waiting.get(route).await;
        assert_eq!(answer.status, 503);
        assert!(answer.header("content-type").contains("json"));
    }
}

#[tokio::test]
async fn checklist_02_lists_are_read_in_every_form() {
    let in_category = |n, category: &str| changed(n, category, |event| event.category = Some(category.to_owned()));
    let site = site(&[in_category(1, "MUSIC"), in_category(2, "SPORTS"), in_category(3, "GAMES")], &[]);
    for query in [
        "categoryOneOf[]=MUSIC&categoryOneOf[]=GAMES",
        "categoryOneOf%5B%5D=MUSIC&categoryOneOf%5B%5D=GAMES",
        "categoryOneOf[0]=MUSIC&categoryOneOf[1]=GAMES",
        "categoryOneOf=MUSIC&categoryOneOf=GAMES",
        "categoryOneOf=MUSIC,GAMES",
        "categoryOneOf=music,%20games%20",
        "categoryOneOf[]=MUSIC&categoryOneOf=GAMES,NOT_A_CATEGORY&categoryOneOf[]=",
    ] {
        assert_eq!(sorted(titles(&site, query).await), ["GAMES", "MUSIC"], "{query}");
    }
    assert_eq!(titles(&site, "categoryOneOf=NOT_A_CATEGORY").await, [""; 0]);
    assert_eq!(titles(&site, "categoryOneOf[]=&categoryOneOf=,").await.len(), 3, "an empty list is no condition");
    let many: Vec<String> = (0..500).map(|n| format!("categoryOneOf[]=A{n}")).collect();
    assert_eq!(titles(&site, &format!("{}&categoryOneOf=MUSIC", many.join("&"))).await, [""; 0], "cut, not refused");
}

#[tokio::test]
async fn checklist_02_orders_have_two_names_and_unknown_ones_are_ignored() {
    let site =
        site(&[event(1, "b", "2026-03-08T18:00:00Z"), event(2, "a", "2026-03-07T18:00:00Z"), event(3, "c", DAY)], &[]);
    let by_start = titles(&site, "").await;
    assert_eq!(by_start[2], "b");
    let backwards = titles(&site, "sort=-startTime").await;
    assert_eq!(backwards[0], "b");
    assert_eq!(titles(&site, "sortBy=-startTime").await, backwards);
    assert_eq!(titles(&site, "sort=-createdAt&sortBy=startTime").await, ["c", "a", "b"], "sort wins");
    for query in [
        "sort=startTime",
        "sort=+startTime",
        "sort=-match",
        "sort=match",
        "sort=nonsense",
        "sort=",
        "sort[]=startTime",
        "sort=-distance",
        "sort=distance&distance=10_km",
        "sort=%7B%22a%22%3A1%7D",
        "zoom=12&longEvents=true&searchTarget=GLOBAL&nothing=known&search[a][b]=c",
        "search=&search=",
        "search=++",
    ] {
        assert_eq!(titles(&site, query).await, by_start, "{query}");
    }
}

#[tokio::test]
async fn checklist_02_distances_pages_and_slashes_are_forgiven() {
    let events: Vec<Event> =
        (0..1100).map(|n| changed(n, "far", |event| event.address = place("Far", -30.0, 100.0))).collect();
    let site = site(&events, &[group_on("agenda.example", "gul", "Linux", 3)]);
    let n_in = |query: &'static str| {
        let site = &site;
        async move {
            let answer = super::fixture::events(site, query).await;
            (answer["total"].as_u64().unwrap(), answer["data"].as_array().unwrap().len())
        }
    };
    for query in ["distance=50_km", "distance=nonsense", "distance=-1", "latlon=&distance=5_km", ""] {
        assert_eq!(n_in(query).await, (1100, 10), "{query}: a distance means nothing without a point");
    }
    for (query, n) in [
        ("count=0", 0),
        ("count=16", 16),
        ("count=999", 999),
        ("count=1000", 1000),
        ("count=100000", 1000),
        ("count=-1", 10),
        ("count=many", 10),
        ("count=16&start=-5", 16),
        ("count=16&start=soon", 16),
        ("count=999&start=1090", 10),
        ("count=16&start=9999", 0),
        ("count=16&start=99999999", 0),
    ] {
        assert_eq!(n_in(query).await, (1100, n), "{query}");
    }
    for path in
        ["//api/v1/search/events", "/api/v1//search///events", "/api/v1/search/events/", "///api/v1/search/events//"]
    {
        let answer = site.ask(&format!("{path}?count=2")).await;
        assert_eq!((&answer["total"], answer["data"].as_array().unwrap().len()), (&json!(1100), 2), "{path}");
    }
    assert_eq!(site.ask("//api/v1/search/groups").await["total"], 1);
    assert_eq!(site.get("//api/v1/search/videos").await.status, 404, "others are as they were");
    for blank in ["-29.5,+99.5:-30.5,+100.5", "-29.5,%2099.5%3A%20-30.5,%20100.5", "-29,99:-31,101"] {
        let answer = super::fixture::events(&site, &format!("bbox={blank}&count=0")).await;
        assert_eq!(answer["total"], 1100, "{blank}");
    }
}

#[tokio::test]
async fn checklist_02_dates_are_read_in_every_form() {
    let site = site(&[event(1, "before", "2026-03-06T18:00:00Z"), event(2, "after", DAY)], &[]);
    for date in [
        "2026-03-07T00:00:00.000Z",
        "2026-03-07T00:00:00Z",
        "2026-03-07T01:00:00%2B01:00",
        "2026-03-07T01:00:00+01:00",
        "2026-03-07T00:00:00",
        "2026-03-07",
    ] {
        assert_eq!(titles(&site, &format!("startDateMin={date}")).await, ["after"], "{date}");
        assert_eq!(titles(&site, &format!("startDateMax={date}")).await, ["before"], "{date}");
    }
    assert_eq!(titles(&site, "startDateMin=&startDateMax=").await.len(), 2);
    let answer = site.get("/api/v1/search/events?startDateMin=soon&startDateMax=2026-03-07").await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["errors"]["startDateMin"]["msg"].is_string(), "{}", answer.text());
}

#[tokio::test]
async fn checklist_03_an_event_has_everything_that_mobilizon_reads() {
    let mut full = event(1, "Initiation aux danses", "2025-12-11T18:00:00Z");
    full.description = Some("<p>Pour <b>tous</b>.</p>".to_owned());
    full.category = Some("SPORTS".to_owned());
    full.tags = vec!["Danse".to_owned(), "Écosse".to_owned()];
    full.n_participants = Some(4);
    full.capacity = Some(20);
    full.anonymous_participation = Some(true);
    full.updated_at = Some(time("2025-09-27T14:39:18Z"));
    full.published_at = Some(time("2025-09-27T14:33:14Z"));
    full.pictures = vec![picture("agenda.example", "/media/a.jpg", 1280)];
    full.group = Some(actor(&full.host, "danses_du_port", "@"));
    full.address = Some(Address {
        url: Some("https://agenda.example/address/1".to_owned()),
        street: Some("12 quai de l'Exemple".to_owned()),
        locality: Some("Brest".to_owned()),
        postal_code: Some("29200".to_owned()),
        region: Some("Bretagne".to_owned()),
        country: Some("France".to_owned()),
        ..place("Salle des Voiliers", 48.3833905, -4.4860768).unwrap()
    });
    let site = site(std::slice::from_ref(&full), &[]);
    let answer = events(&site, "search=danses").await;
    let id = full.url.as_str();
    let creator = json!({
        "id": "https://agenda.example/@/danses_du_port",
        "url": "https://agenda.example/@/danses_du_port",
        "name": "danses_du_port",
        "displayName": "The danses_du_port",
        "host": "agenda.example",
        "description": null,
        "avatar": format!("{BASE}/img/actor~agenda.example~danses_du_port/thumbnail"),
    });
    let expected = json!({
        "id": id,
        "uuid": full.origin_id,
        "url": id,
        "name": "Initiation aux danses",
        "content": "<p>Pour <b>tous</b>.</p>",
        "startTime": "2025-12-11T19:00:00+01:00",
        "endTime": "2025-12-11T21:00:00+01:00",
        "published": "2025-09-27T14:33:14Z",
        "updated": "2025-09-27T14:39:18Z",
        "status": "CONFIRMED",
        "category": "SPORTS",
        "language": "fr",
        "timezone": "Europe/Paris",
        "isOnline": false,
        "joinMode": "free",
        "externalParticipationUrl": null,
        "maximumAttendeeCapacity": 20,
        "remainingAttendeeCapacity": 16,
        "participantCount": 4,
        "anonymousParticipationEnabled": true,
        "tags": ["#Danse", "#Écosse"],
        "banner": format!("{BASE}/img/event~agenda.example~{}/preview", full.origin_id),
        "creator": creator.clone(),
        "group": creator,
        "location": {
            "id": "https://agenda.example/address/1",
            "name": "Salle des Voiliers",
            "address": {
                "addressCountry": "France",
                "addressLocality": "Brest",
                "addressRegion": "Bretagne",
                "postalCode": "29200",
                "streetAddress": "12 quai de l'Exemple",
            },
            "location": {"lon": -4.4860768, "lat": 48.3833905},
        },
        "host": "agenda.example",
        "score": answer["data"][0]["score"],
    });
    assert_eq!(answer["data"][0], expected);
    assert!(answer["data"][0]["score"].as_f64().unwrap() > 0.0);
}

// case 94
#[tokio::test]
async fn checklist_03_and_case_94_an_event_of_almost_nothing_has_every_key() {
    let mut bare = event_on("gancio.example", 1, "Demo", DAY);
    bare.origin_id = "1".to_owned();
    bare.url = "https://gancio.example/federation/m/1".to_owned();
    bare.page_url = Some("https://gancio.example/event/demo".to_owned());
    bare.time.ends_at = None;
    bare.time.time_zone = None;
    (bare.description, bare.category, bare.language, bare.organizer) = (None, None, None, None);
    (bare.n_participants, bare.published_at, bare.join_mode) = (None, None, None);
    bare.address = Some(Address { name: Some("Piazza".to_owned()), ..Address::default() });
    let mut nowhere = event(2, "Nowhere", "2026-03-08T18:00:00Z");
    nowhere.category = Some("music".to_owned());
    let mut addressed = event(3, "Address without a name", "2026-03-09T18:00:00Z");
    addressed.address = Some(Address { street: Some("1 quai".to_owned()), ..Address::default() });
    addressed.category = Some("OWN_CATEGORY".to_owned());
    let mut of_no_group = group_on("agenda.example", "gul", "Linux", 3);
    (of_no_group.n_members, of_no_group.openness, of_no_group.n_events) = (None, None, None);
    of_no_group.actor.avatars.clear();
    of_no_group.address = Some(Address::default());
    let site = site(&[bare, nowhere, addressed], &[of_no_group]);
    let answer = events(&site, "").await;
    let [bare, nowhere, addressed] = [0, 1, 2].map(|n| &answer["data"][n]);
    assert_eq!(bare["id"], "https://gancio.example/federation/m/1");
    assert_eq!(bare["url"], "https://gancio.example/event/demo", "what a visitor is sent to");
    assert_eq!((&bare["uuid"], &bare["endTime"], &bare["creator"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!((&bare["startTime"], &bare["language"]), (&json!("2026-03-07T18:00:00Z"), &json!("und")));
    assert_eq!((&bare["category"], &bare["tags"]), (&json!("MEETING"), &json!([])));
    assert_eq!((&bare["location"]["name"], &bare["location"]["location"]), (&json!("Piazza"), &Value::Null));
    assert_eq!((&nowhere["location"], &nowhere["category"]), (&Value::Null, &json!("MUSIC")), "always in capitals");
    assert_eq!(addressed["location"]["address"]["streetAddress"], "1 quai");
    assert_eq!((&addressed["location"]["name"], &addressed["category"]), (&Value::Null, &json!("MEETING")));

    let answer = groups(&site, "").await;
    let expected = json!({
        "id": "https://agenda.example/@gul", "url": "https://agenda.example/@gul", "name": "gul", "displayName": "Linux",
        "host": "agenda.example", "description": null, "avatar": null, "banner": null, "memberCount": null,
        "followersCount": null, "eventCount": null, "openness": null,
        "location": answer["data"][0]["location"], "score": 1.0,
    });
    assert_eq!(answer["data"][0], expected);

    let answer = events(&site, "bbox=90,-180:-90,180").await;
    assert_eq!(answer["total"], 0, "what has no coordinates is on no map");
}

#[tokio::test]
async fn checklist_03_a_page_of_999_heavy_events_stays_readable() {
    let heavy: Vec<Event> = (0..999)
        .map(|n| {
            changed(n, &format!("Heavy {n}"), |event| {
                event.description = Some(format!("<p>{}</p>", "word ".repeat(1_500)));
                event.tags = (0..50).map(|tag| format!("tag {n} {tag}")).collect();
            })
        })
        .collect();
    let site = site(&heavy, &[]);
    let answer = site.get("/api/v1/search/events?count=999").await;
    assert!(answer.bytes.len() < 3_000_000, "{}", answer.bytes.len());
    super::fixture::assert_events(&answer.json());
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 999);
    let one = events(&site, "count=16").await;
    assert!(one["data"][0]["tags"].as_array().unwrap().len() == 50, "few results come whole");
}

#[tokio::test]
async fn checklist_04_pictures_are_on_our_own_host() {
    let mut shown = event(1, "Shown", DAY);
    shown.pictures = vec![picture("agenda.example", "/s.jpg", 320), picture("agenda.example", "/l.jpg", 1280)];
    let mut group = group_on("agenda.example", "Gul", "Linux", 3);
    group.banners = vec![picture("agenda.example", "/b.jpg", 1280)];
    let site = site(&[shown, event(2, "Bare", "2026-03-08T18:00:00Z")], &[group]);
    let found = events(&site, "").await;
    let group = &groups(&site, "").await["data"][0];
    assert_eq!(found["data"][1]["banner"], Value::Null);
    let pictures =
        [&found["data"][0]["banner"], &found["data"][0]["creator"]["avatar"], &group["avatar"], &group["banner"]];
    for picture in pictures {
        let path = picture.as_str().unwrap().strip_prefix(BASE).unwrap();
        let answer = site.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/gif"), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    }
    for path in [
        "/img/event~agenda.example~2/preview",
        "/img/event~other.example~30000000-0000-4000-8000-000000000001/preview",
        "/img/group~agenda.example~Gul/preview",
        "/img/actor~agenda.example~nobody/thumbnail",
        "/img/place~agenda.example~1/thumbnail",
    ] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
    // Without an address of its own an index has none to give: that of a request anyone can forge.
    let homeless = Site::of_records(&super::fixture::records(
        &[changed(1, "Shown", |event| {
            event.pictures = vec![picture("agenda.example", "/s.jpg", 320)];
        })],
        &[],
    ));
    let answer = homeless.ask("/api/v1/search/events").await;
    assert_eq!((&answer["data"][0]["banner"], &answer["data"][0]["creator"]["avatar"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn checklist_05_the_creator_is_the_group_where_there_is_one() {
    let mut of_group = event(1, "Of a group", DAY);
    of_group.group = Some(actor(&"groups.example".parse().unwrap(), "gul", "@"));
    let site = site(&[of_group, event(2, "Of a person", "2026-03-08T18:00:00Z")], &[]);
    let answer = events(&site, "").await;
    let [of_group, of_person] = [0, 1].map(|n| &answer["data"][n]);
    assert_eq!((&of_group["creator"]["name"], &of_group["creator"]["host"]), (&json!("gul"), &json!("groups.example")));
    assert_eq!(of_group["group"], of_group["creator"]);
    assert_eq!((&of_person["creator"]["name"], &of_person["group"]), (&json!("ada"), &Value::Null));
    assert_eq!(titles(&site, "group=GUL@groups.example").await, ["Of a group"]);
    assert_eq!(titles(&site, "group=gul@agenda.example").await, [""; 0]);
}

#[tokio::test]
async fn checklist_11_text_is_folded_html_is_clean_and_no_language_is_one() {
    let site = site(
        &[
            changed(1, "Fête d'ÉTÉ", |event| {
                event.description = Some("<p onclick=x()>Ça <script>alert(1)</script>bouge<img src=a></p>".to_owned());
            }),
            changed(2, "Unknown", |event| event.language = None),
        ],
        &[Group {
            summary: Some("<p>Des <b>ateliers</b><script>x()</script></p>".to_owned()),
            ..group_on("agenda.example", "gul", "Linux", 3)
        }],
    );
    assert_eq!(groups(&site, "search=ateliers").await["data"][0]["description"], "<p>Des <b>ateliers</b></p>");
    assert_eq!(titles(&site, "search=fete+ete").await, ["Fête d'ÉTÉ"]);
    assert_eq!(titles(&site, "search=ca+bouge").await, ["Fête d'ÉTÉ"]);
    assert_eq!(titles(&site, "search=alert").await, [""; 0]);
    let content = events(&site, "search=fete").await["data"][0]["content"].clone();
    assert!(!["script", "onclick", "img"].iter().any(|part| content.as_str().unwrap().contains(part)), "{content}");
    assert_eq!(titles(&site, "languageOneOf[]=und").await, ["Unknown"]);
    assert_eq!(titles(&site, "languageOneOf[]=fr").await, ["Fête d'ÉTÉ"]);
    assert_eq!(titles(&site, "boostLanguages[]=de").await.len(), 2, "a boost is no filter");
}

#[tokio::test]
async fn checklist_12_what_only_our_own_clients_ask_for() {
    let events = [
        changed(1, "online", |event| event.is_online = true),
        changed(2, "tagged", |event| event.tags = vec!["Vélo".to_owned(), "Paris".to_owned()]),
        changed(3, "half tagged", |event| event.tags = vec!["velo".to_owned()]),
        event_on("other.example", 4, "elsewhere", DAY),
        changed(5, "by approval", |event| event.join_mode = Some(JoinMode::Restricted)),
        changed(6, "full", |event| (event.capacity, event.n_participants) = (Some(10), Some(10))),
        changed(7, "accessible", |event| {
            event.metadata = [("wheelchairAccessible", "fully"), ("live:subtitle", "true")]
                .map(|(key, value)| (format!("mz:accessibility:{key}"), value.to_owned()))
                .to_vec();
        }),
        changed(8, "long", |event| event.time.ends_at = Some(time("2026-06-01T00:00:00Z"))),
        changed(9, "near", |event| event.address = place("Near", 45.76, 4.84)),
        changed(10, "nearer", |event| event.address = place("Nearer", 45.75, 4.85)),
        changed(11, "far", |event| event.address = place("Far", 48.85, 2.35)),
    ];
    let site = site(&events, &[]);
    for (query, expected) in [
        ("isOnline=true", &["online"][..]),
        ("tagsOneOf[]=%23VELO", &["half tagged", "tagged"]),
        ("tagsAllOf=velo,paris", &["tagged"]),
        ("hostOneOf[]=other.example", &["elsewhere"]),
        ("host=OTHER.example", &["elsewhere"]),
        ("hostOneOf=127.0.0.1", &[]),
        ("joinMode=restricted", &["by approval"]),
        ("hasFreePlaces=false", &["full"]),
        ("accessible=wheelchair", &["accessible"]),
        ("accessible=wheelchair,subtitle", &["accessible"]),
        ("accessible=wheelchair,smoke_free", &[]),
        ("isLong=true", &["long"]),
        ("search=%23v%C3%A9lo", &["half tagged", "tagged"]),
    ] {
        assert_eq!(sorted(titles(&site, query).await), expected, "{query}");
    }
    assert_eq!(titles(&site, "isOnline=false&count=0").await.len(), 0);
    let nearest = format!("{}&sort=distance", around(45.75, 4.85, "20000_km"));
    assert_eq!(titles(&site, &nearest).await, ["nearer", "near", "far"]);
    assert_eq!(titles(&site, &nearest.replace("=distance", "=-distance")).await, ["far", "near", "nearer"]);
    let answer = super::fixture::events(&site, &nearest).await;
    let distances: Vec<u64> = (0..3).map(|n| answer["data"][n]["distance"].as_u64().unwrap()).collect();
    assert_eq!((distances[0], distances[1] / 100, distances[2] / 1000), (0, 13, 392), "{distances:?}");
    let anywhere = format!("{}&sort=distance", around(45.75, 4.85, "anywhere"));
    assert_eq!(titles(&site, &anywhere).await[..3], ["nearer", "near", "far"], "what is nowhere comes last");
    assert_eq!(super::fixture::events(&site, &anywhere).await["total"], 11);
    for query in ["isOnline=perhaps", "joinMode=gladly", "accessible=flying", "hasFreePlaces=2"] {
        let answer = site.get(&format!("/api/v1/search/events?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: nothing that Mobilizon sends");
    }
}

#[tokio::test]
async fn checklist_12_groups_by_openness_handle_host_and_distance() {
    let mut near = group_on("a.example", "near", "Near", 1);
    near.address = place("Near", 45.76, 4.84);
    let mut far = group_on("b.example", "far", "Far", 5);
    far.address = place("Far", 48.85, 2.35);
    far.openness = Some(Openness::InviteOnly);
    let site = site(&[], &[near, far, group_on("b.example", "nowhere", "Nowhere", 9)]);
    assert_eq!(names(&site, "").await, ["nowhere", "far", "near"], "most members first");
    assert_eq!(names(&site, "openness=invite_only").await, ["far"]);
    assert_eq!(names(&site, "handles=Near@a.example").await, ["near"]);
    assert_eq!(names(&site, "hostOneOf=b.example").await, ["nowhere", "far"]);
    assert_eq!(names(&site, "blockedHosts=b.example").await, ["near"]);
    assert_eq!(
        names(&site, &format!("{}&sort=distance", around(45.75, 4.85, "anywhere"))).await,
        ["near", "far", "nowhere"]
    );
    assert_eq!(names(&site, &around(45.75, 4.85, "5_km")).await, ["near"]);
    assert_eq!(names(&site, "sort=memberCount").await, ["near", "far", "nowhere"]);
    assert_eq!(names(&site, "search=near@a.example").await, ["near"], "a handle names one");
    assert_eq!(site.get("/api/v1/search/groups?openness=ajar").await.status, 400);
}

#[tokio::test]
async fn checklist_12_a_muted_group_is_muted_with_what_it_puts_on() {
    let (a, b) = ("a.example".parse().unwrap(), "b.example".parse().unwrap());
    let of_group = |n, title: &str, group: Option<journal::record::Actor>| {
        let mut event = event_on("a.example", n, title, DAY);
        event.group = group;
        event
    };
    let mut by_another = event_on("a.example", 4, "by another", DAY);
    by_another.organizer = Some(actor(&a, "bob", "@"));
    let events = [
        of_group(1, "alone", None),
        of_group(2, "of gul", Some(actor(&a, "Gul", "@"))),
        of_group(3, "of gul elsewhere", Some(actor(&b, "gul", "@"))),
        by_another,
    ];
    let site = site(&events, &[group_on("a.example", "Gul", "Gul", 1), group_on("b.example", "gul", "Gul", 2)]);
    let left = async |query: &str| {
        let mut left = titles(&site, query).await;
        left.sort_unstable();
        left
    };
    assert_eq!(left("blockedAccounts=@gul@a.example").await, ["alone", "by another", "of gul elsewhere"]);
    assert_eq!(left("blockedAccounts=GUL@b.example").await, ["alone", "by another", "of gul"]);
    assert_eq!(left("blockedAccounts=ada@a.example").await, ["by another"], "also what she puts on for a group");
    assert_eq!(left("blockedAccounts=ada@a.example,bob@a.example,x").await.len(), 0);
    assert_eq!(names(&site, "blockedAccounts=gul@a.example").await.len(), 1);
}

#[tokio::test]
async fn checklist_13_what_comes_first_is_what_starts_first() {
    let lasting = changed(1, "lasting", |event| {
        event.time.starts_at = time("2026-01-01T00:00:00Z");
        event.time.ends_at = Some(time("2026-12-31T00:00:00Z"));
    });
    let cancelled = changed(5, "cancelled", |event| event.status = EventStatus::Cancelled);
    let site = site(
        &[
            lasting,
            event(2, "tomorrow", "2026-03-08T18:00:00Z"),
            event(3, "today", DAY),
            event(4, "over", "2026-03-06T18:00:00Z"),
            cancelled,
        ],
        &[],
    );
    let query = "startDateMin=2026-03-07T12:00:00Z&statusOneOf[]=CONFIRMED&statusOneOf[]=TENTATIVE";
    assert_eq!(titles(&site, query).await, ["lasting", "today", "tomorrow"]);
    assert_eq!(titles(&site, "startDateMax=2026-03-07T12:00:00Z").await, ["over"], "the past on request");
    assert_eq!(titles(&site, "statusOneOf=CANCELLED").await, ["cancelled"]);
    let window = "startDateMin=2026-03-07T00:00:00Z&startDateMax=2026-03-08T00:00:00Z&statusOneOf=CONFIRMED";
    assert_eq!(titles(&site, window).await, ["lasting", "today"], "what overlaps the day");
}

#[test]
fn checklist_14_the_document_has_the_lines_for_admins() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let text = std::fs::read_to_string(path).unwrap();
    for part in [
        "config :mobilizon, :search, global: [is_default_search: true, is_enabled: true]",
        "service: Mobilizon.Service.GlobalSearch.SearchMobilizon",
        "endpoint: \"https://search.example.org\"",
        "csp_policy: [img_src: [\"search.example.org\"]]",
        "/etc/mobilizon/config.exs",
        "is_default_search",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn checklist_15_distances_and_date_lines_are_what_they_say() {
    let at = |n, title: &str, lat, lon| changed(n, title, |event| event.address = place("Somewhere", lat, lon));
    let site = site(
        &[
            at(1, "fiji", -17.0, 179.0),
            at(2, "samoa", -14.0, -172.0),
            at(3, "pole", 90.0, 0.0),
            at(4, "paris", 48.8566, 2.3522),
        ],
        &[],
    );
    for bbox in ["-10, 178:-20, -170", "-10,178:-20,190", "-10,-182:-20,-170", "-20,178:-10,-170"] {
        let found = titles(&site, &format!("bbox={}", encoded(bbox))).await;
        assert_eq!(sorted(found), ["fiji", "samoa"], "{bbox}");
    }
    for distance in ["10_km", "10.0_km", "1e1_km", "10", "10000_m", "6.3_mi", "10km"] {
        assert_eq!(titles(&site, &around(48.9, 2.4, distance)).await, ["paris"], "{distance}");
    }
    assert_eq!(titles(&site, &around(48.9, 2.4, "5_km")).await, [""; 0]);
    assert_eq!(titles(&site, &around(48.9, 2.4, "5_mi")).await, ["paris"]);
    assert_eq!(titles(&site, &around(48.9, 362.4, "10_km")).await, ["paris"], "another turn around the globe");
    assert_eq!(titles(&site, "latlon=48.9,2.4").await, ["paris"], "fifty kilometres where nothing is said");
}

#[tokio::test]
async fn case_121_places_beyond_reason_are_bounded_or_refused() {
    let at = |n, title: &str, lat, lon| changed(n, title, |event| event.address = place("Somewhere", lat, lon));
    let site = site(
        &[
            at(1, "paris", 48.8566, 2.3522),
            at(2, "north", 89.9, 170.0),
            at(3, "south", -90.0, 0.0),
            event(4, "none", DAY),
        ],
        &[],
    );
    for (query, expected) in [
        (around(48.9, 2.4, "1e9_km"), &["north", "paris", "south"][..]),
        (around(48.9, 2.4, "1e400_km"), &["north", "paris", "south"]),
        (around(48.8566, 2.3522, "-5_km"), &["paris"]),
        (around(48.9, 2.4, "-5_km"), &[]),
        (around(2.4, 48.9, "50_km"), &[]),
        (around(90.0, 0.0, "100_km"), &["north"]),
        (around(90.0, -123.0, "20000_km"), &["north", "paris"]),
        ("bbox=49,3:48,2".to_owned(), &["paris"]),
        ("bbox=48,2:49,3".to_owned(), &["paris"]),
        ("bbox=49,2:48,3".to_owned(), &["paris"]),
        ("bbox=90,-180:85,180".to_owned(), &["north"]),
        ("bbox=500,-5000:-500,5000".to_owned(), &["north", "paris", "south"]),
    ] {
        let expected: Vec<&str> = match query.as_str() {
            // West of its west lies what is east of its east.
            "bbox=49,3:48,2" => Vec::new(),
            _ => expected.to_vec(),
        };
        assert_eq!(sorted(titles(&site, &query).await), expected, "{query}");
    }
    for query in [
        "latlon=91:0",
        "latlon=NaN:0",
        "latlon=0:inf",
        "latlon=Paris",
        "latlon=48.9:2.4&distance=NaN_km",
        "latlon=48.9:2.4&distance=far",
        "bbox=NaN,1:2,3",
        "bbox=1,2,3",
        "bbox=everywhere",
    ] {
        for route in ROUTES {
            let answer = site.get(&format!("{route}?{query}")).await;
            assert_eq!(answer.status, 400, "{query}");
            assert!(answer.json()["detail"].as_str().unwrap().starts_with("Incorrect request parameters"), "{query}");
        }
    }
}

#[tokio::test]
async fn a_long_text_is_cut_and_hostile_text_is_only_text() {
    let site = site(&[event(1, "Concert", DAY)], &[group_on("agenda.example", "gul", "Linux", 3)]);
    let long = format!("concert {}", "concert ".repeat(4_000));
    assert_eq!(titles(&site, &format!("search={}", encoded(&long))).await, ["Concert"]);
    for text in ["\"", "AND OR NOT", "*", "%00%ff", "((", "<script>", "🎉", "title:x", "-", "\u{202e}"] {
        for route in ROUTES {
            let answer = site.get(&format!("{route}?search={}", encoded(text))).await;
            assert_eq!(answer.status, 200, "{text}");
        }
    }
    assert_eq!(titles(&site, "search=%FF%FEconcert").await.len(), 1, "bytes that are no text part words");
}

#[tokio::test]
async fn languages_are_compared_by_their_first_part() {
    let in_language = |n, language: &str| changed(n, language, |event| event.language = Some(language.to_owned()));
    let site = site(
        &[(1, "pt"), (2, "zh"), (3, "nb"), (4, "no"), (5, "nn"), (6, "en")].map(|(n, tag)| in_language(n, tag)),
        &[],
    );
    for (query, expected) in [
        ("languageOneOf[]=pt_BR", &["pt"][..]),
        ("languageOneOf[]=PT-br", &["pt"]),
        ("languageOneOf[]=zh_Hans&languageOneOf[]=zh_Hant", &["zh"]),
        ("languageOneOf[]=nn", &["nb", "nn", "no"]),
        ("languageOneOf[]=nb", &["nb", "nn", "no"]),
        ("languageOneOf[]=en,pt_BR", &["en", "pt"]),
    ] {
        assert_eq!(sorted(titles(&site, query).await), expected, "{query}");
    }
}

#[tokio::test]
async fn a_boost_lifts_its_languages_and_lets_unknown_ones_alone() {
    let concert = |n, title: &str, language: Option<&str>| {
        changed(n, title, |event| {
            event.description = None;
            event.language = language.map(str::to_owned);
        })
    };
    let site = site(
        &[concert(1, "Fest eins", Some("de")), concert(2, "Fest zwei", Some("fr")), concert(3, "Fest drei", None)],
        &[],
    );
    let score = |answer: &Value, title: &str| {
        let item = answer["data"].as_array().unwrap().iter().find(|item| item["name"] == title).unwrap();
        item["score"].as_f64().unwrap()
    };
    let plain = events(&site, "search=fest").await;
    assert_eq!(plain["total"], 3);
    let boosted = events(&site, "search=fest&boostLanguages[]=de_DE").await;
    assert!((score(&boosted, "Fest eins") - score(&plain, "Fest eins")).abs() < 1e-6);
    assert!((score(&boosted, "Fest drei") - score(&plain, "Fest drei")).abs() < 1e-6);
    assert!((score(&boosted, "Fest zwei") * 2.0 - score(&plain, "Fest zwei")).abs() < 1e-6);
}
