//! Calendars read back by two libraries that know nothing of each other, `calcard` and `ical`.

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarParameterName, ICalendarProperty,
};
use ical::parser::ical::component::{IcalCalendar, IcalEvent};
use indexer::stored::{StoredAddress, StoredEvent};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-03-11T14:30:00Z")
}

fn event(title: &str, starts_at: &str) -> StoredEvent {
    StoredEvent {
        host: "agenda.example".to_owned(),
        origin_id: "0f6a1c1e-0000-4000-8000-000000000001".to_owned(),
        url: "https://agenda.example/events/0f6a1c1e-0000-4000-8000-000000000001".to_owned(),
        page_url: None,
        title: title.to_owned(),
        description: None,
        starts_at: at(starts_at),
        ends_at: None,
        time_zone: Some("Europe/Paris".to_owned()),
        hides_start_time: false,
        hides_end_time: false,
        status: "CONFIRMED".to_owned(),
        join_mode: None,
        external_participation_url: None,
        category: "MUSIC".to_owned(),
        language: None,
        pictures: Vec::new(),
        tags: Vec::new(),
        organizer: None,
        group: None,
        address: None,
        is_online: false,
        online_address: None,
        n_participants: None,
        capacity: None,
        anonymous_participation: None,
        metadata: Vec::new(),
        series: None,
        published_at: Some(at("2026-01-01T10:00:00Z")),
        updated_at: None,
        seen_at: at("2026-03-01T00:00:00Z"),
    }
}

fn ics(events: &[StoredEvent]) -> String {
    Calendar { name: "Vigie", description: "Events.", address: None, events, now: now() }.to_ics()
}

/// Read by `ical`.
fn with_ical(text: &str) -> IcalCalendar {
    let mut calendars = ical::IcalParser::new(text.as_bytes());
    let calendar = calendars.next().unwrap().unwrap();
    assert!(calendars.next().is_none());
    calendar
}

/// Read by `calcard`: the events.
fn with_calcard(text: &str) -> Vec<ICalendarComponent> {
    let calendar = ICalendar::parse(text).unwrap();
    let is_event = |part: &ICalendarComponent| part.component_type == ICalendarComponentType::VEvent;
    calendar.components.into_iter().filter(is_event).collect()
}

fn value(event: &IcalEvent, name: &str) -> Option<String> {
    let property = event.properties.iter().find(|property| property.name == name);
    property.map(|property| property.value.clone().unwrap_or_default())
}

fn param(event: &IcalEvent, name: &str, param: &str) -> Option<String> {
    let property = event.properties.iter().find(|property| property.name == name)?;
    let (_, values) = property.params.as_ref()?.iter().find(|(key, _)| key == param)?;
    values.first().cloned()
}

fn text_of(event: &ICalendarComponent, name: &ICalendarProperty) -> Option<String> {
    event.property(name)?.values.first()?.as_text().map(str::to_owned)
}

/// The instant that a time means, by the rules of the calendar alone.
fn instant(calendar: &IcalCalendar, event: &IcalEvent, name: &str) -> Option<Timestamp> {
    let text = value(event, name)?;
    if let Some(utc) = text.strip_suffix('Z') {
        return Some(
            DateTime::strptime("%Y%m%dT%H%M%S", utc).unwrap().to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp(),
        );
    }
    let local = DateTime::strptime("%Y%m%dT%H%M%S", &text).unwrap();
    let zone_name = param(event, name, "TZID").unwrap();
    let of = |properties: &[ical::property::Property], name: &str| {
        let found = properties.iter().find(|property| property.name == name);
        found.and_then(|property| property.value.clone()).unwrap()
    };
    let zone = calendar.timezones.iter().find(|zone| of(&zone.properties, "TZID") == zone_name).unwrap();
    let begun = zone.transitions.iter().map(|transition| {
        let begin = DateTime::strptime("%Y%m%dT%H%M%S", of(&transition.properties, "DTSTART")).unwrap();
        (begin, of(&transition.properties, "TZOFFSETTO"))
    });
    let (_, offset) = begun.filter(|(begin, _)| *begin <= local).max().unwrap();
    let number = |range: std::ops::Range<usize>| offset.get(range).map_or(0, |text| text.parse::<i64>().unwrap_or(0));
    let seconds = number(1..3) * 3600 + number(3..5) * 60 + number(5..7);
    let seconds = if offset.starts_with('-') { -seconds } else { seconds };
    let utc = local.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    Some(utc - SignedDuration::from_secs(seconds))
}

#[test]
fn both_readers_see_everything() {
    let event = StoredEvent {
        ends_at: Some(at("2026-03-14T21:30:00Z")),
        description: Some("<p>Come, all; with \\ friends.</p><p>Second line</p>".to_owned()),
        updated_at: Some(at("2026-03-10T08:00:00Z")),
        tags: vec!["folk, trad".to_owned(), "Jazz".to_owned()],
        status: "TENTATIVE".to_owned(),
        address: Some(StoredAddress {
            name: Some("Salle des fêtes".to_owned()),
            street: Some("1 place Haute".to_owned()),
            locality: Some("Lyon".to_owned()),
            point: Some((45.75, -4.85)),
            ..StoredAddress::default()
        }),
        ..event("Bal; folk, à Lyon", "2026-03-14T19:00:00Z")
    };
    let text = ics(std::slice::from_ref(&event));
    let calendar = with_ical(&text);
    assert_eq!(calendar.events.len(), 1);
    let read = &calendar.events[0];
    for (name, expected) in [
        ("UID", "0f6a1c1e-0000-4000-8000-000000000001@agenda.example"),
        ("DTSTAMP", "20260310T080000Z"),
        ("SEQUENCE", "353059200"),
        ("DTSTART", "20260314T200000"),
        ("DTEND", "20260314T223000"),
        ("SUMMARY", "Bal\\; folk\\, à Lyon"),
        ("LOCATION", "Salle des fêtes\\, 1 place Haute\\, Lyon"),
        ("GEO", "45.750000;-4.850000"),
        ("URL", "https://agenda.example/events/0f6a1c1e-0000-4000-8000-000000000001"),
        ("STATUS", "TENTATIVE"),
        ("CATEGORIES", "MUSIC,folk\\, trad,Jazz"),
        ("CREATED", "20260101T100000Z"),
        ("LAST-MODIFIED", "20260310T080000Z"),
    ] {
        assert_eq!(value(read, name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(param(read, "DTSTART", "TZID").as_deref(), Some("Europe/Paris"));
    assert_eq!(instant(&calendar, read, "DTSTART"), Some(event.starts_at));
    assert_eq!(instant(&calendar, read, "DTEND"), event.ends_at);
    for name in ["X-WR-CALNAME", "NAME", "REFRESH-INTERVAL", "PRODID", "VERSION"] {
        assert!(calendar.properties.iter().any(|property| property.name == name), "{name}");
    }

    let events = with_calcard(&text);
    assert_eq!(events.len(), 1);
    let read = &events[0];
    assert_eq!(read.uid(), Some("0f6a1c1e-0000-4000-8000-000000000001@agenda.example"));
    assert_eq!(text_of(read, &ICalendarProperty::Summary).as_deref(), Some("Bal; folk, à Lyon"));
    assert_eq!(
        text_of(read, &ICalendarProperty::Description).as_deref(),
        Some(&*format!("Come, all; with \\ friends.\nSecond line\n\n{}", event.url))
    );
    let start = read.property(&ICalendarProperty::Dtstart).unwrap();
    assert_eq!(start.parameter(&ICalendarParameterName::Tzid).unwrap().as_text(), Some("Europe/Paris"));
    let calendar = ICalendar::parse(&text).unwrap();
    let zone = calendar.build_tz_resolver().resolve("Europe/Paris").unwrap();
    let time = start.values[0].as_partial_date_time().unwrap().to_date_time_with_tz(zone).unwrap();
    assert_eq!(time.timestamp(), event.starts_at.as_second());
}

// case 92
#[test]
fn each_shape_of_time_has_one_form() {
    let base =
        |starts_at: &str, ends_at: Option<&str>, hides_start_time, hides_end_time, zone: Option<&str>| StoredEvent {
            ends_at: ends_at.map(at),
            hides_start_time,
            hides_end_time,
            time_zone: zone.map(str::to_owned),
            ..event("x", starts_at)
        };
    let paris = Some("Europe/Paris");
    let rows = [
        ("open end", base("2026-03-14T19:00:00Z", None, false, false, paris), "20260314T200000", None),
        ("no zone", base("2026-03-14T19:00:00Z", None, false, false, None), "20260314T190000Z", None),
        (
            "unknown zone",
            base("2026-03-14T19:00:00Z", None, false, false, Some("Mars/Olympus")),
            "20260314T190000Z",
            None,
        ),
        ("UTC", base("2026-03-14T19:00:00Z", None, false, false, Some("UTC")), "20260314T190000Z", None),
        // Midnight in Paris is 23:00 of the day before in UTC.
        ("one day", base("2026-03-13T23:00:00Z", None, true, true, paris), "20260314", Some("20260315")),
        (
            "three days",
            base("2026-03-13T23:00:00Z", Some("2026-03-16T11:00:00Z"), true, true, paris),
            "20260314",
            Some("20260317"),
        ),
        (
            "days that end at midnight",
            base("2026-03-13T23:00:00Z", Some("2026-03-15T23:00:00Z"), true, false, paris),
            "20260314",
            Some("20260316"),
        ),
        (
            "days that end at noon",
            base("2026-03-13T23:00:00Z", Some("2026-03-16T11:00:00Z"), true, false, paris),
            "20260314",
            Some("20260317"),
        ),
        (
            "an end without a time of day",
            base("2026-03-14T19:00:00Z", Some("2026-03-15T11:00:00Z"), false, true, paris),
            "20260314T200000",
            Some("20260316T000000"),
        ),
        ("a day of no zone", base("2026-03-14T00:00:00Z", None, true, true, None), "20260314", Some("20260315")),
        (
            "over the night of the change",
            base("2026-03-28T22:00:00Z", Some("2026-03-29T02:00:00Z"), false, false, paris),
            "20260328T230000",
            Some("20260329T040000"),
        ),
        (
            "into the second pass of an hour",
            base("2026-10-25T00:45:00Z", Some("2026-10-25T01:15:00Z"), false, false, paris),
            "20261025T024500",
            Some("20261025T011500Z"),
        ),
        (
            "out of the second pass of an hour",
            base("2026-10-25T01:45:00Z", Some("2026-10-25T02:15:00Z"), false, false, paris),
            "20261025T014500Z",
            Some("20261025T031500"),
        ),
        (
            "ten years",
            base("2026-03-14T19:00:00Z", Some("2036-03-14T19:00:00Z"), false, false, paris),
            "20260314T200000",
            Some("20360314T190000Z"),
        ),
        ("Apia", base("2026-03-14T10:00:00Z", None, true, true, Some("Pacific/Apia")), "20260314", Some("20260315")),
    ];
    for (what, event, start, end) in rows {
        let text = ics(&[event]);
        let calendar = with_ical(&text);
        let read = &calendar.events[0];
        assert_eq!(value(read, "DTSTART").as_deref(), Some(start), "{what}");
        assert_eq!(value(read, "DTEND").as_deref(), end, "{what}");
        let is_date = start.len() == 8;
        assert_eq!(param(read, "DTSTART", "VALUE").as_deref(), is_date.then_some("DATE"), "{what}");
        assert_eq!(with_calcard(&text).len(), 1, "{what}");
    }
}

// case 138
#[test]
fn what_strangers_wrote_stays_in_its_value() {
    let hostile = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\nUID:evil\r\u{85}ATTACH:https://evil.example/;VALUE=\"x\",\\n\u{0}\u{1b}日本語👩‍👩‍👧";
    let event = StoredEvent {
        title: format!("{}{}", hostile, "é".repeat(200)),
        description: Some(format!("<p>{hostile}</p>")),
        tags: vec![hostile.to_owned(), "]]>".to_owned()],
        origin_id: format!("id{hostile}"),
        url: "javascript:alert(1)".to_owned(),
        page_url: Some("https://agenda.example/\r\nATTACH:x".to_owned()),
        status: "CONFIRMED\r\nATTACH:x".to_owned(),
        category: hostile.to_owned(),
        time_zone: Some("Europe/Paris\r\nATTACH:x".to_owned()),
        address: Some(StoredAddress { name: Some(hostile.to_owned()), ..StoredAddress::default() }),
        ..event("", "2026-03-14T19:00:00Z")
    };
    let text = Calendar {
        name: hostile,
        description: hostile,
        address: None,
        events: std::slice::from_ref(&event),
        now: now(),
    }
    .to_ics();
    for line in text.strip_suffix("\r\n").unwrap().split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(char::is_control), "{line:?}");
    }
    let calendar = with_ical(&text);
    assert_eq!(calendar.events.len(), 1);
    assert!(calendar.events[0].properties.iter().all(|property| property.name != "ATTACH"));
    let events = with_calcard(&text);
    assert_eq!(events.len(), 1);
    let title = text_of(&events[0], &ICalendarProperty::Summary).unwrap();
    assert!(
        title
            .starts_with("x\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil\n\nATTACH:https://evil.example/;VALUE=\"x\",\\n日本語"),
        "{title}"
    );
    assert!(title.ends_with(&"é".repeat(200)));
}

#[test]
fn the_same_events_are_the_same_bytes() {
    let events = [event("a", "2026-03-14T19:00:00Z"), event("b", "2026-07-14T19:00:00Z")];
    let later = Calendar {
        name: "Vigie",
        description: "Events.",
        address: None,
        events: &events,
        now: at("2026-03-11T18:00:00Z"),
    };
    assert_eq!(ics(&events), later.to_ics());
}

#[test]
fn a_calendar_has_an_end() {
    let many: Vec<StoredEvent> = (0..MAX_EVENTS + 5).map(|n| event(&n.to_string(), "2026-03-14T19:00:00Z")).collect();
    assert_eq!(with_ical(&ics(&many)).events.len(), MAX_EVENTS);
    let none = ics(&[]);
    assert!(ICalendar::parse(&none).is_ok());
    // RFC 5545, 3.6: at least one component.
    let none = with_ical(&none);
    assert_eq!((none.events.len(), none.timezones.len()), (0, 1));
    assert_eq!(none.timezones[0].transitions.len(), 1);
}

#[test]
fn a_cancellation_is_news_for_thirty_days() {
    let cancelled =
        |changed_at: &str| StoredEvent { updated_at: Some(at(changed_at)), ..event("x", "2026-03-14T19:00:00Z") };
    assert!(is_cancellation_news(&cancelled("2026-03-11T00:00:00Z"), now()));
    assert!(is_cancellation_news(&cancelled("2026-02-09T14:30:00Z"), now()));
    assert!(!is_cancellation_news(&cancelled("2026-02-09T14:29:59Z"), now()));
    // Without a date of the change, that of when it was seen so.
    assert!(is_cancellation_news(&event("x", "2026-03-14T19:00:00Z"), now()));
}

#[test]
fn the_window_is_a_month_back_and_a_year_ahead() {
    assert_eq!(window(now()), (at("2026-02-11T14:30:00Z"), at("2027-03-11T14:30:00Z")));
}

// case 92
#[test]
fn an_hour_that_comes_twice_is_read_back_as_the_one_it_was() {
    for (zone, change) in [
        ("Europe/Paris", "2026-10-25T01:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("America/St_Johns", "2026-11-01T04:30:00Z"),
        ("Europe/Dublin", "2026-10-25T01:00:00Z"),
    ] {
        for (from, until) in [(-70, -50), (-50, -10), (-10, 10), (0, 20), (10, 50), (20, 70), (59, 61)] {
            let after = |minutes| at(change) + SignedDuration::from_mins(minutes);
            let mut event = event("x", "2026-03-14T19:00:00Z");
            (event.starts_at, event.ends_at) = (after(from), Some(after(until)));
            event.time_zone = Some(zone.to_owned());
            let text = ics(std::slice::from_ref(&event));
            let calendar = with_ical(&text);
            let read = |name| instant(&calendar, &calendar.events[0], name);
            assert_eq!(
                (read("DTSTART"), read("DTEND")),
                (Some(event.starts_at), event.ends_at),
                "{zone} {from}: {text}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_time_in_any_zone_is_read_back_as_the_same_instant(
        offset_s in -60_000_000_i64..90_000_000,
        length_s in 1_i64..100_000_000,
        zone in prop::sample::select(vec![
            "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago", "Africa/Casablanca",
            "Europe/Dublin", "America/St_Johns", "UTC",
        ]),
    ) {
        let starts_at = now() + SignedDuration::from_secs(offset_s);
        let ends_at = starts_at + SignedDuration::from_secs(length_s);
        let mut event = event("x", "2026-03-14T19:00:00Z");
        (event.starts_at, event.ends_at, event.time_zone) = (starts_at, Some(ends_at), Some(zone.to_owned()));
        let text = ics(&[event]);
        let calendar = with_ical(&text);
        prop_assert_eq!(instant(&calendar, &calendar.events[0], "DTSTART"), Some(starts_at));
        prop_assert_eq!(instant(&calendar, &calendar.events[0], "DTEND"), Some(ends_at));
    }

    // case 138
    #[test]
    fn any_title_comes_back_but_for_its_controls(title in any::<String>()) {
        let mut event = event("x", "2026-03-14T19:00:00Z");
        event.title.clone_from(&title);
        let text = ics(&[event]);
        prop_assert_eq!(with_ical(&text).events.len(), 1);
        let events = with_calcard(&text);
        prop_assert_eq!(events.len(), 1);
    }
}
