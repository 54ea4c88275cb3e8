//! What is appended is read back, in order, whole and once.

use crate::samples::{channel, event, gone, group, now, playlist, seen, video};
use journal::record::{Channel, EventStatus, Playlist};
use journal::{Body, Entry, Journal, Kind, Offset, Reader, Record, TombstoneReason};

fn offsets(reader: &Reader) -> Vec<u64> {
    reader.read_after(Offset::ZERO, 1000).unwrap().iter().map(|(offset, _)| offset.0).collect()
}

#[test]
fn an_entry_comes_back_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let entries = [seen(video("a.example", 1, "One")), gone(&video("a.example", 2, "Two"))];
    let bare = {
        let mut bare = video("b.example", 3, "Bare");
        (bare.category, bare.licence, bare.language, bare.detail) = (None, None, None, None);
        (bare.nsfw_summary, bare.aspect_ratio, bare.comments, bare.originally_published_at) = (None, None, None, None);
        (bare.account.avatars, bare.channel.avatars) = (Vec::new(), Vec::new());
        seen(bare)
    };
    let appended = journal.writer().append_blocking(vec![entries[0].clone(), bare.clone()]).unwrap();
    assert_eq!((appended.n_written, appended.last), (2, Offset(2)));
    let read = journal.reader().unwrap().read_after(Offset::ZERO, 10).unwrap();
    assert_eq!(read, vec![(Offset(1), entries[0].clone()), (Offset(2), bare)]);
}

#[test]
fn events_and_groups_come_back_as_they_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let (full_event, full_group) = (event("a.example", 1), group("a.example", "Dancers"));
    // Gancio: a number for an id, and hardly anything known.
    let mut bare_event = event("a.example", 2);
    bare_event.origin_id = "12".to_owned();
    bare_event.time.ends_at = None;
    bare_event.time.time_zone = None;
    bare_event.status = EventStatus::Confirmed;
    (bare_event.organizer, bare_event.group, bare_event.address) = (None, None, None);
    (bare_event.n_participants, bare_event.capacity, bare_event.join_mode) = (None, None, None);
    let mut bare_group = group("a.example", "bare");
    (bare_group.address, bare_group.openness, bare_group.n_members) = (None, None, None);
    assert_eq!(full_event.record_id().to_string(), format!("event/a.example/{}", full_event.origin_id));
    assert_eq!((bare_event.record_id().to_string().as_str(), bare_event.uuid()), ("event/a.example/12", None));
    assert_eq!(full_group.record_id().to_string(), "group/a.example/dancers");
    let bodies = [
        Body::Record(Record::Event(Box::new(full_event))),
        Body::Record(Record::Group(Box::new(full_group))),
        Body::Record(Record::Event(Box::new(bare_event.clone()))),
        Body::Record(Record::Group(Box::new(bare_group))),
        Body::Tombstone { id: bare_event.record_id(), reason: TombstoneReason::Deleted },
    ];
    let entries: Vec<Entry> = bodies.into_iter().map(|body| Entry { seen_at: now(), body }).collect();
    journal.writer().append_blocking(entries.clone()).unwrap();
    let read: Vec<Entry> =
        journal.reader().unwrap().read_after(Offset::ZERO, 10).unwrap().into_iter().map(|(_, entry)| entry).collect();
    assert_eq!(read, entries);
}

#[test]
fn channels_and_playlists_come_back_as_they_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let channel_seen = |channel: Channel| Body::Record(Record::Channel(Box::new(channel)));
    let playlist_seen = |playlist: Playlist| Body::Record(Record::Playlist(Box::new(playlist)));
    let (full_channel, full_playlist) = (channel("a.example", "looms"), playlist("a.example", 1));
    let mut bare_channel = channel("a.example", "Empty.Channel");
    (bare_channel.description, bare_channel.support, bare_channel.owner.description) = (None, None, None);
    (bare_channel.banners, bare_channel.n_followers, bare_channel.owner.n_followers) = (Vec::new(), 0, 0);
    let mut bare_playlist = playlist("a.example", 2);
    (bare_playlist.description, bare_playlist.channel, bare_playlist.elements) = (None, None, Vec::new());
    (bare_playlist.thumbnail_path, bare_playlist.thumbnail_url) = (None, None);
    let gone = Body::Tombstone { id: full_playlist.record_id(), reason: TombstoneReason::Hidden };
    let bodies = [
        channel_seen(full_channel.clone()),
        channel_seen(bare_channel.clone()),
        playlist_seen(full_playlist),
        playlist_seen(bare_playlist),
        gone,
    ];
    let entries: Vec<Entry> = bodies.map(|body| Entry { seen_at: now(), body }).into();
    journal.writer().append_blocking(entries.clone()).unwrap();
    let reader = journal.reader().unwrap();
    let read: Vec<Entry> = reader.read_after(Offset::ZERO, 10).unwrap().into_iter().map(|(_, entry)| entry).collect();
    assert_eq!(read, entries);
    let live = |kind| reader.live_ids(&full_channel.actor.host, kind).unwrap().len();
    assert_eq!((live(Kind::Video), live(Kind::Channel), live(Kind::Playlist)), (0, 2, 1));
    assert_eq!(bare_channel.record_id().to_string(), "channel/a.example/empty.channel", "names have no case");
}

#[test]
fn an_unchanged_record_takes_no_offset() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let writer = journal.writer();
    let first = video("a.example", 1, "One");
    writer.append_blocking(vec![seen(first.clone())]).unwrap();
    let mut later = seen(first.clone());
    later.seen_at = "2026-12-01T00:00:00Z".parse().unwrap();
    let appended = writer.append_blocking(vec![later]).unwrap();
    assert_eq!((appended.n_written, appended.n_unchanged, appended.last), (0, 1, Offset(1)));
    let edited = video("a.example", 1, "One, edited");
    assert_eq!(writer.append_blocking(vec![seen(edited), seen(first)]).unwrap().n_written, 2);
}

#[test]
fn a_tombstone_ends_a_record_once_and_a_new_sighting_revives_it() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let (writer, reader) = (journal.writer(), journal.reader().unwrap());
    let one = video("a.example", 1, "One");
    let never_seen = video("a.example", 9, "Nine");
    writer.append_blocking(vec![seen(one.clone())]).unwrap();
    let appended = writer.append_blocking(vec![gone(&one), gone(&one), gone(&never_seen)]).unwrap();
    assert_eq!((appended.n_written, appended.n_unchanged), (1, 2));
    assert!(reader.live_ids(&one.host, Kind::Video).unwrap().is_empty());
    assert!(matches!(reader.get(&one.record_id()).unwrap().unwrap().1.body, Body::Tombstone { .. }));
    writer.append_blocking(vec![seen(one.clone())]).unwrap();
    assert_eq!(reader.live_ids(&one.host, Kind::Video).unwrap(), vec![(one.record_id(), Offset(3))]);
    assert_eq!(reader.stats().unwrap().n_tombstones, 0);
}

// case 34
#[test]
fn one_uuid_on_two_hosts_is_two_records() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let (ours, theirs) = (video("a.example", 1, "Ours"), video("b.example", 1, "Theirs"));
    journal.writer().append_blocking(vec![seen(ours.clone()), seen(theirs)]).unwrap();
    let reader = journal.reader().unwrap();
    let Body::Record(Record::Video(read)) = reader.get(&ours.record_id()).unwrap().unwrap().1.body else {
        panic!("the record is gone");
    };
    assert_eq!(read.name, "Ours");
    let counts = reader.counts().unwrap();
    assert_eq!(
        counts.iter().map(|count| (count.host.as_str(), count.n_records)).collect::<Vec<_>>(),
        [("a.example", 1), ("b.example", 1)]
    );
}

#[test]
fn reading_continues_after_any_offset_and_in_any_step() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let entries = (0..25).map(|number| seen(video("a.example", number, "Many"))).collect();
    journal.writer().append_blocking(entries).unwrap();
    let reader = journal.reader().unwrap();
    let mut after = Offset::ZERO;
    let mut read = Vec::new();
    loop {
        let step = reader.read_after(after, 7).unwrap();
        assert!(step.len() <= 7);
        let Some((last, _)) = step.last() else { break };
        after = *last;
        read.extend(step.iter().map(|(offset, _)| offset.0));
    }
    assert_eq!(read, (1..=25).collect::<Vec<u64>>());
}

#[tokio::test]
async fn compaction_keeps_the_newest_row_of_each_key_and_every_offset() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    let (writer, reader) = (journal.writer(), journal.reader().unwrap());
    let one = video("a.example", 1, "One");
    let two = video("a.example", 2, "Two");
    for name in ["One", "Uno", "Un"] {
        writer.append(vec![seen(video("a.example", 1, name))]).await.unwrap();
    }
    writer.append(vec![seen(two.clone()), gone(&two)]).await.unwrap();
    let before = reader.read_after(Offset::ZERO, 100).unwrap();
    let compacted = writer.compact(Offset(2)).await.unwrap();
    assert_eq!(compacted.n_removed, 2);
    assert_eq!(offsets(&reader), [3, 4, 5], "rows after `through` stay");
    assert_eq!(writer.compact(Offset(5)).await.unwrap().n_removed, 1);
    assert_eq!(reader.read_after(Offset::ZERO, 100).unwrap(), vec![before[2].clone(), before[4].clone()]);
    writer.append(vec![gone(&one)]).await.unwrap();
    writer.compact(Offset(6)).await.unwrap();
    assert_eq!(offsets(&reader), [5, 6], "tombstones stay, and offsets are not used again");
    assert_eq!(reader.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_offset_is_not_used_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    for number in 1..=3 {
        let journal = Journal::open(&path).unwrap();
        let last = journal.writer().append_blocking(vec![seen(video("a.example", number, "One"))]).unwrap().last;
        assert_eq!(u128::from(last.0), number);
    }
}
