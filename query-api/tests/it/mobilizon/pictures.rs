//! Pictures of events, groups and actors, asked for only where something indexed is from.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use journal::record::{Event, Group};
use query_api::images::{ImageBytes, ImageDoor, ImageRequest};
use query_api::{QueryApiConfig, ServeLimits};

use super::fixture::{BASE, event, event_on, group_on, picture, records};
use crate::fixture::{Site, actor, publish_records};

// case 140
#[tokio::test]
async fn only_the_host_that_something_is_indexed_from_is_asked() {
    let asked: Arc<Mutex<Vec<ImageRequest>>> = Arc::default();
    let log = Arc::clone(&asked);
    let door: ImageDoor = Arc::new(move |request| {
        log.lock().unwrap().push(request);
        async { Ok(ImageBytes(b"GIF89a..."[..].into())) }.boxed()
    });
    let mut shown = event(1, "Shown", "2026-03-07T18:00:00Z");
    shown.pictures = [1280, 320, 100].map(|width| picture("agenda.example", &format!("/{width}.jpg"), width)).to_vec();
    // A group of an instance that nothing is indexed from, with a picture there and one of the event's instance.
    let elsewhere = "elsewhere.example".parse().unwrap();
    shown.group = Some(actor(&elsewhere, "strangers", "@"));
    let mut kept = event(2, "Kept", "2026-03-08T18:00:00Z");
    let mut proxied = actor(&elsewhere, "proxied", "@");
    proxied.avatars = vec![picture("agenda.example", "/proxy/p.png", 120)];
    kept.group = Some(proxied);
    let mut of_gul = event(3, "Of a group", "2026-03-09T18:00:00Z");
    of_gul.group = Some(actor(&"groups.example".parse().unwrap(), "Gul", "@"));
    let mut gul = group_on("groups.example", "Gul", "Linux", 3);
    gul.banners = vec![picture("groups.example", "/banner.jpg", 400)];
    let limits = ServeLimits { query_time: std::time::Duration::from_secs(60), ..ServeLimits::default() };
    let public_url = Some(BASE.parse().unwrap());
    let site = Site::empty(QueryApiConfig { limits, image_door: Some(door), public_url, ..QueryApiConfig::default() });
    let id = shown.origin_id.clone();
    publish_records(site.dir.path(), 1, &records(&[shown, kept, of_gul], &[gul]));
    assert!(site.api.refresh().unwrap());

    let found = super::fixture::events(&site, "").await;
    let avatars: Vec<&str> = (0..3).map(|n| found["data"][n]["creator"]["avatar"].as_str().unwrap()).collect();
    let expected = ["elsewhere.example~strangers", "elsewhere.example~proxied", "groups.example~gul"];
    assert_eq!(avatars, expected.map(|actor| format!("{BASE}/img/actor~{actor}~agenda.example/thumbnail")));

    for (path, expected) in [
        (format!("event~agenda.example~{id}/thumbnail"), Some(("agenda.example", "/320.jpg"))),
        (format!("event~agenda.example~{id}/preview"), Some(("agenda.example", "/1280.jpg"))),
        ("actor~elsewhere.example~strangers~agenda.example/thumbnail".to_owned(), None),
        (
            "actor~elsewhere.example~proxied~agenda.example/thumbnail".to_owned(),
            Some(("agenda.example", "/proxy/p.png")),
        ),
        ("actor~elsewhere.example~proxied/thumbnail".to_owned(), None),
        ("actor~elsewhere.example~proxied~groups.example/thumbnail".to_owned(), None),
        (
            "actor~groups.example~gul~agenda.example/thumbnail".to_owned(),
            Some(("groups.example", "/lazy-static/avatars/Gul-120.png")),
        ),
        ("actor~agenda.example~ada/thumbnail".to_owned(), Some(("agenda.example", "/lazy-static/avatars/ada-120.png"))),
        ("group~groups.example~gul/preview".to_owned(), Some(("groups.example", "/banner.jpg"))),
        (format!("event~agenda.example~{id}/original"), None),
        ("event~agenda.example~30000000-0000-4000-8000-000000000002/preview".to_owned(), None),
        ("actor~groups.example~Gul/thumbnail".to_owned(), None),
    ] {
        let answer = site.get(&format!("/img/{path}")).await;
        let sent = std::mem::take(&mut *asked.lock().unwrap());
        let sent: Vec<(&str, &str)> =
            sent.iter().map(|request| (request.host.as_str(), request.url.as_str())).collect();
        let expected: Vec<(&str, String)> =
            expected.into_iter().map(|(host, path)| (host, format!("https://{host}{path}"))).collect();
        assert_eq!(sent, expected.iter().map(|(host, url)| (*host, url.as_str())).collect::<Vec<_>>(), "{path}");
        assert_eq!(
            answer.header("content-type"),
            if sent.is_empty() { "image/svg+xml" } else { "image/gif" },
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_replaced_picture_is_shown_at_once_and_a_withdrawn_one_no_more() {
    let door: ImageDoor = Arc::new(|request| {
        let kind = if request.url.ends_with("/new.png") { &b"\x89PNG\r\n\x1a\n...."[..] } else { b"GIF89a..." };
        async move { Ok(ImageBytes(kind.into())) }.boxed()
    });
    let limits = ServeLimits { query_time: std::time::Duration::from_secs(60), ..ServeLimits::default() };
    let site = Site::empty(QueryApiConfig { limits, image_door: Some(door), ..QueryApiConfig::default() });
    let mut shown = event(1, "Shown", "2026-03-07T18:00:00Z");
    let path = format!("/img/event~agenda.example~{}/preview", shown.origin_id);
    for (from, picture_path, media_type) in
        [(1, Some("/old.gif"), "image/gif"), (10, Some("/new.png"), "image/png"), (20, None, "image/svg+xml")]
    {
        shown.pictures = picture_path.map(|path| picture("agenda.example", path, 900)).into_iter().collect();
        publish_records(site.dir.path(), from, &records(std::slice::from_ref(&shown), &[]));
        assert!(site.api.refresh().unwrap());
        assert_eq!(site.get(&path).await.header("content-type"), media_type, "{picture_path:?}");
    }
}

/// The address of the picture that is asked for when these are indexed, `None` for none.
async fn asked_for(path: &str, events: &[Event], groups: &[Group]) -> Option<String> {
    let asked: Arc<Mutex<Vec<ImageRequest>>> = Arc::default();
    let log = Arc::clone(&asked);
    let door: ImageDoor = Arc::new(move |request| {
        log.lock().unwrap().push(request);
        async { Ok(ImageBytes(b"GIF89a..."[..].into())) }.boxed()
    });
    let limits = ServeLimits { query_time: std::time::Duration::from_secs(60), ..ServeLimits::default() };
    let site = Site::empty(QueryApiConfig { limits, image_door: Some(door), ..QueryApiConfig::default() });
    publish_records(site.dir.path(), 1, &records(events, groups));
    assert!(site.api.refresh().unwrap());
    site.get(path).await;
    let mut asked = asked.lock().unwrap();
    assert!(asked.len() <= 1, "{path}: {asked:?}");
    asked.pop().map(|request| request.url)
}

// case 140
#[tokio::test]
async fn no_host_gives_an_actor_of_another_its_face() {
    let good = "good.example".parse().unwrap();
    let alice = |avatar: Option<(&str, &str)>| {
        let mut alice = actor(&good, "Alice", "@");
        alice.avatars = avatar.map(|(host, path)| picture(host, path, 120)).into_iter().collect();
        alice
    };
    let mut claims = Vec::new();
    for n in 0..40 {
        let mut claim = event_on("evil.example", n, "Claimed", "2027-01-01T00:00:00Z");
        claim.group = Some(alice(Some(("evil.example", "/face.png"))));
        claim.organizer = claim.group.clone();
        claims.push(claim);
    }
    let mut plain = event_on("good.example", 50, "Plain", "2026-05-01T00:00:00Z");
    plain.organizer = Some(alice(None));
    let mut old = event_on("good.example", 51, "Old", "2026-03-01T00:00:00Z");
    old.organizer = Some(alice(Some(("good.example", "/old.png"))));
    let mut shown = event_on("good.example", 52, "Shown", "2026-04-01T00:00:00Z");
    shown.organizer = Some(alice(Some(("good.example", "/alice.png"))));
    let (own, claimed) =
        ("/img/actor~good.example~alice/thumbnail", "/img/actor~good.example~alice~evil.example/thumbnail");
    let face = Some("https://evil.example/face.png".to_owned());

    assert_eq!(asked_for(own, &claims, &[]).await, None);
    assert_eq!(asked_for(claimed, &claims, &[]).await, face, "as the event shows it, under a name that says so");
    claims.push(plain);
    assert_eq!(asked_for(own, &claims, &[]).await, None);
    assert_eq!(asked_for(claimed, &claims, &[]).await, face);
    claims.extend([old, shown]);
    let alices = Some("https://good.example/alice.png".to_owned());
    for path in [own, claimed] {
        assert_eq!(asked_for(path, &claims, &[]).await, alices, "{path}: the latest of its own that has one");
    }
    let mut group = group_on("good.example", "alice", "Alice", 3);
    group.actor.avatars.clear();
    assert_eq!(asked_for(own, &claims, &[group.clone()]).await, alices, "the group says nothing");
    group.actor.avatars = vec![picture("good.example", "/group.png", 120)];
    for path in [own, claimed] {
        let asked = asked_for(path, &claims, &[group.clone()]).await;
        assert_eq!(asked.as_deref(), Some("https://good.example/group.png"), "{path}");
    }
}

#[tokio::test]
async fn a_name_that_reads_as_more_than_a_name_has_no_picture() {
    let mut odd = event(1, "Odd", "2026-03-07T18:00:00Z");
    odd.organizer = Some(actor(&odd.host, "ada~evil.example", "@"));
    let site = super::fixture::site(&[odd], &[]);
    let found = super::fixture::events(&site, "").await;
    assert_eq!(found["data"][0]["creator"]["name"], "ada~evil.example");
    assert!(found["data"][0]["creator"]["avatar"].is_null(), "{found}");
}
