//! Events and groups in the search of every kind: what is found, in which order, and counted.

use jiff::{SignedDuration, Timestamp};
use journal::record::{Event, EventStatus, JoinMode, Record};
use serde_json::Value;

use crate::fixture::{Site, encoded, names, video};
use crate::mobilizon::fixture::{event, event_on, group_on, place, site};

/// An event that starts so many hours from now.
fn in_hours(n: u64, title: &str, hours: i64) -> Event {
    let starts_at = Timestamp::now() + SignedDuration::from_hours(hours);
    event(n, title, &starts_at.to_string())
}

fn at(mut event: Event, lat: f64, lon: f64) -> Event {
    event.address = place("Salle", lat, lon);
    event
}

async fn ask(site: &Site, query: &str) -> Value {
    site.ask(&format!("/api/v1/search?{query}")).await
}

async fn titles(site: &Site, query: &str) -> Vec<String> {
    let answer = ask(site, &format!("kinds=events&{query}")).await;
    names(&answer["kinds"]["event"])
}

fn set(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[tokio::test]
async fn one_request_finds_every_kind() {
    let events = [in_hours(1, "Rust evening", 24)];
    let groups = [group_on("agenda.example", "rust", "Rust friends", 3)];
    let mut records: Vec<Record> = crate::mobilizon::fixture::records(&events, &groups);
    records.push(Record::Video(Box::new(video(1, "Rust in an hour"))));
    let site = Site::of_records(&records);
    let answer = ask(&site, "search=rust").await;
    let kinds: Vec<&String> = answer["kinds"].as_object().unwrap().keys().collect();
    assert_eq!(kinds, ["channel", "event", "group", "playlist", "video"]);
    for kind in ["event", "group", "video"] {
        let hit = &answer["kinds"][kind]["data"][0];
        assert_eq!((hit["kind"].as_str(), answer["kinds"][kind]["total"].as_u64()), (Some(kind), Some(1)));
        let marked = |piece: &Value| piece["isMatch"] == true && piece["text"] == "Rust";
        assert!(hit["snippet"]["title"].as_array().unwrap().iter().any(marked), "{hit}");
    }
    let some = ask(&site, "search=rust&kinds=events,groups").await;
    assert_eq!(some["kinds"].as_object().unwrap().len(), 2);
    assert_eq!((some["timeZone"].as_str(), some.get("near")), (Some("UTC"), None));
}

#[tokio::test]
async fn a_filter_leaves_out_the_kinds_that_cannot_pass_it() {
    let site = site(&[in_hours(1, "a", 24)], &[group_on("agenda.example", "b", "b", 1)]);
    for (query, kinds) in [
        ("when=week", &["event"][..]),
        ("isOnline=true", &["event"]),
        ("categoryOneOf=MUSIC", &["event"]),
        ("category=music,sports", &["event"]),
        ("categoryOneOf=11", &["video"]),
        ("near=Lyon", &["event", "group"]),
        ("latlon=45.7:4.8", &["event", "group"]),
        ("bbox=46,4:45,5", &["event", "group"]),
        ("openness=open", &["group"]),
        ("languageOneOf=fr", &["event", "group", "video"]),
        ("tagsOneOf=jazz", &["event", "video"]),
        ("isLive=true", &["video"]),
        ("nsfw=true", &["video"]),
        ("durationMin=5", &["video"]),
        ("uuids=9c9de5e8-0a1e-484a-b099-e80766180a6d", &["playlist", "video"]),
        ("when=&tz=&near=&bbox=&isLive=false&when=", &["video"]),
        ("lang=fr&tz=Europe/Paris&radius=5", &["channel", "event", "group", "playlist", "video"]),
    ] {
        let answer = ask(&site, query).await;
        let found: Vec<&String> = answer["kinds"].as_object().unwrap().keys().collect();
        assert_eq!(found, kinds, "{query}");
        assert_eq!(answer["omitted"].as_object().unwrap().len(), 5 - kinds.len(), "{query}");
    }
}

#[tokio::test]
async fn what_comes_and_is_not_cancelled_is_found_unless_more_is_asked_for() {
    let mut off = in_hours(3, "off", 24);
    off.status = EventStatus::Cancelled;
    let mut maybe = in_hours(4, "maybe", 24);
    maybe.status = EventStatus::Tentative;
    let site =
        site(&[in_hours(1, "running", -1), in_hours(2, "over", -48), off, maybe, in_hours(5, "far", 24 * 200)], &[]);
    assert_eq!(set(titles(&site, "").await), ["far", "maybe", "running"]);
    assert_eq!(titles(&site, "when=past").await, ["over"]);
    assert_eq!(titles(&site, "statusOneOf=CANCELLED").await, ["off"]);
    assert_eq!(titles(&site, "status=tentative").await, ["maybe"]);
    assert_eq!(set(titles(&site, "when=month").await), ["maybe", "running"]);
    let day = (Timestamp::now() + SignedDuration::from_hours(24 * 200)).strftime("%F").to_string();
    assert_eq!(titles(&site, &format!("when={day}")).await, ["far"]);
    assert_eq!(set(titles(&site, "startDateMin=2000-01-01T00:00:00Z").await), ["far", "maybe", "over", "running"]);
}

#[tokio::test]
async fn sooner_and_nearer_and_better_known_come_first() {
    let lyon = |event| at(event, 45.75, 4.85);
    let villeurbanne = |event| at(event, 45.77, 4.88);
    let grenoble = |event| at(event, 45.18, 5.72);
    let mut liked = lyon(in_hours(6, "liked", 24 * 6));
    liked.n_participants = Some(5_000);
    let site = site(
        &[
            lyon(in_hours(1, "tomorrow", 24)),
            lyon(in_hours(2, "next week", 24 * 8)),
            lyon(in_hours(3, "next year", 24 * 300)),
            grenoble(in_hours(4, "tomorrow in Grenoble", 24)),
            villeurbanne(in_hours(5, "tomorrow next door", 24)),
            liked,
            in_hours(7, "tomorrow nowhere", 24),
        ],
        &[],
    );
    let in_time = titles(&site, "near=Lyon&radius=1_km").await;
    assert_eq!(in_time, ["liked", "tomorrow", "next week", "next year"], "time, and people");
    let in_space = titles(&site, "near=45.75,4.85&radius=anywhere&when=month").await;
    let order = |title: &str| in_space.iter().position(|known| known == title).unwrap();
    assert!(order("tomorrow") < order("tomorrow next door"), "{in_space:?}");
    assert!(order("tomorrow next door") < order("tomorrow in Grenoble"), "{in_space:?}");
    assert!(order("tomorrow in Grenoble") < order("tomorrow nowhere"), "{in_space:?}");
    let by_start = titles(&site, "sort=startTime&near=Lyon&radius=1_km").await;
    assert_eq!(by_start, ["tomorrow", "liked", "next week", "next year"]);
    let by_distance = titles(&site, "sort=distance&near=45.75,4.85&radius=200_km&when=tomorrow&tz=UTC").await;
    assert!(by_distance.is_empty() || by_distance.first().is_some_and(|first| first == "tomorrow"), "{by_distance:?}");
    let answer = ask(&site, "kinds=events&near=45.75,4.85&radius=100_km&sort=distance").await;
    assert_eq!(answer["kinds"]["event"]["sort"], "distance");
    let distances: Vec<u64> = answer["kinds"]["event"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["distance"].as_u64().unwrap())
        .collect();
    assert!(distances.is_sorted() && distances.last().is_some_and(|last| *last > 50_000), "{distances:?}");
}

#[tokio::test]
async fn words_weigh_more_than_some_days_and_less_than_a_month() {
    let titled = |n, hours, title: &str, description: &str| {
        let mut event = in_hours(n, title, hours);
        event.description = Some(format!("<p>{description}</p>"));
        event
    };
    let site = site(
        &[
            titled(1, 24 * 3, "Jazz night", "Music in the park"),
            titled(2, 24, "Picnic", "With some jazz after the cake and the games and the long walk"),
            titled(3, 24 * 30, "Jazz night", "Music in the park"),
            titled(4, 24, "Knitting", "Wool"),
            titled(5, 24 * 2, "Jazz night", "Music in the park"),
        ],
        &[],
    );
    let answer = ask(&site, "kinds=events&search=jazz").await;
    let hits = answer["kinds"]["event"]["data"].as_array().unwrap();
    let order: Vec<&str> = hits.iter().map(|hit| hit["uuid"].as_str().unwrap().rsplit('-').next().unwrap()).collect();
    assert_eq!(order, ["000000000005", "000000000001", "000000000002", "000000000003"]);
    assert_eq!(titles(&site, "search=jazz&sort=startTime").await.first().unwrap(), "Picnic");
    let answer = ask(&site, "kinds=events&search=jazz&sort=views").await;
    assert_eq!(answer["kinds"]["event"]["sort"], "-relevance", "an order that events do not have");
}

#[tokio::test]
async fn facets_count_what_events_and_groups_are() {
    let mut one = in_hours(1, "one", 24);
    one.category = Some("MUSIC".to_owned());
    one.tags = vec!["Jazz".to_owned(), "danse".to_owned()];
    one.is_online = true;
    let mut two = event_on("other.example", 2, "two", &one.time.starts_at.to_string());
    two.category = Some("SPORTS".to_owned());
    two.tags = vec!["jazz".to_owned()];
    two.language = Some("de".to_owned());
    two.join_mode = Some(JoinMode::Restricted);
    two.capacity = Some(5);
    two.n_participants = Some(5);
    let mut three = in_hours(3, "three", 24);
    three.status = EventStatus::Cancelled;
    let site = site(&[one, two, three], &[group_on("agenda.example", "g", "one", 1)]);
    {
        let answer = ask(&site, "facets=all").await;
        let facet = |kind: &str, name: &str| -> Vec<(String, String, u64)> {
            let values = answer["facets"][kind][name]["values"].as_array().unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            values.iter().map(|v| (text(&v["id"]), text(&v["label"]), v["count"].as_u64().unwrap())).collect()
        };
        let row = |id: &str, label: &str, n| (id.to_owned(), label.to_owned(), n);
        assert_eq!(facet("event", "category"), [row("MUSIC", "Music", 1), row("SPORTS", "Sports", 1)]);
        assert_eq!(facet("event", "language"), [row("de", "de", 1), row("fr", "fr", 1)]);
        assert_eq!(
            facet("event", "tag").iter().map(|(id, _, n)| (id.as_str(), *n)).collect::<Vec<_>>(),
            [("jazz", 2), ("danse", 1)]
        );
        assert_eq!(
            facet("event", "host"),
            [row("agenda.example", "agenda.example", 1), row("other.example", "other.example", 1)]
        );
        // Its own choice is taken away, so what the usual choice hides is counted.
        let statuses =
            [row("CONFIRMED", "Confirmed", 2), row("CANCELLED", "Cancelled", 1), row("TENTATIVE", "Tentative", 0)];
        assert_eq!(facet("event", "status"), statuses);
        assert_eq!(facet("event", "joinMode"), [row("free", "Free to join", 1), row("restricted", "On approval", 1)]);
        assert_eq!(facet("event", "isOnline"), [row("false", "In person", 1), row("true", "Online", 1)]);
        assert_eq!(facet("event", "hasFreePlaces"), [row("false", "Full", 1), row("true", "With places left", 1)]);
        assert_eq!(facet("group", "openness"), [row("open", "Open", 1)]);
        assert_eq!(facet("group", "host"), [row("agenda.example", "agenda.example", 1)]);
    }
    let chosen = ask(&site, "kinds=events&facets=category,tag&categoryOneOf=MUSIC").await;
    let categories = chosen["facets"]["event"]["category"]["values"].as_array().unwrap();
    assert_eq!(categories.len(), 2, "one choice does not hide the others");
    assert_eq!((&categories[0]["isSelected"], &categories[1]["isSelected"]), (&true.into(), &false.into()));
    assert_eq!(categories[0]["params"]["categoryOneOf"], "MUSIC");
    assert_eq!(chosen["facets"]["event"]["tag"]["values"][0]["count"], 1, "the others follow it");
}

#[tokio::test]
async fn the_place_that_was_understood_is_told() {
    let site = site(&[at(in_hours(1, "a", 24), 48.21, 16.37)], &[]);
    let answer = ask(&site, "near=wien&lang=fr").await;
    assert_eq!(answer["near"]["label"], "Vienne, AT");
    assert_eq!(answer["timeZone"], "Europe/Vienna");
    assert_eq!(answer["kinds"]["event"]["total"], 1);
    let answer = ask(&site, &format!("near={}", encoded("48.2,16.4"))).await;
    assert_eq!((&answer["near"]["label"], &answer["timeZone"]), (&Value::Null, &"UTC".into()));
    for (query, param) in [
        ("near=Atlantis-on-Sea", "near"),
        ("tz=Mars/Olympus", "tz"),
        ("when=someday", "when"),
        ("categoryOneOf=NONSENSE", "categoryOneOf"),
    ] {
        let answer = site.get(&format!("/api/v1/search?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["errors"][param]["msg"].is_string(), "{query}");
    }
}

#[tokio::test]
async fn categories_have_names() {
    let site = site(&[in_hours(1, "a", 24)], &[]);
    let french = site.ask("/api/v1/categories?lang=fr").await;
    assert_eq!((french["kind"].as_str(), french["data"].as_array().unwrap().len()), (Some("event"), 30));
    assert!(french["data"].as_array().unwrap().contains(&serde_json::json!({"id": "MUSIC", "label": "Musique"})));
    assert_eq!(site.ask("/api/v1/categories?kind=event&lang=xx").await["data"][0]["label"], "Arts");
    assert_eq!(site.get("/api/v1/categories?kind=video").await.status, 400);
}

#[tokio::test]
async fn the_occurrences_of_a_series_are_one_result_when_asked_for() {
    let course = |n, days: i64| {
        let mut event = in_hours(n, "Course", 24 * days);
        event.series = Some("7".to_owned());
        event
    };
    let site = site(&[course(1, 15), course(2, 8), course(3, 1), course(4, 22), in_hours(5, "Concert", 24 * 2)], &[]);
    assert_eq!(titles(&site, "sort=startTime").await, ["Course", "Concert", "Course", "Course", "Course"]);
    let answer = ask(&site, "kinds=events&sort=startTime&groupBy=series").await;
    let page = &answer["kinds"]["event"];
    assert_eq!((names(page), page["total"].as_u64()), (vec!["Course".to_owned(), "Concert".to_owned()], Some(2)));
    assert_eq!((&page["data"][0]["occurrences"], &page["data"][1]["occurrences"]), (&4.into(), &1.into()));
    assert!(page["data"][0]["uuid"].as_str().unwrap().ends_with("003"), "the next one");
    let latest = ask(&site, "kinds=events&sort=-startTime&groupBy=series&count=1").await;
    assert!(latest["kinds"]["event"]["data"][0]["uuid"].as_str().unwrap().ends_with("003"), "whatever the order");
    let words = ask(&site, "kinds=events&search=course&groupBy=series&start=1").await;
    assert_eq!((words["kinds"]["event"]["total"].as_u64(), names(&words["kinds"]["event"])), (Some(1), vec![]));
    assert_eq!(site.get("/api/v1/search?groupBy=colour").await.status, 400);
}
