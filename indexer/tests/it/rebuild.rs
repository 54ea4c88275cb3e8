//! The index can be made anew at any time, to the same answers.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use indexer::{Options, Progress, Snapshot};
use journal::Entry;
use proptest::prelude::*;

use crate::fixture::{Data, count, gone, search, seen, video, videos};

#[test]
fn a_rebuild_gives_the_same_answers_while_the_old_generation_serves() {
    let data = Data::with(videos(2200));
    data.append(videos(40).iter().map(gone).collect());
    data.catch_up();
    let before = data.snapshot();
    let mut n_reports = 0;
    let dir = data.index_dir();
    let mut during = |progress: &Progress| {
        n_reports += 1;
        if progress.generation.is_none() {
            assert_eq!(Snapshot::open_current(&dir).unwrap().manifest, before.manifest);
        }
    };
    let progress = data.open().rebuild(&data.reader, &AtomicBool::new(false), &mut during).unwrap();
    assert!(n_reports >= 2);
    assert_eq!(progress.offset, data.reader.last_offset().unwrap());
    let after = data.snapshot();
    assert_eq!(after.manifest.generation, before.manifest.generation + 1);
    assert_eq!(search(&after, "numero"), search(&before, "numero"));
    data.assert_clean();
    // And it goes on from there.
    data.append(vec![seen(video("tube.example", 9000, "Later"))]);
    assert_eq!(data.catch_up().n_entries, 1);
    data.assert_clean();
}

// case 111
#[test]
fn a_rebuild_that_is_stopped_leaves_the_old_index() {
    let data = Data::with(videos(2500));
    let before = data.snapshot().manifest;
    let stop = AtomicBool::new(true);
    data.open().rebuild(&data.reader, &stop, &mut |_| {}).unwrap();
    assert_eq!(data.snapshot().manifest, before);
    assert!(!data.index_dir().join("rebuild").exists());
    data.append(vec![seen(video("tube.example", 9000, "Later"))]);
    assert_eq!(data.catch_up().n_entries, 1, "the old index is written on");
    data.assert_clean();
}

// case 109
#[test]
fn an_index_of_another_schema_is_rebuilt_by_itself() {
    let data = Data::with(videos(5));
    fs::write(data.index_dir().join("live/format.json"), r#"{"schema_version":0}"#).unwrap();
    let mut indexer = data.open();
    assert!(indexer.rebuild_reason().unwrap().contains("schema 0"));
    let progress = indexer.catch_up(&data.reader).unwrap();
    assert!(progress.rebuilding.is_some());
    drop(indexer);
    assert_eq!(count(&data.snapshot()), 5);
    assert_eq!(data.open().rebuild_reason(), None);
    data.assert_clean();
}

#[test]
fn a_deleted_index_comes_back() {
    let data = Data::with(videos(5));
    fs::remove_dir_all(data.index_dir()).unwrap();
    data.catch_up();
    assert_eq!(count(&data.snapshot()), 5);
    data.assert_clean();
}

#[test]
fn a_lost_live_index_never_shows_a_part_of_itself() {
    let data = Data::with(videos(1500));
    fs::remove_dir_all(data.index_dir().join("live")).unwrap();
    let dir = data.index_dir();
    let mut during = |_: &Progress| assert_eq!(count(&Snapshot::open_current(&dir).unwrap()), 1500);
    let progress = data.open().catch_up_until(&data.reader, &AtomicBool::new(false), &mut during).unwrap();
    assert!(progress.rebuilding.is_some());
    data.assert_clean();
}

#[test]
fn stopping_a_long_run_commits_what_was_read() {
    let data = Data::new();
    data.append(videos(5000).into_iter().map(seen).collect());
    let stop = AtomicBool::new(true);
    let progress = data.open().catch_up_until(&data.reader, &stop, &mut |_| {}).unwrap();
    assert!(progress.offset < progress.target && progress.n_entries > 0);
    data.assert_clean();
    stop.store(false, Ordering::Relaxed);
    data.catch_up();
    assert_eq!(count(&data.snapshot()), 5000);
    data.assert_clean();
}

#[derive(Clone, Debug)]
enum Step {
    Seen(u128, u8),
    Gone(u128),
    CatchUp,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..6u128, any::<u8>()).prop_map(|(n, version)| Step::Seen(n, version)),
        2 => (0..6u128).prop_map(Step::Gone),
        2 => Just(Step::CatchUp),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn any_history_ends_in_what_a_rebuild_makes(steps in prop::collection::vec(step(), 1..25)) {
        let data = Data::new();
        let mut indexer = data.open();
        for step in steps {
            let entry: Entry = match step {
                Step::Seen(n, version) => seen(video("tube.example", n, &format!("Version {version}"))),
                Step::Gone(n) => gone(&video("tube.example", n, "")),
                Step::CatchUp => {
                    indexer.catch_up(&data.reader).unwrap();
                    continue;
                }
                Step::Restart => {
                    drop(indexer);
                    indexer = indexer::Indexer::open(&data.index_dir(), Options::default()).unwrap();
                    continue;
                }
            };
            data.append(vec![entry]);
        }
        indexer.catch_up(&data.reader).unwrap();
        data.assert_clean();
        let incremental = search(&data.snapshot(), "version");
        indexer.rebuild(&data.reader, &AtomicBool::new(false), &mut |_| {}).unwrap();
        prop_assert_eq!(search(&data.snapshot(), "version"), incremental);
        data.assert_clean();
    }
}
