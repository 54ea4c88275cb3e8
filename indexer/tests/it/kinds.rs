//! Channels and playlists beside videos: one journal, one generation, an index each.

use indexer::stored::{StoredChannel, StoredPlaylist};
use indexer::{Indexer, Options};
use journal::record::{Channel, Element, Owner, Playlist};
use journal::{Body, Entry, Record, RecordId, TombstoneReason};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{Searcher, TantivyDocument, Term, query::TermQuery};
use uuid::Uuid;

use crate::fixture::{Data, seen, seen_at, video};

pub fn channel(host: &str, name: &str, display_name: &str) -> Channel {
    let like = video(host, 1, "Any");
    let mut actor = like.channel;
    (actor.name, actor.display_name) = (name.to_owned(), display_name.to_owned());
    Channel {
        actor,
        banners: Vec::new(),
        description: Some("Weaving on old looms".to_owned()),
        support: None,
        n_followers: 12,
        n_following: 0,
        created_at: like.created_at,
        updated_at: like.updated_at,
        owner: Owner {
            actor: like.account,
            description: None,
            n_followers: 1,
            n_following: 0,
            created_at: like.created_at,
            updated_at: like.updated_at,
        },
    }
}

pub fn playlist(host: &str, n: u128, display_name: &str) -> Playlist {
    let like = video(host, 1, "Any");
    let uuid = Uuid::from_u128(n);
    Playlist {
        uuid,
        origin_id: 3,
        url: format!("https://{host}/video-playlists/{uuid}"),
        display_name: display_name.to_owned(),
        description: None,
        thumbnail_path: None,
        thumbnail_url: None,
        embed_path: format!("/video-playlists/embed/{uuid}"),
        created_at: like.created_at,
        updated_at: like.updated_at,
        owner: like.account,
        channel: Some(like.channel),
        elements: vec![
            Element { host: like.host.clone(), uuid: Uuid::from_u128(1) },
            Element { host: "far.example".parse().unwrap(), uuid: Uuid::from_u128(2) },
        ],
        host: like.host,
    }
}

pub fn entry(record: Record) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Record(record) }
}

fn gone(id: RecordId) -> Entry {
    Entry { seen_at: seen_at(), body: Body::Tombstone { id, reason: TombstoneReason::Deleted } }
}

fn stored<T: serde::de::DeserializeOwned>(searcher: &Searcher, doc: Field, field: Field, term: &str) -> Vec<T> {
    let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::Basic);
    let hits = searcher.search(&query, &tantivy::collector::DocSetCollector).unwrap();
    let read = |address| {
        let document: TantivyDocument = searcher.doc(address).unwrap();
        serde_json::from_slice(document.get_first(doc).and_then(|value| value.as_bytes()).unwrap()).unwrap()
    };
    hits.into_iter().map(read).collect()
}

#[test]
fn channels_and_playlists_are_found_updated_and_removed() {
    let data = Data::new();
    let (looms, other) = (channel("a.example", "Looms", "Vidéos de tissage"), channel("b.example", "looms", "Other"));
    let list = playlist("a.example", 1, "Tous les métiers");
    data.append(vec![
        seen(video("a.example", 1, "One")),
        entry(Record::Channel(Box::new(looms.clone()))),
        entry(Record::Channel(Box::new(other.clone()))),
        entry(Record::Playlist(Box::new(list.clone()))),
    ]);
    data.catch_up();
    data.assert_clean();
    let snapshot = data.snapshot();
    let manifest = &snapshot.manifest;
    assert_eq!((manifest.n_videos, manifest.n_channels, manifest.n_playlists), (1, 2, 1));
    let fields = snapshot.channel_fields;
    let found: Vec<StoredChannel> = stored(&snapshot.channels, fields.doc, fields.title, "videos");
    assert_eq!(found, [StoredChannel::from(&looms)], "accents do not matter");
    let found: Vec<StoredChannel> = stored(&snapshot.channels, fields.doc, fields.handle, "looms@a.example");
    assert_eq!(found.len(), 1, "handles have no case");
    let fields = snapshot.playlist_fields;
    let found: Vec<StoredPlaylist> = stored(&snapshot.playlists, fields.doc, fields.title, "metiers");
    assert_eq!(found, [StoredPlaylist::from(&list)]);
    let keys: Vec<String> = found[0].video_keys().collect();
    assert_eq!(
        keys,
        [format!("video/a.example/{}", Uuid::from_u128(1)), format!("video/far.example/{}", Uuid::from_u128(2))]
    );

    let mut renamed = looms.clone();
    renamed.actor.display_name = "Filage".to_owned();
    data.append(vec![entry(Record::Channel(Box::new(renamed))), gone(other.record_id()), gone(list.record_id())]);
    data.catch_up();
    data.assert_clean();
    let snapshot = data.snapshot();
    let manifest = &snapshot.manifest;
    assert_eq!((manifest.n_videos, manifest.n_channels, manifest.n_playlists), (1, 1, 0));
    let fields = snapshot.channel_fields;
    assert!(stored::<StoredChannel>(&snapshot.channels, fields.doc, fields.title, "videos").is_empty());
    assert_eq!(stored::<StoredChannel>(&snapshot.channels, fields.doc, fields.title, "filage").len(), 1);
}

#[test]
fn a_kind_that_is_behind_after_a_crash_catches_up_without_doubles() {
    let data = Data::new();
    data.append(vec![entry(Record::Channel(Box::new(channel("a.example", "looms", "Looms"))))]);
    data.catch_up();
    let kind_dir = data.index_dir().join("live/playlist");
    let before: Vec<_> =
        ["meta.json", ".managed.json"].map(|name| (name, std::fs::read(kind_dir.join(name)).unwrap())).into();
    data.append(vec![
        entry(Record::Channel(Box::new(channel("a.example", "spindles", "Spindles")))),
        entry(Record::Playlist(Box::new(playlist("a.example", 1, "All")))),
    ]);
    data.catch_up();
    // As if the process had ended after the commit of the channels and before that of the playlists.
    for (name, bytes) in before {
        std::fs::write(kind_dir.join(name), bytes).unwrap();
    }
    let mut indexer = Indexer::open(&data.index_dir(), Options::default()).unwrap();
    assert_eq!(indexer.offset().0, 1);
    assert_eq!(indexer.catch_up(&data.reader).unwrap().n_entries, 2);
    indexer.apply(&[]).unwrap();
    drop(indexer);
    data.assert_clean();
    let manifest = data.snapshot().manifest;
    assert_eq!((manifest.n_channels, manifest.n_playlists), (2, 1));
}
