//! Searches for events as calendars, over HTTP.

use axum::body::Body;
use axum::http::Request;
use jiff::{SignedDuration, Timestamp};
use journal::record::{Event, EventStatus};

use crate::fixture::{Answer, Site};
use crate::mobilizon::fixture::{BASE, event, place, site};

/// An event that starts so many hours from now.
fn in_hours(n: u64, title: &str, hours: i64) -> Event {
    let starts_at = Timestamp::now() + SignedDuration::from_hours(hours);
    event(n, title, &starts_at.to_string())
}

fn cancelled(mut event: Event, hours_ago: i64) -> Event {
    event.status = EventStatus::Cancelled;
    event.updated_at = Some(Timestamp::now() - SignedDuration::from_hours(hours_ago));
    event
}

async fn ics(site: &Site, query: &str) -> Answer {
    let answer = site.get(&format!("/feeds/search.ics?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    answer
}

/// The titles in a calendar, in order.
async fn titles(site: &Site, query: &str) -> Vec<String> {
    let answer = ics(site, query).await;
    let text = answer.text();
    let calendar = ical::IcalParser::new(text.as_bytes()).next().unwrap().unwrap();
    let title = |event: &ical::parser::ical::component::IcalEvent| {
        let summary = event.properties.iter().find(|property| property.name == "SUMMARY");
        summary.and_then(|summary| summary.value.clone()).unwrap()
    };
    calendar.events.iter().map(title).collect()
}

#[tokio::test]
async fn a_calendar_holds_a_month_back_and_a_year_ahead() {
    let site = site(
        &[
            in_hours(1, "tomorrow", 24),
            in_hours(2, "last week", -24 * 7),
            in_hours(3, "two months ago", -24 * 61),
            in_hours(4, "in eleven months", 24 * 330),
            in_hours(5, "in two years", 24 * 730),
            in_hours(6, "now", -1),
        ],
        &[],
    );
    assert_eq!(titles(&site, "").await, ["last week", "now", "tomorrow", "in eleven months"]);
    assert_eq!(titles(&site, "when=upcoming").await, ["now", "tomorrow", "in eleven months"]);
    assert_eq!(titles(&site, "when=past").await, ["last week"]);
    assert_eq!(titles(&site, "startDateMin=2000-01-01T00:00:00Z&count=1").await.len(), 4, "the window holds");
}

#[tokio::test]
async fn a_calendar_understands_every_search() {
    let mut lyon = in_hours(1, "Bal folk", 24);
    lyon.address = place("Salle", 45.76, 4.84);
    lyon.category = Some("MUSIC".to_owned());
    let mut paris = in_hours(2, "Bal musette", 48);
    paris.address = place("Salle", 48.85, 2.35);
    paris.tags = vec!["danse".to_owned()];
    let site = site(&[lyon, paris], &[]);
    for (query, expected) in [
        ("search=bal", vec!["Bal folk", "Bal musette"]),
        ("q=folk", vec!["Bal folk"]),
        ("near=Lyon", vec!["Bal folk"]),
        ("near=paris,%20france&radius=5_km", vec!["Bal musette"]),
        ("latlon=45.75:4.85&distance=50_km", vec!["Bal folk"]),
        ("categoryOneOf[]=MUSIC", vec!["Bal folk"]),
        ("category=MUSIC", vec!["Bal folk"]),
        ("tagsOneOf=Danse", vec!["Bal musette"]),
        ("host=elsewhere.example", vec![]),
    ] {
        assert_eq!(titles(&site, query).await, expected, "{query}");
    }
    let text = ics(&site, "q=bal&near=Lyon").await.text().replace("\r\n ", "");
    assert!(text.contains("X-WR-CALNAME:Vigie: bal\\, Lyon\\, Auvergne-Rhône-Alpes\\, FR\r\n"), "{text}");
    assert!(text.contains(&format!("SOURCE;VALUE=URI:{BASE}/feeds/search.ics?q=bal&near=Lyon\r\n")), "{text}");
}

#[tokio::test]
async fn what_was_cancelled_stays_for_thirty_days() {
    let site = site(
        &[
            in_hours(1, "on", 24),
            cancelled(in_hours(2, "off since yesterday", 48), 24),
            cancelled(in_hours(3, "off for long", 72), 24 * 40),
        ],
        &[],
    );
    assert_eq!(titles(&site, "").await, ["on", "off since yesterday"]);
    assert_eq!(titles(&site, "statusOneOf=CONFIRMED").await, ["on", "off since yesterday"]);
    assert_eq!(titles(&site, "statusOneOf=CANCELLED").await, ["off since yesterday", "off for long"]);
    assert!(ics(&site, "").await.text().contains("STATUS:CANCELLED\r\n"));
}

#[tokio::test]
async fn what_ends_within_this_minute_is_still_there() {
    let minute = Timestamp::from_second(Timestamp::now().as_second().div_euclid(60) * 60).unwrap();
    // The minute may pass while the test runs, so the next ones are there, too.
    let events = (0..4).map(|n| {
        let mut event = in_hours(n, &format!("{n}"), -3);
        event.time.ends_at = Some(minute + SignedDuration::from_mins(n.cast_signed()));
        event
    });
    let site = site(&events.collect::<Vec<_>>(), &[]);
    assert_eq!(titles(&site, "").await, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn a_full_calendar_holds_what_comes_and_some_of_what_was_cancelled() {
    let coming = (0..1_000).map(|n| in_hours(n, "coming", 24 + 8 * n.cast_signed()));
    let off = |n: u64| cancelled(in_hours(2_000 + n, "off", -24 * 3), 24);
    let past: Vec<Event> = coming.clone().chain((0..30).map(off)).collect();
    let full = site(&past, &[]);
    let found = titles(&full, "").await;
    assert_eq!((found.len(), found.iter().filter(|title| *title == "coming").count()), (1_000, 1_000));
    let will_be_off = |n: u64| cancelled(in_hours(2_000 + n, "off", 24 * 300), 24);
    let events: Vec<Event> = coming.chain((0..30).map(will_be_off)).collect();
    let full = site(&events, &[]);
    let found = titles(&full, "").await;
    assert_eq!((found.len(), found.iter().filter(|title| *title == "off").count()), (1_000, 30));
}

#[tokio::test]
async fn a_blank_choice_of_statuses_is_none() {
    let site = site(&[in_hours(1, "on", 24), cancelled(in_hours(2, "off for long", 48), 24 * 40)], &[]);
    for query in ["statusOneOf=", "status=", "statusOneOf[]="] {
        assert_eq!(titles(&site, query).await, ["on"], "{query}");
        let found = site.ask(&format!("/api/v1/search?kinds=events&{query}")).await;
        assert_eq!(found["kinds"]["event"]["total"], 1, "{query}");
    }
}

#[tokio::test]
async fn a_calendar_that_is_known_is_not_sent_again() {
    let site = site(&[in_hours(1, "a", 24)], &[]);
    let first = ics(&site, "").await;
    assert!(first.header("etag").starts_with("W/\""));
    assert_eq!(first.header("content-disposition"), "attachment; filename=\"events.ics\"");
    assert_eq!(first.header("cache-control"), "public, max-age=600");
    let again = Request::builder().uri("/feeds/search.ics").header("if-none-match", first.header("etag"));
    let again = site.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((again.status.as_u16(), again.text().as_str()), (304, ""));
    assert_eq!(again.header("etag"), first.header("etag"));
    let other = ics(&site, "search=nothing").await;
    assert_ne!(other.header("etag"), first.header("etag"));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_reason() {
    let site = site(&[in_hours(1, "a", 24)], &[]);
    for (query, param) in
        [("tz=Mars/Olympus", "tz"), ("when=someday", "when"), ("near=Atlantis-on-Sea", "near"), ("bbox=1,2", "bbox")]
    {
        let answer = site.get(&format!("/feeds/search.ics?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["errors"][param]["msg"].is_string(), "{query}");
    }
    assert_eq!(site.get("/feeds/search.xml").await.status, 404);
}
