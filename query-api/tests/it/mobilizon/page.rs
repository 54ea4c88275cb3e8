//! `/events`: words, a town, days.

use jiff::{SignedDuration, Timestamp, ToSpan};
use journal::record::{Event, EventStatus};

use super::fixture::{event, place, site};
use crate::fixture::Site;

const HOSTILE: &str = "\"><img src=x onerror=alert(1)><script>alert(1)</script>";

/// An event that starts so many hours from now and lasts two.
fn hours_from_now(n: u64, title: &str, hours: i64) -> Event {
    let start = Timestamp::now() + hours.hours();
    event(n, title, &start.to_string())
}

async fn page(site: &Site, path: &str) -> String {
    let answer = site.get(path).await;
    assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text());
    answer.text()
}

fn agenda() -> Site {
    let with_place = |mut event: Event, name: &str, lat, lon| {
        event.address = place(name, lat, lon);
        event
    };
    let mut cancelled = hours_from_now(4, "Concert called off", 5);
    cancelled.status = EventStatus::Cancelled;
    let mut running = hours_from_now(5, "Running exhibition", -1);
    running.time.ends_at = Some(running.time.starts_at + SignedDuration::from_hours(30 * 24));
    let mut hostile = hours_from_now(6, &format!("Hostile {HOSTILE}"), 6);
    hostile.description = Some(format!("<p>needle {HOSTILE}</p>"));
    hostile.url = "javascript:alert(1)".to_owned();
    hostile.address = place(HOSTILE, 1.0, 1.0);
    site(
        &[
            with_place(hours_from_now(1, "Concert in Lyon", 24), "Transbordeur", 45.7836, 4.8605),
            with_place(hours_from_now(2, "Concert in Paris", 24), "Olympia", 48.8702, 2.3283),
            with_place(hours_from_now(3, "Old concert", -240), "Transbordeur", 45.7836, 4.8605),
            cancelled,
            running,
            hostile,
        ],
        &[],
    )
}

#[tokio::test]
async fn lyon_in_the_near_box_just_works() {
    let site = agenda();
    let html = page(&site, "/events?near=Lyon").await;
    assert!(html.contains("Concert in Lyon") && !html.contains("Concert in Paris"), "{html}");
    assert!(html.contains("1 event within 25 km of") && html.contains("Lyon, Auvergne-Rhône-Alpes, FR"));
    assert!(html.contains("Transbordeur") && html.contains("· 4."), "the place and how far it is");
    // In another language, with a wider circle.
    let html = page(&site, "/events?near=Lione&radius=10&search=concert").await;
    assert!(html.contains("Concert in Lyon"), "{html}");
}

#[tokio::test]
async fn a_town_that_nobody_knows_is_said_and_hides_nothing() {
    let html = page(&agenda(), "/events?near=Atlantis-on-Sea").await;
    assert!(html.contains("No place called") && html.contains("Atlantis-on-Sea") && html.contains("Concert in Paris"));
}

#[tokio::test]
async fn its_calendar_is_the_search_as_it_was_understood() {
    let site = agenda();
    for path in ["/events?near=Lyon&radius=2000&search=concert", "/events?near=Atlantis-on-Sea&radius=abc&when=week"] {
        let html = page(&site, path).await;
        let (_, rest) = html.split_once("href=\"/feeds/search.ics").unwrap();
        let (query, _) = rest.split_once('"').unwrap();
        let calendar =
            site.get(&format!("/feeds/search.ics{}", query.replace("&#38;", "&").replace("&amp;", "&"))).await;
        assert_eq!(calendar.status.as_u16(), 200, "{path}: {query}");
        assert!(calendar.text().contains("SUMMARY:Concert in Lyon"), "{path}");
    }
}

#[tokio::test]
async fn what_is_over_or_cancelled_is_not_shown_unless_asked_for() {
    let site = agenda();
    let html = page(&site, "/events").await;
    assert!(html.contains("Running exhibition") && html.contains(">Now<"), "{html}");
    assert!(!html.contains("Old concert") && !html.contains("called off"));
    let past = page(&site, "/events?when=past").await;
    assert!(past.contains("Old concert") && !past.contains("Concert in Lyon"), "{past}");
}

// case 81
#[tokio::test]
async fn hostile_text_of_an_event_is_only_text() {
    let html = page(&agenda(), "/events?search=hostile").await;
    assert!(html.contains("class=\"event\"") && !html.contains("<img src=x") && !html.contains("<script>alert"));
    assert!(!html.contains("href=\"javascript"), "no link but to the origin");
    let form =
        page(&agenda(), "/events?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&near=%22%3E%3Cb%3E&host=%22%3E").await;
    assert!(!form.contains("<script>alert") && !form.contains("\"><b>"), "{form}");
}

#[tokio::test]
async fn wrong_values_are_named() {
    let site = agenda();
    for path in ["/events?when=someday", "/events?near=91,0", "/events?page=100000"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status.as_u16(), 400, "{path}");
        assert!(answer.text().contains("was not understood"), "{path}");
    }
}
