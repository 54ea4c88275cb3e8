//! Fake Mobilizon hosts answer as Mobilizon does, version by version.

use std::net::SocketAddr;

use serde_json::{Value, json};
use simulator::mobilizon::{
    AddressSpec, CraftedMobilizon, EventStatus, MobilizonCatalogue, MobilizonHost, MobilizonVersion, Visibility,
};
use simulator::{Fediverse, HostSetup, uuid_of};

use crate::client::{self, NOW};

const FIELDS: &str = "uuid url local title draft visibility status";

fn now() -> jiff::Timestamp {
    NOW.parse().unwrap()
}

async fn start(host: MobilizonHost) -> (Fediverse, SocketAddr) {
    let name = host.name.clone();
    let fediverse =
        Fediverse::builder().virtual_time(now()).host(HostSetup::mobilizon(host)).start().await.expect("a host");
    let address = fediverse.resolve()[&name];
    (fediverse, address)
}

async fn ask(address: SocketAddr, query: &str, variables: Value) -> Value {
    let reply = client::post(address, "/api", &json!({ "query": query, "variables": variables })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn small(version: MobilizonVersion) -> CraftedMobilizon {
    CraftedMobilizon::new("agenda.example", version, now())
        .group("choir", "The choir", |_| {})
        .event(uuid_of("concert"), "A concert", |event| event.group = Some("choir".to_owned()))
        .event(uuid_of("past"), "A past one", |event| {
            event.begins_on = "2025-01-01T10:00:00Z".parse().unwrap();
            event.ends_on = Some("2025-01-01T12:00:00Z".parse().unwrap());
        })
        .event(uuid_of("draft"), "A draft", |event| event.draft = true)
        .event(uuid_of("unlisted"), "An unlisted one", |event| event.visibility = Visibility::Unlisted)
        .event(uuid_of("private"), "A private one", |event| event.visibility = Visibility::Private)
        .event(uuid_of("cancelled"), "A cancelled one", |event| event.status = EventStatus::Cancelled)
        .event(uuid_of("remote"), "A remote one", |event| event.host = "other.example".to_owned())
}

fn titles(list: &Value) -> Vec<&str> {
    let mut titles: Vec<&str> =
        list["elements"].as_array().unwrap().iter().filter_map(|element| element["title"].as_str()).collect();
    titles.sort_unstable();
    titles
}

#[tokio::test]
async fn a_search_lists_what_its_version_lists() {
    for version in MobilizonVersion::ALL {
        let (fediverse, address) = start(small(version).host()).await;
        let query = format!("{{ searchEvents {{ total elements {{ ... on Event {{ {FIELDS} }} }} }} }}");
        let reply = ask(address, &query, json!({})).await;
        let found = &reply["data"]["searchEvents"];
        // Drafts leaked in 1.1; the past is left out unless it is asked for.
        let mut expected = vec!["A cancelled one", "A concert", "A remote one"];
        if version == MobilizonVersion::V1_1 {
            expected.insert(2, "A draft");
        }
        assert_eq!(titles(found), expected, "{version:?}");
        assert_eq!(found["total"], expected.len());
        fediverse.shutdown().await;
    }
}

#[tokio::test]
async fn a_variable_left_out_is_now_and_null_is_no_bound() {
    let query = "query Q($from: DateTime) { searchEvents(beginsOn: $from, limit: 50) { total } }";
    for version in MobilizonVersion::ALL {
        let (fediverse, address) = start(small(version).host()).await;
        let leaked = usize::from(version == MobilizonVersion::V1_1);
        let total = |reply: Value| reply["data"]["searchEvents"]["total"].as_u64().unwrap() as usize;
        assert_eq!(total(ask(address, query, json!({})).await), 3 + leaked);
        assert_eq!(total(ask(address, query, json!({ "from": "2000-01-01T00:00:00Z" })).await), 4 + leaked);
        let reply = client::post(address, "/api", &json!({ "query": query, "variables": { "from": null } })).await;
        if version == MobilizonVersion::V1_1 {
            assert_eq!(reply.status, 500);
        } else {
            assert_eq!(total(reply.json()), 4);
        }
        fediverse.shutdown().await;
    }
}

#[tokio::test]
async fn what_a_version_does_not_know_is_an_error_that_names_it() {
    let (fediverse, address) = start(small(MobilizonVersion::V1_1).host()).await;
    let reply = ask(address, "{ searchEvents(searchTarget: SELF) { total } }", json!({})).await;
    assert_eq!(reply.get("data"), None);
    assert_eq!(
        reply["errors"][0]["message"],
        "Unknown argument \"searchTarget\" on field \"searchEvents\" of type \"RootQueryType\"."
    );
    let reply = ask(address, "{ searchEvents { elements { ... on Event { language } } } }", json!({})).await;
    assert_eq!(reply["errors"][0]["message"], "Cannot query field \"language\" on type \"Event\".");
    let reply = ask(address, "query Q($t: SearchTarget) { searchEvents(searchTarget: $t) { total } }", json!({})).await;
    assert_eq!(reply["errors"][0]["message"], "Unknown type \"SearchTarget\".");
    let host = fediverse.host("agenda.example").unwrap();
    let refused = host.mobilizon().unwrap().refused_queries().to_vec();
    assert!(refused.contains(&"Unknown type \"SearchTarget\".".to_owned()) && refused.len() >= 3, "{refused:?}");
    fediverse.shutdown().await;

    let (fediverse, address) = start(small(MobilizonVersion::V3_0).host()).await;
    let reply = ask(address, "{ searchEvents(searchTarget: SELF) { total } }", json!({})).await;
    assert_eq!(reply["errors"][0]["message"], "Argument \"searchTarget\" has invalid value SELF.");
    let query = "query Q($t: SearchTarget) { searchEvents(searchTarget: $t) { total } }";
    assert!(ask(address, query, json!({ "t": "SELF" })).await.get("data").is_none());
    assert!(ask(address, query, json!({ "t": "INTERNAL" })).await.get("errors").is_none());
    let reply = client::post(address, "/api", &json!({ "query": "{ searchEvents { " })).await;
    assert_eq!(reply.status, 400);
    let reply = client::post(address, "/api", &json!({ "query": "{ config { name } }", "variables": 3 })).await;
    assert_eq!(reply.status, 400);
    fediverse.shutdown().await;
}

#[tokio::test]
async fn a_query_that_selects_too_much_is_refused() {
    let (fediverse, address) = start(small(MobilizonVersion::V1_1).host()).await;
    let many: String = (0..201).map(|nth| format!("a{nth}: config {{ name }} ")).collect();
    let reply = ask(address, &format!("query Q {{ {many} }}"), json!({})).await;
    let message = reply["errors"][0]["message"].as_str().unwrap();
    assert!(message.ends_with("is too complex: complexity is 402 and maximum is 200"), "{message}");
    fediverse.shutdown().await;
}

#[tokio::test]
async fn targets_and_pages_and_orders_are_kept() {
    let host = MobilizonCatalogue::new(5, now(), 8).host(5, 60, 5).unwrap();
    assert_eq!(host.version, MobilizonVersion::V5_1);
    let mut expected: Vec<_> = host.listed_events().map(|event| (event.begins_on, event.uuid.to_string())).collect();
    expected.sort();
    let (fediverse, address) = start(host).await;
    let query = "query Q($page: Int!) { searchEvents(searchTarget: SELF, beginsOn: null, sortBy: START_TIME_ASC, page: $page, limit: 25) \
                 { total elements { __typename ... on Event { uuid local } } } }";
    let mut uuids = Vec::new();
    for page in 1..=4 {
        let reply = ask(address, query, json!({ "page": page })).await;
        assert_eq!(reply["data"]["searchEvents"]["total"], 60);
        for element in reply["data"]["searchEvents"]["elements"].as_array().unwrap() {
            assert_eq!(element["local"], true);
            uuids.push(element["uuid"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(uuids, expected.into_iter().map(|(_, uuid)| uuid).collect::<Vec<_>>());
    let reply = ask(address, "{ events(limit: 100) { total } config { version } }", json!({})).await;
    assert_eq!(reply["errors"][0]["code"], "events_max_limit_reached");
    assert_eq!((&reply["data"]["events"], &reply["data"]["config"]["version"]), (&Value::Null, &json!("5.1.3")));
    fediverse.shutdown().await;
}

#[tokio::test]
async fn a_global_index_gives_elements_that_are_no_events() {
    let mut host = small(MobilizonVersion::V4_1).host();
    host.searches_globally = true;
    let (fediverse, address) = start(host).await;
    let query = "{ config { search { global { isEnabled isDefault } } } \
                 searchEvents(searchTarget: SELF) { total elements { ... on Event { uuid } } } \
                 searchGroups(searchTarget: SELF) { elements { __typename } } }";
    let reply = ask(address, query, json!({})).await;
    assert_eq!(reply["data"]["config"]["search"]["global"], json!({ "isEnabled": true, "isDefault": true }));
    assert_eq!(reply["data"]["searchEvents"]["elements"], json!([{}, {}, {}]));
    assert_eq!(reply["data"]["searchGroups"]["elements"], json!([{ "__typename": "GroupResult" }]));
    fediverse.shutdown().await;
}

#[tokio::test]
async fn changes_show_in_searches_details_and_documents() {
    let (fediverse, address) = start(small(MobilizonVersion::V5_1).host()).await;
    let host = fediverse.host("agenda.example").unwrap();
    let accept = [("Accept", "application/activity+json")];
    let document = async |uuid: &str| {
        let path = format!("/events/{}", uuid_of(uuid));
        client::request(address, &path, &accept, std::time::Duration::from_secs(5), usize::MAX).await
    };
    let concert = document("concert").await;
    assert_eq!((concert.status, &concert.json()["name"]), (200, &json!("A concert")));
    assert_eq!(concert.json()["attributedTo"], "https://agenda.example/@choir");
    assert_eq!(concert.json()["startTime"], "2026-01-02T13:00:00+01:00");
    let unlisted = document("unlisted").await;
    assert_eq!((unlisted.status, unlisted.header("X-Robots-Tag").as_deref()), (200, Some("noindex")));
    let remote = document("remote").await;
    let there = format!("https://other.example/events/{}", uuid_of("remote"));
    assert_eq!((remote.status, remote.header("Location")), (302, Some(there)));
    for hidden in ["draft", "private", "nothing"] {
        assert_eq!(document(hidden).await.status, 404, "{hidden}");
    }

    host.delete_event(uuid_of("concert"), now()).unwrap();
    let gone = document("concert").await;
    assert_eq!((gone.status, &gone.json()["type"]), (410, &json!("Tombstone")));
    let one = "query Q($uuid: UUID!) { event(uuid: $uuid) { title status } }";
    let reply = ask(address, one, json!({ "uuid": uuid_of("concert") })).await;
    assert_eq!((&reply["data"]["event"], &reply["errors"][0]["code"]), (&Value::Null, &json!("event_not_found")));

    host.cancel_event(uuid_of("past"), now()).unwrap();
    let reply = ask(address, one, json!({ "uuid": uuid_of("past") })).await;
    assert_eq!(reply["data"]["event"]["status"], "CANCELLED");
    host.publish_draft(uuid_of("draft"), now()).unwrap();
    assert_eq!(document("draft").await.status, 200);
    host.set_event_visibility(uuid_of("draft"), Visibility::Private, now()).unwrap();
    assert_eq!(document("draft").await.status, 404);
    assert!(host.cancel_event(uuid_of("remote"), now()).is_err());

    let group = |address| client::request(address, "/@choir", &accept, std::time::Duration::from_secs(5), usize::MAX);
    assert_eq!(group(address).await.json()["discoverable"], true);
    host.set_group_visibility("choir", Visibility::Unlisted).unwrap();
    assert_eq!(group(address).await.json()["discoverable"], false);
    host.suspend_group("choir").unwrap();
    assert_eq!(group(address).await.status, 410);
    let reply = ask(address, "{ group(preferredUsername: \"choir\") { suspended } }", json!({})).await;
    assert_eq!(reply["data"]["group"]["suspended"], true);
    let added = host.add_event(now()).unwrap();
    assert!(host.listed_events().contains(&added));
    fediverse.shutdown().await;
}

#[tokio::test]
async fn a_fraction_in_metadata_fails_alone() {
    let host = CraftedMobilizon::new("agenda.example", MobilizonVersion::V5_1, now())
        .event(uuid_of("a"), "An event", |event| {
            event.metadata = vec![("mz:poll".to_owned(), json!(1.5)), ("mz:plan".to_owned(), json!("x"))];
            event.address = Some(AddressSpec::default().at(0.0, 48.0));
        })
        .host();
    let (fediverse, address) = start(host).await;
    let query =
        "{ searchEvents { elements { ... on Event { metadata { key value type } physicalAddress { geom } } } } }";
    let reply = ask(address, query, json!({})).await;
    let event = &reply["data"]["searchEvents"]["elements"][0];
    assert_eq!(event["metadata"][0], json!({ "key": "mz:poll", "value": "1.5", "type": null }));
    assert_eq!(event["metadata"][1]["type"], "STRING");
    assert_eq!(event["physicalAddress"]["geom"], "0.0;48.0");
    assert_eq!(reply["errors"][0]["path"], json!(["searchEvents", "elements", 0, "metadata", 0, "type"]));
    fediverse.shutdown().await;
}

#[tokio::test]
async fn outbox_feed_and_nodeinfo_are_those_of_the_version() {
    for version in [MobilizonVersion::V3_0, MobilizonVersion::V5_1] {
        let mut host = MobilizonCatalogue::new(9, now(), 1).host(0, 23, 2).unwrap();
        host.version = version;
        host.has_feeds = version == MobilizonVersion::V5_1;
        let name = host.name.clone();
        let (fediverse, address) = start(host).await;
        let links = client::get(address, "/.well-known/nodeinfo").await.json();
        let href = links["links"][1]["href"].as_str().unwrap().to_owned();
        assert_eq!(href, format!("https://{name}/.well-known/nodeinfo/2.1"));
        let document = client::get(address, "/.well-known/nodeinfo/2.1").await.json();
        assert_eq!(document["software"]["name"], "Mobilizon");
        assert_eq!(
            (&document["software"]["version"], &document["usage"]["localPosts"]),
            (&json!(version.number()), &json!(23))
        );
        let mut n_items = 0;
        let mut page = 1;
        loop {
            let reply = client::get(address, &format!("/@relay/outbox?page={page}")).await.json();
            let items = reply["orderedItems"].as_array().unwrap();
            if items.is_empty() {
                break;
            }
            let kind = if version == MobilizonVersion::V5_1 { "Announce" } else { "Create" };
            assert!(items.iter().all(|item| item["type"] == kind));
            n_items += items.len();
            assert!(reply["next"].is_string());
            page += 1;
        }
        assert_eq!((n_items, page), (23, 4));
        let feed = client::get(address, "/feed/instance/ics").await;
        if version == MobilizonVersion::V5_1 {
            assert_eq!(feed.text().matches("BEGIN:VEVENT").count(), 23);
            assert!(feed.text().lines().all(|line| line.len() <= 75));
        } else {
            assert_eq!(feed.status, 401);
        }
        fediverse.shutdown().await;
    }
}

#[tokio::test]
async fn lists_lie_and_shift_on_request() {
    use simulator::{Behaviour, ItemQuirk, Routes};
    let host = MobilizonCatalogue::new(5, now(), 8).host(5, 60, 5).unwrap();
    let (fediverse, address) = start(host).await;
    let handle = fediverse.hosts().next().unwrap();
    let query = "query Q($page: Int) { searchEvents(searchTarget: SELF, beginsOn: null, sortBy: START_TIME_ASC, page: $page, limit: 20) \
                 { total elements { ... on Event { uuid url local title visibility tags { title } } } } }";
    let page = async |page: u32| ask(address, query, json!({ "page": page })).await["data"]["searchEvents"].clone();
    let first = page(1).await;
    let second = page(2).await;
    let broken = async |behaviour: Behaviour, number: u32| {
        handle.set_behaviours([behaviour.into()]);
        page(number).await
    };
    assert_eq!(broken(Behaviour::LyingTotal(7), 1).await["total"], 7);
    assert_eq!(broken(Behaviour::NoTotal, 1).await["total"], Value::Null);
    assert_eq!(broken(Behaviour::SuddenlyEmpty, 2).await, json!({ "total": 0, "elements": [] }));
    assert_eq!(broken(Behaviour::IdenticalPages, 2).await, first);
    assert_eq!(broken(Behaviour::RepeatedPages, 3).await, second);
    assert_eq!(broken(Behaviour::EmptyPage(1), 2).await["elements"], json!([]));
    assert_eq!(broken(Behaviour::EmptyPage(1), 1).await, first);
    let spoofed = broken(Behaviour::Items(ItemQuirk::SpoofedHost("evil.example".to_owned())), 1).await;
    assert!(spoofed["elements"].as_array().unwrap().iter().all(|event| {
        event["local"] == true && event["url"].as_str().unwrap().starts_with("https://evil.example/events/")
    }));
    let private = broken(Behaviour::Items(ItemQuirk::Privacy(3)), 1).await;
    assert_eq!(private["elements"][3]["visibility"], "PRIVATE");
    let without = broken(Behaviour::Items(ItemQuirk::Set("tags".to_owned(), Value::Null)), 1).await;
    assert_eq!(without["elements"][0]["tags"], Value::Null);
    let shifted = broken(Behaviour::ShiftingPages, 2).await;
    assert_eq!(shifted["total"], 61);
    handle.set_behaviours([Behaviour::Status(502).on(Routes::Api)]);
    assert_eq!(client::post(address, "/api", &json!({ "query": query })).await.status, 502);
    assert_eq!(client::get(address, "/robots.txt").await.status, 200);
    handle.set_behaviours([Behaviour::Status(502).on(Routes::Details)]);
    assert_eq!(client::post(address, "/api", &json!({ "query": query })).await.status, 200);
    fediverse.shutdown().await;
}

#[test]
fn the_demo_has_events_of_all_kinds_around_now() {
    let setups = HostSetup::demo_events(1, now());
    let again = HostSetup::demo_events(1, now());
    assert_eq!(format!("{setups:?}"), format!("{again:?}"), "the same seed and time give the same hosts");
    let software = |wanted| setups.iter().filter(|setup| setup.software() == wanted).count();
    assert_eq!((software(simulator::Software::Mobilizon), software(simulator::Software::Gancio)), (8, 3));
    let catalogue = MobilizonCatalogue::new(1, now(), 8);
    let hosts: Vec<MobilizonHost> = (0..8).map(|nth| catalogue.host(nth, 100, 5).unwrap()).collect();
    let events: Vec<_> = hosts.iter().flat_map(|host| host.listed_events()).collect();
    let share = |is: &dyn Fn(&simulator::mobilizon::EventSpec) -> bool| {
        events.iter().filter(|event| is(event)).count() as f64 / events.len() as f64
    };
    let has_point =
        |event: &simulator::mobilizon::EventSpec| event.address.as_ref().is_some_and(|at| at.geom.is_some());
    for (what, found, range) in [
        ("over", share(&|event| !event.is_unfinished(now())), 0.2..0.5),
        ("under way", share(&|event| event.begins_on <= now() && event.is_unfinished(now())), 0.01..0.2),
        (
            "long",
            share(&|event| {
                event.ends_on.is_some_and(|end| end.as_second() - event.begins_on.as_second() > 30 * 86_400)
            }),
            0.02..0.15,
        ),
        ("without time of day", share(&|event| !event.shows_start_time), 0.02..0.15),
        ("with an open end", share(&|event| event.ends_on.is_none()), 0.05..0.3),
        ("cancelled", share(&|event| event.status == EventStatus::Cancelled), 0.01..0.1),
        ("tentative", share(&|event| event.status == EventStatus::Tentative), 0.03..0.15),
        ("online", share(&|event| event.is_online), 0.03..0.15),
        ("placed", share(&|event| has_point(event)), 0.7..0.95),
        ("at 0;0", share(&|event| event.address.as_ref().is_some_and(|at| at.point() == Some((0.0, 0.0)))), 0.01..0.1),
        ("of a group", share(&|event| event.group.is_some()), 0.4..0.8),
        ("full", share(&|event| event.n_free_places() == Some(0)), 0.02..0.15),
        ("hiding participants", share(&|event| event.hides_participants), 0.05..0.2),
    ] {
        assert!(range.contains(&found), "{what}: {found}");
    }
    let languages: std::collections::BTreeSet<_> = events.iter().filter_map(|event| event.language.clone()).collect();
    let categories: std::collections::BTreeSet<_> = events.iter().map(|event| event.category.clone()).collect();
    assert!(languages.len() >= 10 && categories.len() > 20 && categories.contains("REPAIR_CAFE"), "{languages:?}");
    assert!(events.iter().all(|event| (3..=200).contains(&event.title.chars().count())));
}

#[tokio::test]
async fn the_judge_holds_queries_to_the_rules_of_pages() {
    use simulator::judge::{Rules, Wrong, breaches};
    let (fediverse, address) = start(small(MobilizonVersion::V5_1).host()).await;
    let handle = fediverse.host("agenda.example").unwrap();
    handle.set_robots("User-agent: *\nDisallow: /api\n");
    client::get(address, "/robots.txt").await;
    for seconds in [1, 2] {
        let later = now().checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        fediverse.set_time(later);
        client::post(address, "/api", &json!({ "query": "{ config { name } }" })).await;
    }
    client::post(address, "/api", &json!({ "query": "{ config { name } }" })).await;
    client::get(address, "/media/00000000-0000-4000-8000-000000000000.jpg").await;
    let exchanges = fediverse.exchanges();
    assert_eq!(exchanges.iter().filter(|exchange| exchange.method == "POST").count(), 3);
    let found = breaches(&exchanges, &Rules::strict("tester"));
    let disallowed = found.iter().filter(|breach| breach.wrong == Wrong::Disallowed).count();
    let too_soon = found.iter().filter(|breach| matches!(breach.wrong, Wrong::TooSoon { .. })).count();
    assert_eq!((disallowed, too_soon, found.len()), (3, 1, 4), "{found:?}");
    fediverse.shutdown().await;
}

#[tokio::test]
async fn versions_before_1_3_swap_coordinates_outside_of_graphql() {
    for (version, latitude) in [(MobilizonVersion::V1_1, 4.8357), (MobilizonVersion::V3_0, 45.764)] {
        let host = CraftedMobilizon::new("agenda.example", version, now())
            .event(uuid_of("a"), "An event", |event| {
                event.address = Some(AddressSpec::default().at(4.8357, 45.764));
            })
            .change(|host| host.has_feeds = true)
            .host();
        let (fediverse, address) = start(host).await;
        let path = format!("/events/{}", uuid_of("a"));
        let accept = [("Accept", "application/activity+json")];
        let reply = client::request(address, &path, &accept, std::time::Duration::from_secs(5), usize::MAX).await;
        let object = reply.json();
        assert_eq!(
            (&object["location"]["latitude"], object.get("timezone").is_some()),
            (&json!(latitude), latitude > 5.0)
        );
        let feed = client::get(address, "/feed/instance/ics").await.text();
        assert!(feed.contains(&format!("GEO:{latitude};")), "{feed}");
        let reply =
            ask(address, "{ searchEvents { elements { ... on Event { physicalAddress { geom } } } } }", json!({}))
                .await;
        assert_eq!(reply["data"]["searchEvents"]["elements"][0]["physicalAddress"]["geom"], "4.8357;45.764");
        fediverse.shutdown().await;
    }
}
