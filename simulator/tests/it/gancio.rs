//! Fake Gancio hosts answer as Gancio does.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use simulator::gancio::GancioHost;
use simulator::mobilizon::MobilizonCatalogue;
use simulator::{Fediverse, HostSetup};

use crate::client::{self, NOW};

fn host() -> GancioHost {
    let planned = MobilizonCatalogue::new(4, NOW.parse().unwrap(), 3).host(2, 40, 3).unwrap();
    GancioHost::from_mobilizon(&planned, "gancio.example", "Europe/Paris")
}

async fn start(setup: HostSetup) -> (Fediverse, std::net::SocketAddr) {
    let fediverse = Fediverse::builder().virtual_time(NOW.parse().unwrap()).host(setup).start().await.unwrap();
    let address = fediverse.resolve()["gancio.example"];
    (fediverse, address)
}

#[tokio::test]
async fn the_list_holds_own_shown_events_in_pages() {
    let host = host();
    // Eight of forty events are series of three dates.
    let listed: BTreeSet<u64> = host.listed().map(|event| u64::from(event.id)).collect();
    assert_eq!(listed.len(), 40 + 8 * 2);
    assert!(host.events.iter().any(|event| !event.is_visible) && host.events.iter().any(|event| event.from.is_some()));
    let n_upcoming =
        host.listed().filter(|event| event.ends_on.unwrap_or(event.begins_on).as_second() >= 1_767_268_800).count();
    let (fediverse, address) = start(HostSetup::gancio(host)).await;
    let mut found = Vec::new();
    for page in 0.. {
        let items = client::get(address, &format!("/api/events?start=0&max=20&page={page}")).await.json();
        let items = items.as_array().unwrap().clone();
        if items.is_empty() {
            break;
        }
        assert!(items.iter().all(|item| item["apUserApId"].is_null() && item.get("description").is_none()));
        found.extend(items.iter().map(|item| item["id"].as_u64().unwrap()));
    }
    assert_eq!((found.len(), found.into_iter().collect::<BTreeSet<_>>()), (listed.len(), listed));
    let items = client::get(address, "/api/events").await.json();
    assert_eq!(items.as_array().unwrap().len(), n_upcoming);
    let series: BTreeSet<_> = items.as_array().unwrap().iter().filter_map(|item| item["parentId"].as_u64()).collect();
    assert!(!series.is_empty());
    fediverse.shutdown().await;
}

#[tokio::test]
async fn details_have_descriptions_and_deletions_leave_nothing() {
    let (fediverse, address) = start(HostSetup::gancio(host())).await;
    let handle = fediverse.host("gancio.example").unwrap();
    let event = handle.gancio().unwrap().listed().find(|event| event.description.is_some()).unwrap().clone();
    for id in [event.slug.clone(), event.id.to_string()] {
        let detail = client::get(address, &format!("/api/event/detail/{id}")).await.json();
        assert_eq!(detail["description"], event.description.clone().unwrap());
    }
    let accept = [("Accept", "application/activity+json")];
    let path = format!("/federation/m/{}", event.id);
    let reply = client::request(address, &path, &accept, Duration::from_secs(5), usize::MAX).await;
    assert_eq!(reply.json()["id"], format!("https://gancio.example{path}"));
    assert_eq!(client::get(address, &path).await.status, 301);
    handle.change_gancio(|host| host.delete(event.id)).unwrap();
    assert_eq!(client::request(address, &path, &accept, Duration::from_secs(5), usize::MAX).await.status, 404);
    assert_eq!(client::get(address, &format!("/api/event/detail/{}", event.id)).await.status, 404);
    let added = handle.change_gancio(|host| host.add_event(NOW.parse().unwrap())).unwrap();
    let all = client::get(address, "/api/events?start=0").await.json();
    assert!(all.as_array().unwrap().iter().any(|item| item["title"] == json!(added.title)));
    let nodeinfo = client::get(address, "/.well-known/nodeinfo/2.0").await.json();
    assert_eq!(
        (&nodeinfo["software"]["name"], &nodeinfo["metadata"]["nodeTimezone"]),
        (&json!("gancio"), &json!("Europe/Paris"))
    );
    fediverse.shutdown().await;
}

#[tokio::test]
async fn more_than_250_requests_a_minute_are_refused() {
    let (fediverse, address) = start(HostSetup::gancio(host())).await;
    for _ in 0..250 {
        assert_eq!(client::get(address, "/api/events?max=1").await.status, 200);
    }
    let refused = client::get(address, "/api/events?max=1").await;
    assert_eq!((refused.status, refused.header("RateLimit-Remaining").as_deref()), (429, Some("0")));
    assert_eq!(refused.header("RateLimit-Reset").as_deref(), Some("60"));
    fediverse.shutdown().await;
}

#[tokio::test]
async fn without_federation_its_documents_are_refused() {
    let mut host = host();
    host.federates = false;
    let (fediverse, address) = start(HostSetup::gancio(host)).await;
    assert_eq!(client::get(address, "/federation/u/relay").await.status, 401);
    assert_eq!(client::get(address, "/api/events").await.status, 200);
    fediverse.shutdown().await;
}

#[tokio::test]
async fn its_bare_lists_misbehave_too() {
    use simulator::{Behaviour, ItemQuirk};
    let (fediverse, address) = start(HostSetup::gancio(host())).await;
    let handle = fediverse.host("gancio.example").unwrap();
    let page = async |page: u32| client::get(address, &format!("/api/events?start=0&max=20&page={page}")).await.json();
    let first = page(0).await;
    handle.behave(Behaviour::IdenticalPages);
    assert_eq!(page(2).await, first);
    handle.set_behaviours([Behaviour::SuddenlyEmpty.into()]);
    assert_eq!(page(0).await, json!([]));
    handle.set_behaviours([Behaviour::Items(ItemQuirk::Set("place".to_owned(), json!("nowhere"))).into()]);
    assert_eq!(page(0).await[0]["place"], "nowhere");
    fediverse.shutdown().await;
}
