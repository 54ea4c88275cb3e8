//! The index says what the newest entry of each key says.

use journal::{Body, Entry, Kind, RecordId, TombstoneReason};

use crate::fixture::{Data, count, gone, search, seen, seen_at, video, videos, with_detail};

#[test]
fn an_update_replaces_the_document() {
    let data = Data::with(vec![video("tube.example", 1, "Before"), video("tube.example", 2, "Neighbour")]);
    data.append(vec![seen(with_detail(video("tube.example", 1, "After"), "", &["new"]))]);
    data.catch_up();
    let snapshot = data.snapshot();
    assert_eq!(count(&snapshot), 2);
    assert!(search(&snapshot, "before").is_empty());
    assert_eq!(search(&snapshot, "after new"), ["After"]);
    assert_eq!(snapshot.manifest.n_videos, 2);
    data.assert_clean();
}

#[test]
fn a_tombstone_removes_and_a_later_record_brings_back() {
    let one = video("tube.example", 1, "One");
    let data = Data::with(vec![one.clone(), video("tube.example", 2, "Two")]);
    data.append(vec![gone(&one)]);
    data.catch_up();
    assert_eq!(search(&data.snapshot(), "one"), Vec::<String>::new());
    assert_eq!(count(&data.snapshot()), 1);
    data.append(vec![seen(one)]);
    data.catch_up();
    assert_eq!(search(&data.snapshot(), "one"), ["One"]);
    data.assert_clean();
}

// case 34
#[test]
fn the_same_uuid_on_two_hosts_is_two_videos() {
    let (a, b) = (video("a.example", 1, "Same"), video("b.example", 1, "Same"));
    let data = Data::with(vec![a.clone(), b]);
    data.append(vec![gone(&a)]);
    data.catch_up();
    assert_eq!(count(&data.snapshot()), 1);
    data.assert_clean();
}

#[test]
fn a_first_build_sees_through_updates_and_tombstones_of_its_own_run() {
    let data = Data::new();
    // More than one batch, so that an update and what it updates are applied apart.
    data.append(videos(2500).into_iter().map(seen).collect());
    let changed = (1..=10).map(|n| seen(video(&format!("tube{}.example", n % 3), n, &format!("Changed {n}"))));
    let removed = videos(2500).into_iter().skip(100).take(7);
    data.append(changed.chain(removed.map(|video| gone(&video))).collect());
    let progress = data.catch_up();
    assert_eq!((progress.offset, progress.n_entries), (progress.target, 2517));
    assert_eq!(count(&data.snapshot()), 2493);
    assert_eq!(search(&data.snapshot(), "changed").len(), 10);
    data.assert_clean();
}

#[test]
fn kinds_without_an_index_pass_by_and_the_offset_moves_on() {
    let data = Data::with(videos(1));
    let id = RecordId { kind: Kind::Channel, host: "tube.example".parse().unwrap(), id: "someone".to_owned() };
    let body = Body::Tombstone { id, reason: TombstoneReason::Deleted };
    data.append(vec![Entry { seen_at: seen_at(), body }]);
    let progress = data.catch_up();
    assert_eq!(progress.offset, data.reader.last_offset().unwrap());
    data.assert_clean();
}

#[test]
fn check_finds_what_differs() {
    let data = Data::with(videos(5));
    let entries = [
        seen(video("tube0.example", 3, "Other content")),
        gone(&video("tube1.example", 1, "")),
        seen(video("tube.example", 77, "Not in the journal")),
    ];
    // Entries that the journal never held, at its last offset.
    let last = data.reader.last_offset().unwrap();
    let entries: Vec<_> = entries.into_iter().map(|entry| (last, entry)).collect();
    data.open().apply(&entries).unwrap();
    let report = indexer::check(&data.index_dir(), &data.reader).unwrap();
    let key = |host: &str, n: u128| video(host, n, "").record_id().to_string();
    assert_eq!(report.stale, [key("tube0.example", 3)]);
    assert_eq!(report.missing, [key("tube1.example", 1)]);
    assert_eq!(report.extra, [key("tube.example", 77)]);
    assert_eq!((report.n_journal, report.n_index), (5, 5));
    let (stop, mut quiet) = (std::sync::atomic::AtomicBool::new(false), |_: &indexer::Progress| {});
    data.open().rebuild(&data.reader, &stop, &mut quiet).unwrap();
    data.assert_clean();
}

#[test]
fn check_allows_for_what_is_not_indexed_yet() {
    let data = Data::with(videos(5));
    data.append(vec![gone(&videos(1)[0]), seen(video("tube.example", 9, "Later"))]);
    let report = indexer::check(&data.index_dir(), &data.reader).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.n_pending, 2);
}
