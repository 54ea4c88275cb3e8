//! What was seen of somebody leaves the file itself, and everything else stays as it was.

use std::path::Path;

use allowlist::moderation::Target;
use journal::{Body, Entry, Journal, Offset, Record};

use crate::samples::{channel, gone, now, seen, video};

/// Whether the name stands in the journal or its log, in the open.
fn holds(path: &Path, name: &str) -> bool {
    ["journal.db", "journal.db-wal"].iter().any(|file| {
        let bytes = std::fs::read(path.with_file_name(file)).unwrap_or_default();
        bytes.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name.as_bytes()))
    })
}

#[tokio::test]
async fn what_is_about_somebody_is_erased_with_the_names_in_its_keys() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    let of = |number: u128, account: &str| {
        let mut video = video("a.example", number, "A film");
        video.account.name = account.to_owned();
        video
    };
    let mut own_channel = channel("a.example", "ZwiebackFilms");
    own_channel.owner.actor.name = "zwieback".to_owned();
    let channel_entry = Entry { seen_at: now(), body: Body::Record(Record::Channel(Box::new(own_channel.clone()))) };
    let gone_channel = Entry {
        seen_at: now(),
        body: Body::Tombstone { id: own_channel.record_id(), reason: journal::TombstoneReason::Moderated },
    };
    let writer = journal.writer();
    writer.append(vec![seen(of(1, "Zwieback")), seen(of(2, "bob")), seen(of(3, "zwieback"))]).await.unwrap();
    writer.append(vec![channel_entry, seen(video("b.example", 9, "Elsewhere"))]).await.unwrap();
    // One was given to somebody else since, and the others are withdrawn before they are erased.
    writer.append(vec![seen(of(3, "bob")), gone(&of(1, "zwieback")), gone_channel]).await.unwrap();
    let reader = journal.reader().unwrap();
    let target: Target = "account:zwieback@a.example".parse().unwrap();
    let found = reader.find(|record| record.targets().contains(&target)).unwrap();
    assert_eq!(found.keys, [of(1, "").record_id(), own_channel.record_id()]);
    assert_eq!(found.rows, [3], "of the one that is somebody else's only the row of before");
    assert!(holds(&path, "zwiebackfilms"));

    let last = reader.last_offset().unwrap();
    let erased = writer.erase(found.clone(), None).await.unwrap();
    assert_eq!((erased.n_rows, erased.is_log_empty), (5, true));
    assert!(!holds(&path, "zwieback"));
    assert_eq!(writer.erase(found, None).await.unwrap().n_rows, 0, "again there is nothing to do");
    assert_eq!(reader.get(&own_channel.record_id()).unwrap(), None);
    let left: Vec<u64> = reader.read_after(Offset::ZERO, 10).unwrap().iter().map(|(offset, _)| offset.0).collect();
    assert_eq!((left, reader.last_offset().unwrap()), (vec![2, 5, 6], last), "no offset is used again");
    assert!(reader.integrity_check().unwrap().is_empty());
    // What was erased can be seen anew, if somebody lets it.
    assert_eq!(writer.append(vec![seen(of(1, "zwieback"))]).await.unwrap().n_written, 1);
}

#[tokio::test]
async fn an_instance_is_erased_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    let writer = journal.writer();
    let films: Vec<Entry> = (0..500).map(|number| seen(video("zwieback.example", number, "A film"))).collect();
    writer.append(films).await.unwrap();
    writer.append(vec![seen(video("b.example", 1, "Other")), gone(&video("zwieback.example", 7, ""))]).await.unwrap();
    let host = "zwieback.example".parse().unwrap();
    let reader = journal.reader().unwrap();
    let found = journal::Found { keys: reader.keys_of_host(&host).unwrap(), rows: Vec::new() };
    assert_eq!(found.keys.len(), 500);
    assert_eq!(writer.erase(found, Some(host.clone())).await.unwrap().n_rows, 501);
    assert!(!holds(&path, "zwieback"));
    assert!(reader.keys_of_host(&host).unwrap().is_empty());
    // The row of its name is gone, and made again when it is seen again.
    writer.append(vec![seen(video("zwieback.example", 1, "Back"))]).await.unwrap();
    assert_eq!(reader.live_ids(&host, journal::Kind::Video).unwrap().len(), 1);
    assert!(reader.integrity_check().unwrap().is_empty());
}
