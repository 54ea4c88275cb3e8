//! Published generations never change under their readers.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use indexer::schema::SCHEMA_VERSION;
use indexer::{Indexer, Options, Snapshot, SnapshotError};

use crate::fixture::{Data, count, search, seen, video, videos};

// case 110
#[test]
fn a_reader_keeps_its_generation_while_the_writer_goes_on() {
    let data = Data::with(videos(20));
    let old = data.snapshot();
    let mut indexer = data.open();
    // Enough commits to merge segments and to collect the reader's generation.
    for round in 0..12 {
        let update = |n| seen(video(&format!("tube{}.example", n % 3), n, &format!("Round {round}")));
        data.append((1..=20).map(update).collect());
        indexer.catch_up(&data.reader).unwrap();
        assert_eq!(search(&old, "video numero").len(), 20, "round {round}");
        assert_eq!(search(&data.snapshot(), &format!("round {round}")).len(), 20);
    }
    drop(indexer);
    data.assert_clean();
    let generations = fs::read_dir(data.index_dir().join("generations")).unwrap().count();
    assert_eq!(generations, 3, "older ones are collected");
    assert!(Snapshot::open(&data.index_dir(), old.manifest.generation).is_err());
    assert_eq!(count(&old), 20, "and yet their readers go on");
}

// case 110
#[test]
fn readers_open_whole_generations_while_they_come_and_go() {
    let data = Data::with(videos(20));
    let options = Options { n_generations: 2, ..Options::default() };
    let mut indexer = Indexer::open(&data.index_dir(), options).unwrap();
    let (dir, is_done) = (data.index_dir(), AtomicBool::new(false));
    let n_opened = thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut n_opened = 0;
            while !is_done.load(Ordering::Relaxed) {
                let snapshot = Snapshot::open_current(&dir).unwrap();
                let titles = search(&snapshot, "video");
                assert_eq!(titles.len(), 20);
                assert!(
                    titles.windows(2).all(|pair| pair[0] == pair[1]) || titles[0].contains("numéro"),
                    "half a state"
                );
                n_opened += 1;
            }
            n_opened
        });
        for round in 0..40 {
            let update = |n| seen(video(&format!("tube{}.example", n % 3), n, &format!("Video of round {round}")));
            data.append((1..=20).map(update).collect());
            indexer.catch_up(&data.reader).unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
        reading.join().unwrap()
    });
    assert!(n_opened > 0);
    data.assert_clean();
}

#[test]
fn before_the_first_publication_there_is_nothing_to_open() {
    let data = Data::new();
    let _indexer = data.open();
    assert_eq!(Snapshot::current_generation(&data.index_dir()).unwrap(), None);
    assert!(matches!(Snapshot::open_current(&data.index_dir()), Err(SnapshotError::Missing)));
}

#[test]
fn numbers_grow_and_the_manifest_tells() {
    let data = Data::with(videos(1));
    let first = data.snapshot().manifest;
    data.append(videos(3).into_iter().skip(1).map(seen).collect());
    data.catch_up();
    let second = data.snapshot().manifest;
    assert!(second.generation > first.generation && second.published_at >= first.published_at);
    assert_eq!((first.n_videos, second.n_videos), (1, 3));
    assert_eq!(second.schema_version, SCHEMA_VERSION);
}

// case 109
#[test]
fn another_schema_version_is_refused() {
    let data = Data::with(videos(1));
    let generation = data.snapshot().manifest.generation;
    let path = data.index_dir().join(format!("generations/{generation:06}/manifest.json"));
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest["schema_version"] = 999.into();
    fs::write(&path, manifest.to_string()).unwrap();
    let error = Snapshot::open_current(&data.index_dir()).err().unwrap().to_string();
    let expected =
        format!("snapshot {generation} has schema 999, this build reads {SCHEMA_VERSION}: run vigie index --rebuild");
    assert_eq!(error, expected);
    // The writer replaces what it cannot open.
    data.catch_up();
    assert_eq!(count(&data.snapshot()), 1);
}

// case 106
#[test]
fn a_generation_opens_without_permission_to_write() {
    let data = Data::with(videos(3));
    let generation = data.snapshot().manifest.generation;
    let dir = data.index_dir().join(format!("generations/{generation:06}/video"));
    let names = |dir: &std::path::Path| -> Vec<_> {
        let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names(&dir);
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o555)).unwrap();
    let snapshot = data.snapshot();
    assert_eq!(count(&snapshot), 3);
    snapshot.verify().unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    // Tests may run as root, whom no permission stops: no lock or other file may appear either.
    assert_eq!(names(&dir), before);
    for file in fs::read_dir(&dir).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o400, 0o400);
    }
}

// case 104
#[test]
fn one_flipped_bit_is_caught_by_verify() {
    for extension in ["store", "term", "idx", "pos", "fast", "fieldnorm"] {
        let data = Data::with(videos(10));
        let snapshot = data.snapshot();
        snapshot.verify().unwrap();
        let dir = data.index_dir().join(format!("generations/{:06}/video", snapshot.manifest.generation));
        let files = fs::read_dir(&dir).unwrap().map(|file| file.unwrap().path());
        let path = files.into_iter().find(|path| path.extension().is_some_and(|e| e == extension)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[3] ^= 0x10;
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let caught = match data.catch_opening() {
            Ok(snapshot) => matches!(snapshot.verify(), Err(SnapshotError::Damaged { files, .. }) if files.len() == 1),
            Err(_) => true,
        };
        assert!(caught, "{extension}");
    }
}

#[test]
fn a_missing_file_is_an_error_and_not_a_panic() {
    let data = Data::with(videos(10));
    let generation = data.snapshot().manifest.generation;
    let dir = data.index_dir().join(format!("generations/{generation:06}/video"));
    for file in fs::read_dir(&dir).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let outcome = data.catch_opening().and_then(|snapshot| snapshot.verify());
        assert!(outcome.is_err(), "{}", path.display());
        fs::write(&path, bytes).unwrap();
    }
}
