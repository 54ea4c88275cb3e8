//! Events and groups in the index.

use indexer::stored::{StoredEvent, StoredGroup};
use journal::record::{Address, Event, EventStatus, EventTime, Group, Openness, Point};
use journal::{Body, Entry, Record, RecordId, TombstoneReason};
use serde::de::DeserializeOwned;
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

fn seen_event(event: &Event) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Record(Record::Event(Box::new(event.clone()))) }
}

fn seen_group(group: &Group) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Record(Record::Group(Box::new(group.clone()))) }
}

fn gone(id: RecordId) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Tombstone { id, reason: TombstoneReason::Deleted } }
}

/// The stored documents with a term, in no order.
fn stored<T: DeserializeOwned>(searcher: &Searcher, doc: Field, term: Term) -> Vec<T> {
    let query = TermQuery::new(term, IndexRecordOption::Basic);
    let hits = searcher.search(&query, &tantivy::collector::DocSetCollector).unwrap();
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
