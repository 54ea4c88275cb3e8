//! What a killed process leaves is repaired, and nobody writes beside another.

use std::fs;

use indexer::{Error, Indexer, Options, Snapshot};
use journal::Offset;

use crate::fixture::{Data, count, search, seen, video, videos};

// case 100
#[test]
fn a_commit_carries_the_offset_and_a_restart_goes_on_from_there() {
    let data = Data::with(videos(3));
    let last = data.reader.last_offset().unwrap();
    assert_eq!(data.open().offset(), last);
    assert_eq!(data.snapshot().manifest.journal_offset, last.0);
    data.append(vec![seen(video("tube.example", 9, "Nine"))]);
    let progress = data.catch_up();
    assert_eq!(progress.n_entries, 1, "only the new entry is applied");
    assert_eq!(count(&data.snapshot()), 4);
}

#[test]
fn nothing_new_publishes_nothing() {
    let data = Data::with(videos(3));
    let before = data.snapshot().manifest;
    assert_eq!(data.catch_up().generation, None);
    assert_eq!(data.snapshot().manifest, before);
}

#[test]
fn an_empty_journal_publishes_an_empty_index() {
    let data = Data::new();
    data.catch_up();
    assert_eq!(count(&data.snapshot()), 0);
    data.assert_clean();
}

// case 101
#[test]
fn a_lost_publication_is_made_up_for() {
    let data = Data::with(videos(3));
    data.append(vec![seen(video("tube.example", 9, "Nine"))]);
    data.catch_up();
    // As after a crash between commit and publication: the live index is ahead of the current generation.
    let previous = Snapshot::current_generation(&data.index_dir()).unwrap().unwrap() - 1;
    fs::write(data.index_dir().join("CURRENT"), format!("{previous:06}\n")).unwrap();
    assert_eq!(count(&data.snapshot()), 3);
    assert!(data.catch_up().generation.unwrap() > previous + 1, "a number is never used twice");
    assert_eq!(search(&data.snapshot(), "nine"), ["Nine"]);
    data.assert_clean();
}

#[test]
fn unfinished_files_are_removed_and_harm_nothing() {
    let data = Data::with(videos(3));
    let index = data.index_dir();
    let litter = ["live/video/.tmpAbc123", "generations/.unfinished-000099/video/meta.json", "rebuild/video/meta.json"];
    for file in litter {
        let path = index.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "torn").unwrap();
    }
    data.append(vec![seen(video("tube.example", 9, "Nine"))]);
    data.catch_up();
    for file in litter {
        assert!(!index.join(file).exists(), "{file}");
    }
    data.assert_clean();
}

#[test]
fn a_swap_that_stopped_half_way_keeps_the_old_index() {
    let data = Data::with(videos(3));
    let index = data.index_dir();
    fs::rename(index.join("live"), index.join("retired")).unwrap();
    fs::create_dir_all(index.join("rebuild/video")).unwrap();
    assert_eq!(data.open().offset(), data.reader.last_offset().unwrap());
    assert!(!index.join("retired").exists() && !index.join("rebuild").exists());
    data.assert_clean();
}

// case 107
#[test]
fn two_indexers_are_refused_with_one_clear_error() {
    let data = Data::with(videos(1));
    let first = data.open();
    let error = Indexer::open(&data.index_dir(), Options::default()).err().unwrap();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    assert!(error.to_string().contains("in use by another process"));
    drop(first);
    data.open();
}

// case 104
#[test]
fn a_damaged_live_index_is_rebuilt_while_the_generation_serves() {
    type Damage = (&'static str, fn(&Data));
    let damages: [Damage; 4] = [
        ("garbage in meta.json", |data| fs::write(data.index_dir().join("live/video/meta.json"), "{").unwrap()),
        ("a missing segment file", |data| fs::remove_file(&data.live_files("term")[0]).unwrap()),
        ("a flipped bit", |data| {
            let path = &data.live_files("store")[0];
            let mut bytes = fs::read(path).unwrap();
            bytes[10] ^= 1;
            // A new file: the generation's hard link keeps the old bytes.
            fs::remove_file(path).unwrap();
            fs::write(path, bytes).unwrap();
        }),
        ("no format.json", |data| fs::remove_file(data.index_dir().join("live/format.json")).unwrap()),
    ];
    for (damage, make) in damages {
        let data = Data::with(videos(5));
        make(&data);
        assert_eq!(count(&data.snapshot()), 5, "{damage}: the generation still serves");
        let mut indexer = data.open();
        assert!(indexer.rebuild_reason().is_some(), "{damage}");
        assert_eq!(indexer.offset(), Offset::ZERO);
        let error = indexer.apply(&[]).unwrap_err();
        assert!(matches!(error, Error::RebuildNeeded { .. }), "{damage}: {error}");
        let progress = indexer.catch_up(&data.reader).unwrap();
        assert!(progress.rebuilding.is_some(), "{damage}");
        data.snapshot().verify().unwrap();
        data.assert_clean();
    }
}

#[test]
fn an_index_ahead_of_its_journal_is_rebuilt() {
    let data = Data::with(videos(5));
    let other = Data::new();
    other.append(videos(2).into_iter().map(seen).collect());
    let progress = data.open().catch_up(&other.reader).unwrap();
    assert!(progress.rebuilding.is_some());
    assert_eq!(count(&data.snapshot()), 2);
}
