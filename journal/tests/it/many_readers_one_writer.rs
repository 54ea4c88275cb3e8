//! One process writes; readers see whole appends and never hold the writer up.

use crate::samples::{seen, video};
use journal::{Error, Journal, Offset, Reader};

// case 107
#[test]
fn a_second_writer_is_refused_at_once_and_a_stale_lock_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let journal = Journal::open(&path).unwrap();
    let Err(refused) = Journal::open(&path) else { panic!("two writers opened one journal") };
    assert!(matches!(refused, Error::Locked { .. }), "{refused}");
    assert!(refused.to_string().contains("--data"), "the message says a way out: {refused}");
    drop(journal);
    assert!(path.with_extension("db.lock").exists(), "the lock file stays, only its lock goes");
    Journal::open(&path).unwrap();
}

#[test]
fn a_reader_in_the_middle_of_a_long_read_does_not_block_an_append() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let writer = journal.writer();
    writer.append_blocking((0..500).map(|number| seen(video("a.example", number, "Many"))).collect()).unwrap();
    let path = journal.path().to_owned();
    let (to_reader, from_test) = std::sync::mpsc::channel();
    let reading = std::thread::spawn(move || {
        let reader = Reader::open(&path).unwrap();
        let mut n_reads = 0;
        while from_test.try_recv().is_err() && n_reads < 10_000 {
            let read = reader.read_after(Offset::ZERO, 10_000).unwrap();
            assert_eq!(read.len() % 100, 0, "an append is seen whole or not at all");
            n_reads += 1;
        }
        n_reads
    });
    for round in 5..15 {
        let entries = (0..100).map(|number| seen(video("a.example", round * 100 + number, "More"))).collect();
        writer.append_blocking(entries).unwrap();
    }
    to_reader.send(()).unwrap();
    assert!(reading.join().unwrap() > 0);
    assert_eq!(journal.reader().unwrap().last_offset().unwrap(), Offset(1500));
}

#[tokio::test]
async fn a_writer_that_outlives_its_journal_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let writer = journal.writer();
    drop(journal);
    let failed = writer.append(vec![seen(video("a.example", 1, "One"))]).await;
    assert!(matches!(failed, Err(Error::WriterGone)));
}
