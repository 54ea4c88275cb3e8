//! A damaged, foreign or newer file is refused or read to a prefix, never read wrongly.

use std::fs;
use std::path::Path;

use crate::samples::{seen, video};
use journal::{Entry, Error, Journal, Offset, Reader};

fn written(path: &Path, n_appends: u128) -> Vec<Entry> {
    let journal = Journal::open(path).unwrap();
    let mut entries = Vec::new();
    for append in 0..n_appends {
        let page: Vec<_> = (0..10).map(|number| seen(video("a.example", append * 10 + number, "Page"))).collect();
        entries.extend(page.clone());
        journal.writer().append_blocking(page).unwrap();
    }
    // The process ends here without a clean close: the WAL keeps what the file does not have yet.
    for ending in ["", "-wal"] {
        let from = format!("{}{ending}", path.display());
        if Path::new(&from).exists() {
            fs::copy(&from, format!("{}{ending}", path.with_file_name("copy.db").display())).unwrap();
        }
    }
    entries
}

// case 103
#[test]
fn a_wal_cut_anywhere_opens_to_whole_appends_of_a_prefix() {
    let dir = tempfile::tempdir().unwrap();
    let entries = written(&dir.path().join("journal.db"), 8);
    let copy = dir.path().join("copy.db");
    let database = fs::read(&copy).unwrap();
    let wal = fs::read(dir.path().join("copy.db-wal")).unwrap();
    assert!(wal.len() > 50_000, "the test needs a WAL to cut");
    let mut lengths = std::collections::BTreeSet::new();
    for cut in (0..40).map(|step| wal.len() * step / 39) {
        let path = dir.path().join(format!("cut-{cut}.db"));
        fs::write(&path, &database).unwrap();
        fs::write(dir.path().join(format!("cut-{cut}.db-wal")), &wal[..cut]).unwrap();
        // With nothing of the WAL left, the tables may be missing: then opening refuses or starts empty.
        let Ok(journal) = Journal::open(&path) else { continue };
        let reader = journal.reader().unwrap();
        assert_eq!(reader.integrity_check().unwrap(), Vec::<String>::new());
        let read: Vec<_> = reader.read_after(Offset::ZERO, 1000).unwrap().into_iter().map(|(_, entry)| entry).collect();
        assert_eq!(read.len() % 10, 0, "an append is there whole or not at all");
        assert_eq!(read, entries[..read.len()]);
        lengths.insert(read.len());
    }
    assert!(lengths.len() > 3 && lengths.contains(&80), "cuts fell on different appends: {lengths:?}");
}

// case 103
#[test]
fn a_damaged_payload_is_named_by_its_offset() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    written(&path, 1);
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute("UPDATE entry SET payload = zeroblob(40) WHERE offset = 4", []).unwrap();
    let failed = Reader::open(&path).unwrap().read_after(Offset::ZERO, 10).unwrap_err();
    assert!(matches!(failed, Error::Damaged { offset: Offset(4), .. }), "{failed}");
}

#[test]
fn the_check_finds_a_key_whose_newest_row_is_not_the_one_noted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    written(&path, 1);
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute("UPDATE newest SET offset = 1 WHERE offset = 2", []).unwrap();
    assert_eq!(Reader::open(&path).unwrap().integrity_check().unwrap().len(), 1);
}

#[test]
fn a_kind_of_a_newer_version_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    written(&path, 1);
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute("UPDATE entry SET kind = 77 WHERE offset = 3", []).unwrap();
    let failed = Reader::open(&path).unwrap().read_after(Offset::ZERO, 10).unwrap_err();
    assert_eq!(failed.to_string(), "journal entry 3 holds kind 77, which this build does not know: use a newer vigie");
}

// case 109
#[test]
fn a_newer_or_foreign_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let newer = dir.path().join("newer.db");
    written(&newer, 1);
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Journal::open(&newer), Err(Error::NewerFormat { found: 99, .. })));
    let foreign = dir.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE cake (slices)").unwrap();
    assert!(matches!(Journal::open(&foreign), Err(Error::NotAJournal { .. })));
    let text = dir.path().join("text.db");
    fs::write(&text, "not a database, but long enough to be looked at as one: ".repeat(20)).unwrap();
    assert!(matches!(Journal::open(&text), Err(Error::Open { .. })));
    assert!(matches!(Reader::open(&dir.path().join("missing.db")), Err(Error::Open { .. })));
}

// case 106
#[test]
fn a_folder_that_cannot_be_made_is_one_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let Err(failed) = Journal::open(&file.join("journal.db")) else { panic!("opened below a file") };
    assert!(matches!(failed, Error::Io { .. }) && failed.to_string().starts_with("opening journal `"), "{failed}");
}
