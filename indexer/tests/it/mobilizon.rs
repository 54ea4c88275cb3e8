//! Events and groups in the index.

use std::sync::atomic::AtomicBool;

use indexer::Snapshot;
use indexer::geography::{GeoPoint, cells_of};
use indexer::schema::{EventFields, UNKNOWN_LANGUAGE};
use indexer::stored::{StoredEvent, StoredGroup};
use journal::record::{Address, Event, EventStatus, EventTime, Group, JoinMode, Openness, Point};
use journal::{Body, Entry, Record, RecordId, TombstoneReason};
use serde::de::DeserializeOwned;
use tantivy::collector::DocSetCollector;
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{Searcher, TantivyDocument, Term, query::TermQuery};

use crate::fixture::{Data, seen_at, video};

pub fn event(host: &str, id: &str, title: &str) -> Event {
    let like = video(host, 1, "Any");
    Event {
        origin_id: id.to_owned(),
        url: format!("https://{host}/events/{id}"),
        page_url: None,
        title: title.to_owned(),
        description: None,
        time: EventTime {
            starts_at: "2026-03-07T18:00:00Z".parse().unwrap(),
            ends_at: Some("2026-03-07T20:00:00Z".parse().unwrap()),
            time_zone: Some("Europe/Paris".to_owned()),
            shows_start_time: true,
            shows_end_time: true,
        },
        status: EventStatus::Confirmed,
        join_mode: None,
        external_participation_url: None,
        category: None,
        language: None,
        pictures: Vec::new(),
        tags: Vec::new(),
        organizer: Some(like.account),
        group: None,
        address: None,
        is_online: false,
        online_address: None,
        n_participants: None,
        capacity: None,
        anonymous_participation: None,
        metadata: Vec::new(),
        series: None,
        published_at: Some("2026-02-01T12:00:00Z".parse().unwrap()),
        updated_at: None,
        host: like.host,
    }
}

pub fn group(host: &str, name: &str, display_name: &str) -> Group {
    let mut actor = video(host, 1, "Any").account;
    actor.name = name.to_owned();
    actor.display_name = display_name.to_owned();
    actor.url = format!("https://{host}/@{name}");
    Group {
        actor,
        banners: Vec::new(),
        summary: None,
        address: None,
        openness: Some(Openness::Open),
        n_members: Some(12),
        n_followers: None,
        n_events: Some(3),
        first_seen_at: seen_at(),
    }
}

pub fn lyon() -> Address {
    Address {
        name: Some("Maison des fileuses".to_owned()),
        locality: Some("Lyon".to_owned()),
        point: Point::new(45.764, 4.8357),
        ..Address::default()
    }
}

pub fn seen_event(event: &Event) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Record(Record::Event(Box::new(event.clone()))) }
}

pub fn seen_group(group: &Group) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Record(Record::Group(Box::new(group.clone()))) }
}

fn gone(id: RecordId) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Tombstone { id, reason: TombstoneReason::Deleted } }
}

/// The stored documents with a term, in no order.
fn stored<T: DeserializeOwned>(searcher: &Searcher, doc: Field, term: Term) -> Vec<T> {
    let query = TermQuery::new(term, IndexRecordOption::Basic);
    let hits = searcher.search(&query, &DocSetCollector).unwrap();
    let read = |address| {
        let document: TantivyDocument = searcher.doc(address).unwrap();
        serde_json::from_slice(document.get_first(doc).and_then(|value| value.as_bytes()).unwrap()).unwrap()
    };
    hits.into_iter().map(read).collect()
}

#[test]
fn events_and_groups_are_found_updated_and_removed() {
    let data = Data::new();
    let mut concert = event("mobilizon.example", "9c9de5e8-0a1e-484a-b099-e80766180a6d", "Concert d'été");
    concert.address = Some(lyon());
    let second = event("gancio.example", "12", "Concert d'hiver");
    let weavers = group("mobilizon.example", "Weavers", "Les tisseuses");
    data.append(vec![seen_event(&concert), seen_event(&second), seen_group(&weavers)]);
    data.catch_up();
    data.assert_clean();
    let snapshot = data.snapshot();
    assert_eq!((snapshot.manifest.n_events, snapshot.manifest.n_groups, snapshot.manifest.n_videos), (2, 1, 0));
    let fields = snapshot.event_fields;
    let events =
        |field, text: &str| stored::<StoredEvent>(&snapshot.events, fields.doc, Term::from_field_text(field, text));
    assert_eq!(events(fields.title, "ete"), [StoredEvent::new(&concert, seen_at())]);
    assert_eq!(events(fields.place, "lyon").len(), 1);
    assert_eq!(events(fields.uuid, "9c9de5e8-0a1e-484a-b099-e80766180a6d").len(), 1);
    assert_eq!(events(fields.title, "concert").len(), 2);
    let fields = snapshot.group_fields;
    let term = Term::from_field_text(fields.handle, "weavers@mobilizon.example");
    assert_eq!(stored::<StoredGroup>(&snapshot.groups, fields.doc, term), [StoredGroup::from(&weavers)]);

    concert.title = "Bal d'été".to_owned();
    data.append(vec![seen_event(&concert), gone(second.record_id()), gone(weavers.record_id())]);
    data.catch_up();
    data.assert_clean();
    let snapshot = data.snapshot();
    assert_eq!((snapshot.manifest.n_events, snapshot.manifest.n_groups), (1, 0));
    let fields = snapshot.event_fields;
    let events =
        |field, text: &str| stored::<StoredEvent>(&snapshot.events, fields.doc, Term::from_field_text(field, text));
    assert!(events(fields.title, "concert").is_empty());
    assert_eq!(events(fields.title, "bal").len(), 1);
}

/// The titles of events with a term, sorted.
fn titles(snapshot: &Snapshot, term: Term) -> Vec<String> {
    let events: Vec<StoredEvent> = stored(&snapshot.events, snapshot.event_fields.doc, term);
    let mut titles: Vec<String> = events.into_iter().map(|event| event.title).collect();
    titles.sort();
    titles
}

/// An index of these events, checked.
fn index_of(events: &[Event]) -> Snapshot {
    let data = Data::new();
    data.append(events.iter().map(seen_event).collect());
    data.catch_up();
    data.assert_clean();
    data.snapshot()
}

/// The number of an event in the only segment.
fn doc_of(snapshot: &Snapshot, event: &Event) -> u32 {
    let key = Term::from_field_text(snapshot.event_fields.key, &event.record_id().to_string());
    let query = TermQuery::new(key, IndexRecordOption::Basic);
    snapshot.events.search(&query, &DocSetCollector).unwrap().iter().next().unwrap().doc_id
}

// case 92
#[test]
fn strange_times_of_events_each_have_one_result() {
    /// What of an event matters, and when it is over.
    struct Row(&'static str, &'static str, Option<&'static str>, Option<&'static str>, [bool; 2], &'static str, bool);
    let (shown, hidden) = (true, false);
    let paris = Some("Europe/Paris");
    let rows = [
        Row(
            "an end",
            "2026-03-07T18:00:00Z",
            Some("2026-03-07T20:00:00Z"),
            paris,
            [shown; 2],
            "2026-03-07T20:00:00Z",
            false,
        ),
        Row("no end", "2026-03-07T18:00:00Z", None, paris, [shown; 2], "2026-03-07T18:00:00Z", false),
        Row(
            "an end before the start",
            "2026-03-07T18:00:00Z",
            Some("2026-03-07T17:00:00Z"),
            paris,
            [shown; 2],
            "2026-03-07T18:00:00Z",
            false,
        ),
        Row(
            "an end at the start",
            "2026-03-07T18:00:00Z",
            Some("2026-03-07T18:00:00Z"),
            paris,
            [shown; 2],
            "2026-03-07T18:00:00Z",
            false,
        ),
        Row(
            "ten years",
            "2026-03-07T18:00:00Z",
            Some("2036-03-07T18:00:00Z"),
            paris,
            [shown; 2],
            "2036-03-07T18:00:00Z",
            true,
        ),
        Row(
            "thirty days",
            "2026-04-01T10:00:00Z",
            Some("2026-05-01T10:00:00Z"),
            paris,
            [shown; 2],
            "2026-05-01T10:00:00Z",
            false,
        ),
        Row(
            "more than thirty days",
            "2026-04-01T10:00:00Z",
            Some("2026-05-01T10:00:01Z"),
            paris,
            [shown; 2],
            "2026-05-01T10:00:01Z",
            true,
        ),
        Row("no zone", "2026-03-07T18:00:00Z", None, None, [hidden, shown], "2026-03-08T00:00:00Z", false),
        Row(
            "an unknown zone",
            "2026-03-07T18:00:00Z",
            None,
            Some("Mars/Olympus"),
            [hidden, shown],
            "2026-03-08T00:00:00Z",
            false,
        ),
        Row("a day", "2026-03-07T18:00:00Z", None, paris, [hidden, shown], "2026-03-07T23:00:00Z", false),
        Row(
            "a day that began the evening before in UTC",
            "2026-03-06T23:30:00Z",
            None,
            paris,
            [hidden; 2],
            "2026-03-07T23:00:00Z",
            false,
        ),
        Row(
            "a day far west",
            "2026-03-07T02:00:00Z",
            None,
            Some("Pacific/Honolulu"),
            [hidden; 2],
            "2026-03-07T10:00:00Z",
            false,
        ),
        Row("a day of 23 hours", "2026-03-28T23:00:00Z", None, paris, [hidden; 2], "2026-03-29T22:00:00Z", false),
        Row("a day of 25 hours", "2026-10-24T22:00:00Z", None, paris, [hidden; 2], "2026-10-25T23:00:00Z", false),
        Row(
            "a day before one that begins at one o'clock",
            "2026-09-05T20:00:00Z",
            None,
            Some("America/Santiago"),
            [hidden; 2],
            "2026-09-06T04:00:00Z",
            false,
        ),
        Row(
            "a day that was skipped",
            "2011-12-30T09:00:00Z",
            None,
            Some("Pacific/Apia"),
            [hidden; 2],
            "2011-12-30T10:00:00Z",
            false,
        ),
        Row(
            "days",
            "2026-03-07T09:00:00Z",
            Some("2026-03-09T09:00:00Z"),
            paris,
            [hidden; 2],
            "2026-03-09T23:00:00Z",
            false,
        ),
        Row(
            "a shown start and a hidden end",
            "2026-03-07T19:00:00Z",
            Some("2026-03-07T19:30:00Z"),
            paris,
            [shown, hidden],
            "2026-03-07T23:00:00Z",
            false,
        ),
        Row(
            "a hidden start and a shown end",
            "2026-03-07T09:00:00Z",
            Some("2026-03-07T19:30:00Z"),
            paris,
            [hidden, shown],
            "2026-03-07T19:30:00Z",
            false,
        ),
        Row(
            "a hidden end that is open",
            "2026-03-07T19:00:00Z",
            None,
            paris,
            [shown, hidden],
            "2026-03-07T19:00:00Z",
            false,
        ),
        Row("the end of the calendar", "9999-12-30T20:00:00Z", None, None, [hidden; 2], "9999-12-30T20:00:00Z", false),
        Row(
            "the day after the end of the calendar",
            "9999-12-30T21:00:00Z",
            None,
            Some("Pacific/Kiritimati"),
            [hidden; 2],
            "9999-12-30T21:00:00Z",
            false,
        ),
        Row("long ago", "0001-01-01T00:00:00Z", None, paris, [shown; 2], "0001-01-01T00:00:00Z", false),
    ];
    let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let event_of = |n: usize, row: &Row| {
        let Row(_, starts_at, ends_at, time_zone, [shows_start_time, shows_end_time], ..) = *row;
        let time = EventTime {
            starts_at: time(starts_at),
            ends_at: ends_at.map(time),
            time_zone: time_zone.map(str::to_owned),
            shows_start_time,
            shows_end_time,
        };
        Event { time, ..event("mobilizon.example", &n.to_string(), "Any") }
    };
    let events: Vec<Event> = rows.iter().enumerate().map(|(n, row)| event_of(n, row)).collect();
    let entries: Vec<_> = events.iter().map(|event| (journal::Offset(1), seen_event(event))).collect();
    let data = Data::new();
    // Without the journal, which has no event with an unknown zone.
    data.open().apply(&entries).unwrap();
    let snapshot = data.snapshot();
    let columns = snapshot.events.segment_readers().first().unwrap().fast_fields();
    for (event, Row(name, starts_at, ends_at, time_zone, _, over_at, is_long)) in events.iter().zip(rows) {
        let doc = doc_of(&snapshot, event);
        let number = |name| columns.i64(name).unwrap().first(doc).unwrap();
        assert_eq!(number("starts_at"), time(starts_at).as_millisecond(), "{name}");
        assert_eq!(jiff::Timestamp::from_millisecond(number("over_at")).unwrap().to_string(), over_at, "{name}");
        assert_eq!(columns.u64("is_long").unwrap().first(doc), Some(is_long.into()), "{name}");
        let stored = StoredEvent::new(event, seen_at());
        assert_eq!(stored.ends_at.is_some(), ends_at.is_some_and(|end| time(end) > time(starts_at)), "{name}");
        assert_eq!(stored.time_zone.as_deref(), time_zone.filter(|zone| !zone.starts_with("Mars")), "{name}");
    }
}

// case 93
#[test]
fn positions_are_indexed_wherever_they_are_and_nowhere_is_no_position() {
    let places =
        [(90.0, 0.0), (-90.0, 123.0), (0.0, 180.0), (0.0, -180.0), (45.764, 4.8357), (0.0, 1e-7), (-64.7, 10.536)];
    let address = |point| Some(Address { locality: Some("Lyon".to_owned()), point, ..Address::default() });
    let mut events: Vec<Event> =
        (0..places.len() + 2).map(|n| event("m.example", &n.to_string(), &n.to_string())).collect();
    for (event, (lat, lon)) in events.iter_mut().zip(places) {
        event.address = address(Point::new(lat, lon));
    }
    events.last_mut().unwrap().address = address(None);
    let snapshot = index_of(&events);
    let columns = snapshot.events.segment_readers().first().unwrap().fast_fields();
    let (lats, lons) = (columns.i64("lat_e7").unwrap(), columns.i64("lon_e7").unwrap());
    for (n, event) in events.iter().enumerate() {
        let doc = doc_of(&snapshot, event);
        let Some((lat, lon)) = places.get(n).copied() else {
            assert_eq!((lats.first(doc), lons.first(doc)), (None, None));
            continue;
        };
        let point = GeoPoint::new(lat, lon).unwrap();
        assert_eq!(lats.first(doc), Some(point.lat_e7().into()));
        assert_eq!(lons.first(doc), Some(point.lon_e7().into()));
        for cell in cells_of(point) {
            let found = titles(&snapshot, Term::from_field_u64(snapshot.event_fields.h3, cell));
            assert!(found.contains(&event.title), "{lat} {lon}");
        }
        let stored = StoredEvent::new(event, seen_at());
        assert_eq!(stored.address.unwrap().point, Some((lat, lon)), "answers say what the origin said");
    }
}

#[test]
fn an_event_is_filtered_by_what_it_says_in_our_terms() {
    let known = |id: &str, title: &str| event("mobilizon.example", id, title);
    let actor = |name: &str, host: &str| {
        let actor = video(host, 1, "Any").account;
        Some(journal::record::Actor { name: name.to_owned(), ..actor })
    };
    let plain = known("1", "Plain");
    let mut full = known("2", "Full");
    full.category = Some("music".to_owned());
    full.language = Some("pt_BR".to_owned());
    full.status = EventStatus::Cancelled;
    full.join_mode = Some(JoinMode::External);
    full.tags = vec!["#Logiciel Libre".to_owned(), "logiciel  libre".to_owned(), "🎮".to_owned()];
    full.is_online = true;
    (full.n_participants, full.capacity) = (Some(20), Some(20));
    full.organizer = actor("Ada", "far.example");
    full.group = actor("Weavers", "mobilizon.example");
    full.metadata = [
        ("mz:accessibility:wheelchairAccessible", "fully"),
        ("mz:accessibility:live:subtitle", "TRUE"),
        ("mz:accessibility:live:sign_language", "false"),
        ("mz:accessibility:smokeFree", "true"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec();
    let mut odd = known("3", "Odd");
    odd.category = Some("BASKET_WEAVING".to_owned());
    odd.language = Some(String::new());
    odd.n_participants = Some(20);
    odd.metadata = vec![("mz:accessibility:wheelchairAccessible".to_owned(), "partially".to_owned())];
    let snapshot = index_of(&[plain, full, odd]);
    let fields = snapshot.event_fields;
    let rows = [
        (fields.category, "MUSIC", &["Full"][..]),
        (fields.category, "MEETING", &["Odd", "Plain"]),
        (fields.language, "pt", &["Full"]),
        (fields.language, UNKNOWN_LANGUAGE, &["Odd", "Plain"]),
        (fields.status, "CANCELLED", &["Full"]),
        (fields.status, "CONFIRMED", &["Odd", "Plain"]),
        (fields.join_mode, "external", &["Full"]),
        (fields.tag, "logiciel libre", &["Full"]),
        (fields.tag, "🎮", &["Full"]),
        (fields.tag, "libre", &[]),
        (fields.tags, "libre", &["Full"]),
        (fields.account, "ada@far.example", &["Full"]),
        (fields.account, "someone@mobilizon.example", &["Odd", "Plain"]),
        (fields.group_handle, "weavers@mobilizon.example", &["Full"]),
        (fields.organizer, "weavers", &["Full"]),
        (fields.accessible, "wheelchair", &["Full"]),
        (fields.accessible, "subtitle", &["Full"]),
        (fields.accessible, "smoke_free", &["Full"]),
        (fields.accessible, "sign_language", &[]),
        (fields.host, "mobilizon.example", &["Full", "Odd", "Plain"]),
    ];
    for (field, term, expected) in rows {
        assert_eq!(titles(&snapshot, Term::from_field_text(field, term)), expected, "{term}");
    }
    assert_eq!(titles(&snapshot, Term::from_field_u64(fields.is_online, 1)), ["Full"]);
    assert_eq!(titles(&snapshot, Term::from_field_u64(fields.has_free_places, 0)), ["Full"]);
    assert_eq!(
        titles(&snapshot, Term::from_field_u64(fields.has_free_places, 1)),
        ["Odd", "Plain"],
        "not known to be full"
    );
}

// case 83, case 86
#[test]
fn descriptions_are_stored_clean_and_found_as_text() {
    let mut dance = event("mobilizon.example", "1", "Bal");
    let far = "valse ".repeat(500);
    dance.description = Some(format!(
        "<p onclick=x>Une soi<b>rée</b><br>dansante</p><script>secret</script><p>{far}</p><p>rossignol</p>"
    ));
    let mut empty = event("mobilizon.example", "2", "Empty");
    empty.description = Some("<p><br></p>".to_owned());
    let stored = StoredEvent::new(&dance, seen_at()).description.unwrap();
    assert!(stored.starts_with("<p>Une soi<b>rée</b><br>dansante</p><p>valse"), "{stored}");
    assert_eq!(StoredEvent::new(&empty, seen_at()).description, None);
    let snapshot = index_of(&[dance, empty]);
    let fields = snapshot.event_fields;
    for (field, term, expected) in [
        (fields.description, "soiree", &["Bal"][..]),
        (fields.description, "dansante", &["Bal"]),
        (fields.description, "rossignol", &[]),
        (fields.description_rest, "rossignol", &["Bal"]),
        (fields.description, "secret", &[]),
        (fields.description, "onclick", &[]),
    ] {
        assert_eq!(titles(&snapshot, Term::from_field_text(field, term)), expected, "{term}");
    }
}

#[test]
fn occurrences_of_the_same_thing_share_a_number() {
    let (_, fields) = EventFields::build();
    let series = |event: &Event| {
        let document = indexer::event_document(&fields, event, seen_at()).unwrap();
        document.get_first(fields.series).and_then(|value| value.as_u64()).unwrap()
    };
    let mut first = event("gancio.example", "1", "Chorale, le mardi");
    first.address = Some(lyon());
    let mut second = event("gancio.example", "2", "CHORALE le mardi");
    second.address = Some(lyon());
    second.time.starts_at = "2026-03-10T18:00:00Z".parse().unwrap();
    assert_eq!(series(&first), series(&second), "the same title, place and organiser");
    assert_ne!(series(&first), series(&Event { address: None, ..first.clone() }), "another place");
    assert_ne!(series(&first), series(&Event { title: "Chorale".to_owned(), ..first.clone() }));
    assert_ne!(series(&first), series(&Event { organizer: None, ..first.clone() }));
    let named = |event: &Event, name: &str| Event { series: Some(name.to_owned()), ..event.clone() };
    let other = event("gancio.example", "3", "Something else");
    assert_eq!(series(&named(&first, "7")), series(&named(&other, "7")), "the origin says so");
    assert_ne!(series(&named(&first, "7")), series(&named(&event("b.example", "3", "Any"), "7")), "of another host");
}

#[test]
fn a_group_is_found_by_its_language_place_and_openness() {
    let data = Data::new();
    let mut weavers = group("mobilizon.example", "weavers", "Les tisseuses");
    weavers.summary = Some(
        "<p>Nous sommes un collectif qui apprend à tisser ensemble tous les mardis soirs</p><style>x</style>"
            .to_owned(),
    );
    weavers.address = Some(lyon());
    let mut silent = group("mobilizon.example", "xyz", "XYZ");
    (silent.openness, silent.n_members) = (None, None);
    data.append(vec![seen_group(&weavers), seen_group(&silent)]);
    data.catch_up();
    data.assert_clean();
    let snapshot = data.snapshot();
    let fields = snapshot.group_fields;
    let names = |term| -> Vec<String> {
        let groups: Vec<StoredGroup> = stored(&snapshot.groups, fields.doc, term);
        groups.into_iter().map(|group| group.actor.name).collect()
    };
    for (field, term, expected) in [
        (fields.language, "fr", "weavers"),
        (fields.language, UNKNOWN_LANGUAGE, "xyz"),
        (fields.openness, "open", "weavers"),
        (fields.place, "fileuses", "weavers"),
        (fields.description, "collectif", "weavers"),
        (fields.organizer, "weavers", "weavers"),
        (fields.handle, "xyz@mobilizon.example", "xyz"),
    ] {
        assert_eq!(names(Term::from_field_text(field, term)), [expected], "{term}");
    }
    let point = GeoPoint::new(45.764, 4.8357).unwrap();
    assert_eq!(names(Term::from_field_u64(fields.h3, cells_of(point)[6])), ["weavers"]);
}

#[test]
fn a_rebuild_gives_the_same_events_and_groups() {
    let data = Data::new();
    let events: Vec<Event> = (0..100)
        .map(|n| {
            let mut event = event(&format!("m{}.example", n % 3), &n.to_string(), &format!("Soirée {n}"));
            event.description = Some(format!("<p>Numéro <b>{n}</b></p>"));
            event.address = (n % 4 != 0).then(lyon);
            event
        })
        .collect();
    let groups: Vec<Group> =
        (0..20).map(|n| group("m0.example", &format!("group{n}"), &format!("Groupe {n}"))).collect();
    data.append(events.iter().map(seen_event).chain(groups.iter().map(seen_group)).collect());
    data.catch_up();
    let changed = events
        .iter()
        .take(20)
        .map(|event| seen_event(&Event { title: format!("{} bis", event.title), ..event.clone() }));
    let removed = events.iter().skip(40).take(30).map(|event| gone(event.record_id()));
    let removed_groups = groups.iter().take(5).map(|group| gone(group.record_id()));
    data.append(changed.chain(removed).chain(removed_groups).collect());
    data.catch_up();
    data.assert_clean();
    let everything = |snapshot: &Snapshot| {
        let term = |field| Term::from_field_text(field, "soiree");
        let mut events: Vec<String> =
            stored::<serde_json::Value>(&snapshot.events, snapshot.event_fields.doc, term(snapshot.event_fields.title))
                .iter()
                .map(ToString::to_string)
                .collect();
        let term = |field| Term::from_field_text(field, "groupe");
        let groups =
            stored::<serde_json::Value>(&snapshot.groups, snapshot.group_fields.doc, term(snapshot.group_fields.title));
        events.extend(groups.iter().map(ToString::to_string));
        events.sort();
        events
    };
    let before = everything(&data.snapshot());
    assert_eq!(before.len(), 70 + 15);
    data.open().rebuild(&data.reader, &AtomicBool::new(false), &mut |_| {}).unwrap();
    assert_eq!(everything(&data.snapshot()), before);
    data.assert_clean();
}
